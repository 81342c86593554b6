"""Hostile content: what others write into arq's keys, and into barq's. It costs the job that it is about,
with a clear word, and no other."""
import os
import pickle
import random

from fault.place import Cases
from support import tap

QUEUE = "arq:queue"
GOOD = {"t": 1, "f": "effect", "a": (), "k": {}, "et": 1700000000000}


def arq_enqueue(place, job, payload, due=0):
    """As an arq client does it; None: without its key."""
    redis = place.jobs.bytes
    if payload is not None:
        redis.set(b"arq:job:" + job, payload)
    redis.zadd(QUEUE, {job: due})


def good(place, count=3):
    jobs = []
    for number in range(count):
        jobs.append(f"good-{number}-{os.urandom(4).hex()}")
        arq_enqueue(place, jobs[-1].encode(), pickle.dumps(GOOD))
    return jobs


def ends_well(place, worker, jobs, *bad):
    """`jobs` are done; what is in `bad` has failed, and says why."""
    place.wait_final(*jobs, *bad)
    late = place.enqueue("effect")
    place.wait_final(late)
    worker.stop()
    for job in (*jobs, late):
        assert place.state(job) == 1 and place.effects(job) == 1, (job, place.state(job))
    for job in bad:
        assert place.state(job) == 2 and place.effects(job) == 0, (job, place.state(job))
        assert place.info(job)["error"], place.info(job)


def bytes_of_any_kind(place):
    dice = random.Random(1)
    whole = pickle.dumps(GOOD)
    payloads = [b"", b"\0", b"\x80", b"{", b"null", b"[]", b"\x93\x01\x02\x03", whole[:-1], whole[:9],
                b"cos\nsystem\n(S'touch " + place.folder.encode() + b"/executed'\ntR.",
                pickle.dumps([1, 2, 3]), pickle.dumps({"f": "effect"}), pickle.dumps({**GOOD, "f": 7}),
                pickle.dumps({**GOOD, "f": "no_such_function"}), pickle.dumps({**GOOD, "a": 7}),
                pickle.dumps({**GOOD, "et": "yesterday"}), pickle.dumps({**GOOD, "t": -5, "f": "x" * 5000})]
    payloads += [dice.randbytes(dice.randrange(1, 300)) for _ in range(40)]
    bad = [f"bad-{number}" for number in range(len(payloads))]
    before = good(place)
    for job, payload in zip(bad, payloads):
        arq_enqueue(place, job.encode(), payload)
    behind = good(place)
    worker = place.worker(executors=2).ready()
    ends_well(place, worker, before + behind, *bad)
    assert not os.path.exists(place.folder + "/executed")
    place.finish()


def huge(place):
    """Larger than barq takes; and as large as it takes, but with a length in it that is a lie."""
    before = good(place)
    arq_enqueue(place, b"huge", b"\x80\x04" + b"x" * (64 << 20))
    arq_enqueue(place, b"lying", b"\x80\x04\x8e" + (1 << 40).to_bytes(8, "little") + b"x" * 1000)
    worker = place.worker().ready()
    ends_well(place, worker, before + good(place), "huge", "lying")
    assert "larger than" in place.info("huge")["error"], place.info("huge")
    place.finish()


def members_without_a_job(place):
    ghosts = [f"ghost-{number}" for number in range(5)]
    for ghost in ghosts:
        arq_enqueue(place, ghost.encode(), None)
    worker = place.worker().ready()
    ends_well(place, worker, good(place), *ghosts)
    assert "expired" in place.info(ghosts[0])["error"], place.info(ghosts[0])
    place.finish()


def ids_that_are_allowed(place):
    ids = ["x" * 512, "é" * 256, "with a space", " ", "'\"\\{}[]$`;|", "-", "--help", "a:b:c", "😀", "\ufeff",
           "%s%n%x", "arq:job:x", "../../etc/passwd"]
    for job in ids:
        arq_enqueue(place, job.encode(), pickle.dumps(GOOD))
    worker = place.worker(executors=2).ready()
    place.wait_final(*ids)
    worker.stop()
    for job in ids:
        assert place.effects(job) == 1, job
    place.finish()


def ids_that_are_none(place):
    """Each fails, as a job does whose bytes cannot be read, and the others go on."""
    ids = [b"", b"x" * 513, b"y" * 100000, b"a\0b", b"a\nb", b"a\tb", b"\x7f", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80",
           b"\xc2\x85", b"\xf4\x90\x80\x80", b"\xc0\x80", b"ok\0"]
    before = good(place)
    for job in ids:
        arq_enqueue(place, job, pickle.dumps(GOOD))
    arq_enqueue(place, b"ok", pickle.dumps(GOOD))
    worker = place.worker().ready()
    jobs = before + good(place) + ["ok"]
    place.wait_final(*jobs)
    tap.wait_until(lambda: place.jobs.bytes.zcard(QUEUE) == 0)
    assert place.running() == 0
    worker.stop()
    burst = place.worker(burst=True)
    assert burst.wait_end() == 0, burst.log()
    for job in ids:
        assert b"its id is not" in place.jobs.bytes.get(b"arq:result:" + job), job
        assert not place.jobs.bytes.exists(b"arq:job:" + job), job
    for job in jobs:
        assert place.effects(job) == 1, job
    assert place.effects() == len(jobs)
    place.barq("list")
    place.barq("stats")
    place.finish()


