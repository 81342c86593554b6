"""A worker as a service: how it is stopped, what it tells of itself, and its duties as process 1."""
import contextlib
import ctypes
import json
import os
import re
import resource
import signal
import socket
import subprocess
import urllib.error
import urllib.request

from place import BARQ, FAULTY, Cases, is_gone, state_of
from support import tap

PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None, use_errno=True)


def gate(place, name):
    return os.path.join(place.folder, name)


def open_gate(path):
    with open(path, "w", encoding="ascii"):
        pass


def begun(path):
    """The pids of the executors in which an `after` of this gate has begun."""
    with contextlib.suppress(FileNotFoundError):
        with open(path + ".begun", encoding="ascii") as lines:
            return [int(line) for line in lines]
    return []


def unused(place, job):
    return [place.column(job, name) for name in ("tries", "losses", "crashes")] == [0, 0, 0]


# -- being stopped --


def a_job_is_waited_for(place):
    """SIGTERM: what runs may end, what has not begun is given back, and nothing is claimed."""
    path = gate(place, "gate")
    worker = place.worker("--job-completion-wait", "60", executors=1).ready()
    running = place.enqueue("after", path)
    tap.wait_until(lambda: begun(path))
    worker.signal(signal.SIGTERM)
    worker.wait_log("stopping: waits for what runs complete=0 failed=0 retried=0 running=1")
    waiting = place.enqueue("once")
    open_gate(path)
    assert worker.wait_end() == 0
    place.assert_done(running)
    assert place.state(waiting) == 0 and unused(place, waiting)
    assert len(begun(path)) == 1
    place.finish()
    place.assert_done(running, waiting)


def a_job_that_takes_too_long_is_told_to_stop(place):
    """Then it runs again, elsewhere, and has used up nothing."""
    path = gate(place, "gate")
    worker = place.worker("--job-completion-wait", "0.2").ready()
    job = place.enqueue("after", path)
    tap.wait_until(lambda: begun(path))
    worker.signal(signal.SIGTERM)
    worker.wait_log("stopping: tells what runs to stop complete=0 failed=0 retried=0 running=1")
    assert worker.wait_end() == 0
    assert "job given back" in worker.log()
    assert unused(place, job) and place.running() == 0
    open_gate(path)
    place.finish()
    place.assert_done(job)
    assert len(begun(path)) == 2


def each_further_signal_hurries(place):
    """The second one tells what runs to stop, the third kills what does not."""
    worker = place.worker("--job-completion-wait", "3600").ready()
    place.arm("attempt.returned", "hang")
    job = place.enqueue("once")
    place.wait_hit("attempt.returned")
    for said in ("waits for what runs", "tells what runs to stop", "kills what runs"):
        worker.signal(signal.SIGTERM)
        worker.wait_log("stopping: " + said)
    assert worker.wait_end() == 0
    assert unused(place, job) and place.running() == 0
    place.finish()
    place.assert_done(job)


def stopped_while_it_starts(place, point):
    """Before any executor is ready."""
    place.arm(point, "stop")
    worker = place.worker()
    executor = place.wait_stopped(point)
    worker.signal(signal.SIGTERM)
    worker.wait_log("stopping")
    worker.signal(signal.SIGINT)
    assert worker.wait_end() == 0, worker.log()
    assert is_gone(executor)


def stopped_without_its_broker(place):
    """The queue is locked all the while: it is waited for, and when a job's time is over, not any longer."""
    path = gate(place, "gate")
    worker = place.worker("--job-completion-wait", "1", executors=1).ready()
    job = place.enqueue("after", path)
    tap.wait_until(lambda: begun(path))
    os.rename(place.queue, place.queue + ".away")
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(place.queue + suffix, place.queue + ".away" + suffix)
    os.mkdir(place.queue)
    open_gate(path)
    worker.signal(signal.SIGTERM)
    assert worker.wait_end(60) == 0, worker.log()
    os.rmdir(place.queue)
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(place.queue + ".away" + suffix, place.queue + suffix)
    place.finish()
    place.assert_done(job)


