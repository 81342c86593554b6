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
import mmap
import os
import pwd
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys

import redis

from support import tap

DEADLINE_S = 20
FAILOVER_S = 90  # a Sentinel that got no time to run trusts nobody for 30 s
MASTER = "mymaster"


def free_port():
    """Below those that the kernel gives to whoever connects: a server has to get its own back when it
    was killed, and a client that connects meanwhile must not meet itself there."""
    while True:
        port = random.SystemRandom().randrange(12000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server:
    """A process in a folder of its own, `place`; whoever derives from it says what is in `command`."""

    def __init__(self, folder, name, port):
        self.port = port or free_port()
        self.place = os.path.join(folder, name)
        self.process = None
        os.mkdir(self.place)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.place, nobody.pw_uid, nobody.pw_gid)
            os.chmod(folder, 0o711)

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if error:
            print("--", self.place, file=sys.stderr)
            print(self.log()[-10000:], file=sys.stderr, flush=True)
        self.kill()

    def log(self):
        with open(os.path.join(self.place, "log"), "rb") as log:
            return log.read().decode(errors="replace")

    def client(self, **options):
        """To it alone, through no proxy."""
        return redis.Redis(port=self.port, socket_timeout=DEADLINE_S, **options)

    def start(self):
        """Returns when it answers. After stop() or kill() it has its place and its clock again."""
        as_nobody = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        command = ["setpriv", "--pdeathsig", "KILL",
                   *(as_nobody if os.geteuid() == 0 else []), *self.command()]
        with open(os.path.join(self.place, "log"), "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=self.place)
        tap.wait_until(self.answers, DEADLINE_S)
        return self

    def answers(self):
        assert self.process.poll() is None, self.log()
        try:
            with contextlib.closing(self.client()) as client:
                return client.ping()
        except redis.RedisError:
            return False

    def end(self, number):
        if self.process:
            self.process.send_signal(number)
            self.process.wait(DEADLINE_S)
            self.process = None

    def stop(self):
        """In peace: it saves what its arguments want saved."""
        self.end(signal.SIGTERM)

    def kill(self):
        self.end(signal.SIGKILL)

    def restart(self):
        self.stop()
        return self.start()

    def freeze(self):
        """It keeps its connections, and says nothing any more, until thaw()."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)


class RedisServer(Server):
    """On a port of 127.0.0.1 and on a socket in its folder."""

    def __init__(self, folder, port=None, args=(), name="redis"):
        super().__init__(folder, name, port)
        self.args = args
        self.socket = os.path.join(self.place, "socket")
        self.url = f"redis://127.0.0.1:{self.port}"
        self.unix_url = "unix://" + self.socket
        # A copy, since nobody may not be let into the build folder.
        shutil.copy(os.path.join(os.environ["BUILD_ROOT"], "tests", "support", "shifted_clock.so"),
                    self.place)
        with open(os.path.join(self.place, "clock"), "w+b") as clock:
            clock.write(struct.pack("q", 0))
            clock.flush()
            self.clock = mmap.mmap(clock.fileno(), 8)

    def command(self):
        return ["env", "LD_PRELOAD=" + os.path.join(self.place, "shifted_clock.so"),
                "SHIFTED_CLOCK=" + os.path.join(self.place, "clock"), "redis-server",
                "--bind", "127.0.0.1", "--port", str(self.port), "--unixsocket", self.socket,
                "--unixsocketperm", "777", "--dir", self.place, "--save", "", *self.args]

    def set_clock(self, ahead_ms):
        """From now on its wall clock is so far ahead of the machine's; behind, when negative."""
        self.clock[:] = struct.pack("q", ahead_ms)

    def advance(self, ms):
        self.set_clock(struct.unpack("q", self.clock)[0] + ms)


class Sentinel(Server):
    """One sentinel; in a hurry, since tests wait for what it does."""

    HURRY = ["info-period", "100", "ping-period", "100", "publish-period", "100",
             "ask-period", "100", "election-timeout", "1000", "slave-reconf-timeout", "1000"]

    def __init__(self, folder, name, master_port, quorum):
        super().__init__(folder, name, None)
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
            tap.wait_until(self.are_agreed, DEADLINE_S)
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
        port = tap.wait_until(self.master_port, DEADLINE_S)
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
