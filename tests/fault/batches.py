"""Batches: the callback of each runs once, and after all of its jobs, whatever dies meanwhile: jobs
that wait are told in the transaction that acknowledges the one they wait for."""
import random
import sys

from fault.place import SERVED, Cases, kill, resume
from support import tap

CHILDREN = 12


def assert_called_back(place, batch, children):
    """Once, when so many had ended."""
    rows = place.rows(place.data, "SELECT ended FROM callbacks WHERE job = ?", batch + "/last")
    assert rows == [(children,)], (batch, rows)
    assert place.state(batch + "/last") == 1


def assert_refused(place, batch):
    """It failed with the one that failed, and did not run."""
    rows = place.rows(place.data, "SELECT ended FROM callbacks WHERE job = ?", batch + "/last")
    assert rows == [], (batch, rows)
    failures = place.failures(batch + "/last")
    why = f"a job that it was to wait for has failed: {batch}/{CHILDREN - 1}"
    assert failures == [(why,)], (batch, failures)


def kill_someone(place, dice):
    """One of the executors, or a worker: then another one takes its place."""
    living = [worker for worker in place.workers if worker.process.poll() is None]
    worker = dice.choice(living)
    children = worker.children()
    if children and dice.random() < 0.6:
        kill(dice.choice(children))
        return
    worker.kill()
    place.worker(executors=2, lease=1)


def killed_at_random(place, kills):
    seed = random.SystemRandom().randrange(1, 1000000)
    print("seed", seed, file=sys.stderr)
    dice = random.Random(seed)
    good = [place.enqueue("batch", children=CHILDREN) for _ in range(5)]
    some = [place.enqueue("batch", children=CHILDREN, then="fail", after_failed=True)
            for _ in range(3)]
    bad = [place.enqueue("batch", children=CHILDREN, then="fail") for _ in range(3)]
    for _ in range(2):
        place.worker(executors=2, lease=1)
    for _ in range(kills):
        if place.unfinished() < 20:
            good.append(place.enqueue("batch", children=CHILDREN))
        before = place.unfinished()
        tap.wait_until(lambda n=before: place.unfinished() != n or place.running() > 0)
        kill_someone(place, dice)
    place.finish()
    for batch in good + some:
        assert_called_back(place, batch, CHILDREN)
    for batch in bad:
        assert_refused(place, batch)


def killed_at(place, point, nth):
    """While the ends of its jobs are told to the broker."""
    place.arm(point, "kill", nth=nth)
    worker = place.worker(executors=2).ready()
    batch = place.enqueue("batch", children=CHILDREN)
    place.wait_hit(point)
    worker.wait_end()
    place.finish()
    assert_called_back(place, batch, CHILDREN)


def cut_behind_the_last(place, point, word):
    """The last one has been told, in a transaction that is not, or is, committed."""
    place.arm("exchange.waiter_told", "stop", nth=CHILDREN)
    worker = place.worker(executors=2).ready()
    batch = place.enqueue("batch", children=CHILDREN)
    place.wait_stopped("exchange.waiter_told")
    place.arm(point, word)
    resume(worker.pid)
    place.wait_hit(point)
    if word == "kill":
        worker.wait_end()
    place.finish()
    assert_called_back(place, batch, CHILDREN)


def more_than_are_told_at_once(place, nth):
    """Of 2,300 that wait for one job, so many have been told when the worker dies."""
    place.arm("exchange.waiter_told", "kill", nth=nth)
    worker = place.worker(executors=2).ready()
    place.enqueue("crowd", children=2300)
    place.wait_hit("exchange.waiter_told", deadline_s=60)
    worker.wait_end()
    last = place.worker(burst=True, executors=2)
    assert last.wait_end(100) == 0, last.log()
    place.check()
    assert place.effects() == 2300, place.effects()


NAME = "batches: a callback comes once, after all of its jobs: "
cases = Cases()
cases.add(NAME + "killed at random", killed_at_random, 12 if SERVED else 25)
for step in (1, 3, 6):
    cases.add(NAME + f"killed at exchange.settled, the {step}. time", killed_at,
              "exchange.settled", step)
# In a server these are steps of a script, or of a function, where nobody can be killed.
for step in (1, CHILDREN // 2, CHILDREN):
    cases.add_once(NAME + f"killed when {step} have told their end", killed_at,
                   "exchange.waiter_told", step)
cases.add_once(NAME + "killed before COMMIT", cut_behind_the_last, "exchange.before_commit",
               "kill")
cases.add_once(NAME + "killed after COMMIT", cut_behind_the_last, "exchange.committed", "kill")
cases.add_once(NAME + "a COMMIT of which nobody knows", cut_behind_the_last, "exchange.doubted",
               "cut")
for step in (1500, 2100):
    cases.add_once(NAME + f"more than are told at once, killed after {step}",
                   more_than_are_told_at_once, step)
cases.run()
