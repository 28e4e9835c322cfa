"""What becomes of a transaction over the boundary, on models so small that one fact decides."""

# ruff: noqa: E501 (tables: a case a line)

from __future__ import annotations

from itertools import pairwise

import pytest
from helpers.systems import access, context, model_of, use

from strangler.model import Access, Command, Definition, Model, Transaction
from strangler.plans import plan_extraction
from strangler.plans.values import Saga

MINE = context("mine", "m.a", "m.b", tables=("mine_row",))
THEIRS = context("theirs", "t.a", "t.b", tables=("their_row",))
OTHER = context("other", "o.a", "o.b", tables=("other_row",))


def over(*tables: str, module: str = "m.a", function: str | None = "f") -> Transaction:
    return Transaction(module=module, line=5, function=function, tables_written=tables)


BOTH = (over("mine_row", "their_row"),)
WRITES = (access("m.a", "mine_row", "write", line=6), access("m.a", "their_row", "write", line=7))


def world(**facts: object) -> Model:
    return model_of(MINE, THEIRS, OTHER, **({"transactions": BOTH, "accesses": WRITES} | facts))


def the_saga(**facts: object) -> Saga:
    (found,) = plan_extraction(world(**facts), "mine").sagas
    return found


def test_a_transaction_over_both_sides_has_three_steps_of_which_two_can_be_taken_back() -> None:
    saga = the_saga()
    assert (saga.name, saga.remedy, saga.orchestrator) == ("m.a.f", "saga", "mine")
    assert [(s.participant, s.tables, [(p.file, p.line) for p in s.places]) for s in saga.steps] == [
        ("service", ("mine_row",), [("m/a.py", 6)]),
        ("monolith", ("their_row",), [("m/a.py", 7)]),
        ("service", ("mine_row",), []),
    ]
    assert [bool(s.compensation) for s in saga.steps] == [True, True, False]
    assert saga.steps[0].action.startswith("writes its rows as pending")
    assert not any(s.elsewhere for s in saga.steps)


def test_the_side_on_which_it_stands_begins() -> None:
    saga = the_saga(
        transactions=(over("mine_row", "their_row", module="t.a"),),
        accesses=(access("t.a", "mine_row", "write"), access("t.a", "their_row", "write")),
    )
    assert saga.orchestrator == "theirs"
    assert [s.participant for s in saga.steps] == ["monolith", "service", "monolith"]


def test_all_other_contexts_are_one_participant() -> None:
    saga = the_saga(transactions=(over("mine_row", "other_row", "their_row"),))
    assert saga.steps[1].tables == ("other_row", "their_row")
    assert saga.steps[1].elsewhere  # nobody is seen to write other_row


@pytest.mark.parametrize(
    ("facts", "remedy", "participants"),
    [
        ({"commands": (Command(name="go", handler="m.a.Command"),)}, "split_script", ["service", "monolith"]),
        ({"commands": (Command(name="go", handler="m.b.Command"),)}, "saga", ["service", "monolith", "service"]),
        ({"transactions": (over("their_row"),)}, "api_call", ["monolith"]),
        ({"accesses": (WRITES[0], access("m.a", "their_row", "write", via="cascade"))}, "event", ["service", "monolith"]),
        ({"accesses": (*WRITES, access("m.a", "their_row", "write", via="cascade"))}, "saga", ["service", "monolith", "service"]),
    ],
)  # fmt: skip
def test_not_every_transaction_is_a_saga(
    facts: dict[str, object], remedy: str, participants: list[str]
) -> None:
    saga = the_saga(**facts)
    assert saga.remedy == remedy
    assert [step.participant for step in saga.steps] == participants
    assert any(step.compensation for step in saga.steps) is (remedy == "saga")


def test_a_script_has_a_half_on_each_side_that_it_writes() -> None:
    saga = the_saga(commands=(Command(name="go", handler="m.a.Command"),), transactions=(over("their_row"),))
    assert [step.participant for step in saga.steps] == ["monolith"]


@pytest.mark.parametrize(("heirs", "remedy"), [(("t.a", "o.a"), "duplicate"), (("t.a", "t.b"), "saga"), (("t.a", "m.b"), "saga")])  # fmt: skip
def test_a_method_that_other_contexts_inherit_is_base_code(heirs: tuple[str, ...], remedy: str) -> None:
    saga = the_saga(
        transactions=(over("mine_row", "their_row", function="Base.save"),),
        accesses=tuple(access("m.a", table, "write", "Base.save") for table in ("mine_row", "their_row")),
        calls=tuple(use(heir, "m.a", "inheritance", target="Base") for heir in heirs),
    )
    assert saga.remedy == remedy


