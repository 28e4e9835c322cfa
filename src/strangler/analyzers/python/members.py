"""Attributes: what classes, instances and ``super()`` give, and what is stored on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.values import (
    MOST_OPTIONS,
    NONE,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    External,
    Function,
    Generic,
    LibraryMethod,
    Method,
    Object,
    Super,
    Value,
    Wrapper,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter


def class_descriptor(ip: Interpreter, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
    """What a framework makes of a class attribute."""
    return ip.each_by_lineage(ip.knowledge.descriptors, cls.ancestors(ip), cls, name, value, frame)


def class_member(ip: Interpreter, cls: Class, name: str, frame: Frame) -> Value:
    """An attribute that no first-party class of the lineage defines."""
    value = ip.each_by_lineage(ip.knowledge.class_members, cls.ancestors(ip), cls, name, frame)
    if value is not None:
        return value
    for parent in cls.mro():
        if name in parent.annotations and not cls.ancestors(ip):
            node, scope = parent.annotations[name]
            return ip.annotated(node, scope)
    return Method(cls, name) if cls.ancestors(ip) or name in ("__subclasses__", "mro") else UNKNOWN


def class_item(ip: Interpreter, cls: Class, key: Value, frame: Frame) -> Value | None:
    """``Class[key]``."""
    return ip.each_by_lineage(ip.knowledge.class_items, cls.ancestors(ip), cls, key, frame)


def instance_member(ip: Interpreter, obj: Object, name: str, frame: Frame) -> Value:
    """An attribute of an object that was not set on this very object."""
    cls = obj.cls.origin if isinstance(obj.cls, Generic) else obj.cls
    if not isinstance(cls, Class):
        value = ip.each_by_lineage(ip.knowledge.instance_members, ip.lineage(obj), obj, name, frame)
        return value if value is not None else Method(obj, name)
    found = cls.find(name)
    if found is not None:
        return ip.bind_member(obj, cls, name, found[0], frame)
    lineage = cls.ancestors(ip)
    value = ip.each_by_lineage(ip.knowledge.instance_members, lineage, obj, name, frame)
    if value is not None:
        return value
    value = ip.assigned(cls, name)
    if value is not UNKNOWN:
        return value
    getter = cls.find("__getattr__")
    if getter is not None and isinstance(getter[0], Function) and not name.startswith("__"):
        return ip.invoke(getter[0], Args([obj, Const(name)]), frame)
    if not ip.booting and not name.startswith("__"):
        if obj.args is None:
            value = _in_subclasses(ip, cls, name, frame)
            if value is not UNKNOWN:
                return value
        for convention in ip.knowledge.conventions:
            guess = convention(ip, obj, name, frame)
            if guess is not None:
                return guess
    return Method(obj, name) if lineage else UNKNOWN


def _in_subclasses(ip: Interpreter, cls: Class, name: str, frame: Frame) -> Value:
    """What a mixin's or base class's method finds on ``ip`` because a subclass defines it."""
    found: list[Value] = []
    if cls in ip.extensions.get("shared classes", ()):
        return UNKNOWN  # its methods are interpreted for each subclass in any case
    for one in ip.subclasses(cls)[:MOST_OPTIONS]:
        if name in one.namespace:
            found.append(ip.bind_member(Object(one, None, None), one, name, one.namespace[name], frame))
        elif name in one.attrs:
            found.append(one.attrs[name])
    return join(found)


def assigned(ip: Interpreter, cls: Class, name: str) -> Value:
    """What methods assign to ``ip.name``, or its annotation in the class body."""
    for parent in cls.mro():
        if not parent.initialised:
            parent.initialised = True
            init = parent.namespace.get("__init__")
            if isinstance(init, Function):
                ip.general(init, None)
    options = [parent.attrs[name] for parent in cls.mro() if name in parent.attrs]
    value = join(options)
    if value is UNKNOWN:
        for parent in cls.mro():
            if name in parent.annotations:
                node, scope = parent.annotations[name]
                return ip.annotated(node, scope)
    return value


def bind_member(ip: Interpreter, obj: Value, cls: Class, name: str, value: Value, frame: Frame) -> Value:
    """A class attribute as an instance sees it."""
    if isinstance(obj, Object):
        special = ip.each_by_lineage(
            ip.knowledge.instance_descriptors, cls.ancestors(ip), obj, name, value, frame
        )
        if special is not None:
            return special
    if isinstance(value, Function):
        return Bound(value, obj)
    if isinstance(value, Wrapper):
        if value.kind == "property":
            return value.function.call(ip, Args([obj]), frame)
        return Bound(value.function, cls) if value.kind == "class" else value.function
    bind = getattr(value, "bind", None)
    if bind is not None:
        return bind(ip, obj, frame)  # type: ignore[no-any-return]
    if isinstance(value, Const):
        later = join([parent.attrs[name] for parent in cls.mro() if name in parent.attrs])
        if later is not UNKNOWN and (value.value is None or isinstance(later, Object)):
            return join([value, later]) if value.value is not None else later
    return value


def super_member(ip: Interpreter, value: Super, name: str, frame: Frame) -> Value:
    """``super().name``."""
    receiver = value.receiver
    cls = receiver.cls if isinstance(receiver, Object) else receiver
    if isinstance(cls, Generic):
        cls = cls.origin
    if not isinstance(cls, Class):
        return UNKNOWN
    lineage = cls.full_mro()
    start = lineage.index(value.after) + 1 if value.after in lineage else 1
    for parent in lineage[start:]:
        if isinstance(parent, External) and _defines(ip, parent, name):
            return LibraryMethod(receiver, name) if name != "__init__" else LibraryInit(receiver)
        if isinstance(parent, Class) and name in parent.namespace:
            found = parent.namespace[name]
            if receiver is cls:  # a class method, or __new__
                inner = found.function if isinstance(found, Wrapper) else found
                return Bound(inner, cls) if name != "__new__" else inner
            return ip.bind_member(receiver, cls, name, found, frame)
    if any(isinstance(parent, External) and _defines(ip, parent, name) for parent in lineage[:start]):
        return UNKNOWN  # the library's class stands before this one: its method has been passed
    if isinstance(receiver, Object):
        special = ip.each_by_lineage(ip.knowledge.instance_members, cls.ancestors(ip), receiver, name, frame)
        if special is not None:
            return special
    else:
        special = ip.each_by_lineage(ip.knowledge.class_members, cls.ancestors(ip), cls, name, frame)
        if special is not None:
            return special
    return LibraryMethod(receiver, name) if name != "__init__" else LibraryInit(receiver)


def _defines(ip: Interpreter, library: External, name: str) -> bool:
    """Whether a library's class is known to have a method."""
    bases = ip.knowledge.lineage(library.name)
    return any(f"{base}.{name}" in ip.knowledge.methods for base in bases)


