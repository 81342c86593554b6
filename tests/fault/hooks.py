"""Hooks that fail, crash and hang: one that is within an attempt costs what the handler's would,
after_job_end costs no job anything."""
import signal

from fault.place import Cases, resume
from support import tap

AROUND = ["on_job_start", "handler", "on_job_end"]
NOT_NOW = "not now"


def calls(place, job):
    return place.rows(place.data, "SELECT hook, try, error FROM hooks WHERE job = ?"
                                  " ORDER BY rowid", job)


def one_try(job_try, *errors):
    """What is written down of a try: after a failure only what came after it."""
    before = [] if errors else [(hook, job_try, "") for hook in AROUND]
    return before + [("after_job_end", job_try, errors[0] if errors else "")]


def wait_after(place, job, count=1):
    tap.wait_until(lambda: len([call for call in calls(place, job)
                                if call[0] == "after_job_end"]) >= count)


def in_their_order(place):
    worker = place.worker().ready()
    job = place.enqueue("work")
    place.wait_final(job)
    wait_after(place, job)
    worker.stop()
    place.finish()
    place.assert_done(job)
    assert calls(place, job) == one_try(1), calls(place, job)


def fails_at_first(place, hook):
    """The attempt fails with it, and leaves nothing; after_job_end knows why."""
    worker = place.worker().ready()
    job = place.enqueue("work", tries=1, **{hook: "fail"})
    place.wait_final(job)
    wait_after(place, job, 2)
    worker.stop()
    place.finish()
    place.assert_done(job)
    assert calls(place, job) == one_try(1, NOT_NOW) + one_try(2), calls(place, job)


def refuses(place, hook):
    worker = place.worker().ready()
    job = place.enqueue("work", **{hook: "refuse"})
    place.wait_final(job)
    wait_after(place, job)
    worker.stop()
    place.finish()
    place.assert_failed(job, "the hook says no")
    assert calls(place, job) == one_try(1, "the hook says no"), calls(place, job)


def crashes_at_first(place, hook):
    worker = place.worker().ready()
    job = place.enqueue("work", tries=1, **{hook: "crash"})
    place.wait_final(job)
    wait_after(place, job)
    worker.stop()
    place.finish()
    place.assert_done(job)
    assert calls(place, job) == one_try(2), calls(place, job)
    assert "killed by SIGSEGV" in place.history(job)[0]["error"], place.history(job)


def is_poison(place, hook):
    worker = place.worker().ready()
    bad = place.enqueue("work", **{hook: "crash"})
    good = place.enqueue("work")
    place.wait_final(bad, good)
    worker.stop()
    place.finish()
    place.assert_failed(bad, "poison: took its executor down 3 times: killed by SIGSEGV")
    assert not calls(place, bad)
    place.assert_done(good)


def hangs(place, hook):
    worker = place.worker().ready()
    job = place.enqueue("work_briefly", **{hook: "hang"})
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_failed(job, "ran past its 0.1 s")
    assert not calls(place, job)


def ends_its_transaction(place, hook, how):
    """Neither by SQL nor by a call that is not its own; and what was written before goes, too."""
    worker = place.worker().ready()
    job = place.enqueue("work", tries=1, **{hook: how})
    place.wait_final(job)
    wait_after(place, job, 2)
    worker.stop()
    place.finish()
    place.assert_done(job)
    assert place.column(job, "state") == 1
    assert [call for call in calls(place, job) if call[0] != "after_job_end"] == one_try(2)[:3]


def after_costs_nothing(place, how):
    """The job stays done, and the next one is run."""
    worker = place.worker().ready()
    job = place.enqueue("work", after_job_end=how)
    place.wait_final(job)
    other = place.enqueue("work")
    place.wait_final(other)
    wait_after(place, other)
    worker.stop()
    place.finish()
    place.assert_done(job, other)
    assert calls(place, job) == one_try(1)[:3], calls(place, job)
    assert calls(place, other) == one_try(1)
    if how != "crash":
        assert f"after_job_end failed job={job}" in worker.log()


