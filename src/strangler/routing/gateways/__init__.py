"""Gateways: one module each, found by being here (or by the entry-point group ``strangler.gateways``).

A gateway module defines ``GATEWAY``, a ``Gateway``: how to render a plan and what to tell the operator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, metadata
from pkgutil import iter_modules
from typing import Literal

from strangler.routing.errors import RoutingError
from strangler.routing.values import STAGES, RoutingPlan, Stage

GROUP = "strangler.gateways"


@dataclass(frozen=True, slots=True)
class Gateway:
    """A target of rendering."""

    name: str
    title: str
    tested: Literal["run", "schema"]
    """``run``: our tests start the real gateway; ``schema``: the vendor's schema accepts the files."""
    files: Callable[[RoutingPlan], Mapping[str, str]]
    """The files of a plan, by path inside the gateway's folder; everything goes to the monolith at first."""
    check: str
    """Command, run in the gateway's folder, that validates the files."""
    start: str
    switch: str
    """Command that changes to the stage in ``{stage}``."""
    effect: str
    """How a switch, and so a rollback, takes effect."""
    stages: tuple[Stage, ...] = STAGES
    notes: tuple[str, ...] = field(default=())
    commands: Callable[[RoutingPlan, Stage], str] | None = None
    """For gateways whose switch is not one fixed command."""

    def command(self, plan: RoutingPlan, stage: Stage) -> str:
        """The one command that changes to a stage."""
        return self.commands(plan, stage) if self.commands else self.switch.format(stage=stage)


@cache
def gateways() -> dict[str, Gateway]:
    """All gateways by name."""
    names = sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_"))
    found = [import_module(f"{__name__}.{name}").GATEWAY for name in names]
    found += [point.load() for point in sorted(metadata.entry_points(group=GROUP), key=lambda p: p.name)]
    return {gateway.name: gateway for gateway in found}


def gateway_names() -> tuple[str, ...]:
    """The names that ``write`` takes."""
    return tuple(gateways())


def gateway(name: str) -> Gateway:
    """One gateway; raises RoutingError with the names there are."""
    if name not in gateways():
        raise RoutingError(f"no gateway {name!r}; there are: {', '.join(gateways())}")
    return gateways()[name]
