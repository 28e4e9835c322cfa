"""Methods of dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Const,
    Mapping,
    Sequence,
    Value,
    View,
    doubted,
    join,
    mapping_key,
    put,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


def method(interp: Interpreter, receiver: Mapping, name: str, args: Args, frame: Frame) -> Value:
    """What a method of a dict does and gives."""
    known = _METHODS.get(name)
    return known(interp, receiver, args, frame) if known is not None else UNKNOWN


def _get(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    first, second = args.get(0), args.get(1)
    if first is None:
        return UNKNOWN
    key = mapping_key(first)
    if key is not UNKNOWN and (key in receiver.items or not receiver.open):
        value = receiver.items.get(key)
        return _or_default(value, second) if value is not None else second or NONE
    return join([receiver.item(interp, first, frame), second or NONE])


def _or_default(value: Value, default: Value | None) -> Value:
    """What is kept under a key; where it may not be there, what can be changed in place of it may be the
    default."""
    if default is not None and default.mutable and doubted(value) is value and not value.by_identity:
        return join([value, default, UNKNOWN])
    return value


def _item(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    return receiver.item(interp, args.get(0) or UNKNOWN, frame)


def _pop(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    first, second = args.get(0), args.get(1)
    if first is None:
        return UNKNOWN
    key = mapping_key(first)
    value = receiver.item(interp, first, frame)
    if key is UNKNOWN:
        _may_go(interp, receiver)
        return join([value, second]) if second is not None else value
    if key in receiver.items:
        interp.changes.before(receiver)
        del receiver.items[key]
        return _or_default(value, second)
    if second is None:
        return value
    return join([value, second]) if receiver.open else second


def _may_go(interp: Interpreter, receiver: Mapping) -> None:
    """One of the keys, no one knows which, is not there any more."""
    interp.changes.before(receiver)
    receiver.open = True
    receiver.items.update({key: doubted(value) for key, value in receiver.items.items()})


def _pop_item(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    if receiver.open or not receiver.items:
        _may_go(interp, receiver)
        return UNKNOWN
    interp.changes.before(receiver)
    key, value = receiver.items.popitem()
    return Sequence([_key(key), value], "tuple")


def _delete_item(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    _pop(interp, receiver, Args(args.positional[:1]), frame)
    return NONE


def _set_default(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    first, second = args.get(0), args.get(1) or NONE
    if first is None:
        return UNKNOWN
    key = mapping_key(first)
    if key is not UNKNOWN and key in receiver.items:
        value = receiver.items[key]
        if interp.booting and (either := _or_default(value, second)) is not value:
            interp.changes.before(receiver)
            receiver.items[key] = either
        return receiver.items[key]
    value = receiver.item(interp, first, frame) if receiver.open or key is UNKNOWN else UNKNOWN
    if value is not UNKNOWN and not interp.booting:
        return value
    interp.changes.before(receiver)
    put(receiver, first, second)
    return second if value is UNKNOWN else join([value, second, UNKNOWN])


def _set_item(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    if len(args.positional) > 1:
        interp.changes.before(receiver)
        put(receiver, args.positional[0], args.positional[1])
    return NONE


def _update(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    for argument in args.positional:
        receiver.update(interp, argument, frame)
    interp.changes.before(receiver)
    receiver.items.update(args.keywords)
    receiver.open = receiver.open or args.open
    return NONE


def _clear(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    interp.changes.before(receiver)
    receiver.items.clear()
    receiver.others, receiver.open = [], False
    return NONE


def _copy(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    return receiver.copy()


def _values(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    return View(receiver, "values")


def _keys(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    return View(receiver, "keys")


def _items(interp: Interpreter, receiver: Mapping, args: Args, frame: Frame) -> Value:
    return View(receiver, "items")


def _key(key: object) -> Value:
    return key if isinstance(key, Value) else Const(key)


_METHODS = {
    "get": _get,
    "__getitem__": _item,
    "__setitem__": _set_item,
    "__delitem__": _delete_item,
    "pop": _pop,
    "popitem": _pop_item,
    "setdefault": _set_default,
    "update": _update,
    "clear": _clear,
    "copy": _copy,
    "values": _values,
    "keys": _keys,
    "items": _items,
}
