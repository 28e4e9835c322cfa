"""What a place hands over with a message: the arguments of a sending, as far as their values are known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from strangler.analyzers.python.values import (
    Args,
    Class,
    Const,
    Function,
    Mapping,
    Object,
    Sequence,
    Text,
    Value,
)
from strangler.analyzers.schema import Schema
from strangler.model import Argument, Message
from strangler.model.base import Certainty

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter

Arguments = tuple[Argument, ...]
"""What a message carries, as a row of the model has it."""

CALLED = frozenset({"delay", "s", "si", "send", "kiq", "defer", "defer_async", "enqueue", "queue", "message"})
"""Ways to queue a task that take its own arguments."""
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def task_arguments(
    interp: Interpreter, handler: Function | Class | None, method: str, args: Args
) -> Arguments:
    """The arguments of ``task.delay(...)`` and its like, named by the task's own parameters."""
    if isinstance(handler, Class):
        run = handler.find("run")
        handler = run[0] if run is not None and isinstance(run[0], Function) else None
    names = [p.name for p in handler.params if p.kind == "positional"] if handler else []
    if names[:1] == ["self"]:
        names = names[1:]
    if method in CALLED:
        return _arguments(interp, args.positional, args.keywords, names)
    first = args.get(0 if method != "send_task" else 1, "args")
    second = args.get(1 if method != "send_task" else 2, "kwargs")
    given = first.items if isinstance(first, Sequence) and not first.open else []
    keywords = {str(k): v for k, v in second.items.items()} if isinstance(second, Mapping) else {}
    return _arguments(interp, given, keywords, names)


def signal_arguments(interp: Interpreter, args: Args) -> Arguments:
    """The keywords of ``signal.send(sender, ...)``, and a sender that is data itself."""
    keywords = {name: value for name, value in args.keywords.items() if name != "sender"}
    sender = args.get(0, "sender")
    own = () if sender is None else (_argument(interp, "sender", sender),)
    return (*(one for one in own if one.table), *_arguments(interp, [], keywords, []))


def _arguments(
    interp: Interpreter, given: list[Value], keywords: dict[str, Value], names: list[str]
) -> Arguments:
    found = [
        _argument(interp, names[index] if index < len(names) else str(index), value)
        for index, value in enumerate(given)
    ]
    return (*found, *(_argument(interp, name, value) for name, value in keywords.items()))


def _argument(interp: Interpreter, name: str, value: Value) -> Argument:
    options = [interp.settled(option) for option in value.options()]
    kinds = {_kind(interp, option) for option in options}
    if len(kinds) > 1:
        kinds.discard(("null", ""))
    kind, table = kinds.pop() if len(kinds) == 1 else ("", "")
    guessed = any(getattr(option, "sure", "certain") != "certain" for option in options)
    certainty: Certainty = "inferred" if guessed and table else "certain"
    return Argument(name=name, type=kind, table=table, certainty=certainty)


def _kind(interp: Interpreter, value: Value) -> tuple[str, str]:
    if isinstance(value, Const):
        return _TYPES.get(type(value.value), ""), ""
    if isinstance(value, Text):
        return "string", ""
    if isinstance(value, Mapping):
        return "object", ""
    if isinstance(value, Sequence):
        inner = {_kind(interp, interp.settled(item))[1] for item in value.items}
        return "array", inner.pop() if len(inner) == 1 else ""
    if isinstance(value, Object):
        model = getattr(value, "model", None)
        if isinstance(model, Class):
            entity = interp.state(Schema).of(model)
            return ("array", entity.table) if entity is not None else ("", "")
        if isinstance(value.cls, Class):
            entity = interp.state(Schema).of(value.cls)
            return ("", entity.table) if entity is not None else ("", "")
    return "", ""


def sent_messages(interp: Interpreter, kind: Literal["task", "signal"]) -> list[Message]:
    """All that the code queues or sends of one kind, one row a place and name."""
    return merged_messages(row for row in interp.log.messages if row.kind == kind)


def merged_messages(rows: Iterable[Message]) -> list[Message]:
    """One message a place and name; its arguments are what all ways through the place agree on."""
    found: dict[tuple[object, ...], Message] = {}
    for row in rows:
        key = (row.module, row.function, row.line, row.kind, row.name)
        known = found.get(key)
        arguments = row.arguments if known is None else _common(known.arguments, row.arguments)
        found[key] = Message(
            module=row.module,
            function=row.function,
            line=row.line,
            kind=row.kind,
            name=row.name,
            arguments=arguments,
        )
    return list(found.values())


def _common(a: Arguments, b: Arguments) -> Arguments:
    both = {argument.name: argument for argument in b}
    common = []
    for one in [*a, *(argument for argument in b if argument.name not in {x.name for x in a})]:
        other = both.get(one.name)
        if other is None or other == one or other.type == other.table == "":
            common.append(one)
        elif one.type == one.table == "":
            common.append(other)
        elif (one.type, one.table) == (other.type, other.table):
            common.append(min(one, other))
        else:
            common.append(Argument(name=one.name))
    return tuple(common)
