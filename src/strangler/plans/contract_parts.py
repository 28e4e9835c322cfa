"""The contracts of a boundary as parts of a plan: events, data, consumers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from strangler.model import Model
from strangler.plans.values import Count, ExtractionPlan, Part

Files = tuple[Part, Mapping[str, bytes]] | None


def events(plan: ExtractionPlan, model: Model, source: Path | None) -> Files:
    """AsyncAPI and JSON Schema for what crosses as a signal, a task or a hook of the ORM."""
    from strangler import sources
    from strangler.contracts.events import event_files, find_events

    found = find_events(model, plan.context, sources.scan(source) if source else None)
    files = {f"contracts/events/{name}": content for name, content in event_files(found).items()}
    if not files:
        return None
    fields = sum(len(event.fields) for event in found.events)
    unknown = sum(event.unknown for event in found.events)
    doubts = []
    if unknown:
        doubts.append(f"{unknown} of {fields} properties of events have no type that the source tells")
    if source is None:
        doubts.append("events were written without the source: signatures of tasks were not read")
    part = Part(
        title="Event contracts",
        use="AsyncAPI 3.0 and a JSON Schema for each message that crosses as a signal, task or hook today",
        files=tuple(sorted(files)),
        stage=1,
        work=("agree on the payloads in contracts/events, and on a type where the schema has none",),
        check="communication",
        counts=(
            Count(name="events", value=len(found.events), meaning="messages over the boundary"),
            Count(name="properties of unknown type", value=unknown, meaning=f"of {fields}"),
        ),
        doubts=tuple(doubts),
    )
    return part, files
