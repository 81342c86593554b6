"""The dashboard's API and metrics, on every broker, as its OpenAPI document describes them; and who may call it."""
import base64
import contextlib
import datetime
import decimal
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse

from support import arqlike, prometheus, tap
from support.dashboard import Client, Dashboard
from support.postgres_server import PostgresServer
from support.redis_server import RedisServer
from support.serve import Server

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]
CRON = os.path.join(os.environ["EXAMPLES_DIR"], "cron.so")
ROOT = os.environ["SOURCE_ROOT"]
SAMPLED_S = 20.0  # the server looks each 5 s, a worker tells each second while something changes
ODD = 'a/b c?d#e"<é>\\'
PASSWORD = "correct horse"


def quote(text):
    return urllib.parse.quote(text, safe="")


def basic(password, user="anyone"):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Place:
    """A queue of one of the brokers, a database, and barq there."""

    def __init__(self, folder, url=None):
        self.folder = folder
        self.url = url or "sqlite://" + os.path.join(folder, "queue.db")
        self.env = dict(os.environ, BARQ_URL=self.url, HOME=folder, TZ="UTC",
                        DATABASE_URL="sqlite://" + os.path.join(folder, "data.db"))

    def run(self, *args, code=0):
        said = subprocess.run([BARQ, *args], env=self.env, stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, check=False, text=True)
        assert said.returncode == code, (args, said)
        return said.stdout.strip()

    def enqueue(self, *args):
        return self.run("enqueue", *args)

    @contextlib.contextmanager
    def worker(self, *args, module=PLAYGROUND):
        with open(os.path.join(self.folder, "worker.log"), "ab") as log:
            worker = subprocess.Popen([BARQ, "worker", module, *args], env=self.env,
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield worker
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(40) == 0, worker.returncode
        finally:
            worker.kill()
            worker.wait(10)

    def web(self, *args, **more):
        return Dashboard(self.env, *args, **more)


@contextlib.contextmanager
def place_on(broker, folder):
    if broker == "sqlite":
        yield Place(folder)
    elif broker == "redis":
        with RedisServer(folder) as redis:
            yield Place(folder, redis.url)
    else:
        with PostgresServer(folder) as postgres:
            yield Place(folder, postgres.url)


def on_every_broker(case):
    """Three cases of one."""
    def on(broker):
        def run(folder):
            with place_on(broker, folder) as place:
                case(place)
        run.__name__ = f"{case.__name__}_on_{broker}"
        return run
    return [on(broker) for broker in ("sqlite", "redis", "postgresql")]


def all_pages(web, query):
    """The ids of all pages, and how many pages there were."""
    ids, pages, cursor = [], 0, None
    while pages == 0 or cursor is not None:
        page = web.get(f"/api/jobs?{query}" + (f"&cursor={quote(cursor)}" if cursor else ""))
        ids += [job["id"] for job in page["jobs"]]
        cursor = page["next_cursor"]
        pages += 1
        assert pages < 200, query
    return ids, pages


def until(web, path, happened, deadline_s=SAMPLED_S):
    """Asks for `path` until its answer is as wanted, and returns that."""
    def ask():
        answer = web.get(path)
        return answer if happened(answer) else None
    return tap.wait_until(ask, deadline_s)


# -- what is told --


def everything_is_told_as_described(place):
    with place.web() as web:
        overview = web.get("/api/overview")
        assert overview["workers"] == 0 and overview["can_write"] and not overview["read_only"]
        assert overview["broker"] == place.url.partition(":")[0], overview
        web.get("/api/check")

        added = place.enqueue("add", "1", "2", "--job-id", ODD, "--key", "k", "--priority", "2")
        failed = place.enqueue("fail", '"it is broken"')
        tried = place.enqueue("retry", "1", "0")
        crashed = place.enqueue("crash")
        unknown = place.enqueue('no"such\\function')
        later = place.enqueue("add", "3", "4", "--defer-by", "1000")
        after = place.enqueue("add", "5", "6", "--after", later)
        with place.worker("--executors", "2") as worker:
            running = place.enqueue("sleep", "1000")
            seen = until(web, f"/api/jobs/{running}", lambda job: job["status"] == "in_progress")
            assert seen["worker"].endswith(f":{worker.pid}") and seen["started_at_ms"], seen
            for job in (added, failed, tried, crashed, unknown):
                until(web, f"/api/jobs/{quote(job)}", lambda job: job["finished_at_ms"], 60)

            check_jobs(web, added, failed, tried, crashed, later, after)
            check_lists(web, added, failed, running, later, after)
            check_workers(web, worker, running)
            check_counts(web, crashed)
            check_metrics(web)

            web.post(f"/api/jobs/{running}/abort")
            job = until(web, f"/api/jobs/{running}", lambda job: job["finished_at_ms"])
            assert job["status"] == "failed" and "abort" in job["error"], job
            deeds_on_one(web, failed, later, after)
            deeds_on_many(place, web)
        web.get("/api/limits")
        web.get("/api/limits?queue=nothing")
        web.get("/api/crons")
        everything = {operation["operationId"] for item in web.document["paths"].values()
                      for operation in item.values()}
        assert web.succeeded == everything, everything - web.succeeded


def check_jobs(web, added, failed, tried, crashed, later, after):
    job = web.get(f"/api/jobs/{quote(added)}")
    assert job["id"] == ODD and job["status"] == "complete" and job["result"] == 3, job
    assert job["args"] == [1, 2] and job["kwargs"] == {} and job["args_text"] == "1, 2", job
    assert job["key"] == "k" and job["priority"] == 2 and job["due_at_ms"] is None, job
    assert job["enqueued_at_ms"] <= job["started_at_ms"] <= job["finished_at_ms"], job
    job = web.get(f"/api/jobs/{failed}")
    assert job["status"] == "failed" and "it is broken" in job["error"] and job["history"], job
    job = web.get(f"/api/jobs/{tried}")
    assert job["status"] == "complete" and job["try"] == 2, job
    assert [entry["try"] for entry in job["history"]][:1] == [1], job
    job = web.get(f"/api/jobs/{crashed}")
    assert "SIGSEGV" in job["error"], job
    job = web.get(f"/api/jobs/{later}")
    assert job["status"] == "deferred" and job["due_at_ms"] > job["enqueued_at_ms"], job
    assert web.get(f"/api/jobs/{after}")["waits_for"] == 1
    web.refused("GET", "/api/jobs/nothing", "job_not_found")
    web.refused("GET", "/api/jobs/" + "x" * 600, "job_not_found")


def check_lists(web, added, failed, running, later, after):
    def listed(query):
        return all_pages(web, query)[0]

    assert listed("status=in_progress") == [running]
    assert sorted(listed("status=deferred")) == sorted([later, after])
    assert failed in listed("status=failed") and added not in listed("status=failed")
    assert set(listed("status=finished")) >= {added, failed}
    assert sorted(listed("function=add")) == sorted([added, later, after])
    assert listed("function=add&status=complete") == [added]
    assert listed("search=IT+IS+BROKEN") == [failed]
    assert listed("search=" + quote(ODD)) == [added]  # an id is found at once
    assert listed("search=" + quote(ODD[:5].upper())) == [added]
    assert listed(f"search={quote(ODD)}&status=failed") == []
    assert listed("search=no+such+text") == []
    whole, _ = all_pages(web, "limit=500")
    by_twos, pages = all_pages(web, "limit=2")
    assert sorted(by_twos) == sorted(whole) and len(set(whole)) == len(whole) and pages >= len(whole) // 2
    queue = web.get(f"/api/jobs/{running}")["queue"]
    assert sorted(listed("queue=" + quote(queue))) == sorted(whole)
    assert listed("queue=nothing") == []
    for query in ("limit=0", "limit=501", "limit=many", "status=sleepy", "search=" + "x" * 257,
                  "queue=" + "x" * 300, "cursor=" + quote("no cursor\n{}")):
        problem = web.refused("GET", "/api/jobs?" + query, "invalid")
        assert problem["detail"], problem


def check_workers(web, worker, running):
    def is_calm(answer):
        [told] = answer["workers"]
        states = [place["state"] for place in told["executor_list"][1:]]
        return sorted(states) == ["busy", "idle"] and told["crashes"] > 0

    [told] = until(web, "/api/workers", is_calm)["workers"]
    assert told["name"].endswith(f":{worker.pid}") and told["executors"] == 2, told
    assert told["queues"][0]["weight"] == 1 and told["memory_bytes"] > 100_000, told
    assert [place["number"] for place in told["executor_list"]] == [0, 1, 2], told
    [busy] = [place for place in told["executor_list"] if running in place["running"]]
    assert busy["state"] == "busy" and os.path.exists(f"/proc/{busy['pid']}"), busy
    assert busy["memory_bytes"] > 100_000, busy
    assert told["complete"] >= 2 and told["failed"] >= 2 and told["retried"] >= 1, told


def check_counts(web, crashed):
    def is_counted(answer):
        counted = {each["name"]: each for each in answer["functions"]}
        return (counted.get("add", {}).get("complete") == 1 and counted.get("fail", {}).get("failed") == 1
                and counted.get("crash", {}).get("failed") == 1)

    answer = until(web, "/api/functions", is_counted)
    functions = {each["name"]: each for each in answer["functions"]}
    add = functions["add"]
    assert add["workers"] == 1 and add["ran"]["count"] == 1 == sum(add["ran"]["buckets"]), add
    assert len(add["ran"]["buckets"]) == len(answer["bounds_ms"]) + 1, answer
    assert add["ran"]["p50_ms"] <= add["ran"]["p95_ms"], add
    assert functions["retry"]["retried"] == 1 and functions["retry"]["complete"] == 1, functions
    assert functions["crash"]["crashed"] >= 1, functions["crash"]
    assert functions["sleep"]["ran"]["count"] == 0 and functions["sleep"]["ran"]["p50_ms"] is None, functions

    queue = web.get(f"/api/jobs/{crashed}")["queue"]
    history = until(web, "/api/history", lambda answer: sum(
        sample["completed"] for sample in answer["samples"]) >= 2)
    assert history["step_ms"] == 5000, history
    last = history["samples"][-1]
    assert last["in_progress"] == 1 and last["deferred"] == 2 and last["dead"] >= 2, last
    assert any(sample["run_p95_ms"] is not None for sample in history["samples"]), history
    own = web.get("/api/history?queue=" + quote(queue))["samples"][-1]
    assert own["deferred"] == 2 and own["completed"] is None, own
    assert web.get(f"/api/history?since_ms={last['at_ms']}&queue=nothing")["samples"] == []
    assert web.get("/api/history?span=day")["samples"], "the first sample is told at once"
    web.refused("GET", "/api/history?span=year", "invalid")

    overview = web.get("/api/overview")
    assert overview["totals"]["in_progress"] == 1 and overview["workers"] == 1, overview
    assert overview["executors"] == 2 == overview["threads"], overview
    assert overview["processed"]["complete"] >= 2 and overview["recent"]["complete_per_s"] > 0, overview
    [told] = [each for each in overview["queues"] if each["name"] == queue]
    assert told["workers"] == 1 and told["deferred"] == 2, told


def check_metrics(web):
    families = prometheus.read(web.metrics())
    queue = web.get("/api/queues")["queues"][0]["name"]
    for name, labels, wanted in [
            ("barq_up", {}, 1), ("barq_workers", {}, 1), ("barq_threads", {}, 2),
            ("barq_jobs", {"queue": queue, "state": "in_progress"}, 1),
            ("barq_jobs", {"queue": queue, "state": "deferred"}, 2),
            ("barq_jobs_held", {"queue": queue}, 0), ("barq_queue_paused", {"queue": queue}, 0),
            ("barq_attempts_total", {"function": "add", "outcome": "complete"}, 1),
            ("barq_attempts_total", {"function": "fail", "outcome": "failed"}, 1),
            ("barq_attempts_total", {"function": "retry", "outcome": "retried"}, 1),
            ("barq_run_seconds_count", {"function": "add"}, 1),
            ("barq_run_seconds_bucket", {"function": "add", "le": "+Inf"}, 1),
            ("barq_wait_seconds_count", {"function": "add"}, 1)]:
        assert prometheus.value(families, name, **labels) == wanted, (name, labels)
    assert prometheus.value(families, "barq_executor_crashes_total") >= 1
    assert prometheus.value(families, "barq_attempts_crashed_total", function="crash") >= 1
    assert sum(number for _, _, number in families["barq_executors"].samples) == 2
    assert time.time() - prometheus.value(families, "barq_looked_timestamp_seconds") < 60
    with open(os.path.join(ROOT, "docs/grafana/barq.json"), encoding="utf-8") as file:
        shown = set(re.findall(r"\bbarq_[a-z_]+", " ".join(
            target["expr"] for panel in json.load(file)["panels"] for target in panel.get("targets", []))))
    there = {name for family in families.values() for name, _, _ in family.samples} | set(families)
    assert shown and not shown - there, shown - there


# -- what is done --


def deeds_on_one(web, failed, later, after):
    queue = web.get("/api/queues")["queues"][0]["name"]
    for state in ("pause", "resume"):
        told = web.post(f"/api/queues/{quote(queue)}/{state}")
        assert told["paused"] == (state == "pause"), told
        assert web.get("/api/queues")["queues"][0]["paused"] == told["paused"]
    for state in ("pause", "resume"):
        web.refused("POST", f"/api/queues/nothing/{state}", "queue_not_found")
    assert [each["name"] for each in web.get("/api/queues")["queues"]] == [queue]

    for deed in ("retry", "abort", "delete"):
        web.refused("POST", f"/api/jobs/nothing/{deed}", "job_not_found")
    web.refused("POST", f"/api/jobs/{later}/retry", "job_state")
    web.refused("POST", f"/api/jobs/{failed}/abort", "job_state")
    before = web.get(f"/api/jobs/{failed}")["finished_at_ms"]
    assert web.post(f"/api/jobs/{failed}/retry")["finished_at_ms"] != before
    until(web, f"/api/jobs/{failed}", lambda job: job["status"] == "failed")
    web.post(f"/api/jobs/{after}/delete", status=204)
    web.refused("GET", f"/api/jobs/{after}", "job_not_found")


def go_on(web, request):
    """The same again until there is no cursor; all that was done, and refused."""
    done = refused = 0
    while True:
        answer = web.post("/api/jobs/actions", request)
        done += answer["done"]
        refused += answer["refused"]
        if answer["next_cursor"] is None:
            return done, refused
        request = {**request, "cursor": answer["next_cursor"]}


def deeds_on_many(place, web):
    def count(query):
        return len(all_pages(web, query)[0])

    ids = [place.enqueue("fail", f'"number {i}"') for i in range(4)]
    tap.wait_until(lambda: count("search=number&status=failed") == 4)
    answer = web.post("/api/jobs/actions", {"action": "abort", "ids": [*ids[:2], "nothing"]})
    assert answer["done"] == 0 and answer["refused"] == 3, answer
    assert [each["code"] for each in answer["refusals"]] == ["job_state", "job_state", "job_not_found"], answer
    assert go_on(web, {"action": "retry", "filter": {"search": "number 1"}}) == (1, 0)
    tap.wait_until(lambda: count("search=number&status=failed") == 4)
    answer = web.post("/api/jobs/actions", {"action": "delete", "ids": ids[:1]})
    assert answer["done"] == 1 and answer["next_cursor"] is None, answer
    assert go_on(web, {"action": "delete", "filter": {"function": "fail", "search": "NUMBER"}}) == (3, 0)
    assert count("search=number") == 0

    many = os.path.join(place.folder, "many")
    with open(many, "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"function": "add", "args": [i, i]}) + "\n" for i in range(350))
    place.run("enqueue", "--many", many, "--defer-by", "1000")
    before = count("status=deferred&limit=500")
    assert before >= 350
    assert go_on(web, {"action": "delete", "filter": {"status": "deferred"}}) == (before, 0)
    assert count("status=deferred") == 0
    for body in ({}, {"action": "frob", "ids": ["a"]}, {"action": "retry"}, {"action": "retry", "ids": []},
                 {"action": "retry", "ids": ["a"], "filter": {}}, {"action": "retry", "ids": [1]},
                 {"action": "retry", "ids": ["a\0b"]}, {"action": "retry", "ids": ["a"] * 1001},
                 {"action": "retry", "filter": {"frob": 1}}, {"action": "retry", "filter": []},
                 {"action": "retry", "filter": {}, "cursor": "no cursor"}, {"action": "retry", "x": 1, "ids": ["a"]}):
        web.refused("POST", "/api/jobs/actions", "invalid", body)


def crons_are_told_with_their_next_runs(folder):
    place = Place(folder)
    with place.web() as web, place.worker("--executors", "1", module=CRON):
        crons = until(web, "/api/crons", lambda answer: len(answer["crons"]) >= 2)["crons"]
        report = next(each for each in crons if each["name"] == "report")
        assert report["schedule"] == "30 4 * * mon-fri" or report["schedule"].endswith("mon-fri"), report
        runs = report["next_runs_at_ms"]
        assert len(runs) == 5 and runs == sorted(runs) and runs[0] == report["next_at_ms"], report
        assert not report["is_overdue"], report


# -- what is hostile --


def values_of_python_are_shown_though_json_has_no_word_for_them(folder):
    with RedisServer(folder) as redis:
        place = Place(folder, redis.url)
        zone = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
        job = arqlike.Client(redis.client()).enqueue_job(
            "echo", 2 ** 53 + 1, 10 ** 30, float("inf"), b"\0\xff\x01ab", {1}, {1: {"$set": [1]}}, (1, [2]),
            datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, zone), datetime.datetime(1969, 5, 6, 7, 8),
            decimal.Decimal("1.50"), "nul\0 and \u2028", None, key={"x": 1.5})
        deep = []
        for _ in range(60):
            deep = [deep]
        cut = arqlike.Client(redis.client()).enqueue_job("echo", deep)
        redis.client().set("arq:job:broken", b"\x80\x04garbage")
        redis.client().zadd("arq:queue", {"broken": 1, b"b\xffd": 1})
        redis.client().set(b"arq:job:b\xffd", b"\xc1")
        with place.web() as web:
            told = web.get(f"/api/jobs/{job.job_id}")
            assert told["args"] == [
                {"$integer": "9007199254740993"}, {"$integer": "1" + "0" * 30}, {"$number": "Infinity"},
                {"$bytes": "AP8BYWI="}, {"$set": [1]}, {"$map": [[1, {"$map": [["$set", [1]]]}]]}, [1, [2]],
                {"$timestamp": "2024-05-06T07:08:09.123456-03:30"}, {"$timestamp": "1969-05-06T07:08:00.000000"},
                told["args"][9], "nul\0 and \u2028", None], told["args"]
            assert told["args"][9]["$named"][0] == "decimal.Decimal" and "1.50" in str(told["args"][9]), told
            assert told["kwargs"] == {"key": {"x": 1.5}} and told["args_text"].startswith("9007199254740993"), told
            assert "$cut" in json.dumps(web.get(f"/api/jobs/{cut.job_id}")["args"])
            ids, _ = all_pages(web, "")
            assert {job.job_id, cut.job_id, "broken"} <= set(ids), ids
            web.get("/api/jobs/broken")
            prometheus.read(web.metrics())


def names_of_queues_are_no_part_of_the_metrics_format(folder):
    place = Place(folder)
    names = ['a"b', "back\\slash", "{x=\"1\"} 5", "é ü", "# HELP"]
    for name in names:
        place.enqueue("add", "1", "2", "--queue", name)
    with place.web() as web:
        families = prometheus.read(web.metrics())
        told = {labels["queue"] for _, labels, _ in families["barq_jobs"].samples}
        assert told == set(names), told
        for name in names:
            assert web.post(f"/api/queues/{quote(name)}/pause")["name"] == name
            assert prometheus.value(prometheus.read(web.metrics()), "barq_queue_paused", queue=name) == 1


def a_job_that_is_looked_for_among_many_is_found_in_bounded_steps(folder):
    place = Place(folder)
    many = os.path.join(folder, "many")
    with open(many, "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"function": "add", "args": [i, i]}) + "\n" for i in range(12_000))
        file.write(json.dumps({"function": "needle", "args": []}) + "\n")
    place.run("enqueue", "--many", many)
    with place.web() as web:
        page = web.get("/api/jobs?search=needle")
        assert page["jobs"] == [] and page["next_cursor"] and page["scanned"] <= 5500, page
        ids, pages = all_pages(web, "search=needle")
        assert len(ids) == 1 and 3 <= pages, (ids, pages)


def what_is_large_is_told_in_smaller_pages(folder):
    place = Place(folder)
    with open(os.path.join(folder, "many"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"function": "echo", "args": ["x" * 900_000]}) + "\n" for _ in range(40))
    place.run("enqueue", "--many", file.name)
    with place.web() as web:
        ids, _ = all_pages(web, "limit=500")
        assert len(ids) == len(set(ids)) == 40
        job = web.get(f"/api/jobs/{ids[0]}")
        assert len(job["args"][0]) == 900_000 and len(job["args_text"]) == 201 and job["args_text"][-1] == "…"


def paths_and_methods_that_are_none_are_refused(folder):
    with Place(folder).web() as web:
        for path in ("/api/nothing", "/api/jobs/", "/api/jobs//retry", "/api", "/nothing", "/api/../metrics",
                     "/metrics/", "/api/jobs/a/b"):
            status, _, text, _ = web.exchange("GET", path)
            assert status == 404 and json.loads(text)["code"] == "not_found", (path, status, text)
        status, _, text, headers = web.exchange("GET", "/api/queues/a/pause")
        assert status == 405 and headers["Allow"] == "POST, OPTIONS", (status, text)
        status, _, text, headers = web.exchange("OPTIONS", "/api/jobs")
        assert status == 204 and headers["Allow"] == "GET, HEAD, OPTIONS" and not text, (status, text)
        status, _, text, headers = web.exchange("HEAD", "/api/overview")
        assert status == 200 and not text and int(headers["Content-Length"]) > 100, (status, text)
        for body in (b"", b"[]", b"{", b"\xff", b'{"a":1,"a":1}', b"null", b"[" * 10_000):
            status, _, text, _ = web.exchange("POST", "/api/jobs/actions", body, Content_Type="application/json")
            assert status == 422 and json.loads(text)["code"] == "invalid_body", (body[:20], status, text)
        with socket.create_connection((web.host, web.port), timeout=30) as link:
            link.sendall(b"POST /api/jobs/actions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1100000\r\n\r\n")
            assert link.recv(12) == b"HTTP/1.1 413"
        web.get("/api/queues")


# -- who may --


def other_sites_and_hosts_are_refused(folder):
    with Place(folder).web() as web:
        for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "localhost:80:80"):
            web.refused("GET", "/api/queues", "host_not_served", Host=host)
            assert web.exchange("GET", "/metrics", Host=host)[0] == 403
        for host in ("localhost", f"localhost:{web.port}", "[::1]:1", "LOCALHOST"):
            assert web.ask("GET", "/api/queues", Host=host)[0] == 200, host
        act = ("POST", "/api/jobs/actions")
        body = {"action": "delete", "filter": {}}
        web.refused(*act, "foreign_site", body, Origin="http://evil.example")
        web.refused(*act, "foreign_site", body, Origin="null")
        web.refused("GET", "/api/queues", "foreign_site", Origin="http://evil.example")
        web.refused(*act, "foreign_site", body, Sec_Fetch_Site="cross-site")
        web.refused(*act, "foreign_site", body, Sec_Fetch_Site="same-site")
        web.refused(*act, "media_type", body, Content_Type="text/plain")
        web.refused(*act, "media_type", body, Content_Type="application/x-www-form-urlencoded")
        assert web.ask(*act, body, Origin=f"http://127.0.0.1:{web.port}", Sec_Fetch_Site="same-origin")[0] == 200
        for path in ("/api/queues", "/nothing", "/metrics"):
            _, _, _, headers = web.exchange("GET", path)
            assert headers["Content-Security-Policy"].startswith("default-src 'none'"), headers
            assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
            assert headers["Cache-Control"] == "no-store" and "Access-Control-Allow-Origin" not in headers


