"""Calls inside open transactions: what a remote call would no longer undo or see."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from strangler.contracts.operations.blockers import blocker
from strangler.contracts.operations.calls import Calls, CallSite
from strangler.contracts.operations.effects import Effects
from strangler.contracts.operations.source import Code, DefinitionNode, Sources, Target
from strangler.contracts.operations.values import Blocker
from strangler.model import Access, Diagnostic, Model, Transaction

_DEPTH = 4
"""Callers followed upwards."""
_SAGA = "make it a step of a saga: after the commit, with a compensation; or move the call out of the block"


class Transactions:
    """Which calls stand in a transaction, and what it has written before."""

    def __init__(self, model: Model, calls: Calls) -> None:
        self._calls = calls
        self._settings = [module.name for module in model.modules if module.role == "settings"]
        self._implicit = {
            table.name for table in model.tables if table.framework in ("sqlalchemy", "sqlmodel")
        }
        self._writes: dict[tuple[str, str], list[Access]] = defaultdict(list)
        for access in model.accesses:
            if access.operation == "write":
                self._writes[access.module, access.function or ""].append(access)
        self._blocks: dict[tuple[str, str], list[Transaction]] = defaultdict(list)
        for found in model.transactions:
            self._blocks[found.module, found.function or ""].append(found)
        self._known: dict[Target, str | None] = {}

    def blockers(
        self,
        target: Target,
        code: Code,
        node: DefinitionNode,
        sites: list[CallSite],
        effects: Effects,
        *,
        safe: bool,
    ) -> Iterator[Blocker]:
        """Blockers of the transactions around the calls of an operation."""
        if effects.writes & self._implicit and not effects.commits:
            tables = ", ".join(sorted(effects.writes & self._implicit)[:3])
            yield blocker(
                "caller_commits",
                code.path,
                node.lineno,
                f"it writes {tables} and leaves the commit to its caller",
                "commit inside: after the cut the transaction of the caller is another one",
            )
        elif effects.ends and not effects.writes and self._implicit:
            yield blocker(
                "caller_commits",
                code.path,
                node.lineno,
                "it ends the transaction of its caller and writes nothing of its own",
                "call it on the session of each side",
            )
        for site in sites:
            yield from self._of_site(site, effects, safe=safe)

    def _of_site(self, site: CallSite, effects: Effects, *, safe: bool) -> Iterator[Blocker]:
        file, line = site.scope.code.path, site.node.lineno
        where = self._around(site) or self.open_above(Target(site.module, site.function))
        written = {access.table for access in self._before(site)}
        if where is not None and not safe:
            message = f"called inside the transaction of {where}: a rollback would not take it back"
            yield blocker("open_transaction", file, line, message, _SAGA)
        elif safe and effects.reads & written:
            tables = ", ".join(sorted(effects.reads & written)[:3])
            message = f"reads {tables}, which the caller has written and perhaps not committed"
            remedy = "call it before the write or after the commit"
            yield blocker("open_transaction", file, line, message, remedy)
        elif not safe and written & self._implicit:
            tables = ", ".join(sorted(written & self._implicit)[:3])
            message = f"called after uncommitted writes to {tables}: they would no longer share a transaction"
            yield blocker("open_transaction", file, line, message, _SAGA)

    def _before(self, site: CallSite) -> Iterator[Access]:
        """Writes of the calling function above the call and below its last commit."""
        line = site.node.lineno
        commits = [
            item.lineno
            for item in (ast.walk(site.scope.function) if site.scope.function else ())
            if isinstance(item, ast.Call)
            and isinstance(item.func, ast.Attribute)
            and item.func.attr == "commit"
            and item.lineno < line
        ]
        last = max(commits, default=0)
        for access in self._writes[site.module, site.function]:
            if last < access.line < line:
                yield access

    def _around(self, site: CallSite) -> str | None:
        """``file:line`` of the transaction in which a call stands, in the same function."""
        line = site.atomic
        if line is None:
            blocks = self._blocks[site.module, site.function]
            held = [
                item.line
                for item in blocks
                if item.holds(site.module, site.function or None, site.node.lineno)
            ]
            line = max(held, default=None)
        return f"{site.scope.code.path}:{line}" if line is not None else None

    def open_above(self, target: Target, depth: int = 0) -> str | None:
        """``file:line`` of a transaction around a call of the function, or of a caller of it."""
        if target in self._known:
            return self._known[target]
        self._known[target] = None
        for site in self._calls.of.get(target, ()):
            above = self._around(site)
            if above is None and depth < _DEPTH:
                above = self.open_above(Target(site.module, site.function), depth + 1)
            if above is not None:
                self._known[target] = above
                break
        return self._known[target]

    def diagnostics(self, sources: Sources) -> Iterator[Diagnostic]:
        """ATOMIC_REQUESTS makes every request a transaction."""
        for module in self._settings:
            code = sources.load(module)
            for node in ast.walk(code.tree) if code else ():
                line = _atomic_requests(node)
                if code is not None and line is not None:
                    yield Diagnostic(
                        file=code.path,
                        line=line,
                        code="atomic-requests",
                        severity="warning",
                        message="ATOMIC_REQUESTS: a later error in a request does not undo a remote write",
                    )


def _atomic_requests(node: ast.AST) -> int | None:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "ATOMIC_REQUESTS":
                on = isinstance(value, ast.Constant) and value.value is True
                return key.lineno if on else None
    return None
