"""God modules: whose their definitions are, vote by vote."""

from __future__ import annotations

import pytest
from helpers.systems import access, module, monolith

from strangler.contexts import parts
from strangler.model import Access, Call, Definition, ModuleSplit, Table

CUT = {"god": "home", "a": "one", "b": "two", "deep": "home"}


def defined(count: int, module_name: str = "god", kind: str = "function") -> tuple[Definition, ...]:
    return tuple(
        Definition(module=module_name, line=n, end_line=n, name=f"d{n}", kind=kind)  # type: ignore[arg-type]
        for n in range(count)
    )


def call(user: str, target: str, function: str | None = "f", name: str = "d0") -> Call:
    return Call(module=user, function=function, line=1, target_module=target, target=name)


def used(user: str, *numbers: int) -> tuple[Call, ...]:
    return tuple(call(user, "god", name=f"d{n}") for n in numbers)


def splits(
    calls: tuple[Call, ...] = (),
    definitions: tuple[Definition, ...] = defined(8),
    accesses: tuple[Access, ...] = (),
    tables: tuple[Table, ...] = (),
    owners: dict[str, str] | None = None,
) -> tuple[ModuleSplit, ...]:
    system = monolith(
        [module(name) for name in CUT], definitions=definitions, calls=calls, accesses=accesses, tables=tables
    )
    return parts.find(system, CUT, owners or {"t": "one", "u": "two"})


def away(found: tuple[ModuleSplit, ...]) -> dict[str, tuple[str, ...]]:
    return {
        part.context: part.definitions for split in found for part in split.parts if part.context != "home"
    }


@pytest.mark.parametrize(("definitions", "listed"), [(8, True), (7, False)])
def test_a_god_module_has_eight_definitions(definitions: int, listed: bool) -> None:
    assert bool(splits(used("a", 0, 1, 2), defined(definitions))) is listed
    assert not splits(used("a", 0, 1, 2), defined(8, kind="method"))


@pytest.mark.parametrize(("taken", "listed"), [((0, 1, 2), True), ((0, 1), False)])
def test_a_part_has_three_definitions_of_another_context(taken: tuple[int, ...], listed: bool) -> None:
    found = splits(used("a", *taken))
    assert bool(found) is listed
    if listed:
        (split,) = found
        assert [(part.context, part.definitions) for part in split.parts] == [
            ("home", ("d3", "d4", "d5", "d6", "d7")),
            ("one", ("d0", "d1", "d2")),
        ]
        assert split.parts[1].reasons == ("3 of its definitions are used by it, use it or touch its tables",)


def reads(table: str, *numbers: int) -> tuple[Access, ...]:
    return tuple(access("god", table, function=f"d{n}.method") for n in numbers)


def calling(target: str, *numbers: int, times: int = 1) -> tuple[Call, ...]:
    return tuple(call("god", target, f"d{n}", f"x{m}") for n in numbers for m in range(times))


THREE = (0, 1, 2)


@pytest.mark.parametrize(
    ("calls", "accesses", "winner"),
    [
        (used("a", *THREE), reads("u", *THREE), "two"),  # a table weighs more than a user
        ((*used("a", *THREE), *calling("a", *THREE)), reads("u", *THREE), "one"),  # even: by name
        ((*used("a", *THREE), *calling("a", *THREE, times=2)), reads("u", *THREE), "one"),
        (calling("a", *THREE, times=2), reads("u", *THREE), "two"),
        ((*used("a", *THREE), *used("a", *THREE), *used("b", *THREE), *calling("b", *THREE)), (), "two"),
        (used("a", *THREE) + calling("deep", *THREE, times=2), (), ""),  # even: at home it stays
        (used("a", *THREE) + calling("deep", *THREE, times=1), (), "one"),
    ],
)
def test_users_tables_and_what_it_calls_vote(
    calls: tuple[Call, ...], accesses: tuple[Access, ...], winner: str
) -> None:
    assert away(splits(calls, accesses=accesses)) == ({winner: ("d0", "d1", "d2")} if winner else {})


def test_a_word_of_its_name_weighs_two_users() -> None:
    names = [f"one_{n}" for n in range(3)] + [f"d{n}" for n in range(5)]
    definitions = tuple(
        Definition(module="god", line=n, end_line=n, name=name, kind="function")
        for n, name in enumerate(names)
    )
    (split,) = splits((), definitions)
    assert split.parts[1].reasons == ("3 of its definitions carry a word of its name",)
    many = tuple(call("b", "god", name=f"one_{n}") for n in range(3)) + tuple(
        call("god", "b", f"one_{n}", f"x{m}") for n in range(3) for m in range(2)
    )
    assert away(splits(many, definitions)) == {"one": ("one_0", "one_1", "one_2")}
    more = many + tuple(call("god", "b", f"one_{n}", "y") for n in range(3))
    assert away(splits(more, definitions)) == {"two": ("one_0", "one_1", "one_2")}


def test_a_data_layer_under_a_data_layer_votes_for_its_parts() -> None:
    """``deep`` is called by ``god`` alone, whose callers are elsewhere: so its parts are elsewhere, too."""
    lower = tuple(call("god", "deep", f"d{n}", f"d{n}") for n in range(8))
    found = splits((*used("a", *THREE), *lower), (*defined(8), *defined(8, "deep")))
    assert {split.module: [p.definitions for p in split.parts if p.context == "one"] for split in found} == {
        "deep": [("d0", "d1", "d2")],
        "god": [("d0", "d1", "d2")],
    }


TABLE = Table(name="t", model="deep.d0", framework="django", path="deep.py", line=1)


def test_what_touches_a_table_goes_with_those_who_use_its_class() -> None:
    calls = tuple(call("b", "deep", name=f"d{n}") for n in range(4))
    found = splits(calls, (*defined(8), *defined(8, "deep")), reads("t", *THREE), (TABLE,), {"t": "home"})
    assert {split.module for split in found} == {"deep", "god"}
    assert away(tuple(split for split in found if split.module == "god")) == {"two": ("d0", "d1", "d2")}


@pytest.mark.parametrize(
    ("owners", "parts"),
    [
        pytest.param({"t": "one"}, {"one": ("d0",), "two": ("d1", "d2", "d3")}, id="another context"),
        pytest.param({"t": "home"}, {"two": ("d1", "d2", "d3")}, id="the module's own"),
        pytest.param({}, {"two": ("d1", "d2", "d3")}, id="nobody"),
    ],
)
def test_a_class_goes_where_its_table_goes_whoever_uses_it(
    owners: dict[str, str], parts: dict[str, tuple[str, ...]]
) -> None:
    calls = tuple(call("b", "deep", name=f"d{n}") for n in range(4))
    (split,) = splits(calls, defined(8, "deep"), tables=(TABLE,), owners={"v": "two", **owners})
    assert away((split,)) == parts
    assert [part.reasons for part in split.parts if part.context == "one"] == [
        ("1 of its definitions map its tables",)
    ] * ("one" in parts)
