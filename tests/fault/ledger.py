"""The ledger, shortly: another seed each time, which is told when it fails. `make chaos` is the long
one."""
import os
import subprocess
import sys

from support import tap

KILLS = 40


def after_kills_no_effect_is_lost_and_none_is_doubled(_):
    env = dict(os.environ, FAULTY_SO=os.path.abspath(sys.argv[1]), KILLS=str(KILLS))
    chaos = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chaos")
    said = subprocess.run([sys.executable, chaos], env=env, capture_output=True, text=True,
                          timeout=150, check=False)
    print(said.stdout, said.stderr, flush=True)
    assert said.returncode == 0, said.stdout + said.stderr


tap.run(after_kills_no_effect_is_lost_and_none_is_doubled)
