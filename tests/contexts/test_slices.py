"""What of a face goes with the domain that it is about."""

from __future__ import annotations

import pytest
from helpers.systems import landscape, module, monolith

from strangler.contexts import concepts, engine, slices, views
from strangler.contexts.graph import adjacency
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, Table

VISAS = ("shop.visas.models", "shop.visas.tasks")
USERS = ("shop.users.models",)
HELPERS = ("shop.helpers.dates",)
PART = ("shop.api.visa.types", "shop.api.visa.forms")
OTHER = "shop.users.other.models"
TABLES = (VISAS[0], USERS[0])


def ties_of(name: str) -> dict[tuple[str, str], float]:
    """One tie to the visas."""
    return {(name, VISAS[0]): 1.0}


def found(
    part: tuple[str, ...], ties: dict[tuple[str, str], float], tables: tuple[str, ...] = TABLES
) -> dict[str, str]:
    """Module of the slices -> its domain; ``part`` lies beside the domains and ``shop.api.schema``."""
    names = {*VISAS, *USERS, *HELPERS, *part, *tables, "shop.api.schema", "shop.api.users"}
    system = monolith(
        [module(name) for name in sorted(names)],
        tables=tuple(Table(name=n, model=f"{n}.Thing", framework="django", path="", line=1) for n in tables),
    )
    land = views.build(system, Changes(), ContextSettings())
    at = land.index
    firm = adjacency(land.size, {(at[a], at[b]): weight for (a, b), weight in ties.items()})
    return {land.modules[n].name: domain for n, domain in slices.find(land, firm).items()}


def test_a_part_of_a_face_that_has_the_name_of_a_domain_and_is_tied_to_it_goes_with_it() -> None:
    """In whatever number, with all below it; a file alone stays."""
    part = ("shop.api.visa.types", "shop.api.visa.inner.more")
    ties = {(part[0], VISAS[0]): 1.0, (part[1], VISAS[1]): 1.0}
    assert found(part, ties) == dict.fromkeys(part, "shop/visas")
    assert found(part[:1], ties_of(part[0])) == {}
    ours = ("shop.schema_of_v2.visa.types", "shop.schema_of_v2.visa.forms")
    assert found(ours, ties_of(ours[0])) == dict.fromkeys(ours, "shop/visas")


@pytest.mark.parametrize(
    "place", ["shop.api.letter", "shop.text.visa", "shop.visas.api.visas", "shop.api.core"]
)
def test_nothing_else_does(place: str) -> None:
    """Not by ties without the name, not outside of a face, not what lies in the domain anyway, not what is
    called like anything."""
    names = (f"{place}.types", f"{place}.forms")
    assert found(names, ties_of(names[0]), (*TABLES, "shop.core.models")) == {}


@pytest.mark.parametrize(("elsewhere", "slice_"), [(1.4, True), (1.6, False)])
def test_the_name_alone_says_nothing(elsewhere: float, slice_: bool) -> None:
    """0.4 of the ties to domains, and none has more."""
    two = ties_of(PART[0]) | {(PART[0], USERS[0]): elsewhere / 2, ("shop.api.users", PART[0]): 9.0}
    more = {(OTHER, PART[1]): elsewhere / 2}
    assert bool(found((*PART, OTHER), two | more, (*TABLES, OTHER))) is slice_
    assert found(PART, ties_of(PART[0]) | {(PART[0], USERS[0]): 1.1}) == {}
    assert found(PART, {}) == {}


@pytest.mark.parametrize(("weight", "slice_"), [(3.0, True), (3.1, False)])
def test_what_hangs_on_what_has_no_tables_stays(weight: float, slice_: bool) -> None:
    assert bool(found(PART, ties_of(PART[0]) | {(PART[0], HELPERS[0]): weight})) is slice_


def test_what_declares_a_table_is_no_slice_and_what_lies_in_a_face_no_domain() -> None:
    own = "shop.api.visa.models"
    assert found((*PART, own), ties_of(PART[0]), (*TABLES, own)) == {}
    inner = ("shop.api.letter.models", "shop.api.v2.letter.types", "shop.api.v2.letter.forms")
    assert found(inner, {(inner[1], inner[0]): 1.0}, inner[:1]) == {}
    assert found(PART, ties_of(PART[0]), ()) == {}


def test_the_paths_with_the_slices_in_their_domains() -> None:
    modules = [module("shop.api.visa.types"), module("shop.api.schema")]
    assert slices.placed(modules, {0: "shop/visas"}) == ["shop/visas/types.py", "shop/api/schema.py"]


def test_directories_are_cut_as_if_each_slice_lay_in_its_domain() -> None:
    """However much it is tied to the rest of the face."""
    land = landscape(*(f"shop.{name}.m{n}" for name in ("api", "api.visa", "visas") for n in range(3)))
    face, part, own = ([n for n in range(9) if n // 3 == place] for place in range(3))
    inside = {(group[0], other): 1.0 for group in (face, part, own) for other in group[1:]}
    ties = engine.tie(land, {"calls": inside | {(face[0], part[0]): 2.0, (part[0], own[0]): 0.5}})
    book = concepts.lexicon(land.modules)
    sliced = concepts.lexicon(land.modules, slices=dict.fromkeys(part, "shop/visas"))
    plain, found = engine.hold(land, ties, book, "packages"), engine.hold(land, ties, sliced, "packages")
    assert plain[part[0]] != plain[own[0]]
    assert {found[n] for n in (*part, *own)} == {"@shop.visas"}
    assert {found[n] for n in face} == {"@shop.api"}
