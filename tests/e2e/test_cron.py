"""Cron jobs with real workers: examples/cron.c, whose `beat` runs each second, and `barq cron`."""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time

from support import tap

BARQ = os.environ["BARQ_BIN"]
CRON = os.path.join(os.environ["EXAMPLES_DIR"], "cron.so")
DAY_MS = 24 * 3600 * 1000
REPORT = "cron:barq:report:%"


class Place:
    def __init__(self, folder):
        self.queue = os.path.join(folder, "queue.db")
        self.data = os.path.join(folder, "data.db")
        self.env = dict(os.environ, BARQ_URL="sqlite://" + self.queue, HOME=folder,
                        DATABASE_URL="sqlite://" + self.data, TZ="Asia/Tokyo")
        self.workers = []

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for worker in self.workers:
            worker.kill()
            worker.wait(20)

    def worker(self, *args):
        self.workers.append(subprocess.Popen([BARQ, "worker", CRON, "--executors", "1", *args],
                                             env=self.env, stdin=subprocess.DEVNULL))
        return self.workers[-1]

    def stop(self):
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        codes = [worker.wait(30) for worker in self.workers]
        self.workers = []
        assert not any(codes), codes

    def barq(self, *args, code=0):
        said = subprocess.run([BARQ, *args], env=self.env, stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, check=False)
        assert said.returncode == code, (args, said)
        return (said.stderr if code else said.stdout).decode()

    def json(self, *args):
        return [json.loads(line) for line in self.barq(*args, "--json").splitlines()]

    def rows(self, path, sql, *params):
        try:
            with contextlib.closing(sqlite3.connect(path, timeout=30)) as db, db:
                return db.execute(sql, params).fetchall()
        except sqlite3.OperationalError as error:
            assert "no such table" in str(error), error
            return []

    def beats(self):
        return [at for at, in self.rows(self.data, "SELECT at FROM beats ORDER BY at")]

    def reports(self):
        return [due for due, in self.rows(self.queue, "SELECT due_at FROM barq_jobs"
                                          " WHERE id LIKE ? ORDER BY due_at", REPORT)]

    def wait_beats(self, count):
        return tap.wait_until(lambda: len(self.beats()) >= count and self.beats(), 60)


def assert_each_second_once(beats):
    assert beats == list(range(beats[0], beats[-1] + 1000, 1000)), beats


def each_second_runs_once_with_two_workers(folder):
    with Place(folder) as place:
        place.worker()
        place.worker()
        beats = place.wait_beats(4)
        place.stop()
        assert_each_second_once(beats)
        assert all(at % 1000 == 0 for at in beats)
        assert len(place.reports()) == 1, "two workers that start together run it once at startup"


def a_run_is_not_lost_when_its_workers_come_and_go(folder):
    with Place(folder) as place:
        place.worker()
        place.wait_beats(2)
        place.workers.pop().kill()
        place.worker()
        before = len(place.beats())
        beats = place.wait_beats(before + 3)
        place.stop()
        assert_each_second_once(beats)


def of_missed_runs_the_last_is_made_up_for(folder):
    with Place(folder) as place:
        place.worker()
        tap.wait_until(lambda: len(place.reports()) == 1, 30)
        place.stop()
        # The report is due at half past four in Berlin; it ran last ten days ago.
        now_ms = int(time.time() * 1000)
        place.rows(place.queue, "DELETE FROM barq_jobs")
        place.rows(place.queue, "UPDATE barq_crons SET since = ?1, last_at = ?1 WHERE name = 'report'",
                   now_ms - 10 * DAY_MS)
        place.worker()
        tap.wait_until(lambda: len(place.reports()) >= 2, 30)
        place.stop()
        missed, at_startup = place.reports()
        assert now_ms - 4 * DAY_MS < missed < at_startup, (missed, at_startup, now_ms)
        assert missed % (DAY_MS // 24) == DAY_MS // 48, "at half past an hour"


def barq_cron_tells_of_them(folder):
    with Place(folder) as place:
        assert len(place.barq("cron").splitlines()) == 1, "a title, and nothing below"
        place.worker()
        beats = place.wait_beats(1)
        place.stop()
        beat, report = place.json("cron")
        assert beat["queue"] == "barq" and beat["name"] == beat["function"] == "beat", beat
        assert beat["schedule"] == "* * * * * *" and beat["time_zone"] == "Asia/Tokyo", beat
        assert beat["last_at_ms"] >= beats[0], (beat, beats)
        assert beat["next_at_ms"] == beat["last_at_ms"] + 1000, beat
        assert report["schedule"] == "30 4 * * mon-fri", report
        assert report["time_zone"] == "Europe/Berlin", report
        assert report["next_at_ms"] > report["last_at_ms"] > 0, report
        table = place.barq("cron").splitlines()
        assert table[0].split() == ["QUEUE", "NAME", "FUNCTION", "SCHEDULE", "ZONE", "LAST", "NEXT"]
        assert len(table) == 3 and "30 4 * * mon-fri" in table[2], table


def barq_cron_shows_an_expressions_next_runs(folder):
    with Place(folder) as place:
        runs = place.json("cron", "--next", "4", "--zone", "Europe/Berlin", "0 12 * jan,jul *")
        assert [run["clock"][10:] for run in runs] == ["T12:00:00+02:00"] * 4 or \
               [run["clock"][10:] for run in runs] == ["T12:00:00+01:00"] * 4, runs
        assert [b["at_ms"] - a["at_ms"] for a, b in zip(runs, runs[1:])].count(DAY_MS) >= 2, runs
        here, = place.barq("cron", "0 0 1 1 *").splitlines()
        assert here.endswith("-01-01T00:00:00+09:00"), here
        assert here[4:].startswith("-12-31T15:00:00.000Z  "), here
        assert "minute: 60 is not from 0 to 59" in place.barq("cron", "60 * * * *", code=2)
        assert "'Nowhere' is neither" in place.barq("cron", "--zone", "Nowhere", "@daily", code=2)
        assert "want an expression" in place.barq("cron", "--next", "2", code=2)
        assert not os.path.exists(place.queue), "no queue was asked"


def a_burst_does_what_is_to_be_done_at_its_start(folder):
    with Place(folder) as place:
        assert place.worker("--burst").wait(60) == 0
        place.workers.pop()
        assert len(place.reports()) == 1
        complete, = place.rows(place.queue, "SELECT count(*) FROM barq_jobs WHERE state = 1"
                                            " AND id LIKE ?", REPORT)
        assert complete == (1,)


def a_worker_without_the_time_zones_it_needs_does_not_start_and_says_why(folder):
    with Place(folder) as place:
        said = subprocess.run([BARQ, "worker", CRON], env=dict(place.env, TZDIR="/nowhere"),
                              stdin=subprocess.DEVNULL, timeout=60, capture_output=True, check=False)
        assert said.returncode == 1, said
        assert (b"cron job 'beat': zone: 'Asia/Tokyo': there are no time zones in /nowhere; "
                b"install the package tzdata") in said.stderr, said
        assert place.beats() == [], "nothing ran"


tap.run(each_second_runs_once_with_two_workers,
        a_run_is_not_lost_when_its_workers_come_and_go,
        of_missed_runs_the_last_is_made_up_for,
        barq_cron_tells_of_them,
        barq_cron_shows_an_expressions_next_runs,
        a_burst_does_what_is_to_be_done_at_its_start,
        a_worker_without_the_time_zones_it_needs_does_not_start_and_says_why)
