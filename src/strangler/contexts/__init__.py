"""Bounded contexts: pure functions from the System and its history to a proposal with its evidence.

propose(system, changes, settings) -> Proposal      contexts, crossings, hierarchy, metrics, splits, owners

Later stages and the command line may rely on these names and on those in ``values``.
"""

from strangler.contexts.proposal import propose
from strangler.contexts.values import (
    ContextSettings,
    ModulePart,
    ModuleSplit,
    Obstacle,
    Proposal,
    Traffic,
)

__all__ = ["ContextSettings", "ModulePart", "ModuleSplit", "Obstacle", "Proposal", "Traffic", "propose"]
