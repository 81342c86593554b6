"""The barq binary as people and scripts use it, on SQLite files of its own."""
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import time

from support import tap

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]
EXAMPLES = os.environ["EXAMPLES_DIR"]
INCLUDE = os.path.join(os.environ["SOURCE_ROOT"], "include")

KEYS = ["id", "queue", "function", "status", "try", "result", "error", "enqueued_at_ms",
        "started_at_ms", "finished_at_ms", "worker", "progress", "log"]
COMMANDS = ["worker", "web", "enqueue", "result", "status", "info", "list", "abort", "retry",
            "delete", "pause", "resume", "stats", "limits", "cron", "workers", "check", "top", "bench",
            "migrate"]
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


class Place:
    """A queue and a database in a folder, and barq as it is called there."""

    def __init__(self, folder):
        self.folder = folder
        self.queue = os.path.join(folder, "queue.db")
        self.data = os.path.join(folder, "data.db")
        self.env = dict(os.environ, BARQ_URL="sqlite://" + self.queue,
                        DATABASE_URL="sqlite://" + self.data, HOME=folder)
        self.env.pop("XDG_DATA_HOME", None)

    def run(self, *args, code=0, **options):
        """Runs barq, which must end with `code`; what it printed must not steer a terminal."""
        said = subprocess.run([BARQ, *args], env=self.env, cwd=self.folder, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=60, check=False, **options)
        out, err = said.stdout.decode(), said.stderr.decode()
        assert said.returncode == code, (args, said.returncode, out, err)
        assert not STEERING.search(out + err), (args, out, err)
        if args[0] != "worker":
            for line in err.splitlines():
                assert line.startswith("barq: "), (args, err)
        return said

    def out(self, *args, code=0):
        return self.run(*args, code=code).stdout.decode().rstrip("\n")

    def err(self, *args, code):
        said = self.run(*args, code=code)
        assert said.stderr, args
        return said.stderr.decode()

    def json(self, *args, code=0):
        """The objects that barq prints with --json."""
        return [json.loads(line) for line in self.out(*args, "--json", code=code).splitlines()]

    def job(self, job_id, code=0):
        [job] = self.json("info", job_id, code=code)
        return job

    def enqueue(self, *args):
        return self.out("enqueue", *args)

    def status(self, job_id):
        return self.job(job_id)["status"]

    def burst(self, *args, module=PLAYGROUND):
        """Lets a worker do all there is to do."""
        return self.run("worker", module, "--burst", *args)

    @contextlib.contextmanager
    def worker(self, *args, module=PLAYGROUND):
        """A worker beside the test; stopped in peace, it must end with 0."""
        with subprocess.Popen([BARQ, "worker", module, *args], env=self.env, cwd=self.folder,
                              stdin=subprocess.DEVNULL) as worker:
            try:
                yield worker
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(30) == 0, worker.returncode
            finally:
                worker.kill()

    def counts(self):
        """What the playground has counted."""
        with contextlib.closing(sqlite3.connect(self.data)) as data:
            return dict(data.execute("SELECT name, value FROM playground_counts"))


# -- without a worker --


def help_tells_of_every_command_and_exit_code(folder):
    place = Place(folder)
    text = place.out("--help")
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", text, re.M), command
    for code in "01234":
        assert re.search(rf"^  {code}  ", text, re.M), code
    for command in COMMANDS[2:]:  # the first two have options of their own
        text = place.out(command, "--help")
        assert text.startswith(f"usage: barq {command} "), text
        assert "example" in text and "--json" in text and "exit codes" in text, text
    assert re.fullmatch(r"barq \d+\.\d+\.\d+", place.out("--version"))
    assert not os.path.exists(place.queue)


def what_makes_no_sense_is_a_usage_error(folder):
    place = Place(folder)
    for args in [("",), ("frob",), ("fr\x1b[31mob",), ("enqueue",), ("status",),
                 ("status", "a", "b"), ("list", "--frob"), ("list", "x"), ("list", "-x"),
                 ("list", "--limit"), ("list", "--limit", "0"), ("list", "--limit", "many"),
                 ("list", "--status", "sleepy"), ("list", "--all=3"),
                 ("result", "a", "--timeout", "-1"), ("enqueue", "f", "--wait=soon"),
                 ("enqueue", "f", "--kwargs", "[1]"), ("enqueue", "f", "--kwargs", "{"),
                 ("enqueue", "f", "--job-id", ""), ("enqueue", ""), ("status", "a\nb")]:
        assert place.err(*args, code=2).count("\n") == 1, args
    said = subprocess.run([BARQ], capture_output=True, check=False)
    assert said.returncode == 2 and said.stderr


def a_usage_error_names_what_was_wrong_and_what_is_right(folder):
    place = Place(folder)
    for args, what in [
            (("list", "--limit", "0"), "--limit takes a whole number from 1, not '0'"),
            (("enqueue", "f", "--priority", "high"), "--priority takes a whole number, not 'high'"),
            (("result", "a", "--timeout", "-1"), "--timeout takes a number of seconds, not '-1'"),
            (("enqueue", "f", "--after-failed"), "--after-failed wants --after"),
            (("enqueue", "f", "--progress"), "--progress wants --wait"),
            (("result", "a", "--progress"), "--progress wants --timeout"),
            (("worker", "--frob", PLAYGROUND), "there is no option --frob"),
            (("worker", "-x", PLAYGROUND), "there is no option -x"),
            (("worker", "--lease"), "--lease wants a value"),
            (("worker", "--health", "localhost:1", PLAYGROUND), "give a number, as 127.0.0.1")]:
        code = 1 if "--health" in args else 2
        assert what in place.err(*args, code=code), (args, place.err(*args, code=code))


