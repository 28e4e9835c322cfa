"""peewee: tables, keys and accesses found in source are those of the run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from sqlite_trace import Recorder, Rows, analysed, found_in, functions_of

from strangler.model import System

HERE = Path(__file__).parent
CASES = functions_of(HERE / "blog" / "work.py")


@contextmanager
def _imported() -> Iterator[tuple[ModuleType, ModuleType]]:
    sys.path.insert(0, str(HERE / "blog"))
    yield importlib.import_module("models"), importlib.import_module("work")
    sys.path.remove(str(HERE / "blog"))
    for name in ("models", "work"):
        del sys.modules[name]


def _blog() -> dict[str, Rows]:
    rows: dict[str, Rows] = {}
    with _imported() as (models, work):
        for name in CASES:
            models.database.close()
            models.database.connect()
            models.database.create_tables(models.MODELS)
            work._seed()
            recorder = Recorder()
            recorder.watch(models.database.connection())
            getattr(work, name)()
            rows[name] = recorder.take()
    return rows


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> System:
    return analysed(HERE / "blog", tmp_path_factory.mktemp("analysed") / "monolith")


@pytest.fixture(scope="module")
def executed() -> dict[str, Rows]:
    return _blog()


def test_tables_and_keys_are_those_of_the_library(system: System) -> None:
    with _imported() as (models, _):
        real = {
            (m._meta.table_name, f.column_name, f.rel_model._meta.table_name)
            for m in models.MODELS
            for f in m._meta.refs
        }
        assert {t.name for t in system.tables} == {m._meta.table_name for m in models.MODELS}
    assert {(t.name, k.column, k.table) for t in system.tables for k in t.foreign_keys} == real


@pytest.mark.parametrize("case", CASES)
def test_accesses_are_those_of_the_run(case: str, system: System, executed: dict[str, Rows]) -> None:
    assert found_in(system, "work", case) == executed[case]


def test_what_an_atomic_block_writes_is_a_transaction(system: System) -> None:
    written = {(t.function, t.tables_written) for t in system.transactions}
    assert ("in_transaction", ("visit",)) in written
