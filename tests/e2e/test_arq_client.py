"""Programs that use arq's client, and barq's workers: what is arq's way is so to the key.

Each case is named after a behaviour of arq's own tests; what stands on the client's side is
support/arqlike.py.
"""
import asyncio
import collections
import concurrent.futures
import contextlib
import datetime
import decimal
import functools
import json
import os
import pickle
import re
import sys
import time
import uuid

from support import tap
from support.arq_place import Cases, DAY_MS, DEADLINE_S, HEALTH, JSON, MSGPACK, raised, same
from support.arqlike import (Client, DeserializationError, JobExecutionFailed, JobStatus, QUEUE,
                             ResultNotFound, SerializationError, now_ms, to_datetime)

FUNCTIONS = os.path.abspath(sys.argv[1])
UTC = datetime.timezone.utc

case = Cases()


# -- enqueue --


@case
def enqueue_returns_a_handle(place):
    with place.worker():
        job = place.enqueue("add", 1, 2)
        assert re.fullmatch(r"[0-9a-f]{32}", job.job_id)
        assert job.result(DEADLINE_S) == 3
        assert place.enqueue("add", a=1, b=2.5, _job_id="mine").result(DEADLINE_S) == 3.5
        assert place.arq.job("mine").status() == JobStatus.complete


@case
def a_duplicate_id_gives_no_job(place):
    hold = functools.partial(place.arq.enqueue_job, "hold", place.path("gate"), _job_id="same")
    assert hold()
    assert hold() is None
    with place.worker(module=FUNCTIONS):
        job = place.arq.job("same")
        place.wait_status(job, JobStatus.in_progress)
        assert hold() is None
        place.let_go("gate")
        assert job.result(DEADLINE_S) == 1
        assert hold() is None
    assert place.barq("status", "same") == "complete"
    place.barq("enqueue", "hold", "--job-id", "same", code=1)


@case
def either_side_refuses_the_ids_of_the_other(place):
    place.enqueue("noop", _job_id="arqs")
    place.barq("enqueue", "noop", "--job-id", "arqs", code=1)
    place.barq("enqueue", "noop", "--job-id", "barqs")
    assert place.arq.enqueue_job("noop", _job_id="barqs") is None
    assert place.redis.zcard(QUEUE) == 2


@case
def of_concurrent_jobs_with_one_id_one_is_enqueued(place):
    def enqueue(_number):
        with contextlib.closing(place.server.client()) as own:
            return Client(own).enqueue_job("count", "once", _job_id="one")

    with concurrent.futures.ThreadPoolExecutor(10) as pool, place.worker():
        assert sum(job is not None for job in pool.map(enqueue, range(10))) == 1
        assert place.arq.job("one").result(DEADLINE_S) == 1
        assert place.enqueue("count", "once").result(DEADLINE_S) == 2


@case
def fifty_ids_enqueued_twice_run_once_each(place):
    def enqueue(number):
        with contextlib.closing(place.server.client()) as own:
            return Client(own).enqueue_job("count", "all", _job_id=f"id-{number % 50}")

    with concurrent.futures.ThreadPoolExecutor(8) as pool, place.worker():
        assert sum(job is not None for job in pool.map(enqueue, range(100))) == 50
        results = [place.arq.job(f"id-{number}").result(DEADLINE_S) for number in range(50)]
    assert sorted(results) == list(range(1, 51))


@case
def an_id_is_free_again_when_its_result_is_gone(place):
    with place.worker():
        job = place.enqueue("count", "again", _job_id="again")
        assert job.result(DEADLINE_S) == 1
        assert place.arq.enqueue_job("count", "again", _job_id="again") is None
        place.server.advance(3600 * 1000 + 1)
        assert job.status() == JobStatus.not_found
        assert place.enqueue("count", "again", _job_id="again").result(DEADLINE_S) == 2


@case
def defer_until_is_the_score(place):
    at = datetime.datetime(2032, 1, 1, tzinfo=UTC)
    job = place.enqueue("noop", _defer_until=at)
    assert place.redis.zscore(QUEUE, job.job_id) == 1956528000000
    assert job.status() == JobStatus.deferred
    assert place.barq("status", job.job_id) == "deferred"
    with place.worker():
        assert place.enqueue("noop").result(DEADLINE_S) is None
        assert place.redis.zscore(QUEUE, job.job_id) == 1956528000000


