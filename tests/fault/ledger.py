"""The ledger, shortly: on each pair of queue and database, with another seed each time, which is told when it
fails. `make chaos` is the long one."""
import concurrent.futures
import os
import subprocess
import sys

from support import tap

KILLS = 20
AT_ONCE = 3  # most of the time they wait
PLAIN, HOOKS = sys.argv[1:3]
MANY_THREADS = ("EXECUTORS=2", "THREADS=5", "NAP_MS=1")
CASES = (
    ("after_kills_no_effect_is_lost_and_none_is_doubled", PLAIN),
    ("nor_with_threads_hooks_and_jobs_sent_ahead", HOOKS, *MANY_THREADS),
    ("nor_when_the_broker_is_a_redis_that_is_harmed_too", PLAIN, "BROKER=redis"),
    ("nor_there_with_threads_hooks_and_jobs_sent_ahead", HOOKS, "BROKER=redis", *MANY_THREADS),
    ("nor_when_the_database_is_a_postgresql_that_is_harmed_too", HOOKS, "DATABASE=postgresql", *MANY_THREADS),
    ("nor_when_both_are_servers", PLAIN, "BROKER=redis", "DATABASE=postgresql"),
    ("nor_when_the_broker_is_a_postgresql", PLAIN, "BROKER=pg"),
    ("nor_when_both_are_one_postgresql", PLAIN, "BROKER=pg", "DATABASE=postgresql", "SERVERS=1"),
    ("nor_in_two_of_them_with_threads_hooks_and_jobs_sent_ahead", HOOKS, "BROKER=pg", "DATABASE=postgresql",
     "SERVERS=2", *MANY_THREADS),
)


def run(module, *words):
    env = dict(os.environ, FAULTY_SO=os.path.abspath(module), KILLS=str(KILLS))
    chaos = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chaos")
    said = subprocess.run([sys.executable, chaos, *words], env=env, capture_output=True, text=True,
                          timeout=150, check=False)
    print(said.stdout, said.stderr, flush=True)
    assert said.returncode == 0, said.stdout + said.stderr


def main():
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        cases = []
        for name, *words in CASES:
            future = pool.submit(run, *words)

            def case(_, future=future):
                future.result()
            case.__name__ = name
            cases.append(case)
        tap.run(*cases)


main()
