"""Suspicious silence: definitions that look as if they served something and that the model does not list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from strangler.analyzers.coverage.catalogue import CATALOGUE
from strangler.analyzers.coverage.libraries import Source, known_as
from strangler.model import Diagnostic, System, Table


class Lineage(NamedTuple):
    """A first-party class that descends from classes of libraries."""

    module: str
    name: str
    line: int
    ancestors: frozenset[str]
    """Dotted names of the libraries' classes."""
    parents: tuple[str, ...]
    """Dotted names of the first-party classes that it descends from."""
    subclassed: bool
    mapped: bool = False
    """It stands for a row of a table that is known; of a library's, perhaps."""


class Taker(NamedTuple):
    """A first-party function that takes a request, or what a server gives, and that no code calls."""

    module: str
    name: str
    line: int
    whole: bool = False
    """It answers every request itself: the WSGI or ASGI protocol in a function."""


_VIEW = re.compile(
    r"(?:View|ViewSet|Resource|Controller|RequestHandler|HTTPEndpoint|WebSocketEndpoint|Consumer|Servicer"
    r"|(?:Base|API|Api|Web|Page)Handler|WebSocketHandler|MethodView|HTTPMethodView|ServiceBase)$"
)
"""Last names of library classes from which what serves requests descends."""
_NO_VIEW = re.compile(
    r"^(?:unittest|logging|urllib|import_export|argparse|tkinter|kombu|json|rest_framework\.serializers)\b"
)
_MODEL = re.compile(
    r"(?:^|\.)(?:Model|Document|EmbeddedDocument|DynamicDocument|SQLObject|Entity|StructuredNode)$"
)
_ROW = re.compile(r"(?:Model|Table|Document|Entity|Node|Record|Base)$")
"""Last names of classes, of libraries that keep rows, of which a subclass is a table."""
_NO_MODEL = re.compile(
    r"^(?:pydantic|keras|tensorflow|torch|statsmodels|sklearn|gensim|schematics|docx|marshmallow)\b"
)


_MODELS = re.compile(r"(?:^|[._])(?:models?|entities|tables)(?:$|[._])")
_NAMED_MODEL = re.compile(
    r"(?:^|\.)(?!(?:Base|View|Root|Language|Chat|Pretrained|PreTrained)Model$)[A-Z]\w*Model$"
)
"""Names of modules that hold models, and last names of libraries' classes below which they stand there."""
_NOT_NAMED = re.compile(r"^(?:django|rest_framework|transformers|langchain\w*|sklearn)\b")
_VIEWS = re.compile(r"(?:^|[._])(?:views?|endpoints?|handlers?|controllers?)(?:$|[._])")
"""Names of modules whose functions serve requests."""


_SERVES = re.compile(
    r"(?:^|[._])(?:get|post|put|delete|patch|head|options|route|view|resource|endpoint|handler|expose"
    r"|operation|method|query|mutation|subscription|websocket|rpc|service|webhook)$"
)
"""Last names of decorators that make a definition serve."""


def unlisted(
    sources: Mapping[str, Source],
    system: System,
    lineages: Iterable[Lineage],
    takers: Iterable[Taker] = (),
    unread: frozenset[str] = frozenset(),
    read: frozenset[str] = frozenset(),
    stores: frozenset[str] = frozenset(),
    queues: frozenset[str] = frozenset(),
) -> list[Diagnostic]:
    """A note for each handler, view and model that no row of the model comes from, and table without columns.

    Args:
        sources: module -> its production file.
        system: what was found.
        lineages: first-party classes that descend from a library's.
        takers: first-party functions that take a request and that no code calls.
        unread: libraries that may bring routes and that no analyser reads.
        read: those of which an analyser says itself what is mounted and not known.
        stores: libraries that may bring tables and that no analyser reads.
        queues: those that may bring tasks.
    """
    served, listed = serving(system), in_rows(system)
    mapped = {table.model for table in system.tables if table.model}
    return [
        *_handlers(sources, listed, unread),
        *_by_verbs(sources, served),
        *_tasks(sources, listed, queues),
        *_given(sources, listed, read),
        *_classes(sources, lineages, served, mapped, stores, read),
        *_functions(sources, takers, served, listed),
        *_columns(sources, system.tables),
    ]


def serving(system: System) -> set[str]:
    """What serves endpoints, by dotted name, with the classes of methods."""
    served = {endpoint.handler for endpoint in system.endpoints}
    served |= {route.what for route in system.opaque_routes}
    return served | {handler.rpartition(".")[0] for handler in served}


def in_rows(system: System) -> set[str]:
    """What rows of the model come from: handlers of endpoints, tasks and commands, receivers."""
    return {
        *serving(system),
        *(task.handler for task in system.tasks),
        *(signal.receiver for signal in system.signals),
        *(command.handler for command in system.commands),
    }


def _handlers(
    sources: Mapping[str, Source], listed: set[str], unread: frozenset[str]
) -> Iterable[Diagnostic]:
    for module, source in sources.items():
        told: set[str] = set()
        for hook in source.hooks:
            if hook.kind != "decorator" or hook.target in told or f"{module}.{hook.target}" in listed:
                continue
            if hook.path:
                message = (
                    f"{hook.target} looks like the handler of {hook.path} (decorated by "
                    f"{hook.name}), but no endpoint was found for it"
                )
            elif hook.imported and _SERVES.search(hook.name) and known_as(hook.name) in unread:
                message = (
                    f"{hook.target} is decorated by {hook.name}, which is not read, but no endpoint was "
                    "found for it"
                )
            else:
                continue
            told.add(hook.target)
            yield _note(source.path, hook.line, "unlisted-handler", message)


