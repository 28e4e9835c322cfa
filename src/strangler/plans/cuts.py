"""Every tie over the boundary with its remedy: what the reasons are is in ``_remedy_of_...`` below."""

from __future__ import annotations

from collections import defaultdict

from strangler.model import Access, Evidence
from strangler.model.contexts import CrossingKind
from strangler.plans.values import Cut, Direction, Remedy
from strangler.plans.view import View
from strangler.text import plural

MANY_READS = 3
"""From so many reading places on, one replica is less work and less load than as many remote calls."""
MANY_USERS = 3
"""Contexts that inherit from a class; from so many on it is base code, not part of a domain."""
SMALL = 25
"""Lines up to which copying a function without data is cheaper than any coupling."""

_Key = tuple[Direction, str, CrossingKind, str]


def find_cuts(view: View) -> tuple[Cut, ...]:
    """All ties between the context and the others, sorted; tests and migrations tie nothing."""
    places = _Places(view)
    called: set[tuple[str, str]] = set()
    for call in view.model.calls:
        kind: CrossingKind = "inheritance" if call.kind == "inheritance" else "call"
        # ``class Meta(Base.Meta)`` is part of inheriting from Base.
        subject = f"{call.target_module}.{call.target}".removesuffix(".Meta")
        if places.add(kind, call.module, call.target_module, call.line, subject, call.function):
            called.add((call.module, call.target_module))
    for item in view.model.imports:
        if (item.importer, item.imported) not in called:
            places.add("import", item.importer, item.imported, item.line, item.imported)
    for access in view.model.accesses:
        owner = view.owner_of.get(access.table)
        if owner:
            places.to_context(
                access.operation, access.module, owner, access.line, access.table, access.function
            )
    _messages(view, places)
    return tuple(
        sorted(
            Cut(
                direction=direction,
                other=other,
                kind=kind,
                subject=subject,
                remedy=remedy,
                reason=reason,
                places=tuple(sorted(set(found))),
            )
            for (direction, other, kind, subject), found in places.found.items()
            for remedy, reason in [_remedy(view, direction, other, kind, subject, found)]
        )
    )


class _Places:
    def __init__(self, view: View) -> None:
        self.view = view
        self.found: dict[_Key, list[Evidence]] = defaultdict(list)

    def add(
        self,
        kind: CrossingKind,
        source: str,
        target: str,
        line: int,
        subject: str,
        symbol: str | None = "",
    ) -> bool:
        """Note a tie from a module's line to another module; whether it crosses the boundary."""
        other = self.view.context_of.get(target)
        return other is not None and self.to_context(kind, source, other, line, subject, symbol)

    def to_context(
        self, kind: CrossingKind, source: str, other: str, line: int, subject: str, symbol: str | None = ""
    ) -> bool:
        """The same for a tie to a context."""
        here = self.view.context_of.get(source)
        if here is None or here == other or self.view.name not in (here, other):
            return False
        direction: Direction = "out" if here == self.view.name else "in"
        key = (direction, other if direction == "out" else here, kind, subject)
        self.found[key].append(self.view.place(source, line, symbol))
        return True


def _messages(view: View, places: _Places) -> None:
    handlers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for task in view.model.tasks:
        handlers["task", task.name].add(view.home(task.handler) or "")
    for signal in view.model.signals:
        receiver, sender = view.home(signal.receiver), view.home(signal.sender or "")
        handlers["signal", signal.signal].add(receiver or "")
        if receiver and sender:
            places.add("signal", receiver, sender, signal.line, signal.signal, signal.receiver)
    for message in view.model.messages:
        for module in sorted(handlers[message.kind, message.name] & view.modules.keys()):
            places.add(message.kind, message.module, module, message.line, message.name, message.function)


