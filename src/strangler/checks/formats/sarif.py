"""SARIF 2.1.0, for code hosts and editors."""

from __future__ import annotations

from strangler import sarif
from strangler.checks.baseline import Finding, Outcome
from strangler.checks.rules import RULES
from strangler.version import __version__


def render(outcome: Outcome) -> bytes:
    """The rules with why they matter, and one result a finding."""
    return sarif.log("strangler check", __version__, _rules(), map(_result, outcome.findings))


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
    prints = {"finding/v1": finding.fingerprint}
    return sarif.result(finding.code, "error", finding.message, finding.file, finding.line, prints)
