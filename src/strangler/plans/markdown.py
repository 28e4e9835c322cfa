"""``PLAN.md``, ``ROADMAP.md`` and the summary of a plan: names in code spans, prose escaped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from strangler.contexts.sureness import GUESS
from strangler.model import Evidence
from strangler.plans.layout import apart, graded, partners, settings, short, spots
from strangler.plans.values import REMEDIES, CodedStep, Cut, ExtractionPlan, Roadmap, SagaStep
from strangler.text import capitalised, code, markdown_table, one_line, plural, prose

BLOCKERS = 40
FILES = 20
NAMES = 40
TABLES = 8
PARTNERS = 8
PLACES = 8
"""Places shown of one crossing; ``plan.json`` has all."""


def plan_md(plan: ExtractionPlan) -> str:
    """The whole plan."""
    sections = (
        _head, _moves, _ambient, _cuts, _keys, _sagas, _stages, _readiness, _effort, _edits, _blockers,
        _files, _doubts,
    )  # fmt: skip
    return "\n".join(line for section in sections for line in section(plan)).rstrip() + "\n"


def summary_md(plan: ExtractionPlan) -> str:
    """What a reviewer wants to know, for a comment on a pull request."""
    states = Counter(item.state for item in plan.readiness)
    found = partners(plan)
    rows = (
        [code(p.name), f"{len(p.needs):,}", f"{len(p.gives):,}", f"{p.places:,}", f"{p.remote:,}"]
        for p in found[:PARTNERS]
    )
    counts = (
        [prose(c.name), f"{c.value:,g}", prose(c.meaning)] for c in (*plan.effort, *plan.risk) if c.value
    )
    lines = [
        f"### Extraction of {code(plan.context)}",
        "",
        *(f"- {prose(sentence)}" for sentence in short(plan)),
        f"- Readiness: {states['ready']} of 9 checks ready, {states['work']} need work, {states['ask']} are "
        "for the team to answer.",
        "",
        "<details><summary>Figures</summary>",
        "",
        *markdown_table(("fact", "count", ""), counts),
        "",
    ]
    if found:
        lines += [*markdown_table(("with", "it needs", "it gives", "places", "over a wire"), rows), ""]
    if found[PARTNERS:]:
        lines += [f"{plural(len(found) - PARTNERS, 'more context')} in `PLAN.md`.", ""]
    return "\n".join([*lines, "</details>"]) + "\n"


def roadmap_md(roadmap: Roadmap) -> str:
    """The order of all contexts, with the facts behind it."""
    rows = (
        [
            str(item.position),
            code(item.context),
            f"{item.modules:,}",
            f"{item.lines:,}",
            f"{item.tables:,}",
            f"{item.entries:,}",
            f"{item.places:,}",
            f"{item.data_ties:,}",
            prose("; ".join(item.reasons)),
        ]
        for item in roadmap.candidates
    )
    heads = ("", "context", "modules", "lines", "tables", "entry points", "places", "data ties", "why here")
    lines = [
        f"# Roadmap of {code(roadmap.monolith)}",
        "",
        "The best first extraction comes first: contexts with tables of their own before those without, "
        f"boundaries that are hardly more than a guess (less than {GUESS:.0%} sure) after surer ones, then "
        "the sum of four rankings: places to cut, data ties, share of commits that touch no "
        "other context, confidence of the boundary. Places leave out what a shared library takes along; data "
        "ties are transactions, writes and foreign keys over the boundary. Each extraction changes the "
        "figures of the rest: plan again after each.",
        "",
        *(markdown_table(heads, rows) if roadmap.candidates else ["No context is an extraction of its own."]),
    ]
    if roadmap.stay:
        lines += ["", "## What stays, or goes along", ""]
        lines += [f"- {code(item.context)}: {prose('; '.join(item.reasons))}" for item in roadmap.stay]
    return "\n".join(lines) + "\n"


def place(evidence: Evidence) -> str:
    """``file:line`` as a code span."""
    return code(f"{evidence.file}:{evidence.line}")


def _places(places: Sequence[Evidence]) -> str:
    *shown, last = spots(places, PLACES) or [""]
    return ", ".join([*map(code, shown), last if last.startswith("and ") else code(last)])


def _head(plan: ExtractionPlan) -> Iterator[str]:
    yield f"# Extraction plan: {code(plan.context)}"
    yield ""
    at = f" at {code(plan.revision)}" if plan.revision else ""
    yield (
        f"Out of {code(plan.monolith)}{at}. Confidence of the boundary: {plan.confidence:.0%}. "
        "Every figure is counted from the code; `plan.json` has all places."
    )
    yield ""
    yield "## In short\n"
    yield from (f"- {prose(sentence)}" for sentence in short(plan))
    yield ""


def _moves(plan: ExtractionPlan) -> Iterator[str]:
    moves = plan.moves
    yield "## What moves\n"
    yield f"{plural(len(moves.files), 'file')}, {plural(moves.lines, 'line')}.\n"
    groups: tuple[tuple[str, Iterable[str]], ...] = (
        ("Modules", (code(name) for name in moves.modules)),
        ("Tables", (code(name) for name in moves.tables)),
        *(
            (
                title,
                (
                    f"{code(item.model)} ({code(item.table)} of {code(item.owner)}, "
                    f"{code(f'{item.place.file}:{item.place.line}')})"
                    for item in items
                ),
            )
            for title, items in apart(plan)
        ),
        ("Tasks", (code(task.name) for task in moves.tasks)),
        ("Signal receivers", (f"{code(s.receiver)} on {code(s.signal)}" for s in moves.signals)),
        ("Commands", (code(name) for name in moves.commands)),
        ("Tests", (code(name) for name in moves.tests)),
        ("Migrations", (code(name) for name in moves.migrations)),
    )
    for title, names in groups:
        shown = list(names)
        more = f" and {len(shown) - NAMES} more in `plan.json`" if shown[NAMES:] else ""
        yield f"- **{title}:** {', '.join(shown[:NAMES]) or 'none'}{more}"
    yield ""
    if moves.endpoints:
        rows = (
            [", ".join(e.methods or ("any",)), code(e.path), code(e.handler), code(f"{e.file}:{e.line}")]
            for e in moves.endpoints
        )
        yield from markdown_table(("methods", "path", "handler", "place"), rows)
        yield ""


def _ambient(plan: ExtractionPlan) -> Iterator[str]:
    """Middleware and the like: no view calls them, and the service cannot do without."""
    if not plan.ambient:
        return
    yield "## What stands before every request\n"
    yield (
        "Settings put these before the endpoints that move; no handler calls them, and they count for no "
        "context. The service needs each of them, or another answer to what it does."
    )
    yield ""
    if plan.ambient_tables:
        names = ", ".join(map(code, plan.ambient_tables))
        yield f"**Tables that a service on its own database lacks for them:** {names}.\n"
    rows = (
        [
            row.kind.replace("_", " ") + (", guard" if row.guards else ""),
            code(row.name),
            "all" if not row.handlers else plural(len(row.handlers), "handler"),
            "not known" if not row.known else ", ".join(map(code, row.tables_read)) or "-",
            "not known" if not row.known else ", ".join(map(code, row.tables_written)) or "-",
            code(f"{row.file}:{row.line}") if row.file else "default",
        ]
        for row in plan.ambient
    )
    yield from markdown_table(("kind", "what", "before", "reads", "writes", "place"), rows)
    yield ""


def _cuts(plan: ExtractionPlan) -> Iterator[str]:
    yield "## What must be cut\n"
    found = partners(plan)
    if not found:
        yield "No crossing was found.\n"
        return
    rows = (
        [code(p.name), f"{len(p.needs):,}", f"{len(p.gives):,}", f"{p.places:,}", f"{p.remote:,}", p.remedies]
        for p in found
    )
    heads = ("with", "it needs", "it gives", "places", "go over a wire", "remedies")
    yield from markdown_table(heads, rows)
    yield ""
    for partner in found:
        yield f"### With {code(partner.name)}\n"
        for title, cuts in (("It needs", partner.needs), (f"{code(partner.name)} needs", partner.gives)):
            if cuts:
                yield f"{title}:\n"
                yield from markdown_table(("kind", "what", "remedy", "why", "places"), map(_cut, cuts))
                yield ""
        if partner.falls:
            yield "Lines that fall by themselves, as they only bring what is cut above:\n"
            yield from (f"- {code(cut.subject)}: {_places(cut.places)}" for cut in partner.falls)
            yield ""


def _cut(cut: Cut) -> list[str]:
    kind = cut.kind.replace("_", " ")
    return [kind, code(cut.subject), REMEDIES[cut.remedy], prose(cut.reason), _places(cut.places)]


def _keys(plan: ExtractionPlan) -> Iterator[str]:
    yield "## Foreign keys to break, in order\n"
    if not plan.keys:
        yield "None.\n"
        return
    rows = (
        [str(k.position), code(f"{k.table}.{k.column}"), code(k.references), prose(k.reason), place(k.place)]
        for k in plan.keys
    )
    yield from markdown_table(("", "column", "refers to", "why here", "place"), rows)
    yield ""


def _sagas(plan: ExtractionPlan) -> Iterator[str]:
    yield "## Transactions over the boundary\n"
    if not plan.sagas:
        yield "None seen.\n"
        return
    yield (
        "Only this context leaves: everything else stays one database and one local transaction. Each saga "
        "needs an id, a deadline after which it is taken back, and a place to look up those that hang.\n"
    )
    for saga in plan.sagas:
        yield f"### {code(saga.name)} ({place(saga.place)})\n"
        remedy = capitalised(REMEDIES[saga.remedy])
        yield f"{remedy}; begins in {code(saga.orchestrator)}. {prose(capitalised(saga.note))}.\n"
        for number, step in enumerate(saga.steps, 1):
            yield f"{number}. **{step.participant}** {prose(step.action)}: {_writes(step)}."
            if step.compensation:
                yield f"   Compensation: {prose(step.compensation)}."
        if saga.coded:
            yield f"\nIn code (`seams/seams.patch`): {'; '.join(map(_coded, saga.coded))}."
        yield ""


def _coded(step: CodedStep) -> str:
    name = f"{code(step.operation)} (line {step.place.line})"
    if step.mode == "after":
        return f"{name} after the commit, repeated until it is done"
    back = code(step.compensation) if step.compensation else "what a person has to write"
    return f"{name} before the commit, taken back by {back}"


def _writes(step: SagaStep) -> str:
    more = f" and {plural(len(step.tables) - TABLES, 'more table')}" if step.tables[TABLES:] else ""
    tables = ", ".join(code(table) for table in step.tables[:TABLES]) + more
    through = list(dict.fromkeys(place.symbol for place in step.places if place.symbol))
    lines = sorted({place.line for place in step.places})
    rest = ", in functions that it calls" if step.elsewhere else ""
    text = tables + (f", line {', '.join(map(str, lines[:12]))}" if lines else "")
    text += f", through {', '.join(map(code, through[:4]))}" if through else ""
    return text + (f" and{rest[1:]}" if rest and step.places else rest)


def _stages(plan: ExtractionPlan) -> Iterator[str]:
    yield "## Stages\n"
    asked = '`strangler analyze "$SOURCE" -o "$MODEL"`, then `strangler status --model "$MODEL"`'
    yield f"What of this is done, and what is left: {asked}.\n"
    yield "Commands run in the folder of this plan, in bash; fill in your own addresses:\n"
    yield "```bash"
    yield from settings(plan)
    yield "```\n"
    for stage in plan.stages:
        yield f"### Stage {stage.number}: {prose(stage.title)}\n"
        yield f"- **Enter when** {prose(stage.entry_check)}"
        yield from (f"- {prose(item)}" for item in stage.work)
        yield from _run(stage.commands)
        yield f"- **Watch** {prose(stage.observable)}"
        yield f"- **Roll back** {prose(stage.rollback)}"
        yield ""


def _run(commands: Sequence[str]) -> Iterator[str]:
    if commands:
        flat = [one_line(line) for line in commands]
        fence = "`" * max(3, *(len(run) + 1 for line in flat for run in re.findall("`+", line) or [""]))
        yield "- **Run**\n"
        yield from (f"  {line}" for line in (f"{fence}bash", *flat, fence))
        yield ""


def _readiness(plan: ExtractionPlan) -> Iterator[str]:
    yield "## Readiness\n"
    words = {"ready": "ready", "work": "needs work", "ask": "ask the team"}
    rows = ([i.check, words[i.state], prose("; ".join(i.facts))] for i in plan.readiness)
    yield from markdown_table(("check", "state", "facts"), rows)
    yield ""


def _effort(plan: ExtractionPlan) -> Iterator[str]:
    for title, counts in (("Effort", plan.effort), ("Risk", plan.risk)):
        yield f"## {title}\n"
        rows = ([prose(c.name), f"{c.value:,g}", prose(c.meaning)] for c in counts)
        yield from markdown_table(("fact", "count", ""), rows)
        yield ""


def _edits(plan: ExtractionPlan) -> Iterator[str]:
    yield "## Files to edit outside\n"
    if not plan.edits:
        yield "None.\n"
    for title, edits in graded(plan.edits):
        yield f"### {title}\n"
        rows = (
            [
                code(edit.file),
                edit.role,
                ", ".join(map(str, edit.lines[:12])) + (" ..." if edit.lines[12:] else ""),
                prose("; ".join(edit.reasons[:4]))
                + (f" and {len(edit.reasons) - 4} more" if edit.reasons[4:] else ""),
            ]
            for edit in edits
        )
        yield from markdown_table(("file", "role", "lines", "why"), rows)
        yield ""


def _blockers(plan: ExtractionPlan) -> Iterator[str]:
    blockers = [blocker for part in plan.parts for blocker in part.blockers]
    if blockers:
        yield "## Blockers\n"
        yield "What cannot cross a wire as it is; change it in the monolith first.\n"
        rows = ([place(b.place), prose(b.what), prose(b.remedy)] for b in blockers[:BLOCKERS])
        yield from markdown_table(("place", "what", "remedy"), rows)
        if blockers[BLOCKERS:]:
            yield f"\n{len(blockers) - BLOCKERS:,} more in `plan.json`, under `parts`."
        yield ""


def _files(plan: ExtractionPlan) -> Iterator[str]:
    yield "## Files of this plan\n"
    yield "- `PLAN.md`, `plan.html`, `plan.json`, `SUMMARY.md`: this plan"
    if plan.moves.endpoints:
        yield "- `routing/`: gateway rules, their proof, stages and way back; start with `routing/README.md`"
        yield "- `contracts/http/`: contract tests, written by `strangler record`"
    for part in plan.parts:
        if part.files:
            counts = ", ".join(f"{count.name} {count.value:,g}" for count in part.counts)
            yield f"- **{prose(part.title)}**: {prose(part.use)}" + (f" ({prose(counts)})" if counts else "")
            yield f"  {', '.join(map(code, part.files[:FILES]))}" + (
                f" and {len(part.files) - FILES} more" if part.files[FILES:] else ""
            )
    yield ""


def _doubts(plan: ExtractionPlan) -> Iterator[str]:
    if plan.doubts:
        yield "## Not known\n"
        yield from (f"- {prose(doubt)}" for doubt in plan.doubts)
