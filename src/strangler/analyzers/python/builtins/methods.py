"""Methods of strings, lists, dicts and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python import text
from strangler.analyzers.python.builtins import dicts, running, sequences
from strangler.analyzers.python.expressions import elements
from strangler.analyzers.python.values import (
    Args,
    Class,
    Const,
    Function,
    Mapping,
    Sequence,
    Text,
    Value,
    Wrapper,
)

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
    if isinstance(receiver, Mapping):
        return dicts.method(interp, receiver, name, args, frame)
    if isinstance(receiver, running.FileText):
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
