"""measure - what run, redis and pg measure with.

BUILD names the folder for what was built, ROUNDS how often what takes long is measured.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
from datetime import datetime

BUILD = pathlib.Path(os.environ.get("BUILD", "build")).absolute()
PROGRAMS = BUILD / "release" / "bench"
ROUNDS = int(os.environ.get("ROUNDS", "3"))


def run(*command, **how):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, **how)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} has failed")
    return done.stdout


def number(*command, **how):
    return float(run(*command, **how))


class Worker:
    """A worker on the queue at `url`; its log goes where a log goes, into a file in `folder`."""

    def __init__(self, folder, url, *flags, shape=(10, 1), database=None):
        executors, threads = shape
        self.log = folder / "log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [BUILD / "barq", "worker", PROGRAMS / "noop.so", f"--executors={executors}",
                 f"--threads={threads}", f"--url={url}", "--database=" + (database or f"sqlite:{folder}/data.db"),
                 *flags],
                stderr=log)

    def lines(self, event):
        return [line for line in self.log.read_text().splitlines() if event in line]

    def wait_for(self, event, count):
        """The instant of the log's line with the first such event, in ms, once there are `count`."""
        while len(self.lines(event)) < count:
            if self.process.poll() is not None:
                sys.exit("bench: the worker has ended: " + self.log.read_text()[-500:])
            time.sleep(0.01)
        stamp = self.lines(event)[0].split()[0].replace("Z", "+00:00")
        return datetime.fromisoformat(stamp).timestamp() * 1000

    def drain(self):
        """Of one in burst mode: the instant at which it was ready, in ms, once it has ended."""
        if self.process.wait() != 0:
            sys.exit("bench: the worker has failed: " + self.log.read_text()[-500:])
        return self.wait_for("worker ready", 1)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def pss(self):
        """In MiB, with its executors and its house."""
        pid = self.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(pss_kib(each) for each in [pid, *children]) / 1024


def pss_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def in_folder(measure, *values, where=None):
    with tempfile.TemporaryDirectory(prefix="barq-bench-", dir=where) as folder:
        return measure(pathlib.Path(folder), *values)


def best_of(rounds):
    """Of each figure the largest: all are jobs a second."""
    return {name: max(figures[name] for figures in rounds) for name in rounds[0]}


def print_table(rows):
    """Of each a name, what was measured, and its aim."""
    print(f"\n{'':36}{'measured':>14}   aim")
    for name, figure, aim in rows:
        print(f"{name:36}{figure:>14}   {aim}".rstrip())
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, best of {ROUNDS} rounds")


# -- aims --


def judged(good, aim):
    return f"{aim}: {'met' if good else 'not met'}"


def rate(figure, least=None):
    aim = judged(figure >= least, f"at least {least:,} /s") if least else ""
    return f"{figure:,.0f} /s", aim


def times(figure, other, least=None):
    ratio = figure / other
    return f"{ratio:.1f}", judged(ratio >= least, f"at least {least}") if least else ""


def share(figure, whole, least):
    return f"{figure / whole:.1%}", judged(figure >= least * whole, f"at least {least:.0%}")
