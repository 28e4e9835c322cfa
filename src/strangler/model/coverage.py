"""The coverage ledger: what of the monolith was understood and what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING, Literal, NamedTuple

from strangler.model.base import Value

if TYPE_CHECKING:
    from strangler.model.system import Diagnostic, System

ALL_ROWS = ("accesses", "calls", "endpoints", "tables", "tasks")
"""The rows of the model that something not understood may make less complete."""

LIBRARY_CODES = frozenset({"unread-library", "unknown-library"})
"""Codes of diagnostics that stand for a row of ``Coverage.libraries``."""

WEAKENS: dict[str, tuple[str, ...]] = {
    "code-not-run": ALL_ROWS,
    "cut-short": ("accesses", "calls"),
    "inherited-columns": ("tables",),
    "installed-apps-unknown": ("tables",),
    "not-interpreted": ALL_ROWS,
    "too-complex": ALL_ROWS,
    "text-too-large": ("accesses", "endpoints"),
    "too-large": ALL_ROWS,
    "unreadable": ALL_ROWS,
    "script-not-read": ALL_ROWS,
    "settings-chosen": ("endpoints", "tables"),
    "settings-not-used": ("endpoints", "tables"),
    "submodule-missing": ALL_ROWS,
    "syntax-error": ALL_ROWS,
    "undeclared-table": ("tables",),
    "unfollowed-call": ("accesses",),
    "unlisted-columns": ("tables",),
    "doubtful-prefix": ("endpoints",),
    "doubtful-table": ("tables",),
    "guessed-task": ("tasks",),
    "unlisted-handler": ("endpoints",),
    "unlisted-model": ("tables", "accesses"),
    "unlisted-task": ("tasks",),
    "unlisted-view": ("endpoints",),
    "unreached-urls": ("endpoints",),
    "unregistered-routes": ("endpoints",),
    "unresolved-access": ("accesses",),
    "unresolved-app": ("endpoints", "tables"),
    "unresolved-handler": ("endpoints",),
    "unresolved-import": ("calls",),
    "unresolved-prefix": ("endpoints",),
    "unresolved-table": ("tables",),
    "unresolved-task": ("tasks",),
    "unresolved-urls": ("endpoints",),
    "url-table-too-deep": ("endpoints",),
    "url-table-too-long": ("endpoints",),
}
"""Code of a diagnostic -> the rows that are less complete for it."""

BRINGS_MORE = frozenset(
    {
        "unfollowed-call",
        "unlisted-handler",
        "unlisted-model",
        "unlisted-task",
        "unregistered-routes",
        "unresolved-access",
        "unresolved-handler",
        "unresolved-prefix",
        "unresolved-table",
        "unresolved-task",
        "unresolved-urls",
        "url-table-too-deep",
        "url-table-too-long",
    }
)
"""Codes of places of which it is certain that they bring at least one row; the others may bring none."""

Reading = Literal["read", "in part", "not read", "not known"]


class Library(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A library that production code imports and that may bring what a boundary rests on."""

    name: str
    """As imported."""
    reading: Reading
    """``not known``: neither an analyser nor the catalogue of libraries has it, but it takes hold of
    definitions as decorator or base class, or is given an application."""
    kind: str = ""
    """web framework, task queue, document store ...; empty where it is not in the catalogue."""
    brings: str = ""
    """What the model lacks where it is not read: routes, tables, channels ..."""
    weakens: tuple[str, ...] = ()
    """The rows of the model that are then less complete: endpoints, tables, accesses, tasks, calls."""
    hooks: dict[str, int] = {}
    """Production module that imports it -> definitions there that it decorates or is a base class of."""
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


class Measure(NamedTuple):
    """How complete one kind of rows is known to be."""

    rows: str
    """endpoints, tables, accesses."""
    found: int
    missing: int
    """Places that certainly bring more than is listed; of a library that is not read, the definitions that it
    takes hold of."""
    doubtful: int
    """Places that may bring more: code that was followed in part or not at all, a library that is not read in
    a module where it takes hold of nothing."""

    @property
    def share(self) -> float | None:
        """``found / (found + missing + doubtful)``, the cautious reading; None where all are none."""
        every = self.found + self.missing + self.doubtful
        return self.found / every if every else None

    @property
    def gaps(self) -> str:
        """``3 missing, 12 in doubt``; empty where nothing is."""
        counts = ((self.missing, "missing"), (self.doubtful, "in doubt"))
        return ", ".join(f"{count:,} {word}" for count, word in counts if count)


MEASURED = ("endpoints", "tables", "accesses")


def measures(system: System, modules: Collection[str] | None = None) -> tuple[Measure, ...]:
    """The ledger in figures: of the whole monolith, or of some of its modules.

    What nobody noticed is in none of the figures.
    """
    files = {m.path for m in system.modules if modules is None or m.name in modules}
    names = {m.name for m in system.modules if m.path in files}
    found = {
        "endpoints": sum(row.file in files for row in system.endpoints),
        "tables": sum(row.path in files for row in system.tables),
        "accesses": sum(row.module in names for row in system.accesses),
    }
    missing: Counter[str] = Counter()
    doubtful: Counter[str] = Counter()
    for diagnostic in system.diagnostics:
        if diagnostic.file in files and diagnostic.code not in LIBRARY_CODES:
            (missing if diagnostic.code in BRINGS_MORE else doubtful).update(weakens(diagnostic))
    for library in unread(system):
        for module, hooks in library.hooks.items():
            if module in names:
                (missing if hooks else doubtful).update(dict.fromkeys(library.weakens, max(1, hooks)))
    return tuple(Measure(rows, found[rows], missing[rows], doubtful[rows]) for rows in MEASURED)


PARTLY = frozenset({"inherited-columns", "unlisted-columns"})
"""Codes that are said at the class of a table of which not all columns and keys are known."""


def partly_known(system: System, tables: Collection[str] | None = None) -> tuple[str, ...]:
    """The tables, of all or of some, of which columns and foreign keys may be missing: a class that they
    inherit from is not among what is read."""
    places = {(row.file, row.line) for row in system.diagnostics if row.code in PARTLY}
    found = {row.name for row in system.tables if (row.path, row.line) in places}
    return tuple(sorted(found if tables is None else found.intersection(tables)))


def unread(system: System) -> list[Library]:
    """The libraries that are not read, or only in part, and bring more than calls to other services."""
    rows = system.coverage.libraries
    return [row for row in rows if row.reading not in ("read", "not known") and row.weakens != ("calls",)]