def names_can_be_allowed(folder):
    with Place(folder).web(BARQ_WEB_HOSTS="barq.example,other.example") as web:
        assert web.ask("GET", "/api/queues", Host="barq.example")[0] == 200
        web.refused("GET", "/api/queues", "host_not_served", Host="third.example")


def read_only_refuses_every_change(folder):
    place = Place(folder)
    job = place.enqueue("add", "1", "2")
    with place.web("--read-only") as web:
        overview = web.get("/api/overview")
        assert overview["read_only"] and not overview["can_write"]
        changes = [(path, operation) for path, item in web.document["paths"].items()
                   for method, operation in item.items() if method != "get"]
        assert len(changes) == 6, changes
        for path, _ in changes:
            path = path.replace("{queue}", "barq").replace("{id}", job)
            web.refused("POST", path, "read_only", {"action": "delete", "filter": {}})
        assert web.get(f"/api/jobs/{job}")["status"] == "queued"


def a_password_is_asked_for_and_guesses_are_bounded(folder):
    place = Place(folder)
    with place.web(BARQ_WEB_PASSWORD=PASSWORD) as web:
        for path in ("/api/queues", "/metrics", "/", "/api/openapi.json"):
            status, _, text, headers = web.exchange("GET", path)
            assert status == 401 and json.loads(text)["code"] == "login_needed", (status, text)
            assert headers["WWW-Authenticate"] == 'Basic realm="barq", charset="UTF-8"', headers
        for user in ("", "anyone", "üser"):
            assert web.exchange("GET", "/api/queues", Authorization=basic(PASSWORD, user))[0] == 200
        web.headers = {"Authorization": basic(PASSWORD)}
        web.load().post("/api/jobs/actions", {"action": "delete", "filter": {}})
        prometheus.read(web.metrics())
        codes = []
        wrong = [basic("wrong"), basic(PASSWORD + "x"), basic(PASSWORD[:-1]), "Basic ====", "Basic", "Bearer x",
                 "Basic " + "A" * 3000, "Basic " + base64.b64encode(PASSWORD.encode()).decode(), basic("")]
        while len(codes) < 60 and 429 not in codes:
            codes.append(web.exchange("GET", "/api/queues", Authorization=wrong[len(codes) % len(wrong)])[0])
        assert set(codes) == {401, 429} and 10 <= len(codes) <= 41, codes
        status, _, text, headers = web.exchange("GET", "/api/queues", Authorization=basic("wrong"))
        assert status in (401, 429), (status, text)
        # Others are not shut out with it.
        assert web.exchange("GET", "/api/queues", X_Forwarded_For="192.0.2.7")[0] == 200