@case
def defer_by_runs_no_sooner(place):
    with place.worker():
        before_ms = now_ms()
        job = place.enqueue("noop", _defer_by=0.6)
        assert job.status() == JobStatus.deferred
        assert job.result(DEADLINE_S) is None
        info = job.result_info()
        assert info.start_time >= to_datetime(before_ms + 600), info
        assert info.start_time - info.enqueue_time >= datetime.timedelta(seconds=0.6), info
        late = place.enqueue("noop", _defer_by=datetime.timedelta(seconds=-5))
        assert late.result(DEADLINE_S) is None


@case
def jobs_run_in_the_order_of_their_scores(place):
    jobs = [place.enqueue("count", "order", _defer_by=-1 - number) for number in range(5)]
    with place.worker("--executors", "1"):
        assert [job.result(DEADLINE_S) for job in jobs] == [5, 4, 3, 2, 1]


@case
def expiry_is_a_day_after_it_is_due_unless_asked(place):
    for extra_ms in (None, 1000, 60_000, 3_600_000):
        arq = Client(place.redis, expires_extra_ms=extra_ms) if extra_ms else place.arq
        job = arq.enqueue_job("noop", _defer_by=10)
        left_ms = place.redis.pttl("arq:job:" + job.job_id)
        assert 0 <= (extra_ms or DAY_MS) + 10_000 - left_ms < 2000, left_ms
    job = place.enqueue("noop", _expires=5)
    assert 3000 < place.redis.pttl("arq:job:" + job.job_id) <= 5000


@case
def two_queues_do_not_mix(place):
    one = place.enqueue("noop")
    other = place.enqueue("noop", _queue_name="arq:other")
    with place.worker("--queue", "arq:other:1"):
        assert other.result(DEADLINE_S) is None
        assert one.status() == JobStatus.queued
        assert one.key("result") not in place.keys()
    assert other.result_info().queue_name == "arq:other"
    with place.worker("--queue", "arq:other:1,arq:queue:1"):
        assert one.result(DEADLINE_S) is None
    assert one.result_info().queue_name == QUEUE
    # As arq says of an id in the wrong queue.
    assert place.arq.job(place.enqueue("noop").job_id, "arq:other").status() == JobStatus.not_found


@case
def a_nested_job_inherits_queue_and_serializer(place):
    for options, queue in [({}, QUEUE), (MSGPACK, "arq:packed")]:
        arq = Client(place.redis, queue, **options)
        with place.worker("--queue", queue + ":1"):
            assert arq.enqueue_job("count_all", queue, queue).result(DEADLINE_S) is None
            tap.wait_until(lambda arq=arq: len(arq.all_job_results()) == 4, DEADLINE_S)
        results = arq.all_job_results()
        assert {result.queue_name for result in results} == {queue}
        counted = [tuple(result.args) for result in results if result.function == "count"]
        assert sorted(counted) == [("all",), (queue,), (queue,)], counted
        place.redis.flushall()


@case
def the_first_try_is_carried(place):
    with place.worker():
        assert place.enqueue("retry", 0).result(DEADLINE_S) == 1
        assert place.enqueue("retry", 0, _job_try=3).result(DEADLINE_S) == 3
        again = place.enqueue("retry", 3, _job_try=3)
        assert again.result(DEADLINE_S) == 4
        assert again.result_info().job_try == 4
        over = place.enqueue("retry", 0, _job_try=6)
        assert isinstance(raised(over.result, DEADLINE_S), JobExecutionFailed)
        assert re.fullmatch("max 5 (re)?tries exceeded", str(over.result_info().result))


# -- values --