def a_signal_to_all_processes_is_the_workers(place, number):
    """As systemd does with a whole control group: executors leave it to their worker."""
    path = gate(place, "gate")
    worker = place.worker("--job-completion-wait", "60", executors=2).ready()
    tap.wait_until(lambda: len(worker.children()) == 3)
    jobs = [place.enqueue("after", path), place.enqueue("after", path)]
    tap.wait_until(lambda: len(begun(path)) == 2)
    for pid in [*worker.children(), worker.pid]:
        os.kill(pid, number)
    worker.wait_log("stopping: waits for what runs complete=0 failed=0 retried=0 running=2")
    open_gate(path)
    assert worker.wait_end() == 0
    place.assert_done(*jobs)
    assert len(begun(path)) == 2, "an executor has not lived through the signal"


# -- what it tells --


def systemd_is_told(place):
    """Ready, status, the watchdog, the stop; and its children speak to nobody."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(20)
        manager.bind(gate(place, "notify"))
        place.env.update(NOTIFY_SOCKET=gate(place, "notify"), WATCHDOG_USEC="200000")
        worker = place.worker()
        said = [manager.recv(1000).decode()]
        assert said == ["READY=1"], said
        while said.count("WATCHDOG=1") < 3:
            said.append(manager.recv(1000).decode())
        assert "STATUS=0 running, 0 complete, 0 failed, 0 retried" in said, said
        for pid in worker.children():
            with open(f"/proc/{pid}/environ", "rb") as environ:
                assert b"NOTIFY_SOCKET" not in environ.read()
        worker.signal(signal.SIGHUP)
        while not said[-1].startswith("RELOADING=1\nMONOTONIC_USEC="):
            said.append(manager.recv(1000).decode())
        while said[-1] != "READY=1":
            said.append(manager.recv(1000).decode())
        worker.signal(signal.SIGTERM)
        while said[-1] != "STOPPING=1":
            said.append(manager.recv(1000).decode())
        assert worker.wait_end() == 0


def ask(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def health_is_told_over_http(place):
    path = gate(place, "gate")
    worker = place.worker("--health", "127.0.0.1:0", "--job-completion-wait", "60")
    worker.wait_log("answers /livez and /readyz")
    port = int(worker.log().split(" port=")[1].split()[0])
    assert ask(port, "/livez") == (200, {"live": True})
    tap.wait_until(lambda: ask(port, "/readyz") == (200, {"ready": True}))
    assert ask(port, "/")[0] == 404
    place.enqueue("after", path)
    tap.wait_until(lambda: begun(path))
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET /li")
        worker.signal(signal.SIGTERM)
        tap.wait_until(lambda: ask(port, "/readyz") == (503, {"ready": False, "why": "stopping"}))
        assert ask(port, "/livez") == (200, {"live": True})
    open_gate(path)
    assert worker.wait_end() == 0


def an_address_that_is_taken_ends_it(place):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place.env["BARQ_HEALTH"] = "127.0.0.1:%d" % taken.getsockname()[1]
        worker = place.worker()
        assert worker.wait_end() == 1
        assert "is in use by another program" in worker.log(), worker.log()


def check_tells_of_the_workers_of_a_queue(place):
    """By arq's exit codes: 0 and what they have done, or 1 when nobody is there."""
    said = place.barq("check", code=1)
    assert said == "Health check failed: no worker works on the queue barq", said
    worker = place.worker("--lease", "1", executors=2).ready()
    jobs = [place.enqueue("effect"), place.enqueue("once", then="fail")]
    place.wait_final(*jobs)

    def told():
        state = json.loads(place.barq("check", "--json"))
        return (state["complete"], state["failed"], state["workers"]) == (1, 1, 1)
    tap.wait_until(told)
    said = place.barq("check")
    assert re.fullmatch(r"Health check successful: \w{3}-\d\d \d\d:\d\d:\d\d j_complete=1 "
                        r"j_failed=1 j_retried=0 j_ongoing=0 queued=0 workers=1", said), said
    place.barq("check", "--queue", "other", code=1)
    [row] = [json.loads(line) for line in place.barq("workers", "--json").splitlines()]
    assert row["name"].endswith(":%d" % worker.pid) and row["queues"] == "barq", row
    assert (row["executors"], row["threads"]) == (2, 1), row
    worker.stop()
    place.barq("check", code=1)
    several = place.worker("--queue", "fast:3,slow").ready()
    for queue, code in (("fast", 0), ("slow", 0), ("fast:3", 1), ("low", 1), ("barq", 1)):
        place.barq("check", "--queue", queue, code=code)
    several.stop()
    place.env["BARQ_URL"] = "sqlite:" + os.path.join(place.folder, "not", "there.db")
    place.barq("check", code=4)


