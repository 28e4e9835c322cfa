"""Runs a Django application's tests and notes which code touched which table. Needs Python 3.12 and Django.

    cd APP; APP/venv/bin/python trace_django.py --root . --output trace.json -- manage.py test
    ...                                                                      -- -m pytest tests

Everything after ``--`` is run in this process as Python would run it. Every SQL statement that reaches a
database connection is noted with the application's functions on the stack (its tests and migrations apart)
and with the places where the query set that ran was built; and every line of the application that ran at all.
``score_trace.py`` compares the result with a ``model.json``.
"""

from __future__ import annotations

import argparse
import json
import re
import runpy
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

Place = tuple[str, str, int]
"""(path from the root, qualified name of the function, line)"""

HIDDEN = re.compile(r"\.?<(locals|listcomp|genexpr|dictcomp|setcomp|lambda)>")
ASIDE = re.compile(r"(^|/)(tests?|testing|testutils|migrations|conftest|test_[^/]*|[^/]*_tests?)(/|\.py$)")
MANY = re.compile(r"\(\s*(%s|\?)(\s*,\s*(%s|\?))+\s*\)")
TOOL = 4


class Trace:
    """What was seen so far."""

    def __init__(self, root: Path) -> None:
        self.root = str(root.resolve()) + "/"
        self.codes: dict[CodeType, tuple[str, str, bool] | None] = {}
        self.lines: dict[str, set[int]] = {}
        self.statements: dict[str, set[tuple[tuple[Place, ...], frozenset[Place]]]] = {}
        self.local = threading.local()

    def code(self, code: CodeType) -> tuple[str, str, bool] | None:
        """(path, function, whether it is a test or migration) of a function of the application."""
        if code not in self.codes:
            found = None
            name = code.co_filename
            if name.startswith(self.root) and "site-packages" not in name:
                path = name[len(self.root) :]
                found = (path, HIDDEN.sub("", code.co_qualname).strip("."), bool(ASIDE.search(path)))
            self.codes[code] = found
        return self.codes[code]

    def stack(self, frame: FrameType | None) -> Iterator[Place]:
        """The application's functions on the stack, innermost first; none where that is a test."""
        innermost = True
        while frame is not None:
            known = self.code(frame.f_code)
            if known is not None:
                path, function, aside = known
                if not aside:
                    yield path, function, frame.f_lineno
                elif innermost:
                    return
                innermost = False
            frame = frame.f_back

    def line(self, code: CodeType, line: int) -> object:
        """A line is about to run for the first time."""
        known = self.code(code)
        if known is not None and not known[2]:
            self.lines.setdefault(known[0], set()).add(line)
        return sys.monitoring.DISABLE

    def execute(self, run: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """An execution wrapper of Django's."""
        places = tuple(self.stack(sys._getframe(1)))
        built = frozenset(getattr(self.local, "built", ()))
        if places or built:
            self.statements.setdefault(MANY.sub("(%s)", str(sql)), set()).add((places, built))
        return run(sql, params, many, context)

    @contextmanager
    def building(self, places: frozenset[Place]) -> Iterator[None]:
        """While this runs, statements are those of a query that was built at these places."""
        before = getattr(self.local, "built", frozenset())
        self.local.built = places or before
        try:
            yield
        finally:
            self.local.built = before

    def install(self) -> None:
        """Hook into Django."""
        from django.db.backends.signals import connection_created
        from django.db.models import query
        from django.db.models.sql import compiler

        def connected(connection: Any, **_: Any) -> None:
            if self.execute not in connection.execute_wrappers:
                connection.execute_wrappers.append(self.execute)

        connection_created.connect(connected, weak=False)
        made, run, prefetch = (
            query.QuerySet.__init__,
            compiler.SQLCompiler.execute_sql,
            query.QuerySet._prefetch_related_objects,
        )

        def built(queryset: Any) -> frozenset[Place]:
            return getattr(queryset._query, "traced places", frozenset())

        def init(queryset: Any, *args: Any, **more: Any) -> None:
            made(queryset, *args, **more)
            place = next(self.stack(sys._getframe(1)), None)
            if place is not None:
                setattr(queryset._query, "traced places", built(queryset) | {place})

        def execute_sql(own: Any, *args: Any, **more: Any) -> Any:
            inner = getattr(own.query, "inner_query", own.query)  # of a count over a subquery
            with self.building(getattr(inner, "traced places", frozenset())):
                return run(own, *args, **more)

        def prefetch_related_objects(queryset: Any) -> None:
            with self.building(built(queryset)):
                prefetch(queryset)

        query.QuerySet.__init__ = init
        query.QuerySet._prefetch_related_objects = prefetch_related_objects
        compiler.SQLCompiler.execute_sql = execute_sql
        sys.monitoring.use_tool_id(TOOL, "trace")
        sys.monitoring.register_callback(TOOL, sys.monitoring.events.LINE, self.line)
        sys.monitoring.set_events(TOOL, sys.monitoring.events.LINE)

    def save(self, path: Path) -> None:
        """Write what was seen."""
        rows = [
            {"sql": sql, "seen": sorted([list(places), sorted(built)] for places, built in seen)}
            for sql, seen in sorted(self.statements.items())
        ]
        lines = {name: sorted(found) for name, found in sorted(self.lines.items())}
        path.write_text(json.dumps({"statements": rows, "lines": lines}))


def main() -> None:
    at = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--root", type=Path, required=True, help="the application's source, as it was analysed"
    )
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(sys.argv[1:at])
    command = sys.argv[at + 1 :]
    if not command:
        parser.error("after -- comes what to run, for example: -- manage.py test")
    output = options.output.resolve()
    trace = Trace(options.root)
    sys.path[0] = "."
    trace.install()
    try:
        if command[0] == "-m":
            sys.argv = command[1:]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = command
            runpy.run_path(command[0], run_name="__main__")
    finally:
        trace.save(output)


if __name__ == "__main__":
    main()
