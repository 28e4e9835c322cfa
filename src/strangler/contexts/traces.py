"""Run-time traces as evidence: OpenTelemetry spans exported as OTLP JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from strangler.contexts.values import Traffic
from strangler.model import Module
from strangler.model.lookup import home

NAMESPACE = ("code.namespace", "code.function.name", "code.function")
FILE = ("code.filepath", "code.file.path")


class TraceError(ValueError):
    """Not an export of spans in OTLP JSON; the message says where it departs from it."""


def traffic(documents: Iterable[object], modules: Iterable[Module]) -> tuple[Traffic, ...]:
    """Calls between modules, counted over parent and child spans.

    A span belongs to the module that its attributes ``code.namespace``, ``code.function.name`` or
    ``code.file.path`` (``code.filepath``) name, or else to that of its parent. Spans of code that is not
    first-party pass their parent's module on.

    Args:
        documents: decoded OTLP JSON (one export, or one a line of a file): ``{"resourceSpans": [...]}``.
        modules: of the analysed system.

    Raises:
        TraceError: a document of another shape.
    """
    listed = list(modules)
    known = {module.name for module in listed}
    by_path = {module.path: module.name for module in listed}
    spans: dict[tuple[str, str], tuple[str, str | None]] = {}
    for document in documents:
        for span in _spans(document):
            trace, identity = str(span.get("traceId", "")), str(span.get("spanId", ""))
            spans[trace, identity] = (str(span.get("parentSpanId", "")), _home(span, known, by_path))
    counts: Counter[tuple[str, str]] = Counter()
    for (trace, _), (parent, here) in spans.items():
        caller = _caller(spans, trace, parent)
        if here is not None and caller is not None and here != caller:
            counts[caller, here] += 1
    return tuple(Traffic(source=a, target=b, count=n) for (a, b), n in sorted(counts.items()))


def _caller(spans: Mapping[tuple[str, str], tuple[str, str | None]], trace: str, parent: str) -> str | None:
    seen: set[str] = set()
    while parent and parent not in seen and (trace, parent) in spans:
        seen.add(parent)
        parent, module = spans[trace, parent]
        if module is not None:
            return module
    return None


def _spans(document: object) -> Iterable[Mapping[str, Any]]:
    if not isinstance(document, dict) or not isinstance(document.get("resourceSpans"), list):
        raise TraceError("no list 'resourceSpans': this is not an OTLP JSON export of spans")
    for resource in document["resourceSpans"]:
        for scope in _listed(resource, "scopeSpans"):
            yield from _listed(scope, "spans")


def _listed(value: object, key: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, dict):
        raise TraceError(f"expected an object with {key!r}, found {type(value).__name__}")
    found = value.get(key, [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise TraceError(f"{key!r} is not a list of objects")
    return found


def _home(span: Mapping[str, Any], known: set[str], by_path: Mapping[str, str]) -> str | None:
    attributes = {}
    for item in _listed(span, "attributes"):
        value = item.get("value")
        if isinstance(value, dict) and isinstance(value.get("stringValue"), str):
            attributes[item.get("key")] = value["stringValue"]
    for key in NAMESPACE:
        found = home(attributes.get(key, ""), known)
        if found:
            return found
    for key in FILE:
        path = attributes.get(key, "").replace("\\", "/")
        while path:
            if path in by_path:
                return by_path[path]
            path = path.partition("/")[2]
    return None
