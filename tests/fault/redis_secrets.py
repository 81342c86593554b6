"""Whoever is refused is told why, and no password is in a log, an error or the list of processes."""
import subprocess

from fault.place import BARQ, Cases
from support import tap

SECRET = "s3cr3t-p4ssw0rd"
OTHER = "0th3r-p4ssw0rd"


def address(place, user="", password=SECRET, rest="/0"):
    return f"redis://{user}:{password}@127.0.0.1:{place.jobs.server.port}{rest}"


def set_password(place):
    """From now on the server asks for it; we have it already."""
    place.jobs.redis.acl_setuser("default", enabled=True, passwords=["+" + SECRET], reset_passwords=True,
                                 keys=["*"], channels=["*"], commands=["+@all"])


READING = (["stats"], ["info", "x"], ["check"], ["list"])


def refused(place, url, *says, reading=READING):
    """By every command, and by a worker; none of which repeats a password."""
    place.env["BARQ_URL"] = url
    for words in (["enqueue", "effect"], *reading):
        said = place.barq_error(*words)
        assert any(word in said for word in says), (words, said)
        assert SECRET not in said and OTHER not in said, said
    worker = place.worker()
    assert worker.wait_end() == 1, worker.log()
    assert any(word in worker.log() for word in says), worker.log()
    assert SECRET not in worker.log() and OTHER not in worker.log(), worker.log()


def wrong_password(place):
    set_password(place)
    refused(place, address(place, password=OTHER), "WRONGPASS")
    refused(place, address(place, "somebody", OTHER), "WRONGPASS")


def no_password(place):
    set_password(place)
    refused(place, f"redis://127.0.0.1:{place.jobs.server.port}", "NOAUTH")


def a_password_too_many(place):
    refused(place, address(place), "no password")


def no_such_database(place):
    refused(place, f"redis://127.0.0.1:{place.jobs.server.port}/99", "no database 99")


def an_address_that_makes_no_sense(place):
    for url in (f"redis://:{SECRET}@127.0.0.1:port", f"redis://:{SECRET}@127.0.0.1:1:2/0",
                f"redis://:{SECRET}@127.0.0.1/zero", f"redis://:{SECRET}%zz@127.0.0.1",
                f"redis://:{SECRET}@127.0.0.1/0?nonsense=1",
                f"redis://127.0.0.1/0?password={SECRET}&password={OTHER}",
                f"nonsense://:{SECRET}@127.0.0.1", f"redis:/:{SECRET}@127.0.0.1",
                f"redis://127.0.0.1:6379/0?db=1&password={OTHER}%zz"):
        place.env["BARQ_URL"] = url
        said = place.barq_error("stats")
        worker = place.worker()
        assert worker.wait_end() != 0
        for text in (said, worker.log()):
            assert SECRET not in text and OTHER not in text, (url, text)


def a_user_who_may_little(place, rights):
    redis = place.jobs.redis
    redis.execute_command("ACL", "SETUSER", "little", "on", ">" + SECRET, *rights)
    refused(place, address(place, "little"), "NOPERM", "no permission", "can't access", "ACL",
            reading=() if "%R~*" in rights else READING)


def rights_that_are_taken(place):
    """From a worker that runs; and given back: it goes on."""
    redis = place.jobs.redis
    redis.execute_command("ACL", "SETUSER", "some", "on", ">" + SECRET, "~*", "&*", "+@all")
    place.env["BARQ_URL"] = address(place, "some")
    worker = place.worker(lease=1).ready()
    first = place.enqueue("effect")
    place.wait_final(first)
    redis.execute_command("ACL", "SETUSER", "some", "-@write")
    worker.wait_log("the broker cannot be used")
    redis.execute_command("ACL", "SETUSER", "some", "+@all")
    worker.wait_log("the broker is back")
    # It must log in again, with a password that is another one for a while.
    redis.execute_command("ACL", "SETUSER", "some", "<" + SECRET, ">" + OTHER)
    redis.client_kill_filter(_type="normal", skipme=True)
    worker.wait_log("WRONGPASS")
    redis.execute_command("ACL", "SETUSER", "some", ">" + SECRET)
    second = place.enqueue("effect")
    place.wait_final(second)
    worker.stop()
    assert SECRET not in worker.log() and OTHER not in worker.log()
    place.assert_done(first, second)


def command_lines(place):
    found = {}
    for pid in place.processes():
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                found[pid] = line.read().replace(b"\0", b" ").decode()
        except OSError:
            pass
    return found


def not_in_the_list_of_processes(place, how):
    """With its address in the environment, or as an option: also not while it says why it cannot connect."""
    set_password(place)
    url = address(place)
    options = []
    if how == "environment":
        place.env["BARQ_URL"] = url
    else:
        del place.env["BARQ_URL"]
        options = ["--url", url] if how == "option" else ["--url=" + url]
    worker = place.worker(*options, executors=2).ready()
    tap.wait_until(lambda: len(worker.children()) == 3)
    lines = tap.wait_until(lambda: len(command_lines(place)) == 4 and command_lines(place))
    for line in lines.values():
        assert SECRET not in line, line
    place.jobs.server.kill()
    worker.wait_log("the broker cannot be used")
    place.jobs.server.start()
    worker.wait_log("asks for no password")
    set_password(place)
    worker.wait_log("the broker is back")
    worker.stop()
    assert SECRET not in worker.log()


def not_of_a_client(place):
    """One that waits, with its address as an option."""
    set_password(place)
    url = address(place)
    env = {name: value for name, value in place.env.items() if name != "BARQ_URL"}
    job = subprocess.run([BARQ, "enqueue", "--url", url, "effect"], env=env, capture_output=True, check=True)
    waits = subprocess.Popen([BARQ, "result", "--url", url, "--timeout", "60", job.stdout.decode().strip()], env=env,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        tap.wait_until(lambda: any(info["name"] == "barq" for info in place.jobs.redis.client_list()))
        with open(f"/proc/{waits.pid}/cmdline", "rb") as line:
            assert SECRET.encode() not in line.read()
    finally:
        waits.kill()
        waits.wait()


NAME = "secrets of Redis: "
cases = Cases(6)
cases.add(NAME + "a wrong password", wrong_password)
cases.add(NAME + "no password", no_password)
cases.add(NAME + "a password too many", a_password_too_many)
cases.add(NAME + "no such database", no_such_database)
cases.add(NAME + "an address that makes no sense", an_address_that_makes_no_sense)
for may in (["~*", "&*", "+ping"], ["~other:*", "&*", "+@all"], ["~*", "&*", "+@all", "-@scripting"],
            ["%R~*", "&*", "+@all"]):
    cases.add(NAME + f"a user who may {' '.join(may)}", a_user_who_may_little, may)
cases.add(NAME + "rights are taken, and given back", rights_that_are_taken)
for where in ("environment", "option", "option with ="):
    cases.add(NAME + f"not in the list of processes: {where}", not_in_the_list_of_processes, where)
cases.add(NAME + "not of a client that waits", not_of_a_client)
cases.run()
