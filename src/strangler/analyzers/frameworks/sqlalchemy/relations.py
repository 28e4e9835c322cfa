"""Relationships: where they lead, in which direction, and what loads and deletes along them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.sqlalchemy.definitions import BackrefDefinition, ColumnDefinition
from strangler.analyzers.frameworks.sqlalchemy.expressions import Alias, ColumnReference
from strangler.analyzers.frameworks.sqlalchemy.naming import is_root
from strangler.analyzers.frameworks.sqlalchemy.tables import CoreTable, TableColumn
from strangler.analyzers.plugin import (
    Args,
    Class,
    Const,
    Entity,
    Function,
    Interpreter,
    Relation,
    RelationKind,
    Schema,
    Sequence,
    Value,
    text_of,
)

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.sqlalchemy.state import ClassMapping, State

_EAGER = {"joined", "subquery", "selectin", "immediate"}


@dataclass(eq=False)
class Relationship(Relation):
    """A relation with what SQLAlchemy adds to it."""

    lazy: str = "select"
    cascade: str = ""
    passive_deletes: bool = False
    view_only: bool = False
    many: bool = False


def build_relations(interp: Interpreter, state: State) -> None:
    """Resolve every relationship and add the reverse ones that ``backref`` declares."""
    by_name: dict[str, list[Class]] = {}
    for cls in state.mapped:
        by_name.setdefault(cls.name, []).append(cls)
    for cls in state.mapped:
        mapping = state.mappings[cls]
        if mapping.entity is None:
            continue
        for name in mapping.relations:
            relation = _resolve(interp, state, mapping, name, by_name)
            if relation is not None:
                mapping.entity.relations.setdefault(name, relation)
    for cls in state.mapped:
        mapping = state.mappings[cls]
        if mapping.entity is not None:
            for name in mapping.relations:
                made = mapping.entity.relations.get(name)
                if isinstance(made, Relationship):
                    _reverse(mapping, name, made)


def _resolve(
    interp: Interpreter, state: State, mapping: ClassMapping, name: str, by_name: dict[str, list[Class]]
) -> Relationship | None:
    definition, annotated = mapping.relations[name]
    entity = mapping.entity
    assert entity is not None
    args = definition.args
    target_class = _target(interp, mapping, args.get(0, "argument"), annotated, by_name)
    target = interp.state(Schema).of(target_class) if target_class is not None else None
    secondary = _secondary(interp, args.get(1, "secondary"), args, target_class)
    relation = Relationship(
        name=name,
        kind="many",
        target=target,
        through=secondary,
        through_entity=interp.state(Schema).by_table.get(secondary) if secondary else None,
        lazy=_lazy(args, definition.mode),
        cascade=args.text(None, "cascade") or ("all" if _is_true(args, "cascade_delete") else ""),
        passive_deletes=args.get(None, "passive_deletes") is not None,
        view_only=_is_true(args, "viewonly"),
    )
    single = args.get(None, "uselist")
    if secondary is None:
        relation.kind = _direction(state, mapping, name, target, args)
    is_list = name in mapping.lists
    relation.single = relation.kind == "forward" or (single is not None and single.truth() is False)
    if single is None and relation.kind == "reverse" and annotated and not is_list and not definition.mode:
        relation.single = "Mapped" in annotated or bool(annotated and not args.positional)
    _finish(relation, entity, target)
    return relation


def _finish(relation: Relationship, entity: Entity, target: Entity | None) -> None:
    relation.eager = relation.lazy in _EAGER
    relation.many = not relation.single
    if relation.kind == "forward" and target is not None:
        tables = {target.table, *(p.table for p in target.parents)}
        relation.column = next((f.column for f in entity.foreign_keys if f.table in tables), None)
    elif relation.kind == "reverse" and not relation.view_only:
        deletes = "delete" in relation.cascade or "all" in relation.cascade
        relation.on_delete = "CASCADE" if deletes else "SET_NULL"


def _lazy(args: Args, mode: str) -> str:
    if mode:
        return mode
    value = args.get(None, "lazy")
    if value is None:
        kwargs = args.get(None, "sa_relationship_kwargs")
        value = kwargs.items.get("lazy") if kwargs is not None and hasattr(kwargs, "items") else None
    if isinstance(value, Const):
        if value.value is None:
            return "noload"
        if isinstance(value.value, bool):
            return "select" if value.value else "joined"
        return str(value.value)
    return "select"


def _is_true(args: Args, name: str) -> bool:
    value = args.get(None, name)
    return value is not None and value.truth() is True


def _target(
    interp: Interpreter,
    mapping: ClassMapping,
    value: Value | None,
    annotated: list[str],
    by_name: dict[str, list[Class]],
) -> Class | None:
    if isinstance(value, Function):
        value = value.call(interp, Args(), interp.root_frame)
    for option in value.options() if value is not None else ():
        if isinstance(option, Class):
            return option
        if isinstance(option, Alias):
            return next((s for s in option.sources if isinstance(s, Class)), None)
        text = text_of(option)
        if text:
            return class_named(interp, mapping.cls, text, by_name)
    for name in reversed(annotated):
        found = class_named(interp, mapping.cls, name, by_name)
        if found is not None:
            return found
    return None


def class_named(interp: Interpreter, cls: Class, text: str, by_name: dict[str, list[Class]]) -> Class | None:
    """The mapped class that a string in a relationship means: ``Order`` or ``shop.models.Order``."""
    text = text.strip().strip("\"'")
    path, _, name = text.rpartition(".")
    options = by_name.get(name, [])
    if path:
        exact = [c for c in options if f".{c.module.name}".endswith(f".{path}")]
        options = exact or options
    if len(options) > 1:
        roots = {c for c in cls.mro() if is_root(c)}
        options = [c for c in options if roots & set(c.mro())] or options
        options = [c for c in options if c.module is cls.module] or options
    if options:
        return options[0]
    value = cls.module.env.get(name)
    return value if isinstance(value, Class) else None


def _secondary(interp: Interpreter, value: Value | None, args: Args, target: Class | None) -> str | None:
    if value is None:
        value = args.get(None, "link_model")
    if isinstance(value, Function):
        value = value.call(interp, Args(), interp.root_frame)
    for option in value.options() if value is not None else ():
        if isinstance(option, CoreTable):
            return option.full_name
        if isinstance(option, Class):
            entity = interp.state(Schema).of(option)
            return entity.table if entity is not None else None
        text = text_of(option)
        if text:
            if text in interp.state(Schema).by_table:
                return text
            matches = [t for t in interp.state(Schema).by_table if t.rpartition(".")[2] == text]
            if matches:
                return matches[0]
            named = [c for c in interp.state(Schema).by_class if c.name == text.partition(".")[0]]
            return interp.state(Schema).by_class[named[0]].table if named else text
    return None


def _direction(
    state: State, mapping: ClassMapping, name: str, target: Entity | None, args: Args
) -> RelationKind:
    entity = mapping.entity
    assert entity is not None
    if target is None:
        return "forward" if name not in mapping.lists else "reverse"
    mine = [entity, *_ancestors(entity)]
    theirs = [target, *_ancestors(target)]
    my_tables, their_tables = {e.table for e in mine}, {e.table for e in theirs}
    if my_tables & their_tables:
        return _within_one_table(state, mapping, name, entity, args)
    own = {f.column for e in mine for f in e.foreign_keys if f.table in their_tables}
    far = {f.column for e in theirs for f in e.foreign_keys if f.table in my_tables}
    named = _named_columns(state, args.get(None, "foreign_keys"))
    if named and own and far:
        if any(table in my_tables and column in own for table, column in named):
            return "forward"
        if any(table in their_tables for table, _ in named):
            return "reverse"
    if own and far:
        return "reverse" if name in mapping.lists or _is_true(args, "uselist") else "forward"
    if own:
        return "forward"
    if far:
        return "reverse"
    if named:
        return "forward" if any(t in my_tables for t, _ in named) else "reverse"
    return "reverse" if name in mapping.lists else "forward"


def _within_one_table(
    state: State, mapping: ClassMapping, name: str, entity: Entity, args: Args
) -> RelationKind:
    """A table that refers to itself: ``remote_side`` tells the direction, otherwise one to many."""
    remote = _named_columns(state, args.get(None, "remote_side"))
    if remote:
        keys = {f.column for f in entity.foreign_keys if f.table == entity.table}
        forward = all(column not in keys for _, column in remote)
        if _is_true(args, "uselist"):
            return "reverse"
        return "forward" if forward else "reverse"
    return "reverse"


def _named_columns(state: State, value: Value | None) -> set[tuple[str, str]]:
    """(table, column) of ``foreign_keys=`` or ``remote_side=``: objects, lists or strings."""
    found: set[tuple[str, str]] = set()
    for option in value.options() if value is not None else ():
        if isinstance(option, Sequence):
            for item in option.items:
                found |= _named_columns(state, item)
        elif isinstance(option, ColumnDefinition):
            found |= {(entity.table, name) for entity, name in state.owners.get(option, [])}
        elif isinstance(option, ColumnReference):
            mapping = state.mappings.get(option.cls)
            if mapping is not None and mapping.entity is not None:
                column = mapping.entity.columns.get(option.name)
                found.add((mapping.entity.table, column.name if column else option.name))
        elif isinstance(option, TableColumn) and isinstance(option.of, CoreTable):
            found.add((option.of.full_name, option.name))
        elif text_of(option):
            for owner, column_name in re.findall(r"(\w+)\.(?:c\.)?(\w+)", text_of(option) or ""):
                for cls, mapping in state.mappings.items():
                    entity = mapping.entity
                    if entity is not None and owner in (cls.name, entity.table):
                        known = entity.columns.get(column_name)
                        found.add((entity.table, known.name if known else column_name))
        elif isinstance(option, Function) and state.interpreter is not None:
            found |= _named_columns(
                state, option.call(state.interpreter, Args(), state.interpreter.root_frame)
            )
    return found


def _ancestors(entity: Entity) -> list[Entity]:
    return [a for parent in entity.parents for a in (parent, *_ancestors(parent))]


def _reverse(mapping: ClassMapping, name: str, relation: Relationship) -> None:
    """The attribute that ``backref=`` gives to the target."""
    definition, _ = mapping.relations[name]
    value = definition.args.get(None, "backref")
    target, entity = relation.target, mapping.entity
    if value is None or target is None or entity is None:
        return
    given = value.args if isinstance(value, BackrefDefinition) else Args([value])
    reverse_name = given.text(0, "name")
    if not reverse_name or reverse_name in target.relations:
        return
    kinds: dict[RelationKind, RelationKind] = {"forward": "reverse", "reverse": "forward"}
    uselist = given.get(None, "uselist")
    made = Relationship(
        name=reverse_name,
        kind=kinds.get(relation.kind, relation.kind),
        target=entity,
        through=relation.through,
        through_entity=relation.through_entity,
        lazy=_lazy(given, ""),
        cascade=given.text(None, "cascade") or "",
        passive_deletes=given.get(None, "passive_deletes") is not None,
        view_only=relation.view_only or _is_true(given, "viewonly"),
    )
    made.single = made.kind == "forward" or (uselist is not None and uselist.truth() is False)
    if mapping.single and mapping.cls is not None:
        made.target = entity
    _finish(made, target, entity)
    target.relations[reverse_name] = made
