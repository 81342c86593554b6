"""The fields of a list over the API: made, changed, copied, put in order, deleted."""
from support import tap
from support.serve import Server


def names(server, list_id):
    return [field["name"] for field in server.get(f"/api/lists/{list_id}/fields")]


def make_list(server, name="mine", template="none"):
    status, made = server.ask("POST", "/api/lists", {"name": name, "template": template})
    assert status == 201, made
    return made["id"]


def add(server, list_id, expected=201, **field):
    status, made = server.ask("POST", f"/api/lists/{list_id}/fields", field)
    assert status == expected, (status, made)
    return made


def fields_are_made_by_hand(folder):
    with Server(folder, "--no-worker") as server:
        mine = make_list(server)
        made = add(server, mine, label="How hard?", type="select", options=["easy", "hard"],
                   instruction="What one must know before", required=True)
        assert made["name"] == "how_hard" and made["max"] is None, made
        assert made["instruction"] == "What one must know before" and made["required"] is True
        add(server, mine, name="score", type="rating", max=10)
        assert names(server, mine) == ["how_hard", "score"]
        by_name = server.get(f"/api/lists/{mine}/fields/score")
        assert by_name["label"] == "score" and by_name["max"] == 10, by_name
        assert server.get("/api/lists/mine/fields/" + made["id"]) == made


def a_video_says_which_required_fields_are_empty(folder):
    with Server(folder, "--no-worker") as server:
        mine = make_list(server)
        add(server, mine, name="needed", type="text", required=True)
        add(server, mine, name="not_needed", type="text")
        _, video = server.ask("POST", f"/api/lists/{mine}/videos", {"url": "https://youtu.be/dwILgDsbmto"})
        assert video["missing_fields"] == ["needed"], video
        server.ask("PATCH", f"/api/videos/{video['id']}", {"fields": {"needed": "here"}})
        assert server.get(f"/api/videos/{video['id']}")["missing_fields"] == []
        assert server.get(f"/api/lists/{mine}/videos")[0]["missing_fields"] == []


def a_field_that_makes_no_sense_is_refused_with_the_reason(folder):
    with Server(folder, "--no-worker") as server:
        mine = make_list(server)
        add(server, mine, name="a", type="text")
        for expected, code, said, field in (
                (422, "invalid", "needs a type", {"name": "b"}),
                (422, "invalid", "needs options", {"name": "b", "type": "select"}),
                (422, "invalid", "ype must be", {"name": "b", "type": "colour"}),
                (422, "invalid", 'has no "colour"', {"name": "b", "type": "text", "colour": 1}),
                (422, "invalid", "a rating goes", {"name": "b", "type": "rating", "max": 100}),
                (409, "field_exists", "one called a", {"name": "a", "type": "number"})):
            refused = add(server, mine, expected, **field)
            assert refused["code"] == code and said in refused["detail"], refused
        assert names(server, mine) == ["a"]


def templates_and_other_lists_lend_their_fields(folder):
    with Server(folder, "--no-worker") as server:
        templates = server.get("/api/templates")
        assert [each["name"] for each in templates] == [
            "talks", "quality", "tutorials", "recipes", "reviews", "technical"]
        mine = make_list(server)
        for template in templates[1:]:
            status, said = server.ask("POST", f"/api/lists/{mine}/fields/copy",
                                      {"template": template["name"]})
            assert status == 200 and said["added_count"] == 4, said
        shown = [field["show_on_card"] for field in server.get(f"/api/lists/{mine}/fields")]
        assert len(shown) == 20 and sum(shown) == 3, shown
        other = make_list(server, "other")
        source = make_list(server, "source", "talks")
        add(server, other, name="year", type="text")
        status, said = server.ask("POST", f"/api/lists/{other}/fields/copy", {"list_id": source})
        assert status == 200 and said["added_count"] == 5, said
        assert names(server, other) == ["year", "level", "kind", "topics", "hands_on", "minutes"]
        for body in ({}, {"template": "talks", "list_id": source}, {"template": "none of these"}):
            status, said = server.ask("POST", f"/api/lists/{other}/fields/copy", body)
            assert status == 422, said


def fields_are_put_in_order_and_deleted(folder):
    with Server(folder, "--no-worker") as server:
        mine = make_list(server, template="talks")
        ids = [field["id"] for field in server.get(f"/api/lists/{mine}/fields")]
        status, said = server.ask("PUT", f"/api/lists/{mine}/fields/order", {"field_ids": ids[::-1]})
        assert status == 200 and [field["id"] for field in said] == ids[::-1], said
        status, said = server.ask("PUT", f"/api/lists/{mine}/fields/order", {"field_ids": ids[1:]})
        assert status == 422 and "all 6 fields" in said["detail"], said
        assert server.exchange("DELETE", f"/api/lists/{mine}/fields/{ids[0]}")[0] == 204
        assert server.exchange("DELETE", f"/api/lists/{mine}/fields/{ids[0]}")[0] == 404
        assert len(names(server, mine)) == 5


tap.run(
    a_video_says_which_required_fields_are_empty,
    fields_are_made_by_hand,
    a_field_that_makes_no_sense_is_refused_with_the_reason,
    templates_and_other_lists_lend_their_fields,
    fields_are_put_in_order_and_deleted,
)
