"""What a plan says about contexts whose tangles were planted."""

from __future__ import annotations

import msgspec
import pytest
from helpers.monolith import FIXTURES
from helpers.planted import changed, planted

from strangler.model import Access, Model, Transaction
from strangler.plans import (
    ExtractionPlan,
    UnknownContextError,
    plan_extraction,
    plan_files,
    plan_roadmap,
    roadmap_files,
)
from strangler.reports.index import Index
from strangler.reports.verdict import verdict


@pytest.fixture(scope="module")
def billing() -> ExtractionPlan:
    return plan_extraction(planted("django_shop"), "billing")


def remedy(plan: ExtractionPlan, direction: str, kind: str, subject: str) -> str:
    (cut,) = [c for c in plan.cuts if (c.direction, c.kind, c.subject) == (direction, kind, subject)]
    return cut.remedy


def test_everything_that_the_context_owns_moves(billing):
    moves = billing.moves
    assert "shop/billing/services.py" in moves.files
    assert moves.tables == ("fin_invoice", "fin_payment")
    assert {e.path for e in moves.endpoints} >= {"/billing/invoices/", "/billing/report.csv"}
    assert {task.name for task in moves.tasks} == {
        "billing.remind_overdue",
        "shop.billing.tasks.send_invoice",
    }
    assert "close_month" in moves.commands
    assert len(moves.signals) == 2


def test_a_package_file_stays_where_modules_of_others_lie_in_the_package():
    model = planted("django_shop")
    other = {"billing": set(), "orders": {"shop.billing.reports"}}
    contexts = tuple(
        msgspec.structs.replace(
            context,
            modules=tuple(
                sorted(
                    {*context.modules, *other[context.name]}
                    - ({"shop.billing.reports"} - other[context.name])
                )
            ),
        )
        if context.name in other
        else context
        for context in model.contexts
    )
    plan = plan_extraction(changed(model, contexts=contexts), "billing")
    assert plan.moves.packages == ("shop/billing/__init__.py",)
    assert "shop/billing/__init__.py" not in plan.moves.files
    assert any("keep shop/billing/__init__.py" in line for line in plan.stages[4].work)


def test_a_model_on_the_other_side_of_its_table_is_to_change_sides_first():
    model = planted("django_shop")
    tables = {context.name: set(context.tables) - {"fin_payment"} for context in model.contexts}
    tables["orders"].add("fin_payment")
    contexts = tuple(
        msgspec.structs.replace(context, tables=tuple(sorted(tables[context.name])))
        for context in model.contexts
    )
    given = changed(model, contexts=contexts)
    for name, title in (
        ("billing", "Models whose tables stay"),
        ("orders", "Models elsewhere whose tables move"),
    ):
        plan = plan_extraction(given, name)
        (found,) = plan.moves.mapped_apart
        assert (found.model, found.table, found.owner) == (
            "shop.billing.models.Payment",
            "fin_payment",
            "orders",
        )
        files = plan_files(plan)
        for page in ("PLAN.md", "plan.html"):
            assert title in files[page].decode()
        assert "bring 1 model to the side of their tables" in files["PLAN.md"].decode()
    assert not plan_extraction(given, "customers").moves.mapped_apart
    assert not plan_extraction(model, "billing").moves.mapped_apart


@pytest.mark.parametrize(
    ("direction", "kind", "subject", "expected"),
    [
        ("out", "write", "orders_order", "api_call"),
        ("out", "read", "catalog_product", "replica"),  # a join in raw SQL
        ("out", "call", "shop.customers.loyalty.add_points", "api_call"),
        ("in", "call", "shop.billing.services.open_invoice", "api_call"),
        ("in", "signal", "shop.orders.signals.order_placed", "event"),
        ("out", "call", "shop.core.clock.now", "shared_library"),
        ("out", "import", "shop.orders.models", "remove_line"),
        ("in", "import", "shop.billing.urls", "remove_line"),
    ],
)
def test_each_crossing_has_the_remedy_of_its_kind(billing, direction, kind, subject, expected):
    assert remedy(billing, direction, kind, subject) == expected


