"""Attributes that first-party code sets on requests, as a middleware does: what they are elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.values import UNKNOWN, Class, Const, Function, Object, Value, join

if TYPE_CHECKING:
    from strangler.analyzers.django.settings import Settings
    from strangler.analyzers.python.interpreter import Frame, Interpreter

_KEY = "django request attributes"
_HOOKS = ("__init__", "__call__", "__acall__", "process_request", "process_view")


def stored(ip: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> None:
    """``request.name = value``."""
    known = ip.extensions.setdefault(_KEY, {})
    if value is not UNKNOWN and not isinstance(value, Const):
        known[name] = join([known[name], value]) if name in known else value


def attribute(ip: Interpreter, settings: Settings, name: str) -> Value | None:
    """What an attribute of a request is, once the middlewares have run; None where nobody sets it."""
    if not ip.booting and "django middlewares" not in ip.extensions:
        ip.extensions["django middlewares"] = True
        for function in _middlewares(ip, settings):
            ip.general(function)
    found: Value | None = ip.extensions.get(_KEY, {}).get(name)
    return found


def _middlewares(ip: Interpreter, settings: Settings) -> list[Function]:
    listed = settings.get(ip, "MIDDLEWARE")
    found = []
    for item in listed.elements(ip, ip.root_frame)[0]:
        value = ip.program.resolve(str(item.value)) if isinstance(item, Const) else UNKNOWN
        if isinstance(value, Function):
            found.append(value)
        for hook in _HOOKS if isinstance(value, Class) else ():
            method = value.find(hook) if isinstance(value, Class) else None
            if method is not None and isinstance(method[0], Function):
                found.append(method[0])
    return found
