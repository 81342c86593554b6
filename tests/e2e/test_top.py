"""barq top in a terminal of its own (tmux): what it shows, its keys, and how it leaves."""
import contextlib
import json
import os
import re
import signal
import subprocess

from support import tap

BARQ = os.environ["BARQ_BIN"]
PLAYGROUND = os.environ["PLAYGROUND_SO"]


class Terminal:
    """A shell in a tmux of its own. `run` types a line; `wait_for` looks at what is on the screen."""

    def __init__(self, place, width=100, height=30):
        self.place = place
        self.env = {**place.env, "TMUX_TMPDIR": place.folder, "PS1": "$ ", "SHELL": "/bin/sh"}
        self.env.pop("TMUX", None)
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height),
                  "/bin/sh")

    def tmux(self, *args):
        return subprocess.run(["tmux", "-u", "-L", "barq", *args], env=self.env, check=True,
                              stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=30,
                              text=True).stdout

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def run(self, line):
        self.keys(line, "Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def wait_for(self, *patterns):
        """The screen, when all of the patterns are on it."""
        def there():
            screen = self.screen()
            return all(re.search(pattern, screen, re.M) for pattern in patterns) and screen
        try:
            return tap.wait_until(there)
        except TimeoutError as late:
            raise AssertionError(f"{patterns} are not all in:\n{self.screen()}") from late

    def wait_gone(self, pattern):
        tap.wait_until(lambda: not re.search(pattern, self.screen(), re.M))

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def flag(self, name):
        return self.tmux("display-message", "-p", "#{" + name + "}").strip()

    def close(self):
        self.tmux("kill-server")


class Place:
    """A queue and a database in a folder, and barq as it is called there."""

    def __init__(self, folder):
        self.folder = folder
        self.env = dict(os.environ, HOME=folder, BARQ_URL=f"sqlite:{folder}/queue.db",
                        DATABASE_URL=f"sqlite:{folder}/data.db", BARQ=BARQ)

    def barq(self, *args):
        return subprocess.run([BARQ, *args], env=self.env, stdout=subprocess.PIPE, check=True,
                              stdin=subprocess.DEVNULL, timeout=60, text=True).stdout.strip()

    def status(self, job_id):
        return json.loads(self.barq("info", job_id, "--json"))["status"]

    def wait_status(self, job_id, status):
        tap.wait_until(lambda: self.status(job_id) == status)

    @contextlib.contextmanager
    def worker(self):
        with subprocess.Popen([BARQ, "worker", PLAYGROUND, "--executors=2"], env=self.env,
                              stdin=subprocess.DEVNULL) as worker:
            try:
                yield worker
            finally:
                worker.send_signal(signal.SIGTERM)
                worker.wait(30)

    @contextlib.contextmanager
    def top(self, **size):
        """barq top in a terminal, looking ten times a second."""
        terminal = Terminal(self, **size)
        try:
            terminal.run("clear; $BARQ top -d 0.1; echo ended with $?")
            terminal.wait_for("^barq top")
            yield terminal
        finally:
            terminal.close()


def without_a_terminal_it_says_so(folder):
    place = Place(folder)
    said = subprocess.run([BARQ, "top"], env=place.env, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=30, check=False)
    assert said.returncode == 2 and "terminal" in said.stderr and not said.stdout, said


def it_shows_queues_workers_running_and_failed_jobs(folder):
    place = Place(folder)
    with place.worker(), place.top() as terminal:
        running = place.barq("enqueue", "sleep", "600")
        failed = place.barq("enqueue", "fail", "it rained\x1b[2J\x1b]0;title\x07")
        place.barq("enqueue", "add", "1", "2", "--queue", "elsewhere")
        screen = terminal.wait_for(
            r"^barq top +workers 1 .* running 1 +failed 1 ", r"^barq +0 +1 +1 ",
            r"^elsewhere +1 +0 +0 ", rf"^sleep +\d+s +1 {running} +barq$",
            rf"^fail +\d+s +1 it rained\\u001b\[\S+ barq +{failed}$")
        assert re.search(r"^\S+:\d+ +\d+ +\d+x\d+ ", screen, re.M), screen
        terminal.wait_for(rf"^sleep +[2-9]s +1 {running} ")
        assert terminal.flag("pane_title") != "title"


def p_pauses_the_selected_queue_and_lets_it_go_on(folder):
    place = Place(folder)
    place.barq("enqueue", "add", "1", "2", "--queue", "first")
    waits = place.barq("enqueue", "add", "1", "2", "--queue", "second")
    with place.top() as terminal:
        terminal.wait_for("^first ", "^second ")
        terminal.keys("j", "p")
        terminal.wait_for(r"^second .* paused ", "^paused second", "^> second")
        assert not re.search(r"^first .* paused", terminal.screen(), re.M)
        place.barq("worker", PLAYGROUND, "--queue=second", "--burst")
        assert place.status(waits) == "queued"
        terminal.keys("p")
        terminal.wait_for("^resumed second")
        terminal.wait_gone(r"^second .* paused ")
        place.barq("worker", PLAYGROUND, "--queue=second", "--burst")
        assert place.status(waits) == "complete"


def a_asks_and_aborts_the_selected_job(folder):
    place = Place(folder)
    with place.worker(), place.top() as terminal:
        job = place.barq("enqueue", "sleep", "600")
        terminal.wait_for(f"^sleep .*{job}")
        terminal.keys("a")
        terminal.wait_for("^a is for a running job")
        terminal.keys("Tab", "Tab")
        terminal.wait_for(f"^> {job}")
        terminal.keys("a")
        terminal.wait_for(rf"^abort {job}\?")
        terminal.keys("n")
        terminal.wait_gone(r"^abort .*\?")
        assert place.status(job) == "in_progress"
        terminal.keys("a")
        terminal.wait_for(rf"^abort {job}\?")
        terminal.keys("y")
        terminal.wait_for(f"^told to stop: {job}")
        place.wait_status(job, "failed")
        terminal.wait_for(r"^barq top .* failed 1 ")


def r_puts_the_selected_failed_job_back(folder):
    place = Place(folder)
    jobs = [place.barq("enqueue", "fail", f"reason {number}") for number in range(3)]
    place.barq("worker", PLAYGROUND, "--burst")
    with place.top() as terminal:
        terminal.wait_for("reason 0", "reason 1", "reason 2")
        terminal.keys("BTab", "j")
        chosen = re.search(r"^> (\S+)", terminal.wait_for("^> [0-9a-f-]{36}"), re.M)[1]
        assert chosen in jobs
        terminal.keys("r")
        terminal.wait_for(f"^back in its queue: {chosen}", r"^barq +1 +0 +2 ")
        place.wait_status(chosen, "queued")
        assert sum(place.status(job) == "failed" for job in jobs) == 2


def it_fits_any_size(folder):
    place = Place(folder)
    for number in range(40):
        place.barq("enqueue", "add", "1", "2", "--queue", f"queue{number:02}")
    with place.top(width=80, height=24) as terminal:
        screen = terminal.wait_for("^queue00 ", "^WORKER ", "^RUNNING ", "^FAILED ", "^q quit")
        assert len(screen.splitlines()) == 24, screen
        for _ in range(39):
            terminal.keys("j")
        terminal.wait_for("^queue39 ", "^> queue39")
        terminal.wait_gone("^queue00 ")
        terminal.resize(200, 60)
        terminal.wait_for("^queue00 ", "^queue39 .* 0$", "QUEUES$")
        terminal.resize(40, 8)
        screen = terminal.wait_for("^queue39 +1 +0", "^> queue39")
        assert len(screen.splitlines()) == 8 and "WORKER" not in screen, screen
        terminal.resize(15, 3)
        terminal.wait_for("^too small")
        terminal.resize(80, 24)
        terminal.wait_for("^queue39 ", "^WORKER ", "^q quit")


def help_explains_the_keys(folder):
    with Place(folder).top(width=80, height=24) as terminal:
        terminal.keys("?")
        screen = terminal.wait_for("^Any key goes back")
        for key in ["Tab", "j k", "p ", "a ", "r ", "q "]:
            assert re.search("^" + key, screen, re.M), (key, screen)
        assert "DONE/S is counted from results and failures that are kept." in screen
        terminal.keys("x")
        terminal.wait_for("^QUEUE ", "^q quit")


def leaves(folder, leave):
    """The terminal is as it was, however it is left."""
    place = Place(folder)
    with contextlib.closing(Terminal(place)) as terminal:
        terminal.run("stty -g > before; clear; sh -c 'echo $$ > pid; exec $BARQ top'; "
                     "echo ended with $?; stty -g > after")
        terminal.wait_for("^barq top")
        assert terminal.flag("alternate_on") == "1" and terminal.flag("cursor_flag") == "0"
        leave(terminal)
        terminal.wait_for("^ended with 0")
        tap.wait_until(lambda: os.path.exists("after") and os.path.getsize("after"))
        with open("before", "rb") as before, open("after", "rb") as after:
            assert before.read() == after.read()
        assert terminal.flag("alternate_on") == "0" and terminal.flag("cursor_flag") == "1"


def q_leaves_the_terminal_as_it_was(folder):
    os.chdir(folder)
    leaves(folder, lambda terminal: terminal.keys("q"))


def a_signal_leaves_the_terminal_as_it_was(folder):
    os.chdir(folder)

    def terminate(terminal):
        del terminal
        with open("pid", encoding="ascii") as pid:
            os.kill(int(pid.read()), signal.SIGTERM)
    leaves(folder, terminate)


def a_queue_that_is_away_is_tried_again(folder):
    place = Place(folder)
    lost = os.path.join(folder, "mount")
    place.env["BARQ_URL"] = f"sqlite:{lost}/queue.db"
    with contextlib.closing(Terminal(place)) as terminal:
        terminal.run("clear; $BARQ top -d 0.1; echo ended with $?")
        terminal.wait_for("^the queue is away since .*: ")
        terminal.keys("p")
        os.mkdir(lost)
        terminal.wait_gone("away")
        place.barq("enqueue", "add", "1", "2")
        terminal.wait_for("^barq +1 +0 +0 ")
        terminal.keys("q")
        terminal.wait_for("^ended with 0")


tap.run(
    without_a_terminal_it_says_so,
    it_shows_queues_workers_running_and_failed_jobs,
    p_pauses_the_selected_queue_and_lets_it_go_on,
    a_asks_and_aborts_the_selected_job,
    r_puts_the_selected_failed_job_back,
    it_fits_any_size,
    help_explains_the_keys,
    q_leaves_the_terminal_as_it_was,
    a_signal_leaves_the_terminal_as_it_was,
    a_queue_that_is_away_is_tried_again,
)
