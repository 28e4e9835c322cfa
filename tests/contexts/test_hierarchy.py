"""Coarser and finer levels: names, parents, tables and confidence."""

from __future__ import annotations

from helpers.systems import access, context, module, monolith

from strangler.contexts import engine, hierarchy
from strangler.contexts.hierarchy import Cutting
from strangler.contexts.views import Landscape
from strangler.model import Member, Table

NAMES = [f"shop.{word}.m{n}" for word in ("tax", "levy", "box", "lid") for n in range(2)]
LABELS = [0, 0, 1, 1, 2, 2, 3, 3]
EDGES = {(n, n + 1): 5.0 for n in (0, 2, 4, 6)} | {(1, 2): 2.0, (5, 6): 2.0, (3, 4): 0.1}


def world() -> tuple[Landscape, engine.Ties, Cutting]:
    modules = tuple(module(name) for name in NAMES)
    land = Landscape(modules, {one.name: n for n, one in enumerate(modules)}, {"calls": EDGES})
    return land, engine.tie(land), Cutting("recommended", 1.0, LABELS, ["tax", "levy", "box", "lid"])


def test_contexts_that_are_tied_make_a_domain_named_after_the_largest_and_a_second_word() -> None:
    land, ties, base = world()
    coarser, same = hierarchy.cuttings(monolith(land.modules), land, ties, base, None)
    assert same == base
    assert coarser.label == "coarser"
    assert list(coarser.labels) == [0, 0, 0, 0, 1, 1, 1, 1]
    assert list(coarser.names) == ["tax", "box"]
    assert hierarchy.parents(base, coarser) == {"tax": "tax", "levy": "tax", "box": "box", "lid": "box"}
    assert hierarchy.parents(base, None) == {}


def test_one_domain_over_everything_is_no_level() -> None:
    land, ties, _ = world()
    two = Cutting("recommended", 1.0, [0, 0, 0, 0, 1, 1, 1, 1], ["tax", "box"])
    levels = hierarchy.cuttings(monolith(land.modules), land, ties, two, None)
    assert [level.label for level in levels] == ["recommended", "finer"]
    assert [level.resolution for level in levels] == [1.0, 4.0]
    assert list(levels[1].labels) == LABELS


def test_a_table_of_a_context_goes_to_the_part_that_would_own_it() -> None:
    land, _, _ = world()
    whole = Cutting("recommended", 1.0, [0, 0, 0, 0, 1, 1, 1, 1], ["tax", "box"])
    finer = Cutting("finer", 4.0, LABELS, ["rate", "levy", "box", "lid"])
    tables = (
        Table(
            name="levied", model="shop.levy.m0.Levied", path="shop/levy/m0.py", line=1, framework="sqlalchemy"
        ),
        Table(name="due", model="shop.levy.m1.Due", path="shop/levy/m1.py", line=1, framework="sqlalchemy"),
        Table(name="paid", model="shop.box.m0.Paid", path="shop/box/m0.py", line=1, framework="sqlalchemy"),
    )
    accesses = tuple(
        access("shop.tax.m0", "due", "write", line=line, function=f"f{line}") for line in range(9)
    )
    system = monolith(land.modules, tables=tables, accesses=accesses)
    contexts = tuple(
        context(name, *NAMES[start : start + 4], tables=own, members=members)
        for name, start, own, members in (
            (
                "tax",
                0,
                ("due", "levied", "paid", "raw"),
                tuple(Member(module=m, confidence=0.5) for m in NAMES[:4]),
            ),
            ("box", 4, (), tuple(Member(module=m, confidence=0.5) for m in NAMES[4:])),
        )
    )
    ends = Cutting("finer", 16.0, [0, 1, 2, 3, 4, 4, 5, 5], ["rate", "tax-2", "levy", "levy-2", "box", "lid"])
    *_, below, last = hierarchy.values(system, [whole, finer, ends], contexts, land, None)
    assert {c.name: c.tables for c in last.contexts if c.parent == "levy"} == {
        "levy": ("levied", "paid", "raw"),
        "levy-2": (),
    }
    rows = {c.name: c.tables for c in below.contexts}
    assert rows == {"rate": ("due",), "levy": ("levied", "paid", "raw"), "box": (), "lid": ()}


def test_tables_follow_most_modules_of_their_owner_and_confidence_is_the_mean_of_the_modules() -> None:
    land, _, base = world()
    finer = Cutting("finer", 4.0, [0, 1, 1, 1, 2, 2, 3, 3], ["m", "rest", "box", "lid"])
    sure = dict(zip(NAMES, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8), strict=True))

    def held(name: str, label: int, *tables: str, kind: str = "context") -> object:
        modules = [module for module, own in zip(NAMES, LABELS, strict=True) if own == label]
        members = tuple(Member(module=one, confidence=sure[one]) for one in modules)
        return context(name, *modules, tables=tables, members=members, kind=kind)

    contexts = (
        held("tax", 0, "t"),
        held("levy", 1, "u", "s"),
        held("box", 2),
        held("lid", 3, kind="shared_kernel"),
    )
    same, below = hierarchy.values(monolith(land.modules), [base, finer], contexts, land, "lid")  # type: ignore[arg-type]
    assert same.contexts == contexts
    rows = {c.name: (c.tables, c.confidence, c.parent, c.kind) for c in below.contexts}
    assert rows == {
        "m": (("t",), 0.1, "tax", "context"),
        "rest": (("s", "u"), 0.3, "levy", "context"),
        "box": ((), 0.55, "box", "context"),
        "lid": ((), 0.75, "lid", "shared_kernel"),
    }
