"""CPU, wall time and memory of strangler beside ast.parse and grimp over the same tree, in one run.

    python benchmarks/speed/run.py PATH [--repeat N] [--json FILE]

Each row is the run with the least CPU of N, each in a process of its own; CPU is user + system time of the
process with all its children, memory the highest sum over these of the proportional set size (Linux; else
the largest single process). ``ast.parse`` reads and parses the production files that strangler found, in one
process; grimp builds its graph of the same top-level packages.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

PARSE = """
import ast, sys, warnings
warnings.simplefilter("ignore")
sys.setrecursionlimit(10_000)
failed = 0
for path in sys.stdin.read().split("\\0"):
    try:
        with open(path, "rb") as file:
            ast.parse(file.read())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        failed += 1
print(failed, "files not parsed by this Python")
"""
GRIMP = """
import sys, grimp
roots, packages, cache = sys.argv[1].split(","), sys.argv[2].split(","), sys.argv[3]
sys.path[:0] = roots
graph = grimp.build_graph(*packages, cache_dir=cache)
print(len(graph.modules), "modules", graph.count_imports(), "imports")
"""
PRODUCTION = {"code", "settings", "entry_point"}


@dataclass
class Row:
    """One measured command."""

    what: str
    cpu: float
    wall: float
    memory: float
    note: str = ""


def measure(what: str, command: list[str], *, env: dict[str, str] | None = None, stdin: str = "") -> Row:
    """Run a command to its end and measure it with all its children."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
        text=True,
        start_new_session=True,
    )
    peak = [0.0]
    watcher = threading.Thread(target=watch, args=(process, peak), daemon=True)
    watcher.start()
    out, err = process.communicate(stdin)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    watcher.join()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = (out if process.returncode == 0 else err).strip().splitlines()
    note = lines[-1] if lines and (process.returncode or len(lines) == 1) else ""
    if process.returncode:
        note = f"exit {process.returncode}: {note}"
    return Row(what, cpu, wall, peak[0], note[:100])


def watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    """Sample the memory (MiB) of the process's session until it ends."""
    while process.poll() is None:
        peak[0] = max(peak[0], session_memory(process.pid))
        time.sleep(0.05)


def session_memory(session: int) -> float:
    """Proportional set size of all processes of a session, in MiB."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                for line in (entry / "smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
        except (OSError, IndexError, ValueError):
            continue
    return total / 1024


def best(repeat: int, run: Callable[[], Row]) -> Row:
    """The run with the least CPU; the memory is the highest seen."""
    rows = [run() for _ in range(repeat)]
    chosen = min(rows, key=lambda row: row.cpu)
    chosen.memory = max(row.memory for row in rows)
    return chosen


def top_packages(model: dict, root: Path) -> dict[str, str]:
    """What grimp takes: top-level package with an ``__init__.py`` -> where it is imported from."""
    found = {}
    for module in model["modules"]:
        path = Path(module["path"])
        if module["name"] in model["monolith"]["packages"] and path.name == "__init__.py":
            found[module["name"]] = str((root / path).parent.parent)
    return found


def benchmark(root: Path, repeat: int, jobs: str | None) -> list[Row]:
    """All rows for one tree."""
    strangler = [sys.executable, "-m", "strangler"]
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "out"
        analyze = [*strangler, "analyze", str(root), "--output", str(out), "-q"]
        if jobs:
            analyze += ["--jobs", jobs]

        def cold() -> Row:
            cache = tempfile.mkdtemp(dir=scratch)
            return measure("strangler, cold", analyze, env={"STRANGLER_CACHE_DIR": cache})

        cold_row = best(repeat, cold)
        warm_cache = {"STRANGLER_CACHE_DIR": tempfile.mkdtemp(dir=scratch)}
        measure("prime", analyze, env=warm_cache)
        warm = best(repeat, lambda: measure("strangler, nothing changed", analyze, env=warm_cache))
        model = json.loads((out / "model.json").read_bytes())
        files = [str(root / item["path"]) for item in model["modules"] if item["role"] in PRODUCTION]
        parse = [sys.executable, "-c", PARSE]
        bare = best(repeat, lambda: measure("ast.parse, production", parse, stdin="\0".join(files)))
        packages = top_packages(model, root)
        grimp = [sys.executable, "-c", GRIMP, ",".join(sorted(set(packages.values()))), ",".join(packages)]
        grimp_cold = best(repeat, lambda: measure("grimp, cold", [*grimp, tempfile.mkdtemp(dir=scratch)]))
        kept = tempfile.mkdtemp(dir=scratch)
        measure("prime", [*grimp, kept])
        grimp_warm = best(repeat, lambda: measure("grimp, warm", [*grimp, kept]))
        start = best(max(repeat, 5), lambda: measure("strangler --help", [*strangler, "--help"]))
    start.note = ""
    cold_row.note = cold_row.note or f"{cold_row.cpu / bare.cpu:.2f} x ast.parse"
    if not grimp_warm.note.startswith("exit"):
        warm.note = warm.note or f"{warm.cpu / grimp_warm.cpu:.2f} x grimp warm"
    bare.note = f"{len(files)} of {len(model['modules'])} files; {bare.note}"
    return [cold_row, warm, bare, grimp_cold, grimp_warm, start]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--jobs", help="processes of strangler; default: all cores")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    options = parser.parse_args()
    rows = benchmark(options.path.resolve(), options.repeat, options.jobs)
    print(f"{options.path.name}, Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    print("| | CPU s | wall s | memory MiB | |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.cpu:.2f} | {row.wall:.2f} | {row.memory:.0f} | {row.note} |")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
