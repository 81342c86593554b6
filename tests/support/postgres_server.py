"""postgres_server - a PostgreSQL of the test's own, which dies with it.

    with PostgresServer(folder) as postgres:
        postgres.say("CREATE TABLE t (n int)")
        ... DATABASE_URL=postgres.url ...
        postgres.kill()
        postgres.start()       # again, on the same place
        postgres.set_clock(3600 * 1000)

Nothing is synced to disk unless it is to be `durable`. Run as root, the server is nobody's.
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

from support import tap

DEADLINE_S = 60


def free_port():
    """Below those that the kernel gives to whoever connects: a server has to get its own back when it
    was killed, and a client that connects meanwhile must not meet itself there."""
    while True:
        port = random.SystemRandom().randrange(12000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def program(name):
    """Where Debian keeps what only servers need."""
    told = subprocess.run(["pg_config", "--bindir"], check=True, capture_output=True, text=True)
    return os.path.join(told.stdout.strip(), name)


class PostgresServer:
    """On a port of 127.0.0.1 and on a socket in its folder; `args` are settings, "name=value"."""

    def __init__(self, folder, port=None, durable=False, args=(), name="postgres"):
        self.port = port or free_port()
        self.place = os.path.join(folder, name)
        self.args = list(args) + ([] if durable else ["fsync=off", "full_page_writes=off"])
        self.process = None
        self.url = f"postgresql://barq@127.0.0.1:{self.port}/postgres"
        self.socket_url = f"postgresql://barq@/postgres?host={self.place}&port={self.port}"
        self.data = os.path.join(self.place, "data")
        self.databases = 0
        os.mkdir(self.place)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.place, nobody.pw_uid, nobody.pw_gid)
            os.chmod(folder, 0o711)
        # A copy, since nobody may not be let into the build folder.
        shutil.copy(os.path.join(os.environ["BUILD_ROOT"], "tests", "support", "shifted_clock.so"),
                    self.place)
        with open(os.path.join(self.place, "clock"), "w+b") as clock:
            clock.write(struct.pack("q", 0))
            clock.flush()
            self.clock = mmap.mmap(clock.fileno(), 8)
        self.spawn([program("initdb"), "-D", self.data, "-U", "barq", "--auth", "trust",
                    "--no-sync", "--no-instructions", "--encoding", "UTF8", "--no-locale"])
        assert self.process.wait(DEADLINE_S) == 0, self.log()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if error:
            print("--", self.place, file=sys.stderr)
            print(self.log()[-10000:], file=sys.stderr, flush=True)
        self.end(signal.SIGQUIT)  # at once, but it gives its shared memory back

    def log(self):
        with open(os.path.join(self.place, "log"), "rb") as log:
            return log.read().decode(errors="replace")

    def spawn(self, command):
        as_nobody = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        with open(os.path.join(self.place, "log"), "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *(as_nobody if os.geteuid() == 0 else []),
                 *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.place)

    def start(self):
        """Returns when it answers. After stop() or kill() it has its place and its clock again."""
        settings = [word for setting in self.args for word in ("-c", setting)]
        self.spawn(["env", "LD_PRELOAD=" + os.path.join(self.place, "shifted_clock.so"),
                    "SHIFTED_CLOCK=" + os.path.join(self.place, "clock"), program("postgres"),
                    "-D", self.data, "-k", self.place, "-h", "127.0.0.1", "-p", str(self.port),
                    "-c", "shared_buffers=16MB", *settings])
        tap.wait_until(self.answers, DEADLINE_S)
        return self

    def answers(self):
        assert self.process.poll() is None, self.log()
        return subprocess.run(["psql", "-XAtqc", "SELECT 1", self.socket_url], check=False,
                              capture_output=True).returncode == 0

    def say(self, sql, url=None):
        """What psql prints: the columns of a row with | between them, a row a line."""
        told = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql,
                               url or self.socket_url], check=False, capture_output=True,
                              text=True, timeout=DEADLINE_S)
        assert told.returncode == 0, told.stderr
        return told.stdout.rstrip("\n")

    def fresh(self):
        """The URL of a new, empty database."""
        self.databases += 1
        name = f"test{self.databases}"
        self.say(f"CREATE DATABASE {name} TEMPLATE template0")
        return f"postgresql://barq@127.0.0.1:{self.port}/{name}"

    def children(self):
        """Its backends and the like: each is a session of its own, so that no signal reaches all."""
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", encoding="ascii") as stat:
                if int(stat.read().rpartition(")")[2].split()[1]) == self.process.pid:
                    yield int(name)

    def end(self, number):
        if self.process:
            self.process.send_signal(number)
            self.process.wait(DEADLINE_S)
            self.process = None

    def stop(self):
        """In peace: who is connected is sent away, and all is written down."""
        self.end(signal.SIGINT)

    def kill(self):
        """SIGKILL to all of its processes; the postmaster is stopped first, so that it starts none."""
        if not self.process:
            return
        self.process.send_signal(signal.SIGSTOP)
        children = list(self.children())
        self.end(signal.SIGKILL)
        for child in children:
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        tap.wait_until(lambda: not any(self.runs(child) for child in children), DEADLINE_S)

    @staticmethod
    def runs(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                return stat.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def restart(self):
        self.stop()
        return self.start()

    def freeze(self):
        """It keeps its connections, and says nothing any more, until thaw()."""
        self.signal_all(signal.SIGSTOP)

    def thaw(self):
        self.signal_all(signal.SIGCONT)

    def signal_all(self, number):
        self.process.send_signal(number)
        for child in self.children():
            with contextlib.suppress(OSError):
                os.kill(child, number)

    def set_clock(self, ahead_ms):
        """From now on its wall clock is so far ahead of the machine's; behind, when negative."""
        self.clock[:] = struct.pack("q", ahead_ms)

    def advance(self, ms):
        self.set_clock(struct.unpack("q", self.clock)[0] + ms)
