"""The cut that a run keeps to: of the last run here, in a fresh clone of the committed baseline."""

import json

import pytest
from cli_support import PARTS, pin_parts, three_parts

BASELINE = "strangler-baseline.json"


@pytest.fixture
def monolith(tree):
    """Three packages, with a committed baseline in which one of the contexts has a name of its own."""
    return pin_parts(tree(three_parts()))


@pytest.fixture
def committed(cli, monolith):
    baseline = monolith / BASELINE
    assert cli("check", monolith, "--baseline", baseline, "--update-baseline").returncode == 0
    baseline.write_text(baseline.read_text().replace('"name":"billing"', '"name":"money"'))
    return monolith


def names(directory):
    model = json.loads((directory / "model.json").read_text())
    return {context["name"] for context in model["contexts"]}


def test_a_fresh_clone_keeps_to_the_cut_by_which_check_counts(cli, committed, tmp_path):
    done = cli("analyze", committed, "-o", tmp_path / "ci")
    assert f"same 3 contexts as {BASELINE}" in done.stdout
    assert names(tmp_path / "ci") == {"orders", "money", "catalog"}


def test_the_last_run_comes_before_the_baseline_and_no_prior_before_both(cli, committed, tmp_path):
    assert "proposed anew" in cli("analyze", committed, "-o", tmp_path / "out", "--no-prior").stdout
    assert "same 3 contexts as the last run" in cli("analyze", committed, "-o", tmp_path / "out").stdout
    assert names(tmp_path / "out") == set(PARTS)
    named = cli("analyze", committed, "-o", tmp_path / "out", "--prior", committed / BASELINE)
    assert f"same 3 contexts as {BASELINE}" in named.stdout


def test_pins_of_another_day_ask_for_another_cut_than_the_baseline(cli, committed, tmp_path):
    (committed / "strangler.toml").write_text('[contexts.pin]\nsales = ["shop.orders", "shop.billing"]\n')
    cli("analyze", committed, "-o", tmp_path / "ci", "-q")
    model = json.loads((tmp_path / "ci/model.json").read_text())
    sales = next(context for context in model["contexts"] if context["name"] == "sales")
    assert {"shop.orders.views", "shop.billing.views"} <= set(sales["modules"])


@pytest.mark.parametrize("name", ["mo\\u001bney", "orders"])
def test_a_baseline_whose_names_cannot_be_is_no_prior(cli, committed, tmp_path, name):
    baseline = committed / BASELINE
    baseline.write_text(baseline.read_text().replace('"name":"money"', f'"name":"{name}"'))
    assert "proposed anew" in cli("analyze", committed, "-o", tmp_path / "ci").stdout


def test_a_link_in_place_of_the_baseline_is_not_followed(cli, committed, tmp_path):
    (committed / BASELINE).rename(tmp_path / "elsewhere.json")
    (committed / BASELINE).symlink_to(tmp_path / "elsewhere.json")
    assert "proposed anew" in cli("analyze", committed, "-o", tmp_path / "ci").stdout


def test_the_first_baseline_is_of_the_cut_that_the_last_run_showed(cli, monolith, tmp_path):
    here = tmp_path / "elsewhere"
    cli("analyze", monolith, "-q", cwd=here)
    model = here / "strangler-out/model.json"
    shown = json.loads(model.read_text())
    for context in shown["contexts"]:
        context["name"] = {"billing": "money"}.get(context["name"], context["name"])
    model.write_text(json.dumps(shown))
    assert cli("check", monolith, "--update-baseline", cwd=here).returncode == 0
    frozen = json.loads((here / BASELINE).read_text())["contexts"]
    assert {context["name"] for context in frozen} == {"orders", "money", "catalog"}
