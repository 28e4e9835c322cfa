"""Put the page together: template, styles, script, data, and the policy that lets nothing else in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from strangler import pages
from strangler.pages import policy
from strangler.reports.html.assets import asset
from strangler.reports.html.bundle import script, style
from strangler.reports.html.data import Data, pack
from strangler.reports.index import Index
from strangler.reports.story import context_link, story
from strangler.reports.text import percent, t
from strangler.reports.verdict import verdict

if TYPE_CHECKING:
    from jinja2 import Environment

    from strangler.model import Model
    from strangler.reports.options import PlanLink, ReportOptions
    from strangler.reports.verdict import Verdict

VIEWS = (
    "verdict",
    "map",
    "workshop",
    "matrix",
    "data",
    "changes",
    "teams",
    "entries",
    "roadmap",
    "diagnostics",
)

MOST_PLANS = 4
"""Stored plans linked on the first screen, in the order of extraction; the roadmap has all."""


def page(model: Model, options: ReportOptions) -> bytes:
    """The whole page."""
    from markupsafe import Markup

    index = Index(model)
    judged = verdict(model, index)
    blocks = Data(model, index, judged, options).blocks()
    # Markup: our own script and style, checked by the bundle, and base64; nothing from the code base.
    html = (
        environment()
        .get_template("page.html")
        .render(
            model=model,
            story=story(model, index, judged),
            verdict=judged,
            views=VIEWS,
            blocks={name: Markup(pack(block)) for name, block in blocks.items()},
            style=Markup(style()),
            script=Markup(script()),
            policy=policy([script()], [style()], live=options.live is not None),
            live=options.live is not None,
            plans=_in_order(options.plans, judged),
            most_plans=MOST_PLANS,
            progress=options.progress,
        )
    )
    return html.encode("utf-8")


def _in_order(plans: Sequence[PlanLink], judged: Verdict) -> list[PlanLink]:
    """The plans of what should be taken out first before the others."""
    places = {candidate.context: place for place, candidate in enumerate(judged.candidates)}
    return sorted(plans, key=lambda plan: places.get(plan.context, len(places)))


@cache
def environment() -> Environment:
    """The templates of ``assets/``."""
    result = pages.environment(asset)
    result.globals.update(t=t, percent=percent, context_link=context_link)
    return result