def a_password_may_be_in_a_file(folder):
    place = Place(folder)
    path = os.path.join(folder, "password")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PASSWORD + "\nand more\n")
    with place.web("--password-file", path, BARQ_WEB_PASSWORD="the other one") as web:
        web.headers = {"Authorization": basic(PASSWORD)}
        web.load().get("/api/queues")
        assert web.exchange("GET", "/api/queues", Authorization=basic("the other one"))[0] == 401


def what_makes_no_sense_is_refused_at_the_start(folder):
    place = Place(folder)
    for args, more, code, said in [
            (("--host", "0.0.0.0"), {}, 2, "others can reach 0.0.0.0: give a password"),
            (("--host", "[::]"), {}, 2, "give a password"),
            ((), {"BARQ_WEB_PASSWORD": "short"}, 2, "8 to 1024 bytes"),
            (("--password-file", "/nothing/there"), {}, 4, "cannot open the file of the password"),
            (("--port", "65536"), {}, 2, "makes no sense"), (("--frob",), {}, 2, "makes no sense"),
            (("word",), {}, 2, "takes no words"), (("--base-path", "x/"), {}, 2, "makes no sense"),
            (("--host", "localhost"), {"BARQ_WEB_PASSWORD": PASSWORD}, 2, "address"),
            (("--url", "frob://x"), {}, 2, "frob")]:
        web = place.web(*args, wait=False, **more)
        assert web.ended() == code and said in web.said, (args, web.process.returncode, web.said)
        assert web.said.startswith("barq: web: ") and web.said.count("\n") == 1, web.said
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        web = place.web("--port", str(taken.getsockname()[1]), wait=False)
        assert web.ended() == 4 and "--port N takes another" in web.said, web.said
    text = place.run("web", "--help")
    assert text.startswith("usage: barq web ") and "--read-only" in text and "example" in text, text


