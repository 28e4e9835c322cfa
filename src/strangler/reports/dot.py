"""The context map in the DOT language, for Graphviz."""

from __future__ import annotations

from strangler.contexts.sureness import NEAR_SURE
from strangler.model import Model
from strangler.reports.index import Index
from strangler.reports.needs import BINDING
from strangler.reports.options import ReportOptions
from strangler.reports.quoting import dot_quoted
from strangler.reports.text import percent, t
from strangler.reports.verdict import verdict

FILE = "context-map.dot"
COLOURS = {
    "transaction": "#a3231b",
    "data": "#935400",
    "message": "#35702a",
    "code": "#44587d",
    "change": "#6a47ab",
}
"""Group of crossings -> colour on white, contrast 4.5 or more; the same in all pictures."""


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``context-map.dot``: nodes ``n0``, ``n1`` ... in the order of the model, names only in labels."""
    import pydot

    judged = verdict(model, Index(model))
    graph = pydot.Dot("context_map", graph_type="digraph", rankdir="LR")
    graph.set_node_defaults(shape="box", style="rounded", fontname="Helvetica")
    ids = {context.name: f"n{number}" for number, context in enumerate(model.contexts)}
    for context in model.contexts:
        facts = (
            t("count.modules", n=len(context.modules)),
            t("count.tables", n=len(context.tables)),
            t("map.sure", share=percent(context.confidence)),
        )
        # \n inside the quoted label is DOT's own line break.
        label = dot_quoted(context.name)[:-1] + "\\n" + dot_quoted(", ".join(facts))[1:]
        style = '"rounded"' if context.confidence >= NEAR_SURE else '"rounded,dashed"'
        graph.add_node(pydot.Node(ids[context.name], label=label, style=style))
    for need in judged.needs:
        if need.source not in ids or need.target not in ids:
            continue
        hardest = next(group for group in BINDING if need.groups[group])
        kinds = ", ".join(f"{t(f'kind.{kind}')} {count}" for kind, count in need.kinds.items())
        graph.add_edge(
            pydot.Edge(
                ids[need.source],
                ids[need.target],
                label=dot_quoted(str(need.weight)),
                tooltip=dot_quoted(kinds),
                color=dot_quoted(COLOURS[hardest]),
            )
        )
    return {FILE: graph.to_string().encode()}
