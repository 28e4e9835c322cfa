"""The boundary report: one self-contained HTML file, opened from disk, without network or server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.reports.options import ReportOptions
from strangler.written import REPORT

if TYPE_CHECKING:
    from strangler.model import Model


def render(model: Model, options: ReportOptions | None = None, *, source_url: str | None = None) -> bytes:
    """The page as UTF-8; the same bytes for the same model.

    Raises:
        ReportError: ``source_url`` is not an http(s) template with ``{path}``.
    """
    from strangler.reports.html.page import page

    return page(model, options or ReportOptions(source_url=source_url))


def files(model: Model, options: ReportOptions) -> dict[str, bytes]:
    """The report under its usual name."""
    return {REPORT: render(model, options)}
