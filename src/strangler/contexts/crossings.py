"""Crossings: all that one context uses of another, computed here and nowhere else.

Summary, report, plans, the ratchet and the ranking read this list; their figures are those of ``by_kind`` and
``transactions``.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import structs

from strangler.model import (
    BoundedContext,
    Crossing,
    Evidence,
    Import,
    Model,
    Module,
    Signal,
    System,
    Transaction,
)
from strangler.model.base import Certainty
from strangler.model.contexts import CrossingKind, How
from strangler.model.lookup import RANKS, TABLE, Homes
from strangler.model.system import AMBIENT, CASCADE


class _Key(NamedTuple):
    source: str
    target: str
    kind: CrossingKind
    subject: str


class _Finder:
    """The crossings of one cut, as they are found."""

    def __init__(self, system: System, context_of: Mapping[str, str], owners: Mapping[str, str]) -> None:
        self.system = system
        self.context_of = context_of
        self.owners = owners
        self.modules: dict[str, Module] = {module.name: module for module in system.modules}
        self.home = Homes(system)
        self.keyed = {table.name for table in system.tables if table.foreign_keys}
        """Tables with foreign keys: those tell by what way a delete comes to them."""
        self.platform = {table.name for table in system.platform_tables}
        self.models = {table.name: table.model for table in system.tables if table.model}
        self.places: dict[_Key, dict[Evidence, None]] = defaultdict(dict)
        self.reaches: dict[_Key, set[str]] = defaultdict(set)

    def note(
        self,
        kind: CrossingKind,
        source: str | None,
        target: str | None,
        subject: str,
        place: Evidence,
        reaches: Iterable[str] = (),
    ) -> None:
        """Note a place, if what it uses belongs to another context than it does itself."""
        if source is not None and target is not None and source != target:
            key = _Key(source, target, kind, subject)
            self.places[key].setdefault(place)
            self.reaches[key].update(reaches)

    def place(
        self,
        module: str,
        line: int,
        symbol: str | None,
        how: How = "direct",
        certainty: Certainty = "certain",
    ) -> Evidence:
        """A line of a module."""
        return Evidence(
            file=self.modules[module].path, line=line, symbol=symbol or "", how=how, certainty=certainty
        )

    def apart(self, module: str, other: str | None) -> bool:
        """Whether a module belongs to another context than that one."""
        here = self.context_of.get(module)
        return here is not None and other is not None and here != other

    # -- code ------------------------------------------------------------------------------------

    def code(self) -> None:
        """Calls, base classes and imports."""
        used: set[tuple[str, str]] = set()
        for call in self.system.calls:
            there = self.context_of.get(call.target_module)
            if not self.apart(call.module, there):
                continue
            used.add((call.module, call.target_module))
            kind: CrossingKind = "inheritance" if call.kind == "inheritance" else "call"
            # ``class Meta(Base.Meta)`` is part of inheriting from Base.
            subject = f"{call.target_module}.{call.target}".removesuffix(".Meta")
            here = self.context_of[call.module]
            passed = call.kind == "reference"
            sites = [(site.line, passed or site.reached == "value") for site in call.sites]
            for line, by_value in sites or [(call.line, passed)]:
                place = self.place(call.module, line, call.function, "value" if by_value else "direct")
                self.note(kind, here, there, subject, place, [subject])
        for item in self.system.invocations:
            there = self.context_of.get(item.target_module)
            if self.apart(item.module, there) and not item.inverted:
                subject = f"{item.target_module}.{item.target}"
                place = self.place(item.module, item.line, item.function, "value")
                self.note("call", self.context_of[item.module], there, subject, place, [subject])
        for statement in self.system.imports:
            there = self.context_of.get(statement.imported)
            if self.apart(statement.importer, there):
                module, imported = statement.importer, statement.imported
                implied = statement.listed or (module, imported) in used
                how: How = "implied" if implied else self._came(statement)
                place = self.place(module, statement.line, "", how)
                self.note("import", self.context_of[module], there, imported, place, [imported])

    def _came(self, item: Import) -> How:
        if item.kind != "dynamic":
            return "direct"
        return "settings" if self.modules[item.importer].role == "settings" else "name"

    # -- data ------------------------------------------------------------------------------------

    def data(self) -> None:
        """Reads, writes, foreign keys and transactions."""
        for access in self.system.accesses:
            owner = self.owners.get(access.table)
            if self.apart(access.module, owner) and not access.for_callers and access.via != AMBIENT:
                how: How = "template" if access.via == "template" else "direct"
                if access.via == CASCADE:
                    how = "implied" if access.table in self.keyed else "cascade"
                place = self.place(access.module, access.line, access.function, how, access.certainty)
                here = self.context_of[access.module]
                self.note(access.operation, here, owner, access.table, place, self._model(access.table))
        for table in self.system.tables:
            for key in table.foreign_keys:
                place = Evidence(file=table.path, line=table.line, symbol=f"{table.name}.{key.column}")
                ends = self.owners.get(table.name), self.owners.get(key.table)
                self.note("foreign_key", *ends, key.table, place, self._model(key.table))
        written: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        for access in self.system.accesses:
            if access.operation == "write":
                written[access.module, access.function].add(access.table)
        for item in self.system.transactions:
            self._transaction(item, written[item.module, item.function])

    def _model(self, table: str) -> list[str]:
        model = self.models.get(table)
        return [model] if model else []

    def _transaction(self, item: Transaction, own: set[str]) -> None:
        """One crossing to each other context whose tables are written in it: it is atomic with them today."""
        here = self.context_of.get(item.module)
        for table in item.tables_written:
            how: How = "direct" if table in own else "call"
            place = self.place(item.module, item.line, item.function, how)
            self.note("transaction", here, self.owners.get(table), named(item), place, [table])

    # -- messages --------------------------------------------------------------------------------

    def messages(self) -> None:
        """Tasks, signals of the monolith's own, and receivers of what the ORM sends by itself."""
        handlers: dict[tuple[str, str], set[str]] = defaultdict(set)
        for task in self.system.tasks:
            handlers["task", task.name].add(task.handler)
        for signal in self.system.signals:
            handlers["signal", signal.signal].add(signal.receiver)
        sent = {message.name for message in self.system.messages if message.kind == "signal"}
        for message in self.system.messages:
            here = self.context_of.get(message.module)
            for handler in sorted(handlers[message.kind, message.name]):
                place = self.place(message.module, message.line, message.function)
                self.note(message.kind, here, self._of(handler), message.name, place, [handler])
        for signal in self.system.signals:
            there = self._of(signal.receiver)
            if there is not None and signal.module in self.modules and signal.signal not in sent:
                for sender, certainty in self._senders(signal):
                    place = self.place(signal.module, signal.line, signal.receiver, "signal", certainty)
                    self.note("signal", sender, there, signal.signal, place, [signal.receiver])

    def _of(self, dotted: str) -> str | None:
        return self.context_of.get(self.home(dotted) or "")

    def _senders(self, signal: Signal) -> Iterator[tuple[str | None, Certainty]]:
        """The contexts in which a signal begins that no line sends: the owners of the rows told of."""
        if signal.change == "linked" and signal.table in self.platform:
            yield from self._linking(signal.table)
        elif signal.table:
            yield self.owners.get(signal.table), "certain"
        elif signal.sender:
            yield self._of(signal.sender), "certain"
        elif signal.change:  # of any model: which of them it acts on is decided when it runs
            owners = {self.owners[table] for table in self.models if table in self.owners}
            yield from ((name, "possible") for name in sorted(owners))

    def _linking(self, table: str) -> Iterator[tuple[str | None, Certainty]]:
        """The contexts that link rows in a library's table: many do, so its owner says nothing of who."""
        surest: dict[str, Certainty] = {}
        for access in self.system.accesses:
            here = self.context_of.get(access.module)
            if here is None or access.table != table or access.operation != "write":
                continue
            if access.ties:
                surest[here] = min(surest.get(here, "possible"), access.certainty, key=RANKS.__getitem__)
        yield from sorted(surest.items())

    def rows(self) -> tuple[Crossing, ...]:
        """What was found, merged to one place a line and symbol, sorted."""
        return tuple(self._row(key, places) for key, places in sorted(self.places.items()))

    def _row(self, key: _Key, places: Iterable[Evidence]) -> Crossing:
        evidence: dict[tuple[str, int, str], Evidence] = {}
        for place in sorted(places, key=_surest):  # of places that look alike
            evidence.setdefault((place.file, place.line, place.symbol), place)
        return Crossing(
            source=key.source,
            target=key.target,
            kind=key.kind,
            subject=key.subject,
            evidence=tuple(evidence.values()),
            count=sum(place.how != "implied" for place in evidence.values()),
            id=_identifier(key),
            reaches=tuple(sorted(self.reaches[key])),
        )


