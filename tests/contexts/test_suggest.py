"""The ranking from seeds: what a seed stands for, the two parts of the score, and the reasons."""

from __future__ import annotations

from importlib import import_module
from math import e, log

import pytest
from helpers.systems import access, layered, module, monolith, use

from strangler.contexts import ContextSettings, UnknownSeedError, concepts, suggest, views
from strangler.contexts.suggest import DEPTH
from strangler.model import Changes, Commit, Import, System, Table

ROOM = import_module("strangler.contexts.suggest")  # the package exports a function of that name

SYSTEM = monolith(
    [
        module(name)
        for name in ("shop.tax.rates", "shop.tax.law", "shop.box.lid", "shop.box.tax_form", "shop.core")
    ],
    tables=(
        Table(name="rate", model="shop.tax.rates.Rate", framework="django", path="", line=1),
        Table(name="lost", model="elsewhere.Lost", framework="django", path="", line=1),
    ),
    accesses=(
        access("shop.box.lid", "log", "write"),
        access("shop.core", "log", "write"),
        access("shop.core", "log", "write", line=2),
        access("shop.tax.law", "log", "read"),
    ),
)


def stands_for(seed: str, system: System = SYSTEM) -> list[str]:
    land = views.build(system, Changes(), ContextSettings())
    book = concepts.lexicon(land.modules, largest=1.0)
    return [land.modules[n].name for n in ROOM.resolve(system, land, book, seed)]


@pytest.mark.parametrize(
    ("seed", "modules"),
    [
        ("shop.core", ["shop.core"]),
        ("shop.tax", ["shop.tax.law", "shop.tax.rates"]),
        ("shop/core.py", ["shop.core"]),
        ("table:rate", ["shop.tax.rates"]),
        ("rate", ["shop.tax.rates"]),
        ("table:log", ["shop.box.lid", "shop.core"]),  # those that use it at least half as much as the first
        ("tax", ["shop.box.tax_form", "shop.tax.law", "shop.tax.rates"]),
        ("taxes", ["shop.box.tax_form", "shop.tax.law", "shop.tax.rates"]),
        ("form", ["shop.box.tax_form"]),  # a word of one module alone
        ("box_tax", ["shop.box.tax_form"]),  # both words
    ],
)
def test_a_seed_is_a_module_package_file_table_or_word(seed: str, modules: list[str]) -> None:
    assert stands_for(seed) == modules


def test_a_package_that_is_a_module_stands_for_all_in_it() -> None:
    system = monolith([module(name) for name in ("shop.tax", "shop.tax.law", "shop.taxes")])
    assert stands_for("shop.tax", system) == ["shop.tax", "shop.tax.law"]


def test_ranks_are_told_on_a_logarithmic_scale_from_the_best_that_is_no_seed() -> None:
    found = ROOM._logarithmic([9.0, 1.0, e ** (-DEPTH / 2), e ** (-2 * DEPTH), 0.0], {0})
    assert found == pytest.approx([1 + log(9) / DEPTH, 1.0, 0.5, 0.0, 0.0])
    assert ROOM._logarithmic([1.0, 0.0], {0}) == [0.0, 0.0]


def test_words_in_common_count_by_the_seeds_that_carry_them_and_how_rare_they_are() -> None:
    names = ["s.tax_rate", "s.tax_law", "s.tax", "s.rate", "s.p", "s.q", "s.r", "s.u"]
    land = views.build(monolith([module(n) for n in names]), Changes(), ContextSettings())
    book = concepts.lexicon(land.modules, largest=1.0)
    number = {m.name: n for n, m in enumerate(land.modules)}
    score, carried = ROOM._shared_words(land, book, {number["s.tax_rate"]: 1.0, number["s.tax_law"]: 1.0})
    tax, rate = log(8 / 3), 0.25 * log(8 / 2)
    assert score[number["s.tax_rate"]] == 1.0
    assert score[number["s.tax"]] == pytest.approx(tax / (tax + rate))
    assert score[number["s.rate"]] == pytest.approx(rate / (tax + rate))
    assert score[number["s.p"]] == 0.0
    assert sorted(word for _, word in carried[number["s.tax_rate"]]) == ["rate", "tax"]


def commit(n: int, *modules: str) -> Commit:
    return Commit(sha=f"{n:040x}", time=n, subject="", modules=modules)


