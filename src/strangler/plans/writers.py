"""A plan as files: the same plan, the same bytes."""

from __future__ import annotations

import msgspec

from strangler.plans.html import plan_html
from strangler.plans.markdown import plan_md, roadmap_md, summary_md
from strangler.plans.values import ExtractionPlan, Roadmap
from strangler.written import PLAN


def plan_files(plan: ExtractionPlan, report: str = "", progress: str = "") -> dict[str, bytes]:
    """File name -> content; ``report`` and ``progress`` are addresses from the plan's folder."""
    return {
        "PLAN.md": plan_md(plan).encode(),
        "SUMMARY.md": summary_md(plan).encode(),
        "plan.html": plan_html(plan, report, progress).encode(),
        PLAN: _json(plan),
    }


def roadmap_files(roadmap: Roadmap) -> dict[str, bytes]:
    """File name -> content."""
    return {"ROADMAP.md": roadmap_md(roadmap).encode(), "roadmap.json": _json(roadmap)}


def _json(value: ExtractionPlan | Roadmap) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"
