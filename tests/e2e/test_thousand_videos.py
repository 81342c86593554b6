"""A thousand videos against a YouTube that takes 200 ms, with workers that live for 100 to 300 ms."""
import collections
import json
import os
import random
import sqlite3
import subprocess
import time

from support import outside
from support import tap

BIN = os.environ["BOOKMARKS_BIN"]
VIDEOS = 1000
LEAST_HITS = 20
MOST_KILLS = 400
# A worker's life from its first READY, in ms.
LIFE_MS = (100, 300)
# A job that is lost with its worker ten times is poison, whatever it was. On a slow machine one that
# has been lost so often already is given the time that it needs.
LOST_OFTEN = 6
LONG_LIFE_MS = 1000


def environment(folder, url):
    kept = {key: value for key, value in os.environ.items()
            if key not in ("BARQ_URL", "DATABASE_URL", "ONLINE")}
    return {**kept, "BOOKMARKS_DATA": os.path.join(folder, "data"), "YOUTUBE_API_KEY": "key",
            "BOOKMARKS_YOUTUBE_URL": url}


def bookmarks(env, *args, stdin=None, code=0):
    done = subprocess.run([BIN, *args], env=env, input=stdin, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout


def ask(folder, name, sql):
    connection = sqlite3.connect(os.path.join(folder, "data", name), timeout=20)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def running(folder):
    return ask(folder, "queue.db", "SELECT count(*) FROM barq_running")[0][0]


def unfinished(folder):
    return ask(folder, "queue.db", "SELECT sum(waiting + running) FROM barq_queues")[0][0]


def outbox(folder):
    return ask(folder, "data.db", "SELECT count(*) FROM barq_outbox WHERE parent_id IS NULL")[0][0]


def live_and_die(folder, env, life_ms):
    """A worker's life; True when its end hit a job that it had claimed."""
    worker = subprocess.Popen([BIN, "worker"], env=env, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
    while "worker ready" not in worker.stderr.readline():
        assert worker.poll() is None
    time.sleep(life_ms / 1000)  # this is the life that it is to have
    worker.kill()
    worker.wait()
    worker.stderr.close()
    return running(folder) > 0


def most_lost(folder):
    return ask(folder, "queue.db", "SELECT max(losses) FROM barq_jobs WHERE state = 0")[0][0] or 0


def kill_until_done(folder, env):
    seed = random.randrange(1 << 32)
    random.seed(seed)
    kills = hits = spared = 0
    while unfinished(folder) or outbox(folder):
        life_ms = random.uniform(*LIFE_MS)
        if most_lost(folder) >= LOST_OFTEN:
            life_ms = LONG_LIFE_MS
            spared += 1
        hits += live_and_die(folder, env, life_ms)
        kills += 1
        assert kills < MOST_KILLS, (seed, hits)
    print(f"seed {seed}: {kills} kills, {hits} hit a running attempt, {spared} came late",
          flush=True)
    return hits


def completed_by(folder):
    """How many committed attempts completed each video: what would be doubled if anything were."""
    times = collections.Counter()
    rows = ask(folder, "data.db",
               "SELECT result FROM barq_receipts WHERE outcome = 'complete'")
    for (result,) in rows:
        record = json.loads(result)
        if record["f"] == "process_video" and record["r"] != "already_completed":
            times[json.dumps(record["a"][0])] += 1
    return times


def a_thousand_videos_survive_workers_that_are_killed(folder):
    ids = [f"thousand{number:03}" for number in range(VIDEOS)]
    with outside.StandIn(invent=True, latency_ms=200) as stand_in:
        env = environment(folder, stand_in.url)
        bookmarks(env, "migrate")
        listed = "url\n" + "".join(f"https://youtu.be/{video}\n" for video in ids)
        lists = hits = 0
        while hits < LEAST_HITS:  # a machine that is quick gets more than one list
            lists += 1
            bookmarks(env, "import", "--no-process", "--list", f"list {lists}", "-", stdin=listed)
            bookmarks(env, "process", f"list {lists}")
            hits += kill_until_done(folder, env)

    videos = ask(folder, "data.db", "SELECT status, title, error FROM videos")
    assert len(videos) == VIDEOS * lists, len(videos)
    assert all(status == "completed" and title for status, title, _ in videos), \
        collections.Counter((status, error) for status, _, error in videos)
    times = completed_by(folder)
    assert set(times.values()) == {1}, times.most_common(3)
    assert len(times) == VIDEOS * lists, len(times)
    for name in ("queue.db", "data.db"):
        assert ask(folder, name, "PRAGMA integrity_check") == [("ok",)]


tap.run(a_thousand_videos_survive_workers_that_are_killed)
