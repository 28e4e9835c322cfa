"""Signals over the boundary: a receiver runs in its service, told by an event of the sender's outbox.

While the switch of the receiver's context is off it runs here, in its sender's call, as before.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable
from typing import Any

from . import client
from .wire import load


class Told:
    """A receiver and the signal that it hears.

    Args:
        signal: ``module:name``.
        context: of the receiver.
        operation: its name among those of the context.
        sender: dotted name of the only class that is heard; empty: any.
        first: the parameter that gets the sender; empty where it is named so.
    """

    def __init__(self, signal: str, context: str, operation: str, sender: str = "", first: str = "") -> None:
        self.signal = signal
        self.context = context
        self.operation = operation
        self.sender = sender
        self.first = first


def connect(told: Iterable[Told]) -> None:
    """Tell the services of what is sent here."""
    for item in told:
        load(item.signal).connect(functools.partial(_tell, item), weak=False)


def _tell(told: Told, *first: Any, **sent: Any) -> None:
    """Write one signal into the outbox, while the switch is on."""
    sender = first[0] if first else sent.pop("sender", None)
    if not client.address(told.context) or (told.sender and _name(sender) != told.sender):
        return
    seam = importlib.import_module("." + told.context, __package__)
    operation = next(item for item in seam.OPERATIONS if item.name == told.operation)
    sent[told.first or "sender"] = sender
    getattr(seam, told.operation)(**{name: sent[name] for name in operation.arguments if name in sent})


def _name(sender: Any) -> str:
    kind = sender if isinstance(sender, type) else type(sender)
    return f"{kind.__module__}.{kind.__qualname__}"


def elsewhere(context: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A receiver that is not run here while the service of its context is told."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def heard(*arguments: Any, **named: Any) -> Any:
            return None if client.address(context) else function(*arguments, **named)

        heard.here = function  # type: ignore[attr-defined]
        return heard

    return decorate


def here(function: Callable[..., Any]) -> Callable[..., Any]:
    """The receiver itself, whatever the switch says."""
    found: Callable[..., Any] = getattr(function, "here", function)
    return found