def named(item: Transaction) -> str:
    """The dotted name of the function, or module, that a transaction stands in."""
    return f"{item.module}.{item.function}" if item.function else item.module


def _surest(place: Evidence) -> tuple[str, int, str, int, bool, str]:
    rank = RANKS[place.certainty]
    return place.file, place.line, place.symbol, rank, place.how != "direct", place.how


def _identifier(key: _Key) -> str:
    return "x" + hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:11]


def find(system: System, context_of: Mapping[str, str], owners: Mapping[str, str]) -> tuple[Crossing, ...]:
    """All crossings of a cut, each with all of its places, sorted.

    Args:
        context_of: module -> name of its context; modules left out (tests, migrations) use nothing.
        owners: table -> name of the context that owns it.
    """
    finder = _Finder(system, context_of, owners)
    finder.code()
    finder.data()
    finder.messages()
    return finder.rows()


def of_cut(system: System, contexts: Iterable[BoundedContext]) -> tuple[Crossing, ...]:
    """The crossings between these contexts."""
    contexts = tuple(contexts)
    context_of = {module: context.name for context in contexts for module in context.modules}
    owners = {table: context.name for context in contexts for table in context.tables}
    return find(system, context_of, owners)


def of_atoms(system: System, contexts: Iterable[BoundedContext]) -> tuple[Crossing, ...]:
    """The crossings of the finest cut, in which each module and each table of these contexts stands alone.

    Those of any other cut are the ones whose ends it puts apart: a place is told for the same kind and
    subject in both, and ``by_kind`` counts it once. A table is called ``table:NAME``, a module by its name.
    """
    contexts = tuple(contexts)
    modules = {module: module for context in contexts for module in context.modules}
    tables = {table: f"{TABLE}{table}" for context in contexts for table in context.tables}
    return find(system, modules, tables)


