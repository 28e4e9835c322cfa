"""The whole context step: views, concepts and communities, confidence, decisions, names, ties, metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from strangler.contexts import (
    concepts,
    consensus,
    crossings,
    decisions,
    engine,
    hierarchy,
    kernel,
    members,
    metrics,
    naming,
    ownership,
    parts,
    views,
)
from strangler.contexts.graph import Partition, groups, relabel
from strangler.contexts.values import ContextSettings, Proposal
from strangler.model import BoundedContext, Changes, Diagnostic, System
from strangler.model.contexts import ContextKind

KERNEL_NAME = "shared-kernel"
SAMPLES = 12
"""Bootstrap samples on a system of usual size."""
NODES_SAMPLED = 40_000
"""Modules times samples that are worth the time: fewer samples on very large systems, never under 5."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A partition with what is known of each community."""

    labels: Partition
    concepts: Mapping[int, str]
    pinned: Mapping[int, str]
    kernel: int | None
    """The label of the shared kernel."""


def propose(system: System, changes: Changes, settings: ContextSettings | None = None) -> Proposal:
    """Bounded contexts of a monolith: a partition of its production modules, with the evidence.

    Pure and deterministic: the same values give the same proposal. Without history the static evidence
    decides; without any module the proposal is empty.

    Args:
        system: facts of the monolith.
        changes: its history.
        settings: what the team has decided; None for nothing.
    """
    settings = settings or ContextSettings()
    land = views.build(system, changes, settings)
    if not land.size:
        return Proposal(contexts=())
    ties = engine.tie(land)
    book = concepts.lexicon(land.modules)
    basis = consensus.choose_basis(land, book, settings.seed)
    drawn = consensus.samples(land, book, basis, sample_count(land.size, settings), settings.seed)
    resolution = consensus.choose_resolution(land, book, basis, settings.seed, drawn)
    owner = consensus.vote(land.size, drawn)
    first, held = engine.cut(land, ties, owner, resolution, settings.seed)
    support = consensus.support(land, first, resolution, settings.seed, drawn)
    wanted = decisions.Decisions(system, land, settings)
    if basis == "packages":  # they stay whole
        common = kernel.libraries(system, land, first) - wanted.fixed
    else:
        common = kernel.find(system, land, first, owner)
        common = kernel.with_helpers(land, common, owner) - wanted.fixed
    cut = decide(land, ties, first, held, common | wanted.shared, settings, wanted)
    names = name_cut(system, land, cut, settings)
    context_of = {module.name: names[cut.labels[n]] for n, module in enumerate(land.modules)}
    owned = ownership.owners(system, context_of, wanted.table_owner)
    described = members.describe(land, ties, cut.labels, cut.concepts, cut.kernel, names, support, first)
    overall = metrics.of_cut(system, changes, context_of, owned)
    overall["stability"] = round(support.stability, 6)
    overall["package_agreement"] = round(_package_agreement(land, cut.labels), 6)
    base = hierarchy.Cutting("recommended", resolution, cut.labels, names)
    levels = hierarchy.cuttings(system, land, ties, base, cut.kernel)
    place = levels.index(base)
    parents = hierarchy.parents(base, levels[place - 1] if place else None)
    contexts = tuple(
        sorted(
            BoundedContext(
                name=names[label],
                kind=_kind(label, cut),
                modules=tuple(sorted(land.modules[n].name for n in group)),
                tables=tuple(table for table, owner in owned.items() if owner == names[label]),
                confidence=round(sum(described[n].confidence for n in group) / len(group), 4),
                members=tuple(sorted((described[n] for n in group), key=lambda m: m.module)),
                metrics=members.of_context(land, ties, cut.labels, label, group),
                parent=parents.get(names[label]),
            )
            for label, group in enumerate(groups(cut.labels))
        )
    )
    return Proposal(
        contexts=contexts,
        crossings=crossings.find(system, context_of, owned),
        hierarchy=hierarchy.values(
            levels, contexts, land, names[cut.kernel] if cut.kernel is not None else None
        ),
        metrics=overall,
        diagnostics=(*wanted.diagnostics, *_remarks(land, system, overall)),
        splits=parts.find(system, context_of, owned),
        owners=owned,
    )


