"""What a function's parameters hold: annotation, default, the values at its calls, and how it uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.signatures.arguments import Declared, argument_of, positional, signature
from strangler.analyzers.signatures.callers import Callers
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.plain import Plainness
from strangler.analyzers.signatures.uses import Uses
from strangler.model import Fit, KnownFrom, Parameter, shapes
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
        self._plainness = Plainness(inference.classes.have)
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
            self._row(target, function, declared, texts.get(declared.name))
            for declared in signature(function)
        )

    def _row(self, target: Target, function: Function, declared: Declared, default: str | None) -> Parameter:
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
            untouched=self.uses.handling.untouched(target, declared.name),
            plain=has_unknown(shape) and self._plain(target, declared.name, partly=shape != UNKNOWN),
            fits=self._fits(target, function, declared) if has_unknown(shape) else "",
            asked=self.uses.handling.asked(target, declared.name) if shape.kind == "request" else (),
            key_of=key[0] if key else "",
            several=key is not None and key[1],
        )

    def _plain(self, target: Target, name: str, *, partly: bool) -> bool:
        scope = self._inference.scope(target)
        return scope is not None and self._plainness.of_parameter(scope, name, partly=partly)

    def _fits(self, target: Target, function: Function, declared: Declared) -> Fit:
        """What may be given, as far as the function and the calls show."""
        if declared.passing in ("var_positional", "var_keyword"):
            given = [shape for shape in self._rest(target, function, declared) if shape.kind != "unknown"]
            return "" if any(shape.kind in shapes.BLOCKED for shape in given) else "value"
        scope = self._inference.scope(target)
        found = self._plainness.fit_of_parameter(scope, declared.name) if scope is not None else ""
        given, _ = self._given(target, declared.name, function)
        kinds = {shape.kind for shape in given if shape.kind in shapes.BLOCKED} - {"unknown"}
        if kinds - {"row"}:
            return ""
        return "row" if kinds and found else found

    def _rest(self, target: Target, function: Function, declared: Declared) -> Iterator[Shape]:
        """What the calls give beyond the parameters that have names."""
        places = len(positional(function))
        names = {item.name for item in signature(function)}
        for scope, node in self._callers.of(target):
            if node is None:
                continue
            rest = (
                node.args[places:]
                if declared.passing == "var_positional"
                else [value for word, value in node.keywords if word and word not in names]
            )
            for value in rest:
                if not isinstance(value, syntax.Starred):
                    yield self._inference.shape(value, scope)

    def fit_of_result(self, target: Target) -> Fit:
        """What the callers of a function may get, as far as they show."""
        return self._plainness.fit_of_result(self._callers.of(target))

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
        if by_default and by_default[0].kind == "class":
            by_default = []  # the class of what is meant, not a value
        if told.kind != "unknown":
            seen = join(given)
            fits = told.kind in (seen.kind, "iterator") and seen.kind in ("list", "dict", "set")
            return (seen if given and fits and not unseen else told), "annotation"
        seen = join([*given, *by_default])
        if seen.kind not in ("unknown", "none") and (not unseen or seen.kind in shapes.BLOCKED):
            return seen, "calls" if given else "default"
        used = self.uses.of(target, name)
        if used.kind not in ("unknown", "row") and any(shape.kind == "row" for shape in given):
            return UNKNOWN, "nothing"  # it is used as what a row is written as, and a row is given
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
