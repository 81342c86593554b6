"""A system that has no inotify instance left: wake-ups are hints, polling is the truth."""
import ctypes
import os
import subprocess

from support import tap

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]


def take_all():
    """Every instance that this user may have."""
    libc = ctypes.CDLL(None)
    taken = []
    while (fd := libc.inotify_init1(os.O_CLOEXEC)) >= 0:
        taken.append(fd)
    return taken


def a_worker_without_inotify_looks_each_second(folder):
    env = {**os.environ, "BARQ_URL": f"sqlite:{folder}/queue.db",
           "DATABASE_URL": f"sqlite:{folder}/data.db"}
    taken = take_all()
    try:
        with subprocess.Popen([BARQ, "worker", PLAYGROUND, "--executors", "1"], env=env) as worker:
            done = subprocess.run([BARQ, "enqueue", "add", "1", "2", "--wait=60"], env=env,
                                  capture_output=True, text=True)
            worker.terminate()
        assert (done.returncode, done.stdout) == (0, "3\n"), done
        assert worker.returncode == 0, worker.returncode
    finally:
        for fd in taken:
            os.close(fd)


tap.run(a_worker_without_inotify_looks_each_second)
