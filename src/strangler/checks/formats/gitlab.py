"""A Code Quality report of GitLab, shown in the merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import msgspec

from strangler.checks.baseline import Outcome
from strangler.text import one_line


def render(outcome: Outcome) -> bytes:
    """A list with one entry a finding."""
    entries = [
        {
            "description": one_line(finding.message),
            "check_name": finding.code,
            "fingerprint": finding.fingerprint,
            "severity": "major",
            "location": {"path": finding.file, "lines": {"begin": finding.line}},
        }
        for finding in outcome.findings
    ]
    return msgspec.json.format(msgspec.json.encode(entries), indent=1) + b"\n"
