"""Sentinel puts a replica in the place of a master that is gone. Nothing is doubled; and lost is only what
the replica had not got, of which `barq check` warns."""
import contextlib
import subprocess
import threading

import redis

from fault.place import BARQ, LEASE_S, Cases
from fault.queues import DURABLE, RedisQueue
from support import tap
from support.redis_server import FAILOVER_S, Sentinels


@contextlib.contextmanager
def sentinels(place):
    """The place's queue is there from now on."""
    with Sentinels(place.folder, args=DURABLE) as servers:
        place.jobs.close()
        place.jobs = RedisQueue(place.folder, servers.master, servers.url)
        place.env["BARQ_URL"] = servers.url
        yield servers


def look_at_replica(place, servers):
    place.jobs = RedisQueue(place.folder, servers.replica, servers.url)


def has_all(servers):
    with contextlib.closing(servers.master.client()) as master:
        return master.wait(1, 20000) == 1


def role_of(server):
    """None while it throws everybody out."""
    with contextlib.closing(server.client()) as client, contextlib.suppress(redis.ConnectionError):
        return client.role()[0]


class Clients:
    """Enqueues one job after the other until it is told to stop; knows which were acknowledged."""

    def __init__(self, place):
        self.place = place
        self.acknowledged = []
        self.unsure = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        number = 0
        while not self.stopping.is_set():
            number += 1
            job = f"job-{number}"
            said = subprocess.run([BARQ, "enqueue", "effect", "--job-id", job], env=self.place.env,
                                  capture_output=True, timeout=60, check=False)
            (self.acknowledged if said.returncode == 0 else self.unsure).append(job)

    def stop(self):
        self.stopping.set()
        self.thread.join()


def fails_over(place, kill):
    """Under load: workers run, clients enqueue."""
    with sentinels(place) as servers:
        said = place.barq_check()
        assert "replicas follow later: a failover loses what they had not got yet" in said, said
        workers = [place.worker(executors=2, lease=LEASE_S).ready() for _ in range(2)]
        clients = Clients(place)
        try:
            tap.wait_until(lambda: place.effects() >= 20)
            had = list(clients.acknowledged)
            assert has_all(servers)
            servers.fail_over(kill)
            look_at_replica(place, servers)
            before = len(clients.acknowledged)
            tap.wait_until(lambda: len(clients.acknowledged) > before + 20, 60)
        finally:
            clients.stop()
        place.wait_drained(60)
        for worker in workers:
            worker.stop()
        place.finish()
        lost = [job for job in clients.acknowledged if not place.effects(job)]
        for job in had:
            assert job not in lost, (job, lost)
        # What came later may be lost, but only around the failover.
        assert len(lost) <= len(clients.acknowledged) - len(had), lost
        after = clients.acknowledged[before:]
        assert not set(after) & set(lost), lost


def replica_is_behind(place):
    """What was acknowledged and had not been replicated is lost; claims and ends of jobs, too, so that these
    run again: without a second effect."""
    with sentinels(place) as servers:
        place.worker(executors=2, lease=LEASE_S).ready()
        gate = place.folder + "/gate"
        running = [place.enqueue("after", gate) for _ in range(2)]
        tap.wait_until(lambda: place.running() == 2)
        assert has_all(servers)
        servers.replica.freeze()
        with contextlib.closing(servers.master.client()) as master:
            master.client_kill_filter(_type="slave")  # what is in the kernel's hands would still come
        late = place.enqueue("effect")
        with open(gate, "w", encoding="ascii"):
            pass
        place.wait_final(*running, late)
        servers.master.kill()
        servers.replica.thaw()
        tap.wait_until(lambda: servers.is_master(servers.replica), FAILOVER_S)
        look_at_replica(place, servers)
        job = place.enqueue("effect")
        place.wait_final(*running, job)
        place.finish()
        place.assert_done(*running, job)
        assert place.effects(late) == 1 and place.state(late) is None


def old_master_comes_back(place):
    """It is made a replica; workers and clients stay with the new one."""
    with sentinels(place) as servers:
        worker = place.worker(executors=2, lease=LEASE_S).ready()
        first = place.enqueue("effect")
        place.wait_final(first)
        assert has_all(servers)
        servers.fail_over(kill=False)
        look_at_replica(place, servers)
        second = place.enqueue("effect")
        place.wait_final(second)
        servers.master.thaw()
        tap.wait_until(lambda: role_of(servers.master) == b"slave", 60)
        third = place.enqueue("effect")
        place.wait_final(third)
        worker.stop()
        place.finish()
        place.assert_done(first, second, third)


NAME = "Sentinel fails over: "
cases = Cases(2)
cases.add(NAME + "the master is killed", fails_over, True)
cases.add(NAME + "the master stands still", fails_over, False)
cases.add(NAME + "the replica is behind", replica_is_behind)
cases.add(NAME + "the old master comes back", old_master_comes_back)
cases.run()
