"""Accesses found in source are those that SQLite sees when the source is run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_trace import Recorder, Rows, analysed, found_in, functions_of

from strangler.model import System

HERE = Path(__file__).parent
CASES = functions_of(HERE / "shop" / "work.py")
HELPED = {
    "query_helper_builds": {"_open_loans"},
    "select_in_helper": {"_rows"},
    "repository": {"_Repository"},
    "repository_subclass": {"_Repository"},
}
"""Case -> helpers of the same file in which its statements are built or run."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> System:
    return analysed(HERE / "shop", tmp_path_factory.mktemp("shop") / "shop")


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Rows]]:
    sys.path.insert(0, str(HERE / "shop"))
    models = importlib.import_module("models")
    work = importlib.import_module("work")
    rows: dict[str, Rows] = {}
    for name in CASES:
        models.Base.metadata.drop_all(models.engine)
        models.Base.metadata.create_all(models.engine)
        with models.Session() as session:
            models.seed(session)
        recorder = Recorder()
        with models.Session() as session:
            recorder.watch(session.connection().connection.driver_connection)
            function = getattr(work, name)
            function(session) if function.__code__.co_argcount else function()
            session.commit()
            rows[name] = recorder.take()
    yield rows
    sys.path.remove(str(HERE / "shop"))
    for name in ("models", "work"):
        del sys.modules[name]


@pytest.mark.parametrize("case", CASES)
def test_accesses_are_those_of_the_run(case: str, system: System, executed: dict[str, Rows]) -> None:
    found = found_in(system, "work", case)
    for helper in HELPED.get(case, ()):
        helped = found_in(system, "work", helper)
        found |= executed[case] & helped
    assert found == executed[case]
