"""An unmodified client of arq with barq's workers, and barq's client with workers of arq."""
import asyncio
import collections
import datetime
import decimal
import json
import uuid

from arq.jobs import Job, JobStatus, ResultNotFound, SerializationError
from arq.worker import JobExecutionFailed

from support import tap
from world import Cases, DEADLINE_S, FUNCTIONS, MSGPACK, PICKLE

case = Cases()
UTC = datetime.timezone.utc

PLAIN = [None, True, False, 0, -1, 2 ** 31, -2 ** 63, 2 ** 64 - 1, 0.0, 1.5, -1e300, "", "text",
         "äß€𝄞\0\n", "x" * 70_000, [], [1, [2, [3, None]]], {}, {"a": {"b": [1]}}]
BINARY = [b"", b"\x00\xff", bytes(range(256)) * 300]
PYTHONS = [
    2 ** 64, -10 ** 100, float("inf"), (), (1, ("a", None)), {1: "a", (1, 2): None, None: 0}, set(),
    {1, "a", (2, 3)}, datetime.datetime(2026, 11, 23, 16, 13, 7, 42),
    datetime.datetime(2026, 11, 23, 16, 13, tzinfo=UTC),
    datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))),
    datetime.date(2024, 2, 29), datetime.time(1, 2, 3, 4), datetime.timedelta(-3, 5, 7),
    uuid.UUID("01234567-89ab-cdef-0123-456789abcdef"), decimal.Decimal("1.50"), JobStatus.queued,
    collections.Counter("abca"), collections.deque([1, 2], 5), complex(1, -2), range(1, 10, 3)]


async def result(job):
    return await job.result(timeout=DEADLINE_S, poll_delay=0.01)


async def raised(what):
    try:
        answer = await what
    except (Exception, asyncio.CancelledError) as error:  # pylint: disable=broad-except
        return error
    raise AssertionError(f"it raised nothing but gave {answer!r}")


async def reaches(job, status):
    async def wait():
        while await job.status() != status:
            await asyncio.sleep(0.01)
    await asyncio.wait_for(wait(), DEADLINE_S)


# -- arq's client, barq's worker --


@case
async def values_of_all_types_come_back_in_pickle(world):
    arq = await world.pool(**PICKLE)
    with world.barq_worker("--executors", "2"):
        for value in PLAIN + BINARY + PYTHONS:
            args, kwargs = await result(await arq.enqueue_job("echo", value, named=[value]))
            assert args == (value,) and kwargs == {"named": [value]}, (value, args, kwargs)
            assert type(args[0]) is type(value), (value, args)


@case
async def values_of_all_types_come_back_in_messagepack(world):
    arq = await world.pool(**MSGPACK)
    with world.barq_worker("--executors", "2"):
        for value in PLAIN + BINARY:
            assert await result(await arq.enqueue_job("echo", value, named=value)) == [
                [value], {"named": value}]
        failed = await arq.enqueue_job("fail", "no luck")
        error = await raised(result(failed))
        assert type(error) is SerializationError and str(error) == "no luck", repr(error)


@case
async def all_that_arqs_client_can_do(world):
    arq = await world.pool()
    job = await arq.enqueue_job("add", 1, 2, _job_id="one")
    assert await arq.enqueue_job("add", 1, 2, _job_id="one") is None
    later = await arq.enqueue_job("noop", _defer_by=3600)
    until = await arq.enqueue_job("noop", _defer_until=datetime.datetime(2032, 1, 1, tzinfo=UTC))
    assert [one.job_id for one in await arq.queued_jobs()] == ["one", later.job_id, until.job_id]
    assert await job.status() == JobStatus.queued and await later.status() == JobStatus.deferred
    assert (await job.info()).args == (1, 2) and await job.result_info() is None
    with world.barq_worker("--executors", "2"):
        assert await result(job) == 3
        assert await job.status() == JobStatus.complete
        info = await job.info()
        assert info.success and info.result == 3 and info.score is None and info.job_try == 1
        assert await later.abort(timeout=DEADLINE_S, poll_delay=0.01) is True
        assert type(await raised(later.result(timeout=0))) is asyncio.CancelledError
        running = await arq.enqueue_job("sleep", 3600)
        await reaches(running, JobStatus.in_progress)
        assert await running.abort(timeout=DEADLINE_S, poll_delay=0.01) is True
        assert await Job("unknown", arq).abort(timeout=DEADLINE_S) is False
        assert type(await raised(Job("unknown", arq).result(timeout=1))) is ResultNotFound
        error = await raised(until.result(timeout=0.1, poll_delay=0.01))
        assert type(error) is asyncio.TimeoutError
        bad = await raised(result(await arq.enqueue_job("fail", "no luck")))
        assert type(bad) is RuntimeError and str(bad) == "no luck", repr(bad)
        gone = await raised(result(await arq.enqueue_job("no_such_function")))
        assert type(gone) is JobExecutionFailed, repr(gone)
        assert await result(await arq.enqueue_job("retry", 2, 0.01)) == 3
        assert await result(await arq.enqueue_job("retry", 0, _job_try=3)) == 3
        late = await arq.enqueue_job("noop", _expires=0.01, _defer_by=0.5)
        error = await raised(result(late))
        assert type(error) is JobExecutionFailed and str(error) == "job expired", repr(error)
        results = await arq.all_job_results()
        times = [one.enqueue_time for one in results]
        assert "one" in [one.job_id for one in results] and times == sorted(times)
        assert [one.job_id for one in await arq.queued_jobs()] == [until.job_id]


