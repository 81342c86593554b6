"""databases - what fault tests see of the sessions' database, and do to it: in SQLite, or in PostgreSQL."""
import contextlib
import json
import os
import random
import sqlite3
import time

from support.postgres_server import PostgresServer


class SqliteDatabase:
    server = None

    def __init__(self, folder):
        self.path = os.path.join(folder, "data.db")
        self.url = "sqlite://" + self.path

    def close(self):
        pass

    def script(self, sql):
        with contextlib.closing(sqlite3.connect(self.path, timeout=60)) as db:
            db.executescript("PRAGMA journal_mode = WAL;" + sql)

    def rows(self, sql, *params):
        with contextlib.closing(sqlite3.connect(self.path, timeout=60)) as db:
            return db.execute(sql, params).fetchall()

    def change(self, sql, many):
        with contextlib.closing(sqlite3.connect(self.path, timeout=60)) as db, db:
            db.executemany(sql, many)

    def take_away(self):
        """Locked by another program, until what is returned is called. None: it could not be had."""
        lock = sqlite3.connect(self.path, timeout=5, isolation_level=None)
        try:
            lock.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            lock.close()
            return None

        def give_back():
            lock.execute("ROLLBACK")
            lock.close()
        return give_back

    def check(self):
        """Asserts that it is whole."""
        [[word]] = self.rows("PRAGMA integrity_check")
        assert word == "ok", word


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


class PostgresDatabase:
    """Spoken to by psql; columns of a row need names of their own."""

    def __init__(self, folder):
        self.server = PostgresServer(folder, durable=True).start()
        self.url = self.server.fresh()
        self.backends_ended = 0

    def close(self):
        self.server.__exit__(None, None, None)

    def script(self, sql):
        self.server.say(sql.replace("INTEGER", "bigint"), self.url)

    def bound(self, sql, params):
        parts = sql.split("?")
        assert len(parts) == len(params) + 1, sql
        return parts[0] + "".join(literal(value) + part for value, part in zip(params, parts[1:]))

    def rows(self, sql, *params):
        told = self.server.say("SELECT coalesce(json_agg(row_to_json(q)), '[]')"
                               f" FROM ({self.bound(sql, params)}) AS q", self.url)
        return [tuple(row.values()) for row in json.loads(told)]

    def change(self, sql, many):
        self.server.say("BEGIN;" + ";".join(self.bound(sql, row) for row in many) + ";COMMIT",
                        self.url)

    def take_away(self):
        self.server.kill()
        return self.server.start

    def kill(self, down_s):
        self.server.kill()
        time.sleep(down_s)
        self.server.start()

    def end_backend(self, dice=random):
        """As an administrator would: whichever session it is."""
        pids = self.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                         " AND pid <> pg_backend_pid() ORDER BY pid")
        if pids:
            self.rows("SELECT pg_terminate_backend(?)", dice.choice(pids)[0])
            self.backends_ended += 1

    def sessions(self):
        [[count]] = self.rows("SELECT count(*) FROM pg_stat_activity"
                              " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        return count

    def check(self):
        """Asserts that nobody's session is left open."""
        end = time.monotonic() + 10
        while self.sessions() > 0 and time.monotonic() < end:
            time.sleep(0.05)
        assert self.sessions() == 0, "sessions are left open"


def open_database(kind, folder):
    return PostgresDatabase(folder) if kind == "postgresql" else SqliteDatabase(folder)
