"""What a job prints and logs is kept with it and in the worker's log, whatever it is, and harms nobody."""
import array
import fcntl
import json
import os
import re
import termios
import threading

from fault.place import Cases, kill
from support import tap

STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")
JOB_LOG_MAX = 16 * 1024


def log_of(place, job):
    """The lines of a job's log, without their times. What was logged and what was printed came two ways, so that
    either may be first."""
    text = place.info(job)["log"] or ""
    assert len(text.encode()) <= JOB_LOG_MAX, len(text)
    assert text == "" or text.endswith("\n"), text[-100:]
    lines = text.splitlines()
    for line in lines:
        assert STAMP.match(line), line
    return [STAMP.sub("", line) for line in lines]


def json_lines(worker):
    """The worker's log, each line of which is an object."""
    found = []
    for line in worker.log().splitlines():
        found.append(json.loads(line))
        assert {"time", "level", "event"} <= set(found[-1]), line
    return found


def lines_and_last_words(place):
    worker = place.worker().ready()
    job = place.enqueue("tells", ["one", "two\nlines", "caf\u00e9"])
    place.wait_final(job)
    worker.stop()
    assert sorted(log_of(place, job)) == ["warn caf\u00e9", "warn one", "warn two\\x0alines",
                                          "| last words"], log_of(place, job)
    progress = place.info(job)["progress"]
    assert (progress["done"], progress["total"], progress["note"]) == (3, 3, "caf\u00e9"), progress
    log = worker.log()
    assert f"warn two\\nlines job={job} function=tells" in log, log
    assert f"info executor 1: job={job} | last words\n" in log, log
    place.finish()
    place.assert_done(job)


def a_crash_has_its_last_words(place, then, how):
    worker = place.worker().ready()
    for _ in range(10):
        job = place.enqueue("tells_once", ["before the end"], then=then)
        place.wait_final(job)
        place.assert_failed(job, how)
        assert sorted(log_of(place, job)) == ["warn before the end", "| last words"]
    worker.stop()
    place.finish()


def tries_are_told_apart(place):
    worker = place.worker().ready()
    job = place.enqueue("tells", ["again"], then="crash", until_try=3)
    place.wait_final(job)
    worker.stop()
    log = log_of(place, job)
    assert log[2] == "-- try 2" and log[5] == "-- try 3", log
    for once in log[:2], log[3:5], log[6:]:
        assert sorted(once) == ["warn again", "| last words"], log
    place.finish()


def any_bytes_as(place, form):
    worker = place.worker("--log-format", form).ready()
    job = place.enqueue("any_bytes")
    place.wait_final(job)
    worker.stop()
    log = log_of(place, job)
    for line in log:
        assert all(char == "\t" or char >= " " for char in line), line
    assert len(log) == 4, log  # the newline, the record separator and the log's own line
    assert sum("\\xff" in line and "\\x80" in line for line in log) == 2, log
    assert place.info(job)["progress"]["note"].startswith("\\x80\\x81"), place.info(job)
    if form == "json":
        mine = [line for line in json_lines(worker) if line.get("job") == job]
        assert sum("output" in line for line in mine) >= 2, mine
    else:
        for line in worker.log().split("\n")[:-1]:
            assert STAMP.match(line) and all(char >= " " for char in line), line
    place.finish()
    place.assert_done(job)


def what_looks_like_a_mark_is_output(place):
    """A job prints what others have put into it: the sign by which its executor says whose output has ended."""
    worker = place.worker("--threads", "2").ready()
    marks = "".join(f"\x1ee{attempt}\n\x1ee{attempt} 1\n" for attempt in range(1, 40))
    job = place.enqueue("prints", text=marks + "z" * 200 + "\n")
    beside = [place.enqueue("tells", ["x"]) for _ in range(3)]
    place.wait_final(job, *beside)
    worker.stop()
    place.assert_done(job, *beside)
    assert any(line.endswith("e7 1") for line in log_of(place, job)), log_of(place, job)[:50]


