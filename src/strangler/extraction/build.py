"""From a context to a folder that runs: the modules it needs, cut loose from those that stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strangler.extraction.closure import Closure
from strangler.extraction.conventions import Conventions
from strangler.extraction.conventions.django import Django
from strangler.extraction.conventions.flask import Flask
from strangler.extraction.conventions.tables import Tables
from strangler.extraction.cutting import cut
from strangler.extraction.others import others as beside
from strangler.extraction.reader import Reader
from strangler.extraction.uses import Place, Registration
from strangler.extraction.values import Change, Need, Service, Size
from strangler.model import BoundedContext, Endpoint, Model, Module
from strangler.plans.view import View
from strangler.sources import SourceTree


def extract(
    model: Model, context: BoundedContext, tree: SourceTree, others: Iterable[str]
) -> tuple[Service, dict[str, bytes]]:
    """A context as a deployment of its own.

    It is the second deployment of the first stages of a plan, cut down: the code that the context needs runs
    unchanged on the monolith's database, and routes of others keep their names and answer 421.

    Args:
        model: the monolith.
        context: what leaves.
        tree: the files that the model was made of.
        others: paths of the files of the tree that are no modules.

    Returns:
        What the service is, and its files by path.
    """
    view = View(model, context)
    reader = Reader(model, tree)
    conventions: tuple[Conventions, ...] = (Tables(view, reader), Django(view, reader), Flask(view, reader))
    closure = Closure(view, reader, conventions)
    held = frozenset(closure.needs)
    files: dict[str, bytes] = {}
    changes: list[Change] = []
    notes = [
        f"{module} has routes that leave, and nothing that starts leads to it: see how the monolith loads it"
        for module in closure.unreached
    ]
    substituted: list[Conventions] = []
    for module in sorted(held):
        source = reader.source(module)
        if source is None:
            notes.append(f"{reader.modules[module].path} cannot be read: copy it by hand")
            continue
        gone = [item for item in closure.registered(module) if item.target not in held]
        places = [place for item in gone for place in item.places]
        further = [place for item in conventions for place in item.cuts(module, held)]
        wants = _substitutes(conventions, module) if any(place.instead for place in places) else []
        substituted += wants
        if places or further:
            imports = tuple(statement for item in wants for statement in item.imports())
            files[source.path] = cut(source, [*places, *further], imports)
            changes += _changes(source.path, gone, further)
        else:
            files[source.path] = source.data
    copied = dict(beside(view, reader, files, others))
    for item in dict.fromkeys(substituted):
        files |= item.runtime(held)
    production = [item for item in model.modules if view.production(item.name)]
    service = Service(
        context=context.name,
        revision=model.monolith.revision,
        endpoints=tuple(_name(item) for item in view.endpoints),
        guests=tuple(sorted({_name(item) for item in _guests(view, held)})),
        needs=tuple(
            Need(
                module=name,
                file=reader.modules[name].path,
                lines=reader.modules[name].lines,
                context=view.context_of.get(name, ""),
                because=reason.because,
                by=reason.by,
                line=reason.line,
            )
            for name, reason in sorted(closure.needs.items())
        ),
        files=tuple(sorted(copied)),
        changes=tuple(sorted(set(changes))),
        size=_size(item for item in production if item.name in held),
        monolith=_size(production),
        notes=tuple(notes),
    )
    return service, files | copied


def _substitutes(conventions: tuple[Conventions, ...], module: str) -> list[Conventions]:
    return [item for item in conventions if item.substitute(module) is not None][:1]


def _changes(path: str, gone: Iterable[Registration], further: Iterable[Place]) -> Iterator[Change]:
    for item in gone:
        for place in item.places:
            verb = "answers elsewhere" if place.instead is not None else "taken out"
            yield Change(file=path, line=place.line, what=f"{verb}: {item.target}")
    for place in further:
        yield Change(file=path, line=place.line, what="taken out: names what was left behind")


def _guests(view: View, held: frozenset[str]) -> Iterator[Endpoint]:
    for item in view.model.endpoints:
        module = view.home(item.handler)
        if module in held and module not in view.inside:
            yield item


def _name(endpoint: Endpoint) -> str:
    methods = ", ".join(endpoint.methods or ()) or "any method"
    return f"{methods} {endpoint.path}"


def _size(modules: Iterable[Module]) -> Size:
    rows = list(modules)
    return Size(modules=len(rows), lines=sum(item.lines for item in rows))
