"""What the page carries: columns of numbers and names, in blocks that are inflated when they are needed.

A module, a table or a context is its position in the column of its names; -1 stands for none.
"""

from __future__ import annotations

import base64
import gzip
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from strangler.contexts.crossings import counted, of_atoms
from strangler.contexts.ranking import Candidate
from strangler.model import Member, Model
from strangler.model.coverage import WEAKENS, measures
from strangler.model.lookup import all_tables
from strangler.reports.cycles import breakers
from strangler.reports.domains import PARTS
from strangler.reports.html.entries import entries
from strangler.reports.html.levels import cuts, levels
from strangler.reports.html.names import Names
from strangler.reports.html.workshop import workshop
from strangler.reports.index import Index
from strangler.reports.needs import Need
from strangler.reports.options import ReportOptions
from strangler.reports.relations import relations
from strangler.reports.text import texts
from strangler.reports.tree import Row, matrix_tree
from strangler.reports.verdict import Verdict
from strangler.text import visible_json

MOST_PLACES = 50
"""Places of one crossing carried in the page; the page says how many there are."""
MOST_PAIRS = 40_000
"""Pairs of modules carried in the page, the best supported first; the page says how many there are."""


def pack(block: object) -> str:
    """A block as gzip + base64 of its JSON; no time stamp, so the same block gives the same text."""
    text = visible_json(msgspec.json.encode(block, order="deterministic").decode())
    return base64.b64encode(gzip.compress(text.encode(), 7, mtime=0)).decode("ascii")


