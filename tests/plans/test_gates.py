"""The commands of a plan, as printed: a gate fails where what it asks is not so, and where it cannot ask."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from helpers.planted import planted

from strangler.plans import plan_extraction
from strangler.plans.markdown import plan_md
from strangler.plans.values import ExtractionPlan


@pytest.fixture(scope="module")
def plan() -> ExtractionPlan:
    return plan_extraction(planted("django_shop"), "billing")


def command(plan: ExtractionPlan, stage: int, part: str) -> str:
    (found,) = [line for line in plan.stages[stage].commands if part in line]
    return found


def done(folder: Path, line: str, **programs: str) -> int:
    """How a command ends where the programs that it runs are these; it runs as in the folder of a plan."""
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    variables = f"SOURCE={folder} MONOLITH_DB=one SERVICE_DB=other MONOLITH=http://127.0.0.1:9; SUITE=()"
    script = f"set -u; {variables}; {line}"
    return subprocess.run(["bash", "-c", script], env=environment, cwd=folder, check=False).returncode


def test_one_red_run_of_ten_is_a_failure(plan: ExtractionPlan, tmp_path: Path) -> None:
    ten = command(plan, 0, "seq 10")
    assert done(tmp_path, ten, pytest="echo run >> runs; [ $(wc -l < runs) -lt 7 ]") != 0
    assert (tmp_path / "runs").read_text().count("run") == 7
    assert done(tmp_path, ten, pytest="exit 0") == 0


def test_databases_that_cannot_be_asked_are_not_equal(plan: ExtractionPlan, tmp_path: Path) -> None:
    equal = command(plan, 3, "compare.sql")
    assert done(tmp_path, equal, psql="exit 2") != 0
    assert done(tmp_path, equal, psql='[ "$6" = one ] && echo rows || exit 2') != 0
    assert done(tmp_path, equal, psql='echo "rows of $6"') != 0
    assert done(tmp_path, equal, psql="echo rows") == 0


def test_the_baseline_is_written_once_into_the_monolith_and_read_there(
    plan: ExtractionPlan, tmp_path: Path
) -> None:
    first = command(plan, 0, "--update-baseline")
    said = 'echo "$@" >> said; [ "$5" != --update-baseline ] || echo x > "$4"'
    assert done(tmp_path, first, strangler=said) == 0
    assert (tmp_path / "strangler-baseline.json").exists()
    assert done(tmp_path, first, strangler=said) == 0
    assert done(tmp_path, command(plan, 1, "strangler check"), strangler=said) == 0
    baseline = f"--baseline {tmp_path}/strangler-baseline.json"
    assert (tmp_path / "said").read_text().splitlines() == [
        f"check {tmp_path} {baseline} --update-baseline",
        f"check {tmp_path} {baseline}",
    ]


def test_the_way_back_from_code_out_is_told_while_there_is_one(plan: ExtractionPlan) -> None:
    back = plan.stages[4].rollback
    assert (
        back.index("apply -R --index") < back.index("the way back of the data") < back.index("the gateway's")
    )
    assert back.endswith("after it the tables come back from the backup only")


def test_the_variables_are_those_that_the_commands_use(plan: ExtractionPlan) -> None:
    block = plan_md(plan).partition("```bash\n")[2].partition("```")[0]
    assert "export SOURCE=" in block
    assert "SUITE=()" in block
    assert "SERVICE_SEAMS" not in block, "no command asks there before there are seams"
