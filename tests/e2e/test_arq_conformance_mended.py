"""arq's known bugs (3.15 of its specification), which barq's workers do not have.

What else of them is tested elsewhere, docs/formats/arq-conformance.md says.
"""
import contextlib
import os
import signal
import sqlite3
import sys

from support import tap
from support.arq_place import Cases, DEADLINE_S, HEALTH, MSGPACK, raised
from support.arqlike import (Client, Hand, JobExecutionFailed, JobStatus, QUEUE, ResultNotFound,
                             SerializationError)

FUNCTIONS = os.path.abspath(sys.argv[1])
CRON = os.path.join(os.environ["EXAMPLES_DIR"], "cron.so")

case = Cases()


def settled(place):
    assert place.enqueue("add", 1, 1).result(DEADLINE_S) == 2


# -- the lock --


@case
def a_lock_is_short_and_renewed_for_as_long_as_the_job_runs(place):
    with place.worker("--lease", "1", module=FUNCTIONS), \
         place.worker("--lease", "1", module=FUNCTIONS):
        job = place.enqueue("hold", place.path("gate"))
        place.wait_status(job, JobStatus.in_progress)
        lock = job.key("in-progress")
        token = place.redis.get(lock)
        assert token != b"1"  # but its worker's own, so that nobody deletes another's
        for _ in range(3):
            left = place.redis.pttl(lock)
            assert 0 < left <= 1000
            tap.wait_until(lambda left=left: place.redis.pttl(lock) < left, DEADLINE_S)
            low = place.redis.pttl(lock)
            tap.wait_until(lambda low=low: place.redis.pttl(lock) > low, DEADLINE_S)
        assert place.redis.get(lock) == token
        place.let_go("gate")
        assert job.result(DEADLINE_S) == 1


@case
def a_job_whose_worker_died_is_run_again_when_its_short_lock_is_over(place):
    dead = None
    with contextlib.suppress(AssertionError), place.worker(module=FUNCTIONS) as dead:
        job = place.enqueue("hold", place.path("gate"))
        place.wait_status(job, JobStatus.in_progress)
        dead.kill()
    assert job.status() == JobStatus.in_progress
    place.let_go("gate")
    place.server.advance(31_000)
    with place.worker(module=FUNCTIONS):
        assert job.result(DEADLINE_S) == 1


@case
def a_worker_that_lost_its_lock_deletes_nobody_elses(place):
    with place.worker("--executors", "1", module=FUNCTIONS) as worker:
        job = place.enqueue("hold", place.path("gate"))
        place.wait_status(job, JobStatus.in_progress)
        worker.send_signal(signal.SIGSTOP)
        place.server.advance(60_000)
        hand = Hand(job)
        assert hand.take() and not hand.begin()
        place.let_go("gate")
        worker.send_signal(signal.SIGCONT)
        settled(place)
        # Its job, its lock and its place in the queue are as the arq worker left them.
        assert place.redis.get(job.key("in-progress")) == b"1"
        assert place.redis.exists(job.key("job")) and job.info().score
        hand.finish("arq's")
        assert job.result(0) == "arq's"


# -- results --


@case
def failures_are_kept_as_their_functions_say(place):
    place.let_go("gate")
    with place.worker(module=FUNCTIONS):
        jobs = {name: place.enqueue(name, place.path("gate"))
                for name in ("hold_and_fail", "fail_unkept", "fail_forever", "fail_briefly")}
        tap.wait_until(lambda: place.redis.zcard(QUEUE) == 0, DEADLINE_S)
        left = {name: place.redis.pttl(job.key("result")) for name, job in jobs.items()}
    assert 3_500_000 < left["hold_and_fail"] <= 3_600_000, left
    assert left["fail_unkept"] == -2 and left["fail_forever"] == -1, left
    assert left["fail_briefly"] <= 1500, left
    assert type(raised(jobs["fail_unkept"].result, 0)) is ResultNotFound
    assert str(raised(jobs["fail_forever"].result, 0)) == "failed as asked"


@case
def a_result_that_cannot_be_written_is_a_failure_and_counts_as_one(place):
    packed = Client(place.redis, **MSGPACK)
    with place.worker(module=FUNCTIONS):
        job = packed.enqueue_job("a_set")
        error = raised(job.result, DEADLINE_S)
        assert type(error) is SerializationError and "set" in str(error), repr(error)
        assert job.result_info().success is False
        assert place.barq("status", job.job_id) == "failed"
        tap.wait_until(lambda: b"j_failed=1" in (place.redis.get(HEALTH) or b""), DEADLINE_S)
        assert place.enqueue("a_set").result(DEADLINE_S) == {1}


