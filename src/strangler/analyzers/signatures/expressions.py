"""Displays, operators and attributes to shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.python.values import External, Wrapper
from strangler.analyzers.signatures.annotations import constant, dict_of
from strangler.analyzers.signatures.flow import arithmetic, merged
from strangler.analyzers.signatures.knowledge import ATTRIBUTES, ITERATOR, NAMED, OF_REQUEST
from strangler.analyzers.signatures.results import Results
from strangler.model import shapes
from strangler.model.shapes import BOOL, STR, UNKNOWN, Field, Shape, join, make

if TYPE_CHECKING:
    from strangler.analyzers.signatures.inference import Inference
    from strangler.analyzers.signatures.names import Scope

_IDENTITY = frozenset({"in", "not in", "is", "is not"})
_MANAGERS = frozenset({"objects", "query", "_default_manager", "_base_manager"})
_UNSURE = frozenset({"unknown", "object", "row", "class", "query"})


class Expressions:
    """One case for each kind of expression."""

    def __init__(self, inference: Inference) -> None:
        self._ask = inference
        self.results = Results(inference)

    def shape(self, node: Node, scope: Scope) -> Shape:
        """The shape of an expression that is no name."""
        ask = self._ask
        match node:
            case syntax.Call():
                return self.results.of_call(node, scope)
            case syntax.Constant(_, _, True):
                return make("bytes")
            case syntax.Constant(_, value):
                return constant(value)
            case syntax.JoinedText():
                return STR
            case syntax.Lambda():
                return make("callable")
            case syntax.Comprehension(_, "generator"):
                return ITERATOR
            case syntax.Comprehension(_, "dict", [key, value]):
                return dict_of(ask.shape(key, scope), ask.shape(value, scope))
            case syntax.Comprehension(_, kind, [item]):
                return make("list" if kind == "list" else "set", ask.shape(item, scope))
            case syntax.Starred(_, inner):
                return ask.element_of(inner, scope)
            case syntax.Await(_, inner) | syntax.Walrus(_, _, inner) | syntax.Group(_, [inner], "unary"):
                return ask.shape(inner, scope)
            case syntax.Conditional(_, _, one, other):
                return join((ask.shape(one, scope), ask.shape(other, scope)))
            case syntax.Not():
                return BOOL
            case syntax.Comparison(_, left, operators, rights):
                return self._compare(left, operators, rights, scope)
            case syntax.BooleanOperation(_, operator, operands):
                return self._boolean(operator, operands, scope)
            case syntax.BinaryOperation(_, "~" | "neg", inner, _):
                return ask.shape(inner, scope)
            case syntax.BinaryOperation(_, operator, left, right):
                sides = (shapes.required(ask.shape(left, scope)), shapes.required(ask.shape(right, scope)))
                return arithmetic(operator, *sides)
            case syntax.Display(_, kind, items):
                return self._sequence(kind, items, scope)
            case syntax.Dict(_, pairs):
                return self._dict(pairs, scope)
            case syntax.Attribute(_, owner, name):
                return self._attribute(node, owner, name, scope)
            case syntax.Subscript(_, owner, key):
                return self._item(ask.shape(owner, scope), key)
        return UNKNOWN

    def _compare(self, left: Node, operators: list[str], rights: Nodes, scope: Scope) -> Shape:
        if all(operator in _IDENTITY for operator in operators):
            return BOOL
        found = self._ask.shape(left, scope)  # of columns and unknown values a comparison may be a query
        to_constant = isinstance(rights[0], syntax.Constant) and found.kind != "class"
        return BOOL if found.kind not in _UNSURE or to_constant else UNKNOWN

    def _boolean(self, operator: str, operands: Nodes, scope: Scope) -> Shape:
        parts = [self._ask.shape(item, scope) for item in operands]
        if operator == "or":
            parts = [shapes.required(item) for item in parts[:-1]] + parts[-1:]
            parts = [item for item in parts[:-1] if item.kind != "none"] + parts[-1:]
        return join(parts)

    def _sequence(self, kind: str, items: Nodes, scope: Scope) -> Shape:
        found = [self._ask.shape(item, scope) for item in items]
        if kind == "tuple":
            return (
                UNKNOWN if any(isinstance(item, syntax.Starred) for item in items) else make("tuple", *found)
            )
        return make("list" if kind == "list" else "set", *([join(found)] if found else []))

    def _dict(self, pairs: list[tuple[syntax.Expr | None, syntax.Expr]], scope: Scope) -> Shape:
        if not pairs:
            return make("dict")
        values = [self._ask.shape(value, scope) for _, value in pairs]
        keys = [key.value for key, _ in pairs if isinstance(key, syntax.Constant)]
        names = [key for key in keys if isinstance(key, str)]
        if len(names) == len(set(names)) == len(values):
            fields = (Field(name=name, shape=value) for name, value in zip(names, values, strict=True))
            return Shape(kind="typeddict", fields=tuple(fields))
        return join(
            dict_of(self._ask.shape(key, scope), value) if key else merged(value)
            for (key, _), value in zip(pairs, values, strict=True)
        )

    def _attribute(self, node: Node, owner_node: Node, name: str, scope: Scope) -> Shape:
        ask = self._ask
        dotted = ask.names.dotted(node, scope)
        target = ask.names.find(dotted) if dotted else None
        named = ask.of_target(target) if target is not None else UNKNOWN
        if named.kind != "unknown":
            return named
        if dotted in NAMED:
            return NAMED[dotted]
        if dotted is not None and dotted.startswith("django.conf.settings."):
            return ask.setting(name)
        owner = ask.shape(owner_node, scope)
        if owner.kind in ATTRIBUTES:
            return ATTRIBUTES[owner.kind].get(name, UNKNOWN)
        if owner.kind == "class":
            row = ask.row_of(owner)
            return make("query", row) if name in _MANAGERS and row.kind == "row" else UNKNOWN
        if owner.kind == "query":
            return UNKNOWN
        found = ask.classes.attribute(owner, name)
        if found.kind == "unknown" and owner.name and owner.kind in ("row", "object"):
            found = self._property(owner, name)
        if found.kind == "unknown" and owner.kind == "request":
            return make("object") if name == "user" else OF_REQUEST.get(name, UNKNOWN)
        return found

    def _property(self, owner: Shape, attribute: str) -> Shape:
        method = self._ask.classes.method(owner, attribute)
        function = self._ask.names.functions.get(method) if method else None
        if method is None or function is None:
            return UNKNOWN
        value = function.owner.namespace.get(attribute) if function.owner is not None else None
        names = {item.name for item in function.decorators if isinstance(item, External)}
        is_property = isinstance(value, Wrapper) and value.kind == "property"
        if is_property or names & {"builtins.property", "functools.cached_property"}:
            return self._ask.result(method)
        return UNKNOWN

    def _item(self, owner: Shape, key: Node) -> Shape:
        if isinstance(key, syntax.Slice) or (isinstance(key, syntax.Group) and key.kind == "slice"):
            return owner if owner.kind in ("str", "bytes", "list", "query") else UNKNOWN
        index = key.value if isinstance(key, syntax.Constant) else None
        if owner.kind == "tuple":
            inside = isinstance(index, int) and -len(owner.items) <= index < len(owner.items)
            return owner.items[index] if inside and isinstance(index, int) else UNKNOWN
        if isinstance(index, str) and self._ask.classes.fields(owner):
            return self._ask.classes.attribute(owner, index)
        if owner.kind in ("str", "json"):
            return owner if owner.kind == "json" else STR
        if owner.kind in ("list", "dict", "query"):
            return owner.items[0] if owner.items else UNKNOWN
        return UNKNOWN