def an_address_elsewhere_and_a_base_path_are_served(folder):
    place = Place(folder)
    with place.web("--host", "0.0.0.0", "--base-path", "/queue", BARQ_WEB_PASSWORD=PASSWORD) as web:
        assert web.mount == "/queue"
        web.headers = {"Authorization": basic(PASSWORD)}
        web.load().get("/api/queues")
        assert web.document["servers"] == [{"url": "/queue"}]
        web.refused("GET", "/api/jobs/nothing", "job_not_found")
        without = Client(web.host, web.port, headers=web.headers)  # as behind a proxy that takes it away
        without.load().get("/api/queues")


def an_address_with_a_password_is_not_in_the_list_of_processes(folder):
    with RedisServer(folder) as redis:
        redis.client().config_set("requirepass", "sesame")
        place = Place(folder)
        with place.web("--url", redis.url.replace("://", "://:sesame@")) as web:
            assert web.get("/api/overview")["broker"] == "redis"
            with open(f"/proc/{web.process.pid}/cmdline", "rb") as line:
                assert b"sesame" not in line.read()


# -- what goes wrong --


def a_broker_that_is_away_is_told_and_found_again(folder):
    with RedisServer(folder, args=["--appendonly", "yes"]) as redis:
        place = Place(folder, redis.url)
        job = place.enqueue("add", "1", "2")
        with place.web() as web:
            web.get(f"/api/jobs/{job}")
            redis.kill()
            web.refused("GET", f"/api/jobs/{job}", "broker_away")
            web.refused("POST", f"/api/jobs/{job}/abort", "broker_away")
            families = prometheus.read(web.metrics())
            assert prometheus.value(families, "barq_up") == 0 and "barq_jobs" not in families, families
            redis.start()
            for _ in range(8):  # more than there are threads
                assert web.get(f"/api/jobs/{job}")["status"] == "queued"
            assert prometheus.value(prometheus.read(web.metrics()), "barq_up") == 1