def json_has_the_same_events(place):
    worker = place.worker("--log-format", "json", executors=2).ready()
    good = place.enqueue("tells", ["said"])
    bad = place.enqueue("tells_once", ["said"], then="crash")
    place.wait_final(good, bad)
    worker.stop()
    lines = json_lines(worker)
    done = [line for line in lines if line["event"] == "job complete"]
    assert [line["job"] for line in done] == [good], done
    assert done[0]["try"] == 1 and isinstance(done[0]["took_ms"], int), done
    said = [line for line in lines if line["event"] == "said"]
    assert sorted(line["job"] for line in said) == sorted([good, bad]), said
    assert all(line["level"] == "warn" and line["function"].startswith("tells") for line in said)
    printed = [line for line in lines if line["event"] == "output"]
    assert {(line["job"], line["output"]) for line in printed} == {
        (good, "last words"), (bad, "last words")}, printed
    # What an executor's own engine logs comes once, as its own.
    hooks = [line for line in lines if line.get("process", "").startswith(("executor", "house"))]
    assert hooks, lines
    place.finish()


def a_flood_is_dropped_and_counted(place, how):
    """16 MiB; the default limit is 1 MiB. Beside it others run on, and the next job has a clean log."""
    worker = place.worker(executors=2).ready()
    flood = place.enqueue("floods", 16 << 20, how)
    beside = [place.enqueue("effect") for _ in range(5)]
    place.wait_final(flood, *beside)
    behind = place.enqueue("tells", ["clean"])
    place.wait_final(behind)
    worker.stop()
    log = log_of(place, flood)
    dropped = re.match(r"-- \.\.\. (\d+) bytes more$", log[-1])
    cut = re.search(r"\.\.\. (\d+) bytes more$", log[0])
    assert dropped or (how == "line" and cut), log[-3:]
    if how == "line":
        assert len(log) <= 2, log
    else:
        assert abs(int(dropped[1]) - (15 << 20)) < 1000, log[-1]
        assert len(log) > 100
    assert len(worker.log()) < 3 << 20, len(worker.log())
    assert sorted(log_of(place, behind)) == ["warn clean", "| last words"], log_of(place, behind)
    place.finish()
    place.assert_done(flood, behind, *beside)


def a_function_has_its_own_limit(place):
    worker = place.worker().ready()
    job = place.enqueue("floods_little", 5000)
    log = place.enqueue("floods_little", 5000, "log")
    place.wait_final(job, log)
    worker.stop()
    for each in (job, log):
        lines = log_of(place, each)
        assert len(lines) == 11 and lines[-1] == "-- ... 4000 bytes more", lines
    place.finish()


def each_job_has_its_own_output(place, threads):
    """Many short ones, several in an executor's hands; with one thread nobody's output is another's."""
    jobs = [place.enqueue("tells", [f"job {i}"], options=("--defer-by", "2")) for i in range(60)]
    worker = place.worker("--threads", str(threads)).ready()
    place.wait_final(*jobs)
    worker.stop()
    for i, job in enumerate(jobs):
        lines = log_of(place, job)
        assert f"warn job {i}" in lines, lines
        if threads == 1:
            assert sorted(lines) == [f"warn job {i}", "| last words"], lines
    place.finish()


def short_jobs_have_their_own_output(place):
    """So short that many are in an executor's hands at once, and print before the first one's end is heard."""
    first = place.enqueue("mutters", options=("--defer-by", "3600"))
    place.multiply(first, 1000)
    worker = place.worker(executors=2).ready()
    place.wait_drained()
    worker.stop()
    rows = place.rows(place.queue, "SELECT j.id, r.log FROM barq_jobs j"
                                   " LEFT JOIN barq_reports r USING (seq)")
    assert len(rows) > 1000, len(rows)
    wrong = [(job, log) for job, log in rows
             if [STAMP.sub("", line) for line in (log or "").splitlines()]
             != [f"| {job}"] * 3 + ["| ..."]]
    assert not wrong, (len(wrong), wrong[:2])
    place.finish()


def progress_is_seen_while_it_runs(place):
    gate = place.folder + "/gate"
    worker = place.worker().ready()
    job = place.enqueue("counts_up", gate)
    for count in (1, 2, 3):
        with open(gate, "a", encoding="ascii") as file:
            file.write(".")
        tap.wait_until(lambda n=count: (place.info(job)["progress"] or {}).get("done") == n)
        assert place.info(job)["status"] == "in_progress"
        tap.wait_until(lambda n=count: f"info at {n}" in log_of(place, job))
    with open(gate, "a", encoding="ascii") as file:
        file.write("end")
    place.wait_final(job)
    worker.stop()
    assert place.info(job)["progress"]["done"] >= 3, place.info(job)
    place.finish()


