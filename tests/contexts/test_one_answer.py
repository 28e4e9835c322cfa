"""Whatever a system looks like: what is told of its tables, classes and domains is the same everywhere."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from helpers.systems import access, context, model_of, module, monolith, use
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler import pipeline
from strangler.contexts import propose
from strangler.contexts.consistency import contradictions
from strangler.model import (
    Changes,
    Definition,
    Domain,
    ForeignKey,
    ModulePart,
    ModuleSplit,
    System,
    Table,
)

AREAS = ("order", "page", "stock")
FILES = ("shop.models", "shop.stock.models")
USERS = tuple(f"shop.{area}.{layer}" for area in AREAS for layer in ("views", "tasks", "forms", "helpers"))
CLASSES = tuple(f"{area.title()}{part}" for area in AREAS for part in ("", "Line", "History", "Note"))
FUNCTIONS = tuple(f"{verb}_{area}" for area in AREAS for verb in ("find", "save"))


def name_of(model: str) -> str:
    return model.lower()


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Two files with the classes and functions of three areas, which anything may use."""
    homes = {model: draw(st.sampled_from(FILES)) for model in CLASSES}
    tables = st.sampled_from(tuple(map(name_of, CLASSES)))
    keys = st.lists(tables, max_size=2, unique=True)
    definitions = [
        Definition(module=homes[name], line=n, end_line=n, name=name, kind="class")
        for n, name in enumerate(CLASSES)
    ]
    definitions += [
        Definition(module=file, line=50 + n, end_line=50 + n, name=name, kind="function")
        for file in FILES
        for n, name in enumerate(FUNCTIONS)
    ]
    places = st.sampled_from([*((user, "f") for user in USERS), *((f, g) for f in FILES for g in FUNCTIONS)])
    touched = draw(st.lists(st.tuples(places, tables, st.sampled_from(("read", "write"))), max_size=40))
    called = draw(st.lists(st.tuples(st.sampled_from(USERS), st.sampled_from(CLASSES)), max_size=20))
    return monolith(
        map(module, (*FILES, *USERS)),
        definitions=tuple(definitions),
        tables=tuple(
            Table(
                name=name_of(model),
                model=f"{homes[model]}.{model}",
                framework="django",
                path=homes[model].replace(".", "/") + ".py",
                line=n,
                foreign_keys=tuple(ForeignKey(column=f"{to}_id", table=to) for to in sorted(draw(keys))),
            )
            for n, model in enumerate(CLASSES)
        ),
        accesses=tuple(
            access(where, table, kind, function) for (where, function), table, kind in sorted(set(touched))
        ),
        calls=(
            *(use(user, homes[model], target=model) for user, model in sorted(set(called))),
            *(use(a, b) for a in USERS for b in USERS if a != b and a.split(".")[1] == b.split(".")[1]),
        ),
    )


@settings(max_examples=50)
@given(systems())
def test_no_class_lies_in_a_part_about_something_else_than_its_table(system: System) -> None:
    """``assemble`` refuses what contradicts itself."""
    assert pipeline.assemble(system, Changes(), propose(system, Changes())).contexts


def test_a_class_in_the_part_of_something_else_is_a_contradiction() -> None:
    """In a god module as in a module to split of what stays."""
    system = monolith(
        [module("shop.models"), module("shop.views")],
        tables=(Table(name="page", model="shop.models.Page", framework="django", path="", line=1),),
    )
    split = ModuleSplit(
        module="shop.models", parts=(ModulePart(context="order", definitions=("Page", "now")),)
    )
    domains = (Domain(name="order", tables=("cart",)), Domain(name="page", tables=("page",)))
    inside = context(
        "all",
        "shop.models",
        tables=("cart", "page"),
        domains=domains,
        to_split=("shop.models",),
        splits=(split,),
    )
    outside = context("page", "shop.models", tables=("page",))
    for model in (
        model_of(inside, tables=system.tables),
        model_of(outside, tables=system.tables, splits=(split,)),
    ):
        assert list(contradictions(model)) == [
            "shop.models.Page maps a table of 'page' and lies in the part of 'order'"
        ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tables": ("cart", "page", "seal")}, "table 'seal' of 'all' is told with none of its domains"),
        ({"tables": ("cart",)}, "table 'page' is in a domain of 'all', which does not own it"),
        ({"modules": ("shop.a", "shop.b")}, "module 'shop.b' of 'all' is told with none of its domains"),
        ({"to_split": ("shop.a",)}, "module 'shop.a' is in 2 domains of 'all'"),
        ({"in_none": Domain(name="", tables=("cart",))}, "table 'cart' is in 2 domains of 'all'"),
    ],
)
def test_domains_and_the_rest_are_all_of_what_they_lie_in(changed: dict[str, Any], said: str) -> None:
    domains = (
        Domain(name="order", tables=("cart",)),
        Domain(name="page", modules=("shop.a",), tables=("page",)),
    )
    fine = model_of(context("all", "shop.a", tables=("cart", "page"), domains=domains))
    assert list(contradictions(fine)) == []
    (one,) = fine.contexts
    broken = msgspec.structs.replace(fine, contexts=(msgspec.structs.replace(one, **changed),))
    assert list(contradictions(broken)) == [said]
