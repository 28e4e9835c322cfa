"""A context as a deployment of its own, and the monolith without it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from msgspec.structs import replace

from strangler.contracts.operations import slug
from strangler.extraction.assembly import Assembly
from strangler.extraction.database import CHOICES, Choices
from strangler.extraction.database import find as find_database
from strangler.extraction.database.schema import program
from strangler.extraction.dependencies import Asking, Dependencies, asks
from strangler.extraction.distributions import asks_for_itself
from strangler.extraction.lost import lost
from strangler.extraction.others import others as beside
from strangler.extraction.reader import Reader
from strangler.extraction.seams import Seams
from strangler.extraction.testing import broken, moved
from strangler.extraction.values import Removal, Service, Size, said
from strangler.model import BoundedContext, Endpoint, Model, Module
from strangler.model.lookup import PRODUCTION
from strangler.plans.view import View
from strangler.sources import SourceTree

RECURSION = 5_000


@contextmanager
def _room() -> Iterator[None]:
    """Room on Python's stack: libcst calls itself a dozen times for a level of syntax."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@_room()
def extract(
    model: Model,
    context: BoundedContext,
    tree: SourceTree,
    others: Iterable[str],
    choices: Choices = CHOICES,
    remote: Iterable[str] = (),
) -> tuple[Service, dict[str, bytes]]:
    """A context as a deployment of its own.

    It is the second deployment of the first stages of a plan, cut down: the code that the context needs runs
    unchanged on the monolith's database, and routes of others keep their names and answer 421.

    Args:
        model: the monolith.
        context: what leaves.
        tree: the files that the model was made of.
        others: paths of the files of the tree that are no modules.
        choices: what is decided of its own database.
        remote: names of the contexts that it calls over the seams that the tree has: their code stays behind.

    Returns:
        What the service is, and its files by path.
    """
    view = View(model, context)
    reader = Reader(model, tree)
    over = frozenset(slug(name) for name in remote)
    found = Assembly(view, reader, probed=True, remote=over)
    tests = moved(view, reader, found.held)
    found.files |= {path: data for path, data in tests.files.items() if path not in found.files}
    copied, missing = beside(view, reader, found.files, others)
    dependencies = _dependencies(reader, found, copied)
    copied = {path: data for path, data in copied.items() if path not in dependencies.without}
    copied |= dependencies.files
    production = [item for item in model.modules if view.production(item.name)]
    stays = _staying(model, context)
    gone = frozenset({slug(context.name)})
    kept = Assembly(View(model, stays), reader, probed=False, remote=gone).held
    database = replace(
        find_database(view, reader, found.held, kept, choices), steps=found.seams.steps(found.held)
    )
    if any("strangler_service.schema" in command for command in database.schema):
        found.added |= program(view, found.held)
    service = Service(
        context=context.name,
        revision=model.monolith.revision,
        endpoints=tuple(said(item) for item in view.endpoints),
        guests=tuple(sorted({said(item) for item in _guests(view, found.held)})),
        needs=found.needs(),
        files=tuple(sorted(copied)),
        changes=tuple(sorted(set(found.changes))),
        size=_size(item for item in production if item.name in found.held),
        monolith=_size(production),
        tests=tests.tests,
        left=tests.left,
        probes=found.probes,
        dependencies=tuple(sorted(dependencies.found)),
        itself=asks_for_itself(reader, found.held),
        database=database,
        switches=tuple(found.seams.switches(found.held)),
        notes=(*found.notes, *missing, *dependencies.notes),
    )
    return service, found.files | found.added | copied


def _dependencies(reader: Reader, found: Assembly, copied: Mapping[str, bytes]) -> Dependencies:
    """What has to be installed, of what the copied files ask for."""
    settings = {item.path for item in reader.modules.values() if item.role == "settings"}
    own = frozenset(name.partition(".")[0] for name in reader.modules) | {"strangler_service"}
    staying = [reader.source(name) for name in sorted(reader.modules.keys() - found.held)]
    dependencies = Dependencies(
        Asking(found.files, frozenset(settings), own), ((item.path, item.data) for item in staying if item)
    )
    texts = {path: data.decode("utf-8-sig", "replace") for path, data in copied.items() if asks(path)}
    dependencies.reduce(texts)
    return dependencies


