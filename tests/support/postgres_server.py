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
import functools
import os
import signal
import subprocess

from support import tap
from support.private_server import Clock, PrivateServer


@functools.cache
def programs():
    """Where Debian keeps what only servers need, and a psql that no script looks for first."""
    told = subprocess.run(["pg_config", "--bindir"], check=True, capture_output=True, text=True)
    return told.stdout.strip()


def program(name):
    return os.path.join(programs(), name)


class PostgresServer(PrivateServer, Clock):
    """On a port of 127.0.0.1 and on a socket in its folder; `args` are settings, "name=value"."""

    DEADLINE_S = 60
    LAST = signal.SIGQUIT  # at once, but it gives its shared memory back
    PEACE = signal.SIGINT  # who is connected is sent away

    def __init__(self, folder, port=None, durable=False, args=(), name="postgres"):
        super().__init__(folder, name, port)
        self.args = list(args) + ([] if durable else ["fsync=off", "full_page_writes=off"])
        self.url = f"postgresql://barq@127.0.0.1:{self.port}/postgres"
        self.socket_url = f"postgresql://barq@/postgres?host={self.place}&port={self.port}"
        self.data = os.path.join(self.place, "data")
        self.databases = 0
        self.make_clock()
        self.make_cluster()

    def make_cluster(self):
        cluster = os.path.join(os.environ["BUILD_ROOT"], "tests", "support", "postgres_cluster.tar")
        subprocess.run(["tar", "-xf", cluster, "-C", self.place], check=True)

    def command(self):
        settings = [word for setting in self.args for word in ("-c", setting)]
        return [*self.by_its_clock(), program("postgres"), "-D", self.data, "-k", self.place,
                "-h", "127.0.0.1", "-p", str(self.port), "-c", "shared_buffers=16MB", *settings]

    def answers(self):
        """As pg_ctl sees it: the first line is whose file it is, the eighth how far that one is."""
        with contextlib.suppress(FileNotFoundError), \
                open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as told:
            lines = told.read().splitlines()
            return lines[:1] == [str(self.process.pid)] and lines[7:] == ["ready   "]
        return False

    def say(self, sql, url=None):
        """What psql prints: the columns of a row with | between them, a row a line."""
        told = subprocess.run([program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql,
                               url or self.socket_url], check=False, capture_output=True,
                              text=True, timeout=self.DEADLINE_S)
        assert told.returncode == 0, told.stderr
        return told.stdout.rstrip("\n")

    def fresh(self):
        """The URL of a new, empty database."""
        self.databases += 1
        name = f"test{self.databases}"
        self.say(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        return f"postgresql://barq@127.0.0.1:{self.port}/{name}"

    def children(self):
        """Its backends and the like: each is a session of its own, so that no signal reaches all."""
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", encoding="ascii") as stat:
                if int(stat.read().rpartition(")")[2].split()[1]) == self.process.pid:
                    yield int(name)

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
        tap.wait_until(lambda: not any(self.runs(child) for child in children), self.DEADLINE_S)

    @staticmethod
    def runs(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                return stat.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

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


class Standby(PostgresServer):
    """A copy that follows `primary`, and can be asked, until promote()."""

    def __init__(self, folder, primary, args=(), name="standby"):
        self.primary = primary
        super().__init__(folder, args=args, name=name)

    def make_cluster(self):
        self.run([program("pg_basebackup"), "-D", self.data, "-h", self.primary.place,
                  "-p", str(self.primary.port), "-U", "barq", "--write-recovery-conf",
                  "--checkpoint", "fast", "--no-sync"])

    def is_waited_for(self, yes=True):
        """From now on nothing is committed on the primary, if it runs, before it is here, too; or it is again."""
        if self.primary.process:
            names = "'*'" if yes else "''"
            self.primary.say(f"ALTER SYSTEM SET synchronous_standby_names = {names}")
            self.primary.say("SELECT pg_reload_conf()")
        if yes:
            tap.wait_until(lambda: self.primary.say("SELECT sync_state FROM pg_stat_replication") == "sync",
                           self.DEADLINE_S)

    def promote(self):
        """It follows nobody any more, and can be written to."""
        assert self.say("SELECT pg_promote()") == "t"
