"""bookmarks serve from outside: its API, whom it refuses, its worker, its end."""
import http.client
import json
import os
import resource
import signal
import socket
import subprocess

from support import outside
from support import tap
from support.serve import BIN, ROOT, Server, environment


def finished(server, job):
    def ask():
        told = server.get(f"/api/jobs/{job}")
        return told if told["status"] != "running" else None
    return tap.wait_until(ask, 60)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


# -- calls --

def a_list_is_made_and_found(folder):
    with Server(folder, "--no-worker") as server:
        assert server.get("/api/health") == {"status": "ok"}
        assert "POST /api/lists/{id}/process" in server.get("/api")["calls"]
        assert server.get("/api/lists") == []

        status, made = server.ask("POST", "/api/lists", {"name": "Grüße"})
        assert status == 201 and made["name"] == "Grüße" and made["video_count"] == 0, made
        assert server.get("/api/lists") == [made]
        assert server.get("/api/lists/" + made["id"]) == made
        assert server.get(f"/api/lists/{made['id']}/videos") == []


def what_makes_no_list_is_refused(folder):
    with Server(folder, "--no-worker") as server:
        server.ask("POST", "/api/lists", {"name": "one"})
        for body, expected in (({"name": "one"}, 409), ({"name": ""}, 422), ({"name": 1}, 422),
                               ({"name": "x" * 256}, 422), ({"name": "a\0b"}, 422),
                               ({"name": "a\x1b[2J"}, 422), ({"name": "two", "template": 5}, 422),
                               ({}, 422), ([], 422), ("one", 422),
                               ({"name": "two", "template": "none such"}, 422)):
            status, answer = server.ask("POST", "/api/lists", body)
            assert status == expected and answer["detail"], (body, status, answer)
        assert len(server.get("/api/lists")) == 1


def a_list_is_processed_by_its_worker(folder):
    with Server(folder) as server:
        talks = server.fill()
        status, job = server.ask("POST", f"/api/lists/{talks}/process")
        assert status == 201 and job["total_videos"] == 300, (status, job)

        told = finished(server, job["job_id"])
        assert told == {"id": job["job_id"], "list_id": talks, "total_videos": 300,
                        "processed_count": 300, "failed_count": 0, "status": "completed"}, told
        status, answer = server.ask("POST", f"/api/lists/{talks}/process", {})
        assert status == 400 and answer["code"] == "nothing_pending", answer
        assert answer["detail"] == "No pending videos to process", answer


def failed_videos_are_counted(folder):
    with outside.StandIn(os.path.join(ROOT, "examples", "facts.csv")) as stand_in:
        stand_in.rule("missing", prefix="4riqJcrDVcw")
        with Server(folder, BOOKMARKS_YOUTUBE_URL=stand_in.url, YOUTUBE_API_KEY="k") as server:
            talks = server.fill()
            _, job = server.ask("POST", f"/api/lists/{talks}/process")
            told = finished(server, job["job_id"])
            assert told["status"] == "completed_with_errors", told
            assert (told["processed_count"], told["failed_count"]) == (299, 1), told
            failed = server.get(f"/api/lists/{talks}/videos?status=failed")
            assert [video["youtube_id"] for video in failed] == ["4riqJcrDVcw"], failed
            assert "YouTube" in failed[0]["error"], failed
            assert stand_in.calls == 6, stand_in.calls

            path = f"/api/lists/{talks}/process"
            for body in ({"failed": 1}, {"again": "yes"}, []):
                status, answer = server.ask("POST", path, body)
                assert status == 422 and answer["detail"], (body, status, answer)
            status, job = server.ask("POST", path, {"failed": True})
            assert status == 201 and job["total_videos"] == 1, (status, job)
            assert finished(server, job["job_id"])["failed_count"] == 1


def videos_come_in_pages(folder):
    with Server(folder, "--no-worker") as server:
        talks = server.fill()
        path = f"/api/lists/{talks}/videos"
        every = server.get(path)
        assert len(every) == 300 and all(video["status"] == "pending" for video in every)

        seen, after = [], 0
        while True:
            page = server.get(f"{path}?limit=77&after={after}")
            if not page:
                break
            assert len(page) <= 77
            seen += page
            after = page[-1]["position"]
        assert seen == every
        for query in ("limit=0", "limit=1001", "limit=x", "after=-1", "status=odd"):
            status, answer = server.ask("GET", f"{path}?{query}")
            assert status == 422 and answer["detail"], (query, status, answer)


