"""The whole context step: views, concepts and communities, confidence, decisions, names, ties, metrics."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial

import msgspec

from strangler.contexts import (
    accepted,
    activity,
    beside,
    concepts,
    consensus,
    continuity,
    crossings,
    crumbs,
    decisions,
    engine,
    families,
    held_out,
    hierarchy,
    holdings,
    kernel,
    laying,
    members,
    metrics,
    mirrors,
    naming,
    offer,
    packages,
    parts,
    settled,
    slices,
    staying,
    tidying,
    together,
    views,
    within,
    words,
)
from strangler.contexts.graph import Edges, Partition, groups, relabel
from strangler.contexts.laying import Cut
from strangler.contexts.values import ContextSettings, Proposal
from strangler.model import (
    BoundedContext,
    Changes,
    Continuity,
    Crossing,
    Diagnostic,
    Offer,
    Placement,
    Relocation,
    System,
)
from strangler.model.lookup import all_tables
from strangler.text import listed, plural

SAMPLES = 12
"""Bootstrap samples on a system of usual size."""
NAMED = 12
"""Tables that are named where none owns them."""
NODES_SAMPLED = 40_000
"""Modules times samples that are worth the time: fewer samples on very large systems, never under 5."""


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
    of_faces = slices.find(land, engine.firm(land))
    strangers = packages.strangers(land.modules, ties.blind)
    book = concepts.lexicon(
        land.modules,
        strangers={number: folder for number, folder in strangers.items() if number not in of_faces},
        families=families.find(land.modules, land.declaring, land.written),
        mirrored=mirrors.find(land.modules, ties.blind, words.layer_words(m.name for m in land.modules)),
    )
    count = sample_count(land.size, settings)
    basis = consensus.choose_basis(land, book, settings.seed, min(consensus.LEADS, count))
    book = dataclasses.replace(book, slices=of_faces)  # what is about a domain hangs on no basis
    drawn = consensus.samples(land, book, basis, count, settings.seed)
    resolution = consensus.choose_resolution(land, book, basis, settings.seed, drawn)
    owner = consensus.vote(land.size, drawn)
    first, held = engine.cut(land, ties, owner, resolution, settings.seed)
    support = consensus.support(land, first, resolution, settings.seed, drawn)
    wanted = decisions.Decisions(system, land, settings)
    settle = partial(settled.settle, system, land, wanted)
    if basis != "concepts":  # directories stay whole
        common = kernel.libraries(system, land, first) - wanted.fixed
    else:
        common = kernel.find(system, land, first, owner)
        common = kernel.with_helpers(land, common, owner) - wanted.fixed
    first = crumbs.fold(land, ties.full, first, common)
    first, apart = beside.set_apart(system, land, first)
    held |= {apart: packages.PACKAGE + beside.NAME} if apart is not None else {}
    aside = common | wanted.shared
    first, held = tidying.tidy(
        system, land, ties, first, held, aside, wanted.fixed, partial(settle, settings, placed=False)
    )
    number = settings.wanted(land.size - len(aside))
    fresh = laying.decide(ties, first, held, aside, number, settings, wanted, partial(settle, settings))

    kept, cut = laying.lay(land, ties, fresh, settings, wanted, changes, support)
    if number is not None and settings.stay and settle(settings, cut).services != number:
        # An explicit wish beats what was there before; what is accepted beats both.
        settings = msgspec.structs.replace(settings, stay=False)
        kept, cut = laying.lay(land, ties, fresh, settings, wanted, changes, support)
    told_apart = settle(settings, cut)
    rest = staying.find(system, _bare(land, cut, told_apart), _crossings(system, land, cut, told_apart))
    told_apart = settled.with_rest_named(system, land, cut, told_apart, rest)
    kinds, names, owned = told_apart.kinds, told_apart.names, told_apart.owners
    ids = identify(names, cut, settings)
    if number is not None:
        wanted.came_out(number, told_apart.services, settings.accepted.file)
    context_of = {module.name: names[cut.labels[n]] for n, module in enumerate(land.modules)}
    found = _crossings(system, land, cut, told_apart)
    described = members.describe(land, ties, cut.labels, cut.concepts, cut.kernel, names, support, first)
    overall = metrics.of_cut(system, changes, context_of, owned)
    early = consensus.foretold(land, book, basis, resolution, settings.seed)
    overall |= held_out.held_out(land, changes, _with_accepted(early[0], cut))
    overall["stability"] = round(support.stability, 6)
    overall["package_agreement"] = round(_package_agreement(land, cut.labels), 6)
    base = hierarchy.Cutting("recommended", resolution, cut.labels, names)
    levels = hierarchy.cuttings(system, land, ties, base, cut.kernel)
    place = levels.index(base)
    mixed = together.find(system, land, ties.blind, cut.labels, kinds)
    parents = hierarchy.parents(base, levels[place - 1] if place else None)
    contexts = tuple(
        sorted(
            BoundedContext(
                name=names[label],
                id=ids[label],
                accepted=label in cut.slots and cut.slots[label].accepted,
                kind=kinds.get(label, "context"),
                modules=tuple(sorted(land.modules[n].name for n in group)),
                tables=tuple(table for table, owner in owned.items() if owner == names[label]),
                confidence=round(sum(described[n].confidence for n in group) / len(group), 4),
                members=tuple(sorted((described[n] for n in group), key=lambda m: m.module)),
                metrics=members.of_context(land, ties, cut.labels, label, group),
                parent=parents.get(names[label]),
                domains=() if label in cut.slots and cut.slots[label].accepted else mixed.get(label, ()),
            )
            for label, group in enumerate(groups(cut.labels))
        )
    )
    contexts = _with_rest(system, land, contexts, staying.find(system, contexts, found))
    contexts = tuple(map(together.whole, contexts))
    return Proposal(
        contexts=contexts,
        crossings=found,
        hierarchy=hierarchy.values(
            system, levels, contexts, land, names[cut.kernel] if cut.kernel is not None else None
        ),
        metrics=overall,
        diagnostics=(
            *wanted.diagnostics,
            *_unread(system),
            *_remarks(land, system, overall),
            *_mixed(contexts),
            *_unowned(system, owned),
            *accepted.unknown(settings.accepted, land.index, wanted.tables, changes.renamed),
        ),
        splits=parts.find(system, context_of, owned),
        owners=owned,
        activity=activity.activity(system, changes, context_of),
        continuity=Continuity(guidance=settings.guidance)
        if kept is None
        else msgspec.structs.replace(
            told(kept, names, land, settings),
            offer=_offer(system, land, early, fresh, cut, kept, names, found, told_apart.platforms),
        ),
    )


def _crossings(
    system: System, land: views.Landscape, cut: Cut, told: settled.Settled
) -> tuple[Crossing, ...]:
    context_of = {module.name: told.names[cut.labels[n]] for n, module in enumerate(land.modules)}
    return crossings.find(system, context_of, told.owners)


def _bare(land: views.Landscape, cut: Cut, told: settled.Settled) -> list[BoundedContext]:
    """The parts by kind, modules and tables alone."""
    return [
        BoundedContext(
            name=name,
            kind=told.kinds.get(label, "context"),
            modules=tuple(land.modules[n].name for n, own in enumerate(cut.labels) if own == label),
            tables=tuple(table for table, owner in told.owners.items() if owner == name),
            confidence=0.0,
        )
        for label, name in enumerate(told.names)
    ]


def identify(names: Sequence[str], cut: Cut, settings: ContextSettings) -> list[str]:
    """The id of each context: the one that it has, that of an earlier one of its name, else its name."""
    earlier = {context.name: context.id or context.name for context in settings.previous}
    result = {label: slot.id for label, slot in cut.slots.items() if slot.id}
    used = {*result.values(), *(boundary.id for boundary in settings.accepted.boundaries)}
    for label, name in enumerate(names):
        if label in result:
            continue
        wanted = earlier.get(name, name)
        number = 1
        while (wanted if number == 1 else f"{wanted}-{number}") in used:
            number += 1
        result[label] = wanted if number == 1 else f"{wanted}-{number}"
        used.add(result[label])
    return [result[label] for label in range(len(names))]


def told(
    kept: continuity.Kept, names: Sequence[str], land: views.Landscape, settings: ContextSettings
) -> Continuity:
    """What became of the earlier cut, in the names of this one."""
    module = [m.name for m in land.modules]
    here = [names[label] for label in kept.labels]
    return Continuity(
        guidance=settings.guidance,
        placed=tuple(Placement(module=module[n], context=here[n], reason=r) for n, r in kept.placed.items()),
        removed=kept.removed,
        renamed=kept.renamed,
        moved=tuple(
            Relocation(module=module[n], before=slot.name or slot.id, after=here[n], gain=round(gain, 4))
            for n, (slot, gain) in kept.moved.items()
        ),
    )


def _with_accepted(foretold: Partition | None, cut: Cut) -> Partition | None:
    """A foretold cut with the accepted contexts in it."""
    if foretold is None:
        return None
    above = max(foretold) + 1
    held = {label for label, slot in cut.slots.items() if slot.accepted}
    return [
        above + label if label in held else other for label, other in zip(cut.labels, foretold, strict=True)
    ]


def _offer(
    system: System,
    land: views.Landscape,
    early: tuple[Partition | None, Edges],
    fresh: Cut,
    cut: Cut,
    kept: continuity.Kept,
    names: Sequence[str],
    present: Sequence[Crossing],
    platforms: frozenset[str],
) -> Offer | None:
    now = [names[label] for label in cut.labels]
    taken = {label: names[kept.counterpart[label]] for label in kept.counterpart}
    listed = [[land.modules[n].name for n in group] for group in groups(fresh.labels)]
    fresh_names = naming.name_all(system, listed, taken, held=fresh.concepts, reserved=frozenset(names))
    other = [fresh_names[label] for label in fresh.labels]
    if other == now:
        return None
    return offer.offer(
        system, land, now, other, present=present, platforms=platforms, foretold=early[0], late=early[1]
    )


def sample_count(size: int, settings: ContextSettings) -> int:
    """Bootstrap samples for a system of ``size`` modules."""
    if settings.samples is not None:
        return max(settings.samples, 1)
    return max(5, min(SAMPLES, NODES_SAMPLED // max(size, 1)))


def _package_agreement(land: views.Landscape, labels: Sequence[int]) -> float:
    """Adjusted Rand index between the cut and the packages below the top (the apps)."""
    apps: dict[str, int] = {}
    present = []
    for module in land.modules:
        folder = module.path.split("/")[:-1]
        present.append(apps.setdefault("/".join(folder[:2]), len(apps)))
    return consensus.adjusted_rand(present, relabel(labels))


def _with_rest(
    system: System, land: views.Landscape, contexts: Sequence[BoundedContext], rest: Collection[str]
) -> tuple[BoundedContext, ...]:
    """The contexts with those marked that are what stays, and the domains in these unless the team accepted
    them."""
    layers = [land.index[name] for c in contexts if c.kind == "layer" for name in c.modules]
    result = []
    for context in contexts:
        if context.name in rest:
            context = msgspec.structs.replace(context, rest=True)
            own = [land.index[name] for name in context.modules]
            inside = within.find(system, land, context.tables, own, layers)
            if inside.domains and not context.accepted:
                context = msgspec.structs.replace(context, **inside._asdict())
        result.append(context)
    return tuple(result)


def _mixed(contexts: Sequence[BoundedContext]) -> list[Diagnostic]:
    """The contexts in which several domains lie together."""
    return [
        Diagnostic(
            file="",
            line=None,
            code="contexts-mixed",
            severity="note",
            message=f"{context.name}: {together.told(context)}; "
            "decide what goes with what (pin, apart) before it is taken out",
        )
        for context in contexts
        if context.domains and (context.proper or context.rest)
    ]


def _unowned(system: System, owned: Mapping[str, str]) -> list[Diagnostic]:
    """The tables that no context owns."""
    left = sorted(set(all_tables(system)) - owned.keys())
    if not left:
        return []
    message = f"{plural(len(left), 'table')} of no context: {listed(left, NAMED)}"
    return [Diagnostic(file="", line=None, code="contexts-unowned", severity="note", message=message)]


def _unread(system: System) -> list[Diagnostic]:
    """That the data of the system could not be read, if so."""
    names = holdings.unread(system)
    if not names:
        return []
    message = (
        f"no table is known: {listed(names, NAMED)} {'is' if len(names) == 1 else 'are'} not read. The "
        "contexts rest on imports, names and history alone; what data each owns is for you to tell"
    )
    return [Diagnostic(file="", line=None, code="contexts-unread", severity="warning", message=message)]


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
