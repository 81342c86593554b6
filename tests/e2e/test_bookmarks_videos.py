"""Lists and videos over the API: made, described, edited, moved, deleted, many at once."""
from support import tap
from support.serve import Server

FIELDS = ({"name": "level", "type": "select", "options": ["easy", "hard"]},
          {"name": "stars", "type": "rating"},
          {"name": "seen", "type": "date"})


def make_list(server, name, fields=FIELDS):
    status, made = server.ask("POST", "/api/lists", {"name": name, "template": "none"})
    assert status == 201, made
    for field in fields:
        status, said = server.ask("POST", f"/api/lists/{made['id']}/fields", field)
        assert status == 201, said
    return made["id"]


def add(server, list_id, url, expected=201):
    status, made = server.ask("POST", f"/api/lists/{list_id}/videos", {"url": url})
    assert status == expected, (url, status, made)
    return made


def a_list_is_described_renamed_and_deleted(folder):
    with Server(folder, "--no-worker") as server:
        status, made = server.ask("POST", "/api/lists", {"name": "one", "description": "first"})
        assert status == 201 and made["description"] == "first", made
        status, made = server.ask("PATCH", "/api/lists/one", {"name": "two"})
        assert status == 200 and (made["name"], made["description"]) == ("two", "first"), made
        status, made = server.ask("PUT", "/api/lists/two", {"description": None})
        assert status == 200 and (made["name"], made["description"]) == ("two", None), made
        make_list(server, "three")
        status, said = server.ask("PATCH", "/api/lists/two", {"name": "three"})
        assert status == 409 and said["code"] == "list_exists", said
        status, said = server.ask("PATCH", "/api/lists/two", {"name": "a\nb"})
        assert status == 422, said
        assert server.exchange("DELETE", "/api/lists/two")[0] == 204
        assert server.exchange("DELETE", "/api/lists/two")[0] == 404
        assert [each["name"] for each in server.get("/api/lists")] == ["three"]


def a_video_is_added_by_its_address(folder):
    with Server(folder, "--no-worker") as server:
        mine = make_list(server, "mine")
        made = add(server, mine, "https://youtu.be/jNQXAC9IVRw?t=1m5s")
        assert made["youtube_id"] == "jNQXAC9IVRw" and made["start_seconds"] == 65, made
        assert made["status"] == "pending" and made["fields"] == {}, made
        assert [field["name"] for field in made["available_fields"]] == ["level", "stars", "seen"]
        refused = add(server, mine, "https://www.youtube.com/watch?v=jNQXAC9IVRw", 409)
        assert refused["detail"] == "Video already exists in this list", refused
        for url in ("https://vimeo.com/1", "", "jNQXAC9IVRwx",
                    "https://www.youtube.com/playlist?list=PLx0123456789abcdef"):
            refused = add(server, mine, url, 422)
            assert refused["errors"][0]["pointer"] == "#/url", refused
        add(server, "none", "jNQXAC9IVRw", 404)


def what_a_person_says_of_a_video_is_kept(folder):
    with Server(folder, "--no-worker") as server:
        video = "/api/videos/" + add(server, make_list(server, "mine"), "jNQXAC9IVRw")["id"]
        status, said = server.ask("PATCH", video, {
            "title": "Mine", "watch_position": 12, "watched": True,
            "fields": {"level": "hard", "stars": 4.5, "seen": "2024-02-29"}})
        assert status == 200, said
        assert (said["own_title"], said["watch_position"]) == ("Mine", 12) and said["watched_at"]
        assert {name: (each["value"], each["source"]) for name, each in said["fields"].items()} == {
            "level": ("hard", "person"), "stars": (4.5, "person"), "seen": ("2024-02-29", "person")}
        status, said = server.ask("PATCH", video, {"title": None, "watch_position": None,
                                                   "watched": False, "fields": {"stars": None, "seen": ""}})
        assert status == 200 and list(said["fields"]) == ["level"], said
        assert (said["own_title"], said["watch_position"], said["watched_at"]) == (None, None, None)
        assert server.ask("PATCH", video + "/progress", {"position": 7})[1]["watch_position"] == 7
        assert server.ask("PATCH", video + "/progress", {"position": -1})[0] == 422


def a_value_that_is_not_allowed_is_refused_and_nothing_is_stored(folder):
    with Server(folder, "--no-worker") as server:
        video = "/api/videos/" + add(server, make_list(server, "mine"), "jNQXAC9IVRw")["id"]
        status, said = server.ask("PATCH", video, {"title": "Mine", "fields": {
            "level": "medium", "stars": 9, "seen": "2024-02-29", "colour": "red"}})
        assert status == 422, said
        assert {each["pointer"]: each["detail"] for each in said["errors"]} == {
            "#/fields/level": 'level cannot be "medium": it takes one of easy, hard',
            "#/fields/stars": "stars cannot be 9: it takes a number from 0 to 5",
            "#/fields/colour": "is no field of this list"}, said
        assert server.get(video)["fields"] == {} and server.get(video)["own_title"] is None


