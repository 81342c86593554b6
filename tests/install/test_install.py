"""What `meson install` installs, and programs that are built with nothing else."""
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from support import tap

SOURCE = os.environ["SOURCE_ROOT"]
BUILD = os.environ["BUILD_ROOT"]
HERE = os.path.join(SOURCE, "tests/install")
EXAMPLES = os.path.join(SOURCE, "examples")
WARNINGS = ["-Wall", "-Wextra", "-Werror"]


def run(*command, code=0, **options):
    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, check=False, **options)
    assert said.returncode == code, (command, said.returncode, said.stdout, said.stderr)
    return said.stdout.rstrip("\n")


class Place:
    """What is installed, another folder to build programs in, and their queue."""

    def __init__(self, folder):
        self.root = os.environ["INSTALLED"]
        self.away = os.path.join(folder, "away")
        os.mkdir(self.away)
        self.prefix = self.options()["prefix"]
        self.lib = self.inside(self.options()["libdir"])
        self.barq = self.inside("bin/barq")
        self.env = dict(os.environ, HOME=folder, LD_LIBRARY_PATH=self.lib,
                        PKG_CONFIG_PATH=os.path.join(self.lib, "pkgconfig"),
                        PKG_CONFIG_SYSROOT_DIR=self.root,
                        BARQ_URL=f"sqlite://{folder}/queue.db",
                        DATABASE_URL=f"sqlite://{folder}/data.db")

    @staticmethod
    def options():
        with open(BUILD + "/meson-info/intro-buildoptions.json", encoding="utf-8") as options:
            return {option["name"]: option["value"] for option in json.load(options)}

    def inside(self, path):
        return os.path.join(self.root, self.prefix.lstrip("/"), path)

    def flags(self, *what):
        return run("pkg-config", *what, "barq", env=self.env).split()

    def build(self, source, *flags):
        """A program or a module of one file, which is copied to where nothing else is."""
        shutil.copy(source, self.away)
        name = os.path.splitext(os.path.basename(source))[0]
        out = name + (".so" if "-shared" in flags else "")
        run("cc", *WARNINGS, name + ".c", *flags, "-o", out, cwd=self.away)
        return os.path.join(self.away, out)

    def run(self, *command, **options):
        return run(*command, cwd=self.away, env=self.env, **options)

    @contextlib.contextmanager
    def worker(self, *command):
        """A worker beside the test; stopped in peace, it must end with 0."""
        with subprocess.Popen([*command], cwd=self.away, env=self.env,
                              stdin=subprocess.DEVNULL) as worker:
            try:
                yield
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(30) == 0, worker.returncode
            finally:
                worker.kill()


def declared():
    """The functions that the public headers declare."""
    names = set()
    for path in glob.glob(SOURCE + "/include/barq/*.h"):
        with open(path, encoding="utf-8") as header:
            names |= set(re.findall(r"^BARQ_API\s[^;(]*?\b(barq_\w+)\(", header.read(), re.M))
    assert len(names) > 100, names
    return names


def exported(path):
    """The names that a library or program shows to others, with their versions."""
    lines = run("nm", "--dynamic", "--defined-only", "--format=posix", path).splitlines()
    return {line.split()[0] for line in lines if line.split()[1] != "A"}


def functions(place):
    """The installed library's, without their versions."""
    return {name.split("@")[0] for name in exported(place.lib + "/libbarq.so")}


# -- what is there --


def everything_is_where_a_system_looks_for_it(folder):
    place = Place(folder)
    for path in ["bin/barq", "bin/barq-otlp", "bin/barq-web", "bin/bookmarks", "include/barq/client.h",
                 "share/man/man1/barq.1"]:
        assert os.path.isfile(place.inside(path)), path
    for path in ["libbarq.so", "libbarq.so.0", "pkgconfig/barq.pc"]:
        assert os.path.isfile(os.path.join(place.lib, path)), path
    assert os.path.basename(os.path.realpath(place.lib + "/libbarq.so")).startswith("libbarq.so.0.")
    examples = {name for name in os.listdir(EXAMPLES) if name.endswith(".c")}
    assert set(os.listdir(place.inside("share/doc/barq/examples"))) == examples
    headers = {name for name in os.listdir(place.inside("include/barq"))}
    assert headers == set(os.listdir(SOURCE + "/include/barq")), headers
    assert place.run(place.barq, "--version") == "barq " + "".join(place.flags("--modversion"))


