"""The directories as a first proposal: cut where the evidence supports it, judged by later changes."""

from __future__ import annotations

import pytest
from helpers.systems import module, monolith, use

from strangler.contexts import concepts, consensus, engine, packages, propose, views
from strangler.contexts.graph import adjacency
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, Commit
from strangler.model.lookup import parent


def clique(names: list[str]) -> list[tuple[str, str]]:
    return [(a, b) for a in names for b in names if a < b]


def cut(names: list[str], ties: list[tuple[str, str]]) -> dict[str, str]:
    modules = [module(name) for name in names]
    place = {name: number for number, name in enumerate(names)}
    near = adjacency(len(names), {tuple(sorted((place[a], place[b]))): 1.0 for a, b in ties})  # type: ignore[misc]
    return {
        names[number]: concept for number, concept in packages.cover([m.path for m in modules], near).items()
    }


def test_a_package_whose_parts_are_tied_to_each_other_stays_whole_and_another_is_cut() -> None:
    whole = [f"shop.orders.{part}.{n}" for part in "ab" for n in range(3)]
    left, right = ([f"shop.web.{part}.{n}" for n in range(3)] for part in "cd")
    other = [f"crm.{n}" for n in range(6)]
    ties = [*clique(whole), *clique(left), *clique(right), *clique(other)]
    found = cut([*whole, *left, *right, *other], ties)
    assert {found[name] for name in whole} == {"@shop.orders"}
    assert {found[name] for name in left} == {"@shop.web.c"}
    assert {found[name] for name in right} == {"@shop.web.d"}


def test_the_files_of_a_package_that_is_cut_stay_together() -> None:
    own = [f"shop.{n}" for n in range(3)]
    below = [f"shop.web.{n}" for n in range(3)]
    found = cut([*own, *below], [*clique(own), *clique(below)])
    assert {found[name] for name in own} == {"@shop"}
    assert {found[name] for name in below} == {"@shop.web"}


@pytest.mark.parametrize(("between", "parts"), [(1, {"@shop.a", "@shop.b"}), (2, {"@shop"})])
def test_two_packages_of_three_are_one_from_two_ties_between_them_on(between: int, parts: set[str]) -> None:
    """Cut where the ties between them times all ties are below the resolution times both volumes."""
    left, right = ([f"shop.{part}.{n}" for n in range(3)] for part in "ab")
    other = [f"crm.{n}" for n in range(5)]
    across = [(a, b) for a in left for b in right][:between]
    found = cut([*left, *right, *other], [*clique(left), *clique(right), *clique(other), *across])
    assert set(found.values()) == {*parts, "@crm"}


def test_a_package_with_most_of_all_ties_is_cut_however_tied_its_parts_are() -> None:
    left, right = ([f"shop.{part}.{n}" for n in range(3)] for part in "ab")
    across = [(a, b) for a in left for b in right]
    found = cut([*left, *right], [*clique(left), *clique(right), *across])
    assert set(found.values()) == {"@shop.a", "@shop.b"}


