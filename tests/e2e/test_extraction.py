"""Fields that a model fills in, against stand-ins for YouTube, its captions and a server like OpenAI's."""
import os
import sqlite3

from support import outside
from support import tap
from support.serve import ROOT, Server

FACTS = os.path.join(ROOT, "examples", "facts.csv")
FIELD = {"name": "mood", "label": "Mood", "type": "select", "options": ["calm", "loud"],
         "instruction": "How it sounds."}
OTHER = {"name": "words", "label": "Words", "type": "text", "instruction": "What it is about."}


def serve(folder, stand_in, *args, **more):
    return Server(folder, *args, **{
        "YOUTUBE_API_KEY": "key", "BOOKMARKS_YOUTUBE_URL": stand_in.url, "BOOKMARKS_YTDLP": "",
        "BOOKMARKS_WEB_URL": stand_in.web, "OPENAI_BASE_URL": stand_in.openai, "OPENAI_MODEL": "local",
        **more})


def fill(server, count, fields=(FIELD, OTHER)):
    status, made = server.ask("POST", "/api/lists", {"name": "list", "template": "none"})
    assert status == 201, made
    for field in fields:
        status, answer = server.ask("POST", f"/api/lists/{made['id']}/fields", field)
        assert status == 201, answer
    server.run("import", "--no-process", "--list", "list", "-",
               stdin="".join(f"https://youtu.be/inv_{number:07d}\n" for number in range(count)))
    return made["id"]


def process(server, list_id, body=None):
    status, answer = server.ask("POST", f"/api/lists/{list_id}/process", body)
    assert status == 201, answer
    return answer["job_id"]


def finished(server, run_id):
    return tap.wait_until(lambda: server.get(f"/api/runs/{run_id}")["finished_at"]
                          and server.get(f"/api/runs/{run_id}"), 60)


def ask(folder, sql):
    connection = sqlite3.connect(os.path.join(folder, "data", "data.db"), timeout=20)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


VALUES = ("SELECT f.name, v.value, v.source, v.model FROM field_values v JOIN fields f ON f.id = v.field_id"
          " ORDER BY f.name, v.value")


