"""Django models: tables, columns, foreign keys and the relations between entities."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.django import companions, table_names
from strangler.analyzers.frameworks.django.apps import DB_TABLE, Registry, is_abstract, is_model, meta
from strangler.analyzers.frameworks.django.columns import library_columns
from strangler.analyzers.frameworks.django.fields import FieldSpec, column_of, field_kind
from strangler.analyzers.frameworks.django.library import (
    MODEL,
    MODELS,
    TABLES,
    LibraryField,
    reference_of,
)
from strangler.analyzers.frameworks.django.migrated import Migrations
from strangler.analyzers.frameworks.django.references import References
from strangler.analyzers.frameworks.django.relations import Relations
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    Entity,
    External,
    Interpreter,
    Object,
    Relation,
    Schema,
    Value,
    class_options,
    stated_name,
    tell_doubt,
)
from strangler.model import Column, ForeignKey

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings


_NO_MODELS = (
    "django.",
    "rest_framework.",
    "factory.",
    "django_filters.",
    "graphene.",
    "graphene_django.",
    "haystack.",
    "import_export.",
)
"""Libraries whose classes may carry model fields without being models."""


_NO_MODEL_NAMES = ("Manager", "QuerySet", "Field", "Form", "Mixin", "Records", "Descriptor", "Admin", "Error")
"""Last names of what the models module of a library holds beside models."""


_MODEL_PLACES = frozenset({"models", "abstract_models"})
"""Packages and modules in which libraries keep models."""


def _is_abstract_name(dotted: str) -> bool:
    """Whether a library's class is called as its abstract models are; they need not be installed."""
    package, _, rest = dotted.partition(".")
    return rest.rpartition(".")[2].startswith("Abstract") and package not in sys.stdlib_module_names


def _not_read(classes: list[Class]) -> bool:
    """Whether one of the classes has a base of which nothing is known."""
    return any(base is UNKNOWN for one in classes for base in one.bases)


