"""Which context owns a table: the smallest ballots on which each vote decides."""

from __future__ import annotations

import msgspec
import pytest
from helpers.systems import module, monolith

from strangler.contexts.ownership import owners
from strangler.model import Access, ForeignKey, System, Table


def access(
    module: str,
    operation: str,
    function: str | None = "f",
    via: str = "orm",
    line: int = 1,
    table: str = "item",
) -> Access:
    return Access(
        module=module,
        line=line,
        table=table,
        operation=operation,  # type: ignore[arg-type]
        function=function,
        via=via,
        certainty="certain",
    )


def declared(model: str | None, path: str = "a.py") -> Table:
    return Table(name="item", model=model, framework="django", path=path, line=1)


def system(*accesses: Access, tables: tuple[Table, ...] = ()) -> System:
    return monolith([module(name) for name in "abc"], accesses=accesses, tables=tables)


def by(module: str, count: int, operation: str, via: str = "orm") -> list[Access]:
    """As many functions of a module, each with one access."""
    return [access(module, operation, f"f{n}", via) for n in range(count)]


@pytest.mark.parametrize(
    ("votes", "owner"),
    [
        (by("a", 9, "read") + by("b", 1, "write"), "two"),  # nine readers do not weigh one writer
        (by("a", 11, "read") + by("b", 1, "write"), "one"),  # eleven do
        (by("a", 11, "write", "cascade") + by("b", 1, "read"), "two"),  # a delete takes along what it finds
        (by("a", 11, "read", "ambient") + by("b", 1, "read"), "two"),  # each page has what settings put there
        (by("a", 1, "write", "cascade"), "one"),  # where nothing else touches it
        (by("a", 1, "write") + by("b", 1, "write"), "one"),  # equal votes: by name
        ([access("a", "write"), access("a", "write", line=9), *by("b", 2, "write")], "two"),
        ([access("a", "write"), access("a", "read"), *by("b", 1, "write")], "one"),
    ],
)
def test_a_table_belongs_to_the_context_with_most_votes(votes: list[Access], owner: str) -> None:
    assert owners(system(*votes), {"a": "one", "b": "two"}) == {"item": owner}


@pytest.mark.parametrize(("writers", "owner"), [(2, "one"), (4, "two")])
@pytest.mark.parametrize("table", [declared("a.Item"), declared(None), declared("lib.Item")])
def test_a_declaration_weighs_three_writing_functions(table: Table, writers: int, owner: str) -> None:
    found = system(*by("b", writers, "write"), tables=(table,))
    assert owners(found, {"a": "one", "b": "two"}) == {"item": owner}


@pytest.mark.parametrize(
    ("migrations", "role", "owner"),
    [
        (("shop.a.migrations.0001_initial", "shop.c.migrations.0001_initial"), "migration", "one"),
        (("shop.b.migrations.0001_initial", "shop.c.migrations.0001_initial"), "migration", "two"),
        (("shop.a.migrations.runner", "shop.c.migrations.runner"), "code", "two"),  # called so, and none
        (("shop.a.migrations.0001_initial", "shop.a.migrations.0002_more"), "migration", "two"),  # for all
        (("shop.a.migrations.versions.one", "shop.c.migrations.versions.one"), "migration", "two"),
        (("shop.a.models.old.one", "shop.c.models.old.one"), "migration", "two"),
    ],
)
def test_a_table_is_where_its_app_keeps_the_migrations(
    migrations: tuple[str, ...], role: str, owner: str
) -> None:
    names = {"shop.a.models": "one", "shop.b.views": "two"}
    found = monolith(
        [*map(module, names), *(module(name, role=role) for name in migrations)],
        accesses=by("shop.b.views", 9, "write"),
        tables=(declared("shop.a.models.Item"),),
    )
    assert owners(found, names) == {"item": owner}
    assert owners(found, names, {"item": "two"}) == {"item": "two"}
    assert owners(found, names, never=frozenset({"one"})) == {"item": "two"}
    few = msgspec.structs.replace(found, accesses=tuple(by("shop.b.views", 2, "write")))
    assert owners(few, names, never=frozenset({"one"})) == {"item": owner}, "it keeps what it runs by"


