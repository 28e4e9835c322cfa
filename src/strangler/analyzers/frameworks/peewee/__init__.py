"""peewee: models, queries, databases."""

from __future__ import annotations

from strangler.analyzers.frameworks.peewee.models import FIELD, FOREIGN, MANY, MODEL, build
from strangler.analyzers.frameworks.peewee.queries import (
    Field,
    ManyQuery,
    Query,
    model_method,
    sources_of,
)
from strangler.analyzers.frameworks.sql import note_sql
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    Entity,
    External,
    Found,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    MethodHandler,
    Object,
    Row,
    Schema,
    TransactionBlock,
    Value,
    certainty_of,
    entity_of,
    mark_models,
    note_access,
    words,
)
from strangler.model.base import Certainty

_DATABASE = "peewee.Database"
_FIELDS = words("""
    AutoField BigAutoField IntegerField BigIntegerField SmallIntegerField FloatField DoubleField
    DecimalField CharField FixedCharField TextField BlobField BitField BigBitField UUIDField BinaryUUIDField
    DateTimeField DateField TimeField TimestampField IPField BooleanField BareField PrimaryKeyField
    IdentityField
""")
_PLAYHOUSE_FIELDS = {
    "postgres_ext": "ArrayField DateTimeTZField HStoreField IntervalField JSONField BinaryJSONField",
    "sqlite_ext": "JSONField RowIDField DocIDField AutoIncrementField SearchField",
    "mysql_ext": "JSONField",
    "fields": "CompressedField PickleField",
}
_DATABASES = words("""
    peewee.SqliteDatabase peewee.MySQLDatabase peewee.PostgresqlDatabase peewee.Proxy peewee.DatabaseProxy
    playhouse.pool.PooledMySQLDatabase playhouse.pool.PooledPostgresqlDatabase
    playhouse.pool.PooledSqliteDatabase playhouse.pool.PooledPostgresqlExtDatabase
    playhouse.postgres_ext.PostgresqlExtDatabase playhouse.sqlite_ext.SqliteExtDatabase
    playhouse.sqlite_ext.CSqliteExtDatabase playhouse.sqliteq.SqliteQueueDatabase playhouse.db_url.connect
    playhouse.cockroachdb.CockroachDatabase playhouse.flask_utils.FlaskDB
""")


class Peewee(Framework):
    """peewee and its playhouse."""

    name = "peewee"
    packages = ("peewee", "playhouse")

    def __init__(self, tree: object) -> None:
        super().__init__(tree)  # type: ignore[arg-type]
        self.mapped: list[Class] = []

    def teach(self, knowledge: Knowledge) -> None:
        for name in _FIELDS:
            knowledge.hierarchy[f"peewee.{name}"] = (FIELD,)
        for module, names in _PLAYHOUSE_FIELDS.items():
            for name in names.split():
                knowledge.hierarchy[f"playhouse.{module}.{name}"] = (FIELD,)
        knowledge.hierarchy[FOREIGN] = (FIELD,)
        knowledge.hierarchy["peewee.DeferredForeignKey"] = (FOREIGN,)
        knowledge.hierarchy[MANY] = (FIELD,)
        knowledge.aliases["playhouse.fields.ManyToManyField"] = MANY
        knowledge.aliases["playhouse.signals.Model"] = MODEL
        knowledge.aliases["playhouse.sqlite_ext.FTSModel"] = MODEL
        for name in _DATABASES:
            knowledge.hierarchy[name] = (_DATABASE,)
        knowledge.carriers.add(MODEL)
        knowledge.class_hooks.append(mark_models(MODEL))
        knowledge.class_members[MODEL] = _class_member
        knowledge.class_items[MODEL] = _class_item
        knowledge.descriptors[MODEL] = _through_class
        knowledge.instance_descriptors[MODEL] = _through_instance
        knowledge.instance_members[MODEL] = _instance_member
        knowledge.stores[MODEL] = _stored
        for name, handler in _MODEL_METHODS.items():
            knowledge.methods[f"{MODEL}.{name}"] = handler
        for name, handler in _DATABASE_METHODS.items():
            knowledge.methods[f"{_DATABASE}.{name}"] = handler
        knowledge.instance_members["playhouse.flask_utils.FlaskDB"] = lambda interp, obj, name, frame: (
            interp.external(MODEL) if name == "Model" else None
        )
        knowledge.calls["peewee.prefetch"] = _prefetch
        knowledge.calls["playhouse.flask_utils.get_object_or_404"] = _get_object
        knowledge.calls["playhouse.flask_utils.object_list"] = _get_object
        knowledge.calls["playhouse.shortcuts.model_to_dict"] = _to_dict
        for name in ("reflection.generate_models", "reflection.Introspector", "dataset.DataSet"):
            knowledge.calls[f"playhouse.{name}"] = _reflected
        knowledge.attributes["peewee.fn"] = lambda interp, external, name, frame: Field(None)

    def prepare(self, interp: Interpreter) -> None:
        self.mapped = build(interp)

    def collect(self, interp: Interpreter) -> Found:
        self._drop_mere_bases(interp)
        return Found(present=bool(self.mapped))

    def _drop_mere_bases(self, interp: Interpreter) -> None:
        """peewee has no abstract models: one that others inherit from and nothing uses gives no table."""
        used = {access.target for access in interp.log.accesses}
        parents = {parent for cls in self.mapped for parent in cls.mro()[1:]}
        targets = {
            key.table for entity in interp.state(Schema).by_class.values() for key in entity.foreign_keys
        }
        for cls in self.mapped:
            entity = interp.state(Schema).by_class[cls]
            if cls in parents and entity not in used and entity.table not in targets:
                interp.state(Schema).by_table.pop(entity.table, None)


