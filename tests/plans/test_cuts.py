"""The remedy of each crossing, on models so small that one fact decides."""

# ruff: noqa: E501 (tables: a case a line)

from __future__ import annotations

import pytest
from helpers.systems import access, context, model_of, use

from strangler.model import (
    Access,
    Call,
    Column,
    Definition,
    Endpoint,
    ForeignKey,
    Import,
    Message,
    Model,
    Signal,
    Signature,
    Table,
    Task,
    Transaction,
)
from strangler.plans import plan_extraction
from strangler.plans.values import Cut

MINE = context("mine", "m.a", "m.b", tables=("mine_row",))
THEIRS = context("theirs", "t.a", "t.b", tables=("their_row", "their_log"))
OTHER = context("other", "o.a", tables=("other_row",))
KERNEL = context("kernel", "k.a", kind="shared_kernel")


def table(name: str, home: str, **fields: object) -> Table:
    values = {
        "model": f"{home}.Row",
        "framework": "django",
        "path": home.replace(".", "/") + ".py",
        "line": 9,
    }
    return Table(name=name, **(values | fields))  # type: ignore[arg-type]


def defined(module: str, name: str, lines: int = 5, kind: str = "function") -> Definition:
    return Definition(module=module, line=1, end_line=lines, name=name, kind=kind)  # type: ignore[arg-type]


def runtime(importer: str, imported: str) -> Import:
    return Import(importer=importer, imported=imported, line=1, kind="runtime")


def world(**facts: object) -> Model:
    return model_of(MINE, THEIRS, OTHER, KERNEL, **facts)


def the_cut(model: Model, kind: str, subject: str, direction: str = "out") -> Cut:
    cuts = plan_extraction(model, "mine").cuts
    (found,) = [c for c in cuts if (c.kind, c.subject, c.direction) == (kind, subject, direction)]
    return found


def reads(count: int, via: str = "orm", **fields: object) -> tuple[Access, ...]:
    return tuple(access("m.a", "their_row", line=n, via=via, **fields) for n in range(1, count + 1))  # type: ignore[arg-type]


CHANGE = (access("m.b", "their_row"), access("m.b", "their_row", "write", line=2))
"""A function that reads a row to change it."""


@pytest.mark.parametrize(
    ("accesses", "remedy", "reason"),
    [
        (reads(2), "api_call", "few places: ask theirs for the fields that are used"),
        (reads(3), "replica", "read in 3 places: one copy fed by events is less load"),
        (reads(1, "sql"), "replica", "raw SQL reads their_row beside other tables: a join cannot cross a wire"),
        (reads(2, "template"), "api_call", "only a template reads it: let the view ask for the fields and hand them over"),
        ((*reads(1, "template"), access("m.b", "their_row", line=7)), "api_call", "few places: ask theirs for the fields that are used"),
        (CHANGE, "api_call", "read to be changed: part of the operation of theirs that changes it"),
        ((*reads(3), *CHANGE), "replica", "read in 4 places: one copy fed by events is less load; 1 read before a write go with that operation"),
        (reads(2, "cascade"), "event", "only follows a delete: mine cleans up, by what `strangler extract` writes"),
        ((*reads(1, "cascade"), access("m.b", "their_row", line=7)), "api_call", "few places: ask theirs for the fields that are used"),
    ],
)  # fmt: skip
def test_a_read_becomes_a_call_or_a_copy(accesses: tuple[Access, ...], remedy: str, reason: str) -> None:
    found = the_cut(world(accesses=accesses), "read", "their_row")
    assert (found.remedy, found.reason) == (remedy, reason)


def test_a_write_becomes_an_operation_of_the_owner_unless_it_only_follows_a_delete() -> None:
    model = world(
        accesses=(access("m.a", "their_row", "write"), access("m.a", "their_log", "write", via="cascade"))
    )
    write, along = (the_cut(model, "write", name) for name in ("their_row", "their_log"))
    assert (write.remedy, write.reason.partition(":")[0]) == ("api_call", "only theirs may write its table")
    assert (along.remedy, along.reason) == (
        "event",
        "only follows a delete: theirs cleans up, by what `strangler extract` writes",
    )


