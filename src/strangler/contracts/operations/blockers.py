"""Why an operation cannot cross a wire as it is, each reason with its place and the usual remedy."""

from __future__ import annotations

from collections.abc import Iterator

from strangler.contracts.operations.shapes import describe, obstacles
from strangler.contracts.operations.values import Blocker, BlockerKind, Parameter, Site
from strangler.model import Kind, Shape

_OF_KIND: dict[Kind, BlockerKind] = {
    "row": "orm_object",
    "query": "queryset",
    "session": "session",
    "request": "request",
    "response": "response",
    "file": "file",
    "iterator": "iterator",
    "callable": "callback",
    "class": "class",
    "object": "object",
    "unknown": "unknown_type",
}
_REMEDIES: dict[BlockerKind, tuple[str, str]] = {
    "orm_object": (
        "pass its identifier, or the plain fields that are used",
        "return a plain record (dataclass) of the fields that callers use, or the identifier",
    ),
    "queryset": (
        "pass the identifiers or the criteria, and query inside",
        "return a list of plain records, with a limit",
    ),
    "session": (
        "open the session inside: the provider owns its database session",
        "keep the session inside the provider",
    ),
    "request": (
        "pass the fields of the request that are used (user id, form data)",
        "return plain data",
    ),
    "response": ("pass plain data", "return plain data and build the response in the caller"),
    "file": ("pass the bytes, or a reference to object storage", "return the bytes, or a link"),
    "iterator": ("pass a list", "return a list, a page at a time where it is long"),
    "callback": (
        "give the choice as a plain value, or move the code that calls back to the caller",
        "return the result of the function instead of the function",
    ),
    "class": ("pass a plain name and choose the class inside", "return a plain name"),
    "object": (
        "pass its plain fields, or make it a dataclass",
        "return a plain record (dataclass) of the fields that callers use",
    ),
    "unknown_type": ("annotate the parameter", "annotate the return type"),
}


def of_shape(
    shape: Shape, subject: str, file: str, line: int, *, result: bool = False, used: tuple[str, ...] = ()
) -> Iterator[Blocker]:
    """Blockers of one parameter or result."""
    seen: set[tuple[BlockerKind, str]] = set()
    for path, part in obstacles(shape):
        kind = _OF_KIND[part.kind]
        what = describe(part)
        if (kind, what) in seen:
            continue
        seen.add((kind, what))
        remedy = _REMEDIES[kind][result]
        if kind == "orm_object" and used and not path:
            remedy = f"pass the plain fields that it uses: {', '.join(used[:6])}" + (
                f" and {len(used) - 6} more" if len(used) > 6 else ""
            )
        if kind == "unknown_type" and path:
            remedy = "say what it holds: list[...], a dataclass, a TypedDict"
        where = f"{subject}{path}"
        message = f"{where}: nothing tells its type" if kind == "unknown_type" else f"{where} is {what}"
        yield Blocker(kind=kind, subject=subject, file=file, line=line, message=message, remedy=remedy)


def of_parameter(parameter: Parameter, file: str, line: int, used: tuple[str, ...]) -> Iterator[Blocker]:
    """Blockers of a parameter."""
    subject = f"parameter {parameter.name}"
    rest = parameter.passing in ("var_positional", "var_keyword")
    if rest and parameter.shape.kind == "unknown":
        yield Blocker(
            kind="call_form",
            subject=subject,
            file=file,
            line=line,
            message=f"{subject} takes any arguments",
            remedy="name the parameters",
        )
        return
    if parameter.shape.kind == "session":
        return  # it does not cross: the provider opens its own
    yield from of_shape(parameter.shape, subject, file, line, used=used)


def used_further(site: Site) -> Blocker:
    """The blocker of a call that does more with the query that it gets than to read it through."""
    message = "the query that it returns is used further: over a wire it is a list of its rows"
    remedy = "loop over it at once, or ask for what is needed"
    return blocker("queryset", site.file, site.line, message, remedy)


def blocker(kind: BlockerKind, file: str, line: int, message: str, remedy: str) -> Blocker:
    """A blocker of the operation as a whole."""
    return Blocker(kind=kind, subject="", file=file, line=line, message=message, remedy=remedy)
