"""Promise 4: a failed attempt leaves nothing behind, and a final failure only what its
on_job_failure wrote, once."""
import signal

from fault.place import LEASE_S, PG, REDIS, SERVED, Cases, is_gone, resume
from fault.place import STEPS as ATTEMPT_STEPS
from support import tap

# Of a final failure, from the handler's return on.
ALL_STEPS = ["attempt.returned", "attempt.rolled_back", "receipt.inserted",
             "attempt.failure_inserted",
             "attempt.hook_returned", "session.committing", "session.committed",
             "attempt.failure_committed", "attempt.relayed", "attempt.outbox_deleted",
             "attempt.ended"]
STEPS = ALL_STEPS
if REDIS:
    STEPS = ["attempt.rolled_back", "session.committing", "attempt.failure_committed", "attempt.ended"]
elif PG:
    STEPS = ["session.committing", "attempt.failure_committed"]
HOUSE_STEPS = [step for step in STEPS if step in (
    "attempt.failure_inserted", "attempt.hook_returned", "session.committing", "session.committed",
    "attempt.failure_committed", "attempt.relayed", "attempt.ended")]


def ends(place, function, error, hook_ran=True, **kwargs):
    """Writes, enqueues two, and fails: what stays is what on_job_failure wrote, and its child."""
    worker = place.worker().ready()
    job = place.enqueue(function, children=2, hook_children=1, **kwargs)
    place.wait_final(job, deadline_s=60)
    worker.stop()
    place.finish()
    place.assert_failed(job, error)
    assert place.failures(job) == [(error,)] * hook_ran, place.failures(job)
    assert place.effects() == hook_ran, "only the hook's child has run"


def failed_at_first(place, then):
    """An attempt that failed leaves nothing to the one that succeeds."""
    worker = place.worker().ready()
    job = place.enqueue("effect", children=1, then=then, until_try=2)
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_done(job)
    assert place.effects() == 2
    assert place.column(job, "tries") == 2 and len(place.history(job)) == 2, place.history(job)


def aborted(place):
    worker = place.worker().ready()
    job = place.enqueue("effect", after_ms=60000, children=2)
    worker.wait_log(f"job claimed job={job} ")
    place.barq("abort", job)
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_failed(job, "aborted")
    assert place.effects() == 0


def aborted_at(place, point):
    """An abort is a wish: either all of it is there, or nothing, and what is said is what is true."""
    worker = place.worker(lease=LEASE_S).ready()
    place.arm(point, "stop")
    job = place.enqueue("effect", children=2)
    executor = place.wait_stopped(point)
    place.barq("abort", job)
    resume(executor)
    place.wait_final(job)
    worker.stop()
    place.finish()
    if place.state(job) == 1:
        place.assert_done(job)
        assert place.effects() == 3
    else:
        # Told before its handler was called, it has not started; which of both comes first is open.
        error = place.info(job)["error"]
        assert error == "aborted" or (error, point) == ("aborted before start", "attempt.begin")
        place.assert_failed(job)
        assert place.effects() == 0


def house_killed(place, point):
    """The executor has crashed in its last try, and the house that settles this dies, too."""
    worker = place.worker().ready()
    place.arm(point, "kill")
    job = place.enqueue("once", then="crash", children=2, hook_children=1)
    place.wait_hit(point)
    place.wait_final(job)
    worker.stop()
    in_hook = point in ("attempt.hook_returned", "session.committing")
    assert assert_failed_once(place, job) == (not in_hook)
    place.assert_failed(job, "killed by SIGSEGV")


def house_stopped(place, point):
    """Worker and house stand still past the lease, while it settles what an executor left."""
    first = place.worker(lease=LEASE_S).ready()
    place.arm(point, "stop")
    job = place.enqueue("once", then="crash", children=2, hook_children=1)
    house = place.wait_stopped(point)
    place.freeze(first)
    second = place.worker().ready()
    second.wait_log(f"job claimed job={job} ")
    resume(house)
    resume(first.pid)
    place.wait_final(job)
    first.wait_log("the lease was lost")
    assert assert_failed_once(place, job) == 1


def assert_failed_once(place, job):
    """The failure and its child, or, where the hook took its executor down, neither."""
    place.finish()
    place.assert_failed(job)
    failures = len(place.failures(job))
    assert place.effects() == failures, (place.effects(), failures)
    return failures


def executor_killed(place, point):
    worker = place.worker().ready()
    place.arm(point, "kill")
    job = place.enqueue("twice", then="fail", children=2, hook_children=1)
    place.wait_hit(point)
    place.wait_final(job)
    worker.stop()
    in_hook = point in ("attempt.hook_returned", "session.committing")
    assert assert_failed_once(place, job) == (not in_hook)


