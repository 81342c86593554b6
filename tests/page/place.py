"""place.py [--database postgresql] [--queue redis] [--set NAME=VALUE] - bookmarks serve with all it needs, for a
browser's tests.

Prints one line of JSON when all of it is there: {"url", "outside", "pid"}: where the page is, and the
stand-in for YouTube and the models (support/outside.py), and the server's process. A line on standard
input is a command, and is answered by such a line: "restart" stops the server and starts it again where it was,
"stop" and "start" are the halves of that, "import FILE LIST [OPTION...]" runs the command. It ends when its
standard input does.

place.py --dashboard [--queue redis] [--module FILE] [-- OPTION...] - barq web with these options, on a queue of its
own. {"url", "told"}: where it is; further commands are "barq COMMAND...", which is run to its end on that queue, and
"worker [OPTION...]" and "no-worker", which begin and end one that has the module's functions.
"""
import argparse
import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile

from support import dashboard, outside, serve
from support.postgres_server import PostgresServer
from support.redis_server import RedisServer


class Place:
    def __init__(self, stack, told):
        self.folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        os.chmod(self.folder, 0o711)  # databases are nobody's
        facts = os.path.join(serve.ROOT, "examples", "facts.csv")
        self.stand_in = stack.enter_context(outside.StandIn(facts, invent=True))
        self.more = {
            "BOOKMARKS_YOUTUBE_URL": self.stand_in.url, "BOOKMARKS_WEB_URL": self.stand_in.web,
            "BOOKMARKS_GEMINI_URL": self.stand_in.gemini, "YOUTUBE_API_KEY": "key",
            "BOOKMARKS_YTDLP": "", **dict(pair.split("=", 1) for pair in told.set),
        }
        if told.database == "postgresql":
            self.more["DATABASE_URL"] = stack.enter_context(PostgresServer(self.sub("pg"))).url
        if told.queue == "redis":
            self.more["BARQ_URL"] = stack.enter_context(RedisServer(self.sub("redis"))).url
        self.server = None
        self.port = "0"
        stack.callback(self.stop)
        self.start()

    def sub(self, name):
        path = os.path.join(self.folder, name)
        os.mkdir(path)
        return path

    def start(self):
        self.server = serve.Server(self.folder, "--port", self.port, **self.more)
        self.port = str(self.server.port)

    def stop(self):
        if self.server:
            self.server.stop()
            self.server = None

    def obey(self, command, *args):
        if command in ("stop", "restart"):
            self.stop()
        if command in ("start", "restart"):
            self.start()
        if command == "import":
            self.server.run("import", "--list", args[1], *args[2:], args[0])

    def told(self):
        return {"url": f"http://127.0.0.1:{self.port}/", "outside": self.stand_in.host,
                "pid": self.server.process.pid if self.server else 0}


class Queue:
    """A queue, whoever works on it, and its dashboard."""

    def __init__(self, stack, told):
        self.folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        os.chmod(self.folder, 0o711)
        url = (stack.enter_context(RedisServer(self.folder)).url if told.queue == "redis"
               else "sqlite://" + os.path.join(self.folder, "queue.db"))
        self.module = told.module or os.environ["PLAYGROUND_SO"]
        self.env = dict(os.environ, BARQ_URL=url, HOME=self.folder, TZ="UTC",
                        DATABASE_URL="sqlite://" + os.path.join(self.folder, "data.db"))
        self.process = None
        stack.callback(self.stop)
        self.web = stack.enter_context(dashboard.Dashboard(self.env, *told.options))
        self.printed = ""

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(40)
            self.process = None

    def obey(self, command, *args):
        if command == "no-worker":
            self.stop()
        if command == "worker":
            with open(os.path.join(self.folder, "worker.log"), "ab") as log:
                self.process = subprocess.Popen(
                    [os.environ["BARQ_BIN"], "worker", self.module, *args], env=self.env,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if command == "barq":
            done = subprocess.run([os.environ["BARQ_BIN"], *args], env=self.env, timeout=60,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            assert done.returncode in (0, 1), (args, done)  # 1: the job failed
            self.printed = done.stdout.strip()

    def told(self):
        return {"url": f"http://127.0.0.1:{self.web.port}/", "told": self.printed}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--queue", default="sqlite")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--dashboard", action="store_true")
    parser.add_argument("--module")
    parser.add_argument("options", nargs="*")
    with contextlib.ExitStack() as stack:
        wanted = parser.parse_args()
        place = (Queue if wanted.dashboard else Place)(stack, wanted)
        print(json.dumps(place.told()), flush=True)
        for line in sys.stdin:
            place.obey(*shlex.split(line))
            print(json.dumps(place.told()), flush=True)


main()
