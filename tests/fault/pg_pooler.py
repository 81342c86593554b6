"""Through pgbouncer in transaction mode, to queue and database: with prepare=off all is as without it, and
whoever forgets that is told so."""
import contextlib

from fault.place import LEASE_S, STEPS, Cases, resume
from support import tap
from support.pooler import Pooler

ADVICE = "say prepare=off"


@contextlib.contextmanager
def pooled(place, more="?prepare=off", servers=2):
    """All of the place's programs come through it, until the end: then its sessions are gone, too."""
    direct = dict(place.env)
    with Pooler(place.folder, place.server, servers) as pooler:
        for name in ("BARQ_URL", "DATABASE_URL"):
            place.env[name] = pooler.over(direct[name]) + more
        yield pooler
        for worker in place.workers:
            if worker.process.poll() is None:
                worker.stop()
    place.env.update(direct)


def jobs_share_servers(place):
    """More threads than servers; rows, receipts and children are each once."""
    with pooled(place):
        workers = [place.worker("--threads", "3", executors=2).ready() for _ in range(2)]
        jobs = [place.enqueue("effect", children=3) for _ in range(20)]
        place.wait_drained()
        assert place.effects() == 80
        log = "".join(worker.log() for worker in workers)
        assert " WARN" not in log and " ERROR" not in log, log
    place.finish()
    place.assert_done(*jobs)


def an_attempt_is_killed(place, step):
    with pooled(place):
        place.worker().ready()
        place.arm(step, "kill")
        job = place.enqueue("effect", children=2, child="brief")
        place.wait_hit(step)
        tap.wait_until(lambda: place.state(job) == 1 and place.effects() == 3, 30)
    place.finish()
    place.assert_done(job)


def the_pooler_is_started_again(place):
    """Whoever is connected is cut off, workers and what they have in the server."""
    with pooled(place) as pooler:
        worker = place.worker(executors=2, lease=LEASE_S).ready()
        first = place.enqueue("effect")
        place.wait_final(first)
        place.arm("session.committing", "stop")
        cut = place.enqueue("effect")
        executor = place.wait_stopped("session.committing")
        pooler.kill()
        worker.wait_log("the broker cannot be used")
        pooler.start()
        resume(executor)
        worker.wait_log("the broker is back")
        last = place.enqueue("effect")
        place.wait_final(cut, last)
    place.finish()
    place.assert_done(first, cut, last)


def a_deadline_ends_what_waits_in_the_server(place):
    """The cancel finds its way through the pooler, and the server is another one's again."""
    with pooled(place, servers=1):
        place.worker(executors=1).ready()
        with place.database.blocked("effects"):
            job = place.enqueue("hasty")
            place.wait_final(job)
        place.assert_failed(job, "ran past its 0.1 s")
        other = place.enqueue("effect")
        place.wait_final(other)
    place.finish()
    place.assert_done(other)


def a_schema_of_ones_own(place):
    """The queue's is said in each statement; that of sessions is a setting, which has to be the role's."""
    with pooled(place, "?prepare=off&schema=apart") as pooler:
        said = place.barq_error("migrate")
        assert "ALTER ROLE" in said, said
        url = place.server.fresh()
        place.server.say("CREATE SCHEMA apart; ALTER ROLE barq IN DATABASE " + url.rpartition("/")[2]
                         + " SET search_path = apart, public", url)
        place.env["DATABASE_URL"] = pooler.over(url) + "?prepare=off"
        place.barq("migrate")
        assert place.server.say("SELECT count(*) FROM apart.barq_receipts", url) == "0"
        assert place.server.say("SELECT to_regclass('apart.jobs')", place.jobs.url) == "apart.jobs"
    place.finish()


def a_client_forgets_to_say_so(place):
    """Two of them share a server in which each prepares the same."""
    with pooled(place, more="", servers=1):
        place.enqueue("effect")
        said = place.barq_error("enqueue", "effect")
        assert ADVICE in said, said


def a_worker_forgets_to_say_so(place):
    """While another one runs."""
    with pooled(place, more="", servers=1):
        workers = [place.worker() for _ in range(2)]
        tap.wait_until(lambda: any(ADVICE in worker.log() for worker in workers), 60)


def sessions_forget_to_say_so(place):
    """A statement is prepared when it is used again; by the second session in vain."""
    queue = place.env["BARQ_URL"]
    with pooled(place, more="", servers=1):
        place.env["BARQ_URL"] = queue
        worker = place.worker("--threads", "2", executors=2).ready()
        for _ in range(10):
            place.enqueue("effect", children=20)
        place.wait_drained()
        worker.wait_log(ADVICE)


NAME = "pgbouncer: "
cases = Cases(3)
cases.add(NAME + "jobs share servers", jobs_share_servers)
for at in STEPS:
    cases.add(NAME + f"killed at {at}", an_attempt_is_killed, at)
cases.add(NAME + "it is started again", the_pooler_is_started_again)
cases.add(NAME + "a deadline", a_deadline_ends_what_waits_in_the_server)
cases.add(NAME + "a schema of one's own", a_schema_of_ones_own)
cases.add(NAME + "a client forgets to say so", a_client_forgets_to_say_so)
cases.add(NAME + "a worker forgets to say so", a_worker_forgets_to_say_so)
cases.add(NAME + "sessions forget to say so", sessions_forget_to_say_so)
cases.run()
