"""From source to rules: what was read without running the monolith routes as the running framework does."""

from __future__ import annotations

import pytest
from routing_harness import FIXTURES, App, settings_for

from strangler import pipeline
from strangler.analyzers.link import link
from strangler.config import Config
from strangler.model import System
from strangler.reading import read_facts
from strangler.routing import plan_routes
from strangler.routing.canonical import classify
from strangler.routing.samples import Expectation, samples


def analysed(app: App) -> System:
    tree = pipeline.scan(app.folder, Config())
    files = read_facts(tree, jobs=1, cached=False, executor=None, progress=pipeline.silent)
    return link(tree, [file.facts for file in files])[0]


@pytest.mark.parametrize("app", FIXTURES, ids=lambda app: app.name)
def test_rules_from_source_alone_agree_with_the_framework(app: App) -> None:
    system = analysed(app)
    read = plan_routes(system, app.context(system), settings_for(1, 2))
    booted = app.plan(settings_for(1, 2))
    asked = [(s.path, s.method) for plan in (read, booted) for s in samples(plan, 500, seed=4)]
    expectation = Expectation(read)
    wrong = [
        (method, path, truth)
        for (path, method), truth in zip(asked, app.truth(asked), strict=True)
        if classify(path) == "canonical" and truth not in ("nobody", expectation.answer(path, method))
    ]
    assert wrong == []
