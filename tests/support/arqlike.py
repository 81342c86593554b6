"""arqlike - what Python's arq does on Redis, written from spec and not from arq.

    client = Client(redis)
    job = client.enqueue_job("add", 1, b=2)
    assert job.result(timeout=10) == 3

    hand = Hand(job)        # a worker's, step by step
    assert hand.take()
    hand.begin()
    hand.finish(3)

Names, keys, commands and their order are arq's (3.1 to 3.10 of the specification by which
tests are named); only that it waits, where arq awaits. Pickles name arq's exceptions by their module,
so there is one of that name, too.
"""
import asyncio
import dataclasses
import datetime
import enum
import pickle
import sys
import time
import types
import typing
import uuid

import redis

QUEUE = "arq:queue"
DAY_MS = 86_400_000
POLL_S = 0.01


class SerializationError(RuntimeError):
    pass


class DeserializationError(SerializationError):
    pass


class ResultNotFound(RuntimeError):
    pass


class JobExecutionFailed(RuntimeError):
    pass


def pretend_to_be_arq():
    modules = {"arq": [], "arq.worker": [JobExecutionFailed],
               "arq.jobs": [SerializationError, DeserializationError, ResultNotFound]}
    for name, classes in modules.items():
        sys.modules[name] = types.ModuleType(name)
        for one in classes:
            one.__module__ = name
            setattr(sys.modules[name], one.__name__, one)


pretend_to_be_arq()


class JobStatus(enum.Enum):
    deferred = "deferred"
    queued = "queued"
    in_progress = "in_progress"
    complete = "complete"
    not_found = "not_found"


@dataclasses.dataclass
class JobDef:
    function: str
    args: tuple
    kwargs: dict
    job_try: typing.Optional[int]
    enqueue_time: datetime.datetime
    score: typing.Optional[int]
    job_id: typing.Optional[str] = None


@dataclasses.dataclass
class JobResult(JobDef):
    success: bool = False
    result: object = None
    start_time: typing.Optional[datetime.datetime] = None
    finish_time: typing.Optional[datetime.datetime] = None
    queue_name: str = ""


def now_ms():
    return time.time_ns() // 1_000_000


def to_ms(value):
    """Of seconds, of a timedelta; of a datetime since 1970."""
    if isinstance(value, datetime.datetime):
        value = value.timestamp()
    elif isinstance(value, datetime.timedelta):
        value = value.total_seconds()
    return round(value * 1000)


def to_datetime(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc)


class Job:
    def __init__(self, client, job_id, queue_name=QUEUE):
        self.client, self.redis = client, client.redis
        self.job_id, self.queue_name = job_id, queue_name

    def key(self, kind):
        return f"arq:{kind}:{self.job_id}"

    def status(self):
        with self.redis.pipeline(transaction=True) as tx:
            tx.exists(self.key("result")).exists(self.key("in-progress"))
            tx.zscore(self.queue_name, self.job_id)
            result, running, score = tx.execute()
        if result:
            return JobStatus.complete
        if running:
            return JobStatus.in_progress
        if not score:
            return JobStatus.not_found
        return JobStatus.deferred if score > now_ms() else JobStatus.queued

    def result_info(self):
        data = self.redis.get(self.key("result"))
        return self.client.read_result(data) if data else None

    def info(self):
        info = self.result_info()
        if not info:
            data = self.redis.get(self.key("job"))
            info = self.client.read_job(data) if data else None
        if info:
            score = self.redis.zscore(self.queue_name, self.job_id)
            info.score = None if score is None else int(score)
        return info

    def result(self, timeout=None, poll_delay=POLL_S):
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            with self.redis.pipeline(transaction=True) as tx:
                tx.get(self.key("result")).zscore(self.queue_name, self.job_id)
                data, score = tx.execute()
            if data:
                return self.outcome(self.client.read_result(data))
            if score is None:
                raise ResultNotFound("Not waiting for job result because the job is not in queue. "
                                     "Is the worker function configured to keep result?")
            if end is not None and time.monotonic() > end:
                raise TimeoutError(f"{self.job_id} has no result within {timeout} s")
            time.sleep(poll_delay)

    @staticmethod
    def outcome(info):
        if info.success:
            return info.result
        if isinstance(info.result, (Exception, asyncio.CancelledError)):
            raise info.result
        raise SerializationError(info.result)

    def abort(self, timeout=None, poll_delay=POLL_S):
        """Whether it ended by that."""
        info = self.info()
        if info and info.score and info.score > now_ms():
            with self.redis.pipeline(transaction=True) as tx:
                tx.zrem(self.queue_name, self.job_id).zadd(self.queue_name, {self.job_id: 1})
                tx.execute()
        self.redis.zadd("arq:abort", {self.job_id: now_ms()})
        try:
            self.result(timeout, poll_delay)
        except asyncio.CancelledError:
            return True
        except ResultNotFound:
            return False
        return False


