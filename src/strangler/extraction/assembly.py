"""Code that stands alone: a closure of modules, cut loose from those that are left behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strangler.extraction.closure import Closure
from strangler.extraction.conventions import Conventions
from strangler.extraction.conventions.alembic import Alembic
from strangler.extraction.conventions.asgi import Asgi
from strangler.extraction.conventions.django import Django
from strangler.extraction.conventions.flask import Flask
from strangler.extraction.conventions.loading import Loading
from strangler.extraction.conventions.tables import Tables
from strangler.extraction.cutting import cut
from strangler.extraction.probing import Probing
from strangler.extraction.reader import Reader
from strangler.extraction.seams import Seams
from strangler.extraction.uses import Place, Registration
from strangler.extraction.values import Change, Need, Probes
from strangler.model.coverage import weakens
from strangler.plans.view import View
from strangler.routing.probes import probes
from strangler.text import as_line


class Assembly:
    """The modules that a part of the monolith needs, as files.

    Args:
        view: the part.
        reader: the monolith's files.
        probed: whether it answers probes of its own: it is a service, and not what is left of the monolith.
        remote: slugs of the contexts that it calls over their seams.
    """

    def __init__(
        self, view: View, reader: Reader, *, probed: bool, remote: frozenset[str] = frozenset()
    ) -> None:
        self._view = view
        self._probed = probed
        self._adapters: set[str] = set()
        self._reader = reader
        conventions: tuple[Conventions, ...] = (
            Tables(view, reader),
            Alembic(view, reader),
            Django(view, reader),
            Flask(view, reader),
            Asgi(reader),
            Loading(view, reader),
        )
        self.seams = Seams(view, reader, remote)
        self.closure = Closure(view, reader, conventions, self.seams)
        self.held = frozenset(self.closure.needs)
        self.files: dict[str, bytes] = {}
        """The modules, by path."""
        self.added: dict[str, bytes] = {}
        """Files that no monolith has, which the changed places import."""
        self.changes: list[Change] = []
        self.notes = [
            f"{module} has routes that move, and nothing that starts leads to it: see how it is loaded"
            for module in self.closure.unreached
        ]
        self.notes += self._not_followed()
        wanted: list[Conventions] = []
        for module in sorted(self.held):
            wanted += self._write(module, conventions)
        for item in dict.fromkeys(wanted):
            self.added |= item.runtime(self.held)
        self.notes += [
            f"{path} is copied as it is ({reason}): what it registers comes along"
            for path, reason in sorted(reader.refused.items())
            if path in self.files
        ]
        self.probes: Probes | None = None
        if self._adapters:
            paths = {name: reader.modules[name].path for name in sorted(self.held)}
            code = {name: self.files[path] for name, path in paths.items() if path in self.files}
            probing = Probing(frozenset(self._adapters), code, probes(view.model))
            self.probes = probing.said()
            self.added |= dict(probing.files())

    def _not_followed(self) -> Iterator[str]:
        """What the analysis did not follow in the files that are held: more may be needed there."""
        held = {self._reader.modules[name].path for name in self.held - self.seams.of.keys()}
        for item in self._view.model.diagnostics:
            if item.file in held and weakens(item):
                yield as_line(item)

    def _write(self, module: str, conventions: tuple[Conventions, ...]) -> list[Conventions]:
        """Write a module; the conventions whose substitutes it uses."""
        source = self._reader.source(module)
        if source is None:
            self.notes.append(f"{self._reader.modules[module].path} cannot be read: see to it by hand")
            return []
        gone = [item for item in self.closure.registered(module) if item.target not in self.held]
        places = [place for item in gone for place in item.places]
        further = [place for item in conventions for place in item.cuts(module, self.held)]
        wanted = [item for item in conventions if item.substitute(module) is not None][:1]
        if not any(place.instead for place in places):
            wanted = []
        found = [made for item in conventions if self._probed and (made := item.probed(module)) is not None]
        self._adapters.update(made.adapter for made in found)
        answering = [place for made in found for place in made.places]
        if places or further or answering:
            imports = [statement for item in wanted for statement in item.imports()]
            imports += [statement for made in found for statement in made.imports]
            self.files[source.path] = cut(source, [*places, *further, *answering], tuple(imports))
            self.changes += _changes(source.path, gone, further, answering)
        else:
            self.files[source.path] = source.data
        return wanted

    def needs(self) -> tuple[Need, ...]:
        """Each module with its reason, by name."""
        modules = self._reader.modules
        return tuple(
            Need(
                module=name,
                file=modules[name].path,
                lines=modules[name].lines,
                context=self._view.context_of.get(name, ""),
                because=reason.because,
                by=reason.by,
                line=reason.line,
            )
            for name, reason in sorted(self.closure.needs.items())
        )


def _changes(
    path: str, gone: Iterable[Registration], further: Iterable[Place], answering: Iterable[Place]
) -> Iterator[Change]:
    for item in gone:
        for place in item.places:
            verb = "answers elsewhere" if place.instead is not None else "taken out"
            yield Change(file=path, line=place.line, what=f"{verb}: {item.target}")
    for place in further:
        yield Change(file=path, line=place.line, what="taken out: names what was left behind")
    for place in answering:
        yield Change(file=path, line=place.line, what="answers the service's probes")
