"""Classes, their order of look-up, and instances."""

from __future__ import annotations

from collections.abc import Hashable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python.values.base import NONE, UNKNOWN, Args, Const, Text, Value, serials
from strangler.analyzers.python.values.c3 import merge
from strangler.analyzers.python.values.containers import Mapping, Sequence
from strangler.analyzers.python.values.functions import Bound, Wrapper
from strangler.analyzers.python.values.names import External, Generic
from strangler.analyzers.python.values.tags import Tag, Tagged
from strangler.analyzers.python.values.unions import doubted, join

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import ModuleScope
    from strangler.analyzers.python.syntax import Expr


_MAY_BE_FALSE = {
    **dict.fromkeys(("bool", "bytes", "complex", "float", "int", "str"), "builtins"),
    **dict.fromkeys(("bytearray", "dict", "frozenset", "list", "set", "tuple"), "builtins"),
    **dict.fromkeys(("ChainMap", "Counter", "OrderedDict", "defaultdict", "deque"), "collections"),
    **dict.fromkeys(("UserDict", "UserList", "UserString"), "collections"),
}
"""Classes of Python whose instances may be false -> their module."""


class Class(Tagged):
    """A first-party class."""

    by_identity = True
    decorable = True

    __slots__ = (
        "annotations",
        "attrs",
        "bases",
        "decorators",
        "end_line",
        "extra",
        "initialised",
        "keywords",
        "line",
        "lineage",
        "module",
        "name",
        "namespace",
        "qualname",
        "roots",
        "serial",
    )

    def __init__(self, module: ModuleScope, qualname: str, name: str, line: int, end_line: int) -> None:
        self.module = module
        self.qualname = qualname
        self.name = name
        self.line = line
        self.end_line = end_line
        self.serial = next(serials)
        self.bases: list[Value] = []
        self.keywords: dict[str, Value] = {}
        self.decorators: list[Value] = []
        self.namespace: dict[str, Value] = {}
        self.annotations: dict[str, tuple[Expr, Frame]] = {}
        self.attrs: dict[str, Value] = {}
        """Attributes assigned to instances (``self.x = ...``) anywhere in the class."""
        self.extra: dict[str, Any] = {}
        """What frameworks know of the class."""
        self.initialised = False
        self.lineage: list[Class] | None = None
        self.roots: frozenset[str] | None = None

    @property
    def tags(self) -> dict[str, Any]:
        return self.extra

    @property
    def dotted(self) -> str:
        """``module.qualname``."""
        return f"{self.module.name}.{self.qualname}"

    @property
    def may_be_empty(self) -> bool:
        """Whether it descends from a list, a number, or another type of Python that may be false."""
        bases = (option for parent in self.mro() for base in parent.bases for option in base.options())
        names = (base.name.rpartition(".") for base in bases if isinstance(base, External))
        return any(_MAY_BE_FALSE.get(name) == module for module, _, name in names)

    def mro(self) -> list[Class]:
        """The first-party classes in method resolution order (C3; depth first where that fails)."""
        if self.lineage is None:
            self.lineage = [self]  # a class that inherits from itself through a cycle stays alone
            parents = [b for base in self.bases for b in class_options(base)]
            self.lineage = [self, *merge([[*p.mro()] for p in parents] + [list(parents)])]
        return self.lineage

    def full_mro(self) -> list[Value]:
        """The lineage with the library's classes at their places; of these only the named ones."""
        known: list[Value] | None = self.extra.get("full mro")
        if known is None:
            self.extra["full mro"] = [self]
            origins = [
                b.origin if isinstance(b, Generic) else b for base in self.bases for b in base.options()
            ]
            parents = [b for b in origins if isinstance(b, (Class, External))]
            above = [b.full_mro() if isinstance(b, Class) else [b] for b in parents]
            self.extra["full mro"] = known = [self, *merge([[*m] for m in above] + [list(parents)])]
        return known

    def ancestors(self, interp: Interpreter) -> frozenset[str]:
        """Dotted names of every library class that it descends from, known hierarchies included."""
        if self.roots is None:
            self.roots = frozenset()  # while it is looked for, in a class that inherits from itself
            names: set[str] = set()
            for parent in reversed(self.mro()[1:]):
                names |= parent.ancestors(interp)
            for base in self.bases:
                for option in base.options():
                    origin = option.origin if isinstance(option, Generic) else option
                    if isinstance(origin, External):
                        names |= interp.knowledge.lineage(origin.name)
                    elif isinstance(origin, Object):
                        names |= interp.knowledge.lineage(interp.kind(origin) + "()")
            self.roots = frozenset(names)
        return self.roots

    def find(self, name: str) -> tuple[Value, Class] | None:
        """The class attribute ``name`` and the class of the lineage that defines it."""
        for cls in self.mro():
            if name in cls.namespace:
                return cls.namespace[name], cls
        return None

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("__name__", "__qualname__"):  # of ``type``, whatever the body binds
            return Const(self.name if name == "__name__" else self.qualname)
        found = self.find(name)
        if found is None:
            if name == "__module__":
                return Const(self.module.name)
            if name == "__mro__":
                bases = [base for base in self.full_mro() if base is not interp.external("builtins.object")]
                known = all(isinstance(b, (Class, External, Generic)) for c in self.mro() for b in c.bases)
                return Sequence([*bases, interp.external("builtins.object")], "tuple", not known)
            return interp.class_member(self, name, frame)
        value, _ = found
        special = interp.class_descriptor(self, name, value, frame)
        if special is not None:
            return special
        if isinstance(value, Wrapper):
            if value.kind == "class":
                return Bound(value.function, self)
            return value.function if value.kind == "static" else value
        own = interp.descriptor(value, NONE, self, frame) if isinstance(value, Object) else None
        return own if own is not None else value

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        interp.changes.before(self)
        self.namespace[name] = value

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return interp.instantiate(self, args, frame)

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        special = interp.class_item(self, key, frame)
        return special if special is not None else Generic(self, key)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        if not self.ancestors(interp):
            return [], False
        result = interp.call_library_method(self, "__iter__", Args(), frame)  # an enumeration
        return result.elements(interp, frame) if isinstance(result, Sequence) else ([], False)

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return join([self, other]) if operator == "|" else UNKNOWN

    def definition(self) -> Class:
        return self

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("C", self.serial)

    def __repr__(self) -> str:
        return f"<class {self.dotted}>"


