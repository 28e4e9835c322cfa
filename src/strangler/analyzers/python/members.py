"""Attributes: what classes, instances and ``super()`` give, and what is stored on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.values import (
    LIBRARY_INIT,
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
    Mapping,
    Method,
    Object,
    Sequence,
    Super,
    Value,
    Wrapper,
    doubted,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter


def class_descriptor(interp: Interpreter, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
    """What a framework makes of a class attribute."""
    return interp.each_by_lineage(
        interp.knowledge.descriptors, cls.ancestors(interp), cls, name, value, frame
    )


def class_member(interp: Interpreter, cls: Class, name: str, frame: Frame) -> Value:
    """An attribute that no first-party class of the lineage defines."""
    value = interp.each_by_lineage(interp.knowledge.class_members, cls.ancestors(interp), cls, name, frame)
    if value is not None:
        return value
    value = _of_metaclass(interp, cls, name, frame)
    if value is not UNKNOWN:
        return value
    for parent in cls.mro():
        if name in parent.annotations and not cls.ancestors(interp):
            node, scope = parent.annotations[name]
            return interp.annotated(node, scope)
    return Method(cls, name) if cls.ancestors(interp) or name in ("__subclasses__", "mro") else UNKNOWN


def _of_metaclass(interp: Interpreter, cls: Class, name: str, frame: Frame) -> Value:
    """An attribute that a first-party metaclass gives the class, by its name or by ``__getattr__``."""
    for parent in cls.mro():
        made_by = parent.keywords.get("metaclass")
        if not isinstance(made_by, Class):
            continue
        found = made_by.find(name)
        if found is not None:
            return interp.bind_member(cls, found[1], name, found[0], frame)
        getter = made_by.find("__getattr__")
        own = cls.ancestors(interp) <= {"builtins.object"}  # else a library's class may have the name
        if own and getter is not None and isinstance(getter[0], Function) and not name.startswith("__"):
            return interp.invoke(getter[0], Args([cls, Const(name)]), frame)
        return UNKNOWN
    return UNKNOWN


def class_item(interp: Interpreter, cls: Class, key: Value, frame: Frame) -> Value | None:
    """``Class[key]``."""
    return interp.each_by_lineage(interp.knowledge.class_items, cls.ancestors(interp), cls, key, frame)


def instance_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value:
    """An attribute of an object that was not set on this very object."""
    cls = obj.cls.origin if isinstance(obj.cls, Generic) else obj.cls
    if not isinstance(cls, Class):
        value = interp.each_by_lineage(
            interp.knowledge.instance_members, interp.lineage(obj), obj, name, frame
        )
        return value if value is not None else Method(obj, name)
    found = cls.find(name)
    if found is not None:
        if obj.args is None and not interp.booting and isinstance(found[0], Const) and found[0].value is None:
            value = _in_subclasses(interp, cls, name, frame)  # ``model = None``: for a subclass to say
            if value is not UNKNOWN:
                return value
        if obj.args is None and not interp.booting and name in found[1].annotations:
            return _field(interp, obj, cls, name, found[0], frame)
        return interp.bind_member(obj, cls, name, found[0], frame)
    lineage = cls.ancestors(interp)
    value = interp.each_by_lineage(interp.knowledge.instance_members, lineage, obj, name, frame)
    if value is not None:
        return value
    value = interp.assigned(cls, name)
    if value is not UNKNOWN:
        return value
    getter = cls.find("__getattr__")
    if getter is not None and isinstance(getter[0], Function) and not name.startswith("__"):
        return interp.invoke(getter[0], Args([obj, Const(name)]), frame)
    if not interp.booting and not name.startswith("__"):
        if obj.args is None:
            value = _in_subclasses(interp, cls, name, frame)
            if value is not UNKNOWN:
                return value
        for convention in interp.knowledge.conventions:
            guess = convention(interp, obj, name, frame)
            if guess is not None:
                return guess
    return Method(obj, name) if lineage else UNKNOWN


def _field(interp: Interpreter, obj: Object, cls: Class, name: str, default: Value, frame: Frame) -> Value:
    """A field of an instance that is handed over: its default is only one of its values."""
    value = interp.bind_member(obj, cls, name, default, frame)
    if value is not default or type(default) not in (Const, Sequence, Mapping):
        return value
    declared = interp.assigned(cls, name)
    if isinstance(default, Const):
        return join([doubted(default), declared])
    if declared is not UNKNOWN:
        return declared
    if isinstance(default, Mapping):
        return Mapping(dict(default.items), list(default.others), True)
    return Sequence(list(default.items), default.kind, True) if isinstance(default, Sequence) else value


def _in_subclasses(interp: Interpreter, cls: Class, name: str, frame: Frame) -> Value:
    """What a mixin's or base class's method finds on ``interp`` because a subclass defines it."""
    found: list[Value] = []
    if cls in interp.for_heirs:
        return UNKNOWN  # its methods are interpreted for each subclass in any case
    for one in interp.subclasses(cls)[:MOST_OPTIONS]:
        if name in one.namespace:
            found.append(interp.bind_member(Object(one, None, None), one, name, one.namespace[name], frame))
        elif name in one.attrs:
            found.append(one.attrs[name])
    return join(found)


def assigned(interp: Interpreter, cls: Class, name: str) -> Value:
    """What methods assign to ``interp.name``, or its annotation in the class body."""
    for parent in cls.mro():
        if not parent.initialised:
            parent.initialised = True
            init = parent.namespace.get("__init__")
            if isinstance(init, Function):
                interp.general(init, None)
    options = [parent.attrs[name] for parent in cls.mro() if name in parent.attrs]
    value = join(options)
    if value is UNKNOWN:
        for parent in cls.mro():
            if name in parent.annotations:
                node, scope = parent.annotations[name]
                return interp.annotated(node, scope)
    return value


def bind_member(interp: Interpreter, obj: Value, cls: Class, name: str, value: Value, frame: Frame) -> Value:
    """A class attribute as an instance sees it."""
    if isinstance(obj, Object):
        special = interp.each_by_lineage(
            interp.knowledge.instance_descriptors, cls.ancestors(interp), obj, name, value, frame
        )
        if special is not None:
            return special
    if isinstance(value, Function):
        return Bound(value, obj)
    if isinstance(value, Wrapper):
        if value.kind == "property":
            return value.function.call(interp, Args([obj]), frame)
        return Bound(value.function, cls) if value.kind == "class" else value.function
    own = descriptor(interp, value, obj, cls, frame)
    if own is not None:
        return own
    bind = getattr(value, "bind", None)
    if bind is not None:
        return bind(interp, obj, frame)  # type: ignore[no-any-return]
    if isinstance(value, Const):
        later = join([parent.attrs[name] for parent in cls.mro() if name in parent.attrs])
        if later is not UNKNOWN and (value.value is None or isinstance(later, Object)):
            return join([value, later]) if value.value is not None else later
    return value


def descriptor(interp: Interpreter, value: Value, obj: Value, cls: Value, frame: Frame) -> Value | None:
    """What a descriptor of the monolith's own gives; ``obj`` is None where it is read through the class."""
    if not isinstance(value, Object) or not isinstance(value.cls, Class):
        return None
    getter = value.cls.find("__get__")
    if getter is not None and isinstance(getter[0], Function):
        return interp.invoke(getter[0], Args([value, obj, cls]), frame)
    if "builtins.property" in value.cls.ancestors(interp) and isinstance(obj, Object):
        return value.get(interp, "fget", frame).call(interp, Args([obj]), frame)
    return None


