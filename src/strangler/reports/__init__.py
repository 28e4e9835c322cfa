"""Reports: each format is one file with one pure function of the published model.

>>> from strangler.reports import ReportOptions, render
>>> files = render(model, "html", ReportOptions())          # doctest: +SKIP
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from strangler.reports.options import PlanLink, ReportError, ReportOptions

if TYPE_CHECKING:
    from strangler.model import Model

FORMATS: dict[str, str] = {
    "html": "strangler.reports.html",
    "markdown": "strangler.reports.markdown",
    "dot": "strangler.reports.dot",
    "svg": "strangler.reports.svg",
    "mermaid": "strangler.reports.mermaid",
    "csv": "strangler.reports.csv",
    "structurizr": "strangler.reports.structurizr",
    "context-mapper": "strangler.reports.context_mapper",
    "sarif": "strangler.reports.sarif",
    "agents": "strangler.reports.agents",
    "json": "strangler.reports.json",
}
"""Name of a format -> the module whose ``files(model, options)`` writes it, imported when it is asked for."""


def render(model: Model, format: str, options: ReportOptions | None = None) -> dict[str, bytes]:
    """Write a report.

    Returns:
        File name -> content; names are fixed per format and never come from the code base.

    Raises:
        ReportError: no such format (the message lists them), or an option that makes no sense.
    """
    if format not in FORMATS:
        raise ReportError(f"no format {format!r}; there are: {', '.join(FORMATS)}")
    chosen = options or ReportOptions()
    if chosen.source_url is None and model.monolith.source_url:
        chosen = replace(chosen, source_url=model.monolith.source_url)
    files: dict[str, bytes] = import_module(FORMATS[format]).files(model, chosen)
    return files


__all__ = ["FORMATS", "PlanLink", "ReportError", "ReportOptions", "render"]