def test_a_row_that_is_one_with_a_row_of_the_other_side_is_no_plain_column_and_comes_last() -> None:
    """As that of a model that inherits from one with a table."""
    pointer = ForeignKey(column="their_row_ptr_id", table="their_row", on_delete="CASCADE")
    own = Column(name="their_row_ptr_id", type="OneToOneField", primary_key=True)
    plain = ForeignKey(column="a_id", table="their_row", on_delete="CASCADE")
    model = model_of(
        context("mine", "m.a", "m.b", tables=("mine_row", "mine_zone")),
        THEIRS,
        tables=(
            table("mine_row", "m.a", foreign_keys=(pointer,), columns=(own,)),
            table("mine_zone", "m.b", foreign_keys=(plain,)),
            table("their_row", "t.a"),
        ),
    )
    found = the_cut(model, "foreign_key", "their_row")
    assert found.reason == "2 keys; the rows of mine_row are one with those of their_row: see below"
    *_, last = plan_extraction(model, "mine").keys
    assert last.table == "mine_row"
    assert last.reason.startswith(
        "each row of mine_row is one with a row of their_row, whose key it has: move"
    )


def test_foreign_keys_become_plain_columns_and_are_counted() -> None:
    keys = tuple(ForeignKey(column=f"c{n}", table="their_row", on_delete="CASCADE") for n in range(2))
    model = world(tables=(table("mine_row", "m.a", foreign_keys=keys), table("their_row", "t.a")))
    found = the_cut(model, "foreign_key", "their_row")
    assert found.remedy == "drop_key"
    assert found.reason.startswith("2 keys: plain columns with ids of theirs")


def test_tasks_and_signals_become_events() -> None:
    def said(name: str, kind: str) -> Message:
        return Message(module="m.a", function="f", line=4, kind=kind, name=name)  # type: ignore[arg-type]

    model = world(
        tasks=(Task(name="work", handler="t.a.work", framework="celery", line=1),),
        signals=(
            Signal(signal="m.b.done", receiver="t.a.on_done", sender=None, line=1, module="t.a"),
            Signal(
                signal="django.post_save", receiver="t.b.on_save", sender="m.a.Row", line=1, module="t.b",
                table="mine_row",
            ),
        ),
        messages=(said("work", "task"), said("m.b.done", "signal")),
    )  # fmt: skip
    task, own, orm = (
        the_cut(model, "task", "work"),
        the_cut(model, "signal", "m.b.done"),
        the_cut(model, "signal", "django.post_save"),
    )
    assert {task.remedy, own.remedy, orm.remedy} == {"event"}
    assert own.reason.startswith("the sender need not wait")
    assert orm.reason.startswith("the ORM calls the receiver at each change: mine publishes")


def test_what_the_kernel_offers_is_a_library_whatever_it_is() -> None:
    model = world(
        calls=(use("m.a", "k.a", target="now"), use("m.a", "k.a", "inheritance", target="Base")),
        imports=(runtime("m.b", "k.a"),),
        definitions=(defined("k.a", "now"),),
    )
    assert {the_cut(model, kind, name).remedy for kind, name in (("call", "k.a.now"), ("inheritance", "k.a.Base"), ("import", "k.a"))} == {"shared_library"}  # fmt: skip


@pytest.mark.parametrize(("others", "remedy"), [((), "duplicate"), (("o.a",), "duplicate"), (("o.a", "t.b"), "shared_library")])  # fmt: skip
def test_a_base_class_of_three_contexts_is_base_code(others: tuple[str, ...], remedy: str) -> None:
    heirs = tuple(use(module, "t.a", "inheritance", target="Base") for module in ("m.a", *others))
    assert the_cut(world(calls=heirs), "inheritance", "t.a.Base").remedy == remedy


