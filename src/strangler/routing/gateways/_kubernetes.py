"""What the two Kubernetes targets share."""

from __future__ import annotations

from typing import Any

from strangler.routing.gateways._common import Address, address
from strangler.routing.values import RoutingPlan, Target

SIDE = "strangler_side"
"""Cookie in which a canary remembers the side of a user."""


def backend(plan: RoutingPlan, target: Target) -> Address:
    """A side's address; its host is the name of a Kubernetes Service."""
    return address(plan.settings.service_url if target == "service" else plan.settings.monolith_url)


def metadata(plan: RoutingPlan, suffix: str = "") -> dict[str, Any]:
    """Name and label of an object."""
    return {
        "name": f"{plan.service}-facade{suffix}",
        "labels": {"app.kubernetes.io/managed-by": "strangler"},
    }


def remembered(side: Target) -> str:
    """Expression for a Cookie header in which the side is remembered."""
    return f"(?:.*; *)?{SIDE}={side}(?:;.*)?"


def set_cookie(side: Target) -> str:
    """The Set-Cookie header that remembers it."""
    return f"{SIDE}={side}; Path=/; HttpOnly; SameSite=Lax"
