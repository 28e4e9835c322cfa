"""pyramid_rpc: endpoints behind which each method of an XML-RPC or JSON-RPC service has a function."""

from __future__ import annotations

from dataclasses import dataclass, field

from strangler.analyzers.frameworks.pyramid.configuration import pattern_below
from strangler.analyzers.frameworks.pyramid.site import Configurator, Route, View
from strangler.analyzers.plugin import (
    NONE,
    Args,
    Decorator,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Value,
    made_of_default,
    place,
)

KINDS = ("xmlrpc", "jsonrpc")


@dataclass
class Procedures:
    """Functions that serve the methods of an endpoint."""

    views: list[View] = field(default_factory=list)

    def teach(self, knowledge: Knowledge) -> None:
        """Add pyramid_rpc to what is known."""
        for kind in KINDS:
            knowledge.methods[f"pyramid.config.Configurator.add_{kind}_endpoint"] = _add_endpoint
            knowledge.methods[f"pyramid.config.Configurator.add_{kind}_method"] = self._add_method
            knowledge.calls[f"pyramid_rpc.{kind}.{kind}_method"] = self._decorator

    def _add_method(self, interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        view, endpoint = args.get(0, "view"), args.text(None, "endpoint")
        if view is not None and endpoint is not None and interp.registers():
            self.views.append(View(endpoint, view, None, None, place(frame), frame.module.name))
        return NONE

    def _decorator(self, interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
        endpoint = args.text(None, "endpoint")

        def apply(target: Value, inner: Frame) -> Value | None:
            owner = inner.owner if inner.callee is None else None
            self.views.append(View(endpoint, target, None, owner, place(inner), inner.module.name))
            return None

        return Decorator(apply)


def _add_endpoint(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    name, pattern = args.text(0, "name"), args.text(1, "pattern")
    made_of_default(interp, frame, "path", args.get(1, "pattern"))
    if isinstance(receiver, Configurator) and name is not None and pattern is not None and interp.registers():
        full = pattern_below(receiver.prefix, pattern)
        # Which function serves is decided by the body of the request.
        receiver.site.routes.append(Route(name, full, None, place(frame), conditional=True))
    return NONE
