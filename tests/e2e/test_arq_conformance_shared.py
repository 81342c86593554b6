"""What arq's clients and workers change in a queue while barq's workers know its jobs.

A queue is sorted by barq's own book of it, too; each case changes the queue behind its back, as arq
does. docs/formats/arq-conformance.md says which behaviour is tested where.
"""
import asyncio
import contextlib
import json
import os
import signal
import sys

from support import tap
from support.arq_place import Cases, DAY_MS, DEADLINE_S, HEALTH, raised
from support.arqlike import (Client, Hand, JobExecutionFailed, JobStatus, QUEUE, ResultNotFound,
                             now_ms)

FUNCTIONS = os.path.abspath(sys.argv[1])

case = Cases()


def took(job):
    """An arq worker has taken it."""
    hand = Hand(job)
    assert hand.take()
    assert not hand.begin()
    return hand


def ran(job, result, **options):
    took(job).finish(result, **options)


def known(place, job):
    """Waits until barq has it in its book."""
    tap.wait_until(lambda: place.redis.zscore("barq:known:" + job.queue_name, job.job_id),
                   DEADLINE_S)


def settled(place):
    """All that a worker can do is done: it has run one more job."""
    assert place.enqueue("add", 1, 1).result(DEADLINE_S) == 2


def listed(place, *args):
    return {job["id"]: job for job in map(json.loads, place.barq("list", "--json",
                                                                 *args).splitlines())}


def blocker(place):
    """A worker's only executor is held by it, so that jobs stay in barq's ready set."""
    job = place.enqueue("hold", place.path("gate"))
    place.wait_status(job, JobStatus.in_progress)
    return job


# -- jobs that barq knows, and arq's workers change --


@case
def a_ready_job_that_an_arq_worker_has_finished_is_not_run_again(place):
    with place.worker("--executors", "1", module=FUNCTIONS):
        holding = blocker(place)
        job = place.enqueue("effect", "ready")
        known(place, job)
        ran(job, "arq's")
        place.let_go("gate")
        assert holding.result(DEADLINE_S) == 1
        assert place.enqueue("effect", "last").result(DEADLINE_S) == 1
        assert job.result(0) == "arq's"
        assert place.effects() == {"last": 1}
    assert place.redis.zcard(QUEUE) == 0


@case
def a_known_job_that_an_arq_worker_retries_is_not_run_early(place):
    with place.worker("--executors", "1", module=FUNCTIONS):
        holding = blocker(place)
        job = place.enqueue("effect", "deferred")
        known(place, job)
        took(job).retry(3_600_000)
        place.let_go("gate")
        assert holding.result(DEADLINE_S) == 1
        assert place.enqueue("effect", "last").result(DEADLINE_S) == 1
        assert job.status() == JobStatus.deferred
        assert place.barq("status", job.job_id) == "deferred"
        place.server.advance(3_600_000)
        assert job.result(DEADLINE_S) == 1
        assert job.result_info().job_try == 2


@case
def an_id_that_is_enqueued_again_after_an_arq_worker_is_due_as_the_new_one_says(place):
    with place.worker(module=FUNCTIONS):
        old = place.enqueue("effect", "old", _job_id="again", _defer_by=60)
        known(place, old)
        # An arq worker has run it, with keep_result=0, and a client has enqueued the id again.
        due_ms = int(place.redis.zscore(QUEUE, "again")) + 3_600_000
        with place.redis.pipeline(transaction=True) as tx:
            tx.psetex(old.key("job"), DAY_MS,
                      place.arq.write_job("effect", ("new",), {}, None, now_ms()))
            tx.zadd(QUEUE, {"again": due_ms}).execute()
        place.server.advance(61_000)
        assert place.enqueue("effect", "last").result(DEADLINE_S) == 1
        assert place.redis.zscore(QUEUE, "again") == due_ms
        assert place.effects() == {"last": 1}
        place.server.advance(3_700_000)
        assert old.result(DEADLINE_S) == 1
        assert place.effects() == {"last": 1, "new": 1}


@case
def as_many_new_jobs_as_an_arq_worker_has_ended_are_seen(place):
    with place.worker(module=FUNCTIONS):
        gone = [place.enqueue("effect", "gone", _defer_by=86_400) for _ in range(3)]
        for job in gone:
            known(place, job)
        with place.redis.pipeline(transaction=True) as tx:
            for job in gone:
                tx.zrem(QUEUE, job.job_id).delete(job.key("job"))
            tx.execute()
            jobs = [place.enqueue("effect", f"new-{number}") for number in range(3)]
        for job in jobs:
            assert job.result(DEADLINE_S) == 1
        assert not place.effects().get("gone")


