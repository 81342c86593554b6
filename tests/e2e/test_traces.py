"""Jobs in traces, with real workers, and a collector of spans that is this program."""
import contextlib
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from support import tap

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{PARENT}-01"
UNSAMPLED = f"00-{TRACE}-{PARENT}-00"
ERROR = 2
CONSUMER = 5
DEADLINE_S = 30


class Collector:
    """Takes what is posted to /v1/traces; `answers` are (status, body) for the next requests, 200 after them."""

    def __init__(self):
        self.requests = []
        self.answers = []
        self.gate = threading.Event()
        self.gate.set()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.gate.wait(DEADLINE_S)
                status, answer = collector.answers.pop(0) if collector.answers else (200, b"{}")
                collector.requests.append((self.path, dict(self.headers), json.loads(body), status))
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()

    def spans(self):
        """Those that were taken."""
        return [span for _, _, body, status in list(self.requests) if status == 200
                for resource in body["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]

    def wait_spans(self, count):
        spans = tap.wait_until(lambda: len(self.spans()) >= count and self.spans(), DEADLINE_S)
        assert len(spans) == count, spans
        return spans


class Place:
    def __init__(self, folder, endpoint=None, **env):
        self.folder = folder
        self.log_path = os.path.join(folder, "log")
        self.env = {name: value for name, value in os.environ.items()
                    if not name.startswith(("OTEL_", "TRACE"))}
        self.env.update(BARQ_URL="sqlite://" + os.path.join(folder, "queue.db"), HOME=folder,
                        DATABASE_URL="sqlite://" + os.path.join(folder, "data.db"))
        self.worker_env = dict(self.env, OTEL_BSP_SCHEDULE_DELAY="50", **env)
        if endpoint:
            self.worker_env["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
        self.workers = []

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for worker in self.workers:
            worker.kill()
            worker.wait(DEADLINE_S)
        if kind:
            print(self.log())

    def worker(self, *args):
        with open(self.log_path, "ab") as log:
            self.workers.append(subprocess.Popen(
                [BARQ, "worker", PLAYGROUND, "--executors", "2", "-v", *args], env=self.worker_env,
                stdin=subprocess.DEVNULL, stderr=log))
        return self.workers[-1]

    def stop(self):
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        codes = [worker.wait(DEADLINE_S) for worker in self.workers]
        self.workers = []
        assert not any(codes), codes

    def log(self):
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()

    def barq(self, *args, code=0, **env):
        said = subprocess.run([BARQ, *args], env=dict(self.env, **env), stdin=subprocess.DEVNULL,
                              timeout=60, capture_output=True, check=False)
        assert said.returncode == code, (args, said)
        return (said.stderr if code else said.stdout).decode().strip()

    def trace_of(self, *args, **env):
        """[traceparent, tracestate] as a handler has seen them."""
        return json.loads(self.barq("enqueue", "trace", *args, "--wait=30", **env))


@contextlib.contextmanager
def collector():
    made = Collector()
    try:
        yield made
    finally:
        made.close()


def exporter_of(worker):
    """The process id of its barq-otlp, or None."""
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if entry.isdigit():
                with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                    name, rest = re.fullmatch(r"\d+ \((.*)\) (.*)", file.read().strip()).groups()
                if name == "barq-otlp" and int(rest.split()[1]) == worker.pid:
                    return int(entry)
    return None


def attributes(span):
    return {pair["key"]: next(iter(pair["value"].values())) for pair in span["attributes"]}


def one(spans, **wanted):
    """The span whose name, outcome, id or try is this."""
    keys = {"outcome": "barq.outcome", "id": "messaging.message.id", "job_try": "barq.try"}
    found = [span for span in spans
             if all((span["name"] if name == "name" else attributes(span).get(keys[name])) == value
                    for name, value in wanted.items())]
    assert len(found) == 1, (wanted, spans)
    return found[0]


# -- without an exporter --


def a_trace_goes_from_who_enqueues_to_the_handler(folder):
    with Place(folder) as place:
        place.worker()
        assert place.trace_of() == [None, None]
        assert place.trace_of("--traceparent", SAMPLED) == [SAMPLED, None]
        assert place.trace_of(TRACEPARENT=UNSAMPLED, TRACESTATE="congo=t61") == [UNSAMPLED, "congo=t61"]
        assert place.trace_of("--traceparent", SAMPLED, TRACEPARENT=UNSAMPLED,
                              TRACESTATE="congo=t61") == [SAMPLED, None]
        assert place.trace_of(TRACEPARENT="what is this?", TRACESTATE="congo=t61") == [None, None]
        assert place.trace_of(TRACEPARENT=SAMPLED, TRACESTATE="what is this?") == [SAMPLED, None]
        said = place.barq("enqueue", "trace", "--traceparent", SAMPLED.upper(), code=2)
        assert "--traceparent" in said, said
        place.stop()
        assert exporter_lines(place) == []


def exporter_lines(place):
    return [line for line in place.log().splitlines() if "span" in line]


def many_jobs_of_a_file_are_each_of_their_trace(folder):
    with Place(folder) as place:
        path = os.path.join(folder, "jobs")
        with open(path, "w", encoding="utf-8") as file:
            print(json.dumps({"function": "trace", "id": "own", "traceparent": UNSAMPLED}), file=file)
            print(json.dumps({"function": "trace", "id": "all"}), file=file)
        place.barq("enqueue", "--many", path, TRACEPARENT=SAMPLED, TRACESTATE="congo=t61")
        place.worker("--burst").wait(DEADLINE_S)
        assert json.loads(place.barq("result", "own")) == [UNSAMPLED, None]
        assert json.loads(place.barq("result", "all")) == [SAMPLED, "congo=t61"]
        with open(path, "w", encoding="utf-8") as file:
            print(json.dumps({"function": "trace", "traceparent": "00"}), file=file)
        assert "traceparent" in place.barq("enqueue", "--many", path, code=2)


# -- with one --


def a_chain_of_jobs_is_one_trace(folder):
    with collector() as sink, Place(folder, sink.url, OTEL_SERVICE_NAME="shop",
                                    OTEL_EXPORTER_OTLP_HEADERS="X-Key=a%20secret,b=c",
                                    OTEL_RESOURCE_ATTRIBUTES="deployment.environment=test") as place:
        before = time.time_ns()
        place.worker()
        top = place.barq("enqueue", "count_all", "a", "b", "--traceparent", SAMPLED)
        place.barq("result", top, "--timeout", "30")
        spans = sink.wait_spans(4)
        parent = one(spans, name="count_all")
        assert parent["traceId"] == TRACE and parent["parentSpanId"] == PARENT, parent
        assert parent["kind"] == CONSUMER and "status" not in parent, parent
        assert before < int(parent["startTimeUnixNano"]) <= int(parent["endTimeUnixNano"]), parent
        assert attributes(parent) == {
            "messaging.system": "barq", "messaging.operation.type": "process",
            "messaging.operation.name": "process", "messaging.destination.name": "barq",
            "messaging.message.id": top, "barq.try": "1", "barq.outcome": "complete"}, parent
        children = [span for span in spans if span["name"] == "count"]
        assert len(children) == 3
        for child in children:
            assert child["traceId"] == TRACE and child["parentSpanId"] == parent["spanId"], child
            assert attributes(child)["barq.outcome"] == "complete"
        ids = {span["spanId"] for span in spans}
        assert len(ids) == 4 and all(re.fullmatch("[0-9a-f]{16}", span) for span in ids), ids

        path, headers, body, _ = sink.requests[0]
        assert path == "/v1/traces" and headers["Content-Type"] == "application/json"
        assert headers["X-Key"] == "a secret" and headers["b"] == "c", headers
        said = attributes(body["resourceSpans"][0]["resource"])
        assert said["service.name"] == "shop" and said["deployment.environment"] == "test", said
        assert body["resourceSpans"][0]["scopeSpans"][0]["scope"]["name"] == "barq"
        place.stop()
        assert "secret" not in place.log()


def a_handler_sees_its_own_span(folder):
    with collector() as sink, Place(folder, sink.url) as place:
        place.worker()
        seen, state = place.trace_of(TRACEPARENT=SAMPLED, TRACESTATE="congo=t61")
        span, = sink.wait_spans(1)
        assert seen == f"00-{TRACE}-{span['spanId']}-01" and state == "congo=t61"
        assert span["parentSpanId"] == PARENT and span["traceState"] == "congo=t61", span


def what_is_of_no_trace_begins_one_and_what_is_not_sampled_is_only_carried(folder):
    with collector() as sink, Place(folder, sink.url) as place:
        place.worker()
        assert place.trace_of("--traceparent", UNSAMPLED) == [UNSAMPLED, None]
        seen, _ = place.trace_of()
        span, = sink.wait_spans(1)
        assert "parentSpanId" not in span and span["traceId"] != TRACE, span
        assert seen == f"00-{span['traceId']}-{span['spanId']}-01", (seen, span)
        place.stop()
        assert len(sink.spans()) == 1


def each_way_to_end_is_told_without_a_word_of_the_jobs_own(folder):
    with collector() as sink, Place(folder, sink.url) as place:
        enqueue = lambda *args: place.barq("enqueue", *args, "--traceparent", SAMPLED)
        ids = {name: enqueue(*args) for name, args in {
            "failed": ("fail", "a-secret-word"), "retried": ("retry", "2"), "crashed": ("crash",),
            "unknown": ("nobody-knows-it",), "gone": ("noop", "--expires", "0.001")}.items()}
        place.worker()
        for name in ids:
            code = 0 if name == "retried" else 1
            place.barq("result", ids[name], "--timeout", "60", code=code)
        place.stop()
        spans = sink.spans()
        assert all(span["traceId"] == TRACE and span["parentSpanId"] == PARENT for span in spans)

        failed = [span for span in spans if span["name"] == "fail"][-1]
        assert attributes(failed)["barq.outcome"] == "failed", failed
        assert attributes(failed)["error.type"] == "error", failed
        assert failed["status"] == {"code": ERROR, "message": "error"}, failed

        tries = [attributes(span) for span in spans if span["name"] == "retry"]
        assert [said["barq.outcome"] for said in tries][-1] == "complete", tries
        assert {said["barq.outcome"] for said in tries[:-1]} == {"retry"}, tries
        assert [int(said["barq.try"]) for said in tries] == list(range(1, len(tries) + 1)), tries

        crashes = [span for span in spans if span["name"] == "crash"]
        assert len(crashes) == 3, crashes
        for span in crashes:
            assert attributes(span)["barq.outcome"] == "crashed", span
            assert attributes(span)["error.type"] == "crash", span
            assert span["status"]["message"].startswith("killed by SIG"), span

        for name, id in (("nobody-knows-it", ids["unknown"]), ("noop", ids["gone"])):
            assert attributes(one(spans, name=name, id=id))["error.type"] == "refused"
        assert "secret" not in json.dumps(sink.requests)


def what_runs_past_its_time_is_told_so(folder):
    with collector() as sink, Place(folder, sink.url) as place:
        place.worker()
        id = place.barq("enqueue", "hang", "--traceparent", SAMPLED)
        tap.wait_until(lambda: place.barq("status", id) == "in_progress")
        place.barq("abort", id)
        span, = sink.wait_spans(1)
        assert attributes(span)["error.type"] == "aborted", span


# -- when it goes wrong --


def no_job_waits_for_a_collector_that_is_away(folder):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        with Place(folder, f"http://127.0.0.1:{nobody.getsockname()[1]}") as place:
            place.worker()
            path = os.path.join(folder, "jobs")
            with open(path, "w", encoding="utf-8") as file:
                file.writelines('{"function": "noop"}\n' for _ in range(500))
            place.barq("enqueue", "--many", path)
            tap.wait_until(lambda: place.barq("list", "--status", "queued") == "", DEADLINE_S)
            assert place.barq("enqueue", "add", "1", "2", "--wait=30") == "3"
            place.stop()
            log = place.log()
            assert log.count("the collector takes no spans; they are kept for a while") == 1, log
            assert re.findall(r"spans dropped spans=\d+ in_all=(\d+)", log)[-1:] == ["501"], log


def spans_are_kept_until_the_collector_is_back(folder):
    with collector() as sink, Place(folder, sink.url) as place:
        sink.answers = [(503, b""), (429, b"")]
        place.worker()
        place.barq("enqueue", "add", "1", "2", "--wait=30")
        span, = sink.wait_spans(1)
        assert span["name"] == "add"
        assert [status for *_, status in sink.requests] == [503, 429, 200]
        place.stop()
        assert "the collector takes spans again" in place.log()
        assert "spans dropped" not in place.log()


def what_a_collector_refuses_is_dropped_and_counted(folder):
    with collector() as sink, Place(folder, sink.url) as place:
        sink.answers = [(400, b"no"),  # and a number that cannot be: there was one
                        (200, b'{"partialSuccess":{"rejectedSpans":"9223372036854775807"}}')]
        place.worker()
        place.barq("enqueue", "add", "1", "2", "--wait=30")
        tap.wait_until(lambda: len(sink.requests) == 1, DEADLINE_S)
        place.barq("enqueue", "add", "1", "2", "--wait=30")
        tap.wait_until(lambda: len(sink.requests) == 2, DEADLINE_S)
        place.stop()
        assert "the collector refuses spans" in place.log()
        assert re.findall(r"spans dropped .*in_all=(\d+)", place.log())[-1] == "2", place.log()


def a_collector_that_hangs_holds_nothing_up(folder):
    with collector() as sink, Place(folder, sink.url, OTEL_BSP_MAX_EXPORT_BATCH_SIZE="10") as place:
        sink.gate.clear()
        worker = place.worker()
        for _ in range(3):
            assert place.barq("enqueue", "add", "1", "2", "--wait=30") == "3"
        tap.wait_until(lambda: exporter_of(worker), DEADLINE_S)
        begun = time.monotonic()
        place.stop()
        assert time.monotonic() - begun < 10
        assert "spans dropped" in place.log(), place.log()


def an_exporter_that_is_killed_holds_nothing_up_and_another_one_follows(folder):
    with collector() as sink, Place(folder, sink.url) as place:
        worker = place.worker()
        place.barq("enqueue", "add", "1", "2", "--wait=30")
        sink.wait_spans(1)
        first = exporter_of(worker)
        os.kill(first, signal.SIGKILL)
        tap.wait_until(lambda: "the exporter of spans has ended" in place.log())
        assert place.barq("enqueue", "noop", "--wait=30") == "null"
        assert exporter_of(worker) is None
        tap.wait_until(lambda: exporter_of(worker) not in (None, first), DEADLINE_S)
        one(sink.wait_spans(2), name="noop")
        place.stop()
        assert "spans dropped" not in place.log()


def a_worker_without_an_exporter_says_so_and_works(folder):
    with collector() as sink, Place(folder, sink.url, BARQ_OTLP="/nowhere/barq-otlp") as place:
        place.worker()
        assert place.barq("enqueue", "add", "1", "2", "--wait=30") == "3"
        place.stop()
        assert place.log().count("spans cannot be exported") == 1, place.log()
        assert "spans dropped" in place.log() and not sink.requests


def an_address_that_makes_no_sense_is_said(folder):
    with Place(folder, "localhost:4317") as place:
        place.worker()
        assert place.barq("enqueue", "add", "1", "2", "--wait=30") == "3"
        tap.wait_until(lambda: "OTEL_EXPORTER_OTLP_ENDPOINT is not an http" in place.log(), DEADLINE_S)
        place.stop()


tap.run(
    a_trace_goes_from_who_enqueues_to_the_handler,
    many_jobs_of_a_file_are_each_of_their_trace,
    a_chain_of_jobs_is_one_trace,
    a_handler_sees_its_own_span,
    what_is_of_no_trace_begins_one_and_what_is_not_sampled_is_only_carried,
    each_way_to_end_is_told_without_a_word_of_the_jobs_own,
    what_runs_past_its_time_is_told_so,
    no_job_waits_for_a_collector_that_is_away,
    spans_are_kept_until_the_collector_is_back,
    what_a_collector_refuses_is_dropped_and_counted,
    a_collector_that_hangs_holds_nothing_up,
    an_exporter_that_is_killed_holds_nothing_up_and_another_one_follows,
    a_worker_without_an_exporter_says_so_and_works,
    an_address_that_makes_no_sense_is_said,
)
