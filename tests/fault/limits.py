"""Limits hold whoever is killed when: no more than two run at once, no more than five start."""
import contextlib
import os
import random
import signal

from fault.place import LEASE_S, REDIS, Cases
from support import tap

JOBS = 40
KILLS = 6 if REDIS else 12


def numbers(place, name):
    try:
        with open(os.path.join(place.folder, name), encoding="ascii") as lines:
            return [int(line) for line in lines]
    except FileNotFoundError:
        return []


def kill_any(place, workers, dice):
    """A worker, in whose place comes another, or one of its executors."""
    at = dice.randrange(len(workers))
    children = workers[at].children()
    if children and dice.random() < 0.5:
        with contextlib.suppress(ProcessLookupError):
            os.kill(dice.choice(children), signal.SIGKILL)
    else:
        workers[at].kill()
        workers[at] = place.worker(executors=3, lease=LEASE_S).ready()


def never_more_run_than_two(place):
    seed = random.randrange(2**32)
    print("# seed", seed, flush=True)
    dice = random.Random(seed)
    for _ in range(JOBS):
        place.enqueue("two")
    workers = [place.worker(executors=3, lease=LEASE_S).ready() for _ in range(2)]
    for _ in range(KILLS):
        before = len(numbers(place, "seen"))
        tap.wait_until(lambda b=before: len(numbers(place, "seen")) > b or not place.unfinished())
        kill_any(place, workers, dice)
    place.wait_drained(60)
    seen = numbers(place, "seen")
    assert len(seen) >= JOBS, seen
    assert max(seen) == 2, seen
    place.finish()
    assert place.jobs.held() == 0


def never_more_start_than_five(place):
    seed = random.randrange(2**32)
    print("# seed", seed, flush=True)
    dice = random.Random(seed)
    for _ in range(JOBS):
        place.enqueue("five")
    workers = [place.worker(executors=3, lease=LEASE_S).ready() for _ in range(2)]
    for _ in range(KILLS):
        kill_any(place, workers, dice)
    tap.wait_until(lambda: place.jobs.starts() == 5)
    workers.append(place.worker(executors=3).ready())
    for worker in workers:
        worker.stop()
    assert len(numbers(place, "starts")) <= 5, numbers(place, "starts")
    assert place.jobs.starts() <= 5
    left = place.unfinished()
    assert left >= JOBS - 5 and place.running() == 0, left


cases = Cases()
cases.add("never_more_run_than_two", never_more_run_than_two)
cases.add("never_more_start_than_five", never_more_start_than_five)
cases.run()