def test_writes_are_found_through_all_calls_and_named_by_the_first() -> None:
    chain = ("m.a", "m.b", "t.a", "t.b", "o.a", "o.b")

    def found(depth: int) -> tuple[list[tuple[int, str]], bool]:
        saga = the_saga(
            calls=tuple(use(a, b, target="f", line=8) for a, b in pairwise(chain[: depth + 1])),
            accesses=(WRITES[0], access(chain[depth], "their_row", "write"), access(chain[1], "their_row")),
        )
        step = saga.steps[1]
        return [(place.line, place.symbol) for place in step.places], step.elsewhere

    assert found(1) == found(4) == found(5) == ([(8, "m.b.f")], False)


def undo(module: str, function: str, *tables: str) -> tuple[Access, ...]:
    return tuple(access(module, table, "write", function) for table in tables)


@pytest.mark.parametrize(
    ("accesses", "served"),
    [
        (undo("t.a", "cancel_it", "their_row"), ["t.a.cancel_it (t/a.py:4)"]),
        (undo("t.a", "Row.revoke", "their_row"), ["t.a.Row.revoke (t/a.py)"]),
        (undo("t.a", "make_it", "their_row"), []),  # does not say that it undoes
        (undo("m.b", "cancel_it", "their_row"), []),  # is not the participant's own
        (undo("t.a", "cancel_it", "their_row", *(f"x{n}" for n in range(5))), ["t.a.cancel_it (t/a.py:4)"]),
        (undo("t.a", "cancel_it", "their_row", *(f"x{n}" for n in range(6))), []),  # general code
        ((access("t.a", "their_row", "write", "cancel_it", via="cascade"),), []),
        (sum((undo("t.a", f"drop_{n}", "their_row") for n in "abc"), ()), ["t.a.drop_a (t/a.py)", "t.a.drop_b (t/a.py)"]),
    ],
)  # fmt: skip
def test_functions_that_may_take_a_step_back_are_named(
    accesses: tuple[Access, ...], served: list[str]
) -> None:
    saga = the_saga(
        accesses=(*WRITES, *accesses),
        definitions=(Definition(module="t.a", line=4, end_line=9, name="cancel_it", kind="function"),),
    )
    text = saga.steps[1].compensation
    start = "monolith takes back its change of their_row, found by the saga id, safe to repeat; "
    assert text == start + (
        f"may serve: {', '.join(served)}" if served else "no function that does it was found"
    )


def test_who_writes_more_of_the_tables_serves_better() -> None:
    model = model_of(
        MINE,
        context("theirs", "t.a", tables=("their_row", "their_log")),
        transactions=(over("mine_row", "their_row", "their_log"),),
        accesses=(
            *WRITES,
            *undo("t.a", "cancel_a", "their_row"),
            *undo("t.a", "drop_z", "their_row", "their_log"),
        ),
    )
    (saga,) = plan_extraction(model, "mine").sagas
    assert saga.steps[1].compensation.endswith("may serve: t.a.drop_z (t/a.py), t.a.cancel_a (t/a.py)")


def test_what_the_step_calls_itself_does_not_take_it_back() -> None:
    saga = the_saga(
        accesses=(WRITES[0], *undo("t.a", "cancel_it", "their_row")),
        calls=(use("m.a", "t.a", target="cancel_it"),),
    )
    assert "no function that does it was found" in saga.steps[1].compensation


@pytest.mark.parametrize(("writers", "served"), [(20, True), (21, False)])
def test_a_table_that_everybody_writes_does_not_say_who_undoes(writers: int, served: bool) -> None:
    """Of two tables: who undoes the telling one is found, whoever writes the other."""
    crowd = sum((undo("t.b", f"note_{n}", "their_log") for n in range(writers - 2)), ())
    model = model_of(
        MINE,
        context("theirs", "t.a", "t.b", tables=("their_row", "their_log")),
        transactions=(over("mine_row", "their_row", "their_log"),),
        accesses=(*WRITES, access("m.a", "their_log", "write"), *undo("t.a", "drop_it", "their_log"), *crowd),
    )
    (saga,) = plan_extraction(model, "mine").sagas
    assert ("t.a.drop_it" in saga.steps[1].compensation) is served


def test_sagas_come_before_what_is_easier_and_then_by_place() -> None:
    plan = plan_extraction(
        world(
            transactions=(
                over("their_row"),
                over("mine_row", "their_row", module="m.b"),
                over("mine_row", "their_row", function="g"),
            ),
        ),
        "mine",
    )
    assert [(saga.name, saga.remedy) for saga in plan.sagas] == [
        ("m.a.g", "saga"),
        ("m.b.f", "saga"),
        ("m.a.f", "api_call"),
    ]
