"""A helper process ends in time, and with the run that began it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from strangler.sources import child

PROGRAM = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, str(Path(__file__).parent))
import limits
payload = limits.start()
for number in range(3):
    limits.answer(number)
limits.answer(os.getpid())
Path(payload["told"]).write_text(str(os.getpid()))
time.sleep(payload["sleep"])
limits.answer("late")
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    shutil.copy(child.CHILDREN / "limits.py", tmp_path)
    (tmp_path / "sleeper.py").write_text(PROGRAM)
    return tmp_path


def test_what_was_answered_before_the_time_was_up_is_kept(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "CHILDREN", programs)
    answers = child.run("sleeper", {"sleep": 60, "told": os.devnull}, timeout=3, memory=1 << 30, outside=None)
    assert answers[:3] == [0, 1, 2]
    assert "late" not in answers
    assert not is_alive(answers[3])
    whole = child.run("sleeper", {"sleep": 0, "told": os.devnull}, timeout=60, memory=1 << 30, outside=None)
    assert whole[-1] == "late"


def test_a_program_that_is_not_there_answers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "CHILDREN", tmp_path / "gone")
    assert child.run("sleeper", {}, timeout=3, memory=1 << 30, outside=None) == []


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_it_ends_with_a_run_that_is_killed(programs: Path) -> None:
    told = programs / "number"
    source = (
        "import sys; from pathlib import Path; from strangler.sources import child\n"
        "child.CHILDREN = Path(sys.argv[1])\n"
        "child.run('sleeper', {'sleep': 60, 'told': sys.argv[2]}, timeout=60, memory=1 << 30, outside=None)\n"
    )
    with subprocess.Popen([sys.executable, "-c", source, programs, told]) as run:
        end = time.monotonic() + 30
        while not (told.exists() and told.read_text()) and time.monotonic() < end:
            time.sleep(0.02)
        number = int(told.read_text())
        assert is_alive(number)
        run.kill()
    while is_alive(number) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_alive(number)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
