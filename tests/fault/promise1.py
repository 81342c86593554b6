"""Promise 1: nothing accepted is lost."""
import signal

from fault.place import LEASE_S, SERVED, STEPS, Cases, kill, resume
from support import tap

MANY = 12  # kills; ten losses make poison
JOBS = 2000


def killed_in_claiming(place, point):
    """The very exchange, or assignment, that claims the job."""
    jobs = [place.enqueue("effect") for _ in range(3)]
    worker = place.worker()
    place.arm(point, "kill")
    place.wait_hit(point)
    worker.wait_end()
    place.finish()
    place.assert_done(*jobs)


def claimed_and_stopped(place):
    """A job that was claimed and never assigned comes back with the lease."""
    job = place.enqueue("effect")
    first = place.worker(lease=LEASE_S)
    place.arm("dispatcher.assigned", "stop")
    place.wait_stopped("dispatcher.assigned")
    second = place.worker().ready()
    place.wait_final(job)
    resume(first.pid)
    first.wait_log("the lease was lost")
    second.stop()
    place.finish()
    place.assert_done(job)


def stopped_in_peace(place):
    """What runs is given back, and so is what was prefetched; no try is used up."""
    worker = place.worker(executors=2).ready()
    gate = place.folder + "/gate"
    jobs = [place.enqueue("after", gate) for _ in range(4)]
    tap.wait_until(lambda: place.running() >= 2)
    tap.wait_until(lambda: len(open(gate + ".begun").readlines()) == 2)
    worker.stop()
    assert place.running() == 0 and place.effects() == 0
    for job in jobs:
        assert place.column(job, "tries") == 0 and place.column(job, "losses") == 0, job
    with open(gate, "w", encoding="ascii"):
        pass
    place.finish()
    place.assert_done(*jobs)


def stopped_in_peace_at(place, point):
    """Told to stop while an attempt stands at a step: it ends or is given back, and is not lost."""
    worker = place.worker().ready()
    place.arm(point, "stop")
    job = place.enqueue("once", children=2)
    executor = place.wait_stopped(point)
    worker.signal(signal.SIGTERM)
    worker.wait_log("stopping")
    resume(executor)
    assert worker.wait_end() == 0
    assert place.running() == 0, "a claim was left"
    assert place.column(job, "tries") == 0 and place.column(job, "losses") == 0
    place.finish()
    place.assert_done(job)
    assert place.effects() == 3


def stopped_in_a_hurry(place):
    """Told twice: what does not listen is killed at once, and given back as it was."""
    worker = place.worker().ready()
    place.arm("attempt.returned", "hang")
    job = place.enqueue("once")
    place.wait_hit("attempt.returned")
    worker.signal(signal.SIGTERM)
    worker.wait_log("stopping complete=")
    worker.signal(signal.SIGTERM)
    assert worker.wait_end() == 0
    assert place.column(job, "tries") == 0 and place.column(job, "losses") == 0
    assert place.column(job, "crashes") == 0 and place.running() == 0
    place.finish()
    place.assert_done(job)


def ten_kills_with_prefetched_jobs(place):
    """Jobs that were only prefetched when their worker was killed are not worn out by that. They take
    so long that a worker has always some in its hands, however late it is looked at."""
    job = place.enqueue("effect", after_ms=5, options=("--defer-by", "3600"))
    place.multiply(job, JOBS - 1)
    kills = 0
    while kills < MANY or place.totals()[1] <= MANY:
        kills += 1
        done = place.effects()
        worker = place.worker().ready()
        # Those that were lost before come first, one at a time: then it has no more than that one. It
        # ends one at least, else the same job might be lost ten times, and that is poison.
        tap.wait_until(lambda least=done + 1: place.effects() >= least and place.running() >= 1)
        worker.kill()
    place.finish()
    assert place.effects() == JOBS, place.effects()
    assert place.totals()[2] == 0


