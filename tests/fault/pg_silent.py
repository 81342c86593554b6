"""A PostgreSQL that says nothing any more, and keeps its connections: as after a machine's end, before anybody has
noticed. It is away, and that is no job's doing."""
from fault.place import LEASE_S, Cases
from support import tap

ENDS = ("job given back", "job took its executor down")


def a_receipt_is_looked_for(place):
    """Of a job with one try, which its worker has taken along: it gets that try, when the database speaks again."""
    first = place.worker(lease=LEASE_S).ready()
    place.arm("attempt.started", "stop")
    job = place.enqueue("once")
    executor = place.wait_stopped("attempt.started")
    second = place.worker(lease=LEASE_S).ready()
    place.server.freeze()
    place.lose(first, executor)
    try:
        tap.wait_until(lambda: any(end in second.log() for end in ENDS), 40)
    finally:
        place.server.thaw()
    place.wait_final(job, deadline_s=60)
    place.finish()
    place.assert_done(job)
    assert "crashed" not in str(place.history(job)), place.history(job)


cases = Cases(2, own_server=True)
cases.add("a silent database: a receipt is looked for", a_receipt_is_looked_for)
cases.run()
