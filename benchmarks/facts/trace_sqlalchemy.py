"""Run a SQLAlchemy application's own tests and keep who touched which table, and where.

    cd APPLICATION
    VENV/bin/python .../benchmarks/facts/trace_sqlalchemy.py PACKAGE ROWS.json [pytest arguments]

Runs under the application's own interpreter (which needs ``pytest`` and ``coverage``), so it imports nothing
of this project. PACKAGE is the directory of the first-party code; ``compare_sqlalchemy.py`` reads ROWS.json.

Kept, each once:

- ``statements``: the text of an SQL statement and the first-party frames below it, innermost first;
- ``changes``: a mapped table and the frames below the place where a row of it became new, changed or
  deleted in a session: the statement follows at some later flush, whoever causes it;
- ``loads``: a table and the frames below the use of a relationship that leads to it, loaded already or not;
- ``lines``: for each file, the lines that ran.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Frames = tuple[tuple[str, str, int], ...]
DEEPEST = 12
"""First-party frames kept of a stack."""


class Recorder:
    """Listens to SQLAlchemy and remembers the stacks of the package's functions."""

    def __init__(self, package: Path) -> None:
        self.package = package
        self.prefix = f"{package}/"
        self.statements: dict[tuple[str, Frames], None] = {}
        self.changes: dict[tuple[str, Frames], None] = {}
        self.loads: dict[tuple[str, Frames], None] = {}

    def frames(self) -> Frames:
        """The first-party frames of the present stack, innermost first."""
        found: list[tuple[str, str, int]] = []
        frame = sys._getframe(2)
        while frame is not None and len(found) < DEEPEST:
            name = frame.f_code.co_filename
            if name.startswith(self.prefix) and name.endswith(".py"):
                function = frame.f_code.co_qualname
                found.append((name[len(self.prefix) :], function, frame.f_lineno))
            frame = frame.f_back  # type: ignore[assignment]
        return tuple(found)

    def listen(self) -> None:
        """Register with SQLAlchemy; before the application maps its classes."""
        from sqlalchemy import event
        from sqlalchemy.engine import Engine
        from sqlalchemy.orm import Mapper, Session, attributes

        def executed(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            self.statements[statement, self.frames()] = None

        def changed(instance: Any) -> None:
            for table in instance.__mapper__.tables:
                self.changes[str(table.fullname), self.frames()] = None

        def configured(mapper: Any, cls: type) -> None:
            for attribute in mapper.attrs:
                watch_attribute(getattr(cls, attribute.key))

        def watch_attribute(attribute: Any) -> None:
            mapper = getattr(attribute.property, "mapper", None)
            secondary = getattr(attribute.property, "secondary", None)
            far = [
                *(mapper.tables if mapper is not None else ()),
                *([] if secondary is None else [secondary]),
            ]

            def was_set(target: Any, *_: Any) -> None:
                if attributes.instance_state(target).session_id is not None:
                    changed(target)
                    for table in far:
                        self.changes[str(table.fullname), self.frames()] = None

            for kind in ("set", "append", "remove"):
                if kind == "set" or getattr(attribute.property, "uselist", False):
                    event.listen(attribute, kind, was_set, propagate=True)

        event.listen(Engine, "before_cursor_execute", executed)
        event.listen(Mapper, "mapper_configured", configured)
        event.listen(Session, "transient_to_pending", lambda session, instance: changed(instance))
        event.listen(Session, "detached_to_persistent", lambda session, instance: changed(instance))
        for name in ("add", "delete"):
            self._watch_method(Session, name, changed)
        self._watch_loads(attributes.InstrumentedAttribute)

    def _watch_method(self, session_class: Any, name: str, changed: Any) -> None:
        plain = getattr(session_class, name)

        def watched(session: Any, instance: Any, *more: Any, **named: Any) -> Any:
            changed(instance)
            return plain(session, instance, *more, **named)

        setattr(session_class, name, watched)

    def _watch_loads(self, attribute_class: Any) -> None:
        plain = attribute_class.__get__

        def watched(attribute: Any, instance: Any, owner: Any) -> Any:
            if instance is not None:
                mapper = getattr(getattr(attribute, "property", None), "mapper", None)
                for table in mapper.tables if mapper is not None else ():
                    self.loads[str(table.fullname), self.frames()] = None
                secondary = getattr(getattr(attribute, "property", None), "secondary", None)
                if secondary is not None:
                    self.loads[str(secondary.fullname), self.frames()] = None
            return plain(attribute, instance, owner)

        attribute_class.__get__ = watched

    def rows(self, lines: dict[str, list[int]]) -> dict[str, Any]:
        """Everything, for JSON."""
        kinds = {"statements": self.statements, "changes": self.changes, "loads": self.loads}
        found: dict[str, Any] = {
            kind: [[what, frames] for what, frames in rows] for kind, rows in kinds.items()
        }
        return {"package": self.package.name, **found, "lines": lines}


def main(package: str, output: str, arguments: list[str]) -> int:
    """Run pytest with the recorder on."""
    import coverage  # type: ignore[import-not-found]
    import pytest

    folder = Path(package).resolve()
    sys.path.insert(0, str(Path.cwd()))
    recorder = Recorder(folder)
    recorder.listen()
    measured = coverage.Coverage(source=[str(folder)], data_file=None, config_file=False)
    measured.start()
    code = pytest.main(["-p", "no:cacheprovider", *arguments])
    measured.stop()
    data = measured.get_data()
    lines = {
        str(Path(file).relative_to(folder)): sorted(data.lines(file) or ())
        for file in sorted(data.measured_files())
    }
    Path(output).write_text(json.dumps(recorder.rows(lines)))
    return int(code)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