def help_of_a_command_is_that_commands_help(folder):
    place = Place(folder)
    assert place.out("help", "list") == place.out("list", "--help")
    assert place.out("help", "worker") == place.out("worker", "--help")
    assert "frob" in place.err("help", "frob", code=2)


def an_enqueued_job_is_its_id_for_people(folder):
    place = Place(folder)
    job_id = place.enqueue("add", "1", "2")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", job_id)
    assert place.out("status", job_id) == "queued"
    assert place.enqueue("add", "--job-id", "mine") == "mine"


def a_job_runs_after_others(folder):
    place = Place(folder)
    one = place.enqueue("add", "1", "2")
    two = place.enqueue("no such function")
    place.enqueue("add", "3", "4", "--job-id", "then", "--after", f"{one},{two}")
    place.enqueue("add", "5", "6", "--job-id", "last", "--after=then," + two, "--after-failed")
    assert place.out("status", "then") == "deferred"
    assert re.search(r"^waits for +2 jobs$", place.out("info", "then"), re.M)
    place.burst()
    assert place.out("result", "last") == "11"
    assert f"a job that it was to wait for has failed: {two}" in place.err("result", "then", code=1)
    assert "waits for" not in place.out("info", "then")
    assert "wait for itself" in place.err("enqueue", "add", "--job-id", "me", "--after", "you,me",
                                          code=2)
    assert "number 2" in place.err("enqueue", "add", "--after", one + ",", code=2)


TELLING = r"""
#include <stdio.h>
#include <unistd.h>
#include <barq/worker.h>
/* tell(gate): waits for that file after its first step */
static enum barq_status tell(struct barq_context *ctx, struct barq_error *err)
{
    for (int i = 1; i <= 3; i++) {
        barq_progress(ctx, i, 3, "step\x1b[31m");
        barq_log(ctx, BARQ_LOG_WARN, "step %d \x1b[31m", i);
        while (access(barq_arg_string(ctx, 0, "gate", ""), F_OK) != 0) {
            enum barq_status status = barq_sleep(ctx, 5, err);
            if (status != BARQ_OK) {
                return status;
            }
        }
    }
    printf("printed\n");
    return BARQ_OK;
}
static const struct barq_function functions[] = {{.name = "tell", .run = tell}, {.name = NULL}};
BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions};
"""


def progress_and_log_of_a_job_are_shown(folder):
    place = Place(folder)
    module = compile_module(folder, "telling", TELLING)
    gate = os.path.join(folder, "gate")
    with place.worker(module=module):
        ours, theirs = os.openpty()
        job_id = place.enqueue("tell", gate)
        said = subprocess.Popen([BARQ, "result", job_id, "--timeout", "20", "--progress"],
                                env=place.env, stdout=subprocess.PIPE, stderr=theirs,
                                stdin=subprocess.DEVNULL)
        os.close(theirs)
        shown = b""
        while b"in_progress: 1 of 3 (33 %): step\\x1b[31m" not in shown:
            shown += os.read(ours, 4096)
        with open(gate, "w", encoding="ascii"):
            pass
        with contextlib.suppress(OSError):  # of a terminal that nobody has open any more
            while more := os.read(ours, 4096):
                shown += more
        os.close(ours)
        assert said.wait(60) == 0 and said.stdout.read() == b"null\n"
        said.stdout.close()
    assert b"\x1b[31m" not in shown and shown.endswith(b"\r\x1b[K"), shown
    [job] = place.json("info", job_id)
    assert (job["progress"]["done"], job["progress"]["total"]) == (3, 3), job
    text = place.out("info", job_id)
    assert re.search(r"^progress +3 of 3 \(100 %\): step\\x1b\[31m, at ", text, re.M), text
    assert re.search(r"^log +\S+Z warn step 1 \\x1b\[31m$", text, re.M), text
    assert re.search(r"^ +\S+Z \| printed$", text, re.M), text


def json_has_exactly_its_twelve_keys(folder):
    place = Place(folder)
    before_ms = time.time() * 1000 - 1
    [job] = place.json("enqueue", "add", "1", "2", "--queue", "mail")
    assert list(job) == KEYS, job
    assert job["queue"] == "mail" and job["function"] == "add" and job["status"] == "queued"
    assert job["try"] == 0 and job["result"] is None and job["error"] is None
    assert before_ms <= job["enqueued_at_ms"] <= time.time() * 1000 + 1
    assert job["started_at_ms"] is None and job["finished_at_ms"] is None
    for command in ["info", "status"]:
        assert place.json(command, job["id"]) == [job]
        [nothing] = place.json(command, "nobody", code=1)
        assert list(nothing) == KEYS, nothing
        assert nothing["id"] == "nobody" and nothing["status"] == "not_found"
    assert place.json("list") == [job]
    assert place.json("result", job["id"], code=3) == [job]


def an_argument_is_json_or_else_text(folder):
    place = Place(folder)
    job_id = place.enqueue("echo", "1", "-2.5", "-7", "null", '{"a": [true]}', "text", "01", '"5"',
                           "", "--kwargs", '{"k": "v"}', "--", "--wait")
    lines = dict(line.split(None, 1) for line in place.out("info", job_id).splitlines())
    assert json.loads(lines["args"]) == [1, -2.5, -7, None, {"a": [True]}, "text", "01", "5", "",
                                         "--wait"]
    assert json.loads(lines["kwargs"]) == {"k": "v"}
    [job] = place.json("enqueue", "echo", "123456789012345678901234567890")
    assert " [123456789012345678901234567890]" in place.out("info", job["id"])
    said = subprocess.run([BARQ, "enqueue", "echo", b"\xff"], env=place.env, capture_output=True,
                          check=False)
    assert said.returncode == 2 and b"UTF-8" in said.stderr, said


