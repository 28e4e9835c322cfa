"""`suggest`, `explain` and `--what-if` answer a team's questions about a model."""

import json

import pytest
from cli_support import write_tree

from strangler.commands.suggest import describe
from strangler.commands.terminal import Terminal
from strangler.contexts import Suggestion

FILES = {
    "shop/__init__.py": "",
    "shop/orders/__init__.py": "",
    "shop/orders/models.py": "class Order:\n    pass\n",
    "shop/orders/services.py": "from shop.orders.models import Order\n"
    "from shop.billing.services import charge\n\n\ndef place():\n    charge(Order())\n",
    "shop/orders/views.py": "from shop.orders.services import place\n\n\ndef order_view():\n    place()\n",
    "shop/billing/__init__.py": "",
    "shop/billing/models.py": "class Invoice:\n    pass\n",
    "shop/billing/services.py": "from shop.billing.models import Invoice\n\n\ndef charge(order):\n    "
    "return Invoice()\n",
    "shop/billing/views.py": "from shop.billing.services import charge\n\n\ndef pay():\n    charge(None)\n",
    "strangler.toml": '[contexts.pin]\norders = ["shop.orders"]\nbilling = ["shop.billing"]\n',
}


@pytest.fixture(scope="module")
def model(run, tmp_path_factory):
    place = tmp_path_factory.mktemp("answers")
    done = run("analyze", write_tree(place / "tree", FILES), "-o", place / "out", cwd=place)
    assert done.returncode == 0, done.stderr
    return place / "out"


def test_suggest_puts_the_seeds_and_what_belongs_to_them_first(cli, model):
    done = cli("suggest", "billing", "--model", model, "--format", "json")
    ranked = json.loads(done.stdout)
    assert {item["module"] for item in ranked if item["seed"]} >= {
        "shop.billing.models",
        "shop.billing.views",
    }
    rest = [item["module"] for item in ranked if not item["seed"]]
    assert rest.index("shop.orders.services") < rest.index("shop.orders.models")
    assert "shop.orders.services" in cli("suggest", "billing", "--model", model).stdout


def test_an_unknown_seed_gives_the_nearest_ones(cli, model):
    done = cli("suggest", "biling", "--model", model)
    assert done.returncode == 2
    assert "billing" in done.stderr


def test_explain_shows_the_lines_that_tie_two_modules(cli, model):
    done = cli("explain", "shop.orders.services", "shop/billing/services.py", "--model", model)
    assert done.returncode == 0
    assert "shop/orders/services.py:2 shop.billing.services" in done.stdout


def test_explain_says_when_nothing_couples_two_modules(cli, model):
    done = cli("explain", "shop.orders.models", "shop.billing.models", "--model", model)
    assert "Nothing couples it to shop.billing.models" in done.stdout


def test_explain_says_why_a_module_is_in_its_context(cli, model):
    done = cli("explain", "shop.billing.models", "--model", model)
    assert done.returncode == 0
    assert "in context billing" in done.stdout


def test_an_unknown_module_gives_the_nearest_ones(cli, model):
    done = cli("explain", "shop.billing.model", "--model", model)
    assert done.returncode == 2
    assert "shop.billing.models" in done.stderr


def test_what_if_shows_each_figure_before_and_after(cli, tree, tmp_path):
    move = ("--what-if", "move:shop.orders.services=billing")
    done = cli("analyze", tree(FILES), "-o", tmp_path / "out", *move)
    assert done.returncode == 0, done.stderr
    assert "places of crossings" in done.stdout
    assert "billing -> orders" in done.stdout


def test_a_move_that_cannot_be_made_is_explained(cli, tree, tmp_path):
    root = tree(FILES)
    for move in ("shop.orders=billing", "move:shop.nothing=billing"):
        done = cli("analyze", root, "-o", tmp_path / "out", "--what-if", move)
        assert done.returncode == 2
        assert move.removeprefix("move:").partition("=")[0] in done.stderr


def test_traces_are_evidence_and_other_files_are_refused(cli, tree, tmp_path):
    root = tree(FILES)
    (tmp_path / "spans.json").write_text('{"resourceSpans": []}')
    assert cli("analyze", root, "--traces", tmp_path / "spans.json").returncode == 0
    (tmp_path / "spans.json").write_text("not spans")
    done = cli("analyze", root, "--traces", tmp_path / "spans.json")
    assert done.returncode == 2
    assert "--traces" in done.stderr
    assert cli("analyze", root, "--traces", tmp_path / "gone.json").returncode == 2


def test_lines_are_as_wide_as_the_terminal_and_whole_where_there_is_none(monkeypatch):
    reason = "imports and calls: most with " + "shop.orders." * 12
    monkeypatch.setenv("COLUMNS", "160")
    assert Terminal().width is None
    monkeypatch.setattr(Terminal, "on_screen", True)
    assert Terminal().width == 160
    ranked = Suggestion(module="shop.a", path="shop/a.py", score=0.5, reasons=(reason,))
    assert max(map(len, describe(ranked, "orders", Terminal().width).splitlines())) == 160
    assert reason in describe(ranked, "orders", None)
