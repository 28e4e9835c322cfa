"""Rows: instances of models, their relations, and the methods that save and delete them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from strangler.analyzers.frameworks.django.apps import DB_TABLE, is_abstract, meta
from strangler.analyzers.frameworks.django.databases import database_named
from strangler.analyzers.frameworks.django.entities import entity_of, model_of
from strangler.analyzers.frameworks.django.library import FOREIGN_KEYS, MODELS, reference_of
from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.frameworks.django.orm.cascade import deleted
from strangler.analyzers.frameworks.django.orm.evidence import Data, Row, given, row_of, sureness, unsure
from strangler.analyzers.frameworks.django.orm.files import FIELDS, RowFile
from strangler.analyzers.frameworks.django.orm.methods import inserted
from strangler.analyzers.frameworks.django.orm.queries import (
    MANAGER,
    Manager,
    default_manager,
    queryset_class,
)
from strangler.analyzers.frameworks.django.orm.uniqueness import unique
from strangler.analyzers.frameworks.django.through import (
    FieldOptions,
    ManyAttribute,
    of_library_field,
    of_relation,
    table_of_between,
)
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Const,
    Entity,
    External,
    Frame,
    Interpreter,
    Object,
    Relation,
    Schema,
    Value,
    doubted,
    weakest,
)

SAVING = {"save", "asave", "save_base"}
DELETING = {"delete", "adelete"}
LOADING = {"refresh_from_db", "arefresh_from_db"}
PERMISSIONS = {
    "has_perm",
    "has_perms",
    "get_all_permissions",
    "get_user_permissions",
    "get_group_permissions",
}
CHECKING = {"full_clean", "clean_fields", "validate_unique", "validate_constraints"}
_NEIGHBOUR = re.compile(r"get_(next|previous)_by_\w+")
TYPES = "django_content_type"


class RowMethod(Value):
    """A method of Django's own on a row."""

    __slots__ = ("name", "row")

    def __init__(self, row: Object, name: str) -> None:
        self.row = row
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        entity = entity_of(interp, _model(self.row))
        if entity is None:
            return UNKNOWN
        own = self.row.database if isinstance(self.row, Data) else ""
        with interp.log.on_database(database_named(args.keywords.get("using")) or own):
            return self._call(interp, entity, frame)

    def _call(self, interp: Interpreter, entity: Entity, frame: Frame) -> Value:
        if self.name in SAVING:
            inserted(interp, entity, frame, sureness(self.row))
            return NONE
        if self.name in DELETING:
            deleted(interp, entity, frame, loaded=True, certainty=sureness(self.row))
            return UNKNOWN
        if self.name in LOADING:
            interp.log.access(frame, entity, "read", "orm")
            return NONE
        if _NEIGHBOUR.match(self.name):
            interp.log.access(frame, entity, "read", "orm", sureness(self.row))
            return row_of(_model(self.row), frame)
        if self.name in PERMISSIONS:
            for target in _permission_tables(interp, entity):
                interp.log.access(frame, target, "read", "orm", "inferred")
            return UNKNOWN
        if self.name in CHECKING:
            for target in _checked(entity, self.name):
                interp.log.access(frame, target, "read", "orm", "inferred")
            return NONE
        return UNKNOWN

    def key(self) -> object:
        return ("row method", self.row.key(), self.name)


def _permission_tables(interp: Interpreter, entity: Entity) -> list[Entity | str]:
    """What ModelBackend reads for a permission check."""
    names = ["auth_permission", "django_content_type", "auth_group", "auth_group_permissions"]
    for name in ("groups", "user_permissions"):
        relation = entity.relation(name)
        if relation is not None and relation.through is not None:
            names.append(relation.through)
    return [interp.state(Schema).by_table.get(name, name) for name in names]


_STATED = ("default_related_name", "verbose_name", "verbose_name_plural")
_HUMP = re.compile(r"((?<=[a-z])[A-Z]|[A-Z](?![A-Z]|$))")
"""Where Django puts a blank into the name of a class."""