def store_attribute(ip: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> None:
    """``obj.name = value``."""
    if not ip.booting:
        value.escaped(ip, frame)
    cls = obj.cls.origin if isinstance(obj.cls, Generic) else obj.cls
    lineage = ip.lineage(obj)
    if lineage:
        for base, handler in ip.knowledge.stores.items():
            if base in lineage:
                handler(ip, obj, name, value, frame)
    if isinstance(cls, Class):
        found = cls.find(name)
        if found is not None and isinstance(found[0], Wrapper):
            setter = getattr(found[0].function, "attrs", {}).get("setter")
            if isinstance(setter, Function):
                ip.invoke(setter, Args([obj, value]), frame)
            return
        if value is not UNKNOWN and not (isinstance(value, Const) and value.value is None):
            cls.attrs[name] = join([cls.attrs[name], value]) if name in cls.attrs else value
    if obj.args is not None:
        obj.attrs[name] = value


def store_unnamed(ip: Interpreter, obj: Object, value: Value, frame: Frame) -> None:
    """``setattr(obj, name, value)`` with a name that is not known: frameworks are told ``*``."""
    lineage = ip.lineage(obj)
    for base, handler in ip.knowledge.stores.items() if lineage else ():
        if base in lineage:
            handler(ip, obj, "*", value, frame)


class LibraryInit(Value):
    """``super().__init__`` that reaches a library's class: the arguments are kept on the object."""

    __slots__ = ("receiver",)

    def __init__(self, receiver: Value) -> None:
        self.receiver = receiver

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        if isinstance(self.receiver, Object) and self.receiver.args is not None:
            self.receiver.attrs["super().__init__"] = Object(UNKNOWN, args, frame)
        ip.call_library_method(self.receiver, "__init__", args, frame)
        return NONE
