"""What the parts of a URL are that a route gives its handler."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from strangler.analyzers.signatures.names import Names, Target
from strangler.model import Endpoint
from strangler.model.shapes import FLOAT, INT, STR, UNKNOWN, Shape, join, make

_PART = re.compile(r"<(?:(\w+)(?:\([^()<>]*\))?:)?(\w+)>")
"""``<int:pk>`` and ``<pk>``, also as the name of a group of a regular expression."""
_CONVERTERS = {
    **dict.fromkeys(("", "str", "string", "path", "slug", "any"), STR),
    "int": INT,
    "float": FLOAT,
    "uuid": make("uuid"),
}
"""Converters of Django and Werkzeug."""
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")


def path_shapes(endpoints: Iterable[Endpoint], names: Names) -> dict[tuple[Target, str], Shape]:
    """(handler, parameter) -> what its routes give it; ``unknown`` of a converter that is not known.

    Args:
        endpoints: with their patterns.
        names: of the program.
    """
    found: dict[tuple[Target, str], list[Shape]] = defaultdict(list)
    for endpoint in endpoints:
        parts = [(name, _CONVERTERS.get(kind, UNKNOWN)) for kind, name in _PART.findall(endpoint.pattern)]
        for target in _handlers(endpoint, names) if parts else ():
            for name, shape in parts:
                found[target, name].append(shape)
    return {key: join(shapes) for key, shapes in found.items()}


def _handlers(endpoint: Endpoint, names: Names) -> Iterator[Target]:
    """The function that serves a route, or the methods of the class that does."""
    target = names.find(endpoint.handler.replace(":", "."))
    if target in names.functions:
        yield target
    elif target in names.classes:
        yield from (method for verb in _VERBS if (method := names.method(target, verb)) is not None)
