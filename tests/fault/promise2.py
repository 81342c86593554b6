"""Promise 2: commit before acknowledge. Looked at while everything stands still at one step."""
from fault.place import SERVED, STEPS, Cases, resume

BEFORE = ["attempt.begin", "attempt.started", "session.began", "attempt.returned",
          "receipt.inserted", "attempt.receipt_inserted", "session.committing"]
AFTER = ["session.committed", "attempt.committed", "attempt.relayed", "attempt.outbox_deleted",
         "attempt.ended"]
FAILURE_BEFORE = ["attempt.rolled_back", "attempt.failure_inserted"]
FAILURE_AFTER = ["attempt.failure_committed"]


def stands_at(place, point, committed, **kwargs):
    worker = place.worker().ready()
    place.arm(point, "stop")
    job = place.enqueue("once", **kwargs)
    executor = place.wait_stopped(point)
    assert place.state(job) == 0, "acknowledged before its attempt ended"
    assert len(place.receipts(job)) == committed, place.receipts(job)
    failed = kwargs.get("then") == "fail"
    assert place.effects(job) == (committed and not failed), place.effects(job)
    assert len(place.failures(job)) == (committed and failed), place.failures(job)
    resume(executor)
    place.wait_final(job)
    worker.stop()
    place.finish()
    if failed:
        place.assert_failed(job, "failed for good as asked")
    else:
        place.assert_done(job)


def stands_in_acknowledging(place, point, acknowledged):
    worker = place.worker().ready()
    place.arm("attempt.ended", "stop")
    job = place.enqueue("effect")
    executor = place.wait_stopped("attempt.ended")
    place.arm(point, "stop")
    resume(executor)
    dispatcher = place.wait_stopped(point)
    assert place.receipts(job) == ["complete"] and place.effects(job) == 1
    assert (place.state(job) == 1) == acknowledged
    resume(dispatcher)
    place.wait_final(job)
    worker.stop()
    place.finish()
    place.assert_done(job)


cases = Cases()
for step in filter(STEPS.count, BEFORE):
    cases.add(f"promise 2: commit before acknowledge: nothing said at {step}", stands_at, step, 0,
              children=1)
for step in filter(STEPS.count, AFTER):
    cases.add(f"promise 2: commit before acknowledge: committed at {step}", stands_at, step, 1,
              children=1)
for step in FAILURE_BEFORE:
    cases.add_once(f"promise 2: commit before acknowledge: nothing said at {step}", stands_at, step,
                   0, then="fail")
for step in FAILURE_AFTER:
    cases.add(f"promise 2: commit before acknowledge: committed at {step}", stands_at, step, 1,
              then="fail")
cases.add("promise 2: commit before acknowledge: exchange.before_commit", stands_in_acknowledging,
          "exchange.before_commit", False)
# In a server others come by, which acknowledge nothing.
cases.add("promise 2: commit before acknowledge: exchange.committed", stands_in_acknowledging,
          "exchange.settled" if SERVED else "exchange.committed", True)
cases.run()