def a_model_fills_the_fields_that_say_what_to_look_for(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        done = finished(server, process(server, fill(server, 3)))
        assert (done["status"], done["processed_count"]) == ("completed", 3), (done, server.said())
        assert ask(folder, VALUES) == [("mood", '"calm"', "model", "local")] * 3 + [
            ("words", '"made_up"', "model", "local")] * 3
        calls, tokens = ask(folder, "SELECT calls, tokens_in FROM usage WHERE service = 'openai'")[0]
        assert calls == 3 and tokens > 0
        assert ask(folder, "SELECT count(*) FROM usage WHERE service = 'youtube' AND units = 1") == [(1,)]


def what_a_person_wrote_stays(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, 1)
        finished(server, process(server, list_id))
        video = server.get(f"/api/lists/{list_id}/videos")[0]["id"]
        connection = sqlite3.connect(os.path.join(folder, "data", "data.db"), timeout=20)
        with connection:
            connection.execute("UPDATE field_values SET value = '\"loud\"', source = 'person', model = NULL"
                               " WHERE value = '\"calm\"'")
        connection.close()
        finished(server, process(server, list_id, {"video_ids": [video]}))
        assert ask(folder, VALUES) == [("mood", '"loud"', "person", None), ("words", '"made_up"', "model", "local")]


def one_field_asks_for_that_alone(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, 2)
        done = finished(server, process(server, list_id, {"field": "mood"}))
        assert done["processed_count"] == 2
        assert [row[0] for row in ask(folder, VALUES)] == ["mood", "mood"]


def a_dry_run_shows_and_stores_nothing(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, 2)
        video = server.get(f"/api/lists/{list_id}/videos")[0]["id"]
        run_id = process(server, list_id, {"video_ids": [video], "dry_run": True})
        finished(server, run_id)
        shown = [event for event in server.get(f"/api/events/history?run_id={run_id}")
                 if event["kind"] == "run.previewed"]
        assert len(shown) == 1 and shown[0]["data"]["values"] == {"mood": "calm", "words": "made_up"}, shown
        assert shown[0]["data"]["tokens_in"] > 0
        assert ask(folder, VALUES) == []
        assert server.get(f"/api/lists/{list_id}")["pending_count"] == 2
        status, _ = server.ask("POST", f"/api/lists/{list_id}/process", {"dry_run": True})
        assert status == 422


def a_spent_budget_holds_the_model_until_tomorrow(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        for name, value in (("model_price_in", "1000"), ("model_price_out", "1000"), ("daily_budget", "0.01")):
            server.run("settings", "set", name, value)
        run_id = process(server, fill(server, 60))
        held = tap.wait_until(lambda: server.get("/api/holds"), 60)[0]
        assert held["service"] == "openai" and "the budget of the day is spent" in held["reason"], held
        run = tap.wait_until(lambda: (run := server.get(f"/api/runs/{run_id}"))["processed_count"] > 0 and run, 30)
        assert run["waiting_count"] > 0 and run["failed_count"] == 0, run
        assert "held" in {each["status"] for each in server.get(f"/api/runs/{run_id}/videos?status=waiting")}


def fields_are_proposed_from_a_sentence_and_counted(folder):
    sentence = {"sentence": "I want to compare talks by how deep they go"}
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, 1, ())
        path = f"/api/lists/{list_id}/fields/propose"
        status, answer = server.ask("POST", path, sentence)
        assert status == 200, answer
        assert [field["name"] for field in answer["fields"]] == ["made_up"], answer
        assert answer["dropped"] == [] and answer["model"] == "local", answer
        assert answer["usage"]["tokens_in"] > 100 and answer["usage"]["tokens_out"] > 0, answer
        assert server.get(f"/api/lists/{list_id}/fields") == []
        counted = ask(folder, "SELECT list_id, calls, tokens_in FROM usage WHERE service = 'openai'")
        assert counted == [(list_id, 1, answer["usage"]["tokens_in"])], counted
        usage = server.get("/api/usage")
        assert [(each["service"], each["model"], each["list_name"], each["calls"]) for each in usage["today"]] == [
            ("openai", "local", "list", 1)], usage
        assert usage["last_30_days"] == usage["today"] and usage["days"][-1]["tokens_in"] == counted[0][2], usage
        assert "openai    local" in server.run("usage")
        server.run("fields", "--propose", "what is it about?", "--accept", "list")
        assert [field["name"] for field in server.get(f"/api/lists/{list_id}/fields")] == ["made_up"]
        # The model says the same again, which is no field any more: refused, and paid for.
        status, answer = server.ask("POST", path, sentence)
        assert (status, answer["code"]) == (502, "service_failed") and "there already" in answer["detail"], answer
        assert ask(folder, "SELECT calls FROM usage WHERE service = 'openai'") == [(3,)]
        for body in ({}, {"sentence": ""}, {"sentence": "x" * 4001}, {"sentence": 7}):
            assert server.ask("POST", path, body)[0] == 422, body


def a_key_that_is_tried_is_counted(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        for service in ("youtube", "model", "web"):
            assert server.ask("POST", "/api/settings/test", {"service": service})[1]["works"], service
        usage = server.get("/api/usage")
        assert usage["youtube"]["units"] == 1 and usage["youtube"]["daily_units"] == 10000, usage
        assert [(each["service"], each["model"], each["list_id"]) for each in usage["today"]] == [
            ("openai", "local", None), ("youtube", None, None)], usage


def a_proposal_keeps_to_the_budget_and_to_holds(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        for name, value in (("model_price_in", "1000"), ("model_price_out", "1000"), ("daily_budget", "0.01")):
            server.run("settings", "set", name, value)
        path = f"/api/lists/{fill(server, 1, ())}/fields/propose"
        assert server.ask("POST", path, {"sentence": "what is it about?"})[0] == 200
        status, kind, text, headers = server.exchange("POST", path, '{"sentence": "and what else?"}',
                                                      Content_Type="application/json")
        assert status == 503 and b"the budget of the day is spent" in text, text
        assert int(headers["Retry-After"]) > 0
        assert ask(folder, "SELECT calls FROM usage WHERE service = 'openai'") == [(1,)]
        assert "the budget" in server.run("fields", "--propose", "else?", "list", code=1)


def without_a_model_that_works_nothing_is_proposed(folder):
    unset = {"OPENAI_BASE_URL": "", "OPENAI_MODEL": ""}
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in, **unset) as server:
        path = f"/api/lists/{fill(server, 1, ())}/fields/propose"
        status, answer = server.ask("POST", path, {"sentence": "anything"})
        assert (status, answer["code"]) == (409, "no_model"), answer
        server.run("settings", "set", "openai_model", "local")
        server.run("settings", "set", "openai_base_url", stand_in.openai.replace("/v1", "/nowhere"))
        status, answer = server.ask("POST", path, {"sentence": "anything"})
        assert (status, answer["code"]) == (409, "service_setup"), answer


def what_is_set_is_used_by_the_next_job(folder):
    unset = {"YOUTUBE_API_KEY": "", "OPENAI_BASE_URL": "", "OPENAI_MODEL": ""}
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in, **unset) as server:
        list_id = fill(server, 1)
        stand_in.key = "one-that-was-set"
        status, answer = server.ask("PUT", "/api/settings", {
            "youtube_api_key": "one-that-was-set", "openai_base_url": stand_in.openai, "openai_model": "set"})
        assert status == 200, answer
        done = finished(server, process(server, list_id))
        assert done["status"] == "completed", (done, server.said())
        assert ask(folder, VALUES) == [("mood", '"calm"', "model", "set"), ("words", '"made_up"', "model", "set")]

        # A playlist is looked into with the key that is set, too.
        stand_in.key = "another"
        server.ask("PUT", "/api/settings", {"youtube_api_key": "another"})
        server.ask("POST", f"/api/lists/{list_id}/import?process=false", {"text": "PL120aaaaaaaaaaaa"})
        tap.wait_until(lambda: ask(folder, "SELECT 1 FROM events WHERE kind LIKE 'source.%'"), 30)
        assert ask(folder, "SELECT kind FROM events WHERE kind = 'source.failed'") == [], server.said()


def gemini_watches_videos_on_request_only(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, \
            serve(folder, stand_in, OPENAI_MODEL="", GEMINI_API_KEY="key",
                  BOOKMARKS_GEMINI_URL=stand_in.gemini) as server:
        list_id = fill(server, 1)
        assert finished(server, process(server, list_id))["watch"] is False
        assert "fileData" not in stand_in.last["gemini"], "what is said goes first"
        videos = [video["id"] for video in server.get(f"/api/lists/{list_id}/videos")]
        run = finished(server, process(server, list_id, {"video_ids": videos, "watch": True}))
        assert (run["watch"], run["status"]) == (True, "completed"), run
        assert "inv_0000000" in stand_in.last["gemini"] and "fileData" in stand_in.last["gemini"]
        assert "MEDIA_RESOLUTION_LOW" in stand_in.last["gemini"]

        server.run("settings", "set", "watch_max_minutes", "1")
        calls = stand_in.places["gemini"]
        said = server.run("process", "--wait", "--watch", "--video", videos[0], "list", code=3)
        assert stand_in.places["gemini"] == calls, said
        assert "too long to be watched" in server.get(f"/api/videos/{videos[0]}")["error"]


def what_cannot_watch_is_not_asked_to(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        status, refused = server.ask("POST", f"/api/lists/{fill(server, 1)}/process", {"watch": True})
        assert status == 422 and refused["errors"][0]["pointer"] == "#/watch", refused
        assert "only Gemini" in server.run("process", "--watch", "list", code=1)


tap.run(
    gemini_watches_videos_on_request_only,
    what_cannot_watch_is_not_asked_to,
    what_is_set_is_used_by_the_next_job,
    a_model_fills_the_fields_that_say_what_to_look_for,
    what_a_person_wrote_stays,
    one_field_asks_for_that_alone,
    a_dry_run_shows_and_stores_nothing,
    a_spent_budget_holds_the_model_until_tomorrow,
    fields_are_proposed_from_a_sentence_and_counted,
    a_key_that_is_tried_is_counted,
    a_proposal_keeps_to_the_budget_and_to_holds,
    without_a_model_that_works_nothing_is_proposed,
)
