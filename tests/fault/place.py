"""place - a queue and a database in a folder, workers on them, and faults for these.

    with Place(folder) as place:
        job = place.enqueue("effect")
        worker = place.worker()
        place.arm("attempt.committed", "kill")
        ...
        place.finish()

The queue is in SQLite, or in a redis-server of the place's own, which syncs its append-only file always,
when the script was told "--redis". With "--pg" queue and database are two databases of one PostgreSQL: of
the script's, or, for those who kill it, of the place's own, which syncs. "--database=sqlite" or
"--database=postgresql" says where the database is, whatever the queue is.

Nothing here sleeps for a while: whatever is waited for is a file, a row or a process's end.
"""
import atexit
import concurrent.futures
import contextlib
import functools
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

from fault.databases import open_database
from fault.pg_queue import PgQueue
from fault.postgres import start_server
from fault.queues import RedisQueue, SqliteQueue
from support import tap

BARQ = os.environ["BARQ_BIN"]
FAULTY, APPLICATION = [os.path.abspath(path) for path in sys.argv[1:3]]
REDIS = "--redis" in sys.argv[3:]
PG = "--pg" in sys.argv[3:]
SERVED = REDIS or PG  # the broker is a server
DATABASE = next((word.partition("=")[2] for word in sys.argv[3:] if word.startswith("--database=")),
                "postgresql" if PG else "sqlite")

LEASE_S = 1
# Every step of an attempt that writes and enqueues, in its order.
ALL_STEPS = ["attempt.begin", "attempt.started", "session.began", "attempt.returned",
             "receipt.inserted", "attempt.receipt_inserted", "session.committing",
             "session.committed",
             "attempt.committed", "attempt.relayed", "attempt.outbox_deleted", "attempt.ended"]
# Most are the database's matter, whatever the broker is; in a server each takes longer.
STEPS = ALL_STEPS
if REDIS:
    STEPS = ["attempt.started", "session.committing", "attempt.committed", "attempt.relayed", "attempt.ended"]
elif PG:
    STEPS = ["attempt.started", "session.committing", "session.committed", "attempt.ended"]
TABLES = """
    CREATE TABLE effects (job TEXT, function TEXT, try INTEGER, pid INTEGER);
    CREATE TABLE failures (job TEXT, error TEXT);
    CREATE TABLE asked (job TEXT);
    CREATE TABLE callbacks (job TEXT, ended INTEGER);
    CREATE TABLE single (x INTEGER UNIQUE);
    INSERT INTO single VALUES (1);
"""


