"""marshmallow: dumping an object reads what the schema's fields reach, loading makes or changes rows."""

from __future__ import annotations

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Bound,
    Class,
    Const,
    Frame,
    Framework,
    Function,
    Interpreter,
    Knowledge,
    Method,
    Object,
    Schema,
    SchemaLibrary,
    Sequence,
    Value,
    join,
    meta_of,
)

SCHEMA, NESTED = "marshmallow.Schema", "marshmallow.fields.Nested"
_WITH_RELATIONS = "marshmallow_sqlalchemy.ModelSchema"
_SCHEMAS = ("SQLAlchemySchema", "SQLAlchemyAutoSchema", "ModelSchema", "TableSchema")
DEEPEST = 6


class Marshmallow(Framework):
    """marshmallow, flask-marshmallow and marshmallow-sqlalchemy."""

    name = "marshmallow"
    packages = ("marshmallow", "flask_marshmallow", "marshmallow_sqlalchemy")

    def teach(self, knowledge: Knowledge) -> None:
        for name in _SCHEMAS:
            knowledge.hierarchy[f"marshmallow_sqlalchemy.{name}"] = (SCHEMA,)
            knowledge.aliases[f"flask_marshmallow.sqla.{name}"] = f"marshmallow_sqlalchemy.{name}"
        knowledge.aliases["marshmallow.schema.Schema"] = SCHEMA
        knowledge.aliases["flask_marshmallow.Schema"] = SCHEMA
        knowledge.aliases["marshmallow_sqlalchemy.fields.Nested"] = NESTED
        for base, name, handler in (
            (SCHEMA, "dump", _dump),
            (SCHEMA, "dumps", _dump),
            (SCHEMA, "jsonify", _dump),
            (SCHEMA, "load", _load),
            (SCHEMA, "loads", _load),
        ):
            knowledge.methods[f"{base}.{name}"] = handler
        knowledge.shared(SchemaLibrary)[SCHEMA] = SchemaLibrary(
            reads_request=True, required="if said", fields="marshmallow.fields."
        )
        knowledge.instance_members["flask_marshmallow.Marshmallow"] = _of_extension


