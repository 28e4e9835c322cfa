"""What stays of a monolith is told with the domains in it, their tables and what is about them."""

from __future__ import annotations

import msgspec
import pytest
from helpers.systems import access, context, model_of, module, monolith

from strangler.commands.summary import summarise
from strangler.contexts import propose, staying, views, within
from strangler.contexts.ranking import rank_contexts
from strangler.contexts.values import ContextSettings
from strangler.model import Changes, Definition, ForeignKey, System, Table
from strangler.reports.index import Index
from strangler.reports.story import story
from strangler.reports.verdict import verdict

TABLES = {
    "order": ("Order", ("customer",)),
    "order_line": ("OrderLine", ("order",)),
    "order_note": ("OrderNote", ("order",)),
    "page": ("Page", ()),
    "page_picture": ("PagePicture", ("page",)),
}
"""A shop's tables with their classes, and the tables that they refer to."""
USES = {
    "views.checkout": ("order", "order_line"),
    "tasks.dunning": ("order", "order_note"),
    "views.editor": ("page", "page_picture"),
    "views.home": ("order", "page"),
    "utils.dates": (),
    "views.pages": ("p0",),
}


def shop(apart: bool = False, tables: dict[str, tuple[str, tuple[str, ...]]] = TABLES) -> System:
    """A shop with all of its classes in one file, or in a package for each kind (``apart``)."""

    def home(name: str) -> str:
        return f"shop.{'page' if 'page' in name else 'order'}.models" if apart else "shop.models"

    names = [f"shop.{name}" for name in USES] + sorted({home(name) for name in tables})
    return monolith(
        [module(name) for name in names],
        tables=tuple(
            Table(
                name=name,
                model=f"{home(name)}.{model}",
                framework="django",
                path=home(name).replace(".", "/") + ".py",
                line=1,
                foreign_keys=tuple(
                    ForeignKey(column=f"{to}_id", table=to, line=1) for to in keys if to in tables
                ),
            )
            for name, (model, keys) in tables.items()
        ),
        accesses=tuple(
            access(f"shop.{name}", table, "write")
            for name, used in USES.items()
            for table in used
            if table in tables
        ),
    )


def inside(system: System, layers: tuple[str, ...] = ()) -> within.Found:
    land = views.build(system, Changes(), ContextSettings())
    own = [n for n, one in enumerate(land.modules) if one.name not in layers]
    aside = [land.index[name] for name in layers]
    return within.find(system, land, [table.name for table in system.tables], own, aside)


def test_tables_in_one_file_are_told_apart_by_domain() -> None:
    found = inside(shop())
    assert [(domain.name, domain.tables) for domain in found.domains] == [
        ("order", ("order", "order_line", "order_note")),
        ("page", ("page", "page_picture")),
    ]


def test_modules_go_with_the_tables_that_they_use_and_by_their_names() -> None:
    orders, pages = inside(shop()).domains
    assert orders.modules == ("shop.tasks.dunning", "shop.views.checkout")
    assert pages.modules == ("shop.views.editor", "shop.views.pages")


def test_what_serves_several_domains_is_to_be_split() -> None:
    assert inside(shop()).to_split == ("shop.models", "shop.views.home")
    assert inside(shop(apart=True)).to_split == ("shop.views.home",)


def test_modules_of_layers_go_along_but_are_not_to_be_split() -> None:
    found = inside(shop(), layers=("shop.views.editor", "shop.views.home"))
    assert found.domains[1].modules == ("shop.views.editor", "shop.views.pages")
    assert found.to_split == ("shop.models",)


@pytest.mark.parametrize("left_out", ["page_picture", "page"])
def test_one_table_is_no_domain(left_out: str) -> None:
    found = inside(shop(tables={name: row for name, row in TABLES.items() if name != left_out}))
    assert found == within.Found()


def test_a_table_that_only_links_others_makes_no_domain() -> None:
    system = shop(tables={name: row for name, row in TABLES.items() if name != "page_picture"})
    link = Table(
        name="page_orders",
        model=None,
        framework="django",
        path="shop/models.py",
        line=9,
        foreign_keys=tuple(ForeignKey(column=f"{to}_id", table=to, line=9) for to in ("page", "order")),
    )
    linked = monolith(system.modules, tables=(*system.tables, link), accesses=system.accesses)
    assert inside(linked) == within.Found()


