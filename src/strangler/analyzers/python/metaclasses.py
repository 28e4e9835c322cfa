"""How classes and objects come to be where the code has a say in it: metaclasses, and ``__new__``."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import TYPE_CHECKING

from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Function,
    Mapping,
    Object,
    Sequence,
    Value,
    Wrapper,
    doubted,
    unset,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.syntax import Expr

_OF_EVERY_BODY = ("__module__", "__qualname__")


class Making:
    """The classes whose metaclass is at work, innermost last, and what is to be done once each is there."""

    def __init__(self) -> None:
        self.open: list[tuple[Class, Callable[[], None]]] = []


def metaclass_of(cls: Class) -> Class | None:
    """The first-party metaclass of a class, its own or inherited."""
    for parent in cls.mro():
        made_by = parent.keywords.get("metaclass")
        if isinstance(made_by, Class):
            return made_by
    return None


def method_of(cls: Class | None, name: str) -> Function | None:
    """A first-party method, also where ``staticmethod`` is around it."""
    found = cls.find(name) if cls is not None else None
    value = found[0].function if found is not None and isinstance(found[0], Wrapper) else found and found[0]
    return value if isinstance(value, Function) else None


def through_metaclass(
    interp: Interpreter, cls: Class, meta: Class, finish: Callable[[], None], frame: Frame
) -> Class:
    """Let a metaclass make a class: ``finish`` is called once, where ``type.__new__`` has its turn."""
    options = {name: value for name, value in cls.keywords.items() if name != "metaclass"}
    of_body: dict[str, Value] = {"__module__": Const(cls.module.name), "__qualname__": Const(cls.qualname)}
    names = Mapping({**of_body, **cls.namespace})
    given = [Const(cls.name), Sequence(list(cls.bases), "tuple"), names]
    made: Value = cls
    new = method_of(meta, "__new__")
    if new is None:
        finish()
    else:
        making = interp.state(Making).open
        making.append((cls, finish))
        made = interp.invoke(new, Args([meta, *given], options), frame)
        if making and making[-1][0] is cls:  # nothing that is understood has made it
            making.pop()
            interp.changes.before(cls)
            cls.namespace.update({name: doubted(value) for name, value in cls.namespace.items()})
            finish()
    result = made if isinstance(made, Class) else cls
    init = method_of(meta, "__init__")
    if init is not None:
        interp.invoke(init, Args([result, *given], options), frame)
    return result


def new(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``object.__new__`` and ``type.__new__``; None for classes whose library has its own."""
    cls = args.get(0)
    if not isinstance(cls, Class):
        return None
    if "builtins.type" in cls.ancestors(interp) or _is_at_work(interp, cls):
        return _new_class(interp, cls, args, frame) if len(args.positional) > 3 else None
    if not all(base in interp.knowledge.public for base in cls.ancestors(interp)):
        return None
    obj = Object(cls, Args(), frame)
    if interp.booting:
        obj.identify()
    return obj


def _is_at_work(interp: Interpreter, cls: Class) -> bool:
    """Whether a class is the metaclass of what is being made: its library does what ``type`` does."""
    making = interp.state(Making).open
    return bool(making) and metaclass_of(making[-1][0]) is cls


def _new_class(interp: Interpreter, meta: Class, args: Args, frame: Frame) -> Value:
    making = interp.state(Making).open
    name, bases, names = args.text(1), args.positional[2], args.positional[3]
    if not making or name not in (None, making[-1][0].name):
        return interp.make_class(Args(args.positional[1:4], {"metaclass": meta}), frame, False)
    cls, finish = making.pop()
    interp.changes.before(cls)
    if isinstance(names, Mapping):
        held = {k: v for k, v in names.items.items() if isinstance(k, str) and k not in _OF_EVERY_BODY}
        for name in [name for name in cls.namespace if name not in held]:
            if not names.open:
                del cls.namespace[name]
        cls.namespace.update(held)
    if not isinstance(names, Mapping) or names.open:
        cls.namespace.update({name: doubted(value) for name, value in cls.namespace.items()})
    if isinstance(bases, Sequence) and not bases.open and bases.items != cls.bases:
        cls.bases, cls.lineage, cls.roots = list(bases.items), None, None
        cls.extra.pop("full mro", None)
    finish()
    return cls


