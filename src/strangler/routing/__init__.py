"""Strangler-fig routing: which URLs move with a bounded context, proved, and rendered for real gateways.

Public interface (everything else is internal)::

    plan_routes(system, context, settings=RoutingSettings()) -> RoutingPlan
        The certified rules. Raises RoutingError (a ValueError whose text is for people).
    write(plan, directory, gateways=None, *, force=False) -> list[Path]
        Writes ``directory/routes.json``, ``directory/README.md`` and one folder per gateway (all by default).
    render(plan, gateways=None) -> dict[str, bytes]
        The same files by their path in the folder, unwritten.
    verify(directory, gateway_url, *, samples=1000, seed=0) -> Verification
        Asks a running gateway and says which backend answered against which should have.
    gateway_names() -> tuple[str, ...]
        What can be passed as ``gateways``.

``RoutingPlan`` and ``RoutingSettings`` are msgspec structs (``RoutingPlan`` is what ``routes.json`` holds);
``Verification`` has ``checked``, ``wrong`` (tuple of ``Wrong``: url, method, expected, answered) and ``ok``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strangler.routing.errors import RoutingError
    from strangler.routing.gateways import gateway_names
    from strangler.routing.plan import plan_routes
    from strangler.routing.values import RoutingPlan, RoutingSettings
    from strangler.routing.verification import Verification, Wrong, verify
    from strangler.routing.writer import render, write

_HOME = {
    "RoutingError": "errors",
    "RoutingPlan": "values",
    "RoutingSettings": "values",
    "Verification": "verification",
    "Wrong": "verification",
    "gateway_names": "gateways",
    "plan_routes": "plan",
    "render": "writer",
    "verify": "verification",
    "write": "writer",
}

__all__ = [
    "RoutingError",
    "RoutingPlan",
    "RoutingSettings",
    "Verification",
    "Wrong",
    "gateway_names",
    "plan_routes",
    "render",
    "verify",
    "write",
]


def __getattr__(name: str) -> Any:
    """Import on first use: a command that does not route pays nothing."""
    if name in _HOME:
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
