"""``plan.html``: one file that loads nothing, and whose ticks the browser keeps."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from urllib.parse import quote

from strangler.pages import base_style, environment, policy
from strangler.plans.layout import apart, graded, partners, settings, short, spots
from strangler.plans.values import REMEDIES, ExtractionPlan
from strangler.text import capitalised

STATES = {"ready": "ready", "work": "needs work", "ask": "ask the team"}


def plan_html(plan: ExtractionPlan, report: str = "", progress: str = "") -> str:
    """The plan as a page; every value of it is escaped.

    Args:
        plan: what is shown.
        report: address of the report, to whose page of the context it then leads; empty for none.
        progress: address of the page of progress; empty for none.
    """
    from markupsafe import Markup

    style, script = f"{base_style()}\n{_asset('plan.css')}", _asset("plan.js")
    templates = environment(_asset)
    templates.filters["capitalised"] = capitalised
    return (
        templates.get_template("plan.html").render(
            plan=plan,
            report=f"{report}#/context/{quote(plan.context, safe='')}" if report else "",
            progress=progress,
            apart=apart(plan),
            partners=partners(plan),
            short=list(short(plan)),
            groups=graded(plan.edits),
            spots=spots,
            settings="\n".join(settings(plan)),
            remedies=REMEDIES,
            states=STATES,
            style=Markup(style),  # our own files; nothing of the code base is in them
            script=Markup(script),
            policy=policy([script], [style]),
        )
        + "\n"
    )


@cache
def _asset(name: str) -> str:
    return (files("strangler.plans") / "assets" / name).read_text(encoding="utf-8")
