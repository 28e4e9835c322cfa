"""Bounded contexts: pure functions from the System and its history to a proposal with its evidence.

propose(system, changes, settings) -> Proposal
    contexts, crossings, hierarchy, metrics, diagnostics, splits of god modules, owners
suggest(system, changes, seeds, settings) -> tuple[Suggestion, ...]
    every module ranked by how much it belongs to the seeds; UnknownSeedError
explain(system, changes, contexts, subject, other=None) -> Explanation
    why a module is in its context, or what couples two modules; UnknownModuleError
what_if(system, changes, contexts, moves) -> WhatIf
    every metric, crossing and owner after ``move:shop.tax=billing``; MoveError
traffic(documents, modules) -> tuple[Traffic, ...]
    decoded OTLP JSON to ``ContextSettings.traffic``; TraceError

``ContextSettings`` also takes what came before: ``Accepted`` boundaries and the contexts of an earlier run.
It takes the keys of ``[tool.strangler.contexts]`` as they are. A module has one context; the
shared kernel is one of kind ``shared_kernel``.
"""

from strangler.contexts.accepted import Accepted
from strangler.contexts.explain import Coupling, Explanation, UnknownModuleError, explain
from strangler.contexts.proposal import propose
from strangler.contexts.suggest import Suggestion, UnknownSeedError, suggest
from strangler.contexts.traces import TraceError, traffic
from strangler.contexts.values import (
    ContextSettings,
    Proposal,
    Traffic,
)
from strangler.contexts.what_if import Change, MoveError, WhatIf, what_if

__all__ = [
    "Accepted",
    "Change",
    "ContextSettings",
    "Coupling",
    "Explanation",
    "MoveError",
    "Proposal",
    "Suggestion",
    "TraceError",
    "Traffic",
    "UnknownModuleError",
    "UnknownSeedError",
    "WhatIf",
    "explain",
    "propose",
    "suggest",
    "traffic",
    "what_if",
]
