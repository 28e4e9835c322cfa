"""What an expression can be: the values of the abstract interpreter.

Each value answers the questions that Python asks of an object (attribute, call, iteration, item, truth).
Frameworks add kinds of their own (managers, query sets, sessions, blueprints) as subclasses of ``Value``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Frame, Interpreter
    from strangler.analyzers.python.ir import Node
    from strangler.analyzers.python.program import ModuleScope

MOST_OPTIONS = 12
MOST_ITEMS = 5000

_serials = count(1)
"""Numbers in order of creation: unlike ``id`` they are never reused and the same in every run."""


class Args:
    """The arguments of a call; ``open`` where ``*args`` or ``**kwargs`` of unknown content were passed."""

    __slots__ = ("keywords", "open", "positional")

    def __init__(
        self,
        positional: list[Value] | None = None,
        keywords: dict[str, Value] | None = None,
        open: bool = False,
    ) -> None:
        self.positional = positional if positional is not None else []
        self.keywords = keywords if keywords is not None else {}
        self.open = open

    def get(self, index: int | None, name: str | None = None) -> Value | None:
        """The argument at a position or of a name; None where it was not given."""
        if name is not None and name in self.keywords:
            return self.keywords[name]
        if index is not None and index < len(self.positional):
            return self.positional[index]
        return None

    def text(self, index: int | None, name: str | None = None) -> str | None:
        """The argument as a string where it is a known string."""
        value = self.get(index, name)
        return value.value if isinstance(value, Const) and isinstance(value.value, str) else None

    def all(self) -> Iterator[Value]:
        """Every argument."""
        yield from self.positional
        yield from self.keywords.values()


class Value:
    """A value of which nothing is known; the base of all others."""

    __slots__ = ()
    by_identity = False
    """Whether two of them are equal only if they are the same: functions, classes."""

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        """The attribute ``name``."""
        return UNKNOWN

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        """The result of calling the value."""
        return UNKNOWN

    def elements(self, ip: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        """What iteration yields, and whether that is exactly the list (else each may come often or never)."""
        return [], False

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        """The result of ``value[key]``."""
        return UNKNOWN

    def enter(self, ip: Interpreter, frame: Frame) -> Value:
        """What ``with value as x`` binds to x."""
        return self

    def awaited(self, ip: Interpreter, frame: Frame) -> Value:
        """The result of ``await value``."""
        return self

    def store(self, ip: Interpreter, name: str, value: Value, frame: Frame) -> None:
        """``value.name = value``."""

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        """The result of ``value <operator> other``."""
        return UNKNOWN

    def escaped(self, ip: Interpreter, frame: Frame) -> None:
        """The value leaves what can be followed: returned, yielded, kept, or given to a library."""

    def truth(self) -> bool | None:
        """True, False, or None where it cannot be told."""
        return None

    def key(self) -> Hashable:
        """Equal for values that behave alike; the key under which results of calls are remembered."""
        return "?"

    def options(self) -> Iterable[Value]:
        """The values that it may be."""
        return (self,)


UNKNOWN = Value()


class Const(Value):
    """A string, number, boolean or None."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name) if isinstance(self.value, str) else UNKNOWN

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        from strangler.analyzers.python.text import operate

        return operate(self, operator, other)

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        if isinstance(self.value, str) and isinstance(key, Const) and isinstance(key.value, int):
            try:
                return Const(self.value[key.value])
            except IndexError:
                return UNKNOWN
        if isinstance(self.value, str) and isinstance(key, Slice):
            return Const(self.value[key.value])
        return UNKNOWN

    def truth(self) -> bool | None:
        return bool(self.value)

    def key(self) -> Hashable:
        value = self.value
        if isinstance(value, str):
            return ("s", value) if len(value) < 80 else "str"
        small = value is None or (isinstance(value, int) and abs(value) < 10_000)
        return ("c", value) if small else "num"

    def __repr__(self) -> str:
        return f"Const({self.value!r})"


NONE, TRUE, FALSE = Const(None), Const(True), Const(False)


