"""stores - the ledger's queue and database, the servers that these are in, and what is done to servers: killed
and started again, stopped, away; their sessions ended, their connections cut. chaos has one.

Workers come to each server by a wire (support/wire.py), and the ledger itself does not.
"""
import os
import time

from fault.databases import open_database
from fault.pg_queue import PgQueue
from fault.postgres import Postgres
from fault.queues import RedisQueue, SqliteQueue
from support.wire import Wire

DOWN_S = (0, 0.5)
LOOK_EVERY_S = 2
# No job waits within its transaction: only who stands still is silent there, or whose server did.
IDLE_MAX_S = 10


class Stores:
    """broker: sqlite, redis, pg. database: sqlite, postgresql. Both in PostgreSQL: in `servers` of them; one has
    queue and data in one database."""

    def __init__(self, folder, broker, database, servers, dice):
        self.dice = dice
        self.database = open_database(database, folder)
        if broker == "redis":
            self.jobs = RedisQueue(folder)
        elif broker == "pg" and database == "postgresql" and servers == 1:
            self.jobs = PgQueue(folder, self.database.server, self.database.url)
        elif broker == "pg":
            self.jobs = PgQueue(folder, name="postgres-queue")
        else:
            self.jobs = SqliteQueue(os.path.join(folder, "queue.db"))
        stores = [store for store in (self.jobs, self.database) if getattr(store, "server", None)]
        self.stores = {store.server: store for store in stores}  # one of each server
        self.wires = {server: Wire(server.port) for server in self.stores}
        self.killed = self.frozen = 0
        self.give_back = None  # while the database is away
        self.back_at = self.look_at = 0
        self.most_idle_s = 0

    def url_of(self, store):
        """For workers."""
        wire = self.wires.get(getattr(store, "server", None))
        return wire.over(store.url) if wire else store.url

    def close(self):
        self.return_database(float("inf"))
        for wire in self.wires.values():
            wire.close()
        self.jobs.close()
        self.database.close()

    def is_away(self, server):
        return self.give_back is not None and server is self.database.server

    # -- harm --

    def harm(self, stopped):
        """One server, somehow. None that stands still (`stopped`) or is away. What stands still from now on, if
        any: its processes."""
        servers = [server for server in self.stores if server not in stopped and not self.is_away(server)]
        if not servers:
            return None
        server = self.dice.choice(servers)
        fate = self.dice.random()
        if fate < 0.35:
            self.kill(server)
        elif fate < 0.45 and not stopped:
            self.frozen += 1
            server.freeze()
            return server
        elif fate < 0.70 and isinstance(self.stores[server], Postgres):
            self.stores[server].end_backend(self.dice)
        else:
            self.wires[server].cut_somewhere(self.dice)
        return None

    def kill(self, server):
        """Away for a while, while jobs run on."""
        server.kill()
        time.sleep(self.dice.uniform(*DOWN_S))
        server.start()
        self.killed += 1

    # -- the database, away --

    def take_database(self, seconds):
        """False: it could not be had, for now."""
        self.give_back = self.database.take_away()
        self.back_at = time.monotonic() + seconds
        return self.give_back is not None

    def return_database(self, now):
        if self.give_back and now >= self.back_at:
            self.give_back()
            self.give_back = None

    def wait_for_database(self):
        if self.give_back:
            time.sleep(max(0, self.back_at - time.monotonic()))
            self.return_database(float("inf"))

    # -- what is seen --

    def look(self, stopped):
        """Now and then: how long a session of a job has been silent within its transaction."""
        server = self.database.server
        if not server or server in stopped or self.is_away(server) or time.monotonic() < self.look_at:
            return
        self.look_at = time.monotonic() + LOOK_EVERY_S
        self.most_idle_s = max(self.most_idle_s, self.database.longest_idle_s())

    def check(self):
        """What is wrong at the end, each in a sentence."""
        wrong = []
        for store in (self.database, self.jobs):
            try:
                store.check()
            except AssertionError as left:
                wrong.append(f"{store.url}: {left}")
        if self.most_idle_s > IDLE_MAX_S:
            wrong.append(f"a session was silent within its transaction for {self.most_idle_s:.1f} s")
        return wrong

    def tell(self):
        """What was done, for a line of figures."""
        if not self.stores:
            return ""
        ended = sum(getattr(store, "backends_ended", 0) for store in self.stores.values())
        cuts = sum(wire.cuts for wire in self.wires.values())
        return (f", {self.killed} servers; {self.frozen} stops of a server, {ended} sessions ended,"
                f" {cuts} connections cut")