@contextlib.contextmanager
def asleep(place, worker):
    """The worker sleeps, for longer than its lease and its locks last."""
    worker.send_signal(signal.SIGSTOP)
    place.server.advance(60_000)
    yield
    worker.send_signal(signal.SIGCONT)


@case
def a_job_whose_lock_an_arq_worker_got_waits_until_it_gives_it_back(place):
    with place.worker("--executors", "1", module=FUNCTIONS) as worker:
        job = place.enqueue("hold", place.path("gate"))
        place.wait_status(job, JobStatus.in_progress)
        with asleep(place, worker):
            hand = took(job)
            place.let_go("gate")
        assert place.enqueue("add", 1, 1).result(DEADLINE_S) == 2
        assert place.redis.get(job.key("in-progress")) == b"1"
        assert job.result_info() is None
        hand.retry()
        assert job.result(DEADLINE_S) == 2


@case
def a_job_whose_lock_an_arq_worker_got_and_that_it_ended_stays_ended(place):
    with place.worker("--executors", "1", module=FUNCTIONS) as worker:
        job = place.enqueue("hold_one", place.path("gate"))
        place.wait_status(job, JobStatus.in_progress)
        with asleep(place, worker):
            ran(job, "arq's")
            place.let_go("gate")
        # Its place within its function's limit is free again.
        other = place.barq("enqueue", "hold_one", place.path("gate"), "--queue", QUEUE)
        assert place.arq.job(other).result(DEADLINE_S) == 1
        assert job.result(0) == "arq's"
        tap.wait_until(lambda: not place.redis.keys("barq:running:*"), DEADLINE_S)


@case
def a_job_that_others_wait_for_may_end_at_an_arq_worker(place):
    first = place.enqueue("effect", "first")
    second = place.arq.job(place.barq("enqueue", "effect", "second", "--queue", QUEUE, "--after",
                                      first.job_id))
    assert place.barq("status", second.job_id) == "deferred"
    with place.worker(module=FUNCTIONS):
        assert second.result(DEADLINE_S) == 1
    assert first.result(0) == 1
    assert first.result_info().finish_time <= second.result_info().start_time
    first = place.enqueue("effect", "third", _defer_by=86_400)
    second = place.arq.job(place.barq("enqueue", "effect", "fourth", "--queue", QUEUE, "--after",
                                      first.job_id))
    with place.worker(module=FUNCTIONS):
        assert place.enqueue("effect", "between").result(DEADLINE_S) == 1
        assert second.status() == JobStatus.deferred
        ran(first, None)
        assert second.result(DEADLINE_S) == 1


# -- aborts --


@case
def an_arq_client_aborts_a_deferred_job_that_barq_knows(place):
    with place.worker():
        job = place.enqueue("noop", _defer_by=86_400)
        known(place, job)
        assert job.abort(DEADLINE_S) is True
        settled(place)
        assert place.redis.zcard("arq:abort") == 0


@case
def an_arq_client_aborts_a_job_that_waits_for_others(place):
    with place.worker():
        first = place.barq("enqueue", "noop", "--queue", QUEUE, "--defer-by", "86400")
        second = place.arq.job(place.barq("enqueue", "noop", "--queue", QUEUE, "--after", first))
        third = place.arq.job(place.barq("enqueue", "noop", "--queue", QUEUE, "--after",
                                         second.job_id))
        assert second.abort(DEADLINE_S) is True
        # Which has failed, for the one behind it.
        assert type(raised(third.result, DEADLINE_S)) is JobExecutionFailed
        assert place.arq.job(first).status() == JobStatus.deferred


@case
def an_abort_that_is_older_than_a_job_does_not_hit_it(place):
    """The known bug of arq: nothing but a worker that knows better takes the entry away."""
    place.redis.zadd("arq:abort", {"arqs": now_ms() - 1000, "barqs": now_ms() - 1000})
    jobs = [place.enqueue("add", 1, 2, _job_id="arqs"), place.arq.job("barqs")]
    place.barq("enqueue", "add", "1", "2", "--queue", QUEUE, "--job-id", "barqs")
    with place.worker():
        for job in jobs:
            assert job.result(DEADLINE_S) == 3
    assert place.redis.zcard("arq:abort") == 0


@case
def an_abort_of_a_job_that_has_ended_leaves_nothing(place):
    with place.worker():
        job = place.enqueue("noop")
        assert job.result(DEADLINE_S) is None
        assert job.abort(DEADLINE_S) is False
        tap.wait_until(lambda: place.redis.zcard("arq:abort") == 0, DEADLINE_S)


