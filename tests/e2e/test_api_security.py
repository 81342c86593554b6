"""Whatever somebody who means harm can send to bookmarks serve, and that it does none."""
import contextlib
import errno
import http.client
import json
import os
import re
import socket
import sqlite3
import time
import urllib.parse

from e2e.test_openapi import World, body_of, form, operations, serve
from support import tap
from support.serve import Server

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
           "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
           "Cache-Control")
CUT_OFF_S = 90  # by then for certain: 10 s for headers, 20 s for a body


def raw(server, data):
    """Sends bytes as they are; what came back until the server has closed, or cut us off."""
    said = b""
    with socket.create_connection((server.host, server.port), timeout=30) as link:
        try:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            while piece := link.recv(65536):
                said += piece
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN):
                raise
    return said


def status_of(said):
    return int(said.split(b" ", 2)[1]) if said.startswith(b"HTTP/1.1 ") else None


def call(world, method, path, kind=None, body=None, **headers):
    """Status, headers and bytes; Cookie and all else are what the caller says."""
    link = http.client.HTTPConnection(world.server.host, world.server.port, timeout=30)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind:
        sent["Content-Type"] = kind
    link.request(method.upper(), path, body, sent)
    answer = link.getresponse()
    endless = answer.headers["Content-Type"] == "text/event-stream"
    text = b"" if endless else answer.read()
    link.close()
    return answer.status, answer.headers, text


def cookie(world):
    world.log_in()
    return world.server.headers["Cookie"]


