"""Where a service answers whether it lives and is ready: paths that no route of the monolith has."""

from __future__ import annotations

from typing import NamedTuple

from strangler.model import Model
from strangler.routing.matching import expression


class Probes(NamedTuple):
    """The paths of a service's own probes."""

    live: str
    """Answers as long as the process does."""
    ready: str
    """Answers 200 when the service can do its work: its database can be reached."""


_CANDIDATES = (
    Probes("/livez", "/readyz"),
    Probes("/-/livez", "/-/readyz"),
    Probes("/.well-known/service/livez", "/.well-known/service/readyz"),
)


def probes(model: Model) -> Probes:
    """The first pair of paths that the monolith does not answer; where it answers all, the last pair, which
    the service answers before its routes."""
    free = (pair for pair in _CANDIDATES if not any(answered(model, path) for path in pair))
    return next(free, _CANDIDATES[-1])


def answered(model: Model, path: str) -> bool:
    """Whether a route of the monolith may match a path."""
    rows = [(item.pattern, item.regex) for item in model.opaque_routes]
    rows += [
        (item.path, item.regex)
        for item in model.endpoints
        if path.startswith(item.path.partition("{")[0].rstrip("/") or "/")
    ]
    return any(expression(regex).fullmatch(path) is not False for _, regex in rows)
