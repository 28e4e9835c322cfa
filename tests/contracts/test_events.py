"""Event contracts: what crosses as a signal or a task becomes a documented, valid message."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from helpers.planted import planted
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from strangler.contracts.events import Events, asyncapi, event_files, find_events
from strangler.model import Model

RESOURCES = Path(__file__).parent / "resources"
NAMES = ("django_shop", "fastapi_courier", "flask_clinic")


@cache
def asyncapi_validator() -> Draft7Validator:
    return Draft7Validator(json.loads(gzip.decompress((RESOURCES / "asyncapi-3.0.0.json.gz").read_bytes())))


def events_of(name: str, context: str) -> Events:
    return find_events(planted(name), context)


def contexts(model: Model) -> list[str]:
    return [context.name for context in model.contexts if context.kind == "context"]


def check(files: dict[str, bytes]) -> dict[str, Any]:
    """Every document is valid by its own schema, and every reference in it leads somewhere."""
    document: dict[str, Any] = yaml.safe_load(files["asyncapi.yaml"])
    errors = list(asyncapi_validator().iter_errors(document))
    assert not errors, [error.message[:200] for error in errors]
    for reference in references(document):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    for name, content in files.items():
        if name.endswith(".schema.json"):
            Draft202012Validator.check_schema(json.loads(content))
    return document


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for item in value.values() for found in references(item)]
    return [found for item in value for found in references(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", NAMES)
def test_every_context_of_the_samples_gets_valid_documents_twice_the_same(name):
    model = planted(name)
    for context in contexts(model):
        events = events_of(name, context)
        files = event_files(events)
        assert files == event_files(events_of(name, context))
        if files:
            check(files)


def test_a_signal_that_hands_over_a_row_becomes_an_event_with_its_key():
    orders, billing = events_of("django_shop", "orders"), events_of("django_shop", "billing")
    (placed,) = [event for event in orders.events if event.subject == "shop.orders.signals.order_placed"]
    (field,) = placed.fields
    assert (field.name, field.schema, field.required) == ("order_id", {"type": "integer"}, True)
    assert "orders_order" in field.note
    assert "invoice.pk" in field.note, "what receivers read of the row is said"
    document = check(event_files(orders))
    assert document["operations"]["send-order-placed"]["action"] == "send"
    assert check(event_files(billing))["operations"]["receive-order-placed"]["action"] == "receive"


def test_places_of_senders_and_receivers_stand_in_the_document():
    text = event_files(events_of("django_shop", "billing"))["asyncapi.yaml"].decode()
    assert "shop/orders/services.py:33 place_order" in text
    assert "shop/billing/receivers.py:11 mail_invoice" in text


def test_a_sender_that_is_data_is_part_of_the_payload():
    (event,) = events_of("flask_clinic", "billing").events
    assert event.subject == "appointment-completed"
    assert {field.name: field.schema.get("type") for field in event.fields} == {
        "appointment_id": "integer",
        "medicines": "array",
    }
    assert any("appointment.patient.balance" in note for note in event.notes), "receivers that change the row"


def test_a_hook_on_another_contexts_rows_becomes_a_change_event():
    (event,) = events_of("django_shop", "warehouse").events
    assert (event.kind, event.subject, event.owner) == ("change", "catalog_product", "catalog")
    assert {field.name for field in event.fields} == {"id", "created"}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


TASKS = '''
from celery import shared_task
from .models import Report

@shared_task
def build(report_id, day: "datetime.date", tags=None, retries=3, *, dry: bool = False):
    """Build a report.

    Slow.
    """
    return Report.objects.get(pk=report_id)

@shared_task(bind=True)
def spread(self, whom, **options):
    pass
'''


@pytest.fixture(scope="module")
def queue(tmp_path_factory) -> Model:
    """Two contexts: one queues the tasks of the other."""
    from strangler import pipeline
    from strangler.config import Config
    from strangler.model import BoundedContext

    root = write(
        tmp_path_factory.mktemp("queue"),
        {
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n",
            "settings.py": "INSTALLED_APPS = ['reports', 'desk']\n",
            "reports/__init__.py": "",
            "reports/models.py": "import uuid\nfrom django.db import models\nclass Report(models.Model):\n"
            "    id = models.UUIDField(primary_key=True, default=uuid.uuid4)\n",
            "reports/tasks.py": TASKS,
            "desk/__init__.py": "",
            "desk/views.py": "from reports.tasks import build, spread\n"
            "def ask(request):\n    build.delay(request.GET['r'], day='2020-01-01', tags=['a', 'b'])\n"
            "    spread.apply_async(args=('all',), kwargs={'colour': 'red'})\n",
        },
    )
    model = pipeline.analyze(pipeline.scan(root, Config()), Config(), jobs=1, cached=False)
    groups: dict[str, list[str]] = {"reports": [], "desk": []}
    for module in model.modules:
        if module.name.split(".")[0] in groups:
            groups[module.name.split(".")[0]].append(module.name)
    made = tuple(
        BoundedContext(
            name=name,
            kind="context",
            modules=tuple(modules),
            tables=("reports_report",) if name == "reports" else (),
            confidence=1.0,
        )
        for name, modules in sorted(groups.items())
    )
    return msgspec.structs.replace(model, contexts=made)


def test_a_task_takes_its_types_from_its_signature_its_look_ups_and_its_senders(queue):
    model = queue
    events = {event.name: event for event in find_events(model, "desk").events}
    build = {field.name: field for field in events["build"].fields}
    assert build["report_id"].schema == {"type": "string", "format": "uuid"}, "the key that it looks up"
    assert build["day"].schema == {"type": "string", "format": "date"}, "its annotation"
    assert build["tags"].schema["type"] in ("array", ["array", "null"]), "what the sender passes"
    assert build["retries"].schema == {"type": "integer"}, "its default"
    assert build["dry"].schema == {"type": "boolean"}
    assert [name for name, field in build.items() if field.required] == ["report_id", "day"]
    assert events["build"].meaning == "Build a report."
    spread = {field.name: field for field in events["spread"].fields}
    assert set(spread) == {"whom", "colour"}, "without self, with what **options takes"
    check(event_files(find_events(model, "desk")))


def test_a_type_that_nothing_tells_stays_open_and_says_so(queue):
    messages = tuple(
        msgspec.structs.replace(
            message, arguments=tuple(msgspec.structs.replace(one, shape=None) for one in message.arguments)
        )
        for message in queue.messages
    )
    unread = msgspec.structs.replace(queue, signatures=(), messages=messages)
    fields = find_events(unread, "desk").events[0].fields
    report = next(field for field in fields if field.name == "report_id")
    assert report.schema == {}
    assert "not known" in report.note


def test_a_message_inside_one_context_is_no_event(queue):
    model = queue
    together = msgspec.structs.replace(
        model.contexts[0], modules=tuple(module.name for module in model.modules)
    )
    alone = msgspec.structs.replace(model, contexts=(together,))
    assert not find_events(alone, together.name).events


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_names_from_the_code_break_no_document(subject, argument, context):
    """Signals, arguments and contexts of any name give valid documents that hold the names as they are."""
    from strangler.contracts.events import Event, Field, Receiver, Sender
    from strangler.model import Evidence

    place = Evidence(file=subject, line=1, symbol=argument)
    event = Event(
        name="x",
        kind="signal",
        subject=subject,
        owner=context,
        meaning=argument,
        senders=(Sender(context=context, place=place),),
        receivers=(Receiver(context="other", handler=subject, place=place),),
        fields=(Field(name=argument, schema={}, required=True, known_from="nothing", note=subject),),
        open=True,
        notes=(subject,),
    )
    files = event_files(Events(context=context, monolith=subject, events=(event,)))
    document = check(files)
    assert document["components"]["schemas"]["x"]["required"] == [argument]
    assert asyncapi(Events(context=context, monolith=subject, events=(event,))) == document
