"""Methods that views and forms share: what they touch for the classes that inherit them.

A mixin's ``self.get_queryset()`` is told by the class that mixes it in. Each shared method is interpreted
once more, with ``self`` as one of those classes; what only this shows is possible, not certain.
"""

from __future__ import annotations

from contextlib import suppress

from strangler.analyzers.frameworks.django.entities import entity_of
from strangler.analyzers.frameworks.django.orm.forms import model_of_form
from strangler.analyzers.frameworks.django.orm.queries import Manager, QuerySet
from strangler.analyzers.plugin import (
    MOST_OPTIONS,
    UNKNOWN,
    Class,
    Effect,
    Entity,
    Frame,
    Function,
    Interpreter,
    Object,
    Schema,
    Value,
    Wrapper,
    join,
    table_of,
)
from strangler.model.base import Certainty

SHARING = frozenset(
    {
        "django.views.generic.base.View",
        "django.forms.models.BaseModelForm",
        "rest_framework.serializers.ModelSerializer",
    }
)


MOST_HEIRS = 100
"""Classes below a shared one that are asked one by one what its methods do for them."""


def finish(interp: Interpreter) -> None:
    """Interpret the methods of shared classes for their heirs."""
    for cls, heirs in prepared(interp).items():
        receiver = join([Object(one, None, None) for one in heirs[:MOST_OPTIONS]])
        several = len({one.module.package for one in (cls, *heirs)}) > 1
        for value in list(cls.namespace.values()):
            function = value.function if isinstance(value, Wrapper) and value.kind == "property" else value
            if isinstance(function, Function) and function.owner is cls and function.params:
                touched = _interpret(interp, function, receiver, "possible")
                if several and touched:
                    _tell_below(interp, function, heirs)


def _tell_below(interp: Interpreter, function: Function, heirs: list[Class]) -> None:
    """What a method does for some of the classes that inherit it alone, these tell: it is noted at them."""
    name, asked = function.qualname.rpartition(".")[2], []
    for one in heirs:
        found = one.find(name)
        own = found[0].function if found is not None and isinstance(found[0], Wrapper) else found and found[0]
        if own is function or (isinstance(own, Function) and b"super" in own.body):
            asked.append(one)
    if len(asked) > MOST_HEIRS:
        message = (
            f"{function.qualname} is inherited by more than {MOST_HEIRS} classes: the first are followed"
        )
        interp.log.failed(function.module, function.line, "cut-short", message)
    done = {
        one: _interpret(interp, function, Object(one, None, None), "inferred") for one in asked[:MOST_HEIRS]
    }
    always = set.intersection(*done.values()) if done else set()
    with interp.log.apart():
        for one, effects in done.items():
            frame = Frame(one.module, one.qualname, {}, None)
            frame.line = _told_at(one)
            named = entity_of(interp, _model_of(interp, one))
            below = {e for e in effects - always if e.target is named or not _of_library(e)}
            for effect in sorted(below, key=lambda e: (table_of(e.target), e.operation, e.database)):
                interp.log.told_below(frame, function, effect)


def _model_of(interp: Interpreter, cls: Class) -> Value:
    """The model of a form, a serializer or a view, where it names it itself or by its query."""
    model = model_of_form(interp, cls)
    query = cls.find("queryset") if model is UNKNOWN else None
    return query[0].model if query is not None and isinstance(query[0], (Manager, QuerySet)) else model


def _of_library(effect: Effect) -> bool:
    """Whether it is about a library's table: of who is asked for (``request.user``) no class tells."""
    return isinstance(effect.target, Entity) and not effect.target.first_party


def _told_at(cls: Class) -> int:
    """The line of a class that says which model it is about; its own where none does."""
    inner = cls.namespace.get("Meta")
    for one, names in ((inner, ("model",)), (cls, ("model", "queryset", "serializer_class", "form_class"))):
        lines = one.extra.get("lines", {}) if isinstance(one, Class) else {}
        for name in names:
            if name in lines:
                return int(lines[name])
    return cls.line


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


def _interpret(interp: Interpreter, function: Function, receiver: Value, most: Certainty) -> set[Effect]:
    """What a method touches where its first parameter is ``receiver``."""
    interp.budget.steps = 0
    # It was interpreted for itself before: where that takes too many steps is said there.
    with (
        interp.log.apart() as touched,
        interp.log.all_at_most(most),
        suppress(RecursionError, interp.exhausted),
    ):
        bound = interp.parameters(function)
        bound[function.params[0].name] = receiver
        interp.run(function, bound, None)
    return touched