ANY = "*"
"""Among the attributes of an object where it may have others, that no one knows."""


BEHIND = "'"
"""Behind a name that ``vars(obj)`` holds, where a data descriptor of the class is asked first."""


class Object(Tagged):
    """An instance: of a first-party class, or whatever a library's callable returned.

    ``args`` is None for an instance of which only the class is known (``self`` of a method).
    """

    __slots__ = ("args", "attrs", "cls", "function", "line", "module", "serial")

    def __init__(self, cls: Value, args: Args | None, frame: Frame | None) -> None:
        self.cls = cls
        self.args = args
        self.attrs: dict[str, Value] = {}
        self.module = frame.module.name if frame else ""
        self.function = frame.function if frame else None
        self.line = frame.line if frame else 0
        self.serial = 0

    @property
    def tags(self) -> dict[str, Any]:
        return self.attrs

    def identify(self) -> None:
        """Tell the object from all others of its class: what its methods do to it is its own."""
        self.serial = next(serials)

    def given(self) -> Args:
        """The arguments that reach the library's constructor, also through a subclass's ``__init__``."""
        own = self.args or Args()
        base = LIBRARY_INIT.of(self)
        if base is not None and base.args is not None:
            return Args(base.args.positional or own.positional, {**own.keywords, **base.args.keywords})
        return own

    def arg(self, index: int | None, name: str | None = None) -> Value | None:
        """One of the arguments that reach the library's constructor."""
        return self.given().get(index, name)

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name in self.attrs:
            return self.attrs[name]
        if name == "__class__":
            return self.cls
        value = interp.instance_member(self, name, frame)
        return doubted(value) if ANY in self.attrs else value

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        interp.store_attribute(self, name, value, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        result = interp.call_method(self, "__call__", args, frame)
        name = self.cls.name if isinstance(self.cls, External) else ""
        given = any(value.decorable or _instance(interp, value) for value in args.positional)
        given = given or (
            ".decorators." in name and any(isinstance(one, External) for one in args.positional)
        )
        if result is UNKNOWN and isinstance(self.cls, External) and given:
            # A library's decorator used as a function: what it was given can still be told.
            return Object(External(f"{self.cls.name}()"), args, frame)
        return result

    def _fields(self, interp: Interpreter) -> list[str] | None:
        """Of a named tuple, the names of its elements; those of the class that states them."""
        if not isinstance(self.cls, Class):
            return None
        lineage = self.cls.mro()
        for one in lineage:
            if "fields" in one.extra:
                return list(one.extra["fields"])
        stated = [one for one in lineage if "typing.NamedTuple" in one.ancestors(interp)]
        return list(stated[-1].annotations) if stated else None

    def _own(self, name: str) -> bool:
        """Whether a class of the monolith says what a method does that a named tuple has."""
        return isinstance(self.cls, Class) and self.cls.find(name) is not None

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        fields = self._fields(interp)
        if fields is not None and not self._own("__iter__"):
            return [self.get(interp, name, frame) for name in fields], True
        result = interp.call_method(self, "__iter__", Args(), frame)
        if result is not self:
            return result.elements(interp, frame)
        with interp.changes.doubtful():  # how often it is asked is not followed
            return [interp.call_method(self, "__next__", Args(), frame)], False

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        fields = self._fields(interp)
        if fields is not None and not self._own("__getitem__"):
            held: list[Value] = [self.get(interp, name, frame) for name in fields]
            return Sequence(held, "tuple").item(interp, key, frame)
        return interp.call_method(self, "__getitem__", Args([key]), frame)

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        result = interp.call_method(self, "__enter__", Args(), frame)
        if result is UNKNOWN and isinstance(self.cls, Class) and self.cls.find("__aenter__"):
            return interp.call_method(self, "__aenter__", Args(), frame)
        return self if result is UNKNOWN and isinstance(self.cls, External) else result

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return interp.call_method(self, f"operator {operator}", Args([other]), frame)

    def truth(self) -> bool | None:
        cls = self.cls
        if self.serial and isinstance(cls, Class) and not cls.find("__bool__") and not cls.find("__len__"):
            return None if cls.may_be_empty else True
        return None

    def key(self) -> Hashable:
        if self.serial:
            return ("o", self.serial)
        cls = self.cls
        kind = cls.serial if type(cls) is Class else cls.key()
        if self.args is None or type(cls) is Class:
            if not self.attrs:
                return ("o", kind)
            # A repository of boats does something else than one of crews, and so does another statement.
            held: list[tuple[str, Hashable]] = []
            for name, value in self.attrs.items():
                if type(value) is Class:
                    held.append((name, value.serial))
                elif (type(value) is Const and isinstance(value.value, str)) or type(value) is Text:
                    held.append((name, value.key()))
            return ("o", kind, *sorted(held, key=itemgetter(0))) if held else ("o", kind)
        return ("o", kind, self.module, self.line)

    def __repr__(self) -> str:
        return f"<{self.cls!r} object>"


LIBRARY_INIT = Tag("super().__init__", Object)
"""What a subclass's constructor hands to the library's: an object with these arguments."""


class Attributes(Mapping):
    """``vars(obj)``: what is put there is on the object."""

    __slots__ = ("obj",)

    def __init__(self, obj: Object) -> None:
        self.obj = obj
        self.others = []
        self.open = True

    @property
    def items(self) -> dict[Any, Value]:  # type: ignore[override]
        held = self.obj.attrs.items()
        return {
            name.removesuffix(BEHIND): one for name, one in held if name.removesuffix(BEHIND).isidentifier()
        }

    def update(self, interp: Interpreter, other: Value, frame: Frame) -> None:
        if not isinstance(other, Mapping) or other.open:
            interp.unsettle(self.obj)
        for name, value in other.items.items() if isinstance(other, Mapping) else ():
            self.put(interp, Const(name), value)

    def put(self, interp: Interpreter, name: Value, value: Value) -> None:
        """``vars(obj)[name] = value``."""
        if type(name) is Const and isinstance(name.value, str):
            hidden = BEHIND if interp.has_data_descriptor(self.obj, name.value) else ""
            interp.set_on(self.obj, name.value + hidden, value)
        else:
            interp.unsettle(self.obj)

    def key(self) -> Hashable:
        return ("names of", self.obj.key())


def _instance(interp: Interpreter, value: Value) -> bool:
    """An object that can be called itself: of a first-party class, or with another decorator around it."""
    cls = value.cls if isinstance(value, Object) else None
    if isinstance(cls, Class):
        return cls.find("__call__") is not None
    given = value.args.positional if isinstance(value, Object) and value.args is not None else []
    if not isinstance(cls, External):
        return False
    if cls.name.rpartition(".")[2] in interp.knowledge.callable_makers:
        return True
    return any(one.decorable or _instance(interp, one) for one in given[:3])


class Super(Value):
    """``super()``: look-up starts behind ``after`` in the lineage of the receiver's class."""

    __slots__ = ("after", "receiver")

    def __init__(self, after: Class, receiver: Value) -> None:
        self.after = after
        self.receiver = receiver

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return interp.super_member(self, name, frame)

    def key(self) -> Hashable:
        return ("super", self.after.key(), self.receiver.key())


def class_options(value: Value) -> list[Class]:
    """The first-party classes that a base-class expression can be."""
    classes = []
    for option in value.options():
        origin = option.origin if isinstance(option, Generic) else option
        if isinstance(origin, Class):
            classes.append(origin)
    return classes
