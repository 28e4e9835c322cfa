"""`strangler extract` as a user meets it: what it says, what it writes, what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers.monolith import FIXTURES
from helpers.planted import planted_file
from typer.testing import CliRunner

from strangler.cli import app

TREE = FIXTURES / "flask_clinic"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return planted_file("flask_clinic", tmp_path / "out")


def strangler(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(part) for part in arguments])
    return done.exit_code, done.output


def test_it_writes_a_service_with_its_reasons(model: Path) -> None:
    code, said = strangler("extract", "pharmacy", "--model", model, "--source", TREE)
    assert code == 0, said
    assert "Service  pharmacy" in said
    folder = model.parent / "service-pharmacy"
    service = json.loads((folder / "service.json").read_bytes())
    reasons = {need["module"]: (need["because"], need["by"]) for need in service["needs"]}
    assert reasons["clinic.pharmacy.api"][0] == "part of pharmacy"
    assert reasons["clinic.patients.models"][1].startswith("clinic.")
    assert "clinic.billing.views" not in reasons
    assert not (folder / "service/clinic/billing/views.py").exists()
    page = (folder / "SERVICE.md").read_text()
    for need in service["needs"]:
        assert (folder / "service" / need["file"]).exists()
        assert need["context"] in ("", "pharmacy") or need["module"] in page
    for change in service["changes"]:
        assert f"{change['file']}:{change['line']}" in page


def test_the_monolith_is_left_as_it_is(model: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in TREE.rglob("*.py")}
    strangler("extract", "billing", "--model", model, "--source", TREE, "-o", tmp_path / "service")
    assert {path: path.read_bytes() for path in TREE.rglob("*.py")} == before


def test_two_runs_write_the_same_bytes_and_a_third_finds_nothing_to_do(model: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        assert strangler("extract", "staff", "--model", model, "--source", TREE, "-o", folder)[0] == 0
    one, two = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders)
    assert one == two
    code, _ = strangler("extract", "staff", "--model", model, "--source", TREE, "-o", folders[0], "--check")
    assert code == 0


def test_a_file_edited_by_hand_is_not_overwritten_and_is_drift(model: Path, tmp_path: Path) -> None:
    options = ("--model", model, "--source", TREE, "-o", tmp_path / "service")
    strangler("extract", "staff", *options)
    edited = tmp_path / "service/service/clinic/__init__.py"
    edited.write_text("# mine\n")
    assert strangler("extract", "staff", *options, "--check")[0] == 1
    code, said = strangler("extract", "staff", *options)
    assert (code, edited.read_text()) == (2, "# mine\n")
    assert "clinic/__init__.py" in said
    assert "--force" in said


def test_a_service_whose_code_has_left_the_monolith_is_not_written_over(tmp_path: Path) -> None:
    tree, out = tmp_path / "clinic", tmp_path / "service"
    shutil.copytree(TREE, tree)
    pinned = ("--config", 'contexts.pin.staff=["clinic.staff"]', "-q")
    analyzed = ("--model", tmp_path / "model", "--source", tree, "-o", out, "-q")
    assert strangler("analyze", tree, "-o", tmp_path / "model", *pinned)[0] == 0
    assert strangler("extract", "staff", *analyzed)[0] == 0
    kept = (out / "service" / "clinic" / "staff" / "views.py").read_bytes()
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    subprocess.run(["git", "apply", str(out / "code-out.patch")], cwd=tree, check=True)
    assert strangler("analyze", tree, "-o", tmp_path / "model", *pinned)[0] == 0
    code, said = strangler("extract", "staff", *analyzed, "--force")
    assert code == 2
    assert "that is where its code lives now" in said
    assert (out / "service" / "clinic" / "staff" / "views.py").read_bytes() == kept


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pharmcy", "--source", str(TREE)), "nearest: pharmacy"),
        (("pharmacy", "--source", str(FIXTURES / "django_shop")), "not the tree of this model"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], said: str, model: Path) -> None:
    code, output = strangler("extract", *arguments, "--model", model)
    assert code == 2
    assert said in output


@pytest.mark.parametrize("verb", ["extract", "plan"])
def test_the_tree_is_read_with_its_own_settings(verb: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "shop").mkdir(parents=True)
    (tree / "pyproject.toml").write_text("[tool.strangler.limits]\nfile-bytes = 3_000_000\n")
    (tree / "shop/__init__.py").write_text("")
    long = "# " + "x" * 1_100_000 + "\n"
    (tree / "shop/prices.py").write_text(
        f"{long}from peewee import IntegerField, Model\n\n\n"
        "class Price(Model):\n    cents = IntegerField()\n\n\n"
        "def price(item: int) -> int:\n    return Price.get_by_id(item).cents\n"
    )
    (tree / "shop/orders.py").write_text(
        f"{long}from flask import Flask\n\nfrom shop.prices import price\n\napp = Flask(__name__)\n\n\n"
        '@app.route("/orders/<int:item>")\ndef show(item: int) -> str:\n    return str(price(item))\n'
    )
    boundaries = 'version = 1\n[contexts.orders]\nmodules = ["shop.orders"]\n'
    boundaries += '[contexts.prices]\nmodules = ["shop.prices"]\n'
    (tree / "strangler-boundaries.toml").write_text(boundaries)
    out = tmp_path / "out"
    assert strangler("analyze", tree, "-o", out, "--no-cache", "-q")[0] == 0
    code, said = strangler(verb, "orders", "--model", out, "--source", tree, "-o", tmp_path / "done")
    assert code == 0, said
    if verb == "extract":
        assert (tmp_path / "done/service/shop/prices.py").read_bytes() == (
            tree / "shop/prices.py"
        ).read_bytes()
    else:
        assert "shop/orders.py" in (tmp_path / "done/seams/seams.patch").read_text()
