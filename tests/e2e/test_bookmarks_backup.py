"""bookmarks backup and restore, from outside."""
import json
import os
import signal
import subprocess
import zipfile

from support import tap

BIN = os.environ["BOOKMARKS_BIN"]
SAMPLE = os.path.join(os.environ["SOURCE_ROOT"], "examples", "sample-list.csv")


def environment(data, **more):
    kept = {key: value for key, value in os.environ.items()
            if key not in ("BARQ_URL", "DATABASE_URL", "YOUTUBE_API_KEY", "BOOKMARKS_YOUTUBE_URL")}
    return {**kept, "BOOKMARKS_DATA": data, **more}


def bookmarks(data, *args, code=0, stdin=None, **more):
    done = subprocess.run([BIN, *args], env=environment(data, **more), input=stdin,
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stderr


def places(folder):
    return (os.path.join(folder, "data"), os.path.join(folder, "other"),
            os.path.join(folder, "all.zip"))


def export(data, name="talks"):
    return json.loads(bookmarks(data, "export", "--format", "json", name))


def what_was_backed_up_comes_back_as_it_was(folder):
    data, other, file = places(folder)
    bookmarks(data, "import", "--no-process", "--list", "talks", SAMPLE)
    bookmarks(data, "process", "talks")
    said = bookmarks(data, "backup", file)
    assert said == f"{file}: {os.path.getsize(file)} bytes\n", said
    assert sorted(os.listdir(folder)) == ["all.zip", "data"], os.listdir(folder)

    bookmarks(other, "restore", file)
    assert export(other) == export(data)
    # The job that waited in the queue waits there, too.
    bookmarks(other, "worker", "--burst")
    assert all(video["status"] == "completed" for video in export(other)["videos"])


def a_backup_is_made_while_a_worker_works(folder):
    data, other, file = places(folder)
    bookmarks(data, "import", "--no-process", "--list", "talks", SAMPLE)
    worker = subprocess.Popen([BIN, "worker"], env=environment(data), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    bookmarks(data, "process", "talks")
    bookmarks(data, "backup", file)
    bookmarks(data, "process", "--wait", "talks")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    # Whatever was done at that instant: the rest is in its queue, and is done there.
    bookmarks(other, "restore", file)
    bookmarks(other, "worker", "--burst")
    assert all(video["status"] == "completed" for video in export(other)["videos"])
    assert len(export(other)["videos"]) == 300


def nothing_is_lost_by_mistake(folder):
    data, other, file = places(folder)
    bookmarks(data, "import", "--no-process", "--list", "talks", SAMPLE)
    bookmarks(data, "backup", file)
    assert "already" in bookmarks(data, "backup", file, code=1)
    bookmarks(other, "import", "--no-process", "--list", "mine", "-", stdin="https://youtu.be/dQw4w9WgXcQ\n")
    assert "1 lists here" in bookmarks(other, "restore", file, code=1)
    assert "mine" in bookmarks(other, "lists")
    bookmarks(other, "restore", "--force", file)
    assert "mine" not in bookmarks(other, "lists")
    assert export(other) == export(data)


def a_worker_that_runs_is_named(folder):
    data, _, file = places(folder)
    bookmarks(data, "import", "--no-process", "--list", "talks", SAMPLE)
    bookmarks(data, "backup", file)
    with subprocess.Popen([BIN, "worker"], env=environment(data), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as worker:
        tap.wait_until(lambda: worker_is_known(data, file))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    bookmarks(data, "restore", "--force", file)


def worker_is_known(data, file):
    done = subprocess.run([BIN, "restore", "--force", file], env=environment(data),
                          capture_output=True, text=True, timeout=120, check=False)
    return done.returncode == 1 and "is running: stop it first" in done.stderr


def a_damaged_backup_changes_nothing(folder):
    data, _, file = places(folder)
    bookmarks(data, "import", "--no-process", "--list", "talks", SAMPLE)
    before = export(data)
    bookmarks(data, "backup", file)
    whole = open(file, "rb").read()
    for damaged, why in ((whole[:-200], "no backup"), (b"not a zip", "no backup"),
                         (whole[:2000] + b"\0" * 2000 + whole[4000:], "damaged")):
        with open(file, "wb") as out:
            out.write(damaged)
        said = bookmarks(data, "restore", "--force", file, code=1)
        assert why in said, (why, said)
        assert export(data) == before
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data.db", "no database at all")
    assert "not a database" in bookmarks(data, "restore", "--force", file, code=1)
    assert export(data) == before
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../data.db", "somewhere else")
    assert "no backup" in bookmarks(data, "restore", "--force", file, code=1)
    assert sorted(os.listdir(folder)) == ["all.zip", "data"], os.listdir(folder)


def other_databases_are_told_what_to_use(folder):
    data, _, file = places(folder)
    queue = "sqlite://" + os.path.join(folder, "queue.db")
    said = bookmarks(data, "restore", SAMPLE, code=1, BARQ_URL=queue,
                     DATABASE_URL="postgresql://nobody@localhost/none")
    assert "pg_dump" in said, said


tap.run(
    what_was_backed_up_comes_back_as_it_was,
    a_backup_is_made_while_a_worker_works,
    nothing_is_lost_by_mistake,
    a_worker_that_runs_is_named,
    a_damaged_backup_changes_nothing,
    other_databases_are_told_what_to_use,
)
