"""tap - tests in Python, told as TAP.

    from support import tap

    def a_killed_worker_loses_nothing(folder):
        ...
        assert counted == 1, counted

    tap.run(a_killed_worker_loses_nothing)

A case is a function whose name is a sentence; it gets an empty temporary folder, and fails when it
raises. What it or its children print goes to stderr, so that nothing gets between the lines of TAP.
"""
import os
import sys
import tempfile
import time
import traceback


def run(*cases):
    """Runs the cases in their order, and ends the program: with 1 when one has failed."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    print(f"1..{len(cases)}", file=out)
    failed = False
    for number, case in enumerate(cases, 1):
        try:
            with tempfile.TemporaryDirectory(prefix="barq-", ignore_cleanup_errors=True) as folder:
                case(folder)
            print(f"ok {number} - {case.__name__}", file=out)
        except Exception:
            failed = True
            print(f"not ok {number} - {case.__name__}", file=out)
            for line in traceback.format_exc().splitlines():
                print("#", line, file=out)
    sys.exit(1 if failed else 0)


def wait_until(happened, deadline_s=10.0):
    """Asks `happened` until it answers with something true, and returns that."""
    end = time.monotonic() + deadline_s
    while True:
        answer = happened()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"it did not happen within {deadline_s} s")
        time.sleep(0.005)
