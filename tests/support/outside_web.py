"""outside_web - youtube.com without a key: oEmbed, feeds, the player and its captions.

A video's id says what it is: "gone..." is deleted, "private...", "noembed..." and "agelimit..." are
that; all others there are.
"""
import json
from xml.sax.saxutils import escape

WORDS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
STATUS = {"gone": 404, "priv": 403, "noem": 401}


def oembed(video):
    code = STATUS.get(video[:4], 200) if len(video) == 11 else 400
    if code != 200:
        return code, WORDS[code]
    return 200, {"title": f"Talk {video}", "author_name": "Invented Talks",
                 "author_url": "https://www.youtube.com/@inventedtalks", "type": "video",
                 "version": "1.0", "provider_name": "YouTube",
                 "provider_url": "https://www.youtube.com/", "height": 113, "width": 200,
                 "thumbnail_url": f"https://i.ytimg.com/vi/{video}/hqdefault.jpg",
                 "thumbnail_height": 360, "thumbnail_width": 480, "html": "<iframe></iframe>"}


def feed(source, count=15):
    if "gone" in source:
        return 404, "<html>Not Found</html>"
    entries = "".join(f"""
 <entry>
  <id>yt:video:f{n:010d}</id>
  <yt:videoId>f{n:010d}</yt:videoId>
  <yt:channelId>{escape(source)}</yt:channelId>
  <title>News {n} &amp; more</title>
  <link rel="alternate" href="https://www.youtube.com/watch?v=f{n:010d}"/>
  <author><name>Invented Talks</name></author>
  <published>2024-02-29T12:00:00+00:00</published>
  <media:group><media:description>About {n}.</media:description>
   <media:community><media:statistics views="{n}"/></media:community></media:group>
 </entry>""" for n in range(count))
    return 200, f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/">
 <yt:channelId>{escape(source[2:])}</yt:channelId>
 <title>Invented Talks</title>{entries}
</feed>
"""


def player(video, host):
    if video.startswith("gone"):
        return 200, {"playabilityStatus": {"status": "ERROR", "reason": "Video unavailable"}}
    if video.startswith("agelimit"):
        return 200, {"playabilityStatus": {"status": "LOGIN_REQUIRED",
                                           "reason": "Sign in to confirm your age"}}
    tracks = [{"baseUrl": f"{host}/web/api/timedtext?v={video}&lang={language}&kind={kind}",
               "languageCode": language, **({"kind": kind} if kind else {}),
               "name": {"simpleText": language}}
              for language, kind in (("de", "asr"), ("en", "asr"), ("en", ""))]
    answer = {"playabilityStatus": {"status": "OK"},
              "videoDetails": {"videoId": video, "title": f"Talk {video}", "lengthSeconds": "1800"}}
    if not video.startswith("silent"):
        answer["captions"] = {"playerCaptionsTracklistRenderer": {"captionTracks": tracks}}
    return 200, answer


def captions(query):
    if query.get("fmt") == "json3":
        return 200, {"events": [
            {"tStartMs": 1000 * n, "dDurationMs": 1000,
             "segs": [{"utf8": f"sentence {n}"}, {"utf8": " of this video"}]} for n in range(60)]}
    return 200, "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nsentence\n"


def answer(path, query, body, host):
    """(status, body) of a call under /web, or None."""
    if path == "/oembed":
        return oembed(query.get("url", "")[-11:])
    if path == "/feeds/videos.xml":
        return feed(query.get("channel_id") or query.get("playlist_id", ""))
    if path == "/youtubei/v1/player":
        return player(json.loads(body or "{}").get("videoId", ""), host)
    if path == "/api/timedtext":
        return captions(query)
    return None
