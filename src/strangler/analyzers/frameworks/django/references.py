"""Which entity a model reference means: a class, ``app_label.Model``, ``self``, or a library's model."""

from __future__ import annotations

from strangler.analyzers.frameworks.django.apps import Registry
from strangler.analyzers.frameworks.django.columns import library_columns
from strangler.analyzers.frameworks.django.library import (
    MODEL,
    MODELS,
    LibraryField,
    library_table,
    reference_of,
)
from strangler.analyzers.plugin import (
    Class,
    Const,
    Deferred,
    Entity,
    External,
    Function,
    Interpreter,
    Object,
    Relation,
    Schema,
    Value,
)
from strangler.model import Column, ForeignKey


class References:
    """The models of a program and its libraries under the names by which relations find them."""

    def __init__(self, interp: Interpreter, registry: Registry, user: str) -> None:
        self.interp = interp
        self.registry = registry
        self.user = user
        self.by_reference: dict[str, Entity] = {}
        self.by_name: dict[str, list[Entity]] = {}
        self.library: dict[str, Entity] = {}
        self.library_names: dict[Entity, str] = {}
        self.labels: dict[Class, str] = {}

    def library_entity(self, reference: str) -> Entity:
        """The entity of a library's model, by ``app_label.Model``."""
        key = reference.lower()
        entity = self.library.get(key)
        if entity is None:
            entity = Entity(None, library_table(reference), "django", "", 0, first_party=False)
            self.library[key] = entity
            self.library_names[entity] = key.rpartition(".")[2]
            self.interp.state(Schema).by_table.setdefault(entity.table, entity)
            for dotted, known in MODELS.items():
                if known.table == entity.table:
                    self.interp.state(Schema).by_external[dotted] = entity
                    for field in known.fields:
                        self._library_relation(entity, field, entity.table)
                    self._library_columns(entity, dotted)
        return entity

    def library_model(self, dotted: str) -> Entity | None:
        """The entity of a library's model known by its place alone; its table by Django's own rule."""
        entity = self.interp.state(Schema).by_external.get(dotted)
        reference = reference_of(dotted)
        if entity is None and reference is not None:
            entity = self.interp.state(Schema).by_external[dotted] = self.library_entity(reference)
            self.interp.knowledge.inherit(dotted, MODEL)
        return entity

    @staticmethod
    def _library_columns(entity: Entity, dotted: str) -> None:
        known = library_columns(dotted)
        if known and not any(column.primary_key for column in known):
            entity.columns = {
                "id": Column(name="id", type="AutoField", primary_key=True),
                **entity.columns,
            }
        entity.columns.update({column.name: column for column in known})

    def _library_relation(self, entity: Entity, field: LibraryField, table: str) -> None:
        if field.target is None:
            return
        target = self.resolve(self.user if field.target == "auth.User" else field.target, None)
        if field.kind == "m2m":
            through = field.through or f"{table}_{field.name}"
            entity.relations[field.name] = Relation(field.name, "many", target, through=through)
            back = field.related_name or f"{self.library_names[entity]}_set"
            if target is not None and not back.endswith("+"):
                target.relations.setdefault(back, Relation(back, "many", entity, through=through))
        else:
            column = f"{field.name}_id"
            entity.relations[field.name] = Relation(field.name, "forward", target, single=True, column=column)
            if target is not None:
                entity.foreign_keys.append(ForeignKey(column=column, table=target.table))
                entity.columns[column] = Column(name=column, type="ForeignKey")

    def target(self, value: Value | None, cls: Class) -> Entity | None:
        """The entity that a relation field of a class points at."""
        if isinstance(value, Deferred):
            value = value.now(self.interp)
        for option in value.options() if value is not None else ():
            if isinstance(option, Class):
                entity = self.interp.state(Schema).of(option)
                if entity is not None:
                    return entity
                found = self.by_name.get(option.name.lower(), [])
                if len(found) == 1:
                    return found[0]
            elif isinstance(option, Const) and isinstance(option.value, str):
                if option.value == "self":
                    return self.interp.state(Schema).by_class.get(cls)
                # Django refuses a reference to its own user model where another one is in its place.
                return self.resolve(self.user if option.value == "auth.User" else option.value, cls)
            elif isinstance(option, External):
                reference = reference_of(option.name)
                if reference is not None:
                    return self.resolve(reference, cls)
            elif isinstance(option, (Function, Object)):
                continue
        return None

    def name_of(self, value: Value | None, cls: Class, target: Entity) -> str:
        """The model's name, in lower case, by which columns that point at it are called: a proxy's own."""
        if isinstance(value, Deferred):
            value = value.now(self.interp)
        for option in value.options() if value is not None else ():
            if isinstance(option, Class):
                return option.name.lower()
            if isinstance(option, Const) and isinstance(option.value, str) and option.value != "self":
                return option.value.rpartition(".")[2].lower()
        if target.cls is not None:
            return target.cls.name.lower()
        return self.library_names.get(target, target.table.rpartition("_")[2])

    def resolve(self, reference: str, cls: Class | None) -> Entity | None:
        """``app_label.Model`` or ``Model`` as seen from a class."""
        key = reference.lower()
        if "." in reference:
            if key in self.by_reference:
                return self.by_reference[key]
            label, _, name = key.rpartition(".")
            labels = set(self.labels.values())
            if label in labels or "." in label:
                # a label that names a first-party app, or a dotted path to the class
                for entity in self.by_name.get(name, []):
                    if (
                        "." in label
                        and entity.cls is not None
                        and entity.cls.module.name.lower().startswith(label)
                    ):
                        return entity
                return None
            chosen = self.registry.in_its_place(self.interp, reference)
            return self.resolve(chosen, cls) if chosen is not None else self.library_entity(reference)
        if cls is not None:
            for parent in cls.mro():
                label = self.labels.get(parent) or self.registry.label(self.interp, parent) or ""
                if f"{label}.{key}".lower() in self.by_reference:
                    return self.by_reference[f"{label}.{key}".lower()]
        found = self.by_name.get(key, [])
        return found[0] if len(found) == 1 else None
