"""Calls inside a transaction as steps of a saga: which may follow the commit, which are answered before it.

The local commit is the point of no return. What may refuse, or whose result is used, is called **before** it:
the other side does it at once and remembers it by its key; where the transaction does not commit, a
compensation takes it back. What cannot refuse and returns nothing that is used is called **after** it, from
an outbox row of the same transaction, until it has succeeded. Everything else stays a blocker.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from strangler.contracts.operations.transactions import Place, Transactions
from strangler.contracts.operations.values import Compensation, Mode, Parameter, Site, Step
from strangler.model import CallSite, Evidence, Model, Signature
from strangler.model.effects import Effects
from strangler.model.lookup import home, last, member, parent

INVERSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("reserve", ("release", "unreserve", "free")),
    ("hold", ("release",)),
    ("allocate", ("release", "free", "deallocate")),
    ("lock", ("unlock", "release")),
    ("open", ("cancel", "refund", "close", "void")),
    ("create", ("delete", "cancel", "remove")),
    ("book", ("cancel",)),
    ("place", ("cancel",)),
    ("issue", ("revoke", "cancel")),
    ("charge", ("refund",)),
    ("pay", ("refund",)),
    ("debit", ("credit",)),
    ("withdraw", ("deposit",)),
    ("add", ("remove",)),
    ("increase", ("decrease",)),
    ("increment", ("decrement",)),
    ("assign", ("unassign",)),
    ("attach", ("detach",)),
    ("enable", ("disable",)),
    ("activate", ("deactivate",)),
    ("grant", ("revoke",)),
    ("subscribe", ("unsubscribe",)),
)
"""A word of a function's name, and the words that may stand in its place in the name of its inverse."""
ONE_WAY = frozenset({"cancel", "close", "delete", "refund", "revoke", "void"})
"""Of those second words the ones that nothing takes back; the others are inverse to the first, too."""


