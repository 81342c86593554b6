"""The ledger, shortly: another seed each time, which is told when it fails. `make chaos` is the long
one."""
import os
import subprocess
import sys

from support import tap

KILLS = 40


def run(module, *words):
    env = dict(os.environ, FAULTY_SO=os.path.abspath(module), KILLS=str(KILLS))
    chaos = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chaos")
    said = subprocess.run([sys.executable, chaos, *words], env=env, capture_output=True, text=True,
                          timeout=150, check=False)
    print(said.stdout, said.stderr, flush=True)
    assert said.returncode == 0, said.stdout + said.stderr


def after_kills_no_effect_is_lost_and_none_is_doubled(_):
    run(sys.argv[1])


def nor_with_threads_hooks_and_jobs_sent_ahead(_):
    run(sys.argv[2], "EXECUTORS=2", "THREADS=5", "NAP_MS=1")


def nor_when_the_broker_is_a_redis_that_is_killed_too(_):
    run(sys.argv[1], "BROKER=redis")


def nor_there_with_threads_hooks_and_jobs_sent_ahead(_):
    run(sys.argv[2], "BROKER=redis", "EXECUTORS=2", "THREADS=5", "NAP_MS=1")


def nor_when_the_database_is_a_postgresql_that_is_killed_too(_):
    run(sys.argv[1], "DATABASE=postgresql")


def nor_there_with_threads_hooks_and_jobs_sent_ahead_beside_it(_):
    run(sys.argv[2], "DATABASE=postgresql", "EXECUTORS=2", "THREADS=5", "NAP_MS=1")


tap.run(after_kills_no_effect_is_lost_and_none_is_doubled,
        nor_with_threads_hooks_and_jobs_sent_ahead,
        nor_when_the_broker_is_a_redis_that_is_killed_too,
        nor_there_with_threads_hooks_and_jobs_sent_ahead,
        nor_when_the_database_is_a_postgresql_that_is_killed_too,
        nor_there_with_threads_hooks_and_jobs_sent_ahead_beside_it)