class Text(Value):
    """A string of which some parts are not known: ``parts`` holds strings and None for the holes."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[str | None]) -> None:
        self.parts = parts

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name)

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        from strangler.analyzers.python.text import operate

        return operate(self, operator, other)

    def key(self) -> Hashable:
        return "str"

    def __repr__(self) -> str:
        return f"Text({self.parts!r})"


class Sequence(Value):
    """A list, tuple or set; ``open``: the items are samples, not the exact content."""

    __slots__ = ("items", "kind", "open", "region")

    def __init__(self, items: list[Value], kind: str = "list", open: bool = False) -> None:
        self.items = items
        self.kind = kind
        self.open = open

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name)

    def elements(self, ip: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return list(self.items), not self.open

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        if isinstance(key, Const) and isinstance(key.value, int) and not self.open:
            try:
                return self.items[key.value]
            except IndexError:
                return UNKNOWN
        if isinstance(key, Slice) and not self.open:
            return Sequence(self.items[key.value], self.kind)
        return join(self.items)

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if operator in "+|":
            if isinstance(other, Sequence):
                return Sequence([*self.items, *other.items], self.kind, self.open or other.open)
            items, exact = other.elements(ip, frame)
            return Sequence([*self.items, *items], self.kind, self.open or not exact)
        if operator == "*":
            return Sequence(self.items, self.kind, True)
        return self

    def enter(self, ip: Interpreter, frame: Frame) -> Value:
        # A generator function under ``contextmanager``: what it yields is bound.
        return join(self.items) if self.kind == "generator" else self

    def escaped(self, ip: Interpreter, frame: Frame) -> None:
        values = self.items.values() if isinstance(self.items, dict) else self.items
        for value in list(values)[:50]:
            value.escaped(ip, frame)

    def truth(self) -> bool | None:
        return None if self.open else bool(self.items)

    def key(self) -> Hashable:
        return (self.kind, len(self.items) if not self.open else -1, *(i.key() for i in self.items[:6]))

    def __repr__(self) -> str:
        return f"{self.kind}{self.items!r}{'...' if self.open else ''}"

    def extend(self, items: list[Value], exact: bool = True) -> None:
        """Add items in place; a list that grows without end keeps its first ones as samples."""
        room = max(MOST_ITEMS - len(self.items), 0)
        self.items += items[:room]
        self.open = self.open or not exact or len(items) > room


class TupleKey(Sequence):
    """An exact tuple or frozen set as the key of a dict: equal if the parts are."""

    __slots__ = ("parts",)

    def __init__(self, items: list[Value], kind: str, parts: tuple[Any, ...]) -> None:
        super().__init__(items, kind)
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TupleKey) and self.kind == other.kind and self.parts == other.parts

    def __hash__(self) -> int:
        return hash((self.kind, self.parts))


def mapping_key(value: Value) -> Any:
    """What stands for a value among the keys of a ``Mapping``; UNKNOWN where it cannot be told."""
    if isinstance(value, Const):
        return value.value if value.value.__hash__ is not None else UNKNOWN
    if isinstance(value, Sequence):
        if value.open or value.kind not in ("tuple", "set") or len(value.items) > MOST_OPTIONS:
            return UNKNOWN
        parts = tuple(mapping_key(item) for item in value.items)
        if any(part is UNKNOWN for part in parts):
            return UNKNOWN
        return TupleKey(value.items, value.kind, parts)
    return value if value.by_identity else UNKNOWN


class GeneratorContext(Sequence):
    """A call of a generator function under ``contextmanager``."""

    __slots__ = ("bound", "function")

    def __init__(self, items: list[Value], function: Function, bound: dict[str, Value]) -> None:
        super().__init__(items, "generator", True)
        self.function = function
        self.bound = bound

    def around(self, ip: Interpreter, inside: Callable[[Value], None], frame: Frame) -> None:
        """Run the generator; ``inside`` is called where it yields."""
        ip.run(self.function, dict(self.bound), frame, inside)


class Slice(Value):
    """A slice with constant ends."""

    __slots__ = ("value",)

    def __init__(self, value: slice) -> None:
        self.value = value


class Mapping(Value):
    """A dict with constant keys; ``others`` are values under keys that are not known."""

    __slots__ = ("items", "open", "others")

    def __init__(
        self, items: dict[Any, Value] | None = None, others: list[Value] | None = None, open: bool = False
    ) -> None:
        self.items = items if items is not None else {}
        self.others = others if others is not None else []
        self.open = open or bool(self.others)

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name)

    def elements(self, ip: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [k if isinstance(k, Value) else Const(k) for k in self.items], not self.open

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        known = mapping_key(key)
        if known is not UNKNOWN:
            return self.items[known] if known in self.items else join(self.others)
        return join([*self.items.values(), *self.others])

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if operator == "|" and isinstance(other, Mapping):
            return Mapping(
                {**self.items, **other.items}, [*self.others, *other.others], self.open or other.open
            )
        return self

    def escaped(self, ip: Interpreter, frame: Frame) -> None:
        values = self.items.values() if isinstance(self.items, dict) else self.items
        for value in list(values)[:50]:
            value.escaped(ip, frame)

    def truth(self) -> bool | None:
        return None if self.open else bool(self.items)

    def key(self) -> Hashable:
        return ("dict", tuple((str(k), v.key()) for k, v in list(self.items.items())[:6]))

    def __repr__(self) -> str:
        return f"dict{self.items!r}"


class Module(Value):
    """A first-party module or package."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return ip.program.member(self.name, name)

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("m", self.name)

    def __repr__(self) -> str:
        return f"<module {self.name}>"


