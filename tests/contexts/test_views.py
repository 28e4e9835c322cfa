"""The kinds of evidence and their weights, on systems so small that each can be computed by hand."""

from __future__ import annotations

from math import log, sqrt

import msgspec
import pytest
from helpers.systems import module, monolith, use

from strangler.contexts import ContextSettings, Traffic, views
from strangler.contexts.graph import Edges
from strangler.model import (
    Access,
    Call,
    Changes,
    Commit,
    ForeignKey,
    Import,
    Module,
    System,
    Table,
    Transaction,
)

INDEX = {"a": 0, "b": 1, "c": 2, "d": 3}
YEAR = 365 * 86_400


def imports(kind: str) -> tuple[tuple[Import, ...], tuple[Call, ...]]:
    return (Import(importer="a", imported="b", line=1, kind=kind),), ()  # type: ignore[arg-type]


def used(kind: str) -> tuple[tuple[Import, ...], tuple[Call, ...]]:
    return (), (use("a", "b", kind),)


@pytest.mark.parametrize(
    ("facts", "strength"),
    [
        (imports("runtime"), 0.25),
        (imports("deferred"), 0.25),
        (imports("dynamic"), 0.25),
        (((msgspec.structs.replace(imports("dynamic")[0][0], listed=True),), ()), 0.05),
        (imports("type_checking"), 0.1),
        (used("call"), 1.0),
        (used("inheritance"), 2.0),
        (used("reference"), 0.5),
        ((imports("runtime")[0] * 3, used("call")[1] * 3), 3.25),  # an import counts once, a use each time
    ],
)
def test_imports_and_uses_by_kind(
    facts: tuple[tuple[Import, ...], tuple[Call, ...]], strength: float
) -> None:
    system = monolith([module("a"), module("b")], imports=facts[0], calls=facts[1])
    land = views.build(system, Changes(), ContextSettings(views=("calls",)))
    assert land.views == {"calls": {(0, 1): pytest.approx(log(1 + strength))}}
    assert land.importers == (frozenset(), frozenset({0}))
    assert land.coverage == {"calls": 1.0}


def test_what_many_use_ties_each_of_them_less() -> None:
    edges = views.calls({(0, 2): 1.0, (1, 2): 1.0, (2, 0): 3.0})
    assert edges == {
        (0, 2): pytest.approx(log(2) / sqrt(2) + log(4)),
        (1, 2): pytest.approx(log(2) / sqrt(2)),
    }


def test_only_production_modules_and_only_other_modules_are_tied() -> None:
    system = monolith(
        [module("a"), module("b", "settings"), module("t", "test")],
        calls=(use("a", "a"), use("t", "a"), use("a", "t"), use("b", "a")),
    )
    land = views.build(system, Changes(), ContextSettings(views=("calls",)))
    assert [one.name for one in land.modules] == ["a", "b"]
    assert land.views["calls"] == {(0, 1): pytest.approx(log(2))}


def access(module_name: str, table: str, operation: str) -> Access:
    return Access(
        module=module_name,
        line=1,
        table=table,
        operation=operation,  # type: ignore[arg-type]
        function="f",
        via="orm",
        certainty="certain",
    )


def table(name: str, home: str | None, *keys: tuple[str, str | None]) -> Table:
    return Table(
        name=name,
        model=home and f"{home}.Row",
        framework="django",
        path="",
        line=1,
        foreign_keys=tuple(ForeignKey(column="x", table=to, on_delete=rule) for to, rule in keys),
    )


def test_declaring_writing_reading_and_one_transaction_weigh_differently() -> None:
    system = monolith(
        [module(name) for name in "abcd"],
        tables=(table("t", "a"), table("u", None), table("v", "lib")),
        accesses=(access("b", "t", "write"), access("c", "t", "read"), access("x", "t", "write")),
        transactions=(
            Transaction(module="d", line=1, function=None, tables_written=("t",), tables_read=("u",)),
            Transaction(module="x", line=1, function=None, tables_written=("t",)),
        ),
    )
    assert views.table_use(system, INDEX) == {0: {"t": 3.0}, 1: {"t": 2.0}, 2: {"t": 0.5}, 3: {"t": 4.0}}


def test_what_a_delete_takes_along_ties_where_it_is_little_and_not_the_whole_schema() -> None:
    def used(wide: int) -> dict[int, dict[str, float]]:
        tables = [f"t{n}" for n in range(wide)]
        along = [msgspec.structs.replace(access("a", name, "write"), via="cascade") for name in tables]
        page = msgspec.structs.replace(access("a", "page", "read"), via="ambient")
        inside = Transaction(module="a", line=1, function=page.function, tables_written=("t0", "u"))
        system = monolith(
            [module("a")], accesses=(*along, page, access("a", "u", "write")), transactions=(inside,)
        )
        return views.table_use(system, INDEX)

    narrow = used(views.WIDE)[0]
    assert (narrow["t0"], narrow["t1"], narrow["u"]) == (6.0, 2.0, 6.0)
    assert "page" not in narrow
    assert used(views.WIDE + 1) == {0: {"u": 6.0}}


def test_a_delete_that_takes_rows_along_writes_no_table_of_others_by_itself() -> None:
    along = msgspec.structs.replace(access("a", "t", "write"), via="cascade")
    system = monolith([module("a")], accesses=(along, access("a", "u", "write")))
    assert views.build(system, Changes(), ContextSettings(views=("data",))).written == {"u": frozenset({0})}


