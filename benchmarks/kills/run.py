"""What SIGKILL leaves behind: ``python benchmarks/kills/run.py [VERB] [--kills N] [--seed N]``.

Each verb that writes is killed in a place of its own, N times in all: one half at a random moment of the
time that it takes, one half at a random one of its operations on files (a file opened to be written,
flushed to the disk, renamed, removed, a folder made ...). It starts from nothing or from the results of an
earlier version of the code. Then the verb is run again, on the same input or on another, and

- **old or new**: after the kill, every file of the results is as it was before or as the run would have left
  it,
- **equal**: the next run ends as usual, and its results are those of a run that nobody killed,
- **nothing left**: after it, no other file is there than after such a run: results, cache, temporary folder;
  and no process of the killed run is alive.

A run that had ended before its moment is not counted. Prints a table; exit code 1 if anything does not hold.
What is killed is a fork of this process, in which everything is imported: a kill costs little more than two
runs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import resource
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sample

from strangler import cli, parallel

Contents = dict[str, bytes]
STORED_REPORT = re.compile(r"cache/runs/[0-9a-f-]+/report\.html(\.blake2b)?")
MEMORY = Path("/dev/shm")
"""Where a place lies if it can: a disk would do nothing but wait, since no power is cut here."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
VERBS = ("analyze", "plan", "record", "extract", "accept", "check")
CHANGES = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.utime", "os.truncate", "os.link",
     "os.symlink", "shutil.rmtree", "subprocess.Popen", "sqlite3.connect", "fcntl.flock"}
)  # fmt: skip
parallel.WORTH_A_PROCESS, parallel.CHUNK_WEIGHT = 1, 1_000
"""With ``-j 2``, processes read even the few files of the sample."""
ALIVE = 3.0
"""Seconds after which a process of a killed run counts as left behind."""


@dataclass(frozen=True)
class Verb:
    """A verb, what it reads and writes, and two further inputs."""

    name: str
    results: tuple[str, ...]
    """Files and folders in which it writes what people read."""
    arguments: tuple[str, ...]
    other: tuple[str, ...]
    """The arguments for another input."""
    needs: tuple[tuple[str, ...], ...] = ()
    """What is run before, after the version of the code was changed."""
    reads_tree: bool = False
    share: int = 1
    """How many of the kills, in proportion."""


def verbs(addresses: tuple[str, str]) -> list[Verb]:
    """All that write files."""
    analyze = ("analyze", "tree", "-o", "out", "-q", "-j", "2")
    plan = ("plan", "orders", "--model", "out", "--source", "tree", "-o", "plan", "-q")
    record = ("record", "plan", "--model", "out", "-q", "--target")
    cut = ("boundaries.toml", "baseline.json")
    accept = ("accept", "--model", "out", "--source", "tree", "-o", cut[0], "--baseline", cut[1], "-q")
    extract = ("extract", "orders", "--model", "out", "--source", "tree", "-o", "service", "-q")
    check = ("check", "tree", "--baseline", "baseline.json", "--update-baseline", "-q", "-j", "1")
    return [
        Verb("analyze", ("out",), analyze, analyze, reads_tree=True, share=5),
        Verb("plan", ("plan",), plan, (*plan, "--listen", "9090"), (analyze,), share=5),
        Verb("record", ("plan",), (*record, addresses[0]), (*record, addresses[1]), (analyze, plan), share=4),
        Verb("extract", ("service",), extract, extract, (analyze,), reads_tree=True, share=4),
        Verb("accept", cut, accept, (*accept, "--notes", "other"), (analyze, check), share=3),
        Verb("check", ("baseline.json",), check, check, reads_tree=True, share=3),
    ]  # fmt: skip


@dataclass
class Killing:
    """When a run is killed: at a moment, or at an operation on a file."""

    seconds: float | None = None
    operation: int | None = None


@dataclass
class Ended:
    """How a run ended."""

    code: int
    seconds: float
    operations: int
    left: bool
    """Whether a process of it was still alive."""


def run(place: Path, arguments: tuple[str, ...], killing: Killing = Killing()) -> Ended:  # noqa: B008
    """Run a verb in a fork."""
    reader, writer = os.pipe()
    begin = time.monotonic()
    child = os.fork()
    if not child:
        os.close(reader)
        _become(place, arguments, killing, writer)
    os.close(writer)
    if killing.seconds is not None:
        time.sleep(killing.seconds)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - begin
    left = _alive(child)
    with os.fdopen(reader, "rb") as pipe:
        return Ended(os.waitstatus_to_exitcode(status), seconds, len(pipe.read()), left)


