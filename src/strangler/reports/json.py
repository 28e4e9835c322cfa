"""The model itself, as published."""

from __future__ import annotations

from strangler.model import Model, dump
from strangler.reports.options import ReportOptions
from strangler.written import MODEL


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """``model.json``."""
    return {MODEL: dump(model)}
