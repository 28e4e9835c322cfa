"""What the team decides is laid over the proposal, exactly."""

from __future__ import annotations

import pytest
from helpers.systems import module, monolith

from strangler.contexts import ContextSettings, decisions, engine
from strangler.contexts.graph import Edges, Partition
from strangler.contexts.views import Landscape
from strangler.model import Access, Table

NAMES = ("app.a", "app.b", "app.c", "app.c.d", "app.e")


def decided(**settings: object) -> decisions.Decisions:
    modules = tuple(module(name) for name in NAMES)
    land = Landscape(modules, {one.name: number for number, one in enumerate(modules)}, {})
    system = monolith(
        modules,
        tables=(Table(name="t", model="app.b.Row", framework="django", path="app/b.py", line=1),),
        accesses=(
            Access(
                module="app.a",
                line=1,
                table="u",
                operation="read",
                function=None,
                via="sql",
                certainty="certain",
            ),
        ),
    )
    return decisions.Decisions(system, land, ContextSettings(**settings))  # type: ignore[arg-type]


def applied(labels: Partition, **settings: object) -> tuple[Partition, dict[int, str], list[str]]:
    wanted = decided(**settings)
    result, named = wanted.apply(labels)
    return result, named, [problem.message for problem in wanted.diagnostics]


def test_two_parts_that_must_be_apart_are_parted_on_the_side_of_the_second() -> None:
    assert applied([0, 0, 0, 0, 0], apart=(("app.a", "app.c"),)) == ([0, 0, 1, 1, 0], {}, [])
    assert applied([0, 0, 1, 1, 0], apart=(("app.a", "app.c"),)) == ([0, 0, 1, 1, 0], {}, [])


def test_the_pinned_side_stays_where_it_is_pinned() -> None:
    labels, named, said = applied([0, 0, 0, 0, 0], apart=(("app.a", "app.c"),), pin={"mine": ("app.c",)})
    assert (labels, named, said) == ([1, 0, 0, 0, 0], {0: "mine"}, [])


def test_only_what_shares_a_context_with_the_other_side_leaves_it() -> None:
    given = {"apart": (("app.c", "app.a"),), "pin": {"mine": ("app.a",)}}
    assert applied([0, 0, 0, 1, 1], **given)[0] == [0, 0, 2, 1, 1]
    assert applied([0, 1, 0, 1, 1], apart=(("app.a", "app.c"),))[0] == [0, 1, 2, 1, 1]


def test_what_is_pinned_to_one_context_cannot_be_apart_and_that_is_said() -> None:
    settings = {"apart": (("app.a", "app.c"),), "pin": {"mine": ("app.a", "app.c")}}
    labels, _, said = applied([0, 0, 0, 0, 0], **settings)
    assert labels == [0, 0, 0, 0, 0]
    assert said == ["contexts.apart: both sides are pinned to one context"]


def test_selectors_that_overlap_are_said_and_change_nothing() -> None:
    labels, _, said = applied([0] * 5, apart=(("app", "app.a"), ("app.a", "app.b")))
    assert labels == [0, 1, 0, 0, 0]
    assert said == ["contexts.apart: the two selectors overlap"]


def test_joined_parts_go_where_most_of_them_are() -> None:
    assert applied([0, 1, 1, 2, 2], join=(("app.a", "app.c"),))[0] == [0, 1, 0, 0, 2]
    assert applied([0, 1, 2, 2, 0], join=(("app.a", "app.c"),))[0] == [2, 1, 2, 2, 0]
    assert applied([0, 1, 2, 2, 0], join=(("nowhere", "nobody"),))[0] == [0, 1, 2, 2, 0]


def test_a_pin_names_the_context_that_holds_most_of_it() -> None:
    assert applied([0, 0, 1, 1, 1], pin={"mine": ("app.b", "app.c")})[:2] == ([0, 1, 1, 1, 1], {1: "mine"})


def test_of_two_pins_to_one_context_the_better_claim_names_it_and_the_other_begins_anew() -> None:
    labels, named, _ = applied([0, 0, 0, 0, 0], pin={"left": ("app.a",), "right": ("app.c",)})
    assert labels == [1, 0, 0, 0, 0]
    assert named == {0: "right", 1: "left"}


