"""The outcome as JSON, for scripts."""

from __future__ import annotations

import msgspec

from strangler.checks.baseline import Outcome


def render(outcome: Outcome) -> bytes:
    """Every field of the outcome."""
    return msgspec.json.format(msgspec.json.encode(outcome, order="deterministic"), indent=1) + b"\n"
