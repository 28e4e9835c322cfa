"""Expressions to shapes, from evidence only: literals, annotations, defaults, known calls, tables.

A local name holds the join of all that is assigned to it; a parameter what its annotation, its default or its
calls say. What none of them tells is ``unknown``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from strangler.contracts.operations import shapes
from strangler.contracts.operations.annotations import constant, dict_of
from strangler.contracts.operations.expressions import Expressions
from strangler.contracts.operations.flow import all_arguments, element, ends, wraps
from strangler.contracts.operations.knowledge import ITERATOR
from strangler.contracts.operations.shapes import INT, STR, UNKNOWN, join, make, nullable
from strangler.contracts.operations.source import (
    Code,
    FunctionNode,
    Sources,
    Target,
    dotted_name,
    imported,
    walk_function,
)
from strangler.contracts.operations.types import Types
from strangler.contracts.operations.values import Shape

_DEPTH = 12
"""Functions followed into one another."""
_NESTING = 40
"""Expressions followed into one another."""
_DATES = frozenset({"datetime", "date", "timedelta"})


@dataclass
class Scope:
    """A function's names."""

    code: Code
    function: FunctionNode | None
    owner: str = ""
    """Qualified name of the class around it."""
    qualname: str = ""
    parent: Scope | None = None
    """Of the function around it."""
    imports: dict[str, str] = field(default_factory=dict)
    assigned: dict[str, list[Callable[[], Shape]]] = field(default_factory=dict)
    parameters: dict[str, Callable[[], Shape]] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    known: dict[str, Shape] = field(default_factory=dict)


