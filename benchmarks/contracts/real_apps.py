"""How much of a real application the recorded suite covers without handwork.

    python benchmarks/contracts/real_apps.py APPS.json [--app NAME] [--context NAME] [--runs 2] [--keep DIR]
    python benchmarks/contracts/real_apps.py --samples --runs 10

APPS.json is a list of objects, one for each checkout of one's own (nothing of it is in this repository):

    name      of the application
    folder    the checkout: it is analysed, and it is the working directory of the commands
    env       environment variables
    seed      command that makes the rows; each line NAME=Header: value that it prints is an identity
    serve     command that serves it; {port} is put in
    state     files and folders with all that it writes; removed before ``seed``, put back before each run
    ready     path that answers below 500 when it is up (/)
    contexts  names of contexts (default: all with --least endpoints)
    people    further identities, NAME=Header: value

``--samples`` takes a context of each sample monolith instead.

For each context: ``strangler plan``, ``strangler record`` on the seeded application, then the suite twice,
each time on the application started anew from the same state. An endpoint is covered where a passing case was
answered at work: below 300, or for a method that writes by a redirect to where nobody else is sent. Which
endpoint a case belongs to is decided here by the routes' expressions, not by the recorder.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from helpers.monolith import FIXTURES, NOW
from served import App

SAMPLES = (
    (
        "django_shop",
        "catalog",
        ("ada=Authorization: Token ada-token", "staff=Authorization: Token staff-token"),
    ),
    (
        "flask_clinic",
        "pharmacy",
        tuple(f"{who}=Authorization: Bearer {who}-token" for who in ("boss", "doctor", "nurse")),
    ),
    ("fastapi_courier", "billing", ("shop=X-Api-Key: shop-key", "admin=X-Api-Key: admin-key")),
)
WRITES = ("POST", "PUT", "PATCH", "DELETE")
Pair = tuple[str, int]
"""Method, and position of the endpoint in the routing order."""


def strangler(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "strangler", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"strangler {' '.join(map(str, arguments))}\n{done.stderr}")
    return done.stdout


@dataclass(frozen=True)
class Sent:
    """A request of the suite, as its source has it."""

    name: str
    """Of the test."""
    case: str
    method: str
    path: str
    identity: str
    status: int


def sent(folder: Path) -> Iterator[Sent]:
    """The cases of a written suite: the call of ``api.check`` in each test function."""
    for file in sorted(folder.glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
                if isinstance(call.func, ast.Attribute) and call.func.attr == "check":
                    words = [ast.literal_eval(a) for a in call.args if isinstance(a, ast.Constant)]
                    options = {k.arg: ast.literal_eval(k.value) for k in call.keywords if is_literal(k.value)}
                    yield Sent(node.name, *words[:3], options.get("identity", ""), options.get("status", 0))


def is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def passing(folder: Path, url: str, options: list[str]) -> tuple[set[str], list[str]]:
    """Names of the tests that passed, and of those that did not."""
    report = folder.parent / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".", "--base-url", url]
    subprocess.run(
        [*command, "--tb=line", f"--junit-xml={report}", *options],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    good, bad = set(), []
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("name", "")
        if len(case):
            bad.append(f"{name}: {(case[0].get('message') or '')[:300]}")
        else:
            good.add(name)
    return good, bad


@dataclass
class Score:
    """One context of one application."""

    app: str
    context: str
    wanted: dict[Pair, str]
    covered: set[Pair]
    cases: int
    alarms: list[str]
    seconds: float
    said: str

    def row(self) -> str:
        by = Counter("read" if pair[0] == "GET" else "write" for pair in self.wanted)
        got = Counter("read" if pair[0] == "GET" else "write" for pair in self.covered)
        share = len(self.covered) / max(1, len(self.wanted))
        return (
            f"| {self.app} | {self.context} | {len(self.wanted)} | {got['read']} of {by['read']} "
            f"| {got['write']} of {by['write']} | {share:.0%} | {self.cases} | {len(self.alarms)} "
            f"| {self.seconds:.0f} |"
        )


HEAD = """| application | context | endpoints | reads shown | writes shown | shown | cases | alarms | s |
|---|---|---|---|---|---|---|---|---|"""


def pairs(endpoints: list[dict[str, Any]]) -> dict[Pair, str]:
    """What moves; where the code does not restrict the methods, those that it asks for, else GET."""
    return {
        (method, endpoint["order"]): f"{method} {endpoint['path']}"
        for endpoint in endpoints
        for method in endpoint["methods"] or [r["method"] for r in endpoint.get("requests", ())] or ["GET"]
        if method not in ("HEAD", "OPTIONS")
    }


def covered(folder: Path, good: set[str], table: list[dict[str, Any]], wanted: dict[Pair, str]) -> set[Pair]:
    """Pairs with a passing case that shows them at work."""
    routes = [(re.compile(e["regex"]), e) for e in sorted(table, key=lambda e: e["order"])]
    answers = json.loads((folder / "recordings.json").read_text())["answers"]
    suite = list(sent(folder))
    doors = {place(answers[c.case]) for c in suite if c.identity == "anonymous" and 300 <= c.status < 400}
    found = set()
    for case in suite:
        redirected = 300 <= case.status < 400 and place(answers[case.case]) not in doors
        works = case.status < 300 or (redirected and case.method in WRITES)
        if not works or case.name not in good:
            continue
        for expression, endpoint in routes:
            if expression.fullmatch(case.path) and case.method in (endpoint["methods"] or [case.method]):
                found.add((case.method, endpoint["order"]))
                break
    return found & set(wanted)


def place(answer: dict[str, Any]) -> str:
    """Where a redirect leads to, without its query."""
    return str(answer["headers"].get("location", "")).partition("?")[0]


def measure(
    app: App, context: str, model: Path, snapshot: Path, people: list[str], plan: Path, runs: int
) -> Score:
    """Plan, record, and the suite on the application started anew for each run."""
    strangler("plan", context, "--model", model, "-o", plan, "--gateway", "nginx")
    moves = json.loads((plan / "plan.json").read_text())["moves"]["endpoints"]
    table = json.loads(model.read_text())
    table = (table.get("system") or table)["endpoints"]
    start = time.monotonic()
    with app.running(snapshot) as (url, back):
        hooks = ("--writes", "--reset", f"{back}/reset", "--restart", f"{back}/restart")
        said = strangler("record", plan, "--model", model, "--target", url, *people, *hooks)
    took = time.monotonic() - start
    folder = plan / "contracts" / "http"
    suite = list(sent(folder))
    good: set[str] = {case.name for case in suite}
    alarms: list[str] = []
    for _ in range(runs):
        with app.running(snapshot) as (url, back):
            passed, bad = passing(folder, url, [*people, "--reset", f"{back}/reset"])
        good &= passed
        alarms += bad
    wanted = pairs(moves)
    return Score(
        app.name, context, wanted, covered(folder, good, table, wanted), len(suite), alarms, took, said
    )


def chosen(app: App, model: Path, least: int) -> list[str]:
    """Contexts with enough endpoints, the largest first."""
    document = json.loads(model.read_text())
    owner = {module: c["name"] for c in document["contexts"] for module in c["modules"]}
    count: Counter[str] = Counter()
    for endpoint in (document.get("system") or document)["endpoints"]:
        name = endpoint["handler"]
        while name and name not in owner:
            name = name.rpartition(".")[0]
        count[owner.get(name, "")] += 1
    return app.contexts or [name for name, number in count.most_common() if number >= least and name]


def load(path: Path) -> list[App]:
    return [
        App(**{**row, "folder": Path(row["folder"]), "state": [Path(name) for name in row["state"]]})
        for row in json.loads(path.read_text())
    ]


def samples(root: Path) -> list[App]:
    """A context of each sample monolith."""
    found = []
    for name, context, people in SAMPLES:
        database = root / name / "data.sqlite3"
        serve = [sys.executable, "serve.py", "--database", str(database), "--now", NOW]
        found.append(
            App(
                name,
                FIXTURES / name,
                [*serve, "--seed-only"],
                [*serve, "--port", "{port}"],
                [database],
                ready="/healthz",
                contexts=[context],
                people=list(people),
            )
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("apps", type=Path, nargs="?")
    parser.add_argument("--samples", action="store_true", help="the sample monoliths")
    parser.add_argument("--runs", type=int, default=2, help="of each suite (2)")
    parser.add_argument("--app", action="append", help="these applications only")
    parser.add_argument("--context", action="append", help="these contexts only")
    parser.add_argument("--least", type=int, default=3, help="endpoints of a context (3)")
    parser.add_argument("--keep", type=Path, help="folder for plans and suites")
    options = parser.parse_args()
    root = (options.keep or Path(tempfile.mkdtemp(prefix="strangler-apps-"))).resolve()
    scores = []
    for app in samples(root) if options.samples else load(options.apps):
        if options.app and app.name not in options.app:
            continue
        place = root / app.name
        strangler("analyze", app.folder, "-o", place / "model", "--quiet")
        model = place / "model" / "model.json"
        snapshot = place / "state"
        shutil.rmtree(snapshot, ignore_errors=True)
        snapshot.mkdir(parents=True)
        people = app.make(snapshot)
        for context in options.context or chosen(app, model, options.least):
            plan = place / re.sub(r"\W+", "-", context)
            shutil.rmtree(plan, ignore_errors=True)
            score = measure(app, context, model, snapshot, people, plan, options.runs)
            scores.append(score)
            missing = [name for pair, name in score.wanted.items() if pair not in score.covered]
            notes = [score.said, "not covered:", *missing, "alarms:", *score.alarms]
            (plan / "score.txt").write_text("\n".join(notes) + "\n")
            print(score.row(), flush=True)
    print(HEAD, *(score.row() for score in scores), sep="\n")
    wanted, got = sum(len(s.wanted) for s in scores), sum(len(s.covered) for s in scores)
    print(f"\n{got} of {wanted} covered ({got / max(1, wanted):.0%}); details in {root}")


if __name__ == "__main__":
    main()
