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
from strangler.contracts.operations.knowledge import (
    ATTRIBUTES,
    BUILTINS,
    CALLS,
    DATE,
    DATETIME,
    DECIMAL,
    ITERATOR,
    LISTS_OF_SESSION,
    METHODS,
    ROW_OF_QUERY,
    ROW_OR_NONE,
    TIMEDELTA,
    VALUE_OF_QUERY,
)
from strangler.contracts.operations.shapes import BOOL, FLOAT, INT, JSON, STR, UNKNOWN, join, make, nullable
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
from strangler.contracts.operations.values import Field, Shape

_DEPTH = 12
"""Functions followed into one another."""
_NESTING = 40
"""Expressions followed into one another."""
_SESSIONS = frozenset({"session", "db.session", "Session", "self.session"})
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
            yield from self._unpack(scope, node.target, _lazy(self._element, node.iter, scope))
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

    def _element(self, node: ast.expr, scope: Scope) -> Shape:
        """What iterating over an expression gives."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            if node.func.id == "range":
                return INT
            if node.func.id == "enumerate":
                return make("tuple", INT, self._element(node.args[0], scope))
            if node.func.id in ("reversed", "sorted"):
                return self._element(node.args[0], scope)
            if node.func.id == "zip":
                return make("tuple", *(self._element(item, scope) for item in node.args))
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
        return self._of_target(target) if target else UNKNOWN

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
                    yield self._element(item.args[0], scope)
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

    def _of_target(self, target: Target) -> Shape:
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
        if node.returns is not None:
            found = self.types.annotations(code).shape(node.returns)
            if found.kind != "unknown" and not (found.kind in ("list", "dict", "set") and not found.items):
                return found
        scope = self.scope(code, target.qualname, node)
        returned: list[Shape] = []
        for item in walk_function(node):
            if isinstance(item, ast.Yield | ast.YieldFrom):
                return ITERATOR
            if isinstance(item, ast.Return):
                returned.append(self.shape(item.value, scope) if item.value else shapes.NONE)
        if not returned or not ends(node.body):
            returned.append(shapes.NONE)
        inferred = join(returned)
        return inferred if node.returns is None or inferred.kind != "unknown" else found

    def shape(self, node: ast.expr, scope: Scope) -> Shape:
        """The shape of an expression inside a function."""
        if self._nesting >= _NESTING:
            return UNKNOWN
        self._nesting += 1
        try:
            return self._shape(node, scope)
        finally:
            self._nesting -= 1

    def _shape(self, node: ast.expr, scope: Scope) -> Shape:
        if isinstance(node, ast.Name):
            return self.name(node.id, scope)
        method: Callable[[ast.expr, Scope], Shape] | None
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        return method(node, scope) if method else UNKNOWN

    def _constant(self, node: ast.Constant, scope: Scope) -> Shape:
        return constant(node.value)

    def _joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Shape:
        return STR

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Shape:
        return make("callable")

    def _generatorexp(self, node: ast.GeneratorExp, scope: Scope) -> Shape:
        return ITERATOR

    def _starred(self, node: ast.Starred, scope: Scope) -> Shape:
        return self._element(node.value, scope)

    def _await(self, node: ast.Await, scope: Scope) -> Shape:
        return self.shape(node.value, scope)

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Shape:
        return self.shape(node.value, scope)

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Shape:
        return join((self.shape(node.body, scope), self.shape(node.orelse, scope)))

    def _compare(self, node: ast.Compare, scope: Scope) -> Shape:
        if all(isinstance(item, ast.In | ast.NotIn | ast.Is | ast.IsNot) for item in node.ops):
            return BOOL
        left = self.shape(node.left, scope)  # of columns and unknown values a comparison may be a query
        sure = left.kind not in ("unknown", "object", "row", "class", "query")
        return (
            BOOL
            if sure or (isinstance(node.comparators[0], ast.Constant) and left.kind != "class")
            else UNKNOWN
        )

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Shape:
        return BOOL if isinstance(node.op, ast.Not) else self.shape(node.operand, scope)

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Shape:
        parts = [self.shape(item, scope) for item in node.values]
        if isinstance(node.op, ast.Or):
            parts = [shapes.required(item) for item in parts[:-1]] + parts[-1:]
            parts = [item for item in parts[:-1] if item.kind != "none"] + parts[-1:]
        return join(parts)

    def _binop(self, node: ast.BinOp, scope: Scope) -> Shape:
        left, right = self.shape(node.left, scope), self.shape(node.right, scope)
        return arithmetic(node.op, shapes.required(left), shapes.required(right))

    def _list(self, node: ast.List | ast.Set, scope: Scope) -> Shape:
        items = [self.shape(item, scope) for item in node.elts]
        return make("list" if isinstance(node, ast.List) else "set", *([join(items)] if items else []))

    _set = _list

    def _listcomp(self, node: ast.ListComp | ast.SetComp, scope: Scope) -> Shape:
        return make("list" if isinstance(node, ast.ListComp) else "set", self.shape(node.elt, scope))

    _setcomp = _listcomp

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Shape:
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return UNKNOWN
        return make("tuple", *(self.shape(item, scope) for item in node.elts))

    def _dict(self, node: ast.Dict, scope: Scope) -> Shape:
        values = [self.shape(item, scope) for item in node.values]
        names = [
            key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
        if not values:
            return make("dict")
        if len(names) == len(set(names)) == len(values):
            found = (Field(name=name, shape=value) for name, value in zip(names, values, strict=True))
            return Shape(kind="typeddict", fields=tuple(found))
        parts = [
            dict_of(self.shape(key, scope), value) if key is not None else _merged(value)
            for key, value in zip(node.keys, values, strict=True)
        ]
        return join(parts)

    def _dictcomp(self, node: ast.DictComp, scope: Scope) -> Shape:
        return dict_of(self.shape(node.key, scope), self.shape(node.value, scope))

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Shape:
        target = self.target(node, scope)
        named = self._of_target(target) if target is not None else UNKNOWN
        if named.kind != "unknown":
            return named
        owner = self.shape(node.value, scope)
        if owner.kind in ATTRIBUTES:
            return ATTRIBUTES[owner.kind].get(node.attr, UNKNOWN)
        if owner.kind == "class":
            if node.attr in ("objects", "query", "_default_manager", "_base_manager"):
                return make("query", Shape(kind="row", name=owner.name))
            return UNKNOWN
        if owner.kind == "query":
            return UNKNOWN
        found = self.types.attribute(owner, node.attr)
        if found.kind == "unknown" and owner.name and owner.kind in ("row", "object"):
            found = self._property(owner, node.attr)
        if found.kind == "unknown" and owner.kind == "request":
            return make("object") if node.attr == "user" else UNKNOWN
        return found

    def _property(self, owner: Shape, attribute: str) -> Shape:
        method = self.method(owner, attribute)
        node = self.sources.definition(method) if method else None
        if method is None or not isinstance(node, ast.FunctionDef):
            return UNKNOWN
        names = {dotted_name(item) or "" for item in node.decorator_list}
        return (
            self.result(method)
            if names & {"property", "cached_property", "functools.cached_property"}
            else UNKNOWN
        )

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

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Shape:
        owner = self.shape(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            return owner if owner.kind in ("str", "bytes", "list", "query") else UNKNOWN
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if owner.kind == "tuple":
            inside = isinstance(index, int) and -len(owner.items) <= index < len(owner.items)
            return owner.items[index] if inside and isinstance(index, int) else UNKNOWN
        if owner.fields and isinstance(index, str):
            return self.types.attribute(owner, index)
        if owner.kind == "str":
            return STR
        if owner.kind in ("list", "dict"):
            return owner.items[0] if owner.items else UNKNOWN
        return owner.items[0] if owner.kind == "query" and owner.items else UNKNOWN

    def _call(self, node: ast.Call, scope: Scope) -> Shape:
        dotted = self.dotted(node.func, scope)
        if dotted is not None:
            if dotted.startswith("builtins.") and "." not in dotted.removeprefix("builtins."):
                return self._builtin(dotted.removeprefix("builtins."), node, scope)
            if dotted in CALLS:
                return self._sqlalchemy_select(dotted, node, scope)
            if dotted.startswith("collections."):
                return (
                    make("dict") if dotted.rpartition(".")[2] in ("defaultdict", "OrderedDict") else UNKNOWN
                )
            if dotted.endswith(("get_object_or_404", "get_or_404")) and node.args:
                return self.row_of(self.shape(node.args[0], scope))
            target = self.sources.find_from(scope.code, dotted)
            if target is not None:
                called = self.call_target(target)
                if called.kind != "unknown":
                    return called
        if isinstance(node.func, ast.Attribute):
            return self._method_call(node.func, node, scope)
        return UNKNOWN

    def call_target(self, target: Target) -> Shape:
        """What calling a first-party definition gives."""
        definition = self.sources.definition(target)
        if isinstance(definition, ast.ClassDef):
            return self.types.of(target)
        if definition is None:
            return UNKNOWN
        if any(_wraps(item) for item in definition.decorator_list):
            return UNKNOWN
        return self.result(target)

    def _sqlalchemy_select(self, dotted: str, node: ast.Call, scope: Scope) -> Shape:
        if dotted.endswith(".select") and len(node.args) == 1:
            row = self.row_of(self.shape(node.args[0], scope))
            return make("query", row) if row.kind == "row" else CALLS[dotted]
        return CALLS[dotted]

    def row_of(self, shape: Shape) -> Shape:
        """The row behind a mapped class or a query; ``unknown`` behind anything else."""
        if shape.kind == "class":
            module, _, name = shape.name.partition(":")
            return self.types.of(Target(module, name))
        return shape.items[0] if shape.kind == "query" and shape.items else UNKNOWN

    def _builtin(self, name: str, node: ast.Call, scope: Scope) -> Shape:
        first = node.args[0] if node.args else None
        if name in ("list", "sorted", "set", "frozenset"):
            kind = "list" if name == "sorted" else name
            item = self._element(first, scope) if first is not None else None
            return make(kind, *([item] if item else []))  # type: ignore[arg-type]
        if name == "dict":
            if first is None:
                fields = tuple(
                    Field(name=word.arg, shape=self.shape(word.value, scope))
                    for word in node.keywords
                    if word.arg
                )
                complete = len(fields) == len(node.keywords)
                return Shape(kind="typeddict", fields=fields) if fields and complete else make("dict")
            found = self.shape(first, scope)
            return found if found.kind in ("dict", "typeddict") and not node.keywords else UNKNOWN
        if name == "tuple":
            return UNKNOWN
        if name in ("abs", "round"):
            found = self.shape(first, scope) if first is not None else UNKNOWN
            return INT if name == "round" and len(node.args) == 1 and found.kind == "float" else found
        if name in ("min", "max"):
            if len(node.args) == 1 and first is not None:
                return self._element(first, scope)
            return join(self.shape(item, scope) for item in node.args)
        if name == "sum" and first is not None:
            start = [self.shape(item, scope) for item in node.args[1:]]
            inner = first.elt if isinstance(first, ast.GeneratorExp) else None
            item = self.shape(inner, scope) if inner is not None else self._element(first, scope)
            return start[0] if start and start[0].kind == "decimal" else join([item, *start])
        return BUILTINS.get(name, UNKNOWN)

    def _method_call(self, function: ast.Attribute, node: ast.Call, scope: Scope) -> Shape:
        name = function.attr
        written = dotted_name(function.value) or ""
        if isinstance(function.value, ast.Name) and function.value.id in ("self", "cls") and scope.owner:
            method = self.method(make("object", name=f"{scope.code.module}:{scope.owner}"), name)
            return self.result(method) if method else UNKNOWN
        owner = self.shape(function.value, scope)
        if written in _SESSIONS or written.endswith(".session") or owner.kind == "session":
            return self._session_call(name, node, scope)
        if owner.kind in ("query", "class"):
            return self._query_call(owner, name)
        if owner.kind == "dict" and name in ("get", "pop", "setdefault", "copy"):
            if name == "copy":
                return owner
            inner = owner.items[0] if owner.items else UNKNOWN
            return nullable(inner) if len(node.args) == 1 else join((inner, self.shape(node.args[1], scope)))
        if owner.kind == "typeddict" and name == "get" and node.args:
            key = node.args[0]
            return self.types.attribute(owner, key.value) if isinstance(key, ast.Constant) else UNKNOWN  # type: ignore[arg-type]
        if owner.kind in ("list", "set") and name in ("copy", "pop"):
            return owner if name == "copy" else element(owner)
        if owner.kind in METHODS:
            return METHODS[owner.kind].get(name, UNKNOWN)
        method = self.method(owner, name) if owner.kind in ("row", "object", *shapes.RECORDS) else None
        return self.result(method) if method else UNKNOWN

    def _session_call(self, name: str, node: ast.Call, scope: Scope) -> Shape:
        first = self.shape(node.args[0], scope) if node.args else UNKNOWN
        row = self.row_of(first)
        if name == "get":
            return nullable(row) if row.kind == "row" else UNKNOWN
        if name in ("query", "execute", "scalars", "exec"):
            return make("query", row) if row.kind == "row" else make("query")
        if name == "scalar":
            return nullable(row) if row.kind == "row" else UNKNOWN
        if name == "merge":
            return first
        return shapes.NONE if name in ("add", "commit", "flush", "rollback", "delete", "refresh") else UNKNOWN

    def _query_call(self, owner: Shape, name: str) -> Shape:
        row = self.row_of(owner)
        known = row if row.kind == "row" else UNKNOWN
        if owner.kind == "class":
            return UNKNOWN
        if name in ROW_OF_QUERY:
            return known
        if name in ROW_OR_NONE:
            return nullable(known) if known.kind == "row" else UNKNOWN
        if name in ("get_or_create", "update_or_create"):
            return make("tuple", known, BOOL)
        if name in VALUE_OF_QUERY:
            return VALUE_OF_QUERY[name]
        django = self.types.framework_of.get(row.name.replace(":", ".")) == "django"
        if name in LISTS_OF_SESSION and not django:
            return make("list", known)
        if name in ("values", "values_list", "scalars", "unique", "distinct", "with_entities"):
            return make("query", known) if name in ("scalars", "unique", "distinct") else make("query")
        return owner


def all_arguments(node: FunctionNode) -> list[ast.arg]:
    """Every parameter of a function."""
    found = node.args
    several = [found.vararg] if found.vararg else []
    several += [found.kwarg] if found.kwarg else []
    return [*found.posonlyargs, *found.args, *found.kwonlyargs, *several]


def ends(body: list[ast.stmt]) -> bool:
    """Whether a body never runs off its end, as far as its last statement shows."""
    last = body[-1] if body else None
    if isinstance(last, ast.Return | ast.Raise):
        return True
    if isinstance(last, ast.If):
        return bool(last.orelse) and ends(last.body) and ends(last.orelse)
    if isinstance(last, ast.With | ast.AsyncWith):
        return ends(last.body)
    if isinstance(last, ast.Try):
        if last.finalbody and ends(last.finalbody):
            return True
        return (ends(last.orelse) if last.orelse else ends(last.body)) and all(
            ends(handler.body) for handler in last.handlers
        )
    if isinstance(last, ast.While):
        endless = isinstance(last.test, ast.Constant) and bool(last.test.value)
        return endless and not any(isinstance(item, ast.Break) for item in ast.walk(last))
    if isinstance(last, ast.Match):
        wild = any(
            isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None for case in last.cases
        )
        return wild and all(ends(case.body) for case in last.cases)
    return False


def element(shape: Shape) -> Shape:
    """What iterating over a value gives."""
    if shape.kind in ("list", "set", "frozenset", "query"):
        return shape.items[0] if shape.items else UNKNOWN
    if shape.kind == "tuple":
        return join(shape.items)
    return STR if shape.kind in ("str", "dict", "typeddict") else UNKNOWN


def arithmetic(operator: ast.operator, left: Shape, right: Shape) -> Shape:
    """The result of a binary operator."""
    if left.kind == "str":
        return STR if isinstance(operator, ast.Add | ast.Mod | ast.Mult) else UNKNOWN
    kinds = {left.kind, right.kind}
    if "decimal" in kinds and kinds <= {"decimal", "int", "bool"}:
        return DECIMAL
    if kinds <= {"int", "float", "bool"}:
        if isinstance(operator, ast.Div):
            return FLOAT
        return FLOAT if "float" in kinds else INT
    if kinds <= _DATES and isinstance(operator, ast.Add | ast.Sub):
        if left.kind == right.kind or kinds == {"datetime", "date"}:
            return TIMEDELTA if kinds != {"datetime", "date"} else UNKNOWN
        return DATETIME if "datetime" in kinds else DATE
    if left.kind == right.kind and left.kind in ("list", "set", "bytes", "dict"):
        return join((left, right))
    return JSON if left.kind == right.kind == "json" else UNKNOWN


def _merged(shape: Shape) -> Shape:
    """``**mapping`` in a display."""
    if shape.kind == "typeddict":
        return make("dict", join(field.shape for field in shape.fields))
    return shape if shape.kind == "dict" else UNKNOWN


def _part(value: Callable[[], Shape], index: int) -> Shape:
    found = value()
    if found.kind == "tuple":
        return found.items[index] if index < len(found.items) else UNKNOWN
    return element(found)


def _wraps(decorator: ast.expr) -> bool:
    """Whether a decorator may change what the function returns."""
    name = dotted_name(decorator.func if isinstance(decorator, ast.Call) else decorator) or ""
    kept = (
        "staticmethod",
        "classmethod",
        "property",
        "cached_property",
        "lru_cache",
        "cache",
        "atomic",
        "wraps",
    )
    return name.rpartition(".")[2] not in kept


def _lazy(function: Callable[..., Shape], *arguments: object) -> Callable[[], Shape]:
    return lambda: function(*arguments)
