"""Promise 8: an enqueue in a job's session, or in the application's own transaction, happens if and
only if that transaction commits, once. The children keep no result: nothing but their receipts
tells that they have run before."""
import concurrent.futures

from fault.place import DATABASE, LEASE_S, PG, Cases, kill, resume
from support import tap

# A trigger that keeps the outbox as it is, and its end.
KEEP = {
    "sqlite": ("CREATE TRIGGER keep BEFORE DELETE ON barq_outbox BEGIN SELECT RAISE(ABORT, 'it stays'); END;",
               "DROP TRIGGER keep;"),
    "postgresql": ("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS"
                   " $$ BEGIN RAISE 'it stays'; END $$;"
                   "CREATE TRIGGER keep BEFORE DELETE ON barq_outbox EXECUTE FUNCTION keep();",
                   "DROP TRIGGER keep ON barq_outbox;"),
}


def finish_with(place, effects):
    place.finish()
    assert place.effects() == effects, (place.effects(), effects)


def killed_between_relay_and_delete(place):
    """Its children have run and are forgotten when the parent comes back and relays them again."""
    first = place.worker().ready()
    second = place.worker().ready()
    place.arm("attempt.relayed", "stop")
    job = place.enqueue("effect", children=5, child="brief")
    stopped = place.wait_stopped("attempt.relayed")
    tap.wait_until(lambda: place.effects() == 6)
    tap.wait_until(lambda: place.unfinished() == 1)
    kill(stopped)
    place.wait_final(job)
    first.stop()
    second.stop()
    finish_with(place, 6)
    place.assert_done(job)


def worker_killed_between_relay_and_delete(place):
    first = place.worker().ready()
    place.arm("attempt.relayed", "stop")
    job = place.enqueue("effect", children=5, child="brief")
    orphan = place.wait_stopped("attempt.relayed")
    second = place.worker().ready()
    tap.wait_until(lambda: place.effects() == 6)
    tap.wait_until(lambda: place.unfinished() == 1)
    first.kill()
    place.wait_final(job)
    resume(orphan)
    second.stop()
    finish_with(place, 6)
    place.assert_done(job)


def relay_after_the_lease(place):
    """The first worker goes on with its relay when another has relayed, and all of it has run."""
    first = place.worker(lease=LEASE_S).ready()
    place.arm("attempt.committed", "stop")
    job = place.enqueue("effect", children=5, child="brief")
    executor = place.wait_stopped("attempt.committed")
    place.freeze(first)
    second = place.worker().ready()
    place.wait_final(job)
    tap.wait_until(lambda: place.effects() == 6 and place.unfinished() == 0)
    resume(executor)
    resume(first.pid)
    first.wait_log("the lease was lost")
    second.stop()
    first.stop()
    finish_with(place, 6)
    place.assert_done(job)


def chunk_relayed_by_a_lost_worker(place):
    """A chunk of the outbox that waits in a stopped dispatcher while another worker relays it, and
    its jobs run and are forgotten."""
    first = place.worker(lease=LEASE_S).ready()
    place.arm("dispatcher.relay_taken", "stop")
    job = place.enqueue("effect", children=5, child="brief")
    place.wait_stopped("dispatcher.relay_taken")
    second = place.worker().ready()
    place.wait_final(job)
    tap.wait_until(lambda: place.effects() == 6 and place.unfinished() == 0)
    resume(first.pid)
    first.wait_log("the lease was lost")
    tap.wait_until(lambda: place.unfinished() == 0)
    second.stop()
    first.stop()
    finish_with(place, 6)
    place.assert_done(job)


def many_chunks(place, point, nth):
    """More than a chunk, cut off in the middle."""
    place.arm(point, "kill", nth=nth)
    worker = place.worker(executors=2).ready()
    job = place.enqueue("effect", children=900, child="brief")
    place.wait_hit(point)
    place.wait_final(job)
    if worker.process.poll() is None:
        worker.stop()
    finish_with(place, 901)
    place.assert_done(job)


def many_chunks_worker_killed(place, nth):
    place.arm("dispatcher.relayed", "kill", nth=nth)
    worker = place.worker(executors=2).ready()
    job = place.enqueue("effect", children=900, child="brief")
    place.wait_hit("dispatcher.relayed")
    worker.wait_end()
    finish_with(place, 901)
    place.assert_done(job)


def not_committed(place, **kwargs):
    worker = place.worker().ready()
    job = place.enqueue("once", children=3, **kwargs)
    place.wait_final(job)
    worker.stop()
    finish_with(place, 0)
    place.assert_failed(job)


def application(place, how, expected):
    worker = place.worker().ready()
    code = place.apply(how, "brief", "a", "b", "c")
    assert code == (-9 if how == "die" else 0), code
    last = place.enqueue("effect")
    tap.wait_until(lambda: place.effects() == expected + 1)
    place.wait_final(last)
    worker.stop()
    finish_with(place, expected + 1)
    asked = place.one(place.data, "SELECT count(*) FROM asked")
    assert asked == expected, asked


def application_without_a_worker(place):
    """Nobody is there to relay it; the next worker does."""
    assert place.apply("commit", "brief", "a", "b") == 0
    finish_with(place, 2)