def worker_killed(place, point):
    first = place.worker().ready()
    place.arm(point, "stop")
    job = place.enqueue("once", then="fail", children=2, hook_children=1)
    orphan = place.wait_stopped(point)
    first.kill()
    second = place.worker().ready()
    second.wait_log(f"job claimed job={job} ")
    resume(orphan)
    tap.wait_until(lambda: is_gone(orphan))
    place.wait_final(job)
    assert assert_failed_once(place, job) == 1


def stopped_past_its_lease(place, point):
    first = place.worker(lease=LEASE_S).ready()
    place.arm(point, "stop")
    job = place.enqueue("once", then="fail", children=2, hook_children=1)
    executor = place.wait_stopped(point)
    place.freeze(first)
    second = place.worker().ready()
    second.wait_log(f"job claimed job={job} ")
    resume(executor)
    resume(first.pid)
    place.wait_final(job)
    first.wait_log("the lease was lost")
    assert assert_failed_once(place, job) == 1


def stopped_in_peace_in_the_hook(place, point):
    """The stop interrupts the hook, which is no fault of its own: it is not left out for that."""
    worker = place.worker().ready()
    place.arm(point, "stop")
    job = place.enqueue("once", then="fail", hook_children=1)
    executor = place.wait_stopped(point)
    worker.signal(signal.SIGTERM)
    worker.wait_log("stopping")
    resume(executor)
    worker.wait_end()
    assert assert_failed_once(place, job) == 1


cases = Cases(8)
# The slow ones first: they wait for limits of 5 s and 30 s.
cases.add_once("promise 4: leaves nothing: a hook that hangs", ends, "once", "failed for good as asked",
          hook_ran=False, then="fail", hook="hang")
cases.add_once("promise 4: leaves nothing: a hook that holds its transaction for too long", ends, "once",
          "failed for good as asked", hook_ran=False, then="fail", hook="linger")
cases.add_once("promise 4: leaves nothing: a handler that holds its transaction for too long", ends,
          "once", "session: the transaction is over: it was open for writing for too long",
          then="linger")
cases.add_once("promise 4: leaves nothing: a handler that hangs", ends, "hasty", "ran past its 0.1 s",
          then="hang")
cases.add("promise 4: leaves nothing: an error, twice", ends, "twice", "failed as asked",
          then="error")
cases.add("promise 4: leaves nothing: failed for good", ends, "effect", "failed for good as asked",
          then="fail")
cases.add("promise 4: leaves nothing: out of retries", ends, "twice", "once more as asked",
          then="retry")
cases.add("promise 4: leaves nothing: a crash", ends, "twice", "killed by SIGSEGV", then="crash")
cases.add_once("promise 4: leaves nothing: an exit", ends, "twice", "exited with 3", then="exit")
cases.add_once("promise 4: leaves nothing: a result that is too large", ends, "effect",
          "the result is larger than 1048576 bytes", then="large")
cases.add_once("promise 4: leaves nothing: a hook that crashes", ends, "once",
          "failed for good as asked", hook_ran=False, then="fail", hook="crash")
cases.add_once("promise 4: leaves nothing: a hook that fails", ends, "once",
          "failed for good as asked", hook_ran=False, then="fail", hook="error")
cases.add("promise 4: leaves nothing: aborted", aborted)
for how in ["error", "retry"] if SERVED else ["error", "retry", "crash", "exit"]:
    cases.add(f"promise 4: leaves nothing: two times {how}, then success", failed_at_first, how)
for step in ["attempt.failure_inserted", "attempt.hook_returned"]:
    cases.add(f"promise 4: leaves nothing: worker stopped in peace at {step}",
              stopped_in_peace_in_the_hook, step)
for step in ATTEMPT_STEPS:
    cases.add(f"promise 4: leaves nothing, or all: aborted at {step}", aborted_at, step)
for step in HOUSE_STEPS:
    cases.add(f"promise 4: leaves nothing: house killed at {step}", house_killed, step)
    cases.add(f"promise 4: leaves nothing: house stopped past the lease at {step}", house_stopped,
              step)
for step in STEPS:
    cases.add(f"promise 4: leaves nothing: executor killed at {step}", executor_killed, step)
for step in STEPS:
    cases.add(f"promise 4: leaves nothing: worker killed at {step}", worker_killed, step)
for step in STEPS:
    cases.add(f"promise 4: leaves nothing: stopped past the lease at {step}",
              stopped_past_its_lease, step)
cases.run()
