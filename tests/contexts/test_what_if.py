"""What every metric would say if a module were elsewhere."""

from __future__ import annotations

import pytest
from helpers.systems import access, context, layered, module, monolith, use

from strangler.contexts import (
    MoveError,
    propose,
    what_if,
)
from strangler.model import Changes, Table


def test_moving_a_module_shows_the_change_of_every_metric() -> None:
    system, changes, _ = layered()
    contexts = propose(system, changes).contexts
    answer = what_if(system, changes, contexts, ["move:shop.billing.views=catalog"])
    figures = {change.metric: (change.before, change.after) for change in answer.changes}
    before, after = figures["inter_partition_calls"]
    assert before is not None
    assert after is not None
    assert after > before
    assert answer.moves == (("shop.billing.views", "catalog"),)
    assert answer.appeared


def test_a_move_to_where_it_already_is_changes_nothing() -> None:
    system, changes, _ = layered()
    contexts = propose(system, changes).contexts
    answer = what_if(system, changes, contexts, ["move:shop.billing.views=billing"])
    assert answer.moves == ()
    assert not answer.appeared
    assert not answer.vanished
    assert all(change.before == change.after for change in answer.changes)


@pytest.mark.parametrize(
    "text",
    [
        "shop.tax=billing",
        "move:shop.tax",
        "move:=x",
        "move:nowhere=billing",
        "move:shop.billing=blling",
        "move:shop.billing=+billing",
    ],
)
def test_a_move_that_cannot_be_made_is_refused(text: str) -> None:
    system, changes, _ = layered()
    with pytest.raises(MoveError, match=r"move:|no module|nearest: billing|there is a context"):
        what_if(system, changes, propose(system, changes).contexts, [text])


def test_a_move_shows_what_appears_vanishes_and_changes_hands() -> None:
    system = monolith(
        [module(name) for name in ("a", "b", "b.c", "bc")],
        calls=(use("a", "b"), use("a", "b.c"), use("bc", "b")),
        accesses=(access("b", "t", "write"), access("b.c", "t", "write", "g")),
        tables=(
            Table(name="t", model="b.Row", framework="django", path="b.py", line=1),
            Table(name="u", model="bc.Row", framework="django", path="bc.py", line=1),
        ),
    )
    cut = (context("one", "a"), context("two", "b", "b.c", "bc", tables=("t", "u")))
    found = what_if(system, Changes(), cut, ["move:b=one"])
    assert found.moves == (("b", "one"), ("b.c", "one"))
    assert found.tables == (("t", "two", "one"),)
    assert [(c.source, c.target, c.subject) for c in found.appeared] == [("two", "one", "b.thing")]
    assert {(c.source, c.target, c.subject) for c in found.vanished} == {
        ("one", "two", "b.thing"),
        ("one", "two", "b.c.thing"),
    }
    figures = {change.metric: (change.before, change.after) for change in found.changes}
    assert figures["crossings.call"] == (2.0, 1.0)
    assert figures["contexts"] == (2.0, 2.0)
    fresh = what_if(system, Changes(), cut, [" move: b.c = +three "[1:]])
    assert fresh.moves == (("b.c", "three"),)


def test_the_figures_of_a_move_are_those_of_the_cut_that_it_leads_to() -> None:
    system, changes, _ = layered()
    contexts = propose(system, changes).contexts
    answer = what_if(system, changes, contexts, ["move:shop.billing.views=+views"])
    rows = {change.metric: (change.before, change.after) for change in answer.figures}
    services = sum(context.proper for context in contexts)
    assert rows["contexts"] == (services, services + 1)
    assert rows["places of crossings"][1] == sum(
        change.after or 0 for change in answer.changes if change.metric.startswith("crossings.")
    )
