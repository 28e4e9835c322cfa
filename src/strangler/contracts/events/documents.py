"""Events as documents: one JSON Schema (2020-12) a payload, one AsyncAPI 3.0 document a context."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from strangler.contracts.events.values import Event, Events, Receiver, Sender
from strangler.model import Evidence
from strangler.text import located

DIALECT = "https://json-schema.org/draft/2020-12/schema"
HEADERS = "cloudEventHeaders"
SHOWN = 12
"""Places listed for one event; the count of all is said."""


def payload_schema(event: Event) -> dict[str, Any]:
    """JSON Schema of the payload, without ``$schema`` and ``$id``."""
    properties = {}
    for field in event.fields:
        parts = [part for part in (field.schema.get("description", ""), field.note) if part]
        properties[field.name] = {**field.schema, **({"description": "; ".join(parts)} if parts else {})}
    schema: dict[str, Any] = {"type": "object", "title": event.name}
    if event.meaning:
        schema["description"] = event.meaning
    schema["properties"] = properties
    schema["required"] = sorted(field.name for field in event.fields if field.required)
    return schema


def schema_document(event: Event, monolith: str) -> dict[str, Any]:
    """The payload's schema as a document of its own."""
    return {
        "$schema": DIALECT,
        "$id": f"{_urn(monolith)}:{_urn_part(event.owner)}:{event.name}:1",
        **payload_schema(event),
    }


def asyncapi(events: Events) -> dict[str, Any]:
    """What the context sends and receives once it is a service of its own."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {HEADERS: headers()}
    for event in events.events:
        schemas[event.name] = payload_schema(event)
        messages[event.name] = _message(event, events.monolith)
        channels[event.name] = {
            "address": address(event),
            "title": f"{event.kind} {event.subject}",
            "description": _description(event),
            "messages": {event.name: {"$ref": f"#/components/messages/{event.name}"}},
        }
        for action in _actions(event, events.context):
            operations[f"{action}-{event.name}"] = _operation(event, action, events.context)
    return {
        "asyncapi": "3.0.0",
        "id": f"{_urn(events.monolith)}:{_urn_part(events.context)}",
        "info": {
            "title": f"Events of {events.context}",
            "version": "1.0.0",
            "description": (
                "What crosses the boundary of the context as a signal, a queued task or a hook of the ORM "
                "today. Headers are those of CloudEvents 1.0 in the spelling of its Kafka binding. Receivers "
                "must take a message twice and in any order, and ignore properties that they do not know."
            ),
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def address(event: Event) -> str:
    """Name of the topic or queue: the owner, the event, its major version."""
    return f"{_urn_part(event.owner)}.{event.name}.v1"


def headers() -> dict[str, Any]:
    """JSON Schema of the headers of every message."""
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "properties": {
            "ce_id": {**text, "description": "unique for the source; the same again for a repeated message"},
            "ce_source": {**text, "description": "who sends: the context", "format": "uri-reference"},
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_type": {**text, "description": "the address of the channel"},
            "ce_time": {"type": "string", "format": "date-time", "description": "when it happened"},
            "ce_subject": {**text, "description": "key of the row that it is about; also the partition key"},
        },
        "required": ["ce_id", "ce_source", "ce_specversion", "ce_type"],
    }


def _message(event: Event, monolith: str) -> dict[str, Any]:
    message: dict[str, Any] = {"name": event.name, "title": f"{event.kind} {event.subject}"}
    if event.meaning:
        message["summary"] = event.meaning
    return {
        **message,
        "contentType": "application/json",
        "headers": {"$ref": f"#/components/schemas/{HEADERS}"},
        "payload": {"$ref": f"#/components/schemas/{event.name}"},
        "x-schema-id": schema_document(event, monolith)["$id"],
    }


def _actions(event: Event, context: str) -> Iterator[str]:
    if any(sender.context == context for sender in event.senders):
        yield "send"
    if any(receiver.context == context for receiver in event.receivers):
        yield "receive"


def _operation(event: Event, action: str, context: str) -> dict[str, Any]:
    own: list[Sender] | list[Receiver]
    if action == "send":
        own = [sender for sender in event.senders if sender.context == context]
        others = sorted({receiver.context for receiver in event.receivers} - {context})
        summary = f"{context} tells {', '.join(others)}"
    else:
        own = [receiver for receiver in event.receivers if receiver.context == context]
        others = sorted({sender.context for sender in event.senders} - {context})
        summary = f"{context} hears from {', '.join(others)}"
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{event.name}"},
        "messages": [{"$ref": f"#/channels/{event.name}/messages/{event.name}"}],
        "summary": summary,
        "x-places": [located(item.place) for item in own][:SHOWN],
    }


def _description(event: Event) -> str:
    lines = [event.meaning] if event.meaning else []
    verb = "Defined" if event.kind == "change" else "Queued" if event.kind == "task" else "Sent"
    lines.append(f"{verb} by {_places((s.context, s.place) for s in event.senders)}.")
    lines.append(f"Handled by {_places((r.context, r.place) for r in event.receivers)}.")
    lines += [f"Note: {note}." for note in event.notes]
    return "\n".join(lines)


def _places(rows: Iterator[tuple[str, Evidence]]) -> str:
    found = sorted({(context, located(place)) for context, place in rows})
    shown = ", ".join(f"{context} ({place})" for context, place in found[:SHOWN])
    return shown + (f" and {len(found) - SHOWN} more" if found[SHOWN:] else "")


def _urn(monolith: str) -> str:
    return f"urn:strangler:{_urn_part(monolith)}"


def _urn_part(name: str) -> str:
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "x"
