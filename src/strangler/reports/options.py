"""What a report may be told beside the model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from strangler.config import problem_of_template

if TYPE_CHECKING:
    from strangler.reports.excerpts import Excerpts

_FIELDS = re.compile(r"\{(revision|path|line)\}")


class ReportError(ValueError):
    """An option that no report can be made with; the message says what to do."""


@dataclass(frozen=True, slots=True)
class PlanLink:
    """A stored extraction plan that a report points to."""

    context: str
    href: str
    """Address of its page, relative to the report, quoted."""
    sentences: tuple[str, ...]
    """The plan in short."""
    revision: str | None = None
    """The commit that it was written for."""
    routing: str = ""
    """Address of the page about its gateway rules, as ``href``; empty: it has none."""
    routes: tuple[int, int] | None = None
    """Routes that move, and all; with ``routing``."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Options of every format; each format takes what concerns it.

    ``source_url`` is a template such as ``https://host/org/repo/blob/{revision}/{path}#L{line}`` that turns a
    place in the code into a link.
    """

    source_url: str | None = None
    plans: tuple[PlanLink, ...] = ()
    """Plans that are there, for the formats that can link."""
    excerpts: Excerpts = field(default_factory=dict)
    """Source lines for the page; none: it ships no code."""
    progress: str = ""
    """Address of the page of progress beside the report; empty: there is none."""
    live: int | None = None
    """Number of the picture that `strangler serve` shows: the page asks its server for the next one.
    None: the page is a file, and asks nobody."""

    def __post_init__(self) -> None:
        if self.source_url is not None and (problem := problem_of_template(self.source_url)):
            raise ReportError(problem)

    def link(self, revision: str | None, path: str, line: int | None) -> str | None:
        """The address of a line, or None where there is no template or no revision to put into it."""
        if self.source_url is None or (revision is None and "{revision}" in self.source_url):
            return None
        values = {
            "revision": quote((revision or "").removesuffix("+dirty"), safe=""),
            "path": quote(path, safe="/"),
            "line": str(line or 1),
        }
        return _FIELDS.sub(lambda match: values[match[1]], self.source_url)
