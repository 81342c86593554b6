"""A run of a cron job is enqueued and run once, wherever its worker is killed or its exchange is cut.

The module is examples/cron.c, whose `beat` writes down the instant of each of its runs.
"""
from support import tap

from fault.place import Cases


def beats(place):
    if not place.rows(place.data, "SELECT 1 FROM sqlite_master WHERE name = 'beats'"):
        return []
    return [at for at, in place.rows(place.data, "SELECT at FROM beats ORDER BY at")]


def ticks(place):
    """The instants that a run was enqueued for; jobs are kept for an hour."""
    return place.jobs.ticks("beat")


def wait_beats(place, count):
    return tap.wait_until(lambda: len(beats(place)) >= count and beats(place), 60)


def assert_each_once(place):
    last = place.worker(burst=True)
    assert last.wait_end() == 0, last.log()
    assert len(ticks(place)) == len(set(ticks(place))), ticks(place)
    assert set(ticks(place)) <= set(beats(place)), (ticks(place), beats(place))
    assert len(beats(place)) == len(set(beats(place))), beats(place)
    assert beats(place) == list(range(beats(place)[0], beats(place)[-1] + 1000, 1000))


def killed_at(place, point):
    worker = place.worker().ready()
    wait_beats(place, 1)
    place.arm(point, "kill")
    assert worker.wait_end() < 0
    had = len(beats(place))
    other = place.worker().ready()
    wait_beats(place, had + 3)
    other.stop()
    assert_each_once(place)


def exchange_doubted(place):
    """It was committed, and the worker does not know: what it asks again was taken."""
    worker = place.worker().ready()
    wait_beats(place, 1)
    place.arm("exchange.doubted", "cut")
    place.wait_hit("exchange.doubted")
    wait_beats(place, len(beats(place)) + 3)
    worker.stop()
    assert_each_once(place)


def one_of_two_killed(place):
    workers = [place.worker().ready(), place.worker().ready()]
    wait_beats(place, 1)
    place.arm("dispatcher.ticked", "kill")
    pid = place.wait_hit("dispatcher.ticked")
    had = len(beats(place))
    wait_beats(place, had + 3)
    for worker in workers:
        if worker.pid != pid:
            worker.stop()
    assert_each_once(place)


cases = Cases()
for step in ["dispatcher.ticked", "exchange.before_commit", "exchange.committed"]:
    cases.add(f"a run of a cron job is there once: its worker is killed at {step}", killed_at, step)
cases.add("a run of a cron job is there once: its exchange is doubted", exchange_doubted)
cases.add("a run of a cron job is there once: one of two workers is killed", one_of_two_killed)
cases.run()
