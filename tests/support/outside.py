"""outside - a stand-in for every server that bookmarks calls: YouTube, Gemini, OpenAI's like.

In a test:

    from support import outside

    with outside.StandIn(facts) as stand_in:
        os.environ["BOOKMARKS_YOUTUBE_URL"] = stand_in.url
        stand_in.rule("quotaExceeded", times=1)
        ...
        assert stand_in.asked["4riqJcrDVcw"] == 1

As a program it prints its base URL, and ends when its standard input does:

    outside.py FACTS.csv [--invent] [--latency MS] [--port PORT]

What is where, under http://127.0.0.1:PORT:

    /youtube/v3     the Data API (outside_api.py); StandIn.url
    /web            youtube.com without a key (outside_web.py); StandIn.web
    /gemini         Gemini's API (outside_models.py); StandIn.gemini
    /openai/v1      chat completions and models; StandIn.openai
    /recorded/STATUS/PATH/    whatever is asked below it: this file of tests/data

FACTS has the columns url, title, channel, duration_seconds, published, language, tags. Ids that are
not in it are missing from the Data API's answer, as they would be with YouTube; with --invent every
id has a video, but for those that begin with "gone".

What it does wrong on demand is one of DEEDS, or "slow:MS", or "missing". It is asked for

  - in the base URL: URL/do/DEED instead of URL, e.g. .../youtube/v3/do/slow:200;
  - by rules: rule(DEED, prefix=..., times=..., place=...), or POST /control with such an object (or a
    list of them, which replaces the rules). A rule applies to calls for an id with that prefix, or,
    with a place ("web", "gemini", "openai"), to calls there; so often.

GET /control tells {"calls": n, "asked": {id: times}, "busiest": most calls at a time,
"places": {place: calls}, "last": {place: the last body}}; all but "places" and "last" are of the
Data API's videos.
"""
import argparse
import collections
import gzip
import http.server
import json
import os
import re
import sys
import threading
import time
import urllib.parse

try:
    from support import outside_api as api, outside_models as models, outside_web as web
except ImportError:  # as a program
    import outside_api as api
    import outside_models as models
    import outside_web as web

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
PLACE = re.compile(r"/(youtube/v3|web|gemini|openai/v1)(?:/do/([\w:]+))?(/.*)")
RECORDED = re.compile(r"/recorded/(\d{3})/([\w./-]+\.(?:json|xml|txt|vtt))/.*")
HUGE = 16 * 1024 * 1024

# What is wrong with a server or a line, whatever is asked; see misbehave().
DEEDS = {**api.DEEDS, "huge": None, "empty": (200, "")}


class Call(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_):
        pass

    def send(self, code, body, cut=False):
        data = body if isinstance(body, bytes) else (
            body if isinstance(body, str) else json.dumps(body, indent=2)).encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/html" if isinstance(body, str)
                         else "application/json; charset=UTF-8")
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            data = gzip.compress(data, 1)
            self.send_header("Content-Encoding", "gzip")
        if code in (429, 503):
            self.send_header("Retry-After", "7")
        if code == 302:
            self.send_header("Location", self.server.stand_in.trap)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if cut else data)
        self.close_connection |= cut

    def send_huge(self):
        """Blanks, without end as far as a client can know, packed a thousandfold."""
        data = gzip.compress(b" " * HUGE, 1)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def misbehave(self, deed, answer):
        """Does `deed` instead of answering; True when that was all."""
        if deed.startswith("slow:"):
            time.sleep(int(deed[5:]) / 1000)
            return False
        if deed == "missing":
            return False
        if deed == "cut":
            self.send(200, answer, cut=True)
        elif deed == "huge":
            self.send_huge()
        elif deed == "silent":
            self.server.stand_in.stopping.wait(60)
        elif deed != "hang_up":
            self.send(*DEEDS[deed])
            return True
        self.close_connection = True
        return True

    # -- the Data API --

    def list_videos(self, query, deeds):
        stand_in = self.server.stand_in
        ids = [video for video in query.get("id", "").split(",") if video]
        if not query.get("part") or not ids:
            return self.send(*api.error(400, "missingRequiredParameter", "Required", "global"))
        if len(ids) > 50 or not all(map(api.ID.fullmatch, ids)):
            return self.send(*DEEDS["badRequest"])

        with stand_in.call(ids) as (rules, missing):
            time.sleep(stand_in.latency_ms / 1000)
            items = [stand_in.video(video) for video in ids if video not in missing]
            items = [made for made in items if made and "missing" not in deeds]
            answer = api.list_of("video", items, query.get("fields", ""))
            # The order is not promised: so it is never that of the question.
            answer.get("items", []).reverse()
            if not any(self.misbehave(deed, answer) for deed in deeds + rules):
                self.send(200, answer)

    def ask_api(self, path, query, deeds):
        stand_in = self.server.stand_in
        if stand_in.key and query.get("key") != stand_in.key:
            return self.send(*DEEDS["API_KEY_INVALID"])
        if path == "/videos":
            return self.list_videos(query, deeds)
        lister = api.LISTS.get(path[1:])
        return self.reply(lister(query) if lister else None, deeds)

    # -- all of them --

    def answer_of(self, place, path, query, body):
        if place == "web":
            return web.answer(path, query, body, self.server.stand_in.host)
        if place == "gemini":
            if path == "/models":
                return models.gemini_models()
            asked = re.fullmatch(r"/models/([\w.-]+):generateContent", path)
            return models.gemini(asked[1], json.loads(body)) if asked else None
        if path == "/models":
            return models.openai_models()
        return models.openai(json.loads(body)) if path == "/chat/completions" else None

    def reply(self, answer, deeds):
        code, body = answer or (404, "<html>Not Found</html>")
        if not any(self.misbehave(deed, body) for deed in deeds):
            self.send(code, body)

    def ask(self, body):
        path, _, text = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(text))
        recorded, place = RECORDED.fullmatch(path), PLACE.fullmatch(path)
        if recorded:
            with open(os.path.join(DATA, recorded[2]), "rb") as data:
                return self.send(int(recorded[1]), data.read())
        if not place:
            return self.send(404, "<html>Not Found</html>")
        deeds = [place[2]] if place[2] else []
        name = place[1].partition("/")[0]
        deeds += self.server.stand_in.count(name, body)
        if name == "youtube":
            return self.ask_api(place[3], query, deeds)
        return self.reply(self.answer_of(name, place[3], query, body), deeds)

    def do_GET(self):
        if self.path == "/control":
            return self.send(200, self.server.stand_in.counts())
        return self.ask("")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path != "/control":
            return self.ask(body)
        sent = json.loads(body)
        if isinstance(sent, list):
            self.server.stand_in.forget_rules()
        for rule in sent if isinstance(sent, list) else [sent]:
            self.server.stand_in.rule(**rule)
        return self.send(200, {})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        """Whoever is killed in the middle of a call hangs up: that's what the tests are for."""