@case
def a_thousand_entries_of_others_do_not_hide_an_abort(place):
    elsewhere = Client(place.redis, "arq:elsewhere")
    for number in range(1100):
        job = elsewhere.enqueue_job("noop", _job_id=f"other-{number}")
        place.redis.zadd("arq:abort", {job.job_id: number + 1})
    with place.worker():
        running, deferred = place.enqueue("sleep", 3600), place.enqueue("noop", _defer_by=86_400)
        place.wait_status(running, JobStatus.in_progress)
        assert running.abort(DEADLINE_S) is True
        assert deferred.abort(DEADLINE_S) is True


@case
def an_abort_of_a_job_that_an_arq_worker_has_retried_is_heeded(place):
    with place.worker("--executors", "1", module=FUNCTIONS):
        holding = blocker(place)
        job = place.enqueue("effect", "aborted")
        known(place, job)
        hand = took(job)
        place.redis.zadd("arq:abort", {job.job_id: now_ms()})  # while it runs there
        hand.retry(200)
        place.let_go("gate")
        assert holding.result(DEADLINE_S) == 1
        assert type(raised(job.result, DEADLINE_S)) is asyncio.CancelledError
        assert not place.effects()


# -- ids used again --


def die(place, job_id):
    """It is dead, and its result is gone."""
    job = place.enqueue("fail", "no luck", _job_id=job_id)
    place.burst()
    assert isinstance(raised(job.result, 0), RuntimeError)
    place.redis.delete(job.key("result"))
    assert place.barq("status", job_id) == "failed"
    return job


@case
def the_id_of_a_dead_job_can_be_used_again_by_an_arq_client(place):
    job = die(place, "dead")
    place.enqueue("add", 1, 2, _job_id="dead", _defer_by=3600)
    assert place.barq("status", "dead") == "deferred"
    assert listed(place)["dead"]["status"] == "deferred"
    with place.worker():
        place.server.advance(3_600_001)
        assert job.result(DEADLINE_S) == 3
    assert place.barq("result", "dead") == "3"
    assert place.barq("status", "dead") == "complete"


@case
def the_dead_job_is_not_brought_back_over_the_new_one(place):
    die(place, "dead")
    place.enqueue("add", 1, 2, _job_id="dead")
    place.barq("retry", "dead", code=1)
    place.burst()
    assert place.arq.job("dead").result(0) == 3


@case
def the_new_one_can_be_aborted(place):
    job = die(place, "dead")
    place.enqueue("add", 1, 2, _job_id="dead", _defer_by=86_400)
    place.barq("abort", "dead")
    place.burst()
    assert type(raised(job.result, 0)) is asyncio.CancelledError


@case
def the_new_one_can_be_deleted(place):
    job = die(place, "dead")
    place.enqueue("add", 1, 2, _job_id="dead")
    place.barq("delete", "dead")
    assert place.redis.zcard(QUEUE) == 0 and not place.redis.exists(job.key("job"))
    assert type(raised(job.result, 0)) is ResultNotFound


# -- order, names, numbers --


@case
def jobs_of_the_past_overtake_ten_thousand(place):
    with place.redis.pipeline(transaction=False) as pipe:
        data = place.arq.write_job("noop", (), {}, None, now_ms())
        for number in range(10_000):
            pipe.psetex(f"arq:job:later-{number}", DAY_MS, data)
            pipe.zadd(QUEUE, {f"later-{number}": now_ms() - 1000})
        pipe.execute()
    with place.worker("--executors", "1"):
        tap.wait_until(lambda: place.redis.zcard("barq:known:" + QUEUE) > 500, DEADLINE_S)
        job = place.enqueue("noop", _defer_by=-3600)
        assert job.result(DEADLINE_S) is None
        assert place.redis.zcard(QUEUE) > 1000
        late = place.enqueue("noop", _defer_by=-7200, _queue_name=QUEUE)
        assert late.result(DEADLINE_S) is None


@case
def queues_may_have_any_names(place):
    for queue in ["two words", "a:b:c", "äß€𝄞", "tenant:{7}", "%s", "quote'\"", "*"]:
        with place.worker(module=FUNCTIONS, queue=queue):
            job = place.enqueue("effect", queue, _queue_name=queue)
            assert job.result(DEADLINE_S) == 1, queue
            assert job.result_info().queue_name == queue
            assert place.redis.exists(queue + ":health-check")
    assert {job["queue"] for job in listed(place).values()} == set(place.effects())


