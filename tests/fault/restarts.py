"""A store is restarted, or locked by another program, under load: throughput is back by itself, on every pair of
queue and database."""
from fault.place import DATABASE, LEASE_S, PG, SERVED, Cases
from support import tap

JOBS = 300
TIMES = 2
BACK_S = 20  # seconds, on a machine that does much else


def queue_many(place):
    job = place.enqueue("effect", after_ms=2, options=("--defer-by", "3600"))
    place.multiply(job, JOBS - 1)


def wait_for_more(place, effects=20):
    """Throughput: so many more of them."""
    before = place.effects()
    tap.wait_until(lambda: place.effects() >= min(before + effects, JOBS), BACK_S)


def count_noticed(worker):
    return worker.log().count("the broker cannot be used") + worker.missed_database()


def finish_unharmed(place, worker):
    """All of them done, each once. A session that breaks in use fails its attempt, and nothing else does."""
    place.wait_drained(60)
    worker.stop()
    place.finish()
    assert place.effects() == JOBS, place.effects()
    tries, losses, failed = place.totals()
    assert tries <= 2 * TIMES and (losses, failed) == (0, 0), place.totals()


def server_restarted(place, server, stop):
    """Down until the worker has noticed it; and it is not told that the server is back."""
    queue_many(place)
    worker = place.worker(executors=2, lease=LEASE_S).ready()
    for _ in range(TIMES):
        wait_for_more(place)
        seen = count_noticed(worker)
        stop(server(place))
        tap.wait_until(lambda n=seen: count_noticed(worker) > n, 30)
        server(place).start()
    wait_for_more(place)
    finish_unharmed(place, worker)


def store_locked(place, store):
    """A store in SQLite, in the hands of another program for longer than anybody waits."""
    queue_many(place)
    worker = place.worker(executors=2, lease=LEASE_S).ready()
    wait_for_more(place)
    seen = count_noticed(worker)
    with store(place).away():
        tap.wait_until(lambda: count_noticed(worker) > seen, 30)
    wait_for_more(place)
    finish_unharmed(place, worker)


def sessions_ended(place, store):
    """All of them, again and again, as an administrator ends them."""
    queue_many(place)
    worker = place.worker(executors=2, lease=LEASE_S).ready()
    for _ in range(TIMES):
        wait_for_more(place)
        store(place).end_all()
    wait_for_more(place)
    finish_unharmed(place, worker)


def jobs_of(place):
    return place.jobs


def database_of(place):
    return place.database


def add_server(name, find):
    def server(place):
        return find(place).server
    cases.add(NAME + f"the server of the {name} was killed", server_restarted, server,
              lambda server: server.kill())
    cases.add(NAME + f"the server of the {name} was stopped in peace", server_restarted, server,
              lambda server: server.stop())


NAME = f"database in {DATABASE}: throughput is back by itself: "
cases = Cases(3, own_server=True)
if SERVED:
    add_server("queue", jobs_of)
else:
    cases.add(NAME + "the queue was locked", store_locked, jobs_of)
if DATABASE == "sqlite":
    cases.add(NAME + "the database was locked", store_locked, database_of)
elif not PG:  # else it is in the queue's server
    add_server("database", database_of)
if PG:
    cases.add(NAME + "the sessions of the queue were ended", sessions_ended, jobs_of)
if DATABASE == "postgresql":
    cases.add(NAME + "the sessions of the database were ended", sessions_ended, database_of)
cases.run()
