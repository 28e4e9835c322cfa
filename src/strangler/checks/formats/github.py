"""Workflow commands of GitHub Actions: an annotation for each finding.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from strangler.checks.baseline import Allowance, Finding, Outcome
from strangler.text import visible


def render(outcome: Outcome) -> bytes:
    """One ``::error`` a finding, a warning for each allowance that has ended or is of no use;
    escapes keep names from ending or extending it."""
    found = [_annotation(finding) for finding in outcome.findings]
    found += [_remark(entry, f"ended on {entry.until}: {entry.reason}") for entry in outcome.expired]
    found += [_remark(entry, "allows nothing that is there: delete it") for entry in outcome.unused]
    return "".join(found).encode()


def _remark(entry: Allowance, text: str) -> str:
    return f"::warning title=allowance::{_text(visible(f'{entry.where} {text}'))}\n"


def _annotation(finding: Finding) -> str:
    place = f"file={_value(finding.file)},line={finding.line},title={_value(finding.code)}"
    owned = f" ({' '.join(finding.owners)})" if finding.owners else ""
    return f"::error {place}::{_text(visible(finding.message + owned))}\n"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _text(visible(text)).replace(":", "%3A").replace(",", "%2C")
