"""Tags, notes, channels and views over the API."""
import os
import sqlite3

from support import tap
from support.serve import Server


def make(server, path, body, expected=201):
    status, made = server.ask("POST", path, body)
    assert status == expected, (path, body, status, made)
    return made


def make_videos(server, count=1):
    make(server, "/api/lists", {"name": "mine", "template": "none"})
    return [make(server, "/api/lists/mine/videos", {"url": f"aaaaaaaaa_{n}"})["id"]
            for n in range(count)]


def names(server, video):
    return [tag["name"] for tag in server.get(f"/api/videos/{video}")["tags"]]


def tags_are_made_changed_merged_and_deleted(folder):
    with Server(folder, "--no-worker") as server:
        video, = make_videos(server)
        red = make(server, "/api/tags", {"name": "Red", "color": "#ff0000"})
        assert (red["color"], red["is_category"], red["video_count"]) == ("#ff0000", False, 0), red
        assert make(server, "/api/tags", {"name": "RED"}, 409)["code"] == "tag_exists"
        make(server, "/api/tags", {"name": "x", "color": "red"}, 422)
        make(server, "/api/tags", {"color": "#ff0000"}, 422)
        blue = make(server, "/api/tags", {"name": "Blue"})
        make(server, f"/api/videos/{video}/tags", {"tag_ids": [red["id"]]}, 200)
        status, said = server.ask("PATCH", "/api/tags/red", {"name": "Crimson", "color": None})
        assert status == 200 and (said["name"], said["color"]) == ("Crimson", None), said
        status, said = server.ask("POST", f"/api/tags/{blue['id']}/merge", {"from": "crimson"})
        assert status == 200 and said["video_count"] == 1, said
        assert names(server, video) == ["Blue"]
        assert [tag["name"] for tag in server.get("/api/tags")] == ["Blue"]
        assert server.exchange("DELETE", "/api/tags/blue")[0] == 204
        assert server.ask("GET", "/api/tags/blue")[1]["code"] == "tag_not_found"
        assert names(server, video) == []


def a_video_has_one_category(folder):
    with Server(folder, "--no-worker") as server:
        video, = make_videos(server)
        for name in ("talk", "song"):
            make(server, "/api/tags", {"name": name, "is_category": True})
        make(server, f"/api/videos/{video}/tags", {"names": ["late", "talk", "Good"]}, 200)
        assert names(server, video) == ["talk", "late", "Good"]
        refused = make(server, f"/api/videos/{video}/tags", {"names": ["fresh", "song"]}, 409)
        assert refused["code"] == "second_category", refused
        assert "fresh" not in [tag["name"] for tag in server.get("/api/tags")]
        status, said = server.ask("PUT", f"/api/videos/{video}/category", {"category_id": "song"})
        assert status == 200 and [tag["name"] for tag in said] == ["song", "late", "Good"], said
        assert server.ask("PUT", f"/api/videos/{video}/category", {"category_id": "late"})[0] == 422
        assert server.ask("PUT", f"/api/videos/{video}/category", {})[0] == 422
        assert server.ask("PUT", f"/api/videos/{video}/category", {"category_id": None})[0] == 200
        assert server.exchange("DELETE", f"/api/videos/{video}/tags/late")[0] == 204
        assert names(server, video) == ["Good"]


def many_videos_are_tagged_at_once(folder):
    with Server(folder, "--no-worker") as server:
        videos = make_videos(server, 3)
        make(server, "/api/tags", {"name": "good"})
        make(server, "/api/tags", {"name": "talk", "is_category": True})
        make(server, "/api/tags", {"name": "song", "is_category": True})
        make(server, f"/api/videos/{videos[0]}/tags", {"names": ["song"]}, 200)
        status, said = server.ask("POST", "/api/videos/bulk/tags",
                                  {"video_ids": videos, "tag_ids": ["good", "talk"]})
        assert status == 200 and said["done_count"] == 2, said
        assert said["failures"] == [{"video_id": videos[0], "error": "the video has another category"}]
        assert [names(server, video) for video in videos] == [["song"], ["good", "talk"], ["good", "talk"]]
        status, said = server.ask("POST", "/api/videos/bulk",
                                  {"action": "untag", "list_id": "mine", "tag_ids": ["good"]})
        assert status == 200 and said["done_count"] == 3, said
        assert names(server, videos[1]) == ["talk"]
        for body, expected in (({"video_ids": videos, "tag_ids": ["none"]}, 404),
                               ({"video_ids": videos}, 422)):
            assert server.ask("POST", "/api/videos/bulk/tags", body)[0] == expected


