"""Counted nouns and listed names, in every text that people read."""

from __future__ import annotations

import re

import pytest
from helpers.planted import planted

from strangler.commands.plan import describe_plan, describe_roadmap
from strangler.commands.summary import summarise
from strangler.plans import generate, plan_extraction, plan_roadmap, roadmap_files
from strangler.reports.index import Index
from strangler.reports.verdict import verdict
from strangler.text import listed, plural

NO_PLURAL = {"access", "address", "class", "process", "status", "is", "as", "s"}
NO_PLURAL |= {"becomes", "does", "gets", "goes", "moves", "needs", "reads", "writes"}
ONE = re.compile(r"(?<![\d.,:/-])1 ([a-z]+ )?([a-z]+s)\b(?! \()")


def test_one_is_singular_and_all_else_plural() -> None:
    assert [plural(n, "line") for n in (0, 1, 2, 2000)] == ["0 lines", "1 line", "2 lines", "2,000 lines"]
    assert [plural(n, "entry", "entries") for n in (0, 1, 3)] == ["0 entries", "1 entry", "3 entries"]


def test_names_in_a_sentence_say_how_many_more_there_are() -> None:
    assert listed(["a"]) == "a"
    assert listed("abcdef") == "a, b, c, d, e, f"
    assert listed("abcd", 2) == "a, b and 2 more"


@pytest.mark.parametrize("name", ["django_shop", "flask_clinic", "fastapi_courier"])
def test_no_text_speaks_of_one_thing_as_of_several(name: str) -> None:
    model = planted(name)
    roadmap = plan_roadmap(model)
    texts = {"summary": summarise(model, verdict(model, Index(model))), "roadmap": describe_roadmap(roadmap)}
    texts |= {path: data.decode() for path, data in roadmap_files(roadmap).items() if path.endswith(".md")}
    for context in model.contexts:
        if context.kind == "context":
            plan = plan_extraction(model, context.name)
            texts[context.name] = describe_plan(plan)
            for path, data in generate(plan, model)[1].items():
                if path.endswith(".md"):
                    texts[f"{context.name}/{path}"] = data.decode()
    slips = {
        (where, match[0])
        for where, text in texts.items()
        for match in ONE.finditer(text)
        if match[2] not in NO_PLURAL
    }
    assert slips == set()
