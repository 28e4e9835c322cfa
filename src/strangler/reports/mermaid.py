"""The context map as a Mermaid flowchart, for Markdown pages that draw it."""

from __future__ import annotations

from strangler.model import Model
from strangler.reports.dot import COLOURS
from strangler.reports.index import Index
from strangler.reports.needs import BINDING
from strangler.reports.options import ReportOptions
from strangler.reports.quoting import mermaid_quoted
from strangler.reports.text import t
from strangler.reports.verdict import verdict

FILE = "context-map.mmd"
PER_CONTEXT = 1.5
"""Arrows drawn for each context, the strongest first: more cannot be read in a pull request."""
FEWEST = 8


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``context-map.mmd``: the strongest needs between contexts, each with its places, coloured by what
    is hardest to cut in it; the colours are explained."""
    judged = verdict(model, Index(model))
    shown = [context for context in model.contexts if context.proper] or list(model.contexts)
    ids = {context.name: f"n{number}" for number, context in enumerate(shown)}
    lines = ["flowchart LR"]
    for context in shown:
        facts = f"{context.name}, {t('count.modules', n=len(context.modules))}"
        lines.append(f"  {ids[context.name]}[{mermaid_quoted(facts)}]")
    every = [need for need in judged.needs if need.source in ids and need.target in ids]
    every.sort(key=lambda need: (-need.weight, need.source, need.target))
    drawn = every[: max(FEWEST, round(PER_CONTEXT * len(shown)))]
    hardest = [next(group for group in BINDING if need.groups[group]) for need in drawn]
    lines += [
        f"  {ids[need.source]} -->|{mermaid_quoted(f'{need.weight:,}')}| {ids[need.target]}" for need in drawn
    ]
    for group in BINDING:
        links = ",".join(str(number) for number, one in enumerate(hardest) if one == group)
        if links:
            label = mermaid_quoted(t(f"group.{group}"))
            lines.append(f"  linkStyle {links} stroke:{COLOURS[group]},color:{COLOURS[group]}")
            lines.append(f"  legend_{group}[{label}]:::{group}")
            lines.append(f"  classDef {group} stroke:{COLOURS[group]},color:{COLOURS[group]},fill:none")
    if len(drawn) < len(every):
        lines.append(f"  more[{mermaid_quoted(t('map.lines_of', n=len(drawn), all=len(every)))}]:::soft")
        lines.append("  classDef soft stroke:none,fill:none")
    return {FILE: ("\n".join(lines) + "\n").encode()}
