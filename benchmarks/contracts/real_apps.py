"""How much of a real application the recorded suite covers without handwork.

    python benchmarks/contracts/real_apps.py APPS.json [--app NAME] [--context NAME] [--keep DIR]

APPS.json is a list of objects, one for each checkout of one's own (nothing of it is in this repository):

    name      of the application
    folder    the checkout: it is analysed, and it is the working directory of the commands
    env       environment variables
    seed      command that makes the rows; each line NAME=Header: value that it prints is an identity
    serve     command that serves it; {port} is put in
    state     files and folders with all that it writes; removed before ``seed``, put back before each run
    ready     path that answers below 500 when it is up (/)
    contexts  names of contexts (default: all with --least endpoints)

For each context: ``strangler plan``, ``strangler record`` on the seeded application, then the suite twice,
each time on the application started anew from the same state. An endpoint is covered where a passing case was
answered at work: below 300, or for a method that writes below 400 and not as nobody is answered. Which
endpoint a case belongs to is decided here by the routes' expressions, not by the recorder.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from helpers.monolith import free_port

IDENTITY = re.compile(r"\w+=[\w-]+: .+")
Pair = tuple[str, int]
"""Method, and position of the endpoint in the routing order."""


@dataclass
class App:
    """A checkout that can be seeded, served and put back."""

    name: str
    folder: Path
    seed: list[str]
    serve: list[str]
    state: list[Path]
    env: dict[str, str] = field(default_factory=dict)
    ready: str = "/"
    contexts: list[str] = field(default_factory=list)

    def run(self, command: list[str]) -> str:
        environment = {**os.environ, "PYTHONPATH": ".", **self.env}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{self.name}: {' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done.stdout

    def make(self, snapshot: Path) -> list[str]:
        """Seed and keep the state; the identities as options."""
        for path in self.state:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        lines = [line for line in self.run(self.seed).splitlines() if IDENTITY.fullmatch(line)]
        for number, path in enumerate(self.state):
            copy(path, snapshot / str(number))
        return [word for line in lines for word in ("--as", line)]

    def restore(self, snapshot: Path) -> None:
        for number, path in enumerate(self.state):
            copy(snapshot / str(number), path)

    @contextmanager
    def running(self, snapshot: Path) -> Iterator[str]:
        """Served from the snapshot on a free port."""
        self.restore(snapshot)
        port = free_port()
        command = [word.format(port=port) for word in self.serve]
        log = snapshot / "server.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": ".", **self.env},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            url = f"http://127.0.0.1:{port}"
            wait(url + self.ready, process, log)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def copy(source: Path, target: Path) -> None:
    """Put a file or folder in place of another."""
    if target.is_dir():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers below 500."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{url} did not start:\n{log.read_text(errors='replace')[-3000:]}")


def strangler(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "strangler", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"strangler {' '.join(map(str, arguments))}\n{done.stderr}")
    return done.stdout


@dataclass(frozen=True)
class Sent:
    """A test of the suite, as its source has it."""

    name: str
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
                    yield Sent(
                        node.name, words[1], words[2], options.get("identity", ""), options.get("status", 0)
                    )


def is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def passing(folder: Path, url: str, people: list[str]) -> tuple[set[str], list[str]]:
    """Names of the tests that passed, and of those that did not."""
    report = folder.parent / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".", "--base-url", url]
    subprocess.run(
        [*command, "--tb=line", f"--junit-xml={report}", *people],
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


HEAD = """| application | context | endpoints | reads covered | writes covered | covered | cases | alarms | s |
|---|---|---|---|---|---|---|---|---|"""


def pairs(endpoints: list[dict[str, Any]]) -> dict[Pair, str]:
    """What moves; an endpoint whose methods the code does not restrict counts as GET."""
    return {
        (method, endpoint["order"]): f"{method} {endpoint['path']}"
        for endpoint in endpoints
        for method in endpoint["methods"] or ["GET"]
        if method not in ("HEAD", "OPTIONS")
    }


def covered(
    suite: list[Sent], good: set[str], table: list[dict[str, Any]], wanted: dict[Pair, str]
) -> set[Pair]:
    """Pairs with a passing case that shows them at work."""
    routes = [(re.compile(e["regex"]), e) for e in sorted(table, key=lambda e: e["order"])]
    nobody = {(c.method, c.path): c.status for c in suite if c.identity == "anonymous"}
    found = set()
    for case in suite:
        works = case.status < 300 or (
            case.status < 400
            and case.method not in ("GET", "HEAD", "OPTIONS")
            and nobody.get((case.method, case.path)) != case.status
        )
        if not works or case.name not in good:
            continue
        for expression, endpoint in routes:
            if expression.fullmatch(case.path) and case.method in (endpoint["methods"] or [case.method]):
                found.add((case.method, endpoint["order"]))
                break
    return found & set(wanted)


def measure(app: App, context: str, model: Path, snapshot: Path, people: list[str], plan: Path) -> Score:
    """Plan, record, and the suite twice on the application started anew."""
    strangler("plan", context, "--model", model, "-o", plan, "--gateway", "nginx")
    moves = json.loads((plan / "plan.json").read_text())["moves"]["endpoints"]
    table = json.loads(model.read_text())
    table = (table.get("system") or table)["endpoints"]
    start = time.monotonic()
    with app.running(snapshot) as url:
        said = strangler("record", plan, "--model", model, "--target", url, *people)
    took = time.monotonic() - start
    folder = plan / "contracts" / "http"
    suite = list(sent(folder))
    good: set[str] = {case.name for case in suite}
    alarms: list[str] = []
    for _ in range(2):
        with app.running(snapshot) as url:
            passed, bad = passing(folder, url, people)
        good &= passed
        alarms += bad
    wanted = pairs(moves)
    return Score(
        app.name, context, wanted, covered(suite, good, table, wanted), len(suite), alarms, took, said
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("apps", type=Path)
    parser.add_argument("--app", action="append", help="these applications only")
    parser.add_argument("--context", action="append", help="these contexts only")
    parser.add_argument("--least", type=int, default=3, help="endpoints of a context (3)")
    parser.add_argument("--keep", type=Path, help="folder for plans and suites")
    options = parser.parse_args()
    root = (options.keep or Path(tempfile.mkdtemp(prefix="strangler-apps-"))).resolve()
    scores = []
    for row in json.loads(options.apps.read_text()):
        app = App(**{**row, "folder": Path(row["folder"]), "state": [Path(p) for p in row["state"]]})
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
            score = measure(app, context, model, snapshot, people, plan)
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
