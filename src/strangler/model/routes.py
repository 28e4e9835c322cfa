"""What a web application serves: routes with what they take and give, and what runs around them."""

from __future__ import annotations

from typing import Literal

from strangler.model.base import Value

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
"""Those that ask and change nothing."""
IMPLIED_METHODS = ("HEAD", "OPTIONS")
"""Answered by the frameworks themselves; an endpoint lists them only where the code does."""


class Input(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Something that a request carries: a field of the body, a parameter of the query, a header."""

    name: str
    where: Literal["body", "query", "header", "cookie"]
    type: str = ""
    """As in JSON Schema: string, integer, number, boolean, array, object; empty where it cannot be told."""
    format: str = ""
    """date, date-time, time, email, uri, uuid, decimal, binary."""
    required: bool = False
    nullable: bool = False
    choices: tuple[str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    """Characters of a string, items of an array."""
    minimum: float | None = None
    maximum: float | None = None
    exclusive: bool = False
    """Whether ``minimum`` itself is refused."""
    pattern: str = ""
    """Regular expression that a string must match."""
    refers: str = ""
    """The table (and, after a dot, the attribute) of which it names a row."""
    inputs: tuple[Input, ...] = ()
    """Fields of an object; of an array its items, as one input without a name."""
    file: str = ""
    line: int = 0


class Request(Value, frozen=True, kw_only=True, omit_defaults=True):
    """What the code says about one method of an endpoint."""

    method: str
    media: Literal["", "json", "form"] = ""
    """How a body comes; empty where none is read."""
    inputs: tuple[Input, ...] = ()
    statuses: tuple[int, ...] = ()
    """Status codes that the code answers with."""
    guards: tuple[str, ...] = ()
    """What lets only some callers in (decorators, permission classes, dependencies), by dotted name."""
    file: str = ""
    line: int = 0


SlashRedirect = Literal["never", "append", "append_in_order", "remove", "either"]
"""When a path is answered with a redirect to itself with (append), without (remove), or with or without
(either) a slash at its end: after no rule has taken the path; ``append_in_order`` at the rule's own place in
the order, and for the rule's methods alone."""


class RouteTraits(Value, frozen=True, kw_only=True, omit_defaults=True):
    """How the framework decides that a rule takes a request, beyond its order and its expression."""

    by_method: bool = True
    """Whether a rule whose methods do not fit leaves the path to later rules. False: the first rule that fits
    the path gets every method."""
    slash_redirect: SlashRedirect = "never"
    """Which other paths lead to the rule by a redirect."""


class Endpoint(Value, frozen=True, kw_only=True):
    """A URL rule of the monolith."""

    path: str
    """Full normal form, OpenAPI style: ``/orders/{pk}/``."""
    methods: tuple[str, ...] | None
    """None where the code does not restrict them."""
    handler: str
    """``module.qualname`` of the function or class that serves it, unwrapped."""
    framework: str
    pattern: str
    """Full pattern in the framework's own language, prefixes joined."""
    regex: str
    """Python regular expression (re.fullmatch) of exactly the URL paths that reach the handler's rule."""
    name: str | None
    file: str
    line: int
    order: int
    """Position in the framework's own matching order, from 0; the lower matches first."""
    exact: bool = True
    """False where ``regex`` is wider than what the framework takes (custom converters, conditions)."""
    condition: str = ""
    """What must hold for it to be there (``settings.OLD_PAGES``), where that could not be decided."""
    requests: tuple[Request, ...] = ()
    """What is known of the requests that it takes, one a method."""
    traits: RouteTraits = RouteTraits()
    protocol: str = "http"
    """``websocket`` where the request must ask for an upgrade."""
    host: str = ""
    """Regular expression of the host names, or of their first part, that it is served for; empty: of any."""


class OpaqueRoute(Value, frozen=True, kw_only=True, omit_defaults=True):
    """URLs that the monolith answers by something that is not listed: a library's URL table, an include or a
    mount that is not known, static files, a view that cannot be told. They belong to the monolith."""

    pattern: str
    """As in ``Endpoint``, up to where it is known."""
    regex: str
    """Python regular expression (re.fullmatch) of all URL paths that it may answer."""
    what: str
    """What answers: a dotted name, or words."""
    framework: str
    file: str
    line: int
    order: int
    """Position among the endpoints of the framework; see ``Endpoint.order``."""
    rest: bool = False
    """What an application that is mounted here answers besides its listed routes and their redirects."""


AmbientKind = Literal["middleware", "authentication", "permission", "throttle", "context_processor", "hook"]


class Ambient(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Something that is bound before requests by settings or registration, not by a call of their handlers.

    What it touches counts for each endpoint that it stands before and for no context: it is left out of
    ownership and coupling, and a service that takes the endpoints needs it, too.
    """

    kind: AmbientKind
    name: str
    """Dotted name of the class or function."""
    framework: str
    file: str
    """Where it is bound; empty where that is a default of the framework."""
    line: int
    guards: bool = False
    """Whether it may turn a request away."""
    known: bool = True
    """False for something of a library of which it is not known what it touches."""
    tables_read: tuple[str, ...] = ()
    tables_written: tuple[str, ...] = ()
    handlers: tuple[str, ...] = ()
    """The handlers that it stands before; empty: all of the framework."""

    def before(self, endpoint: Endpoint) -> bool:
        """Whether requests for an endpoint go through it."""
        return endpoint.framework == self.framework and (
            not self.handlers or endpoint.handler in self.handlers
        )


class RouteLink(Value, frozen=True, kw_only=True):
    """A place that asks for the URL of a route by its name (``reverse``, ``url_for``, ``{% url %}``)."""

    file: str
    line: int
    module: str
    """Empty in a template."""
    function: str | None
    name: str
    """As written, with namespaces; empty where it cannot be told."""