# -- process 1 --


def zombies(parent):
    """Children of a process that have ended and are not reaped."""
    with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as pids:
        return [pid for pid in pids.read().split() if state_of(int(pid)) == "Z"]


def orphans_are_reaped(place):
    """Grandchildren whose parents have ended fall to a worker that is their subreaper."""
    worker = place.worker(
        preexec_fn=lambda: LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)).ready()
    tap.wait_until(lambda: len(worker.children()) == 2)
    jobs = [place.enqueue("orphan") for _ in range(5)]
    place.wait_final(*jobs)
    place.assert_done(*jobs)
    tap.wait_until(lambda: len(worker.children()) == 2 and not zombies(worker.pid))
    executor = min(worker.children())
    os.kill(executor, signal.SIGKILL)
    worker.wait_log("killed by SIGKILL")
    worker.stop()


def started_without_standard_descriptors(place):
    """What it opens itself must not get their numbers: its log would go there."""
    def close_all():
        for number in range(3):
            os.close(number)
    worker = place.worker(preexec_fn=close_all)
    job = place.enqueue("effect")
    place.wait_final(job)
    for number in range(3):
        at = os.readlink(f"/proc/{worker.pid}/fd/{number}")
        assert at == "/dev/null", (number, at)
    worker.stop()
    place.assert_done(job)


def more_executors_than_descriptors_at_first(place):
    """The limit that a process gets may be far below the one that it may have."""
    worker = place.worker(executors=20, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (40, 1024))).ready()
    tap.wait_until(lambda: worker.log().count(" executor ready ") == 21)
    assert "cannot start" not in worker.log(), worker.log()
    worker.stop()


def process_1_of_a_container(place):
    """SIGTERM ends it, although nobody else's handler would be there; its orphans are reaped."""
    jobs = [place.enqueue("orphan") for _ in range(5)]
    with open(gate(place, "log"), "wb") as log:
        with subprocess.Popen(["unshare", "--user", "--map-root-user", "--pid", "--fork",
                               "--mount-proc", BARQ, "worker", FAULTY, "--executors", "1"],
                              env=place.env, stdin=subprocess.DEVNULL, stdout=log,
                              stderr=log) as outside:
            try:
                place.wait_final(*jobs)
                place.assert_done(*jobs)
                [first] = children(outside.pid)
                tap.wait_until(lambda: len(children(first)) == 2 and not zombies(first))
                os.kill(first, signal.SIGTERM)
                assert outside.wait(30) == 0
            finally:
                outside.kill()


def children(parent):
    with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as pids:
        return [int(pid) for pid in pids.read().split()]


def may_unshare():
    return subprocess.run(["unshare", "--user", "--map-root-user", "--pid", "--fork",
                           "--mount-proc", "true"], check=False, capture_output=True,
                          timeout=20).returncode == 0


cases = Cases(4)
cases.add("a stop waits for what runs", a_job_is_waited_for)
cases.add("a stop ends what takes too long, which runs again", a_job_that_takes_too_long_is_told_to_stop)
cases.add("each further signal hurries", each_further_signal_hurries)
cases.add("a stop without the broker", stopped_without_its_broker)
cases.add("a stop during the start", stopped_while_it_starts, "executor.starting")
cases.add("SIGTERM to all processes", a_signal_to_all_processes_is_the_workers, signal.SIGTERM)
cases.add("SIGINT to all processes", a_signal_to_all_processes_is_the_workers, signal.SIGINT)
cases.add("systemd is told", systemd_is_told)
cases.add("health over HTTP", health_is_told_over_http)
cases.add("an address that is taken", an_address_that_is_taken_ends_it)
cases.add("barq check", check_tells_of_the_workers_of_a_queue)
cases.add("no stdin, stdout and stderr", started_without_standard_descriptors)
cases.add("few descriptors at first", more_executors_than_descriptors_at_first)
cases.add("a subreaper reaps orphans", orphans_are_reaped)
if may_unshare():
    cases.add("process 1 of a container", process_1_of_a_container)
cases.run()
