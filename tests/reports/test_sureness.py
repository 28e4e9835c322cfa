"""How sure a boundary is, is said in the same words and with the same steps everywhere."""

from __future__ import annotations

import re
from importlib.resources import files

from helpers.systems import candidate

from strangler.contexts.sureness import GOOD, GUESS, HIGH, NEAR_SURE
from strangler.plans.markdown import roadmap_md
from strangler.plans.values import Roadmap
from strangler.reports.text import percent, t, texts

GOOD_SERVICE = {"modules": 10, "tables": 3, "entries": 2}


def test_a_guess_is_said_below_its_step_alone() -> None:
    lacks = candidate("a", **GOOD_SERVICE, confidence=0.39).lacks
    assert "hardly more than a guess (39\N{NO-BREAK SPACE}% sure)" in t(
        f"far.{lacks}", share=percent(0.39), coupled=""
    )
    assert not candidate("a", **GOOD_SERVICE, confidence=0.4).lacks


def test_the_roadmap_and_the_report_say_the_same_step_of_a_guess() -> None:
    roadmap = roadmap_md(Roadmap(monolith="shop", revision=None, candidates=(), stay=()))
    assert f"less than {GUESS:.0%} sure" in roadmap
    for key in ("verdict.contexts.note", "roadmap.numbers.note"):
        assert f"less than {percent(GUESS)} sure" in texts()[key]


def test_the_map_colours_by_the_steps_that_its_legend_names() -> None:
    drawing = (files("strangler.reports") / "assets" / "map-draw.js").read_text(encoding="utf-8")
    (body,) = re.findall(r"export function sureness\(share\) \{(.*?)\n\}", drawing, re.DOTALL)
    steps = [float(step) for step in re.findall(r"< (0\.\d+)", body)]
    assert steps == [NEAR_SURE, GOOD, HIGH]
    legend = " ".join(texts()[f"sureness.{word}"] for word in ("low", "fair", "good", "high"))
    assert [legend.count(percent(step)) for step in steps] == [2, 2, 2]
