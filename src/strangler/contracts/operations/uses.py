"""What a function does with a parameter, where that shows what the parameter holds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from strangler.contracts.operations.inference import Inference, Scope
from strangler.contracts.operations.knowledge import (
    FILE_METHODS,
    QUERY_METHODS,
    REQUEST_ATTRIBUTES,
    ROW_METHODS,
    SESSION_METHODS,
    words,
)
from strangler.contracts.operations.shapes import JSON, STR, UNKNOWN, make, required
from strangler.contracts.operations.signatures import argument_of, is_bound, signature
from strangler.contracts.operations.source import FunctionNode, Target, walk_function
from strangler.contracts.operations.values import Shape

_TEXT = words("encode casefold format format_map")
"""Methods that only text has."""
_TEXT_OF_TEXT = words(
    "split rsplit startswith endswith replace strip lstrip rstrip partition rpartition count find join"
)
"""Methods that take text when they are methods of text, and bytes when they are methods of bytes."""
_CHANGING = words(
    "append extend insert remove pop popitem clear sort reverse add discard update setdefault "
    "difference_update intersection_update"
)
_OF_CONTAINERS = words("get items keys values append extend") | _TEXT | _TEXT_OF_TEXT
"""Attributes that a row does not have: what has them is only called like one."""
_LOOKUPS = words("filter filter_by exclude get get_or_create update_or_create create update")


class Uses:
    """Evidence from the bodies of functions."""

    def __init__(self, inference: Inference, parameter: Callable[[Target, str], tuple[Shape, str]]) -> None:
        self._inference = inference
        self._parameter = parameter

    def of(self, target: Target, name: str) -> Shape:
        """What a parameter must hold; ``unknown`` where its uses do not show it."""
        node, code = self._inference.sources.definition(target), self._inference.sources.load(target.module)
        if code is None or node is None or isinstance(node, ast.ClassDef):
            return UNKNOWN
        scope = self._inference.scope(code, target.qualname, node)
        if name in scope.assigned:
            return UNKNOWN
        found = self._by_attributes(name, set(self.attributes(target, name)))
        for item in walk_function(node) if found.kind == "unknown" else ():
            found = self._by_place(item, name, scope)
            if found.kind != "unknown":
                break
        return found if found.kind != "unknown" else self._handed_on(node, name, scope)

    def attributes(self, target: Target, name: str) -> Iterator[str]:
        """Attributes of a parameter that the function's own body uses, sorted."""
        node = self._inference.sources.definition(target)
        if node is None:
            return
        yield from sorted(
            {
                item.attr
                for item in ast.walk(node)
                if isinstance(item, ast.Attribute) and _is(item.value, name)
            }
        )

    def changed(self, target: Target, name: str) -> int | None:
        """The line where the function changes a list, dict or set that it was given, in its own body."""
        node = self._inference.sources.definition(target)
        for item in walk_function(node) if node is not None else ():
            place: ast.expr | None = None
            if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute):
                place = item.func.value if item.func.attr in _CHANGING else None
            elif isinstance(item, ast.Subscript) and not isinstance(item.ctx, ast.Load):
                place = item.value
            elif isinstance(item, ast.AugAssign):
                place = item.target
            if place is not None and _is(place, name):
                return place.lineno
        return None

    def _by_attributes(self, name: str, attributes: set[str]) -> Shape:
        if name in ("request", "req") and attributes & (REQUEST_ATTRIBUTES | {"user"}):
            return make("request")
        if "objects" in attributes:
            return make("class")
        row = self._inference.types.row_called(name)
        if row is not None and attributes and not attributes & _OF_CONTAINERS:
            return row
        if attributes & ROW_METHODS or attributes & {"pk", "_meta"}:
            return make("row")
        if attributes & QUERY_METHODS:
            return make("query")
        if name in ("session", "db", "conn", "connection", "cursor") and attributes & SESSION_METHODS:
            return make("session")
        if attributes & FILE_METHODS:
            return make("file")
        return STR if attributes & _TEXT else UNKNOWN

    def _by_place(self, node: ast.AST, name: str, scope: Scope) -> Shape:
        """What a single expression shows."""
        if isinstance(node, ast.Call):
            if _is(node.func, name):
                return make("callable")
            if isinstance(node.func, ast.Attribute):
                first = node.args[0] if node.args else None
                text = isinstance(first, ast.Constant) and isinstance(first.value, str)
                if _is(node.func.value, name) and node.func.attr in _TEXT_OF_TEXT and text:
                    return STR
                if node.func.attr in _LOOKUPS:
                    return self._by_lookup(node, node.func, name, scope)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            text = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
            return STR if text and _is(node.right, name) else UNKNOWN
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute):
            same = len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)
            if same and _is(node.comparators[0], name):
                return self._of_column(self._inference.shape(node.left.value, scope), node.left.attr)
        return UNKNOWN

    def _by_lookup(self, call: ast.Call, function: ast.Attribute, name: str, scope: Scope) -> Shape:
        """``Order.objects.filter(code=parameter)``: what the column holds."""
        words_ = [word.arg for word in call.keywords if word.arg and _is(word.value, name)]
        if not words_:
            return UNKNOWN
        column, _, lookup = words_[0].partition("__")
        if lookup not in ("", "exact", "iexact", "contains", "icontains", "startswith"):
            return UNKNOWN
        owner = self._inference.shape(function.value, scope)
        row = self._inference.types.row_called(name)
        held = required(self._inference.types.column(self._inference.row_of(owner), column))
        return row if row is not None and row == held else self._of_column(owner, column)

    def _of_column(self, owner: Shape, column: str) -> Shape:
        row = self._inference.row_of(owner)
        found = required(self._inference.types.column(row, column)) if row.kind == "row" else UNKNOWN
        if found.kind == "int":  # frameworks take "5" for 5
            return JSON
        return found if found.kind in ("str", "uuid", "bool", "json") else UNKNOWN

    def _handed_on(self, node: FunctionNode, name: str, scope: Scope) -> Shape:
        """What a first-party function takes to which the parameter is handed on as it is."""
        for call in walk_function(node):
            if not isinstance(call, ast.Call):
                continue
            other = self._inference.target(call.func, scope)
            called = self._inference.sources.definition(other) if other else None
            if other is None or called is None or isinstance(called, ast.ClassDef):
                continue
            bound = is_bound(self._inference.sources, other, called)
            for argument, _, _ in signature(called, bound=bound):
                if _is(argument_of(call, called, argument.arg, bound=bound), name):
                    found, known = self._parameter(other, argument.arg)
                    if known in ("annotation", "use") and found.kind != "unknown":
                        return found
        return UNKNOWN


def _is(node: object, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
