"""The report points to the plans that are stored beside the model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.planted import planted, planted_file

from strangler.commands.beside import stored_plans
from strangler.commands.problems import UserError
from strangler.plans import plan_extraction, plan_files
from strangler.reports import ReportOptions, render
from strangler.reports.html.data import Data
from strangler.reports.index import Index
from strangler.reports.verdict import verdict


def stored(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, content in plan_files(plan_extraction(planted("flask_clinic"), "billing")).items():
        (folder / name).write_bytes(content)
    return folder


def test_a_stored_plan_is_linked_with_what_it_says(tmp_path):
    stored(tmp_path / "out" / "plan billing#1")
    links = stored_plans([tmp_path / "out"], tmp_path / "out")
    assert [(link.context, link.href) for link in links] == [("billing", "./plan%20billing%231/plan.html")]
    model = planted("flask_clinic")
    index = Index(model)
    core = Data(model, index, verdict(model, index), ReportOptions(plans=links)).blocks()["core"]
    ((position, href, sentences, name, *_),) = core["plans"]
    assert index.model.contexts[position].name == name == "billing"
    assert href.startswith("./")
    assert any("crossing" in sentence for sentence in sentences)


def test_a_report_elsewhere_finds_its_way_back(tmp_path):
    plan = stored(tmp_path / "plans" / "billing")
    (link,) = stored_plans([plan], tmp_path / "site" / "deep")
    assert link.href == "../../plans/billing/plan.html"


def test_a_plan_of_another_version_is_named(tmp_path):
    (tmp_path / "plan-x").mkdir()
    (tmp_path / "plan-x" / "plan.json").write_text('{"context": 1}')
    with pytest.raises(UserError, match=r"plan\.json"):
        stored_plans([tmp_path], tmp_path)


def test_plan_report_and_progress_lead_to_each_other_and_to_the_routes(tmp_path):
    planted_file("flask_clinic", tmp_path / "out")
    (tmp_path / "out" / "progress.html").write_text("")
    command = [sys.executable, "-m", "strangler", "plan", "billing", "--model", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "no seams, no consumer contracts" in done.stderr  # the tree is not here
    page = (tmp_path / "out/plan-billing/plan.html").read_text()
    assert 'href="../report.html#/context/billing"' in page
    assert 'href="../progress.html"' in page
    assert 'href="./routing/README.md"' in page
    (link,) = stored_plans([tmp_path / "out"], tmp_path / "out")
    assert link.routing == "./plan-billing/routing/README.md"
    assert link.routes is not None
    assert (
        f"{link.routes[0]} of the monolith's {link.routes[1]} routes move"
        in (tmp_path / "out" / link.routing).read_text()
    )
    written = render(
        planted("flask_clinic"), "html", ReportOptions(plans=(link,) * 6, progress="./progress.html")
    )
    text = written["report.html"].decode()
    assert text.count('href="./plan-billing/plan.html">Plan: billing<') == 4
    assert '<a href="#/roadmap">2 more plans, in the roadmap</a>' in text
    assert 'href="./progress.html"' in text


def test_the_command_links_plans_beside_the_model(tmp_path):
    planted_file("flask_clinic", tmp_path / "out")
    stored(tmp_path / "out" / "plan-billing")
    command = [sys.executable, "-m", "strangler", "report", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.html").is_file()
    assert "not linked" not in done.stderr
    (tmp_path / "out" / "plan-billing" / "plan.json").write_text("{}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "plans are not linked" in done.stderr
