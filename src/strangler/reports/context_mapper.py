"""The context map in the Context Mapper language (CML), with the relation suggested for each pair."""

from __future__ import annotations

from strangler.model import Model
from strangler.reports.index import Index
from strangler.reports.options import ReportOptions
from strangler.reports.quoting import dsl_quoted, identifiers
from strangler.reports.relations import Relation, relations
from strangler.reports.text import percent, t
from strangler.reports.verdict import verdict

FILE = "context-map.cml"
UPSTREAM: dict[Relation, str] = {
    "open_host_service": "[U,OHS,PL]->[D]",
    "customer_supplier": "[U,S]->[D,C]",
    "anti_corruption_layer": "[U]->[D,ACL]",
    "conformist": "[U]->[D,CF]",
}
"""Relation -> the arrow from the context needed (upstream) to the one that needs it (downstream)."""
SYMMETRIC: dict[Relation, str] = {"partnership": "[P]<->[P]", "shared_kernel": "[SK]<->[SK]"}


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``context-map.cml``; of two contexts that need each other, the stronger need gives the relation."""
    index = Index(model)
    judged = verdict(model, index)
    ids = identifiers((context.name for context in model.contexts), "Ctx")
    suggested = relations(list(judged.needs), index.contexts, judged.history)
    weight = {(need.source, need.target): need.weight for need in judged.needs}
    lines = ["ContextMap Monolith {", "    type = SYSTEM_LANDSCAPE", "    state = AS_IS"]
    lines += [f"    contains {name}" for name in ids.values()]
    for (source, target), relation in sorted(suggested.items()):
        back = weight.get((target, source), 0)
        if (weight[source, target], target) < (back, source) or source not in ids or target not in ids:
            continue
        arrow = SYMMETRIC.get(relation) or UPSTREAM[relation]
        lines.append(f"    {ids[target]} {arrow} {ids[source]}")
    lines.append("}")
    for context in model.contexts:
        facts = (
            t("count.modules", n=len(context.modules)),
            t("count.tables", n=len(context.tables)),
            t("map.sure", share=percent(context.confidence)),
        )
        vision = dsl_quoted(f"{context.name[:100]}: {', '.join(facts)}")
        lines += [f"BoundedContext {ids[context.name]} {{", f"    domainVisionStatement = {vision}", "}"]
    return {FILE: ("\n".join(lines) + "\n").encode()}