def a_job_is_written_in_the_serializer_that_was_asked_for(folder):
    place = Place(folder)
    firsts = {"json": b"{", "msgpack": b"\x86", "pickle": b"\x80\x04"}
    for name, first in firsts.items():
        job_id = place.enqueue("add", "1", "2", "--job-id", name, "--serializer", name)
        with contextlib.closing(sqlite3.connect(place.queue)) as db:
            [[payload]] = db.execute("SELECT payload FROM barq_jobs WHERE id = ?", (job_id,))
        assert payload.startswith(first), (name, payload)
    place.burst()
    assert [place.out("result", name) for name in firsts] == ["3", "3", "3"]
    said = place.err("enqueue", "add", "--serializer", "yaml", code=2)
    assert "json, msgpack, pickle" in said, said


def an_urgent_job_overtakes(folder):
    place = Place(folder)
    humble = place.enqueue("add", "1", "1", "--priority", "-4", "--key", "a customer")
    urgent = place.enqueue("add", "1", "1", "--priority=4")
    place.burst("--executors", "1")
    assert place.job(urgent)["finished_at_ms"] <= place.job(humble)["finished_at_ms"]

    waiting = place.enqueue("add", "1", "1", "--priority", "-4", "--key", "a customer")
    lines = dict(line.split(None, 1) for line in place.out("info", waiting).splitlines())
    assert lines["priority"] == "-4" and lines["key"] == "a customer", lines
    for nonsense in ["5", "-5", "high"]:
        place.err("enqueue", "add", "--priority", nonsense, code=2)


def an_id_that_waits_already_is_refused(folder):
    place = Place(folder)
    place.enqueue("add", "--job-id", "mine")
    assert "mine" in place.err("enqueue", "sleep", "--job-id", "mine", code=1)
    assert place.job("mine")["function"] == "add"


def options_stand_anywhere(folder):
    place = Place(folder)
    assert place.out("enqueue", "--job-id", "a", "add", "1", "--defer-by", "60", "2") == "a"
    assert place.status("a") == "deferred"
    assert place.out("status", "a", "--url", "sqlite:other.db", code=1) == "not_found"
    assert os.path.exists(os.path.join(folder, "other.db"))


def who_waits_for_nothing_is_told_so(folder):
    place = Place(folder)
    begun = time.monotonic()
    assert "queued" in place.err("enqueue", "add", "--job-id", "a", "--wait=0.3", code=3)
    assert time.monotonic() - begun >= 0.3
    place.err("result", "a", code=3)
    place.err("result", "a", "--timeout", "0.1", code=3)
    assert "nobody" in place.err("result", "nobody", "--timeout", "5", code=1)
    assert "nobody" in place.err("info", "nobody", code=1)
    assert place.out("status", "nobody", code=1) == "not_found"


def jobs_are_listed_page_by_page(folder):
    place = Place(folder)
    ids = {place.enqueue("add", str(number)) for number in range(105)}
    place.enqueue("add", "--job-id", "later", "--defer-by", "60")
    place.enqueue("add", "--job-id", "mail", "--queue", "mail")
    table = place.run("list")
    assert len(table.stdout.splitlines()) == 1 + 100
    assert table.stdout.startswith(b"ID ") and b"--all" in table.stderr
    assert len(place.json("list", "--limit", "3")) == 3
    assert {job["id"] for job in place.json("list", "--all")} == ids | {"later", "mail"}
    assert [job["id"] for job in place.json("list", "--queue", "mail")] == ["mail"]
    assert [job["id"] for job in place.json("list", "--status", "deferred")] == ["later"]
    assert place.json("list", "--status", "failed") == []
    assert place.json("list", "--status", "finished") == []
    assert {job["id"] for job in place.json("list", "--status", "waiting", "--all")} == \
        ids | {"later", "mail"}
    assert place.out("list", "--queue", "none") == ""


def many_are_aborted_deleted_and_retried_one_by_one(folder):
    place = Place(folder)
    for name in "abc":
        place.enqueue("add", "--job-id", name)
    said = place.run("delete", "a", "nobody", "b", code=1)
    assert said.stdout == b"a\nb\n" and b"nobody" in said.stderr
    assert place.out("status", "a", code=1) == "not_found"
    assert place.out("abort", "c") == "c"
    [job] = place.json("delete", "c")
    assert list(job) == KEYS and job["status"] == "not_found"
    place.err("abort", "nobody", code=1)
    place.enqueue("add", "--job-id", "d")
    assert "d" in place.err("retry", "d", code=1)


def stats_count_by_queue_and_status(folder):
    place = Place(folder)
    place.enqueue("add")
    place.enqueue("add", "--defer-by", "60")
    place.enqueue("add", "--queue", "mail")
    found = {queue.pop("queue"): queue for queue in place.json("stats")}
    nothing = {"queued": 0, "held": 0, "deferred": 0, "in_progress": 0, "complete": 0, "failed": 0,
               "paused": False}
    assert found == {"barq": dict(nothing, queued=1, deferred=1), "mail": dict(nothing, queued=1)}
    assert re.search(r"^barq +1 +0 +1 +0 +0 +0 +no$", place.out("stats"), re.M)


def a_paused_queue_is_left_alone_until_it_is_resumed(folder):
    place = Place(folder)
    waiting = place.enqueue("add", "1", "1")
    other = place.enqueue("add", "1", "1", "--queue", "other")
    assert place.out("pause", "barq", "new") == "barq\nnew"
    assert re.search(r"^barq +1 +0 +0 +0 +0 +0 +yes$", place.out("stats"), re.M)
    place.burst()
    place.burst("--queue", "other")
    assert place.status(waiting) == "queued" and place.status(other) == "complete"

    with place.worker():
        assert place.json("resume", "barq") == [{"queue": "barq"}]
        assert place.out("result", waiting, "--timeout", "20") == "2"
    place.err("pause", code=2)
    place.err("pause", "a\tqueue", code=2)


