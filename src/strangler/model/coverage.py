"""The coverage ledger: what of the monolith was understood and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from strangler.model.base import Value

if TYPE_CHECKING:
    from strangler.model.system import Diagnostic

ALL_ROWS = ("accesses", "calls", "endpoints", "tables", "tasks")
"""The rows of the model that something not understood may make less complete."""

WEAKENS: dict[str, tuple[str, ...]] = {
    "not-interpreted": ALL_ROWS,
    "too-complex": ALL_ROWS,
    "too-large": ALL_ROWS,
    "unreadable": ALL_ROWS,
    "unlisted-handler": ("endpoints",),
    "unlisted-model": ("tables", "accesses"),
    "unlisted-view": ("endpoints",),
    "unregistered-routes": ("endpoints",),
    "unresolved-access": ("accesses",),
    "unresolved-handler": ("endpoints",),
    "unresolved-import": ("calls",),
    "unresolved-prefix": ("endpoints",),
    "url-table-too-deep": ("endpoints",),
}
"""Code of a diagnostic -> the rows that are less complete for it."""

Reading = Literal["read", "in part", "not read", "not known"]


class Library(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A library that production code imports and that may bring what a boundary rests on."""

    name: str
    """As imported."""
    reading: Reading
    """``not known``: neither an analyser nor the catalogue of libraries has it, but it takes hold of
    definitions as decorator or base class."""
    kind: str = ""
    """web framework, task queue, document store ...; empty where it is not in the catalogue."""
    brings: str = ""
    """What the model lacks where it is not read: routes, tables, channels ..."""
    weakens: tuple[str, ...] = ()
    """The rows of the model that are then less complete: endpoints, tables, accesses, tasks, calls."""
    modules: int = 0
    """Production modules that import it."""
    hooks: int = 0
    """Definitions that it decorates or is a base class of."""
    file: str = ""
    line: int = 0
    """Of the first import."""


class Unread(Value, frozen=True, kw_only=True):
    """Files that hold code and were not read, of one kind."""

    kind: str
    """notebook, Cython, stub, template of an unknown engine, submodule ..."""
    files: int
    first: str
    """The first of them by path."""


class Coverage(Value, frozen=True, kw_only=True, omit_defaults=True):
    """What the model rests on. Single places are among the diagnostics (``weakens``)."""

    libraries: tuple[Library, ...] = ()
    unread: tuple[Unread, ...] = ()


def weakens(diagnostic: Diagnostic) -> tuple[str, ...]:
    """The rows of the model that are less complete for what a diagnostic says, in alphabetical order."""
    return diagnostic.weakens or WEAKENS.get(diagnostic.code, ())
