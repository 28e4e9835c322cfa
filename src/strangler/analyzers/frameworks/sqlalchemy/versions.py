"""SQLAlchemy-Continuum: a table of versions beside each model that asks for it, and one of transactions."""

from __future__ import annotations

from dataclasses import dataclass

from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.plugin import (
    NONE,
    Args,
    Class,
    Const,
    Entity,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Mapping,
    Place,
    Schema,
    Value,
    known_strings,
    place,
)
from strangler.model import Column, ForeignKey

TRANSACTION = "transaction"


@dataclass
class Versioning:
    """What one run is told of versions."""

    place: Place | None = None
    args: Args | None = None
    """Of ``make_versioned``; None where it is not called."""

    def option(self, name: str, default: str) -> str:
        """One of the library's options for all models."""
        options = self.args.get(None, "options") if self.args is not None else None
        stated = options.items.get(name) if isinstance(options, Mapping) else None
        return stated.value if isinstance(stated, Const) and isinstance(stated.value, str) else default


def teach(knowledge: Knowledge) -> None:
    """``make_versioned``."""
    knowledge.calls["sqlalchemy_continuum.make_versioned"] = _make_versioned


def _make_versioned(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    versioning = interp.state(Versioning)
    versioning.args, versioning.place = args, place(frame)
    return NONE


def add(interp: Interpreter) -> None:
    """Add the library's tables to the schema, once the models are in it."""
    versioning, schema = interp.state(Versioning), interp.state(Schema)
    if versioning.args is None or versioning.place is None:
        return
    copied = False
    for cls in list(state_of(interp).mapped):
        entity, stated = schema.by_class.get(cls), cls.find("__versioned__")
        if stated is not None and entity is not None and entity.cls is cls:
            copied = True
            _versions(interp, versioning, cls, entity, stated[0])
    if not copied:
        return
    kept = Entity(None, TRANSACTION, "sqlalchemy", versioning.place.file, versioning.place.line)
    for name, kind in (("id", "BigInteger"), ("issued_at", "DateTime"), ("remote_addr", "String")):
        kept.columns[name] = Column(name=name, type=kind, primary_key=name == "id")
    user = versioning.args.get(None, "user_cls") or Const("User")
    called = user.value if isinstance(user, Const) else user.name if isinstance(user, Class) else None
    users = [entity for cls, entity in schema.by_class.items() if cls.name == called]
    if users:
        kept.columns["user_id"] = Column(name="user_id", type="Integer", nullable=True)
        kept.foreign_keys.append(ForeignKey(column="user_id", table=users[0].table, on_delete=None))
    schema.add(kept)


def _versions(interp: Interpreter, versioning: Versioning, cls: Class, entity: Entity, stated: Value) -> None:
    """The columns of a model's table, without keys, and those that say when a row was so."""
    own = stated.items if isinstance(stated, Mapping) else {}
    left_out = set(known_strings(interp, own["exclude"], interp.root_frame)) if "exclude" in own else set()
    name = f"{cls.name}Version"
    model = Class(cls.module, name, name, cls.line, cls.line)
    table = versioning.option("table_name", "%s_version").replace("%s", entity.table)
    copy = Entity(model, table, "sqlalchemy", entity.path, entity.line)
    for attribute, column in entity.columns.items():
        if attribute not in left_out:
            copy.columns[attribute] = Column(
                name=column.name,
                type=column.type,
                primary_key=column.primary_key,
                nullable=not column.primary_key,
            )
    for option, default, primary in (
        ("transaction_column_name", "transaction_id", True),
        ("end_transaction_column_name", "end_transaction_id", False),
        ("operation_type_column_name", "operation_type", False),
    ):
        added = versioning.option(option, default)
        copy.columns[added] = Column(name=added, type="BigInteger", primary_key=primary, nullable=not primary)
    copy.primary_key = entity.primary_key
    interp.state(Schema).add(copy)
