"""Which modules a context needs to run alone: what it imports, what its frameworks load, whose tables it
touches, and so on from there. Modules whose routes stay with the monolith are left behind where they are
only registered."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from strangler.extraction.conventions import Conventions
from strangler.extraction.reader import Reader
from strangler.extraction.seams import Seams
from strangler.extraction.uses import Registration, registrations
from strangler.model.lookup import ancestors, home, parent
from strangler.plans.view import View

_HEALTH = re.compile(r"/-?_?(health(z|[-_]?check)?|live(z|ness)?|ready(z)?|readiness|ping|status)/?$")
"""Paths that a load balancer asks: answered by every deployment."""


@dataclass(frozen=True)
class Reason:
    """What asked for a module."""

    because: str
    by: str = ""
    line: int = 0


class Closure:
    """The modules of a service.

    Args:
        view: the context.
        reader: the monolith's files.
        conventions: what the frameworks load without an import.
        seams: what is called over them.
    """

    def __init__(
        self, view: View, reader: Reader, conventions: tuple[Conventions, ...], seams: Seams
    ) -> None:
        self._view = view
        self._seams = seams
        self._reader = reader
        self._conventions = conventions
        self._imports: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row in view.model.imports:
            late = row.kind == "deferred" and seams.spares(row.importer, row.imported)
            if row.kind != "type_checking" and not late:
                self._imports[row.importer].append((row.imported, row.line))
        self._scanned = {(row.importer, row.imported) for row in view.model.imports if row.kind == "dynamic"}
        self._registered: dict[str, list[Registration]] = {}
        self.staying = self._left_behind()
        self._programs: list[str] = []
        self.needs = self._close(self._roots(), self.staying)
        self.unreached: tuple[str, ...] = ()
        """Modules with routes that leave, which nothing that starts leads to."""
        if unreached := set(self._lost()):
            made = sorted({name for item in conventions for name in item.applications()})
            self._programs = [
                name for name in made if unreached & self._close([(name, Reason("it"))], self.staying).keys()
            ]
            self.needs = self._close(self._roots(), self.staying)
        while (lost := self._lost()) and (back := self._in_the_way(lost)):
            # what was left behind led to routes that leave as well: it comes along
            self.staying -= back
            self._registered.clear()
            self.needs = self._close(self._roots(), self.staying)

    def registered(self, module: str) -> list[Registration]:
        """The modules that this one only registers and that need not come along."""
        if module not in self._registered:
            candidates = {name for name, _ in self._imports[module] if name in self.staying}
            passed_over = sorted(candidates & self._passed_over(module))
            candidates -= set(passed_over)
            source = self._reader.source(module) if candidates else None
            substitute = next(
                (found for item in self._conventions if (found := item.substitute(module)) is not None), None
            )
            self._registered[module] = (
                registrations(source, candidates, self._reader.modules, substitute) if source else []
            )
            self._registered[module] += [Registration(name, ()) for name in passed_over]
        return self._registered[module]

    def _passed_over(self, module: str) -> set[str]:
        """What a module loads where it lies there, and does not miss where it does not."""
        lines = {line for item in self._conventions for line in item.looked_for(module)}
        found: dict[str, set[bool]] = defaultdict(set)
        for name, line in self._imports[module]:
            found[name].add((module, name) in self._scanned and line in lines)
        return {name for name, kinds in found.items() if kinds == {True}}

    def _left_behind(self) -> frozenset[str]:
        """Modules that declare routes or commands, none of which leaves with the context."""
        view = self._view
        handlers = [item.handler for item in view.model.endpoints]
        handlers += [item.handler for item in view.model.commands]
        healthy = {view.home(item.handler) for item in view.model.endpoints if _HEALTH.search(item.path)}
        homes = {view.home(handler) for handler in handlers} - healthy - view.inside
        declaring = {name for name in homes if name is not None}
        own = {name for module in view.inside for name in ancestors(module)}
        # a package that hands on what its modules declare is registered in their stead
        packages = {name for module in declaring for name in ancestors(parent(module))}
        return frozenset((declaring | (packages - own)) & self._reader.modules.keys())

    def _lost(self) -> list[str]:
        """Modules with routes that leave, which the program does not come to by itself."""
        started = self._close(self._starting(), self.staying - self.needs.keys())
        routed = {self._view.home(item.handler) for item in self._view.endpoints}
        self.unreached = tuple(sorted(name for name in routed if name and name not in started))
        return list(self.unreached)

    def _in_the_way(self, lost: list[str]) -> frozenset[str]:
        """Of the modules left behind, those that the shortest way to a lost one leads through."""
        left = {item.target for name in self.needs for item in self.registered(name)} - self.needs.keys()
        seen = {name: name for name in sorted(left)}
        queue = deque(seen)
        while queue:
            module = queue.popleft()
            if module in lost:
                return frozenset({seen[module]})
            for target, _ in self._imports[module]:
                if target not in seen:
                    seen[target] = seen[module]
                    queue.append(target)
        return frozenset()

    def _close(self, roots: Iterable[tuple[str, Reason]], left: frozenset[str]) -> dict[str, Reason]:
        """All that is asked for from the roots on; registering a module in ``left`` does not ask for it."""
        needs: dict[str, Reason] = {}
        queue: deque[str] = deque()

        def need(module: str, reason: Reason) -> None:
            if module in self._reader.modules and module not in needs:
                needs[module] = reason
                queue.append(module)

        for module, reason in roots:
            need(module, reason)
        while queue:
            module = queue.popleft()
            for target, reason in self._asked_by(module, left):
                need(target, reason)
            if not queue:
                for item in self._conventions:
                    for tie in item.held(frozenset(needs)):
                        need(tie.target, Reason(tie.because, tie.by, tie.line))
        return needs

    def _roots(self) -> Iterator[tuple[str, Reason]]:
        view, modules = self._view, self._reader.modules
        for name in sorted(view.inside):
            if view.production(name):
                yield name, Reason(f"part of {view.name}")
        yield from self._starting()
        for name in self._seams.served():
            yield name, Reason("the seam that others call")
        for crossing in view.crossings:
            if crossing.kind == "signal" and crossing.source == view.name:
                for name in crossing.reaches:
                    receiver = home(name, modules)
                    if receiver is not None and not self._seams.told(name):
                        yield receiver, Reason(f"hears {crossing.subject}, which {view.name} sends")
        for row in view.model.ambient:
            ambient = home(row.name, modules)
            before = not row.handlers or any(row.before(item) for item in view.endpoints)
            if ambient is not None and before:
                yield ambient, Reason(f"runs around each request ({row.kind.replace('_', ' ')})")

    def _starting(self) -> Iterator[tuple[str, Reason]]:
        for name, module in sorted(self._reader.modules.items()):
            if module.role == "settings":
                yield name, Reason("settings")
            elif module.role == "entry_point" or self._starts(name):
                yield name, Reason("an entry point")
        for name in self._programs:
            yield name, Reason("makes the application")

    def _starts(self, module: str) -> bool:
        """Whether a module at the root of the tree is a program."""
        if "/" in self._reader.modules[module].path or not self._view.production(module):
            return False
        source = self._reader.source(module)
        return source is not None and b"__main__" in source.data

    def _asked_by(self, module: str, left: frozenset[str]) -> Iterator[tuple[str, Reason]]:
        for name in ancestors(parent(module)):
            yield name, Reason("the package", module)
        skipped = {item.target for item in self.registered(module) if item.target in left}
        for target, line in self._imports[module]:
            if target not in skipped:
                yield target, Reason("imported", module, line)
        source = self._reader.source(module)
        for text, line in source.strings if source is not None else ():
            if not any(item.explains(module, text, line) for item in self._conventions):
                named = self._reader.named(text)
                if named is not None and named != module and self._view.production(named):
                    yield named, Reason("named in a string", module, line)
        for item in self._conventions:
            for tie in item.asked_by(module):
                yield tie.target, Reason(tie.because, tie.by, tie.line)
