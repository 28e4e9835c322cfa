"""``strangler plan`` as a user runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.monolith import FIXTURES
from helpers.planted import planted_file

from strangler.model import load

Strangler = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def strangler(tmp_path: Path) -> Strangler:
    model = planted_file("flask_clinic", tmp_path / "model")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "strangler", "plan", *map(str, arguments), "--model", str(model)]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ}
        )

    return run


def test_a_plan_is_checked_for_drift_and_never_overwrites_edits(strangler, tmp_path):
    out = tmp_path / "plan"
    options = ("billing", "--output", out, "--gateway", "nginx")
    done = strangler(*options)
    assert done.returncode == 0, done.stderr
    assert (out / "PLAN.md").is_file()
    assert (out / "routing" / "nginx").is_dir()
    assert strangler(*options, "--check").returncode == 0

    with (out / "PLAN.md").open("a") as file:
        file.write("our own remark\n")
    drift = strangler(*options, "--check")
    assert drift.returncode == 1
    assert "PLAN.md: edited by hand" in drift.stdout

    refused = strangler(*options)
    assert refused.returncode == 2
    assert "PLAN.md" in refused.stderr
    assert "--force" in refused.stderr
    assert "our own remark" in (out / "PLAN.md").read_text()

    assert strangler(*options, "--force").returncode == 0
    assert "our own remark" not in (out / "PLAN.md").read_text()


def test_a_plan_written_anew_leaves_the_gateway_in_the_stage_that_it_was_switched_to(strangler, tmp_path):
    options = ("billing", "--output", tmp_path / "plan", "--gateway", "nginx", "--service-url")
    assert strangler(*options, "http://127.0.0.1:8001").returncode == 0
    nginx = tmp_path / "plan" / "routing" / "nginx"
    live = nginx / "stage.conf"
    assert live.read_text() == (nginx / "stages" / "rollback.conf").read_text()
    shutil.copy(nginx / "stages" / "full.conf", live)
    assert strangler(*options, "http://127.0.0.1:8001", "--check").returncode == 0
    done = strangler(*options, "http://127.0.0.1:8002")
    assert done.returncode == 0, done.stderr
    assert "8002" in (nginx / "nginx.conf").read_text()
    assert live.read_text() == (nginx / "stages" / "full.conf").read_text()

    live.write_text(live.read_text() + "# ours\n")
    refused = strangler(*options, "http://127.0.0.1:8003")
    assert refused.returncode == 2
    assert "stage.conf" in refused.stderr


def test_foreign_files_of_the_same_name_are_not_overwritten(strangler, tmp_path):
    out = tmp_path / "notes"
    out.mkdir()
    (out / "PLAN.md").write_text("mine")
    done = strangler("billing", "--output", out)
    assert done.returncode == 2
    assert (out / "PLAN.md").read_text() == "mine"
    assert [path.name for path in out.iterdir()] == ["PLAN.md"]


def test_files_behind_a_link_out_of_the_folder_are_refused(strangler, tmp_path):
    out, elsewhere = tmp_path / "plan", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "routing").symlink_to(elsewhere)
    done = strangler("billing", "--output", out, "--gateway", "nginx")
    assert done.returncode == 2
    assert not list(elsewhere.iterdir())


def test_the_summary_is_markdown_on_stdout(strangler, tmp_path):
    done = strangler("billing", "--output", tmp_path / "plan", "--gateway", "nginx", "--summary", "-q")
    assert done.stdout.startswith("### Extraction of `billing`")
    assert done.stderr == ""


def test_all_contexts_are_put_in_order(strangler, tmp_path):
    done = strangler("--all", "--output", tmp_path / "roadmap")
    assert done.returncode == 0, done.stderr
    assert "1. " in done.stdout
    assert (tmp_path / "roadmap" / "ROADMAP.md").is_file()
    assert strangler("--all", "--output", tmp_path / "roadmap", "--check").returncode == 0


def test_neither_a_context_nor_all_is_a_usage_error(strangler):
    done = strangler()
    assert done.returncode == 2
    assert "--all" in done.stderr


def test_an_unknown_context_names_the_nearest(strangler):
    done = strangler("biling")
    assert done.returncode == 2
    assert "billing" in done.stderr


def test_a_plan_kept_in_the_repository_survives_commits_that_change_no_fact(tmp_path):
    """The job of the docs: analyse, check the plan that is committed beside the code."""

    def run(*command: str, code: int = 0) -> str:
        done = subprocess.run(command, cwd=tmp_path / "shop", capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def strangle(*arguments: str, code: int = 0) -> str:
        return run(sys.executable, "-m", "strangler", *arguments, code=code)

    shutil.copytree(FIXTURES / "flask_clinic", tmp_path / "shop", ignore=shutil.ignore_patterns("truth.toml"))
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    run("git", "init", "-q")
    run("git", "add", ".")
    run(*git, "commit", "-q", "-m", "one")
    model = str(tmp_path / "out")
    strangle("analyze", ".", "-o", model, "-q")
    context = load((tmp_path / "out" / "model.json").read_bytes()).contexts[0].name
    plan = (
        "plan",
        context,
        "--model",
        model,
        "--source",
        ".",
        "-o",
        "plans/first",
        "--gateway",
        "nginx",
        "-q",
    )
    strangle(*plan)
    roadmap = ("plan", "--all", "--model", model, "-o", "plans/roadmap", "-q")
    strangle(*roadmap)
    run("git", "add", ".")
    run(*git, "commit", "-q", "-m", "the plan")
    strangle("analyze", ".", "-o", model, "-q")
    strangle(*plan, "--check")
    strangle(*roadmap, "--check")
    moved = load((tmp_path / "out" / "model.json").read_bytes())
    path = next(m.path for m in moved.modules if m.name in moved.contexts[0].modules and m.lines > 3)
    source = tmp_path / "shop" / path
    source.write_text("import os\n" + source.read_text())
    strangle("analyze", ".", "-o", model, "-q")
    assert "out of date" in strangle(*plan, "--check", code=1)
