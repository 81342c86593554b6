"""The whole of bookmarks from outside: files in, a real worker, files out."""
import contextlib
import csv
import io
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import time
import urllib.request

from support import outside
from support import tap

BIN = os.environ["BOOKMARKS_BIN"]
ROOT = os.environ["SOURCE_ROOT"]
SAMPLE = os.path.join(ROOT, "examples", "sample-list.csv")


def environment(folder, **more):
    kept = {key: value for key, value in os.environ.items()
            if key not in ("BARQ_URL", "DATABASE_URL", "YOUTUBE_API_KEY", "ONLINE",
                           "BOOKMARKS_YOUTUBE_URL")}
    return {**kept, "BOOKMARKS_DATA": os.path.join(folder, "data"), **more}


def bookmarks(folder, *args, code=0, stdin=None, **more):
    """Runs a command to its end; its output."""
    done = subprocess.run([BIN, *args], env=environment(folder, **more), input=stdin,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout if code != 1 and code != 2 else done.stderr


class Worker:
    def __init__(self, folder, *args, **more):
        self.process = subprocess.Popen([BIN, "worker", *args], env=environment(folder, **more),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def a_list_goes_in_is_processed_and_comes_out(folder):
    text = open(SAMPLE, encoding="utf-8").read() + "https://youtu.be/0000000000_\nbad\n"
    said = bookmarks(folder, "import", "--list", "talks", "-", stdin=text, code=3)
    assert said.startswith("talks: 301 added, 0 already there, 1 failed\n  line 303: "), said

    with Worker(folder):
        said = bookmarks(folder, "process", "--wait", "talks", code=3)
    assert said.endswith("301 videos: 300 completed, 1 failed\n"), said

    rows = rows_of(bookmarks(folder, "export", "talks"))
    assert len(rows) == 301, len(rows)
    assert [row["url"] for row in rows[:300]] == [row["url"] for row in rows_of(open(SAMPLE).read())]
    facts = {row["url"]: row for row in rows_of(open(os.path.join(ROOT, "examples/facts.csv"),
                                                     encoding="utf-8", newline="").read())}
    for row in rows[:300]:
        fact = facts[row["url"]]
        assert row["status"] == "completed", row
        assert row["title"] == fact["title"], row
        assert row["duration_seconds"] == fact["duration_seconds"], row
        assert row["field_year"] == fact["published"][:4], row
        assert row["field_kind"], row
    assert rows[300]["status"] == "failed" and rows[300]["error"], rows[300]


def an_export_can_be_imported_again(folder):
    bookmarks(folder, "import", "--list", "talks", SAMPLE)
    with Worker(folder):
        bookmarks(folder, "process", "--wait", "talks")
    exported = bookmarks(folder, "export", "--format", "csv", "talks")
    said = bookmarks(folder, "import", "--list", "copy", "-", stdin=exported)
    assert said == "copy: 300 added, 0 already there, 0 failed\n", said
    said = bookmarks(folder, "import", "--list", "talks", "-", stdin=exported)
    assert said == "talks: 0 added, 300 already there, 0 failed\n", said

    whole = json.loads(bookmarks(folder, "export", "--format", "json", "talks"))
    assert len(whole["videos"]) == 300 and whole["list"]["name"] == "talks", whole["list"]
    assert {field["name"] for field in whole["fields"]} >= {"level", "kind", "topics", "year"}
    assert all(video["fields"]["kind"]["source"] == "rule" for video in whole["videos"])


def a_list_that_is_processed_again_says_so(folder):
    bookmarks(folder, "import", "--list", "talks", SAMPLE)
    with Worker(folder):
        bookmarks(folder, "process", "--wait", "talks")
        said = bookmarks(folder, "process", "--wait", "talks")
    assert said == "talks: no pending videos to process\n", said
    said = bookmarks(folder, "lists")
    assert re.search(r"talks +300 +0 +300 +0 ", said), said


def what_can_be_done_next_is_told(folder):
    bookmarks(folder, "import", "--list", "talks", "-", stdin="https://youtu.be/nobody_knows\n", code=3)
    bookmarks(folder, "import", "--no-process", "--list", "talks", "-", stdin="https://youtu.be/nobodyknows\n")
    assert "bookmarks process \"talks\"" in bookmarks(folder, "videos", "talks")
    assert "processing 1 videos" in bookmarks(folder, "process", "talks")
    assert "--again takes them on" in bookmarks(folder, "process", "talks")
    with Worker(folder):
        bookmarks(folder, "process", "--wait", "--again", "talks", code=3)
    assert "nobodyknows: not among" in bookmarks(folder, "videos", "talks")
    assert "--failed takes on the 1" in bookmarks(folder, "process", "talks")


def output_that_did_not_arrive_is_a_failure(folder):
    bookmarks(folder, "import", "--list", "talks", SAMPLE)
    for command in (["lists"], ["videos", "talks"], ["export", "talks"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BIN, *command], env=environment(folder), stdout=full, text=True,
                                  stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode == 1 and "No space left" in done.stderr, (command, done)


def killed_workers_leave_no_video_in_between(folder):
    bookmarks(folder, "import", "--list", "talks", SAMPLE)
    bookmarks(folder, "process", "talks")
    kills = 0
    while "| 0 pending" not in pending(folder):
        worker = Worker(folder).process
        time.sleep(0.08 + kills * 0.03)  # growing, for a machine that is busy
        worker.kill()
        worker.wait()
        kills += 1
        assert kills < 200
    bookmarks(folder, "worker", "--burst")
    rows = rows_of(bookmarks(folder, "export", "talks"))
    assert all(row["status"] == "completed" for row in rows), kills


def pending(folder):
    said = bookmarks(folder, "videos", "--limit", "1", "talks").splitlines()[-1]
    return said.replace(", ", " | ")


def a_batch_that_is_poison_is_halved_not_failed(folder):
    facts = os.path.join(ROOT, "examples", "facts.csv")
    queue = os.path.join(folder, "data", "queue.db")
    with outside.StandIn(facts) as stand_in:
        more = {"BOOKMARKS_YOUTUBE_URL": stand_in.url, "YOUTUBE_API_KEY": "key"}
        stand_in.rule("slow:60000")
        bookmarks(folder, "import", "--list", "talks", SAMPLE)
        bookmarks(folder, "process", "talks")
        worker = Worker(folder, **more).process
        tap.wait_until(lambda: stand_in.running == 4)  # as many at a time as fetch_metadata may
        worker.kill()
        worker.wait()
        with contextlib.closing(sqlite3.connect(queue, timeout=20)) as connection, connection:
            connection.execute("UPDATE barq_jobs SET losses = 10 WHERE state = 0")

        stand_in.forget_rules()
        asked = stand_in.calls
        with Worker(folder, **more):
            tap.wait_until(lambda: "| 0 pending" in pending(folder), 60)
        assert stand_in.calls - asked == 12, stand_in.calls - asked
        rows = rows_of(bookmarks(folder, "export", "talks"))
        assert all(row["status"] == "completed" for row in rows), rows[0]


def the_outside_may_misbehave_for_a_while(folder):
    facts = os.path.join(ROOT, "examples", "facts.csv")
    with outside.StandIn(facts) as stand_in:
        stand_in.rule("500", times=1)
        stand_in.rule("429", times=1)
        bookmarks(folder, "import", "--list", "talks", SAMPLE)
        with Worker(folder, BOOKMARKS_YOUTUBE_URL=stand_in.url, YOUTUBE_API_KEY="key"):
            said = bookmarks(folder, "process", "--wait", "talks", YOUTUBE_API_KEY="key")
        assert said.endswith("300 videos: 300 completed, 0 failed\n"), said


def a_refused_key_fails_the_videos_with_the_reason(folder):
    facts = os.path.join(ROOT, "examples", "facts.csv")
    with outside.StandIn(facts) as stand_in:
        stand_in.rule("keyInvalid")
        bookmarks(folder, "import", "--list", "talks", SAMPLE)
        with Worker(folder, BOOKMARKS_YOUTUBE_URL=stand_in.url, YOUTUBE_API_KEY="secret-key"):
            bookmarks(folder, "process", "--wait", "talks", code=3)
        rows = rows_of(bookmarks(folder, "export", "talks"))
        assert all(row["status"] == "failed" and "key" in row["error"] for row in rows), rows[0]
        assert "secret-key" not in rows[0]["error"], rows[0]

        with Worker(folder):
            said = bookmarks(folder, "process", "--wait", "--failed", "talks")
        assert said.endswith("300 videos: 300 completed, 0 failed\n"), said


def the_demo_ends_with_its_closing_line_and_can_be_repeated(folder):
    said = bookmarks(folder, "demo").splitlines()
    assert "shipped" in said[0], said[0]
    assert said[-1] == "300 videos: 300 completed, 0 failed", said[-1]
    assert "Sample talks: 300 added, 0 already there, 0 failed" in said, said

    said = bookmarks(folder, "demo").splitlines()
    assert "Sample talks: 0 added, 300 already there, 0 failed" in said, said
    assert "all of them were processed before" in said, said
    assert said[-1] == "300 videos: 300 completed, 0 failed", said[-1]


def the_demo_keeps_serving_until_it_is_stopped(folder):
    demo = subprocess.Popen([BIN, "demo", "--keep-serving", "--port", "0"], text=True,
                            env=environment(folder), stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    lines = []
    for line in demo.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith("serving http://"):
            break
    assert "300 videos: 300 completed, 0 failed" in lines, lines
    demo.send_signal(signal.SIGINT)
    assert demo.wait(30) == 0


def a_killed_demo_takes_its_server_along(folder):
    demo = subprocess.Popen([BIN, "demo", "--keep-serving", "--port", "0"], text=True,
                            env=environment(folder), stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    line = next(line for line in demo.stdout if line.startswith("serving http://"))
    address = line.split()[1].rstrip(";")
    demo.kill()
    demo.wait(30)
    demo.stdout.close()

    def is_gone():
        try:
            urllib.request.urlopen(address + "/api/health", timeout=5).close()
        except OSError:
            return True
        return False
    tap.wait_until(is_gone)


def a_list_longer_than_a_page_is_processed_whole(folder):
    many = "url\n" + "".join(f"https://youtu.be/none{number:06}_\n" for number in range(2100))
    bookmarks(folder, "import", "--list", "long", "-", stdin=many)
    with Worker(folder):
        said = bookmarks(folder, "process", "--wait", "long", code=3)
    assert said.endswith("2100 videos: 0 completed, 2100 failed\n"), said


def a_disk_that_is_full_costs_nothing_that_was_taken(folder):
    many = "url\n" + "".join(f"https://youtu.be/none{number:06}_\n" for number in range(9000))
    bookmarks(folder, "lists")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500000, limits[1]))
    try:
        said = bookmarks(folder, "import", "--list", "long", "-", stdin=many, code=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "make room" in said, said
    kept = int(re.search(r"long +(\d+) ", bookmarks(folder, "lists")).group(1))
    assert 0 < kept < 9000 and kept % 250 == 0, kept
    said = bookmarks(folder, "import", "--list", "long", "-", stdin=many)
    assert said == f"long: {9000 - kept} added, {kept} already there, 0 failed\n", said


def data_that_cannot_be_used_are_named(folder):
    def said(**more):
        return bookmarks(folder, "lists", code=1, **more)

    assert "scheme" in said(DATABASE_URL="nonsense")
    assert "no database is called" in said(DATABASE_URL="other://x")
    path = os.path.join(folder, "noise.db")
    with open(path, "wb") as noise:
        noise.write(bytes(range(256)) * 64)
    assert f"{path}: file is not a database" in said(DATABASE_URL=f"sqlite://{path}")
    assert "cannot make the folder" in said(BOOKMARKS_DATA="/proc/nowhere")


def mistakes_are_told(folder):
    assert "usage: bookmarks" in bookmarks(folder, "--help")
    for command in ("import", "lists", "videos", "process", "export", "demo", "migrate"):
        help_text = bookmarks(folder, command, "--help", BOOKMARKS_DATA="/proc/nowhere")
        assert f"usage: bookmarks {command}" in help_text
        assert "usage:" in bookmarks(folder, command, "--nonsense", code=2)
    assert bookmarks(folder, "--version").startswith("bookmarks 0.")
    assert bookmarks(folder, "nothing", code=2).splitlines() == [
        "bookmarks: there is no command nothing; see 'bookmarks --help'"]
    assert "there is no list" in bookmarks(folder, "videos", "nothing", code=1)
    assert "cannot open" in bookmarks(folder, "import", "/nowhere/x.csv", code=1)
    assert "name it url" in bookmarks(folder, "import", "-", code=1, stdin="a,b\n1,2\n")
    assert "no lists yet" in bookmarks(folder, "lists")  # the refused file left none
    assert "no such template" in bookmarks(folder, "import", "--template", "x", "-", code=1,
                                           stdin="url\n")


tap.run(
    a_list_goes_in_is_processed_and_comes_out,
    an_export_can_be_imported_again,
    a_list_that_is_processed_again_says_so,
    what_can_be_done_next_is_told,
    output_that_did_not_arrive_is_a_failure,
    killed_workers_leave_no_video_in_between,
    a_batch_that_is_poison_is_halved_not_failed,
    the_outside_may_misbehave_for_a_while,
    a_refused_key_fails_the_videos_with_the_reason,
    the_demo_ends_with_its_closing_line_and_can_be_repeated,
    the_demo_keeps_serving_until_it_is_stopped,
    a_killed_demo_takes_its_server_along,
    a_list_longer_than_a_page_is_processed_whole,
    a_disk_that_is_full_costs_nothing_that_was_taken,
    data_that_cannot_be_used_are_named,
    mistakes_are_told,
)
