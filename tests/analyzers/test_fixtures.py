"""The analysis of the sample monoliths against what their frameworks know, and what was planted."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from helpers.monolith import FIXTURES, NAMES, replay, run

from strangler import pipeline
from strangler.config import Config
from strangler.model import Model

by_name = pytest.mark.parametrize("name", NAMES)


def gaps(**reasons: str) -> pytest.MarkDecorator:
    """As ``by_name``, for a test that known gaps of the analysis still fail on some of them."""
    known = {name: pytest.mark.xfail(reason=reason, strict=False) for name, reason in reasons.items()}
    return pytest.mark.parametrize(
        "name", [pytest.param(n, marks=known[n]) if n in known else n for n in NAMES]
    )


Facts = set[tuple[Any, ...]]


@cache
def analysed(folder: Path) -> Model:
    config = Config()
    return pipeline.analyze(pipeline.scan(folder, config), config, jobs=1, cached=False)


@cache
def known(name: str) -> dict[str, Any]:
    """What the framework itself says, asked now."""
    return json.loads(run(FIXTURES / "introspect.py", name))


def truth(name: str) -> dict[str, Any]:
    return tomllib.loads((FIXTURES / name / "truth.toml").read_text(encoding="utf-8"))


def rows(facts: list[list[Any]]) -> Facts:
    return {tuple(map(frozen, fact)) for fact in facts}


def frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Model]:
    @cache
    def get(name: str) -> Model:
        return analysed(replay(name, tmp_path_factory.mktemp("history") / name))

    return get


@by_name
def test_tables_and_their_models(name: str) -> None:
    assert {(t.name, t.model) for t in analysed(FIXTURES / name).tables} == rows(known(name)["tables"])


@by_name
def test_foreign_keys(name: str) -> None:
    found = {
        (t.name, key.column, key.table) for t in analysed(FIXTURES / name).tables for key in t.foreign_keys
    }
    assert found == rows(known(name)["foreign_keys"])


@by_name
def test_endpoints_with_methods_path_and_handler(name: str) -> None:
    found = {
        (
            tuple(sorted(e.methods)) if e.methods is not None else None,
            re.sub(r"\{[^{}]*\}", "{}", e.path),
            e.handler,
        )
        for e in analysed(FIXTURES / name).endpoints
    }
    assert found == rows(known(name)["endpoints"])


@pytest.mark.parametrize("name", ["django_shop", "fastapi_courier"])
def test_endpoints_stand_in_the_order_in_which_the_framework_tries_them(name: str) -> None:
    endpoints = sorted(analysed(FIXTURES / name).endpoints, key=lambda endpoint: endpoint.order)
    found = [(re.sub(r"\{[^{}]*\}", "{}", e.path), e.handler) for e in endpoints]
    told = [(path, handler) for _, path, handler in known(name)["endpoints"]]
    assert found == told


@by_name
def test_tasks_signals_and_commands(name: str) -> None:
    model, facts = analysed(FIXTURES / name), known(name)
    registered = {task for task in model.tasks if task.framework != "in-process"}  # no registry knows those
    assert {(task.name, task.handler) for task in registered} == rows(facts["tasks"])
    assert {(s.signal.rsplit(".", 1)[-1], s.sender, s.receiver) for s in model.signals} == {
        (signal.rsplit(".", 1)[-1], sender, receiver) for signal, sender, receiver in facts["signals"]
    }
    assert {command.name.split()[-1] for command in model.commands} == {
        c.split()[-1] for c in facts["commands"]
    }


@by_name
def test_every_function_that_ties_contexts_by_data_is_seen_at_it(name: str) -> None:
    """For each planted tangle over tables: every function named touches one, and each is touched."""
    model = analysed(FIXTURES / name)
    for tangle in truth(name)["tangle"]:
        if tangle["kind"] not in ("shared table", "raw SQL"):
            continue
        operation = "write" if tangle["kind"] == "shared table" else None
        touched = {
            (f"{a.module}:{a.function}", a.table) for a in model.accesses if operation in (None, a.operation)
        }
        for function in tangle["functions"]:
            assert any((function, table) in touched for table in tangle["tables"]), (
                function,
                tangle["tables"],
            )
        assert set(tangle["tables"]) <= {
            table for function, table in touched if function in tangle["functions"]
        }


@gaps(flask_clinic="receivers of blinker signals do not count for the transaction that sends")
def test_transactions_over_several_contexts(name: str) -> None:
    model = analysed(FIXTURES / name)
    for tangle in truth(name)["tangle"]:
        if tangle["kind"] == "transaction":
            found = [t for t in model.transactions if f"{t.module}:{t.function}" in tangle["functions"]]
            assert {f"{t.module}:{t.function}" for t in found} == set(tangle["functions"])
            assert {table for t in found for table in t.tables_written} >= set(tangle["tables"])


@by_name
def test_planted_change_coupling(name: str, histories: Callable[[str], Model]) -> None:
    """Every planted pair is found with its commits, hidden ones without an import; robots couple nothing."""
    model, planted = histories(name), truth(name)
    module = {m.path: m.name for m in model.modules}
    imports = {(i.importer, i.imported) for i in model.imports}
    pairs = {frozenset((pair.a, pair.b)): pair for pair in model.changes.pairs}
    for coupling in planted["coupling"]:
        a, b = (module[path] for path in coupling["files"])
        assert frozenset((a, b)) in pairs
        assert sum({a, b} <= set(commit.modules) for commit in model.changes.log) == coupling["commits"]
        assert coupling["hidden"] == (not {(a, b), (b, a)} & imports)
    for pair in planted["not_coupled"]:
        assert frozenset(module[path] for path in pair["files"]) not in pairs


@by_name
def test_the_history_of_a_file_renamed_twice_is_one(name: str, histories: Callable[[str], Model]) -> None:
    model, renamed = histories(name), truth(name)["history"]["renamed"]
    module = next(m.name for m in model.modules if m.path == renamed[-1])
    times = [commit.time for commit in model.changes.log if module in commit.modules]
    assert times
    assert min(times) < max(times)
    assert not {path.removesuffix(".py").replace("/", ".") for path in renamed[:-1]} & {
        name for commit in model.changes.log for name in commit.modules
    }
