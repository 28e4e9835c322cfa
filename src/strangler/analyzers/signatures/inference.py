"""Expressions to shapes, from evidence only: literals, annotations, defaults, known calls, tables.

A local name holds the join of all that is assigned to it; a parameter what its annotation, its default or its
calls say. What none of them tells is ``unknown``: the interpreter says what may be, this what must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.python.values import (
    Bound,
    Bytes,
    Class,
    Const,
    External,
    Function,
    Mapping,
    Object,
    Sequence,
    Text,
    Value,
    Wrapper,
)
from strangler.analyzers.signatures.annotations import constant, dict_of
from strangler.analyzers.signatures.classes import Classes
from strangler.analyzers.signatures.decorators import decorations, keeps
from strangler.analyzers.signatures.expressions import Expressions
from strangler.analyzers.signatures.flow import element, part
from strangler.analyzers.signatures.knowledge import ITERATOR, KEEPING, NAMED
from strangler.analyzers.signatures.names import Names, Scope, Target, local_imports
from strangler.analyzers.signatures.tree import PLAIN, ends, is_name
from strangler.model import shapes
from strangler.model.shapes import INT, STR, UNKNOWN, Field, Shape, join, make, nullable

_DEPTH = 12
"""Functions followed into one another."""
_NESTING = 40
"""Expressions followed into one another."""
_BINDING: tuple[type[Node], ...] = (
    syntax.Assign,
    syntax.Annotate,
    syntax.Augment,
    syntax.Walrus,
    syntax.For,
    syntax.Comprehension,
    syntax.With,
    syntax.Try,
)
_GROWING = frozenset({"list", "set", "dict", "typeddict"})


class Inference:
    """Shapes of expressions and of functions' results."""

    def __init__(self, names: Names, classes: Classes) -> None:
        self.names = names
        self.classes = classes
        self.parameter: Callable[[Target, str], Shape] = lambda target, name: UNKNOWN
        """What a function's parameter holds, set by who knows the calls."""
        self._results: dict[Target, Shape] = {}
        self._scopes: dict[Target, Scope] = {}
        self._expressions = Expressions(self)
        self._depth = 0
        self._nesting = 0

    # -- scopes ----------------------------------------------------------------------------------

    def scope(self, target: Target) -> Scope | None:
        """The scope of a function or (without a qualified name) of a module; None where there is none."""
        if target not in self._scopes:
            function = self.names.functions.get(target)
            module = self.names.program.scopes.get(target.module)
            if module is None or (target.qualname and function is None):
                return None
            around = target.qualname.rpartition(".<locals>.")[0]
            parent = self.scope(Target(target.module, around)) if around else None
            found = self._scopes[target] = Scope(module, function, target.qualname, parent)
            if function is not None:
                found.nodes = traversal.listed(found.body, traversal.SCOPES, PLAIN)
                self._fill(found, target, function)
        return self._scopes[target]

    def forget(self) -> None:
        """Let go of the syntax of all functions: scopes and their names hold one another, and nothing frees
        such circles while a tree is analysed."""
        for scope in self._scopes.values():
            scope.__dict__.clear()
        self._scopes.clear()

    def _fill(self, scope: Scope, target: Target, function: Function) -> None:
        for name, *_ in function.params:
            scope.parameters[name] = _lazy(self._parameter, target, name)
        scope.imports = local_imports(scope.of(syntax.Import, syntax.ImportFrom), scope.module)
        for node in scope.of(*_BINDING):
            for name, value in self._assignments(scope, node):
                scope.assigned.setdefault(name, []).append(value)

    def _parameter(self, target: Target, name: str) -> Shape:
        return self._guarded(lambda: self.parameter(target, name), UNKNOWN)

    def _assignments(self, scope: Scope, node: Node) -> Iterator[tuple[str, Callable[[], Shape]]]:
        match node:
            case syntax.Assign(_, stored, value):
                for target in stored:
                    yield from self._unpack(target, _lazy(self.shape, value, scope))
            case syntax.Annotate(_, syntax.Name(_, name), annotation):
                yield name, _lazy(self.classes.annotations(scope).shape, annotation)
            case syntax.Augment(line, syntax.Name(_, name) as target, operator, value):
                yield name, _lazy(self.shape, syntax.BinaryOperation(line, operator, target, value), scope)
            case syntax.Walrus(_, syntax.Name(_, name), value):
                yield name, _lazy(self.shape, value, scope)
            case syntax.For(_, target, source):
                yield from self._unpack(target, _lazy(self.element_of, source, scope))
            case syntax.Comprehension(_, _, _, generators):
                for target, source, _ in generators:
                    yield from self._unpack(target, _lazy(self.element_of, source, scope))
            case syntax.With(_, items):
                for context, entered in items:
                    if entered is not None:
                        yield from self._unpack(entered, _lazy(self._entered, context, scope))
            case syntax.Try(_, _, handlers):
                for handler in handlers:
                    if handler.name:
                        yield handler.name, lambda: make("object")

    def _unpack(self, target: Node, value: Callable[[], Shape]) -> Iterator[tuple[str, Callable[[], Shape]]]:
        if isinstance(target, syntax.Name):
            yield target.id, value
        elif isinstance(target, syntax.Display):
            for index, item in enumerate(target.elements):
                yield from self._unpack(item, _lazy(_part, value, index))
        elif isinstance(target, syntax.Starred):
            yield from self._unpack(target.value, lambda: UNKNOWN)

    def _entered(self, node: Node, scope: Scope) -> Shape:
        found = self.shape(node, scope)
        return found if found.kind == "file" else UNKNOWN

    # -- names -----------------------------------------------------------------------------------

    def name(self, name: str, scope: Scope) -> Shape:
        """What a name holds inside a function."""
        if name in scope.known:
            return scope.known[name]
        if name in scope.busy:
            return UNKNOWN
        scope.busy.add(name)
        try:
            found = self._name(name, scope)
        finally:
            scope.busy.discard(name)
        if not scope.busy:
            scope.known[name] = found
        return found

    def _name(self, name: str, scope: Scope) -> Shape:
        values = scope.assigned.get(name, [])
        if name in scope.parameters:
            values = [scope.parameters[name], *values]
        if values:
            return self._grown(name, join(value() for value in values), scope)
        if scope.parent is not None and name not in scope.imports:
            return self.name(name, scope.parent)
        target = self.target(syntax.Name(0, name), scope)
        return self.of_target(target) if target else UNKNOWN

    def _grown(self, name: str, shape: Shape, scope: Scope) -> Shape:
        """A container that the function goes on filling."""
        if shape.kind not in _GROWING or scope.function is None or shape.name:
            return shape
        filling = scope.of(syntax.Call, syntax.Assign)
        added = [item for node in filling for item in self._added(name, node, shape, scope)]
        if not added:
            return shape
        before = [field.shape for field in shape.fields] if shape.kind == "typeddict" else list(shape.items)
        kind = "dict" if shape.kind == "typeddict" else shape.kind
        found = make(kind, join([*before, *added]))
        return nullable(found) if shape.nullable else found

    def _added(self, name: str, node: Node, shape: Shape, scope: Scope) -> Iterator[Shape]:
        match node:
            case syntax.Call(_, syntax.Attribute(_, syntax.Name(_, owner), method), [first, *_]) if (
                owner == name
            ):
                if method in ("append", "add"):
                    yield self.shape(first, scope)
                elif method == "extend":
                    yield self.element_of(first, scope)
                elif method in ("update", "insert", "setdefault"):
                    yield UNKNOWN
            case syntax.Assign(_, stored, value):
                for target in stored:
                    if isinstance(target, syntax.Subscript) and is_name(target.value, name):
                        found = self.shape(value, scope)
                        if shape.kind in ("dict", "typeddict"):
                            keyed = dict_of(self.shape(target.key, scope), found)
                            found = keyed.items[0] if keyed.kind == "dict" else keyed
                        yield found

    def setting(self, name: str) -> Shape:
        """What the settings modules of a Django project set a name to, where they agree."""
        found = [
            self.of_target(Target(module.name, name))
            for module in self.names.program.scopes.values()
            if module.name in self.settings and name in module.env
        ]
        return join(found)

    settings: frozenset[str] = frozenset()
    """Names of the modules of settings."""

    def target(self, node: Node, scope: Scope) -> Target | None:
        """The first-party definition, constant or module that a chain of names stands for."""
        return self.names.target(node, scope)

    def of_target(self, target: Target) -> Shape:
        """What a first-party class, function, constant or member of a class is as a value."""
        if target in self.names.classes:
            return make("class", name=target.name)
        if target in self.names.functions:
            return make("callable")
        if not target.qualname:
            return UNKNOWN
        owner = Target(target.module, target.qualname.rpartition(".")[0])
        if owner in self.names.classes:
            found = self.classes.of(owner)
            if found.kind == "enum":
                return found
        module = self.names.program.scopes[target.module]
        for annotation, _ in self.names.assigned(module).get(target.qualname, ()):
            if annotation is not None:
                return self.classes.annotations(Scope(module, None)).shape(annotation)
        return self.of_value(self.names.value(target))

    def of_value(self, value: Value, depth: int = 0) -> Shape:
        """The shape of a value of the interpreter that is known exactly."""
        if depth > 4:
            return UNKNOWN
        if isinstance(value, Bytes):
            return make("bytes")
        if isinstance(value, Const):
            return constant(value.value)
        if isinstance(value, Text):
            return STR
        if isinstance(value, Sequence):
            inner = [self.of_value(item, depth + 1) for item in value.items[:200]]
            if value.kind == "tuple":
                return make("tuple", *inner) if not value.open else UNKNOWN
            if value.kind not in ("list", "set"):
                return UNKNOWN
            return make("list" if value.kind == "list" else "set", *([join(inner)] if inner else []))
        if isinstance(value, Mapping):
            return self._of_mapping(value, depth)
        if isinstance(value, (Function, Bound, Wrapper)):
            return make("callable")
        if isinstance(value, Class):
            return make("class", name=f"{value.module.name}:{value.qualname}")
        if isinstance(value, External):
            return NAMED.get(value.name, UNKNOWN)
        if isinstance(value, Object):
            if isinstance(value.cls, Class):
                return self.classes.of(Target(value.cls.module.name, value.cls.qualname))
            if isinstance(value.cls, External):
                return self._expressions.results.of_library(value.cls.name)
        return UNKNOWN

    def _of_mapping(self, value: Mapping, depth: int) -> Shape:
        if any(not isinstance(key, str) for key in value.items):
            return shapes.OTHER_KEYS
        inner = [self.of_value(item, depth + 1) for item in list(value.items.values())[:200]]
        if value.open or len(value.items) > 200:
            return make("dict", join([*inner, *(self.of_value(item, depth + 1) for item in value.others)]))
        if not inner:
            return make("dict")
        fields = (Field(name=str(name), shape=found) for name, found in zip(value.items, inner, strict=True))
        return Shape(kind="typeddict", fields=tuple(fields))

    # -- expressions and results -----------------------------------------------------------------

    def shape(self, node: Node | None, scope: Scope) -> Shape:
        """The shape of an expression inside a function."""
        if node is None:
            return shapes.NONE
        if self._nesting >= _NESTING:
            return UNKNOWN
        self._nesting += 1
        try:
            if isinstance(node, syntax.Name):
                return self.name(node.id, scope)
            return self._expressions.shape(node, scope)
        finally:
            self._nesting -= 1

    def element_of(self, node: Node, scope: Scope) -> Shape:
        """What iterating over an expression gives."""
        match node:
            case syntax.Call(_, syntax.Name(_, "range"), [_, *_]):
                return INT
            case syntax.Call(_, syntax.Name(_, "enumerate"), [first, *_]):
                return make("tuple", INT, self.element_of(first, scope))
            case syntax.Call(_, syntax.Name(_, "reversed" | "sorted"), [first, *_]):
                return self.element_of(first, scope)
            case syntax.Call(_, syntax.Name(_, "zip"), arguments):
                return make("tuple", *(self.element_of(item, scope) for item in arguments))
            case syntax.Call(_, syntax.Attribute(_, source, "items" | "values" | "keys" as name), []):
                owner = self.shape(source, scope)
                if owner.kind == "dict" and owner.items:
                    value = owner.items[0]
                    return {"items": make("tuple", STR, value), "values": value}.get(name, STR)
        return element(self.shape(node, scope))

    def _guarded(self, work: Callable[[], Shape], otherwise: Shape) -> Shape:
        if self._depth >= _DEPTH:
            return otherwise
        self._depth += 1
        try:
            return work()
        finally:
            self._depth -= 1

    def result(self, target: Target) -> Shape:
        """What a function returns: its annotation, else the join of its return expressions."""
        if target in self._results:
            return self._results[target]
        function = self.names.functions.get(target)
        if function is None or self._depth >= _DEPTH:
            return UNKNOWN
        self._results[target] = UNKNOWN  # while it is read: recursion
        found = self._guarded(lambda: self._read_result(target, function), UNKNOWN)
        self._results[target] = found
        return found

    def _read_result(self, target: Target, function: Function) -> Shape:
        module = Scope(function.module, None)
        declared = self.classes.annotations(module).shape(function.returns)
        inferred = self._returned(target)
        if declared.kind not in shapes.BLOCKED and inferred.kind in ("row", "query", "response", "iterator"):
            return inferred  # the annotation is wrong
        if declared.kind == inferred.kind == "query" and not declared.items:
            return inferred
        if declared.kind == "unknown" or (declared.kind in ("list", "dict", "set") and not declared.items):
            return inferred if inferred.kind != "unknown" else declared
        return declared

    def _returned(self, target: Target) -> Shape:
        scope = self.scope(target)
        if scope is None:
            return UNKNOWN
        returned: list[Shape] = []
        for node in scope.of(syntax.Yield, syntax.Return):
            if isinstance(node, syntax.Yield):
                return ITERATOR
            if isinstance(node, syntax.Return):
                returned.append(self.shape(node.value, scope))
        if not returned or not ends(scope.body):
            returned.append(shapes.NONE)
        return join(returned)

    def call_target(self, target: Target) -> Shape:
        """What calling a first-party definition gives."""
        if target in self.names.classes:
            return self.classes.of(target)
        function = self.names.functions.get(target)
        if function is None or any(
            not item.keeps and not keeps(item.name, KEEPING) for item in decorations(function)
        ):
            return UNKNOWN
        return self.result(target)

    def row_of(self, shape: Shape) -> Shape:
        """The row behind a mapped class or a query; ``unknown`` behind anything else."""
        if shape.kind == "class":
            module, _, name = shape.name.partition(":")
            return self.classes.of(Target(module, name))
        return shape.items[0] if shape.kind == "query" and shape.items else UNKNOWN


def _part(value: Callable[[], Shape], index: int) -> Shape:
    return part(value(), index)


def _lazy(function: Callable[..., Shape], *arguments: object) -> Callable[[], Shape]:
    return lambda: function(*arguments)
