"""FastAPI and Starlette: applications, routers, mounts and dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.endpoints import numbered
from strangler.analyzers.factories import run_factories
from strangler.analyzers.fastapi import dependencies, routing
from strangler.analyzers.fastapi.expand import Expansion
from strangler.analyzers.framework import Found, Framework

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

    def prepare(self, ip: Interpreter) -> None:
        run_factories(ip, frozenset({routing.FASTAPI, routing.STARLETTE}))
        expansion = Expansion(ip, self.made)
        self.found.endpoints = numbered(expansion.endpoints())
        self.found.diagnostics = expansion.diagnostics()

    def collect(self, ip: Interpreter) -> Found:
        self.found.present = bool(self.made.apps or self.made.routers)
        return self.found
