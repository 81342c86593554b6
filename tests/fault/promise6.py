"""Promise 6: a handler's crash, hang or memory hunger costs its own executor only, and says so."""
import resource

from fault.place import Cases, kill
from support import tap

MIB = 1024 * 1024


def costs_one_job(place, function, error, **kwargs):
    """The bad one between two good ones, beside one that runs all the time."""
    worker = place.worker(executors=2).ready()
    gate = place.folder + "/gate"
    beside = place.enqueue("after", gate)
    tap.wait_until(lambda: place.running() == 1)
    before = place.enqueue("effect")
    bad = place.enqueue(function, **kwargs)
    behind = place.enqueue("effect")
    place.wait_final(before, bad, behind)
    assert place.state(beside) == 0, "it waits for its gate"
    with open(gate, "w", encoding="ascii"):
        pass
    place.wait_final(beside)
    worker.stop()
    place.finish()
    place.assert_done(before, behind, beside)
    place.assert_failed(bad, error)
    for good in (before, behind, beside):
        assert place.column(good, "tries") == 0 and place.history(good) == [], place.history(good)


def costs_no_neighbour(place, function, error, **kwargs):
    """With threads: whoever runs in the same process is run again, and has used up nothing."""
    worker = place.worker("--threads", "3").ready()
    gate = place.folder + "/gate"
    beside = [place.enqueue("after", gate) for _ in range(2)]
    tap.wait_until(lambda: place.running() == 2)
    bad = place.enqueue(function, **kwargs)
    worker.wait_log("executor ended")
    with open(gate, "w", encoding="ascii"):
        pass
    behind = place.enqueue("effect")
    place.wait_final(*beside, bad, behind)
    worker.stop()
    place.finish()
    place.assert_done(*beside, behind)
    place.assert_failed(bad, error)
    for good in (*beside, behind):
        assert place.column(good, "tries") == 0 and place.history(good) == [], place.history(good)
        assert place.column(good, "losses") == 0 and place.column(good, "crashes") == 0


def executor_comes_back(place):
    """With a single executor: the next job runs in the next process, of the same worker."""
    worker = place.worker().ready()
    for _ in range(5):
        bad = place.enqueue("once", then="crash")
        good = place.enqueue("effect")
        place.wait_final(bad, good)
        place.assert_failed(bad, "killed by SIGSEGV")
    worker.stop()
    pids = place.rows(place.data, "SELECT count(DISTINCT pid) AS pids, count(*) AS effects FROM effects")
    assert pids == [(5, 5)], pids
    place.finish()


def memory_is_refused(place):
    """Where memory has a limit, as in a container, the hungry one is refused it, and nobody else."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (1024 * MIB, 1024 * MIB))
    worker = place.worker(executors=2, preexec_fn=limit).ready()
    hungry = place.enqueue("hog", 4096)
    modest = place.enqueue("hog", 64)
    place.wait_final(hungry, modest)
    worker.stop()
    place.finish()
    place.assert_done(modest)
    place.assert_failed(hungry, "no such memory")


def killed_for_its_memory(place):
    """What the kernel does to a process that has taken too much."""
    worker = place.worker(executors=2).ready()
    gate = place.folder + "/gate"
    beside = place.enqueue("effect", after_ms=1)
    hungry = place.enqueue("after", gate)
    tap.wait_until(lambda: len(open(gate + ".begun", "a+").read()) >= 0 and
                   open(gate + ".begun").read().strip())
    for number in (1, 2, 3):
        tap.wait_until(lambda n=number: open(gate + ".begun").read().count("\n") == n)
        kill(int(open(gate + ".begun").read().split()[-1]))
    place.wait_final(hungry, beside)
    worker.stop()
    place.finish()
    place.assert_done(beside)
    place.assert_failed(hungry, "poison: took its executor down 3 times: killed by SIGKILL")


def poison(place):
    """Only what took its executor down three times, however many tries it may have."""
    worker = place.worker().ready()
    job = place.enqueue("effect", then="crash")
    cured = place.enqueue("effect", then="crash", until_try=2)
    place.wait_final(job, cured)
    worker.stop()
    place.finish()
    place.assert_failed(job, "poison: took its executor down 3 times: killed by SIGSEGV")
    events = [(entry["event"], entry["error"]) for entry in place.history(job)]
    assert events == [("crashed", "killed by SIGSEGV")] * 3, events
    place.assert_done(cured)


def losing_is_not_killing(place):
    """Jobs that were lost with their worker are not suspected of having killed an executor."""
    job = place.enqueue("effect")
    for _ in range(4):
        place.arm("attempt.started", "stop")
        worker = place.worker().ready()
        place.lose(worker, place.wait_stopped("attempt.started"))
    place.finish()
    place.assert_done(job)
    assert place.column(job, "crashes") == 0


def grandchild(place, how):
    """It keeps stdout and stderr open, which nobody waits for; and it ends with its group, even when
    nobody is left to end that."""
    worker = place.worker().ready()
    first = place.enqueue("grandchild", how)
    crashed = place.enqueue("grandchild_once", how, then="crash")
    last = place.enqueue("grandchild", how)
    place.wait_final(first, crashed, last)
    place.assert_failed(crashed, "killed by SIGSEGV")
    if how == "away":
        worker.stop()
    else:
        worker.kill()
        tap.wait_until(lambda: not place.processes())
    place.finish()
    place.assert_done(first, last)


def prints_on_stdout(place):
    """Descriptor 1 is log: nothing of it gets between executor and dispatcher, or is lost."""
    worker = place.worker().ready()
    text = "{\"type\": 36, \"outcome\": \"a frame?\"}\n"
    job = place.enqueue("prints", text)
    place.wait_final(job)
    worker.stop()
    assert worker.log().count(text) == 2000, worker.log().count(text)
    place.finish()
    place.assert_done(job)


cases = Cases(8)
cases.add_once("promise 6: costs its own job only: a hang", costs_one_job, "hasty",
          "ran past its 0.1 s", then="hang")
cases.add_once("promise 6: costs its own job only: a handler that is told to stop", costs_one_job,
          "hasty", "ran past its 0.1 s", after_ms=60000)
cases.add("promise 6: costs its own job only: a crash", costs_one_job, "once",
          "killed by SIGSEGV", then="crash")
cases.add_once("promise 6: costs its own job only: an exit", costs_one_job, "once", "exited with 3",
          then="exit")
cases.add_once("promise 6: costs its own job only: an abort()", costs_one_job, "once",
          "killed by SIGABRT", then="abort")
cases.add_once("promise 6: costs no neighbour: a hang", costs_no_neighbour, "hasty",
          "ran past its 0.1 s", then="hang")
cases.add("promise 6: costs no neighbour: a crash", costs_no_neighbour, "once",
          "killed by SIGSEGV", then="crash")
cases.add_once("promise 6: costs no neighbour: an exit", costs_no_neighbour, "once", "exited with 3",
          then="exit")
cases.add_once("promise 6: costs its own job only: memory that is refused", memory_is_refused)
cases.add("promise 6: costs its own job only: killed for its memory", killed_for_its_memory)
cases.add("promise 6: costs its own job only: the executor comes back", executor_comes_back)
cases.add("promise 6: costs its own job only: poison after three", poison)
cases.add("promise 6: costs its own job only: a lost job is no poison", losing_is_not_killing)
cases.add_once("promise 6: costs its own job only: a grandchild in its group", grandchild, "")
cases.add_once("promise 6: costs its own job only: a grandchild of its own", grandchild, "away")
cases.add_once("promise 6: costs its own job only: print on stdout", prints_on_stdout)
cases.run()
