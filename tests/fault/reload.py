"""A worker whose module or program is replaced while it runs, and executors that are replaced after
some jobs."""
import contextlib
import os
import shutil
import signal
import sys

from support import tap

VERSION1, PROGRAM1, VERSION2, PROGRAM2, RECYCLED, TICKING = [
    os.path.abspath(path) for path in sys.argv[1:7]]
sys.argv[1:7] = sys.argv[1:3]  # as place.py expects them

from place import BARQ, Cases, is_gone, state_of  # noqa: E402

UNDER_LOAD = 400


def put(place, source, name="mod.so"):
    """Puts a file in the place of another as installers do."""
    path = os.path.join(place.folder, name)
    shutil.copy(source, path + ".new")
    os.rename(path + ".new", path)
    return path


def begun(path):
    with contextlib.suppress(FileNotFoundError):
        with open(path + ".begun", encoding="ascii") as lines:
            return [int(line) for line in lines]
    return []


def open_gate(path):
    with open(path, "w", encoding="ascii"):
        pass


def worker_of(place, module, *args, **options):
    return place.worker(*args, command=[BARQ, "worker", module], **options)


def versions(place, *jobs):
    place.wait_final(*jobs)
    return [row[0] for job in jobs for row in
            place.rows(place.data, "SELECT function FROM effects WHERE job = ?", job)]


def all_there(worker, count):
    """So many executors, and the house; all have been ready."""
    tap.wait_until(lambda: worker.log().count("executor ready") > count)
    tap.wait_until(lambda: len(worker.children()) == count + 1 and
                   all(state_of(pid) != "Z" for pid in worker.children()))


def sighup_runs_the_new_code(place):
    """What runs ends with the old code, what comes next runs with the new."""
    gate = os.path.join(place.folder, "gate")
    worker = worker_of(place, put(place, VERSION1), executors=2).ready()
    all_there(worker, 2)
    before = set(worker.children())
    old = place.enqueue("hold", gate)
    tap.wait_until(lambda: begun(gate))
    put(place, VERSION2)
    worker.signal(signal.SIGHUP)
    new = [place.enqueue("work")]
    worker.wait_log("executor retired")
    tap.wait_until(lambda: versions(place, place.enqueue("work")) == ["v2"])
    assert place.state(old) == 0 and not is_gone(begun(gate)[0])
    worker.wait_log("a changed setting needs a restart of the worker setting=max_jobs")
    open_gate(gate)
    assert versions(place, old) == ["v1"]
    worker.wait_log("reloaded")
    all_there(worker, 2)
    tap.wait_until(lambda: not before & set(worker.children()))
    assert versions(place, place.enqueue("work")) == ["v2"]
    worker.stop()
    place.wait_final(*new)
    assert place.unfinished() == 0


def new_cron_jobs_run(place):
    """What only the new code has is enqueued when only the new code is there to run it."""
    gate = os.path.join(place.folder, "gate")
    worker = worker_of(place, put(place, VERSION1), executors=2).ready()
    all_there(worker, 2)
    old = place.enqueue("hold", gate)
    tap.wait_until(lambda: begun(gate))
    put(place, TICKING)
    worker.signal(signal.SIGHUP)
    tap.wait_until(lambda: versions(place, place.enqueue("work")) == ["v2"])
    assert "cron jobs changed" not in worker.log()
    open_gate(gate)
    worker.wait_log("cron jobs changed cron_jobs=1")
    run = tap.wait_until(lambda: place.rows(place.queue, "SELECT id FROM barq_jobs"
                                                         " WHERE function = 'tick' AND state = 1"))
    assert run[0][0].startswith("cron:barq:tick:"), run
    put(place, VERSION1)
    worker.signal(signal.SIGHUP)
    worker.wait_log("cron jobs changed cron_jobs=0")
    worker.stop()
    assert versions(place, old) == ["v1"]


