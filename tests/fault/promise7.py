"""Promise 7: a session belongs to one job. It comes back clean; a handler cannot end its
transaction; a connection known to be broken is never handed out."""
import os
import shutil

from fault.place import DATABASE, PG, Cases
from support import tap

ENDS = ["COMMIT", "END", "ROLLBACK", "BEGIN", "SAVEPOINT a", "RELEASE a", "ROLLBACK TO a",
        "BEGIN IMMEDIATE", "/**/ commit;", "INSERT INTO asked VALUES ('x'); COMMIT",
        "ATTACH ':memory:' AS other", "PRAGMA journal_mode = DELETE", "PRAGMA synchronous = OFF",
        "PRAGMA foreign_keys = OFF", "PRAGMA query_only = ON", "DELETE FROM barq_receipts",
        "DROP TABLE barq_outbox", "PRAGMA writable_schema = ON"]
PG_ENDS = ["COMMIT", "ROLLBACK AND CHAIN", "/**/ commit;", "INSERT INTO asked VALUES ('x'); COMMIT",
           "PREPARE TRANSACTION 'a'", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
           "DELETE FROM barq_receipts"]
SCHEMA = "main" if DATABASE == "sqlite" else "public"


def says(place, sql):
    """Whether it then succeeds or fails: all of it, or nothing."""
    worker = place.worker().ready()
    good = place.enqueue("says", sql)
    bad = place.enqueue("says", sql, then="fail")
    last = place.enqueue("effect")
    place.wait_final(good, bad, last)
    worker.stop()
    place.finish()
    place.assert_done(good, last)
    place.assert_failed(bad)
    heard = place.info(good)["result"]
    assert heard == ["denied"], heard
    assert place.one(place.data, "SELECT count(*) FROM asked") == ("asked" in sql)


def rolls_back(place, sql):
    """What ends the transaction, conflict by conflict: the attempt cannot succeed any more."""
    worker = place.worker().ready()
    job = place.enqueue("says_once", sql, "INSERT INTO asked VALUES ('behind it')")
    last = place.enqueue("effect")
    place.wait_final(job, last)
    worker.stop()
    place.finish()
    place.assert_failed(job)
    place.assert_done(last)
    assert place.one(place.data, "SELECT count(*) FROM asked") == 0


def calls(place, name, then):
    """An application's calls on a job's session."""
    worker = place.worker().ready()
    job = place.enqueue("calls", name, then=then)
    last = place.enqueue("effect")
    place.wait_final(job, last)
    worker.stop()
    place.finish()
    place.assert_done(last)
    if place.state(job) == 1:
        assert not then
        place.assert_done(job)
    else:
        place.assert_failed(job)
    if name in ("rollback", "close"):
        place.assert_failed(job)


def writes_on(place, how):
    """Interrupted, and then writing on: it claims success. Nothing of it is there; or, where it was
    done before it could be interrupted, all of it."""
    worker = place.worker().ready()
    job = place.enqueue("writes_on", how)
    last = place.enqueue("effect")
    place.wait_final(job, last)
    worker.stop()
    place.finish()
    place.assert_done(last)
    behind_it = place.one(place.data, "SELECT count(*) FROM asked")
    if how == "wait" and place.state(job) == 1:
        place.assert_done(job)
        assert behind_it == 3, behind_it
    else:
        place.assert_failed(job, "ran past its 0.2 s")
        assert behind_it == 0 and place.effects() == 1, (behind_it, place.effects())


def comes_back_clean(place):
    """Temporary tables that would stand before the real ones, rows left open."""
    worker = place.worker().ready()
    jobs = []
    for function in ["dirties", "effect", "dirties", "effect"]:
        jobs.append(place.enqueue(function, schema=SCHEMA))
        place.wait_final(jobs[-1])
    worker.stop()
    place.finish()
    assert place.effects() == 4, "the last jobs wrote into somebody's temporary table"
    place.assert_done(*jobs)


def reads_then_writes(place):
    worker = place.worker().ready()
    job = place.enqueue("read_then_write")
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_done(job)
    assert place.info(job)["result"] == "conflict"


def file_is_replaced(place):
    """By a copy of itself, as a restored backup is: the connection to the old one is of no use."""
    worker = place.worker().ready()
    first = place.enqueue("effect")
    place.wait_final(first)
    place.rows(place.data, "PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(place.data, place.data + ".copy")
    for end in ("-wal", "-shm"):
        os.rename(place.data + end, place.data + ".old" + end)
    os.rename(place.data + ".copy", place.data)
    second = place.enqueue("effect")
    place.wait_final(second)
    worker.stop()
    place.finish()
    place.assert_done(first, second)


cases = Cases()
for statement in ENDS:
    cases.add_once(f"promise 7: a session belongs to one job: a handler that says {statement}", says,
              statement)
for statement in ["INSERT OR ROLLBACK INTO single VALUES (1)",
                  "CREATE TEMP TRIGGER t BEFORE INSERT ON asked BEGIN"
                  " SELECT raise(ROLLBACK, 'gone'); END; INSERT INTO asked VALUES ('x')"]:
    cases.add_once(f"promise 7: a session belongs to one job: a handler that says {statement}",
              rolls_back, statement)
for call in ["commit", "rollback", "close"]:
    for end in ["", "fail"]:
        cases.add_once(f"promise 7: a session belongs to one job: calls {call}, then {end or 'succeeds'}",
                  calls, call, end)
for kind in ["wait", "busy"]:
    cases.add_once(f"promise 7: a session belongs to one job: interrupted ({kind}), then writing on",
              writes_on, kind)
cases.add("promise 7: a session belongs to one job: comes back clean", comes_back_clean)
cases.add_once("promise 7: a session belongs to one job: read, then write", reads_then_writes)
cases.add_sqlite("promise 7: a session belongs to one job: its file is replaced", file_is_replaced)
for statement in PG_ENDS if PG else []:
    cases.add(f"promise 7: a session belongs to one job: a handler that says {statement}", says, statement)
cases.run()
