"""queues - what fault tests see of a queue, and do to it: in SQLite, or in Redis; pg_queue.py has
that in PostgreSQL. place.py has one."""
import contextlib
import json
import os
import pickle
import sqlite3
import sys

from support.redis_server import RedisServer

PAUSE_MS = 1000
DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


class SqliteQueue:
    def __init__(self, path):
        self.path = path
        self.url = "sqlite://" + path

    def close(self):
        pass

    def rows(self, sql, *params):
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as db:
            return db.execute(sql, params).fetchall()

    def one(self, sql, *params):
        [[value]] = self.rows(sql, *params)
        return value

    def tell(self):
        for row in self.rows("SELECT id, state, tries, losses, crashes, history FROM barq_jobs LIMIT 20"):
            print("job", row, file=sys.stderr)

    @contextlib.contextmanager
    def away(self):
        """The write lock in the hands of another program: how many run now, and are unfinished."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=30,
                                                isolation_level=None)) as queue:
            queue.execute("BEGIN IMMEDIATE")
            yield self.running(), self.unfinished()
            queue.execute("ROLLBACK")

    quiet = away

    def multiply(self, job, times):
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as queue, queue:
            queue.execute("BEGIN IMMEDIATE")
            queue.execute("""
                INSERT INTO barq_jobs (id, queue, due_at, enqueued_at, expires_at, claimed_before,
                                       payload)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
                SELECT id || '/' || i, queue, due_at, enqueued_at, expires_at, claimed_before,
                       payload
                FROM barq_jobs, n WHERE id = ?1""", (job, times))
            queue.execute("""
                INSERT INTO barq_waiting (queue, lost, due_at, seq)
                SELECT queue, 0, due_at, seq FROM barq_jobs WHERE id LIKE ? || '/%'""", (job,))
            queue.execute("UPDATE barq_queues SET waiting = waiting + ?", (times,))
            queue.execute("UPDATE barq_jobs SET due_at = 0")
            queue.execute("UPDATE barq_waiting SET due_at = 0")

    def state(self, job):
        rows = self.rows("SELECT state FROM barq_jobs WHERE id = ?", job)
        return rows[0][0] if rows else None

    def states(self):
        return dict(self.rows("SELECT id, state FROM barq_jobs"))

    def column(self, job, name):
        return self.one(f"SELECT {name} FROM barq_jobs WHERE id = ?", job)

    def totals(self):
        return self.rows("SELECT sum(tries), sum(losses), sum(state = 2) FROM barq_jobs")[0]

    def acknowledged(self, job):
        """All that there is to be seen of how it ended."""
        return self.rows("SELECT state, tries, losses, finished_at, result, history"
                         " FROM barq_jobs WHERE id = ?", job)

    def backdate(self, job, at_ms):
        payload = self.column(job, "payload")
        old = self.column(job, "enqueued_at")
        changed = payload.replace(str(old).encode(), str(at_ms).encode())
        assert changed != payload, payload
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as queue, queue:
            queue.execute("UPDATE barq_jobs SET payload = ?, enqueued_at = ?, claimed_before = 1"
                          " WHERE id = ?", (changed, at_ms, job))

    def history(self, job):
        return json.loads(self.column(job, "history") or "[]")

    def kwargs(self, job):
        payload = self.one("SELECT coalesce(payload, result) FROM barq_jobs WHERE id = ?", job)
        return json.loads(payload)["k"]

    def running(self):
        return self.one("SELECT count(*) FROM barq_running")

    def unfinished(self):
        return self.one("SELECT count(*) FROM barq_jobs WHERE state = 0")

    def waiting_in(self, queue):
        """(its own count, how many there are)"""
        return (self.one("SELECT waiting FROM barq_queues WHERE name = ?", queue),
                self.one("SELECT count(DISTINCT id) FROM barq_jobs JOIN barq_queues USING (queue)"
                         " WHERE state = 0 AND name = ?", queue))

    def held(self):
        return self.one("SELECT count(*) FROM barq_held")

    def starts(self):
        return self.one("SELECT count(*) FROM barq_starts")

    def ticks(self, cron):
        """The instants that runs of it were enqueued for."""
        return [at for at, in self.rows("SELECT enqueued_at FROM barq_jobs WHERE id LIKE ?"
                                        " ORDER BY enqueued_at", f"cron:barq:{cron}:%")]

    def check(self):
        """Asserts that nothing is left but finished jobs."""
        assert self.one("PRAGMA integrity_check") == "ok"
        assert self.unfinished() == 0, "a job is left"
        assert self.running() == 0, "a claim is left"
        for table in ("barq_waiting", "barq_after", "barq_ended"):
            assert self.one(f"SELECT count(*) FROM {table}") == 0, table
        stored = self.rows("SELECT sum(waiting), sum(running), sum(blocked) FROM barq_queues")
        assert stored == [(0, 0, 0)], stored


# Copies of a deferred job, as barq's clients would have enqueued them, all of them due.
MULTIPLY = """
local id, times = ARGV[1], tonumber(ARGV[2])
local row = redis.call('HGET', 'barq:rows', id)
local seq, rest = string.match(row, '^(%d+)(.*)$')
local queue = string.match(rest, '^\\t([^\\t]*)')
local payload = redis.call('GET', 'arq:job:' .. id)
local function wait(name, number)
    redis.call('ZADD', queue, 0, name)
    redis.call('ZADD', 'barq:known:' .. queue, 0, name)
    redis.call('ZADD', 'barq:ready:' .. queue, 0, string.format('%012d1', number) .. name)
