"""Ways into the monolith, as rows: endpoints, tasks, commands and signal receivers with what they reach."""

from __future__ import annotations

from collections.abc import Callable

from strangler.model import Model
from strangler.model.effects import Effects
from strangler.model.lookup import member
from strangler.model.system import Operation
from strangler.reports.index import Index

Position = Callable[[str | None], int]


def entries(
    model: Model, index: Index, context: Position, table: Position, module: Position
) -> dict[str, list[object]]:
    """Columns: kind, name, detail, handler, context, module, line, reads, writes, contexts reached."""
    effects = Effects(model)
    rows: list[tuple[object, ...]] = []

    def add(
        kind: str,
        name: str,
        detail: str,
        handler: str,
        line: int,
        done: list[tuple[str, Operation]],
        run: frozenset[str],
    ) -> None:
        home = index.context_of_handler(handler)
        reached = {index.context_of.get(name) for name in run} - {home, None}
        tables: dict[str, list[int]] = {"read": [], "write": []}
        for name_of_table, operation in done:
            tables[operation].append(table(name_of_table))
        rows.append(
            (
                kind,
                name,
                detail,
                handler,
                context(home),
                module(index.module_of_handler(handler)),
                line,
                tables["read"],
                tables["write"],
                [context(name) for name in sorted(filter(None, reached))],
            )
        )

    for endpoint in model.endpoints:
        methods = ", ".join(endpoint.methods) if endpoint.methods else ""
        done, run = effects.touched_by_endpoint(endpoint), effects.modules_of_endpoint(endpoint)
        add("endpoint", endpoint.path, methods, endpoint.handler, endpoint.line, done, run)
    others = [("task", t.name, t.schedule or "", t.handler, t.line) for t in model.tasks]
    others += [("command", c.name, "", c.handler, 1) for c in model.commands]
    others += [("signal", s.signal, s.sender or "", s.receiver, s.line) for s in model.signals]
    for row in others:
        place = member(row[3], index.path_of)
        add(*row, effects.touched_by_class(*place), effects.modules(*place))
    messages = [(m.kind, m.name, module(m.module), m.line, m.function or "") for m in model.messages]
    files = [endpoint.file for endpoint in model.endpoints]
    names = ["kind", "name", "detail", "handler", "context", "module", "line", "reads", "writes", "reaches"]
    columns: dict[str, list[object]] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return columns | {"messages": list(messages), "files": list(files)}
