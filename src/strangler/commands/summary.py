"""The text that `strangler analyze` prints: one screen of 24 lines and 80 columns."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, TypeVar, get_args

from strangler.model.contexts import ContextKind
from strangler.model.coverage import measures, partly_known, unread
from strangler.model.lookup import all_tables, production_modules, tables_read
from strangler.text import one_line, plural, remark_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strangler.model import BoundedContext, Crossing, Model
    from strangler.reports.verdict import Verdict

Key = TypeVar("Key")

WIDTH = 80
CONTEXTS_SHOWN = 8
DIAGNOSTICS_SHOWN = 2
LARGEST_SHOWN = 3
PAIRS_SHOWN = 3
COARSE = 0.25
"""Share of the modules in one part from which the cut is called coarse."""
MIXED = "several domains lie together"
LATER = {
    "": "later in the order of extraction",
    "small": "too small for a service",
    "mixed": "of several domains",
    "guess": "hardly more than a guess",
    "rest": "of what stays",
}
"""Why contexts are no candidate -> what is said of those that are not listed."""


def summarise(model: Model, judged: Verdict) -> str:
    """The key figures of a model with what they rest on; no colour, no paths of this machine."""
    from strangler.reports.story import headline

    blocks = [
        _head(model),
        *_contexts(model, judged),
        *_crossings(model),
        _history(model),
        *_held_out(model),
        *_coverage(model),
    ]
    return "\n".join([*blocks, *_diagnostics(model), f"Verdict  {headline(judged)}"]) + "\n"


def _head(model: Model) -> str:
    frameworks = ", ".join(model.monolith.frameworks) or "no framework recognised"
    production = len(production_modules(model.system))
    figures = [
        f"{plural(len(model.modules), 'module')} ({production:,} production)",
        _tables(model),
        plural(len(model.endpoints), "endpoint"),
        plural(len(model.tasks), "task"),
    ]
    name = one_line(model.monolith.name, 30)
    return f"{name}  {one_line(frameworks, WIDTH - len(name) - 2)}\n  {', '.join(figures)}"


def _tables(model: Model) -> str:
    tables = len(all_tables(model.system))
    declared = f" ({len(model.tables):,} declared)" if len(model.tables) < tables else ""
    return plural(tables, "table") + declared


def _contexts(model: Model, judged: Verdict) -> list[str]:
    from strangler.contexts.figures import contexts_of_handlers, proposals

    mixed = sum(context.proper and not context.rest and bool(context.domains) for context in model.contexts)
    if not any(context.proper or context.rest or context.kind == "layer" for context in model.contexts):
        return ["Contexts  none proposed", *_finer(model)]
    endpoints = Counter(contexts_of_handlers(model, (endpoint.handler for endpoint in model.endpoints)))
    tail = f", {mixed} to divide" if mixed else ""
    if any(context.rest for context in model.contexts):
        tail += ", and what stays"
    head = f"Contexts  {len(proposals(model.contexts)) or 'none'} proposed{tail}"
    lines = [f"{head:<40}{'modules':>9}{'tables':>8}{'endpoints':>11}{'sure':>7}"]
    order = [candidate.context for candidate in judged.candidates]
    shown = [context for context in model.contexts if context.proper or context.rest]
    ranked = sorted(shown, key=lambda context: order.index(context.name))
    listed = _chosen(ranked)
    for context in listed:
        lines.append(_context_line(context, endpoints[context.name]))
        lines += _domains(context)
    lines += _more([context for context in ranked if context not in listed], judged)
    for kind in get_args(ContextKind):
        if kind == "context":
            continue
        label = kind.replace("_", " ")
        modules = sum(len(c.modules) for c in model.contexts if c.kind == kind and not c.rest)
        if modules:
            lines.append(f"  {f'({label})':<38}{modules:>9,}")
    return [*lines, *_finer(model)]


def _domains(context: BoundedContext) -> list[str]:
    """The domains that lie together in a context, and the modules to split first."""
    if not context.domains:
        return []
    head = f"the work starts here, {len(context.domains)} domains" if context.rest else MIXED
    lines = [_listed(f"    {head}: ", [domain.name for domain in context.domains])]
    if context.to_split:
        lines.append(_listed("    to split first: ", list(context.to_split)))
    return lines


def _chosen(ranked: Sequence[BoundedContext]) -> list[BoundedContext]:
    """Of contexts in the order of extraction those that are listed, in that order: the largest always are."""
    largest = sorted(ranked, key=lambda context: (-len(context.modules), context.name))[:LARGEST_SHOWN]
    first = [context for context in ranked if context not in largest]
    if len(ranked) > CONTEXTS_SHOWN + 1:  # or the line that names how many are left out would be no shorter
        first = first[: CONTEXTS_SHOWN - len(largest)]
    return [context for context in ranked if context in largest or context in first]


def _more(rest: Sequence[BoundedContext], judged: Verdict) -> list[str]:
    """How many contexts are not listed, and why they come later or not at all."""
    if not rest:
        return []
    modules = sum(len(context.modules) for context in rest)
    excluded = {candidate.context: candidate.excluded for candidate in judged.candidates}
    why = Counter(excluded[context.name] for context in rest)
    told = [f"{why[reason]} {text}" for reason, text in LATER.items() if why[reason]]
    if len(told) == 1:
        return [f"  {f'... and {told[0]}':<38}{modules:>9,}"]
    told[0] = told[0].removesuffix(" of extraction")
    return [f"  {f'... and {len(rest)} more':<38}{modules:>9,}", _listed("    ", told)]


def _finer(model: Model) -> list[str]:
    """How to see the finer cuts, where the one that is listed is coarse."""
    counts = [sum(c.proper for c in level.contexts) for level in model.hierarchy if level.label == "finer"]
    production = len(production_modules(model.system))
    parts = [c for c in model.contexts if c.proper or c.rest or c.kind in {"layer", "platform"}]
    coarse = any(c.domains or len(c.modules) >= COARSE * production for c in parts)
    if not counts or not coarse:
        return []
    return [
        f"  {' or '.join(map(str, counts))} finer groups: `strangler accept --level help`, or the workshop"
    ]


def _context_line(context: BoundedContext, endpoints: int) -> str:
    figures = f"{len(context.modules):>9,}{len(context.tables):>8,}{endpoints:>11,}"
    stays = " (what stays)" if context.rest else ""
    return f"  {one_line(context.name, 37 - len(stays)) + stays:<38}{figures}{context.confidence:>7.2f}"


def _crossings(model: Model) -> list[str]:
    from strangler.contexts.crossings import by_kind, count_places, counted

    found = counted(model.crossings)
    if not found:
        return ["Crossings  none"]
    proposed = {context.name for context in model.contexts if context.proper}
    kinds = by_kind(found)
    pairs: dict[tuple[str, str], list[Crossing]] = defaultdict(list)
    for crossing in found:
        pairs[crossing.source, crossing.target].append(crossing)
    places = Counter({pair: count_places(rows) for pair, rows in pairs.items()})
    others = Counter({pair: places.pop(pair) for pair in list(places) if not proposed.issuperset(pair)})
    parts = [f"{count:,} {kind.replace('_', ' ')}" for kind, count in _top(kinds, len(kinds))]
    lines = [_listed(f"Crossings  {len(found):,} in {plural(kinds.total(), 'place')}: ", parts)]
    for (source, target), count in _top(places, PAIRS_SHOWN):
        lines.append(f"  {count:>6,}  {one_line(f'{source} -> {target}', WIDTH - 10)}")
    for (source, target), count in _top(others, 1):
        most = f"to or from what is no context ({count:,} of them {source} -> {target})"
        all_places = count_places(crossing for pair in others for crossing in pairs[pair])
        lines.append(f"  {all_places:>6,}  {one_line(most, WIDTH - 10)}")
    return lines


def _top(counter: Counter[Key], number: int) -> list[tuple[Key, int]]:
    return sorted(counter.items(), key=lambda item: (-item[1], str(item[0])))[:number]


def _history(model: Model) -> str:
    changes = model.changes
    if not changes.commits:
        return "History  no commits counted: the contexts rest on static evidence alone"
    span = f" since {changes.since[:10]}" if changes.since else ""
    text = f"History  {plural(changes.commits, 'commit')} counted{span}"
    if changes.grouped:
        text += f" ({changes.grouped:,} more joined by {changes.group_by})"
    skipped = [f"{count:,} {reason}" for reason, count in _top(Counter(changes.skipped), 9) if count]
    return _listed(f"{text}; left out: ", skipped) if skipped else text


def _held_out(model: Model) -> list[str]:
    """How well the cut foretells what changes together."""
    from strangler.contexts.held_out import told

    held = told(model.metrics)
    if held is None:
        return []
    contexts = f"{held.within:.0%} of {held.commits:,} in one context (random {held.random:.0%})"
    packages = f"packages {held.within_packages:.0%} (random {held.random_packages:.0%})"
    corrected = f"{held.corrected:.0%}, packages {held.corrected_packages:.0%}"
    return [f"  held out: {contexts}, {packages}", f"    corrected for chance: contexts {corrected}"]


def _listed(head: str, parts: list[str]) -> str:
    """``head`` and as many of the parts as the line holds."""
    line = head + parts[0]
    for number, part in enumerate(parts[1:], 1):
        room = WIDTH - (0 if number == len(parts) - 1 else len(", ..."))
        if len(f"{line}, {part}") > room:
            return f"{line}, ..."
        line += f", {part}"
    return line


def _coverage(model: Model) -> list[str]:
    """How complete the rows are known to be, and which libraries are not read."""
    parts = []
    for measure in measures(model.system):
        gaps = f" ({measure.gaps})" if measure.gaps else ""
        parts.append(f"{measure.rows} {measure.found:,}{gaps}")
    lines = remark_lines(", ".join(parts), WIDTH, "Coverage  found: ", "  ")
    if not tables_read(model):
        lines.append("  no table was read: owners, data ties and transactions are not known")
    partly = partly_known(model.system)
    if partly:
        lines.append(
            _listed(f"  columns and keys not all known, {plural(len(partly), 'table')}: ", list(partly))
        )
    names = [library.name for library in unread(model.system)]
    return [*lines, _listed("  not read: ", names)] if names else lines


def _diagnostics(model: Model) -> list[str]:
    severities = Counter(item.severity for item in model.diagnostics)
    if not severities:
        return ["Diagnostics  none"]
    parts = [plural(severities[name], name) for name in ("error", "warning", "note") if severities[name]]
    lines = [f"Diagnostics  {', '.join(parts)}"]
    worst = sorted(
        (item for item in model.diagnostics if item.severity != "note"),
        key=lambda item: (item.severity != "error", item.sort_key()),
    )
    for item in worst[:DIAGNOSTICS_SHOWN]:
        place = f"{item.file}:{item.line}" if item.line else item.file
        lines += remark_lines(f"{place}: {item.message}")
    return lines
