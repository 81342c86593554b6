"""Promise 5: a worker that lost its lease cannot acknowledge, and cannot commit once another
attempt has."""
from fault.place import LEASE_S, Cases, resume
from support import tap


def as_acknowledged(place, job):
    return place.jobs.acknowledged(job)


def loses(place, point, function="effect", *args, **kwargs):
    """Stops a first worker and its executor at `point` until a second has settled the job."""
    first = place.worker(lease=LEASE_S).ready()
    place.arm(point, "stop")
    job = place.enqueue(function, *args, **kwargs)
    executor = place.wait_stopped(point)
    place.freeze(first)
    second = place.worker().ready()
    second.wait_log(f"job claimed job={job} ")
    return job, first, executor


def comes_back(place, job, first, executor):
    """First the executor alone, as far as it gets; then its worker."""
    before = as_acknowledged(place, job)
    writers = place.rows(place.data, "SELECT pid FROM effects")
    place.arm("attempt.ended", "stop")
    resume(executor)
    assert place.wait_stopped("attempt.ended") == executor
    assert place.rows(place.data, "SELECT pid FROM effects") == writers, "committed behind its back"
    resume(executor)
    resume(first.pid)
    first.wait_log("the lease was lost")
    first.stop()
    assert as_acknowledged(place, job) == before, "acknowledged without a lease"


def cannot_commit(place, function, **kwargs):
    job, first, executor = loses(place, "attempt.started", function, **kwargs)
    place.wait_final(job)
    comes_back(place, job, first, executor)
    place.finish()
    place.assert_done(job)
    [[writer]] = place.rows(place.data, "SELECT pid FROM effects WHERE job = ?", job)
    assert writer != executor


def cannot_commit_behind(place, function, state, abort=False):
    """Not even where the other attempt has written nothing, has failed, or was never begun."""
    first = place.worker(lease=LEASE_S).ready()
    place.arm("attempt.started", "stop")
    job = place.enqueue(function, place.folder + "/gate", children=2)
    executor = place.wait_stopped("attempt.started")
    if abort:
        place.barq("abort", job)
    place.freeze(first)
    second = place.worker().ready()
    second.wait_log(f"job claimed job={job} ")
    place.wait_final(job)
    assert place.state(job) == state
    if abort:
        with open(place.folder + "/gate", "w", encoding="ascii"):
            pass
    comes_back(place, job, first, executor)
    place.finish()
    assert place.effects() == 0, "committed behind the other's back"
    assert place.receipts(job) == [{1: "complete", 2: "failed"}[state]]


def cannot_acknowledge(place):
    """It had committed: the other one reports that, once, and nobody else."""
    job, first, executor = loses(place, "attempt.committed", children=2)
    place.wait_final(job)
    before = as_acknowledged(place, job)
    resume(executor)
    resume(first.pid)
    first.wait_log("the lease was lost")
    first.stop()
    assert as_acknowledged(place, job) == before
    place.finish()
    place.assert_done(job)
    assert place.effects() == 3


def cannot_have_it_tried_again(place):
    """Its attempt has failed; the job is complete by then."""
    job, first, executor = loses(place, "attempt.rolled_back", then="error", until_try=1)
    place.wait_final(job)
    comes_back(place, job, first, executor)
    place.finish()
    place.assert_done(job)
    assert place.column(job, "tries") == 1, "one failure by the second worker"


def cannot_fail_it(place):
    """Its last try has failed; the second worker's has succeeded."""
    gate = place.folder + "/gate"
    job, first, executor = loses(place, "attempt.rolled_back", "fickle", gate)
    place.wait_final(job)
    comes_back(place, job, first, executor)
    place.finish()
    place.assert_done(job)
    assert not place.failures(job)


def works_on_meanwhile(place):
    """Only the dispatcher stands still: its executor commits, and the second worker finds that."""
    first = place.worker(lease=LEASE_S).ready()
    gate = place.folder + "/gate"
    job = place.enqueue("after", gate)
    first.wait_log(f"job claimed job={job} ")
    place.freeze(first)
    with open(gate, "w", encoding="ascii"):
        pass
    tap.wait_until(lambda: place.effects(job) == 1)
    second = place.worker().ready()
    place.wait_final(job)
    before = as_acknowledged(place, job)
    resume(first.pid)
    first.wait_log("the lease was lost")
    first.stop()
    second.stop()
    assert as_acknowledged(place, job) == before
    place.finish()
    place.assert_done(job)


def loses_what_it_prefetched(place):
    """Jobs that wait in a stopped dispatcher are run by another; the first must not run them again
    to any effect."""
    first = place.worker(lease=LEASE_S).ready()
    parent = place.enqueue("effect", children=60)
    place.arm("attempt.started", "stop", nth=40)  # a slow first job is out of the mean by then
    executor = place.wait_stopped("attempt.started")
    tap.wait_until(lambda: place.running() > 1)  # that are prefetched
    place.freeze(first)
    second = place.worker().ready()
    place.wait_drained()
    resume(executor)
    resume(first.pid)
    first.wait_log("the lease was lost")
    first.stop()
    second.stop()
    place.finish()
    place.assert_done(parent)
    assert place.effects() == 61


cases = Cases()
cases.add("promise 5: without its lease: cannot commit", cannot_commit, "effect", children=0)
cases.add("promise 5: without its lease: cannot commit the last try", cannot_commit, "once")
cases.add("promise 5: without its lease: cannot commit behind one that wrote nothing",
          cannot_commit_behind, "late", 1)
cases.add("promise 5: without its lease: cannot commit behind one that failed",
          cannot_commit_behind, "fickle", 2)
cases.add("promise 5: without its lease: cannot commit behind one that was aborted",
          cannot_commit_behind, "late", 2, abort=True)
cases.add("promise 5: without its lease: cannot acknowledge", cannot_acknowledge)
cases.add("promise 5: without its lease: cannot have it tried again", cannot_have_it_tried_again)
cases.add("promise 5: without its lease: cannot fail it", cannot_fail_it)
cases.add("promise 5: without its lease: what its executor commits counts", works_on_meanwhile)
cases.add("promise 5: without its lease: what it prefetched is lost", loses_what_it_prefetched)
cases.run()