class Hand:
    """What a worker of arq does with one job."""

    LOCK_MS = 310_000
    KEEP_MS = 3_600_000

    def __init__(self, job):
        self.job, self.redis = job, job.redis
        self.definition, self.job_try, self.begun_ms = None, None, None

    def take(self, lock_ms=LOCK_MS):
        """False: another worker has it."""
        lock = self.job.key("in-progress")
        with self.redis.pipeline(transaction=True) as tx:
            tx.watch(lock)
            if tx.exists(lock) or not tx.zscore(self.job.queue_name, self.job.job_id):
                return False
            tx.multi()
            tx.psetex(lock, lock_ms, b"1")
            try:
                tx.execute()
            except redis.WatchError:
                return False
        return True

    def begin(self):
        """Whether its abort was wished."""
        with self.redis.pipeline(transaction=True) as tx:
            tx.get(self.job.key("job")).incr(self.job.key("retry"))
            tx.expire(self.job.key("retry"), 88_400).zrem("arq:abort", self.job.job_id)
            data, self.job_try, _, aborted = tx.execute()
        self.definition = self.job.client.read_job(data)
        self.begun_ms = now_ms()
        return bool(aborted)

    def finish(self, result, success=True, keep_ms=KEEP_MS):
        it = self.definition
        data = self.job.client.dumps({
            "t": self.job_try, "f": it.function, "a": it.args, "k": it.kwargs,
            "et": to_ms(it.enqueue_time), "s": success, "r": result, "st": self.begun_ms,
            "ft": now_ms(), "q": self.job.queue_name, "id": self.job.job_id})
        with self.redis.pipeline(transaction=True) as tx:
            if keep_ms:
                tx.set(self.job.key("result"), data, px=keep_ms)
            tx.zrem("arq:abort", self.job.job_id).zrem(self.job.queue_name, self.job.job_id)
            tx.delete(self.job.key("in-progress"), self.job.key("retry"), self.job.key("job"))
            tx.execute()

    def retry(self, defer_ms=0):
        """It has raised Retry; without a delay, or was cancelled: its score stays."""
        score = self.redis.zscore(self.job.queue_name, self.job.job_id)
        with self.redis.pipeline(transaction=True) as tx:
            if defer_ms:
                tx.zincrby(self.job.queue_name, now_ms() + defer_ms - score, self.job.job_id)
            tx.delete(self.job.key("in-progress"))
            tx.execute()


class Client:
    """`dumps` and `loads` are arq's job_serializer and job_deserializer."""

    def __init__(self, connection, queue_name=QUEUE, dumps=pickle.dumps, loads=pickle.loads,
                 expires_extra_ms=DAY_MS):
        self.redis, self.queue_name = connection, queue_name
        self.dumps, self.loads, self.expires_extra_ms = dumps, loads, expires_extra_ms

    def job(self, job_id, queue_name=None):
        return Job(self, job_id, queue_name or self.queue_name)

    def enqueue_job(self, function, *args, _job_id=None, _queue_name=None, _defer_until=None,
                    _defer_by=None, _expires=None, _job_try=None, **kwargs):
        """None when there is a job, or a result, of that id."""
        if _defer_until and _defer_by:
            raise RuntimeError("use either 'defer_until' or 'defer_by' or neither, not both")
        job = self.job(_job_id or uuid.uuid4().hex, _queue_name)
        with self.redis.pipeline(transaction=True) as tx:
            tx.watch(job.key("job"))
            if tx.exists(job.key("job"), job.key("result")):
                return None
            enqueued_ms = now_ms()
            score = enqueued_ms
            if _defer_until:
                score = to_ms(_defer_until)
            elif _defer_by:
                score = enqueued_ms + to_ms(_defer_by)
            life_ms = to_ms(_expires) if _expires else score - enqueued_ms + self.expires_extra_ms
            tx.multi()
            tx.psetex(job.key("job"), life_ms,
                      self.write_job(function, args, kwargs, _job_try, enqueued_ms))
            tx.zadd(job.queue_name, {job.job_id: score})
            try:
                tx.execute()
            except redis.WatchError:
                return None
        return job

    def write_job(self, function, args, kwargs, job_try, enqueued_ms):
        try:
            return self.dumps({"t": job_try, "f": function, "a": args, "k": kwargs,
                               "et": enqueued_ms})
        except Exception as error:
            raise SerializationError(f'unable to serialize job "{function}"') from error

    def read_job(self, data):
        try:
            it = self.loads(data)
            return JobDef(it["f"], it["a"], it["k"], it["t"], to_datetime(it["et"]), None)
        except Exception as error:
            raise DeserializationError("unable to deserialize job") from error

    def read_result(self, data):
        try:
            it = self.loads(data)
            return JobResult(it["f"], it["a"], it["k"], it["t"], to_datetime(it["et"]), None,
                             it.get("id", "<unknown>"), it["s"], it["r"], to_datetime(it["st"]),
                             to_datetime(it["ft"]), it.get("q", "<unknown>"))
        except Exception as error:
            raise DeserializationError("unable to deserialize job result") from error

    def queued_jobs(self, queue_name=None):
        jobs = []
        for job_id, score in self.redis.zrange(queue_name or self.queue_name, 0, -1,
                                               withscores=True):
            job_id = job_id.decode()
            data = self.redis.get("arq:job:" + job_id)
            if data is None:
                raise RuntimeError(f'job "arq:job:{job_id}" not found')
            job = self.read_job(data)
            job.job_id, job.score = job_id, int(score)
            jobs.append(job)
        return jobs

    def all_job_results(self):
        results = []
        for key in self.redis.keys("arq:result:*"):
            data = self.redis.get(key)
            if data is not None:
                results.append(self.read_result(data))
                results[-1].job_id = key.decode().removeprefix("arq:result:")
        return sorted(results, key=lambda result: result.enqueue_time)