def barq_itself_carries_no_server(folder):
    """Each worker and each executor is barq, and would carry it along."""
    for program, carries in ((BARQ, False), (BARQ + "-web", True)):
        linked = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
        for name in ("libmicrohttpd", "libgnutls", "libcurl"):
            assert carries or name not in linked, (program, linked)
        assert ("libmicrohttpd" in linked) == carries, linked


def the_document_knows_every_problem(folder):
    with open(os.path.join(ROOT, "web/problem.c"), encoding="utf-8") as source:
        made = set(re.findall(r'\{(\d+), "(\w+)", "([^"]*)"\}', source.read()))
    with Place(folder).web() as web:
        told = {(str(each["status"]), each["code"], each["title"]) for each in web.document["x-problems"]}
    server = {"bad_request", "body_too_large", "no_room"}
    assert told - made == {each for each in told if each[1] in server} and not made - told, made ^ told


# -- in bookmarks --


def bookmarks_shows_its_own_queue(folder):
    with Server(folder, "--no-worker", BOOKMARKS_PASSWORD=PASSWORD) as server:
        web = Client(server.host.strip("[]"), server.port, "/queue")
        assert web.exchange("GET", "/api/overview")[0] == 401
        status, _, text, headers = web.exchange("POST", "/api/login", json.dumps({"password": PASSWORD}),
                                                Content_Type="application/json")
        assert status == 404 or status == 401, (status, text)
        status, _, _, headers = server.exchange("POST", "/api/login", json.dumps({"password": PASSWORD}),
                                                Content_Type="application/json")
        assert status == 200, status
        server.headers = web.headers = {"Cookie": headers["Set-Cookie"].split(";")[0]}
        web.load()
        assert web.document["servers"] == [{"url": "/queue"}]
        tokens = {scope: server.ask("POST", "/api/tokens", {"name": scope, "scopes": ["read", scope]})[1]["token"]
                  for scope in ("read", "write")}
        Place(folder, "sqlite://" + os.path.join(folder, "data", "queue.db")).enqueue("fetch_metadata")
        overview = web.get("/api/overview")
        assert overview["can_write"] and overview["totals"]["queued"] > 0, overview
        queue = overview["queues"][0]["name"]
        assert web.post(f"/api/queues/{quote(queue)}/pause")["paused"]
        prometheus.read(web.metrics())
        web.refused("GET", "/api/jobs/nothing", "job_not_found")
        status, _, text, _ = web.exchange("POST", f"/api/queues/{quote(queue)}/resume", Origin="http://evil.example")
        assert status == 403 and json.loads(text)["code"] == "foreign_site", (status, text)

        web.headers = {"Authorization": "Bearer " + tokens["read"]}
        assert not web.get("/api/overview")["can_write"]
        status, _, text, _ = web.exchange("POST", f"/api/queues/{quote(queue)}/resume")
        assert status == 403 and json.loads(text)["code"] == "insufficient_scope", (status, text)
        assert web.get("/api/queues")["queues"][0]["paused"]
        web.headers = {"Authorization": "Bearer " + tokens["write"]}
        assert not web.post(f"/api/queues/{quote(queue)}/resume")["paused"]
        web.headers = {"Authorization": "Bearer nothing"}
        assert web.exchange("GET", "/metrics")[0] == 401


tap.run(
    *on_every_broker(everything_is_told_as_described),
    crons_are_told_with_their_next_runs,
    values_of_python_are_shown_though_json_has_no_word_for_them,
    names_of_queues_are_no_part_of_the_metrics_format,
    a_job_that_is_looked_for_among_many_is_found_in_bounded_steps,
    what_is_large_is_told_in_smaller_pages,
    paths_and_methods_that_are_none_are_refused,
    other_sites_and_hosts_are_refused,
    names_can_be_allowed,
    read_only_refuses_every_change,
    a_password_is_asked_for_and_guesses_are_bounded,
    a_password_may_be_in_a_file,
    what_makes_no_sense_is_refused_at_the_start,
    an_address_elsewhere_and_a_base_path_are_served,
    an_address_with_a_password_is_not_in_the_list_of_processes,
    a_broker_that_is_away_is_told_and_found_again,
    barq_itself_carries_no_server,
    the_document_knows_every_problem,
    bookmarks_shows_its_own_queue,
)
