"""Exceptions that cross the boundary, and the HTTP status that each of them becomes."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from strangler.contracts.operations.source import Sources, Target
from strangler.contracts.operations.types import Types
from strangler.contracts.operations.values import Failure
from strangler.model import Evidence

DEFAULT_STATUS = 409
"""An exception of the domain: the request is understood, the state of things does not allow it."""
_STATUS_NAMES = ("status_code", "status", "code", "http_status")
_KNOWN = {
    "django.http.Http404": 404,
    "django.core.exceptions.ObjectDoesNotExist": 404,
    "django.core.exceptions.PermissionDenied": 403,
    "django.core.exceptions.ValidationError": 422,
    "werkzeug.exceptions.NotFound": 404,
    "werkzeug.exceptions.Forbidden": 403,
    "werkzeug.exceptions.Conflict": 409,
    "builtins.ValueError": 422,
    "builtins.TypeError": 422,
    "builtins.KeyError": 404,
    "builtins.LookupError": 404,
    "builtins.IndexError": 404,
    "builtins.PermissionError": 403,
    "builtins.NotImplementedError": 501,
}
_WORDS = (
    (("notfound", "doesnotexist", "nosuch", "missing"), 404),
    (("permission", "forbidden", "denied", "notallowed"), 403),
    (("unauthori", "unauthenticated"), 401),
    (("invalid", "validation", "valueerror", "badrequest"), 422),
    (("ratelimit", "throttl", "toomany"), 429),
)
_NOT_CARRIED = frozenset({"Exception", "BaseException", "SystemExit", "KeyboardInterrupt", "GeneratorExit"})


def failures(found: Iterable[tuple[str, Evidence]], sources: Sources, types: Types) -> tuple[Failure, ...]:
    """The exceptions of those dotted names, each once, sorted; what is no exception class is left out."""
    known: dict[str, tuple[int, Evidence]] = {}
    for dotted, place in found:
        name = _class_name(dotted, sources)
        if name is not None and name not in known:
            known[name] = (status(dotted, sources, types), place)
    codes: dict[str, str] = {}
    for name in sorted(known):
        short = name.rpartition(":")[2]
        codes[name] = short if short not in codes.values() else name.replace(":", ".")
    return tuple(
        Failure(exception=name, code=codes[name], status=number, place=place)
        for name, (number, place) in sorted(known.items())
    )


def _class_name(dotted: str, sources: Sources) -> str | None:
    """``module:Class`` of an exception class that can be imported by that name."""
    module, _, name = dotted.rpartition(".")
    if module == "builtins":
        kind = getattr(builtins, name, None)
        carried = isinstance(kind, type) and issubclass(kind, Exception) and name not in _NOT_CARRIED
        return f"builtins:{name}" if carried else None
    target = sources.find(dotted)
    if target is not None:
        code = sources.load(target.module)
        if isinstance(sources.definition(target), ast.ClassDef):
            return f"{target.module}:{target.qualname}"
        owner = Target(target.module, target.qualname.rpartition(".")[0])
        nested = name in ("DoesNotExist", "MultipleObjectsReturned") and code is not None
        return f"{target.module}:{target.qualname}" if nested and sources.definition(owner) else None
    if module and name[:1].isupper() and not name.isupper():
        return f"{module}:{name}"
    return None


def status(dotted: str, sources: Sources, types: Types) -> int:
    """The HTTP status of an exception: what the class says, what its bases are, what its name says."""
    target = sources.find(dotted)
    names = [dotted]
    if target is not None:
        names = [target.dotted, *types.bases(target)]
        for name in names:
            owner = sources.find(name)
            node = sources.definition(owner) if owner else None
            for item in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(item, ast.Assign) and isinstance(item.value, ast.Constant):
                    written = {target.id for target in item.targets if isinstance(target, ast.Name)}
                    value = item.value.value
                    if written & set(_STATUS_NAMES) and isinstance(value, int) and 400 <= value < 600:
                        return value
    for name in names:
        full = name if "." in name else f"builtins.{name}"
        if full in _KNOWN:
            return _KNOWN[full]
        short = name.rpartition(".")[2].lower()
        for words, number in _WORDS:
            if any(word in short for word in words):
                return number
    return DEFAULT_STATUS
