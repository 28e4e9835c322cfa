"""Which classes are mapped, and the names and schemas of their tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from strangler.analyzers.frameworks.sqlalchemy.definitions import (
    DeclaredAttr,
)
from strangler.analyzers.frameworks.sqlalchemy.mixins import mixin_of
from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED
from strangler.analyzers.frameworks.sqlalchemy.tables import MetaData
from strangler.analyzers.plugin import (
    NONE,
    Class,
    External,
    Function,
    Interpreter,
    Mapping,
    Sequence,
    StatedName,
    Value,
    Wrapper,
    full_name,
    stated_name,
)

_ROOTS = {"sqlalchemy.DeclarativeBase", "sqlalchemy.DeclarativeBaseNoMeta"}


_CAMEL = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")


def is_root(cls: Class) -> bool:
    """Whether it is a declarative base rather than a mapped class."""
    return any(isinstance(b, External) and b.name in _ROOTS for b in cls.bases)


def is_abstract(cls: Class) -> bool:
    """``__abstract__ = True`` in the class itself."""
    value = cls.namespace.get("__abstract__")
    return value is not None and value.truth() is True


def is_mapped(interp: Interpreter, cls: Class) -> bool:
    """Whether the class has a mapper (a table, or a part in its parent's)."""
    known = cls.extra.get("sqlalchemy.is_mapped")
    if known is None:
        cls.extra["sqlalchemy.is_mapped"] = False
        known = cls.extra["sqlalchemy.is_mapped"] = _is_mapped(interp, cls)
        if interp.booting and not known:  # a metaclass may still give it a table
            del cls.extra["sqlalchemy.is_mapped"]
    return bool(known)


def _is_mapped(interp: Interpreter, cls: Class) -> bool:
    lineage = cls.ancestors(interp)
    if MAPPED not in lineage or is_root(cls) or is_abstract(cls):
        return False
    if "sqlmodel.SQLModel" in lineage:
        table = cls.keywords.get("table")
        return table is not None and table.truth() is True
    if "__table__" in cls.namespace or mapped_parent(interp, cls) is not None:
        return True
    return table_name(interp, cls) is not None


def mapped_parent(interp: Interpreter, cls: Class) -> Class | None:
    """The nearest mapped class that it inherits from."""
    return next((c for c in cls.mro()[1:] if is_mapped(interp, c)), None)


def own_classes(interp: Interpreter, cls: Class) -> Iterator[Class]:
    """The class, and the mixins and abstract bases that declare for it."""
    yield cls
    parent = mapped_parent(interp, cls)
    theirs = set(parent.mro()) if parent is not None else set()
    for other in cls.mro()[1:]:
        if other not in theirs and not is_mapped(interp, other):
            yield other


def table_name(interp: Interpreter, cls: Class) -> str | None:
    """The name of the table that the class declares; None where it uses its parent's or has none."""
    return stated_table(interp, cls).text or None


def full_table_name(interp: Interpreter, cls: Class) -> StatedName:
    """The same with its schema, and with what is in doubt of both; no text where there is none."""
    name = stated_table(interp, cls)
    return full_name(name, schema_of(interp, cls)) if name.text else name


def stated_table(interp: Interpreter, cls: Class) -> StatedName:
    """The name that the class states or gets by convention; of one that is put together, what is known."""
    value = _stated_name(interp, cls)
    if value is None:
        return StatedName(_by_convention(interp, cls) or "")
    stated = stated_name(value)
    return stated if stated.text or not stated.doubt else StatedName(snake_case(cls.name), stated.doubt)


def _stated_name(interp: Interpreter, cls: Class) -> Value | None:
    """``__tablename__``; None where the class gets a name by convention, or shares its parent's table."""
    for other in cls.mro():
        value = other.namespace.get("__tablename__")
        if value is None:
            continue
        if isinstance(value, (Function, Wrapper)):
            value = DeclaredAttr(value.function if isinstance(value, Wrapper) else value)
        if isinstance(value, DeclaredAttr):
            if other is cls or not is_mapped(interp, other):
                return value.of(interp, cls, interp.root_frame)
        elif other is cls or not is_mapped(interp, other):
            return value
        else:
            break
    return None


def _by_convention(interp: Interpreter, cls: Class) -> str | None:
    lineage = cls.ancestors(interp)
    if "sqlmodel.SQLModel" in lineage:
        return cls.name.lower()
    if "flask_sqlalchemy.Model" in lineage:  # what is given as ``model_class`` has no metadata, and no table
        has_metadata = any("metadata" in one.namespace for one in cls.mro())
        return snake_case(cls.name).lstrip("_") if has_metadata else None
    if not _APPBUILDER.isdisjoint(lineage):
        return snake_case(cls.name).lstrip("_")
    mixin = mixin_of(interp, cls)
    if mixin is not None:
        return mixin.table
    if any(root.startswith("advanced_alchemy.base.") for root in lineage):
        return snake_case(cls.name)
    return None


_APPBUILDER = frozenset({"flask_appbuilder.Model", "flask_appbuilder.models.sqla.Model"})
"""Flask-AppBuilder's base, whose metaclass is Flask-SQLAlchemy's."""


def snake_case(name: str) -> str:
    """The name that Flask-SQLAlchemy and Advanced Alchemy make of a class: ``BlogPost`` -> ``blog_post``."""
    return _CAMEL.sub(r"_\1", name).lower()


def metadata_of(cls: Class) -> MetaData | None:
    """The metadata that the class's tables belong to."""
    for other in cls.mro():
        value = other.namespace.get("metadata")
        if isinstance(value, MetaData):
            return value
    return None


def schema_of(interp: Interpreter, cls: Class) -> StatedName:
    """The schema of the class's table: its own, or that of its metadata."""
    arguments = table_arguments(interp, cls)
    for option in arguments.options() if arguments is not None else ():
        parts = option.items if isinstance(option, Sequence) else [option]
        for part in reversed(parts):
            stated = part.items.get("schema") if isinstance(part, Mapping) else None
            if stated is not None and stated is not NONE:
                return stated_name(stated)
    meta = metadata_of(cls)
    return meta.stated if meta is not None else StatedName("")


def table_arguments(interp: Interpreter, cls: Class) -> Value | None:
    """``__table_args__`` of the class or of what declares for it.

    SQLAlchemy asks whether the class, a class of its lineage without a table, or a ``declared_attr`` states
    them, and then takes what Python finds first, be it a mapped parent's.
    """
    stated = [(other, other.namespace.get("__table_args__")) for other in cls.mro()]
    found = [(other, value) for other, value in stated if value is not None]
    if not any(
        other is cls or isinstance(value, DeclaredAttr) or not is_mapped(interp, other)
        for other, value in found
    ):
        return None
    first, value = found[0]
    if first is not cls and mapped_parent(interp, cls) is not None and table_name(interp, cls) is None:
        return None
    return value.of(interp, cls, interp.root_frame) if isinstance(value, DeclaredAttr) else value


def table_rules(interp: Interpreter, cls: Class) -> list[Value]:
    """Constraints and indexes of ``__table_args__``, whichever of several values it has."""
    arguments = table_arguments(interp, cls)
    options = arguments.options() if arguments is not None else ()
    found = {id(rule): rule for one in options if isinstance(one, Sequence) for rule in one.items}
    return list(found.values())
