"""Server-sent events: as they happen, after a break, after a restart, for many at once."""
import http.client
import json
import os
import socket

from support import outside
from support import tap
from support.serve import ROOT, Server

FACTS = os.path.join(ROOT, "examples", "facts.csv")
TABS = 200


def ids(count, prefix="inv"):
    return "".join(f"https://youtu.be/{prefix}_{number:07d}\n" for number in range(count))


def fill(server, count, prefix="inv", name="list"):
    server.run("import", "--no-process", "--list", name, "-", stdin=ids(count, prefix))
    return next(each["id"] for each in server.get("/api/lists") if each["name"] == name)


def process(server, list_id):
    status, answer = server.ask("POST", f"/api/lists/{list_id}/process")
    assert status == 201, answer
    return answer["job_id"]


class Tab:
    """Listens; `ended` when the server has said that there is no more."""

    def __init__(self, server, path="/api/events", last=None):
        self.link = http.client.HTTPConnection(server.host, server.port, timeout=30)
        self.link.request("GET", path, headers={"Last-Event-ID": str(last)} if last is not None else {})
        self.answer = self.link.getresponse()
        assert self.answer.status == 200, self.answer.read()
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        assert self.answer.headers["Cache-Control"] == "no-store"
        self.last = last
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.link.close()

    def position(self):
        """Where it begins, which the server says first to whoever begins with what is new."""
        for line in iter(self.answer.readline, b""):
            if line.startswith(b"id: "):
                return int(line[4:])
        return None

    def next(self):
        """The next event; None at the end."""
        lines = {}
        while True:
            line = self.answer.readline().decode()
            if line == "":
                self.ended = True
                return None
            if line != "\n":
                name, _, value = line.rstrip("\n").partition(":")
                lines[name] = value.strip()
            elif "data" in lines:
                event = json.loads(lines["data"])
                assert lines["id"] == str(event["seq"]) and lines["event"] == event["kind"], lines
                self.last = event["seq"]
                return event
            else:
                lines = {}

    def until(self, kind):
        """All events up to the first of this kind."""
        events = []
        while not events or events[-1]["kind"] != kind:
            event = self.next()
            assert event, events
            events.append(event)
        return events


def serve(folder, stand_in, *args):
    return Server(folder, *args, YOUTUBE_API_KEY="key", BOOKMARKS_YOUTUBE_URL=stand_in.url)


def a_run_is_told_from_its_start_to_its_end(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, 60)
        with Tab(server) as tab:
            run_id = process(server, list_id)
            events = tab.until("run.finished")
        kinds = [event["kind"] for event in events]
        assert kinds[0] == "run.started" and kinds.count("video.completed") == 60, kinds
        assert {event["run_id"] for event in events} == {run_id}
        assert {event["list_id"] for event in events} == {list_id}
        assert events[-1]["data"] == {"status": "completed", "completed": 60, "failed": 0}
        assert [event["seq"] for event in events] == list(range(events[0]["seq"], tab.last + 1))
        before = events[0]["seq"] - 1  # an import is told, too
        assert server.get(f"/api/events/history?after={before}") == events
        assert [json.loads(line) for line in server.run("events", "--json", "--after", str(before), "list").splitlines()] == events
        assert server.get(f"/api/events/history?limit=2&after={before + 3}") == events[3:5]


def a_connection_lost_before_anything_happened_is_taken_up_there(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, 3)
        with Tab(server) as tab:
            position = tab.position()
        run_id = process(server, list_id)
        with Tab(server, last=position) as tab:
            events = tab.until("run.finished")
        assert events[0]["kind"] == "run.started" and events[0]["seq"] == position + 1, events
        assert {event["run_id"] for event in events} == {run_id}


def each_hears_only_of_what_it_asked_for(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        one, other = fill(server, 3), fill(server, 3, "two", "other")
        with Tab(server, "/api/events?list_id=other") as tab:
            process(server, one)
            run_id = process(server, other)
            assert {event["list_id"] for event in tab.until("run.finished")} == {other}
        with Tab(server, f"/api/events?run_id={run_id}&after=0") as tab:
            assert {event["run_id"] for event in tab.until("run.finished")} == {run_id}
        assert server.exchange("GET", "/api/events?list_id=none")[0] == 404
        assert server.exchange("GET", "/api/events?after=x")[0] == 422
        assert server.exchange("GET", "/api/events", Last_Event_ID="x")[0] == 422


def nothing_is_missed_over_breaks_and_restarts(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in:
        with serve(folder, stand_in) as server:
            list_id = fill(server, 600)
            with Tab(server) as tab:
                process(server, list_id)
                heard = [tab.next() for _ in range(10)]
            # A break in which hundreds happen: it comes again, again and again, as a browser does.
            tap.wait_until(lambda: server.get("/api/runs")[0]["finished_at"], 60)
            last, breaks = tab.last, 0
            while heard[-1]["kind"] != "run.finished":
                with Tab(server, last=last) as tab:
                    event = tab.next()
                    while event:
                        heard.append(event)
                        event = None if event["kind"] == "run.finished" else tab.next()
                    last = tab.last
                breaks += 1
            assert breaks >= 2, breaks
            assert [event["seq"] for event in heard] == list(range(heard[0]["seq"], last + 1))
        with serve(folder, stand_in) as server:
            with Tab(server, last=last - 5) as tab:
                assert [tab.next() for _ in range(5)] == heard[-5:]
                run_id = process(server, fill(server, 3, "two", "other"))
                assert tab.until("run.finished")[-1]["run_id"] == run_id


def an_end_of_the_server_ends_the_streams(folder):
    with outside.StandIn(FACTS) as stand_in:
        server = serve(folder, stand_in, "--no-worker")
        tabs = [Tab(server) for _ in range(3)]
        assert server.stop() == 0
        for tab in tabs:
            assert tab.next() is None
            tab.__exit__()


def many_listen_and_others_are_served(folder):
    with outside.StandIn(FACTS, invent=True) as stand_in, serve(folder, stand_in) as server:
        list_id = fill(server, 100)
        tabs = [Tab(server, f"/api/events?list_id={list_id}") for _ in range(TABS)]
        # One that reads nothing at all, and one that has gone without a word.
        deaf = socket.create_connection((server.host, server.port))
        deaf.sendall(b"GET /api/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        tabs.pop().__exit__()
        process(server, list_id)
        for tab in tabs:
            assert len(tab.until("run.finished")) > 100
            tab.__exit__()
        assert server.get("/api/health") == {"status": "ok"}
        deaf.close()


tap.run(
    a_run_is_told_from_its_start_to_its_end,
    a_connection_lost_before_anything_happened_is_taken_up_there,
    each_hears_only_of_what_it_asked_for,
    nothing_is_missed_over_breaks_and_restarts,
    an_end_of_the_server_ends_the_streams,
    many_listen_and_others_are_served,
)