def keys_of_another_type(place):
    """Of single jobs, arq's and barq's."""
    redis = place.jobs.bytes
    for number, prefix in enumerate(["arq:job:", "arq:result:", "arq:retry:", "barq:job:"]):
        job = f"odd-{number}"
        arq_enqueue(place, job.encode(), pickle.dumps(GOOD))
        redis.delete(prefix + job)
        redis.rpush(prefix + job, "a list")
    worker = place.worker().ready()
    ends_well(place, worker, good(place), "odd-0")
    tap.wait_until(lambda: not place.unfinished())
    place.finish()


def records_that_change(place):
    """Somebody deletes what barq keeps of a job, or puts something else there, while it waits and runs."""
    redis = place.jobs.bytes
    worker = place.worker(executors=2).ready()
    gate = place.folder + "/gate"
    running = [place.enqueue("after", gate) for _ in range(2)]
    tap.wait_until(lambda: place.running() == 2)
    waiting = [place.enqueue("effect") for _ in range(4)]
    for job in (running[0], waiting[0]):
        redis.hdel("barq:rows", job)
    for job in (running[1], waiting[1]):
        redis.set("barq:job:" + job, "a string")
    redis.delete("arq:job:" + waiting[2])
    with open(gate, "w", encoding="ascii"):
        pass
    tap.wait_until(lambda: place.effects() == 5)
    place.wait_drained()
    worker.stop()
    for job in (*running, *waiting[:2], waiting[3]):
        assert place.effects(job) == 1, job
    assert place.state(waiting[2]) == 2
    redis.delete("barq:job:" + running[1], "barq:job:" + waiting[1])  # nobody of barq's has looked there
    place.finish()


def retried_without_a_record(place):
    redis = place.jobs.bytes
    worker = place.worker().ready()
    place.arm("attempt.rolled_back", "stop")
    job = place.enqueue("effect", then="error", until_try=1)
    executor = place.wait_stopped("attempt.rolled_back")
    redis.hdel("barq:rows", job)
    os.kill(executor, 18)
    place.wait_drained()
    worker.stop()
    assert place.effects(job) == 1
    place.finish()


def arq_deletes(place):
    """Keys of running jobs."""
    redis = place.jobs.bytes
    worker = place.worker(executors=3).ready()
    gate = place.folder + "/gate"
    jobs = [place.enqueue("after", gate) for _ in range(3)]
    tap.wait_until(lambda: place.running() == 3)
    redis.delete("arq:job:" + jobs[0], "arq:in-progress:" + jobs[1])
    redis.zrem(QUEUE, jobs[2])
    with open(gate, "w", encoding="ascii"):
        pass
    tap.wait_until(lambda: place.effects() == 3)
    place.wait_drained()
    tap.wait_until(lambda: not place.running())
    worker.stop()
    place.finish()


def enqueued_again(place):
    """The same id by an arq client while it runs, and when its result is kept."""
    worker = place.worker().ready()
    gate = place.folder + "/gate"
    job = place.enqueue("after", gate)
    tap.wait_until(lambda: place.running() == 1)
    arq_enqueue(place, job.encode(), pickle.dumps(GOOD))
    with open(gate, "w", encoding="ascii"):
        pass
    place.wait_final(job)
    assert place.effects(job) == 1
    arq_enqueue(place, job.encode(), pickle.dumps({**GOOD, "et": 1700000000001}))
    tap.wait_until(lambda: place.effects(job) == 2)
    place.wait_drained()
    worker.stop()
    place.jobs.check()


def queue_of_another_type(place, key, kind):
    """Everybody says which it is; when it is away again, they go on."""
    redis = place.jobs.redis
    worker = place.worker(lease=1).ready()
    first = place.enqueue("effect")
    place.wait_final(first)
    redis.delete(key)
    redis.set(key, "a string")
    worker.wait_log(f"{key} is a string, and not a {kind}")
    redis.delete(key)
    job = place.enqueue("effect")
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_done(first, job)


def client_tells_of_another_type(place):
    place.jobs.redis.set(QUEUE, "a string")
    said = place.barq_error("enqueue", "effect")
    assert QUEUE + " is a string, and not a zset" in said, said
    worker = place.worker()
    worker.wait_log(QUEUE + " is a string, and not a zset")
    place.jobs.redis.delete(QUEUE)


NAME = "hostile content: "
cases = Cases(6)
cases.add(NAME + "bytes of any kind", bytes_of_any_kind)
cases.add(NAME + "huge jobs", huge)
cases.add(NAME + "members without a job", members_without_a_job)
cases.add(NAME + "ids that are allowed", ids_that_are_allowed)
cases.add(NAME + "ids that are none", ids_that_are_none)
cases.add(NAME + "keys of another type", keys_of_another_type)
cases.add(NAME + "records that change", records_that_change)
cases.add(NAME + "a job is retried, and its record is gone", retried_without_a_record)
cases.add(NAME + "an arq client deletes keys of running jobs", arq_deletes)
cases.add(NAME + "an arq client enqueues an id again", enqueued_again)
for name, type_of in ((QUEUE, "zset"), ("barq:known:" + QUEUE, "zset"), ("barq:workers", "zset"),
                      ("barq:queues", "hash"), ("arq:abort", "zset")):
    cases.add(NAME + f"{name} is a string", queue_of_another_type, name, type_of)
cases.add(NAME + "a client is told of it", client_tells_of_another_type)
cases.run()
