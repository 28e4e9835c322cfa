"""Methods of strings, lists, dicts and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python import text
from strangler.analyzers.python.builtins import dicts, running, sequences
from strangler.analyzers.python.iteration import elements
from strangler.analyzers.python.modules import FileText
from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Attributes,
    Class,
    Const,
    Function,
    Mapping,
    Sequence,
    Text,
    Value,
    Wrapper,
    join,
)
from strangler.analyzers.python.values.classes import BEHIND

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def builtin_method(interp: Interpreter, receiver: Value, name: str, args: Args, frame: Frame) -> Value | None:
    """A method of a string, list, dict or property; None for other receivers."""
    if isinstance(receiver, (Const, Text)):
        items, exact = elements(interp, args.positional[0], frame) if args.positional else ([], True)
        return text.call_method(interp, receiver, name, args, items, exact, frame)
    if isinstance(receiver, Sequence):
        return sequences.method(interp, receiver, name, args, frame)
    if isinstance(receiver, Attributes) and name in _CHANGES:
        return _change(interp, receiver, name, args, frame)
    if isinstance(receiver, Mapping):
        return dicts.method(interp, receiver, name, args, frame)
    if isinstance(receiver, FileText):
        return running.file_method(interp, receiver, name)
    if isinstance(receiver, Wrapper):
        return _property_method(receiver, name, args)
    if isinstance(receiver, Class):
        if name == "__subclasses__":
            subclasses = [c for c in interp.program.classes if receiver in c.mro()[1:]]
            return Sequence(list(subclasses), "list")
        if name == "mro":
            return Sequence(list(receiver.mro()), "list")
    return None


_CHANGES = ("__setitem__", "__delitem__", "setdefault", "update", "pop", "popitem", "clear")


def _change(interp: Interpreter, receiver: Attributes, name: str, args: Args, frame: Frame) -> Value:
    """A method that changes ``vars(obj)``."""
    key = args.text(0)
    if name == "update":
        for argument in args.positional:
            receiver.update(interp, argument, frame)
        receiver.update(interp, Mapping(dict(args.keywords), open=args.open), frame)
        return NONE
    if key is None or name in ("popitem", "clear"):
        interp.unsettle(receiver.obj)
        return UNKNOWN
    known = receiver.item(interp, Const(key), frame)
    if name == "__setitem__" or (name == "setdefault" and key not in receiver.items):
        receiver.put(interp, Const(key), args.get(1) or NONE)
        return NONE if name == "__setitem__" else args.get(1) or NONE
    if name in ("__delitem__", "pop") and key in receiver.items:
        interp.changes.before(receiver.obj)
        receiver.obj.attrs.pop(key, None)
        receiver.obj.attrs.pop(key + BEHIND, None)
    return join([known, args.get(1) or UNKNOWN]) if known is UNKNOWN else known


def _property_method(receiver: Wrapper, name: str, args: Args) -> Value | None:
    setter = args.get(0)
    if name in ("setter", "getter", "deleter", "expression", "comparator"):
        inner = receiver.function
        if isinstance(setter, Wrapper):
            setter = setter.function
        if isinstance(inner, Function) and isinstance(setter, Function):
            inner.attrs[name] = setter
        return receiver
    return None
