"""Which small changes of the code no test sees: a mutation run over the rooms that decide.

    python benchmarks/mutation/run.py [GROUP ...] [--sample 40] [--only KEY] [--json FILE]

A group is a room of ``src`` and the tests that belong to it (``GROUPS``). Of all mutants of a group those
with the smallest key are taken, so the choice depends on the code alone. One run without changes notes which
tests reach which statement; a mutant is then tried by these tests only, the quickest first, in a process
forked for it, until one fails. A mutant that survives is tried by all tests of the files that reach its
statement, since a fixture may have been shared. Killed: a test fails, or takes ten times as long.

Survivors with a reason in ``survivors.toml`` are told apart from those that ask for a test. An own mutator
since mutmut 3 and cosmic-ray run the tests in a fresh interpreter for each mutant, several seconds of imports
each time; forking from a process that has them loaded costs a tenth.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from mutants import Mutant, mutants, traced

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "strangler"
REASONS = Path(__file__).with_name("survivors.toml")
GROUPS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "contexts": (
        (
            "contexts/*.py",
            "!contexts/ownership.py",
            "!contexts/ranking.py",
            "!contexts/crossings.py",
            "!contexts/packages.py",
        ),
        ("tests/contexts",),
    ),
    "crossings": (
        ("contexts/crossings.py",),
        ("tests/contexts/test_crossings.py", "tests/contexts/test_proposal.py"),
    ),
    "packages": (
        ("contexts/packages.py",),
        (
            "tests/contexts/test_packages.py",
            "tests/contexts/test_engine.py",
            "tests/contexts/test_propose.py",
        ),
    ),
    "ownership": (("contexts/ownership.py",), ("tests/contexts/test_ownership.py",)),
    "ranking": (("contexts/ranking.py",), ("tests/contexts/test_ranking.py",)),
    "remedies": (
        ("plans/cuts.py", "plans/data.py", "plans/sagas.py"),
        ("tests/plans/test_cuts.py", "tests/plans/test_sagas.py", "tests/plans/test_readiness.py"),
    ),
    "routing": (
        ("routing/terms.py", "routing/rules.py"),
        (
            "tests/routing/test_terms.py",
            "tests/routing/test_rules.py",
            "tests/routing/test_automaton.py",
            "tests/routing/test_upgrades.py",
        ),
    ),
    "certainty": (
        ("model/lookup.py", "analyzers/python/log.py", "analyzers/data_access.py"),
        (
            "tests/model",
            "tests/analyzers/python/test_log.py",
            "tests/analyzers/python/test_doubts.py",
            "tests/analyzers/test_data_access.py",
        ),
    ),
}
"""Name -> files below ``src/strangler`` (patterns, ``!`` takes away) and the tests that belong to them."""
SLOWEST = 20.0
"""Seconds that a mutant may take besides ten times what its tests take."""


def main() -> int:
    """Run the groups asked for, print the shares and the survivors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], help="default: all")
    parser.add_argument("--sample", type=int, default=40, help="mutants a group")
    parser.add_argument("--only", action="append", default=[], help="keys of mutants to try")
    parser.add_argument("--json", type=Path, help="write each mutant's fate")
    parser.add_argument("--verbose", action="store_true", help="tell each mutant's fate on stderr at once")
    asked = parser.parse_args()
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8")) if REASONS.exists() else {}
    _load_libraries()
    fates = []
    for name in asked.groups or GROUPS:
        fates += _group(name, asked.sample, asked.only, reasons, verbose=asked.verbose)
    if asked.json:
        asked.json.write_text(json.dumps(fates, indent=1) + "\n", encoding="utf-8")
    return 0


def _group(
    name: str, sample: int, only: Sequence[str], reasons: Mapping[str, str], *, verbose: bool
) -> list[dict[str, Any]]:
    started = _cpu()
    patterns, tests = GROUPS[name]
    tests = tuple(path for path in tests if (ROOT / path).exists())
    every = [mutant for path in _files(patterns) for mutant in mutants(path, SOURCE)]
    chosen = sorted(every, key=lambda mutant: mutant.key)[:sample]
    if only:
        chosen = [mutant for mutant in every if mutant.key in only]
    reach = _reach(_files(patterns), tests)
    fates = []
    for mutant in chosen:
        before = _cpu()
        fate, killer = _fate(mutant, reach)
        if verbose:
            print(f"  {mutant.key} {_cpu() - before:5.1f} s {fate} {killer}", file=sys.stderr, flush=True)
        fates.append(
            {
                "group": name,
                "key": mutant.key,
                "place": f"{mutant.path.relative_to(SOURCE).as_posix()}:{mutant.line}",
                "before": mutant.before,
                "after": mutant.after,
                "fate": fate,
                "by": killer,
            }
        )
    alive = [fate for fate in fates if fate["fate"] == "survived"]
    killed = len(fates) - len(alive)
    print(
        f"{name}: {killed} of {len(fates)} killed ({killed / max(1, len(fates)):.0%}), "
        f"{len(every)} possible, {_cpu() - started:.0f} s CPU"
    )
    for one in alive:
        before, after = (" ".join(one[key].split())[:90] for key in ("before", "after"))
        print(f"  {one['key']} {one['place']}  {before}  ->  {after}")
        print(f"    {reasons.get(one['key'], 'NO TEST AND NO REASON')}")
    sys.stdout.flush()
    return fates


def _files(patterns: Iterable[str]) -> list[Path]:
    found: set[Path] = set()
    for pattern in patterns:
        matched = set(SOURCE.glob(pattern.removeprefix("!")))
        found = found - matched if pattern.startswith("!") else found | matched
    return sorted(found)