def _become(place: Path, arguments: tuple[str, ...], killing: Killing, writer: int) -> None:
    os.setpgid(0, 0)
    os.chdir(place)
    os.environ |= {"STRANGLER_CACHE_DIR": str(place / "cache"), "TMPDIR": str(place / "tmp"), "NO_COLOR": "1"}
    tempfile.tempdir = None
    said = os.open(place / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    sys.argv = ["strangler", *arguments]
    count, itself = 0, os.getpid()

    def operated() -> None:
        nonlocal count
        if os.getpid() != itself:
            return  # a process that reads files
        count += 1
        os.write(writer, b".")
        if count == killing.operation:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, given: tuple[object, ...]) -> None:
        if event in CHANGES or (event == "open" and isinstance(given[2], int) and given[2] & WRITING):
            operated()

    fsync = os.fsync

    def flushed(handle: int) -> None:
        operated()
        fsync(handle)

    os.fsync = flushed
    os.set_blocking(writer, False)
    sys.addaudithook(hook)
    try:
        cli.main()
    finally:
        os._exit(99)


def _alive(group: int) -> bool:
    end = time.monotonic() + ALIVE
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.01)
    os.killpg(group, signal.SIGKILL)
    return True


def contents(place: Path, names: tuple[str, ...]) -> Contents:
    """The files below some folders."""
    found = {}
    for name in names:
        top = place / name
        for path in [top] if top.is_file() else top.rglob("*"):
            if path.is_file():
                found[path.relative_to(place).as_posix()] = path.read_bytes()
    return found


def listing(place: Path) -> set[str]:
    """Everything in a place but the code, and the reports that a stored run has when they were asked for."""
    found = {path.relative_to(place).as_posix() for path in place.rglob("*")}
    return {name for name in found if not name.startswith("tree/") and not STORED_REPORT.fullmatch(name)}


@dataclass
class Start:
    """A place before the run, and what runs that nobody kills make of it."""

    verb: Verb
    name: str
    before: Path
    new: Contents = field(default_factory=dict)
    next: dict[str, list[Contents]] = field(default_factory=dict)
    """What the next run may leave, on the same and on the other input."""
    listed: set[str] = field(default_factory=set)
    seconds: float = 0.0
    operations: int = 0


def prepare(verb: Verb, name: str, above: Path) -> Start:
    """Make a place and find out what the runs in it give."""
    before = above / f"{verb.name}-{name}"
    (before / "tmp").mkdir(parents=True)
    versions = (1, 2) if name == "later" else (2,)
    for version in versions:
        sample.plant(before / "tree", version)
        for arguments in verb.needs:
            _done(before, arguments)
        if version != versions[-1]:
            _done(before, verb.arguments)
    start = Start(verb, name, before)
    with copied(before) as place:
        times = [_done(place, verb.arguments)]
        start.new = contents(place, verb.results)
        start.operations = times[0].operations
        start.listed |= listing(place)
        for kind in ("same", "other"):
            with copied(place) as after:
                start.next[kind] = [again(verb, kind, after)]
                start.listed |= listing(after)
    for kind in ("same", "other"):
        with copied(before) as place:
            start.next[kind].append(again(verb, kind, place))
            start.listed |= listing(place)
    for _ in range(2):
        with copied(before) as place:
            times.append(_done(place, verb.arguments))
    start.seconds = statistics.median(one.seconds for one in times)
    return start


def again(verb: Verb, kind: str, place: Path) -> Contents:
    """What the next run leaves."""
    if kind == "other" and verb.reads_tree:
        sample.plant(place / "tree", 3)
    ended = run(place, verb.arguments if kind == "same" else verb.other)
    found = contents(place, verb.results)
    if ended.code:
        found["exit"] = b"%d: " % ended.code + (place / "said").read_bytes()[-200:]
    return found


def _done(place: Path, arguments: tuple[str, ...]) -> Ended:
    ended = run(place, arguments)
    if ended.code:
        raise SystemExit(f"{' '.join(arguments)}: exit {ended.code}\n{(place / 'said').read_text()}")
    return ended


@contextlib.contextmanager
def copied(before: Path) -> Iterator[Path]:
    """A copy of a place, at the same path each time."""
    place = before.parent / "place"
    if place.exists():
        place = before.parent / "place2"
    shutil.copytree(before, place, symlinks=True)
    try:
        yield place
    finally:
        shutil.rmtree(place)


@dataclass
class Row:
    """What became of the kills of one verb."""

    kills: int = 0
    at: Counter[str] = field(default_factory=Counter)
    state: Counter[str] = field(default_factory=Counter)
    torn: int = 0
    unequal: int = 0
    left: int = 0
    missed: int = 0


