"""place.py [--database postgresql] [--queue redis] - bookmarks serve with all it needs, for a browser's tests.

Prints one line of JSON when all of it is there: {"url", "outside"}: where the page is, and the
stand-in for YouTube and the models (support/outside.py). A line on standard input is a command, and is
answered by such a line: "restart" stops the server and starts it again where it was, "stop" and "start" are the
halves of that, "import FILE LIST [OPTION...]" runs the command. It ends when its standard input does.
"""
import argparse
import contextlib
import json
import os
import sys
import tempfile

from support import outside, serve
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
            "BOOKMARKS_YTDLP": "",
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
        return {"url": f"http://127.0.0.1:{self.port}/", "outside": self.stand_in.host}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--queue", default="sqlite")
    with contextlib.ExitStack() as stack:
        place = Place(stack, parser.parse_args())
        print(json.dumps(place.told()), flush=True)
        for line in sys.stdin:
            place.obey(*line.split())
            print(json.dumps(place.told()), flush=True)


main()
