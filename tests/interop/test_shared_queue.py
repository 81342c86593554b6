"""One queue with a worker of arq and a worker of barq, and jobs of both clients."""
import asyncio
import json
import os
import random
import sys
import time

from arq.jobs import Job

from support import tap
from world import Cases, FUNCTIONS, figures

case = Cases()

JOBS = int(os.environ.get("INTEROP_JOBS", "10000"))
KILL_JOBS = int(os.environ.get("INTEROP_KILL_JOBS", "2000"))
DEADLINE_S = 600
SHARED = ["--shared-with-arq", "--executors", "4"]


async def enqueue_half(world, count, nap_ms):
    arq = await world.pool()
    for number in range(0, count, 2):
        assert await arq.enqueue_job("effect", f"job-{number}", nap_ms, _job_id=f"job-{number}")


def enqueue_other_half(world, count, nap_ms):
    jobs = [{"function": "effect", "args": [f"job-{number}", nap_ms], "id": f"job-{number}"}
            for number in range(1, count, 2)]
    world.barq("enqueue", "--many", "-", text="".join(json.dumps(job) + "\n" for job in jobs))


def ended(world):
    return world.redis.zcard("arq:queue") == 0


def tally(world, count):
    arqs, barqs = world.arq_effects(), world.barq_effects()
    names = [f"job-{number}" for number in range(count)]
    runs = [arqs.get(name, 0) + barqs.get(name, 0) for name in names]
    return {"jobs": count, "lost": runs.count(0), "by_arq": sum(arqs.values()),
            "by_barq": sum(barqs.values()), "doubled": sum(run > 1 for run in runs),
            "doubled_by_barq": sum(run > 1 for run in barqs.values()),
            "doubled_by_arq": sum(run > 1 for run in arqs.values()),
            "doubled_across": sum(name in arqs and name in barqs for name in names)}


async def read_by_arq(world, count):
    arq = await world.pool()
    failed = 0
    for number in range(count):
        info = await Job(f"job-{number}", arq).result_info()
        assert info is not None, number
        failed += not info.success
    return failed


@case
def of_ten_thousand_none_is_lost_and_none_runs_twice(world):
    with world.arq_worker(), world.barq_worker(*SHARED, module=FUNCTIONS):
        world.wait_log(1, b"Starting worker")
        world.wait_log(2, b"worker ready")
        begun = time.monotonic()
        asyncio.run(enqueue_half(world, JOBS, 0))
        enqueue_other_half(world, JOBS, 0)
        tap.wait_until(lambda: ended(world), DEADLINE_S)
        seconds = time.monotonic() - begun
    found = tally(world, JOBS)
    found["failed"] = asyncio.run(read_by_arq(world, JOBS))
    listed = world.listed("--status", "complete")
    figures(case="none is lost", seconds=round(seconds, 1), listed=len(listed), **found)
    assert found["lost"] == found["doubled"] == found["failed"] == 0, found
    assert found["by_arq"] + found["by_barq"] == JOBS, found
    assert found["by_arq"] > 0 and found["by_barq"] > 0, found
    assert len(listed) == JOBS
    for number in range(0, JOBS, max(1, JOBS // 50)):
        assert world.barq("result", f"job-{number}") == "1"


@case
def when_both_are_killed_none_is_lost_and_barq_runs_none_twice(world):
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print("SEED", seed, file=sys.stderr)
    dice = random.Random(seed)
    makers = [lambda: world.start_arq("ShortSettings"),
              lambda: world.start_barq(*SHARED, module=FUNCTIONS)]
    asyncio.run(enqueue_half(world, KILL_JOBS, 20))
    enqueue_other_half(world, KILL_JOBS, 20)
    workers = [make() for make in makers]
    kills = [0, 0]
    try:
        # Until half is done somebody is killed each second or so; the rest is to end in peace.
        while world.redis.zcard("arq:queue") > KILL_JOBS // 2 or min(kills) < 3:
            if ended(world):
                break
            left = world.redis.zcard("arq:queue")
            aim = max(0, left - dice.randrange(1, 100))
            tap.wait_until(lambda: world.redis.zcard("arq:queue") <= aim, DEADLINE_S)
            which = dice.randrange(2)
            workers[which].kill()
            workers[which].wait()
            kills[which] += 1
            workers[which] = makers[which]()
        tap.wait_until(lambda: ended(world), DEADLINE_S)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    found = tally(world, KILL_JOBS)
    found["failed"] = asyncio.run(read_by_arq(world, KILL_JOBS))
    figures(case="killed", seed=seed, kills_of_arq=kills[0], kills_of_barq=kills[1], **found)
    assert found["lost"] == found["doubled_by_barq"] == found["failed"] == 0, found
    assert found["by_arq"] > 0 and found["by_barq"] > 0 and min(kills) > 0, (found, kills)


case.run()
