"""Compares a ``model.json`` with what ``trace_django.py`` saw.

    python score_trace.py TRACE.json MODEL.json [--prefix src/] [--missed] [--wrong]

Recall: rows (module, table, read or write) of the innermost function of the application at each statement.
``handed on``: rows without the statements of a middleware's ``get_response(request)`` and of library commands
that a command runs (``migrate``, ``flush``): there the framework works for views and tables of which the
calling line says nothing.
Certainty: an access is judged if a test ran its line. It is right if a statement touched the table in that
way while its function was on the stack, or ran a query set that its function had built.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import expressions as sql

HANDS_ON = re.compile(r"get_response\(|call_command\(|super\(.*\)\.(handle|execute)\(")
OUTSIDE = ("sqlite_", "django_migrations", "pg_")
WRITES = (sql.Insert, sql.Update, sql.Delete)


def touched(statement: str) -> set[tuple[str, str]]:
    """(table, operation) of one statement; what it writes it does not also read."""
    head = statement.lstrip("( ").upper()
    if not head.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE")):
        return set()
    try:
        tree = sqlglot.parse_one(statement.replace("%s", "?").replace("%%", "%"), dialect="sqlite")
    except sqlglot.errors.SqlglotError:
        return set()
    named = {cte.alias for cte in tree.find_all(sql.CTE)}
    target = tree.find(sql.Table).name if isinstance(tree, WRITES) else None  # type: ignore[union-attr]
    if target is not None:
        target = tree.this.find(sql.Table).name
    tables = {t.name for t in tree.find_all(sql.Table)} - named - {""}
    rows = {(t, "write" if t == target else "read") for t in tables}
    return {(t.lower(), operation) for t, operation in rows if not t.startswith(OUTSIDE)}


@cache
def statement_lines(path: Path) -> dict[int, set[int]]:
    """Line -> the lines of the innermost statement on it."""
    found: dict[int, set[int]] = {}
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            lines = set(range(node.lineno, end + 1))
            for line in lines:
                if line not in found or len(lines) <= len(found[line]):
                    found[line] = lines
    return found


@cache
def source_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def hands_on(path: Path, line: int) -> bool:
    """Whether a line gives the request to the framework, or runs a library's command."""
    lines = source_lines(path)
    part = statement_lines(path).get(line, {line})
    return HANDS_ON.search(" ".join(lines[n - 1] for n in sorted(part) if n <= len(lines))) is not None


class Seen:
    """The trace, by module and function."""

    def __init__(self, trace: dict[str, Any], module_of: dict[str, str], prefix: str, source: Path) -> None:
        self.rows: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        """(module, table, operation) -> innermost functions."""
        self.by_function: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        self.lines = {
            module_of[p.removeprefix(prefix)]: set(lines)
            for p, lines in trace["lines"].items()
            if p.removeprefix(prefix) in module_of
        }
        self.handed: set[tuple[str, str, str]] = set()
        """Rows of which every statement came from a line that only hands on."""
        direct: set[tuple[str, str, str]] = set()
        for row in trace["statements"]:
            effects = touched(row["sql"])
            if not effects:
                continue
            for stack, built in row["seen"]:
                places = [(module_of.get(path.removeprefix(prefix), path), name) for path, name, _ in stack]
                if places and places[0][0] in self.lines:
                    for table, operation in effects:
                        key = (places[0][0], table, operation)
                        self.rows[key].add(places[0][1])
                        (self.handed if hands_on(source / stack[0][0], stack[0][2]) else direct).add(key)
                for path, name, _ in built:
                    places.append((module_of.get(path.removeprefix(prefix), path), name))
                for place in places:
                    self.by_function[place] |= effects
        self.handed -= direct


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trace", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--source", type=Path, default=Path(), help="the analysed directory")
    parser.add_argument(
        "--prefix", default="", help="of the trace's paths, where another directory was analysed"
    )
    parser.add_argument(
        "--same", action="append", default=[], metavar="A=B", help="table A of the tests is B"
    )
    parser.add_argument("--missed", action="store_true", help="list the rows that were not found")
    parser.add_argument(
        "--wrong", choices=("certain", "inferred", "possible"), help="list those that were not seen"
    )
    options = parser.parse_args()
    model = json.loads(options.model.read_text())
    module_of = {m["path"]: m["name"] for m in model["modules"]}
    path_of = {name: path for path, name in module_of.items()}
    text = options.trace.read_text()
    for pair in options.same:
        text = text.replace(*pair.split("="))
    seen = Seen(json.loads(text), module_of, options.prefix, options.source)
    have = {(a["module"], a["table"].lower(), a["operation"]) for a in model["accesses"]}
    missed = {row: names for row, names in seen.rows.items() if row not in have}
    hits = len(seen.rows) - len(missed)
    print(f"rows seen {len(seen.rows)}, found {hits}, recall {hits / max(1, len(seen.rows)):.4f}")
    rest = {row for row in seen.rows if row not in seen.handed}
    found = len(rest - set(missed))
    share = found / max(1, len(rest))
    print(f"without what is handed on: rows seen {len(rest)}, found {found}, recall {share:.4f}")
    counts: Counter[tuple[str, str]] = Counter()
    wrong = []
    judged: set[tuple[str, str, str, str, str]] = set()
    for access in model["accesses"]:
        module, function, line = access["module"], access["function"], access["line"]
        if function is None or module not in seen.lines:
            continue
        function = function.replace(".<locals>", "").replace(".<lambda>", "")
        spans = statement_lines(options.source / path_of[module])
        ran = bool(seen.lines[module] & spans.get(line, {line}))
        key = (module, function, access["table"], access["operation"], access["certainty"])
        effect = (access["table"].lower(), access["operation"])
        right = effect in seen.by_function[module, function]
        if right and key not in judged:
            judged.add(key)
            counts[access["certainty"], "right"] += 1
        elif not right and not ran:
            counts[access["certainty"], "line not reached"] += 1
        elif not right and key not in judged:
            judged.add(key)
            counts[access["certainty"], "never seen"] += 1
            if access["certainty"] == options.wrong:
                wrong.append(access)
    for certainty in ("certain", "inferred", "possible"):
        right, never = counts[certainty, "right"], counts[certainty, "never seen"]
        if right + never:
            print(
                f"{certainty}: {right + never} accesses (function, table, operation) on lines that ran: "
                f"{right} right, {right / (right + never):.4f}; {counts[certainty, 'line not reached']} on "
                "lines that no test reached"
            )
    if options.missed:
        for (module, table, operation), names in sorted(missed.items()):
            print(f"  missed {module} {table} {operation} in {', '.join(sorted(names))}")
    if options.wrong:
        for a in wrong:
            print(
                f"  wrong {a['module']}:{a['line']} {a['function']} {a['table']} {a['operation']} {a['via']}"
            )


if __name__ == "__main__":
    main()