def test_tables_in_common_tie_more_the_fewer_touch_them() -> None:
    def between(*accesses: Access) -> Edges:
        return views.data(monolith([], accesses=accesses), INDEX)

    shared = between(access("a", "t", "write"), access("b", "t", "write"), access("b", "u", "write"))
    common = (1 + log(3)) * log(3 / 2)
    alone = (1 + log(3)) * log(3)
    assert shared == {(0, 1): pytest.approx(common / sqrt(common**2 + alone**2))}


@pytest.mark.parametrize(
    ("keys", "weight"),
    [
        ((("t", "CASCADE"),), 0.5),
        ((("t", "cascade"),), 0.5),
        ((("t", None),), 0.25),
        ((("t", "SET_NULL"),), 0.25),
    ],
)
def test_a_foreign_key_ties_the_two_declaring_modules_and_more_where_it_deletes_along(
    keys: tuple[tuple[str, str | None], ...], weight: float
) -> None:
    system = monolith(
        [module(name) for name in INDEX],
        tables=(table("t", "a"), table("u", "b", *keys), table("w", "lib", ("t", None))),
    )
    # Two keys refer to the table, so each ties by the square root of a half.
    assert views.data(system, INDEX) == {(0, 1): pytest.approx(weight / sqrt(2))}


def commit(n: int, time: int, *modules: str) -> Commit:
    return Commit(sha=f"{n:040x}", time=time, subject="", modules=modules)


def test_change_coupling_is_shared_out_over_a_commit_and_needs_two() -> None:
    index = {"a": 0, "b": 1, "c": 2}
    log = (commit(1, 0, "a", "b"), commit(2, 0, "a", "b"), commit(3, 0, "a", "b", "c"))
    edges = views.history(Changes(log=log), index).edges()
    # 2 commits give 1 and one of three gives 1/2; both were active three times; 10 commits of doubt.
    assert edges == {(0, 1): pytest.approx(2.5 / (3 + 10))}


def test_no_commit_of_the_log_is_too_large_to_couple() -> None:
    """``history.max-files`` alone says what a bulk change is: what it lets in couples all that it touches."""
    names = tuple(f"m{n}" for n in range(40))
    wide = (commit(1, 0, *names), commit(2, 0, *names), commit(3, 0, *names))
    index = {name: n for n, name in enumerate(names)}
    assert len(views.history(Changes(log=wide), index).edges()) == 40 * 39 / 2


def test_old_commits_count_less_by_half_every_three_years() -> None:
    log_ = (
        commit(1, 0, "a", "b"),
        commit(2, 0, "a", "b"),
        commit(3, 3 * YEAR, "c", "d"),
        commit(4, 3 * YEAR, "c", "d"),
    )
    assert views.history(Changes(log=log_), INDEX).edges() == {
        (0, 1): pytest.approx(1 / (1 + 10)),
        (2, 3): pytest.approx(2 / (2 + 10)),
    }


def test_a_module_that_changes_with_everything_is_tied_less() -> None:
    log_ = (commit(1, 0, "a", "b"), commit(2, 0, "a", "b"), commit(3, 0, "b"), commit(4, 0, "b"))
    assert views.history(Changes(log=log_), INDEX).edges() == {(0, 1): pytest.approx(2 / (sqrt(2 * 4) + 10))}


def test_history_is_cut_into_stretches_of_equally_many_commits_oldest_first() -> None:
    log_ = tuple(commit(n, n, "a", "b" if n < 2 else "c") for n in range(4))
    found = views.history(Changes(log=(*log_, commit(9, 9, "x"))), INDEX, 2)
    assert [set(part) for part in found.together] == [{(0, 1)}, {(0, 2)}]
    assert [set(part) for part in found.kept] == [{(0, 1)}, {(0, 2)}]
    assert found.commits == 4
    assert set(found.edges([0.0, 1.0])) == {(0, 2)}
    assert len(views.history(Changes(log=log_), INDEX).together) == 10


def test_calls_at_run_time_are_damped_like_those_in_the_code() -> None:
    seen = (
        Traffic(source="a", target="c", count=3),
        Traffic(source="b", target="c", count=1),
        Traffic(source="c", target="c", count=9),
        Traffic(source="x", target="a", count=9),
    )
    assert views.traces(ContextSettings(traffic=seen), INDEX) == {
        (0, 2): pytest.approx(log(4) / sqrt(2)),
        (1, 2): pytest.approx(log(2) / sqrt(2)),
    }


def of_words(vocabulary: dict[str, dict[str, int]], names: list[str]) -> Edges:
    modules: list[Module] = [module(name) for name in names]
    system: System = monolith(modules, vocabulary=vocabulary)
    return views.vocabulary(system, modules)


def test_modules_that_speak_of_the_same_are_tied_whatever_the_number() -> None:
    names = [f"m{n}" for n in range(8)]
    words = {"m0": {"invoices": 3, "it": 9}, "m1": {"invoice": 3, "it": 9}} | {
        name: {f"other{name}": 1} for name in names[2:]
    }
    assert of_words(words, names) == {(0, 1): pytest.approx(1.0)}


def test_what_all_modules_of_one_kind_say_does_not_tie_them() -> None:
    names = [*(f"app.{d}.views" for d in "abc"), *(f"app.{d}.core" for d in "abcdefg")]
    spoken = {name: {"request": 5} for name in names[:3]} | {names[3]: {"tax": 1}, names[4]: {"tax": 1}}
    assert of_words(spoken, names) == {(3, 4): pytest.approx(1.0)}
    two = [name.replace("c.views", "c.pages") for name in names]
    spoken = {name: {"request": 5} for name in two[:2]}
    assert of_words(spoken, two) == {(0, 1): pytest.approx(1.0)}  # two of a kind are no layer
