"""The whole context step: views, communities, confidence, names, ownership, crossings, metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from strangler.contexts import crossings, metrics, naming, ownership, views
from strangler.contexts.engine import fuse
from strangler.contexts.graph import groups, louvain, relabel
from strangler.contexts.values import ContextSettings, Proposal
from strangler.model import BoundedContext, Changes, Member, System


def propose(system: System, changes: Changes, settings: ContextSettings | None = None) -> Proposal:
    """Bounded contexts of a monolith: a partition of its production modules, with the evidence.

    Args:
        system: facts of the monolith.
        changes: its history; an empty one leaves the static evidence.
        settings: what the team has decided; None for nothing.
    """
    settings = settings or ContextSettings()
    land = views.build(system, changes, settings)
    combined = fuse(land.views)
    partition = louvain(land.size, combined, 3.0, settings.seed)
    partition = with_directories(land, partition, combined)
    members = [[land.modules[i].name for i in group] for group in groups(partition)]
    names = naming.name_all(system, members, previous=settings.previous)
    context_of = {name: names[i] for i, group in enumerate(members) for name in group}
    owned = ownership.owners(system, context_of)
    contexts = tuple(
        BoundedContext(
            name=name,
            kind="context",
            modules=tuple(sorted(group)),
            tables=tuple(t for t, owner in owned.items() if owner == name),
            confidence=1.0,
            members=tuple(Member(module=m, confidence=1.0) for m in sorted(group)),
        )
        for name, group in sorted(zip(names, members, strict=True))
    )
    return Proposal(
        contexts=contexts,
        crossings=crossings.find(system, context_of, owned),
        metrics=metrics.of_cut(system, changes, context_of, owned),
        owners=owned,
        obstacles=crossings.obstacles(system, context_of, owned),
    )


def with_directories(land: views.Landscape, partition: Sequence[int], edges: object) -> list[int]:
    """Modules without any tie go to the majority of their directory (or of the nearest one above)."""
    sizes = Counter(partition)
    here: dict[str, Counter[int]] = {}
    for number, module in enumerate(land.modules):
        if sizes[partition[number]] > 1:
            folder = module.path
            while folder:
                folder = folder.rpartition("/")[0]
                here.setdefault(folder, Counter())[partition[number]] += 1
    result = list(partition)
    for number, module in enumerate(land.modules):
        if sizes[partition[number]] > 1:
            continue
        folder = module.path.rpartition("/")[0]
        while folder and folder not in here:
            folder = folder.rpartition("/")[0]
        if here.get(folder):
            result[number] = min(here[folder], key=lambda label: (-here[folder][label], label))
    return relabel(result)
