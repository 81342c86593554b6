"""No video can be stuck: workers, executors and the server are killed at random while lists are
processed, and in the end every video is completed, or has failed with a reason. Nothing recovers
them: what was committed has its next job in the queue. BARQ_SEED repeats a run.
"""
import os
import random
import signal
import sqlite3
import subprocess
import time

from support import outside
from support import tap
from support.serve import BIN, ROOT, Server, environment

FACTS = os.path.join(ROOT, "examples", "facts.csv")
SEED = int(os.environ.get("BARQ_SEED", random.SystemRandom().randrange(2 ** 32)))
VIDEOS = 400
KILLS = 12
DEADLINE_S = 90


def addresses(prefix, count):
    return "".join(f"https://youtu.be/{prefix}{number:07d}\n" for number in range(count))


def ask(folder, name, sql):
    connection = sqlite3.connect(os.path.join(folder, "data", name), timeout=20)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as told:
            return [int(each) for each in told.read().split()]
    except FileNotFoundError:
        return []


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has ended by itself meanwhile


class Victims:
    """A server with its worker, which is started again whenever it is gone."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.server = None
        self.start()

    def start(self):
        self.server = Server(self.folder, YOUTUBE_API_KEY="key", BOOKMARKS_YOUTUBE_URL=self.url)

    def kill_one(self, dice):
        """Kills the server, its worker, or one of that's executors; what it was."""
        worker = self.server.worker()
        executors = children(worker) if worker else []
        what = dice.choice(["server", "worker", "executor", "executor"])
        if what == "executor" and executors:
            kill(dice.choice(executors))
        elif what == "worker" and worker:
            kill(worker)
        else:
            what = "server"
            self.server.process.kill()
            self.server.process.wait()
            self.server.process.stdout.close()
            # Who follows it ends by itself; its data are free then.
            self.start()
        return what


def unfinished(folder):
    return ask(folder, "data.db", "SELECT count(*) FROM run_videos WHERE state = 'waiting'")[0][0]


def whatever_is_killed_every_video_ends(folder):
    print(f"# BARQ_SEED={SEED}", flush=True)
    dice = random.Random(SEED)
    with outside.StandIn(FACTS, invent=True, latency_ms=40) as stand_in:
        victims = Victims(folder, stand_in.url)
        server = victims.server
        for prefix, name in (("inv_", "one"), ("gone", "two")):
            server.run("import", "--no-process", "--list", name, "-", stdin=addresses(prefix, VIDEOS // 2))
        stand_in.rule("backendError", times=3)
        for each in server.get("/api/lists"):
            status, _ = server.ask("POST", f"/api/lists/{each['id']}/process")
            assert status == 201
        killed = []
        while len(killed) < KILLS and unfinished(folder):
            time.sleep(dice.uniform(0.05, 0.4))  # what is under way then is what the dice say
            killed.append(victims.kill_one(dice))
        tap.wait_until(lambda: unfinished(folder) == 0, DEADLINE_S)
        print("# killed:", *killed, flush=True)
        assert victims.server.stop() == 0

    counted = ask(folder, "data.db", "SELECT l.name, v.status, count(*), count(v.error) FROM videos v"
                  " JOIN lists l ON l.id = v.list_id GROUP BY l.name, v.status ORDER BY l.name")
    assert sum(row[2] for row in counted) == VIDEOS, counted
    for name, status, count, errors in counted:
        assert status in ("completed", "failed"), counted
        assert errors == (count if status == "failed" else 0), counted
        assert name == "two" or status == "completed", (counted, ask(
            folder, "data.db", "SELECT DISTINCT error FROM videos WHERE error IS NOT NULL"))
    assert ask(folder, "data.db", "SELECT count(*) FROM runs WHERE finished_at_ms IS NULL") == [(0,)]
    # Each video has ended once, each run, too, and no number is missing.
    told = dict(ask(folder, "data.db", "SELECT kind, count(*) FROM events GROUP BY kind"))
    assert told["video.completed"] + told["video.failed"] == VIDEOS, told
    assert told["run.finished"] == 2, told
    assert ask(folder, "data.db", "SELECT max(seq) - count(*) FROM events") == [(0,)]


def a_lost_queue_is_taken_on_again(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in:
        more = {"YOUTUBE_API_KEY": "key", "BOOKMARKS_YOUTUBE_URL": stand_in.url}
        with Server(folder, "--no-worker", **more) as server:
            server.run("import", "--no-process", "--list", "list", "-", stdin=addresses("inv_", 120))
            server.run("process", "list")
        for name in os.listdir(os.path.join(folder, "data")):
            if name.startswith("queue.db"):
                os.unlink(os.path.join(folder, "data", name))
        with Server(folder, **more) as server:
            assert "--again" in server.run("process", "list")
            told = server.run("process", "--again", "--wait", "list")
            assert "120 completed, 0 failed" in told, told
        done = subprocess.run([BIN, "runs", "list"], env=environment(folder), capture_output=True,
                              text=True, check=True)
        assert "completed" in done.stdout, done


tap.run(
    whatever_is_killed_every_video_ends,
    a_lost_queue_is_taken_on_again,
)
