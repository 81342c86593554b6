"""prometheus - a strict reader of Prometheus' text format 0.0.4: what is not exactly so is an error."""
import collections
import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
SAMPLE = re.compile(rf"({NAME})(\{{.*\}})? (\S+)")
PARTS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}

Family = collections.namedtuple("Family", "name kind help samples")


def unescape(text):
    return re.sub(r'\\(["\\n])', lambda escape: "\n" if escape[1] == "n" else escape[1], text)


def labels_of(text):
    labels, at = {}, 0
    inner = text[1:-1] if text else ""
    while at < len(inner):
        found = LABEL.match(inner, at)
        assert found and found[1] not in labels, text
        labels[found[1]] = unescape(found[2])
        at = found.end()
        assert at == len(inner) or inner[at] == ",", text
        at += 1
    return labels


def read(text):
    """Families by their names; each sample is (name, labels, value)."""
    families, current, seen = {}, None, set()
    assert text.endswith("\n")
    lines = iter(text[:-1].split("\n"))
    for line in lines:
        if line.startswith("# HELP "):
            name, _, told = line.removeprefix("# HELP ").partition(" ")
            kind = next(lines).removeprefix(f"# TYPE {name} ")
            assert re.fullmatch(NAME, name) and name not in families and told, line
            assert kind in ("counter", "gauge", "histogram"), (name, kind)
            assert (kind == "counter") == name.endswith("_total"), (name, kind)
            current = families[name] = Family(name, kind, told, [])
            continue
        found = SAMPLE.fullmatch(line)
        assert found and current, line
        name, labels, value = found[1], labels_of(found[2]), float(found[3])
        assert name in [current.name + part for part in PARTS.get(current.kind, ("",))], line
        key = (name, tuple(sorted(labels.items())))
        assert key not in seen, line
        seen.add(key)
        assert current.kind == "gauge" or value >= 0, line
        current.samples.append((name, labels, value))
    for family in families.values():
        if family.kind == "histogram":
            check_histogram(family)
    return families


def check_histogram(family):
    rows = collections.defaultdict(lambda: {"buckets": []})
    for name, labels, value in family.samples:
        key = tuple(sorted((label, text) for label, text in labels.items() if label != "le"))
        if name.endswith("_bucket"):
            rows[key]["buckets"].append((float(labels["le"]), value))
        else:
            rows[key][name.removeprefix(family.name)] = value
    for key, row in rows.items():
        bounds, counts = zip(*row["buckets"])
        assert list(bounds) == sorted(set(bounds)) and bounds[-1] == math.inf, (family.name, key)
        assert list(counts) == sorted(counts) and counts[-1] == row["_count"], (family.name, key)
        assert "_sum" in row, (family.name, key)


def value(families, name, **labels):
    """Of the one sample with these labels."""
    [found] = [number for family in families.values() for own, had, number in family.samples
               if own == name and all(had.get(label) == text for label, text in labels.items())]
    return found
