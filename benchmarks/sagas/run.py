# ruff: noqa: E402
"""Sagas of the sample shop on PostgreSQL: under faults, and what they cost.

    python benchmarks/sagas/run.py faults [--orders 1000] [--faults "0.01 0.02 0.02"] [--kills 2]
    python benchmarks/sagas/run.py cost [--requests 200] [--rounds 3]

``faults``: six customers order, one in four changes their mind, while the warehouse (a database of its own)
and billing die at random points, fail and are slow, and every program, the monolith and the worker too, is
killed at random moments (SIGKILL, every so many seconds on average). Tells what was answered, who died where,
and what does not agree in the end. ``cost``: p50 and p95 of ``POST /api/orders/`` of one customer:
before the patch, with the switches off, with them on; the programs are started anew for each round.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "tests")]

from helpers.postgres import servers
from helpers.storm import PIECES, Storm


def faults(storm: Storm, options: argparse.Namespace) -> int:
    with storm.running(options.faults):
        storm.wait()
        began = time.monotonic()
        storm.orders(options.orders, kills=options.kills)
        seconds, answers = time.monotonic() - began, dict(sorted(storm.answers.items()))
        print(f"{options.orders} orders in {seconds:.0f} s: {answers}", flush=True)
        for role, process in storm.processes.items():
            print(
                f"{role}: died {process.deaths} times; by itself at {dict(sorted(process.died_at.items()))}"
            )
        began = time.monotonic()
        storm.settle(300)
        print(f"settled after {time.monotonic() - began:.0f} s")
    for database in ("warehouse", "shop"):
        text = "SELECT operation, state, count(*) FROM strangler_inbox GROUP BY 1, 2 ORDER BY 1, 2"
        print(f"steps done in {database}: {', '.join(storm.server.rows(text, database))}")
    orders = storm.server.rows("SELECT status, count(*) FROM orders_order GROUP BY 1 ORDER BY 1", "shop")
    wrong = storm.wrong()
    print(f"orders: {', '.join(orders)}; {len(wrong)} disagree")
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


def cost(storm: Storm, options: argparse.Namespace) -> int:
    patch = storm.found.seams.patch
    first = next(iter(storm.products))
    address = storm.address()
    storm.server.rows(f"UPDATE wh_stock SET quantity = {PIECES}", "warehouse")
    found: dict[str, list[float]] = {"before": [], "off": [], "on": []}
    answers: Counter[str] = Counter()
    for _ in range(options.rounds):
        for phase, times in found.items():
            subprocess.run(
                ["git", "apply", *(["-R"] if phase == "before" else []), "-"],
                cwd=storm.folder,
                input=patch if phase != "on" else b"",
                check=phase != "on",
                capture_output=phase == "on",
            )
            only = () if phase == "on" else ("warehouse", "billing", "worker")
            with storm.running(seams=phase == "on", without=only):
                storm.wait()
                for number in range(options.requests + 20):
                    began = time.perf_counter()
                    lines = [{"product": first, "quantity": 1}]
                    status, _ = storm.post("/api/orders/", {"ship_to": address, "lines": lines})
                    if number >= 20:
                        times.append(1000 * (time.perf_counter() - began))
                        answers[f"{phase} {status}"] += 1
    print(f"{options.rounds} rounds of {options.requests} requests: {dict(sorted(answers.items()))}")
    for phase, times in found.items():
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"{phase:7} p50 {p50:6.1f} ms  p95 {p95:6.1f} ms")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["faults", "cost"])
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--faults", default="0.01 0.02 0.02", help="dying at a point, failing, slow")
    parser.add_argument("--kills", type=float, default=2.0, help="seconds between two kills on average")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with servers(1) as (server,), tempfile.TemporaryDirectory() as folder:
        storm = Storm(Path(folder), server, few=1000)
        return faults(storm, options) if options.what == "faults" else cost(storm, options)


if __name__ == "__main__":
    raise SystemExit(main())