def test_every_crossing_shows_its_lines(billing):
    assert all(cut.places and cut.reason for cut in billing.cuts)
    (write,) = [c for c in billing.cuts if c.kind == "write" and c.direction == "out" and c.other == "orders"]
    assert {place.file for place in write.places} == {"shop/billing/services.py"}


def test_keys_that_act_on_delete_are_broken_last():
    keys = plan_extraction(planted("flask_clinic"), "patients").keys
    assert keys
    assert [key.position for key in keys] == list(range(1, len(keys) + 1))
    acting = ["acts on delete" in key.reason for key in keys]
    assert acting == sorted(acting)


@pytest.mark.parametrize("name", ["django_shop", "flask_clinic", "fastapi_courier"])
def test_a_key_is_shown_at_the_line_of_its_column(name):
    model, root = planted(name), FIXTURES / name
    for context in model.contexts:
        if context.kind == "context":
            for key in plan_extraction(model, context.name).keys:
                line = (root / key.place.file).read_text().splitlines()[key.place.line - 1]
                assert key.column.removesuffix("_id") in line, (key.place, line)


def test_a_payment_over_the_boundary_becomes_a_saga_of_two_sides_with_compensations(billing):
    (pay,) = [saga for saga in billing.sagas if saga.name == "shop.billing.services.pay"]
    assert pay.remedy == "saga"
    assert pay.orchestrator == "billing"
    assert [step.participant for step in pay.steps] == ["service", "monolith", "service"]
    begin, other, end = pay.steps
    assert set(begin.tables) == {"fin_invoice", "fin_payment"}
    assert {"orders_order", "customers_customer"} <= set(other.tables)
    assert all(step.compensation for step in (begin, other))
    assert end.compensation == ""
    called = {place.symbol: place.line for place in other.places}
    assert called["shop.customers.loyalty.add_points"] == 43
    assert "shop.billing.services.refund" in begin.compensation  # the code knows how to take a payment back


def test_a_seeding_command_is_split_and_no_saga(billing):
    (seeding,) = [saga for saga in billing.sagas if "commands.seed" in saga.name]
    assert seeding.remedy == "split_script"


def test_rows_that_only_follow_a_delete_need_no_saga():
    model = planted("django_shop")
    transaction = Transaction(
        module="shop.orders.services",
        line=1,
        function="purge",
        tables_written=("fin_invoice", "orders_order"),
    )
    accesses = [
        Access(
            module="shop.orders.services", function="purge", line=2, operation="write", certainty="certain",
            table=table, via=via,
        )
        for table, via in (("orders_order", "orm"), ("fin_invoice", "cascade"))
    ]  # fmt: skip
    model = changed(model, transactions=(transaction,), accesses=(*model.accesses, *accesses))
    (found,) = plan_extraction(model, "billing").sagas
    assert found.remedy == "event"
    assert not any(step.compensation for step in found.steps)


def test_every_stage_can_be_entered_run_watched_and_taken_back(billing):
    assert [stage.number for stage in billing.stages] == [0, 1, 2, 3, 4]
    for stage in billing.stages:
        assert stage.entry_check
        assert stage.commands
        assert stage.observable
        assert stage.rollback


def test_readiness_has_nine_checks_and_asks_what_code_cannot_tell(billing):
    assert len(billing.readiness) == 9
    states = {item.check: item.state for item in billing.readiness}
    assert states["data"] == "work"
    assert states["operations"] == "ask"


def test_the_security_check_counts_what_lets_callers_in():
    plan = plan_extraction(planted("fastapi_courier"), "billing")
    (check,) = [item for item in plan.readiness if item.check == "security"]
    told = " ".join(check.facts)
    assert "current_account" in told
    assert "no guard was seen on" in told


