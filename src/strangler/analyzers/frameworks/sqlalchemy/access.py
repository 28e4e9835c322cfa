"""Accesses noted: from the sources of a statement to tables, with what the mapping adds to them."""

from __future__ import annotations

from collections.abc import Iterable

from strangler.analyzers.frameworks.sql import resolve_table
from strangler.analyzers.frameworks.sqlalchemy.expressions import Maybe, Unresolved, sources_of
from strangler.analyzers.frameworks.sqlalchemy.relations import Relationship
from strangler.analyzers.frameworks.sqlalchemy.state import State, state_of
from strangler.analyzers.frameworks.sqlalchemy.tables import CoreTable
from strangler.analyzers.plugin import Class, Entity, Frame, Interpreter, Schema
from strangler.model.base import Certainty
from strangler.model.system import Operation

DEEPEST_EAGER = 5


def place_of(frame: Frame) -> Frame:
    """The place where a frame stands now, to be noted later."""

    place = Frame(frame.module, frame.function, {}, None)
    place.line = frame.line
    place.region = frame.region
    return place


def note(
    interp: Interpreter, frame: Frame, source: object, operation: Operation, via: str, certainty: Certainty
) -> None:
    """Note that a source (class, entity, table, name) is read or written at the frame's line."""
    if isinstance(source, Maybe):
        source, certainty = source.of, "possible"
    if interp.booting:
        state_of(interp).pending.append((place_of(frame), source, operation, via, certainty))
        return
    if isinstance(source, Unresolved):
        interp.log.unresolved_access(frame, "a statement on a table that is chosen at run time")
        return
    for target in tables_of_source(interp, source):
        interp.log.access(frame, target, operation, via, certainty)


def tables_of_source(interp: Interpreter, source: object) -> list[Entity | str]:
    """The tables that a source stands for: its own and those of its parents by inheritance."""
    if isinstance(source, Maybe):
        source = source.of
    if isinstance(source, Class):
        entity = interp.state(Schema).of(source)
        return [entity, *ancestors(entity)] if entity is not None else []
    if isinstance(source, Entity):
        return [source]
    if isinstance(source, CoreTable):
        source = source.full_name
    if isinstance(source, str):
        name = resolve_table(interp.state(Schema), source)
        return [interp.state(Schema).by_table.get(name, name)]
    return []


def ancestors(entity: Entity) -> list[Entity]:
    """The entities whose tables are joined to it by inheritance."""
    return [a for parent in entity.parents for a in (parent, *ancestors(parent))]


def read(
    interp: Interpreter,
    frame: Frame,
    sources: Iterable[object],
    loaded: Iterable[Class] = (),
    certainty: Certainty = "certain",
    via: str = "orm",
    without: frozenset[str] = frozenset(),
) -> None:
    """Note reads of sources; ``loaded`` classes are loaded as entities, with all that comes along."""
    for source in sources:
        note(interp, frame, source, "read", "core" if isinstance(source, CoreTable) else via, certainty)
    for cls in loaded:
        read_along(interp, frame, cls, certainty, without)


def read_along(
    interp: Interpreter, frame: Frame, cls: Class, certainty: Certainty, without: frozenset[str] = frozenset()
) -> None:
    """What loading an entity reads beside its own table: eager relations, column properties.

    ``without`` names relations that the query does not load, ``*`` all of them.
    """
    if not interp.booting:
        for source, via in along(interp, cls, without):
            note(interp, frame, source, "read", via, certainty)


def along(interp: Interpreter, cls: Class, without: frozenset[str] = frozenset()) -> list[tuple[object, str]]:
    """(source, via) of everything that is loaded together with an entity."""
    entity = interp.state(Schema).of(cls)
    found: list[tuple[object, str]] = []
    if entity is not None:
        _along(interp, entity, found, {entity}, without)
    return found


def _along(
    interp: Interpreter,
    entity: Entity,
    found: list[tuple[object, str]],
    seen: set[Entity],
    without: frozenset[str] = frozenset(),
) -> None:
    for far in state_of(interp).with_subclasses.get(entity, ()):
        found.append((far, "inheritance"))
    for part in (entity, *ancestors(entity)):
        found += [(source, "property") for source in property_sources(interp, part)]
        for relation in part.relations.values():
            if not relation.eager or relation.name in without or "*" in without:
                continue
            found += [(source, "eager") for source in relation_sources(relation)]
            if relation.target is not None and relation.target not in seen and len(seen) <= DEEPEST_EAGER:
                seen.add(relation.target)
                _along(interp, relation.target, found, seen)


def property_sources(interp: Interpreter, entity: Entity) -> list[object]:
    """The tables that the entity's column properties select from when it is loaded."""
    mapping = state_of(interp).mappings.get(entity.cls) if entity.cls is not None else None
    found: list[object] = []
    for definition in mapping.properties.values() if mapping is not None else ():
        late = definition.args.get(None, "deferred")
        if late is None or late.truth() is not True:
            found += [s for s in sources_of(definition.args.all()) if s is not entity.cls]
    return found


def read_relation(
    interp: Interpreter, frame: Frame, relation: object, certainty: Certainty, via: str = "relation"
) -> None:
    """Note what loading a relation reads: the far tables, and the association table."""
    for source in relation_sources(relation):
        note(interp, frame, source, "read", via, certainty)


def relation_sources(relation: object) -> list[object]:
    """The far tables of a relation, and its association table."""
    if not isinstance(relation, Relationship) or relation.lazy == "noload":
        return []
    found: list[object] = [relation.through] if relation.through is not None else []
    if relation.target is not None:
        found += [relation.target, *ancestors(relation.target)]
    elif relation.target_table is not None:
        found.append(relation.target_table)
    return found


def write(
    interp: Interpreter, frame: Frame, source: object, certainty: Certainty = "certain", via: str = "orm"
) -> None:
    """Note a write of a source and, for a class, of the tables that it inherits."""
    note(interp, frame, source, "write", "core" if isinstance(source, CoreTable) else via, certainty)


def flush_pending(interp: Interpreter, state: State) -> None:
    """Note what module-level code did before the schema was known."""
    pending, state.pending = state.pending, []
    for frame, source, operation, via, certainty in pending:
        note(interp, frame, source, operation, via, certainty)