def tables(folder):
    """How many rows each table has; also shows that none has gone."""
    with contextlib.closing(sqlite3.connect(os.path.join(folder, "data", "data.db"))) as db:
        names = [name for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


# -- paths --

def no_path_leads_to_a_file(folder):
    with Server(folder, "--no-worker") as server:
        for path in ("/../../../../etc/passwd", "/docs/../../../../etc/passwd", "//etc/passwd",
                     "/docs/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/docs/..%2f..%2f..%2fetc%2fpasswd",
                     "/docs/..\\..\\etc\\passwd", "/%2fetc%2fpasswd", "/docs/docs.css/../../data.db",
                     "/api/lists/..%2f..%2fetc%2fpasswd", "/file:///etc/passwd", "/docs/docs.css%00.html",
                     "/data/data.db", "/docs/%c0%ae%c0%ae/etc/passwd", "http://evil.example/etc/passwd"):
            said = raw(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                               "Connection: close\r\n\r\n".encode())
            assert status_of(said) in (400, 403, 404), (path, said)
            assert b"root:" not in said and b"SQLite format" not in said, (path, said)


# -- sizes and time --

def what_is_too_large_is_refused_and_costs_no_memory(folder):
    with Server(folder, "--no-worker") as server:
        def memory():
            with open(f"/proc/{server.process.pid}/smaps_rollup", encoding="ascii") as file:
                return int(re.search(r"^Pss: +(\d+) kB", file.read(), re.M)[1])
        server.get("/api/lists")
        before = memory()
        head = "POST /api/lists HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        for length in (1024 * 1024 + 1, 2**31, 2**62):
            said = raw(server, f"{head}Content-Length: {length}\r\n\r\n".encode() + b"{" * 4096)
            assert status_of(said) == 413 and b"body_too_large" in said, said
        chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
        said = raw(server, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17 + b"0\r\n\r\n")
        assert status_of(said) in (413, None), said
        said = raw(server, b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_of(said) in (400, 414, 431, None), said
        said = raw(server, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100000 + b"\r\n\r\n")
        assert status_of(said) in (400, 413, 431, None), said
        said = raw(server, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * 20000 + b"\r\n")
        assert status_of(said) in (400, 413, 431, None), said
        nested = b"[" * 500000 + b"]" * 500000
        said = raw(server, f"{head}Content-Length: {len(nested)}\r\nConnection: close\r\n\r\n".encode()
                   + nested)
        assert status_of(said) == 422, said
        assert server.get("/api/lists") == []
        assert memory() - before < 24 * 1024, (before, memory())


def who_is_slow_is_cut_off_and_holds_up_nobody(folder):
    with Server(folder, "--no-worker") as server:
        body = "POST /api/lists HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" \
               "Content-Length: 100000\r\n\r\n"
        crowd = [socket.create_connection((server.host, server.port)) for _ in range(40)]
        for number, link in enumerate(crowd):
            link.sendall(body.encode() if number % 2 else b"GET / HTTP/1.1\r\nX: ")
        end, left = time.monotonic() + CUT_OFF_S, list(crowd)
        while left:
            assert time.monotonic() < end, len(left)
            assert server.get("/api/health") == {"status": "ok"}
            for link in list(left):
                try:
                    link.sendall(b"a")
                    link.settimeout(0.01)
                    if link.recv(65536) == b"":
                        raise ConnectionError
                except TimeoutError:
                    pass
                except ConnectionError:
                    left.remove(link)
        for link in crowd:
            link.close()
        assert server.get("/api/lists") == []


# -- requests that two readers could understand as two --

def no_request_hides_in_another(folder):
    hidden = b'POST /api/lists HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' \
             b'Content-Length: 17\r\n\r\n{"name":"hidden"}'
    head = b"POST /api/lists HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with Server(folder, "--no-worker") as server:
        for lengths in (b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(hidden),
                        b"Content-Length: %d\r\nContent-Length: 0\r\n" % len(hidden),
                        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
                        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
                        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                        b"Transfer-Encoding: identity, chunked\r\n",
                        b"Transfer-Encoding: xchunked\r\n",
                        b"Content-Length: +0\r\n", b"Content-Length: -1\r\n", b"Content-Length: 0x0\r\n",
                        b"Content-Length: 0 0\r\n", b"Content-Length: 0,0\r\n", b"Content-Length: \r\n",
                        b"Content-Length : 0\r\n", b" Content-Length: 0\r\n",
                        b"Content-Length: 99999999999999999999999\r\n"):
            said = raw(server, head + lengths + b"\r\n" + hidden)
            assert status_of(said) in (400, 413, 501, None), (lengths, said)
        for chunks in (b"0x5\r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"5\r\nhello0\r\n\r\n",
                       b"ffffffffffffffffff\r\nhello\r\n0\r\n\r\n", b"5;a\r\nhel"):
            said = raw(server, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
            assert status_of(said) in (400, 413, 422, None), (chunks, said)
        assert server.get("/api/lists") == []


def a_malformed_form_is_refused_everywhere(folder):
    with serve(folder) as server:
        world = World(server)
        bad = (b"", b"--", b"--form", b"--form--", b"--form\r\n\r\n\r\n--form--",
               form({"file": "url\n"})[:-4], form({"file": "url\n"}).replace(b"\r\n", b"\n"),
               b"--form\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nno end",
               b"x" * 100000)
        for method, path, operation in operations(world.document):
            contents = world.resolve(operation.get("requestBody", {})).get("content", {})
            if "multipart/form-data" not in contents:
                continue
            for kind in ("multipart/form-data; boundary=form", "multipart/form-data",
                         "multipart/form-data; boundary=" + "a" * 71):
                for body in bad:
                    status, _, text = call(world, method, world.path(path), kind, body,
                                           Cookie=cookie(world))
                    assert status == 422, (method, path, kind, body[:100], status, text)
        # Where no form is expected, none is taken.
        status, _, _ = call(world, "post", "/api/lists", "multipart/form-data; boundary=form",
                            form({"name": "a"}), Cookie=cookie(world))
        assert status == 415, status


# -- who asks --

def no_other_sites_page_changes_anything(folder):
    with serve(folder) as server:
        world = World(server)
        for method, path, operation in operations(world.document):
            kind, body = body_of(world, operation)
            where, own = world.path(path), cookie(world)
            before = tables(folder)
            for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"},
                            {"Origin": f"http://{server.host}:{server.port}.evil.example"},
                            {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
                status, got, _ = call(world, method, where, kind, body, Cookie=own, **headers)
                assert "Access-Control-Allow-Origin" not in got, (method, path, got.items())
                assert status == 403 or (method == "get" and "Origin" not in headers), (
                    method, path, headers, status)
            if kind == "application/json":
                for form_kind in ("text/plain", "application/x-www-form-urlencoded"):
                    status, _, _ = call(world, method, where, form_kind, body, Cookie=own)
                    assert status == 415, (method, path, form_kind, status)
            assert method == "get" or tables(folder) == before, (method, path)


def a_name_that_was_made_to_lead_here_is_refused(folder):
    with serve(folder) as server:
        world = World(server)
        for method, path, operation in operations(world.document):
            kind, body = body_of(world, operation)
            for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:8460", "localhost@evil",
                         "[::1]evil", "localhost:evil", "LOCALHOST.", ""):
                status, _, _ = call(world, method, world.path(path), kind, body,
                                    Cookie=cookie(world), Host=host)
                assert status in (400, 403), (method, path, host, status)


def nothing_is_told_or_done_without_a_login(folder):
    with serve(folder) as server:
        world = World(server)
        reader = json.loads(server.run("token", "--json", "--read-only", "add", "reader"))["token"]
        for method, path, operation in operations(world.document):
            if operation.get("security") == []:
                continue
            kind, body = body_of(world, operation)
            where = world.path(path)
            before = tables(folder)
            for headers in ({}, {"Cookie": "bookmarks_login="}, {"Cookie": "bookmarks_login=" + "0" * 48},
                            {"Authorization": "Bearer "}, {"Authorization": "Bearer bm_" + "0" * 48},
                            {"Authorization": "Bearer ' OR 1=1 --"}, {"Authorization": "Basic YTpi"},
                            {"Authorization": reader}):
                status, got, text = call(world, method, where, kind, body, **headers)
                assert status == 401 and got["WWW-Authenticate"].startswith("Bearer"), (
                    method, path, headers, status, text)
            status, _, text = call(world, method, where, kind, body, Authorization="Bearer " + reader)
            only_cookie = {"token": []} not in operation.get("security", [{"token": []}])
            # A POST that only asks says so in its description: "x-reads": true.
            reads = method == "get" or operation.get("x-reads", False)
            assert (status == 403) == (only_cookie or not reads) or status in (404, 409, 422), (
                method, path, status, text)
            assert reads or tables(folder) == before, (method, path)


# -- what is put into SQL and headers --

INJECTIONS = ("' OR '1'='1", "'; DROP TABLE lists; --", '" OR ""="', "1; DELETE FROM videos",
              "%' --", "') UNION SELECT value FROM settings --", "\\'; --", "?1", "$1", "{0}", "%s%n",
              "a\r\nX-Evil: 1", "NULL", "😀" * 50)


def with_text(value, text):
    """Copies of an example, each with one of its strings replaced."""
    if isinstance(value, str):
        yield text
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from ({**value, key: changed} for changed in with_text(member, text))
    elif isinstance(value, list):
        for at, member in enumerate(value):
            yield from (value[:at] + [changed] + value[at + 1:] for changed in with_text(member, text))


def judge(world, folder, where, answer):
    status, headers, text = answer
    assert status < 500, (where, status, text)
    assert "X-Evil" not in headers, (where, headers.items())
    assert b"SQL" not in text and b"sqlite" not in text.lower() and b"syntax" not in text, (where, text)


def no_text_gets_out_of_its_place(folder):
    with serve(folder) as server:
        world = World(server)
        kept = world.make_list("kept")
        names = set(tables(folder))
        for method, path, operation in operations(world.document):
            if operation["operationId"] in ("login", "logout"):
                continue  # has limits of its own, and is tried below
            kind, body = body_of(world, operation)
            strings = [each["name"] for each in map(world.resolve, operation["parameters"])
                       if each["in"] == "query"]
            for text in INJECTIONS:
                quoted = urllib.parse.quote(text, safe="")
                own = cookie(world)
                if "{" in path:
                    judge(world, folder, (method, path, text), call(
                        world, method, world.path(path, quoted), kind, body, Cookie=own))
                if method == "get":
                    for name in strings:
                        judge(world, folder, (method, path, name, text), call(
                            world, method, f"{world.path(path)}?{name}={quoted}", Cookie=own))
                if kind == "application/json":
                    for changed in with_text(json.loads(body), text):
                        judge(world, folder, (method, path, changed), call(
                            world, method, world.path(path, "none") if method == "delete"
                            else world.path(path), kind, json.dumps(changed), Cookie=own))
        assert set(tables(folder)) == names
        found = call(world, "get", f"/api/lists/{kept}/videos", Cookie=cookie(world))
        assert found[0] == 200 and len(json.loads(found[2])) == 2, found
        for text in INJECTIONS:
            status, _, _ = call(world, "post", "/api/login", "application/json",
                                json.dumps({"password": text}))
            assert status in (401, 429), (text, status)


def nothing_sent_ends_up_in_a_header(folder):
    with serve(folder) as server:
        world = World(server)
        own = cookie(world)
        for text in ("a%0d%0aX-Evil:%201", "a%0aX-Evil:%201", "%0d%0a%0d%0a<html>"):
            for path in (f"/api/lists/{text}", f"/{text}", f"/api/lists?{text}={text}"):
                status, headers, _ = call(world, "get", path, Cookie=own)
                assert "X-Evil" not in headers and status in (200, 400, 404), (path, headers.items())
        for text in ("a\r\nX-Evil: 1", "a\nX-Evil: 1", 'a"; filename="b', "ü😀"):
            status, headers, body = call(world, "post", "/api/lists", "application/json",
                                         json.dumps({"name": text}), Cookie=own)
            assert "X-Evil" not in headers and status in (201, 422), (text, status)
            if status == 201:
                made = json.loads(body)["id"]
                assert headers["Location"] == f"/api/lists/{made}", headers.items()
                for path in (f"/api/lists/{made}/export/csv", f"/api/lists/{made}/export/json"):
                    _, headers, _ = call(world, "get", path, Cookie=own)
                    assert "X-Evil" not in headers, (path, headers.items())
        status, headers, _ = call(world, "post", "/api/login", "application/json",
                                  json.dumps({"password": world.password()}),
                                  X_Forwarded_Proto="https; Domain=evil.example")
        assert status == 200 and "evil" not in headers["Set-Cookie"], headers.items()


def every_answer_tells_browsers_to_be_careful(folder):
    with serve(folder) as server:
        world = World(server)
        for method, path, operation in operations(world.document):
            kind, body = body_of(world, operation)
            for own in ({}, {"Cookie": cookie(world)}):
                status, headers, _ = call(world, method, world.path(path), kind, body, **own)
                for name in HEADERS:
                    assert name in headers, (method, path, status, name)
                assert headers["Content-Security-Policy"].startswith("default-src 'none'")
                assert headers["X-Content-Type-Options"] == "nosniff"
        for path in ("/", "/docs", "/docs/docs.css", "/none", "/%zz"):
            _, headers, _ = call(world, "get", path)
            assert all(name in headers for name in HEADERS), (path, headers.items())


tap.run(
    no_path_leads_to_a_file,
    what_is_too_large_is_refused_and_costs_no_memory,
    who_is_slow_is_cut_off_and_holds_up_nobody,
    no_request_hides_in_another,
    a_malformed_form_is_refused_everywhere,
    no_other_sites_page_changes_anything,
    a_name_that_was_made_to_lead_here_is_refused,
    nothing_is_told_or_done_without_a_login,
    no_text_gets_out_of_its_place,
    nothing_sent_ends_up_in_a_header,
    every_answer_tells_browsers_to_be_careful,
)
