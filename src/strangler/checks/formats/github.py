"""Workflow commands of GitHub Actions: an annotation for each finding.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from strangler.checks.baseline import Finding, Outcome
from strangler.text import visible


def render(outcome: Outcome) -> bytes:
    """One ``::error`` a finding; escapes keep names from ending or extending it."""
    return "".join(_annotation(finding) for finding in outcome.findings).encode()


def _annotation(finding: Finding) -> str:
    place = f"file={_value(finding.file)},line={finding.line},title={_value(finding.code)}"
    return f"::error {place}::{_text(visible(finding.message))}\n"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _text(visible(text)).replace(":", "%3A").replace(",", "%2C")
