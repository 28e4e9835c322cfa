"""URL tables of apps that may be installed, below the paths at which a loop puts those that are.

``for app in configured: path(f"{app.short}/", include(f"{app.name}.urls"))`` is run for the apps that are
known. What a line includes for several of them it includes for the others too, where there is such a module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from strangler.analyzers.frameworks.django.prefixes import Prefix


class Included(NamedTuple):
    """A URLconf of the tree that an entry includes."""

    place: tuple[str, int]
    """Module and line of the entry."""
    module: str
    route: str
    is_path: bool
    prefix: Prefix
    """What is matched before the entry."""


_NAME = "\0"


def likely(
    included: Iterable[Included], possible: Iterable[str], is_table: Callable[[str], bool]
) -> Iterator[tuple[str, Included]]:
    """An app that may be installed, and what would be included for it.

    Args:
        included: what is included for the apps that are known.
        possible: packages of apps that may be installed besides.
        is_table: whether a module is a URL table that nothing else includes.
    """
    apps: dict[tuple[str, int], set[str]] = defaultdict(set)
    patterns: dict[tuple[str, int], dict[Included, None]] = defaultdict(dict)
    for one in included:
        package, _, tail = one.module.rpartition(".")
        short = package.rpartition(".")[2]
        parts = one.route.split("/")
        if short and parts.count(short) == 1:
            route = "/".join(_NAME if part == short else part for part in parts)
            apps[one.place].add(package)
            patterns[one.place][one._replace(module=tail, route=route)] = None
    for place in sorted(place for place, packages in apps.items() if len(packages) > 1):
        for app in possible:
            for one in patterns[place]:
                module = f"{app}.{one.module}"
                if is_table(module):
                    route = one.route.replace(_NAME, app.rpartition(".")[2])
                    yield app, one._replace(module=module, route=route)
