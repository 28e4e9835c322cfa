"""Where a system is put together: which modules do so, and that they are of no domain."""

from __future__ import annotations

from functools import partial

import pytest
from helpers.systems import access, module, monolith

from strangler.contexts import assembly, decisions, engine, laying, settled, tidying, views
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, Import, Module, System, Table
from strangler.model.contexts import ContextKind

PROJECT = ("shop.site", "shop.site.celery", "shop.site.middleware", "shop.site.urls", "shop.site.wsgi")
DOMAIN = ("shop.site.models", "shop.site.views", "shop.orders.urls", "shop.orders.wsgi", "shop.orders.checks")
SET = (module("shop.site.settings", role="settings"), module("shop.site.settings.paths"))


def system(*more: Module, names: tuple[str, ...] = (*PROJECT, *DOMAIN), **facts: object) -> System:
    return monolith([*(module(name) for name in names), *more], **facts)


def rooted(system: System) -> set[str]:
    land = views.build(system, Changes(), ContextSettings())
    return {land.modules[number].name for number in assembly.root(system, land)}


def test_the_package_of_a_project_puts_it_together_with_its_settings_and_what_serves_it() -> None:
    manage = module("manage", role="entry_point")
    both = {one.name for one in SET}
    assert rooted(system(*SET, manage)) == {*PROJECT, *both, "manage"}
    assert rooted(system(manage)) == {"manage"}  # no settings: ``wsgi`` may be anything
    unserved = tuple(name for name in (*PROJECT, *DOMAIN) if "celery" not in name and "wsgi" not in name)
    assert rooted(system(*SET, names=unserved)) == set()


def test_the_root_urls_are_those_that_settings_name_and_no_urls_of_an_app() -> None:
    settings = module("conf", role="settings")
    named = (
        Import(importer="conf", imported="shop.orders.urls", line=1, kind="dynamic"),
        Import(importer="conf", imported="shop.site.models", line=2, kind="dynamic"),  # an app
    )
    found = rooted(
        system(settings, imports=named, names=("shop.orders.urls", "shop.site.urls", *PROJECT[:1]))
    )
    assert found == {"conf", "shop.orders.urls"}


@pytest.mark.parametrize("table", ["orders", "auth_user"])
def test_what_works_on_tables_of_the_system_does_not_only_put_it_together(table: str) -> None:
    facts = {"accesses": (access("shop.site.middleware", table),)}
    facts |= {"tables": (Table(name="orders", model="", framework="django", path="", line=1),)}  # type: ignore[dict-item]
    assert ("shop.site.middleware" in rooted(system(*SET, **facts))) is (table != "orders")


def apart(kinds: dict[int, ContextKind], labels: dict[str, int], fixed: str = "") -> dict[str, int]:
    """Last word -> label; what puts it together lies with the domain (0) but for ``labels``."""
    one = system(*SET)
    land = views.build(one, Changes(), ContextSettings())
    before = [labels.get(own.name, 0) for own in land.modules]
    kept = {number for number, own in enumerate(land.modules) if own.name == fixed}
    after, _ = assembly.set_apart(land, before, assembly.root(one, land), kinds, kept)
    return {own.name: label for own, label in zip(land.modules, after, strict=True)}


def test_it_is_taken_out_of_a_context_into_a_part_of_its_own_or_the_one_that_is_there() -> None:
    found = apart({}, {})
    assert {found[name] for name in PROJECT} == {1}
    assert {found[name] for name in DOMAIN} == {0}
    there = apart({1: "composition_root"}, {"shop.site.urls": 1, "shop.site.checks": 1})
    assert {there[name] for name in PROJECT} == {1}
    assert set(apart({0: "library"}, {}).values()) == {0}  # of no domain there already
    assert apart({}, {}, fixed="shop.site.urls")["shop.site.urls"] == 0  # the team has pinned it


def test_a_cut_that_was_found_has_it_as_a_composition_root_whatever_it_lay_in() -> None:
    others = tuple(f"shop.{name}.m{n}" for name in ("site", "stock", "tax") for n in range(9))
    one = system(*SET, names=(*PROJECT, *DOMAIN, *others))
    land, settings = views.build(one, Changes(), ContextSettings()), ContextSettings()
    wanted = decisions.Decisions(one, land, settings)
    words = ("site", "stock", "tax")
    first = [next((n for n, word in enumerate(words) if word in own.name), 0) for own in land.modules]
    settle = partial(settled.settle, one, land, wanted, settings, placed=False)
    held = {n: f"@shop.{word}" for n, word in enumerate(words)}
    labels, after = tidying.tidy(one, land, engine.tie(land), first, held, set(), (), settle)
    cut = laying.without(set(), labels, after, {})
    told = settled.settle(one, land, wanted, settings, cut)
    kind = {told.names[label]: found for label, found in told.kinds.items()}
    name_of = {own.name: told.names[label] for own, label in zip(land.modules, cut.labels, strict=True)}
    assert kind["composition-root"] == "composition_root"
    assert {name_of[name] for name in PROJECT} == {"composition-root"}
    assert {name_of[name] for name in DOMAIN} == {"site"}


def test_a_part_of_nothing_but_what_puts_the_system_together_is_not_left_empty() -> None:
    land = views.build(system(), Changes(), ContextSettings())
    assert assembly.set_apart(land, [0, 0, 1, 2], {1, 2}, {}, ()) == ([0, 3, 1, 2], 3)
    assert assembly.set_apart(land, [0, 0, 1, 2], {2, 3}, {}, ()) == ([0, 0, 1, 2], None)