def migrating_twice_changes_nothing(folder):
    place = Place(folder)
    first = place.json("migrate")
    assert [done["tables"] for done in first] == ["queue", "database"]
    for done in first:
        assert done["from"] == 0 and done["to"] > 0, first
    for again, done in zip(place.json("migrate"), first):
        assert again["from"] == again["to"] == done["to"]
    assert os.path.exists(place.data)
    assert "already" in place.out("migrate")


def nothing_of_a_job_steers_a_terminal(folder):
    place = Place(folder)
    nasty = "\x1b[31mred\x07 \u009b2J \u202eleft \x7f"
    place.enqueue("echo", nasty, "--job-id", "a", "--kwargs", json.dumps({nasty: nasty}))
    assert "\\u001b[31mred\\u0007 \\u009b2J \\u202eleft \\u007f" in place.out("info", "a")
    place.out("list")
    place.err("enqueue", nasty, code=2)
    place.err("enqueue", "f", "--job-id", nasty, code=2)
    place.err(nasty, code=2)
    place.err("list", "--status", nasty, code=2)


def without_addresses_files_in_the_data_folder_are_used(folder):
    place = Place(folder)
    del place.env["BARQ_URL"], place.env["DATABASE_URL"]
    place.out("migrate")
    assert sorted(name for name in os.listdir(os.path.join(folder, ".local/share/barq"))
                  if name.endswith(".db")) == ["data.db", "queue.db"]
    place.env["XDG_DATA_HOME"] = os.path.join(folder, "elsewhere")
    place.enqueue("add", "--job-id", "a")
    assert os.path.exists(os.path.join(folder, "elsewhere/barq/queue.db"))


def an_address_that_is_none_is_a_usage_error(folder):
    place = Place(folder)
    for url in ["", "queue.db", "gopher://there", "sqlite:%zz", "sqlite:"]:
        place.err("stats", "--url", url, code=2)
        place.err("migrate", "--url", "sqlite:queue.db", "--database", url, code=2)
    place.err("stats", "--url", f"sqlite://{folder}", code=2)
    secret = place.err("stats", "--url", "gopher://me:secret@there", code=2)
    assert "secret" not in secret, secret


def a_queue_that_cannot_be_opened_is_no_usage_error(folder):
    place = Place(folder)
    place.err("stats", "--url", f"sqlite://{folder}/no/such/folder/queue.db", code=4)
    with open(place.queue, "wb") as queue:
        queue.write(b"this is no database\n" * 1000)
    with open(place.queue, "rb") as queue:
        before = queue.read()
    for args in [("stats",), ("enqueue", "add"), ("list",), ("migrate",)]:
        place.err(*args, code=4)
    with open(place.queue, "rb") as queue:
        assert queue.read() == before


def a_queue_with_a_damaged_page_is_told_and_left(folder):
    place = Place(folder)
    for number in range(50):
        place.enqueue("echo", "x" * 500, "--job-id", f"job-{number}")
    with contextlib.closing(sqlite3.connect(place.queue)) as queue:
        queue.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = os.path.getsize(place.queue)
    with open(place.queue, "r+b") as queue:
        queue.seek(4096)
        queue.write(b"\xa5" * (size - 4096))
    place.err("list", "--all", code=4)
    place.err("enqueue", "add", code=4)


