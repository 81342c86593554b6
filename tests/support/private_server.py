"""private_server - what private servers of all kinds share: a folder, a port, a process that dies with the test.

Whoever derives from it says what is in `command`, and when it `answers`. Run as root, the server is nobody's.
"""
import contextlib
import mmap
import os
import pwd
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys

from support import tap


def free_port():
    """Below those that the kernel gives to whoever connects: a server has to get its own back when it
    was killed, and a client that connects meanwhile must not meet itself there."""
    while True:
        port = random.SystemRandom().randrange(12000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class PrivateServer:
    DEADLINE_S = 20
    LAST = signal.SIGKILL  # by which it ends with its test
    PEACE = signal.SIGTERM  # by which stop() ends it

    def __init__(self, folder, name, port=None):
        self.port = port or free_port()
        self.place = os.path.join(folder, name)
        self.process = None
        os.mkdir(self.place)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.place, nobody.pw_uid, nobody.pw_gid)
            os.chmod(folder, 0o711)

    def command(self):
        raise NotImplementedError

    def answers(self):
        raise NotImplementedError

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if error:
            print("--", self.place, file=sys.stderr)
            print(self.log()[-10000:], file=sys.stderr, flush=True)
        self.end(self.LAST)

    def log(self):
        with open(os.path.join(self.place, "log"), "rb") as log:
            return log.read().decode(errors="replace")

    def spawn(self, command):
        as_nobody = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        with open(os.path.join(self.place, "log"), "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *(as_nobody if os.geteuid() == 0 else []),
                 *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.place)

    def run(self, command):
        """One that ends, and by itself."""
        self.spawn(command)
        assert self.process.wait(self.DEADLINE_S) == 0, self.log()
        self.process = None

    def start(self):
        """Returns when it answers. After stop() or kill() it has its place and its clock again."""
        self.spawn(self.command())
        tap.wait_until(self.is_up, self.DEADLINE_S)
        return self

    def is_up(self):
        assert self.process.poll() is None, self.log()
        return self.answers()

    def end(self, number):
        if self.process:
            self.process.send_signal(number)
            self.process.wait(self.DEADLINE_S)
            self.process = None

    def stop(self):
        """In peace: what it has to write down is written."""
        self.end(self.PEACE)

    def kill(self):
        self.end(signal.SIGKILL)

    def restart(self):
        self.stop()
        return self.start()


class Clock:
    """A server's wall clock, which can be moved: whoever derives from this has `place`."""

    def make_clock(self):
        # A copy, since nobody may not be let into the build folder.
        shutil.copy(os.path.join(os.environ["BUILD_ROOT"], "tests", "support", "shifted_clock.so"),
                    self.place)
        with open(os.path.join(self.place, "clock"), "w+b") as clock:
            clock.write(struct.pack("q", 0))
            clock.flush()
            self.clock = mmap.mmap(clock.fileno(), 8)

    def by_its_clock(self):
        """Words before its command."""
        return ["env", "LD_PRELOAD=" + os.path.join(self.place, "shifted_clock.so"),
                "SHIFTED_CLOCK=" + os.path.join(self.place, "clock")]

    def set_clock(self, ahead_ms):
        """From now on its wall clock is so far ahead of the machine's; behind, when negative."""
        self.clock[:] = struct.pack("q", ahead_ms)

    def advance(self, ms):
        self.set_clock(struct.unpack("q", self.clock)[0] + ms)
