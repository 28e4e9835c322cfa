"""Findings in the forms that other programs read: one file a form, each with a ``render(outcome)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from strangler.checks.baseline import Outcome
from strangler.checks.formats import github, gitlab, json, junit, sarif

FORMATS: Mapping[str, Callable[[Outcome], bytes]] = {
    "json": json.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
    "sarif": sarif.render,
}
"""Name of a form -> what writes it; the same outcome gives the same bytes."""
