"""What ``isinstance`` and ``issubclass`` come to: for each class asked for, yes, no, or not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.analyzers.python.knowledge import CallHandler
from strangler.analyzers.python.values import (
    FALSE,
    TRUE,
    UNKNOWN,
    Args,
    Bound,
    Bytes,
    Class,
    Const,
    External,
    Function,
    Guess,
    Mapping,
    Module,
    Object,
    Sequence,
    Text,
    Union,
    Value,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

_PLAIN: dict[str, type] = {
    f"builtins.{kind.__name__}": kind
    for kind in (str, int, bool, float, complex, bytes, list, tuple, set, frozenset, dict, type)
}
"""Types of which it is known of every plain value whether it is one of them."""
_ABSTRACT = ("typing.", "types.", "collections.", "builtins.", "abc.", "inspect.", "numbers.")
"""Where classes live that may say of anything that it is an instance of theirs."""
_MOST_NESTED = 4


def _wanted(kinds: Value, depth: int = 0) -> list[Value]:
    """The classes of the second argument: a class, or a tuple of such arguments; UNKNOWN for what is not."""
    if not isinstance(kinds, Sequence):
        return [kinds]
    if kinds.kind != "tuple" or kinds.open or depth == _MOST_NESTED:
        return [*kinds.items, UNKNOWN]
    return [kind for item in kinds.items for kind in _wanted(item, depth + 1)]


def _any(kinds: list[Value], one: Callable[[Value], bool | None]) -> Value:
    answers = set()
    for kind in kinds:
        if isinstance(kind, Union):  # ``str | int``, or one of them: certain where each says the same
            each = {UNKNOWN, *kind.values} if kind.open else set(kind.values)
            found = {one(option) for option in each}
            answers.add(found.pop() if len(found) == 1 else None)
        else:
            answers.add(one(kind))
    return TRUE if True in answers else UNKNOWN if None in answers else FALSE


def _isinstance(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value, kinds = args.get(0), args.get(1)
    if value is None or kinds is None or isinstance(value, Guess):
        return UNKNOWN
    wanted = _wanted(kinds)
    if isinstance(value, Union):
        found = {_any(wanted, lambda kind, one=option: _is_a(interp, one, kind)) for option in value.values}  # type: ignore[misc]
        return found.pop() if len(found) == 1 and not value.open else UNKNOWN
    return _any(wanted, lambda kind: _is_a(interp, value, kind))


def _is_a(interp: Interpreter, value: Value, kind: Value) -> bool | None:
    """Whether a value is an instance of a class; None where that cannot be told."""
    if value is UNKNOWN or isinstance(value, Guess) or not isinstance(kind, (Class, External)):
        return None
    if isinstance(kind, External) and kind.name == "builtins.object":
        return True
    if isinstance(value, Object):
        return _is_of(interp, value, kind)
    if isinstance(kind, Class):
        plain = type(value) in _OF_NO_CLASS and not _asks(interp, kind)
        return False if plain else None
    if kind.name in _PLAIN:
        return _is_plain(value, kind.name)
    known = isinstance(value, (Const, Text, Sequence, Mapping, Module, Function, Class))
    return False if known and not kind.name.startswith(_ABSTRACT) else None


_OF_NO_CLASS = frozenset({Const, Bytes, Text, Sequence, Mapping, Module, Function, Bound})
"""What is certainly no instance of a class of the monolith."""


def _asks(interp: Interpreter, kind: Class) -> bool:
    """Whether a class may say of anything that it is an instance of it."""
    above = kind.ancestors(interp) - _PLAIN.keys() - {"builtins.object"}
    return any("metaclass" in cls.keywords for cls in kind.mro()) or any(
        name.startswith(_ABSTRACT) for name in above
    )


def _is_of(interp: Interpreter, value: Object, kind: Class | External) -> bool | None:
    if isinstance(value.cls, Class):
        if isinstance(kind, Class):
            unsure = value.args is None or _asks(interp, kind)
            return True if kind in value.cls.mro() else None if unsure else False
        above = value.cls.ancestors(interp)
        if kind.name in above:
            return True
        return _not_by(above, kind)
    if isinstance(value.cls, External) and isinstance(kind, External):
        if kind.name in interp.knowledge.lineage(value.cls.name):
            return True
        return False if value.cls.name in interp.knowledge.public else None
    return None


def _not_by(above: frozenset[str], kind: External) -> bool | None:
    """False where a class with these library classes above it is certainly none of another kind."""
    asks = kind.name.startswith(_ABSTRACT) and kind.name not in _PLAIN
    return False if above <= {"builtins.object"} and not asks else None


def _is_plain(value: Value, name: str) -> bool | None:
    if isinstance(value, Bytes):
        return name == "builtins.bytes"
    if isinstance(value, Const):
        return isinstance(value.value, _PLAIN[name]) or (False if type(value) is Const else None)
    if isinstance(value, Text):
        return name == "builtins.str"
    if isinstance(value, Sequence):
        sets = value.kind == "set" and name == "builtins.frozenset"
        return name == f"builtins.{value.kind}" or (None if sets else False)
    if isinstance(value, Mapping):
        return name == "builtins.dict"
    if isinstance(value, Class):
        return name == "builtins.type"
    return False if isinstance(value, (Module, Function, Bound)) else None


def _issubclass(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    value, kinds = args.get(0), args.get(1)
    if value is None or kinds is None:
        return UNKNOWN
    return _any(_wanted(kinds), lambda kind: _descends(interp, value, kind))


def _descends(interp: Interpreter, value: Value, kind: Value) -> bool | None:
    if isinstance(kind, External) and kind.name == "builtins.object" and isinstance(value, (Class, External)):
        return True
    if isinstance(value, Class):
        if kind in value.mro():
            return True
        above = value.ancestors(interp)
        if isinstance(kind, Class):
            return None if _asks(interp, kind) else False
        if isinstance(kind, External):
            if kind.name in above:
                return True
            own = above <= {"builtins.object"} and (
                kind.name in _PLAIN or not kind.name.startswith(_ABSTRACT)
            )
            return False if own else None
    if isinstance(value, External) and isinstance(kind, External):
        types = _PLAIN.get(value.name), _PLAIN.get(kind.name)
        if types[0] is not None and types[1] is not None:
            return issubclass(types[0], types[1])
    return None


CALLS: dict[str, CallHandler] = {
    "builtins.isinstance": _isinstance,
    "builtins.issubclass": _issubclass,
}
