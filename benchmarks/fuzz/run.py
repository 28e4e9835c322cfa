"""Small random programs: is what the reader is sure of what Python computes?

    python benchmarks/fuzz/run.py --programs 100000 --jobs 2

Each program runs in Python and is read; a name whose value the reader calls known must hold just that. What
differs is shrunk to a few lines and printed, and so is what ends with an exception or takes too long. The
last line holds the figures: programs, differences, the share of the names that are known, and the steps and
the CPU time that the longest took.
"""

from __future__ import annotations

import argparse
import ast
import gc
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from helpers.programs.idioms import Program
from helpers.programs.reading import Outcome, outcome

SECONDS = 5
"""Of CPU that one program may take."""


class Part(NamedTuple):
    """What some of the programs gave."""

    programs: int
    ran: int
    names: int
    known: int
    failures: list[str]
    steps: int
    """Of the program that took most."""
    seconds: float


class TooLongError(Exception):
    pass


def _stop(number: int, frame: object) -> None:
    raise TooLongError


class Tried(NamedTuple):
    """What one program gave."""

    wrong: str
    """Empty: nothing."""
    outcome: Outcome
    seconds: float


def tried(source: str, seed: int) -> Tried:
    """Run and read one program."""
    wrong, found = "", Outcome(False, 0, 0, [], 0)
    begin = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        found = outcome(source, seed)
        wrong = "; ".join(f"{d.name}: read {d.read}, computed {d.computed}" for d in found.differences)
    except TooLongError:
        wrong = "too long"
    except SyntaxError:  # of the program itself
        pass
    except Exception as error:
        wrong = f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return Tried(wrong, found, time.process_time() - begin)


def smaller(tree: ast.Module) -> Iterator[ast.Module]:
    """The same program without one statement, or with a block in place of a compound statement."""
    text = ast.unparse(tree)
    spots = [
        (n, field)
        for n, node in enumerate(ast.walk(tree))
        for field in ("body", "orelse", "finalbody", "handlers", "cases")
        if isinstance(getattr(node, field, None), list)
    ]
    for n, field in spots:
        size = len(getattr(list(ast.walk(tree))[n], field))
        for at in reversed(range(size)):
            for way in ("drop", "lift"):
                copy = ast.parse(text)
                block = getattr(list(ast.walk(copy))[n], field)
                if at >= len(block):
                    continue
                inner = [*getattr(block[at], "body", []), *getattr(block[at], "orelse", [])]
                if way == "lift" and (not inner or isinstance(block[at], (ast.FunctionDef, ast.ClassDef))):
                    continue
                block[at : at + 1] = inner if way == "lift" else []
                if field == "body" and not block:
                    block.append(ast.Pass())
                yield copy


def shrunk(source: str, wrong: Callable[[str], bool], seconds: float = 10) -> str:
    """A smaller program with which the same is wrong."""
    tree = ast.parse(source)
    end = time.monotonic() + seconds
    progress = True
    while progress and time.monotonic() < end:
        progress = False
        for candidate in smaller(tree):
            try:
                text = ast.unparse(candidate)
            except Exception:
                continue
            if len(text) < len(ast.unparse(tree)) and wrong(text):
                tree = ast.parse(text)
                progress = True
                break
            if time.monotonic() > end:
                break
    return ast.unparse(tree)


def run(first: int, count: int, size: int, shrink: int) -> Part:
    """Try the programs of some seeds."""
    signal.signal(signal.SIGPROF, _stop)
    warnings.simplefilter("ignore")
    gc.collect()  # what is frozen as garbage stays for good
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    sys.setrecursionlimit(5_000)
    part = Part(0, 0, 0, 0, [], 0, 0)
    failures: list[str] = []
    for seed in range(first, first + count):
        source = Program(Random(seed), size).program()
        now = tried(source, seed)
        found = now.outcome
        part = Part(
            part.programs + 1, part.ran + found.ran, part.names + found.names, part.known + found.known,
            failures, max(part.steps, found.steps), max(part.seconds, now.seconds),
        )  # fmt: skip
        if now.wrong:
            wrong = now.wrong
            if len(failures) < shrink:

                def same(text: str, seed: int = seed, told: str = wrong) -> bool:
                    again = tried(text, seed).wrong
                    return bool(again) and (": read" in told) == (": read" in again)

                source = shrunk(source, same)
                wrong = tried(source, seed).wrong
            failures.append(f"--- seed {seed}: {wrong}\n{source}")
    return part


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, metavar="SEED")
    parser.add_argument("--size", type=int, default=7, help="statements of a program's top level at most")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--show", type=int, default=10, help="differences that are printed")
    options = parser.parse_args()
    step = 250
    starts = range(options.first, options.first + options.programs, step)
    shown = 0
    total = Part(0, 0, 0, 0, [], 0, 0)
    with ProcessPoolExecutor(options.jobs) as pool:
        jobs = [
            pool.submit(
                run,
                start,
                min(step, options.first + options.programs - start),
                options.size,
                options.show,
            )
            for start in starts
        ]
        for job in jobs:
            part = job.result()
            for text in part.failures[: max(options.show - shown, 0)]:
                print(text, flush=True)
            shown += len(part.failures)
            total = Part(
                *(a + b for a, b in zip(total[:5], part[:5], strict=True)),  # type: ignore[arg-type]
                max(total.steps, part.steps),
                max(total.seconds, part.seconds),
            )
    share = total.known / max(total.names, 1)
    print(
        f"programs {total.programs}, ran to their end {total.ran}, differences {len(total.failures)}, "
        f"names {total.names}, known {share:.1%}, most steps {total.steps}, longest {total.seconds:.2f} s"
    )
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(main())
