"""Runs against a server with its worker and a stand-in for YouTube: paused, held, failed, retried."""
import contextlib
import json
import os
import sqlite3

from support import outside
from support import tap
from support.serve import ROOT, Server

FACTS = os.path.join(ROOT, "examples", "facts.csv")


def ids(count, prefix="inv"):
    return "".join(f"https://youtu.be/{prefix}_{number:07d}\n" for number in range(count))


def serve(folder, stand_in, *args):
    return Server(folder, *args, YOUTUBE_API_KEY="key", BOOKMARKS_YOUTUBE_URL=stand_in.url)


def fill(server, count, prefix="inv", name="list"):
    server.run("import", "--no-process", "--list", name, "-", stdin=ids(count, prefix))
    return next(each["id"] for each in server.get("/api/lists") if each["name"] == name)


def process(server, list_id, body=None):
    status, answer = server.ask("POST", f"/api/lists/{list_id}/process", body)
    assert status == 201, answer
    return answer["job_id"]


def run_of(server, run_id):
    return server.get(f"/api/runs/{run_id}")


def change(server, run_id, how, body=None, expected=200):
    status, answer = server.ask("POST", f"/api/runs/{run_id}/{how}", body)
    assert status == expected, (how, status, answer)
    return answer


def wait_for(server, run_id, wanted, deadline_s=30):
    return tap.wait_until(lambda: wanted(run_of(server, run_id)) and run_of(server, run_id), deadline_s)


def waiting_jobs(folder):
    connection = sqlite3.connect(os.path.join(folder, "data", "queue.db"), timeout=20)
    try:
        return connection.execute("SELECT sum(waiting + running) FROM barq_queues").fetchone()[0]
    finally:
        connection.close()


