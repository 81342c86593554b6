"""youtube - a stand-in for the YouTube Data API: videos.list, from facts.

In a test:

    from support import youtube

    with youtube.StandIn(facts) as stand_in:
        os.environ["BOOKMARKS_YOUTUBE_URL"] = stand_in.url
        stand_in.rule("quotaExceeded", times=1)
        ...
        assert stand_in.asked["4riqJcrDVcw"] == 1

As a program it prints its base URL, and ends when its standard input does:

    youtube.py FACTS.csv [--invent] [--latency MS] [--port PORT]

FACTS has the columns url, title, channel, duration_seconds, published, language, tags. Ids that are
not in it are missing from the answer, as they would be with YouTube; with --invent every id has a
video, but for those that begin with "gone".

What it does wrong on demand is one of DEEDS, or "slow:MS", or "missing". It is asked for

  - in the base URL: URL/do/DEED instead of URL, e.g. .../youtube/v3/do/slow:200;
  - by rules: rule(DEED, prefix=..., times=...), or POST /control with such an object (or a list of
    them, which replaces the rules). A rule applies to calls for an id with that prefix, so often.

GET /control tells {"calls": n, "asked": {id: times}, "busiest": most calls at a time}.
"""
import argparse
import collections
import csv
import gzip
import hashlib
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse

BASE = "/youtube/v3"
ID = re.compile(r"[A-Za-z0-9_-]{11}")


def error(code, reason, message, domain="youtube.quota", **more):
    """An error as YouTube writes it."""
    entry = {"message": message, "domain": domain, "reason": reason}
    return code, {"error": {"code": code, "message": message, "errors": [entry], **more}}


def info(reason):
    return [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
             "domain": "googleapis.com", "metadata": {"service": "youtube.googleapis.com"}}]


QUOTA = ('The request cannot be completed because you have exceeded your '
         '<a href="/youtube/v3/getting-started#quota">quota</a>.')
BAD_KEY = "API key not valid. Please pass a valid API key."
TOO_FAST = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'."
A_DAY = "Quota exceeded for quota metric 'Queries' and limit 'Queries per day'."
NOT_ENABLED = "YouTube Data API v3 has not been used in project 1 before or it is disabled."

# An answer of another kind; those without one are done by hand, in Call.misbehave().
DEEDS = {
    "quotaExceeded": error(403, "quotaExceeded", QUOTA),
    "queriesPerDay": error(429, "rateLimitExceeded", A_DAY, "global", status="RESOURCE_EXHAUSTED"),
    "keyInvalid": error(400, "keyInvalid", "Bad Request", "usageLimits"),
    "API_KEY_INVALID": error(400, "badRequest", BAD_KEY, "global", status="INVALID_ARGUMENT",
                             details=info("API_KEY_INVALID")),
    "accessNotConfigured": error(403, "accessNotConfigured", NOT_ENABLED, "usageLimits",
                                 status="PERMISSION_DENIED", details=info("SERVICE_DISABLED")),
    "rateLimitExceeded": error(403, "rateLimitExceeded", TOO_FAST, "usageLimits"),
    "forbidden": error(403, "forbidden", "Forbidden", "youtube.common"),
    "badRequest": error(400, "invalidFilters", "Bad Request", "youtube.common"),
    "coreError": error(403, "SERVICE_UNAVAILABLE", "Permission denied.", "youtube.CoreErrorDomain",
                       status="PERMISSION_DENIED"),
    "backendError": error(500, "backendError", "Backend Error", "global"),
    "429": (429, "<html>Too Many Requests</html>"),
    "500": (500, "<html>Internal Server Error</html>"),
    "503": (503, "<html>Service Unavailable</html>"),
    "not_json": (200, "<html>Welcome to this hotel's network</html>"),
    "not_list": (200, {"kind": "youtube#channelListResponse", "items": {}}),
    "redirect": (302, ""),
    "cut": None,
    "silent": None,
    "hang_up": None,
}


