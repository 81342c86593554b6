"""Playlists and channels: imported as they are, and expanded by a job."""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess

from support import outside
from support import tap

BIN = os.environ["BOOKMARKS_BIN"]
FACTS = os.path.join(os.environ["SOURCE_ROOT"], "examples", "facts.csv")
PLAYLIST = "PL120aaaaaaaaaaaa"
WAITS_FOR_THE_HOLD = "SELECT count(*) FROM barq_jobs WHERE state = 0 AND due_at >= 9999999999000"


def environment(folder, **more):
    kept = {key: value for key, value in os.environ.items()
            if key not in ("BARQ_URL", "DATABASE_URL", "YOUTUBE_API_KEY", "ONLINE",
                           "BOOKMARKS_YOUTUBE_URL")}
    return {**kept, "BOOKMARKS_DATA": os.path.join(folder, "data"), "BOOKMARKS_YTDLP": "", **more}


def bookmarks(folder, *args, code=0, **more):
    done = subprocess.run([BIN, *args], env=environment(folder, **more), capture_output=True,
                          text=True, timeout=120, check=False)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout


def videos(folder):
    return json.loads(bookmarks(folder, "export", "--format", "json", "list"))["videos"]


def rows(folder, name, sql):
    path = os.path.join(folder, "data", name)
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection, connection:
        return connection.execute(sql).fetchall()


def events(folder, kind):
    return [json.loads(data) for data, in rows(
        folder, "data.db", f"SELECT data FROM events WHERE kind = '{kind}' ORDER BY seq")]


def a_playlist_brings_all_its_videos_page_by_page(folder):
    with outside.StandIn(FACTS) as stand_in:
        more = {"BOOKMARKS_YOUTUBE_URL": stand_in.url, "YOUTUBE_API_KEY": "key"}
        said = bookmarks(folder, "import", "--list", "list",
                         f"https://www.youtube.com/playlist?list={PLAYLIST}")
        assert "0 added" in said and "1 playlists and channels to expand" in said, said
        assert videos(folder) == []
        bookmarks(folder, "worker", "--burst", **more)
        known = videos(folder)
        assert len(known) == 120, len(known)
        assert known[119]["url"].endswith("v0000000119") and known[119]["title"], known[119]
        assert known[0]["added_at"] == "2024-03-01T10:00:00.000Z", known[0]
        assert [one["added"] for one in events(folder, "source.expanded")] == [50, 50, 20]
        units, = rows(folder, "data.db", "SELECT units FROM usage WHERE service = 'youtube'")
        assert units == (6,), units  # 3 pages, and as many batches of a run that nobody had to start
        assert {one["status"] for one in known} == {"failed"}  # YouTube knows nothing of them
        assert rows(folder, "data.db", "SELECT total FROM runs") == [(120,)]
        # Again: nothing new, and so nothing to process.
        bookmarks(folder, "import", "--list", "list", PLAYLIST)
        bookmarks(folder, "worker", "--burst", **more)
        assert len(videos(folder)) == 120
        assert rows(folder, "data.db", "SELECT count(*) FROM runs") == [(1,)]


def a_playlist_may_be_left_pending(folder):
    with outside.StandIn(FACTS) as stand_in:
        bookmarks(folder, "import", "--no-process", "--list", "list", PLAYLIST)
        bookmarks(folder, "worker", "--burst", BOOKMARKS_YOUTUBE_URL=stand_in.url,
                  YOUTUBE_API_KEY="key")
        assert [one["status"] for one in videos(folder)] == ["pending"] * 120


def a_channel_is_found_by_id_handle_and_old_name(folder):
    with outside.StandIn(FACTS) as stand_in:
        more = {"BOOKMARKS_YOUTUBE_URL": stand_in.url, "YOUTUBE_API_KEY": "key"}
        bookmarks(folder, "import", "--list", "list", "@PyConUS",
                  "https://www.youtube.com/channel/UCMjMBMGt0WJQLeluw6qNJuA",
                  "https://www.youtube.com/user/PyCon/videos")
        bookmarks(folder, "worker", "--burst", **more)
        assert len(events(folder, "source.expanded")) == 3, events(folder, "source.expanded")
        assert len(videos(folder)) == 15


def what_cannot_be_read_says_why(folder):
    with outside.StandIn(FACTS) as stand_in:
        more = {"BOOKMARKS_YOUTUBE_URL": stand_in.url, "YOUTUBE_API_KEY": "key"}
        bookmarks(folder, "import", "--list", "list", "PLno_digits_at_all_")
        bookmarks(folder, "worker", "--burst", **more)
        failed, = events(folder, "source.failed")
        assert failed["id"] == "PLno_digits_at_all_" and "playlist" in failed["error"], failed


def without_a_way_to_ask_it_says_what_to_do(folder):
    bookmarks(folder, "import", "--list", "list", PLAYLIST)
    bookmarks(folder, "worker", "--burst")
    failed, = events(folder, "source.failed")
    assert "YOUTUBE_API_KEY" in failed["error"], failed


def a_list_that_is_gone_costs_nothing(folder):
    with outside.StandIn(FACTS) as stand_in:
        bookmarks(folder, "import", "--list", "list", PLAYLIST)
        rows(folder, "data.db", "DELETE FROM lists")
        bookmarks(folder, "worker", "--burst", BOOKMARKS_YOUTUBE_URL=stand_in.url,
                  YOUTUBE_API_KEY="key")
        assert not events(folder, "source.failed")


def a_service_that_is_held_is_not_asked_and_the_rest_comes_later(folder):
    with outside.StandIn(FACTS) as stand_in:
        more = {"BOOKMARKS_YOUTUBE_URL": stand_in.url, "YOUTUBE_API_KEY": "key"}
        bookmarks(folder, "import", "--list", "list", PLAYLIST)
        rows(folder, "data.db", "INSERT INTO holds VALUES ('youtube', 9999999999000, 'spent', 1)")
        bookmarks(folder, "migrate")
        with subprocess.Popen([BIN, "worker"], env=environment(folder, **more),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
            try:
                tap.wait_until(lambda: rows(folder, "queue.db", WAITS_FOR_THE_HOLD) == [(1,)])
            finally:
                worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0
        assert videos(folder) == []
        assert stand_in.places["youtube"] == 0, stand_in.places
        assert not events(folder, "source.failed")


tap.run(
    a_playlist_brings_all_its_videos_page_by_page,
    a_playlist_may_be_left_pending,
    a_channel_is_found_by_id_handle_and_old_name,
    what_cannot_be_read_says_why,
    without_a_way_to_ask_it_says_what_to_do,
    a_list_that_is_gone_costs_nothing,
    a_service_that_is_held_is_not_asked_and_the_rest_comes_later,
)
