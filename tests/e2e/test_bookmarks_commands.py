"""What the API does, the commands do: bulk actions, duplicates, channels, views, JSON of videos, options renamed."""
import json

from support import outside
from support import tap
from support.serve import Server

LEVEL = '{"name": "level", "type": "select", "options": ["easy", "hard"]}'


def fill(server, name, ids):
    server.run("import", "--no-process", "--template", "none", "--list", name, "-",
               stdin="".join(f"https://youtu.be/{one}\n" for one in ids))


def said(server, *args, code=0):
    return json.loads(server.run(*args, "--json", code=code))


def ids(server, name):
    return [video["youtube_id"] for video in said(server, "videos", name)]


def videos_are_told_as_the_api_tells_them(folder):
    with Server(folder, "--no-worker") as server:
        fill(server, "one", ["aaaaaaaaa_1", "aaaaaaaaa_2", "aaaaaaaaa_3"])
        assert said(server, "videos", "one") == server.get("/api/lists/one/videos")
        assert ids(server, "one") == ["aaaaaaaaa_1", "aaaaaaaaa_2", "aaaaaaaaa_3"]
        page = said(server, "videos", "--limit", "1", "--sort", "-position", "one")
        assert [video["youtube_id"] for video in page] == ["aaaaaaaaa_3"], page
        assert said(server, "videos", "--status", "failed", "one") == []


def many_are_moved_copied_tagged_set_and_deleted(folder):
    with Server(folder, "--no-worker") as server:
        fill(server, "one", ["aaaaaaaaa_1", "aaaaaaaaa_2", "aaaaaaaaa_3"])
        fill(server, "two", ["aaaaaaaaa_1"])
        server.run("fields", "--add", LEVEL, "one")
        server.run("tags", "add", "good")

        assert server.run("bulk", "--all", "tag", "one", "good").startswith("3 done, 0 refused")
        assert server.run("bulk", "--status", "pending", "set", "one", "level=hard").startswith("3 done")
        first = said(server, "videos", "one")[0]
        assert first["fields"]["level"]["value"] == "hard" and first["tags"][0]["name"] == "good", first
        query = ("bulk", "--query", "field:level=hard -tag:none")
        assert said(server, *query, "untag", "one", "good")["done_count"] == 3
        assert server.run("bulk", "--query", "is:failed", "delete", "one").startswith("0 done")
        assert server.run("bulk", "--query", "tag:good", "unwatched", "one").startswith("0 done")
        assert "is:" in server.run("bulk", "--query", "is:odd", "delete", "one", code=1)
        assert "usage" in server.run("bulk", "--query", "is:failed", "--all", "delete", "one", code=2)
        server.run("bulk", "--all", "tag", "one", "good")
        server.run("bulk", "--all", "set", "one", "level=")
        assert said(server, "videos", "one")[0]["fields"] == {}
        server.run("bulk", "--video", "https://youtu.be/aaaaaaaaa_1", "untag", "one", "good")
        assert [len(video["tags"]) for video in said(server, "videos", "one")] == [0, 1, 1]

        server.run("bulk", "--all", "copy", "one", "two", code=3)  # one of them was there
        assert ids(server, "two") == ["aaaaaaaaa_1", "aaaaaaaaa_2", "aaaaaaaaa_3"]
        server.run("bulk", "--video", "aaaaaaaaa_3", "delete", "two")
        server.run("bulk", "--video", "aaaaaaaaa_3", "move", "one", "two")
        assert (ids(server, "one"), ids(server, "two")[-1]) == (["aaaaaaaaa_1", "aaaaaaaaa_2"], "aaaaaaaaa_3")
        assert said(server, "bulk", "--all", "watched", "one")["done_count"] == 2
        assert all(video["watched_at"] for video in said(server, "videos", "one"))

        assert "usage" in server.run("bulk", "delete", "one", code=2), "which ones has to be said"
        assert "usage" in server.run("bulk", "--all", "--video", "aaaaaaaaa_1", "delete", "one", code=2)
        assert "no tag" in server.run("bulk", "--all", "tag", "one", "bad", code=1)
        server.run("bulk", "--all", "delete", "one")
        assert ids(server, "one") == []


