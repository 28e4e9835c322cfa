"""The doors of the log: what an access counts for, and which doubts make it less sure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from strangler.analyzers.python.conditions import Undecided
from strangler.analyzers.python.entries import Access, Effect, Failure, Location, Region, Unresolved, Use
from strangler.analyzers.python.log import Log
from strangler.analyzers.python.values.base import Value
from strangler.model.base import Certainty


def frame(
    module: str = "m", function: str | None = "f", line: int = 1, region: tuple[Region, ...] = ()
) -> Any:
    home = SimpleNamespace(facts=SimpleNamespace(path=f"{module}.py"), name=module)
    return SimpleNamespace(location=Location(module, function, line), region=region, module=home)


def sure(log: Log) -> dict[tuple[int, str], set[str]]:
    """(line, table) -> how sure its accesses are."""
    found: dict[tuple[int, str], set[str]] = {}
    for access in log.accesses:
        found.setdefault((access.place.line, str(access.target)), set()).add(access.certainty)
    return found


def read(log: Log, table: str, line: int = 1, certainty: Certainty = "certain", via: str = "orm") -> None:
    log.access(frame(line=line), table, "read", via, certainty)


def test_an_access_counts_for_the_function_its_callers_and_open_transactions() -> None:
    log, region = Log(), Region("m", "f", 1, 9)
    log.begin()
    log.begin()
    log.access(frame(region=(region,)), "t", "write", "orm", place=Location("m", None, 7))
    assert list(log.accesses) == [Access(Location("m", None, 7), "t", "write", "orm", "certain")]
    assert log.effects == log.end() == {Effect("t", "write")}
    assert log.end() == set()
    assert log.transactions == {region: {Effect("t", "write")}}
    log.within(region, ())
    log.touch(frame(), ())
    assert log.transactions == {region: {Effect("t", "write")}}


def test_alternatives_are_possible_and_what_all_of_them_touch_is_certain() -> None:
    log = Log()
    log.of_each(["a", "b"], lambda name: (read(log, name), read(log, "both")))
    assert sure(log) == {(1, "a"): {"possible"}, (1, "b"): {"possible"}, (1, "both"): {"certain"}}
    log = Log()
    log.of_each(["a", "b"], lambda _: read(log, "both"))
    assert sure(log) == {(1, "both"): {"certain"}}


def test_an_alternative_that_touches_nothing_at_a_place_is_none_there() -> None:
    log = Log()
    log.of_each(["a", "", "b"], lambda name: read(log, name, line=2 if name == "b" else 1) if name else None)
    assert sure(log) == {(1, "a"): {"certain"}, (2, "b"): {"certain"}}


def test_a_single_value_is_no_alternative() -> None:
    log = Log()
    assert log.of_each(["a"], lambda name: (name, read(log, name))) == [("a", None)]
    assert sure(log) == {(1, "a"): {"certain"}}


def test_alternatives_within_alternatives_stay_possible() -> None:
    log = Log()
    log.of_each(["x", "y"], lambda outer: log.of_each(["a", "b"], lambda inner: read(log, outer + inner)))
    assert sure(log) == {(1, name): {"possible"} for name in ("xa", "xb", "ya", "yb")}


def test_an_alternative_that_fails_leaves_its_facts_and_no_doubt_behind() -> None:
    log = Log()

    def act(name: str) -> None:
        read(log, name)
        if name == "b":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        log.of_each(["a", "b"], act)
    read(log, "c")
    assert sure(log) == {(1, "a"): {"possible"}, (1, "b"): {"possible"}, (1, "c"): {"certain"}}


@pytest.mark.parametrize(
    ("own", "most", "found"),
    [
        ("certain", "inferred", "inferred"),
        ("possible", "inferred", "possible"),
        ("inferred", "possible", "possible"),
        ("certain", "certain", "certain"),
    ],
)
def test_nothing_is_surer_than_the_doubt_at_its_line(own: Certainty, most: Certainty, found: str) -> None:
    log = Log()
    with log.at_most(most, frame(line=1), "template"):
        read(log, "a", 1, own)
        read(log, "b", 2, own)
    read(log, "c", 1, own)
    assert sure(log) == {(1, "a"): {found}, (2, "b"): {own}, (1, "c"): {own}}
    assert {access.target: access.via for access in log.accesses} == {"a": "template", "b": "orm", "c": "orm"}


def test_of_equal_accesses_in_doubt_the_surest_is_kept() -> None:
    log = Log()
    with log.at_most("certain", frame()):
        read(log, "a", certainty="possible", via="form")
        read(log, "a", certainty="certain")
        read(log, "a", certainty="inferred", via="form")
    assert list(log.accesses) == [Access(Location("m", "f", 1), "a", "read", "orm", "certain")]


def test_what_is_in_doubt_for_the_caller_is_certain_in_the_body_of_what_it_calls() -> None:
    log = Log()
    with log.at_most("possible", frame(line=1)):
        doubts = log.enter_body()
        read(log, "a", 1)
        log.leave_body(doubts)
        read(log, "b", 1)
    assert sure(log) == {(1, "a"): {"certain"}, (1, "b"): {"possible"}}


def test_a_doubt_about_everything_reaches_into_called_functions_and_ends() -> None:
    log = Log()
    with log.all_at_most("inferred"):
        with log.all_at_most("possible"):
            read(log, "a")
        with log.all_at_most("certain"):
            read(log, "b")
        doubts = log.enter_body()
        read(log, "c")
        log.leave_body(doubts)
    read(log, "d")
    assert sure(log) == {
        (1, "a"): {"possible"},
        (1, "b"): {"inferred"},
        (1, "c"): {"inferred"},
        (1, "d"): {"certain"},
    }


def test_a_data_layer_hands_on_how_sure_its_own_access_is() -> None:
    log = Log()
    layer: Any = SimpleNamespace(
        module=SimpleNamespace(name="layer"), qualname="Repo.all", dotted="layer.Repo.all"
    )
    effect = Effect("t", "read")
    log.handed_over(frame(line=1), layer, effect)
    log.access(frame("layer", "Repo.all", 9), "t", "read", "orm", "possible")
    log.access(frame("layer", "Repo.all", 8), "t", "read", "orm", "certain")
    log.access(frame("layer", "Repo.all", 7), "t", "read", "orm", "inferred")
    log.handed_over(frame(line=2), layer, effect)
    assert sure(log)[1, "t"] == {"inferred"}
    assert sure(log)[2, "t"] == {"certain"}
    assert {access.via for access in log.accesses if access.place.module == "m"} == {"argument"}
    assert log.handed == {("layer", "Repo.all"): {effect}}


def test_the_way_to_the_data_goes_through_each_layer() -> None:
    log, effect = Log(), Effect("t", "read")

    def function(module: str, name: str) -> Any:
        return SimpleNamespace(module=SimpleNamespace(name=module), qualname=name, dotted=f"{module}.{name}")

    log.handed_over(frame("service", "load", 5), function("layer", "all"), effect)
    log.handed_over(frame("view", "show", 3), function("service", "load"), effect)
    assert log.ways == {
        (Location("service", "load", 5), effect): ("layer.all",),
        (Location("view", "show", 3), effect): ("service.load", "layer.all"),
    }


def test_what_cannot_be_told_is_told_of_whoever_asks() -> None:
    log, effect = Log(), Effect("t", "read")
    layer: Any = SimpleNamespace(module=SimpleNamespace(name="layer"), qualname="all", dotted="layer.all")
    other: Any = SimpleNamespace(module=SimpleNamespace(name="other"), qualname="go", dotted="other.go")
    log.unresolved_access(frame("layer", "all", 9), "a table by name")
    log.unresolved_access(frame("m", "f", 4), "a table by name")
    log.asked_vaguely(frame("m", "g", 5), layer)
    log.asked_vaguely(frame("m", "g", 6), other)
    log.asked_vaguely(frame("layer", "all", 7), layer)
    assert log.vagueness == 5
    assert [row.place.line for row in log.all_unresolved()] == [9, 4]
    log.handed_over(frame("m", "h", 8), layer, effect)
    assert list(log.all_unresolved()) == [
        Unresolved("m.py", Location("m", "f", 4), "a table by name"),
        Unresolved("m.py", Location("m", "g", 5), "what layer.all is asked for is put together at run time"),
    ]


def test_what_runs_at_another_time_counts_for_nothing_that_runs_now() -> None:
    log = Log()
    log.begin()
    mine = log.effects
    with log.apart():
        read(log, "a")
        assert not log.is_running(mine)
    assert log.is_running(mine)
    assert not log.is_running(set())
    assert log.end() == set()


def test_a_module_that_names_itself_imports_nothing() -> None:
    log = Log()
    log.dynamic_import("a", "a", 1)
    log.dynamic_import("a", "b", 2)
    log.dynamic_import("a", "b", 1)
    assert log.dynamic_imports == {("a", "b"): 2}


def test_of_accesses_as_sure_the_first_says_by_what() -> None:
    log = Log()
    with log.at_most("certain", frame()):
        read(log, "a", certainty="inferred", via="form")
        read(log, "a", certainty="inferred", via="orm")
    assert [access.via for access in log.accesses] == ["form"]


def using(definition: Any) -> Any:
    """A value of that definition."""
    value = SimpleNamespace(definition=lambda: definition)
    value.options = lambda: (value,)
    return value


def test_a_definition_of_another_module_is_used_from_its_first_line_on() -> None:
    log, here = Log(), frame("m", "f", 3)
    here.function, here.line, here.callee = "f", 3, None
    other: Any = SimpleNamespace(module=SimpleNamespace(name="n"), qualname="go")
    more: Any = SimpleNamespace(module=SimpleNamespace(name="n"), qualname="stay")
    own: Any = SimpleNamespace(module=here.module, qualname="go")
    for definition in (other, own, None):
        log.use(using(definition), "call", here)
    here.line = 9
    here.callee = using(other)  # a decorator's own function
    here.callee.owner = here.parent = None
    log.use(using(other), "reference", here)
    here.callee = None
    log.use(using(other), "call", here)
    log.use(SimpleNamespace(options=lambda: (using(other), using(more))), "call", here)  # type: ignore[arg-type]
    assert log.uses == {Use("m", "f", "n", "go", "call"): 3, Use("m", "f", "n", "stay", "call"): 9}


def test_what_is_sent_and_what_fails_is_noted_with_its_place() -> None:
    log = Log()
    log.message(frame("m", "f", 4), "task", "work")
    log.failed(SimpleNamespace(facts=SimpleNamespace(path="m.py")), 7, "too-complex", "why")  # type: ignore[arg-type]
    assert [(m.module, m.function, m.line, m.kind, m.name) for m in log.messages] == [
        ("m", "f", 4, "task", "work")
    ]
    assert list(log.failures) == [Failure("m.py", 7, "too-complex", "why")]


def test_a_line_stands_under_the_conditions_whose_block_holds_it() -> None:
    log = Log()
    inner = Undecided("m.py", 4, 5, 6, "B")
    log.undecided["m.py"] = dict.fromkeys((Undecided("m.py", 2, 3, 9, "A"), inner))
    assert [log.conditions("m.py", line) for line in (2, 3, 5, 6, 7, 9, 10)] == [
        [],
        ["A"],
        ["A", "B"],
        ["A", "B"],
        ["A"],
        ["A"],
        [],
    ]
    assert {(failure.line, failure.code) for failure in log.failures} == {
        (2, "undecided-condition"),
        (4, "undecided-condition"),
    }
    assert log.conditions("other.py", 5) == []


def test_while_the_application_is_put_together_nothing_is_known_of_data() -> None:
    log = Log()
    log.open = False
    read(log, "t")
    log.unresolved_access(frame(), "which table is meant")
    assert (list(log.accesses), list(log.unresolved), log.effects) == ([], [], set())
    log.open = True
    read(log, "t")
    log.unresolved_access(frame(), "which table is meant")
    assert (len(log.accesses), len(log.unresolved), log.effects) == (1, 1, {Effect("t", "read")})


def test_an_element_stands_under_the_conditions_behind_which_its_list_got_it() -> None:
    log, block = Log(), Undecided("m.py", 2, 3, 9, "A")
    held, other, first, second, third = (Value() for _ in range(5))
    assert log.additions.held_under(held, first) == ()
    log.additions.put_in(held, [first], (block,))
    log.additions.put_in(held, [second], ())
    assert [log.additions.held_under(held, one) for one in (first, second, third)] == [(block,), (), ()]
    assert log.additions.held_under(other, first) == ()
