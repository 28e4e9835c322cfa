"""Findings as SARIF 2.1.0, for code hosts and editors: what stands in the way of a cut, and diagnostics."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from strangler.contexts.crossings import counted
from strangler.model import Crossing, Model
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
    """One result a place; a transaction over several contexts is one."""
    found: dict[tuple[str, str, str, str, int, str], list[Crossing]] = {}
    for crossing in counted(model.crossings):
        for place in crossing.evidence if crossing.kind in HARD else ():
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
        result = _result(f"crossing/{kind}", "note", text, file, line)
        # The same finding after the code around it has moved.
        prints = {"crossing/v1": f"{'+'.join(crossing.id for crossing in crossings)}:{file}:{symbol}"}
        yield result | {"partialFingerprints": prints}


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
