"""What a function's parameters hold: annotation, default, the values at its calls, and how it uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.signatures.arguments import Declared, argument_of, signature
from strangler.analyzers.signatures.callers import Callers
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.plain import Plainness
from strangler.analyzers.signatures.uses import Uses
from strangler.model import KnownFrom, Parameter, shapes
from strangler.model.shapes import UNKNOWN, Shape, bounded, has_unknown, join

if TYPE_CHECKING:
    from strangler.analyzers.python.values import Function
    from strangler.analyzers.signatures.inference import Inference

MOST_TIMES = 3
"""How often a parameter is worked out that depends on itself."""
_OPEN = frozenset({"list", "dict", "set", "frozenset", "iterator"})


class Parameters:
    """Parameters of first-party functions, each found once."""

    def __init__(self, inference: Inference, callers: Callers) -> None:
        self._inference = inference
        self._callers = callers
        self.uses = Uses(inference, self.shape)
        self._plainness = Plainness()
        self.routes: Mapping[tuple[Target, str], Shape] = {}
        """(handler, parameter) -> what the routes give it."""
        self._known: dict[tuple[Target, str], tuple[Shape, KnownFrom]] = {}
        self._open: dict[tuple[Target, str], None] = {}
        self._unfinished: set[tuple[Target, str]] = set()
        self._asked: Counter[tuple[Target, str]] = Counter()
        inference.parameter = lambda target, name: self.shape(target, name)[0]

    def of(self, target: Target, function: Function) -> tuple[Parameter, ...]:
        """The parameters that a caller gives, in order; ``self`` and ``cls`` left out."""
        texts = function.written.defaults if function.written is not None else {}
        return tuple(
            self._row(target, declared, texts.get(declared.name)) for declared in signature(function)
        )

    def _row(self, target: Target, declared: Declared, default: str | None) -> Parameter:
        shape, known = self.shape(target, declared.name)
        key = self.uses.key_of(target, declared.name)
        return Parameter(
            name=declared.name,
            passing=declared.passing,
            default=default,
            shape=bounded(shape),
            known_from=known,
            reads=self.uses.chains(target, declared.name),
            changed=self.uses.changed(target, declared.name),
            untouched=self.uses.untouched(target, declared.name),
            plain=has_unknown(shape) and self._plain(target, declared.name, partly=shape != UNKNOWN),
            key_of=key[0] if key else "",
            several=key is not None and key[1],
        )

    def _plain(self, target: Target, name: str, *, partly: bool) -> bool:
        scope = self._inference.scope(target)
        return scope is not None and self._plainness.of_parameter(scope, name, partly=partly)

    def plain_result(self, target: Target) -> bool:
        """Whether what nothing tells of a result is used as plain values are by those who call."""
        return self._plainness.of_result(self._callers.of(target))

    def shape(self, target: Target, name: str) -> tuple[Shape, KnownFrom]:
        """What a parameter holds, and how that is known."""
        key = (target, name)
        if key in self._known:
            return self._known[key]
        if key in self._open:
            # What has been asked for since says no more than what is asked for here: it is not kept.
            self._unfinished.update(list(self._open)[list(self._open).index(key) + 1 :])
            return UNKNOWN, "nothing"
        self._open[key] = None
        found = self._find(target, name)
        del self._open[key]
        self._asked[key] += 1
        if key not in self._unfinished or self._asked[key] >= MOST_TIMES:
            self._known[key] = found
        self._unfinished.discard(key)
        return found

    def _find(self, target: Target, name: str) -> tuple[Shape, KnownFrom]:
        function = self._inference.names.functions.get(target)
        declared = (
            next((item for item in signature(function) if item.name == name), None) if function else None
        )
        if function is None or declared is None:
            return UNKNOWN, "nothing"
        module = Scope(function.module, None)
        told = self._inference.classes.annotations(module).shape(declared.annotation)
        if told.kind != "unknown" and (told.kind not in _OPEN or told.items):
            default_none = isinstance(declared.default, syntax.Constant) and declared.default.value is None
            return (shapes.nullable(told) if default_none else told), "annotation"
        by_route = self.routes.get((target, name), UNKNOWN)
        given, unseen = ([by_route], False) if by_route != UNKNOWN else self._given(target, name, function)
        by_default = [self._inference.shape(declared.default, module)] if declared.default is not None else []
        if told.kind != "unknown":
            seen = join(given)
            fits = told.kind in (seen.kind, "iterator") and seen.kind in ("list", "dict", "set")
            return (seen if given and fits and not unseen else told), "annotation"
        seen = join([*given, *by_default])
        if seen.kind not in ("unknown", "none") and (not unseen or seen.kind in shapes.BLOCKED):
            return seen, "calls" if given else "default"
        used = self.uses.of(target, name)
        if used.kind != "unknown":
            return used, "use"
        if by_default and by_default[0].kind not in ("unknown", "none") and not _contradicted(given):
            return by_default[0], "default"
        return UNKNOWN, "nothing"

    def _given(self, target: Target, name: str, function: Function) -> tuple[list[Shape], bool]:
        """The shapes of the values at all calls, and whether there are calls whose arguments are not seen."""
        found, unseen = [], False
        for scope, node in self._callers.of(target):
            unseen = unseen or node is None
            value = argument_of(node, function, name) if node is not None else None
            if value is not None:
                found.append(self._inference.shape(value, scope))
        return found, unseen


def _contradicted(given: list[Shape]) -> bool:
    return any(shape.kind not in ("unknown", "none") for shape in given)
