"""What a walk of Django's URL tables has listed: endpoints, opaque routes, and what could not be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from strangler.model import Diagnostic, Endpoint, OpaqueRoute, References, RouteTraits

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.prefixes import Prefix
    from strangler.analyzers.plugin import Interpreter

Row = tuple[str, str, str, tuple[str, ...] | None, str, int]
"""An endpoint by host, expression, handler, methods and place."""


class Place(NamedTuple):
    """Where something of a URL table is written."""

    module: str
    line: int


def row_of(endpoint: Endpoint) -> Row:
    """What tells an endpoint from the others of its table."""
    place = endpoint.file, endpoint.line
    return (endpoint.host, endpoint.regex, endpoint.handler, endpoint.methods, *place)


@dataclass
class Table:
    """Endpoints and opaque routes in matching order, what could not be told, and how many handlers could."""

    interp: Interpreter
    endpoints: list[Endpoint] = field(default_factory=list)
    opaque_routes: list[OpaqueRoute] = field(default_factory=list)
    """What is answered by something that is not listed; their ``order`` is that of the endpoints."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    resolved: int = 0
    unresolved: int = 0

    @property
    def references(self) -> References:
        """Handlers by whether they could be told."""
        return References(kind="handler", resolved=self.resolved, unresolved=self.unresolved)

    def __len__(self) -> int:
        return len(self.endpoints) + len(self.opaque_routes)

    def file(self, place: Place) -> str:
        """The file of a place; empty outside the tree."""
        scope = self.interp.program.scopes.get(place.module)
        return scope.facts.path if scope is not None else ""

    def endpoint(
        self,
        here: Prefix,
        methods: tuple[str, ...] | None,
        handler: str,
        name: str | None,
        place: Place,
        traits: RouteTraits,
    ) -> Endpoint:
        """The endpoint of a pattern, at the next place of the order; it is not listed yet."""
        return Endpoint(
            framework="django",
            path=here.path,
            pattern=here.pattern,
            regex=here.regex,
            methods=methods,
            handler=handler,
            name=name or None,
            file=self.file(place),
            line=place.line,
            order=len(self),
            exact=here.exact,
            condition=" and ".join(here.conditions),
            traits=traits,
            host=here.host,
        )

    def opaque(self, here: Prefix, what: str, place: Place, *, below: bool = True) -> None:
        """List what is answered by ``what``: the pattern alone, or all ``below`` it."""
        self.opaque_routes.append(
            OpaqueRoute(
                framework="django",
                pattern=here.pattern or "/",
                regex=here.regex + ".*" if below and not here.regex.endswith(".*") else here.regex,
                what=what,
                file=self.file(place),
                line=place.line,
                order=len(self),
            )
        )

    def say(self, place: Place, code: str, severity: str, message: str) -> None:
        """Tell something of a place, once."""
        row = Diagnostic(
            file=self.file(place),
            line=place.line,
            code=code,
            severity=severity,  # type: ignore[arg-type]
            message=message,
        )
        if row not in self.diagnostics:
            self.diagnostics.append(row)