def notes_are_kept_with_their_times(folder):
    with Server(folder, "--no-worker") as server:
        video, = make_videos(server)
        notes = f"/api/videos/{video}/notes"
        late = make(server, notes, {"text": "late", "at_seconds": 60})
        make(server, notes, {"text": "of all"})
        make(server, notes, {"text": ""}, 422)
        make(server, notes, {"text": "x", "at_seconds": -1}, 422)
        assert [note["text"] for note in server.get(notes)] == ["of all", "late"]
        status, said = server.ask("PATCH", "/api/notes/" + late["id"], {"at_seconds": None})
        assert status == 200 and (said["text"], said["at_seconds"]) == ("late", None), said
        whole = server.get(f"/api/videos/{video}")
        assert len(whole["notes"]) == 2 and whole["updated_at"] >= whole["created_at"]
        assert server.exchange("DELETE", "/api/notes/" + late["id"])[0] == 204
        assert server.ask("GET", "/api/notes/" + late["id"])[1]["code"] == "note_not_found"


def a_hidden_channel_is_left_out(folder):
    with Server(folder, "--no-worker") as server:
        make_videos(server, 2)
        with sqlite3.connect(os.path.join(folder, "data", "data.db")) as data:
            data.execute("INSERT INTO channels (id, name, created_at_ms, updated_at_ms)"
                         " VALUES ('UCx', 'A channel', 1, 1)")
            data.execute("UPDATE videos SET channel_id = 'UCx'")
        assert [(each["name"], each["video_count"]) for each in server.get("/api/channels")] == [
            ("A channel", 2)]
        assert server.ask("PATCH", "/api/channels/UCx", {"is_hidden": True})[1]["is_hidden"] is True
        assert server.get("/api/channels") == []
        assert len(server.get("/api/channels?hidden=true")) == 1
        assert server.ask("PATCH", "/api/channels/UCy", {"is_hidden": True})[0] == 404


def views_are_saved_for_a_list_and_for_all(folder):
    with Server(folder, "--no-worker") as server:
        make_videos(server)
        of_list = make(server, "/api/views", {"list_id": "mine", "name": "To watch", "sort": "-added",
                                              "columns": ["title", "level"]})
        assert (of_list["layout"], of_list["query"]) == ("table", ""), of_list
        assert make(server, "/api/views", {"list_id": "mine", "name": "To watch"}, 409)["code"] == "view_exists"
        make(server, "/api/views", {"name": "To watch", "query": "is:unwatched"})
        make(server, "/api/views", {"list_id": "none", "name": "x"}, 404)
        make(server, "/api/views", {"name": "x", "columns": [7]}, 422)
        assert [view["id"] for view in server.get("/api/views?list_id=mine")] == [of_list["id"]]
        assert [view["query"] for view in server.get("/api/views")] == ["is:unwatched"]
        status, said = server.ask("PATCH", "/api/views/" + of_list["id"], {"name": "Later", "layout": "cards"})
        assert status == 200 and (said["name"], said["sort"], said["layout"]) == ("Later", "-added", "cards")
        assert server.exchange("DELETE", "/api/views/" + of_list["id"])[0] == 204
        assert server.ask("GET", "/api/views/" + of_list["id"])[1]["code"] == "view_not_found"



