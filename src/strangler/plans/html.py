"""``plan.html``: one file that loads nothing, and whose ticks the browser keeps."""

from __future__ import annotations

import base64
import hashlib
import shlex
from importlib.resources import files
from urllib.parse import quote

from strangler.plans.layout import graded, partners, short, spots
from strangler.plans.values import REMEDIES, ExtractionPlan
from strangler.text import capitalised, visible

STATES = {"ready": "ready", "work": "needs work", "ask": "ask the team"}


def plan_html(plan: ExtractionPlan, report: str = "", progress: str = "") -> str:
    """The plan as a page; every value of it is escaped.

    Args:
        plan: what is shown.
        report: address of the report, to whose page of the context it then leads; empty for none.
        progress: address of the page of progress; empty for none.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = files("strangler.plans") / "assets"
    style = (folder / "plan.css").read_text(encoding="utf-8")
    script = (folder / "plan.js").read_text(encoding="utf-8")

    def finalize(value: object) -> object:
        """Show control and direction characters instead of acting on them."""
        if not isinstance(value, str) or isinstance(value, Markup):
            return value
        return visible(value)

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=finalize
    )
    environment.filters["capitalised"] = capitalised
    template = environment.from_string((folder / "plan.html").read_text(encoding="utf-8"))
    return (
        template.render(
            plan=plan,
            report=f"{report}#/context/{quote(plan.context, safe='')}" if report else "",
            progress=progress,
            partners=partners(plan),
            short=list(short(plan)),
            groups=graded(plan.edits),
            spots=spots,
            variables=[(name, shlex.quote(value)) for name, value in plan.variables.items()],
            remedies=REMEDIES,
            states=STATES,
            style=Markup(style),  # our own files; nothing of the code base is in them
            script=Markup(script),
            policy=f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
            "base-uri 'none'; form-action 'none'",
        )
        + "\n"
    )


def _digest(block: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'"
