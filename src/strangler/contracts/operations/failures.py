"""Exceptions that cross the boundary, and the HTTP status that each of them becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from strangler.contracts.operations.values import Failure
from strangler.model import Evidence, ExceptionClass
from strangler.model.lookup import last

DEFAULT_STATUS = 409
"""An exception of the domain: the request is understood, the state of things does not allow it."""
MISSING_STATUS = 404
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


def failures(
    found: Iterable[tuple[str, Evidence]],
    classes: Mapping[str, ExceptionClass],
    missing: Mapping[str, Evidence],
) -> tuple[Failure, ...]:
    """The exceptions of those dotted names, each once, sorted; what cannot be imported is left out.

    Args:
        found: dotted names and where they are raised or handled.
        classes: what is known of them.
        missing: ``module:Class`` of those that say that a row which was sent by its key is not there.
    """
    known = {name: (MISSING_STATUS, place) for name, place in missing.items()}
    for dotted, place in found:
        one = classes.get(dotted)
        if one is not None and one.importable and one.importable not in known:
            known[one.importable] = (status(one), place)
    codes: dict[str, str] = {}
    for name in sorted(known):
        short = name.rpartition(":")[2]
        codes[name] = short if short not in codes.values() else name.replace(":", ".")
    return tuple(
        Failure(exception=name, code=codes[name], status=number, place=place)
        for name, (number, place) in sorted(known.items())
    )


def status(exception: ExceptionClass) -> int:
    """The HTTP status of an exception: what the class says, what its bases are, what its name says."""
    if exception.status:
        return exception.status
    for name in (exception.name, *exception.bases):
        if name in _KNOWN:
            return _KNOWN[name]
        short = last(name).lower()
        for words, number in _WORDS:
            if any(word in short for word in words):
                return number
    return DEFAULT_STATUS