class StandIn:
    def __init__(self, facts=None, invent=False, latency_ms=0, key=None, port=0):
        self.facts = api.read_facts(facts) if facts else {}
        self.invent = invent
        self.latency_ms = latency_ms
        self.key = key
        self.asked = collections.Counter()
        self.places = collections.Counter()
        self.last = {}
        self.calls = self.running = self.busiest = 0
        self.rules = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.server = Server(("127.0.0.1", port), Call)
        self.server.stand_in = self
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        self.url = self.host + "/youtube/v3"
        self.web = self.host + "/web"
        self.gemini = self.host + "/gemini"
        self.openai = self.host + "/openai/v1"
        # Where a redirect leads: whoever follows it is counted.
        self.trap = self.web + "/trap"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def rule(self, do, prefix="", times=None, place="youtube"):
        if do not in DEEDS and do != "missing" and not do.startswith("slow:"):
            raise ValueError(f"{do} is none of {', '.join(DEEDS)}, slow:MS, missing")
        with self.lock:
            self.rules.append({"do": do, "prefix": prefix, "times": times, "place": place})

    def forget_rules(self):
        with self.lock:
            self.rules.clear()

    def video(self, video):
        row = self.facts.get(video)
        if not row and self.invent and not video.startswith("gone"):
            row = api.invented(video)
        return api.item(video, row) if row else None

    def counts(self):
        with self.lock:
            return {"calls": self.calls, "asked": dict(self.asked), "busiest": self.busiest,
                    "places": dict(self.places), "last": dict(self.last)}

    def count(self, place, body):
        """Counts a call to a place; what rules say of it but for those of videos."""
        with self.lock:
            self.places[place] += 1
            self.last[place] = body
            if place == "youtube":
                return []
            return self.apply([rule for rule in self.rules if rule["place"] == place])

    def apply(self, rules):
        deeds = []
        for rule in rules:
            if rule["times"] != 0:
                deeds.append(rule["do"])
                rule["times"] = rule["times"] and rule["times"] - 1
        # Slowness comes first: the rest ends a call.
        return sorted(deeds, key=lambda deed: not deed.startswith("slow:"))

    def take_rules(self, ids):
        """The deeds for a call for videos, and the ids that are to be missing."""
        deeds, missing = [], set()
        for rule in self.rules:
            hit = [video for video in ids if video.startswith(rule["prefix"])]
            if not hit or rule["place"] != "youtube":
                continue
            deeds += self.apply([rule])
            if "missing" in deeds:
                deeds.remove("missing")
                missing.update(hit)
        return sorted(deeds, key=lambda deed: not deed.startswith("slow:")), missing

    def call(self, ids):
        return Counted(self, ids)


class Counted:
    """A call for videos that is counted as running while it does."""

    def __init__(self, stand_in, ids):
        self.stand_in = stand_in
        self.ids = ids

    def __enter__(self):
        with self.stand_in.lock:
            self.stand_in.calls += 1
            self.stand_in.asked.update(self.ids)
            self.stand_in.running += 1
            self.stand_in.busiest = max(self.stand_in.busiest, self.stand_in.running)
            return self.stand_in.take_rules(self.ids)

    def __exit__(self, *_):
        with self.stand_in.lock:
            self.stand_in.running -= 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("facts")
    parser.add_argument("--invent", action="store_true")
    parser.add_argument("--latency", type=int, default=0, metavar="MS")
    parser.add_argument("--port", type=int, default=0)
    told = parser.parse_args()
    with StandIn(told.facts, told.invent, told.latency, port=told.port) as stand_in:
        print(stand_in.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
