"""Starlette's path templates: ``/items/{id:int}`` as a normal form and as an expression."""

from __future__ import annotations

import re

from strangler.analyzers.plugin import Compiled, literal

_PARAMETER = re.compile(r"\{([a-zA-Z_]\w*)(:[a-zA-Z_]\w*)?\}", re.ASCII)

CONVERTORS = {
    "str": "[^/]+",
    "path": ".*",
    "int": "[0-9]+",
    "float": r"[0-9]+(?:\.[0-9]+)?",
    "uuid": "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}",
}

UNRESOLVED = "{unresolved}"
"""Stands for the part of a path that cannot be told."""


def compile_path(path: str, own: dict[str, str | None], mounted: bool = False) -> Compiled:
    """The template of a route; ``own`` are the application's convertors (None: expression unknown).

    Starlette ends its expressions with ``$``, which lets one newline through. A mount takes the rest of
    the path with ``.*``: below it no newline is taken at all.
    """
    regex: list[str] = []
    normal: list[str] = []
    exact = True
    position = 0
    last = ""
    for match in _PARAMETER.finditer(path):
        name, kind = match[1], (match[2] or ":str")[1:]
        last = own[kind] or "[^/]+" if kind in own else CONVERTORS.get(kind, "[^/]+")
        exact = exact and own.get(kind, "") is not None and (kind in own or kind in CONVERTORS)
        exact = exact and match[0] != UNRESOLVED
        before = path[position : match.start()]
        regex += [literal(before), last if kind in CONVERTORS and kind not in own else f"(?:{last})"]
        normal += [before, f"{{{name}}}"]
        position = match.end()
    rest = path[position:]
    regex.append(literal(rest))
    normal.append(rest)
    if mounted:
        regex = [r"[^/\n]+" if part == "[^/]+" else part for part in regex]
    elif rest or last != "[^/]+":
        regex.append(r"\n?")
    return Compiled(path, "".join(normal), "".join(regex), exact)
