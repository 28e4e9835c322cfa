"""What `strangler explain` says of a context, two contexts, a table or a URL, read off the model."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from strangler.commands.problems import UserError
from strangler.contexts import Coupling, Explanation
from strangler.contexts.crossings import by_kind, count_places, counted
from strangler.model.lookup import TABLE, all_tables, home, teams_of
from strangler.spelling import told_nearest
from strangler.text import listed, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from strangler.model import Crossing, Endpoint, Evidence, Model, OpaqueRoute


def explained(model: Model, subject: str, other: str | None = None) -> Explanation:
    """The explanation of anything that can be asked for.

    Raises:
        UserError: nothing has that name.
    """
    from strangler import contexts

    try:
        return answer(model, subject, other) or contexts.explain(
            model.system, model.changes, model.contexts, subject, other
        )
    except contexts.UnknownModuleError as error:
        raise UserError(str(error)) from error


def answer(model: Model, subject: str, other: str | None) -> Explanation | None:
    """The explanation of a context, a pair of contexts, a table or a URL; None for anything else. A context
    goes before a module of the same name, which its path asks for.

    Raises:
        UserError: a table or URL that the model does not have.
    """
    contexts = {context.name for context in model.contexts}
    modules = {name for module in model.modules for name in (module.name, module.path)}
    if other is not None:
        return of_two(model, subject, other) if {subject, other} <= contexts else None
    if subject in contexts:
        return of_context(model, subject)
    if subject in modules:
        return None
    if subject.startswith("/"):
        return of_url(model, subject)
    if subject.startswith(TABLE) or subject in all_tables(model.system):
        return of_table(model, subject.removeprefix(TABLE))
    return None


def of_context(model: Model, name: str) -> Explanation:
    """What a context holds, where it stands in the order of extraction, and what ties it to others."""
    from strangler.contexts import together
    from strangler.contexts.ranking import rank_contexts
    from strangler.contexts.reasons import reasons

    context = next(context for context in model.contexts if context.name == name)
    ranked = rank_contexts(model)
    own = next(candidate for candidate in ranked if candidate.context == name)
    order = [candidate.context for candidate in ranked if not candidate.excluded]
    holds = [
        plural(len(context.modules), "module"),
        plural(len(context.tables), "table"),
        plural(own.entries, "entry point"),
    ]
    place = f"no. {order.index(name) + 1} of {len(order)}" if name in order else "not to be taken out"
    told = [
        f"{'what stays, ' if context.rest else ''}{context.kind.replace('_', ' ')} of {', '.join(holds)}",
        *([f"tables: {', '.join(context.tables)}"] if context.tables else []),
        *([together.told(context)] if context.domains else []),
        *(f"for the module of that name ask for {m.path}" for m in model.modules if m.name == name),
        f"order of extraction: {place}",
        *reasons(own, ranked),
        *teams(model, name),
    ]
    found = [c for c in counted(model.crossings) if name in (c.source, c.target)]
    pairs: dict[tuple[str, str], list[Crossing]] = defaultdict(list)
    for crossing in found:
        pairs[crossing.source, crossing.target].append(crossing)
    couplings = [_pair(source, target, rows) for (source, target), rows in pairs.items()]
    couplings.sort(key=lambda coupling: (-len(coupling.evidence), coupling.kind))
    return _explanation(name, told, couplings, confidence=context.confidence if context.proper else None)


def teams(model: Model, context: str) -> list[str]:
    """Who owns a context, and how many people change it."""
    row = teams_of(model.activity, context)
    if row is None:
        return []
    owners = [f"{share.team} {plural(share.modules, 'module')}" for share in row.teams]
    nobody = [f"nobody {plural(row.unowned, 'module')}"] if row.unowned else []
    told = [f"owners: {listed([*owners, *nobody], 6)}"] if owners else []
    if row.main_share is not None:
        told.append(
            f"changed by {plural(row.authors, 'person', 'people')}, {row.main_share:.0%} by one of them"
        )
    return told


def of_two(model: Model, first: str, second: str) -> Explanation:
    """What ties two contexts, each way, kind by kind."""
    couplings = []
    for source, target in ((first, second), (second, first)):
        rows = [c for c in counted(model.crossings) if (c.source, c.target) == (source, target)]
        kinds: dict[str, list[Crossing]] = defaultdict(list)
        for crossing in rows:
            kinds[crossing.kind].append(crossing)
        for kind, found in sorted(kinds.items()):
            couplings.append(
                Coupling(
                    kind=f"{source} -> {target}",
                    statement=f"{kind.replace('_', ' ')}: {plural(count_places(found), 'place')}",
                    evidence=_places(found),
                )
            )
    return Explanation(
        subject=f"{first} and {second}",
        other=second,
        context=None,
        confidence=None,
        alternative=None,
        reasons=(),
        couplings=tuple(couplings),
    )


def _pair(source: str, target: str, rows: list[Crossing]) -> Coupling:
    kinds = by_kind(rows)
    parts = ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in _most(kinds))
    return Coupling(
        kind=f"{source} -> {target}",
        statement=f"{plural(kinds.total(), 'place')}: {parts}",
        evidence=_places(rows),
    )


def _most(counter: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def _places(rows: Iterable[Crossing]) -> tuple[Evidence, ...]:
    import msgspec

    places = {
        msgspec.structs.replace(place, symbol=f"{crossing.kind.replace('_', ' ')} {crossing.subject}")
        for crossing in rows
        for place in crossing.places
    }
    return tuple(sorted(places))


def of_table(model: Model, name: str) -> Explanation:
    """Who owns a table, what declares it, its foreign keys, and who reads and writes it, by context.

    Raises:
        UserError: the model has no such table.
    """
    from strangler.model import Evidence

    known = all_tables(model.system)
    if name not in known:
        raise UserError(f"no table {name!r}{told_nearest(name, known)}")
    owner = next((context.name for context in model.contexts if name in context.tables), None)
    declared = [table for table in model.tables if table.name == name]
    told = [f"mapped by {table.model} ({table.path}:{table.line})" for table in declared if table.model]
    told = told or ["no class of the tree maps it: a table of a library, or of raw SQL"]
    for table in model.tables:
        for key in table.foreign_keys:
            if name in (table.name, key.table):
                rule = f", on delete {key.on_delete}" if key.on_delete else ""
                told.append(f"foreign key {table.name}.{key.column} -> {key.table}{rule}")
    context_of = {module: context.name for context in model.contexts for module in context.modules}
    path_of = {module.name: module.path for module in model.modules}
    places: dict[tuple[bool, str, str], set[Evidence]] = defaultdict(set)
    for access in model.accesses:
        if access.table == name and access.module in context_of:
            context = context_of[access.module]
            place = Evidence(
                file=path_of[access.module],
                line=access.line,
                symbol=access.function or "",
                certainty=access.certainty,
            )
            places[context != owner, access.operation, context].add(place)
    couplings = [
        Coupling(
            kind="write" if operation == "write" else "read",
            statement=f"{plural(len(found), 'place')} in {context}{'' if foreign else ', the owner'}",
            evidence=tuple(sorted(found)),
        )
        for (foreign, operation, context), found in sorted(
            places.items(), key=lambda item: (item[0][1] != "write", not item[0][0], item[0][2])
        )
    ]
    return _explanation(name, told, couplings, context=owner)


def of_url(model: Model, path: str) -> Explanation:
    """Which route answers a URL path, what that does to tables, and what else would match.

    Raises:
        UserError: no route of the model matches it.
    """
    from strangler.model.effects import Effects

    matching = [route for route in model.endpoints if path == route.path] or _matching(model, path)
    if not matching:
        near = told_nearest(path, sorted({route.path for route in model.endpoints}))
        raise UserError(f"no listed route answers {path}{near}{_opaque(model, path)}")
    first = matching[0]
    modules = {module.name for module in model.modules}
    context_of = {module: context.name for context in model.contexts for module in context.modules}
    told = [
        f"{_route(first)} is served by {first.handler} ({first.file}:{first.line})",
        *([f"there only if {first.condition}"] if first.condition else []),
        *([] if first.exact else ["its pattern takes more than the framework does: see the routing proof"]),
        *(f"then {_route(route)} by {route.handler} ({route.file}:{route.line})" for route in matching[1:]),
    ]
    effects = Effects(model).of_endpoint(first)
    owner = {table: context.name for context in model.contexts for table in context.tables}
    couplings = [
        Coupling(
            kind=effect.operation,
            statement=f"{effect.table}, owned by {owner.get(effect.table) or 'nobody'} ({effect.certainty})",
            evidence=(*effect.path, effect.place),
        )
        for effect in sorted(effects, key=lambda e: (e.operation != "write", e.table))
    ]
    return _explanation(path, told, couplings, context=context_of.get(home(first.handler, modules) or ""))


def _matching(model: Model, path: str) -> list[Endpoint]:
    from strangler.routing.matching import expression

    found = [route for route in model.endpoints if expression(route.regex).fullmatch(path)]
    return sorted(found, key=lambda route: route.order)


def _opaque(model: Model, path: str) -> str:
    from strangler.routing.matching import expression

    holes: list[OpaqueRoute] = [
        hole for hole in model.opaque_routes if expression(hole.regex).fullmatch(path)
    ]
    if not holes:
        return ""
    hole = holes[0]
    return f"; {hole.what} may ({hole.file}:{hole.line}): what it answers is not listed"


def _route(route: Endpoint) -> str:
    return f"{', '.join(route.methods) if route.methods else 'any method'} {route.path}"


def _explanation(
    subject: str,
    told: list[str],
    couplings: list[Coupling],
    *,
    context: str | None = None,
    confidence: float | None = None,
) -> Explanation:
    return Explanation(
        subject=subject,
        other=None,
        context=context,
        confidence=confidence,
        alternative=None,
        reasons=tuple(told),
        couplings=tuple(couplings),
    )