def sample_count(size: int, settings: ContextSettings) -> int:
    """Bootstrap samples for a system of ``size`` modules."""
    if settings.samples is not None:
        return max(settings.samples, 1)
    return max(5, min(SAMPLES, NODES_SAMPLED // max(size, 1)))


def decide(
    land: views.Landscape,
    ties: engine.Ties,
    first: Partition,
    held: Mapping[int, str],
    common: set[int],
    settings: ContextSettings,
    wanted: decisions.Decisions,
) -> Cut:
    """Lay the user's decisions over what was found and take the shared kernel (``common``) out."""
    labels, pinned = wanted.apply(first)
    # Count and size speak of contexts: the kernel steps aside while they are met.
    outside = [n for n in range(land.size) if n not in common]
    target = settings.count
    if target is None and settings.size:
        target = max(1, round(len(outside) / settings.size))
    if target is not None and outside:
        labels = decisions.resize(labels, ties, wanted, target, frozenset(common), settings.seed)
    kernel_label = max(labels) + 1
    for number in common:
        labels[number] = kernel_label
    fresh: dict[int, int] = {}
    final = [fresh.setdefault(label, len(fresh)) for label in labels]
    return Cut(
        labels=final,
        concepts={fresh[label]: word for label, word in held.items() if label in fresh},
        pinned={fresh[label]: name for label, name in pinned.items() if label in fresh},
        kernel=fresh.get(kernel_label),
    )


def name_cut(system: System, land: views.Landscape, cut: Cut, settings: ContextSettings) -> list[str]:
    """A name for each label; pins first, then the shared kernel, earlier runs and concepts."""
    taken = dict(cut.pinned)
    if cut.kernel is not None:
        taken[cut.kernel] = KERNEL_NAME if KERNEL_NAME not in taken.values() else f"{KERNEL_NAME}-2"
    grouped = [[land.modules[n].name for n in group] for group in groups(cut.labels)]
    return naming.name_all(system, grouped, taken, settings.previous, cut.concepts)


def _kind(label: int, cut: Cut) -> ContextKind:
    return "shared_kernel" if label == cut.kernel else "context"


def _package_agreement(land: views.Landscape, labels: Sequence[int]) -> float:
    """Adjusted Rand index between the cut and the packages below the top (the apps)."""
    apps: dict[str, int] = {}
    present = []
    for module in land.modules:
        folder = module.path.split("/")[:-1]
        present.append(apps.setdefault("/".join(folder[:2]), len(apps)))
    return consensus.adjusted_rand(present, relabel(labels))


def _remarks(land: views.Landscape, system: System, overall: Mapping[str, float | None]) -> list[Diagnostic]:
    """What the reader must know to judge the proposal."""
    notes: list[tuple[str, str]] = []
    for name, share in sorted(land.coverage.items()):
        if name in ("traces", "data") and not share:
            continue
        if share < engine.COVERED:
            notes.append(
                (
                    "contexts-coverage",
                    f"the evidence of {name} covers {share:.0%} of the modules and counts less for it",
                )
            )
    unpacked = [n for n, users in enumerate(land.importers) if not users]
    if land.size > 20 and len(unpacked) > land.size / 2:
        notes.append(
            ("contexts-unused", f"{len(unpacked)} of {land.size} modules are used by no other module found")
        )
    agreement = overall.get("package_agreement")
    if agreement is not None and agreement > 0.9:
        notes.append(
            ("contexts-packages", "the present packages are already a good cut: the proposal agrees")
        )
    largest = overall.get("largest_share")
    if largest is not None and largest > 0.5 and Counter(m.role for m in system.modules)["code"] > 20:
        notes.append(
            ("contexts-large", f"one context holds {largest:.0%} of the modules: no clear boundary in it")
        )
    return [
        Diagnostic(file="", line=None, code=code, severity="note", message=message) for code, message in notes
    ]