class Sagas:
    """How operations can take part in the transactions of their callers.

    Args:
        model: the facts.
        effects: of the same model.
        transactions: of the same model.
    """

    def __init__(self, model: Model, effects: Effects, transactions: Transactions) -> None:
        self._effects = effects
        self._transactions = transactions
        self._context_of = {module: found.name for found in model.contexts for module in found.modules}
        self._signatures = {(row.module, row.name): row for row in model.signatures}
        self._paths = {module.name: module.path for module in model.modules}
        self._django = "django" in model.monolith.frameworks
        self._flask = "flask" in model.monolith.frameworks
        self._referred = {table.name: {key.table for key in table.foreign_keys} for table in model.tables}
        self._scripts = {home(command.handler, self._paths) for command in model.commands}
        self._elsewhere = {
            row.module: row.database for row in model.transactions if row.database not in ("", "?", "default")
        }
        receivers: dict[str, list[Place]] = defaultdict(list)
        for signal in model.signals:
            receivers[signal.signal].append(member(signal.receiver, self._paths))
        self._sent: dict[Place, list[tuple[int, Place]]] = defaultdict(list)
        for message in model.messages:
            if message.kind == "signal":
                self._sent[message.module, message.function or ""] += [
                    (message.line, receiver) for receiver in receivers[message.name]
                ]

    def step(
        self,
        signature: Signature,
        sites: Sequence[tuple[Site, CallSite]],
        parameters: Sequence[Parameter],
        rows: frozenset[str],
    ) -> Step | str:
        """The step that calls of an operation become, or why they cannot.

        Args:
            signature: of the operation, which is not safe.
            sites: its calls.
            parameters: as they cross.
            rows: tables of the rows that it is given.
        """
        unfit = self._unfit(signature, sites, parameters)
        if signature.asynchronous:
            unfit = "it is a coroutine, and steps of sagas are plain functions"
        if unfit:
            return unfit
        provider = self._context_of[signature.module]
        inside = [pair for pair in sites if self._transactions.around(pair[0])]
        places = tuple(
            sorted({Evidence(file=s.file, line=s.line, symbol=s.function) for s, _ in inside or sites})
        )
        answer = self._answer(signature, sites)
        tables = self._effects.writes(signature.module, signature.name)
        if not answer:
            readers = [found for site, _ in sites for found in self._readers(site, provider, tables)]
            bad = next((text for text, own in readers if not own), "")
            if not bad:
                notes = [text for text, _ in readers]
                return self._made(
                    "after", "it returns nothing that is used and refuses nothing", places, notes
                )
            answer = bad
        touched = tables | self._effects.reads(signature.module, signature.name) | rows
        touched |= {target for table in tables for target in self._referred.get(table, ())}
        for site, _ in inside:
            written = self._transactions.written(site, lambda name: self._context_of.get(name) == provider)
            if touched & written:
                names = ", ".join(sorted(touched & written)[:3])
                return (
                    f"it has to be answered before the commit ({answer}), and it would have to see {names}, "
                    "which the transaction has written"
                )
        compensation = self._inverse(signature, tables)
        doubts = self._doubts(signature, compensation)
        return self._made("before", answer, places, doubts, compensation)

    def _made(
        self,
        mode: Mode,
        reason: str,
        places: tuple[Evidence, ...],
        notes: Iterable[str],
        compensation: Compensation | None = None,
    ) -> Step:
        return Step(
            mode=mode,
            reason=reason,
            places=places,
            compensation=compensation,
            review=tuple(dict.fromkeys(notes)),
        )

    def _unfit(
        self,
        signature: Signature,
        sites: Sequence[tuple[Site, CallSite]],
        parameters: Sequence[Parameter],
    ) -> str:
        """Why no saga can be written whatever its mode; empty where one can."""
        session = any(item.shape.kind == "session" for item in parameters)
        if signature.commits or signature.ends:
            return "it ends the transaction of its caller itself"
        if not self._django and not session and not self._flask:
            return "it is not given the session of its caller, in whose transaction the saga is written down"
        for site, _ in sites:
            if site.module in self._scripts:
                return f"{site.file}:{site.line} is in a command: split that, one a side"
        for site, _ in sites if self._django else ():
            if site.module in self._elsewhere:
                return (
                    f"its transaction is one of the database {self._elsewhere[site.module]}, not the default"
                )
        if any(item.rest for item in signature.parameters):
            return "it takes any arguments, which what takes it back would have to take as well"
        if not self._effects.complete(signature.module, signature.name):
            return "it leads to more code than was followed"
        return ""

    def _answer(self, signature: Signature, sites: Sequence[tuple[Site, CallSite]]) -> str:
        """Why a caller has to wait for the answer; empty where none has to."""
        used = next((site for site, call in sites if not call.discarded), None)
        if used is not None and signature.result.kind != "none":
            return f"its result is used in {used.file}:{used.line}"
        if signature.raises:
            raised = min(signature.raises, key=lambda item: (item.place, item.exception))
            return f"it may refuse: {last(raised.exception)}, {raised.place.file}:{raised.place.line}"
        caught = next(((site, call) for site, call in sites if call.catches), None)
        if caught is not None:
            return f"{caught[0].file}:{caught[0].line} handles {last(caught[1].catches[0])}"
        return ""

    def _readers(self, site: Site, provider: str, tables: frozenset[str]) -> Iterator[tuple[str, bool]]:
        """(who reads below the call what it writes, whether that is code of the operation's own context)."""
        place = (site.module, site.function)
        for line, table in self._transactions.reads[place]:
            if line > site.line and table in tables:
                yield f"{site.file}:{line} reads {table} after it", False
        later = [*self._transactions.called[place], *self._sent[place]]
        for line, target in later:
            if line <= site.line:
                continue
            common = sorted(tables & self._effects.reads(*target))
            if common:
                own = self._context_of.get(target[0]) == provider
                text = f"{site.file}:{line} leads to {target[1]}, which reads {common[0]}"
                yield (f"{text}: it needs the step done" if own else f"{text} after it"), own

    # -- compensation ----------------------------------------------------------------------------------

    def _inverse(self, signature: Signature, tables: frozenset[str]) -> Compensation | None:
        """The function beside it that is named after undoing, with the same tables and arguments."""
        owner, name = parent(signature.name), last(signature.name)
        given = {item.name for item in signature.parameters}
        for other in _names(name):
            row = self._signatures.get((signature.module, f"{owner}.{other}" if owner else other))
            if row is None or row.form != signature.form or row.asynchronous:
                continue
            missing = [item for item in row.parameters if item.required and item.name not in given]
            results = [item for item in missing if item.shape.name and item.shape == signature.result]
            if len(missing) > len(results[:1]) or any(item.rest for item in row.parameters):
                continue
            if self._effects.writes(row.module, row.name) != tables:
                continue
            return Compensation(
                module=row.module,
                qualname=row.name,
                place=Evidence(file=self._paths[row.module], line=row.line, symbol=row.name),
                arguments=tuple(item.name for item in row.parameters if item.name in given),
                result=results[0].name if results else "",
            )
        return None

    def _doubts(self, signature: Signature, compensation: Compensation | None) -> Iterator[str]:
        if compensation is None:
            yield f"nothing was found that takes {signature.name} back: write it in compensations.py"
            return
        yield (
            f"{compensation.qualname} is assumed to take {signature.name} back: its name says so, it writes "
            "the same tables and takes the same arguments"
        )
        row = self._signatures[compensation.module, compensation.qualname]
        if row.raises:
            raised = min(row.raises, key=lambda item: (item.place, item.exception))
            where = f"{raised.place.file}:{raised.place.line}"
            refusal = f"{last(raised.exception)}, {where}"
            yield f"{compensation.qualname} may itself refuse ({refusal}): it is repeated"


def _names(name: str) -> Iterator[str]:
    """Names that the inverse of a function may have, the likeliest first."""
    words = name.split("_")
    forward = dict(INVERSES)
    for index, word in enumerate(words):
        back = [first for first, others in INVERSES if word in others and word not in ONE_WAY]
        for other in (*forward.get(word, ()), *back):
            yield "_".join([*words[:index], other, *words[index + 1 :]])
