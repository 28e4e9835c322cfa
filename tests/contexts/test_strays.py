"""What a context got by words alone, and where it goes."""

from __future__ import annotations

import pytest
from helpers.systems import module, monolith

from strangler.contexts import strays, views
from strangler.contexts.graph import adjacency
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, Table

ORDERS = tuple(f"shop.orders.m{n}" for n in range(4))
BILLING = tuple(f"shop.billing.m{n}" for n in range(4))
TAGS = ("shop.text.dates", "shop.text.money")


def placed(
    ties: dict[tuple[str, str], float],
    *more: str,
    tables: tuple[str, ...] = (ORDERS[0], BILLING[0]),
    fixed: tuple[str, ...] = (),
    telling: tuple[int, ...] = (0, 1),
    also: tuple[str, ...] = (),
) -> dict[str, int]:
    """Module -> label; ``shop.text`` and ``also`` lie with the orders (0), billing in 1, ``more`` in 2."""
    system = monolith(
        [module(name) for name in (*ORDERS, *TAGS, *BILLING, *more, *also)],
        tables=tuple(
            Table(name=name, model=f"{name}.Thing", framework="django", path="", line=1) for name in tables
        ),
    )
    land = views.build(system, Changes(), ContextSettings())
    at = land.index
    labels = [0] * land.size
    for label, names in ((1, BILLING), (2, more)):
        for name in names:
            labels[at[name]] = label
    near = adjacency(land.size, {(at[a], at[b]): weight for (a, b), weight in ties.items()})
    after = strays.place(land, near, labels, {0, 1}, set(telling), {at[name] for name in fixed})
    return {one.name: label for one, label in zip(land.modules, after, strict=True)}


def test_a_package_that_hardly_anything_ties_to_the_rest_of_its_context_goes_where_its_ties_lead() -> None:
    away = {(TAGS[0], BILLING[1]): 9.0, (TAGS[1], BILLING[2]): 9.0}
    assert {placed(away)[name] for name in TAGS} == {1}
    assert {placed(away | {(TAGS[0], ORDERS[1]): 9.0})[name] for name in TAGS} == {0}
    assert {placed(away, fixed=TAGS[:1])[name] for name in TAGS} == {0}
    assert {placed(away, telling=(0,))[name] for name in TAGS} == {0}  # ties to what all use say nothing
    assert {placed(away)[name] for name in ORDERS} == {0}


@pytest.mark.parametrize(("size", "file", "label"), [(1, "note", 0), (2, "note", 1), (2, "orders_", 0)])
def test_a_module_alone_stays_and_what_carries_the_name_of_the_home(size: int, file: str, label: int) -> None:
    notes = tuple(f"shop.notes.{file}{n}" for n in range(size))
    found = placed({(name, BILLING[1]): 9.0 for name in notes}, also=notes)
    assert {found[name] for name in notes} == {label}


def test_it_goes_with_the_rest_of_its_package_first() -> None:
    more = ("shop.text.a", "shop.text.b", "shop.text.c")
    assert {placed({(TAGS[0], BILLING[1]): 9.0}, *more)[name] for name in TAGS} == {2}
    assert {placed({}, *more)[name] for name in TAGS} == {2}


@pytest.mark.parametrize(("table", "label"), [(True, 2), (False, 0)])
def test_one_that_belongs_nowhere_is_a_part_of_its_own_if_it_has_a_table(table: bool, label: int) -> None:
    tables = (ORDERS[0], BILLING[0], *TAGS[: 1 if table else 0])
    assert {placed({}, tables=tables)[name] for name in TAGS} == {label}


def test_the_home_of_a_context_is_its_largest_package_with_tables() -> None:
    away = {(TAGS[0], BILLING[1]): 9.0, (TAGS[1], BILLING[2]): 9.0, (ORDERS[1], BILLING[3]): 9.0}
    found = placed(away, tables=(TAGS[0], BILLING[0]))
    assert {found[name] for name in TAGS} == {0}
    assert {found[name] for name in ORDERS} == {1}
