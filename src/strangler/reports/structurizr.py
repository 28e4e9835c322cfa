"""The contexts as containers of one software system in Structurizr DSL (C4 model)."""

from __future__ import annotations

from strangler.model import Model
from strangler.reports.index import Index
from strangler.reports.options import ReportOptions
from strangler.reports.quoting import dsl_quoted, identifiers
from strangler.reports.text import t
from strangler.reports.verdict import verdict

FILE = "workspace.dsl"


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``workspace.dsl``: identifiers are made, names stand in quotes only."""
    judged = verdict(model, Index(model))
    ids = identifiers((context.name for context in model.contexts), "Container")
    labels = _unique([context.name for context in model.contexts])
    lines = [
        f"workspace {dsl_quoted(model.monolith.name)} {{",
        "    model {",
        f"        monolith = softwareSystem {dsl_quoted(model.monolith.name)} {{",
    ]
    for context in model.contexts:
        facts = (t("count.modules", n=len(context.modules)), t("count.tables", n=len(context.tables)))
        description = dsl_quoted(", ".join(facts))
        kind = dsl_quoted(t(f"context.{context.standing}"))
        lines.append(
            f"            {ids[context.name]} = container {labels[context.name]} {description} {kind}"
        )
    lines.append("        }")
    for need in judged.needs:
        if need.source in ids and need.target in ids:
            kinds = ", ".join(f"{t(f'kind.{kind}')} {count}" for kind, count in need.kinds.items())
            lines.append(f"        {ids[need.source]} -> {ids[need.target]} {dsl_quoted(kinds)}")
    lines += [
        "    }",
        "    views {",
        '        container monolith "contexts" {',
        "            include *",
        "            autoLayout lr",
        "        }",
        "    }",
        "}",
    ]
    return {FILE: ("\n".join(lines) + "\n").encode()}


def _unique(names: list[str]) -> dict[str, str]:
    """Quoted labels; Structurizr wants them different within a system, in lower case too."""
    taken: set[str] = set()
    labels = {}
    for name in names:
        label, number = dsl_quoted(name or " "), 2
        while label.lower() in taken:
            label, number = f'{dsl_quoted(name)[:-1]} ({number})"', number + 1
        taken.add(label.lower())
        labels[name] = label
    return labels