def test_what_stays_is_marked_in_the_proposal_with_its_domains() -> None:
    (one,) = [found for found in propose(shop(), Changes()).contexts if found.rest]
    assert [domain.name for domain in one.domains] == ["order", "page"]
    assert "shop.models" in one.to_split


def test_what_is_no_business_of_its_own_is_not_what_stays() -> None:
    model = model_of(
        context("core", *(f"core.m{n}" for n in range(9)), kind="platform", tables=("a", "b")),
        context("one", "one.m"),
    )
    assert staying.find(model.system, model.contexts, model.crossings) == frozenset()


@pytest.mark.parametrize(
    ("classes", "called"),
    [
        pytest.param(("PageText", "PagePicture", "PageMenu"), "page", id="a word that most carry"),
        pytest.param(("PageText", "PagePicture", "Menu"), "menu", id="what most refer to, called otherwise"),
        pytest.param(("Text", "Picture", "Menu"), "menu", id="what most refer to"),
    ],
)
def test_a_domain_is_named_after_its_tables(classes: tuple[str, ...], called: str) -> None:
    orders = {name: row for name, row in TABLES.items() if "order" in name}
    pages = {f"p{n}": (name, ("p2",) if n < 2 else ()) for n, name in enumerate(classes)}
    found = inside(shop(tables=orders | pages))
    assert [domain.name for domain in found.domains if "p2" in domain.tables] == [called]


def test_a_word_for_a_kind_of_table_is_named_where_all_tables_of_a_domain_say_it_next() -> None:
    more = {
        "page": ("PullRequest", ()),
        "page_picture": ("PullRequestText", ("page",)),
        "cart": ("CartRequest", ("order",)),
        "seat": ("SeatRequest", ("order",)),
    }
    found = inside(shop(tables=TABLES | more))
    assert [domain.name for domain in found.domains if "page" in domain.tables] == ["pull-request"]


@pytest.mark.parametrize(
    ("tables", "package", "needed", "stays"),
    [(3, "", 3, True), (2, "", 3, False), (3, "lump.", 3, False), (3, "", 1, False)],
)
def test_what_lies_beside_the_packages_stays_with_a_quarter_of_the_tables_that_most_need(
    tables: int, package: str, needed: int, stays: bool
) -> None:
    """Of eight tables or more; three of the four others need it, or one."""
    others = [
        context(n, *(f"app.{n}.m{k}" for k in range(6)), tables=(f"{n}1", f"{n}2")) for n in ("a", "b", "c")
    ]
    own = tuple(f"t{n}" for n in range(tables))
    lump = context("lump", *(f"app.{package}m{n}" for n in range(4)), tables=own)
    reads = tuple(access(f"app.{name}.m0", "t0") for name in ("a", "b", "c")[:needed])
    model = model_of(lump, *others, accesses=reads)
    assert ("lump" in staying.find(model.system, model.contexts, model.crossings)) is stays


def test_a_platform_where_the_models_of_all_lie_is_what_stays_and_told_by_its_domains() -> None:
    names = tuple(f"t{n}" for n in range(5))
    tables = tuple(Table(name=n, model=None, framework="django", path="", line=1) for n in names)
    model = model_of(
        context("core", "core.m", kind="platform", tables=names[:3]),
        context("base", "base.m", kind="platform", tables=names[3:]),
        *(context(name, f"{name}.m") for name in ("one", "two")),
        tables=tables,
    )
    assert staying.find(model.system, model.contexts, model.crossings) == {"core"}
    assert {c.context: c.excluded for c in rank_contexts(model)} == {
        "core": "rest",
        "base": "platform",
        "one": "",
        "two": "",
    }
    lines = summarise(model, verdict(model, Index(model))).splitlines()
    assert any(line.startswith("Contexts  2 proposed, and what stays") for line in lines)
    assert any(line.startswith("  core (what stays) ") for line in lines)
    assert [line.split()[-1] for line in lines if line.startswith("  (platform)")] == ["1"]


