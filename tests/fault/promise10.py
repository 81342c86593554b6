"""Promise 10: memory is bounded, in every process, whatever the queue's length or a job's fan-out;
and while the broker is away, outcomes that nobody takes count against the bound."""
from fault.place import SERVED, Cases
from support import tap

MIB = 1024 * 1024
LONG_QUEUE = 20000 if SERVED else 50000
FAN_OUT = 5000 if SERVED else 20000
PREFETCH_MAX = 800  # BQ_MAX_PREFETCH
GROWTH = 16 * MIB  # beyond what a process has when it is ready


def pss(pid):
    """What the kernel has the process pay for, in bytes; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class Watch:
    """The most that each process of a worker has had, since it was made."""

    def __init__(self, worker):
        self.worker = worker
        self.first = {}
        self.most = {}
        self.look()

    def look(self):
        for pid in [self.worker.pid, *self.worker.children()]:
            now = pss(pid)
            self.first.setdefault(pid, now)
            self.most[pid] = max(now, self.most.get(pid, 0))

    def until(self, happened, deadline_s=60):
        def look_and_ask():
            self.look()
            return happened()
        tap.wait_until(look_and_ask, deadline_s)

    def check(self):
        for pid, most in self.most.items():
            who = "dispatcher" if pid == self.worker.pid else "executor"
            print(f"{who} {pid}: {self.first[pid] // 1024} KiB, at most {most // 1024} KiB",
                  flush=True)
            grown = most - self.first[pid]
            assert grown < GROWTH, (who, pid, grown // 1024)


def long_queue(place):
    worker = place.worker(executors=4).ready()
    tap.wait_until(lambda: len(worker.children()) == 5)
    watch = Watch(worker)
    job = place.enqueue("nothing", options=("--defer-by", "3600"), text="x" * 500)
    place.multiply(job, LONG_QUEUE)
    watch.until(lambda: place.unfinished() == 0, 120)
    worker.stop()
    watch.check()
    place.finish()


def fan_out(place):
    worker = place.worker(executors=2).ready()
    tap.wait_until(lambda: len(worker.children()) == 3)
    watch = Watch(worker)
    job = place.enqueue("fan_out", children=FAN_OUT, queue="elsewhere")
    watch.until(lambda: place.state(job) == 1)
    worker.stop()
    watch.check()
    waiting, there = place.jobs.waiting_in("elsewhere")
    assert waiting == there == FAN_OUT, (waiting, there)
    assert place.one(place.data, "SELECT count(*) FROM barq_outbox") == 0


def broker_away(place):
    """The queue is locked: what was claimed is finished, and no more than that is begun."""
    worker = place.worker(executors=2).ready()
    parent = place.enqueue("effect", children=3000)
    place.wait_final(parent)
    tap.wait_until(lambda: place.effects() > 100)
    with place.jobs.away() as left:
        running, unfinished = left
        bound = 3001 - unfinished + running
        tap.wait_until(lambda: place.effects() >= bound)
        watch = Watch(worker)
        worker.wait_log("the broker cannot be used", 30)
        watch.look()
        assert place.effects() == bound, (place.effects(), bound)
        assert running <= 2 + PREFETCH_MAX, running
    place.wait_drained()
    watch.check()
    worker.stop()
    place.finish()
    place.assert_done(parent)
    assert place.effects() == 3001


cases = Cases()
cases.add(f"promise 10: memory is bounded: a queue of {LONG_QUEUE:,}", long_queue)
cases.add(f"promise 10: memory is bounded: a fan-out of {FAN_OUT:,}", fan_out)
cases.add("promise 10: memory is bounded: the broker is away", broker_away)
cases.run()
