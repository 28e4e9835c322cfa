"""Why a module is where it is, and what couples two."""

from __future__ import annotations

import pytest
from helpers.systems import access, layered, module, monolith, use

from strangler.contexts import (
    UnknownModuleError,
    explain,
    propose,
)
from strangler.model import Changes, Commit, Import


def test_explain_gives_lines_tables_and_commits_between_two_modules() -> None:
    system, changes, _ = layered()
    contexts = propose(system, changes).contexts
    answer = explain(system, changes, contexts, "shop.billing.views", "shop/billing/services.py")
    kinds = {coupling.kind for coupling in answer.couplings}
    assert "table" in kinds
    both = [c for c in changes.log if {"shop.billing.views", "shop.billing.services"} <= set(c.modules)]
    [commits] = [coupling for coupling in answer.couplings if coupling.kind == "commit"] or [None]
    assert (commits is None) == (not both)
    if commits:
        assert commits.commits[0].endswith(both[-1].subject)
    assert answer.context == "billing"


def test_explain_of_one_module_has_the_reasons_of_its_membership() -> None:
    system, changes, _ = layered()
    contexts = propose(system, changes).contexts
    answer = explain(system, changes, contexts, "shop.billing.views")
    assert answer.context == "billing"
    assert any("billing" in reason for reason in answer.reasons)
    assert answer.couplings


def test_explain_refuses_what_it_does_not_know() -> None:
    system, changes, _ = layered()
    with pytest.raises(UnknownModuleError, match=r"shop\.billing\.views"):
        explain(system, changes, (), "shop.billing.view")


def test_two_modules_that_do_not_import_each_other_are_told_the_chain_between_them() -> None:
    system = monolith(
        [module(name) for name in "abcd"],
        imports=tuple(
            Import(importer=one, imported=other, line=line, kind="runtime")
            for one, other, line in (("a", "b", 3), ("b", "c", 5), ("b", "c", 9), ("d", "a", 1))
        ),
    )
    (chain,) = explain(system, Changes(), (), "c", "a").couplings
    assert (chain.kind, chain.statement) == ("chain", "a reaches c over 2 imports")
    assert [(place.file, place.line, place.symbol) for place in chain.evidence] == [
        ("a.py", 3, "b"),
        ("b.py", 5, "c"),
    ]
    assert [coupling.kind for coupling in explain(system, Changes(), (), "a", "b").couplings] == ["import"]
    assert explain(system, Changes(), (), "a", "a").couplings == ()


def test_everything_that_couples_two_modules_is_listed_once_by_kind() -> None:
    system = monolith(
        [module(name) for name in "abc"],
        imports=(Import(importer="b", imported="a", line=2, kind="runtime"),),
        calls=(use("a", "b"), use("a", "b"), use("b", "a", "inheritance", line=7), use("a", "c")),
        accesses=(access("a", "t"), access("b", "t", "write", line=4), access("b", "u"), access("c", "u")),
    )
    log = tuple(
        Commit(sha=f"{n:040x}", time=n, subject=f"s{n}", modules=modules)
        for n, modules in enumerate([("a", "b"), ("a",), ("a", "b", "c")])
    )
    couplings = explain(system, Changes(log=log), (), "a", "b").couplings
    assert [(coupling.kind, coupling.statement) for coupling in couplings] == [
        ("call", "1 place between a and b"),
        ("import", "1 place between a and b"),
        ("inheritance", "1 place between a and b"),
        ("table", "both use the table t (in 1 and 1 place)"),
        ("commit", "2 commits touch a and b"),
    ]
    assert [[(e.file, e.line) for e in coupling.evidence] for coupling in couplings] == [
        [("a.py", 3)],
        [("b.py", 2)],
        [("b.py", 7)],
        [("a.py", 1), ("b.py", 4)],
        [],
    ]
    assert couplings[-1].commits == (f"{2:040x}"[:10] + " s2", f"{0:040x}"[:10] + " s0")
