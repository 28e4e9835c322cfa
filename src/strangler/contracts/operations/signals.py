"""Receivers of signals that are sent on the other side of a boundary: events, told through the outbox.

A receiver runs in its sender's call today. What the sender does not wait for becomes a step **after** the
commit: written down with the sender's change, repeated until the receiver has done it, done once. A receiver
that may stop its sender or changes what it was sent has to be called, and stays a blocker.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from strangler.contracts.operations.blockers import blocker
from strangler.contracts.operations.forms import form_blockers
from strangler.contracts.operations.values import Blocker, Heard, Step
from strangler.model import Evidence, Message, Model, Parameter, Shape, Signal, Signature
from strangler.model.columns import LIBRARY_KEYS
from strangler.model.lookup import home, last, parent
from strangler.model.shapes import UNKNOWN, Field, expanded, nullable

_SAVED: tuple[Parameter, ...] = (
    Parameter(name="created", shape=Shape(kind="bool")),
    Parameter(name="raw", shape=Shape(kind="bool")),
    Parameter(name="using", shape=Shape(kind="str")),
    Parameter(
        name="update_fields",
        default="None",
        shape=nullable(Shape(kind="frozenset", items=(Shape(kind="str"),))),
    ),
)
"""What Django hands over beside the row that was saved."""
_USUAL = ("sender", "signal")
_REASON = "a receiver that its sender does not wait for"
_CALL = "keep the check on the sender's side, or call it before the change: it cannot follow it"


@dataclass(frozen=True)
class Told:
    """A receiver over the boundary, as an operation."""

    signature: Signature
    consumers: tuple[str, ...]
    heard: Heard
    parameters: tuple[Parameter, ...]
    """What it is told; rows are rows still."""
    step: Step
    blockers: tuple[Blocker, ...]


def waited_for(signal: str, signature: Signature) -> str:
    """Why the sender of a signal waits for a receiver of it; empty where it does not.

    Args:
        signal: dotted name.
        signature: of the receiver.
    """
    if last(signal).startswith(("pre_", "before_")):
        return (
            f"{signature.name} runs before the row is written, in the transaction: it may change or refuse it"
        )
    if signature.raises:
        raised = min(signature.raises, key=lambda item: (item.place, item.exception))
        where = f"{raised.place.file}:{raised.place.line}"
        return f"{signature.name} may stop its sender: {last(raised.exception)}, {where}"
    return ""


class Signals:
    """The signals of a monolith whose receivers could be told.

    Args:
        model: with its contexts.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._django = "django" in model.monolith.frameworks
        self._flask = "flask" in model.monolith.frameworks
        self._paths = {module.name: module.path for module in model.modules}
        self._context_of = {module: found.name for found in model.contexts for module in found.modules}
        self._owner_of = {table: found.name for found in model.contexts for table in found.tables}
        self._signatures = {f"{row.module}.{row.name}": row for row in model.signatures}
        self._records = {record.name: record for record in model.records}
        self._tables = {table.name: table for table in model.tables}
        self._sent: dict[str, list[Message]] = defaultdict(list)
        for message in model.messages:
            if message.kind == "signal" and message.module in self._context_of:
                self._sent[message.name].append(message)

    def told(self, context: str | None, provides: Iterable[str]) -> Iterator[Told]:
        """The receivers over the boundary of a context, each for each signal that it hears.

        Args:
            context: name of the context; None for all boundaries.
            provides: names of the contexts that can be services.
        """
        able = frozenset(provides)
        found: dict[tuple[str, str, str], Signal] = {}
        for row in self._model.signals:
            found.setdefault((row.receiver.replace(":", "."), row.signal, row.sender or ""), row)
        for (receiver, _, _), row in sorted(found.items()):
            signature = self._signatures.get(receiver)
            there = self._context_of.get(signature.module) if signature is not None else None
            if signature is None or there is None or there not in able:
                continue
            places = [
                message
                for message in self._sent[row.signal]
                if self._crosses(context, self._context_of[message.module], there)
            ]
            owner = self._owner_of.get(row.table) if row.change else None
            senders = {self._context_of[message.module] for message in places}
            if owner is not None and self._crosses(context, owner, there):
                senders.add(owner)
            if senders:
                yield self._told(row, signature, tuple(sorted(senders)), places)

    def _crosses(self, context: str | None, here: str, there: str) -> bool:
        return here != there and (context is None or context in (here, there))

    def _told(
        self, row: Signal, signature: Signature, consumers: tuple[str, ...], sent: list[Message]
    ) -> Told:
        file = self._paths[signature.module]
        given, notes = self._given(row, signature, sent)
        parameters = tuple(self._parameters(signature, given))
        first = signature.parameters[0].name if signature.parameters and not self._django else ""
        at = home(row.signal, self._paths) if not row.change else self._mapped(row)
        heard = Heard(signal=row.signal, at=at or "", sender=row.sender or "", first=first)
        places = tuple(
            Evidence(file=self._paths[item.module], line=item.line, symbol=item.function or "")
            for item in sorted(sent, key=lambda item: (item.module, item.line))
        ) or (Evidence(file=file, line=signature.line, symbol=signature.name),)
        return Told(
            signature=signature,
            consumers=consumers,
            heard=heard,
            parameters=parameters,
            step=Step(mode="after", reason=f"{_REASON}: hears {row.signal}", places=places, review=notes),
            blockers=tuple(self._blockers(row, signature, file)),
        )

    def _mapped(self, row: Signal) -> str | None:
        """The module that maps the rows told of, or of a library's another one that is loaded with them."""
        table = self._tables.get(row.table)
        found = home(table.model.replace(":", "."), self._paths) if table and table.model else None
        if found is not None:
            return found
        own = self._context_of.get(home(row.receiver.replace(":", "."), self._paths) or "")
        beside = sorted(
            module
            for other in self._model.tables
            if other.model and (module := home(other.model.replace(":", "."), self._paths))
            if self._context_of.get(module, own) != own
        )
        return beside[0] if beside else None

    def _given(
        self, row: Signal, signature: Signature, sent: list[Message]
    ) -> tuple[dict[str, Shape], tuple[str, ...]]:
        """What the signal hands over that crosses, and what is not sent."""
        table = self._tables.get(row.table)
        if row.change:
            model = (table.model if table is not None and table.model else row.sender or "").replace(":", ".")
            module = home(model, self._paths) or parent(model)
            instance = Shape(kind="row", name=f"{module}:{model[len(module) + 1 :]}") if module else UNKNOWN
            if table is None and (key := LIBRARY_KEYS.get(row.table)) is not None:
                instance = replace(instance, fields=(Field(name="key", shape=key),))
            return {"instance": instance} | {item.name: item.shape for item in _SAVED}, ()
        given: dict[str, Shape] = {}
        for message in sent:
            for item in message.arguments:
                shape = expanded(item.shape, self._records) if item.shape is not None else UNKNOWN
                name = signature.parameters[0].name if item.name in ("0", "sender") else item.name
                if given.get(name, shape) != shape:
                    shape = UNKNOWN
                given[name] = shape
        named = {item.name for item in signature.parameters}
        rest = any(item.passing == "var_keyword" for item in signature.parameters)
        dropped = sorted(
            name for name, shape in given.items() if name not in named and shape.kind == "unknown"
        )
        notes = (
            f"{signature.name} takes any arguments, and is not told {', '.join(dropped)}: of unknown type"
            if dropped and rest
            else "",
            f"{signature.name} returns a value: whoever reads what send() gives gets None from it"
            if signature.result.kind not in ("none", "unknown")
            else "",
        )
        return given, tuple(filter(None, notes))

    def _parameters(self, signature: Signature, given: dict[str, Shape]) -> Iterator[Parameter]:
        """The receiver's parameters as they are told, with those that it takes without naming them."""
        rest = False
        named = set()
        for item in signature.parameters:
            named.add(item.name)
            if item.passing == "var_keyword":
                rest = True
                continue
            shape = given.get(item.name, UNKNOWN)
            if self._django and item.name == "sender":
                shape = Shape(kind="class")
            known = expanded(item.shape, self._records)
            if shape.kind == "unknown" or (known.kind == shape.kind == "list" and not shape.items):
                shape = known
            default = item.default
            if default is not None and item.name not in given:
                continue  # its own default holds: nobody sends it
            yield replace(item, shape=shape, default=default)
        for name, shape in sorted(given.items()) if rest else ():
            if name not in named and name not in _USUAL and shape.kind != "unknown":
                yield Parameter(name=name, passing="keyword_only", default="...", shape=shape)

    def _blockers(self, row: Signal, signature: Signature, file: str) -> Iterator[Blocker]:
        name, kind = signature.name, last(row.signal)
        line = signature.line
        if signature.form != "function" or "." in name:
            message = f"{name} is no function of a module: the service could not be told to run it"
            yield blocker("instance_method", file, line, message, "connect a function")
        yield from form_blockers(signature, file, touches_tables=True)
        if signature.asynchronous:
            message = "a coroutine: its event would be told where no event loop runs"
            yield blocker("asynchronous", file, signature.line, message, "make it a plain function")
        awaited = waited_for(row.signal, signature)
        if awaited:
            yield blocker("waited_for", file, line, awaited, _CALL)
        elif row.change and kind != "post_save":
            message = f"{name} hears {kind}: when it is told, what it hears of is no longer there to be read"
            remedy = "send a signal of your own with the plain fields that it needs"
            yield blocker("waited_for", file, line, message, remedy)
        for place in signature.changes[:1]:
            message = f"{name} changes {place.symbol} of what it was sent"
            remedy = "return what is to be changed from a call, or answer with an event"
            yield blocker("changes_argument", place.file, place.line, message, remedy)
        if not self._django and not self._flask:
            message = f"{name} is told in its sender's transaction, and nothing tells which session that is"
            yield blocker("session", file, line, message, "hand the session over with the signal")
        if not self._django and row.sender:
            message = f"{name} hears one object alone ({row.sender}), which is not known on the other side"
            yield blocker("object", file, line, message, "hear any sender, and look at what it is inside")
        if row.change and self._mapped(row) is None:
            message = f"{row.sender or row.table} is a library's, and no module that stays maps rows"
            yield blocker("registers", file, line, message, "connect it by hand in a module that stays")