def _by_verbs(sources: Mapping[str, Source], served: set[str]) -> Iterable[Diagnostic]:
    """Classes with methods that are called as those of HTTP, which some frameworks serve for that alone."""
    parents = {_last(h.name) for source in sources.values() for h in source.hooks if h.kind == "base"}
    for module, source in sources.items():
        bases = {hook.target for hook in source.hooks if hook.kind == "base" and _VIEW.search(hook.name)}
        for hook in source.hooks:
            if hook.kind != "verb" or hook.target in bases or _last(hook.target) in parents:
                continue
            if f"{module}.{hook.target}" not in served:
                message = f"{hook.target} has a method {hook.name}, but no endpoint is served by it"
                yield _note(source.path, hook.line, "unlisted-view", message)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


_RUNS = re.compile(
    r"(?:\.|_|^)(?:task|job|cron)$"
    r"|(?:\.|^)(?:actor|worker|flow|workflow|step|activity|every|schedule\w*|periodic\w*|agent|consumer|subscriber"
    r"|listener|function)(?:\.(?:task|defn))?$"
    r"|(?:Job|Task|Worker|Flow|Workflow|Consumer|Actor)(?:Base)?$"
)
_TASK = re.compile(r"(?:\.|_|^)(?:task|job)$")
"""Last names of what makes a definition a task: of a library of tasks, and of any."""


def _tasks(sources: Mapping[str, Source], listed: set[str], queues: frozenset[str]) -> Iterable[Diagnostic]:
    """What a library of tasks takes hold of that is not read."""
    for module, source in sources.items():
        for hook in source.hooks:
            names = _RUNS if known_as(hook.name) in CATALOGUE else _TASK
            known = hook.imported and known_as(hook.name) in queues and names.search(hook.name)
            if known and hook.kind in ("decorator", "base") and f"{module}.{hook.target}" not in listed:
                message = (
                    f"{hook.name}, which is not read, takes hold of {hook.target}: no task is listed for it"
                )
                yield _note(source.path, hook.line, "unlisted-task", message)


def _given(sources: Mapping[str, Source], listed: set[str], read: frozenset[str]) -> Iterable[Diagnostic]:
    """What calls are given beside a path; by its last name, since it may be imported under several."""
    known = {name.rpartition(".")[2] for name in listed}
    told: set[str] = set()
    for source in sources.values():
        for hook in source.hooks:
            home, _, last = hook.target.rpartition(".")
            if hook.kind != "call" or last in known or hook.target in told:
                continue
            if hook.name.endswith(".mount") and known_as(hook.name) in read:
                continue
            if not home or home in sources:  # from the file's package, or from a module of the tree
                told.add(hook.target)
                message = f"{last} is given to {hook.name} for {hook.path}, but no endpoint was found for it"
                yield _note(source.path, hook.line, "unlisted-handler", message)


def _classes(
    sources: Mapping[str, Source],
    lineages: Iterable[Lineage],
    served: set[str],
    mapped: set[str],
    stores: frozenset[str],
    read: frozenset[str],
) -> Iterable[Diagnostic]:
    for one in lineages:
        source = sources.get(one.module)
        dotted = f"{one.module}.{one.name}"
        if source is None or one.subclassed:
            continue
        views = [a for a in sorted(one.ancestors) if _VIEW.search(a) and not _NO_VIEW.search(a)]
        models = [a for a in sorted(one.ancestors) if _MODEL.search(a) and not _NO_MODEL.search(a)]
        if not models:
            models = [a for a in sorted(one.ancestors) if _ROW.search(a) and known_as(a) in stores]
        if not models and _MODELS.search(one.module) and not one.name.endswith("Mixin"):
            models = [a for a in sorted(one.ancestors) if _named(a) and known_as(a) not in read]
        if views and dotted not in served:
            message = f"{one.name} descends from {views[0]}, but no endpoint is served by it"
            yield _note(source.path, one.line, "unlisted-view", message)
        elif models and not one.mapped and mapped.isdisjoint((dotted, *one.parents)):
            message = f"{one.name} descends from {models[0]}, but no table is known for it"
            yield _note(source.path, one.line, "unlisted-model", message)


def _named(ancestor: str) -> bool:
    """Whether a library's class is one of models by its name alone."""
    return bool(_NAMED_MODEL.search(ancestor)) and not (
        _NO_MODEL.search(ancestor) or _NOT_NAMED.search(ancestor)
    )


def _functions(
    sources: Mapping[str, Source], takers: Iterable[Taker], served: set[str], listed: set[str]
) -> Iterable[Diagnostic]:
    for one in takers:
        source = sources.get(one.module)
        looks = one.whole or _VIEWS.search(one.module) or one.module in served
        if source is not None and looks and f"{one.module}.{one.name}" not in listed:
            message = f"{one.name} takes a request and no code calls it, but no endpoint is served by it"
            yield _note(source.path, one.line, "unlisted-view", message)


def _columns(sources: Mapping[str, Source], tables: Iterable[Table]) -> Iterable[Diagnostic]:
    production = {source.path for source in sources.values()}
    for table in tables:
        if table.model and not table.columns and table.path in production:
            message = f"no column of the table {table.name} was found: its keys are missing, too"
            yield _note(table.path, table.line, "unlisted-columns", message)


def _note(path: str, line: int, code: str, message: str) -> Diagnostic:
    return Diagnostic(file=path, line=line, code=code, severity="note", message=message)
