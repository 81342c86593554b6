"""Programs that know nothing of barq but docs/formats/ enqueue jobs, run them, and answer for them."""
import contextlib
import fcntl
import json
import os
import pickle
import socket
import sqlite3
import struct
import subprocess
import time

from support import tap

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]
QUEUE = "barq"
HOUR_MS = 3600 * 1000


def now_ms():
    return time.time_ns() // 1_000_000


def encode(value):
    return json.dumps(value, separators=(",", ":")).encode()


def job_bytes(function, args, at_ms, nonce):
    """job.md, "A job"."""
    return encode({"t": None, "f": function, "a": args, "k": {}, "et": at_ms, "n": nonce})


def result_bytes(job_id, job, result):
    """job.md, "A result"."""
    at_ms = now_ms()
    of_job = {key: job[key] for key in ("f", "a", "k", "et")}
    return encode({"t": 1, **of_job, "s": True, "r": result, "st": at_ms, "ft": at_ms, "q": QUEUE,
                   "id": job_id, "n": job["n"]})


class Place:
    """A queue and a database in a folder, and barq as it is called there."""

    def __init__(self, folder):
        self.queue = os.path.join(folder, "queue.db")
        self.data = os.path.join(folder, "data.db")
        self.env = dict(os.environ, BARQ_URL="sqlite:" + self.queue,
                        DATABASE_URL="sqlite:" + self.data)
        self.barq("migrate")

    def barq(self, *args):
        said = subprocess.run([BARQ, *args], env=self.env, capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)
        assert said.returncode == 0, (args, said.stdout, said.stderr)
        return said.stdout.decode().rstrip("\n")

    def burst(self):
        self.barq("worker", PLAYGROUND, "--burst")

    def result(self, job_id):
        return json.loads(self.barq("result", job_id))

    def look(self, path, sql, *params):
        with contextlib.closing(sqlite3.connect(path)) as db:
            return db.execute(sql, params).fetchall()

    @contextlib.contextmanager
    def change(self, path):
        """A transaction as both pages want it."""
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    def ring(self, path):
        bell = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
        os.pwrite(bell, b"!", 0)
        os.close(bell)


def queue_number(db):
    db.execute("INSERT INTO barq_queues (name) VALUES (?) ON CONFLICT DO NOTHING", (QUEUE,))
    [(number,)] = db.execute("SELECT queue FROM barq_queues WHERE name = ?", (QUEUE,)).fetchall()
    return number


def enqueue(place, job_id, payload, at_ms, claimed_before=0):
    """sqlite-queue.md, "Enqueue"."""
    with place.change(place.queue) as db:
        queue = queue_number(db)
        seq = db.execute(
            "INSERT INTO barq_jobs (id, queue, due_at, enqueued_at, expires_at, claimed_before,"
            " payload) VALUES (?, ?, ?, ?, 0, ?, ?)",
            (job_id, queue, at_ms, at_ms, claimed_before, payload)).lastrowid
        db.execute("INSERT INTO barq_waiting (queue, lost, due_at, seq) VALUES (?, 0, ?, ?)", (queue, at_ms, seq))
        db.execute("UPDATE barq_queues SET waiting = waiting + 1 WHERE queue = ?", (queue,))
    place.ring(place.queue + "-wake")


