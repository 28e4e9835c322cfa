"""What a function's parameters hold: annotation, default, the values at its calls, and how it uses them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

from strangler.contracts.operations import shapes
from strangler.contracts.operations.calls import Calls
from strangler.contracts.operations.inference import Inference
from strangler.contracts.operations.knowledge import (
    FILE_METHODS,
    QUERY_METHODS,
    REQUEST_ATTRIBUTES,
    ROW_METHODS,
    SESSION_METHODS,
)
from strangler.contracts.operations.shapes import UNKNOWN, join, make
from strangler.contracts.operations.source import FunctionNode, Target, walk_function
from strangler.contracts.operations.values import Parameter, Passing, Shape

KnownFrom = Literal["annotation", "default", "calls", "use", "nothing"]
_OPEN = frozenset({"list", "dict", "set", "frozenset", "iterator"})


class Parameters:
    """Parameters of first-party functions, each found once."""

    def __init__(self, inference: Inference, calls: Calls) -> None:
        self._inference = inference
        self._calls = calls
        self._known: dict[tuple[Target, str], tuple[Shape, KnownFrom]] = {}
        inference.parameter = lambda target, name: self.shape(target, name)[0]

    def of(self, target: Target, node: FunctionNode) -> tuple[Parameter, ...]:
        """The parameters that a caller gives, in order; ``self`` and ``cls`` left out."""
        return tuple(
            Parameter(
                name=argument.arg,
                passing=passing,
                required=default is None and passing not in ("var_positional", "var_keyword"),
                default=ast.unparse(default) if default is not None else None,
                shape=shape,
                schema=shapes.schema(shape),
                known_from=known_from,
            )
            for argument, passing, default in signature(node, bound=is_bound(self._inference, target, node))
            for shape, known_from in [self.shape(target, argument.arg)]
        )

    def shape(self, target: Target, name: str) -> tuple[Shape, KnownFrom]:
        """What a parameter holds, and how that is known."""
        key = (target, name)
        if key not in self._known:
            self._known[key] = (UNKNOWN, "nothing")  # while it is read: recursion
            self._known[key] = self._find(target, name)
        return self._known[key]

    def _find(self, target: Target, name: str) -> tuple[Shape, KnownFrom]:
        node = self._inference.sources.definition(target)
        code = self._inference.sources.load(target.module)
        if code is None or node is None or isinstance(node, ast.ClassDef):
            return UNKNOWN, "nothing"
        bound = is_bound(self._inference, target, node)
        found = next((item for item in signature(node, bound=bound) if item[0].arg == name), None)
        if found is None:
            return UNKNOWN, "nothing"
        argument, _, default = found
        reader = self._inference.types.annotations(code)
        declared = reader.shape(argument.annotation)
        if declared.kind != "unknown" and (declared.kind not in _OPEN or declared.items):
            default_none = isinstance(default, ast.Constant) and default.value is None
            return (shapes.nullable(declared) if default_none else declared), "annotation"
        given = self._given(target, name, node)
        scope = self._inference.scope(code, "", None)
        by_default = [self._inference.shape(default, scope)] if default is not None else []
        if declared.kind != "unknown":
            seen = join(given)
            fits = declared.kind in (seen.kind, "iterator") and seen.kind in ("list", "dict", "set")
            return (seen if given and fits else declared), "annotation"
        seen = join([*given, *by_default])
        if seen.kind not in ("unknown", "none"):
            return seen, "calls" if given else "default"
        used = self.used(target, name)
        if used.kind != "unknown":
            return used, "use"
        if by_default and by_default[0].kind not in ("unknown", "none") and not _contradicted(given):
            return by_default[0], "default"
        return UNKNOWN, "nothing"

    def _given(self, target: Target, name: str, node: FunctionNode) -> list[Shape]:
        """The shapes of the values at all calls in the contexts."""
        found = []
        for site in self._calls.of.get(target, ()):
            if isinstance(site.node, ast.Call):
                value = argument_of(site.node, node, name, bound=is_bound(self._inference, target, node))
                if value is not None:
                    found.append(UNKNOWN if value is Ellipsis else self._inference.shape(value, site.scope))  # type: ignore[arg-type]
        return found

    def used(self, target: Target, name: str) -> Shape:
        """What the function does with the parameter, where that shows what it is."""
        attributes = set(self.attributes(target, name))
        node = self._inference.sources.definition(target)
        if name in ("request", "req") and attributes & REQUEST_ATTRIBUTES | ({"user"} & attributes):
            return make("request")
        if attributes & ROW_METHODS or "pk" in attributes or "_meta" in attributes or "objects" in attributes:
            return make("class") if "objects" in attributes else make("row")
        if attributes & QUERY_METHODS:
            return make("query")
        if name in ("session", "db", "conn", "connection", "cursor") and attributes & SESSION_METHODS:
            return make("session")
        if attributes & FILE_METHODS:
            return make("file")
        for item in ast.walk(node) if node is not None else ():
            if isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and item.func.id == name:
                return make("callable")
        return self._handed_on(target, name)

    def _handed_on(self, target: Target, name: str) -> Shape:
        """What a first-party function takes to which the parameter is handed on as it is."""
        node, code = self._inference.sources.definition(target), self._inference.sources.load(target.module)
        if code is None or node is None or isinstance(node, ast.ClassDef):
            return UNKNOWN
        scope = self._inference.scope(code, target.qualname, node)
        if name in scope.assigned:
            return UNKNOWN
        for call in walk_function(node):
            if not isinstance(call, ast.Call):
                continue
            other = self._inference.target(call.func, scope)
            called = self._inference.sources.definition(other) if other else None
            if other is None or called is None or isinstance(called, ast.ClassDef):
                continue
            bound = is_bound(self._inference, other, called)
            for argument, _, _ in signature(called, bound=bound):
                value = argument_of(call, called, argument.arg, bound=bound)
                if isinstance(value, ast.Name) and value.id == name:
                    found, known = self.shape(other, argument.arg)
                    if known in ("annotation", "use") and found.kind != "unknown":
                        return found
        return UNKNOWN

    def attributes(self, target: Target, name: str) -> Iterator[str]:
        """Attributes of a parameter that the function's own body uses, sorted."""
        node = self._inference.sources.definition(target)
        if node is None:
            return
        yield from sorted(
            {
                item.attr
                for item in ast.walk(node)
                if isinstance(item, ast.Attribute)
                and isinstance(item.value, ast.Name)
                and item.value.id == name
            }
        )


