"""Seams in the tree: what is called through them need not come along once the other side answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from strangler.contracts.operations import slug
from strangler.contracts.seams import MARK
from strangler.extraction.reader import Reader
from strangler.extraction.values import Switch
from strangler.model import Signal
from strangler.model.lookup import last, parent
from strangler.plans.view import View

_TOLD = re.compile(r"\.elsewhere\([\"'](\w+)[\"']\)")


class Seams:
    """The package of seams that a patch of ``strangler plan`` has put into the monolith.

    Args:
        view: what is cut out.
        reader: the monolith's files.
        remote: slugs of the contexts that are called over their seams, whatever their switches say today.
    """

    def __init__(self, view: View, reader: Reader, remote: frozenset[str]) -> None:
        self._view = view
        self._remote = remote
        self.of: dict[str, str] = {}
        """Module of the package -> slug of the context whose seam it is; empty for the others."""
        mark = re.compile(re.escape(MARK.encode()) + rb"(?:: the seam of (\w+))?\.\n")
        for name, module in sorted(reader.modules.items()):
            source = reader.source(name) if module.role == "generated" else None
            if source is not None and (found := mark.match(source.data)) is not None:
                self.of[name] = (found[1] or b"").decode()
        told: dict[str, set[str]] = {}
        for row in view.model.signatures:
            names = {name for item in row.decorators for name in _TOLD.findall(item.text)}
            if names and self.of:
                told[f"{row.module}.{row.name}"] = names
        self._told = told

    def served(self) -> Iterator[str]:
        """Modules by which others call what is cut out."""
        own = [name for name, context in self.of.items() if context and context == slug(self._view.name)]
        for name in own:
            yield from (name, *(f"{parent(name)}.{beside}" for beside in ("server", "saga")))

    def switches(self, held: frozenset[str]) -> Iterator[Switch]:
        """The seams among the modules that are held."""
        for module, context in self.of.items():
            if context and module in held:
                yield Switch(
                    variable=f"SEAM_{context.upper()}_URL",
                    module=module,
                    own=context == slug(self._view.name),
                    needed=context in self._remote,
                )

    def steps(self, held: frozenset[str]) -> str:
        """The program among the modules that are held by which calls follow a commit; empty: none."""
        return next((name for name in sorted(self.of) if name in held and last(name) == "saga"), "")

    def spares(self, module: str, target: str) -> bool:
        """Whether a seam's late import of a module does not ask for it: the other side answers."""
        return module in self.of and slug(self._view.context_of.get(target, "")) in self._remote

    def told(self, receiver: str) -> bool:
        """Whether a receiver is told by an event, as its context is called over its seam."""
        return bool(self._told.get(receiver.replace(":", "."), set()) & self._remote)

    def hears(self, signal: Signal) -> bool:
        """Whether the receiver of a signal is one that events are written for."""
        return signal.receiver.replace(":", ".") in self._told
