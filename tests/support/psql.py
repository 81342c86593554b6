"""psql - a psql that stays, for tests that ask often.

    with Psql(url) as psql:
        psql.say("SELECT 1")              # "1"
        psql.rows("SELECT id, 2 FROM t")  # [("a", 2), ...]

One whose session has ended is followed by another. `rows` then asks again; `say` does not say again what may
have been heard. What is said is one statement. Its sessions' application_name is psql.
"""
import contextlib
import json
import subprocess
import threading

from support.postgres_server import program

END = "said:"


class Gone(Exception):
    """Its session has ended, and with it whatever was said last, or not."""


class Psql:
    def __init__(self, url):
        self.url = url
        self.process = None
        self.lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()

    def close(self):
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def start(self):
        self.process = subprocess.Popen([program("psql"), "-XAtq", self.url], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, errors="surrogateescape")

    def say(self, sql):
        """What psql prints of it."""
        with self.lock:
            if not self.process:
                self.start()
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write(" ".join(sql.split("\n")) + f"\n;\n\\echo {END} :ERROR\n")
                self.process.stdin.flush()
            lines = []
            for line in self.process.stdout:
                if line.startswith(END):
                    break
                lines.append(line)
            else:
                self.close()
                raise Gone("".join(lines))
        told = "".join(lines)
        assert line == END + " false\n", told
        return told.rstrip("\n")

    def rows(self, sql):
        """Tuples of what JSON knows; columns need names of their own."""
        asked = f"SELECT coalesce(json_agg(row_to_json(q)), '[]')::text FROM ({sql}) AS q"
        try:
            told = self.say(asked)
        except Gone:
            told = self.say(asked)
        return [tuple(row.values()) for row in json.loads(told)]
