"""Benchmarks that reach into the product still fit it, and what they score with."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def scores() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scores", BENCHMARKS / "contexts" / "scores.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TRUTH = {"core": ["a", "b", "c", "d", "e", "f"], "billing": ["x", "y", "z"], "search": ["s", "t"]}
EXACT = {item: name for name, items in TRUTH.items() for item in items}


def test_a_tree_is_analysed_with_parts_of_the_containment_out(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("import json\n")
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "speed" / "containment.py", tmp_path, "--pairs", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "the layer costs" in done.stdout


def test_what_stayed_may_be_cut_in_any_way(scores: ModuleType) -> None:
    cut = EXACT | {"a": "web", "b": "web", "c": "db"}
    assert scores.adjusted_rand_of_what_left(cut, TRUTH, {"core"}) == 1.0
    assert scores.best_f1(scores.sets_of(cut), TRUTH, {"core"}) == 1.0
    assert scores.adjusted_rand(cut, TRUTH) < 0.9


@pytest.mark.parametrize(
    "wrong",
    [{"x": "other"}, {"s": "billing"}, {"a": "billing"}, {"z": "core"}],
    ids=["torn apart", "with another that left", "something that stayed goes along", "left behind"],
)
def test_a_wrong_cut_of_what_left_costs(scores: ModuleType, wrong: dict[str, str]) -> None:
    assert scores.adjusted_rand_of_what_left(EXACT | wrong, TRUTH, {"core"}) < 1.0
    assert scores.best_f1(scores.sets_of(EXACT | wrong), TRUTH, {"core"}) < 1.0


def test_trivial_cuts_of_what_left_are_worth_nothing(scores: ModuleType) -> None:
    whole, alone = dict.fromkeys(EXACT, "all"), {item: item for item in EXACT}
    for cut in (whole, alone):
        assert scores.adjusted_rand_of_what_left(cut, TRUTH, {"core"}) == pytest.approx(0.0)


def test_without_a_remainder_all_pairs_are_asked(scores: ModuleType) -> None:
    cut = EXACT | {"a": "billing", "s": "core"}
    asked = scores.adjusted_rand_of_what_left(cut, TRUTH, set())
    assert asked == pytest.approx(scores.adjusted_rand(cut, TRUTH))
