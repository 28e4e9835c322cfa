"""Which libraries the production code imports, and whether an analyser understands them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from strangler.analyzers.coverage.catalogue import CATALOGUE, INERT
from strangler.analyzers.coverage.doors import Door
from strangler.analyzers.coverage.hooks import Hook
from strangler.analyzers.imports import ImportStatement
from strangler.model import Diagnostic
from strangler.model.coverage import Library, Reading
from strangler.model.system import Severity
from strangler.text import plural


class Source(NamedTuple):
    """One production file as the ledger sees it."""

    module: str
    path: str
    imports: Sequence[ImportStatement]
    hooks: Sequence[Hook]
    doors: Sequence[Door] = ()


class Understood(NamedTuple):
    """What the analysers know of libraries."""

    packages: frozenset[str]
    """Import names of libraries that an analyser reads."""
    names: frozenset[str]
    """Dotted names of which anything is known, with all that they are part of."""


class _Use:
    """How the code uses one library."""

    def __init__(self, path: str, line: int) -> None:
        self.path = path
        self.line = line
        self.hooks: dict[str, int] = {}
        """Importing module -> definitions that the library decorates or is a base of."""
        self.extends: tuple[str, int] | None = None
        """File and line that first give it an application or a router."""


def libraries(
    sources: Iterable[Source],
    own: frozenset[str],
    understood: Understood,
    extended: Mapping[str, tuple[str, int]] | None = None,
    listed: Collection[str] = (),
) -> tuple[tuple[Library, ...], list[Diagnostic]]:
    """The libraries that matter, by name, and a diagnostic for each that no analyser reads.

    Args:
        sources: production files in the order of their paths.
        own: top-level names of the monolith itself.
        understood: what the analysers know of libraries.
        extended: dotted name of what is given an application or a router -> the file and line that do so.
        listed: definitions that rows of the model come from: what decorates one without a path brings none.
    """
    uses: dict[str, _Use] = {}
    files = list(sources)
    for source in files:
        for statement in source.imports:
            if statement.level < 1 and statement.kind != "type_checking":
                for dotted in _imported(statement):
                    name = known_as(dotted)
                    if name.partition(".")[0] not in own:
                        use = uses.setdefault(name, _Use(source.path, statement.line))
                        use.hooks.setdefault(source.module, 0)
        for hook in source.hooks:
            name = known_as(hook.name)
            guards = hook.kind == "decorator" and not hook.path and f"{source.module}.{hook.target}" in listed
            if hook.kind != "call" and hook.imported and name in uses and not guards:
                uses[name].hooks[source.module] = uses[name].hooks.get(source.module, 0) + 1
    modules = {source.path: source.module for source in files}
    for dotted, place in sorted((extended or {}).items(), key=lambda item: item[1]):
        name = known_as(dotted)
        if name.partition(".")[0] not in own and place[0] in modules:  # it may be named in a text alone
            given = uses.setdefault(name, _Use(*place))
            given.hooks.setdefault(modules[place[0]], 0)
            given.extends = given.extends or place
    rows = [row for name, use in sorted(uses.items()) if (row := _row(name, use, understood)) is not None]
    return tuple(rows), [_told(row, uses[row.name].extends) for row in rows if row.reading != "read"]


def _imported(statement: ImportStatement) -> Iterable[str]:
    if statement.module:
        return [f"{statement.module}.{name}" for name, _ in statement.names] or [statement.module]
    return [name for name, _ in statement.names]


def known_as(dotted: str) -> str:
    """The name under which the catalogue has what was imported, else its top-level name."""
    head = dotted
    while head:
        if head in CATALOGUE:
            return head
        head = head.rpartition(".")[0]
    return dotted.partition(".")[0]


def _row(name: str, use: _Use, understood: Understood) -> Library | None:
    known = CATALOGUE.get(name)
    reading: Reading
    if name in understood.packages:
        reading = "read"
    elif name in understood.names:
        if known is None:
            return None
        reading = "in part"
    elif known is not None:
        reading = "not read"
    elif (
        name in INERT
        or name in sys.stdlib_module_names
        or (use.extends is None and not any(use.hooks.values()))
    ):
        return None
    else:
        reading = "not known"
    return Library(
        name=name,
        reading=reading,
        kind=known.kind if known else "",
        brings=known.brings if known else "",
        weakens=known.weakens if known else ("endpoints", "tables", "tasks"),
        hooks=dict(sorted(use.hooks.items())),
        file=use.path,
        line=use.line,
    )


def _told(library: Library, extends: tuple[str, int] | None) -> Diagnostic:
    where = plural(len(library.hooks), "module")
    given = f"; {extends[0]}:{extends[1]} gives it an application" if extends is not None else ""
    severity: Severity = "warning"
    if library.reading == "not known":
        code, severity = "unknown-library", "note"
        takes = plural(sum(library.hooks.values()), "definition")
        which = f"which decorates or is a base of {takes} in {where}"
        if not any(library.hooks.values()):
            which = "which is given an application"
        message = (
            f"nothing is known of the library {library.name}, {which}: what it registers is missing{given}"
        )
    else:
        code = "unread-library"
        if library.weakens == ("calls",):
            severity = "note"
        how = "read only in part" if library.reading == "in part" else "not read"
        what = f"{library.name} ({library.kind})"
        message = f"{what} is {how}: its {library.brings} are missing; used in {where}{given}"
    return Diagnostic(
        file=library.file,
        line=library.line,
        code=code,
        severity=severity,
        message=message,
        weakens=library.weakens,
    )