def house_killed(place):
    """Between relay and delete: what it relayed has run and is forgotten by then."""
    worker = place.worker().ready()
    place.arm("house.relayed", "stop")
    assert place.apply("commit", "brief", "a", "b", "c") == 0
    house = place.wait_stopped("house.relayed")
    tap.wait_until(lambda: place.effects() == 3 and place.unfinished() == 0)
    kill(house)
    tap.wait_until(lambda: place.one(place.data, "SELECT count(*) FROM barq_outbox") == 0)
    worker.stop()
    finish_with(place, 3)


def two_houses(place):
    """Both workers sweep the same rows."""
    first = place.worker().ready()
    place.arm("house.relayed", "stop")
    assert place.apply("commit", "brief", "a", "b", "c") == 0
    house = place.wait_stopped("house.relayed")
    second = place.worker().ready()
    tap.wait_until(lambda: place.effects() == 3 and place.unfinished() == 0)
    tap.wait_until(lambda: place.one(place.data, "SELECT count(*) FROM barq_outbox") == 0)
    resume(house)
    first.stop()
    second.stop()
    finish_with(place, 3)


def rows_that_cannot_be_deleted(place):
    """A sweep that fails is no database that is away: jobs go on, and the rows when they can."""
    assert place.apply("commit", "brief", "a") == 0
    keep, no_more = KEEP[DATABASE]
    place.database.script(keep)
    worker = place.worker().ready()
    worker.wait_log("cannot sweep the outbox")
    job = place.enqueue("effect")
    place.wait_final(job)
    place.database.script(no_more)
    tap.wait_until(lambda: place.one(place.data, "SELECT count(*) FROM barq_outbox") == 0)
    worker.stop()
    finish_with(place, 2)
    place.assert_done(job)


def one_id_twice(place):
    """In one transaction, so in one millisecond: the second is refused, or another job; a receipt
    of the first is none of the second's."""
    worker = place.worker().ready()
    assert place.apply("commit", "brief", "a", "a") == 0
    tap.wait_until(lambda: place.effects() >= 1 and place.unfinished() == 0)
    tap.wait_until(lambda: place.one(place.data, "SELECT count(*) FROM barq_outbox") == 0)
    worker.stop()
    runs, receipts = place.effects("a"), len(place.receipts("a"))
    assert runs == receipts, (runs, receipts)


def one_id_again_in_its_millisecond(place):
    """The same id and the same millisecond, but enqueued again: it is another job, even where its
    receipt is looked for."""
    options = ("--job-id", "again")
    worker = place.worker().ready()
    place.enqueue("brief", options=options)
    tap.wait_until(lambda: place.effects() == 1 and place.unfinished() == 0)
    worker.stop()
    [[at]] = place.rows(place.data, "SELECT enqueued_at_ms FROM barq_receipts")
    place.enqueue("brief", options=options)
    place.backdate("again", at)
    last = place.worker(burst=True)
    assert last.wait_end() == 0
    rows = place.rows(place.data, "SELECT job_id, enqueued_at_ms FROM barq_receipts")
    assert rows == [("again", at)] * 2, rows
    assert place.effects("again") == 2


def one_id_at_once(place):
    """Eight enqueue the same id at the same time: one is taken."""
    def enqueue(_):
        try:
            return place.enqueue("effect", options=("--job-id", "one"))
        except AssertionError:
            return None
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        taken = [job for job in pool.map(enqueue, range(8)) if job]
    assert taken == ["one"], taken
    finish_with(place, 1)
    place.assert_done("one")


NAME = "promise 8: an enqueue happens if and only if its transaction commits: "
cases = Cases()
cases.add(NAME + "killed between relay and delete", killed_between_relay_and_delete)
cases.add(NAME + "worker killed between relay and delete", worker_killed_between_relay_and_delete)
cases.add(NAME + "relayed by another, and then again", relay_after_the_lease)
cases.add(NAME + "a chunk in a worker that lost its lease", chunk_relayed_by_a_lost_worker)
for chunk in (2, 4):
    cases.add(NAME + f"killed at attempt.relayed of chunk {chunk}", many_chunks,
              "attempt.relayed", chunk)
    cases.add(NAME + f"worker killed at dispatcher.relayed of chunk {chunk}",
              many_chunks_worker_killed, chunk)
for end in ["fail", "crash"] if PG else ["fail", "error", "crash", "exit", "large"]:
    cases.add(NAME + f"not when it ends by {end}", not_committed, then=end)
cases.add(NAME + "the application commits", application, "commit", 3)
cases.add(NAME + "the application rolls back", application, "rollback", 0)
cases.add(NAME + "the application dies", application, "die", 0)
cases.add(NAME + "the application commits while nobody works", application_without_a_worker)
cases.add(NAME + "the house is killed between relay and delete", house_killed)
cases.add(NAME + "two houses sweep the same rows", two_houses)
cases.add(NAME + "rows that cannot be deleted", rows_that_cannot_be_deleted)
cases.add(NAME + "one id twice in a transaction", one_id_twice)
cases.add(NAME + "one id twice in a millisecond", one_id_again_in_its_millisecond)
cases.add(NAME + "one id by eight at once", one_id_at_once)
cases.run()
