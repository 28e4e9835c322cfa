"""The context map as a Mermaid flowchart, for Markdown pages that draw it."""

from __future__ import annotations

from strangler.model import Model
from strangler.reports.index import Index
from strangler.reports.options import ReportOptions
from strangler.reports.quoting import mermaid_quoted
from strangler.reports.text import t
from strangler.reports.verdict import verdict

FILE = "context-map.mmd"
MOST = 200
"""Arrows drawn, the strongest first; Mermaid refuses pictures with more than 500."""


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``context-map.mmd``."""
    judged = verdict(model, Index(model))
    ids = {context.name: f"n{number}" for number, context in enumerate(model.contexts)}
    lines = ["flowchart LR"]
    for context in model.contexts:
        facts = f"{context.name}, {t('count.modules', n=len(context.modules))}"
        lines.append(f"  {ids[context.name]}[{mermaid_quoted(facts)}]")
    drawn = [need for need in judged.needs if need.source in ids and need.target in ids]
    for need in sorted(drawn, key=lambda need: (-need.weight, need.source, need.target))[:MOST]:
        kinds = ", ".join(f"{t(f'kind.{kind}')} {count}" for kind, count in need.kinds.items())
        lines.append(f"  {ids[need.source]} -->|{mermaid_quoted(kinds)}| {ids[need.target]}")
    return {FILE: ("\n".join(lines) + "\n").encode()}