VALUES = [
    None, True, False, 0, -1, 2 ** 31, -2 ** 63, 2 ** 64, -10 ** 100, 2 ** 2000,
    0.0, -0.0, 1.5, 1e300, 5e-324, float("inf"), -float("inf"), float("nan"),
    "", "text", "äß€𝄞\0\n", "x" * 70_000, b"", b"\x00\xff", bytes(range(256)) * 300,
    (), (1, "a"), (None,), [], [1, [2, [3, ()]]], {}, {"a": 1, 2: "b", (1, 2): None, None: 0},
    set(), {1, "a", (2, 3)},
    datetime.datetime(2026, 11, 23, 16, 13, 7, 42),
    datetime.datetime(2026, 11, 23, 16, 13, 7, tzinfo=UTC),
    datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))),
    datetime.date(2024, 2, 29), datetime.time(1, 2, 3, 4),
    datetime.timedelta(days=-3, seconds=5, microseconds=7),
    uuid.UUID("01234567-89ab-cdef-0123-456789abcdef"),
    decimal.Decimal("1.50"), decimal.Decimal("-1E+400"), decimal.Decimal("NaN"),
    JobStatus.queued, collections.OrderedDict(b=1, a=2), collections.Counter("abca"),
    collections.deque([1, 2], 5), complex(1, -2), range(1, 10, 3),
]
# Read as what they hold: docs/formats/job.md.
CHANGED = [
    (frozenset({1, 2}), {1, 2}),
    (bytearray(b"abc"), b"abc"),
    (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
]


@case
def values_of_all_types_come_back(place):
    with place.worker():
        jobs = [(value, place.enqueue("echo", value, [value], named={"it": value}))
                for value in VALUES if not isinstance(value, collections.OrderedDict)]
        for value, job in jobs:
            args, kwargs = job.result(DEADLINE_S)
            assert same(args, (value, [value])), (value, args)
            assert same(kwargs, {"named": {"it": value}}), (value, kwargs)
            info = job.result_info()
            assert same(info.args, args) and same(info.kwargs, kwargs), info
        for given, got in CHANGED:
            assert same(place.enqueue("echo", given).result(DEADLINE_S)[0], (got,)), given


@case
def values_come_back_from_every_protocol_of_pickle(place):
    value = [1, "two", (3.0, None), {"k": {4}}, datetime.datetime(2026, 1, 1, tzinfo=UTC), b"\x80"]
    with place.worker():
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            arq = Client(place.redis, dumps=functools.partial(pickle.dumps, protocol=protocol))
            assert same(arq.enqueue_job("echo", value).result(DEADLINE_S), [(value,), {}]), protocol


@case
def messagepack_goes_both_ways(place):
    arq = Client(place.redis, **MSGPACK)
    with place.worker():
        for value in [None, True, -1, 2 ** 63, -2 ** 63, 2 ** 64 - 1, 1.5, "äß€𝄞\0", b"\x00\xff",
                      [1, [2, []]], {"a": {"b": None}}, "x" * 70_000]:
            job = arq.enqueue_job("echo", value, named=value)
            assert same(job.result(DEADLINE_S), [[value], {"named": value}]), value
            assert same(job.result_info().args, [value]), value
        assert arq.enqueue_job("add", 1, 2).result(DEADLINE_S) == 3
        job = arq.enqueue_job("fail", "no luck")
        error = raised(job.result, DEADLINE_S)
        # No exception fits into it; arq's client then says this of it.
        assert type(error) is SerializationError and str(error) == "no luck", repr(error)


@case
def a_custom_serializers_bytes_are_used_as_given(place):
    arq = Client(place.redis, **JSON)
    with place.worker():
        job = arq.enqueue_job("echo", {"a": [1, 2.5, "x", None]})
        assert job.result(DEADLINE_S) == [[{"a": [1, 2.5, "x", None]}], {}]
        assert json.loads(place.redis.get(job.key("result")))["s"] is True


@case
def mismatched_serializers_fail_cleanly(place):
    packed = Client(place.redis, **MSGPACK)
    with place.worker():
        job = packed.enqueue_job("add", 1, 2)
        assert job.result(DEADLINE_S) == 3
        error = raised(place.arq.job(job.job_id).result, DEADLINE_S)
        assert type(error) is DeserializationError, repr(error)
        assert str(error) == "unable to deserialize job result"


@case
def both_clients_see_the_same(place):
    """barq's own writes pickle here, and reads all."""
    arqs = place.enqueue("add", 1, 2)
    assert place.barq("status", arqs.job_id) == "queued"
    barqs = place.arq.job(place.barq("enqueue", "add", "3", "4"))
    assert barqs.status() == JobStatus.queued
    place.burst()
    assert place.barq("result", arqs.job_id) == "3"
    assert barqs.result(0) == 7
    failed = place.enqueue("fail", "no luck")
    place.burst()
    place.barq("result", failed.job_id, code=1)


# -- status, info, results --


@case
def a_job_is_queued_then_in_progress_then_complete(place):
    job = place.enqueue("hold", place.path("gate"))
    assert job.status() == JobStatus.queued
    with place.worker(module=FUNCTIONS):
        place.wait_status(job, JobStatus.in_progress)
        # It stays in the sorted set while it runs.
        assert place.redis.zscore(QUEUE, job.job_id) is not None
        assert place.barq("status", job.job_id) == "in_progress"
        place.let_go("gate")
        place.wait_status(job, JobStatus.complete)
    assert place.arq.job("unknown").status() == JobStatus.not_found
    later = place.enqueue("hold", _defer_by=60)
    assert later.status() == JobStatus.deferred


@case
def info_is_the_job_and_then_its_result(place):
    before = datetime.datetime.now(UTC) - datetime.timedelta(milliseconds=1)
    job = place.enqueue("echo", 1, "two", key=b"three", _job_id="this")
    info = job.info()
    assert (info.function, info.args, info.kwargs, info.job_try) == (
        "echo", (1, "two"), {"key": b"three"}, None)
    assert info.score == round(info.enqueue_time.timestamp() * 1000)
    assert job.result_info() is None
    with place.worker():
        assert job.result(DEADLINE_S) == [(1, "two"), {"key": b"three"}]
    after = datetime.datetime.now(UTC)
    done = job.info()
    assert done.score is None and done.job_try == 1 and done.success is True
    assert (done.function, done.args, done.kwargs) == (info.function, info.args, info.kwargs)
    assert done.enqueue_time == info.enqueue_time
    assert before <= done.enqueue_time <= done.start_time <= done.finish_time <= after, done
    assert (done.queue_name, done.job_id) == (QUEUE, "this")
    assert list(pickle.loads(place.redis.get(job.key("result"))))[:11] == [
        "t", "f", "a", "k", "et", "s", "r", "st", "ft", "q", "id"]
    assert place.arq.job("unknown").info() is None


@case
def a_result_is_read_again_and_again(place):
    with place.worker():
        job = place.enqueue("echo", [1])
        assert [job.result(DEADLINE_S) for _ in range(3)] == [[([1],), {}]] * 3


@case
def a_failure_is_raised_as_what_it_was(place):
    wanted = [
        (place.enqueue("fail", "no luck, äß€"), RuntimeError, "no luck, äß€"),
        (place.enqueue("add", "1", 2), RuntimeError, "add: argument a is not a number of 64 bits"),
        (place.enqueue("nothing"), JobExecutionFailed, "function 'nothing' not found"),
    ]
    with place.worker():
        for job, kind, text in wanted:
            error = raised(job.result, DEADLINE_S)
            assert type(error) is kind and str(error) == text, repr(error)
            info = job.result_info()
            assert info.success is False and type(info.result) is kind
            assert info.queue_name == QUEUE and info.job_id == job.job_id
            assert job.status() == JobStatus.complete


@case
def an_error_and_a_timeout_are_final_where_a_function_says_so(place):
    with place.worker(module=FUNCTIONS):
        wrong, slow = place.enqueue("wrong"), place.enqueue("slow")
        error = raised(wrong.result, DEADLINE_S)
        assert type(error) is RuntimeError and str(error) == "something is wrong", repr(error)
        error = raised(slow.result, DEADLINE_S)
        assert type(error) is TimeoutError and str(error) == "ran past its 0.2 s", repr(error)
    assert wrong.result_info().job_try == slow.result_info().job_try == 1
    assert place.redis.zcard(QUEUE) == 0


@case
def waiting_ends_with_the_time(place):
    with place.worker(module=FUNCTIONS):
        job = place.enqueue("hold", place.path("gate"))
        assert type(raised(job.result, 0.1)) is TimeoutError
        place.let_go("gate")
        assert job.result(DEADLINE_S) == 1


@case
def an_unknown_id_has_no_result(place):
    error = raised(place.arq.job("unknown").result, 1)
    assert type(error) is ResultNotFound, repr(error)
    assert place.arq.job("unknown").result_info() is None
    place.barq("result", "unknown", code=1)


@case
def a_result_that_is_not_kept_is_not_found_also_while_waiting(place):
    with place.worker(module=FUNCTIONS), concurrent.futures.ThreadPoolExecutor(1) as pool:
        job = place.enqueue("hold_unkept", place.path("gate"))
        place.wait_status(job, JobStatus.in_progress)
        waiting = pool.submit(raised, job.result, DEADLINE_S)
        place.let_go("gate")
        assert type(waiting.result(DEADLINE_S)) is ResultNotFound
        assert type(raised(job.result, 1)) is ResultNotFound
        assert job.status() == JobStatus.not_found


@case
def a_corrupt_job_fails_alone(place):
    jobs = [place.enqueue("echo", number) for number in range(6)]
    corrupt = [b"", b"nonsense", b"\x80\x04", pickle.dumps([1, 2]), pickle.dumps({"f": "echo"}),
               pickle.dumps({"t": None, "f": "echo", "a": (), "k": {}, "et": 1})[:-4]]
    for job, data in zip(jobs, corrupt):
        place.redis.set(job.key("job"), data, keepttl=True)
    good = place.enqueue("echo", "good")
    with place.worker():
        assert good.result(DEADLINE_S) == [("good",), {}]
        for job, data in zip(jobs, corrupt):
            tap.wait_until(lambda job=job: place.redis.exists(job.key("result")), DEADLINE_S)
            result = place.redis.get(job.key("result"))
            if data.startswith(b"\x80"):
                info = job.result_info()
                assert info.success is False and info.function in ("<unknown>", "echo"), info
                assert isinstance(info.result, JobExecutionFailed), info
                assert re.match("job: its |unable to read the job", str(info.result)), info
            else:
                assert result, data
            assert place.barq("status", job.job_id) in ("failed", "complete"), data
    assert place.redis.zcard(QUEUE) == 0
    assert not place.keys() & {job.key("job") for job in jobs}


@case
def a_corrupt_result_is_said_so(place):
    with place.worker():
        job = place.enqueue("noop")
        assert job.result(DEADLINE_S) is None
    place.redis.set(job.key("result"), b"nonsense")
    error = raised(job.result, 1)
    assert type(error) is DeserializationError
    assert str(error) == "unable to deserialize job result"
    place.barq("result", job.job_id, code=4)


@case
def all_results_are_sorted_by_enqueue_time(place):
    ids = [f"{number}" for number in (3, 1, 2)]
    for job_id in ids:
        place.enqueue("echo", job_id, _job_id=job_id)
        time.sleep(0.002)  # enqueue times are of milliseconds
    place.burst()
    results = place.arq.all_job_results()
    assert [result.job_id for result in results] == ids
    assert [result.result for result in results] == [[(job_id,), {}] for job_id in ids]


@case
def queued_jobs_are_listed_whole(place):
    place.enqueue("echo", 1, b=2, _job_id="first")
    place.enqueue("echo", _job_id="last", _defer_by=3600)
    place.enqueue("echo", (), _job_id="tried", _job_try=4, _defer_by=1)
    jobs = place.arq.queued_jobs()
    assert [job.job_id for job in jobs] == ["first", "tried", "last"]
    assert jobs[0].args == (1,) and jobs[0].kwargs == {"b": 2} and jobs[0].job_try is None
    assert jobs[1].job_try == 4 and jobs[2].score > now_ms() + 3_500_000
    listed = [json.loads(line) for line in place.barq("list", "--json").splitlines()]
    assert {(job["id"], job["status"]) for job in listed} == {
        ("first", "queued"), ("tried", "deferred"), ("last", "deferred")}, listed


@case
def barqs_own_jobs_can_be_listed_by_arqs_client(place):
    place.barq("enqueue", "echo", "1", "--job-id", "barqs")
    [job] = place.arq.queued_jobs()
    assert (job.job_id, job.function, tuple(job.args), job.kwargs) == ("barqs", "echo", (1,), {})
    assert abs(job.score - now_ms()) < 60_000


@case
def a_score_is_gone_after_completion(place):
    with place.worker():
        job = place.enqueue("noop")
        assert job.info().score
        assert job.result(DEADLINE_S) is None
        assert job.info().score is None
        assert place.redis.zcard(QUEUE) == 0


# -- keys left behind --


@case
def only_arqs_keys_are_left_behind(place):
    job = place.enqueue("noop")
    assert place.keys() == {QUEUE, job.key("job")}
    with place.worker():
        assert job.result(DEADLINE_S) is None
        tap.wait_until(lambda: HEALTH in place.keys(), DEADLINE_S)
        assert place.keys() == {HEALTH, job.key("result")}
        assert 0 < 3_600_000 - place.redis.pttl(job.key("result")) < 60_000
        tap.wait_until(lambda: re.fullmatch(
            rb"\w{3}-\d\d \d\d:\d\d:\d\d j_complete=\d+ j_failed=\d+ j_retried=\d+ j_ongoing=\d+"
            rb" queued=\d+", place.redis.get(HEALTH)), DEADLINE_S)
        assert place.redis.ttl(HEALTH) > 0
    assert place.keys() == {job.key("result")}


@case
def while_it_runs_a_job_has_its_marks(place):
    with place.worker(module=FUNCTIONS):
        job = place.enqueue("hold", place.path("gate"))
        place.wait_status(job, JobStatus.in_progress)
        assert place.keys() - {HEALTH} == {QUEUE, job.key("job"), job.key("in-progress")}
        assert place.redis.type(job.key("in-progress")) == b"string"
        assert place.redis.pttl(job.key("in-progress")) > 0
        place.let_go("gate")
        assert job.result(DEADLINE_S) == 1
    assert place.keys() == {job.key("result")}


@case
def a_result_is_kept_as_its_function_says(place):
    with place.worker(module=FUNCTIONS):
        place.let_go("gate")
        jobs = {name: place.enqueue(name, place.path("gate"))
                for name in ("hold", "hold_unkept", "hold_forever", "hold_briefly")}
        tap.wait_until(lambda: place.redis.zcard(QUEUE) == 0, DEADLINE_S)
        left = {name: place.redis.pttl(job.key("result")) for name, job in jobs.items()}
        assert left["hold_unkept"] == -2 and left["hold_forever"] == -1, left
        assert 3_540_000 < left["hold"] <= 3_600_000, left
        assert left["hold_briefly"] <= 1500, left
        failed = place.enqueue("nothing")
        assert type(raised(failed.result, DEADLINE_S)) is JobExecutionFailed
        assert 3_540_000 < place.redis.pttl(failed.key("result")) <= 3_600_000
    assert place.keys() <= {jobs[name].key("result") for name in ("hold", "hold_forever",
                                                                  "hold_briefly")} | {
        failed.key("result")}


@case
def failures_leave_nothing_but_their_results(place):
    with place.worker():
        jobs = [place.enqueue("fail", "no luck"), place.enqueue("nothing"),
                place.enqueue("retry", 99)]
        for job in jobs:
            assert isinstance(raised(job.result, DEADLINE_S), RuntimeError)
    assert place.keys() == {job.key("result") for job in jobs}


# -- retry --


@case
def a_retry_is_deferred_and_then_succeeds(place):
    with place.worker():
        job = place.enqueue("retry", 2, 0.01)
        assert job.result(DEADLINE_S) == 3
        assert job.result_info().job_try == 3


@case
def a_deferred_retry_waits_in_the_sorted_set(place):
    with place.worker():
        job = place.enqueue("retry", 1, 3600)
        place.wait_status(job, JobStatus.deferred)
        score = place.redis.zscore(QUEUE, job.job_id)
        assert 3_500_000 < score - now_ms() <= 3_600_000, score
        assert place.keys() - {HEALTH} == {QUEUE, job.key("job"), job.key("retry")}
        assert place.redis.get(job.key("retry")) == b"1"
        assert 0 <= 88_400 - place.redis.ttl(job.key("retry")) < 60
        # The job lives for as long as it may be tried: with arq until a day after it was enqueued.
        assert place.redis.pttl(job.key("job")) == -1
        place.server.advance(3_600_000)
        assert job.result(DEADLINE_S) == 2


@case
def an_endless_retry_fails_after_five_tries(place):
    with place.worker():
        job = place.enqueue("retry", 99, 0.01)
        error = raised(job.result, DEADLINE_S)
        assert isinstance(error, RuntimeError), repr(error)
        assert job.result_info().job_try == 5, job.result_info()


# -- failure paths --


@case
def an_expired_job_has_failed(place):
    late = place.enqueue("noop", _expires=0.05)
    tap.wait_until(lambda: not place.redis.exists(late.key("job")), DEADLINE_S)
    with place.worker():
        error = raised(late.result, DEADLINE_S)
        assert type(error) is JobExecutionFailed and str(error) == "job expired", repr(error)
    info = late.result_info()
    assert (info.function, info.args, info.kwargs) == ("<unknown>", (), {}), info
    assert info.enqueue_time == to_datetime(0), info
    assert place.keys() == {late.key("result")}


@case
def a_hundred_expired_jobs_do_not_keep_a_good_one(place):
    late = [place.enqueue("noop") for _ in range(100)]
    place.redis.delete(*[job.key("job") for job in late])
    good = place.enqueue("add", 1, 2)
    with place.worker():
        assert good.result(DEADLINE_S) == 3
        for job in late:
            assert str(raised(job.result, DEADLINE_S)) == "job expired"
    assert place.redis.zcard(QUEUE) == 0


@case
def an_expired_job_that_was_deferred_has_failed_when_it_is_due(place):
    job = place.enqueue("noop", _defer_by=60, _expires=1)
    with place.worker():
        assert job.status() == JobStatus.deferred
        place.server.advance(60_001)
        assert str(raised(job.result, DEADLINE_S)) == "job expired"


@case
def a_crash_is_told(place):
    with place.worker():
        job = place.enqueue("crash")
        error = raised(job.result, 2 * DEADLINE_S)
        assert type(error) is JobExecutionFailed and "SIGSEGV" in str(error), repr(error)
        assert place.enqueue("add", 1, 2).result(DEADLINE_S) == 3


# -- abort --


@case
def a_running_job_is_aborted(place):
    with place.worker():
        job = place.enqueue("sleep", 3600)
        place.wait_status(job, JobStatus.in_progress)
        assert job.abort(DEADLINE_S) is True
        assert type(raised(job.result, 1)) is asyncio.CancelledError
        info = job.result_info()
        assert info.success is False and info.function == "sleep" and info.args == (3600,)
        assert place.enqueue("add", 1, 2).result(DEADLINE_S) == 3
        assert place.redis.zcard("arq:abort") == 0
    assert place.redis.zcard(QUEUE) == 0


@case
def the_only_job_that_may_run_is_aborted(place):
    with place.worker("--executors", "1"):
        job, next_one = place.enqueue("sleep", 3600), place.enqueue("add", 1, 2)
        place.wait_status(job, JobStatus.in_progress)
        assert job.abort(DEADLINE_S) is True
        assert next_one.result(DEADLINE_S) == 3


@case
def a_job_is_aborted_before_it_starts(place):
    job, deferred = place.enqueue("count", "x"), place.enqueue("count", "x", _defer_by=DAY_MS)
    for one in (job, deferred):
        assert type(raised(one.abort, 0.01)) is TimeoutError
    assert place.redis.zscore(QUEUE, deferred.job_id) == 1
    with place.worker():
        for one in (job, deferred):
            assert type(raised(one.result, DEADLINE_S)) is asyncio.CancelledError
            assert one.abort(DEADLINE_S) is True
        assert place.enqueue("count", "x").result(DEADLINE_S) == 1
        tap.wait_until(lambda: not place.redis.exists("arq:abort"), DEADLINE_S)


@case
def a_deferred_job_is_aborted_by_a_worker_that_is_there(place):
    with place.worker():
        assert place.enqueue("noop").result(DEADLINE_S) is None
        job = place.enqueue("noop", _defer_by=86_400)
        assert job.abort(DEADLINE_S) is True


@case
def an_unknown_id_is_not_aborted_and_hits_no_later_job(place):
    with place.worker():
        unknown = place.arq.job("unknown")
        assert unknown.abort(DEADLINE_S) is False
        tap.wait_until(lambda: not place.redis.exists("arq:abort"), DEADLINE_S)
        assert place.enqueue("add", 1, 2, _job_id="unknown").result(DEADLINE_S) == 3
        assert unknown.abort(DEADLINE_S) is False
        assert place.enqueue("noop").result(DEADLINE_S) is None


@case
def a_finished_id_is_not_aborted_and_hits_no_later_job(place):
    place.let_go("gate")
    with place.worker(module=FUNCTIONS):
        job = place.enqueue("hold_briefly", place.path("gate"), _job_id="again")
        assert job.result(DEADLINE_S) == 1
        assert job.abort(DEADLINE_S) is False
        tap.wait_until(lambda: job.status() == JobStatus.not_found, DEADLINE_S)
        assert place.enqueue("hold", place.path("gate"), _job_id="again").result(DEADLINE_S) == 1


@case
def strangers_in_the_abort_set_are_harmless(place):
    place.redis.zadd("arq:abort", {f"stranger-{number}": now_ms() for number in range(500)})
    elsewhere = place.enqueue("noop", _queue_name="arq:other")
    place.redis.zadd("arq:abort", {elsewhere.job_id: now_ms()})
    with place.worker():
        jobs = [place.enqueue("add", 1, number) for number in range(20)]
        assert [job.result(DEADLINE_S) for job in jobs] == list(range(1, 21))
    # It is for those who work on that queue.
    assert place.redis.zscore("arq:abort", elsewhere.job_id) is not None
    with place.worker("--queue", "arq:other:1"):
        assert type(raised(elsewhere.result, DEADLINE_S)) is asyncio.CancelledError


@case
def barq_aborts_arqs_jobs(place):
    with place.worker():
        job = place.enqueue("sleep", 3600)
        place.wait_status(job, JobStatus.in_progress)
        place.barq("abort", job.job_id)
        assert type(raised(job.result, DEADLINE_S)) is asyncio.CancelledError


# -- workers --


@case
def a_burst_does_all_there_is(place):
    jobs = [place.enqueue("count", "burst") for _ in range(30)]
    place.burst()
    assert sorted(job.result(0) for job in jobs) == list(range(1, 31))
    assert place.keys() == {job.key("result") for job in jobs}


@case
def five_workers_run_each_job_once(place):
    with contextlib.ExitStack() as workers:
        for _ in range(5):
            workers.enter_context(place.worker("--executors", "1"))
        jobs = [place.enqueue("count", "race") for _ in range(100)]
        assert sorted(job.result(DEADLINE_S) for job in jobs) == list(range(1, 101))


@case
def a_job_that_an_arq_worker_holds_is_left_alone(place):
    job = place.enqueue("add", 1, 2)
    place.redis.psetex(job.key("in-progress"), 3_600_000, b"1")
    with place.worker():
        assert place.enqueue("add", 3, 4).result(DEADLINE_S) == 7
        assert job.status() == JobStatus.in_progress
        assert place.redis.get(job.key("in-progress")) == b"1"
        # As when that worker has been cancelled: what it counted is the number of its try.
        with place.redis.pipeline(transaction=True) as tx:
            tx.incr(job.key("retry")).delete(job.key("in-progress")).execute()
        assert job.result(DEADLINE_S) == 3
        assert job.result_info().job_try == 2


@case
def a_worker_that_is_stopped_gives_its_jobs_back(place):
    with place.worker():
        job = place.enqueue("sleep", 3600)
        place.wait_status(job, JobStatus.in_progress)
    assert job.status() == JobStatus.queued
    assert place.keys() <= {QUEUE, job.key("job"), job.key("retry")}
    assert job.abort is not None
    with place.worker():
        place.wait_status(job, JobStatus.in_progress)
        assert job.abort(DEADLINE_S) is True


case.run()
