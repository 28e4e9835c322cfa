"""`strangler status` holds a plan against the code of today."""

import json
import shutil

import msgspec
import pytest
from cli_support import three_parts

PLANNED = ("plan", "billing", "-q")


@pytest.fixture
def planned(cli, tree, tmp_path):
    """A monolith with accepted boundaries and a plan of billing, analysed from beside it into ``out``."""
    files = three_parts()
    files["shop/catalog/services.py"] += "\n\nfrom shop.billing.forms import run as bill\n"
    monolith = tree(files)
    for command in (("analyze", monolith, "-q"), ("accept", "-q"), ("analyze", monolith, "-q"), PLANNED):
        done = cli(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    return monolith


def told(cli, tmp_path, *arguments):
    done = cli("status", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return done.stdout


def found(cli, tmp_path):
    """The one plan, as data, after another analysis."""
    assert cli("analyze", "tree", "-q", cwd=tmp_path).returncode == 0
    (status,) = json.loads(told(cli, tmp_path, "--output-format", "json"))
    return status


def states(status):
    return [gate["state"] for gate in status["gates"]]


def test_later_verbs_find_the_tree_where_analyze_saw_it(cli, planned, tmp_path):
    done = cli("plan", "billing", "--force", cwd=tmp_path)
    assert "was not found" not in done.stderr
    plan = json.loads((tmp_path / "strangler-out" / "plan-billing" / "plan.json").read_text())
    assert plan["variables"]["SOURCE"] == "../../tree"
    assert (planned / "strangler-boundaries.toml").is_file()


def test_a_tree_that_is_gone_is_asked_for(cli, planned, tmp_path):
    shutil.move(planned, tmp_path / "elsewhere" / "moved")
    done = cli("plan", "billing", cwd=tmp_path)
    assert "name the tree with --source DIR" in done.stderr


@pytest.mark.parametrize("content", [b"", b"\0", b"\xff" * 5000, b"../" * 3000])
def test_a_way_to_the_tree_that_was_changed_by_hand_leads_nowhere(cli, planned, tmp_path, content):
    (tmp_path / "strangler-out" / ".strangler-tree").write_bytes(content)
    done = cli("plan", "billing", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "name the tree with --source DIR" in done.stderr


def test_what_is_left_is_a_line_each_with_its_place(cli, planned, tmp_path):
    text = told(cli, tmp_path, "billing")
    assert "[ ] 1  Seams in place" in text
    assert "0 of 2 crossings cut; 2 places left" in text
    assert "shop/catalog/services.py:9" in text
    assert "from catalog: shop.billing.forms" in text
    assert text == told(cli, tmp_path) == told(cli, tmp_path, "strangler-out/plan-billing")


def test_a_context_that_was_renamed_has_the_same_work_left(cli, planned, tmp_path):
    before = found(cli, tmp_path)
    file = planned / "strangler-boundaries.toml"
    text = file.read_text()
    file.write_text(text.replace("[contexts.billing]\n", '[contexts.billing]\nname = "money"\n'))
    after = found(cli, tmp_path)
    assert after["gates"] == before["gates"]
    assert [(i["file"], i["new"]) for i in after["work"]] == [(i["file"], i["new"]) for i in before["work"]]


def test_a_crossing_that_is_cut_is_ticked_off_and_a_new_one_is_told(cli, planned, tmp_path):
    services = planned / "shop" / "catalog" / "services.py"
    services.write_text(services.read_text().replace("from shop.billing.forms import run as bill\n", ""))
    status = found(cli, tmp_path)
    assert "1 of 2 crossings cut" in status["gates"][1]["facts"]
    assert [item["file"] for item in status["work"] if item["stage"] == 1] == ["shop/orders/services.py"]

    services.write_text(services.read_text() + "from shop.billing.models import Billing\n")
    status = found(cli, tmp_path)
    assert "1 new since the plan" in status["gates"][1]["facts"]
    assert [item["file"] for item in status["work"] if item.get("new")] == ["shop/catalog/services.py"]


def test_the_gates_pass_in_order_as_code_and_files_show(cli, planned, tmp_path):
    assert states(found(cli, tmp_path)) == ["done", "open", "open", "done", "open"]
    for part in ("catalog", "orders"):
        services = planned / "shop" / part / "services.py"
        services.write_text(services.read_text().partition("\n\nfrom shop.billing")[0] + "\n")
    status = found(cli, tmp_path)
    assert states(status) == ["done", "done", "open", "done", "open"]
    assert any("strangler extract billing" in command for command in status["next"])

    assert cli("extract", "billing", "-q", cwd=tmp_path).returncode == 0
    assert states(found(cli, tmp_path))[2] == "ask"

    shutil.rmtree(planned / "shop" / "billing")
    assert states(found(cli, tmp_path)) == ["done"] * 5


def test_endpoints_count_as_recorded_by_what_lies_beside_the_plan(cli, tree, tmp_path):
    monolith = tree(
        {
            "shop/__init__.py": "",
            "shop/app.py": "from flask import Flask\nfrom shop.orders.views import orders\n"
            "app = Flask(__name__)\napp.register_blueprint(orders)\n",
            **{f"shop/orders/{name}.py": "" for name in ("__init__", "forms")},
            "shop/orders/views.py": "from flask import Blueprint\nfrom shop.orders import forms, texts\n"
            "orders = Blueprint('orders', __name__)\n\n\n@orders.get('/orders')\n"
            "def every():\n    return forms\n",
            "shop/orders/texts.py": "from shop.orders import forms\n",
        }
    )
    for command in (("analyze", monolith, "-q"), ("plan", "orders", "-q")):
        assert cli(*command, cwd=tmp_path).returncode == 0
    status = found(cli, tmp_path)
    assert status["gates"][0]["facts"] == ["the cut is not accepted", "nothing is recorded"]
    http = tmp_path / "strangler-out" / "plan-orders" / "contracts" / "http"
    http.mkdir(parents=True)
    (http / "recordings.json").write_bytes(msgspec.json.encode({"covered": 1, "endpoints": 1, "answers": {}}))
    assert "1 of 1 pair of method and path recorded" in found(cli, tmp_path)["gates"][0]["facts"]


def test_where_there_is_no_plan_it_says_what_writes_one(cli, tree, tmp_path):
    assert cli("analyze", tree(three_parts()), "-q", cwd=tmp_path).returncode == 0
    for arguments in ((), ("billing",)):
        done = cli("status", *arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "`strangler plan" in done.stderr
