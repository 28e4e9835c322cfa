"""Findings as SARIF 2.1.0, for code hosts and editors: what stands in the way of a cut, and diagnostics."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from strangler.model import Model
from strangler.reports.options import ReportOptions
from strangler.reports.text import t
from strangler.text import one_line

FILE = "report.sarif"
HARD = ("transaction", "write", "foreign_key")
"""Kinds of crossings that are findings; the rest is how a monolith is."""
LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``report.sarif``."""
    codes = sorted({item.code for item in model.diagnostics})
    rules = [{"id": f"crossing/{kind}", "shortDescription": {"text": t(f"sarif.{kind}")}} for kind in HARD]
    rules += [{"id": f"analysis/{code}", "shortDescription": {"text": one_line(code)}} for code in codes]
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "strangler", "version": model.generator.version, "rules": rules},
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"ROOT": {"description": {"text": "The analysed tree."}}},
                "results": [*_crossings(model), *_diagnostics(model)],
            }
        ],
    }
    return {FILE: msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"}


def _crossings(model: Model) -> Iterator[dict[str, object]]:
    for crossing in model.crossings:
        if crossing.kind not in HARD:
            continue
        text = t(
            "sarif.message",
            source=crossing.source,
            target=crossing.target,
            kind=t(f"kind.{crossing.kind}"),
            subject=crossing.subject,
        )
        for place in crossing.evidence:
            yield _result(f"crossing/{crossing.kind}", "note", text, place.file, place.line)


def _diagnostics(model: Model) -> Iterator[dict[str, object]]:
    for item in model.diagnostics:
        yield _result(f"analysis/{item.code}", LEVELS[item.severity], item.message, item.file, item.line)


def _result(rule: str, level: str, text: str, path: str, line: int | None) -> dict[str, object]:
    location = {
        "artifactLocation": {"uri": quote(path, safe="/"), "uriBaseId": "ROOT"},
        "region": {"startLine": max(1, line or 1)},
    }
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": one_line(text)},
        "locations": [{"physicalLocation": location}],
    }
