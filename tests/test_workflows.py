"""The CI jobs of this repository and of its documentation: valid, and with the least that they need."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SHOWN = [
    text
    for page in sorted((ROOT / "docs").glob("*.md"))
    for text in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    if "runs-on:" in text
]
TEXTS = [path.read_text(encoding="utf-8") for path in OURS] + SHOWN
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40}")


def steps(text: str) -> Iterator[dict[str, Any]]:
    for job in yaml.safe_load(text)["jobs"].values():
        yield from job["steps"]


def test_there_are_jobs_to_look_at() -> None:
    assert [path.name for path in OURS] == ["ci.yml", "release.yml"]
    assert len(SHOWN) == 2


@pytest.mark.parametrize("text", TEXTS)
def test_a_job_is_valid(text: str, tmp_path: Path) -> None:
    pytest.importorskip(
        "check_jsonschema", reason="check-jsonschema, which brings the schemas, is not installed"
    )
    (tmp_path / "job.yml").write_text(text)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, str(tmp_path / "job.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("text", TEXTS)
def test_a_job_may_no_more_than_it_needs(text: str) -> None:
    document = yaml.safe_load(text)
    allowed = document["permissions"]
    assert allowed["contents"] == "read"
    assert set(allowed) <= {"contents", "pull-requests"}  # the second writes the comment of docs/plans.md
    assert "pull_request_target" not in text
    assert "secrets." not in text
    for job in document["jobs"].values():
        if "permissions" in job:  # to write a release: nothing of the repository is run there
            assert job["permissions"] == {"actions": "read", "contents": "write"}
            assert all(step["run"].startswith("gh ") for step in job["steps"])


@pytest.mark.parametrize("text", TEXTS)
def test_actions_are_pinned_and_leave_no_token_behind(text: str) -> None:
    used = [step for step in steps(text) if "uses" in step]
    assert used
    for step in used:
        assert PINNED.fullmatch(step["uses"]), step["uses"]
        if "checkout" in step["uses"]:
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_that_a_pull_request_says_is_a_part_of_a_command(text: str) -> None:
    for step in steps(text):
        named = re.findall(r"\$\{\{\s*([\w.]+)", step.get("run", ""))
        assert all(name.startswith(("runner.", "matrix.")) for name in named), step


def test_the_nightly_job_runs_the_fuzz_and_each_system_has_its_tests() -> None:
    document = yaml.safe_load(OURS[0].read_text(encoding="utf-8"))
    assert "schedule" in document[True]  # YAML 1.1 reads ``on`` so
    assert any("fuzz.py --minutes 10" in step.get("run", "") for step in document["jobs"]["fuzz"]["steps"])
    systems = document["jobs"]["portable"]["strategy"]["matrix"]["system"]
    assert {name.partition("-")[0] for name in systems} == {"ubuntu", "macos", "windows"}
    for step in document["jobs"]["portable"]["steps"]:
        for folder in re.findall(r"tests/\w+", step.get("run", "")):
            assert (ROOT / folder).is_dir()
