"""Makes cases with names of their own, and says what a method and a path have to do with each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from strangler.contracts.http.pool import PARAMETER, fill, form_of
from strangler.contracts.http.values import Case
from strangler.model import Endpoint, Request
from strangler.model.routes import IMPLIED_METHODS, SAFE_METHODS

UNKNOWN = ("987654321", "no-such-thing")


class Cases:
    """Gives every case an id that can be a function's name."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def make(self, name: str, endpoint: Endpoint, method: str, path: str, why: str, **more: Any) -> Case:
        """A case for ``name`` (method and path of the endpoint)."""
        words = f"{method} {path} {' '.join(f'{k} {v}' for k, v in more.get('query', ()))}"
        if method not in SAFE_METHODS:
            words += f" {why}"
        words += f" as {more.get('identity', '')}"
        slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:100]
        unique, number = slug, 2
        while unique in self._ids:
            unique, number = f"{slug}_{number}", number + 1
        self._ids.add(unique)
        place = f"{endpoint.file}:{endpoint.line}"
        return Case(id=unique, endpoint=name, method=method, path=path, why=why, place=place, **more)


def pairs(endpoints: Sequence[Endpoint]) -> list[tuple[str, Endpoint]]:
    """``METHOD path`` of everything that moves; of an endpoint for any method those that its code reads."""
    found: dict[str, Endpoint] = {}
    for endpoint in endpoints:
        stated = tuple(row.method for row in endpoint.requests) if endpoint.methods is None else ()
        for method in endpoint.methods or stated or ("GET",):
            if method not in IMPLIED_METHODS:
                found.setdefault(f"{method} {endpoint.path}", endpoint)
    return list(found.items())


def request_of(endpoint: Endpoint, method: str) -> Request | None:
    """What the code says about requests of that method."""
    return next((row for row in endpoint.requests if row.method == method), None)


def unknown(template: str, good: Sequence[str], value: str) -> str:
    """A path that only differs in its last parameter from one that works."""
    count = len(PARAMETER.findall(template))
    if not count:
        return template
    match = form_of(template).fullmatch(good[0]) if good else None
    known = list(match.groups()) if match else ["1"] * count
    return fill(template, [*known[:-1], value])