def _remedy(
    view: View, direction: Direction, other: str, kind: CrossingKind, subject: str, places: list[Evidence]
) -> tuple[Remedy, str]:
    target = other if direction == "out" else view.name
    user = view.name if direction == "out" else other
    if kind == "signal":
        return "event", "the sender need not wait: it publishes, the other side subscribes"
    if kind == "task":
        return "event", "it is queued by name already: put it on a queue of its owner, with plain arguments"
    if kind in ("read", "write"):
        accesses = _accesses_at(view, subject, user, kind)
        if accesses and all(access.via == "cascade" for access in accesses):
            owner = target if kind == "write" else user
            return "event", f"only follows a delete: publish the delete, {owner} cleans up after it"
    if kind == "write":
        return "api_call", f"only {target} may write its table: offer the change as an operation of {target}"
    if kind == "read":
        return _remedy_of_read(view, user, target, subject, places)
    if view.kind_of.get(target) == "shared_kernel":
        return "shared_library", "shared kernel: publish it as a versioned package that both sides install"
    if kind == "inheritance":
        return _remedy_of_base(view, subject)
    if kind == "import":
        return _remedy_of_import(view, direction, subject)
    return _remedy_of_call(view, user, target, subject)


def _remedy_of_base(view: View, subject: str) -> tuple[Remedy, str]:
    users = view.callers.get(_split(view, subject), set())
    if len(users) >= MANY_USERS:
        return "shared_library", f"a base class of {len(users)} contexts: a package of base code for all"
    return "duplicate", "a base class cannot be shared over the wire: copy what the subclass uses"


def _remedy_of_read(
    view: View, user: str, target: str, table: str, places: list[Evidence]
) -> tuple[Remedy, str]:
    accesses = _accesses_at(view, table, user, "read")
    writing = {(access.module, access.function) for access in view.writers_of.get(table, ())}
    to_write = [access for access in accesses if (access.module, access.function) in writing]
    if accesses and len(to_write) == len(accesses):
        return "api_call", f"read to be changed: part of the operation of {target} that changes it"
    if any(access.via == "sql" for access in accesses):
        return "replica", f"raw SQL reads {table} beside other tables: a join cannot cross a wire"
    if len(set(places)) >= MANY_READS:
        aside = f"; {plural(len(to_write), 'read')} before a write go with that operation" if to_write else ""
        return "replica", (
            f"read in {plural(len(set(places)), 'place')}: one copy fed by events is less load{aside}"
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
    if module in {signal.signal.rpartition(".")[0] for signal in view.model.signals}:
        return "event", "it brings signals: their names and fields become the published events"
    if direction == "in" and any(
        module in (view.home(e.handler), view.file_module(e.file)) for e in view.endpoints
    ):
        return "remove_line", "it only registers routes that move: the gateway takes them over"
    if direction == "in" and not any(item.module == module for item in view.model.definitions):
        return "remove_line", "nothing in it can be called: the import falls with the code"
    return "duplicate", "no function of it is called: constants or types, copied to both sides"


def _remedy_of_call(view: View, user: str, target: str, subject: str) -> tuple[Remedy, str]:
    module, name = _split(view, subject)
    definition = view.definitions.get((module, name))
    tables = sorted({access.table for access in view.accesses_in(module, name)})
    foreign = {view.owner_of.get(table) for table in tables} - {None}
    if tables:
        if foreign == {user}:
            return "move_function", f"it touches only tables of {user} ({', '.join(tables[:3])})"
        return "api_call", f"it works on {', '.join(tables[:3])}: an operation of {target}"
    if definition is None or definition.kind == "class":
        return "duplicate", "a type without data access of its own seen: copy it, or pass plain fields"
    if view.callers.get((module, name), set()) <= {user}:
        return "move_function", f"only {user} calls it, and it touches no table"
    if definition.end_line - definition.line < SMALL:
        length = plural(definition.end_line - definition.line + 1, "line")
        return "duplicate", f"{length} without data access: a copy is cheaper than a remote call"
    return "shared_library", "long, without data access, used on both sides: a package, not a service"


def _split(view: View, subject: str) -> tuple[str, str]:
    module = view.home(subject) or subject
    return module, subject[len(module) + 1 :]