ENDPOINT = Endpoint(
    path="/", methods=None, handler="m.b.show", framework="django", pattern="", regex="/", name=None, file="m/a.py",
    line=1, order=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "direction", "remedy", "reason"),
    [
        ({"tables": (table("their_row", "t.a"),)}, "out", "remove_line", "it brings table classes"),
        ({"signals": (Signal(signal="t.a.done", receiver="t.b.f", sender=None, line=1),)}, "out", "event", "it brings signals"),
        ({}, "out", "duplicate", "no function of it is called"),
        ({}, "in", "remove_line", "nothing in it can be called"),
        ({"definitions": (defined("m.a", "f"),)}, "in", "duplicate", "no function of it is called"),
        ({"endpoints": (ENDPOINT,), "definitions": (defined("m.a", "f"),)}, "in", "remove_line", "it only registers routes that move"),
    ],
)  # fmt: skip
def test_an_import_without_a_call_falls_or_is_copied(
    facts: dict[str, object], direction: str, remedy: str, reason: str
) -> None:
    one, other = ("m.b", "t.a") if direction == "out" else ("t.b", "m.a")
    found = the_cut(world(imports=(runtime(one, other),), **facts), "import", other, direction)
    assert (found.remedy, found.reason.partition(":")[0]) == (remedy, reason)


BOTH = (use("m.a", "t.a", target="go"), use("o.a", "t.a", target="go"))
ONLY = BOTH[:1]


@pytest.mark.parametrize(
    ("calls", "facts", "remedy", "reason"),
    [
        (ONLY, {"accesses": (access("t.a", "mine_row", function="go"),)}, "move_function", "it touches only tables of mine (mine_row)"),
        (ONLY, {"accesses": (access("t.a", "their_row", function="go"),)}, "api_call", "it works on their_row: an operation of theirs"),
        (ONLY, {"accesses": (access("t.a", "mine_row", function="go"), access("t.a", "their_row", function="go"))}, "api_call", "it works on mine_row, their_row: an operation of theirs"),
        (ONLY, {}, "move_function", "only mine calls it, and it touches no table"),
        (BOTH, {}, "duplicate", "5 lines without data access: a copy is cheaper than a remote call"),
        (BOTH, {"definitions": (defined("t.a", "go", 25),)}, "duplicate", "25 lines without data access: a copy is cheaper than a remote call"),
        (BOTH, {"definitions": (defined("t.a", "go", 26),)}, "shared_library", "long, without data access, used on both sides: a package, not a service"),
        (ONLY, {"definitions": (defined("t.a", "go", 5, "class"),)}, "duplicate", "a type without data access of its own seen: copy it, or pass plain fields"),
        (ONLY, {"definitions": ()}, "duplicate", "a type without data access of its own seen: copy it, or pass plain fields"),
        (ONLY, {"definitions": (defined("t.a", "go", 5, "class"), defined("t.a", "go.save", kind="method")), "accesses": (access("t.a", "their_row", function="go.save"),)}, "api_call", "it works on their_row: an operation of theirs"),
    ],
)  # fmt: skip
def test_a_call_is_moved_copied_shared_or_made_remote(
    calls: tuple[Call, ...], facts: dict[str, object], remedy: str, reason: str
) -> None:
    model = world(**({"calls": calls, "definitions": (defined("t.a", "go"),)} | facts))
    found = the_cut(model, "call", "t.a.go")
    assert (found.remedy, found.reason) == (remedy, reason)


def test_places_are_those_of_the_crossing_without_what_only_brings_the_name() -> None:
    model = world(calls=ONLY, imports=(runtime("m.a", "t.a"),), definitions=(defined("t.a", "go"),))
    cuts = plan_extraction(model, "mine").cuts
    assert [(c.kind, c.other, [(p.file, p.line) for p in c.places]) for c in cuts] == [
        ("call", "theirs", [("m/a.py", 3)])
    ]