class Options(Value):
    """``Model._meta``."""

    __slots__ = ("model",)

    def __init__(self, model: Value) -> None:
        self.model = model

    def store(self, interp: Interpreter, name: str, value: Value, frame: Frame) -> None:
        if name == "db_table" and isinstance(self.model, Class):
            interp.changes.before(self.model)
            DB_TABLE.put(self.model, value)

    def _table(self, interp: Interpreter, model: Class) -> Value:
        """The name of the table while the tables are not known yet."""
        stated = DB_TABLE.of(model) or meta(model).get("db_table")
        if stated is not None:
            return stated
        table = table_of_between(interp, model)
        if table is None and not is_abstract(model):
            label, name = self._named(interp) or (None, "")
            table = f"{label}_{name.lower()}" if label else None
        return Const(table) if table is not None else UNKNOWN

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        entity = entity_of(interp, self.model)
        if name == "db_table" and entity is not None:
            return Const(entity.table)
        if name == "db_table" and isinstance(self.model, Class):
            return self._table(interp, self.model)
        if name == "model" or name == "concrete_model":
            return self.model
        if isinstance(self.model, Class) and name == "get_field":
            return _GetField(self.model)
        if isinstance(self.model, Class) and name == "abstract":
            return Const(is_abstract(self.model))
        if isinstance(self.model, Class) and name in ("default_manager", "base_manager", "_default_manager"):
            return default_manager(interp, self.model, name == "base_manager")
        if isinstance(self.model, Class) and name in _STATED:
            return self._stated(interp, self.model, name)
        named = self._named(interp)
        if named is None:
            return UNKNOWN
        label, model = named
        if name in ("object_name", "model_name"):
            return Const(model if name == "object_name" else model.lower())
        if label and name in ("app_label", "label", "label_lower"):
            full = f"{label}.{model}"
            return Const({"app_label": label, "label": full, "label_lower": full.lower()}[name])
        return UNKNOWN

    def _stated(self, interp: Interpreter, model: Class, name: str) -> Value:
        """What the model's ``Meta`` states, or Django's own choice."""
        stated = meta(model)
        if name in stated:
            return stated[name]
        if not model.ancestors(interp) <= MODELS.keys():
            return UNKNOWN  # a library's model may state it
        if name == "default_related_name":
            return NONE
        words = Const(_HUMP.sub(r" \1", model.name).strip().lower())
        if name == "verbose_name":
            return words
        single = stated.get("verbose_name", words)
        return Const(f"{single.value}s") if isinstance(single, Const) else UNKNOWN

    def _named(self, interp: Interpreter) -> tuple[str | None, str] | None:
        """The app's label, where it is known, and the name of the model's class."""
        if isinstance(self.model, Class):
            find = interp.state(Notes).label
            return (find(interp, self.model) if find is not None else None), self.model.name
        if isinstance(self.model, External):
            label, _, model = (reference_of(self.model.name) or "").partition(".")
            return (label, model) if label else None
        return None

    def key(self) -> object:
        return ("meta", self.model.key())


class _GetField(Value):
    """``Model._meta.get_field``."""

    __slots__ = ("model",)

    def __init__(self, model: Class) -> None:
        self.model = model

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        name = args.text(0, "field_name")
        return FieldOptions(self.model, name) if name else UNKNOWN


def _model(row: Object) -> Value:
    return row.cls


def _all_relations(entity: Entity) -> list[Relation]:
    return [*entity.relations.values(), *(r for parent in entity.parents for r in _all_relations(parent))]


def _checked(entity: Entity, method: str) -> Iterator[Entity]:
    """The tables that validating a row reads: of the rows that it refers to, and of those like it."""
    for relation in _all_relations(entity) if method in ("full_clean", "clean_fields") else ():
        target = relation.target if relation.kind == "forward" else None
        if target is not None and target not in entity.parents:
            yield target
    if method != "clean_fields" and unique(entity):
        yield entity


def follow(interp: Interpreter, row: Object, relation: Relation, frame: Frame) -> Value:
    """``row.relation``: a row that is loaded, or a manager of the far rows."""
    known = given(row, relation.name)
    if known is not None:
        return known  # passed to the constructor: no query
    model = model_of(relation.target, interp)
    sure = sureness(row)
    if relation.single:
        queried = row.queried(relation.name, frame) if isinstance(row, Row) else "inferred"
        target = relation.target or relation.target_table
        if target is not None:
            interp.log.access(frame, target, "read", "orm", weakest(sure, queried))
        return unsure(row_of(model, frame if queried == "certain" else None), sure)
    if relation.kind == "generic":  # Django keeps what it has read once
        types = interp.state(Schema).by_table.get(TYPES, TYPES)
        interp.log.access(frame, types, "read", "orm", "inferred")
    base = default_manager(interp, model) if isinstance(model, Class) else Manager(model, None)
    manager = Manager(model, base.cls, base.queryset_class, relation)
    here = isinstance(row, Row) and row.fresh and row.function == frame.function
    manager.fetched = not here or (isinstance(row, Row) and relation.name in row.loaded)
    return unsure(manager, sure)


