"""What needs no context of its own, and the context that it goes with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from helpers.systems import access, module, monolith, use

from strangler.contexts import beside, holdings, kinds, naming, placing, views
from strangler.contexts.graph import adjacency
from strangler.contexts.values import ContextSettings
from strangler.model import Access, Changes, Endpoint, ForeignKey, System, Table

DOMAINS = ("billing", "catalog", "orders", "users")
SIZE = 25
"""Modules of each."""


def table(name: str, model: str, *refers: str) -> Table:
    keys = tuple(ForeignKey(table=other, column="x") for other in refers)
    return Table(name=name, model=model, framework="django", path="", line=1, foreign_keys=keys)


def shop(
    extra: dict[str, Sequence[str]], tables: Sequence[Table] = (), accesses: Sequence[Access] = ()
) -> System:
    """Four domains with a table each, all served, and other packages with their modules."""
    names = [f"shop.{domain}.m{n}" for domain in DOMAINS for n in range(SIZE)]
    names += [f"shop.{package}.{part}" for package, parts in extra.items() for part in parts]
    served = [f"shop.{domain}.m0.show" for domain in DOMAINS]
    served += [f"shop.{package}.{parts[0]}.show" for package, parts in extra.items()]
    return monolith(
        [module(name) for name in names],
        tables=(*(table(domain, f"shop.{domain}.m1.{domain.title()}") for domain in DOMAINS), *tables),
        accesses=tuple(accesses),
        endpoints=tuple(
            Endpoint(
                path="/",
                methods=None,
                handler=one,
                framework="flask",
                pattern="/",
                regex="/",
                name=None,
                file="",
                line=1,
                order=0,
            )
            for one in served
        ),
        calls=tuple(use(f"shop.{domain}.m0", f"shop.{domain}.m1") for domain in DOMAINS),
    )


def placed(system: System, owner: dict[str, str], ties: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """Package -> the one that it is with; no package is anything but a context."""
    land = views.build(system, Changes(), ContextSettings())
    parts = [".".join(one.name.split(".")[1:-1]) for one in land.modules]
    names = sorted(set(parts))
    labels = [names.index(part) for part in parts]
    owners = {name: names.index(where) for name, where in ({d: d for d in DOMAINS} | owner).items()}
    held = holdings.find(system, land, labels, owners, *beside.entries(system, land))
    near = adjacency(land.size, {tuple(sorted((land.index[a], land.index[b]))): 1.0 for a, b in ties})  # type: ignore[misc]
    cut = placing.Placed(system, land, labels, held, set(labels))
    after = placing.place(cut, near, owners)
    return {part: names[label] for part, label in zip(parts, after, strict=True)}


COUPON = {"coupons": ("models", "views", "admin")}


@pytest.mark.parametrize(
    ("parts", "keys", "more", "home"),
    [
        (3, ("orders",), (), "orders"),
        (3, ("orders", "catalog"), (), "coupons"),  # of two
        (3, ("users",), (), "coupons"),  # all refer to users
        (3, (), (), "coupons"),
        (9, ("orders",), (), "coupons"),  # more than a piece
        (3, ("orders",), ("CouponText",), "orders"),  # what says more of it
        (4, ("orders",), ("Campaign",), "coupons"),  # two tables
    ],
)
def test_a_few_modules_around_one_table_go_with_the_context_that_it_is_tied_to(
    parts: int, keys: tuple[str, ...], more: tuple[str, ...], home: str
) -> None:
    coupons = [f"m{n}" for n in range(parts)]
    tables = [table("coupon", "shop.coupons.m0.Coupon", *keys)]
    tables += [table(name, f"shop.coupons.m0.{name}") for name in more]
    tables += [
        table(f"{one}_line", f"shop.{one}.m2.Line", "users") for one in ("billing", "catalog", "orders")
    ]
    system = shop({"coupons": coupons}, tables)
    owner = {"coupon": "coupons", **dict.fromkeys(more, "coupons")}
    owner |= {f"{one}_line": one for one in ("billing", "catalog", "orders")}
    ties = [("shop.coupons.m0", "shop.orders.m3")]
    assert placed(system, owner, ties)["coupons"] == home


def test_a_piece_whose_code_is_tied_elsewhere_or_that_is_a_plug_in_stays_where_it_is() -> None:
    tables = [table("coupon", "shop.coupons.models.Coupon", "orders")]
    system = shop(COUPON, tables)
    assert (
        placed(system, {"coupon": "coupons"}, [("shop.coupons.views", "shop.billing.m3")])["coupons"]
        == "coupons"
    )
    system = shop(
        {"plugins.coupons": ("models", "views"), "plugins.ldap": ("client",)},
        [table("coupon", "shop.plugins.coupons.models.Coupon", "orders")],
    )
    ties = [("shop.plugins.coupons.views", "shop.orders.m3")]
    assert placed(system, {"coupon": "plugins.coupons"}, ties)["plugins.coupons"] == "plugins.coupons"


@pytest.mark.parametrize(
    ("package", "orders", "others", "home"),
    [
        ("api", 9, 1, "orders"),
        ("api", 7, 3, "api"),  # of several
        ("pages", 9, 1, "pages"),  # neither named so nor deep in its data
        ("pages", 90, 10, "orders"),
    ],
)
def test_a_face_of_one_context_goes_with_it(package: str, orders: int, others: int, home: str) -> None:
    """Ten modules that serve an endpoint and touch the tables of others."""
    modules = [f"m{n}" for n in range(10)]
    touched = [access(f"shop.{package}.m{n % 10}", "orders", function=f"f{n}") for n in range(orders)]
    touched += [access(f"shop.{package}.m{n % 10}", "billing", function=f"f{n}") for n in range(others)]
    system = shop({package: modules}, accesses=touched)
    more = [one for one in system.endpoints if ".orders." in one.handler] * 3
    system = monolith(
        system.modules,
        tables=system.tables,
        accesses=system.accesses,
        endpoints=(*system.endpoints, *more),
        calls=system.calls,
    )
    assert placed(system, {})[package] == home


def test_plug_ins_without_data_that_were_found_apart_join_the_others() -> None:
    extra = {f"plugins.{name}": ("client", "views", "sync") for name in ("aws", "gcp", "ldap")}
    system = shop(extra)
    land = views.build(system, Changes(), ContextSettings())
    parts = [one.name.split(".")[1:-1] for one in land.modules]
    names = [*DOMAINS, "plugins", "plugins.ldap"]
    labels = [names.index("plugins.ldap" if part[-1] == "ldap" else part[0]) for part in parts]
    owners = {one: names.index(one) for one in DOMAINS}
    held = holdings.find(system, land, labels, owners, *beside.entries(system, land))
    cut = placing.Placed(system, land, labels, held, set(labels))
    after = placing.place(cut, adjacency(land.size, {}), owners)
    assert {names[after[n]] for n, part in enumerate(parts) if part[0] == "plugins"} == {"plugins"}
    fixed = {land.index["shop.plugins.ldap.client"]}
    assert placing.place(cut, adjacency(land.size, {}), owners, fixed) == labels


def test_what_goes_with_no_context_is_unassigned_and_keeps_its_table() -> None:
    system = shop(
        COUPON,
        [table("coupon", "shop.coupons.models.Coupon")],
        [access("shop.coupons.views", "coupon"), access("shop.orders.m3", "coupon", "write")],
    )
    land = views.build(system, Changes(), ContextSettings())
    names = [*DOMAINS, "coupons"]
    labels = [names.index(one.name.split(".")[1]) for one in land.modules]
    owners = {one: names.index(one) for one in (*DOMAINS, "coupons") if one != "coupons"} | {"coupon": 4}
    assert kinds.judge(system, land, labels, {}, owners) == {4: "unassigned"}
    assert kinds.judge(system, land, labels, {}, owners, placed=False) == {}


@pytest.mark.parametrize(
    ("group", "taken", "name"),
    [
        (["shop.orders.m0", "shop.orders.m1", "shop.users.m0"], (), "orders"),
        (["shop.orders", "shop.orders.m0", "shop.app"], (), "orders"),  # the package with its own module
        (["shop.orders.m0", "shop.users.m1"], (), "shop"),
        (["shop", "bill"], (), None),  # no package
        (["shop.core.m0", "shop.core.m1", "shop.users.m0"], (), "shop"),
        (["shop.orders.m0", "shop.users.m1"], ("shop",), "shop-core"),
    ],
)
def test_what_stays_is_named_after_its_package_or_the_application(
    group: list[str], taken: tuple[str, ...], name: str | None
) -> None:
    assert naming.of_rest(shop({"core": ("m0", "m1")}), group, taken) == name
