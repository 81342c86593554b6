"""The API's description against the running server: every route is in it, every answer is as it says.

An operation is called with the example of its body, and with ids that World makes: an {id} behind
/api/tags/ is World.tag(), a {tag} as well, and so is the text "{tag}" in an example.
"""
import functools
import http.client
import json
import os
import re
import sqlite3

import jsonschema

from support import tap
from support.postgres_server import PostgresServer
from support.serve import Server

METHODS = ("get", "post", "put", "patch", "delete")
# What cannot succeed here, and how it is refused: there is nothing outside to be asked.
REFUSED = {"retry_run": 404, "end_hold": 404, "proposeFields": 409}


class World:
    """Whatever an operation's path or body names, made when it is first asked for."""

    def __init__(self, server, postgres=None):
        self.server = server
        self.postgres = postgres  # whose data it has; None: a file
        self.document = server.get("/api/openapi.json")
        self.log_in()
        self.known = {each["code"]: each["status"] for each in self.document["x-problems"]}
        self.succeeded = set()

    def log_in(self):
        """Anew, since an operation may have ended the last login."""
        status, _, _, headers = self.server.exchange(
            "POST", "/api/login", json.dumps({"password": self.password()}),
            Content_Type="application/json")
        assert status == 200, status
        self.server.headers = {"Cookie": headers["Set-Cookie"].split(";")[0]}

    def password(self):
        return self.server.more["BOOKMARKS_PASSWORD"]

    def make(self, path, body):
        status, made = self.server.ask("POST", path, body)
        assert status == 201, (path, status, made)
        return made

    def make_list(self, name):
        made = self.make("/api/lists", {"name": name})["id"]
        self.server.run("import", "--no-process", "--list", name, "-", stdin="https://youtu.be/dwILgDsbmto\n"
                                                             "https://youtu.be/4riqJcrDVcw\n")
        return made

    @functools.cache
    def list(self):
        return self.make_list("one")

    @functools.cache
    def video(self):
        return self.server.get(f"/api/lists/{self.list()}/videos")[0]["id"]

    @functools.cache
    def field(self):
        return self.make(f"/api/lists/{self.list()}/fields", {"label": "Mine", "type": "text"})["id"]

    @functools.cache
    def tag(self):
        return self.make("/api/tags", {"name": "a tag"})["id"]

    def other_tag(self):
        return self.make("/api/tags", {"name": f"another tag {len(self.server.get('/api/tags'))}"})["id"]

    @functools.cache
    def note(self):
        return self.make(f"/api/videos/{self.video()}/notes", {"text": "a note"})["id"]

    @functools.cache
    def view(self):
        return self.make("/api/views", {"name": "a view"})["id"]

    @functools.cache
    def channel(self):
        """As a fetch leaves it: there is nobody to be asked here."""
        self.execute("INSERT INTO channels (id, name, created_at_ms, updated_at_ms)"
                     " VALUES ('UC0123456789abcdefghijkl', 'A channel', 1, 1)")
        return "UC0123456789abcdefghijkl"

    def execute(self, sql):
        if self.postgres:
            self.postgres.say(sql)
            return
        with sqlite3.connect(os.path.join(self.server.folder, "data", "data.db")) as data:
            data.execute(sql)

    def field_order(self):
        return [field["id"] for field in self.server.get(f"/api/lists/{self.list()}/fields")]

    @functools.cache
    def job(self):
        return self.make(f"/api/lists/{self.make_list('processed')}/process", None)["job_id"]

    @functools.cache
    def token(self):
        return self.make("/api/tokens", {"name": "one"})["id"]

    @functools.cache
    def run(self):
        return self.make(f"/api/lists/{self.make_list('run')}/process", None)["job_id"]

    @functools.cache
    def subscription(self):
        return self.make("/api/subscriptions", {"list_id": self.list(), "kind": "playlist",
                                                "target": "PL1234567890"})["id"]

    def service(self):
        return "youtube"

    def put_in(self, thing):
        """An example with World's own ids where it says {name}."""
        if isinstance(thing, dict):
            return {key: self.put_in(value) for key, value in thing.items()}
        if isinstance(thing, list):
            return [self.put_in(each) for each in thing]
        if isinstance(thing, str) and re.fullmatch(r"{\w+}", thing):
            return getattr(self, thing[1:-1])()
        return thing

    def path(self, path, ids=None):
        def one(match):
            if ids is not None:
                return ids
            name = match[2] if match[2] != "id" else match[1].removesuffix("s")
            return getattr(self, name)()
        return re.sub(r"(?<=/)(\w+)/{(\w+)}", lambda match: f"{match[1]}/{one(match)}", path)

    def resolve(self, thing):
        while "$ref" in thing:
            found = self.document
            for part in thing["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            thing = found
        return thing

    def check(self, schema, value, where):
        whole = {**schema, "components": self.document["components"]}
        problems = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in
                    jsonschema.Draft202012Validator(whole).iter_errors(value)]
        assert not problems, (where, problems, value)

    def judge(self, method, path, operation, answer):
        """Is an answer what the operation says of it? Its status."""
        status, kind, text, _ = answer
        where = f"{method.upper()} {path} -> {status} {text[:500]}"
        told = operation["responses"].get(str(status))
        if told is None:
            assert status >= 400, f"{where}: not described"
            told = operation["responses"]["default"]
        contents = self.resolve(told).get("content", {})
        if not contents:
            assert text == b"" and kind is None, where
            return status
        short = kind.split(";")[0] if kind else None
        assert short in contents, f"{where}: {kind} is not described"
        if short.endswith("json"):
            value = json.loads(text)
            self.check(contents[short]["schema"], value, where)
            if status >= 400:
                assert value["status"] == status == self.known[value["code"]], where
        return status


