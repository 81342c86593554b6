"""The sessions in PostgreSQL, with real workers: examples/playground.c, its queue in SQLite."""
import contextlib
import os
import signal
import subprocess
import sys

from support import tap
from support.postgres_server import PostgresServer

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]


class Place:
    def __init__(self, folder):
        self.server = PostgresServer(folder)
        self.env = dict(os.environ, BARQ_URL="sqlite://" + os.path.join(folder, "queue.db"),
                        DATABASE_URL=self.server.url, HOME=folder)
        self.log = os.path.join(folder, "worker.log")
        self.workers = []

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, kind, error, trace):
        for worker in self.workers:
            worker.kill()
            worker.wait(20)
        if error and self.workers:
            print(self.said(), file=sys.stderr)
        self.server.__exit__(kind, error, trace)

    def said(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def worker(self, *args):
        with open(self.log, "wb") as log:
            self.workers.append(subprocess.Popen(
                [BARQ, "worker", PLAYGROUND, "--executors", "2", *args], env=self.env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        return self.workers[-1]

    def barq(self, *args, code=0):
        said = subprocess.run([BARQ, *args], env=self.env, stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, check=False, text=True)
        assert said.returncode == code, (args, said)
        return said.stderr if code else said.stdout

    def count(self):
        return self.server.say("SELECT coalesce(sum(value), 0) FROM playground_counts")


def jobs_write_there_once(folder):
    with Place(folder) as place:
        worker = place.worker()
        for _ in range(5):
            place.barq("enqueue", "count", '"a"')
        tap.wait_until(lambda: place.server.say("SELECT to_regclass('playground_counts')"))
        tap.wait_until(lambda: place.count() == "5")
        tap.wait_until(lambda: place.server.say("SELECT count(*) FROM barq_receipts") == "5")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
        assert place.server.say("SELECT count(*) FROM pg_stat_activity"
                                " WHERE application_name LIKE 'barq%'") == "0"


def another_programs_row_is_a_job(folder):
    with Place(folder) as place:
        place.worker()
        tap.wait_until(lambda: place.server.say("SELECT to_regclass('barq_outbox')"))
        job = place.server.say("SELECT barq_enqueue('add', '[2, 3]')")
        tap.wait_until(lambda: place.server.say("SELECT count(*) FROM barq_outbox") == "0")
        assert place.barq("result", job, "--timeout", "20").strip() == "5"


def another_programs_row_wakes_a_worker(folder):
    with Place(folder) as place:
        place.worker()
        tap.wait_until(lambda: place.server.say(
            "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN barq_outbox'") == "1")
        place.server.say("SELECT barq_enqueue('add', '[2, 3]', id => 'woken')")
        tap.wait_until(lambda: place.server.say("SELECT count(*) FROM barq_outbox") == "0")
        # Its connection for listening is another one than its session's, and comes back.
        place.server.say("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                         " WHERE query = 'LISTEN barq_outbox'")
        tap.wait_until(lambda: place.server.say(
            "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN barq_outbox'") == "1", 30)


def a_worker_with_more_threads_than_sessions_refuses_to_start(folder):
    with Place(folder) as place:
        said = place.barq("worker", PLAYGROUND, "--executors", "8", "--threads", "2", code=1)
        assert "8 executors with 2 threads want 16 database sessions" in said, said
        assert "pool_size 10 + max_overflow 5 are 15" in said, said


def a_worker_waits_for_a_database_that_is_not_there_yet(folder):
    with Place(folder) as place:
        place.server.stop()
        place.worker()
        place.barq("enqueue", "count", '"a"')
        tap.wait_until(lambda: "an executor cannot start" in place.said())
        place.server.start()
        tap.wait_until(lambda: place.server.say("SELECT to_regclass('playground_counts')"), 30)
        tap.wait_until(lambda: place.count() == "1", 30)


def a_password_is_told_to_nobody(folder):
    with Place(folder) as place:
        url = place.server.url.replace("barq@", "barq:hush@")
        place.env.pop("DATABASE_URL")
        worker = place.worker("--database", url, "--executors", "1")
        tap.wait_until(lambda: "worker ready" in place.said())
        told = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as cmdline:
                told.append(cmdline.read())
        assert not any(b"hush" in words for words in told)
        place.server.stop()
        place.barq("enqueue", "count", '"a"')
        tap.wait_until(lambda: "the database is away" in place.said()
                       or "cannot" in place.said(), 30)
        assert "hush" not in place.said()
        worker.kill()


def migrate_makes_the_tables(folder):
    with Place(folder) as place:
        place.env["DATABASE_URL"] += "?schema=jobs"
        place.barq("migrate")
        assert place.server.say("SELECT count(*) FROM jobs.barq_receipts") == "0"
        assert place.server.say("SELECT jobs.barq_enqueue('add') <> ''") == "t"
        assert place.server.say("SELECT count(*) FROM jobs.barq_outbox") == "1"


tap.run(
    jobs_write_there_once,
    another_programs_row_is_a_job,
    another_programs_row_wakes_a_worker,
    a_worker_with_more_threads_than_sessions_refuses_to_start,
    a_worker_waits_for_a_database_that_is_not_there_yet,
    a_password_is_told_to_nobody,
    migrate_makes_the_tables,
)
