"""Compare the accesses of a model.json with what an application's tests did.

    python benchmarks/facts/compare_sqlalchemy.py MODEL.json APPLICATION ROWS.json [ROWS.json ...] [--misses]

ROWS.json comes from ``trace_sqlalchemy.py``; several of one application are taken together. APPLICATION is
the directory that was analysed.

Recall is over (module, table, operation) as seen at the innermost first-party function of each statement.
``certain`` accesses are judged where their own statement of the source ran. One is right if, while it ran,

- an SQL statement on the table was executed (here, or in what was called from here), or
- for a write, a row of the table became new, changed or deleted in a session, or
- for a read, a relationship to the table was followed whose rows the session had loaded before.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

Touch = tuple[str, str]
Place = tuple[str, int]


def tables_of(sql: str) -> set[Touch]:
    """(table, operation) of an SQL statement."""
    try:
        tree = sqlglot.parse_one(sql, dialect="sqlite")
    except sqlglot.errors.SqlglotError:
        return set()
    if not isinstance(tree, (exp.Select, exp.SetOperation, exp.Insert, exp.Update, exp.Delete)):
        return set()
    temporary = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    target = tree.this if isinstance(tree, (exp.Insert, exp.Update, exp.Delete)) else None
    written = target.find(exp.Table) if target is not None else None
    found = set()
    for table in tree.find_all(exp.Table):
        if table.name and table.name not in temporary:
            found.add((table.name.lower(), "write" if table is written else "read"))
    return found


class Source:
    """The statements of a file: which line belongs to which."""

    def __init__(self, text: str) -> None:
        self.start: dict[int, int] = {}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.stmt):
                body = getattr(node, "body", None)
                first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
                end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
                for line in range(first, end + 1):
                    self.start[line] = max(self.start.get(line, 0), node.lineno)

    def statement(self, line: int) -> int:
        """The first line of the innermost statement around a line."""
        return self.start.get(line, line)


class Trace:
    """What was seen, by place."""

    def __init__(self, application: Path, package: str) -> None:
        self.root = next(p for p in sorted(application.rglob(package)) if p.is_dir() and any(p.glob("*.py")))
        self.application = application
        self.sources: dict[str, Source] = {}
        self.executed: set[Place] = set()
        self.innermost: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        """(file, table, operation) -> functions."""
        self.touched: dict[Place, set[Touch]] = defaultdict(set)
        self.changed: dict[Place, set[Touch]] = defaultdict(set)
        self.followed: dict[Place, set[Touch]] = defaultdict(set)
        self._parsed: dict[str, set[Touch]] = {}

    def place(self, file: str, line: int) -> Place:
        """The statement of a line."""
        if file not in self.sources:
            self.sources[file] = Source((self.root / file).read_text())
        return str((self.root / file).relative_to(self.application)), self.sources[file].statement(line)

    def add(self, rows: dict[str, Any]) -> None:
        """Take what one run saw."""
        for sql, frames in rows["statements"]:
            if sql not in self._parsed:
                self._parsed[sql] = tables_of(sql)
            touches = self._parsed[sql]
            frames = [frame for frame in frames if frame[0].endswith(".py")]
            for file, _, line in frames:
                self.touched[self.place(file, line)] |= touches
            for file, function, _ in frames[:1]:
                for table, operation in touches:
                    path = str((self.root / file).relative_to(self.application))
                    self.innermost[path, table, operation].add(function)
        for kind, operation, seen in (("changes", "write", self.changed), ("loads", "read", self.followed)):
            for table, frames in rows[kind]:
                for file, _, line in (frame for frame in frames if frame[0].endswith(".py")):
                    seen[self.place(file, line)].add((table.lower(), operation))
        for file, lines in _python(rows["lines"]).items():
            self.executed |= {self.place(file, line) for line in lines}


def _python(lines: dict[str, list[int]]) -> dict[str, list[int]]:
    return {file: rows for file, rows in lines.items() if file.endswith(".py")}


def judged(model: dict[str, Any], trace: Trace) -> dict[str, Counter[str]]:
    """certainty -> how its accesses in statements that ran were seen; the unseen ones are printed."""
    paths = {module["name"]: module["path"] for module in model["modules"]}
    result: dict[str, Counter[str]] = defaultdict(Counter)
    for access in model["accesses"]:
        path = paths[access["module"]]
        file = str((trace.application / path).relative_to(trace.root)) if _inside(trace, path) else ""
        if not file:
            continue
        place, touch = trace.place(file, access["line"]), (access["table"].lower(), access["operation"])
        if place not in trace.executed:
            result[access["certainty"]]["not run"] += 1
            continue
        for name, seen in (
            ("statement", trace.touched),
            ("change", trace.changed),
            ("loaded", trace.followed),
        ):
            if touch in seen.get(place, ()):
                result[access["certainty"]][name] += 1
                break
        else:
            result[access["certainty"]]["unseen"] += 1
            result[access["certainty"] + " unseen"][
                f"{path}:{access['line']} {access['function']} {access['operation']} {access['table']}"
                f" via {access['via']}"
            ] += 1
    return result


def _inside(trace: Trace, path: str) -> bool:
    return (trace.application / path).is_relative_to(trace.root)


def recall(model: dict[str, Any], trace: Trace) -> tuple[set[Any], set[Any]]:
    """The rows seen, and those of them that the model holds."""
    paths = {module["name"]: module["path"] for module in model["modules"]}
    have = {(paths[a["module"]], a["table"].lower(), a["operation"]) for a in model["accesses"]}
    known = {table["name"].lower() for table in model["tables"]} | {row[1] for row in have}
    roles = {module["path"]: module["role"] for module in model["modules"]}
    want = {
        row for row in trace.innermost if row[1] in known and roles.get(row[0]) not in ("migration", "test")
    }
    return want, want & have


def report(model: dict[str, Any], trace: Trace, misses: bool) -> Iterable[str]:
    """The lines to print."""
    want, hit = recall(model, trace)
    yield f"recall of (module, table, operation): {len(hit)} of {len(want)} = {len(hit) / len(want):.3f}"
    if misses:
        for row in sorted(want - hit):
            yield f"  missed {' '.join(row)}: {', '.join(sorted(trace.innermost[row]))}"
    found = judged(model, trace)
    for certainty in ("certain", "inferred", "possible"):
        row = found.get(certainty, Counter())
        ran = sum(row.values()) - row["not run"]
        if ran:
            right = ran - row["unseen"]
            parts = ", ".join(f"{row[k]} {k}" for k in ("statement", "change", "loaded", "unseen", "not run"))
            yield f"{certainty}: {right} of {ran} = {right / ran:.4f} ({parts})"
        if misses:
            yield from sorted(
                f"  {certainty}, unseen: {text}" for text in found.get(f"{certainty} unseen", ())
            )


def main() -> None:
    """Read, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("application", type=Path)
    parser.add_argument("rows", type=Path, nargs="+")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    model = json.loads(options.model.read_text())
    runs = [json.loads(path.read_text()) for path in options.rows]
    trace = Trace(options.application.resolve(), runs[0]["package"])
    for rows in runs:
        trace.add(rows)
    print("\n".join(report(model, trace, options.misses)))


if __name__ == "__main__":
    main()
