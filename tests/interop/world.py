"""world - a Redis, workers of arq and of barq on it, and both clients.

arq is the one in ARQ_PATH, as it is; support/arqlike.py, which stands for it elsewhere, must not be
imported beside it.
"""
import asyncio
import contextlib
import functools
import json
import os
import signal
import sqlite3
import subprocess
import sys

import msgpack
from arq.connections import ArqRedis, RedisSettings, create_pool

from support import tap
from support.redis_server import RedisServer

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]
FUNCTIONS = os.path.join(os.environ["BUILD_ROOT"], "tests", "e2e", "arq_functions.so")
DEADLINE_S = 30

PICKLE = {}
MSGPACK = {"job_serializer": msgpack.packb,
           "job_deserializer": functools.partial(msgpack.unpackb, raw=False)}


class World:
    def __init__(self, folder, server):
        self.folder, self.server = folder, server
        self.redis = server.client()
        self.n_logs = 0
        self.env = dict(os.environ, BARQ_URL=server.url, HOME=folder, REDIS_PORT=str(server.port),
                        DATABASE_URL="sqlite:" + self.path("data.db"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def barq(self, *args, code=0, text=None):
        said = subprocess.run([BARQ, *args], env=self.env, capture_output=True, timeout=300,
                              input=text.encode() if text else b"", check=False)
        assert said.returncode == code, (args, said.returncode, said.stdout, said.stderr)
        return (said.stderr if code else said.stdout).decode().rstrip("\n")

    def start(self, command):
        self.n_logs += 1
        with open(self.path(f"worker-{self.n_logs}.log"), "wb") as log:
            return subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=log)

    def start_barq(self, *args, module=PLAYGROUND):
        return self.start([BARQ, "worker", module, *args])

    def start_arq(self, settings="Settings"):
        return self.start([sys.executable, "-m", "arq", "functions." + settings])

    def wait_log(self, number, words):
        """Until the worker that was started as the number-th has said so."""
        def said():
            with open(self.path(f"worker-{number}.log"), "rb") as log:
                return words in log.read()
        tap.wait_until(said, DEADLINE_S)

    @contextlib.contextmanager
    def stopping(self, worker, in_peace=True):
        """Stops it at the end."""
        try:
            yield worker
            if in_peace:
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(DEADLINE_S) == 0, worker.returncode
        except BaseException:
            for number in range(1, self.n_logs + 1):
                with open(self.path(f"worker-{number}.log"), "rb") as log:
                    print(log.read().decode(errors="replace")[-5000:], file=sys.stderr, flush=True)
            raise
        finally:
            worker.kill()
            worker.wait()

    def barq_worker(self, *args, **options):
        return self.stopping(self.start_barq(*args, **options))

    def arq_worker(self, settings="Settings"):
        """Killed at the end: with Debian's redis it may say that it shuts down, and stay."""
        return self.stopping(self.start_arq(settings), in_peace=False)

    async def pool(self, **options) -> ArqRedis:
        return await create_pool(RedisSettings(port=self.server.port), **options)

    def arq_effects(self):
        """How often each effect() of arq's side has run."""
        keys = list(self.redis.scan_iter("ledger:*", count=1000))
        return {key.decode()[7:]: int(value) for key, value in zip(keys, self.redis.mget(keys))}

    def barq_effects(self):
        """The same of barq's: of what was committed."""
        with contextlib.closing(sqlite3.connect(self.path("data.db"), timeout=60)) as data:
            return dict(data.execute("SELECT name, runs FROM effects"))

    def listed(self, *args):
        return {job["id"]: job for job in map(
            json.loads, self.barq("list", "--json", "--all", *args).splitlines())}


class Cases(list):
    def __call__(self, what):
        @functools.wraps(what)
        def with_world(folder):
            with RedisServer(folder) as server:
                world = World(folder, server)
                with contextlib.closing(world.redis):
                    if asyncio.iscoroutinefunction(what):
                        asyncio.run(what(world))
                    else:
                        what(world)
        self.append(with_world)
        return with_world

    def run(self):
        tap.run(*self)


def figures(**them):
    print("figures:", json.dumps(them), file=sys.stderr, flush=True)