def test_files_to_edit_outside_are_outside_and_have_reasons(billing):
    files = {edit.file: edit for edit in billing.edits}
    assert "shop/orders/services.py" in files
    assert "shop/urls.py" in files
    assert not set(files) & set(billing.moves.files)
    assert all(edit.reasons for edit in billing.edits)


def test_an_unknown_context_is_answered_with_the_nearest_names():
    with pytest.raises(UnknownContextError, match="billing"):
        plan_extraction(planted("django_shop"), "biling")
    with pytest.raises(UnknownContextError, match="'platform' is not to be taken out: shared code"):
        plan_extraction(planted("django_shop"), "platform")


@pytest.mark.parametrize("name", ["django_shop", "fastapi_courier", "flask_clinic"])
def test_the_same_model_gives_the_same_bytes_for_every_context(name):
    model = planted(name)
    for context in model.contexts:
        if context.kind == "context":
            files = plan_files(plan_extraction(model, context.name))
            assert files == plan_files(plan_extraction(model, context.name))
            assert msgspec.json.decode(files["plan.json"], type=ExtractionPlan).context == context.name


def test_the_roadmap_orders_all_contexts_and_says_why():
    roadmap = plan_roadmap(planted("django_shop"))
    assert {c.context for c in roadmap.candidates} == {
        "billing",
        "catalog",
        "customers",
        "orders",
        "warehouse",
    }
    assert [c.position for c in roadmap.candidates] == [1, 2, 3, 4, 5]
    assert all("places to cut" in candidate.reasons[0] for candidate in roadmap.candidates)
    assert [(c.context, c.position) for c in roadmap.stay] == [("platform", 0)]


@pytest.mark.parametrize("name", ["django_shop", "fastapi_courier", "flask_clinic"])
def test_the_roadmap_and_the_report_agree_on_the_order(name):
    model = planted(name)
    judged = verdict(model, Index(model)).candidates
    assert [c.context for c in plan_roadmap(model).candidates] == [
        c.context for c in judged if not c.excluded
    ]


def test_the_roadmap_is_two_files():
    roadmap = plan_roadmap(planted("django_shop"))
    assert roadmap_files(roadmap).keys() == {"ROADMAP.md", "roadmap.json"}


HOSTILE = '</style><script>alert(1)</script>`|{{ 7*7 }}\n\u202e"'


def hostile(model: Model) -> Model:
    """The shop, its billing context and a table of it named to break out of any format."""
    billing = next(context for context in model.contexts if context.name == "billing")
    renamed = msgspec.structs.replace(billing, name=HOSTILE, tables=(HOSTILE,))
    contexts = (renamed, *(context for context in model.contexts if context is not billing))
    tables = tuple(
        msgspec.structs.replace(t, name=HOSTILE) if t.name == "fin_invoice" else t for t in model.tables
    )
    return changed(model, contexts=contexts, tables=tables)


def test_hostile_names_stay_names_in_every_file():
    files = plan_files(plan_extraction(hostile(planted("django_shop")), HOSTILE))
    page = files["plan.html"].decode()
    assert page.count("<script") == 1  # its own, for the ticks
    assert "\u202e" not in page
    assert page.count("</style>") == 1
    text = files["PLAN.md"].decode()
    assert "\u202e" not in text
    assert "\n\u202e" not in text
    heading = text.splitlines()[0]
    assert heading.startswith("# Extraction plan: ``")


def test_what_stands_before_every_request_is_told_with_the_tables_that_the_service_lacks(billing):
    assert billing.ambient_tables == ("auth_user", "django_session")
    names = {row.name for row in billing.ambient}
    assert "django.contrib.sessions.middleware.SessionMiddleware" in names
    text = plan_files(billing)["PLAN.md"].decode()
    section = text.split("## What stands before every request")[1].split("\n## ")[0]
    assert "lacks for them:** `auth_user`, `django_session`." in section
    page = plan_files(billing)["plan.html"].decode()
    assert "What stands before every request" in page
