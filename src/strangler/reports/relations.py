"""Which relation of a context map (Evans, Domain-Driven Design, part IV) fits a pair of contexts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from strangler.contexts.figures import Togetherness
from strangler.model import BoundedContext
from strangler.model.contexts import LIBRARIES
from strangler.reports.needs import Need

Relation = Literal[
    "partnership",
    "shared_kernel",
    "open_host_service",
    "customer_supplier",
    "anti_corruption_layer",
    "conformist",
]
BALANCE = 1 / 2
"""From this share of the larger direction on, the smaller one makes the need mutual."""
MANY_USERS = 3
"""From so many users on, a context should publish one interface for all of them."""


def relation(
    need: Need,
    back: Need | None,
    users: int,
    contexts: Mapping[str, BoundedContext],
    history: Togetherness,
) -> Relation:
    """The relation suggested for ``source`` needs ``target``.

    - the target is shared by nature: shared kernel;
    - two contexts need each other about equally: partnership (or one of the two directions has to go);
    - writes or transactions inside the target's data: anti-corruption layer, since the user has taken over
      the supplier's model and must be kept from it;
    - three or more contexts use the target: open host service with a published language;
    - both change together in a third of the user's commits: customer/supplier, they have to plan together;
    - else conformist: the user takes what there is.
    """
    if contexts[need.target].kind in LIBRARIES:
        return "shared_kernel"
    if back is not None and all(contexts[name].proper for name in (need.source, need.target)):
        less, more = sorted((need.weight, back.weight))
        if less >= BALANCE * more:
            return "partnership"
    if need.kinds.get("write") or need.kinds.get("transaction"):
        return "anti_corruption_layer"
    if users >= MANY_USERS:
        return "open_host_service"
    low, high = sorted((need.source, need.target))
    together = history.pairs.get((low, high), 0)
    if 3 * together >= history.commits.get(need.source, 0) > 0:
        return "customer_supplier"
    return "conformist"


def relations(
    found: list[Need], contexts: Mapping[str, BoundedContext], history: Togetherness
) -> dict[tuple[str, str], Relation]:
    """(source, target) -> the relation suggested."""
    by_pair = {(need.source, need.target): need for need in found}
    users: dict[str, int] = {}
    for need in found:
        users[need.target] = users.get(need.target, 0) + 1
    return {
        (need.source, need.target): relation(
            need, by_pair.get((need.target, need.source)), users[need.target], contexts, history
        )
        for need in found
    }