def _contradicted(given: list[Shape]) -> bool:
    return any(shape.kind not in ("unknown", "none") for shape in given)


def is_bound(inference: Inference, target: Target, node: FunctionNode) -> bool:
    """Whether the first parameter is ``self`` or ``cls``."""
    owner = target.qualname.rpartition(".")[0]
    holder = inference.sources.definition(Target(target.module, owner)) if owner else None
    static = any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in node.decorator_list)
    return isinstance(holder, ast.ClassDef) and not static


def signature(node: FunctionNode, *, bound: bool) -> Iterator[tuple[ast.arg, Passing, ast.expr | None]]:
    """(parameter, how it is passed, default) in order."""
    arguments = node.args
    positional: list[tuple[ast.arg, Passing]] = [(item, "positional_only") for item in arguments.posonlyargs]
    positional += [(item, "positional") for item in arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    pairs = list(zip(positional, defaults, strict=True))[1 if bound else 0 :]
    for (item, passing), default in pairs:
        yield item, passing, default
    if arguments.vararg:
        yield arguments.vararg, "var_positional", None
    for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield item, "keyword_only", default
    if arguments.kwarg:
        yield arguments.kwarg, "var_keyword", None


def argument_of(call: ast.Call, node: FunctionNode, name: str, *, bound: bool) -> ast.expr | object | None:
    """The expression that a call passes for a parameter; None for the default, ``...`` if unclear."""
    for word in call.keywords:
        if word.arg == name:
            return word.value
    places = [item[0].arg for item in signature(node, bound=bound) if item[1].startswith("positional")]
    if name not in places:
        return ... if any(word.arg is None for word in call.keywords) else None
    index = places.index(name)
    if any(isinstance(item, ast.Starred) for item in call.args[: index + 1]):
        return ...
    if index < len(call.args):
        return call.args[index]
    return ... if any(word.arg is None for word in call.keywords) else None