def no_job_is_lost_under_load(place, *args):
    """Five reloads while jobs run: each job once, nothing used up, and both versions have worked."""
    job = place.enqueue("work", options=("--defer-by", "3600"))
    place.multiply(job, UNDER_LOAD - 1)
    worker = worker_of(place, put(place, VERSION1), *args, executors=3).ready()
    for i in range(5):
        put(place, VERSION2 if i % 2 == 0 else VERSION1)
        worker.signal(signal.SIGHUP)
        tap.wait_until(lambda n=i: worker.log().count(" reloaded") > n, 30)
    place.wait_drained()
    worker.stop()
    assert place.effects() == UNDER_LOAD, place.effects()
    assert place.one(place.data, "SELECT count(DISTINCT job) FROM effects") == UNDER_LOAD
    spoiled = place.one(place.queue, "SELECT count(*) FROM barq_jobs"
                                     " WHERE state <> 1 OR tries + losses + crashes > 0")
    assert spoiled == 0, spoiled


def break_module(path):
    with open(path + ".new", "w", encoding="ascii") as broken:
        broken.write("no module")
    os.rename(path + ".new", path)


def a_broken_module_changes_nothing(place):
    """It is said what is wrong; jobs go on with the old code until a good one is there."""
    path = put(place, VERSION1)
    worker = worker_of(place, path).ready()
    all_there(worker, 1)
    break_module(path)
    worker.signal(signal.SIGHUP)
    worker.wait_log("cannot reload; goes on as before")
    assert versions(place, place.enqueue("work")) == ["v1"]
    all_there(worker, 1)
    put(place, VERSION2)
    worker.signal(signal.SIGHUP)
    worker.wait_log(" reloaded")
    assert versions(place, place.enqueue("work")) == ["v2"]
    worker.stop()


def a_crash_beside_a_broken_module(place):
    """What has crashed cannot start again, and goes on trying; the worker does not end for it."""
    path = put(place, VERSION1)
    worker = worker_of(place, path, executors=2).ready()
    all_there(worker, 2)
    break_module(path)
    worker.signal(signal.SIGHUP)
    worker.wait_log("cannot reload; goes on as before")
    place.wait_final(place.enqueue("crash"))
    tap.wait_until(lambda: worker.log().count("an executor cannot start") > 6, 30)
    assert versions(place, place.enqueue("work")) == ["v1"]
    put(place, VERSION2)
    worker.signal(signal.SIGHUP)
    worker.wait_log(" reloaded")
    all_there(worker, 2)
    assert versions(place, place.enqueue("work")) == ["v2"]
    worker.stop()


def a_watched_module_is_reloaded(place):
    """Renamed into its place, and written in place, too."""
    path = put(place, VERSION1)
    worker = worker_of(place, path, "--watch").ready()
    assert versions(place, place.enqueue("work")) == ["v1"]
    put(place, VERSION2)
    worker.wait_log(" reloaded")
    assert versions(place, place.enqueue("work")) == ["v2"]
    os.remove(path)
    shutil.copyfile(VERSION1, path)
    tap.wait_until(lambda: worker.log().count(" reloaded") == 2)
    assert versions(place, place.enqueue("work")) == ["v1"]
    worker.stop()


def a_program_is_reloaded_by_its_path(place):
    """One that has its functions compiled in; what it was started from is gone."""
    path = put(place, PROGRAM1, "prog")
    worker = place.worker("--watch", command=[path]).ready()
    assert versions(place, place.enqueue("work")) == ["v1"]
    put(place, PROGRAM2, "prog")
    worker.wait_log(" reloaded")
    assert versions(place, place.enqueue("work")) == ["v2"]
    worker.stop()


def old_executors_end_in_peace(place):
    """Each runs its on_shutdown: the two of before, the house, and the one that tried the new code."""
    place.env["BARQ_TEST_SHUTDOWN"] = os.path.join(place.folder, "shutdown")
    worker = worker_of(place, put(place, VERSION1), executors=2).ready()
    all_there(worker, 2)
    put(place, VERSION2)
    worker.signal(signal.SIGHUP)
    worker.wait_log(" reloaded")

    def ended():
        with contextlib.suppress(FileNotFoundError):
            with open(place.env["BARQ_TEST_SHUTDOWN"], encoding="ascii") as lines:
                return sorted(lines.read().split())
        return []
    tap.wait_until(lambda: len(ended()) == 4 and ended().count("v1") >= 2 and "v2" in ended())
    worker.stop()


