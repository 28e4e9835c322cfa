"""Event contracts: signals, tasks and hooks of the ORM that cross a boundary.

find_events(model, context) -> Events
event_files(events) -> dict[str, bytes]
    ``asyncapi.yaml`` (AsyncAPI 3.0) and ``<event>.schema.json`` (JSON Schema 2020-12)
"""

from __future__ import annotations

import json

from strangler.contracts.events.documents import asyncapi, schema_document
from strangler.contracts.events.find import find_events
from strangler.contracts.events.values import Event, Events, Field, Receiver, Sender
from strangler.text import yaml_text

__all__ = ["Event", "Events", "Field", "Receiver", "Sender", "asyncapi", "event_files", "find_events"]


def event_files(events: Events) -> dict[str, bytes]:
    """File name -> content; nothing where no message crosses."""
    if not events.events:
        return {}
    files = {"asyncapi.yaml": yaml_text(asyncapi(events)).encode()}
    for event in events.events:
        document = schema_document(event, events.monolith)
        files[f"{event.name}.schema.json"] = (json.dumps(document, indent=1) + "\n").encode()
    return files
