"""The CI jobs of the documentation: valid for their systems, with options that exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"
JOBS = re.findall(r"```yaml\n(.*?)```", (DOCS / "plans.md").read_text(encoding="utf-8"), re.DOTALL)
HELP = subprocess.run(
    [sys.executable, "-m", "strangler", "plan", "--help"],
    capture_output=True, text=True, check=True, env={"COLUMNS": "200", "PATH": "/usr/bin"},
).stdout  # fmt: skip


@pytest.mark.parametrize(("job", "schema"), list(zip(JOBS, ("github-workflows", "gitlab-ci"), strict=True)))
def test_the_jobs_are_valid(tmp_path, job, schema):
    pytest.importorskip(
        "check_jsonschema", reason="check-jsonschema, which brings the schemas, is not installed"
    )
    (tmp_path / "job.yaml").write_text(job)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, str(tmp_path / "job.yaml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def commands(value: object) -> list[str]:
    """Every command line of a job."""
    if isinstance(value, dict):
        return [line for item in value.values() for line in commands(item)]
    if isinstance(value, list):
        return [line for item in value for line in commands(item)]
    return [line for line in str(value).splitlines() if line.startswith("strangler plan")]


@pytest.mark.parametrize("job", JOBS)
def test_the_jobs_use_options_that_exist(job):
    found = commands(yaml.safe_load(job))
    assert len(found) >= 3
    for line in found:
        used = [word for word in shlex.split(line.partition(">")[0]) if word.startswith("-")]
        assert all(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", HELP) for word in used), line
