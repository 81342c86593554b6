"""wire - stands between clients and any server, and cuts connections wherever they are.

    with Wire(server.port) as wire:
        ... BARQ_URL=wire.over(server.url) ...
        wire.cut_somewhere(dice)

It knows nothing of what is said: a cut falls between two bytes, within a message or between two. What one
side has said before may then be heard, and its answer not.
"""
import contextlib
import socket
import threading

CHUNK = 65536
FAR_BYTES = 3000  # how many more pass, at most, before the cut


class Connection:
    def __init__(self, wire, client):
        self.wire = wire
        self.server = socket.create_connection(("127.0.0.1", wire.server_port))
        self.client = client
        for end in (client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.left = {client: None, self.server: None}  # bytes that it may say yet
        self.threads = [threading.Thread(target=self.pump, args=pair, daemon=True)
                        for pair in ((client, self.server), (self.server, client))]
        for thread in self.threads:
            thread.start()

    def pump(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                left = self.left[source]
                if left is not None and left <= len(data):
                    sink.sendall(data[:left])
                    self.wire.cuts += 1
                    break
                self.left[source] = None if left is None else left - len(data)
                sink.sendall(data)
        self.hang_up()

    def hang_up(self):
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def is_over(self):
        if any(thread.is_alive() for thread in self.threads):
            return False
        self.client.close()
        self.server.close()
        return True


class Wire:
    def __init__(self, server_port):
        self.server_port = server_port
        self.cuts = 0
        self.connections = []
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.welcome, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.connections:
            connection.hang_up()

    def over(self, url):
        """The same address, by way of us."""
        there = f":{self.server_port}"
        assert url.count(there) == 1, url
        return url.replace(there, f":{self.port}")

    def welcome(self):
        """A client that comes while the server is away is sent away."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                self.connections = [one for one in self.connections if not one.is_over()]
                try:
                    self.connections.append(Connection(self, client))
                except OSError:
                    client.close()

    def cut_somewhere(self, dice):
        """One of the connections: as soon as one side has said so much more. False: there is none."""
        living = [one for one in self.connections if not one.is_over()]
        if not living:
            return False
        one = dice.choice(living)
        one.left[dice.choice([one.client, one.server])] = dice.choice([0, 1, dice.randrange(FAR_BYTES)])
        return True
