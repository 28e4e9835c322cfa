"""URL patterns: Django's routes and regular expressions in normal form and as anchored expressions."""

from __future__ import annotations

import re

from strangler.analyzers.plugin import without_names

CONVERTERS = {
    "int": "[0-9]+",
    "str": "[^/]+",
    "slug": "[-a-zA-Z0-9_]+",
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "path": ".+",
}
_PARAMETER = re.compile(r"<(?:(?P<converter>[^<>:]+):)?(?P<name>[^<>]+)>")


def of_path(route: str, converters: dict[str, str]) -> tuple[str, str]:
    """A ``path()`` route: its normal form and its regular expression (neither anchored).

    ``converters`` holds the expressions of registered converters; an unknown one takes a segment.
    """
    normal, regex, end = "", "", 0
    for match in _PARAMETER.finditer(route):
        literal = route[end : match.start()]
        kind = (match["converter"] or "str").strip()
        expression = converters.get(kind) or CONVERTERS.get(kind, "[^/]+")
        normal += f"{literal}{{{match['name']}}}"
        regex += f"{re.escape(literal)}(?:{without_names(expression)})"
        end = match.end()
    return normal + route[end:], regex + re.escape(route[end:])


def named(route: str) -> str:
    """A ``path()`` route as the regular expression with named groups that Django makes of it."""
    regex, end = "", 0
    for match in _PARAMETER.finditer(route):
        expression = CONVERTERS.get((match["converter"] or "str").strip(), "[^/]+")
        regex += re.escape(route[end : match.start()]) + f"(?P<{match['name']}>{expression})"
        end = match.end()
    return regex + re.escape(route[end:])
