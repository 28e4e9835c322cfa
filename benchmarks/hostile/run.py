"""What hostile and broken inputs cost, and that none ends a run: ``python benchmarks/hostile/run.py [GROUP] [--only NAME]``.

Each input is a small tree made anew, with one good Django model beside what is odd (unless the input says that
nothing of it can be read). The program runs in a process of its own. An input holds if

- the exit code is not 4 and no signal (a defect), and no traceback is printed,
- no program that the input planted was run, and no server but the target was asked,
- it ends within 60 s of CPU and 1 GiB of memory,
- the good model's table is in model.json.

Prints a line for each that does not hold, then a table by group; exit code 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import git
import servers
import settings
import sources
import stores
import trees
from case import Case, plant

SECONDS = 60
MEMORY = 2**30
WALL = 600
GROUPS = {
    "sources": sources,
    "trees": trees,
    "git": git,
    "settings": settings,
    "servers": servers,
    "stores": stores,
}


@dataclass(frozen=True)
class Outcome:
    """What became of one input."""

    case: Case
    code: int
    seconds: float
    peak: int
    failures: tuple[str, ...]


def run(case: Case, place: Path) -> Outcome:
    """Make the input, run the program on it, look at what it left."""
    tree, marker = place / "tree", place / "ran"
    tree.mkdir()
    if case.good:
        plant(tree)
    command = [
        sys.executable,
        "-m",
        "strangler",
        "analyze",
        str(tree),
        "-o",
        str(place / "out"),
        "-q",
        "-j",
        "1",
    ]
    environment = {**os.environ, "STRANGLER_CACHE_DIR": str(place / "cache"), "MARKER": str(marker)}
    said = place / "said"
    with case.make(tree, marker) as given:
        command = [sys.executable, "-m", "strangler", *given] if given else command
        with said.open("wb") as stream:
            process = subprocess.Popen(
                command, cwd=place, env=environment, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL,
                preexec_fn=_limits,
            )  # fmt: skip
            code, seconds, peak = _wait(process)
        failures = list(case.check(place))
    text = said.read_text("utf-8", "replace")
    if code == -9:
        failures.append(f"no end in {WALL} s")
    if code == 4 or code < 0 or "Traceback" in text:
        failures.append(f"exit {code}: {_last(text)}")
    if seconds > SECONDS:
        failures.append(f"{seconds:.0f} s of CPU")
    if peak > MEMORY:
        failures.append(f"{peak / 2**20:,.0f} MiB")
    if marker.exists():
        failures.append("a program of the tree was run")
    if case.good and not given and not failures:
        failures += _kept(place / "out" / "model.json")
    return Outcome(case, code, seconds, peak, tuple(failures))


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (6 * MEMORY, 6 * MEMORY))


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, float, int]:
    end = time.monotonic() + WALL
    while True:
        done, status, used = os.wait4(process.pid, os.WNOHANG)
        if done:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
        if time.monotonic() > end:
            process.kill()
        time.sleep(0.02)


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if " at " in line), lines[-1] if lines else "")[:120]


def _kept(model: Path) -> list[str]:
    try:
        tables = {table["name"] for table in json.loads(model.read_bytes())["tables"]}
    except (OSError, ValueError, KeyError) as error:
        return [f"no model: {error!r}"[:120]]
    return [] if "good_good" in tables else ["the good model is gone"]


def main() -> int:
    """Run the groups that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("group", nargs="?", choices=GROUPS)
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", "-v", action="store_true")
    given = parser.parse_args()
    table: dict[str, list[Outcome]] = defaultdict(list)
    for name, module in GROUPS.items():
        for case in module.CASES if given.group in (None, name) else ():
            if given.only not in case.name:
                continue
            place = Path(tempfile.mkdtemp(prefix="hostile-"))
            try:
                outcome = run(case, place)
            finally:
                subprocess.run(["chmod", "-R", "u+rwX", place], check=False)
                shutil.rmtree(place, ignore_errors=True)
            table[name].append(outcome)
            if outcome.failures or given.verbose:
                cost = f"{outcome.seconds:.1f} s, {outcome.peak / 2**20:,.0f} MiB, exit {outcome.code}"
                print(f"{name}/{case.name}: {'; '.join(outcome.failures) or 'holds'} ({cost})", flush=True)
    print(f"\n{'group':<10} {'inputs':>6} {'hold':>5} {'most CPU s':>11} {'peak MiB':>9}")
    for name, found in table.items():
        held = sum(not one.failures for one in found)
        print(
            f"{name:<10} {len(found):>6} {held:>5} {max(one.seconds for one in found):>11.1f} "
            f"{max(one.peak for one in found) / 2**20:>9,.0f}"
        )
    outcomes = [one for found in table.values() for one in found]
    print(f"{'all':<10} {len(outcomes):>6} {sum(not one.failures for one in outcomes):>5}")
    return int(any(one.failures for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
