"""Domains across the layers of a tree that is cut by kind first."""

from __future__ import annotations

from itertools import combinations

import pytest
from helpers.systems import module, monolith, use

from strangler.contexts import (
    ContextSettings,
    concepts,
    consensus,
    domains,
    engine,
    mirrors,
    propose,
    views,
    words,
)
from strangler.contexts.graph import Edges, adjacency
from strangler.model import Changes, Commit, Module, Table

TREE = (
    "shop.routes.households.views",
    "shop.services.household_services.invite",
    "shop.schema.household.invite",
    "shop.repos.repository_households",
    "shop.repos.repository_meal_plan_rules",
    "shop.schema.meal_plan.rule",
    "shop.routes.planner.views",
    "shop.repos.repository_generic",
    "shop.schema.unit",
    "shop.services.unit_service",
)


def place_of(names: tuple[str, ...]) -> dict[str, str]:
    modules = [module(name) for name in names]
    naming = words.layer_words(names)
    found = domains.places(modules, naming, {})
    return {name: path.rpartition("/")[0] for name, path in zip(names, found, strict=True)}


def test_what_is_called_alike_in_several_layers_is_one_place() -> None:
    place = place_of(TREE)
    assert {place[name] for name in TREE if "household" in name} == {"shop/household"}
    assert place["shop.repos.repository_meal_plan_rules"] == place["shop.schema.meal_plan.rule"]
    assert place["shop.schema.unit"] == place["shop.services.unit_service"] == "shop/unit"
    assert place["shop.routes.planner.views"] == "shop/planner"
    assert place["shop.repos.repository_generic"] == "shop"


def test_a_family_of_plug_ins_stays_one_place() -> None:
    modules: list[Module] = [module("shop.services.gates.a.views"), module("shop.services.gates.b.views")]
    found = domains.places(modules, {}, {0: "shop/services/gates", 1: "shop/services/gates"})
    assert [path.rpartition("/")[0] for path in found] == ["shop/gates", "shop/gates"]


def test_layered_code_is_proposed_in_domains_named_after_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consensus, "choose_basis", lambda *_: "domains")
    layers, names = ("models", "routes", "schema", "services"), ("household", "recipe", "meal")
    places = {f"shop.{layer}.{name}s.{part}": name for layer in layers for name in names for part in "ab"}
    groups = [[m for m, where in places.items() if where == name] for name in names]
    calls = tuple(use(a, b) for group in groups for a, b in combinations(group, 2))
    tables = tuple(
        Table(
            name=f"{name}_{part}",
            model=f"shop.models.{name}s.{part}.T",
            framework="django",
            path=f"shop/models/{name}s/{part}.py",
            line=1,
        )
        for name in names
        for part in "ab"
    )
    system = monolith([module(name) for name in places], calls=calls, tables=tables)
    found = propose(system, Changes(), ContextSettings(samples=5)).contexts
    assert {m: c.name for c in found for m in c.modules} == {m: where + "s" for m, where in places.items()}
    assert "across the layers" in " ".join(r for c in found for m in c.members for r in m.reasons)


SUBJECTS = ("editor", "help", "history", "projects")


def layers(across: float, inside: float) -> frozenset[str]:
    """Two directories of the same four subjects: ties between namesakes, and inside each directory."""
    names = [f"desk.{folder}.{subject}" for folder in ("panes", "bits") for subject in SUBJECTS]
    ties: Edges = {(n, n + 4): across for n in range(4)}
    ties |= {pair: inside for start in (0, 4) for pair in combinations(range(start, start + 4), 2)}
    modules = [module(name) for name in names]
    return mirrors.find(modules, adjacency(len(names), ties), words.layer_words(names))


def test_directories_are_layers_if_their_modules_belong_to_their_namesakes_beside_them() -> None:
    assert layers(across=4.0, inside=1.0) == {"desk/panes", "desk/bits"}
    assert layers(across=1.0, inside=1.0) == frozenset()
    assert layers(across=0.0, inside=0.0) == frozenset()


def test_code_in_layers_of_any_name_is_cut_across_them_where_later_changes_say_so() -> None:
    names = sorted(
        f"desk.{folder}.{subject}" for folder in ("panes", "bits", "model") for subject in SUBJECTS
    )
    by_subject = [[name for name in names if name.endswith(subject)] for subject in SUBJECTS]
    calls = tuple(use(a, b) for group in by_subject for a, b in combinations(group, 2))
    log = tuple(
        Commit(sha=f"{n:040x}", time=1000 * n, subject="", modules=tuple(by_subject[n % 4]))
        for n in range(400)
    )
    system = monolith([module(name) for name in names], calls=calls)
    land = views.build(system, Changes(commits=len(log), log=log), ContextSettings())
    layers = mirrors.find(land.modules, engine.tie(land).blind, words.layer_words(names))
    assert consensus.choose_basis(land, concepts.lexicon(land.modules, mirrored=layers), 0) == "domains"
    assert consensus.choose_basis(land, concepts.lexicon(land.modules), 0) != "domains"
