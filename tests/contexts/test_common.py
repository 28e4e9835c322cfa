"""What all domains stand on lies in none of them: common code is told apart from the domains that use it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from helpers.systems import landscape

from strangler.contexts import domains, engine, folding, packages
from strangler.contexts.graph import Edges
from strangler.contexts.views import Landscape

APPS = ("orders", "billing", "stock", "staff")
SIZES = {"common": 10, "orders": 6, "billing": 6, "stock": 12, "staff": 12}
"""Packages of a shop; two of the apps keep too little to themselves to stand beside their common code."""
OWN = {"common": 0.1, "orders": 0.4, "billing": 0.4, "stock": 1.5, "staff": 1.5}


def shop(
    *, upward: int = 0, tables: int = 0, referred: bool = False, data: tuple[str, ...] = APPS, web: int = 0
) -> tuple[Landscape, list[int]]:
    """Four apps that use common code in all of their modules, and that code.

    Args:
        upward: uses of the apps by the common code.
        tables: how many that declares.
        referred: whether a table of an app refers to one of them.
        data: the apps that declare a table.
        web: modules of a package that only uses others, the common code most.
    """
    names = [f"shop.{name}.m{n:02d}" for name, size in SIZES.items() for n in range(size)]
    names += [f"shop.web.m{n:02d}" for n in range(web)]
    land = landscape(*names)
    members = {name: [n for n, one in enumerate(names) if one.startswith(f"shop.{name}.")] for name in SIZES}
    common = members["common"]
    ties: Edges = {(a, b): OWN[app] for app, own in members.items() for a in own for b in own if a < b}
    importers: dict[int, set[int]] = defaultdict(set)
    for app in APPS:
        for place, number in enumerate(members[app]):
            used = common[place % len(common)]
            ties[used, number] = 4.0
            importers[used].add(number)
    for app, user in zip(APPS, (*APPS[1:], APPS[0]), strict=True):
        for used, by in zip(members[app], members[user], strict=False):
            importers[used].update({by, members[user][0], members[user][1]})
            ties[min(used, by), max(used, by)] = 0.5
    for number in range(sum(SIZES.values()), land.size):
        for used, weight in ((common[0], 2.0), *((members[app][0], 0.5) for app in APPS)):
            importers[used].add(number)
            ties[used, number] = weight
    for n in range(upward):
        importers[members["stock"][n % 12]].add(common[n // 12])
    declared = {members[app][0]: 1 for app in data} | ({common[1]: tables} if tables else {})
    land = replace(
        land,
        views={"calls": ties},
        importers=tuple(frozenset(importers[n]) for n in range(land.size)),
        declaring=frozenset(declared),
        tables=declared,
        referring={common[1]: frozenset({members["orders"][0]})} if referred else {},
    )
    return land, [(*SIZES, "web").index(one.split(".")[1]) for one in names]


def together(land: Landscape) -> list[set[str]]:
    """The packages of each community, as it is cut."""
    owner = {n: f"{packages.PACKAGE}shop.{one.name.split('.')[1]}" for n, one in enumerate(land.modules)}
    found, _ = engine.cut(land, engine.tie(land), owner, 1.0)
    inside: dict[int, set[str]] = defaultdict(set)
    for number, label in enumerate(found):
        inside[label].add(land.modules[number].name.split(".")[1])
    return list(inside.values())


def test_common_code_lies_in_no_domain() -> None:
    land, labels = shop()
    plain = Counter(folding.fold(labels, land, engine.tie(land).blind))
    assert len(plain) < len(SIZES)  # else nothing would have to be taken apart
    assert {"common"} in together(land)


@pytest.mark.parametrize(("web", "joins"), [(2, True), (6, False)], ids=["a crumb", "a part"])
def test_what_none_uses_lies_with_the_common_code_only_if_it_is_a_crumb(web: int, joins: bool) -> None:
    land, _ = shop(web=web)
    (around,) = (one for one in together(land) if "web" in one)
    assert ("common" in around) is joins


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"upward": 36}, id="it uses the apps as much"),
        pytest.param({"tables": 1, "referred": True}, id="a table of an app refers to its own"),
        pytest.param({"tables": 2}, id="it declares tables as a domain does"),
        pytest.param({"data": ("stock", "staff")}, id="hardly a domain is known"),
    ],
)
def test_what_may_be_a_domain_is_not_common_code(facts: dict[str, object]) -> None:
    land, labels = shop(**facts)  # type: ignore[arg-type]
    assert folding.fold_apart(labels, land, engine.tie(land).blind)[1] is None


def test_a_table_to_which_none_refers_makes_no_domain_of_common_code() -> None:
    land, labels = shop(tables=1)
    assert folding.fold_apart(labels, land, engine.tie(land).blind)[1] is not None


def test_common_code_keeps_its_name_and_is_told_by_it() -> None:
    land, _ = shop()
    owner = {n: f"{packages.PACKAGE}shop.{one.name.split('.')[1]}" for n, one in enumerate(land.modules)}
    found, named = engine.cut(land, engine.tie(land), owner, 1.0)
    (label,) = domains.common(named)
    assert named[label] == "=shop.common"
    assert {land.modules[n].name.split(".")[1] for n, other in enumerate(found) if other == label} == {
        "common"
    }


def test_where_present_directories_are_weighed_common_code_is_not_taken_apart() -> None:
    land, _ = shop()
    owner = {n: f"{packages.PACKAGE}shop.{one.name.split('.')[1]}" for n, one in enumerate(land.modules)}
    assert not domains.common(engine.cut(land, engine.tie(land), owner, 1.0, apart=False)[1])