def a_refusal_is_a_problem_with_a_code(folder):
    with Server(folder, "--no-worker") as server:
        status, kind, text, _ = server.exchange("GET", "/api/lists/none")
        assert (status, kind) == (404, "application/problem+json"), (status, kind)
        assert json.loads(text) == {
            "type": "/docs#problem-list_not_found", "title": "List not found", "status": 404,
            "code": "list_not_found", "detail": "There is no list none"}, text
        _, _, text, _ = server.exchange("POST", "/api/lists", b'{"template": 1}',
                                        Content_Type="application/json")
        assert json.loads(text)["errors"] == [
            {"pointer": "#/name", "detail": "is missing: it must be a string"},
            {"pointer": "#/template", "detail": "must be a string without NUL characters"}], text


def each_method_is_answered(folder):
    with Server(folder, "--no-worker") as server:
        status, kind, text, headers = server.exchange("OPTIONS", "/api/lists")
        assert (status, kind, text) == (204, None, b""), (status, kind, text)
        assert headers["Allow"] == "GET, HEAD, POST, OPTIONS", headers.items()
        status, _, text, headers = server.exchange("DELETE", "/api/lists")
        assert status == 405 and headers["Allow"] == "GET, HEAD, POST, OPTIONS", (status, text)
        status, kind, text, headers = server.exchange("HEAD", "/api/lists")
        assert (status, kind, text) == (200, "application/json", b""), (status, kind, text)
        assert headers["Content-Length"] == "2", headers.items()
        status, _, text, headers = server.exchange("POST", "/api/lists", b'{"name": "one"}',
                                                   Content_Type="application/json")
        made = json.loads(text)
        assert status == 201 and headers["Location"] == "/api/lists/" + made["id"], headers.items()
        assert server.get("/api/lists/%6fne") == made


def what_is_not_there_is_told(folder):
    with Server(folder, "--no-worker") as server:
        for method, path, expected in (
                ("GET", "/none.html", 404), ("GET", "/api/lists/", 404), ("GET", "/api/lists/none", 404),
                ("GET", "/api/lists/none/videos", 404), ("POST", "/api/lists/none/process", 404),
                ("GET", "/api/jobs/none", 404), ("GET", "/api/lists/a/b/c", 404),
                ("DELETE", "/api/lists", 405), ("GET", "/api/lists/none/process", 405),
                ("GET", "/api/jobs/" + "x" * 300, 404)):
            status, answer = server.ask(method, path)
            assert status == expected and answer["detail"], (method, path, status, answer)


# -- whom it refuses --

def other_sites_are_refused(folder):
    with Server(folder, "--no-worker") as server:
        own = f"http://127.0.0.1:{server.port}"
        body = {"name": "one"}
        for headers, expected in (
                ({"Host": "evil.example"}, 403), ({"Host": "localhost.evil.example"}, 403),
                ({"Host": "127.0.0.1.evil.example:80"}, 403), ({"Host": "[::1"}, 403),
                ({"Host": "127.0.0.1:@evil.example"}, 403),
                ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
                ({"Origin": own + "0"}, 403), ({"Content_Type": "text/plain"}, 415),
                ({"Content_Type": "application/jsonp"}, 415)):
            status, answer = server.ask("POST", "/api/lists", body, **headers)
            assert status == expected and answer["detail"], (headers, status, answer)
        assert server.get("/api/lists") == []

        for n, headers in enumerate((
                {"Origin": own}, {"Host": "localhost"}, {"Host": "LOCALHOST:1"},
                {"Host": "[::1]:8460"}, {"Content_Type": "application/json; charset=utf-8"})):
            status, answer = server.ask("POST", "/api/lists", {"name": str(n)}, **headers)
            assert status == 201, (headers, status, answer)


def names_can_be_allowed(folder):
    with Server(folder, "--no-worker", BOOKMARKS_HOSTS="a.example,b.example") as server:
        for host, expected in (("a.example", 200), ("B.example:80", 200), ("b.exampl", 403),
                               (",", 403), ("a.example,b.example", 403), (":80", 403)):
            status, _ = server.ask("GET", "/api/health", Host=host)
            assert status == expected, (host, status)
        status, _ = server.ask("GET", "/api/health", Host="a.example", Origin="https://a.example")
        assert status == 200, status


