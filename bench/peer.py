"""peer - programs that are measured beside barq; those of npm are installed below BUILD."""

import contextlib
import functools
import json
import os
import pathlib
import shutil
import subprocess

from measure import BUILD, number, run

HERE = pathlib.Path(__file__).absolute().parent
INSTALLED = BUILD / "peers"


class Peer:
    """A program that fills a queue with no-op jobs and does them; `missing` says why it cannot."""

    def __init__(self, name, jobs, *program, how=(), env=None, missing=""):
        self.name, self.jobs, self.program, self.how = name, jobs, program, how
        self.env, self.missing = env, missing

    def rate(self, where):
        """Jobs a second; `where` is the port or the URL of an empty server."""
        run(*self.program, "fill", where, self.jobs, env=self.env)
        return number(*self.program, "drain", where, self.jobs, *self.how, env=self.env,
                      stderr=subprocess.DEVNULL)


@functools.cache
def install():
    """What the lock file says: why it cannot, or nothing."""
    lock = HERE / "peers" / "package-lock.json"
    if not (shutil.which("node") and shutil.which("npm")):
        return "missing: needs node and npm"
    with contextlib.suppress(OSError):
        if (INSTALLED / lock.name).read_bytes() == lock.read_bytes():
            return ""
    shutil.rmtree(INSTALLED, ignore_errors=True)
    INSTALLED.mkdir(parents=True)
    for name in ("package.json", lock.name):
        shutil.copy(HERE / "peers" / name, INSTALLED)
    if subprocess.run(["npm", "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit",
                       "--no-fund", "--loglevel=error"],
                      cwd=INSTALLED, stdout=subprocess.DEVNULL).returncode == 0:
        return ""
    shutil.rmtree(INSTALLED)
    return "missing: npm ci has failed"


def npm_peer(package, program, jobs, name=None, how=()):
    version = json.loads((HERE / "peers" / "package.json").read_text())["dependencies"][package]
    env = dict(os.environ, NODE_PATH=str(INSTALLED / "node_modules"))
    named = " ".join([name or package, version]) + "".join(f", {word}" for word in how)
    return Peer(named, jobs, "node", HERE / "peers" / program, how=how, env=env, missing=install())
