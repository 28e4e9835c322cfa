"""Names of contexts: whose claim comes first, and what a word must do to name one."""

from __future__ import annotations

import pytest
from helpers.systems import context, module, monolith

from strangler.contexts import naming
from strangler.model import Table


def named(*groups: list[str], **given: object) -> list[str]:
    system = monolith([module(name) for group in groups for name in group])
    return naming.name_all(system, groups, **given)  # type: ignore[arg-type]


TAX = [f"shop.tax.m{n}" for n in range(4)]
BOX = [f"shop.box.m{n}" for n in range(4)]


def test_the_word_that_members_carry_and_others_do_not_names_them() -> None:
    assert named(TAX, BOX) == ["tax", "box"]


def test_the_users_name_comes_before_the_last_run_that_before_the_concept() -> None:
    previous = (context("money", *TAX), context("parcels", *BOX))
    assert named(TAX, BOX, taken={0: "mine"}, previous=previous, held={0: "a", 1: "b"}) == ["mine", "parcels"]
    assert named(TAX, BOX, previous=previous, held={0: "a", 1: "b"}) == ["money", "parcels"]
    assert named(TAX, BOX, held={0: "levies", 1: "@shop.box.Inner_part"}) == ["levies", "inner-part"]


@pytest.mark.parametrize(("common", "kept"), [(2, False), (3, True)])
def test_a_name_is_kept_where_more_than_half_is_the_same(common: int, kept: bool) -> None:
    """Four modules before; ``common`` of them and no others now."""
    found = named(TAX[:common], BOX, previous=(context("money", *TAX),))
    assert (found[0] == "money") is kept


def test_the_better_heir_gets_the_name_and_it_is_given_once() -> None:
    old = [*TAX, *BOX]
    found = named([*TAX, *BOX[:1]], BOX[1:], previous=(context("all", *old),))
    assert found[0] == "all"
    two = (context("first", *TAX), context("second", *TAX, "shop.tax.gone"))
    assert named(TAX, BOX, previous=two)[0] == "first"
    kernel = context("old", *TAX, kind="shared_kernel")
    assert named(TAX, BOX, previous=(kernel, context("none")))[0] == "tax"


def test_a_name_that_is_taken_gets_a_second_word_or_a_number() -> None:
    assert named(
        [f"shop.tax.tariff.m{n}" for n in range(4)], BOX, taken={1: "tax"}, reserved=frozenset({"tariff"})
    )[0] in (
        "tax-tariff",
        "tariff-tax",
    )
    assert naming._free(["tax"], naming._Taken({"tax"})) == "tax-2"
    assert naming._free(["tax"], naming._Taken({"tax", "tax-2"})) == "tax-3"
    assert naming._free(["tax", "tax", "rate"], naming._Taken({"tax"})) == "tax-rate"
    assert naming._free(["tax", "rate", "law"], naming._Taken({"tax", "tax-rate"})) == "tax-law"
    assert naming._free(["tax", "rate"], naming._Taken(())) == "tax"


def test_the_top_package_names_nobody_and_a_rare_word_neither() -> None:
    assert named(["shop.a_one", "shop.b_two", "shop.c_three", "shop.d_four", "shop.e_five"], TAX)[0] == "shop"
    assert named(["shop.a_one", "shop.b_two", "shop.c_three", "shop.d_four"], TAX)[0] in (
        "four",
        "three",
        "one",
        "two",
    )


def test_layer_words_name_a_context_last() -> None:
    group = [f"shop.views.thing_{word}" for word in ("tax", "levy", "duty", "toll", "rate")]
    assert named(group, BOX)[0] == "thing"


def test_a_group_without_a_common_word_is_called_after_its_package() -> None:
    found = named(["shop.x1.a", "shop.y2.b", "shop.z3.c", "shop.v4.d", "shop.w5.e"], TAX)
    assert found[0] == "v4"
    assert naming._package(["a.B.c", "a.B.d", "a.c.e"]) == "b"
    assert naming._package(["alone"]) == "alone"


def test_words_are_ranked_by_how_well_they_tell_members_from_others() -> None:
    from collections import Counter

    text, spread = Counter(tax=4, rate=4, law=2, x=9), Counter(tax=4, rate=8, law=2, x=9)
    assert naming._ranked(text, spread, 4, {}) == ["tax", "rate", "law"]
    assert naming._ranked(text, spread, 4, {"tax": 1.0}) == ["rate", "law", "tax"]
    assert naming._ranked(Counter(tax=4, taxes=4), Counter(tax=4, taxes=4), 4, {}) == ["taxes", "tax"]


def declaring(*groups: list[str], tables: tuple[tuple[str, str], ...], **given: object) -> list[str]:
    """Names of the groups where these modules declare these tables' models."""
    system = monolith(
        [module(name) for group in groups for name in group],
        tables=tuple(
            Table(name=model.lower(), model=f"{where}.{model}", framework="django", path="", line=1)
            for where, model in tables
        ),
    )
    return naming.name_all(system, groups, **given)  # type: ignore[arg-type]


CORE = ["shop.core.util", "shop.core.text", "shop.people.models", "shop.people.views", "shop.stock.models"]


