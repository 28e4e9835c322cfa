"""Models made from a seed: believable monoliths of any size, and hostile ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import islice

from helpers.systems import with_rest

from strangler.contexts.teams import context_teams, team_couplings
from strangler.model import (
    Access,
    Activity,
    BoundedContext,
    ChangePair,
    Changes,
    Command,
    Commit,
    Crossing,
    Diagnostic,
    Endpoint,
    Evidence,
    ForeignKey,
    Import,
    Member,
    Message,
    Model,
    Module,
    ModuleOwners,
    Monolith,
    Ownership,
    References,
    Signal,
    Table,
    Task,
    Transaction,
)
from strangler.model.document import Generator, Level

DOMAINS = (
    *("orders", "catalog", "billing", "shipping", "accounts", "pricing", "reviews", "search", "content"),
    *("stock", "returns", "vouchers", "wishlists", "notifications", "analytics", "payments", "partners"),
    *("loyalty", "support", "reports", "fulfilment", "channels", "taxes", "menus", "pages", "webhooks"),
    *("plugins", "warehouses", "giftcards", "invoices"),
)
PARTS = (
    "models",
    "views",
    "services",
    "forms",
    "admin",
    "serializers",
    "tasks",
    "signals",
    "urls",
    "managers",
)
WORDS = (
    "items",
    "prices",
    "totals",
    "rules",
    "lines",
    "events",
    "history",
    "export",
    "import",
    "sync",
    "rates",
)
HOSTILE = (
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "\"'`;--",
    "\u202egnirts\u2066 lortnoc",
    "x" * 10_000,
    "nul\x00inside",
    "new\nline\r\ttab",
    "{{ 7*7 }}{% raw %}${alert(1)}",
    "javascript:window.hacked=1",
    'a -> b [URL="javascript:window.hacked=1"]',
    "]]><!--<svg/onload=window.hacked=1>",
    "=cmd|'/C calc'!A1",
    "\ud7ff\uffff\U0001f4a9 é",
    "__proto__",
    "constructor",
    "",
)


class Maker:
    """Draws one model; every choice comes from the seed."""

    def __init__(self, modules: int, imports: int, seed: int, names: Sequence[str] | None) -> None:
        self.random = random.Random(seed)
        self.hostile = names
        count = max(3, min(len(DOMAINS), round(modules**0.5 / 2)))
        self.domains = [self.name(domain, i) for i, domain in enumerate(DOMAINS[:count])]
        self.modules: list[Module] = []
        self.home: dict[str, str] = {}
        for number in range(modules):
            self._module(number)
        self.by_domain = {d: [m for m in self.modules if self.home[m.name] == d] for d in self.domains}
        self.imports = self._imports(imports)
        self.tables = self._tables(max(4, modules // 12))
        self.owner = {t.name: self.home[t.model.rpartition(".")[0]] for t in self.tables if t.model}
        self.accesses = self._accesses(modules * 3)

    def name(self, plain: str, number: int) -> str:
        """A name, or a hostile one that stays unique."""
        if not self.hostile:
            return plain
        return f"{self.hostile[number % len(self.hostile)]}{number // len(self.hostile) or ''}"

    def _module(self, number: int) -> None:
        shares = [1 / (1 + i) for i in range(len(self.domains))]
        domain = self.random.choices(self.domains, shares)[0]
        part = PARTS[number % len(PARTS)]
        round_ = number // (len(PARTS) * len(self.domains))
        word = WORDS[round_ % len(WORDS)] + (str(round_) if round_ >= len(WORDS) else "")
        package = f"shop.{domain}" if round_ == 0 else f"shop.{domain}.{word}"
        name = self.name(f"{package}.{part}", number)
        if name in self.home:
            name = f"{name}_{number}"
        role = "settings" if number == 0 else "code"
        path = name.replace(".", "/") + ".py"
        self.modules.append(Module(name=name, path=path, lines=self.random.randint(5, 900), role=role))
        self.home[name] = domain

    def _pick(self, domain: str, inside: float) -> Module:
        pool = self.by_domain.get(domain) if self.random.random() < inside else None
        return self.random.choice(pool or self.modules)

    def _imports(self, count: int) -> list[Import]:
        found = set()
        for _ in range(count):
            importer = self.random.choice(self.modules)
            imported = self._pick(self.home[importer.name], 0.75)
            if importer is not imported:
                kind = self.random.choices(("runtime", "deferred", "dynamic"), (9, 1, 1))[0]
                line = self.random.randint(1, importer.lines)
                found.add(Import(importer=importer.name, imported=imported.name, line=line, kind=kind))
        return sorted(found)

    def _tables(self, count: int) -> list[Table]:
        tables: list[Table] = []
        for number in range(count):
            module = self.random.choice(self.modules)
            domain = self.home[module.name]
            name = self.name(f"{domain}_{WORDS[number % len(WORDS)]}{number}", number)
            others = [table.name for table in self.random.sample(tables, min(len(tables), 2))]
            keys = tuple(
                ForeignKey(column=f"{i}_id", table=t, on_delete="CASCADE") for i, t in enumerate(others)
            )
            tables.append(
                Table(
                    name=name,
                    model=f"{module.name}.Model{number}",
                    framework="django",
                    path=module.path,
                    line=number + 1,
                    foreign_keys=keys,
                )
            )
        return sorted(tables)

    def _accesses(self, count: int) -> list[Access]:
        by_owner: dict[str, list[str]] = {}
        for table, owner in self.owner.items():
            by_owner.setdefault(owner, []).append(table)
        found = set()
        for _ in range(count):
            module = self.random.choice(self.modules)
            own = by_owner.get(self.home[module.name])
            table = self.random.choice(own) if own and self.random.random() < 0.8 else None
            found.add(
                Access(
                    module=module.name,
                    line=self.random.randint(1, module.lines),
                    table=table or self.random.choice(self.tables).name,
                    operation="write" if self.random.random() < 0.3 else "read",
                    function=self.name(f"function_{self.random.randint(1, 9)}", len(found)),
                    via="orm",
                    certainty=self.random.choice(("certain", "inferred", "possible")),
                )
            )
        return sorted(found)

    def contexts(self, merged: int = 1) -> tuple[BoundedContext, ...]:
        """One context a domain, or ``merged`` domains together."""
        found = []
        for start in range(0, len(self.domains), merged):
            group = self.domains[start : start + merged]
            modules = sorted(m.name for d in group for m in self.by_domain[d])
            if not modules:
                continue
            sure = [round(self.random.uniform(0.3, 1), 2) for _ in modules]
            members = tuple(
                Member(
                    module=m,
                    confidence=c,
                    alternative=self.random.choice(self.domains) if c < 0.6 else None,
                    reasons=("imports", "data"),
                )
                for m, c in zip(modules, sure, strict=True)
            )
            kind = "shared_kernel" if start == len(self.domains) - 1 else "context"
            found.append(
                BoundedContext(
                    name=group[0],
                    kind=kind,
                    modules=tuple(modules),
                    members=members,
                    tables=tuple(sorted(t for t, owner in self.owner.items() if owner in group)),
                    confidence=round(sum(sure) / len(sure), 3),
                    metrics={"independence": 0.5},
                )
            )
        return tuple(sorted(found))

    def changes(self, commits: int) -> Changes:
        """A history in which domains mostly change by themselves."""
        log = []
        pairs: dict[tuple[str, str], float] = {}
        for number in range(commits):
            domain = self.random.choice(self.domains)
            size = self.random.randint(2, 8)
            touched = sorted({self._pick(domain, 0.85).name for _ in range(size)})
            log.append(
                Commit(
                    sha=f"{self.random.getrandbits(160):040x}",
                    time=1_700_000_000 + number * 40_000,
                    subject=self.name(f"Change {domain} {number}", number),
                    modules=tuple(touched),
                    author=1 + number % 7,
                )
            )
            for i, a in enumerate(touched):
                for b in touched[i + 1 :]:
                    pairs[a, b] = pairs.get((a, b), 0) + 1 / max(1, len(touched) - 1)
        coupled = tuple(
            ChangePair(a=a, b=b, support=round(s, 4), confidence=min(1.0, round(s / 3, 4)), lift=2.0)
            for (a, b), s in sorted(pairs.items())
        )
        return Changes(
            commits=commits,
            since="2023-11-14",
            until="2026-11-01",
            skipped={"merge": 40, "bulk": 3, "bot": 7},
            pairs=coupled,
            log=tuple(log),
        )

    def crossings(self) -> tuple[Crossing, ...]:
        """Imports, accesses and foreign keys between domains."""
        context_of = {m: c.name for c in self.contexts() for m in c.modules}
        path = {m.name: m.path for m in self.modules}
        places: dict[tuple[str, str, str, str], list[Evidence]] = {}
        for item in self.imports:
            key = (context_of[item.importer], context_of[item.imported], "import", "")
            places.setdefault(key, []).append(
                Evidence(file=path[item.importer], line=item.line, symbol=item.imported)
            )
        for access in self.accesses:
            key = (context_of[access.module], self.owner[access.table], access.operation, access.table)
            symbol = access.function or ""
            places.setdefault(key, []).append(
                Evidence(file=path[access.module], line=access.line, symbol=symbol)
            )
        for table in self.tables:
            for fk in table.foreign_keys:
                key = (self.owner[table.name], self.owner[fk.table], "foreign_key", table.name)
                places.setdefault(key, []).append(
                    Evidence(file=table.path, line=table.line, symbol=f"{fk.column} -> {fk.table}")
                )
        return tuple(
            Crossing(
                source=source,
                target=target,
                kind=kind,
                subject=subject,
                evidence=tuple(sorted(found)),
                count=len(found),
            )
            for (source, target, kind, subject), found in sorted(places.items())
            if source != target
        )

    def model(self, commits: int) -> Model:
        """The whole document."""
        contexts = self.contexts()
        endpoints, tasks, signals, commands, messages = self._entries()
        changes, ownership = self.changes(commits), self._ownership()
        levels = (
            Level(label="coarser", resolution=0.5, contexts=self.contexts(2)),
            Level(label="recommended", resolution=1.0, contexts=contexts),
        )
        found = Model(
            schema_version=1,
            generator=Generator(version="0.0.0"),
            monolith=Monolith(
                name=self.name("shop", 0),
                packages=("shop",),
                revision="0123456789abcdef" * 2 + "01234567",
                frameworks=("django", "celery"),
            ),
            modules=tuple(sorted(self.modules)),
            imports=tuple(self.imports),
            tables=tuple(self.tables),
            accesses=tuple(self.accesses),
            transactions=self._transactions(),
            endpoints=endpoints,
            tasks=tasks,
            signals=signals,
            commands=commands,
            messages=messages,
            changes=changes,
            ownership=ownership,
            activity=Activity(
                teams=context_teams(ownership, changes, self.home),
                team_couplings=team_couplings(ownership, changes),
            ),
            contexts=contexts,
            crossings=self.crossings(),
            diagnostics=self._diagnostics(),
            references=(
                References(kind="import", resolved=950, unresolved=12),
                References(kind="table", resolved=400, unresolved=31),
            ),
            hierarchy=levels,
            metrics={"modularity": 0.41},
        )
        return with_rest(found)

    def _ownership(self) -> Ownership:
        """Each context is a team's, and every fourth module of it another's, too."""
        domains = sorted(set(self.home.values()))
        rows = []
        for number, module in enumerate(self.modules):
            own = domains.index(self.home[module.name])
            teams = [own] if number % 4 else [own, (own + 1) % len(domains)]
            owners = tuple(f"@{self.name(f'team-{team}', team)}" for team in teams)
            if number % 9:
                rows.append(ModuleOwners(module=module.name, owners=owners, line=1))
        return Ownership(file="CODEOWNERS", modules=tuple(sorted(rows)))

    def _entries(self) -> tuple[tuple, ...]:
        endpoints, tasks, signals, commands, messages = [], [], [], [], []
        for number, module in enumerate(islice(self.modules, 0, None, 5)):
            domain = self.home[module.name]
            label = self.name(f"{domain}_{number}", number)
            endpoints.append(
                Endpoint(
                    path=f"/{label}/{{pk}}/",
                    methods=("GET", "POST"),
                    handler=f"{module.name}.view{number}",
                    framework="django",
                    pattern=f"{label}/<int:pk>/",
                    regex=f"/{domain}/\\d+/",
                    name=label,
                    file=module.path,
                    line=number + 1,
                    order=number,
                )
            )
            if number % 4 == 0:
                tasks.append(
                    Task(name=f"{label}.run", handler=f"{module.name}.run", framework="celery", line=9)
                )
                other = self.random.choice(self.modules)
                messages.append(
                    Message(module=other.name, function="f", line=3, kind="task", name=f"{label}.run")
                )
            if number % 6 == 0:
                signals.append(
                    Signal(signal="post_save", receiver=f"{module.name}.on_save", sender=None, line=12)
                )
                commands.append(Command(name=label, handler=f"{module.name}.Command"))
        return (
            tuple(sorted(endpoints, key=lambda e: e.path)),
            tuple(sorted(tasks)),
            tuple(sorted(signals)),
            tuple(sorted(commands)),
            tuple(sorted(messages)),
        )

    def _transactions(self) -> tuple[Transaction, ...]:
        names = [table.name for table in self.tables]
        found = []
        for module in islice(self.modules, 0, None, 11):
            tables = tuple(sorted(self.random.sample(names, min(2, len(names)))))
            found.append(Transaction(module=module.name, line=4, function="save", tables_written=tables))
        return tuple(sorted(found))

    def _diagnostics(self) -> tuple[Diagnostic, ...]:
        found = [
            Diagnostic(
                file=module.path,
                line=7,
                code=code,
                severity=severity,
                message=self.name("The target of this call cannot be told", i),
            )
            for i, module in enumerate(islice(self.modules, 0, None, 9))
            for code, severity in (("unresolved-import", "warning"), ("dynamic-table", "note"))
        ]
        return tuple(sorted(found, key=Diagnostic.sort_key))


def synthetic(
    modules: int = 30, imports: int | None = None, *, commits: int | None = None, seed: int = 1
) -> Model:
    """A believable monolith."""
    maker = Maker(modules, imports if imports is not None else modules * 4, seed, None)
    return maker.model(commits if commits is not None else min(3000, modules * 3))


def hostile(names: Sequence[str] = HOSTILE, modules: int = 40) -> Model:
    """The same, named by somebody who wants to break the reader's browser."""
    return Maker(modules, modules * 4, 1, names).model(60)