def test_a_large_module_of_several_domains_is_told_with_what_belongs_to_which() -> None:
    system = shop()
    names = [*(model for model, _ in TABLES.values()), "pay", "ship", "publish", "now"]
    definitions = [
        Definition(module="shop.models", line=n, end_line=n, name=name, kind="class")
        for n, name in enumerate(names)
    ]
    touches = [
        access("shop.models", to, "write", by)
        for by, to in (("pay", "order"), ("ship", "order_line"), ("publish", "page"))
    ]
    found = inside(
        msgspec.structs.replace(system, definitions=tuple(definitions), accesses=(*system.accesses, *touches))
    )
    (split,) = found.splits
    assert (split.module, {part.context: part.definitions for part in split.parts}) == (
        "shop.models",
        {
            "": ("now",),
            "order": ("Order", "OrderLine", "OrderNote", "pay", "ship"),
            "page": ("Page", "PagePicture", "publish"),
        },
    )
    assert found.to_split[0] == "shop.models"


def test_a_domain_says_why_its_tables_belong_together() -> None:
    orders, pages = inside(shop()).domains
    assert orders.reasons == (
        "2 of its 3 tables refer to order",
        "3 of 3 are called order ...",
        "2 functions use several of them",
    )
    assert pages.reasons[0] == "1 of its 2 tables refers to page"


@pytest.mark.parametrize("called", ["seal", "home"])
def test_what_nothing_uses_is_no_domain_whatever_its_name_and_is_told_as_in_none(called: str) -> None:
    """``home`` is the name of a module, too."""
    more = {called: (called.title(), ()), f"{called}_mark": (f"{called.title()}Mark", (called,))}
    system = shop(tables=TABLES | more)
    assert [domain.name for domain in inside(system).domains] == ["order", "page"]
    (one,) = [found for found in propose(system, Changes()).contexts if found.rest]
    assert one.in_none is not None
    assert one.in_none.tables == (called, f"{called}_mark")
    assert one.in_none.modules == ("shop.utils.dates",)


def test_the_terminal_says_that_the_work_starts_with_the_domains_of_what_stays() -> None:
    orders, pages = inside(shop()).domains
    stays = context(
        "shop", *(f"shop.m{n}" for n in range(9)), domains=(orders, pages), to_split=("shop.models",)
    )
    model = model_of(stays, context("two", "two.m"))
    lines = summarise(model, verdict(model, Index(model))).splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("  shop (what stays)"))
    assert lines[place + 1 : place + 3] == [
        "    the work starts here, 2 domains: order, page",
        "    to split first: shop.models",
    ]


def test_the_page_counts_the_contexts_that_the_terminal_counts() -> None:
    orders, pages = inside(shop()).domains
    model = model_of(
        context("shop", *(f"shop.m{n}" for n in range(9)), domains=(orders, pages)),
        context("mixed", "mixed.m", domains=(orders, pages)),
        context("one", "one.m"),
        context("two", "two.m"),
    )
    judged = verdict(model, Index(model))
    assert "Contexts  2 proposed, 1 to divide, and what stays" in summarise(model, judged)
    assert next(f.value for f in story(model, Index(model), judged).figures if f.label == "Contexts") == "2"


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("shop.templatetags.money_tags", ""),
        ("shop.templatetags.page_parts", "page"),
        ("shop.lib.money_tags", "tag"),
        ("shop.tags.money", "tag"),
    ],
)
def test_what_a_layer_says_of_its_files_says_nothing_of_their_domain(name: str, about: str) -> None:
    """Tags of templates are no tags of rows."""
    tags = {"tag": ("Tag", ()), "tag_name": ("TagName", ("tag",))}
    system = shop(tables=TABLES | tags)
    uses = (*system.accesses, access("shop.tasks.tags", "tag", "write"))
    more = (*system.modules, module("shop.tasks.tags"), module(name))
    found = inside(msgspec.structs.replace(system, modules=tuple(sorted(more)), accesses=uses))
    assert "tag" in [domain.name for domain in found.domains]
    assert "".join(domain.name for domain in found.domains if name in domain.modules) == about
