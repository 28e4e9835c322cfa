"""Route tables that are hard to hand over, read from source alone, behind every gateway: before and after."""

from __future__ import annotations

from pathlib import Path

import pytest
from routing_harness import RUN, Echo, Running, serving, settings_for
from trees import ALL, Tree, asked, handlers, measured, read_plan

from strangler.routing.canonical import classify
from strangler.routing.samples import Expectation

COUNT = 200


@pytest.mark.parametrize("tree", ALL, ids=lambda tree: f"{tree.name}-{tree.package}")
def test_the_rules_agree_with_the_framework_and_survive_the_deletion(tree: Tree, tmp_path: Path) -> None:
    app, later = (tree.app(tmp_path, after=after) for after in (False, True))
    plan = read_plan(app, settings_for(1, 2))
    assert plan.certificate.complete
    assert plan.removal.ok, plan.removal
    questions = asked(app, plan, 3_000, seed=7)
    today, then = handlers(app, questions), handlers(later, questions)
    expectation = Expectation(plan)
    wrong = []
    for (path, method), handler, rest in zip(questions, today, then, strict=True):
        if classify(path) != "canonical":
            continue
        side = expectation.answer(path, method)
        if handler is not None and side != ("service" if app.owns(handler) else "monolith"):
            wrong.append(f"{method} {path}: {side}, but it is answered by {handler}")
        if side == "monolith" and rest != handler:
            wrong.append(f"{method} {path}: answered by {rest} once the code is out, by {handler} today")
    assert wrong == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("tree", ALL[1:3], ids=lambda tree: f"{tree.name}-{tree.package}")
@pytest.mark.parametrize("gateway", RUN)
def test_every_gateway_sends_every_url_to_its_owner(
    gateway: str, tree: Tree, after: bool, echo: Echo, tmp_path: Path
) -> None:
    app = tree.app(tmp_path, after=False)
    later = tree.app(tmp_path, after=True) if after else None
    with serving(later or app, tmp_path) as port:
        plan = read_plan(app, settings_for(echo.port, port))
        with Running(gateway, plan, tmp_path) as running:
            running.stage("full")
            score = measured(app, plan, running, asked(app, plan, COUNT, seed=3), later)
    assert score.wrong == []
    assert score.canonical > COUNT / 3
