"""What crosses between contexts: one list, with its ends, places, certainty and the way each came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from helpers.planted import planted
from helpers.systems import module, monolith, use

from strangler import pipeline
from strangler.config import Config
from strangler.contexts.crossings import by_kind, count_places, counted, crossed, find, touching
from strangler.model import (
    Access,
    CallSite,
    Crossing,
    Evidence,
    ForeignKey,
    Import,
    Invocation,
    Message,
    Model,
    Signal,
    Table,
    Task,
    Transaction,
)

NAMES = ("shop.orders", "shop.billing", "shop.stock")
CONTEXT = {name: name.rpartition(".")[2] for name in NAMES}
OWNERS = {"order": "orders", "invoice": "billing", "item": "stock"}


def cross(**facts: Any) -> tuple[Crossing, ...]:
    return find(monolith([module(name) for name in NAMES], **facts), CONTEXT, OWNERS)


def only(found: tuple[Crossing, ...], kind: str) -> Crossing:
    (crossing,) = (c for c in found if c.kind == kind)
    return crossing


def access(where: str, table: str, operation: str = "write", via: str = "orm", line: int = 5) -> Access:
    return Access(
        module=where,
        line=line,
        table=table,
        operation=operation,
        function="run",
        via=via,
        certainty="certain",
    )  # type: ignore[arg-type]


def table(name: str, *keys: ForeignKey) -> Table:
    owner = f"shop.{OWNERS.get(name, name)}"
    return Table(
        name=name,
        model=f"{owner}.{name.title()}",
        framework="django",
        path=f"{owner.replace('.', '/')}.py",
        line=3,
        foreign_keys=keys,
    )


def imports(importer: str, imported: str, line: int = 1, kind: str = "runtime") -> Import:
    return Import(importer=importer, imported=imported, line=line, kind=kind)  # type: ignore[arg-type]


def test_a_call_names_both_ends_and_its_line():
    (crossing,) = cross(calls=(use("shop.orders", "shop.billing", target="charge", line=7),))
    assert (crossing.source, crossing.target) == ("orders", "billing")
    assert (crossing.kind, crossing.subject) == ("call", "shop.billing.charge")
    assert crossing.reaches == ("shop.billing.charge",)
    (place,) = crossing.evidence
    assert (place.file, place.line, place.symbol) == ("shop/orders.py", 7, "f")
    assert (place.certainty, place.how) == ("certain", "direct")


def test_each_call_of_another_context_is_told_whatever_stands_before_it():
    calls = (use("shop.orders", "shop.orders"), use("shop.orders", "shop.billing", line=8))
    assert [(c.kind, c.evidence[0].line) for c in cross(calls=calls)] == [("call", 8)]


@pytest.mark.parametrize(
    ("kind", "reached", "how"),
    [("call", "name", "direct"), ("call", "value", "value"), ("reference", "name", "value")],
)
def test_a_call_says_whether_a_value_leads_to_it(kind, reached, how):
    call = use("shop.orders", "shop.billing", kind, target="charge")
    call = msgspec.structs.replace(call, sites=(CallSite(line=9, reached=reached),))
    assert only(cross(calls=(call,)), "call").evidence == (
        Evidence(file="shop/orders.py", line=9, symbol="f", how=how),
    )


def test_what_only_values_lead_to_is_a_call_of_its_context():
    row = Invocation(
        module="shop.orders", function="run", line=4, target_module="shop.billing", target="charge"
    )
    inside = Invocation(module="shop.orders", function="run", line=5, target="other")
    (crossing,) = cross(invocations=(row, inside))
    assert (crossing.kind, crossing.target, crossing.subject) == ("call", "billing", "shop.billing.charge")
    assert [(e.line, e.how) for e in crossing.evidence] == [(4, "value")]


def test_places_that_are_not_listed_are_counted():
    """Of a model that holds some of the places and the number of all."""
    listed = (Evidence(file="shop/orders.py", line=1), Evidence(file="shop/orders.py", line=2))
    crossing = Crossing(source="a", target="b", kind="read", subject="t", count=5, evidence=listed)
    assert by_kind((crossing,)) == {"read": 5}


def test_the_id_follows_the_ends_the_kind_and_the_subject_alone():
    (first,) = cross(calls=(use("shop.orders", "shop.billing", target="charge", line=7),))
    (moved,) = cross(calls=(use("shop.orders", "shop.billing", target="charge", line=70),))
    (other,) = cross(calls=(use("shop.orders", "shop.billing", target="refund", line=7),))
    assert first.id == moved.id != other.id


def test_an_import_that_only_brings_what_is_called_is_no_place_of_its_own():
    called = cross(
        imports=(imports("shop.orders", "shop.billing"),),
        calls=(use("shop.orders", "shop.billing", target="charge"),),
    )
    assert only(called, "import").count == 0
    assert [place.how for place in only(called, "import").evidence] == ["implied"]
    assert by_kind(called) == {"call": 1}
    assert {c.kind for c in counted(called)} == {"call"}
    alone = cross(imports=(imports("shop.orders", "shop.billing"),))
    assert only(alone, "import").count == 1


def test_a_module_that_is_loaded_because_of_where_it_lies_is_no_place_to_cut():
    row = imports("shop.orders", "shop.billing", kind="dynamic")
    found = cross(imports=(msgspec.structs.replace(row, listed=True),))
    assert only(found, "import").count == 0
    assert by_kind(found) == {}
    assert by_kind(cross(imports=(row,))) == {"import": 1}


@pytest.mark.parametrize(
    ("via", "how"), [("cascade", "cascade"), ("template", "template"), ("orm", "direct"), ("sql", "direct")]
)
def test_a_write_says_how_it_came(via, how):
    crossing = only(cross(accesses=(access("shop.orders", "invoice", via=via),)), "write")
    assert (crossing.subject, [place.how for place in crossing.evidence]) == ("invoice", [how])


def test_a_delete_that_goes_along_a_foreign_key_is_told_by_the_key_however_many_places_delete():
    places = tuple(access("shop.billing", "order", via="cascade", line=line) for line in (5, 9, 12))
    key = ForeignKey(column="invoice_id", table="invoice", on_delete="CASCADE")
    found = cross(accesses=places, tables=(table("order", key), table("invoice")))
    assert by_kind(found) == {"foreign_key": 1}
    told = only(found, "write")
    assert [(place.line, place.how) for place in told.evidence] == [(n, "implied") for n in (5, 9, 12)]


def test_a_line_that_also_writes_itself_what_a_delete_takes_along_counts():
    key = ForeignKey(column="invoice_id", table="invoice", on_delete="CASCADE")
    both = (access("shop.billing", "order", via="cascade"), access("shop.billing", "order"))
    found = cross(accesses=both, tables=(table("order", key), table("invoice")))
    assert by_kind(found) == {"foreign_key": 1, "write": 1}


def test_a_delete_that_no_foreign_key_tells_of_counts():
    """Rows that are found by a generic relation."""
    assert by_kind(cross(accesses=(access("shop.billing", "order", via="cascade"),))) == {"write": 1}


def test_what_is_put_around_every_page_is_no_tie_of_the_page():
    assert not cross(accesses=(access("shop.orders", "invoice", "read", "ambient"),))


def test_an_import_by_a_name_in_the_settings_says_so():
    modules = [module("shop.orders", "settings"), module("shop.billing"), module("shop.stock")]
    facts = monolith(
        modules,
        imports=(
            imports("shop.orders", "shop.billing", kind="dynamic"),
            imports("shop.stock", "shop.billing", kind="dynamic"),
        ),
    )
    found = find(facts, CONTEXT, OWNERS)
    assert {c.source: c.evidence[0].how for c in found} == {"orders": "settings", "stock": "name"}


def test_a_foreign_key_crosses_from_the_owner_of_its_table():
    crossing = only(
        cross(tables=(table("order", ForeignKey(column="bill_id", table="invoice")), table("invoice"))),
        "foreign_key",
    )
    assert (crossing.source, crossing.target, crossing.subject) == ("orders", "billing", "invoice")
    assert crossing.reaches == ("shop.billing.Invoice",)
    assert crossing.evidence[0].symbol == "order.bill_id"


def test_a_transaction_is_counted_once_however_many_tables_and_contexts_it_writes():
    item = Transaction(
        module="shop.orders",
        line=4,
        function="place",
        tables_written=("invoice", "item", "order"),
        tables_read=("invoice", "item"),
    )
    found = cross(transactions=(item,), accesses=(access("shop.orders", "order"),))
    assert {(c.source, c.target, c.subject, c.reaches) for c in found} == {
        ("orders", "billing", "shop.orders.place", ("invoice",)),
        ("orders", "stock", "shop.orders.place", ("item",)),
    }
    assert by_kind(found)["transaction"] == 1
    assert count_places(touching(found, "billing")) == 1


def test_what_a_transaction_only_reads_does_not_make_it_one_over_the_boundary():
    item = Transaction(
        module="shop.orders", line=4, function="place", tables_written=("order",), tables_read=("invoice",)
    )
    assert cross(transactions=(item,)) == ()


def test_a_transaction_says_whether_it_writes_there_itself_or_through_a_call():
    item = Transaction(module="shop.orders", line=4, function="run", tables_written=("invoice", "item"))
    found = cross(transactions=(item,), accesses=(access("shop.orders", "invoice"),))
    ways = {c.target: c.evidence[0].how for c in found if c.kind == "transaction"}
    assert ways == {"billing": "direct", "stock": "call"}


def test_messages_cross_from_who_sends_to_who_receives():
    found = cross(
        tasks=(Task(name="mail", handler="shop.billing.mail", framework="celery", line=1),),
        signals=(
            Signal(signal="placed", receiver="shop.stock.reserve", sender=None, line=2, module="shop.stock"),
        ),
        messages=(
            Message(module="shop.orders", function="place", line=9, kind="task", name="mail"),
            Message(module="shop.orders", function="place", line=8, kind="signal", name="placed"),
        ),
    )  # fmt: skip
    ends = {(c.source, c.target, c.kind, c.reaches) for c in found}
    assert ends == {
        ("orders", "billing", "task", ("shop.billing.mail",)),
        ("orders", "stock", "signal", ("shop.stock.reserve",)),
    }


ORM = {"signal": "post_save", "line": 6, "change": "saved"}


def test_what_the_orm_sends_crosses_from_the_owner_of_the_rows_to_the_receiver():
    signal = Signal(
        receiver="shop.billing.bill", module="shop.stock", sender="shop.orders.Order", table="order", **ORM
    )
    (crossing,) = cross(tables=(table("order"),), signals=(signal,))
    assert (crossing.source, crossing.target, crossing.kind) == ("orders", "billing", "signal")
    (place,) = crossing.evidence  # where it is connected, wherever the receiver lies
    assert (place.file, place.line, place.symbol) == ("shop/stock.py", 6, "shop.billing.bill")
    assert (place.how, place.certainty) == ("signal", "certain")


def test_a_sender_that_maps_no_table_is_where_its_class_lies():
    signal = Signal(
        receiver="shop.billing.bill", module="shop.billing", sender="shop.orders.Checkout", table="", **ORM
    )
    (crossing,) = cross(signals=(signal,))
    assert (crossing.source, crossing.target, crossing.kind) == ("orders", "billing", "signal")


def test_what_is_linked_in_a_librarys_table_crosses_from_who_links_it_and_from_nobody_else():
    signal = Signal(
        signal="m2m_changed", receiver="shop.billing.tagged", module="shop.billing", line=6, change="linked",
        sender="taggit.models.TaggedItem", table="item",
    )  # fmt: skip
    facts = {
        "tables": (table("order"), table("invoice")),
        "platform_tables": (table("item"),),
        "accesses": (access("shop.orders", "item"), access("shop.stock", "item", "read")),
        "signals": (signal,),
    }
    crossing = only(cross(**facts), "signal")
    assert (crossing.source, crossing.target) == ("orders", "billing")
    assert [place.certainty for place in crossing.evidence] == ["certain"]


def test_a_receiver_of_the_rows_of_all_models_may_hear_of_every_context():
    signal = Signal(receiver="shop.billing.audit", module="shop.billing", sender=None, **ORM)
    found = cross(tables=tuple(table(name) for name in (*OWNERS, "nobodys")), signals=(signal,))
    assert {(c.source, c.target) for c in found} == {("orders", "billing"), ("stock", "billing")}
    assert {c.evidence[0].certainty for c in found} == {"possible"}


def test_of_equal_places_the_surest_is_told():
    unsure = msgspec.structs.replace(access("shop.orders", "invoice"), certainty="possible", via="cascade")
    crossing = only(cross(accesses=(unsure, access("shop.orders", "invoice"))), "write")
    assert [(p.certainty, p.how) for p in crossing.evidence] == [("certain", "direct")]
    assert crossing.count == 1


def test_of_equally_sure_places_the_direct_one_is_told():
    cascade = access("shop.orders", "invoice", via="cascade")
    for rows in ((cascade, access("shop.orders", "invoice")), (access("shop.orders", "invoice"), cascade)):
        assert [p.how for p in only(cross(accesses=rows), "write").evidence] == ["direct"]


def test_what_a_data_layer_does_for_its_callers_crosses_where_they_stand():
    row = msgspec.structs.replace(access("shop.orders", "invoice"), for_callers=True)
    assert cross(accesses=(row,)) == ()


def test_a_model_from_before_crossings_had_ids_gets_them_anew():
    model = planted("flask_clinic")
    half = (msgspec.structs.replace(model.crossings[0], id=""), *model.crossings[1:])
    assert crossed(msgspec.structs.replace(model, crossings=half)) == model
    bare = tuple(msgspec.structs.replace(c, id="", evidence=c.evidence[:1]) for c in model.crossings)
    assert crossed(msgspec.structs.replace(model, crossings=bare)) == model
    assert crossed(model) is model


def analysed(root: Path, files: dict[str, str]) -> Model:
    for name, text in {"shop/__init__.py": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False)


DJANGO = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/settings.py": "INSTALLED_APPS = ['shop.orders', 'shop.billing', 'django.contrib.auth']\n",
    "shop/orders/__init__.py": "",
    "shop/orders/models.py": (
        "from django.db import models\n\n\nclass Order(models.Model):\n    total = models.IntegerField()\n"
    ),
    "shop/billing/__init__.py": "",
    "shop/billing/apps.py": (
        "from django.apps import AppConfig\n\n\n"
        "class BillingConfig(AppConfig):\n    name = 'shop.billing'\n\n"
        "    def ready(self):\n        from shop.billing import receivers\n"
    ),
}


def receiving(sender: str, imports: str = "") -> dict[str, str]:
    return DJANGO | {
        "shop/billing/receivers.py": (
            "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\n"
            f"{imports}\n\n\n@receiver(post_save, sender={sender})\n"
            "def bill(sender, instance, **kwargs):\n    pass\n"
        )
    }


SQLALCHEMY = {
    "shop/orders.py": (
        "from sqlalchemy.orm import declarative_base\nfrom sqlalchemy import Column, Integer\n\n"
        "Base = declarative_base()\n\n\nclass Order(Base):\n    __tablename__ = 'shop_order'\n"
        "    id = Column(Integer, primary_key=True)\n"
    ),
    "shop/billing.py": (
        "from sqlalchemy import event\nfrom shop.orders import Order\n\n\n"
        "@event.listens_for(Order, 'after_insert')\ndef bill(mapper, connection, target):\n    pass\n"
    ),
}


ORDER, USER = "from shop.orders.models import Order", "from django.contrib.auth.models import User"


@pytest.mark.parametrize(
    ("files", "model", "table"),
    [
        (receiving("Order", ORDER), "shop.orders.models.Order", "orders_order"),
        (receiving("'orders.Order'"), "shop.orders.models.Order", "orders_order"),
        (receiving("User", USER), "django.contrib.auth.models.User", "auth_user"),
        (SQLALCHEMY, "shop.orders.Order", "shop_order"),
    ],
    ids=["class", "label", "library", "sqlalchemy"],
)
def test_a_sender_is_the_class_under_one_name_however_it_is_written(tmp_path, files, model, table):
    system = analysed(tmp_path, files).system
    (signal,) = system.signals
    assert (signal.sender, signal.table, signal.change) == (model, table, "saved")
    context_of = {m.name: "billing" if "billing" in m.name else "orders" for m in system.modules}
    found = [c for c in find(system, context_of, {table: "orders"}) if c.kind == "signal"]
    assert [(c.source, c.target) for c in found] == [("orders", "billing")]
