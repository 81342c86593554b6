"""What other tests rely on: a proxy that does harm exactly where it is told to."""
import contextlib

import redis

from support import tap
from support.proxy import Proxy, value_end, words
from support.redis_server import RedisServer


@contextlib.contextmanager
def a_proxy(folder):
    with RedisServer(folder) as server, Proxy(server.port) as proxy:
        client = redis.Redis(port=proxy.port, socket_timeout=10)
        with contextlib.closing(client), contextlib.closing(server.client()) as direct:
            yield proxy, client, direct


def fails(what, *args):
    try:
        what(*args)
    except redis.ConnectionError:
        return True
    except redis.TimeoutError:
        return True
    return False


def values_end_where_they_end(_folder):
    for value in [b"+OK\r\n", b"-ERR x\r\n", b":12\r\n", b"$-1\r\n", b"$0\r\n\r\n", b"$4\r\n\r\n\r\n\r\n",
                  b"*-1\r\n", b"*0\r\n", b"*2\r\n$1\r\na\r\n*1\r\n:1\r\n", b"_\r\n", b"#t\r\n",
                  b"%1\r\n+a\r\n:1\r\n", b"|1\r\n+a\r\n:1\r\n+OK\r\n", b">2\r\n+a\r\n+b\r\n",
                  b"=5\r\ntxt:a\r\n", b"(123456789012345678901\r\n", b",1.5\r\n"]:
        assert value_end(value + b"+", 0) == len(value), value
        assert value_end(b"x" + value, 1) == len(value) + 1, value
        for cut in range(len(value)):
            assert value_end(value[:cut], 0) is None, (value, cut)
    assert words(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n") == [b"GET", b"a"]


def what_is_not_harmed_passes(folder):
    with a_proxy(folder) as (proxy, client, direct):
        big = bytes(range(256)) * 5000
        with client.pipeline() as pipe:
            for number in range(100):
                pipe.set(number, big if number == 50 else number)
            pipe.mget(range(100))
            *_, values = pipe.execute()
        assert values[50] == big and values[99] == b"99"
        assert proxy.commands[b"SET"] == 100 and proxy.commands[b"EXEC"] == 1
        with client.pubsub() as hearer:
            hearer.subscribe("a", "b")
            assert [hearer.get_message(timeout=10)["type"] for _ in "ab"] == ["subscribe"] * 2
            direct.publish("b", "hello")
            assert hearer.get_message(timeout=10)["data"] == b"hello"


def a_command_is_cut_off_before_within_or_after_it(folder):
    with a_proxy(folder) as (proxy, client, direct):
        for what, runs in [("cut before", 0), ("cut halfway", 0), ("cut after", 1)]:
            direct.flushall()
            harm = proxy.harm(what, "command", of=b"INCRBY", nth=2)
            client.get("n")
            assert client.incr("n") == 1
            assert fails(client.incr, "n"), what
            harm.wait()
            assert int(direct.get("n")) == 1 + runs, what
            assert client.incr("n") == 2 + runs, what


def of_a_reply_the_client_cannot_know(folder):
    with a_proxy(folder) as (proxy, client, direct):
        for number, what in enumerate(["cut before", "cut halfway"], 1):
            harm = proxy.harm(what, "reply", of=b"INCRBY")
            client.get("n")
            assert fails(client.incr, "n"), what
            harm.wait()
            assert int(direct.get("n")) == number, what
        harm = proxy.harm("cut after", "reply")
        assert client.incr("n") == 3
        harm.wait()
        assert not proxy.connections


def a_swallowed_one_leaves_the_connection_open(folder):
    with a_proxy(folder) as (proxy, _client, direct):
        for kind, ran in [("command", 0), ("reply", 1)]:
            direct.flushall()
            patient = redis.Redis(port=proxy.port, socket_timeout=0.2)
            with contextlib.closing(patient):
                patient.ping()
                harm = proxy.harm("swallow", kind, of=b"INCRBY")
                assert fails(patient.incr, "n")
                harm.wait()
                tap.wait_until(lambda: int(direct.get("n") or 0) == ran)


def a_delayed_one_comes_late_and_whole(folder):
    with a_proxy(folder) as (proxy, client, _direct):
        hasty = redis.Redis(port=proxy.port, socket_timeout=0.05)
        with contextlib.closing(hasty):
            hasty.ping()
            for kind in ("command", "reply"):
                harm = proxy.harm("delay 0.3", kind, of=b"SET")
                assert fails(hasty.set, "a", kind)
                harm.wait()
                tap.wait_until(lambda kind=kind: client.get("a") == kind.encode())


def new_connections_are_refused_for_a_time(folder):
    with a_proxy(folder) as (proxy, client, _direct):
        client.ping()
        proxy.refuse()
        client.ping()
        proxy.cut()
        for _ in range(3):
            assert fails(client.ping)
        proxy.accept()
        client.ping()


def a_silent_server_has_heard(folder):
    with a_proxy(folder) as (proxy, client, direct):
        client.set("a", 1)
        proxy.silence()
        impatient = redis.Redis(port=proxy.port, socket_timeout=0.1)
        with contextlib.closing(impatient):
            assert fails(impatient.set, "a", 2)
            tap.wait_until(lambda: direct.get("a") == b"2")
            proxy.speak()
            assert impatient.get("a") == b"2"
        assert client.get("a") == b"2"


tap.run(
    values_end_where_they_end,
    what_is_not_harmed_passes,
    a_command_is_cut_off_before_within_or_after_it,
    of_a_reply_the_client_cannot_know,
    a_swallowed_one_leaves_the_connection_open,
    a_delayed_one_comes_late_and_whole,
    new_connections_are_refused_for_a_time,
    a_silent_server_has_heard,
)
