"""What a framework loads without an import, and how its routes are left to the monolith: a file for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from strangler.extraction.uses import Place, Substitute


class Tie(NamedTuple):
    """A module that must come along though nothing imports it."""

    target: str
    because: str
    by: str = ""
    line: int = 0


@dataclass(frozen=True)
class Probed:
    """Where a module is made to answer the service's probes."""

    places: tuple[Place, ...]
    adapter: str
    """The file below ``extraction/runtime`` that the places name."""
    imports: tuple[str, ...] = ()


class Conventions:
    """What one framework does by convention; the base does nothing."""

    def asked_by(self, module: str) -> Iterator[Tie]:
        """Modules that a held module cannot run without."""
        return iter(())

    def held(self, modules: frozenset[str]) -> Iterator[Tie]:
        """Modules that the framework loads because of those that are held."""
        return iter(())

    def looked_for(self, module: str) -> frozenset[int]:
        """Lines that load modules by a name put together, and pass over those that are not there."""
        return frozenset()

    def explains(self, module: str, text: str, line: int) -> bool:
        """Whether a dotted string is the framework's, which decides by itself what it asks for."""
        return False

    def substitute(self, module: str) -> Substitute | None:
        """What stands in the place of routes that stay, in modules of which the framework reads routes."""
        return None

    def cuts(self, module: str, held: frozenset[str]) -> list[Place]:
        """Further places of a held module that name what was left behind."""
        return []

    def applications(self) -> Iterable[str]:
        """Modules that make an application when they are imported: a server is told their names."""
        return ()

    def probed(self, module: str) -> Probed | None:
        """How a held module is made to answer the service's probes, where it is the one to do so."""
        return None

    def runtime(self, held: frozenset[str]) -> dict[str, bytes]:
        """Files that the substitutes need, by path below the service."""
        return {}

    def imports(self) -> tuple[str, ...]:
        """Import statements that the substitutes need."""
        return ()
