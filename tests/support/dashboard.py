"""dashboard - barq web on a free port, and a client that believes nothing which its OpenAPI document does not say.

    with Dashboard(env, "--read-only") as web:
        assert web.get("/api/overview")["read_only"]
        web.refused("POST", "/api/queues/barq/pause", "read_only")
"""
import http.client
import json
import os
import re
import signal
import subprocess

import jsonschema

BARQ = os.environ["BARQ_BIN"]
OURS = ("BARQ_WEB_PASSWORD", "BARQ_WEB_HOSTS")


class Client:
    """Whoever asks what is mounted at `mount`; what succeeded is in `succeeded`."""

    def __init__(self, host, port, mount="", headers=None):
        self.host, self.port, self.mount = host, port, mount
        self.headers = headers or {}
        self.succeeded = set()
        self.document = None

    def exchange(self, method, path, body=None, **headers):
        """Status, content type, bytes and headers; a header that is None is not sent."""
        link = http.client.HTTPConnection(self.host, self.port, timeout=30)
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        link.request(method, self.mount + path, body,
                     {name: value for name, value in sent.items() if value is not None})
        answer = link.getresponse()
        text = answer.read()
        link.close()
        return answer.status, answer.headers["Content-Type"], text, answer.headers

    def load(self):
        status, _, text, _ = self.exchange("GET", "/api/openapi.json")
        assert status == 200, (status, text)
        self.document = json.loads(text)
        self.succeeded.add("openapi")
        return self

    def operation(self, method, path):
        """The closest one: fewest {parts}."""
        path = path.partition("?")[0]
        fitting = [(pattern.count("{"), item[method.lower()])
                   for pattern, item in self.document["paths"].items()
                   if method.lower() in item and re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path)]
        return min(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def check(self, schema, value, where):
        whole = {**schema, "components": self.document["components"]}
        problems = [f"{'/'.join(map(str, error.path))}: {error.message[:300]}" for error in
                    jsonschema.Draft202012Validator(whole).iter_errors(value)]
        assert not problems, (where, problems)

    def ask(self, method, path, body=None, **headers):
        """Status, and what the JSON says (None: nothing), which is as the document has it."""
        if body is not None:
            body = json.dumps(body)
            headers.setdefault("Content_Type", "application/json")
        status, kind, text, _ = self.exchange(method, path, body, **headers)
        answer = json.loads(text) if text else None
        operation = self.operation(method, path)
        if status >= 400:
            assert kind == "application/problem+json", (path, kind, text)
            self.check({"$ref": "#/components/schemas/Problem"}, answer, path)
            assert answer["status"] == status, (path, answer)
            known = {each["code"]: each["status"] for each in self.document["x-problems"]}
            assert known.get(answer["code"]) == status, (path, answer)
        else:
            described = operation["responses"][str(status)]
            if "content" in described:
                assert kind == "application/json", (path, kind)
                self.check(described["content"]["application/json"]["schema"], answer, path)
            else:
                assert not text, (path, text)
            self.succeeded.add(operation["operationId"])
        return status, answer

    def get(self, path):
        status, answer = self.ask("GET", path)
        assert status == 200, (path, status, answer)
        return answer

    def post(self, path, body=None, status=200):
        got, answer = self.ask("POST", path, body)
        assert got == status, (path, got, answer)
        return answer

    def refused(self, method, path, code, body=None, **headers):
        status, answer = self.ask(method, path, body, **headers)
        assert status >= 400 and answer["code"] == code, (path, status, answer)
        return answer

    def metrics(self):
        status, kind, text, _ = self.exchange("GET", "/metrics")
        assert status == 200 and kind == "text/plain; version=0.0.4; charset=utf-8", (status, kind, text)
        if self.document:
            self.succeeded.add("metrics")
        return text.decode()


class Dashboard(Client):
    def __init__(self, env, *args, wait=True, **more):
        self.env = {**{key: value for key, value in env.items() if key not in OURS}, **more}
        self.process = subprocess.Popen([BARQ, "web", *([] if "--port" in args else ["--port", "0"]), *args],
                                        env=self.env, stdin=subprocess.DEVNULL, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = ""
        if not wait:
            return
        line = self.process.stdout.readline()
        found = re.fullmatch(r"serving http://(.+):(\d+)(/.*)?\n", line)
        assert found, (line, self.process.stderr.read())
        super().__init__(found[1].strip("[]"), int(found[2]), found[3] or "")

    def __enter__(self):
        return self if "Authorization" in self.headers or "BARQ_WEB_PASSWORD" in self.env else self.load()

    def __exit__(self, failed, *_):
        code = self.stop()
        assert failed or code == 0, (code, self.said)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.ended()

    def ended(self):
        """Its exit code; what it has said on stderr is in `said`."""
        _, self.said = self.process.communicate(timeout=30)
        return self.process.returncode
