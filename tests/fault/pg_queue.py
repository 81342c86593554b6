"""pg_queue - what fault tests see of a queue in PostgreSQL, and do to it; queues.py has the others."""
import contextlib
import json
import sys

from fault.postgres import Postgres, bound

# Copies of a deferred job, as barq's clients would have enqueued them, all of them due.
MULTIPLY = """
    SET search_path = barq;
    WITH copies AS (
        INSERT INTO jobs (seq, enqueued_at, due_at, expires_at, queue, priority, claimed_before, id, function,
                          key, payload)
        SELECT nextval('seqs'), enqueued_at, enqueued_at, expires_at, queue, priority, claimed_before,
               id || '/' || i, function, key, payload
        FROM jobs, generate_series(1, ?) i WHERE id = ?
        RETURNING queue
    ) SELECT count_jobs(queue, count(*)) FROM copies GROUP BY queue;
    WITH original AS (UPDATE jobs SET due_at = enqueued_at WHERE id = ? RETURNING seq)
    DELETE FROM deferred d USING original o WHERE d.seq = o.seq;
    SELECT wait_again(array_agg(seq), now_ms()) FROM jobs WHERE id = ? OR id LIKE ? || '/%';
    SELECT wake_all(array_agg(DISTINCT queue)) FROM jobs WHERE id = ?
"""
EMPTY_AT_THE_END = ("running", "ready", "deferred", "held", "after", "ended")


class PgQueue(Postgres):
    """In the schema "barq" of a database."""

    @contextlib.contextmanager
    def quiet(self):
        yield

    @contextlib.contextmanager
    def away(self):
        """The leases in the hands of another program, so that no exchange comes to an end."""
        self.say("BEGIN")
        self.say("LOCK TABLE barq.workers IN ACCESS EXCLUSIVE MODE")
        yield self.running(), self.unfinished()
        self.say("ROLLBACK")

    def tell(self):
        for row in self.rows("SELECT id, state, tries, losses, crashes, history, aborted, claimed_before"
                             " FROM barq.jobs ORDER BY seq LIMIT 20"):
            print("job", row, file=sys.stderr)
        print(self.server.log()[-3000:], file=sys.stderr)

    def one(self, sql, *params):
        [[value]] = self.rows(sql, *params)
        return value

    def multiply(self, job, times):
        self.server.say(bound(MULTIPLY, (times, job, job, job, job, job)), self.url)

    def state(self, job):
        rows = self.rows("SELECT state FROM barq.jobs WHERE id = ?", job)
        return rows[0][0] if rows else None

    def states(self):
        return dict(self.rows("SELECT id, state FROM barq.jobs"))

    def column(self, job, name):
        return self.one(f"SELECT {name} FROM barq.jobs WHERE id = ?", job)

    def totals(self):
        return self.rows("SELECT sum(tries) AS t, sum(losses) AS l, count(*) FILTER (WHERE state = 2) AS f"
                         " FROM barq.jobs")[0]

    def acknowledged(self, job):
        return self.rows("SELECT state, tries, losses, finished_at, result::text, history"
                         " FROM barq.jobs WHERE id = ?", job)

    def bytes_of(self, job):
        told = self.column(job, "coalesce(payload, result)::text AS bytes")
        return bytes.fromhex(told.removeprefix("\\x"))

    def backdate(self, job, at_ms):
        payload, old = self.bytes_of(job), self.column(job, "enqueued_at")
        changed = payload.replace(str(old).encode(), str(at_ms).encode())
        assert changed != payload, payload
        self.say("UPDATE barq.jobs SET payload = ?, enqueued_at = ?, claimed_before = 1 WHERE id = ?",
                 changed, at_ms, job)

    def history(self, job):
        return json.loads(self.column(job, "history") or "[]")

    def kwargs(self, job):
        return json.loads(self.bytes_of(job))["k"]

    def running(self):
        return self.one("SELECT count(*) FROM barq.running")

    def unfinished(self):
        """As it counts itself; check() counts again."""
        return self.one("SELECT coalesce(sum(waiting + running), 0) FROM barq.counts")

    def waiting_in(self, queue):
        """(its own count, how many there are)"""
        return self.rows("SELECT (SELECT sum(waiting) FROM barq.counts c WHERE c.queue = q.queue) AS own,"
                         " (SELECT count(*) FROM barq.jobs j WHERE j.queue = q.queue AND state = 0) AS there"
                         " FROM barq.queues q WHERE name = ?", queue)[0]

    def held(self):
        return self.one("SELECT count(*) FROM barq.held")

    def starts(self):
        return self.one("SELECT count(*) FROM barq.starts")

    def ticks(self, cron):
        return [at for at, in self.rows("SELECT enqueued_at FROM barq.jobs WHERE id LIKE ?"
                                        " ORDER BY enqueued_at", f"cron:barq:{cron}:%")]

    def check(self):
        """Asserts that nothing is left but finished jobs, and what is counted is so."""
        left = self.one("SELECT count(*) FROM barq.jobs WHERE state = 0")
        assert left == 0, f"{left} jobs are left"
        for table in EMPTY_AT_THE_END:
            left = self.one(f"SELECT count(*) FROM barq.{table}")
            assert left == 0, (table, left)
        counted = self.rows("SELECT coalesce(sum(waiting), 0) AS w, coalesce(sum(running), 0) AS r,"
                            " coalesce(sum(blocked), 0) AS b, coalesce(sum(held), 0) AS h,"
                            " coalesce(sum(complete), 0) AS c, coalesce(sum(failed), 0) AS f FROM barq.counts")
        there = self.rows("SELECT 0 AS w, 0 AS r, 0 AS b, 0 AS h, count(*) FILTER (WHERE state = 1) AS c,"
                          " count(*) FILTER (WHERE state = 2) AS f FROM barq.jobs")
        assert counted == there, (counted, there)
        gone = self.one("SELECT count(*) FROM barq.gone")
        assert gone == there[0][4] + there[0][5], (gone, there)
        self.check_sessions()
