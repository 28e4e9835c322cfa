"""Dictionaries of a special kind: ``defaultdict``, and first-party classes that inherit from ``dict``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.builtins.methods import builtin_method
from strangler.analyzers.python.knowledge import CallHandler, MethodHandler
from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    External,
    Mapping,
    Object,
    Tag,
    Value,
    mapping_key,
    put,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


class DefaultMapping(Mapping):
    """A ``defaultdict``: a key that is missing is made where it is asked for."""

    __slots__ = ("factory",)

    def __init__(self, factory: Value) -> None:
        super().__init__()
        self.factory = factory

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        known = mapping_key(key)
        if known is UNKNOWN or known in self.items or not interp.booting:
            return super().item(interp, key, frame)
        self.items[known] = value = self.factory.call(interp, Args(), frame)
        return value


def _default_dict(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    factory = args.get(0, "default_factory")
    if factory is None:
        return Mapping(open=True)
    if not interp.booting:
        return Mapping({}, [factory.call(interp, Args(), frame)], True)
    return DefaultMapping(factory)


_SUBCLASSED = (
    "__getitem__", "__iter__", "copy", "get", "items", "keys", "pop", "setdefault", "update", "values",
)  # fmt: skip


_CONTENT = Tag("dict", Mapping)


def _content(interp: Interpreter, receiver: Object, frame: Frame) -> Mapping:
    """The dictionary inside an instance of a subclass of ``dict``."""
    found = _CONTENT.of(receiver)
    if found is None:
        found = _CONTENT.put(receiver, Mapping(open=receiver.args is None))
        if receiver.args is not None:
            builtin_method(interp, found, "update", receiver.args, frame)
    return found


def _inherited(name: str) -> MethodHandler:
    def handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        if not isinstance(receiver, Object):
            return None
        content = _content(interp, receiver, frame)
        if name == "__iter__":
            return content
        if name == "__getitem__" and args.positional:
            return content.item(interp, args.positional[0], frame)
        return builtin_method(interp, content, name, args, frame)

    return handler


def _set_item(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    if isinstance(receiver, Object) and len(args.positional) > 1:
        put(_content(interp, receiver, frame), args.positional[0], args.positional[1])
    return NONE


CALLS: dict[str, CallHandler] = {"collections.defaultdict": _default_dict}

METHODS: dict[str, MethodHandler] = {
    f"{base}.{name}": handler
    for base in ("builtins.dict", "collections.OrderedDict", "collections.UserDict")
    for name, handler in (*((n, _inherited(n)) for n in _SUBCLASSED), ("__setitem__", _set_item))
}
