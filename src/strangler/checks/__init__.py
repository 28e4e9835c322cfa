"""Two models side by side: what a change of the code added or removed, for CI and for reviewers."""

from strangler.checks.allowed import apply as allow
from strangler.checks.baseline import (
    Allowance,
    Allowed,
    Baseline,
    BaselineError,
    Outcome,
    cut_of,
    dump,
    load,
)
from strangler.checks.difference import Difference, difference
from strangler.checks.progress import Step, progress
from strangler.checks.ratchet import compare, renew, take, update

__all__ = [
    "Allowance",
    "Allowed",
    "Baseline",
    "BaselineError",
    "Difference",
    "Outcome",
    "Step",
    "allow",
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
