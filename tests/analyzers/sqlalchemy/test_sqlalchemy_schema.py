"""Tables, columns and foreign keys found in source are those of the metadata at run time."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlite_trace import analysed
from sqlmodel import SQLModel

from strangler.model import System

HERE = Path(__file__).parent


@pytest.fixture(scope="module", params=["shop", "styles"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[System, ModuleType]]:
    folder = HERE / request.param
    SQLModel.metadata.clear()
    SQLModel._sa_registry.dispose()
    sys.path.insert(0, str(folder))
    models = importlib.import_module("models")
    yield analysed(folder, tmp_path_factory.mktemp("schema") / "monolith"), models
    sys.path.remove(str(folder))
    for name in ("models", "work"):
        sys.modules.pop(name, None)


def _real(models: ModuleType) -> list[object]:
    return [table for metadata in models.METADATA for table in metadata.tables.values()]


def test_tables_are_those_of_the_metadata(pair: tuple[System, ModuleType]) -> None:
    system, models = pair
    assert {t.name for t in system.tables} == {t.fullname for t in _real(models)}


def test_foreign_keys_are_those_of_the_metadata(pair: tuple[System, ModuleType]) -> None:
    system, models = pair
    real = {
        (table.fullname, key.parent.name, key.column.table.fullname)
        for table in _real(models)
        for key in table.foreign_keys
    }
    assert {(t.name, k.column, k.table) for t in system.tables for k in t.foreign_keys} == real


def test_columns_are_those_of_the_metadata(pair: tuple[System, ModuleType]) -> None:
    system, models = pair
    real = {(t.fullname, c.name, c.primary_key) for t in _real(models) for c in t.columns}
    assert {(t.name, c.name, c.primary_key) for t in system.tables for c in t.columns} == real


def test_nullability_is_that_of_the_metadata(pair: tuple[System, ModuleType]) -> None:
    system, models = pair
    real = {(t.fullname, c.name, bool(c.nullable)) for t in _real(models) for c in t.columns}
    assert {(t.name, c.name, c.nullable) for t in system.tables for c in t.columns} == real


def test_models_are_the_mapped_classes(pair: tuple[System, ModuleType]) -> None:
    system, models = pair
    real = {}
    for registry in models.REGISTRIES:
        for mapper in registry.mappers:
            if mapper.inherits is None or mapper.local_table is not mapper.inherits.local_table:
                real[mapper.local_table.fullname] = f"{mapper.class_.__module__}.{mapper.class_.__qualname__}"
    assert {t.name: t.model for t in system.tables if t.model} == real
