"""From a model, its source and a context to the messages over the context's boundary."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from strangler.contracts.data.columns import key_schema, keys_of
from strangler.contracts.events.fields import Payload
from strangler.contracts.events.handlers import Handlers
from strangler.contracts.events.values import Event, Events, Field, Kind, Receiver, Sender
from strangler.contracts.operations.values import Operation
from strangler.model import Column, Evidence, Message, Model, Shape, Signal, Table
from strangler.model.columns import LIBRARY_KEYS
from strangler.model.lookup import home, last


def find_events(model: Model, context: str, told: Iterable[Operation] = ()) -> Events:
    """Every signal, task and told change that is sent on one side of the boundary and received on the other.

    Args:
        model: with its contexts.
        context: name of the context.
        told: the receivers of signals among the operations over the boundary: how each is told, or why not.
    """
    finder = _Finder(model, context)
    for item in told:
        finder.told[f"{item.module}.{item.qualname}"].append(_delivery(item))
    drafts = [*finder.signals(), *finder.tasks(), *finder.changes()]
    return Events(
        context=context,
        monolith=model.monolith.name,
        events=tuple(sorted(_named(drafts), key=lambda event: event.name)),
    )


class _Finder:
    def __init__(self, model: Model, context: str) -> None:
        self.model = model
        self.context = context
        self.handlers = Handlers(model)
        self.modules = {module.name: module for module in model.modules}
        self.context_of = {module: found.name for found in model.contexts for module in found.modules}
        self.owner_of = {table: found.name for found in model.contexts for table in found.tables}
        self.meanings = {task.name: task.meaning for task in model.tasks}
        self.told: dict[str, list[str]] = defaultdict(list)
        self.tables: dict[str, Table] = {table.name: table for table in model.tables}
        self.sent: dict[tuple[str, str], list[Message]] = defaultdict(list)
        for message in model.messages:
            if message.module in self.context_of:
                self.sent[message.kind, message.name].append(message)

    def signals(self) -> Iterator[Event]:
        """Signals of the monolith's own."""
        by_name: dict[str, list[Signal]] = defaultdict(list)
        for signal in self.model.signals:
            by_name[signal.signal].append(signal)
        for name, rows in sorted(by_name.items()):
            if any(row.change for row in rows):
                continue  # told as changes of rows
            receivers = self._receivers((row.receiver, row.module, row.line) for row in rows)
            yield from self._event("signal", name, self.sent["signal", name], receivers)

    def tasks(self) -> Iterator[Event]:
        """Tasks that another context queues."""
        for task in self.model.tasks:
            receivers = self._receivers([(task.handler, "", task.line)])
            yield from self._event("task", task.name, self.sent["task", task.name], receivers)

    def _event(
        self, kind: Kind, subject: str, messages: list[Message], receivers: list[Receiver]
    ) -> Iterator[Event]:
        """The event, if one of its ways crosses the boundary; only those ways are shown."""
        contexts = {receiver.context for receiver in receivers}
        rows = [m for m in messages if self._crosses(self.context_of[m.module], contexts)]
        rows = sorted(rows, key=lambda m: (m.module, m.line, m.function or ""))
        origins = {self.context_of[message.module] for message in rows}
        reached = [r for r in receivers if self._crosses(r.context, origins)]
        if not rows or not reached:
            return
        senders, given = [], []
        for message in rows:
            sender, shapes = self._sender(message)
            senders.append(sender)
            given.append(shapes)
        payload = Payload(self.handlers, self.tables, senders, given, reached)
        fields = payload.of_task() if kind == "task" else payload.of_signal()
        yield Event(
            name=_plain(last(subject)),
            kind=kind,
            subject=subject,
            owner=reached[0].context if kind == "task" else senders[0].context,
            meaning=self.meanings.get(subject, "") if kind == "task" else "",
            senders=tuple(senders),
            receivers=tuple(reached),
            fields=_unique(fields),
            open=kind == "signal",
            notes=(*_notes(kind, reached), *self._deliveries(reached)),
        )

    def _crosses(self, here: str, there: set[str]) -> bool:
        others = there - {here}
        return bool(others) if here == self.context else self.context in others

    def _sender(self, message: Message) -> tuple[Sender, dict[str, tuple[str, Shape]]]:
        found = self.handlers.sent(message)
        module = self.modules[message.module]
        sender = Sender(
            context=self.context_of[message.module],
            place=Evidence(file=module.path, line=message.line, symbol=message.function or ""),
            arguments=message.arguments,
            texts={name: text for name, (text, _) in sorted(found.items())},
        )
        return sender, found

    def _receivers(self, rows: Iterable[tuple[str, str, int]]) -> list[Receiver]:
        found: dict[str, Receiver] = {}
        for handler, at, line in sorted(set(rows)):
            module = home(handler, self.modules)
            if module is None or module not in self.context_of or handler in found:
                continue
            place = self.handlers.place(handler)
            reads = {parameter.name: parameter.reads for parameter in self.handlers.parameters(handler)}
            found[handler] = Receiver(
                context=self.context_of[module],
                handler=handler,
                place=place or Evidence(file=self.modules[at or module].path, line=line, symbol=handler),
                raises=self.handlers.raises(handler),
                reads={name: chains for name, chains in reads.items() if chains},
                changes=self.handlers.changes(handler),
            )
        return list(found.values())

    # -- changes of rows -------------------------------------------------------------------------

    def changes(self) -> Iterator[Event]:
        """Receivers of the ORM's own signals for tables of another context."""
        grouped: dict[tuple[str, str], list[Signal]] = defaultdict(list)
        for signal in self.model.signals:
            if signal.change and (signal.table in self.tables or signal.table in LIBRARY_KEYS):
                grouped[signal.table, signal.change].append(signal)
        for (name, verb), signals in sorted(grouped.items()):
            owner = self.owner_of.get(name)
            receivers = self._receivers((s.receiver, s.module, s.line) for s in signals)
            reached = [
                r for r in receivers if owner and r.context != owner and self.context in (owner, r.context)
            ]
            if owner and reached:
                yield self._change(self._table(name, signals[0]), verb, owner, reached, signals)

    def _table(self, name: str, signal: Signal) -> Table:
        """The table, also a library's; that is told of where the signal is connected."""
        place = self.modules[signal.module].path if signal.module in self.modules else ""
        key = Column(name="id", type="AutoField", primary_key=True)
        library = Table(
            name=name, model=signal.sender, framework="", path=place, line=signal.line, columns=(key,)
        )
        return self.tables.get(name, library)

    def _change(
        self, table: Table, verb: str, owner: str, receivers: list[Receiver], signals: list[Signal]
    ) -> Event:
        keys = keys_of(table)
        key = Field(
            name=keys[0].name if len(keys) == 1 else "id",
            schema=key_schema(table, self.tables),
            required=True,
            known_from="orm",
            note=f"key of the row of {table.name}",
        )
        fields = [key]
        if any(signal.signal.endswith(("_save", "_insert", "_update")) for signal in signals):
            note = "true for a new row, false for a changed one"
            fields.append(
                Field(name="created", schema={"type": "boolean"}, required=True, known_from="orm", note=note)
            )
        notes = list(_notes("change", receivers))
        if any(last(s.signal).startswith(("pre_", "before_")) for s in signals):
            notes.insert(0, "a receiver runs before the row is written: an event comes after it")
        return Event(
            name=_plain(f"{table.name}-{verb}"),
            kind="change",
            subject=table.name,
            owner=owner,
            meaning=f"a row of {table.name} was {verb}",
            senders=(
                Sender(
                    context=owner,
                    place=Evidence(file=table.path, line=table.line, symbol=table.model or table.name),
                ),
            ),
            receivers=tuple(receivers),
            fields=tuple(fields),
            open=True,
            notes=(*notes, *self._deliveries(receivers)),
        )

    def _deliveries(self, receivers: Iterable[Receiver]) -> Iterator[str]:
        """How the receivers are told, where that is known."""
        for receiver in receivers:
            yield from dict.fromkeys(self.told.get(receiver.handler.replace(":", "."), ()))


