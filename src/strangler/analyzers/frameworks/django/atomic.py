"""``ATOMIC_REQUESTS``: each view is one transaction, except those that say they are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.django.views import METHODS, dotted
from strangler.analyzers.frameworks.django.viewsets import decorators_of
from strangler.analyzers.plugin import (
    Args,
    Class,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Value,
    words,
)

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.model import Endpoint

_NOT_ATOMIC = "django.db.transaction.non_atomic_requests"
_ACTIONS = (*METHODS, *words("list create retrieve update partial_update destroy"))
_ACTION = "rest_framework.decorators.action"


def mark(interp: Interpreter, settings: Settings, endpoints: Iterable[Endpoint]) -> None:
    """Make the views of the endpoints transactions, where the settings say so.

    Of several databases that do so the default one is named, else the first.
    """
    names = settings.atomic_databases(interp)
    if not names:
        return
    database = "" if "default" in names else names[0]
    for handler in dict.fromkeys(endpoint.handler for endpoint in endpoints):
        for function in _views(interp.program.resolve(handler)):
            if not function.transactional:
                function.transactional, function.database = True, database


def _exempted(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``non_atomic_requests(view)``: the view itself is marked."""
    view = args.get(0, "using")
    if not isinstance(view, Function):
        return None
    if external not in view.decorators:
        view.decorators.append(external)
    return view


def teach(knowledge: Knowledge) -> None:
    """The mark of views that are no transaction."""
    knowledge.calls[_NOT_ATOMIC] = _exempted


def _views(handler: Value) -> Iterator[Function]:
    """The functions that a request runs: the view, or the methods of the class that answer."""
    if isinstance(handler, Function) and not any(map(_is_exempt, decorators_of(handler))):
        yield handler
    elif isinstance(handler, Class):
        dispatch = handler.find("dispatch")
        exempt = [*handler.decorators]
        if dispatch is not None and isinstance(dispatch[0], Function):
            exempt += decorators_of(dispatch[0])
        if any(map(_is_exempt, exempt)):
            return
        names = dict.fromkeys(_ACTIONS)
        for parent in handler.mro():
            names.update(dict.fromkeys(n for n, v in parent.namespace.items() if _is_action(v)))
        for name in names:
            found = handler.find(name)
            if found is not None and isinstance(found[0], Function):
                yield found[0]


def _is_action(value: Value) -> bool:
    return isinstance(value, Function) and any(
        isinstance(one, Object) and dotted(one.cls) == _ACTION for one in decorators_of(value)
    )


def _is_exempt(decorator: Value) -> bool:
    """``non_atomic_requests``, also with arguments or by ``method_decorator``."""
    if isinstance(decorator, External):
        return decorator.name == _NOT_ATOMIC
    if isinstance(decorator, Object) and isinstance(decorator.cls, External):
        if decorator.cls.name == _NOT_ATOMIC:
            return True
        given = decorator.args.positional if decorator.args is not None else []
        return decorator.cls.name.endswith(".method_decorator") and any(map(_is_exempt, given))
    return False
