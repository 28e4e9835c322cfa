"""A full disk, a folder that cannot be written, two runs at once, a wrong clock, another user's cache."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_support import SHOP, three_parts, write_tree

from strangler import boundaries, files
from strangler.boundaries import BoundariesError
from strangler.commands import outputs
from strangler.commands.analyze import perform
from strangler.commands.problems import UserError
from strangler.commands.terminal import Terminal
from strangler.config import Config
from strangler.sources.cache import Cache, distrusted

pytestmark = pytest.mark.skipif(os.name == "nt", reason="users, locks and limits of POSIX")
NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user can enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        write_tree(Path(name) / "tree", SHOP)
        yield Path(name)


def begin(
    place: Path, *arguments: str, before: Callable[[], None] | None = None, **more: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "strangler", *arguments],
        cwd=place,
        env={**os.environ, "STRANGLER_CACHE_DIR": str(place / "cache"), "HOME": str(place), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )


def said(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def full_at(size: int) -> Callable[[], None]:
    """No file can grow beyond so many bytes, as on a disk that is full."""

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write everywhere: be somebody else."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_disk_that_is_full_leaves_all_results_as_they_were(place: Path) -> None:
    assert said(begin(place, "analyze", "tree", "-o", "out", "-q")) == (0, "")
    old = contents(place / "out")
    (place / "tree" / "shop" / "more.py").write_text("from shop import orders\n")
    size = len(old["model.json"]) + 5_000
    assert size < len(old["report.html"])  # the model would fit, the report does not
    code, errors = said(begin(place, "analyze", "tree", "-o", "out", "-q", before=full_at(size)))
    assert code == 2
    assert "cannot write out: File too large; choose a place with --output DIR" in errors
    assert contents(place / "out") == old
    assert {path.name for path in (place / "out").iterdir()} == set(old)


def test_a_plan_for_which_there_is_no_room_is_finished_by_the_next_one(place: Path) -> None:
    write_tree(place / "tree", three_parts())
    assert said(begin(place, "analyze", "tree", "-o", "out", "-q")) == (0, "")
    plan = ("plan", "orders", "--model", "out", "--source", "tree", "-q", "-o")
    code, errors = said(begin(place, *plan, "plan", before=full_at(9_000)))
    assert code == 2
    assert "cannot write plan: File too large" in errors
    assert said(begin(place, *plan, "plan", "--listen", "9090")) == (0, "")
    assert said(begin(place, *plan, "fresh", "--listen", "9090")) == (0, "")
    assert contents(place / "plan") == contents(place / "fresh")


def test_a_read_only_folder_is_named_with_what_to_do(place: Path) -> None:
    (place / "out").mkdir()
    (place / "out" / "model.json").write_text("old\n")
    (place / "out").chmod(0o555)
    told = r"cannot write .*out: Permission denied; choose a place with --output DIR"
    with as_nobody(), pytest.raises(UserError, match=told):
        outputs.write(place / "out", {"model.json": b"new"})
    assert contents(place / "out") == {"model.json": b"old\n"}


@pytest.mark.parametrize("output", ["out", "out/below"])
def test_a_file_in_the_place_of_a_folder_is_named_with_what_to_do(place: Path, output: str) -> None:
    (place / "out").write_text("mine\n")
    code, errors = said(begin(place, "analyze", "tree", "-o", output, "-q"))
    assert code == 2
    assert f"cannot write {output}: " in errors
    assert "choose a place with --output DIR" in errors
    assert len(errors.splitlines()) == 1
    assert (place / "out").read_text() == "mine\n"


def test_runs_at_once_in_one_folder_with_one_cache_give_one_whole_result(place: Path) -> None:
    write_tree(place / "other", three_parts())
    trees = ("tree", "other", "tree", "other")
    single = {}
    for tree in ("tree", "other"):
        assert said(begin(place, "analyze", tree, "-o", f"out-{tree}", "-q", "--no-prior"))[0] == 0
        single[tree] = contents(place / f"out-{tree}")
    shared = str(place / "shared")
    running = [
        begin(place, "analyze", tree, "-o", "out", "-q", "--no-prior", STRANGLER_CACHE_DIR=shared)
        for tree in trees
    ]
    assert [said(process) for process in running] == [(0, "")] * len(trees)
    assert contents(place / "out") in single.values()
    assert not list(place.rglob(f"{files.PREFIX}*{files.SUFFIX}"))


def test_plans_at_once_in_one_folder_give_one_whole_plan(place: Path) -> None:
    write_tree(place / "tree", three_parts())
    assert said(begin(place, "analyze", "tree", "-o", "out", "-q")) == (0, "")
    plan = ("plan", "orders", "--model", "out", "-q", "--listen")
    for port in ("8080", "9090"):
        assert said(begin(place, *plan, port, "-o", port)) == (0, "")
    running = [begin(place, *plan, port, "-o", "plan") for port in ("8080", "9090")]
    assert [said(process) for process in running] == [(0, ""), (0, "")]
    assert contents(place / "plan") in (contents(place / "8080"), contents(place / "9090"))


def test_a_run_does_not_wait_for_ever_for_one_that_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    with files.alone(tmp_path):
        outputs.write(tmp_path, {"a.txt": b"a"})
    assert (tmp_path / "a.txt").read_bytes() == b"a"


def test_a_pipe_in_the_place_of_an_earlier_result_stops_nothing(place: Path) -> None:
    (place / "out").mkdir()
    os.mkfifo(place / "out" / "model.json")
    assert said(begin(place, "analyze", "tree", "-o", "out", "-q")) == (0, "")
    assert (place / "out" / "model.json").is_file()


def test_a_pipe_in_the_place_of_boundaries_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BoundariesError, match="not a regular file"):
        boundaries.read(tmp_path / "pipe")


def test_a_pipe_among_the_files_of_a_plan_is_told(place: Path) -> None:
    write_tree(place / "tree", three_parts())
    assert said(begin(place, "analyze", "tree", "-o", "out", "-q")) == (0, "")
    (place / "plan").mkdir()
    os.mkfifo(place / "plan" / "PLAN.md")
    code, errors = said(begin(place, "plan", "orders", "--model", "out", "-o", "plan", "-q"))
    assert (code, "PLAN.md" in errors, "not a regular file" in errors) == (2, True, True)


def stored(place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Run on a tree that is another each time; returns what the cache then holds."""
    monkeypatch.setenv("STRANGLER_CACHE_DIR", str(place / "cache"))

    def run() -> list[str]:
        from strangler.commands.runs import Store
        from strangler.commands.trees import scan

        (place / "tree" / "shop" / "count.py").write_text(f"x = {time.monotonic_ns()}\n")
        perform(place / "tree", Config(), Terminal("never", -1), jobs=1, cached=True)
        assert Store(scan(place / "tree", Config()), Config()).find() is not None
        return [path.name for path in (place / "cache" / "runs").iterdir()]

    return run


