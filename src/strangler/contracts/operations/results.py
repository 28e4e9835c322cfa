"""What calls give: of the language, of libraries, of ORMs, of the monolith itself."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from strangler.contracts.operations import shapes
from strangler.contracts.operations.flow import element
from strangler.contracts.operations.knowledge import (
    BUILTINS,
    CALLS,
    LISTS_OF_SESSION,
    METHODS,
    ROW_OF_QUERY,
    ROW_OR_NONE,
    VALUE_OF_QUERY,
)
from strangler.contracts.operations.shapes import BOOL, INT, UNKNOWN, join, make, nullable
from strangler.contracts.operations.source import dotted_name
from strangler.contracts.operations.values import Field, Shape

if TYPE_CHECKING:
    from strangler.contracts.operations.inference import Inference, Scope

_SESSIONS = frozenset({"session", "db.session", "Session", "self.session"})


class Results:
    """Results of calls."""

    def __init__(self, inference: Inference) -> None:
        self._ask = inference

    def of_call(self, node: ast.Call, scope: Scope) -> Shape:
        """What a call gives."""
        dotted = self._ask.dotted(node.func, scope)
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
                return self._ask.row_of(self._ask.shape(node.args[0], scope))
            target = self._ask.sources.find_from(scope.code, dotted)
            if target is not None:
                called = self._ask.call_target(target)
                if called.kind != "unknown":
                    return called
        if isinstance(node.func, ast.Attribute):
            return self._method_call(node.func, node, scope)
        return UNKNOWN

    def _sqlalchemy_select(self, dotted: str, node: ast.Call, scope: Scope) -> Shape:
        if dotted.endswith(".select") and len(node.args) == 1:
            row = self._ask.row_of(self._ask.shape(node.args[0], scope))
            return make("query", row) if row.kind == "row" else CALLS[dotted]
        return CALLS[dotted]

    def _builtin(self, name: str, node: ast.Call, scope: Scope) -> Shape:
        first = node.args[0] if node.args else None
        if name in ("list", "sorted", "set", "frozenset"):
            kind = "list" if name == "sorted" else name
            item = self._ask.element_of(first, scope) if first is not None else None
            return make(kind, *([item] if item else []))  # type: ignore[arg-type]
        if name == "dict":
            if first is None:
                fields = tuple(
                    Field(name=word.arg, shape=self._ask.shape(word.value, scope))
                    for word in node.keywords
                    if word.arg
                )
                complete = len(fields) == len(node.keywords)
                return Shape(kind="typeddict", fields=fields) if fields and complete else make("dict")
            found = self._ask.shape(first, scope)
            return found if found.kind in ("dict", "typeddict") and not node.keywords else UNKNOWN
        if name == "tuple":
            return UNKNOWN
        if name in ("abs", "round"):
            found = self._ask.shape(first, scope) if first is not None else UNKNOWN
            return INT if name == "round" and len(node.args) == 1 and found.kind == "float" else found
        if name in ("min", "max"):
            if len(node.args) == 1 and first is not None:
                return self._ask.element_of(first, scope)
            return join(self._ask.shape(item, scope) for item in node.args)
        if name == "sum" and first is not None:
            start = [self._ask.shape(item, scope) for item in node.args[1:]]
            inner = first.elt if isinstance(first, ast.GeneratorExp) else None
            item = self._ask.shape(inner, scope) if inner is not None else self._ask.element_of(first, scope)
            return start[0] if start and start[0].kind == "decimal" else join([item, *start])
        return BUILTINS.get(name, UNKNOWN)

    def _method_call(self, function: ast.Attribute, node: ast.Call, scope: Scope) -> Shape:
        name = function.attr
        written = dotted_name(function.value) or ""
        if isinstance(function.value, ast.Name) and function.value.id in ("self", "cls") and scope.owner:
            method = self._ask.method(make("object", name=f"{scope.code.module}:{scope.owner}"), name)
            return self._ask.result(method) if method else UNKNOWN
        owner = self._ask.shape(function.value, scope)
        if written in _SESSIONS or written.endswith(".session") or owner.kind == "session":
            return self._session_call(name, node, scope)
        if owner.kind in ("query", "class"):
            return self._query_call(owner, name)
        if owner.kind == "dict" and name in ("get", "pop", "setdefault", "copy"):
            if name == "copy":
                return owner
            inner = owner.items[0] if owner.items else UNKNOWN
            return (
                nullable(inner)
                if len(node.args) == 1
                else join((inner, self._ask.shape(node.args[1], scope)))
            )
        if owner.kind == "json" and name in ("get", "pop", "copy"):
            return owner
        if owner.kind == "typeddict" and name == "get" and node.args:
            key = node.args[0]
            text = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
            return self._ask.types.attribute(owner, text) if text is not None else UNKNOWN
        if owner.kind in ("list", "set") and name in ("copy", "pop"):
            return owner if name == "copy" else element(owner)
        if owner.kind in METHODS:
            return METHODS[owner.kind].get(name, UNKNOWN)
        method = self._ask.method(owner, name) if owner.kind in ("row", "object", *shapes.RECORDS) else None
        return self._ask.result(method) if method else UNKNOWN

    def _session_call(self, name: str, node: ast.Call, scope: Scope) -> Shape:
        first = self._ask.shape(node.args[0], scope) if node.args else UNKNOWN
        row = self._ask.row_of(first)
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
        row = self._ask.row_of(owner)
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
        django = self._ask.types.framework_of.get(row.name.replace(":", ".")) == "django"
        if name in LISTS_OF_SESSION and not django:
            return make("list", known)
        if name in ("values", "values_list", "scalars", "unique", "distinct", "with_entities"):
            return make("query", known) if name in ("scalars", "unique", "distinct") else make("query")
        return owner
