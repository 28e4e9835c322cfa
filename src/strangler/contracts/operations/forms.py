"""Blockers of how a definition is written and how it is called."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from strangler.contracts.operations.blockers import blocker
from strangler.contracts.operations.values import Blocker, Site
from strangler.model import CallSite, Decoration, HandedOn, Signature
from strangler.model.lookup import last

_KEEPING = frozenset(
    {
        *("atomic", "lru_cache", "cache", "wraps", "staticmethod", "classmethod", "shared_task", "task"),
        *("receiver", "override", "overload", "sensitive_variables", "sensitive_post_parameters", "filter"),
        *("simple_tag", "simple_filter", "non_atomic_requests", "require_GET", "require_POST", "timed"),
        *("require_http_methods", "csrf_exempt", "never_cache", "abstractmethod", "final", "deprecated"),
        *("typechecked", "instrument", "command", "argument", "option"),
        *("connect", "connect_via", "listens_for"),
    }
)
"""Last parts of names of decorators that keep the arguments and the result of a call."""
METHOD = "a method of an object of the other context"
_BY_KEY = "offer it as a function that takes the identifier of the object"
_NONE: Mapping[Site, str] = {}


def form_blockers(signature: Signature, file: str, *, touches_tables: bool) -> Iterator[Blocker]:
    """Blockers of how the definition is written.

    Args:
        signature: of the definition.
        file: its path.
        touches_tables: whether it reads or writes a table.
    """
    for decoration in signature.decorators:
        yield from _decorated(decoration, file)
    if signature.registers is not None:
        message = "it registers a function with something of this process"
        at = signature.registers
        yield blocker("registers", at.file, at.line, message, "let each side register its own")
    if signature.process is not None and not touches_tables:
        message = "it uses what only this process or machine has: a thread's values, module state, programs"
        remedy = "call it on each side, or keep the state where both can ask for it"
        yield blocker("process_state", signature.process.file, signature.process.line, message, remedy)
    for used in signature.ambient:
        message = f"uses {used.symbol}, which belongs to the request of the caller"
        yield blocker(
            "request", used.file, used.line, message, "pass what it takes from there as a parameter"
        )


def call_blockers(
    signature: Signature,
    sites: Sequence[tuple[Site, CallSite]],
    handed: Sequence[tuple[Site, HandedOn]],
    *,
    bound: str = METHOD,
    others: Mapping[Site, str] = _NONE,
    programs: Container[str] = (),
) -> Iterator[tuple[Site, Blocker]]:
    """Calls that cannot go through a seam because of how they are written, each with the reason.

    Args:
        signature: of the definition.
        sites: where it is called.
        handed: where it is handed on.
        bound: of a method why its object cannot cross; empty where it is a row that crosses by its key.
        others: call -> what else of the same name is called there.
        programs: modules that are only run: what stands outside of functions runs like any other code.
    """
    method = signature.form == "method"
    for place, site in sites:
        if method and site.reached == "name":
            found: Iterable[Blocker] = [
                blocker("instance_method", place.file, place.line, bound or METHOD, _BY_KEY)
            ]
        elif method and not bound and site.reached == "value":
            found = _member_form(place, site, others.get(place, ""), programs)
        else:
            found = _site_form(place, site, programs, method=(bound or METHOD) if method else "")
        yield from ((place, item) for item in found)
    for place, _ in handed:
        if method or not place.function:
            remedy = "call it where it is needed, or let the provider register itself"
            yield place, blocker("callback", place.file, place.line, "handed on as a value", remedy)


def _decorated(decoration: Decoration, file: str) -> Iterator[Blocker]:
    name = last(decoration.name)
    if name in ("contextmanager", "asynccontextmanager"):
        message = "a context manager: it wraps code of the caller"
        remedy = "offer its beginning and its end as two functions"
        yield blocker("iterator", file, decoration.line, message, remedy)
    elif name not in _KEEPING and not decoration.keeps:
        message = f"@{name or decoration.text[:40]} may change its arguments or its result"
        remedy = "put a plain function beneath it and call that"
        yield blocker("decorated", file, decoration.line, message, remedy)


def _member_form(place: Site, site: CallSite, other: str, programs: Container[str]) -> Iterator[Blocker]:
    """Blockers of a call of a row's method."""
    file, line = place.file, place.line
    if not site.member:
        message = "no plain call of a method of a row: a property, a call-back, super()"
        yield blocker("instance_method", file, line, message, "call it by its name, as row.method()")
    elif other:
        message = f"it may be called on an object of another class as well: {other}"
        yield blocker("instance_method", file, line, message, "give the two methods different names")
    else:
        yield from _called_plainly(place, site, programs)


def _site_form(place: Site, site: CallSite, programs: Container[str], *, method: str) -> Iterator[Blocker]:
    file, line = place.file, place.line
    if site.reached == "decorator":
        remedy = "publish the decorator as a library"
        yield blocker("callback", file, line, "used as a decorator: it takes a function", remedy)
    elif site.reached == "value" and method:
        yield blocker("instance_method", file, line, method, _BY_KEY)
    elif site.reached == "value":
        message = "reached through a value (decorator, registry, call-back), not by its name"
        remedy = "call it by its name, or let the provider register itself"
        yield blocker("callback", file, line, message, remedy)
    elif site.reached == "unseen":
        message = (
            "called in code that the analysis did not come to: whether a transaction is open is not known"
        )
        yield blocker(
            "unreadable", file, line, message, "see why that code cannot run; else patch it by hand"
        )
    else:
        yield from _called_plainly(place, site, programs)


def _called_plainly(place: Site, site: CallSite, programs: Container[str]) -> Iterator[Blocker]:
    file, line = place.file, place.line
    if not place.function and place.module not in programs:
        remedy = "call it when it is needed: at import there is no service yet"
        yield blocker("registers", file, line, "called while the module is imported", remedy)
