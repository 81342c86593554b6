#!/usr/bin/env python3
"""arq's part in bench/redis.

    arq_worker.py fill PORT COUNT            enqueues no-op jobs
    arq_worker.py drain PORT COUNT tuned     does them, set up to be fast: prints jobs a second
    arq_worker.py drain PORT COUNT defaults  does them as `arq` does when nothing is set

A job that has ended keeps its result for an hour: arq's default.
"""

import asyncio
import logging.config
import sys
import time

import uvloop
from arq.connections import RedisSettings, create_pool
from arq.logs import default_log_config
from arq.worker import Worker

AT_ONCE = 50
SETTINGS = {
    "tuned": {"poll_delay": 0.01, "max_jobs": 100, "queue_read_limit": 1000},
    "defaults": {},
}


async def noop(ctx):
    pass


async def fill(settings, count):
    pool = await create_pool(settings)
    for done in range(0, count, AT_ONCE):
        await asyncio.gather(*(pool.enqueue_job("noop") for _ in range(min(AT_ONCE, count - done))))
    await pool.close()


async def drain(settings, count, more):
    """Until the last result is written, by the hook that comes after it."""
    ended = []

    async def after_job_end(ctx):
        ended.append(time.monotonic())

    pool = await create_pool(settings)
    worker = Worker([noop], redis_pool=pool, burst=True, after_job_end=after_job_end, **more)
    begun = time.monotonic()
    await worker.async_run()
    await worker.close()
    if worker.jobs_complete != count:
        sys.exit(f"bench: arq has completed {worker.jobs_complete} of {count} jobs")
    print(f"{count / (ended[-1] - begun):.1f}")


def main():
    what, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    settings = RedisSettings(host="127.0.0.1", port=port)
    if what == "fill":
        asyncio.run(fill(settings, count))
        return
    how = sys.argv[4]
    if how == "tuned":
        uvloop.install()
    else:
        logging.config.dictConfig(default_log_config(verbose=False))
    asyncio.run(drain(settings, count, SETTINGS[how]))


main()