def _default(interp: Interpreter, row: Object, name: str, field: Object) -> Value | None:
    """What a row holds, as a guess, where a module reads it when it is imported: the text that its field has
    by default. A URL's prefix that is kept in a table of settings is one."""
    if row.args is not None and name in row.args.keywords:
        return None
    default = field.arg(None, "default")
    if type(default) is not Const or not isinstance(default.value, str):
        return None
    is_field = any(n.startswith("django.db.models.") and n.endswith("Field") for n in interp.lineage(field))
    return doubted(default) if is_field else None


def descriptor(interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> Value | None:
    """A class attribute of a model seen through a row."""
    if not isinstance(value, Object):
        return None
    if interp.booting and (likely := _default(interp, obj, name, value)) is not None:
        return likely
    entity = entity_of(interp, _model(obj))
    if entity is None:
        return None
    relation = entity.relation(name)
    if relation is not None and relation.name == name:
        return follow(interp, obj, relation, frame)
    lineage = interp.lineage(value)
    if "django.contrib.contenttypes.fields.GenericForeignKey" in lineage:
        interp.log.unresolved_access(frame, f"the generic foreign key {name} can lead to any table")
        return UNKNOWN
    if any(n in FOREIGN_KEYS for n in lineage):
        return UNKNOWN
    if not FIELDS.isdisjoint(lineage):
        return RowFile(obj)
    if name in entity.columns or any(
        n.startswith("django.db.models.") and n.endswith("Field") for n in lineage
    ):
        return UNKNOWN
    if MANAGER in lineage:
        return Manager(_model(obj), value.cls, queryset_class(value.cls))
    return None


def member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """An attribute of a row that no first-party class defines."""
    model = _model(obj)
    entity = entity_of(interp, model)
    if entity is not None:
        relation = entity.relation(name)
        if relation is not None and relation.name == name:
            return follow(interp, obj, relation, frame)
        if name in entity.columns:
            return UNKNOWN
    if name in PERMISSIONS and "django.contrib.auth.models.PermissionsMixin" in interp.lineage(obj):
        return RowMethod(obj, name)
    if name in SAVING or name in DELETING or name in LOADING or name in CHECKING or _NEIGHBOUR.match(name):
        return RowMethod(obj, name)
    if name == "_meta":
        return Options(model)
    if name in ("pk", "id", "_state") or name.endswith("_id"):
        return UNKNOWN
    if name.startswith("get_") and name.endswith("_display"):
        return UNKNOWN
    return None


def class_member(interp: Interpreter, cls: Class, name: str, frame: Frame) -> Value | None:
    """An attribute of a model class that Django adds."""
    if name in ("objects", "_default_manager"):
        return default_manager(interp, cls)
    if name == "_base_manager":
        return default_manager(interp, cls, base=True)
    if name == "_meta":
        return Options(cls)
    if name in ("DoesNotExist", "MultipleObjectsReturned"):
        return External(f"django.core.exceptions.{name}")
    entity = entity_of(interp, cls)
    relation = entity.relation(name) if entity is not None else None
    if relation is not None and relation.kind == "many" and relation.name == name:
        return ManyAttribute(of_relation(interp, relation))
    many = of_library_field(interp, cls, name)
    return ManyAttribute(many) if many is not None else None


_LIBRARY_MODEL = re.compile(r"(?!django\.db\.)[a-z_][\w.]*\.models\.(?:[a-z_]\w*\.)*[A-Z]\w*")


def unknown_library_member(interp: Interpreter, external: External, name: str, frame: Frame) -> Value | None:
    """``some_library.models.Thing.objects``: a model by its place, in the table that Django would name."""
    find = interp.state(Notes).library_model
    if find is None or interp.booting or _LIBRARY_MODEL.fullmatch(external.name) is None:
        return None
    if find(external.name) is None:
        return None
    return unsure(Manager(external, None), "inferred")


def library_class_member(interp: Interpreter, external: External, name: str, frame: Frame) -> Value | None:
    """An attribute of a library's model class."""
    if name in ("objects", "_default_manager", "_base_manager"):
        return Manager(external, None)
    if name == "_meta":
        return Options(external)
    many = of_library_field(interp, external, name)
    return ManyAttribute(many) if many is not None else None
