"""Several domains in one context are named, and such a context is no candidate."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from helpers.planted import planted
from helpers.systems import context, landscape, model_of, module, monolith

from strangler.commands.summary import summarise
from strangler.contexts import engine, together
from strangler.contexts.graph import Edges
from strangler.contexts.ranking import rank_contexts
from strangler.contexts.reasons import reasons
from strangler.contexts.subjects import Subjects
from strangler.model import Domain, ModulePart, ModuleSplit
from strangler.reports import render
from strangler.reports.index import Index
from strangler.reports.verdict import verdict

TWO = (
    Domain(name="orders", modules=("shop.orders", "shop.carts"), tables=("line",)),
    Domain(name="returns", tables=("parcel", "refund")),
)


def names_in(found: tuple[Domain, ...]) -> tuple[str, ...]:
    return tuple(domain.name for domain in found)


def domains(
    between: float, sizes: tuple[int, ...] = (6, 5), data: tuple[int, ...] = (0, 1)
) -> tuple[str, ...]:
    """What lies together in one context of several packages.

    Args:
        between: tie weight between the packages, for each tie inside one.
        sizes: their modules.
        data: those with a table.
    """
    apps = ("orders", "returns", "letters", "rates")[: len(sizes)]
    groups = [[f"shop.{app}.m{n}" for n in range(size)] for app, size in zip(apps, sizes, strict=True)]
    other = [f"shop.other.m{n}" for n in range(30)]
    names = [name for group in groups for name in group] + other
    land = landscape(*names)
    inside = {n: g for g, group in enumerate(groups) for n, name in enumerate(names) if name in group}
    ties: Edges = {}
    for a in inside:
        for b in inside:
            if a < b:
                ties[a, b] = 1.0 if inside[a] == inside[b] else between
    first = [names.index(groups[g][0]) for g in data]
    land = replace(
        land,
        views={"calls": ties},
        declaring=frozenset(first),
        tables=dict.fromkeys(first, 1),
    )
    labels = [0 if n in inside else 1 for n in range(len(names))]
    system = monolith([module(name) for name in names])
    return names_in(together.find(system, land, engine.tie(land).blind, labels, {1}).get(0, ()))


def test_domains_that_little_ties_are_named_the_largest_first() -> None:
    assert domains(between=0.05) == ("orders", "returns")
    assert domains(between=0.05, sizes=(5, 6)) == ("returns", "orders")


def test_what_belongs_together_is_one_domain() -> None:
    assert domains(between=0.5) == ()


@pytest.mark.parametrize(("sizes", "data"), [((16, 3), (0, 1)), ((17, 4), (0, 1)), ((6, 5), (0,))])
def test_a_few_modules_or_some_without_a_table_are_no_second_domain(
    sizes: tuple[int, ...], data: tuple[int, ...]
) -> None:
    assert domains(between=0.02, sizes=sizes, data=data) == ()


def test_what_is_no_context_ties_nothing_together() -> None:
    names = [f"shop.{app}.m{n}" for app in ("orders", "returns", "common") for n in range(5)]
    land = landscape(*names)
    ties: Edges = {
        (a, b): 1.0 for a in range(15) for b in range(15) if a < b and (a // 5 == b // 5 or b >= 10)
    }
    land = replace(land, views={"calls": ties}, declaring=frozenset({0, 5}), tables={0: 1, 5: 1})
    system = monolith([module(name) for name in names])
    near = engine.tie(land).blind
    found = together.find(system, land, near, [0] * 10 + [1] * 5, {1})
    assert {label: names_in(inside) for label, inside in found.items()} == {0: ("orders", "returns")}


@pytest.mark.parametrize(
    ("second", "refers", "told"),
    [
        pytest.param("taxes", False, ("orders", "taxes"), id="nothing in common"),
        pytest.param("taxes", True, (), id="a table refers to the other"),
        pytest.param("order_lines", False, (), id="a word in common"),
    ],
)
def test_where_code_is_cut_in_layers_models_are_told_apart(
    second: str, refers: bool, told: tuple[str, ...]
) -> None:
    names = [
        f"shop.{layer}.{name}" for layer in ("models", "views", "schemas") for name in ("orders", second)
    ]
    names += [f"shop.{layer}.other{n}" for layer in ("models", "views", "schemas") for n in range(9)]
    land = landscape(*names)
    land = replace(
        land,
        declaring=frozenset({0, 1}),
        tables={0: 1, 1: 1},
        referring={0: frozenset({1})} if refers else {},
    )
    system = monolith([module(name) for name in names])
    labels = [0] * 6 + [1] * 27
    assert names_in(together.find(system, land, [[] for _ in names], labels, {1}).get(0, ())) == told


def test_a_context_of_several_domains_is_no_candidate_and_says_why() -> None:
    model = model_of(
        context("one", "shop.one", tables=("a",), domains=TWO),
        context("two", "shop.two", tables=("b",)),
        context("three", "shop.three", tables=("c",)),
    )
    ranked = rank_contexts(model)
    assert [c.context for c in ranked if not c.excluded] == ["three", "two"]
    assert reasons(ranked[-1], ranked) == (
        "several domains lie together in it: to decide what goes with what first",
    )


def test_the_summary_names_the_domains_that_lie_together() -> None:
    model = planted("django_shop")
    mixed = tuple(
        msgspec.structs.replace(one, domains=TWO if one.name == "orders" else ()) for one in model.contexts
    )
    model = msgspec.structs.replace(model, contexts=mixed)
    lines = summarise(model, verdict(model, Index(model))).splitlines()
    (place,) = (n for n, line in enumerate(lines) if line.startswith("  orders "))
    assert lines[place + 1] == "    several domains lie together: orders, returns"
    assert sum("several domains" in line for line in lines) == 1


def test_a_domain_that_lies_with_others_is_told_with_what_it_holds() -> None:
    one = context("one", "shop.one", tables=("a",), domains=TWO, to_split=("shop.models",))
    assert together.told(one) == (
        "several domains lie together here: orders (2 modules; 1 table: line), "
        "returns (0 modules; 2 tables: parcel, refund); to split between them: shop.models"
    )
    assert together.told(context("two", "shop.two")) == ""
    rest = msgspec.structs.replace(one, in_none=Domain(name="", modules=("shop.dates", "shop.text")))
    assert together.told(rest).endswith("shop.models; in none of them: 0 tables, 2 modules")


def test_what_is_in_no_domain_is_told_and_no_domain_has_a_table_of_others() -> None:
    names = ("shop.carts", "shop.dates", "shop.models", "shop.orders")
    split = ("shop.models",)
    found = together.whole(
        context("all", *names, tables=("line", "parcel", "seal"), domains=TWO, to_split=split)
    )
    assert [domain.tables for domain in found.domains] == [("line",), ("parcel",)]
    assert found.in_none == Domain(name="", modules=("shop.dates",), tables=("seal",))
    all_told = context("all", "shop.carts", "shop.orders", tables=("line", "parcel", "refund"), domains=TWO)
    assert together.whole(all_told) == all_told


def test_the_summary_tells_what_stays_and_what_is_to_divide_from_the_proposed_contexts() -> None:
    domains = (Domain(name="a", modules=("mix.m0",)), Domain(name="b", modules=("mix.m1",)))
    model = model_of(
        context("all", *(f"shop.m{n}" for n in range(90)), tables=tuple(f"t{n}" for n in range(30))),
        *(context(f"mix{n}", f"mix{n}.m0", f"mix{n}.m1", domains=domains, tables=("m",)) for n in range(3)),
        *(context(f"one{n}", f"one{n}.m", tables=(f"o{n}",)) for n in range(7)),
    )
    lines = summarise(model, verdict(model, Index(model))).splitlines()
    assert any(line.startswith("Contexts  7 proposed, 3 to divide, and what stays") for line in lines)
    assert [line.split("  ")[1] for line in lines if "(what stays)" in line] == ["all (what stays)"]


@pytest.mark.parametrize(("name", "file"), [("markdown", "report.md"), ("agents", "agents/context-01.md")])
def test_markdown_lists_the_domains_with_their_tables(name: str, file: str) -> None:
    told = tuple(
        msgspec.structs.replace(one, reasons=("1 of its 2 tables refers to line",) * (one.name == "orders"))
        for one in TWO
    )
    parts = (
        ModulePart(context="", definitions=("now",)),
        ModulePart(context="orders", definitions=("pay", "ship")),
        ModulePart(context="returns", definitions=("refund",)),
    )
    stays = context(
        "shop",
        *(f"shop.m{n}" for n in range(9)),
        domains=told,
        to_split=("shop.m`1",),
        in_none=Domain(name="", modules=("shop.m3", "shop.m4"), tables=("seal",)),
        splits=(ModuleSplit(module="shop.m2", parts=parts),),
    )
    model = model_of(stays, context("two", "two.m"))
    lines = render(model, name)[file].decode().splitlines()
    place = lines.index("- `orders`: 2 modules; `line`")
    assert lines[place + 1 : place + 8] == [
        "  - about it: `shop.orders`, `shop.carts`",
        "  - why: 1 of its 2 tables refers to line",
        "- `returns`: 0 modules; `parcel`, `refund`",
        "- in none of them: 1 table: `seal`; 2 modules: `shop.m3`, `shop.m4`",
        "- to split between them, first first: ``shop.m`1``",
        "  - `shop.m2` into `orders`: `pay`, `ship`; `returns`: `refund`",
        lines[place + 7],
    ]
    assert not lines[place + 7].startswith("  -")


def test_an_app_below_a_package_of_apps_is_called_by_its_own_name() -> None:
    names = [
        f"{top}.m{n}" for top in ("web.apps.tax", "web.apps.tax.apps.core", "shop.rates") for n in range(3)
    ]
    about = Subjects(monolith([module(name) for name in names]))
    assert about.package("web.apps.tax.m0") == "tax"
    assert about.package("web.apps.tax.apps.core.m0") == "tax"
    assert about.package("web.apps.m0") == "web"
    assert about.package("shop.rates.m0") == "rates"
