"""Accesses found in source are those that SQLite sees when the source is run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlite_trace import Recorder, Rows, analysed, found_in, functions_of
from sqlmodel import SQLModel

from strangler.model import System

HERE = Path(__file__).parent
CASES = {
    (folder, name): None for folder in ("shop", "styles") for name in functions_of(HERE / folder / "work.py")
}
HELPED = {
    "query_helper_builds": {"_open_loans"},
    "select_in_helper": {"_rows"},
    "repository": {"_Repository"},
    "repository_subclass": {"_Repository"},
    "through_class": {"_Service"},
    "generic_repository": {"Repository"},
    "listener_on_insert": {"label_inserted"},
}
"""Case -> helpers in which its statements are built or run."""


def _loaded(folder: str) -> Iterator[tuple[ModuleType, ModuleType]]:
    SQLModel.metadata.clear()
    SQLModel._sa_registry.dispose()
    sys.path.insert(0, str(HERE / folder))
    yield importlib.import_module("models"), importlib.import_module("work")
    sys.path.remove(str(HERE / folder))
    for name in ("models", "work"):
        del sys.modules[name]


def _shop() -> dict[str, Rows]:
    rows: dict[str, Rows] = {}
    for models, work in _loaded("shop"):
        for name in functions_of(HERE / "shop" / "work.py"):
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
    return rows


def _styles() -> dict[str, Rows]:
    rows: dict[str, Rows] = {}
    for models, work in _loaded("styles"):
        for name in functions_of(HERE / "styles" / "work.py"):
            with models.app.app_context():
                engines = (models.engine, models.db.engine)
                recorder = Recorder()
                for engine in engines:
                    with engine.connect() as connection:
                        connection.connection.driver_connection.set_authorizer(None)
                _recreate(models)
                work._seed()
                for engine in engines:
                    with engine.connect() as connection:
                        recorder.watch(connection.connection.driver_connection)
                recorder.take()
                getattr(work, name)()
                rows[name] = recorder.take()
                models.Session.remove()
                models.db.session.remove()
    return rows


def _recreate(models: ModuleType) -> None:
    for metadata in models.METADATA:
        if metadata is models.schema_metadata:
            continue
        engine = models.db.engine if metadata is models.db.metadata else models.engine
        metadata.drop_all(engine, tables=[t for t in metadata.sorted_tables if t.schema is None])
        metadata.create_all(engine, tables=[t for t in metadata.sorted_tables if t.schema is None])


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, System]:
    return {
        folder: analysed(HERE / folder, tmp_path_factory.mktemp("analysed") / "monolith")
        for folder in ("shop", "styles")
    }


@pytest.fixture(scope="module")
def executed() -> dict[str, dict[str, Rows]]:
    return {"shop": _shop(), "styles": _styles()}


@pytest.mark.parametrize(("folder", "case"), CASES)
def test_accesses_are_those_of_the_run(
    folder: str, case: str, systems: dict[str, System], executed: dict[str, dict[str, Rows]]
) -> None:
    real = executed[folder][case]
    found = found_in(systems[folder], "work", case)
    for helper in HELPED.get(case, ()):
        for module in ("work", "models"):
            found |= real & found_in(systems[folder], module, helper)
    assert found == real


def test_a_commit_ends_a_unit_of_work(systems: dict[str, System]) -> None:
    units = {(t.function, t.tables_written) for t in systems["shop"].transactions}
    assert ("add_several", ("countrys", "genres")) in units
    assert ("joined_inheritance_add", ("films", "media")) in units


def test_blocks_are_transactions(systems: dict[str, System]) -> None:
    blocks = {(t.function, t.tables_written) for f in ("shop", "styles") for t in systems[f].transactions}
    assert ("own_session", ("countrys",)) in blocks
    assert ("driver_sql", ("countrys",)) in blocks
    assert ("through_context_manager", ("person",)) in blocks
    assert ("session_begin_block", ("person",)) in blocks


def test_every_function_was_interpreted(systems: dict[str, System]) -> None:
    codes = {d.code for system in systems.values() for d in system.diagnostics}
    assert not codes & {"not-interpreted", "too-complex"}