def the_originals_way_to_set_values_works(folder):
    with Server(folder, "--no-worker") as server:
        mine = make_list(server, "mine")
        video = "/api/videos/" + add(server, mine, "jNQXAC9IVRw")["id"]
        ids = {field["name"]: field["id"] for field in server.get(f"/api/lists/{mine}/fields")}
        status, said = server.ask("PUT", video + "/fields", {"field_values": [
            {"field_id": ids["level"], "value": "easy"}, {"field_id": ids["stars"], "value": 3}]})
        assert status == 200 and said["updated_count"] == 2, said
        assert said["field_values"]["stars"]["value"] == 3, said
        twice = [{"field_id": ids["level"], "value": "easy"}] * 2
        for bad in ([], twice, [{"value": 1}], [{"field_id": "none", "value": 1}], "x"):
            assert server.ask("PUT", video + "/fields", {"field_values": bad})[0] == 422, bad


def a_deleted_video_is_gone(folder):
    with Server(folder, "--no-worker") as server:
        video = "/api/videos/" + add(server, make_list(server, "mine"), "jNQXAC9IVRw")["id"]
        assert server.exchange("DELETE", video)[0] == 204
        assert server.exchange("DELETE", video)[0] == 404
        assert server.ask("GET", video)[1]["code"] == "video_not_found"


def many_are_done_at_once_and_each_failure_is_told(folder):
    with Server(folder, "--no-worker") as server:
        one, two = make_list(server, "one"), make_list(server, "two", FIELDS[:1])
        ids = [add(server, one, f"aaaaaaaaa_{n}")["id"] for n in range(4)]
        add(server, two, "aaaaaaaaa_0")

        def bulk(expected=200, **body):
            status, said = server.ask("POST", "/api/videos/bulk", body)
            assert status == expected, said
            return said

        said = bulk(action="set", video_ids=ids, fields={"level": "hard", "stars": 2})
        assert (said["done_count"], said["failed_count"]) == (4, 0), said
        said = bulk(action="set", video_ids=ids, fields={"level": "easy", "stars": 20})
        assert said["done_count"] == 0 and "from 0 to 5" in said["failures"][0]["error"], said
        assert server.get("/api/videos/" + ids[0])["fields"]["level"]["value"] == "hard"

        said = bulk(action="copy", video_ids=ids[:2], to_list_id="two")
        assert said["failures"] == [{"video_id": ids[0], "error": "the list has this video"}], said
        said = bulk(action="move", video_ids=ids[2:] + ["none"], to_list_id=two)
        assert (said["done_count"], said["failed_count"]) == (2, 1), said
        moved = server.get("/api/lists/two/videos")
        assert [video["youtube_id"][-1] for video in moved] == ["0", "1", "2", "3"], moved
        assert moved[3]["fields"]["level"]["value"] == "hard" and "stars" not in moved[3]["fields"]

        doubled = server.get("/api/videos/duplicates")
        assert [each["youtube_id"][-1] for each in doubled] == ["0", "1"], doubled
        assert [place["list_name"] for place in doubled[0]["videos"]] == ["one", "two"], doubled

        assert bulk(action="watched", list_id="two")["done_count"] == 4
        assert all(video["watched_at"] for video in server.get("/api/lists/two/videos"))
        assert bulk(action="delete", list_id="two", status="pending")["done_count"] == 4
        assert server.get("/api/lists/two")["video_count"] == 0
        for bad in ({"action": "delete"}, {"action": "delete", "video_ids": ids, "list_id": one},
                    {"action": "burn", "video_ids": ids}, {"video_ids": ids},
                    {"action": "move", "video_ids": ids}, {"action": "set", "video_ids": ids}):
            bulk(422, **bad)
        bulk(404, action="move", video_ids=ids, to_list_id="none")
        assert bulk(404, action="delete", list_id="none")["code"] == "list_not_found"


tap.run(
    a_list_is_described_renamed_and_deleted,
    a_video_is_added_by_its_address,
    what_a_person_says_of_a_video_is_kept,
    a_value_that_is_not_allowed_is_refused_and_nothing_is_stored,
    the_originals_way_to_set_values_works,
    a_deleted_video_is_gone,
    many_are_done_at_once_and_each_failure_is_told,
)
