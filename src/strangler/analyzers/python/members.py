"""Attributes: what classes, instances and ``super()`` give, and what is stored on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.metaclasses import fill_fields, metaclass_of, method_of
from strangler.analyzers.python.values import (
    ANY,
    LIBRARY_INIT,
    MOST_OPTIONS,
    NONE,
    UNKNOWN,
    Args,
    Attributes,
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
    without_tags,
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
    made_by = metaclass_of(cls)
    if made_by is None:
        return UNKNOWN
    found = made_by.find(name)
    if found is not None:
        return interp.bind_member(cls, found[1], name, found[0], frame)
    getter = made_by.find("__getattr__")
    own = cls.ancestors(interp) <= {"builtins.object"}  # else a library's class may have the name
    if own and getter is not None and isinstance(getter[0], Function) and not name.startswith("__"):
        return interp.invoke(getter[0], Args([cls, Const(name)]), frame)
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
    if name == "__dict__" and obj.args is not None:
        return Attributes(obj)
    value = interp.assigned(cls, name)
    getter = cls.find("__getattr__")
    computed = getter is not None and isinstance(getter[0], Function) and not name.startswith("__")
    if computed and (value is UNKNOWN or obj.serial):
        given = interp.invoke(getter[0], Args([obj, Const(name)]), frame)  # type: ignore[index,arg-type]
        return given if value is UNKNOWN else join([given, value, UNKNOWN])
    if value is not UNKNOWN:
        return doubted(value) if obj.serial else value  # it was not set on this very object
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
                with interp.changes.possible():  # it is asked what it would do
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
            result = value.function.call(interp, Args([obj]), frame)
            if value.cached and isinstance(obj, Object) and obj.serial:
                interp.changes.before(obj)
                obj.attrs[name] = result
            return result
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
    if receiver is cls and value.after not in cls.mro():  # in a method of its metaclass
        return _super_of_metaclass(cls, value.after, name)
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
    if name != "__init__":
        return LibraryMethod(receiver, name)
    return LibraryInit(receiver, [parent for parent in lineage[start:] if isinstance(parent, Class)])


def _super_of_metaclass(cls: Class, after: Class, name: str) -> Value:
    meta = metaclass_of(cls)
    lineage = meta.mro() if meta is not None else []
    for parent in lineage[lineage.index(after) + 1 :] if after in lineage else ():
        if name in parent.namespace:
            return Bound(parent.namespace[name], cls)
    return LibraryMethod(cls, name)


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
    own = method_of(cls, "__setattr__") if isinstance(cls, Class) else None
    if own is not None:
        interp.invoke(own, Args([obj, Const(name), value]), frame)
    else:
        interp.put_attribute(obj, name, value, frame)


def put_attribute(interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> None:
    """``object.__setattr__(obj, name, value)``: through a property or descriptor, else on the object."""
    cls = obj.cls.origin if isinstance(obj.cls, Generic) else obj.cls
    if isinstance(cls, Class):
        found = cls.find(name)
        if found is not None and isinstance(found[0], Wrapper) and found[0].is_data:
            _through_property(interp, found[0], "setter", [obj, value], frame)
            return
        if found is not None and isinstance(found[0], Object) and isinstance(found[0].cls, Class):
            setter = method_of(found[0].cls, "__set__")
            if setter is not None:
                interp.invoke(setter, Args([found[0], obj, value]), frame)
                return
        if value is not UNKNOWN and not (isinstance(value, Const) and value.value is None):
            cls.attrs[name] = join([cls.attrs[name], value]) if name in cls.attrs else value
    set_on(interp, obj, name, value)


def set_on(interp: Interpreter, obj: Object, name: str, value: Value) -> None:
    """The object itself holds the attribute now."""
    if obj.args is None:
        return
    if name in ("__dict__", "__class__"):
        interp.unsettle(obj)
    interp.changes.bound(obj, name)
    cls = obj.cls
    computed = ANY in obj.attrs and isinstance(cls, Class) and cls.find("__getattribute__") is not None
    obj.attrs[name] = doubted(value) if computed else value


def has_data_descriptor(obj: Object, name: str) -> bool:
    """Whether a property or another descriptor of the class is asked before what the object holds."""
    found = obj.cls.find(name) if isinstance(obj.cls, Class) else None
    if found is None:
        return False
    value = found[0]
    if isinstance(value, Wrapper):
        return value.kind == "property"
    return (
        isinstance(value, Object) and isinstance(value.cls, Class) and value.cls.find("__set__") is not None
    )


def _through_property(
    interp: Interpreter, prop: Wrapper, part: str, given: list[Value], frame: Frame
) -> None:
    function = getattr(prop.function, "attrs", {}).get(part)
    if isinstance(function, Function):
        interp.invoke(function, Args(given), frame)


def delete_attribute(interp: Interpreter, owner: Value, name: str, frame: Frame) -> None:
    """``del owner.name``."""
    if isinstance(owner, Class) and name in owner.namespace:
        interp.changes.before(owner)
        del owner.namespace[name]
    elif isinstance(owner, Object):
        own = method_of(owner.cls, "__delattr__") if isinstance(owner.cls, Class) else None
        if own is not None:
            interp.invoke(own, Args([owner, Const(name)]), frame)
        else:
            interp.drop_attribute(owner, name, frame)


def drop_attribute(interp: Interpreter, obj: Object, name: str, frame: Frame) -> None:
    """``object.__delattr__(obj, name)``."""
    found = obj.cls.find(name) if isinstance(obj.cls, Class) else None
    if found is not None and isinstance(found[0], Wrapper) and found[0].is_data:
        _through_property(interp, found[0], "deleter", [obj], frame)
    elif found is not None and isinstance(found[0], Object) and isinstance(found[0].cls, Class):
        deleter = method_of(found[0].cls, "__delete__")
        if deleter is not None:
            interp.invoke(deleter, Args([found[0], obj]), frame)
    if name in obj.attrs:
        interp.changes.before(obj)
        del obj.attrs[name]


def unsettle(interp: Interpreter, obj: Object, value: Value = UNKNOWN) -> None:
    """Attributes with names that are not known are deleted, or set to a value: any of them may be something
    else."""
    if obj.args is None:
        return
    interp.changes.before(obj)
    obj.attrs.update({name: doubted(value) for name, value in without_tags(obj.attrs).items()})
    kept = value if type(value) in (Sequence, Mapping) else UNKNOWN  # what can be changed under that name
    obj.attrs[ANY] = join([obj.attrs.get(ANY, UNKNOWN), kept, UNKNOWN])


def store_unnamed(interp: Interpreter, obj: Object, value: Value, frame: Frame) -> None:
    """``setattr(obj, name, value)`` with a name that is not known: frameworks are told ``*``."""
    lineage = interp.lineage(obj)
    for base, handler in interp.knowledge.stores.items() if lineage else ():
        if base in lineage:
            handler(interp, obj, "*", value, frame)
    interp.unsettle(obj, value)


class LibraryInit(Value):
    """``super().__init__`` that reaches a library's class: the arguments are kept on the object."""

    __slots__ = ("lineage", "receiver")

    def __init__(self, receiver: Value, lineage: list[Class] | None = None) -> None:
        self.receiver = receiver
        self.lineage = lineage or []
        """First-party classes that are asked in its place, none of which has a constructor of its own."""

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        if isinstance(self.receiver, Object) and self.receiver.args is not None:
            LIBRARY_INIT.put(self.receiver, Object(UNKNOWN, args, frame))
            fill_fields(interp, self.receiver, self.lineage, args)
        interp.call_library_method(self.receiver, "__init__", args, frame)
        return NONE
