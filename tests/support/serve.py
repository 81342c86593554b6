"""serve - bookmarks serve on a free port, and a client of it.

    with serve.Server(folder, "--no-worker") as server:
        talks = server.fill()
        assert server.get("/api/lists/" + talks)["video_count"] == 300
"""
import http.client
import json
import os
import signal
import subprocess

BIN = os.environ["BOOKMARKS_BIN"]
ROOT = os.environ["SOURCE_ROOT"]
SAMPLE = os.path.join(ROOT, "examples", "sample-list.csv")
OURS = ("BARQ_URL", "DATABASE_URL", "YOUTUBE_API_KEY", "ONLINE", "BOOKMARKS_YOUTUBE_URL",
        "BOOKMARKS_LISTEN", "BOOKMARKS_HOSTS", "BOOKMARKS_PASSWORD", "BOOKMARKS_BASE_PATH")


def environment(folder, **more):
    kept = {key: value for key, value in os.environ.items() if key not in OURS}
    return {**kept, "BOOKMARKS_DATA": os.path.join(folder, "data"), **more}


class Server:
    """bookmarks serve on a free port, and a client of it."""

    def __init__(self, folder, *args, **more):
        self.folder, self.more = folder, more
        self.headers = {}  # sent with every request
        self.log = os.path.join(folder, "log")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [BIN, "serve", *([] if "--listen" in args else ["--port", "0"]), *args], env=environment(folder, **more),
                stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("serving http://"), (line, self.said())
        self.host, port = line.removeprefix("serving http://").rsplit(":", 1)
        self.port = int(port)

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        code = self.stop()
        assert failed or code == 0, (code, self.said())

    def said(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(30)
        self.process.stdout.close()
        return code

    def exchange(self, method, path, body=None, **headers):
        """Status, content type, body and headers."""
        link = http.client.HTTPConnection(self.host, self.port, timeout=30)
        link.request(method, path, body,
                     {**self.headers,
                      **{name.replace("_", "-"): value for name, value in headers.items()}})
        answer = link.getresponse()
        text = answer.read()
        link.close()
        return answer.status, answer.headers["Content-Type"], text, answer.headers

    def ask(self, method, path, body=None, **headers):
        """Status, and what the JSON says."""
        if body is not None:
            body = json.dumps(body)
            headers.setdefault("Content_Type", "application/json")
        status, _, text, _ = self.exchange(method, path, body, **headers)
        return status, json.loads(text)

    def get(self, path):
        status, answer = self.ask("GET", path)
        assert status == 200, (path, status, answer)
        return answer

    def fill(self, name="talks"):
        """A list with the sample in it; its id."""
        subprocess.run([BIN, "import", "--no-process", "--list", name, SAMPLE], env=environment(self.folder),
                       check=True, stdout=subprocess.DEVNULL, timeout=60)
        return next(made["id"] for made in self.get("/api/lists") if made["name"] == name)

    def run(self, *args, code=0, stdin=None):
        """A command on the same data, to its end; what it printed."""
        done = subprocess.run([BIN, *args], env=environment(self.folder, **self.more), input=stdin,
                              capture_output=True, text=True, timeout=300)
        assert done.returncode == code, (args, done)
        return done.stdout if code == 0 else done.stderr

    def worker(self):
        """The pid of its one child, the worker; None while there is none."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            pids = children.read().split()
        return int(pids[0]) if pids else None
