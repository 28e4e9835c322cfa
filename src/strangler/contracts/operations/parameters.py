"""What a function's parameters hold: annotation, default, the values at its calls, and how it uses them."""

from __future__ import annotations

import ast
from typing import Literal

from strangler.contracts.operations import shapes
from strangler.contracts.operations.calls import Calls
from strangler.contracts.operations.inference import Inference
from strangler.contracts.operations.shapes import UNKNOWN, join
from strangler.contracts.operations.signatures import argument_of, is_bound, signature
from strangler.contracts.operations.source import FunctionNode, Target
from strangler.contracts.operations.uses import Uses
from strangler.contracts.operations.values import Parameter, Shape

KnownFrom = Literal["annotation", "default", "calls", "use", "nothing"]
_OPEN = frozenset({"list", "dict", "set", "frozenset", "iterator"})


class Parameters:
    """Parameters of first-party functions, each found once."""

    def __init__(self, inference: Inference, calls: Calls) -> None:
        self._inference = inference
        self._calls = calls
        self.uses = Uses(inference, self.shape)
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
            for argument, passing, default in signature(
                node, bound=is_bound(self._inference.sources, target, node)
            )
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
        bound = is_bound(self._inference.sources, target, node)
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
        used = self.uses.of(target, name)
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
                value = argument_of(
                    site.node, node, name, bound=is_bound(self._inference.sources, target, node)
                )
                if value is not None:
                    found.append(UNKNOWN if value is Ellipsis else self._inference.shape(value, site.scope))  # type: ignore[arg-type]
        return found


def _contradicted(given: list[Shape]) -> bool:
    return any(shape.kind not in ("unknown", "none") for shape in given)