def trial(start: Start, chance: random.Random, row: Row, tell: Callable[[str], None]) -> None:
    """Kill one run and look at what it left."""
    verb = start.verb
    by_time = chance.random() < 0.5
    killing = (
        Killing(seconds=chance.random() * start.seconds)
        if by_time
        else Killing(operation=chance.randint(1, start.operations))
    )
    kind = chance.choice(("same", "other"))
    with copied(start.before) as place:
        old = contents(place, verb.results)
        ended = run(place, verb.arguments, killing)
        if ended.code != -signal.SIGKILL:
            row.missed += 1
            return
        row.kills += 1
        row.at["moment" if by_time else "operation"] += 1
        found = contents(place, verb.results)
        torn = [
            name for name, content in found.items()
            if content not in (old.get(name), start.new.get(name)) and not _ours(name)
        ]  # fmt: skip
        torn += [name for name in old if name not in found and name in start.new]
        whole = {name: content for name, content in found.items() if not _ours(name)}
        row.state["old" if whole == _plain(old) else "new" if whole == _plain(start.new) else "between"] += 1
        after = again(verb, kind, place)
        unequal = [] if after in start.next[kind] else _differences(after, start.next[kind])
        left = sorted(listing(place) - start.listed) + (["a process"] if ended.left else [])
    for name, problem in (("torn", torn), ("unequal", unequal), ("left", left)):
        if problem:
            setattr(row, name, getattr(row, name) + 1)
            tell(f"{verb.name}, {start.name}, {killing}, next run on the {kind} input: {name}: {problem[:4]}")


def _ours(name: str) -> bool:
    """Whether a name is one of a file on its way, or of the record of what is written."""
    return any(part.startswith(".strangler-") for part in name.split("/"))


def _plain(found: Contents) -> Contents:
    return {name: content for name, content in found.items() if not _ours(name)}


def _differences(found: Contents, expected: list[Contents]) -> list[str]:
    nearest = min(expected, key=lambda one: len(set(one.items()) ^ set(found.items())))
    names = sorted(name for name in {*found, *nearest} if found.get(name) != nearest.get(name))
    return [f"{name} {found[name]!r}" if name == "exit" else name for name in names]


def main() -> int:
    """Kill."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", nargs="?", choices=VERBS)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    above = Path(tempfile.mkdtemp(prefix="kills-", dir=MEMORY if MEMORY.is_dir() else None))
    servers = [sample.serve("one"), sample.serve("two")]
    begin = time.monotonic()
    rows: dict[str, Row] = {}
    try:
        _warm(above)
        chosen = [verb for verb in verbs((servers[0][1], servers[1][1])) if given.verb in (None, verb.name)]
        shares = sum(verb.share for verb in chosen)
        for verb in chosen:
            starts = [prepare(verb, name, above) for name in ("first", "later")]
            row = rows[verb.name] = Row()
            wanted = -(-given.kills * verb.share // shares)
            while row.kills < wanted:
                trial(chance.choice(starts), chance, row, lambda text: print(text, flush=True))
    finally:
        for number, _ in servers:
            os.kill(number, signal.SIGKILL)
            os.waitpid(number, 0)
        shutil.rmtree(above, ignore_errors=True)
    columns = ("verb", "kills", "moment", "operation", "old", "between", "new", "torn", "unequal", "left")
    print("\n" + " ".join(f"{column:>9}" for column in columns))
    for name, row in rows.items():
        ways = (row.at["moment"], row.at["operation"], *(row.state[s] for s in ("old", "between", "new")))
        figures = (row.kills, *ways, row.torn, row.unequal, row.left)
        print(f"{name:>9} " + " ".join(f"{figure:>9}" for figure in figures))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    kills = sum(row.kills for row in rows.values())
    print(f"{kills} kills, {seconds:.0f} s of CPU, {time.monotonic() - begin:.0f} s")
    return int(any(row.torn or row.unequal or row.left for row in rows.values()))


def _warm(above: Path) -> None:
    """Run each verb once in this process, so that its forks have everything that they import."""
    place = above / "warm"
    (place / "tmp").mkdir(parents=True)
    sample.plant(place / "tree", 1)
    here, arguments = Path.cwd(), sys.argv
    os.chdir(place)
    os.environ["STRANGLER_CACHE_DIR"] = str(place / "cache")
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),  # nobody answers `record` here
    ):
        for verb in verbs(("http://127.0.0.1:9", "http://127.0.0.1:9")):
            sys.argv = ["strangler", *verb.arguments]
            with contextlib.suppress(SystemExit):
                cli.app()
    os.chdir(here)
    sys.argv = arguments


if __name__ == "__main__":
    sys.exit(main())
