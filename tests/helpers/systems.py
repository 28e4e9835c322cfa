"""Small systems with a planted boundary."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from strangler.contexts import staying
from strangler.contexts.crossings import of_cut
from strangler.contexts.graph import Edges
from strangler.contexts.ranking import Candidate
from strangler.contexts.views import Landscape
from strangler.model import (
    Access,
    BoundedContext,
    Call,
    Changes,
    Commit,
    Definition,
    ForeignKey,
    Import,
    Model,
    Module,
    Monolith,
    System,
    Table,
    Transaction,
)
from strangler.model.document import Generator

LAYERS = ("models", "views", "forms", "services", "tasks", "urls")


ROWS = ("imports", "tables", "accesses", "transactions", "endpoints", "tasks", "signals", "commands")
EMPTY = dict.fromkeys((*ROWS, "diagnostics"), ())
"""The facts of a monolith of which nothing is known."""


def monolith(modules: Iterable[Module], name: str = "shop", **facts: object) -> System:
    return System(
        monolith=Monolith(name=name, packages=(name,), revision=None, frameworks=()),
        modules=tuple(sorted(modules)),
        **(EMPTY | facts),  # type: ignore[arg-type]
    )


def module(name: str, role: str = "code") -> Module:
    return Module(name=name, path=name.replace(".", "/") + ".py", lines=100, role=role)  # type: ignore[arg-type]


def landscape(*names: str, **views: Edges) -> Landscape:
    """Modules with ties between them, and no other facts."""
    modules = tuple(module(name) for name in names)
    return Landscape(modules, {one.name: number for number, one in enumerate(modules)}, views)


def use(a: str, b: str, kind: str = "call", target: str = "thing", line: int = 3) -> Call:
    return Call(module=a, function="f", line=line, target_module=b, target=target, kind=kind)  # type: ignore[arg-type]


def access(
    module: str, table: str, operation: str = "read", function: str = "f", line: int = 1, via: str = "orm"
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


def context(name: str, *modules: str, tables: tuple[str, ...] = (), **fields: object) -> BoundedContext:
    values = {"kind": "context", "confidence": 0.9} | fields
    return BoundedContext(name=name, modules=modules, tables=tables, **values)  # type: ignore[arg-type]


def model_of(*contexts: BoundedContext, **facts: object) -> Model:
    """A model of these contexts, with the crossings that follow from the facts; files are of 100 lines."""
    values: dict[str, object] = EMPTY | {"crossings": ()}
    values["modules"] = tuple(sorted(module(name) for found in contexts for name in found.modules))
    values |= {"changes": Changes(), "contexts": contexts}
    model = Model(
        schema_version=1,
        generator=Generator(version="0"),
        monolith=Monolith(name="shop", packages=("shop",), revision=None, frameworks=()),
        **(values | facts),  # type: ignore[arg-type]
    )
    return with_rest(msgspec.structs.replace(model, crossings=of_cut(model.system, contexts)))


def with_rest(model: Model) -> Model:
    """The model with its contexts marked that are what stays."""
    rest = staying.find(model.system, model.contexts, model.crossings)
    marked = tuple(msgspec.structs.replace(one, rest=one.name in rest) for one in model.contexts)
    return msgspec.structs.replace(model, contexts=marked)


def layered(
    domains: Sequence[str] = ("billing", "catalog", "delivery", "account"), *, by_layer: bool = False
) -> tuple[System, Changes, dict[str, str]]:
    """Domains tied inside, loosely tied outside, with a library that everybody uses.

    Returns the system, its history and the planted domain of each module (the library left out). With
    ``by_layer`` the packages are layers (``shop.views.billing``), else domains (``shop.billing.views``).
    """
    rng = random.Random(7)
    names = {(d, la): f"shop.{la}.{d}" if by_layer else f"shop.{d}.{la}" for d in domains for la in LAYERS}
    library = [f"shop.lib.{part}" for part in ("text", "dates")]
    imports, calls, log = [], [], []
    for d in domains:
        for a in LAYERS:
            for b in LAYERS:
                if a != b and rng.random() < 0.6:
                    imports.append(Import(importer=names[d, a], imported=names[d, b], line=1, kind="runtime"))
                    calls += [use(names[d, a], names[d, b])] * 2
            for part in library:
                imports.append(Import(importer=names[d, a], imported=part, line=2, kind="runtime"))
                calls.append(use(names[d, a], part))
    for left, right in pairwise(domains):
        imports.append(
            Import(importer=names[left, "views"], imported=names[right, "models"], line=9, kind="runtime")
        )
        calls.append(use(names[left, "views"], names[right, "models"], line=10))
    for n in range(120):
        d = domains[n % len(domains)]
        touched = sorted(names[d, la] for la in rng.sample(LAYERS, 2))
        log.append(Commit(sha=f"{n:040x}", time=n * 86400, subject=f"change {n}", modules=tuple(touched)))
    tables = [
        Table(
            name=f"{d}_item",
            model=f"{names[d, 'models']}.Item",
            framework="django",
            path=names[d, "models"].replace(".", "/") + ".py",
            line=5,
            foreign_keys=(ForeignKey(column="owner_id", table="account_item"),) if d != "account" else (),
        )
        for d in domains
    ]
    accesses = [
        Access(
            module=names[d, la],
            line=8,
            table=f"{d}_item",
            operation="write" if la == "services" else "read",
            function="save",
            via="orm",
            certainty="certain",
        )
        for d in domains
        for la in ("views", "services")
    ]
    accesses.append(
        Access(
            module=names["catalog", "services"],
            line=30,
            table="billing_item",
            operation="write",
            function="settle",
            via="orm",
            certainty="certain",
        )
    )
    system = monolith(
        [module(name) for name in [*names.values(), *library]]
        + [module("shop.tests.test_all", "test"), module("shop.migrations.m1", "migration")],
        imports=tuple(sorted(set(imports))),
        calls=tuple(calls),
        tables=tuple(tables),
        accesses=tuple(accesses),
        transactions=(
            Transaction(
                module=names["catalog", "services"],
                line=29,
                function="settle",
                tables_written=("billing_item", "catalog_item"),
            ),
        ),
        definitions=tuple(
            Definition(module=names[d, "models"], line=4, end_line=9, name="Item", kind="class")
            for d in domains
        ),
    )
    truth = {name: d for (d, _), name in names.items()}
    return system, Changes(commits=len(log), log=tuple(log)), truth


def candidate(name: str, **changed: object) -> Candidate:
    """A context of ten modules that could leave, with one table and one endpoint, but for what is said."""
    values = {
        "modules": 10,
        "tables": 1,
        "entries": 1,
        "served": 1,
        "places_in": {},
        "places_out": {},
        "partners": (),
    }
    return Candidate(**{"context": name, "independence": 0.5, "confidence": 0.5} | values | changed)  # type: ignore[arg-type]
