"""Methods that views and forms share: what they touch for the classes that inherit them.

A mixin's ``self.get_queryset()`` is told by the class that mixes it in. Each shared method is interpreted
once more, with ``self`` as one of those classes; what only this shows is possible, not certain.
"""

from __future__ import annotations

from contextlib import suppress

from strangler.analyzers.plugin import (
    MOST_OPTIONS,
    Class,
    Function,
    Interpreter,
    Object,
    Schema,
    Value,
    Wrapper,
    join,
)

SHARING = frozenset(
    {
        "django.views.generic.base.View",
        "django.forms.models.BaseModelForm",
        "rest_framework.serializers.ModelSerializer",
    }
)


def finish(interp: Interpreter) -> None:
    """Interpret the methods of shared classes for their heirs."""
    for cls, heirs in prepared(interp).items():
        receiver = join([Object(one, None, None) for one in heirs[:MOST_OPTIONS]])
        for value in list(cls.namespace.values()):
            function = value.function if isinstance(value, Wrapper) and value.kind == "property" else value
            if isinstance(function, Function) and function.owner is cls and function.params:
                _interpret(interp, function, receiver)


def prepared(interp: Interpreter) -> dict[Class, list[Class]]:
    """Shared class -> those that inherit from it; from now on their attributes are looked up here alone."""
    if not interp.for_heirs:
        interp.for_heirs = {c: h for c in interp.classes if len(h := _heirs(interp, c)) > 1}
    return interp.for_heirs


def _heirs(interp: Interpreter, cls: Class) -> list[Class]:
    if cls in interp.state(Schema).by_class:
        return []
    below = interp.subclasses(cls)
    ends = [one for one in below if not interp.subclasses(one)]
    return [one for one in ends if not SHARING.isdisjoint(one.ancestors(interp))]


def _interpret(interp: Interpreter, function: Function, receiver: Value) -> None:
    interp.budget.steps = 0
    # It was interpreted for itself before: where that takes too many steps is said there.
    with interp.log.apart(), interp.log.all_at_most("possible"), suppress(RecursionError, interp.exhausted):
        bound = interp.parameters(function)
        bound[function.params[0].name] = receiver
        interp.run(function, bound, None)
