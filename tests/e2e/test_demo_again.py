"""The demo's list once more, with two executors of five threads, paused half-way and resumed, and its
worker stopped and started again: what comes out is what the demo gives."""
import contextlib
import csv
import io
import os
import signal
import sqlite3
import subprocess

from support import tap

BARQ = os.environ["BARQ_BIN"]
BOOKMARKS = os.environ["BOOKMARKS_BIN"]
SAMPLE = os.path.join(os.environ["SOURCE_ROOT"], "examples", "sample-list.csv")
LIST = "Sample talks"
VIDEOS = 300
THREADS = ("--executors", "2", "--threads", "5")
ATTEMPTS = 20  # a machine may be too quick to be caught half-way


class Data:
    def __init__(self, folder):
        self.folder = folder
        os.mkdir(folder)
        kept = {key: value for key, value in os.environ.items()
                if key not in ("DATABASE_URL", "YOUTUBE_API_KEY", "ONLINE", "BOOKMARKS_YOUTUBE_URL")}
        self.env = {**kept, "BOOKMARKS_DATA": folder, "BARQ_URL": f"sqlite:{folder}/queue.db",
                    "DATABASE_URL": f"sqlite:{folder}/data.db"}

    def run(self, *command):
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=120,
                              check=False)
        assert done.returncode == 0, (command, done)
        return done.stdout

    def bookmarks(self, *args):
        return self.run(BOOKMARKS, *args)

    def ask(self, name, sql):
        with contextlib.closing(sqlite3.connect(os.path.join(self.folder, name), timeout=20)) as db:
            return db.execute(sql).fetchone()[0]

    def completed(self):
        return self.ask("data.db", "SELECT count(*) FROM videos WHERE status = 'completed'")

    def running(self):
        return self.ask("queue.db", "SELECT count(*) FROM barq_running")

    def waiting(self):
        return self.ask("queue.db", "SELECT sum(waiting) FROM barq_queues")

    def unfinished(self):
        return self.ask("queue.db", "SELECT sum(waiting + running) FROM barq_queues")

    def result(self):
        """The export without its times: when something happened is no part of what came of it."""
        rows = csv.DictReader(io.StringIO(self.bookmarks("export", LIST)))
        return [{name: value for name, value in row.items() if not name.endswith("_at")} for row in rows]

    @contextlib.contextmanager
    def worker(self):
        worker = subprocess.Popen([BOOKMARKS, "worker", *THREADS], env=self.env,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield worker
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0


def wait_for(data, videos):
    tap.wait_until(lambda: data.completed() >= videos, 60)


def pause_half_way(data):
    """False: it was done before it could be paused."""
    with data.worker():
        wait_for(data, VIDEOS // 3)
        data.run(BARQ, "pause", "barq")
        tap.wait_until(lambda: data.running() == 0, 30)
        held = data.completed()
        if data.waiting() == 0:
            return False
        # A worker that only empties the queue finds nothing that it may do.
        data.bookmarks("worker", "--burst")
        assert data.completed() == held < VIDEOS, (held, data.completed())
        data.run(BARQ, "resume", "barq")
        wait_for(data, held + 1)
    return True


def paused_resumed_stopped_and_started_again_it_is_the_demo_s_result(folder):
    demo = Data(os.path.join(folder, "demo"))
    demo.bookmarks("demo")
    assert demo.completed() == VIDEOS

    for attempt in range(ATTEMPTS):
        data = Data(os.path.join(folder, f"again-{attempt}"))
        data.bookmarks("import", "--list", LIST, "--template", "talks", SAMPLE)
        data.bookmarks("process", LIST)
        if pause_half_way(data):
            break
    else:
        raise AssertionError("it was never caught half-way")
    with data.worker():
        wait_for(data, VIDEOS)
        tap.wait_until(lambda: data.unfinished() == 0, 30)
    assert data.result() == demo.result()


tap.run(paused_resumed_stopped_and_started_again_it_is_the_demo_s_result)
