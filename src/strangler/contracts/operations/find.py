"""From a model and a context to the operations over the context's boundary."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from strangler.contracts.operations import shapes
from strangler.contracts.operations.blockers import blocker, of_parameter, used_further
from strangler.contracts.operations.crossing import Crossing
from strangler.contracts.operations.failures import failures
from strangler.contracts.operations.forms import call_blockers, form_blockers
from strangler.contracts.operations.naming import slug
from strangler.contracts.operations.objects import Object, Objects
from strangler.contracts.operations.rows import Rows
from strangler.contracts.operations.sagas import Sagas
from strangler.contracts.operations.signals import Signals, Told
from strangler.contracts.operations.transactions import Transactions, diagnostics, without_saga
from strangler.contracts.operations.values import (
    Beside,
    Blocker,
    Operation,
    Operations,
    Result,
    Site,
    Step,
)
from strangler.model import CallSite, Diagnostic, Evidence, HandedOn, Model, Signature
from strangler.model.effects import Effect, Effects
from strangler.model.lookup import last
from strangler.model.shapes import NONE, expanded
from strangler.model.system import IN_PROCESS
from strangler.text import listed

SHOWN_EFFECTS = 5
_DATA_TYPES = frozenset({"dataclass", "namedtuple", "typeddict", "pydantic", "enum"})
_TAKEN = frozenset(
    {
        *("os", "client", "wire", "LOCAL", "OPERATIONS", "FALLBACKS", "UNDO", "TYPE_CHECKING", "Any"),
        *("Callable", "Protocol", "annotations", "datetime", "decimal", "uuid"),
    }
)
"""Names that the module of a seam needs for itself."""
_Key = tuple[str, str]
"""(module, qualified name) of a definition."""


def find_operations(model: Model, context: str | None = None) -> Operations:
    """Every definition that is called over the boundary of a context, in both directions, sorted.

    Args:
        model: with its contexts.
        context: name of the context; None for all boundaries between contexts.

    What the shared kernel defines is no operation: both sides install it as a library. Types (exceptions,
    enums, plain records) are none either: both sides have a copy.
    """
    finder = _Finder(model, context)
    operations = tuple(sorted(finder.operations(), key=lambda item: (item.provider, item.path)))
    return Operations(
        context=context or "",
        monolith=model.monolith.name,
        operations=operations,
        diagnostics=tuple(sorted(finder.diagnostics(), key=Diagnostic.sort_key)),
    )


@dataclass
class _Found:
    """The uses of one definition over the boundary."""

    sites: list[tuple[Site, CallSite]] = field(default_factory=list)
    handed: list[tuple[Site, HandedOn]] = field(default_factory=list)

    @property
    def places(self) -> tuple[Site, ...]:
        """Where it is used, sorted."""
        return tuple(
            sorted(
                {place for place, _ in (*self.sites, *self.handed)},
                key=lambda place: (place.file, place.line, place.function),
            )
        )


class _Finder:
    def __init__(self, model: Model, context: str | None) -> None:
        self.model = model
        self.context = context
        self.context_of = {module: found.name for found in model.contexts for module in found.modules}
        self.kinds = {found.name: found.kind for found in model.contexts}
        self.tables = {found.name: frozenset(found.tables) for found in model.contexts}
        self.paths = {module.name: module.path for module in model.modules}
        self.starting = {item.name for item in model.modules if item.role in ("entry_point", "settings")}
        """What only puts the process together: each side has its own."""
        imported = {item.imported for item in model.imports}
        self.programs = {name for name in self.paths if "." not in name and name not in imported}
        """Scripts beside the packages, which nothing imports."""
        self.handlers = {item.handler.replace(":", ".") for item in model.endpoints}
        """What a framework calls: to name one in a table of routes is no call."""
        self.handlers |= {
            item.handler.replace(":", ".") for item in model.tasks if item.framework != IN_PROCESS
        }
        self.handlers |= {item.receiver.replace(":", ".") for item in model.signals}
        self.signatures = {(row.module, row.name): row for row in model.signatures}
        self.records = {record.name: record for record in model.records}
        self.exceptions = {row.name: row for row in model.exceptions}
        self.effects = Effects(model)
        self.transactions = Transactions(model, self.effects)
        self.sagas = Sagas(model, self.effects, self.transactions)
        self.rows = Rows(model)
        self.crossing = Crossing(model, self.rows, self.effects)
        self.objects = Objects(model, self.rows)
        self.signals = Signals(model)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """What could not be read of the modules of contexts, and what holds for all operations."""
        files = {self.paths[module] for module in self.context_of if module in self.paths}
        yield from (
            item for item in self.model.diagnostics if item.severity == "error" and item.file in files
        )
        yield from diagnostics(self.model)
        if not self.model.signatures and any(call.kind == "call" for call in self.model.calls):
            message = "the model knows no signatures: analyze the tree again with this version"
            yield Diagnostic(file="", line=None, code="no-signatures", severity="error", message=message)

    def crosses(self, module: str, target: str) -> bool:
        """Whether a use of one module's definition by another crosses the boundary in question."""
        here, there = self.context_of.get(module), self.context_of.get(target)
        if module in self.starting:
            return False
        if here is None or there is None or here == there or self.kinds.get(there) != "context":
            return False
        return self.context is None or self.context in (here, there)

    def operations(self) -> Iterator[Operation]:
        found = self._uses()
        told = list(self.signals.told(self.context, self._services()))
        heard = {(item.signature.module, item.signature.name) for item in told}
        names = self._names(found.keys() | heard)
        for key in sorted(found):
            made = self._operation(self.signatures[key], names[key], found[key])
            if made is not None:
                yield made
        used = {names[key] for key in found}
        for item in told:
            name = names[item.signature.module, item.signature.name]
            if name in used:  # it is called as well, or hears more than one signal
                name = f"{name}_of_{re.sub(r'[^A-Za-z0-9]+', '_', last(item.heard.signal))}"
            used.add(name)
            yield self._told(item, name)

    def _services(self) -> Iterator[str]:
        """The contexts that others can call."""
        yield from (name for name, kind in self.kinds.items() if kind == "context")

    def _told(self, told: Told, name: str) -> Operation:
        """A receiver, told of a signal after its sender's commit."""
        signature = told.signature
        file = self.paths[signature.module]
        written = self.effects.writes(signature.module, signature.name)
        parameters = tuple(self.crossing.parameter(item, item.shape, written) for item in told.parameters)
        values = (item for item in parameters if item.shape.kind != "class")
        blockers = [
            *told.blockers,
            *(found for item in values for found in of_parameter(item, file, signature.line, ())),
        ]
        made = self._made(
            signature,
            name,
            (),
            parameters=parameters,
            result=Result(shape=NONE, schema=shapes.schema(NONE), known_from="nothing"),
            failures=(),
            safe=False,
            blockers=_unique(blockers),
            step=told.step,
            heard=told.heard,
        )
        return replace(made, consumers=told.consumers)

    def _uses(self) -> dict[_Key, _Found]:
        """Definition -> where it is called or handed on over the boundary."""
        found: dict[_Key, _Found] = defaultdict(_Found)
        for call in self.model.calls:
            key = (call.target_module, call.target)
            if call.kind != "call" or key not in self.signatures or not self.crosses(call.module, key[0]):
                continue
            for site in call.sites:
                if site.reached == "name" or f"{key[0]}.{key[1]}" not in self.handlers:
                    found[key].sites.append(
                        (self._site(call.module, call.function, site.line, site.called), site)
                    )
        for key, signature in self.signatures.items():
            if f"{key[0]}.{key[1]}" in self.handlers:
                continue
            for handed in signature.handed_on:
                if self.crosses(handed.module, key[0]):
                    place = self._site(handed.module, handed.function, handed.line, handed.called)
                    found[key].handed.append((place, handed))
        return {key: uses for key, uses in found.items() if uses.sites or uses.handed}

    def _of_their_own(
        self, signature: Signature, written: frozenset[str], places: Iterable[Site]
    ) -> Iterator[tuple[Site, Blocker]]:
        """Calls of what writes more tables of the caller than of its own context: on the other side these
        are copies."""
        own = written & self.tables[self.context_of[signature.module]]
        for place in places:
            theirs = sorted(written & self.tables[place.context])
            if len(theirs) > len(own):
                message = (
                    f"it writes {listed(theirs, 3)} of {place.context}: the other side has copies of them"
                )
                remedy = (
                    "split it, one function a side; until then it runs here, and the databases tell the rest"
                )
                yield place, blocker("callers_tables", place.file, place.line, message, remedy)

    def _site(self, module: str, function: str | None, line: int, called: str) -> Site:
        return Site(
            context=self.context_of[module],
            module=module,
            function=function or "",
            file=self.paths[module],
            line=line,
            called=called,
        )

    def _names(self, keys: Iterable[_Key]) -> dict[_Key, str]:
        """Definition -> name of the operation, unique in its context."""
        by_name: dict[_Key, list[_Key]] = defaultdict(list)
        for module, qualname in keys:
            by_name[self.context_of[module], qualname.replace(".", "_")].append((module, qualname))
        found: dict[_Key, str] = {}
        for (_, name), same in by_name.items():
            lasts = [last(module) for module, _ in same]
            for key in same:
                own = last(key[0])
                prefix = "" if len(same) == 1 else own if lasts.count(own) == 1 else key[0]
                full = f"{prefix.replace('.', '_')}_{name}" if prefix else name
                found[key] = f"{full}_call" if full in _TAKEN else full
        return found

    def _operation(self, signature: Signature, name: str, uses: _Found) -> Operation | None:
        if signature.form == "constructor":
            return self._constructor(signature, name, uses)
        file = self.paths[signature.module]
        written = self.effects.writes(signature.module, signature.name)
        row = self.objects.of(signature, written)
        own, assumed = self.crossing.parameters(signature)
        changed = self.crossing.changed(signature, own)
        parameters = (row.parameter, *own) if isinstance(row, Object) else own
        session = isinstance(row, Object) or any(item.shape.kind == "session" for item in own)
        tables = self.effects.of(signature.module, signature.name)
        safe = not signature.acts and all(effect.operation == "read" for effect in tables)
        unused = _unused(signature, uses)
        shape, parts = (NONE, ()) if unused else self.crossing.result(signature, session=session, safe=safe)
        if shape.kind == "query" and shape.items:
            further = [place for place, site in uses.sites if not self.rows.read_through(shape, site)]
        else:
            further = []
        given = frozenset(filter(None, (self.rows.table(item.shape) for item in parameters)))
        calls = list(
            call_blockers(
                signature,
                uses.sites,
                uses.handed,
                bound=row if isinstance(row, str) else "",
                others=self.objects.others(signature, uses.places) if isinstance(row, Object) else {},
                programs=self.programs,
            )
        )
        calls += [(place, used_further(place)) for place in further]
        calls += self._of_their_own(signature, written, uses.places)
        odd = {place for place, _ in calls}
        free = [pair for pair in uses.sites if pair[0] not in odd]
        left = list(self.transactions.left_open(signature, file))
        tied = list(self.transactions.blockers(signature, [place for place, _ in uses.sites], given))
        step: Step | str = ""
        if free and written and (left or any(place not in odd for place, _ in tied)):
            if changed or (isinstance(row, Object) and row.receiving.changes):
                step = "it may change a row that it is called on or given, and its caller needs that at once"
            else:
                step = self.sagas.step(signature, free, parameters, given)
        if isinstance(step, Step):
            left, tied = [], []
            shape = NONE if step.mode == "after" else shape
        elif step:
            left = [without_saga(item, step) for item in left]
            tied = [(place, without_saga(item, step)) for place, item in tied]
        blockers = [
            *form_blockers(signature, file, touches_tables=bool(tables)),
            *self.crossing.blockers(signature, file, own, shape),
            *left,
        ]
        by_hand = [*calls, *tied]
        if blockers or {place for place, _ in by_hand} >= set(uses.places):
            blockers += [item for _, item in by_hand]
            by_hand = []
        beside: Beside = "computes" if signature.computes and not tables else ""
        if (
            not beside
            and blockers
            and signature.portable
            and all(item.operation == "read" for item in tables)
        ):
            beside = "replica" if tables or signature.portable_reads else "process"
        if beside:
            blockers, by_hand, step = [], [], ""
        elif not blockers and not signature.outside and not tables:
            message = "touches no table, queue or other service, and perhaps what its process keeps"
            blockers.append(
                blocker("no_data", file, signature.line, message, "copy it, or publish a library")
            )
        raised = [(item.exception, item.place) for item in signature.raises]
        raised += [
            (caught, Evidence(file=place.file, line=place.line, symbol=place.function))
            for place, site in uses.sites
            for caught in site.catches
        ]
        result = Result(shape=shape, schema=shapes.schema(shape), known_from=signature.result_known_from)
        place = Evidence(file=file, line=signature.line, symbol=signature.name)
        missing = {row.missing: place} if isinstance(row, Object) else {}
        for item in own:
            if any(item.name == one.parameter for one in changed):
                missing[self.rows.missing(item.shape)] = place
        return self._made(
            signature,
            name,
            uses.places,
            parameters=parameters,
            result=result,
            failures=failures(raised, self.exceptions, missing),
            safe=safe,
            blockers=_unique(blockers),
            by_hand=_unique(item for _, item in by_hand),
            beside=beside,
            replicas=_replicas(signature, tables) if beside == "replica" else (),
            step=step if isinstance(step, Step) else None,
            assumed=(*assumed, *parts),
            unused=unused,
            row=row.receiving if isinstance(row, Object) else None,
            changed=changed,
        )

    def _constructor(self, signature: Signature, name: str, uses: _Found) -> Operation | None:
        shape = expanded(signature.result, self.records)
        places = tuple(place for place, _ in uses.sites)
        if shape.kind == "row" and not self.effects.writes(signature.module, signature.name):
            places = tuple(place for place in places if not self.objects.only_asked(signature, place))
        if not places or shape.kind in _DATA_TYPES:
            return None
        beside: Beside = "computes" if signature.computes and shape.kind != "row" else ""
        if not beside and signature.portable:
            beside = "replica" if signature.portable_reads else "process"
        provider = self.context_of[signature.module]
        message = f"{signature.name} is made here: an object with behaviour stays in its process"
        remedy = f"offer what is done with it as one function of {provider}"
        if shape.kind == "row":
            message = f"a row of {provider} is made in memory by another context"
            remedy = f"offer creating it as a function of {provider} that takes plain fields"
        at = sorted({(place.file, place.line) for place in places})
        return self._made(
            signature,
            name,
            _Found(sites=uses.sites).places,
            parameters=(),
            result=Result(shape=shape, schema={}, known_from="annotation"),
            failures=(),
            safe=False,
            blockers=()
            if beside
            else tuple(blocker("constructor", file, line, message, remedy) for file, line in at),
            beside=beside,
            replicas=_replicas(signature, ()) if beside == "replica" else (),
        )

    def _made(self, signature: Signature, name: str, places: tuple[Site, ...], **more: object) -> Operation:
        provider = self.context_of[signature.module]
        return Operation(
            name=name,
            provider=provider,
            consumers=tuple(sorted({place.context for place in places})),
            module=signature.module,
            qualname=signature.name,
            call=signature.form,
            file=self.paths[signature.module],
            line=signature.line,
            sites=places,
            idempotent=bool(more["safe"]),
            effects=self._acts(signature),
            is_async=signature.asynchronous,
            method="POST",
            path=f"/_strangler/{slug(provider)}/{name}",
            **more,  # type: ignore[arg-type]
        )

    def _acts(self, signature: Signature) -> tuple[Evidence, ...]:
        """Why it may change something: the first places, its writes of tables before all."""
        writes = [
            Evidence(file=effect.place.file, line=effect.place.line, symbol=f"writes {effect.table}")
            for effect in self.effects.of(signature.module, signature.name)
            if effect.operation == "write"
        ]
        told = {(place.file, place.line, place.symbol): place for place in (*signature.acts, *writes)}
        return tuple(told.values())[:SHOWN_EFFECTS]


def _replicas(signature: Signature, tables: Iterable[Effect]) -> tuple[str, ...]:
    """The tables that it reads."""
    return tuple(sorted({*signature.portable_reads, *(item.table for item in tables)} - {""}))


def _unused(signature: Signature, uses: _Found) -> bool:
    """Whether no caller does anything with what it returns."""
    lazy = signature.asynchronous or signature.result.kind == "iterator"
    return bool(uses.sites) and not uses.handed and not lazy and all(site.discarded for _, site in uses.sites)


def _unique(blockers: Iterable[Blocker]) -> tuple[Blocker, ...]:
    found = {(item.kind, item.subject, item.file, item.line, item.message): item for item in blockers}
    return tuple(found[key] for key in sorted(found))
