"""FastAPI and Starlette: applications, routers, mounts and dependencies."""

from __future__ import annotations

from strangler.analyzers.frameworks.fastapi import dependencies, routing
from strangler.analyzers.frameworks.fastapi.expand import Expansion
from strangler.analyzers.frameworks.fastapi.requests import FastAPIRequests
from strangler.analyzers.frameworks.fastapi.routers import FASTAPI, Made
from strangler.analyzers.plugin import (
    Found,
    Framework,
    Interpreter,
    Knowledge,
    SourceTree,
    numbered,
    run_factories,
    run_hooks,
)


class FastAPI(Framework):
    """FastAPI and, beneath it, Starlette."""

    name = "fastapi"
    packages = ("fastapi", "starlette", "cadwyn")
    partly = ("fastapi_utils", "fastapi_restful")
    requests = FastAPIRequests()

    def __init__(self, tree: SourceTree) -> None:
        super().__init__(tree)
        self.made = Made()
        self.found = Found()

    def teach(self, knowledge: Knowledge) -> None:
        routing.teach(knowledge, self.made)
        dependencies.teach(knowledge)

    def prepare(self, interp: Interpreter) -> None:
        run_factories(interp, frozenset({FASTAPI, routing.STARLETTE}))
        for router in [*self.made.apps, *self.made.routers]:
            run_hooks(interp, router.hooks)
        expansion = Expansion(interp, self.made)
        self.found.endpoints, self.found.opaque_routes = numbered(expansion.rows())
        self.found.diagnostics = expansion.diagnostics()

    def collect(self, interp: Interpreter) -> Found:
        self.found.present = bool(self.made.apps or self.made.routers)
        return self.found