class SchemaBuilder:
    """Builds the entities of all Django models of a program."""

    def __init__(self, interp: Interpreter, registry: Registry, settings: Settings) -> None:
        self.interp = interp
        self.registry = registry
        self.settings = settings
        self.references = References(interp, registry, registry.user_model(interp))
        self.relations = Relations(interp, self.references)
        self.migrations = Migrations(interp, registry, settings.tree)

    def build(self) -> None:
        """Fill the run's ``Schema``."""
        models = [cls for cls in self.interp.classes if self._is_model(cls)]
        concrete: list[tuple[Class, str]] = []
        for cls in models:
            if is_abstract(cls):
                continue
            label = self.registry.label(self.interp, cls)
            if label is None:
                self.interp.log.failed(
                    cls.module,
                    cls.line,
                    "model-not-installed",
                    f"{cls.name}: its app is not in INSTALLED_APPS",
                )
                continue
            if self._swapped(cls, label):
                continue
            self.references.labels[cls] = label
            concrete.append((cls, label))
        self._guesses([cls for cls, _ in concrete])
        for cls, label in concrete:
            self._entity(cls, label)
            self._inherited_unknown(cls)
        for reference in TABLES:
            self.references.library_entity(reference)
        for dotted, known in MODELS.items():
            if known.table is not None:
                self.references.library_entity(reference_of(dotted) or dotted)
        for cls in self.interp.classes:
            self._settings_store(cls)
        for cls, label in concrete:
            self._inherit(cls, label)
        for cls, label in concrete:
            entity = self.interp.state(Schema).by_class.get(cls)
            if entity is not None and cls not in self.interp.state(Schema).shadows:
                self._fields(entity, cls, label)
        for cls, label in concrete:
            if cls not in self.interp.state(Schema).by_class:  # a proxy of what a field of many has made
                self._inherit(cls, label)
        companions.add(self, concrete)

    def _guesses(self, models: list[Class]) -> None:
        """Say that labels, and table names with them, rest on the packages' names alone."""
        guessed = [cls for cls in models if self.registry.is_guess(self.interp, cls)]
        if not guessed:
            return
        many = f"{len(guessed)} models" if len(guessed) > 1 else f"the model {guessed[0].name}"
        message = (
            f"INSTALLED_APPS is not known: the app labels of {many}, and their tables' names, are guessed "
            "from the packages that hold them"
        )
        for scope in self.registry.unknown:
            self.interp.log.failed(scope, 1, "installed-apps-unknown", message)
        if not self.registry.unknown:
            self.interp.log.failed(guessed[0].module, guessed[0].line, "installed-apps-unknown", message)

    def _inherited_unknown(self, cls: Class) -> None:
        """Say of which base a class inherits columns and keys that are not known."""
        above = {p for one in cls.mro()[1:] if one in self.interp.state(Schema).by_class for p in one.mro()}
        own = [parent for parent in cls.mro() if parent not in above]  # the rest is in another table
        if _not_read(own):
            message = f"{cls.name}: a base is not among the files read; what it inherits from it is not known"
            self.interp.log.failed(cls.module, cls.line, "inherited-columns", message)
        for base in (base for parent in own for base in parent.bases if isinstance(base, External)):
            place, _, last = base.name.rpartition(".")
            from_models = any(part.endswith("models") for part in place.split("."))
            if (
                not (from_models or _is_abstract_name(base.name))
                or base.name in MODELS
                or base.name.startswith("django.")
            ):
                continue
            if not last.endswith(_NO_MODEL_NAMES) and not library_columns(base.name):
                message = f"{cls.name}: the columns and keys that it inherits from {base.name} are not known"
                self.interp.log.failed(cls.module, cls.line, "inherited-columns", message)

    def _is_model(self, cls: Class) -> bool:
        if is_model(self.interp, cls):
            return True
        ancestors = cls.ancestors(self.interp)
        if self._of_a_library(cls):
            cls.roots = ancestors | {MODEL}
            return True
        unknown = _not_read(cls.mro()) or any(
            a not in MODELS and not a.startswith(("builtins.", "typing.", "abc.")) for a in ancestors
        )
        if not unknown or any(a.startswith(_NO_MODELS) for a in ancestors):
            return False
        if any(is_model(self.interp, parent) for parent in cls.mro()[1:]):
            cls.roots = ancestors | {MODEL}  # it inherits from a class that was recognised by its fields
            return True
        for value in cls.namespace.values():
            if isinstance(value, Object):
                for name in self.interp.lineage(value):
                    if name.startswith("django.db.models.") and name.endswith(("Field", "ForeignKey")):
                        # A base that is not known, but model fields of Django's.
                        cls.roots = ancestors | {MODEL}
                        return True
        return False

    def _of_a_library(self, cls: Class) -> bool:
        """Whether an empty class of an installed app descends from a model of another installed app."""
        if "models" not in cls.module.name.split("."):
            return False
        if self.registry.of_module(self.interp, cls.module.name) is None:
            return False
        for base in cls.bases:
            name = base.name if isinstance(base, External) else ""
            place, _, last = name.rpartition(".")
            within_class = place.rpartition(".")[2][:1].isupper()  # ``Translated.Meta``
            if within_class or last.endswith(_NO_MODEL_NAMES) or name.startswith(_NO_MODELS):
                continue
            is_model = not _MODEL_PLACES.isdisjoint(place.split(".")) and place.islower()  # a module
            named = _is_abstract_name(name) or (is_model and last.endswith("Model"))
            if named or (is_model and self.registry.installs(self.interp, name)):
                return True
        return False

    def _swapped(self, cls: Class, label: str) -> bool:
        option = meta(cls).get("swappable")
        if isinstance(option, Const) and isinstance(option.value, str):
            chosen = self.settings.text(self.interp, option.value)
            return chosen is not None and chosen.lower() != f"{label}.{cls.name}".lower()
        return False

    # -- entities --------------------------------------------------------------------------------

    def _entity(self, cls: Class, label: str) -> None:
        options = meta(cls)
        proxy = options.get("proxy")
        if (isinstance(proxy, Const) and proxy.value is True) or self.migrations.make_proxy(cls, label):
            return
        table = self._table_name(cls, label)
        entity = Entity(cls, table, "django", cls.module.facts.path, cls.line)
        managed = options.get("managed")
        entity.managed = not (isinstance(managed, Const) and managed.value is False)
        self.interp.state(Schema).add(entity)
        self.references.by_reference.setdefault(f"{label}.{cls.name}".lower(), entity)
        self.references.by_name.setdefault(cls.name.lower(), []).append(entity)

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
            label = self.registry.label(self.interp, cls)
            if label is None:
                continue
            name = f"{cls.name}_SettingsStore"
            store = Class(cls.module, name, name, cls.line, cls.line)
            entity = Entity(store, f"{label}_{name.lower()}", "django", cls.module.facts.path, cls.line)
            for column, sort in (("id", "AutoField"), ("key", "CharField"), ("value", "TextField")):
                entity.columns[column] = Column(name=column, type=sort, primary_key=column == "id")
            owner = self.interp.state(Schema).by_class.get(cls)
            if owner is not None and kind.endswith(".add"):
                entity.foreign_keys.append(
                    ForeignKey(column="object_id", table=owner.table, on_delete="CASCADE")
                )
            self.interp.state(Schema).add(entity)

    def _table_name(self, cls: Class, label: str) -> str:
        stated = stated_name(DB_TABLE.of(cls) or meta(cls).get("db_table"))
        tell_doubt(self.interp, cls.module, cls.line, cls.name, stated)
        if stated.text:
            name = stated.text.strip('"').replace('"."', ".")
            return table_names.stated(self.interp, self.settings, name, cls, cls.line)
        name = f"{label}_{cls.name.lower()}"
        return table_names.made(self.interp, self.settings, name, cls, cls.line)

    def _inherit(self, cls: Class, label: str) -> None:
        schema = self.interp.state(Schema)
        entity = schema.by_class.get(cls)
        if entity is None:  # a proxy: the table of the class that it stands for
            for parent in cls.mro()[1:]:
                if parent in schema.by_class:
                    schema.alias(cls, schema.by_class[parent])
                    self.references.by_reference.setdefault(
                        f"{label}.{cls.name}".lower(), schema.by_class[parent]
                    )
                    self.references.by_name.setdefault(cls.name.lower(), []).append(schema.by_class[parent])
                    break
            else:
                for name in self._external_bases(cls):
                    known = MODELS.get(name)
                    if known is not None and known.table is not None:
                        entity = self.references.library_entity(reference_of(name) or name)
                        schema.alias(cls, entity)
                        self.references.by_reference.setdefault(f"{label}.{cls.name}".lower(), entity)
                        break
            return
        for base in cls.bases:
            for origin in class_options(base):
                for ancestor in origin.mro():
                    mapped = schema.by_class.get(ancestor)
                    if mapped is not None:
                        if mapped not in entity.parents:
                            self._pointer(entity, mapped, mapped.table, ancestor.name)
                        break
                    if not is_abstract(ancestor) and is_model(self.interp, ancestor):
                        break
        inherited = {a for parent in entity.parents if parent.cls for a in parent.cls.ancestors(self.interp)}
        for library in self._external_bases(cls):
            known = MODELS.get(library)
            if known is not None and known.table is not None and library not in inherited:
                name = "Page" if known.table == "wagtailcore_page" else library.rpartition(".")[2]
                reference = "wagtailcore.Page" if name == "Page" else reference_of(library) or library
                self._pointer(entity, self.references.library_entity(reference), known.table, name)

    def _external_bases(self, cls: Class) -> Iterator[str]:
        """The library classes that a model descends from, other than by a parent with a table of its own."""
        seen: set[str] = set()
        mapped = {p for p in cls.mro()[1:] if p in self.interp.state(Schema).by_class}
        above = {p for parent in mapped for p in parent.mro()}
        for parent in cls.mro():
            if parent in above:
                continue
            for base in parent.bases:
                for option in base.options():
                    if isinstance(option, External) and option.name not in seen:
                        seen.add(option.name)
                        yield option.name

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
            if field_kind(self.interp, value) == "one" and isinstance(value, Object):
                link = value.arg(None, "parent_link")
                if isinstance(link, Const) and link.value is True:
                    return name
        return None

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
                and parent in self.interp.state(Schema).by_class
                and parent not in self.interp.state(Schema).shadows
            ):
                continue
            for name, value in parent.namespace.items():
                if name not in seen:
                    seen.add(name)
                    made = [option for option in value.options() if isinstance(option, Object)]
                    if len(made) == 1:  # a metaclass may have put something else there
                        yield name, made[0], parent

    def _fields(self, entity: Entity, cls: Class, label: str) -> None:
        has_key = False
        for name, value, owner in self._own_fields(cls, entity):
            kind = field_kind(self.interp, value)
            if kind is None or not isinstance(value, Object):
                continue
            args = value.given()
            primary = args.get(None, "primary_key")
            is_key = isinstance(primary, Const) and primary.value is True
            if is_key:
                has_key = True
                entity.primary_key = name
            if kind == "column":
                entity.columns[name] = column_of(name, value, args, is_key)
            elif kind in ("fk", "one", "m2m"):
                self.relations.add(entity, cls, label, FieldSpec(name, kind, args, owner, value), is_key)
            elif kind in ("own tags", "own tag"):  # django-tagulous
                if args.get(0, "to") is None:
                    args = Args([companions.tag_entity(self.interp, cls, label, name)], args.keywords)
                spec = FieldSpec(name, "m2m" if kind == "own tags" else "fk", args, owner, value)
                self.relations.add(entity, cls, label, spec, is_key)
            elif kind == "generic":
                self.relations.add_generic(entity, name, args, owner)
            elif kind == "tags":
                self.relations.add_tags(entity, name, args, owner)
        for base in self._external_bases(cls):
            known = MODELS.get(base)
            chain = [base, *sorted(self.interp.knowledge.lineage(base) - {base})]
            if known is not None and known.table is None:
                for ancestor in chain:
                    model = MODELS.get(ancestor)
                    if model is not None and model.table is None:
                        for field in model.fields:
                            self._inherited_library_field(entity, cls, label, field)
                        for column in library_columns(ancestor):
                            if cls.find(column.name) is None:
                                entity.columns.setdefault(column.name, column)
                                if column.primary_key:
                                    has_key, entity.primary_key = True, column.name
        if not has_key and not entity.parents:
            entity.columns = {"id": Column(name="id", type="AutoField", primary_key=True), **entity.columns}

    def _inherited_library_field(self, entity: Entity, cls: Class, label: str, field: LibraryField) -> None:
        if field.name in entity.relations or field.target is None or field.name in cls.namespace:
            return
        args = Args([Const(self.references.user if field.target == "auth.User" else field.target)])
        if field.related_name:
            args.keywords["related_name"] = Const(field.related_name)
        if field.through:
            args.keywords["db_table"] = Const(field.through)
        self.relations.add(entity, cls, label, FieldSpec(field.name, field.kind, args, cls, field), False)