def crossed(model: Model) -> Model:
    """The model itself; one written before crossings had ids and all of their places gets them anew."""
    if all(crossing.id for crossing in model.crossings):
        return model
    return structs.replace(model, crossings=of_cut(model.system, model.contexts))


def by_kind(crossings: Iterable[Crossing], *, certain: bool = False) -> Counter[str]:
    """Kind -> places that make these crossings; implied ones are not counted.

    A place counts once for each subject, to however many contexts it leads: a transaction over three contexts
    is one.

    Args:
        certain: count the places alone that are listed as certain.
    """
    places: dict[CrossingKind, set[tuple[str, str, int, str]]] = defaultdict(set)
    unlisted: Counter[str] = Counter()
    for crossing in crossings:
        subject = crossing.subject
        own = crossing.places
        places[crossing.kind].update(
            (subject, p.file, p.line, p.symbol) for p in own if not certain or p.certainty == "certain"
        )
        unlisted[crossing.kind] += 0 if certain else max(0, crossing.count - len(own))
    return +Counter({str(kind): len(found) + unlisted[kind] for kind, found in sorted(places.items())})


def count_places(crossings: Iterable[Crossing]) -> int:
    """Places that make these crossings, of all kinds."""
    return by_kind(crossings).total()


def counted(crossings: Iterable[Crossing]) -> tuple[Crossing, ...]:
    """The crossings that have a place of their own: imports that only bring what is called are left out."""
    return tuple(crossing for crossing in crossings if crossing.count)


def touching(crossings: Iterable[Crossing], context: str) -> tuple[Crossing, ...]:
    """The crossings of one context's boundary, either way."""
    return tuple(c for c in crossings if context in (c.source, c.target))
