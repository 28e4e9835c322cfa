"""Attributes that first-party code sets on requests, as a middleware does: what they are elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.plugin import (
    UNKNOWN,
    Class,
    Const,
    Frame,
    Function,
    Interpreter,
    Object,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings

OWN = frozenset(
    {
        "COOKIES", "FILES", "GET", "META", "POST", "accepted_media_type", "accepted_renderer", "auth",
        "authenticators", "body", "content_params", "content_type", "current_app", "data", "encoding",
        "headers", "method", "negotiator", "parser_context", "parsers", "path", "path_info", "query_params",
        "resolver_match", "scheme", "session", "stream", "successful_authenticator", "urlconf", "version",
        "versioning_scheme",
    }
)  # fmt: skip
"""Attributes of the libraries' own requests that lead to no row."""
_HOOKS = ("__init__", "__call__", "__acall__", "process_request", "process_view")


def stored(interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> None:
    """``request.name = value``."""
    if name == "urlconf":
        interp.state(Notes).urlconfs[frame.module.name, frame.line, value] = None
    known = interp.state(Notes).request_attributes
    if value is not UNKNOWN and not isinstance(value, Const):
        known[name] = join([known[name], value]) if name in known else value


def attribute(interp: Interpreter, settings: Settings, name: str) -> Value | None:
    """What an attribute of a request is, once the middlewares have run; None where nobody sets it."""
    notes = interp.state(Notes)
    if not interp.booting and not notes.middlewares_run:
        notes.middlewares_run = True
        for function in _middlewares(interp, settings):
            interp.general(function)
    return notes.request_attributes.get(name)


def _middlewares(interp: Interpreter, settings: Settings) -> list[Function]:
    listed = settings.get(interp, "MIDDLEWARE")
    found = []
    for item in listed.elements(interp, interp.root_frame)[0]:
        value = interp.program.resolve(str(item.value)) if isinstance(item, Const) else UNKNOWN
        if isinstance(value, Function):
            found.append(value)
        for hook in _HOOKS if isinstance(value, Class) else ():
            method = value.find(hook) if isinstance(value, Class) else None
            if method is not None and isinstance(method[0], Function):
                found.append(method[0])
    return found