def after_may_enqueue(place):
    worker = place.worker().ready()
    job = place.enqueue("work", after_job_end="enqueue")
    tap.wait_until(lambda: place.effects() == 2)
    worker.stop()
    place.finish()
    place.assert_done(job)
    assert place.effects() == 2


def after_is_drained_by_a_burst(place):
    """What the last job's after_job_end enqueues belongs to the burst."""
    job = place.enqueue("work", after_job_end="enqueue")
    worker = place.worker(burst=True)
    assert worker.wait_end() == 0, worker.log()
    assert place.effects() == 2
    place.check()
    place.assert_done(job)


def after_is_run_at_most_once(place, point, times):
    """The executor is killed around it: the job's effect is there once, the hook's at most once."""
    worker = place.worker().ready()
    place.arm(point, "kill")
    job = place.enqueue("work")
    place.wait_hit(point)
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_done(job)
    assert calls(place, job) == (one_try(1) if times else one_try(1)[:3]), calls(place, job)


def after_goes_with_its_worker(place):
    """The worker is killed between acknowledgement and hook. Its executor may get that far before it
    notices; but nobody makes up for it."""
    worker = place.worker().ready()
    place.arm("attempt.acked", "stop")
    job = place.enqueue("work")
    place.wait_stopped("attempt.acked")
    place.wait_final(job)
    worker.kill()
    place.finish()
    place.assert_done(job)
    assert calls(place, job) in (one_try(1)[:3], one_try(1)), calls(place, job)


def after_is_waited_for_at_shutdown(place):
    worker = place.worker().ready()
    place.arm("attempt.acked", "stop")
    job = place.enqueue("work")
    executor = place.wait_stopped("attempt.acked")
    worker.signal(signal.SIGTERM)
    worker.wait_log("stopping")
    resume(executor)
    assert worker.wait_end() == 0, worker.log()
    place.finish()
    place.assert_done(job)
    assert calls(place, job) == one_try(1), calls(place, job)


def of_many_jobs_side_by_side(place):
    """Each job has each of its hooks once, whichever thread and executor it ran in."""
    worker = place.worker("--threads", "3", executors=2).ready()
    jobs = [place.enqueue("work") for _ in range(30)]
    place.wait_final(*jobs)
    for job in jobs:
        wait_after(place, job)
    worker.stop()
    place.finish()
    place.assert_done(*jobs)
    for job in jobs:
        assert calls(place, job) == one_try(1), calls(place, job)


cases = Cases()
cases.add("hooks are called in their order, and written with the job", in_their_order)
cases.add("hooks of many jobs side by side", of_many_jobs_side_by_side)
for each in AROUND:
    cases.add(f"{each}: fails at first, and leaves nothing", fails_at_first, each)
    cases.add_once(f"{each}: refuses for good", refuses, each)
    cases.add(f"{each}: crashes at first", crashes_at_first, each)
for each in ("on_job_start", "on_job_end"):
    cases.add_once(f"{each}: crashes each time, and its job is poison", is_poison, each)
    cases.add_once(f"{each}: hangs, and is killed", hangs, each)
    for word in ("say COMMIT", "roll back"):
        cases.add_once(f"{each}: cannot {word}", ends_its_transaction, each, word)
for word in ("fail", "crash", "roll back", "say COMMIT"):
    cases.add_once(f"after_job_end: may {word}, and it costs no job anything", after_costs_nothing,
                   word)
cases.add("after_job_end: may enqueue", after_may_enqueue)
cases.add("after_job_end: what the last one enqueues is of the burst", after_is_drained_by_a_burst)
for step, times in (("attempt.ended", 0), ("attempt.acked", 0), ("attempt.after_job_end", 1)):
    cases.add(f"after_job_end: at most once, killed at {step}", after_is_run_at_most_once, step,
              times)
cases.add("after_job_end: is waited for at shutdown", after_is_waited_for_at_shutdown)
cases.add("after_job_end: at most once, its worker killed before it", after_goes_with_its_worker)
cases.run()
