"""The abstract interpreter: runs module bodies and functions on what is known, and notes what they do.

Nothing of the monolith is executed: every step works on the compact source and on abstract values.
Where Python would need a value that is not known, both ways are taken and the results joined.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Literal

from strangler.analyzers.python import ir
from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.files import module_attribute
from strangler.analyzers.python.knowledge import Knowledge
from strangler.analyzers.python.program import ModuleScope, Program
from strangler.analyzers.python.statements import execute
from strangler.analyzers.python.values import (
    MOST_OPTIONS,
    NONE,
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Deferred,
    External,
    Function,
    GeneratorContext,
    Generic,
    LibraryMethod,
    Mapping,
    Method,
    Object,
    Sequence,
    Super,
    Value,
    Wrapper,
    join,
)
from strangler.analyzers.schema import Entity, Schema
from strangler.model.system import Certainty, Operation

DEEPEST_CALL = 24
MOST_CONTEXTS = 12
"""Argument combinations for which a function is interpreted separately; beyond, its general result serves."""
MOST_STEPS = 20_000
"""Calls and loop turns interpreted on behalf of one function before the rest is left unknown."""

MOST_BOOT_STEPS = 400_000
"""The same for the top level of one module, where applications register what they are made of."""

Effect = tuple[Entity | str, Operation]
UseKind = Literal["call", "inheritance", "reference"]


class Frame:
    """A running body: a module, a class or a function."""

    __slots__ = (
        "around",
        "callee",
        "depth",
        "function",
        "line",
        "locals",
        "module",
        "owner",
        "parent",
        "region",
        "results",
        "yields",
    )

    def __init__(
        self,
        module: ModuleScope,
        function: str | None,
        names: dict[str, Value],
        parent: Frame | None,
        depth: int = 0,
        owner: Class | None = None,
        callee: Function | None = None,
    ) -> None:
        self.module = module
        self.function = function
        self.locals = names
        self.parent = parent
        self.depth = depth
        self.owner = owner
        self.callee = callee
        self.line = 0
        self.around: Callable[[Value], None] | None = None
        self.results: list[Value] = []
        self.yields: list[Value] = []
        self.region: tuple[Any, ...] = parent.region if parent is not None else ()


class Exhausted(Exception):  # noqa: N818 - a signal between frames, not an error
    """The step budget of one function is used up."""


class Interpreter:
    """Runs a ``Program`` with ``Knowledge`` of libraries; frameworks read what it noted."""

    exhausted = Exhausted

    def __init__(self, program: Program, knowledge: Knowledge) -> None:
        self.program = program
        self.knowledge = knowledge
        program.ip = self
        self._externals: dict[str, External] = {}
        self._functions: dict[tuple[str, str, int], Function] = {}
        self.classes: list[Class] = []
        self.booting = True
        self._type_depth = 0
        self._subclasses: tuple[int, dict[Class, list[Class]]] | None = None
        self.schema = Schema()
        self.extensions: dict[str, Any] = {}
        """State that frameworks keep for the run, by their own keys."""
        self.steps = 0
        self.effects = 0
        """Registrations so far (routes, tasks, receivers); a call that makes some is not remembered."""
        self.touched: list[set[Effect]] = [set()]
        """For each running function, the tables that it and what it calls have touched."""
        self.notes: dict[str, dict[tuple[Any, ...], None]] = {}
        """Kind -> whatever frameworks record with ``note``, each once, in the order found."""
        self.uses: dict[tuple[str, str | None, str, str, UseKind], int] = {}
        """(module, function, target module, target, kind) -> first line: definitions used across modules."""
        self.dynamic_imports: dict[tuple[str, str], int] = {}
        self.failures: list[tuple[str, int, str, str]] = []
        """(path, line, code, message) of what could not be interpreted."""
        self.pending: list[Function] = []
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
        if name in BUILTINS:
            return self.external("builtins." + name)
        if frame.module.stars:
            return self.external(f"{frame.module.stars[-1]}.{name}")
        if name in ("__name__", "__file__", "__path__", "__package__"):
            return module_attribute(self.program, frame.module.name, name)
        return UNKNOWN

    def settled(self, value: Value) -> Value:
        """The value behind a name of a circular import, once it is there."""
        if isinstance(value, Deferred):
            later = value.now(self)
            return value if later is UNKNOWN else later
        return value

    def import_module(self, dotted: str) -> Value:
        """What ``import dotted`` gives access to."""
        if dotted in self.program:
            self.program.scope(dotted)
            from strangler.analyzers.python.values import Module

            return Module(dotted)
        return self.external(dotted)

    def import_by_name(self, dotted: str, frame: Frame) -> Value:
        """A string that names a module or something in one; the import is noted as dynamic."""
        value = self.program.resolve(dotted)
        if value is not UNKNOWN:
            parts = dotted.split(".")
            while parts and ".".join(parts) not in self.program:
                parts.pop()
            self.import_noted(".".join(parts), frame)
            return value
        return self.external(dotted) if dotted.partition(".")[0] not in self.program.tops else UNKNOWN

    def import_noted(self, module: str, frame: Frame) -> None:
        """Note that the frame's module imports another one by name."""
        if module in self.program.scopes and module != frame.module.name:
            self.dynamic_imports.setdefault((frame.module.name, module), frame.line)

    def spend(self, steps: int) -> None:
        """Count work done on behalf of one function.

        Raises:
            Exhausted: more than ``MOST_STEPS``.
        """
        self.steps += steps
        if self.steps > (MOST_BOOT_STEPS if self.booting else MOST_STEPS):
            raise Exhausted

    # -- running ---------------------------------------------------------------------------------

    def run_module(self, scope: ModuleScope) -> None:
        """Run a module's body once."""
        scope.state = "running"
        # A package is imported before its modules.
        parent = scope.name.rpartition(".")[0]
        if parent:
            self.program.scope(parent)
        scope.frame = frame = Frame(scope, None, scope.env, None)
        body = scope.facts.body
        if body:
            steps, self.steps = self.steps, 0
            try:
                execute(self, ir.unpack(body), frame)
            except Exhausted:
                self.fail(scope, frame.line, "too-complex", "the module's top level takes too many steps")
            except RecursionError:
                self.fail(scope, frame.line, "too-complex", "the module's top level is nested too deeply")
            self.steps = steps
        scope.state = "done"

    def fail(self, scope: ModuleScope, line: int, code: str, message: str) -> None:
        """Keep a diagnostic about code that could not be interpreted."""
        self.failures.append((scope.facts.path, line, code, message))

    def define(self, node: ir.Node, frame: Frame) -> Function:
        """The function of a ``def``; the same object each time that its line is run."""
        _, line, name, params, _, returns, body, is_async, end_line = node
        qualname = self.qualify(name, frame)
        key = (frame.module.name, qualname, line)
        function = self._functions.get(key)
        if function is None or frame.callee is not None:
            known = function
            function = Function(
                frame.module, qualname, name, params, body, returns, frame, line, end_line, is_async
            )
            function.owner = frame.owner
            if known is None:
                self._functions[key] = function
                self.program.functions.append(function)
        return function

    @staticmethod
    def qualify(name: str, frame: Frame) -> str:
        """The qualified name of something that is defined in a frame."""
        if frame.owner is not None and frame.callee is None:
            return f"{frame.owner.qualname}.{name}"
        if frame.callee is not None:
            return f"{frame.callee.qualname}.<locals>.{name}"
        return name

    def module_getattr(self, getter: Function, name: str) -> Value:
        """A module-level ``__getattr__``."""
        return self.invoke(getter, Args([Const(name)]), self.root_frame)

    def invoke(self, function: Function, args: Args, frame: Frame) -> Value:
        """Call a first-party function: interpreted once for each combination of arguments that matters."""
        bound = self.bind(function, args, frame)
        key: Hashable = tuple(value.key() for value in bound.values())
        results = function.results
        if key in results:
            self._reached(function, key, bound, frame)
            return results[key]
        if key in function.running or frame.depth >= DEEPEST_CALL:
            return results.get("general", UNKNOWN)
        if len(results) >= (MOST_CONTEXTS if not self.booting else 400):
            return self.general(function, frame)
        self.spend(1)
        function.running.add(key)
        function.called = True
        effects = self.effects
        self.touched.append(set())
        try:
            result = self.run(function, bound, frame)
        finally:
            function.running.discard(key)
            function.effects[key] = self.touched.pop()
        self._reached(function, key, bound, frame)
        if effects == self.effects or not self.booting:  # what registers something does it each time
            results[key] = result
        return result

    def _reached(self, function: Function, key: Hashable, bound: dict[str, Value], frame: Frame) -> None:
        """What a called function touched, its caller touches; what a row's or query's own method does,
        the calling line does in the reader's eyes."""
        effects = function.effects.get(key)
        if not effects:
            return
        self.touch(frame, effects)
        if (
            function.owner is not None
            and bound
            and not self.knowledge.carriers.isdisjoint(function.owner.ancestors(self))
        ):
            receiver = next(iter(bound.values()))
            if isinstance(receiver, Object) and frame.callee is not function:
                place = (frame.module.name, frame.function, frame.line)
                for target, operation in effects:
                    self.note("access", *place, target, operation, "method", "inferred")

    def general(self, function: Function, frame: Frame | None = None) -> Value:
        """The function's result when nothing is known of its callers."""
        if "general" in function.results:
            return function.results["general"]
        if "general" in function.running:
            return UNKNOWN
        if frame is not None and frame.depth >= DEEPEST_CALL:
            return UNKNOWN
        function.running.add("general")
        self.touched.append(set())
        try:
            result = self.run(function, self.parameters(function), frame)
        finally:
            function.running.discard("general")
            function.effects["general"] = self.touched.pop()
        if frame is not None:
            self.touch(frame, function.effects["general"])
        function.results["general"] = result
        return result

    def run(
        self,
        function: Function,
        bound: dict[str, Value],
        caller: Frame | None,
        around: Callable[[Value], None] | None = None,
    ) -> Value:
        """Interpret the body with the given parameters; ``around`` is called at each ``yield``."""
        given = dict(bound) if "<context>" in function.attrs else bound
        scope = function.scope
        # Names of a class body are not visible in its methods, those around the class are.
        in_class = scope.owner is not None and scope.callee is None
        parent = scope.parent if in_class else scope
        depth = caller.depth + 1 if caller is not None else 0
        frame = Frame(function.module, function.qualname, bound, parent, depth, function.owner, function)
        frame.line = function.line
        atomic = function.attrs.get("<atomic>")
        if atomic is not None:
            place = (function.module.name, function.qualname, function.line, function.end_line)
            frame.region = ((*atomic.region, *place),)  # type: ignore[attr-defined]
        else:
            frame.region = ()
        frame.around = around
        execute(self, ir.unpack(function.body), frame)
        if frame.yields:
            if "<context>" in function.attrs and self.booting:
                return GeneratorContext(frame.yields, function, given)
            generator = Sequence(frame.yields, "generator", True)
            if "<unit of work>" in function.attrs:
                generator.region = ("transaction",)  # type: ignore[attr-defined]
            return generator
        result = join(frame.results)
        if result is UNKNOWN and function.returns is not None:
            result = self.annotated(function.returns, function.scope)
        return result

    def analyse(self, functions: Iterable[Function]) -> None:
        """Interpret every function for itself, whoever calls it."""
        for function in functions:
            self.steps = 0
            try:
                self.general(function)
            except (Exhausted, RecursionError):
                function.results.setdefault("general", UNKNOWN)
                function.running.clear()
                message = f"{function.qualname} takes too many steps: its data access may be incomplete"
                self.fail(function.module, function.line, "too-complex", message)

    def bind(self, function: Function, args: Args, frame: Frame) -> dict[str, Value]:
        """Parameter -> value for a call."""
        bound: dict[str, Value] = {}
        given = args.positional
        keywords = args.keywords
        used = 0
        taken = set()
        for name, annotation, default, kind in function.params:
            if kind == 0:
                if used < len(given):
                    bound[name] = given[used]
                    used += 1
                    continue
            elif kind == 2:
                bound[name] = Sequence(list(given[used:]), "tuple", args.open)
                continue
            elif kind == 3:
                rest: dict[Any, Value] = {k: v for k, v in keywords.items() if k not in taken}
                bound[name] = Mapping(rest, open=args.open)
                continue
            if name in keywords:
                taken.add(name)
                bound[name] = keywords[name]
            elif args.open:
                bound[name] = UNKNOWN
            elif default is not None:
                bound[name] = self.default(function, name, default)
            else:
                bound[name] = UNKNOWN
            if bound[name] is UNKNOWN and annotation is not None:
                bound[name] = self.annotated(annotation, function.scope)
        for name, annotation, _, kind in function.params:
            if kind == 0 and annotation is not None and bound.get(name) is UNKNOWN:
                bound[name] = self.annotated(annotation, function.scope)
        return bound

    def default(self, function: Function, name: str, node: ir.Node) -> Value:
        """The default of a parameter, as evaluated where the function was defined."""
        if name not in function.bound_defaults:
            line = function.scope.line
            function.bound_defaults[name] = evaluate(self, node, function.scope)
            function.scope.line = line
        return function.bound_defaults[name]

    def parameters(self, function: Function) -> dict[str, Value]:
        """Parameter -> what can be said of it without a call: annotation, default, convention."""
        bound: dict[str, Value] = {}
        static = any(
            isinstance(d, External) and d.name == "builtins.staticmethod" for d in function.decorators
        )
        for index, (name, annotation, default, kind) in enumerate(function.params):
            value: Value = UNKNOWN
            if kind == 2:
                value = Sequence([], "tuple", True)
            elif kind == 3:
                value = Mapping(open=True)
            elif index == 0 and function.owner is not None and not static:
                metaclass = "builtins.type" in function.owner.ancestors(self)
                is_class = name == "cls" or metaclass or function.name == "__init_subclass__"
                value = function.owner if is_class else self.self_of(function.owner)
            elif annotation is not None:
                value = self.annotated(annotation, function.scope)
            if value is UNKNOWN or default is not None:
                value = self._by_convention(function, index, name) or value
            if value is UNKNOWN and default is not None:
                fallback = self.default(function, name, default)
                value = UNKNOWN if isinstance(fallback, Const) else fallback
            bound[name] = value
        return bound

    def self_of(self, cls: Class) -> Value:
        """``self`` in a method of the class when nothing is known of the caller."""
        if not self.booting:
            for handler in self.knowledge.selves:
                value = handler(self, cls)
                if value is not None:
                    return value
        return Object(cls, None, None)

    def subclasses(self, cls: Class) -> list[Class]:
        """First-party classes that descend from a class, in order of definition."""
        if self._subclasses is None or self._subclasses[0] != len(self.classes):
            table: dict[Class, list[Class]] = {}
            for one in self.classes:
                for parent in one.mro()[1:]:
                    table.setdefault(parent, []).append(one)
            self._subclasses = (len(self.classes), table)
        return self._subclasses[1].get(cls, [])

    def _by_convention(self, function: Function, index: int, name: str) -> Value | None:
        for handler in self.knowledge.parameters:
            value = handler(self, function, index, name)
            if value is not None:
                return value
        return None

    # -- types -----------------------------------------------------------------------------------

    def annotated(self, node: ir.Node, frame: Frame) -> Value:
        """The value of something with that annotation."""
        line = frame.line
        value = evaluate(self, node, frame)
        frame.line = line
        return self.instance_of(value, frame)

    def instance_of(self, annotation: Value, frame: Frame) -> Value:
        """An instance of what an annotation names."""
        if self._type_depth > 8:
            return UNKNOWN  # a type alias that names itself
        self._type_depth += 1
        try:
            return self._instance_of(annotation, frame)
        finally:
            self._type_depth -= 1

    def _instance_of(self, annotation: Value, frame: Frame) -> Value:
        found: list[Value] = []
        for option in annotation.options():
            if isinstance(option, Const) and isinstance(option.value, str):
                node = parse_expression(option.value)
                if node is not None:
                    found.append(self.annotated(node, frame))
            elif isinstance(option, Class):
                handler = self._by_lineage(self.knowledge.annotations, option.ancestors(self))
                special = handler(self, option, None, frame) if handler else None
                found.append(special if special is not None else Object(option, None, None))
            elif isinstance(option, External):
                special = self.knowledge.annotations.get(option.name)
                value = special(self, option, None, frame) if special else None
                if value is None and not option.name.startswith(("builtins.", "typing.")):
                    value = Object(option, None, None)
                if value is not None:
                    found.append(value)
            elif isinstance(option, Generic):
                found.append(self._generic_instance(option, frame))
            elif isinstance(option, Object) and isinstance(option.cls, External):
                # NewType, TypeVar(bound=...)
                bound = option.arg(None, "bound") or option.arg(1)
                if bound is not None and option.cls.name in ("typing.TypeVar", "typing.NewType"):
                    found.append(self.instance_of(bound, frame))
        return join(found)

    def _generic_instance(self, generic: Generic, frame: Frame) -> Value:
        origin, argument = generic.origin, generic.argument
        first = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
        if isinstance(origin, External):
            handler = self.knowledge.annotations.get(origin.name)
            if handler is not None:
                value = handler(self, origin, argument, frame)
                if value is not None:
                    return value
            last = origin.name.rpartition(".")[2]
            if last in ("type", "Type"):
                return argument if not isinstance(argument, Const) else self._class_named(argument, frame)
            if last in ("Optional", "Annotated", "Final", "ClassVar", "Awaitable", "Required", "NotRequired"):
                return self.instance_of(first, frame)
            if last == "Union" and isinstance(argument, Sequence):
                return join([self.instance_of(a, frame) for a in argument.items])
            if last in ("dict", "Dict", "Mapping", "defaultdict", "OrderedDict"):
                values = argument.items[1:] if isinstance(argument, Sequence) else []
                return Mapping({}, [self.instance_of(v, frame) for v in values], True)
            if last in _CONTAINERS:
                return Sequence([self.instance_of(first, frame)], "list", True)
            return Object(generic, None, None)
        if isinstance(origin, Class):
            return Object(origin, None, None)
        return UNKNOWN

    def _class_named(self, text: Const, frame: Frame) -> Value:
        node = parse_expression(str(text.value))
        return evaluate(self, node, frame) if node is not None else UNKNOWN

    def kind(self, obj: Object) -> str:
        """The dotted name of the class of an object (of the library, or first-party)."""
        cls = obj.cls.origin if isinstance(obj.cls, Generic) else obj.cls
        if isinstance(cls, External):
            return cls.name
        return cls.dotted if isinstance(cls, Class) else ""

    def lineage(self, value: Value) -> frozenset[str]:
        """Library classes that a class or an object descends from."""
        cls = value.cls if isinstance(value, Object) else value
        if isinstance(cls, Generic):
            cls = cls.origin
        if isinstance(cls, Class):
            return cls.ancestors(self)
        return self.knowledge.lineage(cls.name) if isinstance(cls, External) else frozenset()

    @staticmethod
    def _by_lineage(table: dict[str, Any], lineage: frozenset[str]) -> Any:
        if not lineage:
            return None
        for base, handler in table.items():
            if base in lineage:
                return handler
        return None

    def _each_by_lineage(
        self, table: dict[str, Any], lineage: frozenset[str], *arguments: Any
    ) -> Value | None:
        if lineage:
            for base, handler in table.items():
                if base in lineage:
                    value: Value | None = handler(self, *arguments)
                    if value is not None:
                        return value
        return None

    # -- members ---------------------------------------------------------------------------------

    def class_descriptor(self, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
        """What a framework makes of a class attribute."""
        return self._each_by_lineage(self.knowledge.descriptors, cls.ancestors(self), cls, name, value, frame)

    def class_member(self, cls: Class, name: str, frame: Frame) -> Value:
        """An attribute that no first-party class of the lineage defines."""
        value = self._each_by_lineage(self.knowledge.class_members, cls.ancestors(self), cls, name, frame)
        if value is not None:
            return value
        for parent in cls.mro():
            if name in parent.annotations and not cls.ancestors(self):
                node, scope = parent.annotations[name]
                return self.annotated(node, scope)
        return Method(cls, name) if cls.ancestors(self) or name in ("__subclasses__", "mro") else UNKNOWN

    def class_item(self, cls: Class, key: Value, frame: Frame) -> Value | None:
        """``Class[key]``."""
        return self._each_by_lineage(self.knowledge.class_items, cls.ancestors(self), cls, key, frame)

    def instance_member(self, obj: Object, name: str, frame: Frame) -> Value:
        """An attribute of an object that was not set on this very object."""
        cls = obj.cls.origin if isinstance(obj.cls, Generic) else obj.cls
        if not isinstance(cls, Class):
            value = self._each_by_lineage(
                self.knowledge.instance_members, self.lineage(obj), obj, name, frame
            )
            return value if value is not None else Method(obj, name)
        found = cls.find(name)
        if found is not None:
            return self.bind_member(obj, cls, name, found[0], frame)
        lineage = cls.ancestors(self)
        value = self._each_by_lineage(self.knowledge.instance_members, lineage, obj, name, frame)
        if value is not None:
            return value
        value = self.assigned(cls, name)
        if value is not UNKNOWN:
            return value
        getter = cls.find("__getattr__")
        if getter is not None and isinstance(getter[0], Function) and not name.startswith("__"):
            return self.invoke(getter[0], Args([obj, Const(name)]), frame)
        if not self.booting and not name.startswith("__"):
            if obj.args is None:
                value = self._in_subclasses(cls, name, frame)
                if value is not UNKNOWN:
                    return value
            for convention in self.knowledge.conventions:
                guess = convention(self, obj, name, frame)
                if guess is not None:
                    return guess
        return Method(obj, name) if lineage else UNKNOWN

    def _in_subclasses(self, cls: Class, name: str, frame: Frame) -> Value:
        """What a mixin's or base class's method finds on ``self`` because a subclass defines it."""
        found: list[Value] = []
        for one in self.subclasses(cls)[:MOST_OPTIONS]:
            if name in one.namespace:
                found.append(self.bind_member(Object(one, None, None), one, name, one.namespace[name], frame))
            elif name in one.attrs:
                found.append(one.attrs[name])
        return join(found)

    def assigned(self, cls: Class, name: str) -> Value:
        """What methods assign to ``self.name``, or its annotation in the class body."""
        for parent in cls.mro():
            if not parent.initialised:
                parent.initialised = True
                init = parent.namespace.get("__init__")
                if isinstance(init, Function):
                    self.general(init, None)
        options = [parent.attrs[name] for parent in cls.mro() if name in parent.attrs]
        value = join(options)
        if value is UNKNOWN:
            for parent in cls.mro():
                if name in parent.annotations:
                    node, scope = parent.annotations[name]
                    return self.annotated(node, scope)
        return value

    def bind_member(self, obj: Value, cls: Class, name: str, value: Value, frame: Frame) -> Value:
        """A class attribute as an instance sees it."""
        if isinstance(obj, Object):
            special = self._each_by_lineage(
                self.knowledge.instance_descriptors, cls.ancestors(self), obj, name, value, frame
            )
            if special is not None:
                return special
        if isinstance(value, Function):
            return Bound(value, obj)
        if isinstance(value, Wrapper):
            if value.kind == "property":
                return value.function.call(self, Args([obj]), frame)
            return Bound(value.function, cls) if value.kind == "class" else value.function
        bind = getattr(value, "bind", None)
        if bind is not None:
            return bind(self, obj, frame)  # type: ignore[no-any-return]
        if isinstance(value, Const):
            later = join([parent.attrs[name] for parent in cls.mro() if name in parent.attrs])
            if later is not UNKNOWN and (value.value is None or isinstance(later, Object)):
                return join([value, later]) if value.value is not None else later
        return value

    def super_member(self, value: Super, name: str, frame: Frame) -> Value:
        """``super().name``."""
        receiver = value.receiver
        cls = receiver.cls if isinstance(receiver, Object) else receiver
        if isinstance(cls, Generic):
            cls = cls.origin
        if not isinstance(cls, Class):
            return UNKNOWN
        lineage = cls.mro()
        start = lineage.index(value.after) + 1 if value.after in lineage else 1
        for parent in lineage[start:]:
            if name in parent.namespace:
                found = parent.namespace[name]
                if receiver is cls:  # a class method, or __new__
                    inner = found.function if isinstance(found, Wrapper) else found
                    return Bound(inner, cls) if name != "__new__" else inner
                return self.bind_member(receiver, cls, name, found, frame)
        if isinstance(receiver, Object):
            special = self._each_by_lineage(
                self.knowledge.instance_members, cls.ancestors(self), receiver, name, frame
            )
            if special is not None:
                return special
        else:
            special = self._each_by_lineage(
                self.knowledge.class_members, cls.ancestors(self), cls, name, frame
            )
            if special is not None:
                return special
        return LibraryMethod(receiver, name) if name != "__init__" else LibraryInit(receiver)

    def store_attribute(self, obj: Object, name: str, value: Value, frame: Frame) -> None:
        """``obj.name = value``."""
        if not self.booting:
            value.escaped(self, frame)
        cls = obj.cls.origin if isinstance(obj.cls, Generic) else obj.cls
        lineage = self.lineage(obj)
        if lineage:
            for base, handler in self.knowledge.stores.items():
                if base in lineage:
                    handler(self, obj, name, value, frame)
        if isinstance(cls, Class):
            found = cls.find(name)
            if found is not None and isinstance(found[0], Wrapper):
                setter = getattr(found[0].function, "attrs", {}).get("setter")
                if isinstance(setter, Function):
                    self.invoke(setter, Args([obj, value]), frame)
                return
            if value is not UNKNOWN and not (isinstance(value, Const) and value.value is None):
                cls.attrs[name] = join([cls.attrs[name], value]) if name in cls.attrs else value
        if obj.args is not None:
            obj.attrs[name] = value

    def store_unnamed(self, obj: Object, value: Value, frame: Frame) -> None:
        """``setattr(obj, name, value)`` with a name that is not known: frameworks are told ``*``."""
        lineage = self.lineage(obj)
        for base, handler in self.knowledge.stores.items() if lineage else ():
            if base in lineage:
                handler(self, obj, "*", value, frame)

    def instantiate(self, cls: Class, args: Args, frame: Frame) -> Value:
        """``Class(...)``."""
        special = self._each_by_lineage(self.knowledge.instantiations, cls.ancestors(self), cls, args, frame)
        if special is not None:
            return special
        obj = Object(cls, args, frame)
        if self.booting:
            obj.identify()
        init = cls.find("__init__")
        if init is not None and isinstance(init[0], Function):
            self.invoke_concrete(init[0], obj, args, frame)
        elif any(parent.annotations for parent in cls.mro()):
            names = [n for parent in reversed(cls.mro()) for n in parent.annotations]
            for index, name in enumerate(dict.fromkeys(names)):  # a dataclass or a Pydantic model
                value = args.get(index, name)
                if value is not None and value is not UNKNOWN:
                    obj.attrs[name] = value
        return obj

    def invoke_concrete(self, init: Function, obj: Object, args: Args, frame: Frame) -> None:
        """Run a constructor for one object, so that its attributes are its own."""
        if frame.depth >= DEEPEST_CALL or ("init", init) in init.running:
            return
        self.spend(1)
        init.running.add(("init", init))
        init.called = True
        try:
            full = Args([obj, *args.positional], args.keywords, args.open)
            self.run(init, self.bind(init, full, frame), frame)
        finally:
            init.running.discard(("init", init))

    # -- calls -----------------------------------------------------------------------------------

    def call_method(self, receiver: Value, name: str, args: Args, frame: Frame) -> Value:
        """A method that is not a first-party function."""
        from strangler.analyzers.python.builtins import builtin_method

        value = builtin_method(self, receiver, name, args, frame)
        if value is not None:
            return value
        if isinstance(receiver, Object):
            cls = receiver.cls.origin if isinstance(receiver.cls, Generic) else receiver.cls
            if isinstance(cls, Class):
                found = cls.find(name)
                if found is not None and isinstance(found[0], Function):
                    return self.invoke(
                        found[0], Args([receiver, *args.positional], args.keywords, args.open), frame
                    )
        return self.call_library_method(receiver, name, args, frame)

    def call_library_method(self, receiver: Value, name: str, args: Args, frame: Frame) -> Value:
        """A method of a library's class, looked up along the lineage of the receiver."""
        if isinstance(receiver, (Object, Class)):
            lineage = self.lineage(receiver)
            for base in sorted(lineage, key=self._specificity):
                handler = self.knowledge.methods.get(f"{base}.{name}")
                if handler is not None:
                    result = handler(self, receiver, args, frame)
                    if result is not None:
                        return result
            if isinstance(receiver, Object) and name[:2] != "__" and name[:9] != "operator ":
                cls = receiver.cls.origin if isinstance(receiver.cls, Generic) else receiver.cls
                if isinstance(cls, External):
                    return Object(External(f"{cls.name}.{name}"), args, frame)
            if isinstance(receiver, Class) and lineage:
                return Object(Method(receiver, name), args, frame)
        return UNKNOWN

    def _specificity(self, base: str) -> tuple[int, str]:
        return (-len(self.knowledge.lineage(base)), base)

    def use(self, value: Value, kind: UseKind, frame: Frame) -> None:
        """Note that a definition of another module is used."""
        if isinstance(value, Bound):
            value = value.function
        if isinstance(value, Wrapper):
            value = value.function
        if isinstance(value, (Function, Class)) and value.module is not frame.module:
            key = (frame.module.name, frame.function, value.module.name, value.qualname, kind)
            self.uses.setdefault(key, frame.line)

    def note(self, kind: str, *fact: Any) -> None:
        """Record a fact of that kind once; its parts must be hashable."""
        self.notes.setdefault(kind, {})[fact] = None

    def access(
        self,
        frame: Frame,
        target: Entity | str,
        operation: Operation,
        via: str,
        certainty: Certainty = "certain",
        line: int | None = None,
    ) -> None:
        """Note that the code at ``frame.line`` reads or writes the table of an entity, or a table by name."""
        place = (frame.module.name, frame.function, line or frame.line)
        self.note("access", *place, target, operation, via, certainty)
        self.touch(frame, {(target, operation)})

    def touch(self, frame: Frame, effects: Iterable[Effect]) -> None:
        """Tables touched while a frame runs: they count for its callers and for open transactions."""
        self.touched[-1].update(effects)
        for region in frame.region:
            for target, operation in effects:
                self.note("within", region, target, operation)

    def unresolved_access(self, frame: Frame, what: str) -> None:
        """Note that the code at ``frame.line`` touches data, but the table cannot be told."""
        self.note("unresolved", frame.module.facts.path, frame.line, frame.function, what)


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


_CONTAINERS = {
    "list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "Sequence", "Iterable",
    "Iterator", "Collection", "Generator", "AsyncIterator", "AsyncGenerator", "AsyncIterable", "deque",
    "Deque", "AbstractSet",
}  # fmt: skip

BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)


def parse_expression(text: str) -> ir.Node | None:
    """The compact form of a string annotation; None where it is no expression."""
    import ast

    if len(text) > 500:
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return ir.lower_expression(tree.body)


__all__ = ["NONE", "Exhausted", "Frame", "Interpreter", "parse_expression"]
