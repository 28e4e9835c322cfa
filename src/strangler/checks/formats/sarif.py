"""SARIF 2.1.0, for code hosts and editors."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from strangler.checks.baseline import Finding, Outcome
from strangler.checks.rules import RULES
from strangler.text import one_line
from strangler.version import __version__


def render(outcome: Outcome) -> bytes:
    """A log with one run: the rules with why they matter, and one result a finding."""
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "strangler check", "version": __version__, "rules": _rules()}},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"ROOT": {"description": {"text": "The analysed tree."}}},
                "results": [_result(finding) for finding in outcome.findings],
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _rules() -> list[dict[str, object]]:
    return [
        {
            "id": code,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.why},
            "help": {"text": rule.help},
            "defaultConfiguration": {"level": "error"},
        }
        for code, rule in RULES.items()
    ]


def _result(finding: Finding) -> dict[str, object]:
    place = {
        "artifactLocation": {"uri": quote(finding.file, safe="/"), "uriBaseId": "ROOT"},
        "region": {"startLine": max(1, finding.line)},
    }
    return {
        "ruleId": finding.code,
        "level": "error",
        "message": {"text": one_line(finding.message)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"finding/v1": finding.fingerprint},
    }
