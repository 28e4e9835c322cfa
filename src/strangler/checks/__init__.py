"""Two models side by side: what a change of the code added or removed, for CI and for reviewers."""

from strangler.checks.baseline import Baseline, BaselineError, Outcome, compare, dump, load, take, update
from strangler.checks.difference import Difference, difference

__all__ = [
    "Baseline",
    "BaselineError",
    "Difference",
    "Outcome",
    "compare",
    "difference",
    "dump",
    "load",
    "take",
    "update",
]