def a_locked_queue_is_waited_for_and_then_told(folder):
    place = Place(folder)
    place.enqueue("add", "--job-id", "a")
    with contextlib.closing(sqlite3.connect(place.queue, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        place.err("enqueue", "add", "--job-id", "b", code=4)
        assert 1 < time.monotonic() - began < 30
        other.execute("ROLLBACK")
    assert place.enqueue("add", "--job-id", "b") == "b"
    assert {job["id"] for job in place.json("list")} == {"a", "b"}


def what_cannot_be_printed_is_an_error(folder):
    place = Place(folder)
    with open("/dev/full", "wb") as full:
        said = subprocess.run([BARQ, "stats"], env=place.env, stdout=full, stderr=subprocess.PIPE,
                              check=False)
    assert said.returncode == 4 and b"stdout" in said.stderr, said


# -- with a worker --


def a_burst_does_all_there_is_and_ends(folder):
    place = Place(folder)
    wanted = {
        place.enqueue("echo", "1", "two", "--kwargs", '{"three": 3}'): [[1, "two"], {"three": 3}],
        place.enqueue("add", "1", "2"): 3,
        place.enqueue("add", "0.5", "--kwargs", '{"b": 1}'): 1.5,
        place.enqueue("sleep", "0.2"): 0.2,
        place.enqueue("retry", "2", "0.05"): 3,
        place.enqueue("hog", "8"): 8,
        place.enqueue("count", "apples"): 1,
    }
    place.burst()
    for job_id, result in wanted.items():
        job = place.job(job_id)
        assert job["status"] == "complete" and job["result"] == result, (job, result)
        assert job["enqueued_at_ms"] <= job["started_at_ms"] <= job["finished_at_ms"], job
        assert job["try"] == (3 if job["function"] == "retry" else 1), job
        assert json.loads(place.out("result", job_id)) == result
        assert job["error"] is None
    [stats] = place.json("stats")
    assert stats["complete"] == len(wanted) and stats["queued"] == 0, stats
    assert place.counts() == {"apples": 1}


def a_failure_is_told_in_its_words(folder):
    place = Place(folder)
    words = "no 100 % luck: \x1b[31mred\nand more"
    job_id = place.enqueue("fail", words)
    place.burst()
    job = place.job(job_id)
    assert job["status"] == "failed" and job["error"] == words and job["try"] == 1, job
    assert job["result"] is None
    assert "no 100 % luck: \\u001b[31mred\\nand more" in place.err("result", job_id, code=1)
    assert list(place.json("result", job_id, code=1)[0]) == KEYS
    place.out("info", job_id)
    assert "\\n" in place.out("list")


def a_wrong_argument_fails_for_good_and_is_named(folder):
    place = Place(folder)
    wrong = {
        place.enqueue("add", "x", "1"): "argument a",
        place.enqueue("add", "1"): "argument b",
        place.enqueue("add", "1", "123456789012345678901234567890"): "argument b",
        place.enqueue("sleep", "long"): "argument seconds",
        place.enqueue("sleep", "-1"): "argument seconds",
        place.enqueue("fail", "7"): "argument message",
        place.enqueue("retry", "1.5"): "argument times",
        place.enqueue("retry", "1", "soon"): "argument defer_s",
        place.enqueue("hog", "much"): "argument mib",
        place.enqueue("count"): "argument name",
        place.enqueue("count_then", "pears", "dance"): "argument what",
        place.enqueue("no_such_function"): "no_such_function",
    }
    place.burst()
    for job_id, named in wrong.items():
        job = place.job(job_id)
        assert job["status"] == "failed" and named in job["error"], (job, named)
        assert job["try"] <= 1, job
    assert place.counts() == {}


def a_crash_is_told_and_costs_its_own_job_only(folder):
    place = Place(folder)
    crash = place.enqueue("crash")
    others = [place.enqueue("count", "apples") for _ in range(20)]
    place.burst()
    job = place.job(crash)
    assert job["status"] == "failed" and "SIGSEGV" in job["error"], job
    assert all(place.status(job_id) == "complete" for job_id in others)
    assert place.counts() == {"apples": 20}
    assert "SIGSEGV" in place.out("info", crash)


def what_did_not_succeed_has_not_counted(folder):
    place = Place(folder)
    failed = place.enqueue("count_then", "pears", "fail")
    crashed = place.enqueue("count_then", "plums", "crash")
    retried = place.enqueue("count_then", "apples", "retry")
    place.burst()
    assert place.status(failed) == "failed" and place.status(crashed) == "failed"
    job = place.job(retried)
    assert job["status"] == "complete" and job["result"] == 1 and job["try"] == 2, job
    assert place.counts() == {"apples": 1}


def seconds_to_echo(place):
    begun = time.monotonic()
    assert place.out("enqueue", "echo", "--wait") == "[[],{}]"
    return time.monotonic() - begun


def who_waits_gets_the_result_at_once(folder):
    place = Place(folder)
    with place.worker("--executors", "2"):
        assert place.out("enqueue", "add", "1", "2", "--wait=30") == "3"
        assert any(seconds_to_echo(place) < 0.5 for _ in range(20)), "it is polled for"
        assert "job x failed: boom" in place.err("enqueue", "fail", "boom", "--job-id", "x",
                                                 "--wait", code=1)
        [job] = place.json("enqueue", "add", "2", "2", "--wait")
        assert list(job) == KEYS and job["status"] == "complete" and job["result"] == 4, job
        place.err("enqueue", "sleep", "30", "--job-id", "slow", "--wait=0.2", code=3)
        assert place.json("result", "slow", code=3)[0]["status"] == "in_progress"
        assert "abort" in place.err("delete", "slow", code=1)
        assert place.out("abort", "slow") == "slow"
        assert "abort" in place.err("result", "slow", "--timeout", "30", code=1)
        assert place.out("enqueue", "add", "3", "2", "--job-id", "y", "--wait=30") == "5"
        assert place.out("delete", "y", "x") == "y\nx"


def a_job_enqueues_others_and_one_for_their_end(folder):
    place = Place(folder)
    place.enqueue("count_all", "apples", "pears", "apples")
    place.burst()
    assert place.counts() == {"apples": 2, "pears": 1, "all": 1}


def an_aborted_job_that_waits_never_runs(folder):
    place = Place(folder)
    place.enqueue("count", "apples", "--job-id", "a", "--defer-by", "600")
    place.out("abort", "a")
    place.burst()
    assert place.status("a") == "failed" and "abort" in place.job("a")["error"]
    assert place.counts() == {}


def an_abort_waits_until_the_job_has_ended(folder):
    place = Place(folder)
    place.enqueue("add", "1", "2", "--job-id", "done")
    place.burst()
    assert "had ended otherwise" in place.err("abort", "done", "--wait", code=1)
    place.enqueue("add", "1", "2", "--job-id", "waits")
    place.err("abort", "waits", "--wait=0.1", code=3)
    with place.worker():
        assert place.out("abort", "waits", "--wait=30") == "waits"
        place.enqueue("count_then", "apples", "hang", "--job-id", "hangs")
        tap.wait_until(lambda: place.status("hangs") == "in_progress")
        assert place.out("abort", "hangs", "--wait=30") == "hangs"
    assert place.status("hangs") == "failed" and place.counts() == {}


def many_jobs_are_enqueued_from_a_file(folder):
    place = Place(folder)
    lines = [json.dumps({"function": "add", "args": [number, 1], "id": f"job {number}"})
             for number in range(1200)]
    lines[7] = json.dumps({"function": "echo", "kwargs": {"a": 1}, "queue": "mail", "key": "k",
                           "priority": 2, "defer_by": 0.5, "expires": 60, "after": ["job 6"],
                           "after_failed": True, "job_try": 2, "id": "job 7"}) + "\n"
    path = os.path.join(folder, "jobs")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    said = place.out("enqueue", "--many", path, "--queue", "slow")
    assert said.splitlines() == [f"job {number}" for number in range(1200)]
    assert place.job("job 7")["queue"] == "mail" and place.job("job 8")["queue"] == "slow"
    assert place.job("job 7")["status"] == "deferred"
    told = place.err("enqueue", "--many", path, code=1)
    assert told.count("a job of this id is there: ") == 1200

    for line, what in [("[]", "no JSON object"), ("{}", "no function"), ("{", "line 2"),
                       ('{"function": "f", "args": {}}', "'args'"),
                       ('{"function": "f", "frob": 1}', "'frob'"),
                       ('{"function": "f", "defer_by": -1}', "'defer_by'"),
                       ('{"function": "f", "after": [1]}', "'after'")]:
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"function": "f", "id": "x"}\n' + line)
        assert what in place.err("enqueue", "--many", path, code=2), line
    assert place.out("status", "x", code=1) == "not_found"
    for words in [("add",), ("--wait",), ("--job-id", "x"), ("--kwargs", "{}"), ("--after", "x")]:
        place.err("enqueue", "--many", path, *words, code=2)
    place.err("enqueue", "--many", "/no/such/file", code=2)
    piped = subprocess.run([BARQ, "enqueue", "--many", "-"], input=b'\n{"function": "add"}\n',
                           env=place.env, capture_output=True, check=True)
    assert place.status(piped.stdout.decode().strip()) == "queued"


def an_aborted_job_that_hangs_is_killed(folder):
    place = Place(folder)
    with place.worker():
        place.enqueue("count_then", "apples", "hang", "--job-id", "a")
        tap.wait_until(lambda: place.status("a") == "in_progress")
        worker = place.json("workers")[0]["name"]
        assert place.job("a")["worker"] == worker
        tap.wait_until(lambda: any(executor["running"] == ["a"] and executor["state"] == "busy"
                                   for executor in place.json("workers")[0]["places"]))
        assert re.search(f"^worker +{worker}$", place.out("info", "a"), re.M)
        place.out("abort", "a")
        place.err("result", "a", "--timeout", "30", code=1)
        assert place.status("a") == "failed"
        assert place.out("enqueue", "count", "pears", "--wait=30") == "1"
    assert place.counts() == {"pears": 1}


def what_expired_is_failed(folder):
    place = Place(folder)
    place.enqueue("count", "apples", "--job-id", "a", "--expires", "0.01")
    place.enqueue("count", "pears", "--job-id", "b", "--expires", "600")
    time.sleep(0.05)
    place.burst()
    assert place.status("a") == "failed" and "expired" in place.job("a")["error"]
    assert place.counts() == {"pears": 1}


def a_dead_job_is_brought_back(folder):
    place = Place(folder)
    place.enqueue("fail", "boom", "--job-id", "a")
    place.burst()
    assert [job["id"] for job in place.json("list", "--status", "failed")] == ["a"]
    assert place.out("retry", "a") == "a"
    job = place.job("a")
    assert job["status"] == "queued" and job["try"] == 0, job
    place.burst()
    assert place.status("a") == "failed"
    place.err("enqueue", "add", "--job-id", "a", code=1)
    assert place.out("delete", "a") == "a"
    assert place.enqueue("add", "1", "1", "--job-id", "a") == "a"
    place.burst()
    assert place.out("result", "a") == "2"


def a_stopped_worker_loses_nothing(folder):
    place = Place(folder)
    ids = [place.enqueue("sleep", "0.1") for _ in range(30)]
    ids += [place.enqueue("count", "apples") for _ in range(30)]
    with place.worker("--executors", "2"):
        tap.wait_until(lambda: place.json("stats")[0]["complete"] >= 3)
    [stats] = place.json("stats")
    assert stats["in_progress"] == 0 and stats["failed"] == 0, stats
    assert stats["queued"] + stats["deferred"] + stats["complete"] == 60, stats
    assert stats["complete"] < 60, "it was stopped in the middle"
    place.burst()
    for job_id in ids:
        job = place.job(job_id)
        assert job["status"] == "complete" and job["try"] == 1, job
    assert place.counts() == {"apples": 30}


def a_killed_worker_loses_nothing(folder):
    place = Place(folder)
    ids = [place.enqueue("count", "apples") for _ in range(40)]
    ids += [place.enqueue("sleep", "0.05") for _ in range(40)]
    with subprocess.Popen([BARQ, "worker", PLAYGROUND, "--executors", "2"], env=place.env,
                          cwd=folder, stdin=subprocess.DEVNULL) as worker:
        tap.wait_until(lambda: place.json("stats")[0]["complete"] >= 45)
        worker.kill()
    assert place.json("stats")[0]["complete"] < 80, "it was killed in the middle"
    place.burst()
    assert {job["status"] for job in place.json("list", "--all")} == {"complete"}
    assert len(place.json("list", "--all")) == len(ids)
    assert place.counts() == {"apples": 40}


def what_is_not_known_can_be_left_to_others(folder):
    place = Place(folder)
    place.enqueue("nobody knows", "--job-id", "a")
    with place.worker("--leave-unknown"):
        tap.wait_until(lambda: place.status("a") == "deferred")
        assert place.out("enqueue", "add", "1", "2", "--wait=30") == "3"
    assert place.json("stats")[0]["failed"] == 0
    place.enqueue("nobody knows", "--job-id", "b")
    with place.worker("--shared-with-arq"):
        assert "not found" in place.err("result", "b", "--timeout", "30", code=1)
    said = place.run("worker", PLAYGROUND, "--burst", "--shared-with-arq", "--executors", "91",
                     code=1)
    assert b"runs 90 jobs at most" in said.stderr, said


def command_lines():
    """What the list of processes shows of all workers and executors."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                yield pid, file.read()


def a_password_is_in_no_list_of_processes_and_no_log(folder):
    place = Place(folder)
    place.env["DATABASE_URL"] = "sqlite:///no/such/place.db"
    secret = f"geheim{os.getpid()}"
    log = os.path.join(folder, "log")
    with open(log, "wb") as out, subprocess.Popen(
            [BARQ, "worker", "-v", "--url", f"memory://me:{secret}@", f"--database=sqlite://{place.data}",
             "--executors", "2", PLAYGROUND], env=place.env, stderr=out) as worker:
        tap.wait_until(lambda: b"worker ready" in open(log, "rb").read())
        tap.wait_until(lambda: open(log, "rb").read().count(b"executor ready") == 3)
        shown = dict(command_lines())
        assert not [line for line in shown.values() if secret.encode() in line]
        assert b"memory://me:" + b"*" * len(secret) + b"@" in shown[str(worker.pid)]
        alike = [line for line in shown.values() if line == shown[str(worker.pid)]]
        assert len(alike) == 4, shown # the executors and the house are started with the same
        worker.terminate()
    assert worker.returncode == 0 and os.path.exists(place.data)
    with open(log, "rb") as file:
        assert secret.encode() not in file.read()


def another_queue_is_left_alone(folder):
    place = Place(folder)
    place.enqueue("add", "1", "2", "--job-id", "a")
    place.enqueue("add", "1", "2", "--job-id", "b", "--queue", "mail")
    place.burst("--queue", "mail")
    assert place.status("a") == "queued" and place.status("b") == "complete"


def a_worker_works_on_several_queues_by_their_weights(folder):
    place = Place(folder)
    for queue in ["fast", "slow"] * 6:
        # Long enough that the worker claims one at a time.
        place.enqueue("sleep", "0.1", "--queue", queue)
    said = place.burst("--queue", "fast:3,slow", "--executors", "1").stderr.decode()
    assert 'queues="fast:3 slow:1"' in said, said
    stats = {queue["queue"]: queue for queue in place.json("stats")}
    assert stats["fast"]["complete"] == 6 and stats["slow"]["complete"] == 6, stats

    with contextlib.closing(sqlite3.connect(place.queue)) as db:
        order = [name for (name,) in db.execute(
            "SELECT q.name FROM barq_jobs j JOIN barq_queues q USING (queue)"
            " ORDER BY j.finished_at")]
    assert order[:4].count("slow") == 1 and order[4:8].count("slow") == 1, order
    for nonsense in ["", "fast,fast", "fast:0", "fast:3x", "a," * 70 + "a"]:
        place.err("worker", PLAYGROUND, "--queue", nonsense, code=2)


def the_first_job_of_readme_greets(folder):
    place = Place(folder)
    place.enqueue("greet", "World", "--job-id", "a")
    place.enqueue("greet", "--job-id", "b")
    place.burst(module=os.path.join(EXAMPLES, "hello.so"))
    assert place.out("result", "a") == '"Hello, World!"'
    place.err("result", "b", code=1)


def compile_module(folder, name, text):
    source = os.path.join(folder, name + ".c")
    module = os.path.join(folder, name + ".so")
    with open(source, "w", encoding="ascii") as out:
        out.write(text)
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-I", INCLUDE, "-o", module,
                    source], check=True)
    return module


def a_job_that_hangs_is_killed_in_time(folder):
    place = Place(folder)
    module = compile_module(folder, "hang", "#include <unistd.h>\n"
                            "#include <barq/worker.h>\n"
                            "static enum barq_status hang(struct barq_context *ctx,"
                            " struct barq_error *err)\n"
                            "{ (void)ctx; (void)err; for (;;) pause(); return BARQ_OK; }\n"
                            "static const struct barq_function functions[] = {\n"
                            "    {.name = \"hang\", .run = hang, .job_timeout_ms = 500,"
                            " .max_tries = 1}, {.name = NULL}};\n"
                            "BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions};\n")
    place.enqueue("hang", "--job-id", "a")
    place.burst(module=module)
    job = place.job("a")
    assert job["status"] == "failed" and "ran past its" in job["error"], job
    assert 5000 < job["finished_at_ms"] - job["enqueued_at_ms"] < 30000, job


LIMITED = """
#include <unistd.h>
#include <barq/worker.h>
static enum barq_status waits(struct barq_context *ctx, struct barq_error *err)
{
    const char *gate = barq_arg_string(ctx, 0, NULL, "");
    while (*gate && access(gate, F_OK) != 0) {
        if (barq_sleep(ctx, 10, err) != BARQ_OK) {
            return BARQ_ERR_CANCELED;
        }
    }
    return BARQ_OK;
}
static const struct barq_limit one = {.max_running = 1};
static const struct barq_function functions[] = {
    {.name = "waits", .run = waits, .key_limit = &one}, {.name = NULL}};
BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions};
"""


def a_job_over_its_keys_limit_takes_no_executor(folder):
    place = Place(folder)
    gate = os.path.join(folder, "gate")
    busy = [place.enqueue("waits", gate, "--key", "busy") for _ in range(5)]
    free = place.enqueue("waits", "", "--key", "free")
    module = compile_module(folder, "limited", LIMITED)
    with subprocess.Popen([BARQ, "worker", module, "--executors", "2"], env=place.env,
                          stdin=subprocess.DEVNULL) as worker:
        place.out("result", free, "--timeout", "20")
        assert place.status(busy[0]) == "in_progress" and place.status(busy[1]) == "queued"
        [stats] = place.json("stats")
        assert stats["held"] == 4 and stats["queued"] == 4 and stats["in_progress"] == 1, stats
        of_each, of_busy = place.json("limits", "--queue", "barq")
        assert of_each["each_key"] and of_each["key"] is None and of_each["held"] == 4, of_each
        assert of_busy == dict(of_each, key="busy", running=1), (of_each, of_busy)
        assert place.json("limits", "--queue", "other") == []
        assert re.search(r"^barq +waits +\S+ +busy +1 +1 +0 +\d+ +4$", place.out("limits"), re.M)
        place.out("abort", busy[4])
        place.err("result", busy[4], "--timeout", "20", code=1)
        with open(gate, "w", encoding="ascii"):
            pass
        for job_id in busy[:4]:
            place.out("result", job_id, "--timeout", "20")
        worker.terminate()
        assert worker.wait(20) == 0
    finished = [place.job(job_id)["finished_at_ms"] for job_id in busy[:4]]
    assert finished == sorted(finished), finished


def a_module_that_does_not_fit_is_told_why(folder):
    place = Place(folder)
    other_abi = compile_module(folder, "abi", "#include <barq/worker.h>\n"
                               "static const struct barq_function none[] = {{.name = NULL}};\n"
                               "BARQ_MODULE = {.abi = BARQ_ABI + 1, .functions = none};\n")
    empty = compile_module(folder, "empty", "int nothing;\n")
    needy = compile_module(folder, "needy", "#include <barq/worker.h>\n"
                           "extern int who_has_this(void);\n"
                           "static int (*const who)(void) = who_has_this;\n"
                           "const void *keep(void) { return (const void *)who; }\n"
                           "static const struct barq_function none[] = {{.name = NULL}};\n"
                           "BARQ_MODULE = {.abi = BARQ_ABI, .functions = none};\n")
    text = os.path.join(folder, "text.so")
    with open(text, "w", encoding="ascii") as out:
        out.write("this is no module\n")
    for module, why in [(os.path.join(folder, "missing.so"), "missing.so"), (text, "text.so"),
                        (other_abi, "abi.so"), (empty, "barq_settings"), (needy, "who_has_this")]:
        said = place.run("worker", module, "--burst", code=1)
        assert why in said.stderr.decode(), (module, said.stderr)
    abi = place.run("worker", other_abi, "--burst", code=1).stderr.decode()
    theirs, ours = re.search(r"for ABI (\d+) of barq, this is (\d+)", abi).groups()
    assert int(theirs) == int(ours) + 1, abi


def a_worker_is_called_rightly_or_not_at_all(folder):
    place = Place(folder)
    assert "--burst" in place.out("worker", "--help")
    for args in [(), (PLAYGROUND, "--frob"), (PLAYGROUND, "--executors", "0"),
                 (PLAYGROUND, "--executors", "many"), (PLAYGROUND, "--lease", "-1"),
                 (PLAYGROUND, "--lease", "9223372036854775")]:
        assert place.run("worker", *args, code=2).stderr, args


def a_worker_without_its_queue_does_not_start(folder):
    place = Place(folder)
    with open(place.queue, "wb") as queue:
        queue.write(b"this is no database\n" * 1000)
    assert place.run("worker", PLAYGROUND, "--burst", code=1).stderr
    assert place.run("worker", PLAYGROUND, "--burst", "--url", "gopher:", code=1).stderr
    fresh = "sqlite:" + os.path.join(folder, "fresh.db")
    assert place.run("worker", PLAYGROUND, "--burst", "--url", fresh, "--database",
                     f"sqlite://{folder}/no/such/data.db", code=1).stderr


tap.run(
    help_tells_of_every_command_and_exit_code,
    what_makes_no_sense_is_a_usage_error,
    a_usage_error_names_what_was_wrong_and_what_is_right,
    help_of_a_command_is_that_commands_help,
    an_enqueued_job_is_its_id_for_people,
    a_job_runs_after_others,
    progress_and_log_of_a_job_are_shown,
    json_has_exactly_its_twelve_keys,
    an_argument_is_json_or_else_text,
    a_job_is_written_in_the_serializer_that_was_asked_for,
    an_urgent_job_overtakes,
    an_id_that_waits_already_is_refused,
    options_stand_anywhere,
    who_waits_for_nothing_is_told_so,
    jobs_are_listed_page_by_page,
    many_are_aborted_deleted_and_retried_one_by_one,
    stats_count_by_queue_and_status,
    a_paused_queue_is_left_alone_until_it_is_resumed,
    migrating_twice_changes_nothing,
    nothing_of_a_job_steers_a_terminal,
    without_addresses_files_in_the_data_folder_are_used,
    an_address_that_is_none_is_a_usage_error,
    a_queue_that_cannot_be_opened_is_no_usage_error,
    a_queue_with_a_damaged_page_is_told_and_left,
    a_locked_queue_is_waited_for_and_then_told,
    what_cannot_be_printed_is_an_error,
    a_burst_does_all_there_is_and_ends,
    a_failure_is_told_in_its_words,
    a_wrong_argument_fails_for_good_and_is_named,
    a_crash_is_told_and_costs_its_own_job_only,
    what_did_not_succeed_has_not_counted,
    who_waits_gets_the_result_at_once,
    a_job_that_hangs_is_killed_in_time,
    a_killed_worker_loses_nothing,
    an_aborted_job_that_hangs_is_killed,
    a_job_enqueues_others_and_one_for_their_end,
    an_aborted_job_that_waits_never_runs,
    an_abort_waits_until_the_job_has_ended,
    many_jobs_are_enqueued_from_a_file,
    what_expired_is_failed,
    a_dead_job_is_brought_back,
    a_stopped_worker_loses_nothing,
    what_is_not_known_can_be_left_to_others,
    a_password_is_in_no_list_of_processes_and_no_log,
    another_queue_is_left_alone,
    a_worker_works_on_several_queues_by_their_weights,
    the_first_job_of_readme_greets,
    a_job_over_its_keys_limit_takes_no_executor,
    a_module_that_does_not_fit_is_told_why,
    a_worker_is_called_rightly_or_not_at_all,
    a_worker_without_its_queue_does_not_start,
)
