"""What is on the disk is old or new and whole, whatever ended the run before."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from strangler import files
from strangler.commands.outputs import settle
from strangler.commands.terminal import Terminal
from strangler.plans import folder
from strangler.sources import cache
from strangler.written import RECORD

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and locks of POSIX")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def renamed(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"billing", b"billinx").replace(b"Contexts", b"Contextz"))


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("name", ["model.json", "summary.txt"])
@pytest.mark.parametrize("damage", [truncated, emptied, renamed, gone])
def test_a_damaged_stored_run_is_told_and_made_anew(
    cli, shop: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    own = {"STRANGLER_CACHE_DIR": str(tmp_path / "cache")}
    first = cli("analyze", shop, "--format", "json", **own)
    (stored,) = (tmp_path / "cache").glob(f"runs/*/{name}")
    before = stored.read_bytes()
    damage(stored)
    if stored.exists() and stored.read_bytes() == before:
        pytest.skip("this file does not hold the name")
    again = cli("analyze", shop, "--format", "json", **own)
    assert (again.returncode, again.stdout) == (0, first.stdout)
    assert "was damaged: it is computed anew" in again.stderr
    healed = cli("analyze", shop, "--format", "json", "-v", **own)
    assert healed.stdout == first.stdout
    assert "stored result used" in healed.stderr


def test_a_damaged_stored_report_is_rendered_anew(cli, shop: Path, tmp_path: Path) -> None:
    own = {"STRANGLER_CACHE_DIR": str(tmp_path / "cache")}
    cli("analyze", shop, "-o", tmp_path / "one", **own)
    cli("analyze", shop, "-o", tmp_path / "two", **own)
    for stored in (tmp_path / "cache").glob("runs/*/report.html"):
        truncated(stored)
    cli("analyze", shop, "-o", tmp_path / "three", **own)
    pages = {(tmp_path / name / "report.html").read_bytes() for name in ("one", "two", "three")}
    assert len(pages) == 1


PARTS = {f"part-{number}.txt": f"first {number}\n".encode() for number in range(6)}


class EndedError(Exception):
    """The run was ended here."""


@pytest.mark.parametrize("after", range(1, 8))
@pytest.mark.parametrize("fresh", [True, False], ids=["first plan", "later plan"])
def test_a_plan_that_was_ended_on_the_way_is_no_work_of_anybody(
    fresh: bool, after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, quiet = tmp_path / "plan", Terminal("never", -1)
    if not fresh:
        settle(place, PARTS, quiet, check=False, force=False)
    second = {name: content.replace(b"first", b"second") for name, content in PARTS.items()}
    second["new.txt"] = second.pop("part-5.txt")
    done = iter(range(100))
    rename = Path.replace

    def until(new: Path, target: Path) -> Path:
        if next(done) == after:
            raise EndedError
        return rename(new, target)

    monkeypatch.setattr(Path, "replace", until)
    with pytest.raises(EndedError):
        settle(place, second, quiet, check=False, force=False)
    monkeypatch.undo()
    third = {name: content + b"third\n" for name, content in second.items()}
    settle(place, third, quiet, check=False, force=False)
    found = {path.name: path.read_bytes() for path in place.iterdir() if path.name != RECORD}
    assert found == third


def test_the_run_after_one_that_was_ended_at_its_end_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, quiet = tmp_path / "plan", Terminal("never", -1)
    settle(place, PARTS, quiet, check=False, force=False)
    second = {name: content + b"second\n" for name, content in PARTS.items()}
    rename = Path.replace

    def until(new: Path, target: Path) -> Path:
        if target.name == RECORD and (place / "part-5.txt").read_bytes() == second["part-5.txt"]:
            raise EndedError
        return rename(new, target)

    monkeypatch.setattr(Path, "replace", until)
    with pytest.raises(EndedError):
        settle(place, second, quiet, check=False, force=False)
    monkeypatch.undo()
    settle(place, second, quiet, check=False, force=False)
    (place / "part-1.txt").write_bytes(PARTS["part-1.txt"])
    assert folder.compare(place, second).edited == ("part-1.txt",)


def test_a_file_that_was_edited_is_still_told_after_a_run_that_was_ended(tmp_path: Path) -> None:
    place = tmp_path / "plan"
    settle(place, PARTS, Terminal("never", -1), check=False, force=False)
    (place / "part-1.txt").write_text("mine\n")
    assert folder.compare(place, {**PARTS, "part-1.txt": b"new\n"}).edited == ("part-1.txt",)


@POSIX
def test_what_a_killed_run_left_is_removed_and_what_another_writes_is_not(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib\n"
        "from strangler import files\n"
        "class Slow(type(pathlib.Path())):\n"
        "    def open(self, *a, **k):\n"
        "        print('writing', flush=True); time.sleep(60)\n"
        "files.replace(pathlib.Path(sys.argv[1]), {'a.txt': Slow('/dev/null')})\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        files.sweep(tmp_path)
        assert len(list(tmp_path.iterdir())) == 1
        writer.kill()
    files.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


@POSIX
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2, 0.3])
def test_an_interrupt_at_any_moment_leaves_no_traceback(shop: Path, tmp_path: Path, delay: float) -> None:
    command = [sys.executable, "-c", "from strangler.__main__ import main; print('up', flush=True); main()"]
    with subprocess.Popen(
        [*command, "analyze", shop, "-o", tmp_path / "out", "--no-cache"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        time.sleep(delay + 0.02)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert "Traceback" not in said
    assert process.returncode in (0, 130)


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_output_that_is_full_or_closed_is_told(shop: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "strangler", "analyze", str(shop), "--format", "json", "--no-cache"]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "cannot write to the standard output" in done.stderr
    closed = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True, check=False
    )
    assert closed.returncode == 2
    assert "cannot write to the standard output" in closed.stderr
    silent = subprocess.run(
        ["sh", "-c", '"$@" 2>&-', "sh", *command], stdout=subprocess.PIPE, text=True, check=False
    )
    assert silent.returncode == 0
    assert json.loads(silent.stdout)


@pytest.mark.parametrize("value", [b"", b"\x91", b"\xc1", "half", "another's"], ids=str)
def test_stored_facts_that_are_none_are_read_anew_whatever_their_check_sum_says(
    cli, shop: Path, tmp_path: Path, value: bytes | str
) -> None:
    own = {"STRANGLER_CACHE_DIR": str(tmp_path / "cache")}
    first = cli("analyze", shop, "--format", "json", **own)
    shutil.rmtree(tmp_path / "cache" / "runs")
    connection = sqlite3.connect(tmp_path / "cache" / "facts-1.sqlite")
    rows = connection.execute("SELECT grp, key, value, check_sum FROM entry ORDER BY key").fetchall()
    for number, (group, key, facts, _) in enumerate(rows):
        _, _, other, check = rows[number - 1]  # of another file, with its own check sum
        if value != "another's":
            other = facts[: len(facts) // 2] if value == "half" else value
            check = cache._check(group, key, other)
        place = (other, check, group, key)
        connection.execute("UPDATE entry SET value = ?, check_sum = ? WHERE grp = ? AND key = ?", place)
    connection.commit()
    connection.close()
    again = cli("analyze", shop, "--format", "json", **own)
    assert (again.returncode, again.stdout) == (0, first.stdout)


NO_LINK = b'"source_url": "https://[/{path}"'


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("model.json", (b"{", b'{"schema_version": \xff')),
        ("model.json", (b'"source_url": ""', NO_LINK)),
        ("summary.txt", (b"", b"\xff")),
        ("verdict.txt", (b"", b"\xff")),
    ],
)
def test_a_stored_run_that_is_none_is_told_whatever_its_digest_says(
    cli, shop: Path, tmp_path: Path, name: str, odd: tuple[bytes, bytes]
) -> None:
    own = {"STRANGLER_CACHE_DIR": str(tmp_path / "cache")}
    cli("analyze", shop, "-o", tmp_path / "out", **own)
    (stored,) = (tmp_path / "cache").glob(f"runs/*/{name}")
    before = stored.read_bytes()
    assert odd[0] in before
    stored.write_bytes(before.replace(*odd, 1))
    stored.with_name(f"{name}.blake2b").write_text(hashlib.blake2b(stored.read_bytes()).hexdigest())
    for report in stored.parent.glob("report.html*"):
        report.unlink()
    done = cli("analyze", shop, "-o", tmp_path / "out", "--no-prior", **own)
    if name == "model.json":
        assert done.returncode == 2
        assert "--no-cache" in done.stderr
    else:
        assert done.returncode == 0
        assert "was damaged: it is computed anew" in done.stderr
