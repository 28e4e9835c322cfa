"""Directories of parts that have nothing to do with each other: plug-ins, samples, recipes."""

from __future__ import annotations

from collections.abc import Sequence

from strangler.contexts import packages
from strangler.contexts.views import Landscape

PARTS = 3
"""Parts beside each other from which on they can be a collection."""
BETWEEN = 0.1
"""Uses between the parts, of all uses inside, up to which they have nothing to do with each other."""


def collected(land: Landscape, group: Sequence[int], entered: set[int]) -> bool:
    """Whether a community is a directory of parts that hardly use each other, without a table or a way in."""
    if not land.declaring.isdisjoint(group) or not entered.isdisjoint(group):
        return False
    home = packages.home([land.modules[number].path for number in group])
    if not home:
        return False
    part = {
        n: land.modules[n].path.removeprefix(f"{home}/").partition("/")[0]
        for n in group
        if land.modules[n].path.startswith(f"{home}/")
    }
    parts = {name for name in part.values() if not name.startswith("__init__")}
    if len(parts) < PARTS:
        return False
    uses = [(part[user], part[n]) for n in part for user in land.importers[n] if user in part]
    between = sum(a != b for a, b in uses if not {a, b} & {"__init__.py"})
    return between <= BETWEEN * max(1, len(uses))