def instance(interp: Interpreter, cls: Class, args: Args, frame: Frame) -> tuple[Value, list[Object]]:
    """What ``cls.__new__`` gives, and those of it that ``__init__`` is called for."""
    own = method_of(cls, "__new__")
    made = (
        interp.invoke(own, Args([cls, *args.positional], args.keywords, args.open), frame) if own else UNKNOWN
    )
    library = isinstance(made, Object) and not isinstance(made.cls, Class)
    if own is None or made is UNKNOWN or library:
        obj = Object(cls, args, frame)
        if interp.booting:
            obj.identify()
        return (obj if own is None or library else doubted(obj)), [obj]
    objects = [
        option
        for option in made.options()
        if isinstance(option, Object) and isinstance(option.cls, Class) and cls in option.cls.mro()
    ]
    for obj in objects:
        if obj.args is not None and not obj.args.positional and not obj.args.keywords:
            obj.args = args
    return made, objects


def fill_fields(interp: Interpreter, obj: Object, lineage: list[Class], args: Args) -> None:
    """The constructor that a dataclass, a named tuple or a library's class of declared fields is given."""
    declared: dict[str, tuple[Expr, Frame]] = {}
    for parent in reversed(lineage):
        declared.update(parent.annotations)
    outside = interp.knowledge.filled_from_outside
    from_outside = bool(lineage) and not outside.isdisjoint(lineage[0].ancestors(interp))
    for index, (name, (node, scope)) in enumerate(declared.items()):
        value = args.get(index, name)
        if value is None:
            stated = next((parent.namespace[name] for parent in lineage if name in parent.namespace), None)
            default = _default(interp, stated, scope)
            if from_outside and default is not None:  # an environment variable of that name comes first
                value = unset(default)
            elif args.open:  # it may have been given
                value = doubted(default or UNKNOWN)
            elif default is not stated:
                value = default
        if value is not None:
            obj.attrs[name] = value if value is not UNKNOWN else interp.annotated(node, scope)
    if lineage and "builtins.tuple" in lineage[0].ancestors(interp):
        # The fields of a named tuple are descriptors: a name of a class below hides one.
        below = takewhile(lambda one: not one.annotations, lineage)
        hidden = declared.keys() & {name for parent in below for name in parent.namespace}
        obj.attrs.update(dict.fromkeys(hidden, UNKNOWN))


def _default(interp: Interpreter, stated: Value | None, frame: Frame) -> Value | None:
    """What a field is where nothing is given: of ``Field(...)`` and the like its default."""
    if not isinstance(stated, Object) or not isinstance(stated.cls, External):
        return stated
    if stated.cls.name not in interp.knowledge.fields:
        return stated
    factory = stated.arg(None, "default_factory")
    if factory is not None:
        return factory.call(interp, Args(), frame)
    default = stated.arg(None if stated.cls.name == "dataclasses.field" else 0, "default")
    return default if default is not None else UNKNOWN


def _call_class(interp: Interpreter, receiver: Object | Class, args: Args, frame: Frame) -> Value | None:
    return interp.instantiate_plainly(receiver, args, frame) if isinstance(receiver, Class) else None


def _set(interp: Interpreter, receiver: Object | Class, args: Args, frame: Frame) -> Value | None:
    name, value = args.text(0), args.get(1)
    if not isinstance(receiver, Object) or value is None:
        return None
    if name is None:
        interp.store_unnamed(receiver, value, frame)
    else:
        interp.put_attribute(receiver, name, value, frame)
    return NONE


def _delete(interp: Interpreter, receiver: Object | Class, args: Args, frame: Frame) -> Value | None:
    name = args.text(0)
    if name is not None and isinstance(receiver, Object):
        interp.drop_attribute(receiver, name, frame)
    return NONE


OF_OBJECT: dict[str, Callable[[Interpreter, Object | Class, Args, Frame], Value | None]] = {
    "__new__": new,
    "__call__": _call_class,
    "__setattr__": _set,
    "__delattr__": _delete,
}
"""What ``object`` and ``type`` themselves do, where a method of the monolith leaves it to them."""
