"""Two models side by side: what a change of the code added or removed, for CI and for reviewers."""

from strangler.checks.baseline import (
    Baseline,
    BaselineError,
    Outcome,
    compare,
    cut_of,
    dump,
    load,
    renew,
    take,
    update,
)
from strangler.checks.difference import Difference, difference
from strangler.checks.progress import Step, progress

__all__ = [
    "Baseline",
    "BaselineError",
    "Difference",
    "Outcome",
    "Step",
    "compare",
    "cut_of",
    "difference",
    "dump",
    "load",
    "progress",
    "renew",
    "take",
    "update",
]