# -- videos --

def duration(seconds):
    """As YouTube writes it: P0D, PT1M, P1DT2H3S."""
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if n)
    if not days and not clock:
        return "P0D"
    return "P" + (f"{days}D" if days else "") + (f"T{clock}" if clock else "")


def read_facts(path):
    """The rows of the facts by id."""
    with open(path, encoding="utf-8", newline="") as rows:
        return {row["url"][-11:]: row for row in csv.DictReader(rows)}


def invented(video):
    return {"title": f"Talk {video}", "channel": "Invented Talks", "duration_seconds": "1800",
            "published": "2024-02-29", "language": "en", "tags": "invented|talk"}


def etag(text):
    return hashlib.sha1(text.encode()).hexdigest()[:27]


def thumbnails(video):
    sizes = {"default": ("default", 120, 90), "medium": ("mqdefault", 320, 180),
             "high": ("hqdefault", 480, 360)}
    return {size: {"url": f"https://i.ytimg.com/vi/{video}/{name}.jpg", "width": width,
                   "height": height} for size, (name, width, height) in sizes.items()}


def snippet(video, row):
    made = {
        "publishedAt": row["published"] + "T12:00:00Z",
        "channelId": "UC" + etag(row["channel"])[:22],
        "title": row["title"],
        "description": f"{row['title']}\n\nRecorded live.",
        "thumbnails": thumbnails(video),
        "channelTitle": row["channel"],
        "categoryId": "28",
        "liveBroadcastContent": "none",
        "localized": {"title": row["title"], "description": "Recorded live."},
    }
    if row["tags"]:
        made["tags"] = row["tags"].split("|")
    if row["language"]:
        made["defaultAudioLanguage"] = row["language"]
    return made