def a_chatty_grandchild(place):
    """It prints on after its job, and after its executor; nobody waits for it, and no later job gets blamed for long."""
    worker = place.worker().ready()
    job = place.enqueue("chatty_child")
    place.wait_final(job)
    child = place.info(job)["result"]
    crash = place.enqueue("tells_once", ["crash"], then="crash")
    place.wait_final(crash)
    place.assert_failed(crash, "killed by SIGSEGV")
    quiet = place.enqueue("tells", ["quiet"])
    place.wait_final(quiet)
    assert sorted(log_of(place, quiet)) == ["warn quiet", "| last words"], log_of(place, quiet)
    worker.stop()
    kill(child)
    place.finish()
    place.assert_done(job, quiet)


def a_log_that_nobody_reads(place):
    """The worker's log is a pipe that fills: the job that prints waits, and nobody else does for as long as there
    is room for what the worker says itself."""
    reading, writing = os.pipe()
    worker = place.worker(executors=2, preexec_fn=lambda: os.dup2(writing, 2))
    os.close(writing)
    said = b""
    while b"worker ready" not in said:
        said += os.read(reading, 4096)
    flood = place.enqueue("floods", 1 << 19)
    tap.wait_until(lambda: is_full(reading))
    tap.wait_until(lambda: place.running() == 1)
    quiet = [place.enqueue("effect") for _ in range(5)]
    place.wait_final(*quiet)
    assert place.state(flood) == 0, "its output has nowhere to go"

    reader = threading.Thread(target=read_to_the_end, args=(reading,))
    reader.start()
    place.wait_final(flood)
    worker.stop()
    reader.join(20)
    place.finish()
    place.assert_done(flood, *quiet)


def a_log_that_nobody_ever_reads(place):
    """Full to the brim: the worker goes on without it, tells who then reads how much that was, and can be stopped."""
    first = place.enqueue("effect", options=("--defer-by", "3600"))
    place.multiply(first, 1000)
    reading, writing = os.pipe()
    worker = place.worker(executors=2, preexec_fn=lambda: os.dup2(writing, 2))
    os.close(writing)
    place.wait_drained()
    os.read(reading, 65536)
    last = place.enqueue("effect")
    place.wait_final(last)
    tap.wait_until(lambda: b" lines are left out of this log," in os.read(reading, 65536))
    first = place.enqueue("effect", options=("--defer-by", "3600"))
    place.multiply(first, 1000)
    place.wait_drained()
    worker.stop()
    os.close(reading)
    place.finish()
    place.assert_done(first, last)


def is_full(pipe):
    """Half of it, which is as full as others may make it."""
    unread = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, unread)
    return unread[0] > 30 * 1024


def read_to_the_end(pipe):
    while os.read(pipe, 65536):
        pass
    os.close(pipe)


cases = Cases(4)
cases.add("output: lines, progress and last words are kept with the job", lines_and_last_words)
cases.add("output: last words of a SIGSEGV", a_crash_has_its_last_words, "crash",
          "killed by SIGSEGV")
cases.add("output: last words of an abort()", a_crash_has_its_last_words, "abort",
          "killed by SIGABRT")
cases.add("output: last words of an exit", a_crash_has_its_last_words, "exit", "exited with 3")
cases.add("output: tries are told apart", tries_are_told_apart)
cases.add("output: any bytes, in a log as text", any_bytes_as, "text")
cases.add("output: any bytes, in a log as JSON", any_bytes_as, "json")
cases.add("output: what looks like a mark", what_looks_like_a_mark_is_output)
cases.add("output: a log as JSON has the same events", json_has_the_same_events)
cases.add("output: a flood of lines is dropped and counted", a_flood_is_dropped_and_counted, "")
cases.add("output: a flood in one line is dropped and counted", a_flood_is_dropped_and_counted,
          "line")
cases.add("output: a flood of the log is dropped and counted", a_flood_is_dropped_and_counted,
          "log")
cases.add("output: a function has its own limit", a_function_has_its_own_limit)
cases.add("output: each job has its own output", each_job_has_its_own_output, 1)
cases.add("output: of several threads each job has its own and more", each_job_has_its_own_output,
          3)
cases.add("output: short jobs have their own output", short_jobs_have_their_own_output)
cases.add("output: progress is seen while a job runs", progress_is_seen_while_it_runs)
cases.add("output: a grandchild prints on", a_chatty_grandchild)
cases.add("output: a log that nobody reads", a_log_that_nobody_reads)
cases.add("output: a log that nobody ever reads", a_log_that_nobody_ever_reads)
cases.run()