@pytest.mark.parametrize(
    ("pin", "pinned", "said"),
    [
        ({"one": ("app.c",), "two": ("app.c.d",)}, {2: "one", 3: "two"}, []),  # the narrower one holds
        ({"one": ("app.c.d",), "two": ("app.c",)}, {2: "two", 3: "one"}, []),
        (
            {"one": ("app.a",), "two": ("app.a",)},
            {0: "one"},
            ["app.a is pinned to one and to two; one holds"],
        ),
        ({"one": ("table:t",)}, {}, []),
        (
            {"one": ("app.x",)},
            {},
            ["[tool.strangler] contexts.pin.one: 'app.x' names no production module, package or table"],
        ),
    ],
)
def test_the_exact_pin_holds_and_a_contradiction_is_said(
    pin: dict[str, tuple[str, ...]], pinned: dict[int, str], said: list[str]
) -> None:
    found = decided(pin=pin)
    assert found.pinned == pinned
    assert [problem.message for problem in found.diagnostics] == said


def test_a_pinned_table_is_owned_a_selected_one_stands_for_its_module() -> None:
    assert decided(pin={"one": ("table:t", "table:u")}).table_owner == {"t": "one", "u": "one"}
    assert decided(shared=("table:t",)).shared == {1}


def test_a_pin_is_stronger_than_the_shared_kernel() -> None:
    found = decided(pin={"one": ("app.c.d",)}, shared=("app.c",))
    assert found.shared == {2}
    assert found.fixed == {2, 3}


def test_what_must_be_apart_or_is_pinned_differently_may_not_merge() -> None:
    found = decided(apart=(("app.a", "app.b"),), pin={"x": ("app.c",), "y": ("app.e",)})
    assert not found.may_merge([0], [1])
    assert not found.may_merge([1], [0])
    assert not found.may_merge([2], [4])
    assert found.may_merge([0], [2])
    assert found.may_merge([2], [3])
    assert found.may_merge([0], [4, 0])


EDGES: Edges = {(0, 1): 5.0, (2, 3): 5.0, (1, 2): 1.0, (3, 4): 2.0}


def resized(labels: Partition, count: int, **settings: object) -> Partition:
    return decisions.resize(labels, engine._ties(5, EDGES, {}), decided(**settings), count, frozenset(), 0)


def test_too_many_contexts_are_merged_along_the_strongest_ties() -> None:
    assert resized([0, 1, 2, 3, 4], 2) == [0, 0, 2, 2, 2]


def test_too_few_contexts_are_divided_along_the_weakest() -> None:
    found = resized([0, 0, 0, 0, 0], 2)
    assert found[0] == found[1] != found[2] == found[3] == found[4]


def test_merging_stops_at_the_decisions() -> None:
    found = resized([0, 1, 2, 3, 4], 1, apart=(("app.a", "app.e"),))
    assert len(set(found)) == 2
    assert found[0] != found[4]


@pytest.mark.parametrize(
    ("settings", "file", "why"),
    [
        ({}, "", "no cut was found with as many that could be services"),
        (
            {"apart": (("app.a", "app.e"),)},
            "",
            "pins, contexts.join, contexts.apart and contexts.shared hold",
        ),
        ({}, "strangler-boundaries.toml", "the boundaries accepted in strangler-boundaries.toml hold"),
    ],
)
def test_another_number_of_contexts_than_was_asked_for_is_said_with_the_reason(
    settings: dict[str, object], file: str, why: str
) -> None:
    wanted = decided(**settings)
    wanted.came_out(3, 3, file)
    assert not wanted.diagnostics
    wanted.came_out(1, 2, file)
    (said,) = wanted.diagnostics
    assert (said.code, said.severity) == ("contexts-count", "warning")
    assert said.message == f"1 context was asked for and 2 came out: {why}"


def test_a_context_without_ties_is_divided_all_the_same() -> None:
    wanted = decided()
    found = decisions.resize([0] * 5, engine._ties(5, {}, {}), wanted, 2, frozenset(), 0)
    assert len(set(found)) == 2
    whole = engine._ties(5, {(a, b): 1.0 for a in range(5) for b in range(a + 1, 5)}, {})
    found = decisions.resize([0] * 5, whole, wanted, 2, frozenset(), 0)
    assert sorted(found.count(label) for label in set(found)) == [1, 4]


def test_what_is_pinned_or_joined_is_not_divided() -> None:
    found = resized([0, 0, 0, 0, 0], 2, pin={"x": ("app.c",)})
    assert found[2] == found[3]
    assert len(set(found)) == 2
