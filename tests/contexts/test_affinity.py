"""Tables that belong together, on the smallest systems on which each kind of tie decides."""

from __future__ import annotations

import pytest
from helpers.systems import access, module, monolith

from strangler.contexts.affinity import Tables, groups
from strangler.model import Access, ForeignKey, System, Table


def table(model: str, *refers: str, line: int = 1, name: str = "") -> Table:
    """A table called like its class, each in a file of its own; ``=`` instead of a class: without one."""
    keys = tuple(ForeignKey(column=f"{to}_id", table=to, line=1) for to in refers)
    named = name or model.lower()
    mapped = None if model.startswith("=") else f"shop.models.{model}"
    path = f"shop/{model}.py"
    return Table(
        name=named.lstrip("="), model=mapped, framework="django", path=path, line=line, foreign_keys=keys
    )


def together(*tables: Table, accesses: tuple[Access, ...] = ()) -> list[list[str]]:
    """The groups of more than one table."""
    system: System = monolith([module("shop.models")], tables=tables, accesses=accesses)
    found = groups(system, Tables(system, [one.name for one in tables]))
    return sorted(own for own in found if len(own) > 1)


OTHERS = tuple(table(name) for name in ("Apple", "Bridge", "Candle", "Donkey"))
"""Tables that nothing ties."""


def test_what_nothing_ties_stays_alone() -> None:
    assert together(*OTHERS) == []


def test_a_table_that_refers_to_another_and_is_called_after_it_is_part_of_it() -> None:
    tables = (table("Post"), table("PostPicture", "post"), table("Candle"), *OTHERS[:2])
    assert together(*tables) == [["post", "postpicture"]]


def test_a_table_that_only_links_others_goes_with_the_one_that_its_name_says_first() -> None:
    link = table("=", "article", "shelf", name="shelf_articles")
    named = table("ShelfArticleLink", "article", "shelf")
    tables = (table("Article"), table("ArticleText", "article"), table("Shelf"), table("ShelfPlan", "shelf"))
    assert together(*tables, link, named) == [
        ["article", "articletext"],
        ["shelf", "shelf_articles", "shelfarticlelink", "shelfplan"],
    ]


def test_two_tables_to_which_many_refer_are_never_of_one_domain() -> None:
    leaves = tuple(table(f"{word}", "customer", "product") for word in ("Ax", "Bow", "Cup", "Dish", "Egg"))
    accesses = tuple(access("shop.m", name, "write") for name in ("customer", "product"))
    roots = (table("Customer"), table("Product", "customer"))
    found = together(*roots, *leaves, accesses=accesses)
    assert not any({"customer", "product"} <= set(own) for own in found)
    few = together(*roots, *leaves[:2], accesses=accesses)
    assert any({"customer", "product"} <= set(own) for own in few)


def test_a_word_for_a_kind_of_table_ties_none_of_them() -> None:
    heads = ("Apple", "Bridge", "Candle", "Donkey")
    kinds = tuple(table(f"{head}{kind}") for head in heads for kind in ("Label", "AccessEntry"))
    assert together(*kinds, *OTHERS) == [
        sorted([head.lower(), f"{head.lower()}label", f"{head.lower()}accessentry"]) for head in heads
    ]
    tables = Tables(monolith([], tables=kinds), [one.name for one in kinds])
    assert tables.kinds == {"label", "access", "entry"}


@pytest.mark.parametrize("used", [("apple", "bridge"), ("candle", "donkey")])
def test_tables_that_the_same_functions_use_belong_together(used: tuple[str, str]) -> None:
    accesses = tuple(access("shop.views", name, "write", f"f{n}") for name in used for n in range(2))
    assert together(*OTHERS, accesses=accesses) == [list(used)]
