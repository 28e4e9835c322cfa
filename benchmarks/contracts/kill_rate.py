# ruff: noqa: E402
"""How many different ways of answering wrongly the generated suite notices.

    python benchmarks/contracts/kill_rate.py [--only WORD]

Serves the sample shop, writes the plan of its catalogue, records the suite, runs it ten times on the monolith
(a failure is a false alarm), then once before each mutant.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests")]

from helpers.monolith import seed, serving
from helpers.planted import planted_file
from mutants import MUTANTS, proxy

PEOPLE = ("--as", "ada=Authorization: Token ada-token", "--as", "staff=Authorization: Token staff-token")
RUNS = 10


def strangler(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "strangler", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def suite_passes(folder: Path, url: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", ".", "--base-url", url]
    done = subprocess.run([*command, *PEOPLE], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    return done.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="mutants whose name holds this word")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        model, plan = planted_file("django_shop", root / "model"), root / "plan"
        strangler("plan", "catalog", "--model", model, "-o", plan, "--gateway", "nginx")
        with serving("django_shop", seed("django_shop", root / "shop.sqlite3")) as shop:
            print(strangler("record", plan, "--model", model, "--target", shop.url, *PEOPLE))
            folder = plan / "contracts" / "http"
            alarms = sum(not suite_passes(folder, shop.url) for _ in range(RUNS))
            print(f"{alarms} of {RUNS} runs on the monolith failed")
            with proxy(shop.url) as (url, state):
                print("through the proxy, unchanged:", "green" if suite_passes(folder, url) else "RED")
                chosen = {name: m for name, m in MUTANTS.items() if options.only in name}
                survivors = []
                for name, mutation in chosen.items():
                    state["mutation"] = mutation
                    if suite_passes(folder, url):
                        survivors.append(name)
    killed = len(chosen) - len(survivors)
    print(f"{killed} of {len(chosen)} mutants caught ({killed / max(1, len(chosen)):.1%})")
    for name in survivors:
        print(f"survived: {name}")


if __name__ == "__main__":
    main()
