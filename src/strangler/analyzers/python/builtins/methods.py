"""Methods of strings, lists, dicts and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python import text
from strangler.analyzers.python.builtins import running
from strangler.analyzers.python.builtins.iteration import in_order
from strangler.analyzers.python.expressions import elements, put
from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Function,
    Mapping,
    Sequence,
    Text,
    Value,
    Wrapper,
    join,
    mapping_key,
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
        return _sequence_method(interp, receiver, name, args, frame)
    if isinstance(receiver, Mapping):
        return _mapping_method(interp, receiver, name, args, frame)
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


def _sequence_method(interp: Interpreter, receiver: Sequence, name: str, args: Args, frame: Frame) -> Value:
    first = args.get(0)
    if name in ("append", "add", "appendleft") and first is not None:
        if receiver.kind == "set" and any(item is first for item in receiver.items):
            pass
        elif interp.booting or first is not UNKNOWN:
            receiver.items.append(first)
        else:
            receiver.open = True
        return NONE
    if name == "insert" and len(args.positional) > 1:
        index = args.positional[0]
        at = index.value if isinstance(index, Const) and isinstance(index.value, int) else 0
        receiver.items.insert(at, args.positional[1])
        return NONE
    if name in ("extend", "update", "union", "intersection", "difference", "__add__"):
        target = (
            receiver
            if name in ("extend", "update")
            else Sequence(list(receiver.items), receiver.kind, receiver.open)
        )
        for argument in args.positional:
            items, exact = elements(interp, argument, frame)
            if name not in ("intersection", "difference"):
                target.extend(interp, items, exact, frame)
            target.open = True if name in ("intersection", "difference") else target.open
        return NONE if target is receiver else target
    if name == "copy":
        return Sequence(list(receiver.items), receiver.kind, receiver.open)
    if name in ("pop", "popleft", "__getitem__"):
        return join([*receiver.items, UNKNOWN] if receiver.open else receiver.items)
    if name == "sort":
        receiver.items[:] = in_order(receiver.items, args)
        return NONE
    if name == "reverse":
        receiver.items.reverse()
        return NONE
    if name == "remove":
        return NONE
    return UNKNOWN


def _mapping_method(interp: Interpreter, receiver: Mapping, name: str, args: Args, frame: Frame) -> Value:
    first, second = args.get(0), args.get(1)
    if name in ("get", "pop", "__getitem__") and first is not None:
        value = receiver.item(interp, first, frame)
        if isinstance(first, Const) and first.value in receiver.items:
            return value
        key = mapping_key(first)
        exact = name == "get" and not receiver.open and key is not UNKNOWN
        if exact and key not in receiver.items:
            return second or NONE
        return join([value, second or NONE]) if name == "get" or second is not None else value
    if name == "setdefault" and first is not None:
        value = receiver.item(interp, first, frame)
        if value is UNKNOWN and second is not None:
            put(receiver, first, second)
            return second
        return value
    if name == "update":
        for argument in args.positional:
            receiver.update(interp, argument, frame)
        receiver.items.update(args.keywords)
        return NONE
    if name == "copy":
        return receiver.copy()
    if name == "values":
        return Sequence([*receiver.items.values(), *receiver.others], "list", receiver.open)
    if name == "keys":
        return Sequence([_key(k) for k in receiver.items], "list", receiver.open)
    if name == "items":
        pairs: list[Value] = [Sequence([_key(k), v], "tuple") for k, v in receiver.items.items()]
        pairs += [Sequence([UNKNOWN, v], "tuple") for v in receiver.others]
        return Sequence(pairs, "list", receiver.open)
    return UNKNOWN


def _key(key: object) -> Value:
    return key if isinstance(key, Value) else Const(key)


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