class Data:
    """Builds the blocks of one model."""

    def __init__(self, model: Model, index: Index, judged: Verdict, options: ReportOptions) -> None:
        self.model = model
        self.index = index
        self.verdict = judged
        self.options = options
        self.modules = Names.of(module.name for module in model.modules)
        self.tables = Names.of((*(table.name for table in model.tables), *all_tables(model.system)))
        self.contexts = Names.of(context.name for context in model.contexts)
        self.files = Names.of(module.path for module in model.modules)
        for table in model.tables:
            self.files.add(table.path)
        self.cuts = cuts(model, index, judged)
        self.ties = of_atoms(model.system, [*model.contexts, *(c for _, cut in self.cuts for c in cut)])

    def blocks(self) -> dict[str, object]:
        """Block name -> its content; ``core`` draws every view, the others hold the evidence."""
        others = {
            "code": self._code(),
            "data": self._data(),
            "evidence": self._evidence(),
            "history": self._history(),
            "diagnostics": self._diagnostics(),
            "workshop": workshop(self.model, self.ties, self.modules.get, self.tables.get),
            "source": self.options.excerpts,
        }
        return {"core": self._core(), **others}

    def _core(self) -> dict[str, object]:
        model, verdict = self.model, self.verdict
        return {
            "text": texts(),
            "meta": {
                "name": model.monolith.name,
                "revision": (model.monolith.revision or "").removesuffix("+dirty") or None,
                "sourceUrl": self.options.source_url,
                "excerpts": bool(self.options.excerpts),
                "live": self.options.live,
                "commits": model.changes.commits,
                "since": model.changes.since,
                "until": model.changes.until,
                "skipped": model.changes.skipped,
                "best": self.contexts.get(verdict.best.context if verdict.best else None),
            },
            "contexts": self._contexts(),
            "modules": self._modules(),
            "tables": self._tables(),
            "needs": self._needs(list(verdict.needs)),
            "together": {
                "commits": [verdict.history.commits.get(name, 0) for name in self.contexts.values],
                "alone": [verdict.history.alone.get(name, 0) for name in self.contexts.values],
                "pairs": [
                    (self.contexts.get(a), self.contexts.get(b), n)
                    for (a, b), n in sorted(verdict.history.pairs.items())
                ],
                "quarters": self._quarters(),
            },
            "plans": [
                (
                    self.contexts.get(p.context),
                    p.href,
                    p.sentences,
                    p.context,
                    p.revision,
                    p.routing,
                    p.routes,
                )
                for p in self.options.plans
            ],
            "candidates": [self._candidate(candidate) for candidate in verdict.candidates],
            "levels": levels(verdict, self.cuts, self.ties),
            "breakers": self._breakers(),
            "tree": self._tree(),
            "entries": entries(model, self.index, self.contexts.get, self.tables.get, self.modules.get),
            "coverage": [(m.rows, m.found, m.missing, m.doubtful) for m in verdict.coverage],
            "libraries": [
                (row.name, row.kind, row.reading, len(row.hooks), f"{row.file}:{row.line}")
                for row in model.coverage.libraries
            ],
            "metrics": model.metrics,
            "weakens": WEAKENS,
            "trends": [
                (self.contexts.get(c.a), self.contexts.get(c.b), c.earlier, c.later, c.trend)
                for c in model.activity.couplings
            ],
            "teams": self._teams(),
            "hotspots": [
                (self.modules.get(spot.module), spot.commits, spot.later, spot.lines, round(spot.score, 3))
                for spot in model.activity.hotspots
            ],
            "files": self.files.values,
        }

    def _contexts(self) -> dict[str, object]:
        contexts = self.model.contexts
        return {
            "name": self.contexts.values,
            "kind": [c.kind for c in contexts],
            "standing": [c.standing for c in contexts],
            "confidence": [c.confidence for c in contexts],
            "parent": [c.parent for c in contexts],
            "domains": [
                [
                    (
                        d.name,
                        [self.modules.get(name) for name in d.modules],
                        [self.tables.get(name) for name in d.tables],
                        d.reasons,
                    )
                    for d in c.domains
                ]
                for c in contexts
            ],
            "in_none": [
                [
                    [self.modules.get(name) for name in c.in_none.modules],
                    [self.tables.get(name) for name in c.in_none.tables],
                ]
                if c.in_none is not None
                else None
                for c in contexts
            ],
            "split": [[self.modules.get(name) for name in c.to_split] for c in contexts],
            "parts": [
                [
                    (self.modules.get(split.module), [(p.context, p.definitions) for p in split.parts])
                    for split in c.splits[:PARTS]
                ]
                for c in contexts
            ],
            "gaps": [
                [(m.rows, m.gaps) for m in measures(self.model.system, c.modules) if m.gaps] for c in contexts
            ],
        }

    def _modules(self) -> dict[str, object]:
        members: Mapping[str, Member] = {
            member.module: member for context in self.model.contexts for member in context.members
        }
        reasons = Names()
        found = [members.get(module.name) for module in self.model.modules]
        return {
            "name": self.modules.values,
            "file": [self.files.get(m.path) for m in self.model.modules],
            "lines": [m.lines for m in self.model.modules],
            "role": [m.role for m in self.model.modules],
            "context": [self.contexts.get(self.index.context_of.get(m.name)) for m in self.model.modules],
            "confidence": [-1 if m is None else round(m.confidence, 3) for m in found],
            "alternative": [self.contexts.get(m.alternative if m else None) for m in found],
            "reasons": [[reasons.add(reason) for reason in m.reasons] if m else [] for m in found],
            "reason": reasons.values,
        }

    def _tables(self) -> dict[str, object]:
        homes = [self.index.module_of_path.get(table.path) for table in self.model.tables]
        keys = [
            (number, self.tables.get(key.table), key.column, key.on_delete or "", key.table)
            for number, table in enumerate(self.model.tables)
            for key in table.foreign_keys
        ]
        return {
            "name": self.tables.values,
            "model": [table.model for table in self.model.tables],
            "file": [self.files.get(table.path) for table in self.model.tables],
            "line": [table.line for table in self.model.tables],
            "owner": [self.contexts.get(self.index.owner_of.get(name)) for name in self.tables.values],
            "home": [self.modules.get(home) for home in homes],
            "keys": keys,
            "use": [self._uses(name) for name in self.tables.values],
        }

    def _uses(self, table: str) -> list[tuple[int, int, int]]:
        """(context, reads, writes) of a table."""
        reads, writes = self.index.accessors(table, "read"), self.index.accessors(table, "write")
        return [(self.contexts.get(name), reads[name], writes[name]) for name in sorted({*reads, *writes})]

    def _needs(self, found: list[Need]) -> list[object]:
        suggested = relations(found, self.index.contexts, self.verdict.history)
        return [
            (
                self.contexts.get(t.source),
                self.contexts.get(t.target),
                t.kinds,
                suggested[t.source, t.target],
                t.certain,
            )
            for t in found
        ]

    def _teams(self) -> dict[str, object]:
        """Rows are (context, shares, modules without owner, people, main share); shares (team, modules,
        commits)."""
        activity = self.model.activity
        teams = Names()
        rows = [
            (
                self.contexts.get(row.context),
                [(teams.add(share.team), share.modules, share.commits) for share in row.teams],
                row.unowned,
                row.authors,
                row.main_share,
            )
            for row in activity.teams
        ]
        couplings = [(teams.add(c.a), teams.add(c.b), c.commits) for c in activity.team_couplings]
        return {
            "file": self.model.ownership.file,
            "name": teams.values,
            "rows": rows,
            "couplings": couplings,
        }

    def _quarters(self) -> list[tuple[str, int, int]]:
        """(quarter, commits inside one context, commits over several)."""
        proper = {context.name for context in self.model.contexts if context.proper}
        counts: Counter[tuple[str, bool]] = Counter()
        for commit in self.model.changes.log:
            touched = {self.index.context_of.get(name) for name in commit.modules} & proper
            if touched:
                moment = time.gmtime(commit.time)
                counts[f"{moment.tm_year} Q{(moment.tm_mon + 2) // 3}", len(touched) == 1] += 1
        quarters = sorted({quarter for quarter, _ in counts})
        return [(quarter, counts[quarter, True], counts[quarter, False]) for quarter in quarters]

    def _candidate(self, c: Candidate) -> dict[str, object]:
        return {
            "context": self.contexts.get(c.context),
            "modules": c.modules,
            "tables": c.tables,
            "entries": c.entries,
            "in": c.places_in,
            "out": c.places_out,
            "places": c.all_places,
            "ports": c.ports,
            "reads": c.reads,
            "toCut": c.places,
            "knots": c.knots,
            "transactions": c.transactions,
            "sharedWrites": c.shared_writes,
            "foreignKeys": c.foreign_keys,
            "independence": c.independence,
            "confidence": c.confidence,
            "partners": [self.contexts.get(name) for name in c.partners],
            "excluded": c.excluded,
        }

    def _breakers(self) -> dict[str, object]:
        found = breakers(self.model.contexts, self.verdict.needs)
        return {
            "exact": found.exact,
            "knotted": len(found.knotted),
            "pairs": [(self.contexts.get(n.source), self.contexts.get(n.target)) for n in found.needs],
        }

    def _tree(self) -> dict[str, list[object]]:
        """The rows of the matrix in preorder; leaves are numbered from 0 in the order of ``module``."""
        label: list[object] = []
        depth: list[object] = []
        start: list[object] = []
        end: list[object] = []
        module: list[object] = []

        def visit(row: Row, level: int) -> None:
            position = len(label)
            label.append(row.key if row.module is None else "")
            depth.append(level)
            start.append(len(module))
            end.append(0)
            if row.module is not None:
                module.append(self.modules.get(row.module))
            for child in row.children.values():
                visit(child, level + 1)
            end[position] = len(module)

        for row in matrix_tree(self.model, self.index, list(self.verdict.needs)):
            visit(row, 0)
        return {"label": label, "depth": depth, "start": start, "end": end, "module": module}

    def _code(self) -> dict[str, object]:
        kinds = Names()
        rows = [
            (self.modules.get(i.importer), self.modules.get(i.imported), i.line, kinds.add(i.kind))
            for i in self.model.imports
        ]
        rows = [row for row in rows if row[0] >= 0 and row[1] >= 0]
        return _columns(("from", "to", "line", "kind"), rows) | {"kinds": kinds.values}

    def _data(self) -> dict[str, object]:
        words = Names()
        rows = [
            (
                self.modules.get(a.module),
                self.tables.get(a.table),
                int(a.operation == "write"),
                a.line,
                words.add(a.function or ""),
                words.add(a.via),
                words.add(a.certainty),
            )
            for a in self.model.accesses
        ]
        transactions = [
            (
                self.modules.get(x.module),
                x.line,
                words.add(x.function or ""),
                [self.tables.get(name) for name in x.tables_written],
                [self.tables.get(name) for name in x.tables_read],
            )
            for x in self.model.transactions
        ]
        names = ("module", "table", "write", "line", "function", "via", "certainty")
        return _columns(names, rows) | {"words": words.values, "transactions": transactions}

    def _evidence(self) -> dict[str, object]:
        words = Names()
        files = Names.of(self.files.values)
        crossings: list[tuple[object, ...]] = []
        rows: list[tuple[object, ...]] = []
        for crossing in counted(self.model.crossings):
            shown = crossing.places[:MOST_PLACES]
            crossings.append(
                (
                    self.contexts.get(crossing.source),
                    self.contexts.get(crossing.target),
                    crossing.kind,
                    crossing.subject,
                    crossing.count,
                    len(shown),
                )
            )
            rows += [(files.add(e.file), e.line, words.add(e.symbol)) for e in shown]
        return _columns(("file", "line", "symbol"), rows) | {
            "crossings": _columns(("from", "to", "kind", "subject", "count", "shown"), crossings),
            "words": words.values,
            "files": files.values,
        }

    def _history(self) -> dict[str, object]:
        changes = self.model.changes
        kept = sorted(changes.pairs, key=lambda p: (-p.support, p.a, p.b))[:MOST_PAIRS]
        rows = [
            (
                self.modules.get(p.a),
                self.modules.get(p.b),
                round(p.support, 2),
                round(p.confidence, 2),
                round(p.lift, 1),
            )
            for p in kept
        ]
        return _columns(("a", "b", "support", "confidence", "lift"), rows) | {
            "all": len(changes.pairs),
            "sha": [commit.sha[:12] for commit in changes.log],
            "time": [commit.time for commit in changes.log],
            "subject": [commit.subject[:300] for commit in changes.log],
            "touched": [
                [n for n in map(self.modules.get, commit.modules) if n >= 0] for commit in changes.log
            ],
        }

    def _diagnostics(self) -> dict[str, object]:
        words = Names()
        rows = [
            (words.add(d.file), d.line or 0, words.add(d.code), words.add(d.severity), words.add(d.message))
            for d in self.model.diagnostics
        ]
        return _columns(("file", "line", "code", "severity", "message"), rows) | {"words": words.values}


def _columns(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> dict[str, object]:
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: list(column) for name, column in zip(names, columns, strict=True)}