def test_a_transaction_over_the_boundary_has_the_remedy_of_its_saga() -> None:
    model = world(
        accesses=(access("m.a", "mine_row", "write"), access("m.a", "their_row", "write", line=2)),
        transactions=(
            Transaction(module="m.a", line=1, function="f", tables_written=("mine_row", "their_row")),
        ),
    )
    plan = plan_extraction(model, "mine")
    (saga,) = plan.sagas
    found = the_cut(model, "transaction", "m.a.f")
    assert (found.remedy, found.reason) == (saga.remedy, saga.note)


def sending(kind: str, name: str) -> Message:
    return Message(module="t.a", function="go", line=4, kind=kind, name=name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "remedy", "reason"),
    [
        ({"messages": (sending("task", "work"),)}, "api_call", "it sends work: an operation of theirs"),
        (
            {"messages": (sending("task", "work"),), "accesses": (access("t.a", "mine_row", function="go"),)},
            "api_call",
            "it works on mine_row and sends work: an operation of theirs",
        ),
        ({"accesses": (access("t.a", "nobodys", function="go"),)}, "api_call", "it works on nobodys: an operation of theirs"),
        (
            {
                "accesses": (access("t.b", "their_row", "write", function="deep"),),
                "calls": (*ONLY, Call(module="t.a", function="go", line=2, target_module="t.b", target="deep")),
                "definitions": (defined("t.a", "go"), defined("t.b", "deep")),
            },
            "api_call",
            "it works on their_row through deep: an operation of theirs",
        ),
        (
            {
                "accesses": (access("t.b", "mine_row", "write", function="deep"), access("t.a", "mine_row", function="go")),
                "calls": (*ONLY, Call(module="t.a", function="go", line=2, target_module="t.b", target="deep")),
                "definitions": (defined("t.a", "go"), defined("t.b", "deep")),
            },
            "move_function",
            "it touches only tables of mine (mine_row)",
        ),
        (
            {"tables": (table("their_row", "t.a", model="t.a.go"),), "definitions": (defined("t.a", "go", kind="class"),)},
            "duplicate",
            "the class of their_row: pass ids or plain fields instead of its rows",
        ),
    ],
)  # fmt: skip
def test_a_call_is_judged_by_all_that_it_leads_to(facts: dict[str, object], remedy: str, reason: str) -> None:
    model = world(**({"calls": ONLY, "definitions": (defined("t.a", "go"),)} | facts))
    found = the_cut(model, "call", "t.a.go")
    assert (found.remedy, found.reason) == (remedy, reason)


def test_a_base_class_that_works_on_data_leaves_that_to_its_owner() -> None:
    model = world(
        calls=(use("m.a", "t.a", "inheritance", target="Base"),),
        definitions=(defined("t.a", "Base", 9, "class"), defined("t.a", "Base.save", 5, "method")),
        accesses=(access("t.a", "their_row", "write", "Base.save"),),
    )
    found = the_cut(model, "inheritance", "t.a.Base")
    assert (found.remedy, found.reason) == (
        "duplicate",
        "it works on their_row: copy what the subclass uses, and leave that to the owner",
    )


def test_a_function_of_the_kernel_that_works_on_data_is_an_operation() -> None:
    model = world(
        calls=(use("m.a", "k.a", target="go"),),
        definitions=(defined("k.a", "go"),),
        accesses=(access("k.a", "k_row", "write", "go"),),
    )
    assert the_cut(model, "call", "k.a.go").remedy == "api_call"


def test_a_function_that_cannot_be_followed_to_the_end_is_an_operation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("strangler.model.effects.Effects.complete", lambda self, module, name: False)
    found = the_cut(world(calls=ONLY, definitions=(defined("t.a", "go"),)), "call", "t.a.go")
    assert (found.remedy, found.reason) == (
        "api_call",
        "too much hangs on it to be followed: an operation of theirs",
    )
    computing = (Signature(module="t.a", name="go", line=1, computes=True),)
    found = the_cut(
        world(calls=ONLY, definitions=(defined("t.a", "go"),), signatures=computing), "call", "t.a.go"
    )
    assert found.remedy == "move_function"  # as the seams say: its code does the same on either side