class Deferred(Value):
    """A name of a module that was still being run when it was imported (a circular import)."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    def now(self, ip: Interpreter) -> Value:
        """What the name is by now."""
        scope = ip.program.scope(self.module)
        value = scope.env.get(self.name, UNKNOWN) if scope else UNKNOWN
        return value if not isinstance(value, Deferred) or value is self else UNKNOWN

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        value = self.now(ip)
        return UNKNOWN if value is self else value.get(ip, name, frame)

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        value = self.now(ip)
        if value is UNKNOWN or value is self:
            return Object(self, args, frame)
        return value.call(ip, args, frame)

    def key(self) -> Hashable:
        return ("d", self.module, self.name)


class External(Value):
    """Something of a library that is not part of the monolith, by its dotted name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        handler = ip.knowledge.attributes.get(self.name)
        if handler is not None:
            value = handler(ip, self, name, frame)
            if value is not None:
                return value
        return ip.external(f"{self.name}.{name}")

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        handler = ip.knowledge.calls.get(self.name)
        if handler is not None:
            value = handler(ip, self, args, frame)
            if value is not None:
                return value
        if not ip.booting:
            for argument in args.all():
                argument.escaped(ip, frame)
        return Object(self, args, frame)

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        kind = ip.knowledge.items.get(self.name)
        return Object(External(kind), Args([key]), frame) if kind is not None else Generic(self, key)

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return join([self, other]) if operator == "|" else UNKNOWN

    def truth(self) -> bool | None:
        return None

    def key(self) -> Hashable:
        return ("x", self.name)

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Generic(Value):
    """A subscripted class: ``list[Order]``, ``Mapped["Order"]``."""

    __slots__ = ("argument", "origin")

    def __init__(self, origin: Value, argument: Value) -> None:
        self.origin = origin
        self.argument = argument

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return self.origin.get(ip, name, frame)

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        return self.origin.call(ip, args, frame)

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return join([self, other]) if operator == "|" else UNKNOWN

    def key(self) -> Hashable:
        return ("g", self.origin.key(), self.argument.key())

    def __repr__(self) -> str:
        return f"{self.origin!r}[{self.argument!r}]"


