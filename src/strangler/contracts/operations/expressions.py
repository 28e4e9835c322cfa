"""Displays, operators and attributes to shapes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.contracts.operations import shapes
from strangler.contracts.operations.annotations import constant, dict_of
from strangler.contracts.operations.flow import arithmetic, merged
from strangler.contracts.operations.knowledge import ATTRIBUTES, ITERATOR, NAMED, OF_REQUEST
from strangler.contracts.operations.results import Results
from strangler.contracts.operations.shapes import BOOL, STR, UNKNOWN, join, make
from strangler.contracts.operations.source import dotted_name
from strangler.contracts.operations.values import Field, Shape

if TYPE_CHECKING:
    from strangler.contracts.operations.inference import Inference, Scope


class Expressions:
    """One method for each kind of expression."""

    def __init__(self, inference: Inference) -> None:
        self._ask = inference
        self._results = Results(inference)

    def shape(self, node: ast.expr, scope: Scope) -> Shape:
        """The shape of an expression that is no name."""
        if isinstance(node, ast.Call):
            return self._results.of_call(node, scope)
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
        return self._ask.element_of(node.value, scope)

    def _await(self, node: ast.Await, scope: Scope) -> Shape:
        return self._ask.shape(node.value, scope)

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Shape:
        return self._ask.shape(node.value, scope)

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Shape:
        return join((self._ask.shape(node.body, scope), self._ask.shape(node.orelse, scope)))

    def _compare(self, node: ast.Compare, scope: Scope) -> Shape:
        if all(isinstance(item, ast.In | ast.NotIn | ast.Is | ast.IsNot) for item in node.ops):
            return BOOL
        left = self._ask.shape(node.left, scope)  # of columns and unknown values a comparison may be a query
        sure = left.kind not in ("unknown", "object", "row", "class", "query")
        return (
            BOOL
            if sure or (isinstance(node.comparators[0], ast.Constant) and left.kind != "class")
            else UNKNOWN
        )

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Shape:
        return BOOL if isinstance(node.op, ast.Not) else self._ask.shape(node.operand, scope)

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Shape:
        parts = [self._ask.shape(item, scope) for item in node.values]
        if isinstance(node.op, ast.Or):
            parts = [shapes.required(item) for item in parts[:-1]] + parts[-1:]
            parts = [item for item in parts[:-1] if item.kind != "none"] + parts[-1:]
        return join(parts)

    def _binop(self, node: ast.BinOp, scope: Scope) -> Shape:
        left, right = self._ask.shape(node.left, scope), self._ask.shape(node.right, scope)
        return arithmetic(node.op, shapes.required(left), shapes.required(right))

    def _list(self, node: ast.List | ast.Set, scope: Scope) -> Shape:
        items = [self._ask.shape(item, scope) for item in node.elts]
        return make("list" if isinstance(node, ast.List) else "set", *([join(items)] if items else []))

    _set = _list

    def _listcomp(self, node: ast.ListComp | ast.SetComp, scope: Scope) -> Shape:
        return make("list" if isinstance(node, ast.ListComp) else "set", self._ask.shape(node.elt, scope))

    _setcomp = _listcomp

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Shape:
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return UNKNOWN
        return make("tuple", *(self._ask.shape(item, scope) for item in node.elts))

    def _dict(self, node: ast.Dict, scope: Scope) -> Shape:
        values = [self._ask.shape(item, scope) for item in node.values]
        names = [
            key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
        if not values:
            return make("dict")
        if len(names) == len(set(names)) == len(values):
            found = (Field(name=name, shape=value) for name, value in zip(names, values, strict=True))
            return Shape(kind="typeddict", fields=tuple(found))
        parts = [
            dict_of(self._ask.shape(key, scope), value) if key is not None else merged(value)
            for key, value in zip(node.keys, values, strict=True)
        ]
        return join(parts)

    def _dictcomp(self, node: ast.DictComp, scope: Scope) -> Shape:
        return dict_of(self._ask.shape(node.key, scope), self._ask.shape(node.value, scope))

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Shape:
        target = self._ask.target(node, scope)
        named = self._ask.of_target(target) if target is not None else UNKNOWN
        if named.kind != "unknown":
            return named
        dotted = self._ask.dotted(node, scope)
        if dotted in NAMED:
            return NAMED[dotted]
        if dotted is not None and dotted.startswith("django.conf.settings."):
            return self._ask.setting(node.attr)
        owner = self._ask.shape(node.value, scope)
        if owner.kind in ATTRIBUTES:
            return ATTRIBUTES[owner.kind].get(node.attr, UNKNOWN)
        if owner.kind == "class":
            if node.attr in ("objects", "query", "_default_manager", "_base_manager"):
                return make("query", Shape(kind="row", name=owner.name))
            return UNKNOWN
        if owner.kind == "query":
            return UNKNOWN
        found = self._ask.types.attribute(owner, node.attr)
        if found.kind == "unknown" and owner.name and owner.kind in ("row", "object"):
            found = self._property(owner, node.attr)
        if found.kind == "unknown" and owner.kind == "request":
            return make("object") if node.attr == "user" else OF_REQUEST.get(node.attr, UNKNOWN)
        return found

    def _property(self, owner: Shape, attribute: str) -> Shape:
        method = self._ask.method(owner, attribute)
        node = self._ask.sources.definition(method) if method else None
        if method is None or not isinstance(node, ast.FunctionDef):
            return UNKNOWN
        names = {dotted_name(item) or "" for item in node.decorator_list}
        return (
            self._ask.result(method)
            if names & {"property", "cached_property", "functools.cached_property"}
            else UNKNOWN
        )

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Shape:
        owner = self._ask.shape(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            return owner if owner.kind in ("str", "bytes", "list", "query") else UNKNOWN
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if owner.kind == "tuple":
            inside = isinstance(index, int) and -len(owner.items) <= index < len(owner.items)
            return owner.items[index] if inside and isinstance(index, int) else UNKNOWN
        if owner.fields and isinstance(index, str):
            return self._ask.types.attribute(owner, index)
        if owner.kind in ("str", "json"):
            return owner if owner.kind == "json" else STR
        if owner.kind in ("list", "dict"):
            return owner.items[0] if owner.items else UNKNOWN
        return owner.items[0] if owner.kind == "query" and owner.items else UNKNOWN