class Worker:
    """One `barq worker`; what it logs is in a file, so that a grandchild cannot hold up the test."""

    def __init__(self, place, args, preexec_fn=None, command=None):
        self.place = place
        place.workers.append(self)
        self.log_path = os.path.join(place.folder, f"worker-{len(place.workers)}.log")
        with open(self.log_path, "wb") as log:
            command = command or [BARQ, "worker", FAULTY]
            self.process = subprocess.Popen([*command, *args], env=place.env,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=place.folder, preexec_fn=preexec_fn)
        self.pid = self.process.pid

    def log(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode(errors="replace")

    def wait_log(self, text, deadline_s=20):
        def said():
            assert text in self.log() or self.process.poll() is None, self.log()
            return text in self.log()
        tap.wait_until(said, deadline_s)

    def missed_database(self):
        """How often it has said that the database is away: by a job, before any was claimed, or by an
        executor that was about to start."""
        said = self.log()
        starting = re.findall(r'an executor cannot start .*error="(?:postgresql|sqlite): ', said)
        return said.count("job given back") + said.count("the database is away") + len(starting)

    def ready(self):
        self.wait_log("worker ready")
        return self

    def children(self):
        """The pids of its executors, house and all."""
        try:
            with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as pids:
                return [int(pid) for pid in pids.read().split()]
        except OSError:
            return []

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait(20)

    def stop(self):
        """In peace."""
        self.signal(signal.SIGTERM)
        code = self.process.wait(30)
        # Before it has said its first word it may not hear signals yet, and ends as any process does.
        unborn = code == -signal.SIGTERM and not self.log()
        assert code == 0 or unborn, (code, self.log())

    def wait_end(self, deadline_s=30):
        return self.process.wait(deadline_s)


@functools.cache
def shared_server():
    """A PostgreSQL for all cases of a script, which has none of its data to lose."""
    folder = tempfile.mkdtemp(prefix="barq-fault-")
    server = start_server(folder, durable=False)

    def end():
        server.__exit__(None, None, None)
        shutil.rmtree(folder, ignore_errors=True)
    atexit.register(end)
    return server


class Place:
    def __init__(self, folder, redis=REDIS, own_server=False):
        self.folder = folder
        self.queue = os.path.join(folder, "queue.db")  # when it is in SQLite
        self.server = None  # when anything is in PostgreSQL
        if PG or DATABASE == "postgresql":
            self.server = start_server(folder) if own_server else shared_server()
        self.owned_server = self.server if own_server else None  # which this place's cases may harm
        if redis:
            self.jobs = RedisQueue(folder)
        else:
            self.jobs = PgQueue(folder, self.server) if PG else SqliteQueue(self.queue)
        self.database = open_database(DATABASE, folder, self.server)
        # What rows() takes: a file, or the database itself.
        self.data = getattr(self.database, "path", self.database)
        self.faults = os.path.join(folder, "faults")
        self.workers = []
        os.mkdir(self.faults)
        self.env = dict(os.environ, BARQ_URL=self.jobs.url, HOME=folder,
                        DATABASE_URL=self.database.url, BARQ_FAULTS=self.faults)
        self.database.script(TABLES)
        self.barq("migrate")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error:
            self.tell()
        for worker in self.workers:
            worker.process.kill()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for worker in self.workers:
            worker.process.wait(20)
        self.jobs.close()
        self.database.close()
        if self.owned_server:
            self.owned_server.__exit__(None, None, None)

    def processes(self):
        """Everything that runs with our fault folder in its environment: orphans, too."""
        mark = b"BARQ_FAULTS=" + self.faults.encode() + b"\0"
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/environ", "rb") as environ:
                    if mark in environ.read():
                        found.append(int(pid))
        return found

    def tell(self):
        """For whoever reads of a failure: what there is, and what the workers said."""
        with contextlib.suppress(Exception):  # it may be what has failed
            self.jobs.tell()
        with contextlib.suppress(Exception):
            for row in self.rows(self.data, "SELECT * FROM effects LIMIT 20"):
                print("effect", row, file=sys.stderr)
        for worker in self.workers:
            print("--", worker.log_path, file=sys.stderr)
            print(worker.log()[-20000:], file=sys.stderr, flush=True)

    # -- faults --

    def arm(self, point, word, nth=1):
        """From now on the next (or nth) process that comes to `point` does `word`."""
        path = os.path.join(self.faults, point)
        with contextlib.suppress(FileNotFoundError):
            os.remove(path + ".hit")
        with open(path + ".new", "w", encoding="ascii") as order:
            order.write(f"{word} {nth}\n")
        os.rename(path + ".new", path)

    def hit(self, point):
        """The pid of the process that was hit there, or None."""
        try:
            with open(os.path.join(self.faults, point + ".hit"), encoding="ascii") as hit:
                return int(hit.read())
        except FileNotFoundError:
            return None

    def wait_hit(self, point, deadline_s=20):
        try:
            pid = tap.wait_until(lambda: self.hit(point), deadline_s)
        except TimeoutError as error:
            raise TimeoutError(point + " was not reached") from error
        return pid

    def wait_stopped(self, point, deadline_s=20):
        """The process that was told to stop at `point`, once it stands still."""
        pid = self.wait_hit(point, deadline_s)
        tap.wait_until(lambda: state_of(pid) == "T", deadline_s)
        return pid

    # -- jobs --

    def barq(self, *args, code=0):
        said = subprocess.run([BARQ, *args], env=self.env, stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, check=False)
        assert said.returncode == code, (args, said)
        return said.stdout.decode().rstrip("\n")

    def barq_error(self, *args):
        """What it says when it fails; which holds no secret of its address."""
        said = subprocess.run([BARQ, *args], env=self.env, stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, check=False)
        assert said.returncode != 0, (args, said)
        return said.stderr.decode()

    def barq_check(self):
        """What `barq check` says, however it ends: no worker may be there yet."""
        said = subprocess.run([BARQ, "check"], env=self.env, stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, check=False)
        return (said.stdout + said.stderr).decode()

    def enqueue(self, function, *args, options=(), **kwargs):
        """Its id; a keyword argument of the job is one of ours."""
        words = [json.dumps(arg) for arg in args]
        return self.barq("enqueue", function, *options, "--kwargs", json.dumps(kwargs), "--",
                         *words)

    def multiply(self, job, times):
        """Copies of a job that waits for its time; all of them are due at once."""
        self.jobs.multiply(job, times)

    def worker(self, *args, executors=1, burst=False, lease=None, preexec_fn=None, command=None):
        args = ["--executors", str(executors), "-v", *args]
        if burst:
            args.append("--burst")
        if lease:
            args += ["--lease", str(lease)]
        return Worker(self, args, preexec_fn, command)

    def freeze(self, worker):
        """Stops a worker's own process, but never within a transaction on the queue: nobody could
        use the queue until it went on, which is SQLite's way and none of ours."""
        with self.jobs.quiet():
            worker.signal(signal.SIGSTOP)
            tap.wait_until(lambda: state_of(worker.pid) == "T")

    def lose(self, worker, executor):
        """Kills a worker together with an executor that was stopped: the kernel would let an orphan
        go on, which might commit before it sees that it is one."""
        self.freeze(worker)
        os.kill(executor, signal.SIGKILL)
        worker.kill()

    def apply(self, how, function, *ids):
        """The application's transaction."""
        return subprocess.run([APPLICATION, self.env["DATABASE_URL"], how, function, *ids],
                              env=self.env, timeout=60, check=False).returncode

    # -- what is stored --

    def rows(self, path, sql, *params):
        if path is self.database:
            return self.database.rows(sql, *params)
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as db:
            return db.execute(sql, params).fetchall()

    def one(self, path, sql, *params):
        [[value]] = self.rows(path, sql, *params)
        return value

    def state(self, job):
        """0 unfinished, 1 complete, 2 failed; None: not there."""
        return self.jobs.state(job)

    def column(self, job, name):
        return self.jobs.column(job, name)

    def totals(self):
        """(tries, losses, failed) of all jobs that are there."""
        return self.jobs.totals()

    def backdate(self, job, at_ms):
        """Makes it a job that was enqueued then; and whose receipt is looked for."""
        self.jobs.backdate(job, at_ms)

    def history(self, job):
        return self.jobs.history(job)

    def info(self, job):
        return json.loads(self.barq("info", job, "--json"))

    def effects(self, job=None):
        if job is None:
            return self.one(self.data, "SELECT count(*) FROM effects")
        return self.one(self.data, "SELECT count(*) FROM effects WHERE job = ?", job)

    def failures(self, job):
        return self.rows(self.data, "SELECT error FROM failures WHERE job = ?", job)

    def receipts(self, job):
        return [row[0] for row in self.rows(
            self.data, "SELECT outcome FROM barq_receipts WHERE job_id = ?", job)]

    def running(self):
        return self.jobs.running()

    def unfinished(self):
        return self.jobs.unfinished()

    def wait_final(self, *jobs, deadline_s=30):
        for job in jobs:
            tap.wait_until(lambda j=job: self.state(j) in (1, 2), deadline_s)

    def wait_drained(self, deadline_s=40):
        tap.wait_until(lambda: self.unfinished() == 0, deadline_s)

    # -- how it must end --

    def finish(self):
        """Lets a last worker do what is left, and asserts what is true of every end."""
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.stop()
        last = self.worker(burst=True, executors=2)
        assert last.wait_end() == 0, last.log()
        self.check()

    def check(self):
        self.database.check()
        self.jobs.check()
        assert self.one(self.data, "SELECT count(*) FROM barq_outbox") == 0, "an outbox row is left"
        doubled = self.rows(self.data, "SELECT job, count(*) FROM effects GROUP BY job"
                                       " HAVING count(*) > 1")
        assert not doubled, ("doubled", doubled)
        doubled = self.rows(self.data, "SELECT job, count(*) FROM failures GROUP BY job"
                                       " HAVING count(*) > 1")
        assert not doubled, ("failed twice", doubled)

    def assert_done(self, *jobs):
        """Each complete, with its effect once and the receipt of a success."""
        for job in jobs:
            assert self.state(job) == 1, (job, self.info(job))
            assert self.effects(job) == 1, (job, self.effects(job))
            assert self.receipts(job) == ["complete"], (job, self.receipts(job))
            assert not self.failures(job), job

    def assert_failed(self, job, error=None):
        """Failed for good: nothing but what on_job_failure wrote, once."""
        assert self.state(job) == 2, (job, self.info(job))
        assert self.effects(job) == 0, (job, self.effects(job))
        assert self.receipts(job) == ["failed"], (job, self.receipts(job))
        if error:
            assert self.info(job)["error"] == error, self.info(job)["error"]


def state_of(pid):
    """The letter that the kernel has for what it does: R, S, T, Z; "" when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def resume(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_gone(pid):
    return state_of(pid) in ("", "Z")


class Cases:
    """Cases of one script. They run side by side, since most of them wait most of the time.

        cases = Cases()
        cases.add("promise 2: ...", function, arguments...)
        cases.run()
    """

    def __init__(self, at_once=4, own_server=False):
        """own_server: each place has its own PostgreSQL, if any."""
        self.pool = concurrent.futures.ThreadPoolExecutor(at_once)
        self.own_server = own_server
        self.named = []

    def add(self, name, function, *args, **kwargs):
        self.named.append((name, function, args, kwargs))

    def add_once(self, name, function, *args, **kwargs):
        """One for which it makes no difference what the broker is: on SQLite only."""
        if not REDIS and not PG:
            self.add(name, function, *args, **kwargs)

    def add_sqlite(self, name, function, *args, **kwargs):
        """One that is about a database in SQLite, whatever the broker is."""
        if DATABASE == "sqlite":
            self.add(name, function, *args, **kwargs)

    def in_folder(self, function, args, kwargs):
        folder = tempfile.mkdtemp(prefix="barq-fault-")
        try:
            with Place(folder, own_server=self.own_server) as place:
                function(place, *args, **kwargs)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def run(self):
        wanted = [word for word in sys.argv[3:] if not word.startswith("--")]  # of a name, to try single cases
        broker = "Redis: " if REDIS else "PostgreSQL: " if PG else ""
        if not self.own_server and (PG or DATABASE == "postgresql"):
            shared_server()  # before any of them asks for it
        cases = []
        for name, function, args, kwargs in self.named:
            if wanted and not any(word in name for word in wanted):
                continue
            future = self.pool.submit(self.in_folder, function, args, kwargs)

            def case(_, future=future):
                future.result()
            case.__name__ = broker + name
            cases.append(case)
        tap.run(*cases)
