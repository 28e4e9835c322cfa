"""What is known of Python's own library: builtin functions, methods of builtin containers, common modules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from strangler.analyzers.python import files, patterns
from strangler.analyzers.python.builtins import (
    enums,
    iteration,
    kinds,
    mappings,
    reflection,
    running,
    wrapping,
)
from strangler.analyzers.python.builtins.methods import builtin_method
from strangler.analyzers.python.builtins.wrapping import Partial
from strangler.analyzers.python.knowledge import CallHandler, Knowledge
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Mapping,
    Object,
    Sequence,
    Union,
    Value,
    doubted,
    join,
    unset,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

__all__ = ["Partial", "builtin_method", "teach"]


def _first(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return args.get(0) or UNKNOWN


def _copied(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``copy.copy`` and ``copy.deepcopy``."""
    return _copy(interp, args.get(0) or UNKNOWN, external.name == "copy.deepcopy", {})


def _copy(interp: Interpreter, value: Value, deep: bool, done: dict[int, Value]) -> Value:
    if id(value) in done:
        return done[id(value)]
    inside: Iterable[Value] = ()
    copy: Value = value
    if type(value) is Sequence:
        done[id(value)] = copy = Sequence(list(value.items), value.kind, value.open)
        inside = value.items
        if deep:
            copy.items[:] = [_copy(interp, item, True, done) for item in inside]
    elif type(value) is Mapping:
        done[id(value)] = copy = held = value.copy()
        inside = value.items.values()
        if deep:
            held.items.update({k: _copy(interp, item, True, done) for k, item in value.items.items()})
            held.others = [_copy(interp, item, True, done) for item in value.others]
    elif isinstance(value, Object) and value.serial and isinstance(value.cls, Class):
        done[id(value)] = copy = other = Object(value.cls, value.args, None)
        other.identify()
        inside = value.attrs.values()
        other.attrs.update({k: _copy(interp, v, True, done) if deep else v for k, v in value.attrs.items()})
        if value.cls.find("__copy__") or value.cls.find("__deepcopy__") or value.cls.find("__reduce__"):
            copy = doubted(copy)
    elif isinstance(value, Union) and any(option.mutable for option in value.values):
        return join([UNKNOWN, *(_copy(interp, option, deep, done) for option in value.values)])
    interp.spend(1 + sum(1 for _ in inside) // 10)
    return copy


def _cast(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """The value as it is; one of the stated type where no more than a library knows of it."""
    value, stated = args.get(1, "val") or UNKNOWN, args.get(0, "typ")
    vague = value is UNKNOWN or (isinstance(value, Object) and not isinstance(value.cls, Class))
    typed = interp.instance_of(stated, frame) if vague and stated is not None else UNKNOWN
    own = isinstance(typed, Object) and isinstance(typed.cls, Class)
    return typed if own or value is UNKNOWN else value


def _environment(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """Environment variables: the default is what they may be; it decides nothing."""
    return unset(args.get(1, "default"))


def _urlparse(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    address = args.text(0, "url")
    if address is None:
        return UNKNOWN
    try:
        parts = urlsplit(address)
    except ValueError:
        return UNKNOWN
    result = Object(External("urllib.parse.ParseResult"), args, frame)
    for name in ("scheme", "netloc", "path", "query", "fragment"):
        result.attrs[name] = Const(getattr(parts, name))
    return result


CALLS: dict[str, CallHandler] = {
    "copy.copy": _copied,
    "copy.deepcopy": _copied,
    "typing.cast": _cast,
    "urllib.parse.urlparse": _urlparse,
    "urllib.parse.urlsplit": _urlparse,
    "os.environ.get": _environment,
    "os.getenv": _environment,
}


def teach(knowledge: Knowledge) -> None:
    """Add Python's own library to what is known."""
    patterns.teach(knowledge)
    files.teach(knowledge)
    enums.teach(knowledge)
    for calls in (
        iteration.CALLS,
        kinds.CALLS,
        mappings.CALLS,
        reflection.CALLS,
        running.CALLS,
        wrapping.CALLS,
        CALLS,
    ):
        knowledge.calls.update(calls)
    knowledge.methods.update(mappings.METHODS)
    knowledge.instance_members["builtins.property"] = wrapping.part_of_property
    knowledge.methods.update(wrapping.METHODS)
    knowledge.public["builtins.object"] = frozenset()
    knowledge.public["typing.Generic"] = frozenset()
    knowledge.public["typing.Protocol"] = frozenset()
    knowledge.public["abc.ABC"] = frozenset()
    knowledge.aliases["typing_extensions"] = "typing"
    knowledge.aliases["collections.abc"] = "typing"
