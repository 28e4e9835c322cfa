"""The syntax of the calls that the interpreter has seen: who calls a definition, with which arguments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import Called, calls, last_name

if TYPE_CHECKING:
    from strangler.analyzers.python.sites import Place
    from strangler.analyzers.signatures.inference import Inference


class Callers:
    """Calls by what they call, read when they are first asked for."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._lines: dict[Target, dict[int, list[Called]]] = {}
        self._calls: dict[Target, list[tuple[Scope, syntax.Call | None]]] = {}

    def of(self, target: Target) -> list[tuple[Scope, syntax.Call | None]]:
        """Each call of a definition, in the scope of its caller; None where its arguments are not seen."""
        if target not in self._calls:
            self._calls[target] = self._read(target)
        return self._calls[target]

    def _read(self, target: Target) -> list[tuple[Scope, syntax.Call | None]]:
        found: list[tuple[Scope, syntax.Call | None]] = []
        for place in sorted(self._places.get(target, ()), key=lambda p: (p.module, p.line, p.function or "")):
            scope = self._inference.scope(Target(place.module, place.function or ""))
            if scope is None:
                continue
            here = self.at(place)
            found += [(scope, called.node) for called in here] or [(scope, None)]
        return found

    @cached_property
    def _places(self) -> dict[Target, list[Place]]:
        found: dict[Target, list[Place]] = defaultdict(list)
        for place, _ in self._inference.names.interp.log.sites.places():
            found[Target(place.target_module, place.target)].append(place)
        return found

    def at(self, place: Place) -> list[Called]:
        """The calls of the place's line that are meant, with the handlers around them."""
        where = Target(place.module, place.function or "")
        scope = self._inference.scope(where)
        if scope is None:
            return []
        if where not in self._lines:
            lines: dict[int, list[Called]] = defaultdict(list)
            for called in _calls(scope):
                lines[called.node.line].append(called)
            self._lines[where] = lines
        here = self._lines[where].get(place.line, [])
        target = (place.target_module, place.target)
        exact = [
            Called(item.node, item.catches, True)
            for item in here
            if self._inference.target(item.node.func, scope) == target
        ]
        name = place.target.rpartition(".")[2]
        return exact or [item for item in here if last_name(item.node.func) == name]


def _calls(scope: Scope) -> Iterable[Called]:
    if not scope.nodes or scope.of(*_SPECIAL):
        return calls(scope.body)
    return [Called(node, ()) for node in scope.of(syntax.Call)]


_SPECIAL: tuple[type[Node], ...] = (syntax.Try, syntax.FunctionDef, syntax.ClassDef)
"""What calls stand in otherwise than in the order of a body."""