def a_body_that_is_no_json_is_refused(folder):
    with Server(folder, "--no-worker") as server:
        for text in ("", "{", '{"name": "a", "name": "b"}', "\x00", "[" * 1000):
            link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            link.request("POST", "/api/lists", text, {"Content-Type": "application/json"})
            answer = link.getresponse()
            assert answer.status == 422, (text[:20], answer.status)
            assert json.loads(answer.read())["detail"]
            link.close()


# -- its life --

def a_worker_that_dies_is_started_again(folder):
    with Server(folder) as server:
        first = tap.wait_until(server.worker)
        os.kill(first, signal.SIGKILL)
        tap.wait_until(lambda: server.worker() not in (None, first))
        talks = server.fill()
        _, job = server.ask("POST", f"/api/lists/{talks}/process")
        assert finished(server, job["job_id"])["status"] == "completed"


def it_ends_in_peace_with_its_worker(folder):
    for how in (signal.SIGTERM, signal.SIGINT):
        server = Server(folder)
        worker = tap.wait_until(server.worker)
        idle = socket.create_connection(("127.0.0.1", server.port))
        assert server.stop(how) == 0, server.said()
        assert not is_alive(worker)
        idle.close()


def its_worker_does_not_outlive_a_killed_server(folder):
    server = Server(folder)
    # It answers for itself once it has jobs to do; before, it may not have come to its own code.
    talks = server.fill()
    _, job = server.ask("POST", f"/api/lists/{talks}/process")
    finished(server, job["job_id"])
    worker = server.worker()
    assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    tap.wait_until(lambda: not is_alive(worker), 30)


def a_port_in_use_and_a_wrong_call_are_told(folder):
    def fails(code, words, *args, **more):
        done = subprocess.run([BIN, "serve", *args], env=environment(folder, **more), text=True,
                              capture_output=True, timeout=60)
        assert done.returncode == code and words in done.stderr, (args, done)

    with Server(folder, "--no-worker") as server:
        fails(1, "in use by another program; --port N", "--port", str(server.port), "--no-worker")
    fails(2, "usage", "--port", "65536")
    fails(2, "usage", "--port", "x")
    fails(2, "usage", "more")
    fails(2, "usage", "--listen", "nowhere")
    fails(1, "no address", "--listen", "example.org:0", BOOKMARKS_PASSWORD="correct horse")
    fails(2, "no base path", "--base-path", "videos")
    fails(2, "BOOKMARKS_LISTEN", BOOKMARKS_LISTEN="nowhere")


def it_listens_where_it_is_told(folder):
    process = subprocess.Popen([BIN, "serve", "--no-worker"], text=True, stdout=subprocess.PIPE,
                               env=environment(folder, BOOKMARKS_LISTEN="127.0.0.2:0"))
    port = int(process.stdout.readline().removeprefix("serving http://127.0.0.2:"))
    link = http.client.HTTPConnection("127.0.0.2", port, timeout=30)
    link.request("GET", "/api/health")
    assert link.getresponse().status == 200
    link.close()
    process.terminate()
    assert process.wait(30) == 0
    process.stdout.close()


def others_are_served_only_with_a_password(folder):
    for listen in ("0.0.0.0:0", "[::]:0"):
        done = subprocess.run([BIN, "serve", "--no-worker", "--listen", listen], text=True,
                              env=environment(folder), capture_output=True, timeout=60)
        assert done.returncode == 1 and "set a password first" in done.stderr, done
    done = subprocess.run([BIN, "password"], input="correct horse\n", text=True,
                          env=environment(folder), capture_output=True, timeout=60)
    assert done.returncode == 0, done
    with Server(folder, "--no-worker", "--listen", "0.0.0.0:0") as server:
        assert server.ask("GET", "/api/lists")[0] == 401
        assert server.ask("POST", "/api/login", {"password": "wrong horse"})[0] == 401
        status, _, _, headers = server.exchange("POST", "/api/login", b'{"password":"correct horse"}',
                                                Content_Type="application/json")
        assert status == 200, status
        cookie = headers["Set-Cookie"].split(";")[0]
        assert server.ask("GET", "/api/lists", Cookie=cookie) == (200, [])
        # Taken away while it serves, nobody is let in.
        server.run("password", "--remove")
        assert server.ask("GET", "/api/lists", Cookie=cookie)[0] == 401
        assert server.ask("GET", "/api/lists")[0] == 401