def _reflected(interp: Interpreter, external: External, args: Args, frame: Frame) -> None:
    """Tables by what the database holds."""
    message = "tables are declared by what the database holds: those that no code names are not known"
    interp.log.failed(frame.module, frame.line, "unlisted-model", message)


# -- classes -----------------------------------------------------------------------------------------


def _class_member(interp: Interpreter, cls: Class, name: str, frame: Frame) -> Value | None:
    if name == "_meta":
        return UNKNOWN
    entity = interp.state(Schema).of(cls) if not interp.booting else None
    if entity is not None and (entity.relation(name) is not None or name in ("id", "_pk")):
        return Field(cls, name)
    return Field(cls) if name == "*" else None


def _class_item(interp: Interpreter, cls: Class, key: Value, frame: Frame) -> Value | None:
    return Query("select", cls).run(interp, frame)


def _through_class(interp: Interpreter, cls: Class, name: str, value: Value, frame: Frame) -> Value | None:
    if isinstance(value, Object) and FIELD in interp.lineage(value):
        return Field(cls, name)
    return None


def _class_method(name: str) -> MethodHandler:
    def handle(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
        return model_method(interp, receiver, name, args, frame) if isinstance(receiver, Class) else None

    return handle


# -- instances ---------------------------------------------------------------------------------------


def _through_instance(
    interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame
) -> Value | None:
    if not isinstance(value, Object) or FIELD not in interp.lineage(value):
        return None
    relation = _relation(interp, obj, name, frame)
    return relation if relation is not None else obj.attrs.get(name, UNKNOWN)


def _instance_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    return _relation(interp, obj, name, frame)


def _relation(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    entity = entity_of(interp, obj)
    relation = entity.relation(name) if entity is not None else None
    if relation is None or relation.target is None:
        return None
    target = relation.target.cls or relation.target
    if relation.kind == "many":
        return ManyQuery(relation, certainty_of(obj))
    if relation.kind == "reverse":
        made = Query("select", target)
        made.certainty = certainty_of(obj)
        return made
    given = obj.attrs.get(name) or obj.arg(None, name)
    if isinstance(given, Object):
        return given
    if obj.args is None and not (isinstance(obj, Row) and name in obj.loaded):
        note_access(interp, frame, relation.target, "read", certainty_of(obj))
    row: Value = Row(target) if isinstance(target, Class) else UNKNOWN
    obj.attrs[name] = row
    return row


def _stored(interp: Interpreter, obj: Object, name: str, value: Value, frame: Frame) -> None:
    entity = entity_of(interp, obj)
    relation = entity.relation(name) if entity is not None else None
    if relation is None:
        return
    if relation.kind == "many" and relation.through_entity is not None:
        note_access(interp, frame, relation.through_entity, "write", certainty_of(obj))
    elif relation.kind == "forward" and isinstance(value, Object):
        obj.attrs[name] = value


def _save(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    entity = entity_of(interp, receiver)
    if entity is None:
        return None
    note_access(interp, frame, entity, "write", certainty_of(receiver))
    return UNKNOWN


def _delete_instance(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    entity = entity_of(interp, receiver)
    if entity is None:
        return None
    recursive = args.get(0, "recursive")
    if recursive is not None and recursive.truth() is True:
        _dependents(interp, frame, entity, certainty_of(receiver), {entity}, True)
    note_access(interp, frame, entity, "write", certainty_of(receiver))
    return UNKNOWN


def _dependents(
    interp: Interpreter, frame: Frame, entity: Entity, certainty: Certainty, seen: set[Entity], direct: bool
) -> None:
    """Rows that refer to a deleted one go, too (or lose the reference); farther ones by sub-query."""
    for relation in entity.relations.values():
        target = relation.target
        if relation.kind == "many" and relation.through_entity is not None:
            note_access(interp, frame, relation.through_entity, "write", certainty)
        if relation.kind != "reverse" or target is None or target in seen:
            continue
        seen.add(target)
        note_access(interp, frame, target, "write", certainty)
        if not direct:
            note_access(interp, frame, entity, "read", certainty)
        _dependents(interp, frame, target, certainty, seen, False)


_CLASS_METHODS = words("""
    select filter get get_or_none get_by_id insert insert_many insert_from replace replace_many update delete
    create bulk_create bulk_update delete_by_id set_by_id truncate_table get_or_create raw alias noop exists
""")
_MODEL_METHODS = {
    **{name: _class_method(name) for name in _CLASS_METHODS},
    "save": _save,
    "delete_instance": _delete_instance,
}  # fmt: skip


# -- databases ---------------------------------------------------------------------------------------


def _atomic(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    return TransactionBlock()


def _execute_sql(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    note_sql(interp, frame, args.get(0, "sql"))
    return UNKNOWN


def _execute(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    query = args.get(0)
    return query.run(interp, frame) if isinstance(query, Query) else UNKNOWN


_DATABASE_METHODS = {
    "atomic": _atomic,
    "transaction": _atomic,
    "savepoint": _atomic,
    "execute_sql": _execute_sql,
    "execute": _execute,
    "__enter__": _atomic,
    "bind": lambda interp, receiver, args, frame: NONE,
}


def _prefetch(interp: Interpreter, external: object, args: Args, frame: Frame) -> Value:
    for source in sources_of(args.all()):
        note_access(interp, frame, source, "read")
    first = args.get(0)
    return first.row(interp) if isinstance(first, Query) else UNKNOWN


def _get_object(interp: Interpreter, external: object, args: Args, frame: Frame) -> Value:
    first = args.get(0) or args.get(1)
    for value in args.all():
        if isinstance(value, Query):
            return value.run(interp, frame)
        if isinstance(value, Class):
            return Query("select", value, sources_of(args.all())).run(interp, frame)
    return first or UNKNOWN


def _to_dict(interp: Interpreter, external: object, args: Args, frame: Frame) -> Value:
    """``model_to_dict``: follows foreign keys unless told not to."""
    obj, recurse = args.get(0), args.get(1, "recurse")
    if isinstance(obj, Object) and (recurse is None or recurse.truth() is not False):
        _follow(interp, frame, obj, set())
    return UNKNOWN


def _follow(interp: Interpreter, frame: Frame, obj: Object, seen: set[Entity]) -> None:
    entity = entity_of(interp, obj)
    if entity is None or entity in seen:
        return
    seen.add(entity)
    for name, relation in entity.relations.items():
        if relation.kind == "forward":
            far = _relation(interp, obj, name, frame)
            if isinstance(far, Object):
                _follow(interp, frame, far, seen)
