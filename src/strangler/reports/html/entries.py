"""Ways into the monolith, as rows: endpoints, tasks, commands and signal receivers with what they reach."""

from __future__ import annotations

from collections.abc import Callable

from strangler.model import Model
from strangler.reports.index import Index
from strangler.reports.reach import Reach, Reaches

Position = Callable[[str | None], int]


def entries(
    model: Model, index: Index, context: Position, table: Position, module: Position
) -> dict[str, list[object]]:
    """Columns: kind, name, detail, handler, context, module, line, reads, writes, contexts reached."""
    reaches = Reaches(model, index)
    rows: list[tuple[object, ...]] = []

    def add(kind: str, name: str, detail: str, handler: str, line: int) -> None:
        reach: Reach = reaches.of(handler)
        home = index.context_of_handler(handler)
        others = [context(name) for name in reach.contexts if name != home]
        rows.append(
            (
                kind,
                name,
                detail,
                handler,
                context(home),
                module(index.module_of_handler(handler)),
                line,
                [table(name) for name in reach.reads],
                [table(name) for name in reach.writes],
                others,
            )
        )

    for endpoint in model.endpoints:
        methods = ", ".join(endpoint.methods) if endpoint.methods else ""
        add("endpoint", endpoint.path, methods, endpoint.handler, endpoint.line)
    for task in model.tasks:
        add("task", task.name, task.schedule or "", task.handler, task.line)
    for command in model.commands:
        add("command", command.name, "", command.handler, 1)
    for signal in model.signals:
        add("signal", signal.signal, signal.sender or "", signal.receiver, signal.line)
    messages = [(m.kind, m.name, module(m.module), m.line, m.function or "") for m in model.messages]
    files = [endpoint.file for endpoint in model.endpoints]
    names = ["kind", "name", "detail", "handler", "context", "module", "line", "reads", "writes", "reaches"]
    columns: dict[str, list[object]] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return columns | {"messages": list(messages), "files": list(files)}
