"""redis_server - redis-servers of the test's own, which die with it.

    with RedisServer(folder) as redis:
        redis.client().set("key", "value")
        ... BARQ_URL=redis.url ...
        redis.kill()
        redis.start()       # again, on the same place
        redis.set_clock(3600 * 1000)

    with Sentinels(folder) as sentinels:
        ... BARQ_URL=sentinels.url ...
        sentinels.fail_over()

Nothing is written to disk unless `args` say so. Run as root, the servers are nobody's.
"""
import contextlib
import os
import signal

import redis

from support import tap
from support.private_server import Clock, PrivateServer

FAILOVER_S = 90  # a Sentinel that got no time to run trusts nobody for 30 s
MASTER = "mymaster"


class Server(PrivateServer):
    """That speaks Redis's protocol."""

    def client(self, **options):
        """To it alone, through no proxy."""
        return redis.Redis(port=self.port, socket_timeout=self.DEADLINE_S, **options)

    def answers(self):
        try:
            with contextlib.closing(self.client()) as client:
                return client.ping()
        except redis.RedisError:
            return False

    def freeze(self):
        """It keeps its connections, and says nothing any more, until thaw()."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)


class RedisServer(Server, Clock):
    """On a port of 127.0.0.1 and on a socket in its folder."""

    def __init__(self, folder, port=None, args=(), name="redis"):
        super().__init__(folder, name, port)
        self.args = args
        self.socket = os.path.join(self.place, "socket")
        self.url = f"redis://127.0.0.1:{self.port}"
        self.unix_url = "unix://" + self.socket
        self.make_clock()

    def command(self):
        return [*self.by_its_clock(), "redis-server", "--bind", "127.0.0.1",
                "--port", str(self.port), "--unixsocket", self.socket, "--unixsocketperm", "777",
                "--dir", self.place, "--save", "", *self.args]


class Sentinel(Server):
    """One sentinel; in a hurry, since tests wait for what it does."""

    HURRY = ["info-period", "100", "ping-period", "100", "publish-period", "100",
             "ask-period", "100", "election-timeout", "1000", "slave-reconf-timeout", "1000"]

    def __init__(self, folder, name, master_port, quorum):
        super().__init__(folder, name)
        config = os.path.join(self.place, "sentinel.conf")
        with open(config, "w", encoding="ascii") as out:
            out.write(f"""bind 127.0.0.1
port {self.port}
dir {self.place}
sentinel monitor {MASTER} 127.0.0.1 {master_port} {quorum}
sentinel down-after-milliseconds {MASTER} 500
sentinel failover-timeout {MASTER} 2000
""")
        os.chmod(config, 0o666)  # it rewrites that

    def command(self):
        return ["redis-sentinel", os.path.join(self.place, "sentinel.conf")]

    def start(self):
        super().start()
        with contextlib.closing(self.client()) as client:
            client.execute_command("SENTINEL", "DEBUG", *self.HURRY)
        return self


class Sentinels:
    """A master, a replica of it, and sentinels over both."""

    def __init__(self, folder, count=3, args=()):
        self.master = RedisServer(folder, args=args, name="master")
        self.replica = RedisServer(
            folder, args=["--replicaof", f"127.0.0.1 {self.master.port}", *args], name="replica")
        self.sentinels = [Sentinel(folder, f"sentinel-{number}", self.master.port, count // 2 + 1)
                          for number in range(count)]
        self.url = ("redis+sentinel://"
                    + ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
                    + "/" + MASTER)
        self.running = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as started:
            for server in [self.master, self.replica, *self.sentinels]:
                started.enter_context(server)
            tap.wait_until(self.are_agreed, PrivateServer.DEADLINE_S)
            self.running = started.pop_all()
        return self

    def __exit__(self, kind, error, trace):
        return self.running.__exit__(kind, error, trace)

    def ask(self, sentinel, *words):
        with contextlib.closing(sentinel.client()) as client:
            return client.execute_command("SENTINEL", *words, MASTER)

    def are_agreed(self):
        """All know of each other, and of a replica that could be the next master."""
        for sentinel in self.sentinels:
            if len(self.ask(sentinel, "SENTINELS")) != len(self.sentinels) - 1:
                return False
            replicas = self.ask(sentinel, "REPLICAS")
            if not any(b"ok" in replica and b"slave" in replica for replica in replicas):
                return False
        return True

    def master_port(self):
        """Where the master is, as all of them say; None while they differ."""
        ports = {int(self.ask(sentinel, "GET-MASTER-ADDR-BY-NAME")[1])
                 for sentinel in self.sentinels}
        return ports.pop() if len(ports) == 1 else None

    def client(self):
        """To the master of now."""
        port = tap.wait_until(self.master_port, PrivateServer.DEADLINE_S)
        return next(server for server in (self.master, self.replica)
                    if server.port == port).client()

    def is_master(self, server):
        with contextlib.closing(server.client()) as client:
            return self.master_port() == server.port and client.role()[0] == b"master"

    def fail_over(self, kill=True):
        """Kills the master (or freezes it), and returns when the replica is in its place."""
        if kill:
            self.master.kill()
        else:
            self.master.freeze()
        tap.wait_until(lambda: self.is_master(self.replica), FAILOVER_S)