def man_finds_each_command_and_each_function(folder):
    place = Place(folder)
    man = place.inside("share/man")
    for name in os.listdir(SOURCE + "/docs/man"):
        assert name == "meson.build" or os.path.isfile(f"{man}/man{name[-1]}/{name}"), name
    for name in declared():
        with open(f"{man}/man3/{name}.3", encoding="utf-8") as page:
            assert f".Nm {name}" in page.read(), name


def the_library_shows_its_functions_and_nothing_else(folder):
    library = os.path.join(Place(folder).lib, "libbarq.so")
    dynamic = run("readelf", "--dynamic", "--wide", library)
    assert re.search(r"SONAME.*\[libbarq\.so\.0\]", dynamic), dynamic
    assert exported(library) == {name + "@@BARQ_0.1" for name in declared()}


def nothing_is_missing_and_no_path_is_built_in(folder):
    place = Place(folder)
    for path in [place.lib + "/libbarq.so", place.barq, place.inside("bin/barq-otlp"),
                 place.inside("bin/barq-web"), place.inside("bin/bookmarks")]:
        linked = place.run("ldd", "-r", path)
        assert "not found" not in linked and "undefined" not in linked, linked
        dynamic = run("readelf", "--dynamic", "--wide", path)
        assert "RPATH" not in dynamic and "RUNPATH" not in dynamic, dynamic
        assert "BIND_NOW" in dynamic, dynamic
    # What speaks HTTP is in no user's program, and in no executor.
    for path in [place.lib + "/libbarq.so", place.barq]:
        assert "libcurl" not in place.run("ldd", path)
    for path in [place.barq, place.inside("bin/bookmarks")]:
        assert "libbarq" not in run("readelf", "--dynamic", "--wide", path)
        assert declared() <= exported(path), path


def each_header_compiles_alone(folder):
    place = Place(folder)
    for name in os.listdir(place.inside("include/barq")):
        with open(os.path.join(place.away, "alone.c"), "w", encoding="utf-8") as source:
            source.write(f"#include <barq/{name}>\n")
        run("cc", *WARNINGS, "-std=c99", "-pedantic", *place.flags("--cflags"), "-c", "alone.c",
            cwd=place.away)


# -- programs that know nothing else --


def a_client_gets_the_result_from_a_module(folder):
    place = Place(folder)
    client = place.build(EXAMPLES + "/client.c", *place.flags("--cflags", "--libs"))
    module = place.build(EXAMPLES + "/hello.c", "-shared", "-fPIC", *place.flags("--cflags"))
    with place.worker(place.barq, "worker", module):
        assert place.run(client, "outside") == "Hello, outside!"
    assert "libbarq.so.0 => " + place.lib in place.run("ldd", client)


def a_program_is_its_own_worker(folder):
    place = Place(folder)
    program = place.build(EXAMPLES + "/program.c", *place.flags("--cflags", "--libs"))
    with place.worker(program, "--executors=2"):
        assert place.run(place.barq, "enqueue", "add", "1", "2", "39", "--wait=30") == "42"


def a_module_is_tested_without_a_worker(folder):
    place = Place(folder)
    test = place.build(EXAMPLES + "/hello_test.c", EXAMPLES + "/hello.c",
                       *place.flags("--cflags", "--libs"))
    said = place.run(test)
    assert said.startswith("1..3\nok 1 ") and "not ok" not in said, said


