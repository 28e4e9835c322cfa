"""Small rules of Python: how a body ends, what iterating gives, what operators give."""

from __future__ import annotations

import ast

from strangler.contracts.operations.knowledge import DATE, DATETIME, DECIMAL, TIMEDELTA
from strangler.contracts.operations.shapes import FLOAT, INT, JSON, STR, UNKNOWN, join, make
from strangler.contracts.operations.source import FunctionNode, dotted_name
from strangler.contracts.operations.values import Shape

_DATES = frozenset({"datetime", "date", "timedelta"})


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
    if shape.kind == "json":
        return shape
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


def merged(shape: Shape) -> Shape:
    """``**mapping`` in a display."""
    if shape.kind == "typeddict":
        return make("dict", join(field.shape for field in shape.fields))
    return shape if shape.kind == "dict" else UNKNOWN


def wraps(decorator: ast.expr) -> bool:
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
