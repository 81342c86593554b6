"""arq_place - a Redis of a test's own, arq's client on it, and barq's workers.

    case = Cases(module)

    @case
    def a_job_is_run(place):
        with place.worker():
            assert place.enqueue("add", 1, 2).result(DEADLINE_S) == 3

    case.run()
"""
import contextlib
import datetime
import decimal
import functools
import json
import os
import signal
import sqlite3
import subprocess
import sys

import msgpack

from support import tap
from support.arqlike import Client, QUEUE
from support.redis_server import RedisServer

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]

DEADLINE_S = 20
DAY_MS = 86_400_000
HEALTH = QUEUE + ":health-check"
MSGPACK = {"dumps": msgpack.packb, "loads": functools.partial(msgpack.unpackb, raw=False)}
JSON = {"dumps": lambda value: json.dumps(value).encode(), "loads": json.loads}


class Place:
    """A Redis of its own, arq's client on it, and barq's workers."""

    def __init__(self, folder, server):
        self.folder, self.server = folder, server
        self.redis = server.client()
        self.arq = Client(self.redis)
        self.workers = 0
        self.logs = []
        self.env = dict(os.environ, BARQ_URL=server.url, HOME=folder,
                        DATABASE_URL="sqlite:" + os.path.join(folder, "data.db"))

    def enqueue(self, *args, **options):
        """With arq; there must not be a job of this id."""
        job = self.arq.enqueue_job(*args, **options)
        assert job, (args, options)
        return job

    def barq(self, *args, code=0):
        said = subprocess.run([BARQ, *args], env=self.env, capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)
        assert said.returncode == code, (args, said.returncode, said.stdout, said.stderr)
        return said.stdout.decode().rstrip("\n")

    @contextlib.contextmanager
    def worker(self, *args, module=PLAYGROUND, queue=None):
        """A worker beside the test, on arq's queue unless said. Stopped in peace it ends with 0."""
        if queue:
            args = ("--queue", queue, *args)
        self.workers += 1
        log_path = os.path.join(self.folder, f"worker-{self.workers}.log")
        self.logs.append(log_path)
        with open(log_path, "wb") as log:
            worker = subprocess.Popen(
                [BARQ, "worker", module, "--executors", "2", *args],
                env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield worker
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
            code = worker.wait(DEADLINE_S)
            # Before it has said its first word it may not hear signals yet, and ends as any process does.
            unborn = code == -signal.SIGTERM and os.path.getsize(log_path) == 0
            assert code == 0 or unborn, code
        except BaseException:
            with open(log_path, "rb") as log:
                print(log.read().decode(errors="replace")[-10000:], file=sys.stderr, flush=True)
            raise
        finally:
            worker.kill()
            worker.wait()

    def burst(self, *args, **options):
        """Lets a worker do all there is to do."""
        with self.worker("--burst", *args, **options) as worker:
            assert worker.wait(DEADLINE_S) == 0, worker.returncode

    def keys(self):
        """Those that are arq's: barq's own change no meaning of theirs."""
        return {key.decode() for key in self.redis.keys() if not key.startswith(b"barq:")}

    def log(self):
        """What the last worker has said so far."""
        with open(self.logs[-1], "rb") as log:
            return log.read().decode(errors="replace")

    def wait_status(self, job, status):
        tap.wait_until(lambda: job.status() == status, DEADLINE_S)

    def path(self, name):
        return os.path.join(self.folder, name)

    def effects(self):
        """How often each effect() was committed, by its name."""
        with contextlib.closing(sqlite3.connect(self.path("data.db"), timeout=30)) as data:
            return dict(data.execute("SELECT name, runs FROM effects"))

    def wait_held(self, name):
        """Until a job that holds has begun: one that is in progress may be claimed and no more yet."""
        tap.wait_until(lambda: os.path.exists(self.path(name) + ".held"), DEADLINE_S)

    def let_go(self, name):
        """Of jobs that hold() until then."""
        with open(self.path(name), "w", encoding="ascii"):
            pass


class Cases:
    """Cases of one file; each gets a place."""

    def __init__(self):
        self.all = []

    def __call__(self, what):
        @functools.wraps(what)
        def with_place(folder):
            with RedisServer(folder) as server:
                place = Place(folder, server)
                with contextlib.closing(place.redis):
                    try:
                        what(place)
                    except (Exception, KeyboardInterrupt, SystemExit):
                        raise
                    except BaseException as error:  # such as asyncio's CancelledError
                        raise AssertionError(repr(error)) from error
        self.all.append(with_place)
        return with_place

    def run(self):
        """All, or those that are named behind the program's first argument."""
        names = sys.argv[2:]
        tap.run(*[one for one in self.all if not names or one.__name__ in names])


def raised(what, *args, **options):
    """What it raises, which may be no Exception."""
    try:
        answer = what(*args, **options)
    except BaseException as error:  # pylint: disable=broad-except
        return error
    raise AssertionError(f"it raised nothing but gave {answer!r}")


def same(one, other):
    """Equal, and of the same types all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, datetime.datetime):
        return one == other and one.utcoffset() == other.utcoffset()
    return repr(one) == repr(other) if isinstance(one, (float, decimal.Decimal)) else one == other
