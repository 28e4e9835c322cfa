"""The page of a migration's progress: figures of one cut over several models, in the design of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strangler.pages import policy
from strangler.reports.html.bundle import style
from strangler.reports.html.page import environment
from strangler.reports.text import t

BAR, TALLEST = 54, 110
FIGURES = ("crossings", "places", "cycles", "unresolved", "modules", "tables", "entries")
"""Columns of the table, in the order of ``Point.figures``."""


@dataclass(frozen=True, slots=True)
class Point:
    """One model on the common cut."""

    revision: str
    date: str
    figures: tuple[int, ...]
    """Those of ``FIGURES``."""


def page(
    name: str,
    points: Sequence[Point],
    kinds: Sequence[tuple[str, int, int]],
    links: Sequence[tuple[str, str]] = (),
) -> bytes:
    """The page, which runs and loads nothing.

    Args:
        name: of the monolith.
        points: oldest first, at least one.
        kinds: (kind of crossing, places in the first, places in the last).
        links: (label, address) of pages beside it.
    """
    from markupsafe import Markup

    places = [point.figures[1] for point in points]
    most = max(places) or 1
    bars = [
        {
            "x": 8 + number * BAR,
            "height": round(TALLEST * count / most, 1),
            "top": round(130 - TALLEST * count / most, 1),
            "value": f"{count:,}",
            "label": point.revision[:7] or str(number + 1),
            "title": f"{point.revision[:12]} {point.date}: {t('count.places', n=count)}",
        }
        for number, (point, count) in enumerate(zip(points, places, strict=True))
    ]
    first, last = points[0], points[-1]
    figures = zip(("crossings", "places"), first.figures, last.figures, strict=False)
    told = {key: t("progress.change", before=before, after=after) for key, before, after in figures}
    html = (
        environment()
        .get_template("progress.html")
        .render(
            name=name,
            lead=t("progress.lead", **told),
            bars=bars,
            width=16 + BAR * len(bars),
            columns=[t("progress.model"), *(t(f"progress.{key}") for key in FIGURES)],
            rows=[
                (f"{point.revision[:12] or '–'} {point.date}", *(f"{value:,}" for value in point.figures))
                for point in points
            ],
            kinds=[(kind, f"{before:,}", f"{after:,}") for kind, before, after in kinds],
            links=links,
            style=Markup(style()),  # our own; nothing of the code base is in it
            policy=policy([], [style()]),
        )
    )
    return html.encode("utf-8")
