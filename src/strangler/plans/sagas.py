"""Transactions over the boundary as sagas between two participants: the service and the rest of the monolith.

Only one context leaves at a time, so everything else stays one database and one local transaction. A saga has
the three steps of a semantic lock: the side that begins writes its rows as pending and asks the other (by its
outbox); the other does its part, once, however often it is asked; the first side confirms or takes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from strangler.contexts.crossings import named
from strangler.model import Access, Evidence, Transaction
from strangler.plans.values import Participant, Remedy, Saga, SagaStep
from strangler.plans.view import View
from strangler.text import listed

COMMON = 20
"""Functions that write a table; one that more of them write, such as a log, tells nothing."""
SPECIFIC = 6
"""Tables that such a function writes at most; more of them, and it is general code."""


def find_sagas(view: View) -> tuple[Saga, ...]:
    """Transactions that write on both sides of the boundary: sagas first, by place."""
    scripts = {view.home(command.handler) for command in view.model.commands}
    over = {
        (place.file, place.line, place.symbol): crossing.source
        for crossing in view.crossings
        if crossing.kind == "transaction"
        for place in crossing.evidence
    }
    found = []
    for item in view.model.transactions:
        module = view.modules.get(item.module)
        here = over.get((module.path, item.line, item.function or "")) if module else None
        if here is not None:
            found.append(_Transaction(view, item, here).saga(script=item.module in scripts))
    return tuple(sorted(found, key=lambda saga: (saga.remedy != "saga", saga.place)))


class _Transaction:
    """A transaction with the places that write for it, on the side where it stands and on the other."""

    def __init__(self, view: View, item: Transaction, here: str) -> None:
        self.view = view
        self.item = item
        self.here = here
        self.writes: dict[str, list[tuple[int, str, Access]]] = defaultdict(list)
        wanted = set(item.tables_written)
        for access in view.accesses_of.get((item.module, item.function), ()):
            if access.operation == "write" and access.table in wanted and _inside(item, access.line):
                self.writes[access.table].append((access.line, "", access))
        for line, callee, access in _through_calls(view, item):
            if access.table in wanted:
                self.writes[access.table].append((line, callee, access))

    def tables(self, participant: Participant) -> tuple[str, ...]:
        inside = participant == "service"
        return tuple(
            table
            for table in self.item.tables_written
            if table in self.view.owner_of and (table in self.view.tables) == inside
        )

    def saga(self, *, script: bool) -> Saga:
        first: Participant = "service" if self.here == self.view.name else "monolith"
        second: Participant = "monolith" if first == "service" else "service"
        own, foreign = self.tables(first), self.tables(second)
        remedy: Remedy = "saga"
        steps: tuple[SagaStep, ...]
        if script:
            remedy, note = "split_script", "a command, not a request: one script a side, one after the other"
            steps = (self.step(first, "its half"), self.step(second, "its half"))
            steps = tuple(step for step in steps if step.tables)
        elif self.generic():
            remedy, note = (
                "duplicate",
                "base code: which tables it writes is the subclass's affair; one copy a side",
            )
            steps = ()
        elif not own:
            remedy = "api_call"
            note = f"it writes only tables of the {second}: one operation there, called from here"
            steps = (self.step(second, "the whole of it, in one local transaction"),)
        elif self.by_cascade(foreign):
            remedy = "event"
            note = "the other side's rows only follow a delete: it publishes the delete, the other cleans up"
            steps = (
                self.step(first, "deletes its rows, and says so in its outbox"),
                self.step(
                    second, "deletes or clears the rows that refer to them; repeated until it succeeds"
                ),
            )
        else:
            note = (
                "if the other side can never refuse, step 2 may be an event, and nothing has to be taken back"
            )
            steps = (
                self.step(first, "writes its rows as pending, and the request in its outbox", undo=True),
                self.step(second, "does its part once for each saga id, or refuses", undo=True),
                SagaStep(
                    participant=first,
                    tables=own,
                    action="marks its rows as done, or takes them back; repeated until it succeeds",
                ),
            )
        place = self.view.place(self.item.module, self.item.line, self.item.function)
        return Saga(
            name=named(self.item), place=place, orchestrator=self.here, remedy=remedy, note=note, steps=steps
        )

    def by_cascade(self, tables: Iterable[str]) -> bool:
        """Whether all that is seen to write the tables are cascades of a delete."""
        seen = [[access.via for _, _, access in self.writes[table]] for table in tables]
        return all(vias and set(vias) == {"cascade"} for vias in seen)

    def generic(self) -> bool:
        """Whether it is a method that classes of several contexts inherit: ``self`` is one of them."""
        name = (self.item.function or "").partition(".")
        users = self.view.heirs.get((self.item.module, name[0]), set()) if name[1] else set()
        return len(users - {self.here}) > 1

    def step(self, participant: Participant, action: str, *, undo: bool = False) -> SagaStep:
        tables = self.tables(participant)
        writes = sorted({(line, callee) for table in tables for line, callee, _ in self.writes[table]})
        path = self.view.modules[self.item.module].path
        return SagaStep(
            participant=participant,
            tables=tables,
            places=tuple(Evidence(file=path, line=line, symbol=callee) for line, callee in writes),
            elsewhere=any(not self.writes[table] for table in tables),
            action=action,
            compensation=self.compensation(participant, tables, {callee for _, callee in writes})
            if undo
            else "",
        )

    def compensation(self, participant: Participant, tables: tuple[str, ...], called: set[str]) -> str:
        """What takes the step back, with the functions that may do it already."""
        text = (
            f"{participant} takes back its change of {listed(tables)}, found by the saga id, safe to repeat"
        )
        found = self.undoing(participant, tables, called)
        return text + (
            f"; may serve: {', '.join(found)}" if found else "; no function that does it was found"
        )

    def undoing(self, participant: Participant, tables: tuple[str, ...], called: set[str]) -> list[str]:
        """The two functions of the participant that write most of the tables and are named after undoing."""
        telling = {table for table in tables if len(self.writers(table)) <= COMMON} or set(tables)
        ranked = []
        for (module, function), written in self.view.undoing.items():
            here = (module in self.view.inside) == (participant == "service") and self.view.production(module)
            shared = len(written & telling)
            specific = len(written) <= SPECIFIC and shared and 4 * shared >= len(telling)
            if here and specific and (module, function) != (self.item.module, self.item.function):
                ranked.append((-shared, module, function))
        names = [(module, function) for _, module, function in sorted(ranked)]
        return [self.told(*name) for name in names if ".".join(name) not in called][:2]

    def told(self, module: str, function: str) -> str:
        """A function with its place."""
        definition = self.view.definitions.get((module, function))
        line = f":{definition.line}" if definition else ""
        return f"{module}.{function} ({self.view.modules[module].path}{line})"

    def writers(self, table: str) -> set[tuple[str, str]]:
        """(module, function) of all that writes a table by more than a cascade."""
        return {(a.module, a.function or "") for a in self.view.writers_of[table] if a.via != "cascade"}


def _inside(item: Transaction, line: int) -> bool:
    """Whether a line of its function lies in the transaction; of one whose end is not known, any does."""
    return item.end_line <= item.line or item.line <= line <= item.end_line


def _through_calls(view: View, item: Transaction) -> Iterator[tuple[int, str, Access]]:
    """(line of the call in the transaction, function called, write that it leads to)."""
    leads = [
        (site.line, call.target_module, call.target)
        for call in view.calls_of.get((item.module, item.function), ())
        for site in call.sites or (call,)
    ]
    leads += [
        (one.line, one.target_module or one.module, one.target)
        for one in view.invocations_of.get((item.module, item.function), ())
    ]
    for line, module, name in sorted(leads):
        if not _inside(item, line):
            continue
        for effect in view.effects.of(module, name):
            if effect.operation == "write":
                yield line, f"{module}.{name}", view.access_of(effect)
