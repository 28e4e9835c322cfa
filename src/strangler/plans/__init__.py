"""Extraction plans: pure functions from a model to what moves, what is cut, and in which stages.

plan_extraction(model, name) -> ExtractionPlan      UnknownContextError
contradictions(plan, model) -> what no two parts of a plan may disagree in
generate(plan, model, source) -> (ExtractionPlan, dict[str, bytes])
    the plan with its generated parts, and their files; see ``parts``
plan_roadmap(model) -> Roadmap
plan_files(plan), roadmap_files(roadmap) -> dict[str, bytes]
    PLAN.md, plan.html, plan.json, SUMMARY.md; ROADMAP.md and roadmap.json
"""

from strangler.plans.build import UnknownContextError, find_context, plan_extraction, plan_roadmap
from strangler.plans.consistency import contradictions
from strangler.plans.layout import short
from strangler.plans.parts import generate
from strangler.plans.values import ExtractionPlan, Roadmap
from strangler.plans.writers import plan_files, roadmap_files

__all__ = [
    "ExtractionPlan",
    "Roadmap",
    "UnknownContextError",
    "contradictions",
    "find_context",
    "generate",
    "plan_extraction",
    "plan_files",
    "plan_roadmap",
    "roadmap_files",
    "short",
]
