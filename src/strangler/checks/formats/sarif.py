"""SARIF 2.1.0, for code hosts and editors."""

from __future__ import annotations

from strangler import sarif
from strangler.checks.baseline import Allowance, Finding, Outcome
from strangler.checks.rules import RULES
from strangler.text import one_line
from strangler.version import __version__


def render(outcome: Outcome) -> bytes:
    """The rules with why they matter, and one result a finding."""
    passed = [_result(row.finding) | _suppressed(row.allowance) for row in outcome.allowed]
    return sarif.log("strangler check", __version__, _rules(), [*map(_result, outcome.findings), *passed])


def _suppressed(allowance: Allowance) -> dict[str, object]:
    why = f"{allowance.where}, until {allowance.until}: {allowance.reason}"
    return {"suppressions": [{"kind": "external", "justification": one_line(why)}]}


def _rules() -> list[dict[str, object]]:
    return [sarif.rule(code, rule.title, rule.why, rule.instead, "error") for code, rule in RULES.items()]


def _result(finding: Finding) -> dict[str, object]:
    prints = {"finding/v1": finding.fingerprint}
    found = sarif.result(finding.code, "error", finding.message, finding.file, finding.line, prints)
    return found | ({"properties": {"owners": list(finding.owners)}} if finding.owners else {})
