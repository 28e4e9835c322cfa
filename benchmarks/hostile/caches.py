"""The cache that the fuzz damages: stored runs and facts, with and without a digest that fits."""

from __future__ import annotations

import functools
import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import mutate
import stores
from seeds import Files

from strangler.sources.cache import _check

AGAIN = ["analyze", "tree", "-o", "again", "-q", "-j", "1"]
FACTS = "cache/facts-1.sqlite"


@functools.cache
def contents() -> Files:
    """The files of the cache of an analysis, and those of its folder that are not the cache."""
    place = stores.finished() / "cache"
    return {
        f"cache/{p.relative_to(place).as_posix()}": p.read_bytes() for p in place.rglob("*") if p.is_file()
    }


@functools.cache
def rows() -> tuple[tuple[str, str, bytes], ...]:
    """The entries of the cache of facts."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "facts"
        path.write_bytes(contents()[FACTS])
        connection = sqlite3.connect(path)
        found = connection.execute("SELECT grp, key, value FROM entry ORDER BY grp, key").fetchall()
        connection.close()
    return tuple(found)


def damaged(random: Random) -> Files:
    """One or two files with changed bytes, of which their digests know nothing."""
    found: Files = {}
    for name in random.sample(sorted(contents()), random.choice((1, 1, 2))):
        other = random.choice(sorted(contents()))
        content = contents()[name]
        match random.randrange(5):
            case 0:
                found[name] = content[: random.randrange(len(content) + 1)]
            case 1:
                found[name] = contents()[other]
            case 2:
                found[name] = b""
            case _:
                found[name] = mutate.data(content, random, [contents()[other]])
    if FACTS in found:  # only then is it read
        found |= {name: b"" for name in contents() if name.startswith("cache/runs/")}
    return found


def planted(random: Random) -> Files:
    """A stored run that says something else, with a digest that fits."""
    name = random.choice([name for name in sorted(contents()) if f"{name}.blake2b" in contents()])
    try:
        content = mutate.dumped(mutate.document(json.loads(contents()[name]), random))
    except ValueError:
        content = mutate.data(contents()[name], random)
    if random.random() < 0.2:
        content = mutate.data(content, random)
    return {name: content, f"{name}.blake2b": hashlib.blake2b(content).hexdigest().encode()}


def odd_facts(random: Random) -> Files:
    """Facts of other kinds and versions than their names say, with check sums that fit."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "facts"
        path.write_bytes(contents()[FACTS])
        connection = sqlite3.connect(path, isolation_level=None)
        for group, key, value in random.sample(rows(), random.choice((1, 1, 3))):
            _, _, other = random.choice(rows())
            new = random.choice((other, b"", b"\x91" + value, other[:9] + value, value[: len(value) // 2]))
            odd: object = random.choice((new, new, new, new, "text", 5, None))
            check = _check(group, key, new)
            place = (odd, check, random.choice((0, 2**62, "x", None)), group, key)
            connection.execute(
                "UPDATE entry SET value = ?, check_sum = ?, at = ? WHERE grp = ? AND key = ?", place
            )
        if random.random() < 0.1:
            connection.execute(
                random.choice(("DROP TABLE used", "PRAGMA user_version = 7", "DELETE FROM entry"))
            )
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.close()
        content = path.read_bytes()
    return {FACTS: content} | {name: b"" for name in contents() if name.startswith("cache/runs/")}


def made(random: Random, _: Sequence[Files]) -> tuple[Files, bool]:
    """The files of a cache that is not as it was written, and whether the result must be the honest one."""
    way = random.choice((damaged, damaged, planted, odd_facts))
    return way(random), way is damaged
