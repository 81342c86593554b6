"""oracle - Python's own pickle and msgpack, to compare with: values made at random.

    oracle.py make FORMAT FILE SEED COUNT     writes the values' bytes, for barq to read and write again
    oracle.py check FORMAT FILE SEED COUNT    reads what barq made of them: the same values?

A file is a sequence of messages: a length of four bytes, low first, and so many bytes.
"""
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import pathlib
import pickle
import random
import struct
import sys
import uuid


class Color(enum.Enum):
    RED = 1
    GREEN = "green"


class Plain:
    """An object of ordinary attributes."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def __eq__(self, other):
        return type(self) is type(other) and self.__dict__ == other.__dict__


@dataclasses.dataclass
class Point:
    x: int
    y: object = None

    @dataclasses.dataclass(frozen=True)
    class Inner:
        z: int


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b

    def __eq__(self, other):
        return type(self) is type(other) and (self.a, self.b) == (other.a, other.b)


class Failure(Exception):
    """Compares as no exception does."""

    def __eq__(self, other):
        return (type(self) is type(other) and self.args == other.args
                and self.__dict__ == other.__dict__)


Pair = collections.namedtuple("Pair", "left right")
# Pickles name what is in this file by its module.
sys.modules["oracle"] = sys.modules["__main__"]
for of_here in (Color, Plain, Point, Point.Inner, Slots, Failure, Pair):
    of_here.__module__ = "oracle"


def text(dice):
    letters = "abc äß€𝄞\0\n\"'\\\x7f"
    return "".join(dice.choice(letters) for _ in range(dice.choice([0, 1, 3, 10, 300])))


def number(dice):
    bits = dice.choice([1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 500, 2050])
    return dice.choice([-1, 1]) * dice.choice([dice.getrandbits(bits), 1 << bits, (1 << bits) - 1])


def real(dice):
    return dice.choice([0.0, -0.0, 1.5, dice.random(), 5e-324, 1.7e308, float("inf"),
                        -float("inf"), dice.uniform(-1e9, 1e9)])


def some_bytes(dice):
    size = dice.choice([0, 1, 20, 255, 256, 70000 if dice.random() < 0.01 else 2])
    return bytes(dice.randrange(256) for _ in range(size))


def zone(dice):
    return dice.choice([
        None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(minutes=dice.randint(-1439, 1439))),
        datetime.timezone(datetime.timedelta(seconds=dice.randint(-80000, 80000))),
        datetime.timezone(datetime.timedelta(hours=1), "CET")])


def instant(dice):
    return datetime.datetime(dice.choice([1, 1969, 1970, 2024, 9999]), dice.randint(1, 12),
                             dice.randint(1, 28), dice.randint(0, 23), dice.randint(0, 59),
                             dice.randint(0, 59), dice.choice([0, 1, 999999, 500000]), zone(dice))


def scalar(dice):
    return dice.choice([
        lambda: None, lambda: True, lambda: False, lambda: number(dice), lambda: number(dice),
        lambda: real(dice), lambda: text(dice), lambda: text(dice), lambda: some_bytes(dice)])()


def key(dice):
    return dice.choice([
        lambda: scalar(dice), lambda: text(dice), lambda: (number(dice), text(dice)),
        lambda: frozenset({number(dice), text(dice)}), lambda: instant(dice),
        lambda: uuid.UUID(int=dice.getrandbits(128)), lambda: Color.RED])()


def typed(dice, depth):
    def inner():
        return value(dice, depth - 1)

    return dice.choice([
        lambda: instant(dice),
        lambda: datetime.date(dice.choice([1, 2024, 9999]), 2, dice.randint(1, 28)),
        lambda: datetime.time(dice.randint(0, 23), 1, 2, dice.randint(0, 999999), zone(dice)),
        lambda: datetime.timedelta(dice.randint(-999999, 999999), dice.randint(0, 86399),
                                   dice.randint(0, 999999)),
        lambda: uuid.UUID(int=dice.getrandbits(128)), lambda: uuid.UUID(int=0),
        lambda: uuid.UUID(int=dice.getrandbits(64), is_safe=uuid.SafeUUID.safe),
        lambda: decimal.Decimal(dice.choice(["1.50", "-0", "NaN", "1E+400", "Infinity"])),
        lambda: fractions.Fraction(number(dice), 7),
        lambda: complex(1.5, dice.random()),
        lambda: range(dice.randint(0, 9), 20, 3),
        lambda: slice(1, None, 2),
        lambda: bytearray(some_bytes(dice)),
        lambda: Color.RED, lambda: Color.GREEN, lambda: Color, lambda: len, lambda: Point.Inner,
        lambda: Plain(a=inner(), b=1), Plain,
        lambda: Point(1, inner()), lambda: Point.Inner(3), lambda: Slots(inner(), [1]),
        lambda: Pair(inner(), (1,)),
        lambda: pathlib.PurePosixPath("/a/b"),
        lambda: collections.OrderedDict([(1, inner()), ("b", 2)]),
        lambda: collections.OrderedDict(),
        lambda: collections.defaultdict(list, {1: [inner()]}),
        lambda: collections.Counter("abca"),
        lambda: collections.deque([inner(), 2], 5),
        lambda: Failure("bad", inner()), noted_failure,
        lambda: Pair((1,), [2]), lambda: Pair(None, ()),
    ])()


def noted_failure():
    failure = Failure("bad")
    failure.code = 7
    return failure


def container(dice, depth):
    def inner():
        return value(dice, depth - 1)

    count = dice.choice([0, 1, 2, 3, 4, 17])
    shared = inner()
    return dice.choice([
        lambda: [inner() for _ in range(count)],
        lambda: [number(dice) for _ in range(dice.choice([999, 1000, 1001, 2500]))],
        lambda: tuple(inner() for _ in range(count)),
        lambda: {key(dice): inner() for _ in range(count)},
        lambda: {str(i): i for i in range(dice.choice([5, 1001]))},
        lambda: {key(dice) for _ in range(count)},
        lambda: frozenset(key(dice) for _ in range(count)),
        lambda: [shared, (shared, {"s": shared}), shared]])()


def value(dice, depth):
    if depth <= 0 or dice.random() < 0.3:
        return scalar(dice)
    return container(dice, depth) if dice.random() < 0.6 else typed(dice, depth)


def packable(dice, depth):
    """What msgpack can hold."""
    choice = dice.random()
    if depth > 0 and choice < 0.3:
        return [packable(dice, depth - 1) for _ in range(dice.choice([0, 1, 2, 15, 16, 17]))]
    if depth > 0 and choice < 0.6:
        return {dice.choice([text, some_bytes])(dice): packable(dice, depth - 1)
                for _ in range(dice.choice([0, 1, 2, 15, 16]))}
    if choice < 0.7:
        at = instant(dice)
        return (at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)).astimezone(
            datetime.timezone.utc).replace(fold=0) if 1 < at.year < 9999 else None
    bits = dice.choice([1, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 62, 63])
    return dice.choice([
        lambda: scalar(dice) if choice < 0.8 else None,
        lambda: dice.getrandbits(bits + 1), lambda: -dice.getrandbits(bits), lambda: -(1 << bits),
        lambda: "x" * dice.choice([31, 32, 255, 256, 65536 if dice.random() < 0.01 else 0])])()


def make(kind, dice):
    if kind == "pickle":
        return value(dice, 4)
    while True:
        made = packable(dice, 2)
        try:
            import msgpack
            msgpack.packb(made, datetime=True)
            return made
        except OverflowError:
            continue


def encode(kind, made, number_of):
    if kind == "pickle":
        if number_of % 2:
            return pickle.dumps(made, 2 + number_of // 2 % 4)
        return pickle._dumps(made, 2 + number_of // 2 % 4)  # Python's second one, in Python
    import msgpack
    return msgpack.packb(made, datetime=True, use_single_float=False)


def decode(kind, data):
    if kind == "pickle":
        return pickle._loads(data) if len(data) % 2 else pickle.loads(data)
    import msgpack
    return msgpack.unpackb(data, strict_map_key=False, timestamp=3)


def same(a, b):
    """Equal, and of the same types as far as barq tells them apart."""
    alike = {bytearray: bytes, frozenset: set, collections.OrderedDict: dict}
    if alike.get(type(a), type(a)) is not alike.get(type(b), type(b)):
        return False
    if isinstance(a, (list, tuple, collections.deque)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(k in b and same(v, b[k]) for k, v in a.items()) and \
            list(a) == list(b)
    if isinstance(a, (float, complex, decimal.Decimal)):
        return repr(a) == repr(b)
    if isinstance(a, slice):
        return repr(a) == repr(b)
    if isinstance(a, (Plain, Point, Failure)):
        return a == b or (same(a.__dict__, b.__dict__)
                          and same(getattr(a, "args", 0), getattr(b, "args", 0)))
    if isinstance(a, datetime.datetime):
        return a == b and a.utcoffset() == b.utcoffset()
    return a == b


def main():
    what, kind, path, seed, count = sys.argv[1:]
    dice = random.Random(int(seed))
    values = (make(kind, dice) for _ in range(int(count)))
    if what == "make":
        with open(path, "wb") as out:
            for at, made in enumerate(values):
                data = encode(kind, made, at)
                out.write(struct.pack("<I", len(data)) + data)
        return
    with open(path, "rb") as back:
        for at, made in enumerate(values):
            size = struct.unpack("<I", back.read(4))[0]
            again = decode(kind, back.read(size))
            if not same(made, again):
                sys.exit(f"value {at} of seed {seed} came back otherwise:\n"
                         f"{made!r:.300}\n{again!r:.300}")
        if back.read(1):
            sys.exit("there is more than was asked for")


main()
