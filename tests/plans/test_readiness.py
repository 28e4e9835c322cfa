"""What readiness, effort and risk say, on models so small that one fact decides."""

# ruff: noqa: E501 (tables: a case a line)

from __future__ import annotations

import msgspec
import pytest
from helpers.systems import access, context, model_of, use

from strangler.model import (
    BoundedContext,
    Changes,
    Commit,
    Definition,
    Diagnostic,
    Domain,
    Endpoint,
    ForeignKey,
    Member,
    Model,
    Request,
    Table,
    Task,
)
from strangler.plans import ExtractionPlan, plan_extraction
from strangler.plans.layout import keys_to_break


def mine(sure: float = 0.9, *members: Member) -> BoundedContext:
    return context("mine", "m.a", "m.b", tables=("mine_row",), confidence=sure, members=members)


THEIRS = context("theirs", "t.a", "t.b", tables=("their_row",))


def plan(own: BoundedContext | None = None, **facts: object) -> ExtractionPlan:
    model: Model = model_of(own or mine(), THEIRS, **facts)
    return plan_extraction(model, "mine")


def check(found: ExtractionPlan, name: str) -> tuple[str, tuple[str, ...]]:
    (row,) = [row for row in found.readiness if row.check == name]
    return row.state, row.facts


@pytest.mark.parametrize(("sure", "state"), [(0.5, "ready"), (0.49, "work")])
def test_a_boundary_is_clear_where_it_is_sure_enough_to_cut_along(sure: float, state: str) -> None:
    assert check(plan(mine(sure)), "boundaries") == (state, (f"confidence of the context {sure:.2f}",))


@pytest.mark.parametrize(("sure", "state"), [(0.6, "ready"), (0.59, "work")])
def test_a_module_that_fits_elsewhere_nearly_as_well_makes_it_unclear(sure: float, state: str) -> None:
    own = mine(
        0.9, Member(module="m.a", confidence=sure, alternative="theirs"), Member(module="m.b", confidence=1.0)
    )
    found, facts = check(plan(own), "boundaries")
    assert found == state
    if state == "work":
        assert facts[1] == "1 of 2 modules would fit elsewhere nearly as well (mostly theirs): m.a"


def test_several_domains_in_one_context_are_to_be_told_apart_first() -> None:
    mixed = msgspec.structs.replace(
        mine(0.9), domains=tuple(Domain(name=name) for name in ("person", "event"))
    )
    found, facts = check(plan(mixed), "boundaries")
    assert found == "work"
    assert facts[1].startswith("several domains lie together here: person (")
    assert facts[1].endswith("; decide what goes with what first")


def endpoint(path: str, *guards: str, exact: bool = True) -> Endpoint:
    return Endpoint(
        path=path, methods=("GET",), handler="m.a.show", framework="django", pattern=path, regex=path, name=None,
        file="m/a.py", line=1, order=0, exact=exact, requests=(Request(method="GET", guards=guards),),
    )  # fmt: skip


def test_nothing_offered_and_nothing_used_is_ready_at_once() -> None:
    found = plan()
    assert {row.check: row.state for row in found.readiness} == {
        "boundaries": "ready",
        "contracts": "ready",
        "communication": "ready",
        "data": "ready",
        "delivery": "ask",
        "observability": "ask",
        "resilience": "ask",
        "security": "ask",
        "operations": "ask",
    }
    assert check(found, "contracts")[1] == ("it serves no URL of its own",)
    assert check(found, "communication")[1] == (
        "0 crossings become API calls, 0 events",
        "no mutual dependence",
    )
    assert check(found, "data")[1] == ("no table, key or transaction is shared",)


def test_data_of_which_nothing_was_read_is_not_called_ready() -> None:
    bare = [msgspec.structs.replace(one, tables=()) for one in (mine(), THEIRS)]
    found = plan_extraction(model_of(*bare), "mine")
    assert check(found, "data") == ("work", ("no table was read: its data is not known",))
    work = " ".join(line for stage in found.stages for line in stage.work)
    assert "no table of the monolith was read" in work
    assert "owns no table" not in work


def test_a_table_that_inherits_what_is_not_read_may_have_more_keys_to_break() -> None:
    row = Table(name="mine_row", model="m.a.Row", framework="django", path="m/a.py", line=4)
    note = Diagnostic(file="m/a.py", line=4, code="inherited-columns", severity="note", message="Row: ...")
    found = plan(tables=(row,), diagnostics=(note,))
    assert check(found, "data") == ("work", ("foreign keys of 1 table are not all known: mine_row",))
    assert keys_to_break(found.figures) == (
        "0 foreign keys to break that are known; those of 1 table are known in part"
    )
    assert any("known in part" in doubt and "mine_row" in doubt for doubt in found.doubts)
    other = plan(tables=(row,), diagnostics=(msgspec.structs.replace(note, line=5),))
    assert keys_to_break(other.figures) == "0 foreign keys to break"
    assert check(other, "data")[0] == "ready"


def test_urls_and_operations_need_contracts() -> None:
    served = plan(endpoints=(endpoint("/a"), endpoint("/b", exact=False)))
    assert check(served, "contracts") == (
        "work",
        ("2 endpoints need recorded cases (strangler record)", "1 route known only approximately: /b"),
    )
    called = plan(
        calls=(use("t.a", "m.a", target="go"),),
        definitions=(Definition(module="m.a", line=1, end_line=9, name="go", kind="function"),),
        accesses=(access("m.a", "mine_row", "write", "go"),),
    )
    state, facts = check(called, "contracts")
    assert (state, facts) == (
        "work",
        ("it serves no URL of its own", "1 crossing becomes an operation that others call"),
    )
    assert check(called, "communication") == (
        "work",
        ("1 crossing becomes an API call, 0 events", "no mutual dependence"),
    )
    assert check(called, "resilience")[1][0].startswith(
        "when the service is down, 1 crossing of others waits or fails; when the monolith is, 0 of the service"
    )


