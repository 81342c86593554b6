"""Connections to Redis that are cut at each place: before, in the middle of and after each command and each
reply. At the end every job has its effect once, and its result."""
import json
import subprocess

from fault.place import BARQ, Cases
from support.proxy import CUTS, Proxy
from support import tap

WORKER_STEPS = 14  # commands, or replies, of all connections of a worker that starts
RUNNING_STEPS = 8  # of one that runs
CLIENT_STEPS = 5


class Through:
    """A place whose clients and workers go through a proxy, and one way around it."""

    def __init__(self, place):
        self.place = place
        self.direct = place.env["BARQ_URL"]
        self.proxy = Proxy(place.jobs.server.port)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.proxy.__exit__(*error)
        self.place.env["BARQ_URL"] = self.direct

    def worker(self, **options):
        self.place.env["BARQ_URL"] = self.proxy.url
        worker = self.place.worker(**options)
        self.place.env["BARQ_URL"] = self.direct
        return worker

    def barq(self, *args):
        """(exit code, what it said)"""
        said = subprocess.run([BARQ, *args], env=dict(self.place.env, BARQ_URL=self.proxy.url),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        return said.returncode, (said.stdout + said.stderr).decode()


def finish(place, jobs, effects):
    place.finish()
    place.assert_done(*jobs)
    assert place.effects() == effects, (place.effects(), effects)
    assert place.totals() == (0, 0, 0), place.totals()


def a_starting_worker(place, what, kind):
    jobs = []
    with Through(place) as through:
        for nth in range(1, WORKER_STEPS + 1):
            jobs.append(place.enqueue("effect", children=1))
            harm = through.proxy.harm(what, kind, nth=nth)
            worker = through.worker()
            place.wait_final(jobs[-1])
            harm.wait()
            worker.stop()
    finish(place, jobs, 2 * len(jobs))


def a_running_worker(place, what, kind):
    """Where the answer to a claim is cut, nobody knows of that: it is given back, as it was."""
    jobs = []
    with Through(place) as through:
        worker = through.worker(executors=2).ready()
        for nth in range(1, RUNNING_STEPS + 1):
            harm = through.proxy.harm(what, kind, of=b"EVALSHA", nth=nth)
            jobs.append(place.enqueue("effect", children=2))
            place.wait_final(jobs[-1])
            harm.wait()
        worker.stop()
    finish(place, jobs, 3 * len(jobs))


def an_ear(place, what):
    """What wakes a worker is cut; it finds its jobs all the same, and listens anew."""
    jobs = []
    with Through(place) as through:
        harms = [through.proxy.harm(what, kind, of=b"SUBSCRIBE", nth=nth)
                 for kind in ("command", "reply") for nth in (1, 2)]
        worker = through.worker()
        jobs.append(place.enqueue("effect"))
        place.wait_final(*jobs)
        for harm in harms:
            harm.wait()
        tap.wait_until(lambda: place.jobs.redis.pubsub_numsub("barq:wake:0:arq:queue")[0][1] == 1)
        worker.stop()
    finish(place, jobs, 1)


def everything_at_once(place):
    """All connections, again and again, while jobs enqueue jobs."""
    with Through(place) as through:
        worker = through.worker(executors=3)
        job = place.enqueue("effect", children=400)
        while place.state(job) != 1 or place.unfinished():
            before = place.effects()
            through.proxy.cut()
            tap.wait_until(lambda n=before: place.effects() > n or not place.unfinished(), 20)
        worker.stop()
    finish(place, [job], 401)


def unheard(place, nth, kind):
    """A connection that stays, and on which nothing comes any more: the exchange is given up in time, and
    what it may have claimed is given back."""
    jobs = []
    with Through(place) as through:
        worker = through.worker(executors=2).ready()
        harm = through.proxy.harm("swallow", kind, of=b"EVALSHA", nth=nth)
        jobs += [place.enqueue("effect", children=1) for _ in range(3)]
        harm.wait()
        worker.wait_log("no answer in time", 30)
        place.wait_final(*jobs)
        worker.stop()
    finish(place, jobs, 2 * len(jobs))


def a_client(place, what, kind):
    """Whoever does not know whether it was enqueued does it again with the same id."""
    worker = place.worker().ready()
    jobs = []
    with Through(place) as through:
        for nth in range(1, CLIENT_STEPS + 1):
            for fresh in (True, False):
                job = f"{what.replace(' ', '-')}-{kind}-{nth}-{fresh}"
                jobs.append(job)
                if fresh:
                    place.jobs.redis.script_flush()
                through.proxy.harm(what, kind, nth=nth)
                code, said = through.barq("enqueue", "effect", "--job-id", job)
                assert code in (0, 4), (code, said)
                if code == 4:
                    assert "redis: redis://127.0.0.1:" in said, said
                    code, said = through.barq("enqueue", "effect", "--job-id", job)
                    assert code == 0 or "there already" in said or "exists" in said or job in said, (code, said)
                place.wait_final(job)
                through.proxy.harms.clear()
    worker.stop()
    finish(place, jobs, len(jobs))


def a_client_that_waits(place):
    """It goes on waiting, and gets its result, whatever was cut meanwhile."""
    worker = place.worker().ready()
    gate = place.folder + "/gate"
    job = place.enqueue("after", gate)
    tap.wait_until(lambda: place.running() == 1)
    with Through(place) as through:
        waits = subprocess.Popen([BARQ, "result", job, "--timeout", "60", "--json"], stdout=subprocess.PIPE,
                                 env=dict(place.env, BARQ_URL=through.proxy.url))
        tap.wait_until(lambda: through.proxy.commands[b"SUBSCRIBE"] >= 1)
        for _ in range(3):
            seen = through.proxy.commands[b"SUBSCRIBE"]
            through.proxy.cut()
            tap.wait_until(lambda n=seen: through.proxy.commands[b"SUBSCRIBE"] > n
                           or waits.poll() is not None)
        with open(gate, "w", encoding="ascii"):
            pass
        said, _ = waits.communicate(timeout=60)
    assert waits.returncode == 0, (waits.returncode, said)
    json.loads(said)
    worker.stop()
    finish(place, [job], 1)


NAME = "connections are cut: "
cases = Cases(6)
for way in ("command", "reply"):
    for number in (1, 2):
        cases.add(NAME + f"nothing comes of a worker's {way} {number}", unheard, number, way)
for way in ("command", "reply"):
    for cut in CUTS:
        cases.add(NAME + f"{cut} each {way} of a worker that starts", a_starting_worker, cut, way)
        cases.add(NAME + f"{cut} each {way} of a worker that runs", a_running_worker, cut, way)
        cases.add(NAME + f"{cut} each {way} of a client", a_client, cut, way)
for cut in CUTS:
    cases.add(NAME + f"{cut} what wakes a worker", an_ear, cut)
cases.add(NAME + "all of them, again and again", everything_at_once)
cases.add(NAME + "those of a client that waits for a result", a_client_that_waits)
cases.run()