def duplicates_say_where_they_are(folder):
    with Server(folder, "--no-worker") as server:
        fill(server, "one", ["aaaaaaaaa_1", "aaaaaaaaa_2"])
        fill(server, "two", ["aaaaaaaaa_1"])
        assert said(server, "duplicates") == server.get("/api/videos/duplicates")
        lines = server.run("duplicates").splitlines()
        assert len(lines) == 4 and "aaaaaaaaa_1" in lines[2] and "two" in lines[3], lines


def channels_are_hidden_and_shown_again(folder):
    with outside.StandIn(invent=True) as stand_in, \
            Server(folder, YOUTUBE_API_KEY="key", BOOKMARKS_YOUTUBE_URL=stand_in.url) as server:
        fill(server, "one", ["aaaaaaaaa_1"])
        server.run("process", "--wait", "one")
        one, = said(server, "channels")
        assert [one] == server.get("/api/channels")
        assert said(server, "channels", "hide", one["id"])["is_hidden"] is True
        assert said(server, "channels") == []
        assert one["name"] in server.run("channels", "--hidden")
        server.run("channels", "unhide", one["id"])
        assert said(server, "channels")[0]["id"] == one["id"]
        assert "there is none of this id" in server.run("channels", "hide", "none", code=1)


def views_are_saved_changed_and_deleted(folder):
    with Server(folder, "--no-worker") as server:
        fill(server, "one", ["aaaaaaaaa_1"])
        view = said(server, "views", "--query", "is:failed", "--columns", "title,level", "add", "Mine", "one")
        assert (view["name"], view["columns"], view["layout"]) == ("Mine", ["title", "level"], "table"), view
        assert said(server, "views", "one") == server.get("/api/views?list_id=one") == [view]
        everywhere = server.run("views", "add", "All of it").strip()
        assert [each["id"] for each in said(server, "views")] == [everywhere]
        changed = said(server, "views", "--name", "Other", "--layout", "cards", "change", view["id"])
        assert (changed["name"], changed["query"], changed["layout"]) == ("Other", "is:failed", "cards"), changed
        server.run("views", "delete", view["id"])
        assert said(server, "views", "one") == []


def an_option_that_is_renamed_takes_its_values_along(folder):
    with Server(folder, "--no-worker") as server:
        fill(server, "one", ["aaaaaaaaa_1"])
        server.run("fields", "--add", LEVEL, "one")
        server.run("edit", "one", "aaaaaaaaa_1", "level=hard")
        told = server.run("fields", "--change", '{"options": ["easy", "expert"]}', "--rename", "hard=expert",
                          "one", "level")
        assert "1 values converted" in told, told
        assert said(server, "videos", "one")[0]["fields"]["level"]["value"] == "expert"
        assert "OLD=NEW" in server.run("fields", "--change", "{}", "--rename", "x", "one", "level", code=1)


def all_of_a_status_are_processed(folder):
    with Server(folder, "--no-worker") as server:
        fill(server, "one", ["aaaaaaaaa_1", "aaaaaaaaa_2"])
        assert said(server, "process", "--status", "pending", "one")["total_videos"] == 2
        assert "an earlier run has taken on the 2" in server.run("process", "--status", "failed", "one")


tap.run(
    videos_are_told_as_the_api_tells_them,
    many_are_moved_copied_tagged_set_and_deleted,
    duplicates_say_where_they_are,
    channels_are_hidden_and_shown_again,
    views_are_saved_changed_and_deleted,
    an_option_that_is_renamed_takes_its_values_along,
    all_of_a_status_are_processed,
)