def item(video, row):
    views = int(etag(video)[:5], 16)
    return {
        "kind": "youtube#video", "etag": etag(video), "id": video, "snippet": snippet(video, row),
        "contentDetails": {
            "duration": duration(int(row["duration_seconds"] or 0)), "dimension": "2d",
            "definition": "hd", "caption": "false", "licensedContent": False, "contentRating": {},
            "projection": "rectangular"},
        "statistics": {"viewCount": str(views), "likeCount": str(views // 40),
                       "favoriteCount": "0", "commentCount": str(views // 900)},
        "status": {"uploadStatus": "processed", "privacyStatus": "public", "license": "youtube",
                   "embeddable": True, "publicStatsViewable": True, "madeForKids": False},
    }


def split_fields(text):
    """"a,b(c,d/e)" as [("a", ""), ("b", "c,d/e")]; a/b is a(b)."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text + ","):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            name, slash, rest = text[start:at].partition("/")
            if "(" in name or not slash:
                name, _, rest = text[start:at].partition("(")
                rest = rest[:-1]
            parts.append((name, rest))
            start = at + 1
    if depth:
        raise ValueError(text)
    return parts


def trim(value, fields):
    """What the parameter `fields` leaves of an answer."""
    if not fields:
        return value
    if isinstance(value, list):
        return [trim(member, fields) for member in value]
    return {name: trim(value[name], rest) for name, rest in split_fields(fields) if name in value}


# -- one call --

class Call(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_):
        pass

    def send(self, code, body, cut=False):
        data = (body if isinstance(body, str) else json.dumps(body, indent=2)).encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/html" if isinstance(body, str)
                         else "application/json; charset=UTF-8")
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            data = gzip.compress(data, 1)
            self.send_header("Content-Encoding", "gzip")
        if code in (429, 503):
            self.send_header("Retry-After", "7")
        if code == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if cut else data)
        self.close_connection |= cut

    def misbehave(self, deed, answer):
        """Does `deed` instead of answering; True when that was all."""
        if deed.startswith("slow:"):
            time.sleep(int(deed[5:]) / 1000)
            return False
        if deed == "missing":
            return False
        if deed == "cut":
            self.send(200, answer, cut=True)
        elif deed == "silent":
            self.server.stand_in.stopping.wait(60)
        elif deed != "hang_up":
            self.send(*DEEDS[deed])
            return True
        self.close_connection = True
        return True

    def list_videos(self, query, deeds):
        stand_in = self.server.stand_in
        ids = [video for video in query.get("id", "").split(",") if video]
        if not query.get("part") or not ids:
            return self.send(*error(400, "missingRequiredParameter", "Required", "global"))
        if len(ids) > 50 or not all(map(ID.fullmatch, ids)):
            return self.send(*DEEDS["badRequest"])
        if stand_in.key and query.get("key") != stand_in.key:
            return self.send(*DEEDS["API_KEY_INVALID"])

        with stand_in.call(ids) as (rules, missing):
            time.sleep(stand_in.latency_ms / 1000)
            items = [stand_in.video(video) for video in ids if video not in missing]
            items = [made for made in items if made and "missing" not in deeds]
            answer = {"kind": "youtube#videoListResponse", "etag": etag(str(ids)), "items": items,
                      "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)}}
            answer = trim(answer, query.get("fields", ""))
            # The order is not promised: so it is never that of the question.
            answer.get("items", []).reverse()
            if not any(self.misbehave(deed, answer) for deed in deeds + rules):
                self.send(200, answer)

    def do_GET(self):
        path, _, text = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(text))
        deed = re.fullmatch(BASE + r"(?:/do/([\w:]+))?/videos", path)
        if path == "/control":
            self.send(200, self.server.stand_in.counts())
        elif deed:
            self.list_videos(query, [deed[1]] if deed[1] else [])
        else:
            self.send(404, "<html>Not Found</html>")

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/control":
            return self.send(404, "<html>Not Found</html>")
        if isinstance(sent, list):
            self.server.stand_in.forget_rules()
        for rule in sent if isinstance(sent, list) else [sent]:
            self.server.stand_in.rule(**rule)
        self.send(200, {})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        """Whoever is killed in the middle of a call hangs up: that's what the tests are for."""


# -- all of it --

class StandIn:
    def __init__(self, facts=None, invent=False, latency_ms=0, key=None, port=0):
        self.facts = read_facts(facts) if facts else {}
        self.invent = invent
        self.latency_ms = latency_ms
        self.key = key
        self.asked = collections.Counter()
        self.calls = self.running = self.busiest = 0
        self.rules = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.server = Server(("127.0.0.1", port), Call)
        self.server.stand_in = self
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        self.url = self.host + BASE
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

    def rule(self, do, prefix="", times=None):
        if do not in DEEDS and do != "missing" and not do.startswith("slow:"):
            raise ValueError(f"{do} is none of {', '.join(DEEDS)}, slow:MS, missing")
        with self.lock:
            self.rules.append({"do": do, "prefix": prefix, "times": times})

    def forget_rules(self):
        with self.lock:
            self.rules.clear()

    def video(self, video):
        row = self.facts.get(video)
        if not row and self.invent and not video.startswith("gone"):
            row = invented(video)
        return item(video, row) if row else None

    def counts(self):
        with self.lock:
            return {"calls": self.calls, "asked": dict(self.asked), "busiest": self.busiest}

    def take_rules(self, ids):
        """The deeds for a call, and the ids that are to be missing."""
        deeds, missing = [], set()
        for rule in self.rules:
            hit = [video for video in ids if video.startswith(rule["prefix"])]
            if not hit or rule["times"] == 0:
                continue
            if rule["times"]:
                rule["times"] -= 1
            if rule["do"] == "missing":
                missing.update(hit)
            else:
                deeds.append(rule["do"])
        # Slowness comes first: the rest ends a call.
        return sorted(deeds, key=lambda deed: not deed.startswith("slow:")), missing

    def call(self, ids):
        return Counted(self, ids)


class Counted:
    """A call that is counted as running while it does."""

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