def execute(folder, *statements):
    connection = sqlite3.connect(os.path.join(folder, "data", "data.db"), timeout=20)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def tags_and_channels_are_counted_for_one_list(folder):
    with Server(folder, "--no-worker") as server:
        mine = make_videos(server, 2)
        make(server, "/api/lists", {"name": "other", "template": "none"})
        theirs = make(server, "/api/lists/other/videos", {"url": "bbbbbbbbb_0"})["id"]
        for video in (*mine, theirs):
            make(server, f"/api/videos/{video}/tags", {"names": ["both"]}, 200)
        make(server, f"/api/videos/{theirs}/tags", {"names": ["theirs"]}, 200)
        execute(folder, "INSERT INTO channels (id, name, created_at_ms, updated_at_ms)"
                        " VALUES ('UC1', 'One', 1, 1), ('UC2', 'Two', 1, 1)",
                f"UPDATE videos SET channel_id = CASE id WHEN '{theirs}' THEN 'UC2' ELSE 'UC1' END")
        for path, counts in (("/api/tags", {"both": 3, "theirs": 1}),
                             ("/api/tags?list_id=mine", {"both": 2, "theirs": 0}),
                             ("/api/channels?list_id=mine", {"One": 2}),
                             ("/api/channels?list_id=other", {"Two": 1}),
                             ("/api/channels", {"One": 2, "Two": 1})):
            assert {each["name"]: each["video_count"] for each in server.get(path)} == counts, path
        assert server.ask("GET", "/api/tags?list_id=none")[0] == 404
        assert server.ask("GET", "/api/channels?list_id=none")[0] == 404


def a_transcript_is_read_with_its_chapters(folder):
    with Server(folder, "--no-worker") as server:
        video, other = make_videos(server, 2)
        empty = server.get(f"/api/videos/{video}/transcript")
        assert empty == {"transcripts": [], "transcript_id": None, "cues": [], "chapters": []}, empty
        execute(folder, f"INSERT INTO transcripts (id, video_id, language, source, is_auto, fetched_at_ms)"
                        f" VALUES ('auto', '{video}', 'en', 'player', 1, 9000), ('hand', '{video}', 'de', 'ytdlp', 0, 1000)",
                "INSERT INTO cues (transcript_id, position, start_ms, end_ms, text) VALUES"
                " ('hand', 2, 61000, 62000, 'und weiter'), ('hand', 1, 500, 1000, 'Hallo'), ('auto', 1, 0, 9, 'hello')",
                f"INSERT INTO chapters (video_id, start_seconds, title, source) VALUES ('{video}', 60, 'More', 'description'),"
                f" ('{video}', 0, 'Begin', 'description')")
        told = server.get(f"/api/videos/{video}/transcript")
        assert [(each["id"], each["is_auto"]) for each in told["transcripts"]] == [("hand", False), ("auto", True)], told
        assert told["transcript_id"] == "hand", told
        assert told["cues"] == [{"start_ms": 500, "end_ms": 1000, "text": "Hallo"},
                                {"start_ms": 61000, "end_ms": 62000, "text": "und weiter"}], told
        assert [chapter["start_seconds"] for chapter in told["chapters"]] == [0, 60], told
        assert server.get(f"/api/videos/{video}/transcript?transcript_id=auto")["cues"][0]["text"] == "hello"
        status, refused = server.ask("GET", f"/api/videos/{other}/transcript?transcript_id=auto")
        assert (status, refused["code"]) == (404, "transcript_not_found"), refused
        assert server.run("transcript", "mine", "aaaaaaaaa_0").split() == (
            "0:00 # Begin 0:00 Hallo 1:00 # More 1:01 und weiter").split()


tap.run(
    tags_are_made_changed_merged_and_deleted,
    a_video_has_one_category,
    many_videos_are_tagged_at_once,
    notes_are_kept_with_their_times,
    a_hidden_channel_is_left_out,
    views_are_saved_for_a_list_and_for_all,
    tags_and_channels_are_counted_for_one_list,
    a_transcript_is_read_with_its_chapters,
)
