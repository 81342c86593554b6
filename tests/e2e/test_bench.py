"""barq bench: what it makes, what it measures, and what it leaves."""
import contextlib
import json
import os
import signal
import subprocess

from support import tap

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]


class Place:
    """A queue and a database in a folder, with jobs that are not bench's: one waits, one is complete."""

    def __init__(self, folder):
        self.env = dict(os.environ, HOME=folder, BARQ_URL=f"sqlite:{folder}/queue.db",
                        DATABASE_URL=f"sqlite:{folder}/data.db")
        self.others = [self.barq("enqueue", "noop"),
                       self.barq("enqueue", "noop", "--queue=other")]
        self.barq("worker", PLAYGROUND, "--burst")
        self.others_are_left()

    def barq(self, *args, code=0):
        said = subprocess.run([BARQ, *args], env=self.env, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60, check=False)
        assert said.returncode == code, (args, said)
        return said.stdout.rstrip("\n")

    def jobs(self):
        """All but the two that were there before."""
        lines = self.barq("list", "--all", "--json").splitlines()
        return [job for job in map(json.loads, lines) if job["id"] not in self.others]

    def others_are_left(self):
        for job_id, status in zip(self.others, ["complete", "queued"]):
            assert self.barq("status", job_id) == status

    def bench(self, *args, code=0):
        figures = json.loads(self.barq("bench", *args, "--json", code=code))
        self.others_are_left()
        return figures

    @contextlib.contextmanager
    def worker(self):
        with subprocess.Popen([BARQ, "worker", PLAYGROUND, "--executors=2"], env=self.env,
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
            try:
                yield worker
            finally:
                worker.send_signal(signal.SIGTERM)
                worker.wait(30)


def what_it_has_enqueued_waits_for_workers(folder):
    place = Place(folder)
    figures = place.bench("--jobs=250", "--clients=3", "--batch=20", "--function=add",
                          "--args=[1, 2]", "--queue=bench")
    assert figures["enqueued"] == figures["jobs"] == 250 and figures["enqueued_per_s"] > 0, figures
    assert figures["complete"] is figures["finished_per_s"] is figures["latency_p50_ms"] is None
    jobs = place.jobs()
    assert len(jobs) == 250
    assert {(job["queue"], job["function"], job["status"]) for job in jobs} == {
        ("bench", "add", "queued")}
    place.barq("worker", PLAYGROUND, "--queue=bench", "--burst")
    assert [job["result"] for job in place.jobs()] == [3] * 250


def it_measures_what_workers_do_and_deletes_it(folder):
    place = Place(folder)
    with place.worker():
        figures = place.bench("--jobs=300", "--clients=2", "--wait=60")
        assert figures["complete"] == 300 and figures["failed"] == 0, figures
        assert figures["finished_per_s"] > 0, figures
        assert 0 <= figures["latency_p50_ms"] <= figures["latency_p95_ms"] <= \
            figures["latency_p99_ms"], figures
        assert not place.jobs()
        text = place.barq("bench", "--jobs=10", "--wait=60")
    assert [line.split()[0] for line in text.splitlines()] == [
        "enqueued", "finished", "failed", "latency"], text
    place.others_are_left()


def it_keeps_the_results_when_told_to(folder):
    place = Place(folder)
    with place.worker():
        place.bench("--jobs=10", "--wait=60", "--keep")
    assert [job["status"] for job in place.jobs()] == ["complete"] * 10


def jobs_that_fail_are_counted_and_deleted(folder):
    place = Place(folder)
    with place.worker():
        figures = place.bench("--jobs=10", "--function=fail", '--args=["as asked"]', "--wait=60",
                              code=1)
    assert figures["failed"] == 10 and figures["complete"] == 0, figures
    assert not place.jobs()


def jobs_that_nobody_takes_are_deleted_when_time_is_over(folder):
    place = Place(folder)
    figures = place.bench("--jobs=10", "--queue=nobody", "--wait=0.1", code=3)
    assert figures["enqueued"] == 10 and figures["complete"] == 0, figures
    assert figures["latency_p50_ms"] is None, figures
    assert not place.jobs()


def a_signal_stops_it_and_it_cleans_up(folder):
    place = Place(folder)
    with subprocess.Popen([BARQ, "bench", "--jobs=10", "--clients=2", "--queue=nobody", "--wait"],
                          env=place.env, stdin=subprocess.DEVNULL) as bench:
        tap.wait_until(lambda: len(place.jobs()) == 10)
        bench.send_signal(signal.SIGINT)
        assert bench.wait(30) == 3, bench.returncode
    assert not place.jobs()
    place.others_are_left()


def what_makes_no_sense_is_a_usage_error(folder):
    place = Place(folder)
    for args in [("--jobs=0",), ("--clients=101",), ("--batch=10001",), ("--jobs=1", "--clients=2"),
                 ("--args={}",), ("--args=[",), ("--wait=soon",), ("word",), ("--function=",)]:
        place.barq("bench", *args, code=2)
    assert not place.jobs()
    place.barq("bench", f"--url=sqlite:{folder}/nowhere/queue.db", code=4)


tap.run(
    what_it_has_enqueued_waits_for_workers,
    it_measures_what_workers_do_and_deletes_it,
    it_keeps_the_results_when_told_to,
    jobs_that_fail_are_counted_and_deleted,
    jobs_that_nobody_takes_are_deleted_when_time_is_over,
    a_signal_stops_it_and_it_cleans_up,
    what_makes_no_sense_is_a_usage_error,
)