class Worker:
    """sqlite-queue.md, "Join", "Claim", "Settle" and "Leave"."""

    def __init__(self, place):
        self.place = place
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
        with place.change(place.queue) as db:
            self.queue = queue_number(db)
            self.number = db.execute(
                "INSERT INTO barq_workers (queue, name, host, boot, lease_until)"
                " VALUES (?, 'a program', ?, ?, ?)",
                (self.queue, socket.gethostname(), boot, now_ms() + HOUR_MS)).lastrowid
            self.path = f"{place.queue}-worker-{self.number}"
            self.lock = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            whole = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            fcntl.fcntl(self.lock, fcntl.F_OFD_SETLK, whole)
        self.claim_number = (self.number << 40) + 1

    def claim(self):
        """The id and the bytes of the job that is due first."""
        with self.place.change(self.place.queue) as db:
            [(lost, priority, due_at, self.seq)] = db.execute(
                "SELECT lost, priority, due_at, seq FROM barq_waiting JOIN barq_queues USING (queue)"
                " WHERE queue = ? AND NOT paused AND due_at <= ?"
                " ORDER BY lost DESC, due_at - priority * 60000, seq LIMIT 1",
                (self.queue, now_ms())).fetchall() or [(None, None, None, None)]
            if self.seq is None:
                return None, None
            db.execute("DELETE FROM barq_waiting"
                       " WHERE (queue, lost, priority, due_at, seq) = (?, ?, ?, ?, ?)",
                       (self.queue, lost, priority, due_at, self.seq))
            db.execute("INSERT INTO barq_running (seq, worker, claim, claimed_at) VALUES (?, ?, ?, ?)",
                       (self.seq, self.number, self.claim_number, now_ms()))
            db.execute("UPDATE barq_queues SET waiting = waiting - 1, running = running + 1"
                       " WHERE queue = ?", (self.queue,))
            return db.execute("SELECT id, payload FROM barq_jobs WHERE seq = ?",
                              (self.seq,)).fetchone()

    def complete(self, result):
        """False: the claim was stale."""
        until_ms = now_ms() + HOUR_MS
        with self.place.change(self.place.queue) as db:
            if db.execute("DELETE FROM barq_running WHERE seq = ? AND worker = ? AND claim = ?",
                          (self.seq, self.number, self.claim_number)).rowcount == 0:
                return False
            db.execute("UPDATE barq_jobs SET state = 1, aborted = 0, payload = NULL, result = ?,"
                       " finished_at = ?, result_until = ?, gone_at = ? WHERE seq = ?",
                       (result, now_ms(), until_ms, until_ms, self.seq))
            db.execute("UPDATE barq_queues SET running = running - 1, complete = complete + 1"
                       " WHERE queue = ?", (self.queue,))
        self.place.ring(self.place.queue + "-done")
        return True

    def leave(self):
        with self.place.change(self.place.queue) as db:
            db.execute("DELETE FROM barq_workers WHERE worker = ?", (self.number,))
        os.unlink(self.path)
        os.close(self.lock)

    def die(self):
        os.close(self.lock)


def a_program_enqueues_what_a_worker_runs(folder):
    place = Place(folder)
    at_ms = now_ms()
    enqueue(place, "sum", job_bytes("add", [2, 3], at_ms, "17"), at_ms)
    place.burst()
    assert place.result("sum") == 5
    [counts] = place.look(place.queue, "SELECT waiting, running, complete FROM barq_queues")
    assert counts == (0, 0, 1), counts


def a_job_in_pickle_has_its_result_in_pickle(folder):
    """job.md, "Values in pickle"."""
    place = Place(folder)
    for job_id, args in (("sum", (2, 3)), ("wrong", (2, "x"))):
        at_ms = now_ms()
        job = {"t": None, "f": "add", "a": args, "k": {}, "et": at_ms}
        enqueue(place, job_id, pickle.dumps(job), at_ms)
    at_ms = now_ms()
    enqueue(place, "unknown", pickle.dumps({**job, "f": "nothing", "a": ({1}, b"x")}), at_ms)
    enqueue(place, "unread", b"\x80\x04\x82\x01.", at_ms)
    place.burst()

    results = dict(place.look(place.queue, "SELECT id, result FROM barq_jobs"))
    assert place.result("sum") == 5
    done = pickle.loads(results["sum"])
    assert list(done) == ["t", "f", "a", "k", "et", "s", "r", "st", "ft", "q", "id"], done
    assert (done["s"], done["r"], done["a"], done["id"]) == (True, 5, (2, 3), "sum"), done
    failed = pickle.loads(results["wrong"])
    assert failed["s"] is False and type(failed["r"]) is RuntimeError, failed
    assert b"arq.worker" in results["unknown"] and b"function 'nothing' not found" in results["unknown"]
    assert b"cannot read opcode 0x82 (EXT1) at byte 2" in results["unread"], results["unread"]


