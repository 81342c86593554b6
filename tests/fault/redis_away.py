"""Redis is away, or cannot serve: workers go on by themselves when it is back, and nothing is lost,
doubled or charged to a job."""
import subprocess

from fault.place import BARQ, LEASE_S, Cases, kill
from support import tap

JOBS = 300


def try_barq(place, *args, **options):
    """(exit code, what it said)"""
    said = subprocess.run([BARQ, *args], env=place.env, stdin=subprocess.DEVNULL, timeout=60,
                          capture_output=True, check=False, **options)
    return said.returncode, (said.stdout + said.stderr).decode()


def queue_many(place, count=JOBS, **kwargs):
    job = place.enqueue("effect", options=("--defer-by", "3600"), **kwargs)
    place.multiply(job, count - 1)


def finish_unharmed(place, worker, count=JOBS):
    """All of them done, each once, without a try or a loss."""
    place.wait_drained(60)
    worker.stop()
    place.finish()
    assert place.effects() == count, place.effects()
    assert place.totals() == (0, 0, 0), place.totals()


def worker_first(place):
    """It starts before Redis, and its limits and its queue are known to Redis when that comes."""
    server = place.jobs.server
    server.kill()
    worker = place.worker()
    worker.wait_log("the broker cannot be used", 30)
    server.start()
    worker.wait_log("the broker is back", 30)
    assert place.jobs.redis.zcard("barq:workers") == 1
    job = place.enqueue("effect")
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_done(job)


def worker_without(place):
    """It waits for a Redis that does not come, until it is told to stop."""
    place.jobs.server.kill()
    worker = place.worker()
    worker.wait_log("worker ready", 30)
    worker.stop()
    place.jobs.server.start()


def killed_under_load(place, times):
    queue_many(place, after_ms=2)
    worker = place.worker(executors=2, lease=LEASE_S).ready()
    for _ in range(times):
        before = place.effects()
        tap.wait_until(lambda least=before + 20: place.effects() >= min(least, JOBS))
        seen = worker.log().count("the broker cannot be used")
        place.jobs.server.kill()
        tap.wait_until(lambda n=seen: worker.log().count("the broker cannot be used") > n, 30)
        place.jobs.server.start()
    finish_unharmed(place, worker)


def away_past_the_lease(place):
    """Outcomes wait meanwhile; nobody else has taken the jobs, so that they count."""
    worker = place.worker(executors=2, lease=LEASE_S).ready()
    gate = place.folder + "/gate"
    jobs = [place.enqueue("after", gate) for _ in range(2)]
    tap.wait_until(lambda: place.running() == 2)
    place.jobs.server.kill()
    with open(gate, "w", encoding="ascii"):
        pass
    tap.wait_until(lambda: place.effects() == 2)
    place.jobs.server.start()
    place.jobs.server.advance(10 * LEASE_S * 1000)
    place.wait_final(*jobs)
    worker.stop()
    assert "the lease was lost" not in worker.log()
    place.finish()
    place.assert_done(*jobs)
    assert place.totals() == (0, 0, 0), place.totals()


def clients_killed(place):
    """CLIENT KILL of all connections, again and again."""
    queue_many(place, after_ms=2)
    worker = place.worker(executors=2, lease=LEASE_S).ready()
    while place.unfinished():
        before = place.effects()
        place.jobs.redis.client_kill_filter(_type="normal", skipme=True)
        place.jobs.redis.client_kill_filter(_type="pubsub", skipme=True)
        tap.wait_until(lambda n=before: place.effects() > n or not place.unfinished())
    finish_unharmed(place, worker)


def scripts_flushed(place):
    """Between any two exchanges."""
    queue_many(place, children=1)
    worker = place.worker(executors=2).ready()
    while place.unfinished():
        place.jobs.redis.script_flush()
        job = place.enqueue("effect")
        place.jobs.redis.script_flush()
        place.wait_final(job)
        if len(place.workers) == 1:
            worker.stop()
            worker = place.worker(executors=2)
    worker.stop()
    place.finish()
    assert place.totals() == (0, 0, 0), place.totals()
    doubled = place.rows(place.data, "SELECT job FROM effects GROUP BY job HAVING count(*) > 1")
    assert not doubled, doubled


def memory_is_full(place):
    """Nothing can be enqueued, which is said; what is there is worked off, which frees memory."""
    queue_many(place, 50)
    place.jobs.redis.config_set("maxmemory", "1")
    code, said = try_barq(place, "enqueue", "effect", "--job-id", "late")
    assert code == 4 and "maxmemory" in said and "OOM" in said, (code, said)
    worker = place.worker().ready()
    place.wait_drained(60)
    code, said = try_barq(place, "enqueue", "effect", "--job-id", "late")
    assert code == 4, (code, said)
    assert "cannot be used" not in worker.log(), worker.log()
    place.jobs.redis.config_set("maxmemory", "0")
    place.enqueue("effect", options=("--job-id", "late"))
    finish_unharmed(place, worker, 51)


def is_a_replica(place):
    """As a master that was demoted by hand."""
    worker = place.worker(lease=LEASE_S).ready()
    first = place.enqueue("effect")
    place.wait_final(first)
    place.jobs.redis.replicaof("127.0.0.1", "1")
    code, said = try_barq(place, "enqueue", "effect")
    assert code == 4 and "READONLY" in said and "replica" in said, (code, said)
    code, said = try_barq(place, "check")
    assert "replica: nothing can be enqueued" in said, said
    worker.wait_log("READONLY")
    place.jobs.redis.replicaof("NO", "ONE")
    worker.wait_log("the broker is back", 30)
    job = place.enqueue("effect")
    finish_unharmed(place, worker, 2)
    place.assert_done(first, job)


