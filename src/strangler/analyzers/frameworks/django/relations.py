"""What a relation field makes: columns, foreign keys, association tables, and the ways there and back."""

from __future__ import annotations

from strangler.analyzers.frameworks.django import table_names
from strangler.analyzers.frameworks.django.apps import meta
from strangler.analyzers.frameworks.django.fields import FieldSpec, line_of, name_of
from strangler.analyzers.frameworks.django.references import References
from strangler.analyzers.frameworks.django.through import Betweens, between
from strangler.analyzers.plugin import (
    Args,
    Class,
    Const,
    Entity,
    Interpreter,
    Object,
    Relation,
    Schema,
    column_details,
    stated_name,
    tell_doubt,
)
from strangler.model import Column, ForeignKey


class Relations:
    """Adds the relations of models to their entities; keeps those whose target cannot be told."""

    def __init__(self, interp: Interpreter, references: References) -> None:
        self.interp = interp
        self.references = references
        self.unresolved: list[tuple[str, int, str]] = []
        self.resolved = 0

    def add(self, entity: Entity, cls: Class, label: str, spec: FieldSpec, is_key: bool) -> None:
        """A foreign key, one-to-one or many-to-many field, with the way back."""
        target_value = spec.args.get(0, "to")
        target = self.references.target(target_value, cls)
        if target is None:
            what = f"{cls.name}.{spec.name}: its target cannot be told"
            self.unresolved.append((cls.module.facts.path, line_of(spec.field, cls), what))
            return
        self.resolved += 1
        column = spec.text(None, "db_column") or f"{spec.name}_id"
        if spec.kind == "m2m":
            self._many(entity, cls, label, spec, target)
            return
        on_delete = name_of(spec.args.get(1, "on_delete"))
        to = spec.text(None, "to_field") or ""
        entity.foreign_keys.append(ForeignKey(column=column, table=target.table, to=to, on_delete=on_delete))
        null = spec.args.get(None, "null")
        entity.columns[f"{spec.name}_id"] = Column(
            name=column,
            type="ForeignKey" if spec.kind == "fk" else "OneToOneField",
            nullable=isinstance(null, Const) and null.value is True,
            primary_key=is_key,
            unique=spec.kind == "one",
            meaning=column_details(Args(keywords=spec.args.keywords)).get("meaning", ""),
        )
        if is_key:
            entity.primary_key = spec.name
        entity.relations[spec.name] = Relation(
            spec.name, "forward", target, target.table, True, f"{spec.name}_id"
        )
        reverse = self._related_name(spec, cls, label)
        if reverse is not None:
            one = spec.kind == "one"
            name = reverse or (cls.name.lower() if one else f"{cls.name.lower()}_set")
            query = self._query_name(spec, cls, label) or reverse or cls.name.lower()
            target.relations.setdefault(
                name,
                Relation(
                    name,
                    "reverse",
                    entity,
                    entity.table,
                    one,
                    on_delete=on_delete,
                    query_name=query,
                    column=f"{spec.name}_id",
                ),
            )
        else:  # no way back in Python, but a deletion still follows it
            hidden = f"+{entity.table}.{spec.name}"
            target.relations[hidden] = Relation(
                hidden, "reverse", entity, entity.table, spec.kind == "one", on_delete=on_delete
            )

    def _many(self, entity: Entity, cls: Class, label: str, spec: FieldSpec, target: Entity) -> None:
        through_value = spec.args.get(None, "through")
        through_entity = None
        if through_value is not None and not (
            isinstance(through_value, Const) and through_value.value is None
        ):
            through_entity = self.references.target(through_value, cls)
        if through_entity is not None:
            through = through_entity.table
        else:
            through = self._association_name(entity, cls, spec)
            far = self.references.name_of(spec.args.get(0, "to"), cls, target)
            self._association(entity, cls, through, target, spec, far)
        forward = Relation(
            spec.name, "many", target, target.table, through=through, through_entity=through_entity
        )
        entity.relations[spec.name] = forward
        reverse = self._related_name(spec, cls, label)
        symmetrical = target is entity
        if reverse is not None and not symmetrical:
            name = reverse or f"{cls.name.lower()}_set"
            query = self._query_name(spec, cls, label) or reverse or cls.name.lower()
            target.relations.setdefault(
                name,
                Relation(
                    name,
                    "many",
                    entity,
                    entity.table,
                    through=through,
                    through_entity=through_entity,
                    query_name=query,
                ),
            )
        elif reverse is None:
            hidden = f"+{entity.table}.{spec.name}"
            target.relations[hidden] = Relation(
                hidden, "many", entity, entity.table, through=through, through_entity=through_entity
            )

    def _association_name(self, entity: Entity, cls: Class, spec: FieldSpec) -> str:
        settings, line = self.references.registry.settings, line_of(spec.field, cls)
        stated = stated_name(spec.args.get(None, "db_table"))
        tell_doubt(self.interp, cls.module, line, f"{cls.name}.{spec.name}", stated)
        if stated.text:
            return table_names.stated(self.interp, settings, stated.text, cls, line)
        return table_names.made(self.interp, settings, f"{entity.table}_{spec.name}", cls, line)

    def _association(
        self, entity: Entity, cls: Class, through: str, target: Entity, spec: FieldSpec, far: str
    ) -> None:
        near = cls.name.lower()
        if target is entity:
            near, far = f"from_{near}", f"to_{far}"
        path, line = cls.module.facts.path, line_of(spec.field, cls)
        table = Entity(None, through, "django", path, line)
        table.foreign_keys = [
            ForeignKey(column=f"{near}_id", table=entity.table, on_delete="CASCADE"),
            ForeignKey(column=f"{far}_id", table=target.table, on_delete="CASCADE"),
        ]
        table.columns = {
            "id": Column(name="id", type="AutoField", primary_key=True),
            f"{near}_id": Column(name=f"{near}_id", type="ForeignKey"),
            f"{far}_id": Column(name=f"{far}_id", type="ForeignKey"),
        }
        for name, end in ((near, entity), (far, target)):
            table.relations[name] = Relation(
                name, "forward", end, end.table, single=True, column=f"{name}_id"
            )
        schema, made = self.interp.state(Schema), between(self.interp, cls, spec.name)
        schema.add(table)
        schema.alias(made, schema.by_table[through])
        self.interp.state(Betweens).by_table.setdefault(through, made)

    def add_generic(self, entity: Entity, name: str, args: Args, owner: Class) -> None:
        """A generic relation."""
        target = self.references.target(args.get(0, "to"), owner)
        if target is not None:
            entity.relations[name] = Relation(name, "generic", target, target.table, on_delete="CASCADE")

    def add_tags(self, entity: Entity, name: str, args: Args, owner: Class) -> None:
        """A manager of tags, through its own model where it has one."""
        through_value = args.get(None, "through")
        through = self.references.target(through_value, owner) if through_value is not None else None
        table = through.table if through is not None else "taggit_taggeditem"
        tag = through.cls.find("tag") if through is not None and through.cls is not None else None
        own = None
        if tag is not None and isinstance(tag[0], Object):
            own = self.references.target(tag[0].arg(0, "to"), tag[1])
        target = own or self.references.library_entity("taggit.Tag")
        entity.relations[name] = Relation(
            name,
            "many",
            target,
            target.table,
            through=table,
            through_entity=through,
            on_delete="CASCADE",
        )

    def _related_name(self, spec: FieldSpec, cls: Class, label: str) -> str | None:
        """The name of the way back: "" for the default, None where there is none."""
        name = spec.text(None, "related_name")
        if name is None:
            inner = meta(cls).get("default_related_name")
            name = inner.value if isinstance(inner, Const) and isinstance(inner.value, str) else ""
        return None if name.endswith("+") else _filled(name, cls, label)

    @staticmethod
    def _query_name(spec: FieldSpec, cls: Class, label: str) -> str:
        return _filled(spec.text(None, "related_query_name") or "", cls, label)


def _filled(name: str, cls: Class, label: str) -> str:
    """A name with the placeholders of an abstract parent filled in."""
    return (
        name.replace("%(class)s", cls.name.lower())
        .replace("%(app_label)s", label.lower())
        .replace("%(model_name)s", cls.name.lower())
    )
