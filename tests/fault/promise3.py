"""Promise 3: effects once. For one job at most one attempt's writes are ever committed."""
from fault.place import LEASE_S, STEPS, Cases, is_gone, resume
from support import tap

# Of the dispatcher, from the claim to the acknowledgement.
DISPATCHER_STEPS = ["dispatcher.assigned", "dispatcher.relayed"]
EXCHANGE_STEPS = ["exchange.before_commit", "exchange.committed", "exchange.settled",
                  "dispatcher.acknowledged"]


def children_of(place, job, count):
    return [f"{job}/{number}" for number in range(1, count + 1)]


def all_done(place, job):
    place.finish()
    place.assert_done(job, *children_of(place, job, 2))
    assert place.effects() == 3, place.effects()


def executor_killed(place, point):
    place.worker().ready()
    place.arm(point, "kill")
    job = place.enqueue("effect", children=2, named=True)
    place.wait_hit(point)
    place.wait_final(job)
    all_done(place, job)


def worker_killed(place, point):
    """The executor stands still there while its worker is killed, and only then goes on as it likes."""
    first = place.worker().ready()
    place.arm(point, "stop")
    job = place.enqueue("effect", children=2, named=True)
    orphan = place.wait_stopped(point)
    first.kill()
    second = place.worker().ready()
    second.wait_log(f"job claimed job={job} ")
    resume(orphan)
    tap.wait_until(lambda: is_gone(orphan))
    place.wait_final(job)
    all_done(place, job)


def stopped_past_its_lease(place, point):
    """Worker and executor stand still until another worker has the job; then they go on."""
    first = place.worker(lease=LEASE_S).ready()
    place.arm(point, "stop")
    job = place.enqueue("effect", children=2, named=True)
    executor = place.wait_stopped(point)
    place.freeze(first)
    second = place.worker().ready()
    second.wait_log(f"job claimed job={job} ")
    resume(executor)
    resume(first.pid)
    place.wait_final(job)
    first.wait_log("the lease was lost")
    all_done(place, job)


def dispatcher_killed(place, point):
    first = place.worker().ready()
    place.arm(point, "kill")
    job = place.enqueue("effect", children=2, named=True)
    place.wait_hit(point)
    first.wait_end()
    all_done(place, job)


def killed_in_acknowledging(place, point):
    first = place.worker().ready()
    place.arm("attempt.ended", "stop")
    job = place.enqueue("effect", children=2, named=True)
    executor = place.wait_stopped("attempt.ended")
    place.arm(point, "kill")
    resume(executor)
    place.wait_hit(point)
    first.wait_end()
    all_done(place, job)


def killed_again_at_the_receipt(place):
    first = place.worker().ready()
    place.arm("attempt.committed", "kill")
    place.arm("attempt.receipt_found", "kill")
    job = place.enqueue("effect", children=2, named=True)
    place.wait_hit("attempt.receipt_found")
    place.wait_final(job)
    first.stop()
    all_done(place, job)


cases = Cases()
for step in STEPS:
    cases.add(f"promise 3: effects once: executor killed at {step}", executor_killed, step)
for step in STEPS:
    cases.add(f"promise 3: effects once: worker killed at {step}", worker_killed, step)
for step in STEPS:
    cases.add(f"promise 3: effects once: stopped past the lease at {step}",
              stopped_past_its_lease, step)
for step in DISPATCHER_STEPS:
    cases.add(f"promise 3: effects once: worker killed at {step}", dispatcher_killed, step)
for step in EXCHANGE_STEPS:
    cases.add(f"promise 3: effects once: worker killed acknowledging, at {step}",
              killed_in_acknowledging, step)
cases.add("promise 3: effects once: killed again at attempt.receipt_found",
          killed_again_at_the_receipt)
cases.run()