def make_names(place):
    with open(os.path.join(place.away, "headers.h"), "w", encoding="utf-8") as headers:
        headers.writelines(f"#include <barq/{name}>\n"
                           for name in sorted(os.listdir(place.inside("include/barq"))))
    with open(os.path.join(place.away, "names.h"), "w", encoding="utf-8") as names:
        names.writelines(f"NAME({name})\n" for name in sorted(functions(place)))


def homes(place, *worker):
    """The file that each public function comes from, as a module in this worker has it."""
    with place.worker(*worker):
        home_of = json.loads(place.run(place.barq, "enqueue", "homes", "--wait=30"))
    assert set(home_of) == functions(place)
    return {os.path.realpath(path) for path in home_of.values()}


def a_module_that_links_the_library_uses_the_one_of_its_worker(folder):
    """Whoever loads it brings barq; a second copy would know nothing of the first one's state."""
    place = Place(folder)
    make_names(place)
    linked = place.build(HERE + "/homes.c", "-shared", "-fPIC", "-D_GNU_SOURCE",
                         "-Wl,--no-as-needed", *place.flags("--cflags", "--libs"))
    assert "libbarq.so.0" in place.run("ldd", linked)
    assert homes(place, place.barq, "worker", linked) == {os.path.realpath(place.barq)}


def a_module_that_links_nothing_finds_the_library_of_its_worker(folder):
    place = Place(folder)
    make_names(place)
    plain = place.build(HERE + "/homes.c", "-shared", "-fPIC", "-D_GNU_SOURCE",
                        *place.flags("--cflags"))
    loader = place.build(HERE + "/loader.c", *place.flags("--cflags", "--libs"))
    library = os.path.realpath(place.lib + "/libbarq.so")
    assert homes(place, loader, plain) == {library}
    assert homes(place, place.barq, "worker", plain) == {os.path.realpath(place.barq)}


# -- whoever installs needs no rights --


def install(folder):
    """From links to what was built: the folder itself keeps its log of what was installed."""
    built, root = os.path.join(folder, "built"), os.path.join(folder, "root")
    os.makedirs(os.path.join(built, "meson-logs"))
    os.makedirs(os.path.join(built, "meson-private"))
    shutil.copy(BUILD + "/meson-private/install.dat", os.path.join(built, "meson-private"))
    for path in glob.glob(BUILD + "/meson-private/*.pc"):
        shutil.copy(path, os.path.join(built, "meson-private"))
    for entry in os.scandir(BUILD):
        if not entry.name.startswith("meson-"):
            os.symlink(entry.path, os.path.join(built, entry.name))
    run("meson", "install", "-C", built, "--no-rebuild", "--quiet", "--destdir", root)
    os.environ["INSTALLED"] = root


def readable(path):
    """Whether nobody may read what was built, and its sources."""
    said = subprocess.run(["ls", path], user="nobody", group="nogroup", extra_groups=[],
                          capture_output=True, check=False)
    return said.returncode == 0


def again_as_nobody():
    with tempfile.TemporaryDirectory(prefix="barq-") as scratch:
        os.chmod(scratch, 0o755)
        shutil.chown(scratch, "nobody", "nogroup")
        said = subprocess.run([sys.executable, *sys.argv], user="nobody", group="nogroup",
                              extra_groups=[], check=False,
                              env=dict(os.environ, TMPDIR=scratch, HOME=scratch))
    sys.exit(said.returncode)


if os.geteuid() == 0 and readable(BUILD) and readable(SOURCE):
    again_as_nobody()
with tempfile.TemporaryDirectory(prefix="barq-") as once:
    install(once)
    tap.run(
        everything_is_where_a_system_looks_for_it,
        man_finds_each_command_and_each_function,
        the_library_shows_its_functions_and_nothing_else,
        nothing_is_missing_and_no_path_is_built_in,
        each_header_compiles_alone,
        a_client_gets_the_result_from_a_module,
        a_program_is_its_own_worker,
        a_module_is_tested_without_a_worker,
        a_module_that_links_the_library_uses_the_one_of_its_worker,
        a_module_that_links_nothing_finds_the_library_of_its_worker,
    )
