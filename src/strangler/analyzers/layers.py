"""Generic data layers: what a function does to the data that its caller names, it does for the caller.

``run("SELECT ... FROM orders")``, ``fetch(Order)``, ``Orders(session).all()`` with ``model = Order`` in a
subclass: the table is noted where it is named, too, with the functions that lead to it (``Log.ways``); in the
layer it stands for its callers (``Log.handed``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from strangler.analyzers.python.entries import Effect
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.interpreter import Interpreter
from strangler.analyzers.python.values import (
    UNKNOWN,
    Class,
    Const,
    Function,
    Generic,
    Guess,
    Mapping,
    Object,
    Sequence,
    Text,
    Value,
)
from strangler.analyzers.schema import Schema, table_of

MOST_LOOKED_AT = 20
"""Items of a tuple or dict of arguments in which names of data are looked for."""
_SQL = re.compile(
    r"\s*(?:select|insert|update|delete|replace|merge|with|truncate|call|exec)\b", re.IGNORECASE
)
_SILENT = frozenset({type(UNKNOWN), Object, Class, Function})
"""Values that hold no text, by far the most of those that are given."""
_PLAIN = frozenset({type(UNKNOWN), Const, Guess, Text, Sequence, Mapping, Function})
"""Values that stand for no table themselves, by far the most of those that are given."""


def hand_over(
    interp: Interpreter,
    function: Function,
    effects: set[Effect],
    bound: dict[str, Value],
    frame: Frame,
    named_for_good: bool = False,
) -> None:
    """Note at the calling line what ``function`` does to data that the call names.

    Args:
        named_for_good: what the function does whoever calls it, it does for the one who made it.
    """
    if frame is interp.root_frame:  # a framework calls, at no line of the source
        return
    _built_elsewhere(interp, function, effects, bound)
    by_class = _of_subclass(interp, function, bound)
    own = {effect for effect in effects if table_of(effect.target) in by_class} if by_class else set()
    tables = _passed(interp, bound) if function.module is not frame.module else set()
    given = [value for value in bound.values() if type(value) not in _SILENT]
    for value in bound.values():
        if type(value) is Object and isinstance(value.cls, Class):
            given += [held for held in value.attrs.values() if type(held) in (Const, Text)]
    text = "\n".join([text.casefold() for value in given for text in _texts(value)]) if given else ""
    if tables or text:
        named = {
            effect
            for effect in effects - own
            if (table := table_of(effect.target)) in tables or _is_in(table, text)
        }
        if named:
            own |= named if named_for_good else named - _known(interp, function, frame)
    for effect in sorted(own, key=lambda e: (table_of(e.target), e.operation, e.database)):
        interp.log.handed_over(frame, function, effect)


def names_data(interp: Interpreter, bound: dict[str, Value]) -> bool:
    """Whether a call hands over models, rows, queries or SQL: a function does something to those."""
    return bool(_passed(interp, bound)) or any(
        _SQL.match(text) for value in bound.values() for text in _texts(value)
    )


def hand_to_decorated(interp: Interpreter, functions: Iterable[Function]) -> None:
    """Note at decorated functions what a decorator of another module does to data that its arguments name.

    ``@rows("SELECT * FROM orders")``: the wrapper runs the statement, the function says which.
    """
    for wrapper in functions:
        target = wrapper.definition()
        effects = wrapper.effects.get("general")
        if target is wrapper or not effects or target.module is wrapper.module:
            continue
        bound: dict[str, Value] = {}
        scope: Frame | None = wrapper.scope
        while scope is not None and scope.callee is not None:
            names = (parameter.name for parameter in scope.callee.params)
            bound = {**{name: scope.locals[name] for name in names if name in scope.locals}, **bound}
            scope = scope.parent
        frame = Frame(target.module, target.qualname, {}, None)
        frame.line = target.line
        hand_over(interp, wrapper, effects, bound, frame, named_for_good=True)


def _known(interp: Interpreter, function: Function, frame: Frame) -> set[Effect]:
    """What the function does whoever calls it."""
    if "general" not in function.effects:
        interp.general(function, Frame(function.module, None, {}, None, frame.depth))
    return function.effects.get("general", set())


def _built_elsewhere(
    interp: Interpreter, function: Function, effects: set[Effect], bound: dict[str, Value]
) -> None:
    """To run a query that an object was made with is done for the one who built it, where it is noted."""
    receiver = next(iter(bound.values()), UNKNOWN) if function.owner is not None else UNKNOWN
    if not isinstance(receiver, Object) or not isinstance(receiver.cls, Class):
        return
    reads = [read for held in receiver.attrs.values() for read in getattr(held, "reads", ())]
    tables = {table_of(read.target) for read in reads if read.place.module != function.module.name}
    found = {effect for effect in effects if effect.operation == "read" and table_of(effect.target) in tables}
    if found:
        interp.log.told.setdefault((function.module.name, function.qualname), set()).update(found)


def _of_subclass(interp: Interpreter, function: Function, bound: dict[str, Value]) -> set[str]:
    """The tables of models that the class of the receiver names, or the object itself, for a base class."""
    found: set[str] = set()
    if function.owner is None or not bound:
        return found
    for option in next(iter(bound.values())).options():
        cls = option.cls if isinstance(option, Object) else option
        cls = cls.origin if isinstance(cls, Generic) else cls
        if not isinstance(cls, Class) or interp.state(Schema).of(cls) is not None:
            continue
        if isinstance(option, Object):
            found |= _tables(interp, option.attrs.values())
        for parent in cls.mro():
            if parent is function.owner:
                break
            found |= _tables(interp, parent.namespace.values())
    return found


def _tables(interp: Interpreter, values: object) -> set[str]:
    entities = (interp.state(Schema).of(value) for value in values if isinstance(value, Class))  # type: ignore[attr-defined]
    return {entity.table for entity in entities if entity is not None}


def _passed(interp: Interpreter, bound: dict[str, Value]) -> set[str]:
    """The tables of models, rows and queries among the arguments."""
    found: set[str] = set()
    schema = interp.state(Schema)
    for value in bound.values():
        for option in _each(value):
            if type(option) in _PLAIN:
                continue
            sources = [option.cls if isinstance(option, Object) else option, *getattr(option, "sources", ())]
            for source in sources:
                entity = schema.of(source) if isinstance(source, Class) else None
                name = entity.table if entity is not None else getattr(source, "full_name", None)
                if isinstance(name, str):
                    found.add(name)
    return found


def _each(value: Value) -> Iterable[Value]:
    """What a value may be, and what it holds."""
    for option in value.options():
        yield option
        if type(option) in (Sequence, Mapping):
            items = option.items.values() if isinstance(option, Mapping) else option.items  # type: ignore[attr-defined]
            for item in list(items)[:MOST_LOOKED_AT]:
                yield from item.options()


def _texts(value: Value, deep: bool = False) -> Iterable[str]:
    if type(value) in _SILENT:
        return ()
    found: list[str] = []
    for option in value.options():
        if isinstance(option, Const):
            if isinstance(option.value, str):
                found.append(option.value)
        elif isinstance(option, Text):
            found.append(" ".join(part or "" for part in option.parts))
        elif deep:
            continue
        elif isinstance(option, Sequence):
            for item in option.items[:MOST_LOOKED_AT]:
                found += _texts(item, True)
        elif isinstance(option, Mapping):
            for item in list(option.items.values())[:MOST_LOOKED_AT]:
                found += _texts(item, True)
    return found


def _is_in(table: str, text: str) -> bool:
    """Whether a text in lower case names a table, by its last name."""
    last = _last(table)
    return bool(last) and last in text and bool(re.search(rf"(?<!\w){re.escape(last)}(?!\w)", text))


@lru_cache(maxsize=10_000)
def _last(table: str) -> str:
    return table.rpartition(".")[2].casefold()
