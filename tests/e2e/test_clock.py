"""What the clock brings: videos that have gone are marked, and subscriptions fill their lists."""
import os
import sqlite3
import subprocess

from support import outside
from support import tap
from support.serve import ROOT, Server

FACTS = os.path.join(ROOT, "examples", "facts.csv")
BARQ = os.environ["BARQ_BIN"]
ADD = ("INSERT INTO subscriptions (id, list_id, kind, target, name, every_ms, next_at_ms, created_at_ms,"
       " updated_at_ms) VALUES (?, ?, ?, ?, 'some', 86400000, 0, 1, 1)")


def serve(folder, stand_in):
    return Server(folder, YOUTUBE_API_KEY="key", BOOKMARKS_YOUTUBE_URL=stand_in.url,
                  BOOKMARKS_WEB_URL=stand_in.web, BOOKMARKS_YTDLP="")


def change(folder, sql, *params):
    connection = sqlite3.connect(os.path.join(folder, "data", "data.db"), timeout=20)
    try:
        with connection:
            return connection.execute(sql, params).fetchall()
    finally:
        connection.close()


def tick(folder, function):
    """What the clock would do at its time."""
    queue = f"sqlite://{os.path.join(folder, 'data', 'queue.db')}"
    subprocess.run([BARQ, "enqueue", "--url", queue, function], check=True, stdout=subprocess.DEVNULL)


def fill(server, *youtube_ids):
    server.run("import", "--no-process", "--list", "list", "-",
               stdin="".join(f"https://youtu.be/{each}\n" for each in youtube_ids))
    return server.get("/api/lists")[0]["id"]


def what_has_gone_is_marked_and_kept(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, "inv_0000001", "inv_0000002")
        server.run("process", "--wait", "list")
        stand_in.rule("missing", prefix="inv_0000002")
        calls = stand_in.calls
        change(folder, "UPDATE videos SET checked_at_ms = 1")
        tick(folder, "check_videos")
        told = "SELECT youtube_id, availability FROM videos ORDER BY youtube_id"
        expected = [("inv_0000001", "available"), ("inv_0000002", "gone")]
        tap.wait_until(lambda: change(folder, told) == expected, 30)
        assert stand_in.calls == calls + 1
        gone = next(event for event in server.get("/api/events/history")
                    if event["kind"] == "video.availability")
        assert (gone["list_id"], gone["data"]) == (list_id, {"availability": "gone"}), gone
        assert change(folder, "SELECT count(*) FROM videos WHERE title IS NULL OR status <> 'completed'") == [(0,)]
        tick(folder, "check_videos")  # they have just been asked for
        tick(folder, "prune")
        tap.wait_until(lambda: change(folder, "SELECT count(*) FROM videos WHERE checked_at_ms > 1") == [(2,)])
        assert stand_in.calls == calls + 1


def a_channel_fills_its_list_once(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, "inv_0000001")
        server.run("subscriptions", "--add", "channel:UC0123456789012345678901", "list")
        assert "has it already" in server.run("subscriptions", "--add", "channel:UC0123456789012345678901", "list", code=1)
        tick(folder, "poll_subscriptions")
        tap.wait_until(lambda: server.get("/api/runs") and server.get("/api/runs")[0]["finished_at"], 30)
        run = server.get("/api/runs")[0]
        assert run["total_videos"] == 15 and run["processed_count"] == 15, run
        assert "15 found" in server.run("subscriptions", "list")
        assert server.get(f"/api/subscriptions?list_id={list_id}")[0]["match_count"] == 15

        # One that a person throws away stays away, and nothing new starts no run.
        change(folder, "DELETE FROM videos WHERE youtube_id = 'f0000000003'")
        change(folder, "UPDATE subscriptions SET next_at_ms = 0, last_at_ms = 1")
        tick(folder, "poll_subscriptions")
        tap.wait_until(lambda: change(folder, "SELECT 1 FROM subscriptions WHERE last_at_ms > 1"), 30)
        assert len(server.get("/api/runs")) == 1
        assert server.get(f"/api/lists/{list_id}")["video_count"] == 15


def one_that_is_not_to_be_had_says_why(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, "inv_0000001")
        change(folder, ADD, "one", list_id, "playlist", "PLgone567890")
        tick(folder, "poll_subscriptions")
        tap.wait_until(lambda: change(folder, "SELECT error FROM subscriptions WHERE error IS NOT NULL"), 30)
        tick(folder, "poll_subscriptions")  # it is not due
        assert server.get("/api/runs") == []


tap.run(
    what_has_gone_is_marked_and_kept,
    a_channel_fills_its_list_once,
    one_that_is_not_to_be_had_says_why,
)
