"""outside_api - the answers of the YouTube Data API: lists, and its errors."""
import csv
import hashlib
import re

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

# An answer of another kind; those without one are done by hand, in outside.Call.misbehave().
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


def list_of(kind, items, fields="", **more):
    answer = {"kind": f"youtube#{kind}ListResponse", "etag": etag(str(items)), "items": items,
              "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)}, **more}
    return trim(answer, fields)


# -- lists: a playlist PLnnn... has as many videos as its digits say --

PLAYLIST = re.compile(r"PL(\d{1,6})[A-Za-z0-9_-]*|U[UC][A-Za-z0-9_-]{22}")


def length_of(playlist):
    return int(PLAYLIST.fullmatch(playlist)[1] or 15)


def playlist_item(playlist, position):
    video = f"v{position:010d}"
    return {"kind": "youtube#playlistItem", "id": etag(playlist + video), "snippet": {
                "publishedAt": "2024-03-01T10:00:00Z", "channelId": "UC" + etag("owner")[:22],
                "title": f"Talk {video}", "playlistId": playlist, "position": position,
                "videoOwnerChannelTitle": "Invented Talks",
                "videoOwnerChannelId": "UC" + etag("Invented Talks")[:22],
                "resourceId": {"kind": "youtube#video", "videoId": video}},
            "contentDetails": {"videoId": video, "videoPublishedAt": "2024-02-29T12:00:00Z"},
            "status": {"privacyStatus": "public"}}


def playlist_items(query):
    playlist, start = query.get("playlistId", ""), query.get("pageToken") or "0"
    if not PLAYLIST.fullmatch(playlist):
        return error(404, "playlistNotFound", "The playlist cannot be found.", "youtube.playlistItem")
    if not start.isdigit():
        return error(400, "invalidPageToken", "Bad Request", "youtube.parameter")
    total, start = length_of(playlist), int(start)
    end = min(total, start + min(50, int(query.get("maxResults", 5))))
    answer = list_of("playlistItem", [playlist_item(playlist, n) for n in range(start, end)])
    answer["pageInfo"]["totalResults"] = total
    if end < total:
        answer["nextPageToken"] = str(end)
    return 200, answer


def playlists(query):
    ids = [one for one in query.get("id", "").split(",") if PLAYLIST.fullmatch(one)]
    return 200, list_of("playlist", [
        {"kind": "youtube#playlist", "id": one, "snippet": {
            "title": f"Playlist {one}", "description": "", "channelTitle": "Invented Talks",
            "channelId": "UC" + etag("owner")[:22], "thumbnails": thumbnails("v0000000000")},
         "contentDetails": {"itemCount": length_of(one)}, "status": {"privacyStatus": "public"}}
        for one in ids])


def channels(query):
    handle = query.get("forHandle", "")
    ids = ["UC" + etag(handle)[:22]] if handle else query.get("id", "").split(",")
    return 200, list_of("channel", [
        {"kind": "youtube#channel", "id": one, "snippet": {
            "title": f"Channel {handle or one}", "description": "Invented.",
            "customUrl": handle or "@" + one[:8].lower(), "publishedAt": "2015-01-01T00:00:00Z",
            "thumbnails": thumbnails("v0000000000")},
         "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": "UU" + one[2:]}},
         "statistics": {"videoCount": "15", "subscriberCount": "7", "viewCount": "1"}}
        for one in ids if one and "gone" not in one])


def search(query):
    words = query.get("q", "")
    return 200, list_of("search", [
        {"kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": f"s{n:010d}"},
         "snippet": {"publishedAt": "2024-02-29T12:00:00Z", "title": f"{words} &amp; more {n}",
                     "channelId": query.get("channelId", "UC" + etag("owner")[:22]),
                     "channelTitle": "Invented Talks", "description": "",
                     "thumbnails": thumbnails(f"s{n:010d}"), "liveBroadcastContent": "none"}}
        for n in range(3)], nextPageToken="more", regionCode="US")


LISTS = {"playlistItems": playlist_items, "playlists": playlists, "channels": channels,
         "search": search}
