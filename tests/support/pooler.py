"""pooler - a pgbouncer of the test's own before a PostgresServer, which dies with the test.

    with Pooler(folder, postgres) as pooler:
        ... DATABASE_URL=pooler.over(postgres.url) + "?prepare=off" ...

It gives a server to each transaction, not to each session: `servers` of them for each database, which is fewer
than clients come. Run as root, it is nobody's.
"""
import contextlib
import os
import socket

from support.private_server import PrivateServer

PROGRAM = "/usr/sbin/pgbouncer"  # which is in nobody's PATH
CONFIG = """
[databases]
* = host=127.0.0.1 port={postgres_port} user=barq

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 200
server_login_retry = 1
server_check_delay = 0
log_connections = 0
log_disconnections = 0
"""


class Pooler(PrivateServer):
    def __init__(self, folder, postgres, servers=2, name="pooler"):
        super().__init__(folder, name)
        self.postgres = postgres
        self.config = os.path.join(self.place, "pgbouncer.ini")
        with open(self.config, "w", encoding="ascii") as out:
            out.write(CONFIG.format(port=self.port, postgres_port=postgres.port, servers=servers))

    def over(self, url):
        """The same database, through it."""
        return url.replace(f":{self.postgres.port}/", f":{self.port}/")

    def command(self):
        return [PROGRAM, self.config]

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False
