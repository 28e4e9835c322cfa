"""Which of the writes that a copy refuses lie on the way of what the service answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from strangler.extraction.values import RefusedWrite, said
from strangler.model import Evidence
from strangler.model.lookup import last, member
from strangler.plans.view import View


def reached(view: View, refused: Collection[tuple[str, str, int]]) -> Iterator[RefusedWrite]:
    """The writes that a handler, a guard, a task or a command of the context comes to by all that it calls.

    Args:
        view: the context.
        refused: table, file and line of writes that fail.
    """
    found: dict[tuple[str, Evidence], set[tuple[str, str]]] = defaultdict(set)
    for asked, name in _starts(view):
        module, rest = member(name, view.modules)
        for effect in view.effects.of(module, rest) if module else ():
            place = effect.place
            if effect.operation == "write" and (effect.table, place.file, place.line) in refused:
                found[effect.table, place].add((asked, last(name)))
    for (table, place), starts in sorted(found.items()):
        yield RefusedWrite(
            table=table,
            place=place,
            asked=tuple(sorted({asked for asked, _ in starts})),
            by=tuple(sorted({name for _, name in starts})),
        )


def _starts(view: View) -> Iterator[tuple[str, str]]:
    """What is asked for from outside, and the dotted names of the functions that are called then."""
    for endpoint in view.endpoints:
        yield said(endpoint), endpoint.handler
        for request in endpoint.requests:
            yield from ((said(endpoint), guard) for guard in request.guards)
    for task in view.model.tasks:
        if view.home(task.handler) in view.inside:
            yield f"task {task.name}", task.handler
    for command in view.model.commands:
        if view.home(command.handler) in view.inside:
            yield f"command {command.name}", command.handler