end
redis.call('DEL', 'barq:deferred:' .. queue)
wait(id, seq)
for i = 1, times do
    local name, number = id .. '/' .. i, redis.call('INCR', 'barq:seq')
    redis.call('SET', 'arq:job:' .. name, payload)
    redis.call('HSET', 'barq:rows', name, number .. rest)
    redis.call('ZADD', 'barq:jobs', number, name)
    wait(name, number)
end
redis.call('PUBLISH', 'barq:wake:0:' .. queue, '')
"""

# How many run and are unfinished, at one time.
COUNT = """
local running, unfinished = 0, 0
for _, key in ipairs(redis.call('KEYS', 'barq:running:*')) do
    running = running + redis.call('HLEN', key)
end
for _, queue in ipairs(redis.call('HKEYS', 'barq:queues')) do
    unfinished = unfinished + redis.call('ZCARD', queue)
end
return {running, unfinished}
"""


class RedisQueue:
    def __init__(self, folder, server=None, url=None):
        self.server = server or RedisServer(folder, args=DURABLE).start()
        self.url = url or self.server.url
        self.redis = self.server.client(decode_responses=True, encoding_errors="surrogateescape")
        self.bytes = self.server.client()

    def close(self):
        self.redis.close()
        self.bytes.close()
        self.server.kill()

    def tell(self):
        print(self.server.log()[-2000:], file=sys.stderr)
        for key in list(self.bytes.scan_iter(count=1000))[:100]:
            kind = self.bytes.type(key)
            value = {b"hash": self.bytes.hgetall, b"string": self.bytes.get,
                     b"zset": lambda k: self.bytes.zrange(k, 0, 20, withscores=True),
                     b"set": self.bytes.smembers}.get(kind, self.bytes.type)(key)
            print(key[:100], str(value)[:400], file=sys.stderr)

    @contextlib.contextmanager
    def quiet(self):
        yield

    @contextlib.contextmanager
    def away(self):
        """It keeps its connections, and answers nobody. What was told before is heard all the same."""
        with self.redis.pipeline(transaction=True) as pipe:
            pipe.eval(COUNT, 0)
            pipe.execute_command("CLIENT", "PAUSE", PAUSE_MS, "ALL")  # nobody comes between
            [running, unfinished], _ = pipe.execute()
        self.server.freeze()
        yield running, unfinished
        self.server.thaw()

    def multiply(self, job, times):
        self.redis.eval(MULTIPLY, 0, job, times)

    def row(self, job):
        """Of a job, what does not change; None: there is no such job."""
        row = self.redis.hget("barq:rows", job)
        names = ["seq", "queue", "et", "function", "expires", "priority", "key", "finished"]
        return row and dict(zip(names, row.split("\t")))

    def state(self, job):
        row = self.row(job)
        if not row:
            return None
        if self.redis.hget("barq:job:" + job, "failed"):
            return 2
        kept = self.redis.zscore("barq:finished:" + row["queue"], job)
        return 0 if "finished" not in row and kept is None else 1

    def records(self):
        return self.redis.hkeys("barq:rows")

    def states(self):
        return {job: self.state(job) for job in self.records()}

    def column(self, job, name):
        name = {"enqueued_at": "et"}.get(name, name)
        if name == "state":
            return self.state(job)
        row = self.row(job) or {}
        return int(row.get(name) or self.redis.hget("barq:job:" + job, name) or 0)

    def totals(self):
        rows = [self.redis.hmget("barq:job:" + job, "tries", "losses", "failed")
                for job in self.records()]
        return tuple(sum(int(row[i] or 0) for row in rows) for i in range(3))

    def acknowledged(self, job):
        return (self.redis.hget("barq:rows", job), self.bytes.hgetall("barq:job:" + job),
                self.bytes.get("arq:result:" + job))

    def backdate(self, job, at_ms):
        payload, old = self.bytes.get("arq:job:" + job), self.column(job, "et")
        changed = payload.replace(old.to_bytes(6, "little"), at_ms.to_bytes(6, "little"))
        assert changed != payload, payload
        self.bytes.set("arq:job:" + job, changed)
        row = self.redis.hget("barq:rows", job).split("\t")
        self.redis.hset("barq:rows", job, "\t".join([*row[:2], str(at_ms), *row[3:]]))
        self.redis.hset("barq:job:" + job, "before", 1)
        ready = f"barq:ready:{row[1]}"  # it has a record now
        for member, turn in self.redis.zrange(ready, 0, -1, withscores=True):
            if member[13:] == job:
                self.redis.zrem(ready, member)
                self.redis.zadd(ready, {member[:12] + "1" + job: turn})

    def history(self, job):
        lines = self.redis.hget("barq:job:" + job, "history") or ""
        return [json.loads(line) for line in lines.splitlines()]

    def kwargs(self, job):
        payload = (self.bytes.get("arq:job:" + job) or self.bytes.hget("barq:job:" + job, "payload")
                   or self.bytes.get("arq:result:" + job))
        return pickle.loads(payload)["k"]

    def queues(self):
        return {"arq:queue", *self.redis.hkeys("barq:queues")}

    def running(self):
        return sum(self.redis.hlen(key) for key in self.redis.scan_iter("barq:running:*", count=1000))

    def unfinished(self):
        return sum(self.redis.zcard(queue) for queue in self.queues())

    def waiting_in(self, queue):
        return self.redis.zcard("barq:ready:" + queue), self.redis.zcard(queue)

    def held(self):
        return sum(self.redis.zcard(key) for key in self.redis.scan_iter("barq:held:*", count=1000))

    def starts(self):
        return sum(self.redis.zcard(key) for key in self.redis.scan_iter("barq:starts:*", count=1000))

    def ticks(self, cron):
        return sorted(int(self.row(job)["et"]) for job in self.records()
                      if job.startswith(f"cron:arq:queue:{cron}:"))

    def left(self, *patterns):
        """Keys of these that are there."""
        return sorted(key for pattern in patterns
                      for key in self.redis.scan_iter(pattern, count=1000))

    def check(self):
        """Asserts that nothing is left but finished jobs."""
        assert self.unfinished() == 0, "a job is left"
        left = self.left("arq:job:*", "arq:in-progress:*", "arq:retry:*", "arq:abort", "barq:running:*",
                         "barq:known:*", "barq:ready:*", "barq:lost:*", "barq:deferred:*",
                         "barq:blocked:*", "barq:held:*", "barq:slot:*", "barq:after:*", "barq:waited",
                         "barq:ended*")
        assert not left, [key[:100] for key in left]
        unfinished = [job for job, state in self.states().items() if state == 0]
        assert not unfinished, unfinished
