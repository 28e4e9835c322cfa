"""A plan parses no file of the monolith but those that its patch changes and those that open the sessions
which the patch uses, and looks the tree over once."""

from __future__ import annotations

from collections import Counter

import pytest
from helpers.monolith import FIXTURES
from helpers.seams import model_of

from strangler import sources
from strangler.commands.plan import patcher
from strangler.commands.texts import texts
from strangler.plans import generate, plan_extraction
from strangler.sources import python


@pytest.fixture
def read(monkeypatch) -> Counter[str]:
    """What is parsed, by path; ``""`` counts the scans of a tree."""
    counted: Counter[str] = Counter()
    parse, scan = python.parse, sources.scan

    def counting_parse(data, path, *more, **named):
        counted[path] += 1
        return parse(data, path, *more, **named)

    def counting_scan(*arguments, **named):
        counted[""] += 1
        return scan(*arguments, **named)

    monkeypatch.setattr(python, "parse", counting_parse)
    monkeypatch.setattr(sources, "scan", counting_scan)
    return counted


@pytest.mark.parametrize(
    ("name", "context"),
    [("django_shop", "customers"), ("flask_clinic", "diary"), ("fastapi_courier", "tracking")],
)
def test_only_files_that_the_patch_needs_are_parsed(read, name, context):
    model, root = model_of(name), FIXTURES / name
    read.clear()  # what the analysis itself has read
    plan = plan_extraction(model, context, texts(root))
    assert not read
    made = []

    def patch(operations):
        made.append(patcher(model, root)(operations))
        return made[-1]

    generate(plan, model, patch)
    assert read.pop("") == 1
    opening = {name.partition(":")[0] for name in made[0].openers}
    asked = {module.path for module in model.modules if module.name in opening}
    assert set(read) <= set(made[0].files) | asked | {item.file for item in made[0].diagnostics}
    assert set(read.values()) == {1}


def test_without_the_tree_nothing_is_read_and_all_contracts_are_written(read):
    model = model_of("django_shop")
    read.clear()
    _, files = generate(plan_extraction(model, "billing"), model)
    assert not read
    assert {name.split("/")[1] for name in files if name.startswith("contracts/")} >= {
        "consumers",
        "data",
        "events",
    }
