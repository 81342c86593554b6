"""What other tests rely on: a wire that passes everything on until it is cut."""
import contextlib
import socket
import threading

from support import tap
from support.wire import Wire


class Exactly:
    """Dice that say what they are told to."""

    def __init__(self, side, after):
        self.side, self.after = side, after

    def choice(self, of):
        return of[self.side] if len(of) == 2 else of[-1]

    def randrange(self, _):
        return self.after


@contextlib.contextmanager
def an_echo():
    """A server that says again what it hears."""
    def answer(client):
        with contextlib.suppress(OSError):
            while data := client.recv(1000):
                client.sendall(data)
        client.close()

    def serve(server):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=[server.accept()[0]], daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=[server], daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def heard(client):
    said = b""
    with contextlib.suppress(ConnectionError):
        while data := client.recv(1000):
            said += data
    return said


def a_wire_that_is_not_cut_passes_all_on(_folder):
    with an_echo() as port, Wire(port) as wire:
        assert wire.over(f"redis://127.0.0.1:{port}/1") == f"redis://127.0.0.1:{wire.port}/1"
        with socket.create_connection(("127.0.0.1", wire.port), 10) as client:
            client.sendall(b"x" * 100000)
            client.shutdown(socket.SHUT_WR)
            assert not wire.cuts
        with socket.create_connection(("127.0.0.1", wire.port), 10) as client:
            client.sendall(b"hello")
            assert client.recv(5) == b"hello"


def a_cut_falls_behind_so_many_bytes_of_one_side(_folder):
    for side in (0, 1):
        with an_echo() as port, Wire(port) as wire, \
                socket.create_connection(("127.0.0.1", wire.port), 10) as client:
            client.sendall(b"hello")
            assert client.recv(5) == b"hello"
            tap.wait_until(lambda w=wire, s=side: w.cut_somewhere(Exactly(s, 3)))  # it may not know of us yet
            client.sendall(b"abcdef")
            said = heard(client)
            assert said == b"abc" if side else said in (b"", b"abc"), said
            tap.wait_until(lambda w=wire: w.cuts == 1)


tap.run(a_wire_that_is_not_cut_passes_all_on, a_cut_falls_behind_so_many_bytes_of_one_side)