def test_mutual_dependence_is_said() -> None:
    found = plan(accesses=(access("t.a", "mine_row"), access("m.a", "their_row")))
    assert check(found, "communication")[1][1] == "mutual dependence with theirs"


def table(name: str, module: str, *keys: tuple[str, str | None]) -> Table:
    return Table(
        name=name,
        model=f"{module}.Row",
        framework="django",
        path=module.replace(".", "/") + ".py",
        line=1,
        foreign_keys=tuple(ForeignKey(column=f"{to}_id", table=to, on_delete=rule) for to, rule in keys),
    )


def test_data_that_both_sides_write_or_refer_to_is_work() -> None:
    written = plan(accesses=(access("t.a", "mine_row", "write"), access("m.a", "mine_row", "write")))
    assert check(written, "data") == ("work", ("1 table written on both sides: mine_row",))
    assert check(plan(accesses=(access("m.a", "mine_row", "write"),)), "data")[0] == "ready"
    keyed = plan(tables=(table("mine_row", "m.a", ("their_row", None)), table("their_row", "t.a")))
    assert check(keyed, "data") == ("work", ("1 foreign key over the boundary",))


def test_keys_come_in_the_order_of_breaking() -> None:
    """Those that refuse before those that act, then those of tables that few write, then by name."""
    found = plan(
        tables=(
            table("mine_row", "m.a", ("their_row", "CASCADE")),
            table("mine_log", "m.b", ("their_row", "PROTECT")),
            table("their_row", "t.a", ("mine_row", "models.PROTECT")),
            table("their_row", "t.a", ("their_row", "CASCADE")),
        ),
        accesses=(access("m.a", "mine_log", "write"), access("x", "their_row", "write")),
        own=context("mine", "m.a", "m.b", tables=("mine_row", "mine_log")),
    )
    assert [(k.position, k.table, k.direction, k.references) for k in found.keys] == [
        (1, "their_row", "in", "mine_row"),
        (2, "mine_log", "out", "their_row"),
        (3, "mine_row", "out", "their_row"),
    ]
    assert [k.reason.rpartition("; ")[2] for k in found.keys] == [
        "0 places write their_row",
        "1 place writes mine_log",
        "0 places write mine_row",
    ]
    assert found.keys[2].reason.startswith(
        "CASCADE acts on delete: the owner of their_row publishes the delete"
    )
    assert found.keys[1].reason.startswith("PROTECT refuses to delete a row of their_row")


@pytest.mark.parametrize(("line", "shown"), [(6, 6), (0, 4)])
def test_a_key_stands_on_the_line_of_its_column_where_that_is_known(line: int, shown: int) -> None:
    key = ForeignKey(column="their_row_id", table="their_row", line=line)
    own = Table(
        name="mine_row", model="m.a.Row", framework="django", path="m/a.py", line=4, foreign_keys=(key,)
    )
    model = model_of(mine(), THEIRS, tables=(own, table("their_row", "t.a")))
    (found,) = plan_extraction(model, "mine").keys
    assert found.place.line == shown
    assert found.place.symbol == "mine_row.their_row_id"


@pytest.mark.parametrize(
    ("rule", "acting"),
    [("CASCADE", 1), ("SET_NULL", 1), ("set null", 1), ("models.SET_DEFAULT", 1), ("PROTECT", 0), (None, 0)],
)
def test_a_rule_that_acts_on_delete_is_a_risk(rule: str | None, acting: int) -> None:
    found = plan(tables=(table("mine_row", "m.a", ("their_row", rule)), table("their_row", "t.a")))
    (risk,) = [count for count in found.risk if count.name == "foreign keys that act on delete"]
    assert risk.value == acting


def test_guards_are_counted_and_their_absence_is_said() -> None:
    facts = check(
        plan(
            endpoints=(
                endpoint("/a", "lib.login_required"),
                endpoint("/b", "x.login_required", "x.staff"),
                endpoint("/c"),
            )
        ),
        "security",
    )[1]
    assert facts[1:] == (
        "endpoints by guard: login_required 2, staff 1",
        "no guard was seen on 1 endpoint: /c",
    )
    assert len(check(plan(), "security")[1]) == 1


def test_identity_data_of_others_is_named() -> None:
    found = plan(
        accesses=(access("m.a", "auth_user"), access("m.b", "their_row"), access("t.a", "auth_group"))
    )
    assert check(found, "security")[1][1:] == ("reads identity data of others: auth_user",)


def test_scheduled_work_runs_on_one_side_only() -> None:
    tasks = tuple(
        Task(name=name, handler=f"{home}.{name}", framework="celery", line=1, schedule=schedule)
        for name, home, schedule in (
            ("nightly", "m.a", "daily"),
            ("once", "m.a", None),
            ("far", "t.a", "daily"),
        )
    )
    assert check(plan(tasks=tasks), "operations")[1][1:] == (
        "1 scheduled task must run on one side only: nightly",
    )


def test_the_share_of_its_own_commits_is_a_risk_figure() -> None:
    log = tuple(
        Commit(sha=str(n), time=0, subject="", modules=modules)
        for n, modules in enumerate([("m.a",), ("m.a", "t.a"), ("t.a",), ("m.a", "m.b")])
    )
    found = plan(changes=Changes(log=log))
    assert [c.value for c in found.risk if c.name.startswith("commits")] == [0.67]
    assert not [c for c in plan().risk if c.name.startswith("commits")]
