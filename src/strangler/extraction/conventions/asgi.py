"""FastAPI and Starlette: what is registered stays behind without a trace; the application answers probes."""

from __future__ import annotations

from collections.abc import Iterable

from strangler.extraction.conventions import Conventions, Probed
from strangler.extraction.conventions.applications import Applications
from strangler.extraction.reader import Reader


class Asgi(Conventions):
    """Applications that are asked through ASGI."""

    def __init__(self, reader: Reader) -> None:
        self._applications = Applications(reader, ("FastAPI", "Starlette"), "health_asgi")

    def applications(self) -> Iterable[str]:
        """Modules that bind one."""
        return self._applications.made()

    def probed(self, module: str) -> Probed | None:
        """Around the application."""
        return self._applications.probed(module)
