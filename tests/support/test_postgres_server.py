"""What other tests rely on: a PostgreSQL of one's own."""
import time

from support import tap
from support.postgres_server import PostgresServer

HOUR_MS = 3600 * 1000


def a_killed_server_comes_back_at_its_place(folder):
    with PostgresServer(folder) as postgres:
        url = postgres.fresh()
        postgres.say("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)", url)
        postgres.kill()
        postgres.start()
        assert postgres.say("SELECT n, n * 2 FROM t ORDER BY n", url) == "1|2\n2|4"
        postgres.restart()
        assert postgres.say("SELECT count(*) FROM t", url) == "2"


def its_clock_can_be_moved(folder):
    with PostgresServer(folder) as postgres:
        postgres.set_clock(HOUR_MS)
        assert float(postgres.say("SELECT extract(epoch FROM clock_timestamp())")) > time.time() + 3000


tap.run(
    a_killed_server_comes_back_at_its_place,
    its_clock_can_be_moved,
)
