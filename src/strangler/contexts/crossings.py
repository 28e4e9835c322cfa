"""Ties between contexts, each with the places that make it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from strangler.contexts.values import Obstacle
from strangler.model import Crossing, Evidence, System
from strangler.model.contexts import CrossingKind

SHOWN = 50
"""Places listed for one crossing; ``count`` has them all."""


class _Ties:
    def __init__(self, context_of: Mapping[str, str], path_of: Mapping[str, str]) -> None:
        self.context_of = context_of
        self.path_of = path_of
        self.places: dict[tuple[str, str, CrossingKind, str], list[Evidence]] = defaultdict(list)

    def module(
        self, kind: CrossingKind, source: str, target: str, line: int, symbol: str = "", subject: str = ""
    ) -> None:
        """A tie from a module's line to another module."""
        to = self.context_of.get(target)
        if to is not None:
            self.context(kind, source, to, line, symbol, subject)

    def context(
        self, kind: CrossingKind, source: str, to: str, line: int, symbol: str = "", subject: str = ""
    ) -> None:
        """A tie from a module's line to a context."""
        here = self.context_of.get(source)
        if here is not None and here != to:
            place = Evidence(file=self.path_of[source], line=line, symbol=symbol)
            self.places[here, to, kind, subject].append(place)


def find(
    system: System, context_of: Mapping[str, str], owners: Mapping[str, str], *, shown: int | None = SHOWN
) -> tuple[Crossing, ...]:
    """All ties between contexts, sorted.

    Args:
        context_of: module -> name of its context; modules left out (tests, migrations) tie nothing.
        owners: table -> name of the context that owns it.
        shown: places listed for one crossing; None for all.
    """
    ties = _Ties(context_of, {module.name: module.path for module in system.modules})
    for item in system.imports:
        ties.module("import", item.importer, item.imported, item.line)
    for call in system.calls:
        kind: CrossingKind = "inheritance" if call.kind == "inheritance" else "call"
        ties.module(kind, call.module, call.target_module, call.line, f"{call.target_module}.{call.target}")
    for access in system.accesses:
        if access.table in owners:
            ties.context(
                access.operation,
                access.module,
                owners[access.table],
                access.line,
                access.function or "",
                access.table,
            )
    _data_ties(ties, system, owners)
    _message_ties(ties, system)
    return tuple(
        Crossing(
            source=source,
            target=target,
            kind=kind,
            subject=subject,
            evidence=tuple(sorted(set(places))[:shown]),
            count=len(places),
        )
        for (source, target, kind, subject), places in sorted(ties.places.items())
    )


def _data_ties(ties: _Ties, system: System, owners: Mapping[str, str]) -> None:
    for table in system.tables:
        here = owners.get(table.name)
        for key in table.foreign_keys:
            there = owners.get(key.table)
            if here is not None and there is not None and here != there:
                place = Evidence(file=table.path, line=table.line, symbol=f"{table.name}.{key.column}")
                ties.places[here, there, "foreign_key", key.table].append(place)
    for item in system.transactions:
        for name in sorted({*item.tables_written, *item.tables_read}):
            if name in owners:
                ties.context("transaction", item.module, owners[name], item.line, item.function or "", name)


def _message_ties(ties: _Ties, system: System) -> None:
    known = ties.path_of
    handlers = [(task.name, "task", task.handler) for task in system.tasks]
    handlers += [(signal.signal, "signal", signal.receiver) for signal in system.signals]
    where: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, kind, handler in handlers:
        module = home(handler, known)
        if module:
            where[kind, name].add(module)
    for message in system.messages:
        for module in sorted(where.get((message.kind, message.name), ())):
            ties.module(
                message.kind, message.module, module, message.line, message.function or "", message.name
            )
    for signal in system.signals:
        sender = home(signal.sender, known) if signal.sender else None
        receiver = home(signal.receiver, known)
        if sender and receiver:
            ties.module("signal", receiver, sender, signal.line, signal.receiver, signal.signal)


def home(qualified: str, known: Mapping[str, object]) -> str | None:
    """The module of a dotted name: its longest prefix that is one."""
    name = qualified.replace(":", ".")
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name or None


def obstacles(
    system: System, context_of: Mapping[str, str], owners: Mapping[str, str]
) -> tuple[Obstacle, ...]:
    """What in the data stands in the way: shared tables, foreign keys and transactions over a boundary."""
    path_of = {module.name: module.path for module in system.modules}
    found: set[Obstacle] = set()
    writers: dict[str, set[str]] = defaultdict(set)
    for access in system.accesses:
        if access.operation == "write" and access.module in context_of:
            writers[access.table].add(context_of[access.module])
    for table in system.tables:
        here = owners.get(table.name)
        involved = writers[table.name] | ({here} if here else set())
        if len(involved) > 1:
            found.add(
                Obstacle(
                    kind="shared_table",
                    contexts=tuple(sorted(involved)),
                    subject=table.name,
                    file=table.path,
                    line=table.line,
                )
            )
        for key in table.foreign_keys:
            there = owners.get(key.table)
            if here and there and here != there:
                found.add(
                    Obstacle(
                        kind="foreign_key",
                        contexts=(here, there),
                        subject=f"{table.name}.{key.column}",
                        file=table.path,
                        line=table.line,
                    )
                )
    for item in system.transactions:
        contexts = {owners[name] for name in item.tables_written if name in owners}
        if len(contexts) > 1 and item.module in path_of:
            found.add(
                Obstacle(
                    kind="transaction",
                    contexts=tuple(sorted(contexts)),
                    subject=item.function or item.module,
                    file=path_of[item.module],
                    line=item.line,
                )
            )
    return tuple(sorted(found))
