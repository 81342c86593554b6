"""videos - made-up videos in one list, with fields and tags, written into the tables of either database."""

import os
import random
import sqlite3
import subprocess

WORDS = 8_000
# Some words are in every tenth video or so, most of them in a few.
VOCABULARY = ["".join(random.Random(n).choices("abcdefghijklmnoprstuvwxyz", k=3 + n % 7)) for n in range(WORDS)]


def text_of(source, count):
    return " ".join(VOCABULARY[min(int(source.paretovariate(0.6)) - 1, WORDS - 1)] for _ in range(count))


def rows(count):
    source = random.Random(1)
    for n in range(count):
        known = n % 10 != 0
        yield (f"0192f0a0-{n // 65536:04x}-7000-8000-{n:012x}", "list", f"{n:011d}", n + 1,
               ("completed", "pending", "failed")[min(n % 20, 2)],
               text_of(source, 8) if known else None, "Channel " + str(n % 400) if known else None,
               f"UC{n % 400:022d}" if known else None, source.randrange(30, 9000) if known else None,
               1_300_000_000_000 + source.randrange(400_000_000_000) if known else None,
               source.randrange(5_000_000) if known else None,
               text_of(source, 60) if known else None, 1_700_000_000_000 + n, 1_700_000_000_000 + n)


VIDEO = ("id, list_id, youtube_id, position, status, title, channel, channel_id, duration_seconds,"
         " published_at_ms, view_count, description, created_at_ms, updated_at_ms")


def statements():
    """What fills the tables beside the videos, on both databases."""
    yield "INSERT INTO lists (id, name, created_at_ms, updated_at_ms) VALUES ('list', 'All', 1, 1)"
    for n, kind in enumerate(("select", "number")):
        yield ("INSERT INTO fields (id, list_id, name, label, type, position, created_at_ms, updated_at_ms)"
               f" VALUES ('f{n}', 'list', '{('level', 'score')[n]}', 'F', '{kind}', {n}, 1, 1)")
    for n in range(20):
        yield ("INSERT INTO tags (id, name, name_key, position, created_at_ms, updated_at_ms)"
               f" VALUES ('t{n}', 'Tag{n}', 'tag{n}', {n}, 1, 1)")


AFTER = [
    "INSERT INTO field_values (video_id, field_id, value, value_text, source, updated_at_ms)"
    " SELECT id, 'f0', '\"x\"', CASE position % 4 WHEN 0 THEN 'expert' WHEN 1 THEN 'easy' ELSE 'middling' END,"
    " 'rule', 1 FROM videos WHERE position % 3 <> 0",
    "INSERT INTO field_values (video_id, field_id, value, value_number, source, updated_at_ms)"
    " SELECT id, 'f1', '1', (position * 7919) % 1000, 'rule', 1 FROM videos WHERE position % 2 = 0",
    "INSERT INTO video_tags (video_id, tag_id, created_at_ms)"
    " SELECT v.id, t.id, 1 FROM videos v JOIN tags t ON t.position = v.position % 40",
]


def fill_sqlite(folder, count):
    database = sqlite3.connect(os.path.join(folder, "data.db"))
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -400000")
    for statement in statements():
        database.execute(statement)
    database.executemany(f"INSERT INTO videos ({VIDEO}) VALUES ({', '.join('?' * 14)})", rows(count))
    for statement in AFTER:
        database.execute(statement)
    database.commit()
    database.close()


def fill_postgresql(url, count):
    def cell(value):
        return "\\N" if value is None else str(value)
    script = [";\n".join(statements()) + ";", f"COPY videos ({VIDEO}) FROM stdin;"]
    script += ["\t".join(map(cell, row)) for row in rows(count)]
    script += ["\\.", ";\n".join(AFTER) + ";", "VACUUM ANALYZE;"]
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url], input="\n".join(script), text=True, check=True)
