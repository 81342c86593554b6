"""The manual has a page for whatever can be called, and tells of all its options."""
import os
import re
import subprocess

from support import tap

BARQ = os.environ["BARQ_BIN"]
PAGES = os.path.join(os.environ["SOURCE_ROOT"], "docs/man")
HEADERS = os.path.join(os.environ["SOURCE_ROOT"], "include/barq")
MADE = os.path.join(os.environ["BUILD_ROOT"], "docs/man")
COMMON = {"url", "json", "help"}


def said(*args):
    return subprocess.run([BARQ, *args], capture_output=True, text=True, timeout=60,
                          check=True).stdout


def page(name):
    with open(os.path.join(PAGES, name), encoding="utf-8") as text:
        return text.read()


def commands():
    """Of `barq --help`: a name, two spaces or more, what it does."""
    names = re.findall(r"^  ([a-z][a-z-]*)  +\S", said("--help").split("exit codes:")[0], re.M)
    assert "worker" in names and "migrate" in names, names
    return names


def help_options(text):
    """Of the lines that explain one each; examples may have those of other commands."""
    return set(re.findall(r"^  (?:-\w, )?--([a-z][a-z-]*)", text, re.M))


def page_options(text):
    """Of the synopsis, and of the list that explains them."""
    options = set()
    for line in re.findall(r"^\.(?:It|Op) (Fl .*)", text, re.M):
        options |= set(re.findall(r"(?:Fl|,) -([a-z][a-z-]*)", line))
    return options


def each_command_has_a_page_that_barq_1_names(folder):
    del folder
    overview = page("barq.1")
    for name in commands():
        assert f".Nm barq-{name}\n" in page(f"barq-{name}.1"), name
        assert re.search(rf"^\.It.* Xr barq-{name} 1\b", overview, re.M), name


def each_option_is_in_its_page(folder):
    del folder
    for name in commands():
        told = page_options(page(f"barq-{name}.1"))
        missing = help_options(said(name, "--help")) - told
        if name != "worker":
            missing -= COMMON
        assert not missing, (name, missing)
    assert COMMON <= page_options(page("barq.1"))
    assert {"queue", "burst", "verbose"} <= help_options(said("worker", "--help"))


def no_page_tells_of_an_option_that_is_not_there(folder):
    del folder
    for name in commands():
        invented = page_options(page(f"barq-{name}.1")) - help_options(said(name, "--help"))
        assert not invented, (name, invented)


def functions(header):
    with open(os.path.join(HEADERS, header), encoding="utf-8") as text:
        return set(re.findall(r"^BARQ_API\s[^;(]*?\b(barq_\w+)\(", text.read(), re.M))


def each_header_has_a_page_with_all_of_its_functions(folder):
    del folder
    for header in os.listdir(HEADERS):
        with open(os.path.join(MADE, f"barq_{header[:-2]}.3"), encoding="utf-8") as made:
            text = made.read()
        named = set(re.findall(r"^\.Nm (barq_\w+)", text, re.M)) - {f"barq_{header[:-2]}"}
        shown = set(re.findall(r"^\.Fo (barq_\w+)$", text, re.M))
        assert functions(header) and named == functions(header) <= shown, (header, named, shown)


tap.run(
    each_command_has_a_page_that_barq_1_names,
    each_option_is_in_its_page,
    no_page_tells_of_an_option_that_is_not_there,
    each_header_has_a_page_with_all_of_its_functions,
)
