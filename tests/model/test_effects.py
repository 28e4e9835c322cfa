"""What a function does includes what it calls, and the way there is told."""

from __future__ import annotations

import pytest
from helpers.systems import monolith

from strangler.model import (
    Access,
    Call,
    Definition,
    Invocation,
    Message,
    Module,
    Signal,
    System,
)
from strangler.model.effects import MOST_DEFINITIONS, Effects


def access(function: str, table: str, operation: str = "write", line: int = 9, certainty="certain") -> Access:
    return Access(
        module="app.stock",
        line=line,
        table=table,
        operation=operation,
        function=function,
        via="orm",
        certainty=certainty,
    )


def definition(name: str, kind: str = "function") -> Definition:
    return Definition(module="app.stock", line=1, end_line=2, name=name, kind=kind)


def call(function: str, target: str, line: int = 3) -> Call:
    return Call(module="app.shop", function=function, line=line, target_module="app.stock", target=target)


def inner(function: str, target: str, line: int = 5) -> Invocation:
    return Invocation(module="app.stock", function=function, line=line, target=target)


def system(**rows) -> System:
    modules = tuple(
        Module(name=name, path=name.replace(".", "/") + ".py", lines=9) for name in ("app.shop", "app.stock")
    )
    return monolith(modules, "app", **rows)


def told(effects) -> list[tuple[str, str, list[tuple[str, int]]]]:
    return [(e.table, e.operation, [(p.symbol, p.line) for p in (*e.path, e.place)]) for e in effects]


def test_a_function_that_calls_one_that_writes_writes():
    found = Effects(system(accesses=(access("move", "stock"),), invocations=(inner("reserve", "move"),)))
    assert told(found.of("app.stock", "reserve")) == [("stock", "write", [("reserve", 5), ("move", 9)])]
    assert found.writes("app.stock", "reserve") == {"stock"}
    assert found.reads("app.stock", "reserve") == frozenset()


def test_calls_are_followed_over_modules_and_the_shortest_way_is_told():
    found = Effects(
        system(
            accesses=(access("move", "stock"),),
            calls=(call("order", "reserve", 2), call("order", "move", 8)),
            invocations=(inner("reserve", "move"),),
        )
    )
    assert told(found.of("app.shop", "order")) == [("stock", "write", [("order", 8), ("move", 9)])]


def test_of_equally_near_accesses_the_surest_is_told():
    rows = (access("move", "stock", line=4, certainty="possible"), access("move", "stock", line=6))
    (effect,) = Effects(system(accesses=rows)).of("app.stock", "move")
    assert (effect.certainty, effect.place.line, effect.path) == ("certain", 6, ())


def test_recursion_ends_and_adds_nothing():
    found = Effects(
        system(accesses=(access("a", "t"),), invocations=(inner("a", "b"), inner("b", "a"), inner("b", "b")))
    )
    assert told(found.of("app.stock", "b")) == [("t", "write", [("b", 5), ("a", 9)])]


def test_to_call_a_class_is_to_run_its_constructor():
    found = Effects(
        system(
            definitions=(
                definition("Box", "class"),
                definition("Box.__init__", "method"),
                definition("Box.put", "method"),
            ),
            accesses=(access("Box.__init__", "made"), access("Box.put", "kept")),
            calls=(call("order", "Box"),),
        )
    )
    assert found.writes("app.shop", "order") == {"made"}
    assert {effect.table for effect in found.of_class("app.stock", "Box")} == {"made", "kept"}


def test_what_a_nested_function_touches_the_one_around_it_touches():
    rows = (access("outer.<locals>.inner", "stock"),)
    assert Effects(system(accesses=rows)).writes("app.stock", "outer") == {"stock"}


@pytest.mark.parametrize("separator", [".", ":"])
def test_receivers_of_a_signal_that_is_sent_act_for_the_sender(separator):
    found = Effects(
        system(
            accesses=(access("note", "log"),),
            signals=(Signal(signal="app.paid", receiver=f"app.stock{separator}note", sender=None, line=1),),
            messages=(Message(module="app.shop", function="pay", line=7, kind="signal", name="app.paid"),),
        )
    )
    assert told(found.of("app.shop", "pay")) == [("log", "write", [("pay", 7), ("note", 9)])]
    assert [message.name for message in found.messages("app.shop", "pay")] == ["app.paid"]


def test_subclassing_calls_nothing():
    row = Call(
        module="app.shop", function=None, line=1, target_module="app.stock", target="Base", kind="inheritance"
    )
    found = Effects(system(accesses=(access("Base", "t"),), calls=(row,)))
    assert found.of("app.shop", "") == ()


def test_what_is_too_long_to_follow_is_said_to_be_incomplete():
    chain = tuple(inner(f"f{n}", f"f{n + 1}") for n in range(MOST_DEFINITIONS + 1))
    found = Effects(system(invocations=chain))
    assert not found.complete("app.stock", "f0")
    assert found.complete("app.stock", "f9")
