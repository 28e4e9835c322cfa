"""What registers things, given to something of a library of which nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.values import Args, External, Mapping, Object, Sequence, Tag, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

PLACED_BY = Tag("placed by", Object)
"""Of an application: the call of a library that may serve it elsewhere, or its routes under other paths."""


def registers_things(interp: Interpreter, value: Value) -> bool:
    """Whether a value is an application, a router or a queue, or may be one."""
    if isinstance(value, External) or value.by_identity:
        return False
    registrars = interp.knowledge.registrars
    return any(not registrars.isdisjoint(interp.lineage(option)) for option in value.options())


def hand_over(interp: Interpreter, external: External, args: Args, frame: Frame) -> None:
    """Applications are given to something unknown: where several are, it puts one below the other; where it
    makes an application, its routes are not those that it was given."""
    for handler in interp.knowledge.handed:
        handler(interp, external, args, frame)
    given = extends(interp, external, args, frame)
    for app in given if interp.knowledge.makes_application(external.name) else given[1:]:
        interp.changes.before(app)
        PLACED_BY.put(app, Object(external, args, frame))


def extends(interp: Interpreter, external: External, args: Args, frame: Frame) -> list[Object]:
    """Note that applications are given to something unknown, which may register things of its own; they."""
    given = list(dict.fromkeys(_applications(interp, args)))
    if given:
        interp.log.extended.setdefault(external.name, (frame.module.facts.path, frame.line))
    return given


def _applications(interp: Interpreter, args: Args) -> Iterator[Object]:
    for argument in args.all():
        inside: list[Value] = [argument]
        if isinstance(argument, Sequence):
            inside = argument.items
        elif isinstance(argument, Mapping):
            inside = list(argument.items.values())
        for value in inside:
            for option in value.options():
                if isinstance(option, Object) and registers_things(interp, option):
                    yield option