@pytest.mark.parametrize(
    ("rival", "owner"),
    [(by("b", 1, "write") + by("b", 9, "read"), "items"), (by("b", 2, "write") + by("b", 5, "read"), "two")],
)
def test_a_word_of_its_name_weighs_one_writing_function(rival: list[Access], owner: str) -> None:
    assert owners(system(*by("a", 1, "write"), *rival), {"a": "items", "b": "two"}) == {"item": owner}


def test_what_no_context_holds_has_no_vote_and_what_the_team_pins_has_the_last() -> None:
    found = system(*by("b", 5, "write"), access("a", "read"), tables=(declared("c.Item", "c.py"),))
    assert owners(found, {"a": "one"}) == {"item": "one"}
    assert owners(found, {"a": "one"}, {"item": "three", "other": "one"}) == {"item": "three", "other": "one"}
    assert owners(system(*by("b", 1, "write")), {"a": "one"}) == {}


@pytest.mark.parametrize(
    ("votes", "owner"),
    [
        (by("a", 9, "write") + by("b", 1, "read"), "two"),  # whoever is at work comes before who only fills
        (by("a", 1, "write") + by("c", 1, "write"), "one"),  # among those who only fill, the first
        (by("c", 2, "write") + by("a", 1, "write"), "three"),
    ],
)
def test_commands_own_only_what_no_other_touches(votes: list[Access], owner: str) -> None:
    contexts = {"a": "one", "b": "two", "c": "three"}
    assert owners(system(*votes), contexts, never=frozenset({"one", "three"})) == {"item": owner}


@pytest.mark.parametrize(
    ("table", "others", "owner"),
    [
        ("stripe_price", 1, "one"),
        ("stripe_price", 2, "two"),  # less than three quarters
        ("auth_user", 0, "two"),
        ("django_content_type", 0, "two"),
        ("pg_class", 0, "two"),
    ],
)
def test_the_tables_of_libraries_go_to_the_platform_unless_one_context_alone_uses_them(
    table: str, others: int, owner: str
) -> None:
    votes = [*by("a", 5, "write"), *by("c", others, "write")]  # no class declares the table
    found = system(*(msgspec.structs.replace(vote, table=table) for vote in votes))
    contexts = {"a": "one", "b": "two", "c": "three"}
    assert owners(found, contexts, platforms=frozenset({"two"})) == {table: owner}
    never = frozenset({"one"})
    assert owners(found, contexts, never=never, platforms=frozenset({"two"})) == {table: "two"}


def test_of_several_platforms_the_one_that_uses_a_table_most_has_it() -> None:
    found = system(*by("b", 1, "read"))
    assert owners(found, {"a": "one", "b": "two"}, platforms=frozenset({"one", "two"})) == {"item": "two"}


def test_a_table_that_only_sql_text_names_may_be_the_systems_own() -> None:
    found = system(*by("a", 5, "write", "sql"))
    assert owners(found, {"a": "one", "b": "two"}, platforms=frozenset({"two"})) == {"item": "one"}


def test_a_model_of_a_test_says_nothing_of_the_package_around_it():
    modules = [module("a"), module("a.tests", role="test"), module("b")]
    table = declared("a.tests.Item", path="a/tests.py")
    found = monolith(modules, accesses=(access("b", "read"),), tables=(table,))
    assert owners(found, {"a": "one", "b": "two"}) == {"item": "two"}


def test_who_writes_the_tables_of_many_owns_none_of_them_for_it() -> None:
    tables = tuple(
        Table(name=name, model=f"{at}.Item", framework="sqlalchemy", path=f"{at}.py", line=1)
        for name, at in (("item", "a"), ("flag", "b"), ("box", "c"), ("kit", "d"))
    )
    contexts = {"a": "one", "b": "staff", "c": "three", "d": "four"}
    modules = [module(name) for name in contexts]

    def owner(*more: Access) -> str:
        found = monolith(modules, tables=tables, accesses=(*by("b", 9, "write"), *more))
        return owners(found, contexts)["item"]

    def writes(table: str) -> Access:
        return msgspec.structs.replace(access("b", "write"), table=table)

    assert owner() == "staff"
    assert owner(writes("box")) == "staff"
    assert (
        owner(writes("box"), writes("kit")) == "one"
    )  # nine writes count three, no more than the declaration