class Function(Value):
    """A first-party function; ``scope`` is the frame in which it was defined."""

    by_identity = True

    __slots__ = (
        "attrs",
        "body",
        "bound_defaults",
        "called",
        "decorators",
        "effects",
        "end_line",
        "is_async",
        "line",
        "module",
        "name",
        "owner",
        "params",
        "qualname",
        "results",
        "returns",
        "running",
        "scope",
        "serial",
        "wrapped",
    )

    def __init__(
        self,
        module: ModuleScope,
        qualname: str,
        name: str,
        params: list[Any],
        body: bytes,
        returns: Node | None,
        scope: Frame,
        line: int,
        end_line: int,
        is_async: bool = False,
    ) -> None:
        self.module = module
        self.qualname = qualname
        self.name = name
        self.params = params
        self.body = body
        self.returns = returns
        self.scope = scope
        self.line = line
        self.end_line = end_line
        self.is_async = is_async
        self.serial = next(_serials)
        self.owner: Class | None = None
        self.wrapped: Value | None = None
        self.attrs: dict[str, Value] = {}
        self.decorators: list[Value] = []
        self.bound_defaults: dict[str, Value] = {}
        self.results: dict[Hashable, Value] = {}
        self.running: set[Hashable] = set()
        self.effects: dict[Hashable, set[Any]] = {}
        """Arguments -> the (table, operation) pairs that a call touches."""
        self.called = False
        """Whether any code that was run called it."""

    @property
    def dotted(self) -> str:
        """``module.qualname``."""
        return f"{self.module.name}.{self.qualname}"

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        if name in self.attrs:
            return self.attrs[name]
        if name in ("__name__", "__qualname__"):
            return Const(self.name if name == "__name__" else self.qualname)
        if name == "__module__":
            return Const(self.module.name)
        if name == "__wrapped__":
            return self.wrapped or UNKNOWN
        return Method(self, name)

    def store(self, ip: Interpreter, name: str, value: Value, frame: Frame) -> None:
        self.attrs[name] = value

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        return ip.invoke(self, args, frame)

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("f", self.serial)

    def __repr__(self) -> str:
        return f"<function {self.dotted}>"


class Wrapper(Value):
    """``property``, ``classmethod`` or ``staticmethod`` around a function."""

    __slots__ = ("function", "kind")

    def __init__(self, kind: str, function: Value) -> None:
        self.kind = kind
        self.function = function

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        if self.kind == "property" and name in ("setter", "getter", "deleter", "expression", "comparator"):
            return Method(self, name)
        return self.function.get(ip, name, frame)

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        return self.function.call(ip, args, frame)


class Bound(Value):
    """A method with the object or class that it belongs to."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: Value, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        if name in ("__self__", "__func__"):
            return self.receiver if name == "__self__" else self.function
        return self.function.get(ip, name, frame)

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        return self.function.call(
            ip, Args([self.receiver, *args.positional], args.keywords, args.open), frame
        )

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("b", self.function.key(), self.receiver.key())

    def __repr__(self) -> str:
        return f"<bound {self.function!r} of {self.receiver!r}>"


class Method(Value):
    """A method of a value whose behaviour the interpreter or a framework knows by name."""

    __slots__ = ("name", "receiver")

    def __init__(self, receiver: Value, name: str) -> None:
        self.receiver = receiver
        self.name = name

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        return ip.call_method(self.receiver, self.name, args, frame)

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name)

    def key(self) -> Hashable:
        return ("meth", self.receiver.key(), self.name)

    def __repr__(self) -> str:
        return f"<method {self.name} of {self.receiver!r}>"


class LibraryMethod(Method):
    """A method reached through ``super()``: the library's own, whatever first-party classes override."""

    __slots__ = ()

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        return ip.call_library_method(self.receiver, self.name, args, frame)