def test_a_family_of_plugins_is_not_cut() -> None:
    names = [f"shop.gates.{plugin}.{n}" for plugin in "ab" for n in range(3)]
    modules = [module(name) for name in [*names, *(f"crm.{n}" for n in range(6))]]
    ties = [(a, b) for b in range(12) for a in range(b) if a // 3 == b // 3 or a > 5]
    near = adjacency(12, dict.fromkeys(ties, 1.0))
    paths = [m.path for m in modules]
    assert set(packages.cover(paths, near).values()) == {
        "@shop.gates.a",
        "@shop.gates.b",
        "@crm",
    }
    assert set(packages.cover(paths, near, families=["shop/gates"]).values()) == {
        "@shop",
        "@crm",
    }


def test_the_files_of_a_package_count_as_a_part_beside_its_folders() -> None:
    own, below, other = ([f"{name}.{n}" for n in range(3)] for name in ("shop", "shop.web", "crm"))
    found = cut([*own, *below, *other], [*clique(own), *clique(below), *clique(other)])
    assert set(found.values()) == {"@shop", "@shop.web", "@crm"}


def test_packages_that_nothing_ties_are_not_told_apart() -> None:
    assert set(cut(["shop.a.1", "shop.b.1"], []).values()) == {"@."}


def test_domains_that_change_together_beat_the_directories_of_layers() -> None:
    layers, domains = ("db", "web", "jobs"), ("bug", "team")
    names = [f"shop.{layer}.{domain}_{layer}" for layer in layers for domain in domains]
    by_domain = [sorted(name for name in names if domain in name) for domain in domains]
    calls = tuple(use(a, b) for group in by_domain for a, b in clique(group))
    log = tuple(
        Commit(sha=f"{n:040x}", time=1000 * n, subject="", modules=tuple(by_domain[n % 2]))
        for n in range(400)
    )
    system = monolith([module(name) for name in names], calls=calls)
    found = propose(system, Changes(commits=len(log), log=log), ContextSettings(samples=5)).contexts
    assert sorted(sorted(context.modules) for context in found) == by_domain


@pytest.mark.parametrize(
    ("folders", "basis"), [(("services", "schema"), "domains"), (("east", "west"), "packages")]
)
def test_directories_that_are_layers_stand_only_where_they_foretell_more(
    folders: tuple[str, str], basis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both say the same of the later changes here: then it depends on what the directories are called."""
    parts = [[f"{folder}.n{n}" for n in range(4)] for folder in folders]
    calls = tuple(use(a, b) for part in parts for a, b in clique(part))
    system = monolith([module(name) for part in parts for name in part], calls=calls)
    land = views.build(system, Changes(), ContextSettings())
    book = concepts.lexicon(land.modules)
    monkeypatch.setattr(consensus, "foresight", lambda labels, asked: 0.5)
    assert consensus.choose_basis(land, book, 0) == basis


@pytest.mark.parametrize(("count", "basis"), [(1, "packages"), (2, "subpackages")])
def test_the_lead_of_a_basis_is_the_mean_over_samples(
    count: int, basis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"packages": [0.9, 0.1], "subpackages": [0.6, 0.6], "concepts": [0.0, 0.0]}
    each = iter([share for shares in told.values() for share in shares[:count]])
    monkeypatch.setattr(consensus, "foresight", lambda labels, asked: next(each))
    land = views.build(
        monolith([module(f"{folder}.n{n}") for folder in ("east", "west") for n in range(4)]),
        Changes(),
        ContextSettings(),
    )
    assert consensus.choose_basis(land, concepts.lexicon(land.modules), 0, count) == basis


def test_a_context_that_uses_and_is_used_and_holds_little_together_joins_its_neighbour() -> None:
    core, part, far = (
        [f"{name}.{n}" for n in range(size)] for name, size in (("core", 6), ("part", 2), ("far", 6))
    )
    tangled = [("core.0", "part.0"), ("part.0", "core.1"), ("core.2", "part.1"), ("part.1", "core.3")]
    links = [*clique(core), *clique(far), *clique(part), *tangled, ("far.0", "core.0")]
    system = monolith(map(module, [*core, *part, *far]), calls=tuple(use(a, b) for a, b in links))
    land = views.build(system, Changes(), ContextSettings())
    labels = [("core", "part", "far").index(parent(one.name)) for one in land.modules]
    joined = engine.cut(land, engine.tie(land), {n: f"@{label}" for n, label in enumerate(labels)}, 0.5)[0]
    of = {one.name: label for one, label in zip(land.modules, joined, strict=True)}
    assert of["part.0"] == of["part.1"] == of["core.0"]
    assert of["far.0"] != of["core.0"]


def strangers(names: list[str], ties: list[tuple[str, str]]) -> dict[str, str]:
    modules = [module(name) for name in names]
    place = {name: number for number, name in enumerate(names)}
    near = adjacency(len(names), {tuple(sorted((place[a], place[b]))): 1.0 for a, b in ties})  # type: ignore[misc]
    return {names[number]: folder for number, folder in packages.strangers(modules, near).items()}


def named(**sizes: int) -> list[list[str]]:
    return [[f"{name.replace('_', '.')}.{n}" for n in range(size)] for name, size in sizes.items()]


def test_a_product_that_only_lies_in_the_package_of_another_is_a_part_of_its_own() -> None:
    public, placed, core = named(api_public=6, api_placement=5, core=12)
    names = [*public, *placed, *core]
    apart = [
        *(pair for group in (public, placed, core) for pair in clique(group)),
        *zip(placed, core, strict=False),
        *zip(public, core, strict=False),
    ]
    found = strangers(names, apart)
    assert {found[name] for name in placed} == {"api/placement"}
    assert cut(names, apart)[public[0]] != cut(names, apart)[placed[0]]
    assert strangers(names, [*apart, *((a, b) for a in public for b in placed)]) == {}


def test_a_package_is_no_stranger_in_the_whole_system_nor_with_hardly_any_module() -> None:
    small, public, core = named(api_tiny=3, api_public=6, core=12)
    ties = [pair for group in (small, public, core) for pair in clique(group)]
    found = strangers([*small, *public, *core], [*ties, *zip(small, core, strict=False)])
    assert set(found).isdisjoint({*small, *core})


@pytest.mark.parametrize(
    ("outside", "beside", "apart"),
    [(25, 0, True), (30, 0, False), (5, 0, True), (5, 1, False), (0, 0, False)],
)
def test_a_stranger_keeps_to_itself_and_has_fewer_ties_beside_it_than_chance_would_give(
    outside: int, beside: int, apart: bool
) -> None:
    """0.32 and 0.25 of its ties are its own, 0 being chance; -0.25 and -0.049 of the others lie beside it."""
    public, placed, core = named(api_public=6, api_placement=5, core=12)
    ties = [
        *(pair for group in (public, placed, core) for pair in clique(group)),
        *zip(public, core, strict=False),
        *[(a, b) for a in placed for b in core][:outside],
        *zip(public[:beside], placed, strict=False),
    ]
    found = strangers([*public, *placed, *core], ties)
    assert [name in found for name in placed] == [apart] * 5


def test_a_package_that_lies_alone_in_others_goes_by_the_name_of_the_highest() -> None:
    deep, other = named(shop_a_b=6, crm=3)
    assert set(cut([*deep, *other], [*clique(deep), *clique(other)]).values()) == {"@shop", "@crm"}


def test_a_package_with_half_of_all_ties_is_no_more_than_half() -> None:
    left, right, other = named(shop_a=3, shop_b=3, crm=6)
    found = cut([*left, *right, *other], [*clique([*left, *right]), *clique(other)])
    assert set(found.values()) == {"@shop", "@crm"}


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("shop.tax.templatetags", True),
        ("shop.tax.tasks", True),
        ("shop.tax.tax_views", False),
        ("shop.tax.views", True),
        ("shop.tax.rules", False),
        ("shop.plugins", False),  # holds parts
        ("shop.views", True),  # so named in any package
        ("shop.tasks", False),  # of the whole system: there is nothing else to cut
    ],
)
def test_a_layer_of_a_package_is_no_part_beside_its_files(name: str, layer: bool) -> None:
    names = [*(f"{name}.{n}" for n in range(3)), *(f"shop.{p}.{n}" for p in ("crm", "tax") for n in range(3))]
    modules = [module(one) for one in names]
    assert (name.replace(".", "/") in packages.layers(modules, {}, frozenset())) is layer
    assert name.replace(".", "/") not in packages.layers(modules, {}, frozenset([0]))  # declares a table


def test_layers_join_the_files_of_their_package_and_what_is_no_layer_below_them_stays_a_part() -> None:
    own, views, sso, other = (
        [f"{name}.{n}" for n in range(3)] for name in ("shop.a", "shop.a.views", "shop.a.views.sso", "crm")
    )
    modules = [module(one) for one in (*own, *views, *sso, *other)]
    ties = [pair for group in (own, views, sso, other) for pair in clique(group)]
    place = {one.name: number for number, one in enumerate(modules)}
    near = adjacency(12, {(place[a], place[b]): 1.0 for a, b in ties})
    found = packages.cover([m.path for m in modules], near, layers=["shop/a/views"])
    assert [found[3 * n] for n in range(4)] == ["@shop.a", "@shop.a", "@shop.a.views.sso", "@crm"]


@pytest.mark.parametrize(
    ("commits", "lead", "basis"),
    [(0, 0.11, "packages"), (0, 0.13, "concepts"), (400, 0.06, "packages"), (400, 0.08, "concepts")],
)
def test_without_a_history_to_ask_concepts_must_be_further_ahead_of_the_directories(
    commits: int, lead: float, basis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made from the ties that are asked then."""
    each = iter([0.5, 0.5, 0.5 + lead])
    monkeypatch.setattr(consensus, "foresight", lambda labels, asked: next(each))
    names = [f"{folder}.n{n}" for folder in ("east", "west") for n in range(4)]
    log = tuple(
        Commit(sha=f"{n:040x}", time=1000 * n, subject="", modules=tuple(names[:2])) for n in range(commits)
    )
    system = monolith([module(name) for name in names])
    land = views.build(system, Changes(commits=len(log), log=log), ContextSettings())
    assert consensus.choose_basis(land, concepts.lexicon(land.modules), 0, 1) == basis