@_room()
def remove(
    model: Model, context: BoundedContext, tree: SourceTree, running: Iterable[str] = ()
) -> tuple[Removal, dict[str, bytes | None]]:
    """The monolith without what only a context needs: the same question, asked for all that stays.

    Args:
        model: the monolith.
        context: what leaves.
        tree: the files that the model was made of.
        running: tests that run with the service.

    Returns:
        What goes and what still holds the rest, and the files that change: path -> new content, or None
        where the file goes.
    """
    leaving = frozenset(context.modules)
    reader = Reader(model, tree)
    gone_to = frozenset({slug(context.name)})
    view = View(model, _staying(model, context))
    found = Assembly(view, reader, probed=False, remote=gone_to)
    gone = {name: item for name, item in reader.modules.items() if _goes(name, item, leaving, found.held)}
    changed: dict[str, bytes | None] = {item.path: None for item in gone.values()}
    for path, data in found.files.items():
        try:
            same = tree.read(path) == data
        except OSError:
            continue
        if not same:
            changed[path] = data
    if any(item.what.startswith("answers elsewhere") for item in found.changes):
        changed |= found.added
    running = frozenset(running)
    tests = broken(view, reader, frozenset(gone), running)
    changed |= {path: data for path, data in tests.files.items() if path not in changed}
    removal = Removal(
        files=tuple(sorted(path for path, data in changed.items() if data is None)),
        size=_size(item for item in gone.values() if item.role in PRODUCTION),
        holds=tuple(need for need in found.needs() if need.context == context.name),
        changes=tuple(sorted(set(found.changes))),
        tests=tests.red,
        moved=tuple(item.test for item in tests.red if item.test in running),
        unheard=tuple(_unheard(model, gone, found.seams)),
        registrations=tuple(lost(reader, gone, frozenset(reader.modules) - gone.keys(), _told(model))),
        notes=tuple(found.notes),
    )
    return removal, changed


def _staying(model: Model, context: BoundedContext) -> BoundedContext:
    """All that is not the context's."""
    leaving = frozenset(context.modules)
    return BoundedContext(
        name=f"all but {context.name}",
        kind="context",
        modules=tuple(m.name for m in model.modules if m.role in PRODUCTION and m.name not in leaving),
        tables=(),
        confidence=1.0,
    )


def _goes(name: str, module: Module, leaving: frozenset[str], held: frozenset[str]) -> bool:
    """Whether a module goes: one of the context that nothing else needs, or a migration of such a package."""
    if name in held:
        return False
    package = name.partition(".migrations")[0]
    return name in leaving or (module.role == "migration" and package != name and package in leaving)


def _unheard(model: Model, gone: Iterable[str], seams: Seams) -> Iterator[str]:
    """Signals whose receivers go, and that no event is written for."""
    left = set(gone)
    for row in sorted(model.signals, key=lambda row: (row.signal, row.receiver)):
        if not seams.hears(row) and any(row.receiver.startswith(f"{name}.") for name in left):
            sender = f" of {row.sender}" if row.sender else ""
            yield f"{row.receiver} no longer hears {row.signal}{sender}: the service needs it as an event"


def _told(model: Model) -> frozenset[str]:
    """What routes, tasks, commands and signals call: that these go is told as such."""
    named = [
        *(item.handler for item in model.endpoints),
        *(item.handler for item in model.tasks),
        *(item.handler for item in model.commands),
        *(item.receiver for item in model.signals),
    ]
    return frozenset(name.replace(":", ".") for name in named)


def _guests(view: View, held: frozenset[str]) -> Iterator[Endpoint]:
    for item in view.model.endpoints:
        module = view.home(item.handler)
        if module in held and module not in view.inside:
            yield item


def _size(modules: Iterable[Module]) -> Size:
    rows = list(modules)
    return Size(modules=len(rows), lines=sum(item.lines for item in rows))