def form(fields):
    """multipart/form-data; "file" is one."""
    parts = []
    for name, value in fields.items():
        file = '; filename="some.csv"' if name == "file" else ""
        parts.append(f'--form\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{value}\r\n')
    return ("".join(parts) + "--form--\r\n").encode()


def body_of(world, operation):
    """Content type and bytes of the example; None, None when it takes none."""
    for kind, media in world.resolve(operation.get("requestBody", {})).get("content", {}).items():
        example = world.put_in(media["example"])
        if kind == "application/json":
            world.check(media["schema"], example, operation["operationId"])
            return kind, json.dumps(example).encode()
        if kind == "multipart/form-data":
            return kind + "; boundary=form", form(example)
        return kind, example.encode()
    return None, None


def operations(document):
    """In an order in which none takes away what another needs."""
    every = [(method, path, operation) for path, item in document["paths"].items()
             for method, operation in item.items()]
    return sorted(every, key=lambda each: (METHODS.index(each[0]),
                                           -each[1].count("/") if each[0] == "delete" else 0,
                                           2 * each[1].startswith("/api/lists")
                                           + each[1].startswith("/api/videos")))


def send(world, method, path, kind, body):
    """Status, content type, bytes; of what never ends, no bytes."""
    world.log_in()
    link = http.client.HTTPConnection(world.server.host, world.server.port, timeout=30)
    link.request(method.upper(), path, body,
                 {**world.server.headers, **({"Content-Type": kind} if kind else {})})
    answer = link.getresponse()
    kind = answer.headers["Content-Type"]
    text = answer.read() if kind != "text/event-stream" else b""
    link.close()
    return answer.status, kind, text, answer.headers


def serve(folder, **more):
    return Server(folder, "--no-worker", BOOKMARKS_PASSWORD="correct horse", **more)


def every_route_has_its_operation_and_the_reverse(folder):
    with Server(folder, "--no-worker") as server:
        routes = {call for call in server.get("/api")["calls"] if " /api/" in call}
        document = server.get("/api/openapi.json")
        described = {f"{method.upper()} {path}" for method, path, _ in operations(document)}
        assert routes == described, (routes - described, described - routes)


