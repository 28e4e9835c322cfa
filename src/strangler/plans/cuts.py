"""Every crossing of the boundary with its remedy: what the reasons are is in ``_remedy_of_...`` below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strangler.contracts.operations.signals import waited_for
from strangler.model import Access, Crossing, Evidence
from strangler.model.contexts import LIBRARIES
from strangler.model.lookup import member
from strangler.plans.data import shares_key
from strangler.plans.values import Cut, Direction, Remedy, Saga
from strangler.plans.view import View
from strangler.text import listed, plural

MANY_READS = 3
"""From so many reading places on, one replica is less work and less load than as many remote calls."""
MANY_USERS = 3
"""Contexts that inherit from a class; from so many on it is base code, not part of a domain."""
KERNEL = "shared kernel: publish it as a versioned package that both sides install"
SMALL = 25
"""Lines up to which copying a function without data is cheaper than any coupling."""


def find_cuts(view: View, sagas: Sequence[Saga]) -> tuple[Cut, ...]:
    """The crossings of the boundary, each with what to do about it, sorted.

    Args:
        view: the context.
        sagas: what becomes of its transactions, the hardest first.
    """
    return tuple(sorted(_cut(view, crossing, sagas) for crossing in view.crossings))


def _cut(view: View, crossing: Crossing, sagas: Sequence[Saga]) -> Cut:
    direction: Direction = "out" if crossing.source == view.name else "in"
    places = crossing.places
    remedy, reason = _remedy(view, crossing, direction, places, sagas)
    return Cut(
        direction=direction,
        other=crossing.target if direction == "out" else crossing.source,
        kind=crossing.kind,
        subject=crossing.subject,
        remedy=remedy,
        reason=reason,
        places=places,
        id=crossing.id,
    )


def _remedy(
    view: View, crossing: Crossing, direction: Direction, places: Sequence[Evidence], sagas: Sequence[Saga]
) -> tuple[Remedy, str]:
    kind, subject, user, target = crossing.kind, crossing.subject, crossing.source, crossing.target
    if kind == "transaction":
        at = {(place.file, place.line, place.symbol) for place in places}
        hardest, *_ = (s for s in sagas if (s.place.file, s.place.line, s.place.symbol) in at)
        return hardest.remedy, hardest.note
    if kind == "foreign_key":
        keys = plural(len(places), "key")
        columns = {place.symbol for place in places}
        ones = [
            table.name
            for table in view.model.tables
            for key in table.foreign_keys
            if key.table == subject and f"{table.name}.{key.column}" in columns and shares_key(table, key)
        ]
        if ones:
            return (
                "drop_key",
                f"{keys}; the rows of {listed(ones, 3)} are one with those of {subject}: see below",
            )
        return "drop_key", f"{keys}: plain columns with ids of {target}; the rules of each are listed below"
    if kind == "signal":
        heard = {name.replace(":", ".") for name in crossing.reaches}
        rows = (row for row in view.model.signatures if f"{row.module}.{row.name}" in heard)
        awaited = next((text for row in rows if (text := waited_for(subject, row))), "")
        if awaited:
            return "api_call", f"{awaited}: an event could not; a call whose answer the sender waits for"
        if all(place.how == "signal" for place in places):
            return "event", f"the ORM calls the receiver at each change: {user} publishes its changes instead"
        return "event", "the sender need not wait: it publishes, the other side subscribes"
    if kind == "task":
        return "event", "it is queued by name already: put it on a queue of its owner, with plain arguments"
    if kind in ("read", "write") and all(place.how == "cascade" for place in places):
        owner = target if kind == "write" else user
        return (
            "event",
            f"only follows a delete: {owner} cleans up, by what `strangler extract` writes",
        )
    if kind == "write":
        return "api_call", f"only {target} may write its table: offer the change as an operation of {target}"
    if kind == "read":
        return _remedy_of_read(view, user, target, subject, places)
    shared = view.kind_of.get(target) in LIBRARIES
    if kind == "call":
        return _remedy_of_call(view, user, target, subject, shared=shared)
    if shared:
        return "shared_library", KERNEL
    if kind == "inheritance":
        return _remedy_of_base(view, user, subject)
    return _remedy_of_import(view, direction, subject)


def _remedy_of_base(view: View, user: str, subject: str) -> tuple[Remedy, str]:
    users = view.callers.get(member(subject, view.modules), set())
    work = _work(view, user, subject)
    if work.foreign:
        return "duplicate", f"it {work}: copy what the subclass uses, and leave that to the owner"
    if len(users) >= MANY_USERS:
        return "shared_library", f"a base class of {len(users)} contexts: a package of base code for all"
    return "duplicate", "a base class cannot be shared over the wire: copy what the subclass uses"


def _remedy_of_read(
    view: View, user: str, target: str, table: str, places: Sequence[Evidence]
) -> tuple[Remedy, str]:
    accesses = _accesses_at(view, table, user, "read")
    writing = {(access.module, access.function) for access in view.writers_of.get(table, ())}
    to_write = [access for access in accesses if (access.module, access.function) in writing]
    if accesses and len(to_write) == len(accesses):
        return "api_call", f"read to be changed: part of the operation of {target} that changes it"
    if any(access.via == "sql" for access in accesses):
        return "replica", f"raw SQL reads {table} beside other tables: a join cannot cross a wire"
    if len(places) >= MANY_READS:
        aside = f"; {plural(len(to_write), 'read')} before a write go with that operation" if to_write else ""
        return "replica", (
            f"read in {plural(len(places), 'place')}: one copy fed by events is less load{aside}"
        )
    if accesses and all(access.via == "template" for access in accesses):
        return "api_call", "only a template reads it: let the view ask for the fields and hand them over"
    return "api_call", f"few places: ask {target} for the fields that are used"


def _accesses_at(view: View, table: str, context: str, operation: str) -> list[Access]:
    """The accesses of one context to a table."""
    return [
        access
        for access in view.accesses_to[table]
        if access.operation == operation and view.context_of.get(access.module) == context
    ]


def _remedy_of_import(view: View, direction: Direction, module: str) -> tuple[Remedy, str]:
    if module in view.model_modules:
        return "remove_line", "it brings table classes: the line falls when their reads and writes are cut"
    if module in {view.home(signal.signal) for signal in view.model.signals}:
        return "event", "it brings signals: their names and fields become the published events"
    if direction == "in" and any(
        module in (view.home(e.handler), view.file_module(e.file)) for e in view.endpoints
    ):
        return "remove_line", "it only registers routes that move: the gateway takes them over"
    if direction == "in" and not any(item.module == module for item in view.model.definitions):
        return "remove_line", "nothing in it can be called: the import falls with the code"
    return "duplicate", "no function of it is called: constants or types, copied to both sides"


def _remedy_of_call(view: View, user: str, target: str, subject: str, *, shared: bool) -> tuple[Remedy, str]:
    module, name = member(subject, view.modules)
    definition = view.definitions.get((module, name))
    work = _work(view, user, subject)
    if work.foreign or work.sends:
        return "api_call", f"it {work}: an operation of {target}"
    if work.tables:
        return "move_function", f"it touches only tables of {user} ({work.where})"
    if not view.effects.complete(module, name) and (module, name) not in view.computing:
        return "api_call", f"too much hangs on it to be followed: an operation of {target}"
    if shared:
        return "shared_library", KERNEL
    mapped = view.table_of.get(subject)
    if mapped is not None:
        return "duplicate", f"the class of {mapped}: pass ids or plain fields instead of its rows"
    if definition is None or definition.kind == "class":
        return "duplicate", "a type without data access of its own seen: copy it, or pass plain fields"
    if view.callers.get((module, name), set()) <= {user}:
        return "move_function", f"only {user} calls it, and it touches no table"
    if definition.end_line - definition.line < SMALL:
        length = plural(definition.end_line - definition.line + 1, "line")
        return "duplicate", f"{length} without data access: a copy is cheaper than a remote call"
    return "shared_library", "long, without data access, used on both sides: a package, not a service"


@dataclass(frozen=True)
class Work:
    """What a definition does, all that it calls included."""

    tables: tuple[str, ...]
    foreign: tuple[str, ...]
    """Tables of others than the user, or of nobody."""
    through: str
    """The first function that it calls to reach a table; empty where it does all of it itself."""
    sends: tuple[str, ...]
    """Tasks and signals."""

    @property
    def where(self) -> str:
        """The tables, and the function through which it reaches them."""
        return listed(self.tables, 3) + (f" through {self.through}" if self.through else "")

    def __str__(self) -> str:
        parts = [f"works on {self.where}"] if self.tables else []
        parts += [f"sends {listed(self.sends, 3)}"] if self.sends else []
        return " and ".join(parts)


def _work(view: View, user: str, subject: str) -> Work:
    module, name = member(subject, view.modules)
    found = view.effects.of_class(module, name)
    foreign = [effect for effect in found if view.owner_of.get(effect.table) != user]
    indirect = [effect for effect in foreign or found if effect.path]
    through = indirect[0] if indirect and len(indirect) == len(foreign or found) else None
    return Work(
        tables=tuple(sorted({effect.table for effect in found})),
        foreign=tuple(sorted({effect.table for effect in foreign})),
        through="" if through is None else (through.path[1] if through.path[1:] else through.place).symbol,
        sends=tuple(sorted({message.name for message in view.effects.messages(module, name)})),
    )
