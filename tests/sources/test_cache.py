"""The cache saves time and nothing else: whatever is wrong with it, the result is that of an empty one."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from strangler.sources.cache import Cache, cache_directory


def stored(directory, key="k", **options):
    with Cache(directory, **options) as cache:
        return cache.get("facts", "1", [key])


def store(directory, entries, **options):
    with Cache(directory, **options) as cache:
        cache.put("facts", "1", entries)


def test_what_was_put_is_got_by_another_process_run(tmp_path):
    entries = {f"{number:064x}": bytes([number % 256]) * number for number in range(1_200)}
    store(tmp_path, entries)
    with Cache(tmp_path) as cache:
        assert cache.get("facts", "1", [*entries, "unknown"]) == entries


def test_kinds_and_versions_do_not_mix(tmp_path):
    store(tmp_path, {"k": b"1"})
    with Cache(tmp_path) as cache:
        assert cache.get("facts", "2", ["k"]) == cache.get("sql", "1", ["k"]) == {}


def test_a_cache_can_be_off(tmp_path):
    store(None, {"k": b"1"})
    assert stored(None) == {}


def execute(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


DAMAGE = {
    "empty": lambda path: path.write_bytes(b""),
    "not a database": lambda path: path.write_bytes(b"hello" * 1_000),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:3_000]),
    "zeros inside": lambda path: path.write_bytes(path.read_bytes()[:2_000] + bytes(4_000)),
    "other tables": lambda path: (path.unlink(), execute(path, "CREATE TABLE entry (x)")),
    "another format": lambda path: execute(path, "PRAGMA user_version = 99"),
    "a directory": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_cache_is_an_empty_or_an_intact_one(tmp_path, damage):
    store(tmp_path, {"k": b"value" * 500})
    (path,) = tmp_path.glob("*.sqlite")
    damage(path)
    assert stored(tmp_path) in ({}, {"k": b"value" * 500})
    store(tmp_path, {"k": b"new"})
    assert stored(tmp_path) in ({}, {"k": b"new"})


def test_a_changed_value_is_not_believed(tmp_path):
    store(tmp_path, {"k": b"right", "l": b"also"})
    (path,) = tmp_path.glob("*.sqlite")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE entry SET value = ? WHERE key = 'k'", (b"wrong",))
    connection.execute("UPDATE entry SET value = 'text' WHERE key = 'l'")
    connection.commit()
    connection.close()
    with Cache(tmp_path) as cache:
        assert cache.get("facts", "1", ["k", "l"]) == {}


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path):
    place = tmp_path / "file"
    place.write_text("")
    store(place / "below", {"k": b"1"})
    assert stored(place / "below") == {}


def test_a_cache_inside_the_analysed_tree_could_be_planted_and_is_not_read(tmp_path):
    store(tmp_path / "tree" / "cache", {"k": b"planted"})
    assert stored(tmp_path / "tree" / "cache", outside=tmp_path / "tree") == {}
    assert stored(tmp_path / "tree" / "cache", outside=tmp_path / "elsewhere") == {"k": b"planted"}


def test_the_size_is_bounded_and_the_oldest_goes_first(tmp_path):
    for number in range(10):
        store(tmp_path, {f"k{number}": bytes(1_000)}, max_bytes=5_000)
    with Cache(tmp_path) as cache:
        kept = set(cache.get("facts", "1", [f"k{number}" for number in range(10)]))
    assert 1 <= len(kept) <= 5
    assert "k9" in kept
    assert "k0" not in kept


def test_processes_can_share_it(tmp_path):
    program = (
        "import sys; from pathlib import Path; from strangler.sources.cache import Cache\n"
        "for n in range(30):\n"
        "    with Cache(Path(sys.argv[1])) as cache:\n"
        "        cache.put('facts', '1', {f'{sys.argv[2]}-{n}': sys.argv[2].encode() * 100})\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name], env=os.environ)
        for name in "abc"
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    keys = [f"{name}-{number}" for name in "abc" for number in range(30)]
    with Cache(tmp_path) as cache:
        assert set(cache.get("facts", "1", keys)) == set(keys)


def test_the_directory_is_the_user_s(monkeypatch, tmp_path):
    monkeypatch.setenv("STRANGLER_CACHE_DIR", str(tmp_path / "own"))
    assert cache_directory() == tmp_path / "own"
    monkeypatch.delenv("STRANGLER_CACHE_DIR")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "strangler"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_directory() == Path.home() / ".cache" / "strangler"
