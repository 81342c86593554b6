"""What DESIGN lists behind its promises: cases that kills alone do not find."""
import resource

from fault.place import DATABASE, LEASE_S, PG, STEPS, Cases, kill, resume
from support import tap

LIMIT_BYTES = 2 * 1024 * 1024


def committed_and_not_acknowledged(place, point, who):
    """The last try: it has succeeded, whatever its executor or its worker did then."""
    worker = place.worker().ready()
    place.arm(point, "stop")
    job = place.enqueue("once", children=1)
    executor = place.wait_stopped(point)
    if who == "executor":
        kill(executor)
        place.wait_final(job)
    else:
        worker.kill()
        kill(executor)
    place.finish()
    place.assert_done(job)
    assert place.effects() == 2


def stopped_before_commit(place, point, end):
    """The last try stands still between its receipt and COMMIT, past its lease, and then commits; or
    is killed."""
    first = place.worker(lease=LEASE_S).ready()
    place.arm(point, "stop")
    job = place.enqueue("once", children=1)
    executor = place.wait_stopped(point)
    place.freeze(first)
    second = place.worker().ready()
    second.wait_log(f"job claimed job={job} ")
    if end == "commits":
        resume(executor)
    else:
        kill(executor)
    resume(first.pid)
    place.wait_final(job)
    place.finish()
    place.assert_done(job)
    assert place.effects() == 2


def hard_killed_before_commit(place, point):
    """The same, but nobody continues it: its time runs out, and the house settles what it left."""
    worker = place.worker().ready()
    place.arm(point, "stop")
    job = None
    while not place.hit(point):  # on a busy machine its time may be over before it gets there
        job = place.enqueue("hasty", children=1)
        tap.wait_until(lambda last=job: place.hit(point) or place.state(last) == 2)
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_failed(job, "ran past its 0.1 s")
    assert place.failures(job) == [("ran past its 0.1 s",)]


def killed_while_it_waits_for_a_lock(place, who):
    worker = place.worker().ready()
    place.arm("attempt.started", "stop")
    with place.database.blocked("effects"):
        job = place.enqueue("effect", children=1)
        executor = place.wait_stopped("attempt.started")
        place.arm("db.waiting", "stop")  # in SQLite, which has nobody else to say it
        resume(executor)
        if DATABASE == "sqlite":
            assert place.wait_stopped("db.waiting") == executor
        else:
            tap.wait_until(place.database.waits_for_a_lock)
        if who == "executor":
            kill(executor)
            worker.wait_log("job took its executor down")
        else:
            worker.kill()
            resume(executor)
    place.finish()
    place.assert_done(job)
    assert place.effects() == 2


def database_is_away(place):
    """For longer than anybody waits, and then back: no try is used up by that."""
    worker = place.worker(executors=2).ready()
    with place.database.away():
        jobs = [place.enqueue("once", children=1) for _ in range(3)]
        tap.wait_until(worker.missed_database, 30)
        tap.wait_until(lambda: place.running() == 0)
        assert DATABASE != "sqlite" or place.effects() == 0
    place.wait_final(*jobs, deadline_s=40)
    worker.stop()
    place.finish()
    place.assert_done(*jobs)
    for job in jobs:
        assert place.column(job, "tries") == 0 and place.column(job, "losses") == 0
    assert place.effects() == 6


def queue_is_away(place):
    """Jobs finish while the queue is locked; the lease is over when it comes back, or it isn't."""
    worker = place.worker(executors=2, lease=LEASE_S).ready()
    gate = place.folder + "/gate"
    jobs = [place.enqueue("after", gate) for _ in range(2)]
    tap.wait_until(lambda: place.running() == 2)
    with place.jobs.away():
        with open(gate, "w", encoding="ascii"):
            pass
        tap.wait_until(lambda: place.effects() == 2)
        worker.wait_log("the broker cannot be used", 30)
    place.wait_final(*jobs)
    worker.stop()
    place.finish()
    place.assert_done(*jobs)


def disk_is_full(place):
    """Of the data only, found at COMMIT. No try is used up by that."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, resource.RLIM_INFINITY))
    worker = place.worker(preexec_fn=limit).ready()
    write = f"INSERT INTO asked VALUES (zeroblob({LIMIT_BYTES // 3}))"
    jobs = [place.enqueue("says_once", write) for _ in range(4)]
    worker.wait_log("job given back", 30)
    worker.stop()
    for job in jobs:
        assert place.column(job, "tries") == (place.state(job) == 2), job
    place.finish()
    place.assert_done(*jobs)


def worker_starts_while_away(place):
    """One that starts while the database is away gives up with an error, or waits: nothing is lost."""
    job = place.enqueue("effect")
    with place.database.away():
        worker = place.worker(burst=True)
        tap.wait_until(lambda: worker.log() or worker.process.poll() is not None, 30)
    worker.wait_end()
    place.finish()
    place.assert_done(job)


cases = Cases(8)
cases.add("the database is away", database_is_away)
cases.add("the queue is away for longer than a lease", queue_is_away)
cases.add_once("the disk is full", disk_is_full)
cases.add_once("the database is away when a worker starts", worker_starts_while_away)
for step in ["attempt.receipt_inserted", "session.committing"]:
    cases.add(f"last try, stopped at {step}, killed for its time", hard_killed_before_commit, step)
AFTER_COMMIT = ["session.committed", "attempt.committed", "attempt.relayed", "attempt.ended"]
BEFORE_COMMIT = ["receipt.inserted", "attempt.receipt_inserted", "session.committing"]
for step in filter(STEPS.count, AFTER_COMMIT) if PG else AFTER_COMMIT:
    for whom in ["executor", "worker"]:
        cases.add(f"last try committed and not acknowledged: {whom} killed at {step}",
                  committed_and_not_acknowledged, step, whom)
for step in filter(STEPS.count, BEFORE_COMMIT) if PG else BEFORE_COMMIT:
    for then in ["commits", "is killed"]:
        cases.add(f"last try, stopped at {step} past the lease, then {then}",
                  stopped_before_commit, step, then)
for whom in ["executor", "worker"]:
    cases.add(f"{whom} killed while the backend waits for a lock",
              killed_while_it_waits_for_a_lock, whom)
cases.run()