def test_the_name_of_anything_gives_way_to_what_the_tables_are_about() -> None:
    people = (
        ("shop.people.models", "Person"),
        ("shop.people.models", "Team"),
        ("shop.people.models", "Role"),
    )
    stock = ("shop.stock.models", "Bin")
    held = {0: "@shop.core", 1: "@shop.tax"}
    assert declaring(CORE, TAX, tables=people, held=held) == ["people", "tax"]
    assert declaring(CORE, TAX, tables=(*people, stock), held=held)[0] == "people"
    assert (
        declaring(CORE, TAX, tables=(*people, stock, ("shop.stock.models", "Lot")), held=held)[0]
        == "people-stock"
    )
    assert declaring(CORE, TAX, tables=people[:1], held=held)[0] == "core"  # one table says little
    assert declaring(CORE, TAX, tables=people, held={0: "@shop"})[0] == "people"  # the system's own name
    assert declaring(CORE, TAX, tables=people, held=held, without={0})[0] == "core"  # a library, say


def test_a_general_name_stays_where_the_tables_are_its_own() -> None:
    own = [f"shop.core.m{n}" for n in range(4)]
    tables = (("shop.core.m0", "Job"), ("shop.core.m1", "Change"))
    assert declaring(own, TAX, tables=tables, held={0: "@shop.core"})[0] == "core"


def test_a_package_with_half_of_a_context_is_named_with_the_other_half() -> None:
    group = ["shop.group.models", "shop.group.views", "shop.storage.models", "shop.storage.views"]
    tables = (("shop.group.models", "Group"), ("shop.storage.models", "Drive"))
    held = {0: "@shop.group", 1: "@shop.tax"}
    assert declaring(group, TAX, tables=tables, held=held)[0] == "group-storage"
    assert declaring(group, TAX, tables=tables[:1], held=held)[0] == "group"
    assert (
        declaring([*group, "shop.group.more", "shop.group.last"], TAX, tables=tables, held=held)[0] == "group"
    )


def test_digits_part_no_word_of_a_package_name() -> None:
    assert named([f"shop.b2b.m{n}" for n in range(4)], BOX, held={0: "@shop.b2b"})[0] == "b2b"


FEELERS = [f"shop.feelers.m{n}" for n in range(5)]
METERS = [f"shop.meters.m{n}" for n in range(5)]


@pytest.mark.parametrize(
    ("tables", "name"),
    [
        pytest.param(((METERS[0], "Meter"),), "meters", id="one of the two has the tables"),
        pytest.param(((METERS[0], "Meter"), (FEELERS[0], "Feeler")), "feelers-meters", id="both have some"),
        pytest.param((), "feelers", id="none is known"),
    ],
)
def test_a_package_without_tables_beside_one_with_all_of_them_does_not_name_the_context(
    tables: tuple[tuple[str, str], ...], name: str
) -> None:
    assert declaring([*FEELERS, *METERS], BOX, tables=tables, held={0: "@shop.feelers"})[0] == name


def test_what_only_says_more_of_the_other_name_is_left_out() -> None:
    modules = [f"shop.{package}.m{n}" for package in ("rate_type", "rate") for n in range(4)]
    tables = (("shop.rate_type.m0", "Kind"), ("shop.rate.m0", "Rate"))
    assert declaring(modules, BOX, tables=tables, held={0: "@shop.rate_type"})[0] == "rate"


def test_the_package_with_the_tables_has_the_first_right_to_its_name() -> None:
    """Whatever comes first and is larger: a face is called after the package above it, too."""
    face = [f"shop.api.tax.m{n}" for n in range(6)]
    own = [f"shop.tax.m{n}" for n in range(3)]
    table = Table(name="tax", model="shop.tax.m0.Tax", framework="django", path="", line=1)
    system = monolith([module(name) for name in (*face, *own)], tables=(table,))
    held = {0: "@shop.api.tax", 1: "@shop.tax"}
    assert naming.name_all(system, [face, own], held=held) == ["api-tax", "tax"]
    assert naming.name_all(system, [face, own], without={0}) == ["tax-api", "tax"]


def test_names_that_differ_by_a_sign_only_never_stand_beside_each_other() -> None:
    face, own = [f"shop.api.tax_rates.m{n}" for n in range(3)], [f"shop.tax_rates.m{n}" for n in range(3)]
    found = named(face, own, held={0: "@shop.api.tax_rates"}, taken={1: "tax_rates"})
    assert found == ["api-tax-rates", "tax_rates"]
    assert named(["shop.x1.Tax_a.b", "shop.x1.Tax_a.d", "shop.y2.c"], BOX)[0] == "tax"


def test_tables_that_a_context_does_not_own_do_not_name_it() -> None:
    people = (("shop.people.models", "Person"), ("shop.people.models", "Team"))
    held = {0: "@shop.core", 1: "@shop.tax"}
    assert declaring(CORE, TAX, tables=people, held=held, owned={0: {"person", "team"}})[0] == "people"
    assert declaring(CORE, TAX, tables=people, held=held, owned={0: {"team"}, 1: {"person"}})[0] == "core"
    assert declaring(CORE, TAX, tables=people, held=held, owned={})[0] == "core"


def test_a_version_of_an_interface_names_nothing_that_declares_tables_elsewhere() -> None:
    group = ["shop.api.v2.views", "shop.api.v2.urls", "shop.api.v2.forms", "shop.goods.models"]
    goods = (("shop.goods.models", "Good"), ("shop.goods.models", "Price"))
    held = {0: "@shop.api.v2", 1: "@shop.tax"}
    assert declaring(group, TAX, tables=goods, held=held)[0] == "goods"
