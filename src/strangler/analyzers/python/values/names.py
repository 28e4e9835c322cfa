"""What a name can stand for before anything is called: modules, and what comes from libraries."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from strangler.analyzers.python.values.base import UNKNOWN, Args, Const, Value
from strangler.analyzers.python.values.unions import join

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter


class Module(Value):
    """A first-party module or package."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return interp.program.member(self.name, name)

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        scope = interp.program.scope(self.name)
        if scope is not None and interp.booting:
            if scope.frame is not None:
                interp.changes.before(scope.frame)
            known = scope.env.get(name) if scope is not frame.module else None  # who comes last is not sure
            scope.env[name] = value if known is None else join([known, value])

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

    def now(self, interp: Interpreter) -> Value:
        """What the name is by now."""
        scope = interp.program.scope(self.module)
        value = scope.env.get(self.name, UNKNOWN) if scope else UNKNOWN
        return value if not isinstance(value, Deferred) or value is self else UNKNOWN

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        value = self.now(interp)
        return UNKNOWN if value is self else value.get(interp, name, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        value = self.now(interp)
        if value is UNKNOWN or value is self:
            return interp.made_by(self, args, frame)
        return value.call(interp, args, frame)

    def key(self) -> Hashable:
        return ("d", self.module, self.name)


TYPES_ALONE = "typing.TYPE_CHECKING"
"""The constant that is true for those alone who check types."""


class External(Value):
    """Something of a library that is not part of the monolith, by its dotted name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        handler = interp.knowledge.attributes.get(self.name)
        if handler is not None:
            value = handler(interp, self, name, frame)
            if value is not None:
                return value
        handler = interp.knowledge.attribute_endings.get(name)
        if handler is not None:
            value = handler(interp, self, name, frame)
            if value is not None:
                return value
        return interp.external(f"{self.name}.{name}")

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        handler = interp.knowledge.calls.get(self.name)
        unbound = interp.knowledge.methods.get(self.name) if handler is None else None
        if unbound is not None and args.positional:
            # ``Base.__init__(self, ...)``: a library's method, on an object that descends from its class.
            owner, rest = args.positional[0], Args(args.positional[1:], args.keywords, args.open)
            if self.name.rpartition(".")[0] in interp.lineage(owner):
                value = unbound(interp, owner, rest, frame)
                if value is not None:
                    return value
        owner_name, _, method = self.name.rpartition(".")
        if handler is None and unbound is None and method == "__new__" and args.positional:
            made_by = args.positional[0]  # ``ModelBase.__new__(cls, ...)``: as ``super().__new__(cls, ...)``
            if owner_name in interp.lineage(made_by):
                return interp.call_library_method(made_by, method, args, frame)
        if handler is not None:
            value = handler(interp, self, args, frame)
            if value is not None:
                return value
        else:
            handler = interp.knowledge.endings.get(self.name.rpartition(".")[2])
            if handler is not None:
                handler(interp, self, args, frame)
            loaded = interp.knowledge.load(interp, self, args, frame) if unbound is None else None
            if loaded is not None:
                return loaded
        if not interp.booting:
            for argument in args.all():
                argument.escaped(interp, frame)
        if interp.booting:
            heir = interp.knowledge.heir_of(self.name)
            makes = interp.knowledge.calls.get(heir) if heir is not None else None
            if makes is not None and not any(interp.registers_things(one) for one in args.all()):
                made = makes(interp, self, args, frame)
                if made is not None:
                    return made
            given = [*args.positional[:1], *args.keywords.values()]
            wrapped = next((one for one in given if self._wraps(interp, one)), None)
            if handler is None:
                interp.hand_application(self, args, frame)
            if wrapped is not None:
                return wrapped
        return interp.made_by(self, args, frame)

    def _wraps(self, interp: Interpreter, value: Value) -> bool:
        """Whether an unknown function is given what registers things: it gives back what it was given."""
        last = self.name.rpartition(".")[2]
        if last != last.lower() or interp.knowledge.lineage(self.name) != {self.name}:
            return False
        return interp.registers_things(value)

    def truth(self) -> bool | None:
        return False if self.name == TYPES_ALONE else None

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        if self.name == "sys.modules":
            name = key.value if isinstance(key, Const) else None
            return Module(name) if isinstance(name, str) and name in interp.program else UNKNOWN
        kind = interp.knowledge.items.get(self.name)
        return interp.made_by(External(kind), Args([key]), frame) if kind is not None else Generic(self, key)

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return join([self, other]) if operator == "|" else UNKNOWN

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

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.origin.get(interp, name, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return self.origin.call(interp, args, frame)

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        return join([self, other]) if operator == "|" else UNKNOWN

    def key(self) -> Hashable:
        return ("g", self.origin.key(), self.argument.key())

    def __repr__(self) -> str:
        return f"{self.origin!r}[{self.argument!r}]"
