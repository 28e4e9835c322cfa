"""Random odd inputs of every kind: ``python benchmarks/hostile/fuzz.py --minutes N [--seed S] [--target NAME]``.

Real files, settings, repositories, answers of applications, models, baselines, plans and boundaries are changed
a little and given to the verbs that read them, each in a fork of a process that has imported all. A finding is

- exit code 4, a signal or a traceback,
- more than 60 s of CPU or 1 GiB of memory,
- a difference in anything that is written or printed between two processes with other hash seeds,
- `contained`: a defect that cost one function or statement (``not-interpreted``); told, and no failure.

Each is made smaller, printed with its seed and kept as a file that ``--replay FILE`` runs again; so are the
inputs of ``corpus/``, before anything else. Minutes are of CPU. The exit code is 1 if there was a finding.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from random import Random
from typing import Any

import servers
import targets
from forks import MEMORY, SECONDS
from seeds import Files, trees
from targets import TARGETS, Input

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
TWICE = 4
"""One input of so many is run a second time, in a process with another hash seed."""
SHRINK = 15.0
"""Seconds that may go into making an input smaller."""
PROGRESS = 120
"""Seconds between two lines that say how far it is."""
KEPT = 400
"""Inputs of a target that did something new, and are changed again."""


class Forks:
    """A process that gives forks of itself."""

    def __init__(self, seed: int) -> None:
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, str(HERE / "forks.py")]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )  # fmt: skip
        if self._line() != "ready":
            raise SystemExit(
                "the process that runs the inputs did not start: python benchmarks/hostile/forks.py"
            )

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def run(self, place: Path, arguments: list[str]) -> dict[str, Any]:
        """Exit code, CPU and memory of one run."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"place": str(place), "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._line())
        return found

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


class Answers:
    """An application that gives the answers of the input that is tried, in an order that is always the same."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def set(self, files: Files) -> None:
        """Begin anew with other answers."""
        with self._lock:
            self._bodies = [content for name, content in sorted(files.items()) if name.startswith("answers/")]
            self._asked.clear()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer, and hang up."""
        with self._lock:
            asked = f"{handler.command} {handler.path}"
            self._asked[asked] += 1
            spot = hashlib.sha256(f"{asked} {self._asked[asked] // 3}".encode()).digest()[0]
            body = self._bodies[spot % len(self._bodies)] if self._bodies else b""
        handler.wfile.write(body)
        handler.close_connection = True


