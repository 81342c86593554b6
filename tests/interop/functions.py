"""What arq's workers run here, and their settings; barq's side of it is tests/e2e/arq_functions.c."""
import asyncio
import functools
import json
import os

import msgpack
from arq import Retry
from arq.connections import RedisSettings


async def effect(ctx, name, nap_ms=0):
    """Writes down, in Redis, that it ran; how often it has by now."""
    await asyncio.sleep(nap_ms / 1000)
    return await ctx["redis"].incr("ledger:" + name)


async def add(_ctx, a, b):
    return a + b


async def echo(_ctx, *args, **kwargs):
    return [args, kwargs]


async def fail(_ctx, message):
    raise ValueError(message)


async def sleep(_ctx, seconds):
    await asyncio.sleep(seconds)


async def noop(_ctx, *_args):
    pass


async def again(ctx, times):
    if ctx["job_try"] <= times:
        raise Retry(0.05)
    return ctx["job_try"]


def settings(**more):
    """arq reads a class's own attributes, not those that it inherits."""
    common = {
        "functions": [effect, add, echo, fail, sleep, noop, again],
        "redis_settings": RedisSettings(port=int(os.environ["REDIS_PORT"])),
        "allow_abort_jobs": True,
        "poll_delay": 0.02,
    }
    return type("Settings", (), {**common, **more})


Settings = settings()
MsgpackSettings = settings(job_serializer=msgpack.packb,
                           job_deserializer=functools.partial(msgpack.unpackb, raw=False))
JsonSettings = settings(job_serializer=lambda value: json.dumps(value).encode(),
                        job_deserializer=json.loads)
# Its lock lasts for 11 s.
ShortSettings = settings(job_timeout=1, max_tries=1000)