class Inference:
    """Shapes of expressions and of functions' results."""

    def __init__(self, sources: Sources, types: Types) -> None:
        self.sources = sources
        self.types = types
        self.parameter: Callable[[Target, str], Shape] = lambda target, name: UNKNOWN
        """What a function's parameter holds, set by who knows the calls."""
        self._results: dict[Target, Shape] = {}
        self._scopes: dict[tuple[str, str], Scope] = {}
        self._expressions = Expressions(self)
        self._depth = 0
        self._nesting = 0

    def scope(
        self, code: Code, qualname: str, node: FunctionNode | None, parent: Scope | None = None
    ) -> Scope:
        """The scope of a function (``node`` None: of the module)."""
        key = (code.module, f"{qualname}:{node.lineno if node else 0}")
        if key not in self._scopes:
            owner = qualname.rpartition(".")[0]
            owner = owner if isinstance(code.definitions.get(owner), ast.ClassDef) else ""
            owner = owner or (parent.owner if parent else "")
            scope = self._scopes[key] = Scope(code, node, owner=owner, qualname=qualname, parent=parent)
            if node is not None:
                self._fill(scope, node)
        return self._scopes[key]

    def _fill(self, scope: Scope, node: FunctionNode) -> None:
        target = Target(scope.code.module, scope.qualname)
        for argument in all_arguments(node):
            scope.parameters[argument.arg] = _lazy(self._parameter, target, argument.arg)
        for item in walk_function(node):
            if isinstance(item, ast.Import | ast.ImportFrom):
                scope.imports |= imported(scope.code, item)
            for name, value in self._assignments(scope, item):
                scope.assigned.setdefault(name, []).append(value)

    def _parameter(self, target: Target, name: str) -> Shape:
        return self._guarded(lambda: self.parameter(target, name), UNKNOWN)

    def _assignments(self, scope: Scope, node: ast.AST) -> Iterator[tuple[str, Callable[[], Shape]]]:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from self._unpack(scope, target, _lazy(self.shape, node.value, scope))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            reader = self.types.annotations(scope.code, scope.imports)
            yield node.target.id, _lazy(reader.shape, node.annotation)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            combined = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
            yield node.target.id, _lazy(self.shape, combined, scope)
        elif isinstance(node, ast.NamedExpr):
            yield node.target.id, _lazy(self.shape, node.value, scope)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield from self._unpack(scope, node.target, _lazy(self.element_of, node.iter, scope))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            yield from self._unpack(scope, node.optional_vars, _lazy(self._entered, node.context_expr, scope))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, lambda: make("object")

    def _unpack(
        self, scope: Scope, target: ast.expr, value: Callable[[], Shape]
    ) -> Iterator[tuple[str, Callable[[], Shape]]]:
        if isinstance(target, ast.Name):
            yield target.id, value
        elif isinstance(target, ast.Tuple | ast.List):
            for index, item in enumerate(target.elts):
                yield from self._unpack(scope, item, _lazy(_part, value, index))

    def _entered(self, node: ast.expr, scope: Scope) -> Shape:
        found = self.shape(node, scope)
        return found if found.kind == "file" else UNKNOWN

    def element_of(self, node: ast.expr, scope: Scope) -> Shape:
        """What iterating over an expression gives."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            if node.func.id == "range":
                return INT
            if node.func.id == "enumerate":
                return make("tuple", INT, self.element_of(node.args[0], scope))
            if node.func.id in ("reversed", "sorted"):
                return self.element_of(node.args[0], scope)
            if node.func.id == "zip":
                return make("tuple", *(self.element_of(item, scope) for item in node.args))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
            owner = (
                self.shape(node.func.value, scope) if node.func.attr in ("items", "values", "keys") else None
            )
            if owner is not None and owner.kind == "dict" and owner.items:
                value = owner.items[0]
                found = {"items": make("tuple", STR, value), "values": value, "keys": STR}
                return found[node.func.attr]
        return element(self.shape(node, scope))

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
            found = join(value() for value in values)
            return self._grown(name, found, scope)
        if scope.parent is not None and name not in scope.imports:
            return self.name(name, scope.parent)
        target = self.target(ast.Name(name, ast.Load()), scope)
        return self.of_target(target) if target else UNKNOWN

    def _grown(self, name: str, shape: Shape, scope: Scope) -> Shape:
        """A container that the function goes on filling."""
        if shape.kind not in ("list", "set", "dict", "typeddict") or scope.function is None or shape.name:
            return shape
        added = list(self._added(name, shape, scope, scope.function))
        if not added:
            return shape
        before = [field.shape for field in shape.fields] if shape.kind == "typeddict" else list(shape.items)
        kind = "dict" if shape.kind == "typeddict" else shape.kind
        found = make(kind, join([*before, *added]))
        return nullable(found) if shape.nullable else found

    def _added(self, name: str, shape: Shape, scope: Scope, function: FunctionNode) -> Iterator[Shape]:
        for item in walk_function(function):
            if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.args:
                if dotted_name(item.func.value) != name:
                    continue
                if item.func.attr in ("append", "add"):
                    yield self.shape(item.args[0], scope)
                elif item.func.attr == "extend":
                    yield self.element_of(item.args[0], scope)
                elif item.func.attr in ("update", "insert", "setdefault"):
                    yield UNKNOWN
            elif isinstance(item, ast.Assign):
                for target in item.targets:
                    if isinstance(target, ast.Subscript) and dotted_name(target.value) == name:
                        value = self.shape(item.value, scope)
                        if shape.kind in ("dict", "typeddict"):
                            keyed = dict_of(self.shape(target.slice, scope), value)
                            value = keyed.items[0] if keyed.kind == "dict" else keyed
                        yield value

    def setting(self, name: str) -> Shape:
        """What the settings modules of a Django project set a name to, where they agree."""
        values = []
        for module in self.types.settings:
            code = self.sources.load(module)
            if code is not None and name in code.constants:
                values.append(self.of_target(Target(module, name)))
        return join(values)

    def target(self, node: ast.expr, scope: Scope) -> Target | None:
        """The first-party definition, constant or module that a name or chain of attributes stands for."""
        written = self.dotted(node, scope)
        return self.sources.find_from(scope.code, written) if written else None

    def dotted(self, node: ast.expr, scope: Scope) -> str | None:
        """The full dotted name; None for local values and whatever is no chain of names."""
        written = dotted_name(node)
        if written is None:
            return None
        head, _, tail = written.partition(".")
        code = scope.code
        if head in scope.imports:
            known = scope.imports[head]
        elif head in scope.assigned or head in scope.parameters:
            return None
        elif scope.parent is not None:
            return self.dotted(node, scope.parent)
        elif head in code.definitions or head in code.constants:
            known = f"{code.module}.{head}"
        elif head in code.imports:
            known = code.imports[head]
        else:
            stars = (f"{star}.{head}" for star in code.stars)
            known = next((name for name in stars if self.sources.find_from(code, name)), f"builtins.{head}")
        return f"{known}.{tail}" if tail else known

    def of_target(self, target: Target) -> Shape:
        """What a first-party class, function, constant or member of a class is as a value."""
        node = self.sources.definition(target)
        code = self.sources.load(target.module)
        if isinstance(node, ast.ClassDef):
            return make("class", name=f"{target.module}:{target.qualname}")
        if node is not None:
            return make("callable")
        if code is None:
            return UNKNOWN
        if target.qualname in code.annotations:
            return self.types.annotations(code).shape(code.annotations[target.qualname])
        values = code.constants.get(target.qualname)
        if values:
            scope = self.scope(code, "", None)
            return self._guarded(lambda: join(self.shape(value, scope) for value in values), UNKNOWN)
        owner, _, attribute = target.qualname.rpartition(".")
        holder = self.sources.definition(Target(target.module, owner)) if owner else None
        if isinstance(holder, ast.ClassDef):
            found = self.types.of(Target(target.module, owner))
            if found.kind == "enum":
                return found
            for item in holder.body:
                if isinstance(item, ast.Assign) and dotted_name(item.targets[0]) == attribute:
                    return constant(item.value.value) if isinstance(item.value, ast.Constant) else UNKNOWN
        return UNKNOWN

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
        node, code = self.sources.definition(target), self.sources.load(target.module)
        if code is None or node is None or isinstance(node, ast.ClassDef) or self._depth >= _DEPTH:
            return UNKNOWN
        self._results[target] = UNKNOWN  # while it is read: recursion
        found = self._guarded(lambda: self._read_result(target, code, node), UNKNOWN)
        self._results[target] = found
        return found

    def _read_result(self, target: Target, code: Code, node: FunctionNode) -> Shape:
        reader = self.types.annotations(code)
        declared = reader.shape(node.returns) if node.returns is not None else UNKNOWN
        inferred = self._returned(target, code, node)
        plain = declared.kind not in shapes.BLOCKED
        if plain and inferred.kind in ("row", "query", "response", "iterator"):
            return inferred  # the annotation is wrong
        if declared.kind == "unknown" or (declared.kind in ("list", "dict", "set") and not declared.items):
            return inferred if inferred.kind != "unknown" else declared
        return declared

    def _returned(self, target: Target, code: Code, node: FunctionNode) -> Shape:
        scope = self.scope(code, target.qualname, node)
        returned: list[Shape] = []
        for item in walk_function(node):
            if isinstance(item, ast.Yield | ast.YieldFrom):
                return ITERATOR
            if isinstance(item, ast.Return):
                returned.append(self.shape(item.value, scope) if item.value else shapes.NONE)
        if not returned or not ends(node.body):
            returned.append(shapes.NONE)
        return join(returned)

    def shape(self, node: ast.expr, scope: Scope) -> Shape:
        """The shape of an expression inside a function."""
        if self._nesting >= _NESTING:
            return UNKNOWN
        self._nesting += 1
        try:
            if isinstance(node, ast.Name):
                return self.name(node.id, scope)
            return self._expressions.shape(node, scope)
        finally:
            self._nesting -= 1

    def call_target(self, target: Target) -> Shape:
        """What calling a first-party definition gives."""
        definition = self.sources.definition(target)
        if isinstance(definition, ast.ClassDef):
            return self.types.of(target)
        if definition is None:
            return UNKNOWN
        if any(wraps(item) for item in definition.decorator_list):
            return UNKNOWN
        return self.result(target)

    def method(self, owner: Shape, name: str) -> Target | None:
        """The definition of a method of a row, record or object, across bases."""
        module, _, qualname = owner.name.partition(":")
        if not module or not qualname:
            return None
        start = Target(module, qualname)
        for dotted in [start.dotted, *self.types.bases(start)]:
            found = self.sources.find(dotted)
            if found is None:
                continue
            candidate = Target(found.module, f"{found.qualname}.{name}")
            if self.sources.definition(candidate) is not None:
                return candidate
        return None

    def row_of(self, shape: Shape) -> Shape:
        """The row behind a mapped class or a query; ``unknown`` behind anything else."""
        if shape.kind == "class":
            module, _, name = shape.name.partition(":")
            return self.types.of(Target(module, name))
        return shape.items[0] if shape.kind == "query" and shape.items else UNKNOWN


def _part(value: Callable[[], Shape], index: int) -> Shape:
    found = value()
    if found.kind == "tuple":
        return found.items[index] if index < len(found.items) else UNKNOWN
    return element(found)


def _lazy(function: Callable[..., Shape], *arguments: object) -> Callable[[], Shape]:
    return lambda: function(*arguments)