# -- barq's client, arq's worker --


JSON_VALUES = ["null", "true", "0", "-1", "9007199254740993", "1.5", "-1e+300", '""',
               '"äß€𝄞"', '"a\\"b\\\\c"', "[]", "[1,[2,[3,null]]]", "{}", '{"a":{"b":[1]}}']


def values_that_json_can_express_come_back(world, settings, *options):
    with world.arq_worker(settings):
        for value in JSON_VALUES:
            job = world.barq("enqueue", "echo", *options, "--", value)
            said = json.loads(world.barq("result", job, "--timeout", str(DEADLINE_S)))
            assert said == [[json.loads(value)], {}], (value, said)
        job = world.barq("enqueue", "echo", *options, "--kwargs", '{"a":[1,2],"b":"c"}')
        said = json.loads(world.barq("result", job, "--timeout", str(DEADLINE_S)))
        assert said == [[], {"a": [1, 2], "b": "c"}], said


@case
def values_of_barqs_client_in_pickle(world):
    values_that_json_can_express_come_back(world, "Settings")


@case
def values_of_barqs_client_in_messagepack(world):
    values_that_json_can_express_come_back(world, "MsgpackSettings", "--serializer", "msgpack")


@case
def values_of_barqs_client_in_json(world):
    values_that_json_can_express_come_back(world, "JsonSettings", "--serializer", "json")


@case
def all_that_barqs_client_can_do(world):
    wait = ["--timeout", str(DEADLINE_S)]
    with world.arq_worker():
        good = world.barq("enqueue", "add", "1", "2", "--job-id", "good")
        assert world.barq("result", good, *wait) == "3"
        assert world.barq("status", good) == "complete"
        world.barq("enqueue", "add", "1", "2", "--job-id", "good", code=1)
        bad = world.barq("enqueue", "fail", "no luck")
        assert "no luck" in world.barq("result", bad, *wait, code=1)
        assert world.barq("status", bad) == "failed"
        unknown = world.barq("enqueue", "no_such_function")
        assert "not found" in world.barq("result", unknown, *wait, code=1)
        assert world.barq("result", world.barq("enqueue", "again", "2"), *wait) == "3"
        later = world.barq("enqueue", "noop", "--defer-by", "0.3")
        assert world.barq("status", later) == "deferred"
        assert world.barq("result", later, *wait) == "null"
        tomorrow = world.barq("enqueue", "noop", "--defer-by", "86400")
        world.barq("abort", tomorrow)
        assert "failed" in world.barq("result", tomorrow, *wait, code=1)
        running = world.barq("enqueue", "sleep", "3600")
        tap.wait_until(lambda: world.barq("status", running) == "in_progress", DEADLINE_S)
        world.barq("abort", running)
        world.barq("result", running, *wait, code=1)
        assert world.barq("status", running) == "failed"
        listed = world.listed()
        assert {listed[job]["status"] for job in (good, later)} == {"complete"}, listed
        assert {listed[job]["status"] for job in (bad, unknown, tomorrow, running)} == {"failed"}
        assert listed[bad]["error"] == "ValueError: no luck", listed[bad]
        second = world.barq("enqueue", "add", "3", "4", "--after", world.barq("enqueue", "noop"))
        with world.barq_worker("--shared-with-arq", module=FUNCTIONS):
            # barq's workers let go what waits for others.
            assert world.barq("result", second, *wait) == "7"


case.run()