class Class(Value):
    """A first-party class."""

    by_identity = True

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
        self.serial = next(_serials)
        self.bases: list[Value] = []
        self.keywords: dict[str, Value] = {}
        self.decorators: list[Value] = []
        self.namespace: dict[str, Value] = {}
        self.annotations: dict[str, tuple[Node, Frame]] = {}
        self.attrs: dict[str, Value] = {}
        """Attributes assigned to instances (``self.x = ...``) anywhere in the class."""
        self.extra: dict[str, Any] = {}
        """What frameworks know of the class."""
        self.initialised = False
        self.lineage: list[Class] | None = None
        self.roots: frozenset[str] | None = None

    @property
    def dotted(self) -> str:
        """``module.qualname``."""
        return f"{self.module.name}.{self.qualname}"

    def mro(self) -> list[Class]:
        """The first-party classes in method resolution order (C3; depth first where that fails)."""
        if self.lineage is None:
            self.lineage = [self]  # a class that inherits from itself through a cycle stays alone
            parents = [b for base in self.bases for b in class_options(base)]
            self.lineage = [self, *_merge([[*p.mro()] for p in parents] + [list(parents)])]
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
            self.extra["full mro"] = known = [self, *_merge([[*m] for m in above] + [list(parents)])]
        return known

    def ancestors(self, ip: Interpreter) -> frozenset[str]:
        """Dotted names of every library class that it descends from, known hierarchies included."""
        if self.roots is None:
            names: set[str] = set()
            for cls in self.mro():
                for base in cls.bases:
                    for option in base.options():
                        origin = option.origin if isinstance(option, Generic) else option
                        if isinstance(origin, External):
                            names |= ip.knowledge.lineage(origin.name)
                        elif isinstance(origin, Object):
                            names |= ip.knowledge.lineage(ip.kind(origin) + "()")
            self.roots = frozenset(names)
        return self.roots

    def find(self, name: str) -> tuple[Value, Class] | None:
        """The class attribute ``name`` and the class of the lineage that defines it."""
        for cls in self.mro():
            if name in cls.namespace:
                return cls.namespace[name], cls
        return None

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        found = self.find(name)
        if found is None:
            if name in ("__name__", "__qualname__"):
                return Const(self.name if name == "__name__" else self.qualname)
            if name == "__module__":
                return Const(self.module.name)
            if name == "__mro__":
                return Sequence(list(self.mro()), "tuple")
            return ip.class_member(self, name, frame)
        value, _ = found
        special = ip.class_descriptor(self, name, value, frame)
        if special is not None:
            return special
        if isinstance(value, Wrapper):
            if value.kind == "class":
                return Bound(value.function, self)
            return value.function if value.kind == "static" else value
        return value

    def store(self, ip: Interpreter, name: str, value: Value, frame: Frame) -> None:
        self.namespace[name] = value

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        return ip.instantiate(self, args, frame)

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        special = ip.class_item(self, key, frame)
        return special if special is not None else Generic(self, key)

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return join([self, other]) if operator == "|" else UNKNOWN

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("C", self.serial)

    def __repr__(self) -> str:
        return f"<class {self.dotted}>"