def disk_is_full(place):
    """Redis cannot write its append-only file, and says so to whoever writes (MISCONF)."""
    worker = place.worker(lease=LEASE_S).ready()
    redis = place.jobs.redis
    redis.config_set("save", "1 1000000")
    redis.config_set("stop-writes-on-bgsave-error", "yes")
    subprocess.run(["mkdir", place.jobs.server.place + "/dump.rdb"], check=True)
    redis.bgsave()
    tap.wait_until(lambda: redis.info("persistence")["rdb_last_bgsave_status"] == "err")
    code, said = try_barq(place, "enqueue", "effect")
    assert code == 4 and "MISCONF" in said and "disk" in said, (code, said)
    worker.wait_log("MISCONF")
    redis.config_set("stop-writes-on-bgsave-error", "no")
    worker.wait_log("the broker is back", 30)
    place.enqueue("effect")
    finish_unharmed(place, worker, 1)


def silent(place):
    """It keeps its connections and answers nobody, for longer than a call may take."""
    worker = place.worker(executors=2).ready()
    gate = place.folder + "/gate"
    job = place.enqueue("after", gate)
    tap.wait_until(lambda: place.running() == 1)
    with place.jobs.away():
        with open(gate, "w", encoding="ascii"):
            pass
        code, said = try_barq(place, "enqueue", "effect", "--job-id", "asked")
        assert code == 4 and "no answer within" in said, (code, said)
        worker.wait_log("the broker cannot be used", 30)
    # What the client sent may have been heard: its id says.
    code, said = try_barq(place, "enqueue", "effect", "--job-id", "asked")
    assert code in (0, 1), (code, said)
    place.wait_final(job, "asked")
    finish_unharmed(place, worker, 2)


def events_are_forgotten(place):
    """A server that was started anew does not know any more that it is to tell of what arq's clients do."""
    def flags():
        return place.jobs.redis.config_get("notify-keyspace-events")["notify-keyspace-events"]
    place.env["BARQ_URL"] += "?keyspace_events=on"
    worker = place.worker().ready()
    assert sorted(flags()) == ["K", "z"], flags()
    for _ in range(2):
        place.jobs.server.kill()
        place.jobs.server.start()
        tap.wait_until(lambda: sorted(flags()) == ["K", "z"])
        channel = "__keyspace@0__:arq:queue"
        tap.wait_until(lambda: place.jobs.redis.pubsub_numsub(channel)[0][1] == 1)
    job = place.enqueue("effect")
    finish_unharmed(place, worker, 1)
    place.assert_done(job)


def everything_is_forgotten(place):
    """FLUSHALL under a worker: what it runs is nobody's, and it goes on with what comes then."""
    worker = place.worker(executors=2, lease=LEASE_S).ready()
    gate = place.folder + "/gate"
    job = place.enqueue("after", gate)
    tap.wait_until(lambda: place.running() == 1)
    place.jobs.redis.flushall()
    worker.wait_log("the lease was lost")
    with open(gate, "w", encoding="ascii"):
        pass
    other = place.enqueue("effect")
    place.wait_final(other)
    worker.stop()
    place.finish()
    place.assert_done(other)
    assert place.effects(job) <= 1


def clock_jumps(place, ahead_s):
    """The server's clock, on which leases and due times go."""
    queue_many(place, after_ms=2)
    workers = [place.worker(executors=1, lease=LEASE_S).ready() for _ in range(2)]
    for sign in (1, -1, -1, 1):
        before = place.effects()
        tap.wait_until(lambda least=before + 20: place.effects() >= min(least, JOBS))
        place.jobs.server.advance(sign * ahead_s * 1000)
    place.wait_drained(60)
    for worker in workers:
        worker.stop()
    place.finish()
    assert place.effects() == JOBS, place.effects()
    assert place.totals()[2] == 0, place.totals()


def clock_put_back_and_worker_gone(place):
    """It stands still with a lease that ends in an hour by the clock of now; since it seems to live,
    only that can tell."""
    place.arm("attempt.started", "stop")
    first = place.worker(lease=LEASE_S).ready()
    queue_many(place, 4)
    executor = place.wait_stopped("attempt.started")
    place.freeze(first)
    place.jobs.server.advance(-3600 * 1000)
    second = place.worker(lease=LEASE_S)
    place.wait_drained()
    kill(executor)
    first.kill()
    second.stop()
    place.finish()
    assert place.effects() == 4


NAME = "Redis is away: "
cases = Cases(6)
cases.add(NAME + "silent for longer than a call may take", silent)
cases.add(NAME + "a worker starts before it", worker_first)
cases.add(NAME + "a worker that it never came to is stopped", worker_without)
cases.add(NAME + "killed and started again under load", killed_under_load, 4)
cases.add(NAME + "for longer than a lease", away_past_the_lease)
cases.add(NAME + "all its connections are killed", clients_killed)
cases.add(NAME + "its scripts are flushed", scripts_flushed)
cases.add(NAME + "its memory is full", memory_is_full)
cases.add(NAME + "its disk is full", disk_is_full)
cases.add(NAME + "it is a replica", is_a_replica)
cases.add(NAME + "it has forgotten whom to tell", events_are_forgotten)
cases.add(NAME + "it has forgotten everything", everything_is_forgotten)
for jump in (60, 7200):
    cases.add(NAME + f"its clock jumps by {jump} s", clock_jumps, jump)
cases.add(NAME + "its clock is put back, and a worker is gone", clock_put_back_and_worker_gone)
cases.run()
