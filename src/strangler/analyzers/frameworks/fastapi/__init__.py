"""FastAPI and Starlette: applications, routers, mounts and dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.fastapi import dependencies, routing
from strangler.analyzers.frameworks.fastapi.expand import Expansion
from strangler.analyzers.plugin.endpoints import numbered
from strangler.analyzers.plugin.factories import run_factories
from strangler.analyzers.plugin.framework import Found, Framework

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.knowledge import Knowledge
    from strangler.sources.tree import SourceTree


class FastAPI(Framework):
    """FastAPI and, beneath it, Starlette."""

    name = "fastapi"
    packages = ("fastapi", "starlette")

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.made = routing.Made()
        self.found = Found()

    def teach(self, knowledge: Knowledge) -> None:
        routing.teach(knowledge, self.made)
        dependencies.teach(knowledge)

    def prepare(self, interp: Interpreter) -> None:
        run_factories(interp, frozenset({routing.FASTAPI, routing.STARLETTE}))
        expansion = Expansion(interp, self.made)
        self.found.endpoints = numbered(expansion.endpoints())
        self.found.diagnostics = expansion.diagnostics()

    def collect(self, interp: Interpreter) -> Found:
        self.found.present = bool(self.made.apps or self.made.routers)
        return self.found
