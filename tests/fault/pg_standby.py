"""A hot standby: while it is one, nothing can be done there, and whoever tries is told so; once it is promoted, all
goes on by itself."""
import contextlib
import subprocess
import threading

from fault.databases import PostgresDatabase
from fault.pg_queue import PgQueue
from fault.place import BARQ, LEASE_S, Cases
from fault.postgres import ARGS
from support import tap
from support.postgres_server import Standby

ADVICE = "name the primary, or several hosts with target_session_attrs=read-write"


@contextlib.contextmanager
def standby_of(place):
    """Nothing that was acknowledged is lost with the primary. Which may be gone in the end, or alone again."""
    with Standby(place.folder, place.server, args=ARGS) as standby:
        standby.is_waited_for()
        yield standby
        standby.is_waited_for(False)


def there(place, url, standby):
    return url.replace(f":{place.server.port}/", f":{standby.port}/")


def either(place, url, standby):
    both = f":{place.server.port},127.0.0.1:{standby.port}/"
    return url.replace(f":{place.server.port}/", both) + "?target_session_attrs=read-write"


def look_there(place, standby):
    """From now on, what the test itself asks; the place closes it."""
    urls = [there(place, store.url, standby) for store in (place.jobs, place.database)]
    for store in (place.jobs, place.database):
        store.close()
    place.jobs = PgQueue(place.folder, standby, urls[0])
    place.database = PostgresDatabase(place.folder, standby, urls[1])
    place.data = place.database


def nothing_is_enqueued_there(place):
    with standby_of(place) as standby:
        place.env["BARQ_URL"] = there(place, place.jobs.url, standby)
        for words in (["enqueue", "effect"], ["stats"]):
            said = place.barq_error(*words)
            assert "SQLSTATE 25006" in said and ADVICE in said, (words, said)
        worker = place.worker()
        worker.wait_log("SQLSTATE 25006")
        worker.signal(15)
        assert worker.wait_end() in (0, 1, -15)
    place.env["BARQ_URL"] = place.jobs.url
    place.finish()


def sessions_wait_until_it_is_promoted(place):
    """The queue is in the primary. The first job that is claimed finds it out, and uses up nothing."""
    with standby_of(place) as standby:
        place.env["DATABASE_URL"] = there(place, place.database.url, standby)
        worker = place.worker().ready()
        job = place.enqueue("once")
        worker.wait_log("SQLSTATE 25006")
        assert place.state(job) == 0 and place.column(job, "tries") == 0
        standby.is_waited_for(False)
        standby.promote()
        place.wait_final(job)
        worker.stop()
        assert standby.say("SELECT count(*) FROM effects", there(place, place.database.url, standby)) == "1"
        assert place.state(job) == 1, place.info(job)
        place.env["DATABASE_URL"] = place.database.url


class Clients:
    """Enqueue one job after the other until they are told to stop."""

    def __init__(self, place):
        self.place = place
        self.acknowledged = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            said = subprocess.run([BARQ, "enqueue", "effect"], env=self.place.env, capture_output=True,
                                  timeout=120, check=False, text=True)
            if said.returncode == 0:
                self.acknowledged.append(said.stdout.strip())

    def stop(self):
        self.stopping.set()
        self.thread.join()


def the_primary_dies(place):
    """Under load, queue and sessions in it. Addresses name both hosts: workers and clients go on there."""
    with standby_of(place) as standby:
        for name, store in (("BARQ_URL", place.jobs), ("DATABASE_URL", place.database)):
            place.env[name] = either(place, store.url, standby)
        workers = [place.worker(executors=2, lease=LEASE_S).ready() for _ in range(2)]
        clients = Clients(place)
        try:
            tap.wait_until(lambda: place.effects() >= 10, 30)
            place.server.kill()
            standby.promote()
            look_there(place, standby)
            before = len(clients.acknowledged)
            tap.wait_until(lambda: len(clients.acknowledged) > before + 10, 60)
        finally:
            clients.stop()
        place.wait_drained(60)
        for worker in workers:
            worker.stop()
        place.finish()
        place.assert_done(*clients.acknowledged)
        for store in (place.jobs, place.database):
            store.close()


NAME = "a standby: "
cases = Cases(3, own_server=True)
cases.add(NAME + "nothing is enqueued there", nothing_is_enqueued_there)
cases.add(NAME + "sessions wait until it is promoted", sessions_wait_until_it_is_promoted)
cases.add(NAME + "the primary dies", the_primary_dies)
cases.run()
