"""Bottle: applications, routes, mounts, and what handlers read of their requests."""

from __future__ import annotations

import re
from collections.abc import Sequence

from strangler.analyzers.plugin import (
    HTTP_ERRORS,
    Class,
    Compiled,
    Function,
    Library,
    LibraryFramework,
    RequestNames,
    RequestReader,
    literal,
    positional_parameters,
)
from strangler.model import Endpoint, OpaqueRoute, RouteTraits

VERBS = ("get", "post", "put", "delete", "patch")
FILTERS = {"": r"[^/]+", "re": r"[^/]+", "int": r"-?\d+", "float": r"-?[\d.]+", "path": r".+?"}
"""Filter of a wildcard -> what it takes when it is not told more."""
WILDCARD = re.compile(
    r"<(?P<name>[a-zA-Z_]\w*)?(?::(?P<filter>[a-zA-Z_]*)(?::(?P<config>(?:\\.|[^\\>])+)?)?)?>"
)


class BottleRequests(RequestReader):
    """``request.query``, ``request.forms`` and their like: dictionaries whose keys are attributes as well."""

    names = RequestNames(
        query=frozenset({"query", "GET", "params"}),
        form=frozenset({"forms", "files", "POST"}),
        body=frozenset({"json"}),
        getters=frozenset({"get", "getall", "getone", "getunicode"}),
        by_attribute=True,
        aborts=frozenset({"abort", "HTTPError", "HTTPResponse"}),
        raised=HTTP_ERRORS,
        called={"redirect": 303},
    )


class Bottle(LibraryFramework):
    """Bottle's applications and the functions of its default application."""

    name = "bottle"
    packages = ("bottle",)
    api_version = 3
    requests = BottleRequests()
    traits = RouteTraits(by_method=True, slash_redirect="never")
    any_method = "ANY"

    library = Library("bottle")
    library.application("Bottle")
    library.default_application("app", "default_app", "apps")
    for owner in ("", "Bottle."):
        library.route(
            f"{owner}route",
            path=(0, "path"),
            methods=(1, "method"),
            handler=(2, "callback"),
            default=("GET",),
        )
        for verb in VERBS:
            library.route(f"{owner}{verb}", path=(0, "path"), default=(verb.upper(),))
        library.mount(f"{owner}mount", prefix=(0, "prefix"), app=(1, "app"))
    library.mount("Bottle.merge", app=(0, "routes"))

    def compile(self, pattern: str) -> Compiled:
        """``/orders/<pk:int>``; a filter of the application's own takes we do not know what."""
        normal: list[str] = []
        regex: list[str] = []
        exact, end = True, 0
        for number, wildcard in enumerate(WILDCARD.finditer(pattern)):
            text = pattern[end : wildcard.start()]
            end = wildcard.end()
            kind, config = wildcard["filter"] or "", wildcard["config"]
            takes = config if kind == "re" and config else FILTERS.get(kind)
            exact = exact and takes is not None
            normal += [text, f"{{{wildcard['name'] or f'anon{number}'}}}"]
            regex += [literal(text), f"(?:{takes or '.+'})"]
        rest = pattern[end:]
        return Compiled(pattern, "".join([*normal, rest]), "".join([*regex, literal(rest)]), exact)

    def paths(self, handler: Function | Class) -> Sequence[str]:
        """A route without a rule takes it from the handler: ``def orders__show(pk, page=1)``."""
        path = "/" + handler.name.replace("__", "/").lstrip("/")
        found = []
        for name, optional in positional_parameters(handler) if isinstance(handler, Function) else ():
            if optional:
                found.append(path)
            path += f"/<{name}>"
        return [*found, path]

    def ordered(self, rows: list[Endpoint | OpaqueRoute]) -> list[Endpoint | OpaqueRoute]:
        """Routes of the method come before those of any, static rules before others; a rule that is given
        again replaces the first one in its place."""
        last = {key: row for row in rows for key in _keys(row)}
        kept = {id(row): row for row in last.values()}
        return sorted(kept.values(), key=lambda row: (_takes_any(row), bool(WILDCARD.search(row.pattern))))


def _keys(row: Endpoint | OpaqueRoute) -> list[tuple[str, str]]:
    methods = (row.methods or ("ANY",)) if isinstance(row, Endpoint) else ("",)
    return [(row.regex, method) for method in methods]


def _takes_any(row: Endpoint | OpaqueRoute) -> bool:
    return not isinstance(row, Endpoint) or row.methods is None