def call_every_operation(world):
    for method, path, operation in operations(world.document):
        kind, body = body_of(world, operation)
        answer = send(world, method, world.path(path), kind, body)
        status = world.judge(method, path, operation, answer)
        expected = REFUSED.get(operation["operationId"])
        assert status == expected if expected else status < 400, (method, path, answer)


def every_operation_does_what_it_says(folder):
    with serve(folder) as server:
        call_every_operation(World(server))


def every_operation_does_it_on_postgresql_too(folder):
    os.chmod(folder, 0o755)  # the database is nobody's
    with PostgresServer(folder) as postgres:
        with serve(folder, DATABASE_URL=postgres.url) as server:
            call_every_operation(World(server, postgres))


def every_refusal_is_a_problem_that_is_described(folder):
    with serve(folder) as server:
        world = World(server)
        for method, path, operation in operations(world.document):
            kind, body = body_of(world, operation)
            if "{" in path:
                nowhere = world.path(path, "none")
                status = world.judge(method, path, operation, send(world, method, nowhere, kind, body))
                assert status == 404 or operation["operationId"] in REFUSED, (method, path, status)
            if kind == "application/json":
                for text in (b"[]", b"{", b"", b"\xff", b'{"a":1,"a":2}'):
                    answer = send(world, method, world.path(path), kind, text)
                    status = world.judge(method, path, operation, answer)
                    optional = text == b"" and not operation["requestBody"].get("required")
                    assert status == 422 or optional, (method, path, text, answer)
                answer = send(world, method, world.path(path), "text/plain", body)
                assert world.judge(method, path, operation, answer) == 415, (method, path, answer)
            for each in operation["parameters"]:
                each = world.resolve(each)
                if each["in"] == "query" and each["schema"].get("type", "string") != "string":
                    answer = send(world, method, f"{world.path(path)}?{each['name']}=%F0%9F%98%80", kind, body)
                    assert world.judge(method, path, operation, answer) == 422, (method, path, answer)


def what_the_server_itself_refuses_is_a_problem_too(folder):
    with Server(folder, "--no-worker") as server:
        known = {each["code"]: each["status"] for each in server.get("/api/openapi.json")["x-problems"]}
        for path, length, expected in (("/api/%zz", 0, "bad_request"), ("/api/lists?a=%ff", 0, "bad_request"),
                                       ("/api/lists", 1024 * 1024 + 1, "body_too_large")):
            # Without the body itself: whoever is refused while sending it may not see why.
            status, kind, text, _ = server.exchange("POST", path, Content_Length=str(length))
            told = json.loads(text)
            assert kind == "application/problem+json" and told["code"] == expected, text
            assert status == told["status"] == known[expected], (status, text)


def the_page_shows_every_operation_and_runs_nothing(folder):
    with Server(folder, "--no-worker") as server:
        status, kind, text, headers = server.exchange("GET", "/docs")
        page = text.decode()
        assert (status, kind) == (200, "text/html; charset=utf-8")
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
        assert "<script" not in page and "javascript:" not in page
        assert not re.search(r"\s(style|on\w+)=", page)
        assert set(re.findall(r"(?:src|href)=([^#\s\">]+)", page)) == {"docs/docs.css", "api/openapi.json"}
        document = server.get("/api/openapi.json")
        for _, path, operation in operations(document):
            assert f'id="{operation["operationId"]}"' in page and path in page, path
        for each in document["x-problems"]:
            assert f'id="problem-{each["code"]}"' in page, each
        assert server.exchange("GET", "/docs/docs.css")[1] == "text/css; charset=utf-8"
        targets = set(re.findall(r'href="#([^"]+)"', page))
        assert targets <= set(re.findall(r'id="([^"]+)"', page)), targets


if __name__ == "__main__":  # test_api_security walks the same operations
    tap.run(
        every_route_has_its_operation_and_the_reverse,
        every_operation_does_what_it_says,
        every_operation_does_it_on_postgresql_too,
        every_refusal_is_a_problem_that_is_described,
        what_the_server_itself_refuses_is_a_problem_too,
        the_page_shows_every_operation_and_runs_nothing,
    )