def test_where_models_lie_all_over_who_declares_none_owns_nothing_that_others_declare() -> None:
    tables = tuple(
        Table(name=name, model=f"{at}.Item", framework="sqlalchemy", path=f"{at}.py", line=1)
        for name, at in (("item", "a"), ("box", "c"))
    )
    found = monolith([module(name) for name in "abc"], tables=tables, accesses=by("b", 9, "write"))
    assert owners(found, {"a": "one", "b": "two", "c": "three"})["item"] == "one"
    assert (
        owners(found, {"a": "models", "b": "two", "c": "models"})["item"] == "two"
    )  # one holds those of all


@pytest.mark.parametrize(
    ("name", "owner"),
    [("auth_user", "two"), ("django_session", "two"), ("django_content_type", None), ("pg_class", None)],
)
def test_tables_of_frameworks_go_to_who_keeps_the_users_or_to_nobody(name: str, owner: str | None) -> None:
    profile = Table(name="profile", model="accounts.models.Profile", framework="django", path="", line=1)
    touched = [msgspec.structs.replace(one, table=name) for one in by("a", 5, "write")]
    modules = [module("a"), module("accounts.models")]
    found = monolith(modules, tables=(profile,), accesses=touched)
    assert owners(found, {"a": "one", "accounts.models": "two"}).get(name) == owner
    alone = monolith(modules, accesses=touched)
    assert owners(alone, {"a": "one", "accounts.models": "two"}).get(name) is None


def test_a_link_declared_beside_all_packages_goes_with_the_table_that_its_name_says_first() -> None:
    keys = tuple(ForeignKey(column=f"{name}_id", table=name) for name in ("box", "item"))
    tables = (
        Table(name="item", model="shop.a.m.Item", framework="sqlalchemy", path="shop/a/m.py", line=1),
        Table(name="box", model="shop.b.m.Box", framework="sqlalchemy", path="shop/b/m.py", line=1),
        Table(
            name="item_boxes",
            model=None,
            framework="sqlalchemy",
            path="shop/links.py",
            line=1,
            foreign_keys=keys,
        ),
    )
    contexts = {"shop.a.m": "one", "shop.b.m": "two", "shop.links": "rest"}
    found = monolith([module(name) for name in contexts], tables=tables)
    assert owners(found, contexts)["item_boxes"] == "one"
    inside = (*tables[:2], msgspec.structs.replace(tables[2], path="shop/b/m.py"))
    assert (
        owners(monolith([module(name) for name in contexts], tables=inside), contexts)["item_boxes"] == "two"
    )


@pytest.mark.parametrize(
    ("written", "also", "migrated", "owner"),
    [
        (("x", "y"), (), False, "two"),  # all that it writes is written by it alone
        (("x", "y"), ("p", "q"), False, "two"),  # half of it
        (("x", "y"), ("p", "q", "r"), False, "one"),  # less: it serves many domains
        (("x",), (), False, "one"),  # one table tells nothing
        (("x", "y"), (), True, "one"),  # only there can they be changed
    ],
)
def test_where_one_declares_the_tables_of_all_those_that_another_alone_writes_are_its_own(
    written: tuple[str, ...], also: tuple[str, ...], migrated: bool, owner: str
) -> None:
    tables = tuple(
        Table(name=name, model=f"a.{name.upper()}", framework="django", path="a.py", line=1)
        for name in "pqrstxyz"
    )
    accesses = [access("b", "write", f"f{name}", table=name) for name in (*written, *also)]
    accesses += [access("a", "write", f"g{name}", table=name) for name in also]
    steps = [module(f"{app}.migrations.0001_initial", "migration") for app in "ac"] if migrated else []
    found = monolith([*map(module, "abc"), *steps], accesses=accesses, tables=tables)
    assert owners(found, {"a": "one", "b": "two", "c": "three"})["x"] == owner


def test_what_layers_write_of_the_tables_of_all_counts_for_those_who_declare_them() -> None:
    tables = tuple(
        Table(name=name, model=f"a.{name.upper()}", framework="django", path="a.py", line=1)
        for name in ("item", "q", "r")
    )
    votes = [*by("b", 5, "write"), *by("c", 3, "write")]
    found = monolith(map(module, "abc"), accesses=votes, tables=tables)
    context_of = {"a": "one", "b": "two", "c": "services"}
    assert owners(found, context_of, never=frozenset({"services"}))["item"] == "one"
    assert owners(found, context_of | {"c": "three"})["item"] == "two"