def super_member(interp: Interpreter, value: Super, name: str, frame: Frame) -> Value:
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
        if isinstance(parent, External) and _defines(interp, parent, name):
            return LibraryMethod(receiver, name) if name != "__init__" else LibraryInit(receiver)
        if isinstance(parent, Class) and name in parent.namespace:
            found = parent.namespace[name]
            if receiver is cls:  # a class method, or __new__
                inner = found.function if isinstance(found, Wrapper) else found
                return Bound(inner, cls) if name != "__new__" else inner
            return interp.bind_member(receiver, cls, name, found, frame)
    if any(isinstance(parent, External) and _defines(interp, parent, name) for parent in lineage[:start]):
        return UNKNOWN  # the library's class stands before this one: its method has been passed
    if isinstance(receiver, Object):
        special = interp.each_by_lineage(
            interp.knowledge.instance_members, cls.ancestors(interp), receiver, name, frame
        )
        if special is not None:
            return special
    else:
        special = interp.each_by_lineage(
            interp.knowledge.class_members, cls.ancestors(interp), cls, name, frame
        )
        if special is not None:
            return special
    return LibraryMethod(receiver, name) if name != "__init__" else LibraryInit(receiver)


def _defines(interp: Interpreter, library: External, name: str) -> bool:
    """Whether a library's class is known to have a method."""
    bases = interp.knowledge.lineage(library.name)
    return any(f"{base}.{name}" in interp.knowledge.methods for base in bases)


def store_attribute(interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> None:
    """``obj.name = value``."""
    if not interp.booting:
        value.escaped(interp, frame)
    cls = obj.cls.origin if isinstance(obj.cls, Generic) else obj.cls
    lineage = interp.lineage(obj)
    if lineage:
        stores = interp.knowledge.stores
        for base in interp.bases_in(stores, lineage):
            stores[base](interp, obj, name, value, frame)
    if isinstance(cls, Class):
        found = cls.find(name)
        if found is not None and isinstance(found[0], Wrapper):
            setter = getattr(found[0].function, "attrs", {}).get("setter")
            if isinstance(setter, Function):
                interp.invoke(setter, Args([obj, value]), frame)
            return
        if value is not UNKNOWN and not (isinstance(value, Const) and value.value is None):
            cls.attrs[name] = join([cls.attrs[name], value]) if name in cls.attrs else value
    if obj.args is not None:
        interp.changes.before(obj)
        obj.attrs[name] = value


def store_unnamed(interp: Interpreter, obj: Object, value: Value, frame: Frame) -> None:
    """``setattr(obj, name, value)`` with a name that is not known: frameworks are told ``*``."""
    lineage = interp.lineage(obj)
    for base, handler in interp.knowledge.stores.items() if lineage else ():
        if base in lineage:
            handler(interp, obj, "*", value, frame)


class LibraryInit(Value):
    """``super().__init__`` that reaches a library's class: the arguments are kept on the object."""

    __slots__ = ("receiver",)

    def __init__(self, receiver: Value) -> None:
        self.receiver = receiver

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        if isinstance(self.receiver, Object) and self.receiver.args is not None:
            LIBRARY_INIT.put(self.receiver, Object(UNKNOWN, args, frame))
        interp.call_library_method(self.receiver, "__init__", args, frame)
        return NONE
