"""Sampled URLs through every gateway in front of every running monolith: nothing goes to the wrong side."""

from __future__ import annotations

from pathlib import Path

import pytest
from routing_harness import RUN, App, Echo, Running, measure, settings_for

from strangler.routing import verify

COUNT = 340  # for each of three monoliths: about a thousand URLs a gateway


@pytest.mark.parametrize("name", ["django_shop", "flask_clinic", "fastapi_courier"])
@pytest.mark.parametrize("gateway", RUN)
def test_every_url_reaches_the_side_that_the_framework_says(
    gateway: str, name: str, echo: Echo, monoliths: dict[str, tuple[App, int]], tmp_path: Path
) -> None:
    app, port = monoliths[name]
    plan = app.plan(settings_for(echo.port, port))
    with Running(gateway, plan, tmp_path) as running:
        if gateway != "traefik":  # has no dry run
            running.check()
        running.stage("full")
        score = measure(app, plan, running, COUNT, seed=1)
    assert score.canonical > COUNT / 2
    assert score.other > COUNT / 10
    assert score.wrong == []
    assert score.approximate == 0 or not plan.certificate.exact


@pytest.mark.parametrize("policy", ["monolith", "normalise"])
@pytest.mark.parametrize("gateway", RUN)
def test_the_other_policies_have_one_outcome_on_every_gateway(
    gateway: str, policy: str, echo: Echo, monoliths: dict[str, tuple[App, int]], tmp_path: Path
) -> None:
    app, port = monoliths["django_shop"]
    plan = app.plan(settings_for(echo.port, port, policy=policy))
    with Running(gateway, plan, tmp_path) as running:
        running.stage("full")
        score = measure(app, plan, running, COUNT, seed=2)
    assert score.wrong == []


def test_verify_finds_nothing_on_a_right_gateway_and_the_shifted_paths_on_a_rolled_back_one(
    echo: Echo, monoliths: dict[str, tuple[App, int]], tmp_path: Path
) -> None:
    app, port = monoliths["django_shop"]
    plan = app.plan(settings_for(echo.port, port))
    with Running("nginx", plan, tmp_path) as running:
        url = f"http://127.0.0.1:{plan.settings.listen}"
        before = verify(tmp_path, url, samples=200, seed=3)
        assert not before.ok
        assert {(wrong.expected, wrong.answered) for wrong in before.wrong} == {("service", "monolith")}
        running.stage("full")
        after = verify(tmp_path, url, samples=200, seed=3)
    assert after.ok
    assert after.checked == 200
    assert set(after.answered) == {"service", "monolith", "rejected"}