def tokens_are_made_by_command(folder):
    with Server(folder, "--no-worker", BOOKMARKS_PASSWORD="correct horse") as server:
        token = server.run("token", "add", "script").strip()
        made = json.loads(server.run("token", "--json", "--read-only", "--days", "7", "add", "reader"))
        assert made["scopes"] == ["read"] and made["expires_at"], made
        for secret, expected in ((token, 201), (made["token"], 403), ("bm_none", 401)):
            status, answer = server.ask("POST", "/api/lists", {"name": secret},
                                        Authorization="Bearer " + secret)
            assert status == expected, (secret, status, answer)
        said = server.run("token", "list")
        assert "script" in said and "read write" in said and token not in said, said
        assert len(json.loads(server.run("token", "--json", "list"))) == 2
        server.run("token", "revoke", "script")
        assert server.ask("GET", "/api/lists", Authorization="Bearer " + token)[0] == 401
        assert "no token script" in server.run("token", "revoke", "script", code=1)
        assert "usage" in server.run("token", "add", code=2)
        assert "usage" in server.run("token", "--days", "0", "add", "x", code=2)


def passwords_are_set_by_command(folder):
    def password(text, code=0, *args):
        done = subprocess.run([BIN, "password", *args], input=text, text=True,
                              env=environment(folder), capture_output=True, timeout=60)
        assert done.returncode == code, done
        return done.stdout + done.stderr

    assert "8 to 1024 bytes" in password("short\n", 1)
    assert "none was given" in password("", 1)
    assert "is set" in password("long enough\n")
    assert "no password any more" in password("", 0, "--remove")
    assert "usage" in password("", 2, "more")


def settings_are_made_by_command_and_tried(folder):
    with outside.StandIn(os.path.join(ROOT, "examples", "facts.csv"), True) as stand_in:
        with Server(folder, "--no-worker", BOOKMARKS_YOUTUBE_URL=stand_in.url) as server:
            server.run("settings", "set", "youtube_api_key", stdin="a-long-secret-key-1234\n")
            server.run("settings", "set", "openai_model", "qwen3:8b")
            said = server.run("settings")
            assert "...1234" in said and "qwen3:8b" in said and "secret" not in said, said
            assert json.loads(server.run("settings", "--json")) == server.get("/api/settings")
            status, answer = server.ask("POST", "/api/settings/test", {"service": "youtube"})
            assert status == 200 and answer["works"], answer
            stand_in.rule("API_KEY_INVALID")
            status, answer = server.ask("POST", "/api/settings/test", {"service": "youtube"})
            assert status == 200 and not answer["works"] and "secret" not in str(answer), answer
            server.run("settings", "set", "openai_base_url", stand_in.openai)
            server.run("settings", "set", "openai_model", "local")
            status, answer = server.ask("POST", "/api/settings/test", {"service": "model"})
            assert status == 200 and answer["works"], answer
            assert stand_in.counts()["places"]["openai"] > 0
            server.run("settings", "unset", "youtube_api_key")
            assert not server.get("/api/settings")["youtube_api_key"]["set"]
            assert "no setting x" in server.run("settings", "set", "x", "y", code=1)
            assert "must be" in server.run("settings", "set", "daily_budget", "y", code=1)
            assert "usage" in server.run("settings", "show", code=2)


def a_thousand_connections_are_too_many_and_harm_nobody(folder):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
    with Server(folder, "--no-worker") as server:
        crowd = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(1000)]
        for link in crowd[:900]:
            link.close()
        assert server.get("/api/health") == {"status": "ok"}
        for link in crowd[900:]:
            link.close()


tap.run(
    a_list_is_made_and_found,
    what_makes_no_list_is_refused,
    a_list_is_processed_by_its_worker,
    failed_videos_are_counted,
    videos_come_in_pages,
    a_refusal_is_a_problem_with_a_code,
    each_method_is_answered,
    what_is_not_there_is_told,
    other_sites_are_refused,
    names_can_be_allowed,
    a_body_that_is_no_json_is_refused,
    a_worker_that_dies_is_started_again,
    it_ends_in_peace_with_its_worker,
    its_worker_does_not_outlive_a_killed_server,
    a_port_in_use_and_a_wrong_call_are_told,
    it_listens_where_it_is_told,
    others_are_served_only_with_a_password,
    tokens_are_made_by_command,
    passwords_are_set_by_command,
    settings_are_made_by_command_and_tried,
    a_thousand_connections_are_too_many_and_harm_nobody,
)
