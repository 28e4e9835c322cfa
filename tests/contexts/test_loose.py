"""A directory of parts that have nothing to do with each other is no context."""

from __future__ import annotations

import pytest
from helpers.systems import module, monolith, use

from strangler.contexts import ContextSettings, views
from strangler.contexts.loose import collected
from strangler.model import Call, Changes, Table

PARTS = ("dice", "mail", "maps", "puzzle")


def gathered(
    *calls: Call, parts: tuple[str, ...] = PARTS, table: bool = False, entered: bool = False
) -> bool:
    """Whether ``game.extras`` with these parts, of two modules each that use each other, is a collection."""
    names = [f"game.extras.{part}.{leaf}" for part in parts for leaf in ("play", "rules")]
    tables = (Table(name="t", model=f"{names[0]}.T", framework="django", path="", line=1),) if table else ()
    own = tuple(use(f"game.extras.{part}.play", f"game.extras.{part}.rules") for part in parts)
    system = monolith(
        [module(name) for name in (*names, "game.world.models")], calls=(*own, *calls), tables=tables
    )
    land = views.build(system, Changes(), ContextSettings())
    group = [land.index[name] for name in names]
    return collected(land, group, {group[0]} if entered else set())


def across(*pairs: tuple[str, str]) -> tuple[Call, ...]:
    return tuple(use(f"game.extras.{a}.play", f"game.extras.{b}.rules") for a, b in pairs)


def test_parts_that_do_not_use_each_other_are_a_collection() -> None:
    assert gathered()
    assert not gathered(*across(("dice", "mail"), ("maps", "puzzle"))), "a third of the uses"


@pytest.mark.parametrize("fact", ["table", "entered"])
def test_with_data_or_a_way_in_it_may_be_a_business_of_its_own(fact: str) -> None:
    assert not gathered(**{fact: True})


def test_two_parts_are_none() -> None:
    assert not gathered(parts=PARTS[:2])
    assert gathered(parts=PARTS[:3])
