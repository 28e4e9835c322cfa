"""The abstract interpreter: runs module bodies and functions on what is known, and notes what they do.

Nothing of the monolith is executed: every step works on the compact source and on abstract values.
Where Python would need a value that is not known, both ways are taken and the results joined.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from strangler.analyzers.python import annotated as typed
from strangler.analyzers.python import (
    binding,
    calling,
    comparisons,
    handing,
    importing,
    members,
    syntax,
    text,
)
from strangler.analyzers.python.assignment import assign
from strangler.analyzers.python.budget import Budget, Exhausted
from strangler.analyzers.python.builtins import reflection
from strangler.analyzers.python.changes import Changes
from strangler.analyzers.python.entries import Effect
from strangler.analyzers.python.expressions import bind_defaults, evaluate
from strangler.analyzers.python.files import module_attribute
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.knowledge import Knowledge
from strangler.analyzers.python.log import Log
from strangler.analyzers.python.program import ModuleScope, Program
from strangler.analyzers.python.statements import execute
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Class,
    Deferred,
    External,
    Function,
    Generic,
    Object,
    Value,
    Written,
    doubted,
)
from strangler.limits import DEFAULT, Limits

S = TypeVar("S")
HandOver = Callable[["Interpreter", Function, set[Effect], dict[str, Value], Frame], None]
"""(run, called function, what it touches, its arguments by name, the caller's frame)"""
NamesData = Callable[["Interpreter", dict[str, Value]], bool]
"""(run, arguments by name)"""


class Interpreter:
    """Runs a ``Program`` with ``Knowledge`` of libraries; frameworks read what it noted."""

    exhausted = Exhausted

    # The parts of the work that fill rooms of their own.
    hand_application = handing.hand_over
    registers_things = handing.registers_things
    import_module = importing.import_module
    import_by_name = importing.import_by_name
    import_noted = importing.import_noted
    run_module = importing.run_module
    execute = execute
    evaluate = evaluate
    assign = assign
    module_getattr = calling.module_getattr
    invoke = calling.invoke
    general = calling.general
    run = calling.run
    make_class = reflection.make_class
    operate_on_text = text.operate
    combine_sets = comparisons.combine
    analyse = calling.analyse
    bind = binding.bind
    default = binding.default
    parameters = binding.parameters
    self_of = binding.self_of
    subclasses = calling.subclasses
    classes_called = calling.classes_called
    instantiate = calling.instantiate
    instantiate_plainly = calling.instantiate_plainly
    invoke_concrete = calling.invoke_concrete
    call_method = calling.call_method
    enter_by_hand = calling.enter_by_hand
    call_library_method = calling.call_library_method
    annotated = typed.annotated
    instance_of = typed.instance_of
    class_descriptor = members.class_descriptor
    class_member = members.class_member
    class_item = members.class_item
    instance_member = members.instance_member
    assigned = members.assigned
    bind_member = members.bind_member
    descriptor = members.descriptor
    super_member = members.super_member
    store_attribute = members.store_attribute
    put_attribute = members.put_attribute
    set_on = members.set_on
    has_data_descriptor = staticmethod(members.has_data_descriptor)
    delete_attribute = members.delete_attribute
    drop_attribute = members.drop_attribute
    store_unnamed = members.store_unnamed
    unsettle = members.unsettle

    def __init__(
        self,
        program: Program,
        knowledge: Knowledge,
        hand_over: HandOver,
        names_data: NamesData,
        limits: Limits = DEFAULT,
    ) -> None:
        """Make ready to run.

        Args:
            hand_over: told of each call of a function that touches data: it notes at the calling line what
                the call names.
            names_data: whether a call names data, which counts where it is not followed.
            limits: how much is done.
        """
        self.limits = limits
        self.program = program
        self.knowledge = knowledge
        self.hand_over = hand_over
        self.names_data = names_data
        program.interp = self
        self._externals: dict[str, External] = {}
        self._bases_in: dict[int, tuple[int, dict[frozenset[str], tuple[str, ...]]]] = {}
        self._functions: dict[tuple[str, str, int], Function] = {}
        self.classes: list[Class] = []
        self._type_depth = 0
        self._called: tuple[int, dict[str, list[Class]]] | None = None
        self._subclasses: tuple[int, dict[Class, list[Class]]] | None = None
        self.marks: set[str] = set()
        """Attributes that functions of the monolith are given."""
        self.registrations = 0
        """So far (routes, tasks, receivers); a call that makes some is not remembered."""
        self.cuts = 0
        """What was not followed to its end so far."""
        self.log = Log()
        self.enter(booting=True)
        self.running_files: list[str] = []
        """Modules whose text runs in another one (``exec``), innermost last."""
        self.for_heirs: dict[Class, list[Class]] = {}
        """Classes whose methods are interpreted for each of these subclasses in any case."""
        self.budget = Budget(program, limits, self.cut)
        self.spend = self.budget.spend
        self.changes = Changes(self.spend)
        self._states: dict[type, Any] = {}
        empty = next(iter(program.scopes.values()), None)
        self.root_frame = Frame(empty, None, {}, None)  # type: ignore[arg-type]

    # -- names -----------------------------------------------------------------------------------

    def external(self, name: str) -> External:
        """The library's thing with that dotted name."""
        value = self._externals.get(name)
        if value is None:
            canonical = self.knowledge.canonical(name)
            value = self._externals.get(canonical) or External(canonical)
            self._externals[name] = self._externals[canonical] = value
        return value

    def made_by(self, maker: Value, args: Args, frame: Frame) -> Value:
        """What a callable of a library returned: an object known by its maker."""
        return Object(maker, args, frame)

    def lookup(self, name: str, frame: Frame) -> Value:
        """What a name means in a frame."""
        scope: Frame | None = frame
        while scope is not None:
            value = scope.locals.get(name)
            if value is not None:
                return self.settled(value)
            scope = scope.parent
        value = frame.module.env.get(name)
        if value is not None:
            return self.settled(value)
        if name in OWN_NAMES:
            value = module_attribute(self.program, frame.module.name, name)
            return doubted(value) if name == "__name__" else value  # or "__main__"
        if name in BUILTINS:
            return self.external("builtins." + name)
        if frame.module.stars:
            return self.external(f"{frame.module.stars[-1]}.{name}")
        return UNKNOWN

    def settled(self, value: Value) -> Value:
        """The value behind a name of a circular import, once it is there."""
        if isinstance(value, Deferred):
            later = value.now(self)
            return value if later is UNKNOWN else later
        return value

    # -- running ---------------------------------------------------------------------------------

    def define(self, node: syntax.FunctionDef, frame: Frame) -> Function:
        """The function of a ``def``; the same object each time that its line is run."""
        qualname = self.qualify(f"{node.name}{_accessor(node)}", frame)
        key = (frame.module.name, qualname, node.line)
        function = self._functions.get(key)
        frame.captured = True
        if function is None or frame.callee is not None:
            known = function
            function = Function(
                frame.module, qualname, node.name, node.params, node.body, node.returns, frame,
                node.line, node.end_line, node.is_async,
            )  # fmt: skip
            function.owner = frame.owner
            function.written = Written(node.decorators, node.positional_only, node.defaults)
            if known is None:
                self._functions[key] = function
                self.program.functions.append(function)
        if self.booting:
            bind_defaults(self, function, frame)
        return function

    @staticmethod
    def qualify(name: str, frame: Frame) -> str:
        """The qualified name of something that is defined in a frame."""
        if frame.owner is not None and frame.callee is None:
            return f"{frame.owner.qualname}.{name}"
        if frame.callee is not None:
            return f"{frame.callee.qualname}.<locals>.{name}"
        return name

    def kind(self, obj: Object) -> str:
        """The dotted name of the class of an object (of the library, or first-party)."""
        cls = obj.cls.origin if isinstance(obj.cls, Generic) else obj.cls
        if isinstance(cls, External):
            return cls.name
        return cls.dotted if isinstance(cls, Class) else ""

    def lineage(self, value: Value) -> frozenset[str]:
        """Library classes that a class or an object descends from."""
        cls = value.cls if isinstance(value, Object) else value
        if type(cls) is Generic:
            cls = cls.origin
        if type(cls) is Class:
            return cls.roots if cls.roots is not None else cls.ancestors(self)
        return self.knowledge.lineage(cls.name) if type(cls) is External else _NO_CLASSES

    def first_by_lineage(self, table: dict[str, Any], lineage: frozenset[str]) -> Any:
        for base in self.bases_in(table, lineage) if lineage else ():
            return table[base]
        return None

    def bases_in(self, table: dict[str, Any], lineage: frozenset[str]) -> tuple[str, ...]:
        """The keys of a table of knowledge that are among some classes, in the table's order."""
        known = self._bases_in.get(id(table))  # the tables live as long as the run, and only grow
        if known is None or known[0] != len(table):
            known = self._bases_in[id(table)] = len(table), {}
        found = known[1].get(lineage)
        if found is None:
            found = known[1][lineage] = tuple(base for base in table if base in lineage)
        return found

    def each_by_lineage(
        self, table: dict[str, Any], lineage: frozenset[str], *arguments: Any
    ) -> Value | None:
        """What the first of a table's handlers says that has something to say about one of these classes."""
        if lineage and table:
            for base in self.bases_in(table, lineage):
                value: Value | None = table[base](self, *arguments)
                if value is not None:
                    return value
        return None

    @contextmanager
    def phase(self, booting: bool) -> Iterator[None]:
        """A block in which the application is put together (True), or functions are read (False)."""
        before = self.booting
        self.enter(booting)
        try:
            yield
        finally:
            self.enter(before)

    def enter(self, booting: bool) -> None:
        """From here on the application is put together (True), or functions are read (False)."""
        self.booting = booting
        self.log.open = not booting

    def registers(self) -> bool:
        """Whether the application is being put together: only then routes, tasks and the like are registered.

        A call of a function that registers something is not remembered but made again, so this is asked right
        before registering.
        """
        if self.booting:
            self.registrations += 1
        return self.booting

    def registered(self) -> None:
        """Something is registered that counts whenever the line is run (a receiver, a setting)."""
        self.registrations += 1

    def cut(self, scope: ModuleScope, line: int, message: str, limit: str = "") -> None:
        """Something was not followed to its end: anything may be missing while the application is put
        together, later only what a function touches and calls.

        Args:
            limit: the field of ``Limits`` that was hit, if it was one of them.
        """
        self.cuts += 1
        if limit:
            message += f" ({self.limits.named(limit)})"
        self.log.failed(scope, line, "too-complex" if self.booting else "cut-short", message)

    def reason(self, error: Exception) -> str:
        """Why ``Exhausted`` or a ``RecursionError`` ended something: the limit by its name, or the depth."""
        return self.limits.named(self.budget.hit) if isinstance(error, Exhausted) else "nested too deeply"

    def forget(self) -> None:
        """Let go of all values, when everything has been read off: they hold one another in circles, and
        nothing frees such circles while a tree is analysed."""
        for scope in self.program.scopes.values():
            scope.env.clear()
            scope.frame = None
        for cls in self.classes:
            for held in (cls.namespace, cls.attrs, cls.extra, cls.annotations, cls.bases):
                held.clear()
            cls.lineage = None
        for function in self.program.functions:
            for kept in (function.results, function.effects, function.bound_defaults, function.attrs):
                kept.clear()
            function.scope = self.root_frame
        for part in (self.log, self.program, self):
            vars(part).clear()

    def state(self, kind: type[S]) -> S:
        """What a framework keeps for the run: one object of each class."""
        found: S | None = self._states.get(kind)
        if found is None:
            found = self._states[kind] = kind()
        return found


def _accessor(node: syntax.FunctionDef) -> str:
    """``@setter`` of what sets a property: it has the name of what reads it, and does other things."""
    for decorator in node.decorators:
        match decorator:
            case syntax.Attribute(_, syntax.Name(_, node.name), attr) if attr in _ACCESSORS:
                return f"@{attr}"
    return ""


_NO_CLASSES: frozenset[str] = frozenset()
_ACCESSORS = frozenset({"setter", "deleter"})
OWN_NAMES = frozenset(f"__{name}__" for name in ("name", "package", "doc", "spec", "loader", "file", "path"))
"""What every module has of its own, the module ``builtins`` too."""

BUILTINS = (frozenset(vars(builtins)) | {"execfile"}) - OWN_NAMES


__all__ = ["Exhausted", "Frame", "Interpreter"]