class Object(Value):
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

    def identify(self) -> None:
        """Tell the object from all others of its class: what its methods do to it is its own."""
        self.serial = next(_serials)

    def arg(self, index: int | None, name: str | None = None) -> Value | None:
        """An argument of the call that made it."""
        return self.args.get(index, name) if self.args is not None else None

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        if name in self.attrs:
            return self.attrs[name]
        if name == "__class__":
            return self.cls
        return ip.instance_member(self, name, frame)

    def store(self, ip: Interpreter, name: str, value: Value, frame: Frame) -> None:
        ip.store_attribute(self, name, value, frame)

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        result = ip.call_method(self, "__call__", args, frame)
        given = any(isinstance(value, (Function, Bound, Class)) for value in args.positional)
        if result is UNKNOWN and isinstance(self.cls, External) and given:
            # A library's decorator used as a function: what it was given can still be told.
            return Object(External(f"{self.cls.name}()"), args, frame)
        return result

    def elements(self, ip: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        fields = self.cls.extra.get("fields") if isinstance(self.cls, Class) else None
        if fields is None and isinstance(self.cls, Class) and "typing.NamedTuple" in self.cls.ancestors(ip):
            fields = list(self.cls.annotations)
        if fields is not None:
            return [self.get(ip, name, frame) for name in fields], True
        result = ip.call_method(self, "__iter__", Args(), frame)
        return result.elements(ip, frame) if result is not UNKNOWN and result is not self else ([], False)

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        fields = self.cls.extra.get("fields") if isinstance(self.cls, Class) else None
        if fields is not None:
            return Sequence(self.elements(ip, frame)[0], "tuple").item(ip, key, frame)
        return ip.call_method(self, "__getitem__", Args([key]), frame)

    def enter(self, ip: Interpreter, frame: Frame) -> Value:
        result = ip.call_method(self, "__enter__", Args(), frame)
        if result is UNKNOWN and isinstance(self.cls, Class) and self.cls.find("__aenter__"):
            return ip.call_method(self, "__aenter__", Args(), frame)
        return self if result is UNKNOWN and isinstance(self.cls, External) else result

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return ip.call_method(self, f"operator {operator}", Args([other]), frame)

    def truth(self) -> bool | None:
        cls = self.cls
        if self.serial and isinstance(cls, Class) and not cls.find("__bool__") and not cls.find("__len__"):
            return True
        return None

    def key(self) -> Hashable:
        if self.serial:
            return ("o", self.cls.key(), self.serial)
        if self.args is None or isinstance(self.cls, Class):
            return ("o", self.cls.key())
        return ("o", self.cls.key(), self.module, self.line)

    def __repr__(self) -> str:
        return f"<{self.cls!r} object>"


class Super(Value):
    """``super()``: look-up starts behind ``after`` in the lineage of the receiver's class."""

    __slots__ = ("after", "receiver")

    def __init__(self, after: Class, receiver: Value) -> None:
        self.after = after
        self.receiver = receiver

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return ip.super_member(self, name, frame)

    def key(self) -> Hashable:
        return ("super", self.after.key(), self.receiver.key())


class Union(Value):
    """One of several values."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[Value, ...]) -> None:
        self.values = values

    def options(self) -> Iterable[Value]:
        return self.values

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        return join([v.get(ip, name, frame) for v in self.values])

    def call(self, ip: Interpreter, args: Args, frame: Frame) -> Value:
        return join([v.call(ip, args, frame) for v in self.values])

    def elements(self, ip: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        found: list[Value] = []
        for value in self.values:
            found += value.elements(ip, frame)[0]
        return found, False

    def item(self, ip: Interpreter, key: Value, frame: Frame) -> Value:
        return join([v.item(ip, key, frame) for v in self.values])

    def enter(self, ip: Interpreter, frame: Frame) -> Value:
        return join([v.enter(ip, frame) for v in self.values])

    def awaited(self, ip: Interpreter, frame: Frame) -> Value:
        return join([v.awaited(ip, frame) for v in self.values])

    def store(self, ip: Interpreter, name: str, value: Value, frame: Frame) -> None:
        for option in self.values:
            option.store(ip, name, value, frame)

    def operate(self, ip: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return join([v.operate(ip, operator, other, frame) for v in self.values])

    def escaped(self, ip: Interpreter, frame: Frame) -> None:
        for value in self.values:
            value.escaped(ip, frame)

    def truth(self) -> bool | None:
        truths = {v.truth() for v in self.values}
        return truths.pop() if len(truths) == 1 else None

    def key(self) -> Hashable:
        return ("u", *(v.key() for v in self.values))

    def __repr__(self) -> str:
        return " | ".join(map(repr, self.values))


def join(values: Iterable[Value]) -> Value:
    """The value that may be any of ``values``; what is unknown adds nothing to what is known."""
    found: list[Value] = []
    seen: set[Hashable] = set()
    known = [value for value in values if value is not UNKNOWN]
    if len(known) < 2:
        return known[0] if known else UNKNOWN
    for value in known:
        for option in value.options():
            if option is UNKNOWN:
                continue
            key = id(option) if isinstance(option, (Sequence, Mapping)) else option.key()
            if key not in seen:
                seen.add(key)
                found.append(option)
    if not found:
        return UNKNOWN
    if len(found) == 1:
        return found[0]
    return Union(tuple(found[:MOST_OPTIONS]))


def class_options(value: Value) -> list[Class]:
    """The first-party classes that a base-class expression can be."""
    classes = []
    for option in value.options():
        origin = option.origin if isinstance(option, Generic) else option
        if isinstance(origin, Class):
            classes.append(origin)
    return classes


_Member = TypeVar("_Member", bound=Value)


def _merge(sequences: list[list[_Member]]) -> list[_Member]:
    merged: list[_Member] = []
    sequences = [s for s in sequences if s]
    while sequences:
        for sequence in sequences:
            head = sequence[0]
            if not any(head in other[1:] for other in sequences):
                break
        else:
            head = sequences[0][0]  # an impossible order in the source: depth first
            sequences = [[c for c in s if c is not head or s[0] is head] for s in sequences]
        merged.append(head)
        sequences = [rest for s in sequences if (rest := s[1:] if s[0] is head else s)]
    return merged