def a_program_runs_what_barq_enqueues(folder):
    place = Place(folder)
    job_id = place.barq("enqueue", "upper", "lightning")
    worker = Worker(place)
    claimed, payload = worker.claim()
    assert claimed == job_id
    assert place.barq("status", job_id) == "in_progress"

    job = json.loads(payload)
    assert worker.complete(result_bytes(job_id, job, job["a"][0].upper()))
    worker.leave()
    assert place.barq("result", job_id) == '"LIGHTNING"'


def a_program_runs_the_urgent_job_first(folder):
    place = Place(folder)
    place.barq("enqueue", "add", "1", "1", "--priority", "-1", "--job-id", "humble")
    place.barq("enqueue", "add", "1", "1", "--priority", "4", "--job-id", "urgent")
    worker = Worker(place)
    claimed, _ = worker.claim()
    assert claimed == "urgent"


def a_program_leaves_a_paused_queue_alone(folder):
    place = Place(folder)
    job_id = place.barq("enqueue", "add", "1", "1")
    worker = Worker(place)
    place.barq("pause", QUEUE)
    assert worker.claim() == (None, None)
    with place.change(place.queue) as db:
        db.execute("UPDATE barq_queues SET paused = 0 WHERE queue = ?", (queue_number(db),))
    place.ring(place.queue + "-wake")
    assert worker.claim()[0] == job_id


def what_a_dead_program_ran_is_run_again(folder):
    place = Place(folder)
    job_id = place.barq("enqueue", "add", "1", "1")
    worker = Worker(place)
    worker.claim()
    worker.die()
    place.burst()
    assert place.result(job_id) == 2
    assert not worker.complete(b"{}")
    assert place.look(place.queue, "SELECT losses FROM barq_jobs") == [(1,)]
    assert not os.path.exists(worker.path)


def put(db, job_id, payload, at_ms):
    """outbox.md, "An application's rows"."""
    db.execute("INSERT INTO barq_outbox (job_id, queue, enqueued_at_ms, due_at_ms, payload)"
               " VALUES (?, ?, ?, ?, ?)", (job_id, QUEUE, at_ms, at_ms, payload))


def a_program_enqueues_in_its_own_transaction(folder):
    place = Place(folder)
    at_ms = now_ms()
    with place.change(place.data) as db:
        db.execute("CREATE TABLE orders (id)")
        put(db, "", job_bytes("add", [0, 0], at_ms, "no job"), at_ms)
        put(db, "order-1", job_bytes("count", ["orders"], at_ms, "n1"), at_ms)
    with contextlib.suppress(KeyError), place.change(place.data) as db:
        put(db, "order-2", job_bytes("count", ["orders"], at_ms, "n2"), at_ms)
        raise KeyError
    place.ring(place.data + "-wake")
    place.burst()
    assert place.result("order-1") == 1
    assert place.look(place.data, "SELECT name, value FROM playground_counts") == [("orders", 1)]
    assert place.look(place.data, "SELECT job_id FROM barq_outbox") == [("",)]


def a_receipt_of_a_program_is_the_outcome(folder):
    place = Place(folder)
    at_ms = now_ms()
    payload = job_bytes("count", ["twice"], at_ms, "n1")
    with place.change(place.data) as db:
        db.execute("CREATE TABLE effects (what)")
        db.execute("INSERT INTO effects VALUES ('once')")
        db.execute("INSERT INTO barq_receipts VALUES ('job', ?, ?, 'n1', 'complete', ?, ?, ?)",
                   (QUEUE, at_ms, result_bytes("job", json.loads(payload), "done before"), HOUR_MS,
                    at_ms))
    enqueue(place, "job", payload, at_ms, claimed_before=1)
    place.burst()
    assert place.result("job") == "done before"
    assert place.look(place.data, "SELECT * FROM playground_counts") == []


tap.run(
    a_program_enqueues_what_a_worker_runs,
    a_job_in_pickle_has_its_result_in_pickle,
    a_program_runs_what_barq_enqueues,
    a_program_runs_the_urgent_job_first,
    a_program_leaves_a_paused_queue_alone,
    what_a_dead_program_ran_is_run_again,
    a_program_enqueues_in_its_own_transaction,
    a_receipt_of_a_program_is_the_outcome,
)