def test_each_suggestion_says_why_with_lines_and_commits() -> None:
    system = monolith(
        [
            module(name)
            for name in ("s.seed", "s.near_tax", "s.far", "s.tax_seed2", *(f"s.x{n}" for n in range(6)))
        ],
        imports=tuple(
            Import(importer=a, imported=b, line=line, kind="runtime")
            for a, b, line in (
                ("s.near_tax", "s.seed", 4),
                ("s.seed", "s.near_tax", 9),
                ("s.far", "s.near_tax", 1),
            )
        ),
        calls=(use("s.near_tax", "s.seed"), use("s.far", "s.near_tax")),
    )
    log_ = (
        *(commit(n, "s.seed", "s.near_tax") for n in range(3)),
        commit(9, "s.seed"),
        commit(10, "s.near_tax"),
    )
    ranked = suggest(system, Changes(log=log_), ["s.seed", "s.tax_seed2"])
    assert (
        {item.module for item in ranked if item.seed}
        == {item.module for item in ranked[:2]}
        == {"s.seed", "s.tax_seed2"}
    )
    assert [item.score for item in ranked[:3]] == [1.0, 1.0, 1.0]
    assert ranked[2].module == "s.near_tax"
    near, far = ranked[2], next(item for item in ranked if item.module == "s.far")
    assert near.reasons == (
        "shares the words tax",
        "imports and calls with s.seed",
        "changes together with s.seed (3 commits with a seed)",
    )
    assert [(place.file, place.line, place.symbol) for place in near.evidence] == [
        ("s/near_tax.py", 4, "s.seed"),
        ("s/seed.py", 9, "s.near_tax"),
    ]
    assert far.reasons == ("tied to the seeds through other modules only",)
    assert far.evidence == ()
    assert far.score < near.score
    assert ranked[0].reasons == ("a seed",)


def test_where_no_word_is_shared_the_ties_decide() -> None:
    names = ("aa.one", "zz.two", "cc.x1", "cc.x2", "cc.x3", "cc.x4", "dd.far", "ee.near")
    system = monolith(
        [module(name) for name in names],
        calls=(use("zz.two", "aa.one"), use("ee.near", "cc.x1"), use("dd.far", "zz.two")),
    )
    ranked = [item.module for item in suggest(system, Changes(), ["aa.one", "cc"]) if not item.seed]
    assert ranked == ["zz.two", "dd.far", "ee.near"]


def test_further_down_nobody_reads_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ROOM, "SHOWN", 2)
    ranked = suggest(SYSTEM, Changes(), ["shop.core"])
    assert [bool(item.reasons) for item in ranked] == [True, True, False, False, False]


@pytest.mark.parametrize(
    "seeds",
    [
        ["billing"],
        ["shop.billing.models"],
        ["shop/billing/models.py"],
        ["table:billing_item"],
        ["shop.billing"],
    ],
)
@pytest.mark.parametrize("by_layer", [False, True])
def test_suggest_ranks_the_domain_of_the_seed_first(seeds: list[str], by_layer: bool) -> None:
    system, changes, truth = layered(by_layer=by_layer)
    if by_layer:
        seeds = [
            s.replace("billing.models", "models.billing").replace("billing/models", "models/billing")
            for s in seeds
        ]
        seeds = ["billing"] if seeds == ["shop.billing"] else seeds
    ranked = suggest(system, changes, seeds)
    assert {truth.get(item.module) for item in ranked[:6]} == {"billing"}
    assert len({item.module for item in ranked}) == len(ranked)
    assert all(item.reasons for item in ranked[:10])
    assert all(0 <= item.score <= 1 for item in ranked)


def test_suggestions_cite_lines_that_exist() -> None:
    system, changes, _ = layered()
    lines = {(i.importer.replace(".", "/") + ".py", i.line, i.imported) for i in system.imports}
    cited = [e for item in suggest(system, changes, ["shop.billing.models"]) for e in item.evidence]
    assert cited
    assert {(e.file, e.line, e.symbol) for e in cited} <= lines


def test_an_unknown_seed_is_refused_with_near_names() -> None:
    system, changes, _ = layered()
    with pytest.raises(UnknownSeedError, match=r"billng.*billing"):
        suggest(system, changes, ["billng"])
