"""What the code of a web framework calls a request and its parts, and what answers with which status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Names = frozenset[str]


HTTP_ERRORS: Mapping[str, int] = {
    "BadRequest": 400,
    "Unauthorized": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "MethodNotAllowed": 405,
    "Conflict": 409,
    "Gone": 410,
    "ValidationError": 400,
}
"""Last names of exceptions that most libraries give these statuses."""


HTTP_EXCEPTIONS: Mapping[str, int] = {
    "HTTPBadRequest": 400,
    "HTTPUnauthorized": 401,
    "HTTPForbidden": 403,
    "HTTPNotFound": 404,
    "HTTPMethodNotAllowed": 405,
    "HTTPConflict": 409,
    "HTTPGone": 410,
    "HTTPFound": 302,
}
"""Those of Pyramid and aiohttp, which are raised, called or returned."""


@dataclass(frozen=True)
class RequestNames:
    """What the code of a framework calls a request and its parts, and what answers with which status."""

    request: Names = frozenset({"request", "req", "_request"})
    """Variables and attributes that hold the request."""
    query: Names = frozenset()
    """Attributes with the parameters of the query string."""
    form: Names = frozenset()
    """Attributes with the fields of a form and uploaded files."""
    body: Names = frozenset()
    """Attributes and methods with the body as data."""
    raw: Names = frozenset({"body", "data"})
    """Attributes with the body as bytes, to be given to ``json.loads``."""
    headers: Names = frozenset({"headers"})
    cookies: Names = frozenset({"cookies"})
    getters: Names = frozenset({"get", "getlist", "pop"})
    """Methods of these that read a part by its name."""
    by_attribute: bool = False
    """Whether a part can be read as an attribute as well: ``request.query.page``."""
    aborts: Names = frozenset({"abort", "HTTPException"})
    """Callables whose first argument is the status that is answered."""
    raised: Mapping[str, int] = field(default_factory=lambda: HTTP_ERRORS)
    """Last name of an exception -> the status that it becomes."""
    called: Mapping[str, int] = field(default_factory=lambda: {"redirect": 302})
    """Last name of a callable -> the status that its result answers with."""
    view_schemas: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    """Method of a view that makes its schema -> the attribute that holds the class, and whether it takes
    input only when it is given ``data``."""
    guards: Names = frozenset({"decorators"})
    """Attributes of a view class with what lets only some callers in."""

    def part(self, name: str) -> str:
        """What an attribute of the request holds: query, form, body, header, cookie, or nothing of it."""
        for part, names in (
            ("query", self.query),
            ("form", self.form),
            ("body", self.body),
            ("header", self.headers),
            ("cookie", self.cookies),
        ):
            if name in names:
                return part
        return ""
