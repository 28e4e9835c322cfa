"""Whether a system is best left whole: whether anything carries the boundary of a part that could leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from strangler.contexts import packages
from strangler.model.lookup import ancestors

if TYPE_CHECKING:
    from strangler.contexts.ranking import Candidate


class Packages:
    """The packages of a system, asked how much of a context is one of its own."""

    def __init__(self, production: Collection[str]) -> None:
        self._sizes = Counter(above for name in production for above in ancestors(name))
        self._whole = packages.whole(production)

    def own(self, modules: Collection[str]) -> int:
        """How many of some modules lie in the package that is most their own: more than half of it is theirs,
        and it is not that of the whole system."""
        inside = Counter(above for name in modules for above in ancestors(name))
        return max(
            (
                count
                for name, count in inside.items()
                if 1 < self._sizes[name] < 2 * count and name not in self._whole
            ),
            default=0,
        )


def leave_whole(ranked: Sequence[Candidate]) -> bool:
    """Whether no boundary that was found is worth a cut: none of a part that could leave is carried, and no
    context is to be divided first, which could show others."""
    could_leave = [candidate for candidate in ranked if not candidate.excluded]
    divided = any(candidate.excluded == "mixed" for candidate in ranked)
    return not divided and not any(candidate.carried for candidate in could_leave)