@case
def an_endless_retry_whose_result_is_not_kept_leaves_nothing(place):
    with place.worker():
        job = place.enqueue("retry", 99, 0.01)
        assert isinstance(raised(job.result, DEADLINE_S), RuntimeError)
    place.redis.delete(job.key("result"))
    assert not place.keys()


# -- retries --


@case
def a_job_that_is_tried_again_does_not_expire_meanwhile(place):
    with place.worker():
        job = place.enqueue("retry", 1, 3600, _expires=60)
        place.wait_status(job, JobStatus.deferred)
        place.server.advance(3_600_000)
        assert job.result(DEADLINE_S) == 2


@case
def a_retry_is_not_run_before_its_time_by_any_worker(place):
    with place.worker(), place.worker(), place.worker():
        job = place.enqueue("retry", 1, 3600)
        place.wait_status(job, JobStatus.deferred)
        for _ in range(20):
            settled(place)
        assert job.status() == JobStatus.deferred
        assert place.redis.get(job.key("retry")) == b"1"


@case
def what_an_arq_worker_tried_counts(place):
    job = place.enqueue("retry", 99, 0.01)
    hand = Hand(job)
    for _ in range(4):
        assert hand.take()
        hand.begin()
        hand.retry()
    with place.worker():
        assert isinstance(raised(job.result, DEADLINE_S), RuntimeError)
        assert job.result_info().job_try == 5
    late = place.enqueue("noop")
    for _ in range(5):
        hand = Hand(late)
        assert hand.take()
        hand.begin()
        hand.retry()
    with place.worker():
        assert type(raised(late.result, DEADLINE_S)) is JobExecutionFailed


# -- health --


@case
def the_health_key_is_there_while_any_worker_lives(place):
    with place.worker():
        tap.wait_until(lambda: place.redis.exists(HEALTH), DEADLINE_S)
        with place.worker():
            tap.wait_until(lambda: len(place.barq("workers", "--json").splitlines()) == 2,
                           DEADLINE_S)
        assert place.redis.exists(HEALTH)
        settled(place)
        assert place.redis.exists(HEALTH)
    assert not place.redis.exists(HEALTH)


# -- signals --


@case
def a_worker_that_is_told_to_stop_lets_its_jobs_end(place):
    with place.worker("--job-completion-wait", "60", module=FUNCTIONS) as worker:
        job = place.enqueue("hold", place.path("gate"))
        place.wait_held("gate")
        worker.send_signal(signal.SIGTERM)
        tap.wait_until(lambda: "stopping" in place.log() or "draining" in place.log(), DEADLINE_S)
        other = place.enqueue("add", 1, 2)
        place.let_go("gate")
        assert job.result(DEADLINE_S) == 1
        assert worker.wait(DEADLINE_S) == 0
        assert other.status() == JobStatus.queued  # nothing new was begun


@case
def what_does_not_end_in_time_is_given_back(place):
    with place.worker("--job-completion-wait", "0.2", module=FUNCTIONS) as worker:
        job = place.enqueue("hold", place.path("gate"))
        place.wait_status(job, JobStatus.in_progress)
        worker.send_signal(signal.SIGINT)
        assert worker.wait(DEADLINE_S) == 0
    assert job.status() == JobStatus.queued
    assert place.keys() <= {QUEUE, job.key("job"), job.key("retry")}
    place.let_go("gate")
    place.burst(module=FUNCTIONS)
    assert job.result(0) == 1


# -- cron --


@case
def a_cron_job_runs_once_a_tick_however_many_workers_there_are(place):
    def beats():
        with contextlib.closing(sqlite3.connect(place.path("data.db"), timeout=30)) as data:
            try:
                return [at for at, in data.execute("SELECT at FROM beats ORDER BY at")]
            except sqlite3.OperationalError:
                return []

    with place.worker(module=CRON), place.worker(module=CRON):
        tap.wait_until(lambda: len(beats()) >= 2, 60)
        with place.worker(module=CRON):  # one that comes late enqueues nothing again
            tap.wait_until(lambda: len(beats()) >= 4, 60)
    ran = beats()
    assert ran == list(range(ran[0], ran[-1] + 1000, 1000)), ran
    assert not [key for key in place.keys() if "in-progress" in key]


case.run()
