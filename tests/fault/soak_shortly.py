"""The soak, shortly. `make chaos` runs the long one."""
import os
import subprocess
import sys

from support import tap

JOBS = 1500


def soak(*words):
    env = dict(os.environ, SOAKED_SO=os.path.abspath(sys.argv[1]))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "soak")
    said = subprocess.run([sys.executable, path, f"JOBS={JOBS}", "STEADY=0", *words], env=env,
                          capture_output=True, text=True, timeout=150, check=False)
    print(said.stdout, said.stderr, flush=True)
    assert said.returncode == 0, said.stdout + said.stderr


def every_job_is_accounted_for_though_some_crash_hang_and_hog(_):
    soak()


def threads_change_nothing_of_that(_):
    soak("EXECUTORS=2", "THREADS=5")


tap.run(every_job_is_accounted_for_though_some_crash_hang_and_hog, threads_change_nothing_of_that)
