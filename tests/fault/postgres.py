"""postgres - a database in a PostgreSQL, as fault tests use it for sessions (databases.py) or as a queue
(queues.py), and harm it."""
import random
import time

from support import tap
from support.postgres_server import PostgresServer
from support.psql import Psql

ARGS = ("max_connections=300",)
LET_GO_S = 10
# Sessions that are neither ours nor the server's own.
THEIRS = ("pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
          " AND application_name <> 'psql'")


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    return "'" + str(value).replace("'", "''") + "'"


def bound(sql, params):
    parts = sql.split("?")
    assert len(parts) == len(params) + 1, sql
    return parts[0] + "".join(literal(value) + part for value, part in zip(params, parts[1:]))


def start_server(folder, name="postgres", durable=True):
    return PostgresServer(folder, durable=durable, args=ARGS, name=name).start()


class Postgres:
    """A fresh database in `server`, or the one of `url`; without a server, in one of its own, which syncs."""

    def __init__(self, folder, server=None, url=None, name="postgres"):
        self.owned = server is None
        self.server = server or start_server(folder, name)
        self.url = url or self.server.fresh()
        self.psql = Psql(self.url)
        self.backends_ended = 0

    def close(self):
        self.psql.close()
        if self.owned:
            self.server.__exit__(None, None, None)

    def rows(self, sql, *params):
        return self.psql.rows(bound(sql, params))

    def say(self, sql, *params):
        return self.psql.say(bound(sql, params))

    def script(self, sql):
        """All of it, or nothing."""
        self.server.say(sql.replace("INTEGER", "bigint"), self.url)

    def kill(self, down_s):
        self.server.kill()
        time.sleep(down_s)
        self.server.start()

    def end_backend(self, dice=random):
        """As an administrator would: whichever session it is."""
        pids = self.rows(f"SELECT pid FROM {THEIRS} ORDER BY pid")
        if pids:
            self.say("SELECT pg_terminate_backend(?)", dice.choice(pids)[0])
            self.backends_ended += 1

    def name(self):
        return self.url.rpartition("/")[2]

    def end_all(self):
        self.server.say("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        f" WHERE datname = '{self.name()}' AND application_name <> 'psql'")

    def sessions(self):
        [[count]] = self.rows(f"SELECT count(*) FROM {THEIRS}")
        return count

    def longest_idle_s(self):
        """Since when anybody has held a transaction open and said nothing."""
        [[seconds]] = self.rows("SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)"
                                f" AS s FROM {THEIRS} AND state LIKE 'idle in transaction%'")
        return seconds

    def check_sessions(self):
        """Asserts that nobody's session is left open."""
        try:
            tap.wait_until(lambda: self.sessions() == 0, LET_GO_S)
        except TimeoutError as error:
            rows = self.rows(f"SELECT pid, application_name, state, query FROM {THEIRS}")
            raise AssertionError(f"sessions are left open: {rows}") from error
