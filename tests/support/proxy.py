"""proxy - stands between clients and a redis-server, and does them harm at an exact place.

    with Proxy(redis.port) as proxy:
        ... BARQ_URL=proxy.url ...
        harm = proxy.harm("cut after", "command", of=b"EVALSHA", nth=2)
        ...
        harm.wait()

What passes is counted in whole commands and whole replies (RESP 2 and 3), over all connections. A
harm is done once, to the nth of them from now on; `of` which command, if it matters:

    cut before      it is not passed on, and the connection is closed
    cut halfway     half of its bytes are, and the connection is closed
    cut after       it is, and the connection is closed
    swallow         neither it is passed on nor what follows it that way; the connection stays
    delay SECONDS   it is passed on later, as is what follows it that way

When wait() returns after a cut, the server has run all that was passed on, and let go of the connection.

Besides, for as long as a test wants: new connections are refused (refuse, accept); commands reach the
server, and no reply reaches a client (silence, speak); and all connections are cut (cut).
"""
import collections
import contextlib
import socket
import threading
import time

DEADLINE_S = 20
CHUNK = 65536
CUTS = ("cut before", "cut halfway", "cut after")
SUBSCRIBING = (b"SUBSCRIBE", b"PSUBSCRIBE", b"SSUBSCRIBE")


def line_end(data, at):
    end = data.find(b"\r\n", at)
    return end + 2 if end >= 0 else None


def value_end(data, at):
    """Where the value that begins at `at` ends; None when not all of it is there yet."""
    end = line_end(data, at)
    if end is None:
        return None
    kind = data[at:at + 1]
    if kind not in b"$=!*~>%|":
        return end

    length = int(data[at + 1:end - 2])
    if kind in b"$=!":
        end += max(length + 2, 0) if length >= 0 else 0
        return end if end <= len(data) else None
    if kind in b"%|":
        length *= 2
    for _ in range(length + (kind == b"|")):
        end = value_end(data, end) if end < len(data) else None
        if end is None:
            return None
    return end


def command_end(data, at):
    """The same of a command, which may be a line as people type it."""
    return value_end(data, at) if data[at:at + 1] == b"*" else line_end(data, at)


def words(command):
    if command[:1] == b"*":
        return command.split(b"\r\n")[2::2]
    return command.split()


class Harm:
    def __init__(self, what, kind, of, nth):
        self.what, _, delay = what.partition(" ") if what.startswith("delay") else (what, "", "0")
        assert self.what in (*CUTS, "swallow", "delay"), what
        assert kind in ("command", "reply"), kind
        self.delay_s, self.kind, self.of, self.left = float(delay), kind, of, nth
        self.done = threading.Event()

    def wait(self, deadline_s=DEADLINE_S):
        """Until it has been done."""
        assert self.done.wait(deadline_s), f"{self.what}: no {self.kind} {self.of or ''} came"

    def meets(self, kind, name):
        if self.left == 0 or kind != self.kind or self.of not in (None, name):
            return False
        self.left -= 1
        return self.left == 0


