"""databases - what fault tests see of the sessions' database, and do to it: in SQLite, or in PostgreSQL."""
import contextlib
import os
import sqlite3

from fault.postgres import THEIRS, Postgres, bound


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

    @contextlib.contextmanager
    def blocked(self, _table):
        """The write lock, in the hands of another program."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("ROLLBACK")

    def away(self):
        return self.blocked(None)

    def check(self):
        """Asserts that it is whole."""
        [[word]] = self.rows("PRAGMA integrity_check")
        assert word == "ok", word


class PostgresDatabase(Postgres):
    """Columns of a row that is asked for need names of their own."""

    def change(self, sql, many):
        self.server.say("BEGIN;" + ";".join(bound(sql, row) for row in many) + ";COMMIT", self.url)

    def take_away(self):
        self.server.kill()
        return self.server.start

    @contextlib.contextmanager
    def away(self):
        """Nobody is let in, and who was in is sent away; but the server's other databases are there."""
        self.server.say(f"ALTER DATABASE {self.name()} ALLOW_CONNECTIONS false")
        self.end_all()
        yield
        self.server.say(f"ALTER DATABASE {self.name()} ALLOW_CONNECTIONS true")

    @contextlib.contextmanager
    def blocked(self, table):
        """Whoever writes into it waits."""
        self.say("BEGIN")
        self.say(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        self.say("ROLLBACK")

    def waits_for_a_lock(self):
        return bool(self.rows(f"SELECT pid FROM {THEIRS} AND wait_event_type = 'Lock'"))

    def check(self):
        self.check_sessions()


def open_database(kind, folder, server=None):
    """`server`: where it is, when it is in PostgreSQL; else in one of its own."""
    return PostgresDatabase(folder, server) if kind == "postgresql" else SqliteDatabase(folder)