class Fuzz:
    """Runs inputs, and says what is wrong with each."""

    def __init__(self, found: Path, port: int, answers: Answers) -> None:
        self._forks = (Forks(1), Forks(4242))
        self._place = (
            Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
            / "run"
        )
        self._found, self._port, self._answers = found, port, answers
        self.cpu = 0.0
        self.unsteady = 0
        self.seconds: Counter[str] = Counter()
        self.inputs: Counter[str] = Counter()
        self.runs: Counter[str] = Counter()
        self.most: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self.findings: dict[str, int] = {}
        self.contained: Counter[str] = Counter()
        self.signature: frozenset[str] = frozenset()

    def _prepare(self, one: Input) -> None:
        shutil.rmtree(self._place, ignore_errors=True)
        base = targets.base(one.target)
        if base is not None:
            shutil.copytree(base, self._place)
        for name, content in one.files.items():
            path = self._place / os.fsdecode(name.encode("utf-8", "surrogateescape"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._place.mkdir(exist_ok=True)
        self._answers.set(one.files)

    def _command(self, command: list[str]) -> list[str] | None:
        filled = [part.replace("{target}", f"http://127.0.0.1:{self._port}") for part in command]
        if "{context}" in filled:
            try:
                contexts = json.loads((self._place / "out/model.json").read_bytes())["contexts"]
            except (OSError, ValueError, KeyError):
                return None
            if not contexts:
                return None
            filled = [contexts[0]["name"] if part == "{context}" else part for part in filled]
        return filled

    def _once(self, one: Input, forks: Forks) -> tuple[str, str]:
        """What is wrong (empty: nothing), and a digest of what was written."""
        self._prepare(one)
        told = ""
        for command in one.commands:
            filled = self._command(command)
            if filled is None or told:
                break
            outcome = forks.run(self._place, filled)
            self.runs[one.target] += 1
            self.seconds[one.target] += outcome["seconds"]
            self.cpu += outcome["seconds"]
            most = self.most[one.target]
            most[:] = max(most[0], outcome["seconds"]), max(most[1], outcome["peak"])
            said = (self._place / "stderr").read_text("utf-8", "replace")
            if outcome["code"] == 4 or outcome["code"] < 0 or "Traceback" in said:
                lines = [line.strip() for line in said.splitlines()]
                told = f"exit {outcome['code']} of {command[0]}: " + next(
                    (line for line in lines if " at " in line), lines[-1] if lines else ""
                )
            elif outcome["seconds"] > SECONDS:
                told = f"{command[0]}: {outcome['seconds']:.0f} s of CPU"
            elif outcome["peak"] > MEMORY:
                told = f"{command[0]}: {outcome['peak'] / 2**20:.0f} MiB"
        if one.honest and not told and self._read("again") != self._read("out"):
            told = f"{one.commands[-1][0]}: a damaged file was taken for a result"
        return told, self._digest()

    def _read(self, folder: str) -> bytes:
        return (self._place / folder / "model.json").read_bytes()

    def _digest(self) -> str:
        found = hashlib.sha256()
        signature = set()
        for path in sorted(self._place.rglob("*")):
            if path.is_file() and "cache" not in path.parts and "/tree/" not in str(path):
                content = path.read_bytes()
                found.update(f"{path}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
                if path.name == "model.json" and path.parent.name == "out":
                    signature.update(re.findall(rb'"code": ?"([a-z-]+)"', content))
                    for text in re.findall(rb'"message": ?"((?:[^"\\]|\\.)*)"', content):
                        if b"interpreted" in text or b" failed here" in text or b"were not read (" in text:
                            signature.add(b"!" + text)
        self.signature = frozenset(text.decode("utf-8", "replace") for text in signature)
        return found.hexdigest()

    def wrong(self, one: Input, twice: bool) -> str:
        """What is wrong with an input."""
        told, digest = self._once(one, self._forks[0])
        signature = self.signature
        if not told and twice:
            told, other = self._once(one, self._forks[1])
            if not told and other != digest:
                again = [self._once(one, forks)[1] for forks in self._forks]
                if again[0] != again[1]:
                    told = f"two runs differ: {one.commands[-1][0]}"
                else:  # a time-out on a busy machine
                    self.unsteady += 1
        self.signature = signature
        return told

    def attempt(self, one: Input, name: str, twice: bool) -> None:
        """Run an input; keep and print what is wrong."""
        self.inputs[one.target] += 1
        told = self.wrong(one, twice)
        for text in sorted(text for text in self.signature if text.startswith("!")):
            kind = f"contained: {re.sub(r'^.*?(?=[(:])', '', text)[:100]}"
            self.contained[kind] += 1
            if self.contained[kind] == 1 and not told:
                self._keep(one, f"{kind} <- {text[1:120]}", name)
        if told:
            kind = re.sub(r"[0-9]{3,}", "N", told)[:160]
            self.findings[kind] = self.findings.get(kind, 0) + 1
            if self.findings[kind] == 1:
                self._keep(self._smaller(one, told), told, name)

    def _smaller(self, one: Input, told: str) -> Input:
        """The input with fewer files and lines, with which the same is wrong."""
        end = time.monotonic() + SHRINK
        kind = told[:40]
        twice = "differ" in told
        files = dict(one.files)

        def same(candidate: Files) -> bool:
            if time.monotonic() > end:
                return False
            return self.wrong(Input(one.target, candidate, one.commands, one.honest), twice)[:40] == kind

        for name in sorted(files):
            fewer = {key: value for key, value in files.items() if key != name}
            if not name.startswith("answers/") and same(fewer):
                files = fewer
        for name in sorted(files):
            lines = files[name].split(b"\n")
            size = max(len(lines) // 2, 1)
            while size and time.monotonic() < end:
                at = 0
                while at < len(lines):
                    candidate = lines[:at] + lines[at + size :]
                    if len(lines) > 1 and same({**files, name: b"\n".join(candidate)}):
                        lines = candidate
                    else:
                        at += size
                size //= 2
            files[name] = b"\n".join(lines)
        return Input(one.target, files, one.commands, one.honest)

    def _keep(self, one: Input, told: str, name: str) -> None:
        self._found.mkdir(parents=True, exist_ok=True)
        path = self._found / f"{one.target}-{hashlib.sha256(told.encode()).hexdigest()[:8]}.json"
        path.write_text(dumped([one], told))
        print(f"{name}: {told}\n    {path}", flush=True)

    def close(self) -> None:
        """End the processes and remove the folder."""
        for forks in self._forks:
            forks.close()
        shutil.rmtree(self._place.parent, ignore_errors=True)


def dumped(inputs: list[Input], told: str = "") -> str:
    """Inputs as a file to replay."""
    rows = [
        {
            "target": one.target,
            "commands": one.commands,
            "files": {
                name: content.decode("utf-8", "surrogateescape") for name, content in one.files.items()
            },
            **({"honest": True} if one.honest else {}),
            **({"told": told} if told else {}),
        }
        for one in inputs
    ]
    return json.dumps(rows, indent=1) + "\n"


def read(path: Path) -> Iterator[Input]:
    """The inputs in a file."""
    for row in json.loads(path.read_bytes()):
        files = {name: text.encode("utf-8", "surrogateescape") for name, text in row["files"].items()}
        yield Input(row["target"], files, row["commands"], row.get("honest", False))


@contextmanager
def fuzzing(found: Path) -> Iterator[Fuzz]:
    """A fuzz with its application and its processes."""
    answers = Answers()
    with servers.server(answers, "127.0.0.1") as (port, _):
        fuzz = Fuzz(found, port, answers)
        try:
            yield fuzz
        finally:
            fuzz.close()


def search(fuzz: Fuzz, seconds: float, seed: int, chosen: list[str], further: list[Path]) -> None:
    """Try inputs until the CPU is used, as much of it on each target."""
    harvested = trees(further)
    known: dict[str, list[Files]] = defaultdict(lambda: list(harvested))
    seen: dict[str, set[frozenset[str]]] = defaultdict(set)
    number = 0
    told = time.monotonic()
    while used() + fuzz.cpu < seconds:
        target = min(chosen, key=lambda name: fuzz.seconds[name])
        number += 1
        if time.monotonic() > told + PROGRESS:
            told = time.monotonic()
            print(f"  {fuzz.inputs.total()} inputs, {(used() + fuzz.cpu) / 60:.1f} minutes", flush=True)
        random = Random(f"{seed} {number} {target}")
        one = TARGETS[target](random, known[target])
        one.target = target
        fuzz.seconds[target] += 0.01  # so that what ends at once does not starve the others
        fuzz.attempt(one, f"seed {seed} input {number} ({target})", number % TWICE == 0)
        codes = frozenset(text for text in fuzz.signature if not text.startswith("!"))
        if (
            target in ("bytes", "syntax")
            and codes
            and codes not in seen[target]
            and len(known[target]) < len(harvested) + KEPT
        ):
            seen[target].add(codes)
            known[target].append({name.removeprefix("tree/"): content for name, content in one.files.items()})


def used() -> float:
    """CPU of this process alone: that of the runs is counted by each."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def main() -> int:
    """Replay the corpus, then search."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=1.0, help="of CPU")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--target", choices=TARGETS, action="append")
    parser.add_argument(
        "--trees", type=Path, action="append", default=[], metavar="DIR", help="further trees to begin with"
    )
    parser.add_argument("--found", type=Path, help="folder for what is found; default: a new one")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run what was found, and nothing else")
    given = parser.parse_args()
    found = given.found or Path(tempfile.mkdtemp(prefix="fuzz-found-"))
    print(f"seed {given.seed}", flush=True)
    with fuzzing(found) as fuzz:
        for path in [given.replay] if given.replay else sorted(CORPUS.glob("*.json")):
            for number, one in enumerate(read(path)):
                fuzz.attempt(one, f"{path.name} {number}", twice=True)
        if not given.replay:
            search(fuzz, 60 * given.minutes, given.seed, given.target or list(TARGETS), given.trees)
    print(f"\n{'target':<10} {'inputs':>7} {'runs':>7} {'CPU s':>7} {'most CPU s':>11} {'peak MiB':>9}")
    for name in fuzz.inputs:
        most = fuzz.most[name]
        print(
            f"{name:<10} {fuzz.inputs[name]:>7} {fuzz.runs[name]:>7} {fuzz.seconds[name]:>7.0f} {most[0]:>11.1f} {most[1] / 2**20:>9,.0f}"
        )
    print(f"{'all':<10} {fuzz.inputs.total():>7} {fuzz.runs.total():>7} {sum(fuzz.seconds.values()):>7.0f}")
    if fuzz.unsteady:
        print(f"differed once and not again: {fuzz.unsteady}")
    for kind, count in sorted(fuzz.findings.items()):
        print(f"FOUND {count} times: {kind}")
    for kind, count in fuzz.contained.most_common(20):
        print(f"{kind}: {count} times")
    return int(bool(fuzz.findings))


if __name__ == "__main__":
    sys.exit(main())