def test_runs_that_were_stored_with_a_clock_ahead_do_not_push_out_those_of_today(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stored(place, monkeypatch)
    for _ in range(8):
        for name in run():
            os.utime(place / "cache" / "runs" / name, (4e9, 4e9))
    assert len(run()) == 8


def test_entries_of_a_clock_ahead_are_the_first_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    with monkeypatch.context() as ahead, Cache(tmp_path, max_bytes=5_000) as cache:
        ahead.setattr(time, "time", lambda: now() + 4e9)
        cache.put("facts", "old", {f"old{n}": bytes(1_000) for n in range(4)})
    with Cache(tmp_path, max_bytes=5_000) as cache:
        cache.put("facts", "new", {f"new{n}": bytes(1_000) for n in range(3)})
        assert len(cache.get("facts", "new", [f"new{n}" for n in range(3)])) == 3


def test_a_file_of_tomorrow_changes_nothing(place: Path) -> None:
    assert said(begin(place, "analyze", "tree", "-o", "today", "-q", "-n"))[0] == 0
    for path in (place / "tree").rglob("*"):
        os.utime(path, (4e9, 4e9))
    assert said(begin(place, "analyze", "tree", "-o", "tomorrow", "-q", "-n"))[0] == 0
    assert contents(place / "today") == contents(place / "tomorrow")


def planted(place: Path) -> None:
    """A cache with a run that says something else, and a valid digest."""
    import hashlib

    for path in (place / "cache" / "runs").glob("*/model.json"):
        path.write_bytes(path.read_bytes().replace(b"billing", b"billinx"))
        digest = hashlib.blake2b(path.read_bytes()).hexdigest()
        path.with_name("model.json.blake2b").write_text(digest)


@pytest.mark.parametrize("whose", ["every user's", "another user's", "every user's runs"])
def test_a_cache_that_others_can_fill_is_not_read(place: Path, whose: str) -> None:
    command = ("analyze", "tree", "-o", "out")
    assert said(begin(place, *command, "-q", "--no-prior"))[0] == 0
    honest = contents(place / "out")
    planted(place)
    folder = place / "cache" / ("runs" if whose == "every user's runs" else "")
    if whose == "another user's":
        if os.geteuid() != 0:
            pytest.skip("only root can give a folder away")
        os.chown(folder, NOBODY, NOBODY)
    else:
        folder.chmod(0o777)
    code, errors = said(begin(place, *command, "--no-prior"))
    assert code == 0
    why = "belongs to another user" if whose == "another user's" else "can be written by every user"
    assert f"the cache is not used: {folder} {why}; name a directory of your own" in errors
    assert contents(place / "out") == honest


def test_a_cache_that_is_a_link_to_a_folder_of_ones_own_is_used(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "own")
    assert distrusted(tmp_path / "link") == ""
    with Cache(tmp_path / "link") as cache:
        cache.put("facts", "1", {"a": b"b"})
        assert cache.get("facts", "1", ["a"]) == {"a": b"b"}
    (tmp_path / "own").chmod(0o777)
    assert distrusted(tmp_path / "link")


def open_to_all() -> None:
    os.umask(0)


def test_the_cache_that_strangler_makes_is_its_users_alone(place: Path) -> None:
    assert said(begin(place, "analyze", "tree", "-o", "out", "-q", before=open_to_all)) == (0, "")
    for folder in (place / "cache", place / "cache" / "runs"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
