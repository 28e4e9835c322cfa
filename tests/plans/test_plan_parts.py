"""Generated files beside a plan: what a writer gives is named in the plan."""

from __future__ import annotations

import msgspec
import pytest
from helpers.planted import planted

from strangler.model import Evidence
from strangler.plans import generate, plan_extraction
from strangler.plans.values import Blocker, Count, Part


def event_files(plan, model, source):
    place = Evidence(file="shop/billing/services.py", line=12)
    part = Part(
        title="Events",
        use="what is published",
        files=("contracts/events/asyncapi.yaml",),
        stage=1,
        work=("agree on the events with their consumers",),
        commands=("asyncapi validate contracts/events/asyncapi.yaml",),
        check="communication",
        counts=(Count(name="events", value=3, meaning="of 3 signals"),),
        blockers=(Blocker(place=place, what="a queryset is passed on", remedy="pass the ids"),),
        doubts=("one signal has no known fields",),
    )
    return part, {"contracts/events/asyncapi.yaml": b"asyncapi: 3.0.0\n"}


def test_stages_readiness_and_doubts_speak_of_what_was_generated():
    model = planted("django_shop")
    plan, files = generate(plan_extraction(model, "billing"), model, None, [event_files])
    assert set(files) >= {"contracts/events/asyncapi.yaml"}
    assert "agree on the events with their consumers" in plan.stages[1].work
    assert "asyncapi validate contracts/events/asyncapi.yaml" in plan.stages[1].commands
    (check,) = [item for item in plan.readiness if item.check == "communication"]
    assert {"events: 3", "blockers: 1"} <= set(check.facts)
    assert "one signal has no known fields" in plan.doubts


def test_a_writer_without_anything_to_write_leaves_the_plan_alone():
    model = planted("django_shop")
    plan = plan_extraction(model, "billing")
    assert generate(plan, model, None, [lambda *_: None]) == (plan, {})


def test_a_part_lists_exactly_what_it_wrote():
    def careless(plan, model, source):
        part, files = event_files(plan, model, source)
        return msgspec.structs.replace(part, files=()), files

    model = planted("django_shop")
    with pytest.raises(ValueError, match="Events"):
        generate(plan_extraction(model, "billing"), model, None, [careless])
