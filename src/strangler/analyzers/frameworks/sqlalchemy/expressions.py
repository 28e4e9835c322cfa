"""SQL expressions: whatever they are made of, what counts is which tables they bring in."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Frame,
    Interpreter,
    Mapping,
    Sequence,
    Value,
    join,
)


class Unresolved:
    """Stands among the sources for a table that cannot be told."""


UNRESOLVED = Unresolved()


@dataclass(frozen=True)
class Maybe:
    """A source that is one of several: the statement reads it, or another one in its place."""

    of: object


def sources_of(values: Iterable[Value | None], seen: set[int] | None = None) -> tuple[object, ...]:
    """The tables (mapped classes, Core tables) that values bring into a statement, each once.

    ``seen`` are containers that have been looked into: lists may hold themselves.
    """
    found: dict[object, None] = {}
    seen = seen if seen is not None else set()
    for value in values:
        if value is None or value is UNKNOWN:
            continue
        each = [tuple(_sources(option, seen)) for option in value.options()]
        if len(each) > 1:
            each = alternatives([sources for sources in each if sources])
        for sources in each:
            found.update(dict.fromkeys(sources))
    return tuple(found)


def alternatives(each: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """What only some of several alternatives bring in is not sure."""
    if len(each) < 2:
        return each
    shared = set(each[0]).intersection(*each[1:])
    return [
        tuple(
            source if source in shared or isinstance(source, Maybe) else Maybe(source) for source in sources
        )
        for sources in each
    ]


def _sources(value: Value, seen: set[int]) -> Iterable[object]:
    own = getattr(value, "sources", None)
    if own is not None:
        return own  # type: ignore[no-any-return]
    if isinstance(value, Class):
        return (value,) if MAPPED in value.extra else ()
    if id(value) in seen:
        return ()
    if isinstance(value, Sequence):
        seen.add(id(value))
        return sources_of(value.items, seen)
    if isinstance(value, Mapping):
        seen.add(id(value))
        keys = [key for key in value.items if isinstance(key, Value)]
        return sources_of([*keys, *value.items.values()], seen)
    return ()


class Expression(Value):
    """An SQL expression over some tables."""

    __slots__ = ("sources",)

    def __init__(self, sources: tuple[object, ...] = ()) -> None:
        self.sources = sources

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return ExpressionMethod(self, name)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return combined(self, args)

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return self

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return Expression(sources_of([self, other]))

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [Expression(self.sources)], False

    def key(self) -> Hashable:
        return ("expr", *self.sources)

    def __repr__(self) -> str:
        return f"<expression over {self.sources}>"


class ExpressionMethod(Value):
    """A method or an attribute of an expression: an expression over the same tables and the arguments'."""

    __slots__ = ("name", "of")

    def __init__(self, of: Expression, name: str) -> None:
        self.of = of
        self.name = name

    @property
    def sources(self) -> tuple[object, ...]:
        """The tables of the expression that it belongs to."""
        return self.of.sources

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return Expression(self.of.sources)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return combined(self.of, args)

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return Expression(sources_of([self, other]))

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [Expression(self.of.sources)], False

    def key(self) -> Hashable:
        return ("exprm", self.of.key(), self.name)


def combined(expression: Value, args: Args) -> Expression:
    """An expression over the tables of another one and of some arguments."""
    return Expression(sources_of([expression, *args.all()]))


class ColumnReference(Expression):
    """``Model.column``."""

    __slots__ = ("cls", "name")

    def __init__(self, cls: Class, name: str) -> None:
        super().__init__((cls,))
        self.cls = cls
        self.name = name

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("key", "name"):
            return Const(self.name)
        if name in ("class_", "parent"):
            return self.cls
        return ExpressionMethod(self, name)

    def key(self) -> Hashable:
        return ("col", id(self.cls), self.name)


class Alias(Expression):
    """``aliased(Model)`` or ``table.alias()``: behaves like what it stands for."""

    __slots__ = ("of",)

    def __init__(self, of: Value) -> None:
        super().__init__(sources_of([of]))
        self.of = of

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.of.get(interp, name, frame)

    def key(self) -> Hashable:
        return ("alias", self.of.key())


class FunctionNamespace(Value):
    """``func``: any name is an SQL function."""

    __slots__ = ()

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return FunctionNamespace()

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return Expression(sources_of(args.all()))

    def key(self) -> Hashable:
        return "func"


def entity_classes(value: Value | None) -> list[Class]:
    """The mapped classes that an entity argument (class, alias) stands for."""
    found: list[Class] = []
    for option in value.options() if value is not None else ():
        if isinstance(option, Alias):
            found += entity_classes(option.of)
        elif isinstance(option, Class) and MAPPED in option.extra:
            found.append(option)
    return found


def combining(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """A function of SQL expressions: ``and_``, ``case``, ``exists``, ``cast``, ``desc``, ..."""
    return Expression(sources_of(args.all()))


def aliased(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``aliased(x)``, ``with_polymorphic(x, [y])``."""
    element = args.keywords.get("element")
    if element is not None:
        args = Args([element, *args.positional], {k: v for k, v in args.keywords.items() if k != "element"})
    if external.name.endswith("with_polymorphic"):
        return _polymorphic(interp, args)
    return join([Alias(option) for option in (args.get(0) or UNKNOWN).options() if option is not UNKNOWN])


def _polymorphic(interp: Interpreter, args: Args) -> Value:
    """The alias of a class together with the tables of subclasses."""
    made = Alias(args.get(0) or UNKNOWN)
    named = args.get(1, "classes")
    if isinstance(named, Const):
        base = entity_classes(made.of)
        extra = [c for c in interp.program.classes if MAPPED in c.extra and any(b in c.mro() for b in base)]
        made.sources = tuple(dict.fromkeys([*made.sources, *extra]))
    elif named is not None:
        made.sources = tuple(dict.fromkeys([*made.sources, *sources_of([named])]))
    return made
