"""Django models: tables, columns, foreign keys and the relations between entities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.columns import details
from strangler.analyzers.django.apps import Registry, is_abstract, is_model, meta
from strangler.analyzers.django.library import (
    FOREIGN_KEYS,
    MODEL,
    MODELS,
    TABLES,
    LibraryField,
    library_table,
    reference_of,
)
from strangler.analyzers.python.values import (
    UNKNOWN,
    Args,
    Class,
    Const,
    Deferred,
    External,
    Function,
    Generic,
    Object,
    Text,
    Value,
    class_options,
)
from strangler.analyzers.schema import Entity, Relation
from strangler.model import Column, ForeignKey

if TYPE_CHECKING:
    from strangler.analyzers.django.settings import Settings
    from strangler.analyzers.python.interpreter import Interpreter


_NO_MODELS = (
    "django.",
    "rest_framework",
    "factory",
    "django_filters",
    "graphene",
    "haystack",
    "import_export",
)
"""Libraries whose classes may carry model fields without being models."""


class FieldSpec:
    """A relation field of a model: what it points at and how."""

    __slots__ = ("args", "field", "kind", "name", "owner")

    def __init__(self, name: str, kind: str, args: Args, owner: Class, field: Value | LibraryField) -> None:
        self.name = name
        self.kind = kind
        self.args = args
        self.owner = owner
        self.field = field

    def text(self, index: int | None, name: str) -> str | None:
        """A string argument."""
        return self.args.text(index, name)


def field_kind(ip: Interpreter, value: Value) -> str | None:
    """fk, one, m2m, generic, ... for a relation, "column" for any other model field, None for no field."""
    if not isinstance(value, Object):
        return None
    lineage = ip.lineage(value)
    for name in lineage:
        if name in FOREIGN_KEYS:
            return FOREIGN_KEYS[name]
    for name in lineage:
        last = name.rpartition(".")[2]
        if last.endswith("Field") and not name.startswith(
            ("django.forms", "rest_framework", "graphene", "wtforms")
        ):
            return "column"
    return None


def field_args(value: Object) -> Args:
    """The arguments that reach the library's field, also through a subclass's ``__init__``."""
    base = value.attrs.get("super().__init__")
    own = value.args or Args()
    if isinstance(base, Object) and base.args is not None:
        return Args(base.args.positional or own.positional, {**own.keywords, **base.args.keywords})
    return own


class SchemaBuilder:
    """Builds the entities of all Django models of a program."""

    def __init__(self, ip: Interpreter, registry: Registry, settings: Settings) -> None:
        self.ip = ip
        self.registry = registry
        self.settings = settings
        self.user = settings.text(ip, "AUTH_USER_MODEL") or "auth.User"
        self.by_reference: dict[str, Entity] = {}
        self.by_name: dict[str, list[Entity]] = {}
        self.library: dict[str, Entity] = {}
        self.library_names: dict[Entity, str] = {}
        self.labels: dict[Class, str] = {}
        self.unresolved: list[tuple[str, int, str]] = []
        self.resolved = 0

    def build(self) -> None:
        """Fill ``ip.schema``."""
        models = [cls for cls in self.ip.classes if self._is_model(cls)]
        concrete: list[tuple[Class, str]] = []
        for cls in models:
            if is_abstract(cls):
                continue
            label = self.registry.label(self.ip, cls)
            if label is None:
                self.ip.fail(
                    cls.module,
                    cls.line,
                    "model-not-installed",
                    f"{cls.name}: its app is not in INSTALLED_APPS",
                )
                continue
            if self._swapped(cls, label):
                continue
            self.labels[cls] = label
            concrete.append((cls, label))
        for cls, label in concrete:
            self._entity(cls, label)
        for reference in TABLES:
            self._library_entity(reference)
        for dotted, known in MODELS.items():
            if known.table is not None:
                self._library_entity(reference_of(dotted) or dotted)
        for cls in self.ip.classes:
            self._settings_store(cls)
        for cls, label in concrete:
            self._inherit(cls, label)
        for cls, label in concrete:
            entity = self.ip.schema.by_class.get(cls)
            if entity is not None and cls not in self.ip.schema.shadows:
                self._fields(entity, cls, label)

    def _is_model(self, cls: Class) -> bool:
        if is_model(self.ip, cls):
            return True
        ancestors = cls.ancestors(self.ip)
        unknown = [
            a for a in ancestors if a not in MODELS and not a.startswith(("builtins.", "typing.", "abc."))
        ]
        if not unknown or any(a.startswith(_NO_MODELS) for a in ancestors):
            return False
        if any(is_model(self.ip, parent) for parent in cls.mro()[1:]):
            cls.roots = ancestors | {MODEL}  # it inherits from a class that was recognised by its fields
            return True
        for value in cls.namespace.values():
            if isinstance(value, Object):
                for name in self.ip.lineage(value):
                    if name.startswith("django.db.models.") and name.endswith(("Field", "ForeignKey")):
                        cls.roots = ancestors | {
                            MODEL
                        }  # an unknown library's base, but model fields of Django's
                        return True
        return False

    def _swapped(self, cls: Class, label: str) -> bool:
        option = meta(cls).get("swappable")
        if isinstance(option, Const) and isinstance(option.value, str):
            chosen = self.settings.text(self.ip, option.value)
            return chosen is not None and chosen.lower() != f"{label}.{cls.name}".lower()
        return False

    # -- entities --------------------------------------------------------------------------------

    def _entity(self, cls: Class, label: str) -> None:
        options = meta(cls)
        proxy = options.get("proxy")
        own = cls.namespace.get("Meta")
        if isinstance(own, Class):
            proxy = own.namespace.get("proxy")
        if isinstance(proxy, Const) and proxy.value is True:
            return
        table = self._table_name(cls, label)
        entity = Entity(cls, table, "django", cls.module.facts.path, cls.line)
        self.ip.schema.add(entity)
        self.by_reference.setdefault(f"{label}.{cls.name}".lower(), entity)
        self.by_name.setdefault(cls.name.lower(), []).append(entity)

    def _settings_store(self, cls: Class) -> None:
        """hierarkey: a decorated class gets a table of settings beside its own."""
        for decorator in cls.decorators:
            kind = (
                decorator.cls.name
                if isinstance(decorator, Object) and isinstance(decorator.cls, External)
                else ""
            )
            if not kind.startswith("hierarkey.models.Hierarkey."):
                continue
            label = self.registry.label(self.ip, cls)
            if label is None:
                continue
            name = f"{cls.name}_SettingsStore"
            store = Class(cls.module, name, name, cls.line, cls.line)
            entity = Entity(store, f"{label}_{name.lower()}", "django", cls.module.facts.path, cls.line)
            for column, sort in (("id", "AutoField"), ("key", "CharField"), ("value", "TextField")):
                entity.columns[column] = Column(name=column, type=sort, primary_key=column == "id")
            owner = self.ip.schema.by_class.get(cls)
            if owner is not None and kind.endswith(".add"):
                entity.foreign_keys.append(
                    ForeignKey(column="object_id", table=owner.table, on_delete="CASCADE")
                )
            self.ip.schema.add(entity)

    def _table_name(self, cls: Class, label: str) -> str:
        value = meta(cls).get("db_table")
        if isinstance(value, Const) and isinstance(value.value, str):
            return value.value.strip('"').replace('"."', ".")
        if isinstance(value, Text) and any(value.parts):
            return "".join(part or "?" for part in value.parts)
        return f"{label}_{cls.name.lower()}"

    def _inherit(self, cls: Class, label: str) -> None:
        schema = self.ip.schema
        entity = schema.by_class.get(cls)
        if entity is None:  # a proxy: the table of the class that it stands for
            for parent in cls.mro()[1:]:
                if parent in schema.by_class:
                    schema.alias(cls, schema.by_class[parent])
                    self.by_reference.setdefault(f"{label}.{cls.name}".lower(), schema.by_class[parent])
                    self.by_name.setdefault(cls.name.lower(), []).append(schema.by_class[parent])
                    break
            else:
                for name in self._external_bases(cls):
                    known = MODELS.get(name)
                    if known is not None and known.table is not None:
                        schema.alias(cls, self._library_entity(reference_of(name) or name))
            return
        for base in cls.bases:
            for origin in class_options(base):
                for ancestor in origin.mro():
                    mapped = schema.by_class.get(ancestor)
                    if mapped is not None:
                        if mapped not in entity.parents:
                            self._pointer(entity, mapped, mapped.table, ancestor.name)
                        break
                    if not is_abstract(ancestor) and is_model(self.ip, ancestor):
                        break
        inherited = {a for parent in entity.parents if parent.cls for a in parent.cls.ancestors(self.ip)}
        for library in self._external_bases(cls):
            known = MODELS.get(library)
            if known is not None and known.table is not None and library not in inherited:
                name = "Page" if known.table == "wagtailcore_page" else library.rpartition(".")[2]
                reference = "wagtailcore.Page" if name == "Page" else reference_of(library) or library
                self._pointer(entity, self._library_entity(reference), known.table, name)

    def _external_bases(self, cls: Class) -> Iterator[str]:
        seen: set[str] = set()
        for parent in cls.mro():
            for base in parent.bases:
                for option in base.options():
                    if isinstance(option, External) and option.name not in seen:
                        seen.add(option.name)
                        yield option.name
            if parent is not cls and parent in self.ip.schema.by_class:
                break

    def _pointer(self, entity: Entity, parent: Entity, table: str, name: str) -> None:
        column = f"{name.lower()}_ptr"
        declared = self._declared_pointer(entity, parent)
        entity.parents.append(parent)
        if declared is None:
            entity.foreign_keys.append(ForeignKey(column=f"{column}_id", table=table, on_delete="CASCADE"))
            entity.columns[f"{column}_id"] = Column(
                name=f"{column}_id", type="OneToOneField", primary_key=True
            )
            entity.primary_key = f"{column}_id"
        entity.relations[declared or column] = Relation(
            declared or column,
            "forward",
            parent,
            table,
            True,
            f"{declared or column}_id",
            on_delete="CASCADE",
        )
        if entity.cls is not None:
            child = entity.cls.name.lower()
            parent.relations.setdefault(
                child, Relation(child, "reverse", entity, entity.table, True, on_delete="CASCADE")
            )

    def _declared_pointer(self, entity: Entity, parent: Entity) -> str | None:
        if entity.cls is None:
            return None
        for name, value in entity.cls.namespace.items():
            if field_kind(self.ip, value) == "one" and isinstance(value, Object):
                link = field_args(value).get(None, "parent_link")
                if isinstance(link, Const) and link.value is True:
                    return name
        return None

    def _library_entity(self, reference: str) -> Entity:
        key = reference.lower()
        entity = self.library.get(key)
        if entity is None:
            entity = Entity(None, library_table(reference), "django", "", 0, first_party=False)
            self.library[key] = entity
            self.library_names[entity] = key.rpartition(".")[2]
            self.ip.schema.by_table.setdefault(entity.table, entity)
            for dotted, known in MODELS.items():
                if known.table == entity.table:
                    self.ip.schema.by_external[dotted] = entity
                    for field in known.fields:
                        self._library_relation(entity, field, entity.table)
        return entity

    def library_model(self, dotted: str) -> Entity | None:
        """The entity of a library's model known by its place alone; its table by Django's own rule."""
        entity = self.ip.schema.by_external.get(dotted)
        reference = reference_of(dotted)
        if entity is None and reference is not None:
            entity = self.ip.schema.by_external[dotted] = self._library_entity(reference)
            self.ip.knowledge.inherit(dotted, MODEL)
        return entity

    def _library_relation(self, entity: Entity, field: LibraryField, table: str) -> None:
        if field.target is None:
            return
        target = self._resolve_reference(self.user if field.target == "auth.User" else field.target, None)
        if field.kind == "m2m":
            through = field.through or f"{table}_{field.name}"
            entity.relations[field.name] = Relation(field.name, "many", target, through=through)
        else:
            entity.relations[field.name] = Relation(
                field.name, "forward", target, single=True, column=f"{field.name}_id"
            )

    # -- fields ----------------------------------------------------------------------------------

    def _own_fields(self, cls: Class, entity: Entity) -> Iterator[tuple[str, Value, Class]]:
        """Fields of the class and of its abstract parents and mixins, nearest first, each name once."""
        seen: set[str] = set()
        parents = {p for e in entity.parents if e.cls is not None for p in e.cls.mro()}
        for parent in cls.mro():
            if parent is not cls and parent in parents:
                continue
            if (
                parent is not cls
                and parent in self.ip.schema.by_class
                and parent not in self.ip.schema.shadows
            ):
                continue
            for name, value in parent.namespace.items():
                if name not in seen:
                    seen.add(name)
                    if isinstance(value, Object):
                        yield name, value, parent

    def _fields(self, entity: Entity, cls: Class, label: str) -> None:
        has_key = False
        for name, value, owner in self._own_fields(cls, entity):
            kind = field_kind(self.ip, value)
            if kind is None or not isinstance(value, Object):
                continue
            args = field_args(value)
            primary = args.get(None, "primary_key")
            is_key = isinstance(primary, Const) and primary.value is True
            if is_key:
                has_key = True
                entity.primary_key = name
            if kind == "column":
                entity.columns[name] = _column(name, value, args, is_key)
            elif kind in ("fk", "one", "m2m"):
                self._relation(entity, cls, label, FieldSpec(name, kind, args, owner, value), is_key)
            elif kind == "generic":
                self._generic(entity, name, args, owner)
            elif kind == "tags":
                self._tags(entity, name, args, owner)
        for base in self._external_bases(cls):
            known = MODELS.get(base)
            chain = [base, *sorted(self.ip.knowledge.lineage(base) - {base})]
            if known is not None and known.table is None:
                for ancestor in chain:
                    model = MODELS.get(ancestor)
                    if model is not None and model.table is None:
                        for field in model.fields:
                            self._inherited_library_field(entity, cls, label, field)
        if not has_key and not entity.parents:
            entity.columns = {"id": Column(name="id", type="AutoField", primary_key=True), **entity.columns}

    def _inherited_library_field(self, entity: Entity, cls: Class, label: str, field: LibraryField) -> None:
        if field.name in entity.relations or field.target is None or field.name in cls.namespace:
            return
        args = Args([Const(self.user if field.target == "auth.User" else field.target)])
        if field.related_name:
            args.keywords["related_name"] = Const(field.related_name)
        if field.through:
            args.keywords["db_table"] = Const(field.through)
        self._relation(entity, cls, label, FieldSpec(field.name, field.kind, args, cls, field), False)

    def _relation(self, entity: Entity, cls: Class, label: str, spec: FieldSpec, is_key: bool) -> None:
        target_value = spec.args.get(0, "to")
        target = self._target(target_value, cls, label, spec.owner)
        if target is None:
            what = f"{cls.name}.{spec.name}: its target cannot be told"
            self.unresolved.append((cls.module.facts.path, _line(spec.field, cls), what))
            return
        self.resolved += 1
        column = spec.text(None, "db_column") or f"{spec.name}_id"
        if spec.kind == "m2m":
            self._many(entity, cls, label, spec, target)
            return
        on_delete = _name_of(spec.args.get(1, "on_delete"))
        entity.foreign_keys.append(ForeignKey(column=column, table=target.table, on_delete=on_delete))
        null = spec.args.get(None, "null")
        entity.columns[f"{spec.name}_id"] = Column(
            name=column,
            type="ForeignKey" if spec.kind == "fk" else "OneToOneField",
            nullable=isinstance(null, Const) and null.value is True,
            primary_key=is_key,
            unique=spec.kind == "one",
            meaning=details(Args(keywords=spec.args.keywords)).get("meaning", ""),
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
            query = spec.text(None, "related_query_name") or reverse or cls.name.lower()
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
            through_entity = self._target(through_value, cls, label, spec.owner)
        if through_entity is not None:
            through = through_entity.table
        else:
            through = spec.text(None, "db_table") or f"{entity.table}_{spec.name}"[:120]
            self._association(entity, cls, through, target, spec)
        forward = Relation(
            spec.name, "many", target, target.table, through=through, through_entity=through_entity
        )
        entity.relations[spec.name] = forward
        reverse = self._related_name(spec, cls, label)
        symmetrical = target is entity
        if reverse is not None and not symmetrical:
            name = reverse or f"{cls.name.lower()}_set"
            query = spec.text(None, "related_query_name") or reverse or cls.name.lower()
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

    def _association(self, entity: Entity, cls: Class, through: str, target: Entity, spec: FieldSpec) -> None:
        near = cls.name.lower()
        far = self.library_names.get(target, target.table.rpartition("_")[2])
        if target.cls is not None:
            far = target.cls.name.lower()
        if target is entity:
            near, far = f"from_{near}", f"to_{far}"
        path, line = cls.module.facts.path, _line(spec.field, cls)
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
        self.ip.schema.add(table)

    def _generic(self, entity: Entity, name: str, args: Args, owner: Class) -> None:
        target = self._target(args.get(0, "to"), owner, self.labels.get(owner, ""), owner)
        if target is not None:
            entity.relations[name] = Relation(name, "generic", target, target.table, on_delete="CASCADE")

    def _tags(self, entity: Entity, name: str, args: Args, owner: Class) -> None:
        through_value = args.get(None, "through")
        label = self.labels.get(owner, (entity.cls and self.labels.get(entity.cls, "")) or "")
        through = self._target(through_value, owner, label, owner) if through_value is not None else None
        table = through.table if through is not None else "taggit_taggeditem"
        tag = through.cls.find("tag") if through is not None and through.cls is not None else None
        own = None
        if tag is not None and isinstance(tag[0], Object):
            own = self._target(field_args(tag[0]).get(0, "to"), tag[1], label, tag[1])
        target = own or self._library_entity("taggit.Tag")
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
        if name.endswith("+"):
            return None
        return (
            name.replace("%(class)s", cls.name.lower())
            .replace("%(app_label)s", label.lower())
            .replace("%(model_name)s", cls.name.lower())
        )

    # -- targets ---------------------------------------------------------------------------------

    def _target(self, value: Value | None, cls: Class, label: str, owner: Class) -> Entity | None:
        if isinstance(value, Deferred):
            value = value.now(self.ip)
        for option in value.options() if value is not None else ():
            if isinstance(option, Class):
                entity = self.ip.schema.of(option)
                if entity is not None:
                    return entity
                found = self.by_name.get(option.name.lower(), [])
                if len(found) == 1:
                    return found[0]
            elif isinstance(option, Const) and isinstance(option.value, str):
                if option.value == "self":
                    return self.ip.schema.by_class.get(cls)
                return self._resolve_reference(option.value, cls)
            elif isinstance(option, External):
                reference = reference_of(option.name)
                if reference is not None:
                    return self._resolve_reference(reference, cls)
            elif isinstance(option, (Function, Object)):
                continue
        return None

    def _resolve_reference(self, reference: str, cls: Class | None) -> Entity | None:
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
            return self._library_entity(reference)
        if cls is not None:
            for parent in cls.mro():
                label = self.labels.get(parent) or self.registry.label(self.ip, parent) or ""
                if f"{label}.{key}".lower() in self.by_reference:
                    return self.by_reference[f"{label}.{key}".lower()]
        found = self.by_name.get(key, [])
        return found[0] if len(found) == 1 else None


def _column(name: str, value: Object, args: Args, is_key: bool) -> Column:
    cls = value.cls.origin if isinstance(value.cls, Generic) else value.cls
    kind = cls.name.rpartition(".")[2] if isinstance(cls, (External, Class)) else ""
    null = args.get(None, "null")
    column = args.text(None, "db_column") or name
    return Column(
        name=column,
        type=kind,
        based_on=_library_type(cls) if isinstance(cls, Class) else "",
        nullable=isinstance(null, Const) and null.value is True,
        primary_key=is_key,
        **details(args),
    )


def _library_type(cls: Class) -> str:
    """The field of Django's that a class of the monolith builds on, the nearest first."""
    for parent in cls.mro():
        for base in parent.bases:
            for option in base.options():
                if isinstance(option, External) and option.name.startswith("django.db.models."):
                    return option.name.rpartition(".")[2]
    return ""


def _line(field: Value | LibraryField, cls: Class) -> int:
    return field.line if isinstance(field, Object) and field.line else cls.line


def _name_of(value: Value | None) -> str | None:
    """CASCADE, SET_NULL ... from ``models.CASCADE`` or ``SET(...)``."""
    if isinstance(value, External):
        return value.name.rpartition(".")[2]
    if isinstance(value, Object) and isinstance(value.cls, External):
        return value.cls.name.rpartition(".")[2]
    if isinstance(value, Function):
        return value.name
    return None if value is None or value is UNKNOWN else "CASCADE"