class Connection:
    """One client's: a thread for what it says, and one for what it is told."""

    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.server = socket.create_connection(("127.0.0.1", proxy.server_port), DEADLINE_S)
        self.server.settimeout(None)
        self.awaited = collections.deque()  # names of the commands whose replies are to come
        self.dropped = set()  # the kinds that are not passed on any more
        self.harms = []       # done when the server has let go
        self.talker = threading.Thread(target=self.talk, daemon=True)
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.talker.start()
        self.listener.start()

    def talk(self):
        """Until the client has no more to say, or is not heard any more."""
        with contextlib.suppress(OSError):
            self.pump(self.client, self.server, "command", command_end)
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_WR)

    def listen(self):
        """Until the server has let go, also when nobody hears it any more."""
        with contextlib.suppress(OSError):
            self.pump(self.server, self.client, "reply", value_end)
        self.hang_up()
        with contextlib.suppress(OSError):
            while self.server.recv(CHUNK):
                pass
        self.talker.join()
        self.server.close()
        self.client.close()
        self.proxy.forget(self)
        for harm in self.harms:
            harm.done.set()

    def hang_up(self):
        with contextlib.suppress(OSError):
            self.client.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_WR)

    def cut(self):
        """Returns when the server has let go."""
        self.hang_up()
        self.listener.join(DEADLINE_S)

    def pump(self, source, sink, kind, end_of):
        data = b""
        while chunk := source.recv(CHUNK):
            data += chunk
            at = 0
            while at < len(data) and (end := end_of(data, at)) is not None:
                if not self.take(sink, kind, data[at:end]):
                    return
                at = end
            data = data[at:]

    def take(self, sink, kind, message):
        """Passes one on, or does harm to it; false when the connection is cut."""
        harm = self.proxy.harm_to(kind, self.name(kind, message))
        what = harm.what if harm else "none"
        if what == "delay":
            time.sleep(harm.delay_s)
        if what == "swallow" or (kind == "reply" and self.proxy.silent):
            self.dropped.add(kind)
        if what == "cut before" or kind in self.dropped:
            message = b""
        elif what == "cut halfway":
            message = message[:len(message) // 2]
        if what in CUTS:
            self.harms.append(harm)
        if what in CUTS and kind == "command":
            self.client.shutdown(socket.SHUT_RDWR)  # before there can be an answer
        sink.sendall(message)

        if what in CUTS:
            self.hang_up()
            return False
        if harm:
            harm.done.set()
        return True

    def name(self, kind, message):
        if kind == "command":
            name, *rest = words(message) or [b""]
            name = name.upper()
            self.awaited.extend([name] * (len(rest) if name in SUBSCRIBING else 1))
            return name
        unasked = message[:1] == b">" or (message[:1] == b"*"
                                          and words(message)[:1] in ([b"message"], [b"pmessage"]))
        return None if unasked or not self.awaited else self.awaited.popleft()


class Proxy:
    def __init__(self, server_port):
        self.server_port = server_port  # may be changed: holds for later connections
        self.commands = collections.Counter()  # that came, by name
        self.replies = 0
        self.silent = False
        self.lock = threading.Lock()  # over what follows
        self.harms = []
        self.connections = set()
        self.socket = self.bound(0)
        self.port = self.socket.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self.accept()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.refuse()
        self.cut()
        self.socket.close()

    @staticmethod
    def bound(port):
        """Whoever connects to a socket that is bound and does not listen is refused."""
        out = socket.socket()
        out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        out.bind(("127.0.0.1", port))
        return out

    def welcome(self, listening):
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    with self.lock:
                        self.connections.add(Connection(self, client))
                except OSError:
                    client.close()  # the server is away

    def forget(self, connection):
        with self.lock:
            self.connections.discard(connection)

    def harm_to(self, kind, name):
        with self.lock:
            if kind == "command":
                self.commands[name] += 1
            else:
                self.replies += 1
            for harm in self.harms:
                if harm.meets(kind, name):
                    self.harms.remove(harm)
                    return harm
        return None

    # -- for tests --

    def harm(self, what, kind, of=None, nth=1):
        harm = Harm(what, kind, of, nth)
        with self.lock:
            self.harms.append(harm)
        return harm

    def cut(self):
        """All connections that there are; returns when the server has let go of them."""
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            connection.cut()

    def refuse(self):
        """New connections are refused until accept(); those that there are stay."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.socket = self.bound(self.port)

    def accept(self):
        self.socket.listen(128)
        threading.Thread(target=self.welcome, args=[self.socket], daemon=True).start()

    def silence(self):
        """From now on commands reach the server, and no reply reaches a client, until speak()."""
        self.silent = True

    def speak(self):
        """Connections that have missed a reply are cut, since they would take a later one for it."""
        self.silent = False
        with self.lock:
            connections = [one for one in self.connections if "reply" in one.dropped]
        for connection in connections:
            connection.cut()
