# ruff: noqa: E402
"""How many different ways of answering wrongly the generated suites notice, and whether they cry wolf.

    python benchmarks/contracts/kill_rate.py [--suite NAME] [--only WORD] [--runs 10] [-o result.json]

For a context of each sample monolith: writes the plan, records the suite with its writes, runs it ten times
on the monolith (a failure is a false alarm), once before each harmless difference (so is that), and once
before each mutant. A mutant that changed no exchange (a status that no answer has) is listed apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests")]

import pytest
from helpers.planted import planted_file
from mutants import HARMLESS, MUTANTS
from world import SUITES, Suite, monolith


def strangler(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "strangler", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


class Tally:
    """The first test that failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid.rpartition("::")[2]


def failure(folder: Path, suite: Suite, url: str, reset: str) -> str:
    """The first failing test; empty where the suite is green. One process for all: most of it is starting."""
    tally = Tally()
    options = ["-x", "-p", "no:cacheprovider", "-p", "no:terminal", "--rootdir", str(folder), str(folder)]
    where = ["--base-url", url, "--reset", reset, *suite.people]
    code = pytest.main([*options, *where], plugins=[tally])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or bool(code) != bool(tally.failed):
        raise SystemExit(f"the suite could not be run: {code!r}")
    return tally.failed


def run(name: str, runs: int, only: str) -> dict[str, Any]:
    """The figures of one suite."""
    suite = SUITES[name]
    chosen = {key: m for key, m in {**MUTANTS["*"], **MUTANTS[name]}.items() if only in key}
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        model, plan = planted_file(suite.fixture, root / "model"), root / "plan"
        strangler("plan", suite.context, "--model", model, "-o", plan, "--gateway", "nginx")
        with monolith(suite, root) as (suite, own, url, proxy):
            reset = f"{url}/__reset__"
            started = time.monotonic()
            record = ("record", plan, "--model", model, "--target", own, "--writes", "--reset", reset)
            print(f"== {name}\n{strangler(*record, *suite.people)}", flush=True)
            print(f"{name}: recorded in {time.monotonic() - started:.0f} s", flush=True)
            folder = plan / "contracts" / "http"
            alarms = [found for _ in range(runs) if (found := failure(folder, suite, own, reset))]
            print(f"{name}: {len(alarms)} of {runs} runs on the monolith failed {alarms}", flush=True)
            wolves = {}
            for key, mutation in HARMLESS.items() if not only else ():
                proxy.mutation = mutation
                if found := failure(folder, suite, url, reset):
                    wolves[key] = found
            print(
                f"{name}: {len(wolves)} of {len(HARMLESS)} harmless differences raised an alarm {wolves}",
                flush=True,
            )
            killed, survived, untouched = {}, [], []
            for key, mutation in chosen.items():
                proxy.mutation, proxy.touched = mutation, False
                if found := failure(folder, suite, url, reset):
                    killed[key] = found
                else:
                    (survived if proxy.touched else untouched).append(key)
            proxy.mutation = None
    caught = f"{len(killed)} of {len(chosen)} mutants caught"
    print(f"{name}: {caught}; survived: {survived}; nothing to change: {untouched}", flush=True)
    return {
        "alarms": alarms,
        "runs": runs,
        "wolves": wolves,
        "killed": killed,
        "survived": survived,
        "untouched": untouched,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="", choices=["", *SUITES])
    parser.add_argument("--only", default="", help="mutants whose name holds this word")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    started = time.monotonic()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the suites need none
    names = [name for name in SUITES if options.suite in ("", name)]
    # The suites have modules of the same names: a process for each.
    with ProcessPoolExecutor(options.jobs, max_tasks_per_child=1) as pool:
        rows = [pool.submit(run, name, options.runs, options.only) for name in names]
        found = {name: row.result() for name, row in zip(names, rows, strict=True)}
    killed = sum(len(one["killed"]) for one in found.values())
    untouched = sum(len(one["untouched"]) for one in found.values())
    total = killed + sum(len(one["survived"]) for one in found.values())
    alarms = sum(len(one["alarms"]) for one in found.values())
    runs = sum(one["runs"] for one in found.values())
    wolves = sum(len(one["wolves"]) for one in found.values())
    print(f"\nfalse alarms: {alarms} in {runs} runs on the monoliths, {wolves} at harmless differences")
    seconds = time.monotonic() - started
    print(f"caught: {killed} of {total} mutants ({killed / max(1, total):.1%}); {seconds:.0f} s")
    print(f"not counted: {untouched} mutants that found nothing to change in any exchange")
    for name, one in found.items():
        for key in one["survived"]:
            print(f"survived: {name}: {key}")
        for key in one["untouched"]:
            print(f"nothing to change: {name}: {key}")
    if options.output:
        options.output.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
