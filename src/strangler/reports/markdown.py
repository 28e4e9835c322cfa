"""The verdict, the contexts and what each needs as Markdown, fit for a pull request or a wiki."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from strangler.contexts.accepted import selectors
from strangler.contexts.crossings import counted
from strangler.model import Model
from strangler.reports.domains import domain_lines
from strangler.reports.index import Index
from strangler.reports.options import ReportOptions
from strangler.reports.relations import relations
from strangler.reports.story import story
from strangler.reports.text import percent, t
from strangler.reports.verdict import Verdict, verdict
from strangler.text import code, listed, markdown_table, prose

FILE = "report.md"
MOST = 40
PLACES = 5
HELD = 12
"""Packages, modules and tables named of each context."""


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``report.md``."""
    index = Index(model)
    judged = verdict(model, index)
    parts = [
        _verdict(model, index, judged),
        _contexts(judged),
        _held(model),
        _domains(model),
        _needs(index, judged),
        _shared(index, judged),
        _activity(model),
        _evidence(model, options),
    ]
    return {FILE: ("\n".join(line for part in parts for line in part) + "\n").encode()}


def _verdict(model: Model, index: Index, judged: Verdict) -> Iterator[str]:
    told = story(model, index, judged)
    yield f"# {code(model.monolith.name)}: {prose(told.headline)}"
    yield ""
    yield prose(told.lead)
    if told.packages:
        yield f"\n{prose(told.packages)}"
    way, sure = t("verdict.way"), t("verdict.sure")
    for title, sentences in ((told.why, told.reasons), (way, told.obstacles), (sure, told.surety)):
        if sentences:
            yield f"\n## {title}\n"
            yield from (f"- {prose(sentence.text)}" for sentence in sentences)
    yield f"\n## {t('verdict.figures')}\n"
    yield from markdown_table(
        ("", "", ""),
        ((f.label, f"**{f.value}**", f.meaning) for f in told.figures),
    )


def _contexts(judged: Verdict) -> Iterator[str]:
    yield f"\n## {t('verdict.contexts')}\n"
    heads = ("context", "modules", "tables", "entries", "to_cut", "knots", "independence", "confidence")
    yield from markdown_table(
        [t(f"col.{head}") for head in heads],
        (
            (
                code(c.context) + (f" {t(f'excluded.{c.excluded}')}" if c.excluded else ""),
                f"{c.modules:,}",
                f"{c.tables:,}",
                f"{c.entries:,}",
                f"{c.places:,}",
                f"{c.knots:,}",
                percent(c.independence),
                percent(c.confidence),
            )
            for c in judged.candidates
        ),
    )


def _held(model: Model) -> Iterator[str]:
    """Which packages, modules and tables each context has, as few names as say it."""
    said = selectors({module: context.name for context in model.contexts for module in context.modules})
    yield f"\n## {t('markdown.held')}\n"
    yield f"{t('markdown.held_note')}\n"
    yield from markdown_table(
        [t(f"col.{head}") for head in ("context", "held", "tables")],
        (
            (code(context.name), _names(*said.get(context.name, ())), _names(context.tables))
            for context in model.contexts
        ),
    )


def _names(*groups: Sequence[str]) -> str:
    return listed([code(name) for names in groups for name in names], HELD)


def _domains(model: Model) -> Iterator[str]:
    for context in model.contexts:
        if context.domains:
            yield f"\n### {code(context.name)}\n"
            yield f"{prose(t('canvas.domains'))}\n"
            yield from domain_lines(context)


def _needs(index: Index, judged: Verdict) -> Iterator[str]:
    strongest = sorted(judged.needs, key=lambda need: (-need.weight, need.source, need.target))
    suggested = relations(list(judged.needs), index.contexts, judged.history)
    yield f"\n## {t('map.table')}\n"
    yield from markdown_table(
        [t(f"col.{head}") for head in ("needs", "needed", "places", "kinds", "relation")],
        (
            (
                code(need.source),
                code(need.target),
                f"{need.weight:,}",
                ", ".join(f"{t(f'kind.{kind}')} {count:,}" for kind, count in need.kinds.items()),
                t(f"relation.{suggested[need.source, need.target]}.name"),
            )
            for need in strongest[:MOST]
        ),
    )
    if len(strongest) > MOST:
        yield f"\n{t('markdown.more', n=len(strongest) - MOST)}"


def _shared(index: Index, judged: Verdict) -> Iterator[str]:
    if not judged.figures.shared_tables:
        return
    yield f"\n## {t('figure.shared')}\n"
    yield from markdown_table(
        [t("col.table"), t("col.owner"), t("col.writers")],
        (
            (
                code(table),
                code(index.owner_of.get(table, t("no.context"))),
                ", ".join(f"{code(c)} {n}" for c, n in sorted(index.accessors(table, "write").items())),
            )
            for table in judged.figures.shared_tables[:MOST]
        ),
    )
    if len(judged.figures.shared_tables) > MOST:
        yield f"\n{t('markdown.more', n=len(judged.figures.shared_tables) - MOST)}"


def _activity(model: Model) -> Iterator[str]:
    couplings = [row for row in model.activity.couplings if row.trend != "steady"]
    if couplings:
        yield f"\n## {t('activity.couplings')}\n"
        yield from markdown_table(
            [t(f"col.{head}") for head in ("context", "with", "commits_both", "share", "halves", "trend")],
            (
                (
                    code(row.a),
                    code(row.b),
                    f"{row.commits:,}",
                    percent(row.share),
                    f"{row.earlier:,} → {row.later:,}",
                    t(f"activity.trend.{row.trend}"),
                )
                for row in couplings[:PLACES]
            ),
        )
    if model.activity.hotspots:
        yield f"\n## {t('activity.hotspots')}\n"
        yield from markdown_table(
            [t(f"col.{head}") for head in ("module", "context", "commits", "later", "lines")],
            (
                (code(row.module), code(row.context), f"{row.commits:,}", f"{row.later:,}", f"{row.lines:,}")
                for row in model.activity.hotspots[:PLACES]
            ),
        )


def _evidence(model: Model, options: ReportOptions) -> Iterator[str]:
    hardest = [c for c in counted(model.crossings) if c.kind in {"transaction", "write"}]
    if not hardest:
        return
    yield f"\n## {t('markdown.hardest')}\n"
    for crossing in sorted(hardest, key=lambda c: (c.kind, -c.count, c.source, c.target))[:MOST]:
        subject = f" {code(crossing.subject)}" if crossing.subject else ""
        ends = f"{code(crossing.source)} → {code(crossing.target)}"
        yield f"- {ends}: {t(f'kind.{crossing.kind}')}{subject}, {t('count.places', n=crossing.count)}"
        for place in crossing.places[:PLACES]:
            label = code(f"{place.file}:{place.line}")
            url = options.link(model.monolith.revision, place.file, place.line)
            symbol = f" {code(place.symbol)}" if place.symbol else ""
            yield f"  - [{label}](<{url}>){symbol}" if url else f"  - {label}{symbol}"