def a_paused_run_asks_nothing_and_a_resumed_one_ends(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        stand_in.rule("slow:300", times=1000)
        run_id = process(server, fill(server, 600))
        wait_for(server, run_id, lambda run: run["processed_count"] > 0)

        change(server, run_id, "pause")
        change(server, run_id, "pause", expected=409)
        tap.wait_until(lambda: waiting_jobs(folder) == 0, 30)  # what was in the queue has ended
        calls = stand_in.calls
        paused = run_of(server, run_id)
        assert paused["status"] == "paused" and paused["waiting_count"] > 0, paused
        states = {video["status"] for video in server.get(f"/api/runs/{run_id}/videos")}
        assert states == {"waiting", "completed"}, states
        assert stand_in.calls == calls

        assert "running" in server.run("resume", run_id)
        done = wait_for(server, run_id, lambda run: run["status"] == "completed")
        assert done["processed_count"] == 600 and done["finished_at"], done
        assert max(stand_in.asked.values()) <= 2, "a batch that was being asked for may be asked for again"


def a_cancelled_run_leaves_its_videos_to_the_next(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in, "--no-worker") as server:
        list_id = fill(server, 60)
        run_id = process(server, list_id)
        cancelled = json.loads(server.run("cancel", "--json", "list"))
        assert cancelled["id"] == run_id and cancelled["cancelled_count"] == 60, cancelled
        change(server, run_id, "resume", expected=409)
        assert run_of(server, process(server, list_id))["total_videos"] == 60


def a_spent_quota_holds_the_service_and_its_end_lets_all_go_on(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        stand_in.rule("quotaExceeded", times=1000)
        first = process(server, fill(server, 120))
        second = process(server, fill(server, 30, "two", "other"))

        held = tap.wait_until(lambda: server.get("/api/holds"), 30)[0]
        assert held["service"] == "youtube" and "resumes at" in held["reason"], held
        tap.wait_until(lambda: waiting_jobs(folder) == 1, 30)  # its end is the one job that is left
        calls = stand_in.calls
        for run_id, count in ((first, 120), (second, 30)):
            run = run_of(server, run_id)
            assert run["status"] == "running" and run["holds"] == [held], run
            videos = server.get(f"/api/runs/{run_id}/videos")
            assert len(videos) == count
            assert {(each["status"], each["reason"]) for each in videos} == {("held", held["reason"])}
        assert held["reason"] in server.run("runs")

        stand_in.rules.clear()  # a better key
        assert json.loads(server.run("holds", "--json")) == [held]
        server.run("holds", "--end", "youtube")
        for run_id in (first, second):
            wait_for(server, run_id, lambda run: run["status"] == "completed")
        assert server.get("/api/holds") == []
        assert stand_in.calls > calls
        assert server.exchange("DELETE", "/api/holds/youtube")[0] == 404
        assert "is not held" in server.run("holds", "--end", "youtube", code=1)


def a_rate_limit_ends_by_itself(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        stand_in.rule("429", times=1)  # with Retry-After: 7
        run_id = process(server, fill(server, 200))
        tap.wait_until(lambda: server.get("/api/holds"), 30)
        wait_for(server, run_id, lambda run: run["status"] == "completed")
        assert server.get("/api/holds") == []


def failed_videos_say_why_and_are_retried_one_or_all(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        server.run("import", "--no-process", "--list", "list", "-", stdin=ids(5) + "".join(
            f"https://youtu.be/gone{number:07d}\n" for number in range(3)))
        list_id = server.get("/api/lists")[0]["id"]
        run_id = process(server, list_id)
        done = wait_for(server, run_id, lambda run: run["finished_at"])
        assert (done["status"], done["failed_count"]) == ("completed_with_errors", 3), done
        failed = server.get(f"/api/runs/{run_id}/videos?status=failed")
        assert len(failed) == 3 and all(each["reason"] for each in failed), failed

        asked = sum(stand_in.asked.values())
        change(server, run_id, "retry", {"video_id": failed[0]["video_id"]})
        tap.wait_until(lambda: run_of(server, run_id)["finished_at"], 30)
        assert sum(stand_in.asked.values()) == asked + 1
        change(server, run_id, "retry")
        tap.wait_until(lambda: run_of(server, run_id)["finished_at"], 30)
        assert sum(stand_in.asked.values()) == asked + 4
        change(server, run_id, "retry", {"video_id": "none"}, expected=404)
        again = process(server, list_id, {"failed_of": run_id})
        assert run_of(server, again)["total_videos"] == 3


def a_selection_is_processed_again_for_one_field(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, 10)
        wait_for(server, process(server, list_id), lambda run: run["status"] == "completed")
        calls = stand_in.calls
        videos = [video["id"] for video in server.get(f"/api/lists/{list_id}/videos")][:2]

        again = process(server, list_id, {"video_ids": videos, "field": "minutes"})
        done = wait_for(server, again, lambda run: run["status"] == "completed")
        assert (done["total_videos"], done["field"]) == (2, "minutes"), done
        assert stand_in.calls == calls, "what is known is not asked for again"
        whole = process(server, list_id, {"video_ids": videos})
        wait_for(server, whole, lambda run: run["status"] == "completed")
        assert stand_in.calls == calls + 1


def a_few_videos_overtake_many(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        stand_in.rule("slow:100", times=10000)
        many = process(server, fill(server, 5000))
        wait_for(server, many, lambda run: run["processed_count"] > 0)
        few = process(server, fill(server, 1, "few", "other"))
        wait_for(server, few, lambda run: run["status"] == "completed")
        assert run_of(server, many)["waiting_count"] > 2000


def pending(server, list_id):
    return server.get(f"/api/lists/{list_id}")["pending_count"]


def what_is_added_is_processed_unasked(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        server.run("import", "--list", "list", "-", stdin=ids(3, "cli"))
        list_id = server.get("/api/lists")[0]["id"]
        at = f"/api/lists/{list_id}"
        status, pasted = server.ask("POST", f"{at}/import", {"text": ids(3, "api")})
        assert status == 200 and run_of(server, pasted["run_id"])["total_videos"] == 3, pasted
        status, bulk = server.ask("POST", f"{at}/videos/bulk", {"text": ids(2, "blk")})
        assert status == 201 and run_of(server, bulk["job_id"])["total_videos"] == 2, bulk
        status, one = server.ask("POST", f"{at}/videos", {"url": "https://youtu.be/one_0000001"})
        assert status == 201, one
        tap.wait_until(lambda: server.get(at)["completed_count"] == 9, 30)

        runs = len(server.get("/api/runs"))
        for path, body in (("import", {"text": ids(1, "lef")}), ("videos/bulk", {"text": ids(1, "bul")}),
                           ("videos", {"url": "https://youtu.be/two_0000001"})):
            assert server.ask("POST", f"{at}/{path}?process=false", body)[0] in (200, 201)
        server.run("import", "--no-process", "--list", "list", "-", stdin=ids(1, "com"))
        assert pending(server, list_id) == 4 and len(server.get("/api/runs")) == runs
        assert server.ask("POST", f"{at}/videos?process=perhaps", {"url": "x"})[0] == 422

        # What was left is taken on by the next import, also by one that adds nothing.
        server.run("import", "--list", "list", "-", stdin=ids(1, "com"))
        tap.wait_until(lambda: pending(server, list_id) == 0, 30)
        assert len(server.get("/api/runs")) == runs + 1


def a_run_that_an_import_began_can_be_waited_for(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        stand_in.rule("slow:300", times=1000)
        said = json.loads(server.run("import", "--json", "--list", "list", "-", stdin=ids(60)))
        run = json.loads(server.run("process", "--wait", "--json", "list"))
        assert run["id"] == said["report"]["run_id"] and run["processed_count"] == 60, run


def one_that_is_added_overtakes_an_import(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        stand_in.rule("slow:100", times=10000)
        server.run("import", "--list", "list", "-", stdin=ids(1000))
        bulk = server.get("/api/runs")[0]
        wait_for(server, bulk["id"], lambda run: run["processed_count"] > 0)
        _, one = server.ask("POST", f"/api/lists/{bulk['list_id']}/videos", {"url": "https://youtu.be/one_0000001"})
        tap.wait_until(lambda: server.get(f"/api/videos/{one['id']}")["status"] == "completed", 30)
        assert run_of(server, bulk["id"])["waiting_count"] > 300, run_of(server, bulk["id"])


def a_call_s_jobs_are_of_its_trace(folder):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    def payloads():
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "data", "data.db"), timeout=20)) as data:
            return [json.loads(payload) for payload, in
                    data.execute("SELECT payload FROM barq_outbox ORDER BY seq")]

    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in, "--no-worker") as server:
        list_id = fill(server, 3)
        before = len(payloads())
        ask = lambda **headers: server.ask("POST", f"/api/lists/{list_id}/process", **headers)
        status, answer = ask(traceparent=trace, tracestate="congo=t61")
        assert status == 201, answer
        of_trace = payloads()[before:]
        assert of_trace and all(job["tp"] == trace and job["ts"] == "congo=t61" for job in of_trace), of_trace

        fill(server, 1, "oth", "other")
        other = next(each["id"] for each in server.get("/api/lists") if each["name"] == "other")
        before = len(payloads())
        status, answer = server.ask("POST", f"/api/lists/{other}/process", traceparent="what is this?")
        assert status == 201, answer
        of_none = payloads()[before:]
        assert of_none and not any("tp" in job for job in of_none), of_none


tap.run(
    a_call_s_jobs_are_of_its_trace,
    what_is_added_is_processed_unasked,
    a_run_that_an_import_began_can_be_waited_for,
    one_that_is_added_overtakes_an_import,
    a_paused_run_asks_nothing_and_a_resumed_one_ends,
    a_cancelled_run_leaves_its_videos_to_the_next,
    a_spent_quota_holds_the_service_and_its_end_lets_all_go_on,
    a_rate_limit_ends_by_itself,
    failed_videos_say_why_and_are_retried_one_or_all,
    a_selection_is_processed_again_for_one_field,
    a_few_videos_overtake_many,
)