def _delivery(item: Operation) -> str:
    if item.blockers:
        return f"{item.qualname} is not told by seams.patch: {item.blockers[0].message}"
    given = ", ".join(parameter.name for parameter in item.parameters)
    return (
        f"seams.patch writes it into the sender's outbox and tells {item.qualname} by POST {item.path} "
        f"({given}), at least once and done once; events of one transaction keep their order"
    )


def _notes(kind: Kind, receivers: list[Receiver]) -> Iterator[str]:
    if kind != "task":
        yield "today receivers run in the sender's call and transaction; behind a broker they run later"
    for receiver in receivers:
        for place in receiver.changes[:3] if kind != "task" else ():
            yield (
                f"{receiver.handler} changes {place.symbol} ({place.file}:{place.line}), on the sender's "
                "side: that becomes a call or an answering event"
            )
        for place in receiver.raises[:3] if kind != "task" else ():
            yield (
                f"{receiver.handler} raises {place.symbol} ({place.file}:{place.line}): today that stops the "
                "sender, a subscriber cannot"
            )


def _plain(name: str) -> str:
    kept = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return kept[:60].strip("-") or "message"


def _unique(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple({field.name: field for field in reversed(fields)}.values())[::-1]


def _named(events: list[Event]) -> Iterator[Event]:
    """Names made unique: by their owner where two contexts have one of the same name, then by number."""
    from msgspec.structs import replace

    count: dict[str, int] = defaultdict(int)
    for event in events:
        count[event.name] += 1
    used: set[str] = set()
    for event in sorted(events, key=lambda e: (e.name, e.kind, e.subject)):
        name = event.name if count[event.name] == 1 else f"{_plain(event.owner)}-{event.name}"
        shown, number = name, 2
        while shown in used:
            shown, number = f"{name}-{number}", number + 1
        used.add(shown)
        yield replace(event, name=shown)
