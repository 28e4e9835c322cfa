"""Findings as SARIF 2.1.0, for code hosts and editors: what stands in the way of a cut, and diagnostics."""

from __future__ import annotations

from collections.abc import Iterator

from strangler import sarif
from strangler.contexts.crossings import counted
from strangler.contexts.figures import DATA_TIES
from strangler.model import Crossing, Model
from strangler.reports.options import ReportOptions
from strangler.reports.text import t
from strangler.text import one_line

FILE = "report.sarif"


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``report.sarif``."""
    codes = sorted({item.code for item in model.diagnostics})
    rules = [
        sarif.rule(f"crossing/{kind}", t(f"sarif.{kind}"), t(f"sarif.{kind}.why"), t("sarif.instead"))
        for kind in DATA_TIES
    ]
    rules += [sarif.rule(f"analysis/{code}", one_line(code), t("sarif.analysis")) for code in codes]
    results = [*_crossings(model), *_diagnostics(model)]
    return {FILE: sarif.log("strangler", model.generator.version, rules, results)}


def _crossings(model: Model) -> Iterator[dict[str, object]]:
    """One result a place that ties the data; a transaction over several contexts is one."""
    found: dict[tuple[str, str, str, str, int, str], list[Crossing]] = {}
    for crossing in counted(model.crossings):
        for place in crossing.places if crossing.kind in DATA_TIES else ():
            where = (place.file, place.line, place.symbol)
            found.setdefault((crossing.source, crossing.kind, crossing.subject, *where), []).append(crossing)
    for (source, kind, subject, file, line, symbol), crossings in found.items():
        text = t(
            "sarif.message",
            source=source,
            target=", ".join(crossing.target for crossing in crossings),
            kind=t(f"kind.{kind}"),
            subject=subject,
        )
        prints = {"crossing/v1": f"{'+'.join(crossing.id for crossing in crossings)}:{file}:{symbol}"}
        yield sarif.result(f"crossing/{kind}", "note", text, file, line, prints)


def _diagnostics(model: Model) -> Iterator[dict[str, object]]:
    for item in model.diagnostics:
        yield sarif.result(f"analysis/{item.code}", item.severity, item.message, item.file, item.line)