class Reach:
    """Which tests reach a statement, and how long they take."""

    def __init__(self, tests: Mapping[str, Mapping[str, Any]]) -> None:
        self.seconds = {test: found["seconds"] for test, found in tests.items()}
        self._tests: dict[tuple[str, int], set[str]] = defaultdict(set)
        for test, found in tests.items():
            for path, number in found["hits"]:
                self._tests[path, number].add(test)

    def quickest(self, mutant: Mutant) -> list[str]:
        """The tests that reach the mutant's statement; all where it is not in a function."""
        found = self._tests[str(mutant.path), mutant.statement] if mutant.statement >= 0 else self.seconds
        return sorted(found, key=lambda test: (self.seconds[test], test))

    def beside(self, mutant: Mutant) -> list[str]:
        """The other tests of these tests' files."""
        near = self.quickest(mutant)
        files = {test.partition("::")[0] for test in near}
        rest = (test for test in self.seconds if test.partition("::")[0] in files and test not in set(near))
        return sorted(rest, key=lambda test: (self.seconds[test], test))


def _fate(mutant: Mutant, reach: Reach) -> tuple[str, str]:
    code = compile(mutant.tree(), str(mutant.path), "exec")
    for tests in (reach.quickest(mutant), reach.beside(mutant)):
        if tests:
            limit = SLOWEST + 10 * sum(reach.seconds[test] for test in tests)
            answer = _forked(lambda out, tests=tests: _try(tests, {str(mutant.path): code}, out), limit)
            if answer is None:
                return "killed", "time"
            if answer["failed"]:
                return "killed", answer["failed"]
    return "survived", ""


def _try(tests: Sequence[str], code: Mapping[str, CodeType], out: Path) -> None:
    _replace_code(code)
    plugin = Failures()
    code_of_exit = _pytest([*tests, "-x"], plugin)  # not even a conftest can be imported: no test is reported
    out.write_text(json.dumps({"failed": plugin.failed or ("import" if code_of_exit else "")}))


def _reach(paths: Sequence[Path], tests: Sequence[str]) -> Reach:
    code = {str(path): compile(traced(path), str(path), "exec") for path in paths}
    answer = _forked(lambda out: _trace(tests, code, out), 3_000)
    if answer is None or answer["failed"]:
        raise SystemExit(f"the tests fail without any change: {answer and answer['failed']}")
    return Reach(answer["tests"])


def _trace(tests: Sequence[str], code: Mapping[str, CodeType], out: Path) -> None:
    import builtins

    hits: set[tuple[str, int]] = set()
    builtins.__hit__ = hits  # type: ignore[attr-defined]
    _replace_code(code)
    plugin = Tracer(hits)
    _pytest(tests, plugin)
    found = {name: {"seconds": s, "hits": sorted(plugin.hits[name])} for name, s in plugin.seconds.items()}
    out.write_text(json.dumps({"failed": plugin.failed, "tests": found}))


class Failures:
    """The first test that fails."""

    failed = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note a failure."""
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        """Note a module that cannot even be imported."""
        if report.failed:
            self.failed = self.failed or report.nodeid


class Tracer(Failures):
    """Time and statements of each test that runs."""

    def __init__(self, hits: set[tuple[str, int]]) -> None:
        self.seconds: dict[str, float] = {}
        self.hits: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self._now = hits
        self._shared: dict[str, set[tuple[str, int]]] = defaultdict(set)

    def pytest_collectreport(self, report: Any) -> None:
        """What was reached on import counts for all tests of the file: their parameters are made there."""
        super().pytest_collectreport(report)
        self._shared[report.nodeid.partition("::")[0]] |= self._now
        self._now.clear()

    def pytest_runtest_logreport(self, report: Any) -> None:
        """What was reached in a fixture counts for all tests of the file."""
        super().pytest_runtest_logreport(report)
        file = report.nodeid.partition("::")[0]
        if report.when == "call":
            self.hits[report.nodeid] |= self._now | self._shared[file]
            if not report.skipped:
                self.seconds[report.nodeid] = report.duration
        else:
            self._shared[file] |= self._now
        self._now.clear()


def _pytest(arguments: Sequence[str], plugin: object) -> int:
    import pytest

    os.chdir(ROOT)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        quiet = ["-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-W", "ignore"]
        return int(pytest.main([*arguments, *quiet], plugins=[plugin]))


def _replace_code(code: Mapping[str, CodeType]) -> None:
    get_code = SourceFileLoader.get_code

    def patched(self: SourceFileLoader, fullname: str) -> CodeType | None:
        return code.get(self.get_filename(fullname)) or get_code(self, fullname)

    SourceFileLoader.get_code = patched  # type: ignore[method-assign]


def _forked(work: Callable[[Path], None], limit: float) -> dict[str, Any] | None:
    """What ``work`` wrote into the file that it is given, from a process of its own; None after ``limit``."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "answer.json")
        child = os.fork()
        if not child:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
            os.environ["TMPDIR"] = folder
            tempfile.tempdir = folder
            try:
                work(out)
            finally:
                os._exit(0)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            done, _ = os.waitpid(child, os.WNOHANG)
            if done:
                break
            time.sleep(0.02)
        else:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        found: dict[str, Any] | None = json.loads(out.read_text()) if out.exists() else {"failed": "crash"}
        return found


def _load_libraries() -> None:
    """Everything heavy that is not ours: paid once instead of for each mutant."""
    import contextlib
    import importlib

    names = (
        "hypothesis",
        "msgspec",
        "networkx",
        "pydot",
        "grimp",
        "jinja2",
        "typer",
        "yaml",
        "sqlglot",
        "httpx",
    )
    for name in ("pytest", *names, "hypothesis.strategies", "_pytest.assertion.rewrite"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _cpu() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    sys.exit(main())