@case
def ids_may_be_any_text_of_one_line(place):
    ids = ["plain", "with space", "quote'\"", "äß€𝄞", "back\\slash", "%s%d", "a:b", "x" * 512,
           "{tag}", "*?[a]", "-5", "0", " ", "\u200b"]
    with place.worker():
        jobs = [place.enqueue("echo", number, _job_id=job_id)
                for number, job_id in enumerate(ids)]
        for number, job in enumerate(jobs):
            assert job.result(DEADLINE_S) == [(number,), {}], job.job_id
            assert job.result_info().job_id == job.job_id
            assert place.barq("status", "--", job.job_id) == "complete"
    assert place.redis.zcard(QUEUE) == 0


@case
def an_id_that_barq_cannot_have_costs_only_itself(place):
    """It may have control characters for arq, and be of any length."""
    bad = [place.enqueue("add", 1, 2, _job_id=job_id)
           for job_id in ("nul\0here", "tab\there", "line\nfeed", "\x7f", "\u0085", "x" * 513)]
    with place.worker():
        settled(place)
        for job in bad:
            error = raised(job.result, DEADLINE_S)
            assert type(error) is JobExecutionFailed and "its id" in str(error), repr(error)
            assert job.key("job") not in place.keys()
    assert place.redis.zcard(QUEUE) == 0
    place.burst()


# -- what people see of arq's jobs --


@case
def jobs_that_arq_workers_ran_are_listed(place):
    good, bad = place.enqueue("add", 1, 2), place.enqueue("fail", "no luck")
    ran(good, 3)
    ran(bad, ValueError("no luck"), success=False)
    mine = place.enqueue("add", 3, 4)
    place.burst()
    all_of_them = listed(place)
    assert {job_id: job["status"] for job_id, job in all_of_them.items()} == {
        good.job_id: "complete", bad.job_id: "failed", mine.job_id: "complete"}, all_of_them
    one = all_of_them[good.job_id]
    assert (one["queue"], one["function"], one["result"], one["try"]) == (QUEUE, "add", 3, 1), one
    assert one["enqueued_at_ms"] and one["finished_at_ms"], one
    assert all_of_them[bad.job_id]["error"] == "ValueError: no luck"
    assert set(listed(place, "--status", "complete")) == {good.job_id, mine.job_id}
    assert set(listed(place, "--status", "failed")) == {bad.job_id}
    assert not listed(place, "--status", "queued")
    assert set(listed(place, "--queue", QUEUE)) == set(all_of_them)
    assert not listed(place, "--queue", "other")


@case
def many_that_arq_workers_ran_are_listed_once_each(place):
    jobs = [place.enqueue("add", 1, number) for number in range(300)]
    for number, job in enumerate(jobs[:250]):
        ran(job, number)
    place.burst()
    lines = place.barq("list", "--json", "--all").splitlines()
    ids = [json.loads(line)["id"] for line in lines]
    assert len(ids) == len(set(ids)) == 300, len(ids)
    assert set(ids) == {job.job_id for job in jobs}


@case
def what_an_arq_worker_made_of_a_job_is_told(place):
    good, bad, gone = [place.enqueue("add", 1, 2, _job_id=name) for name in ("good", "bad", "gone")]
    ran(good, {"sum": 3})
    ran(bad, JobExecutionFailed("max 5 retries exceeded"), success=False)
    ran(gone, None, keep_ms=0)
    assert json.loads(place.barq("result", "good")) == {"sum": 3}
    place.barq("result", "bad", code=1)
    place.barq("result", "gone", code=1)
    assert place.barq("status", "good") == "complete"
    assert place.barq("status", "bad") == "failed"
    assert place.barq("status", "gone", code=1) == "not_found"
    info = json.loads(place.barq("info", "bad", "--json"))
    assert info["error"] == "max 5 retries exceeded" and info["status"] == "failed", info
    running = place.enqueue("add", 1, 2)
    hand = took(running)
    assert place.barq("status", running.job_id) == "in_progress"
    hand.finish(3)
    assert place.barq("result", running.job_id) == "3"


@case
def an_arq_workers_health_key_is_its_own(place):
    place.redis.psetex(HEALTH, 3_601_000, b"arq's")
    with place.worker():
        settled(place)
    assert place.redis.get(HEALTH) == b"arq's"
    assert place.redis.pttl(HEALTH) > 3_500_000


@case
def barq_takes_part_in_no_keys_command(place):
    """KEYS reads all keys there are: neither workers nor clients send it."""
    place.redis.config_resetstat()
    with place.worker():
        settled(place)
        place.barq("list")
        place.barq("stats")
        place.barq("check")
    commands = {name.lower() for name in place.redis.info("commandstats")}
    assert "cmdstat_keys" not in commands, commands


case.run()