def a_signal_ends_on_shutdown_too(place):
    """The worker waits for it, until it is told again."""
    path = os.path.join(place.folder, "shutdown")
    place.env.update(BARQ_TEST_SHUTDOWN=path, BARQ_TEST_HANG="1")
    worker = worker_of(place, VERSION1).ready()
    all_there(worker, 1)
    worker.signal(signal.SIGTERM)
    tap.wait_until(lambda: os.path.exists(path))
    worker.signal(signal.SIGTERM)
    assert worker.wait_end() == 0
    assert 'executor ended executor=1 how="stopped with its worker"' in worker.log(), worker.log()


def stopped_while_it_reloads(place):
    """A stop is a stop: the trial ends with the others."""
    worker = worker_of(place, put(place, VERSION1)).ready()
    place.arm("executor.starting", "stop")
    worker.signal(signal.SIGHUP)
    trial = place.wait_stopped("executor.starting")
    worker.signal(signal.SIGTERM)
    worker.wait_log("stopping")
    worker.signal(signal.SIGTERM)
    worker.signal(signal.SIGTERM)
    assert worker.wait_end() == 0
    assert is_gone(trial)


def pids(place, *jobs):
    place.wait_final(*jobs)
    return [place.one(place.data, "SELECT pid FROM effects WHERE job = ?", job) for job in jobs]


def replaced_after_any_jobs(place):
    """The settings say 4: no process has run more."""
    worker = worker_of(place, RECYCLED, executors=1).ready()
    ran = pids(place, *[place.enqueue("work") for _ in range(13)])
    assert all(ran.count(pid) <= 4 for pid in ran), ran
    assert len(set(ran)) >= 4, ran
    worker.stop()
    assert place.effects() == 13


def replaced_after_jobs_of_a_function(place):
    """The function says 3, of its own: others do not count."""
    worker = worker_of(place, VERSION1, executors=1).ready()
    first = pids(place, *[place.enqueue("work") for _ in range(6)])
    assert len(set(first)) == 1, first
    worn = [pids(place, place.enqueue("worn"))[0] for _ in range(7)]
    assert worn[0] == first[0]
    assert all(worn.count(pid) <= 3 for pid in worn) and len(set(worn)) == 3, worn
    worker.stop()


def health_is_logged_when_there_is_news(place):
    worker = worker_of(place, VERSION1).ready()
    place.wait_final(place.enqueue("work"))
    worker.wait_log("health complete=1 failed=0 retried=0 running=0 executors=1")
    place.wait_final(place.enqueue("crash"))
    worker.wait_log("health complete=1 failed=1 retried=0 running=0")
    worker.stop()
    lines = [line.partition(" health ")[2] for line in worker.log().splitlines() if " health " in line]
    assert all(one != next for one, next in zip(lines, lines[1:])), lines


cases = Cases(3)
cases.add("SIGHUP: new jobs run the new code", sighup_runs_the_new_code)
cases.add("SIGHUP: new cron jobs run", new_cron_jobs_run)
cases.add("SIGHUP: no job is lost under load", no_job_is_lost_under_load)
cases.add("SIGHUP: no job is lost under load, with threads", no_job_is_lost_under_load,
          "--threads", "4")
cases.add("SIGHUP: a crash beside a broken module", a_crash_beside_a_broken_module)
cases.add("SIGHUP: a broken module changes nothing", a_broken_module_changes_nothing)
cases.add("--watch: a module", a_watched_module_is_reloaded)
cases.add("--watch: a program", a_program_is_reloaded_by_its_path)
cases.add("on_shutdown runs in those that are replaced", old_executors_end_in_peace)
cases.add("a stop hurries on_shutdown, too", a_signal_ends_on_shutdown_too)
cases.add("a stop during a reload", stopped_while_it_reloads)
cases.add("recycling after any jobs", replaced_after_any_jobs)
cases.add("recycling after jobs of a function", replaced_after_jobs_of_a_function)
cases.add("health in the log", health_is_logged_when_there_is_news)
cases.run()