def kills_of_executors(place, executors, threads):
    """Of what an executor had in its hands nothing is lost or doubled, and each end is charged to one
    job at most."""
    job = place.enqueue("effect", options=("--defer-by", "3600"))
    place.multiply(job, JOBS - 1)
    worker = place.worker("--threads", str(threads), executors=executors).ready()
    ends = 0
    for _ in range(MANY):
        before = place.effects()
        # All may be over by then, some of them as poison, which has no effect.
        tap.wait_until(lambda least=before + 20: place.effects() >= least or place.unfinished() == 0)
        for pid in worker.children():
            ends += 1
            kill(pid)
    place.wait_drained()
    worker.stop()
    place.finish()
    tries, losses, failed = place.totals()
    # On a slow machine three kills may hit the same job, which is poison then, and must say so.
    poison = place.one(place.data, "SELECT count(*) FROM failures WHERE error LIKE 'poison: took%'")
    assert failed == poison < JOBS // 100, (failed, poison)
    assert place.effects() == JOBS - failed, (place.effects(), failed)
    assert losses == 0 and tries <= ends, (tries, losses, ends)


def out_of_losses(place):
    """Ten attempts that vanished with their worker are poison, and that is said."""
    job = place.enqueue("effect")
    for _ in range(10):
        place.arm("attempt.started", "stop")
        worker = place.worker().ready()
        executor = place.wait_stopped("attempt.started")
        place.lose(worker, executor)
    place.finish()
    place.assert_failed(job, "poison: lost with its worker 10 times")
    assert place.failures(job) == [("poison: lost with its worker 10 times",)]


def doubted(place, nth):
    """The reply to a claim (the first exchange) or to an acknowledgement (the second) is lost: the
    worker lives on, and renews a lease with jobs that it does not know of."""
    worker = place.worker(executors=1).ready()
    place.arm("exchange.doubted", "fail", nth)
    job = place.enqueue("effect", children=1)
    place.wait_hit("exchange.doubted")
    worker.wait_log("the broker is back")
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_done(job)
    assert place.effects() == 2


def workers_come_and_go(place):
    """Enqueued while workers are killed: each accepted job gets its outcome."""
    jobs = []
    for point in ["exchange.committed", "attempt.committed", "exchange.before_commit",
                  "dispatcher.acknowledged", "attempt.begin"]:
        worker = place.worker(executors=2).ready()
        jobs.append(place.enqueue("effect", children=1))
        place.arm(point, "kill")
        jobs.append(place.enqueue("effect"))
        place.wait_hit(point)
        jobs.append(place.enqueue("effect"))
        worker.signal(signal.SIGKILL)
        worker.wait_end()
    place.finish()
    place.assert_done(*jobs)
    assert place.effects() == len(jobs) + 5, place.effects()


cases = Cases()
for step in ["exchange.before_commit", "exchange.committed", "dispatcher.assigned"]:
    cases.add(f"promise 1: nothing accepted is lost: killed claiming, at {step}",
              killed_in_claiming, step)
cases.add("promise 1: nothing accepted is lost: stopped after a claim", claimed_and_stopped)
cases.add("promise 1: nothing accepted is lost: stopped in peace", stopped_in_peace)
cases.add("promise 1: nothing accepted is lost: stopped in a hurry", stopped_in_a_hurry)
for step in STEPS:
    cases.add(f"promise 1: nothing accepted is lost: stopped in peace at {step}",
              stopped_in_peace_at, step)
for nth, exchange in enumerate(["a claim", "a relay", "an acknowledgement"], 1):
    cases.add(f"promise 1: nothing accepted is lost: nobody knows of {exchange}", doubted, nth)
cases.add("promise 1: nothing accepted is lost: workers come and go", workers_come_and_go)
cases.add("promise 1: nothing accepted is lost: ten kills with prefetched jobs",
          ten_kills_with_prefetched_jobs)
for shape in ((2, 5),) if SERVED else ((3, 1), (2, 5), (1, 10)):
    cases.add("promise 1: nothing accepted is lost: kills of executors, {} x {}".format(*shape),
              kills_of_executors, *shape)
cases.add("promise 1: nothing accepted is lost: out of losses is poison", out_of_losses)
cases.run()