def _of_extension(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """``ma.Schema``, ``ma.SQLAlchemyAutoSchema``, ``ma.Nested``."""
    if name == "Schema":
        return interp.external(SCHEMA)
    if name in _SCHEMAS:
        return interp.external(f"marshmallow_sqlalchemy.{name}")
    return interp.external(f"marshmallow.fields.{name}") if name[:1].isupper() else None


def _class(value: Value) -> Class | None:
    cls = value.cls if isinstance(value, Object) else value
    return cls if isinstance(cls, Class) else None


def _dump(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    cls = _class(receiver)
    data = args.get(0, "obj")
    if cls is not None and data is not None and not interp.booting:
        with interp.log.at_most(
            "inferred", frame
        ):  # which fields are dumped, the schema may decide at run time
            walk(interp, frame, cls, receiver, data, DEEPEST, set())
    return UNKNOWN


def _names(value: Value | None) -> set[str] | None:
    """The strings of ``only=`` or ``exclude=``; None where they are not given or not known."""
    if not isinstance(value, Sequence) or value.open:
        return None
    return {i.value for i in value.items if isinstance(i, Const) and isinstance(i.value, str)}


def walk(
    interp: Interpreter,
    frame: Frame,
    cls: Class,
    schema: Value,
    data: Value,
    depth: int,
    seen: set[tuple[Class, Class]],
) -> None:
    """Look at every attribute that the schema dumps, on whatever the data can be."""
    rows: list[Object] = []
    for option in data.options():
        items = option.elements(interp, frame)[0] if not isinstance(option, Object) else [option]
        rows += [i for item in items for i in item.options() if isinstance(i, Object)]
    given = schema if isinstance(schema, Object) else None
    only = _names(given.arg(None, "only")) if given is not None else None
    without = (_names(given.arg(None, "exclude")) if given is not None else None) or set()
    without |= _names(meta_of(cls, "exclude")) or set()
    for row in rows:
        target = _class(row)
        if target is None or (cls, target) in seen:
            continue
        seen.add((cls, target))
        for name, field in _fields(interp, cls, row).items():
            if name not in without and (only is None or name in {o.partition(".")[0] for o in only}):
                _field(interp, frame, cls, schema, row, name, field, depth, seen)


def _fields(interp: Interpreter, cls: Class, row: Object) -> dict[str, Object | None]:
    """Name -> field; None for the relations that a model schema adds by itself."""
    found: dict[str, Object | None] = {}
    model = _class(row)
    entity = interp.state(Schema).of(model) if model is not None else None
    related = meta_of(cls, "include_relationships")
    if entity is not None and (
        _WITH_RELATIONS in cls.ancestors(interp) or (related is not None and related.truth() is True)
    ):
        found.update(dict.fromkeys(entity.relations))
    for owner in reversed(cls.mro()):
        for name, value in owner.namespace.items():
            if isinstance(value, Object) and "fields." in interp.kind(value):
                loads_only = value.arg(None, "load_only")
                if loads_only is None or loads_only.truth() is not True:
                    found[name] = value
    return found


def _field(
    interp: Interpreter,
    frame: Frame,
    cls: Class,
    schema: Value,
    row: Object,
    name: str,
    field: Object | None,
    depth: int,
    seen: set[tuple[Class, Class]],
) -> None:
    if field is None:
        row.get(interp, name, frame)
        return
    kind = interp.kind(field).rpartition(".")[2]
    if kind == "Method":
        method = cls.find(field.args.text(0, "serialize") or "") if field.args is not None else None
        if method is not None and isinstance(method[0], Function):
            Bound(method[0], Object(cls, None, None)).call(interp, Args([row]), frame)
        return
    if kind == "Function":
        function = field.arg(0, "serialize")
        if function is not None:
            function.call(interp, Args([row]), frame)
        return
    attribute = field.args.text(None, "attribute") if field.args is not None else None
    value: Value = row
    for part in (attribute or name).split("."):
        value = value.get(interp, part, frame)
    if isinstance(value, (Bound, Method)):
        value = UNKNOWN
    nested = _nested(interp, cls, field, frame)
    if nested is not None and value is not UNKNOWN and depth:
        inner = _class(nested)
        if inner is not None:
            walk(interp, frame, inner, nested, value, depth - 1, seen)
    else:
        value.elements(interp, frame)


def _nested(interp: Interpreter, cls: Class, field: Object, frame: Frame) -> Value | None:
    """The schema of a ``Nested`` field (or of a list of them)."""
    kind = interp.kind(field).rpartition(".")[2]
    value = field.arg(0, "nested") or field.arg(0, "cls_or_instance")
    if kind == "List" and isinstance(value, Object):
        return _nested(interp, cls, value, frame)
    if kind not in ("Nested", "Pluck", "AssociatedSchema") and NESTED not in interp.lineage(field):
        return None
    if isinstance(value, Function):
        value = value.call(interp, Args(), frame)
    for option in value.options() if value is not None else ():
        if isinstance(option, (Class, Object)):
            return Object(option, field.args, frame) if isinstance(option, Class) else option
        if isinstance(option, Const) and isinstance(option.value, str):
            if option.value == "self":
                return Object(cls, field.args, frame)
            name = option.value.rpartition(".")[2]
            found = [c for c in interp.program.classes if c.name == name and SCHEMA in c.ancestors(interp)]
            return Object(found[0], field.args, frame) if found else None
    return None


class Outcome(Object):
    """What ``load`` gives: the object itself, or (in version 2) a pair of data and errors."""

    __slots__ = ()

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [self, UNKNOWN], True

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "data":
            return self
        return UNKNOWN if name == "errors" else super().get(interp, name, frame)


def _load(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """A model schema gives an instance, or changes the one that it is given."""
    cls = _class(receiver)
    if cls is None or interp.booting:
        return None
    instance = args.get(None, "instance")
    if instance is None and isinstance(receiver, Object):
        instance = receiver.arg(None, "instance")
    changed = [o for o in (instance or UNKNOWN).options() if isinstance(o, Object)]
    for row in changed:
        interp.store_unnamed(row, UNKNOWN, frame)
    if changed:
        return _Pair(join(changed))
    model = meta_of(cls, "model")
    if isinstance(model, Class) and _makes_instances(interp, cls):
        return Outcome(model, Args(), frame)
    return UNKNOWN


def _makes_instances(interp: Interpreter, cls: Class) -> bool:
    wanted = meta_of(cls, "load_instance")
    return _WITH_RELATIONS in cls.ancestors(interp) or (wanted is not None and wanted.truth() is True)


class _Pair(Value):
    """The changed instance, bare or as ``.data``."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        if name == "data":
            return self.value
        return UNKNOWN if name == "errors" else self.value.get(interp, name, frame)

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return [self.value, UNKNOWN], True
