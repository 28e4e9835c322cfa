"""Calls inside open transactions: what a remote call would no longer undo or see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

import msgspec

from strangler.contracts.operations.blockers import blocker
from strangler.contracts.operations.values import Blocker, Site
from strangler.model import Diagnostic, Model, Signature
from strangler.model.effects import Effects

_DEPTH = 4
"""Callers followed upwards."""
_SAGA = "make it a step of a saga: after the commit, with a compensation; or move the call out of the block"
Place = tuple[str, str]
"""(module, function)."""


class Transactions:
    """Which calls stand in a transaction, and what it has written before."""

    def __init__(self, model: Model, effects: Effects) -> None:
        self._effects = effects
        self._paths = {module.name: module.path for module in model.modules}
        self._modules = {module.path: module.name for module in model.modules}
        self._implicit = {
            table.name for table in model.tables if table.framework in ("sqlalchemy", "sqlmodel")
        }
        self._commit_points: dict[Place, list[int]] = defaultdict(list)
        for item in model.transactions:
            if item.line == item.end_line:
                self._commit_points[item.module, item.function or ""].append(item.line)
        self._committing = {(row.module, row.name) for row in model.signatures if row.commits}
        self._opened: dict[tuple[Place, int], int] = {}
        self._callers: dict[Place, list[tuple[Place, int]]] = defaultdict(list)
        self.called: dict[Place, list[tuple[int, Place]]] = defaultdict(list)
        """Function -> (line, what it calls)."""
        self._ends = {
            (row.module, row.function or "", row.line): row.end_line
            for row in model.transactions
            if row.end_line > row.line
        }
        for call in model.calls:
            for site in call.sites:
                target = (call.target_module, call.target)
                self._note((call.module, call.function or ""), target, site.line, site.transaction)
        for row in model.invocations:
            target = (row.target_module or row.module, row.target)
            self._note((row.module, row.function or ""), target, row.line, row.transaction)
        self._writes: dict[Place, list[tuple[int, str]]] = defaultdict(list)
        self._by_method: set[tuple[Place, int]] = set()
        """Lines that write by a method of a row, which is a call as well."""
        self.reads: dict[Place, list[tuple[int, str]]] = defaultdict(list)
        """Function -> (line, table that it reads)."""
        for access in model.accesses:
            place = (access.module, access.function or "")
            kept = self._writes if access.operation == "write" else self.reads
            kept[place].append((access.line, access.table))
            if access.via == "method":
                self._by_method.add((place, access.line))
        self._known: dict[Place, str | None] = {}

    def _note(self, caller: Place, target: Place, line: int, transaction: int) -> None:
        self._callers[target].append((caller, line))
        self.called[caller].append((line, target))
        if transaction:
            self._opened[caller, line] = max(transaction, self._opened.get((caller, line), 0))

    def left_open(self, signature: Signature, file: str) -> Iterator[Blocker]:
        """Blockers of a definition that counts on the transaction of whoever calls it.

        Args:
            signature: of the definition.
            file: its path.
        """
        writes = self._effects.writes(signature.module, signature.name)
        if writes & self._implicit and not signature.commits:
            tables = ", ".join(sorted(writes & self._implicit)[:3])
            yield blocker(
                "caller_commits",
                file,
                signature.line,
                f"it writes {tables} and leaves the commit to its caller",
                "commit inside: after the cut the transaction of the caller is another one",
            )
        elif signature.ends and not writes and self._implicit:
            yield blocker(
                "caller_commits",
                file,
                signature.line,
                "it ends the transaction of its caller and writes nothing of its own",
                "call it on the session of each side",
            )

    def blockers(
        self, signature: Signature, sites: Iterable[Site], rows: frozenset[str] = frozenset()
    ) -> Iterator[tuple[Site, Blocker]]:
        """Calls of an operation that a transaction around them keeps in the process, each with the reason.

        Args:
            signature: of the definition.
            sites: the calls.
            rows: tables of the rows that it is given: the other side reads them again.
        """
        safe = not signature.acts and not self._effects.writes(signature.module, signature.name)
        reads = self._effects.reads(signature.module, signature.name) | rows
        for site in sites:
            yield from ((site, item) for item in self._of_site(site, reads, safe=safe))

    def around(self, site: Site) -> str | None:
        """``file:line`` of the transaction that is open where a call stands, in its function or a caller."""
        place = (site.module, site.function)
        return self._around(place, site.line) or self.open_above(place)

    def written(self, site: Site, inside: Callable[[str], bool]) -> frozenset[str]:
        """Tables that the transaction around a call writes, wherever: a loop comes back to the call.

        Args:
            site: the call.
            inside: whether a module belongs to the other side: what it writes there is committed there.
        """
        return frozenset(self._written((site.module, site.function), site.line, inside, None, 0))

    def _written(
        self, place: Place, line: int, inside: Callable[[str], bool], below: Place | None, depth: int
    ) -> Iterator[str]:
        opened = self._opened.get((place, line), 0)
        end = self._ends.get((*place, opened)) if opened else None
        for there, table in self._writes[place]:
            if end is None or opened <= there <= end:
                yield table
        for there, target in self.called[place]:
            if (end is None or opened <= there <= end) and target != below:
                for effect in self._effects.of(*target):
                    if effect.operation == "write" and not inside(self._modules.get(effect.place.file, "")):
                        yield effect.table
        if depth < _DEPTH and self.open_above(place) is not None:
            for caller, there in sorted(self._callers.get(place, ())):
                yield from self._written(caller, there, inside, place, depth + 1)

    def _of_site(self, site: Site, reads: frozenset[str], *, safe: bool) -> Iterator[Blocker]:
        where = self.around(site)
        written = set(self._before(site))
        if where is not None and not safe:
            message = f"called inside the transaction of {where}: a rollback would not take it back"
            yield blocker("open_transaction", site.file, site.line, message, _SAGA)
        elif safe and reads & written:
            tables = ", ".join(sorted(reads & written)[:3])
            message = f"reads {tables}, which the caller has written and perhaps not committed"
            remedy = "call it before the write or after the commit"
            yield blocker("open_transaction", site.file, site.line, message, remedy)
        elif not safe and written & self._implicit:
            tables = ", ".join(sorted(written & self._implicit)[:3])
            message = f"called after uncommitted writes to {tables}: they would no longer share a transaction"
            yield blocker("open_transaction", site.file, site.line, message, _SAGA)

    def _before(self, site: Site) -> Iterator[str]:
        """Tables that the calling function has written above the call and below its last commit, itself and
        by what it calls, unless that commits."""
        place = (site.module, site.function)
        last = max((line for line in self._commit_points[place] if line < site.line), default=0)
        committed = {line for line, target in self.called[place] if self._commits(target)}
        for line, table in self._writes[place]:
            told = (place, line) in self._by_method and line in committed
            if last < line < site.line and not told:
                yield table
        for line, target in self.called[place]:
            if last < line < site.line and not self._commits(target):
                yield from self._effects.writes(*target)

    def _commits(self, target: Place) -> bool:
        return target in self._committing or bool(self._commit_points.get(target))

    def _around(self, place: Place, line: int) -> str | None:
        """``file:line`` of the transaction in which a call stands, in the same function."""
        opened = self._opened.get((place, line))
        return f"{self._paths.get(place[0], place[0])}:{opened}" if opened else None

    def open_above(self, target: Place, depth: int = 0) -> str | None:
        """``file:line`` of a transaction around a call of the function, or of a caller of it."""
        if target in self._known:
            return self._known[target]
        self._known[target] = None
        for caller, line in sorted(self._callers.get(target, ())):
            above = self._around(caller, line)
            if above is None and depth < _DEPTH:
                above = self.open_above(caller, depth + 1)
            if above is not None:
                self._known[target] = above
                break
        return self._known[target]


def without_saga(item: Blocker, reason: str) -> Blocker:
    """A blocker of a transaction with the reason for which no saga was written."""
    if item.kind not in ("open_transaction", "caller_commits"):
        return item
    return msgspec.structs.replace(item, message=f"{item.message}; no saga is written, as {reason}")


def diagnostics(model: Model) -> Iterator[Diagnostic]:
    """ATOMIC_REQUESTS makes every request a transaction."""
    place = model.monolith.atomic_requests
    if place is not None:
        yield Diagnostic(
            file=place.file,
            line=place.line,
            code="atomic-requests",
            severity="warning",
            message="ATOMIC_REQUESTS: a later error in a request does not undo a remote write",
        )
