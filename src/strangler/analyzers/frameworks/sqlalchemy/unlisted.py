"""What looks as if it declared a table, and of which none is listed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from strangler.analyzers.frameworks.sqlalchemy.definitions import ColumnDefinition
from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED
from strangler.analyzers.frameworks.sqlalchemy.naming import is_abstract, is_root
from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.frameworks.sqlalchemy.tables import MetaData
from strangler.analyzers.plugin import (
    Args,
    Class,
    External,
    Frame,
    Function,
    Interpreter,
    Schema,
    of_unknown_base,
    syntax,
    tell_unlisted,
    traversal,
    words,
)


def tell_classes(interp: Interpreter) -> None:
    """Say which mapped classes have no table."""
    known = interp.state(Schema)
    for cls in interp.program.classes:
        if known.of(cls) is None and _declares(interp, cls):
            tell_unlisted(interp, cls)
    for cls in interp.log.nameless.values():
        if MAPPED in cls.ancestors(interp):
            message = f"{cls.name} is made here below a model: what its table is called is not known"
            interp.log.failed(cls.module, cls.line, "unlisted-model", message)


def tell_functions(interp: Interpreter) -> None:
    """Say where a ``Table(...)`` was not followed."""
    for function, line in _not_run(interp):
        message = f"{function.qualname} makes a table, but nothing is known of its name"
        interp.log.failed(function.module, line, "unresolved-table", message)


def tell_makers(interp: Interpreter, external: External, args: Args, frame: Frame) -> None:
    """Say where a library of which nothing is known is given what tables are declared on."""
    if frame.owner is not None or external.name.partition(".")[0] in _NO_MAKERS:
        return  # in the body of a class it is that class that is told
    for value in args.all():
        if isinstance(value, MetaData) or (isinstance(value, Class) and is_root(value)):
            message = (
                f"{external.name} is given what tables are declared on: those that it makes are not known"
            )
            interp.log.failed(frame.module, frame.line, "unlisted-model", message)
            break


_NO_MAKERS = frozenset(
    {
        *words("alembic flask_alembic flask_migrate flask_sqlalchemy sqlalchemy sqlmodel"),
        *sys.stdlib_module_names,
    }
)
"""Libraries that work on tables and make none."""


def _declares(interp: Interpreter, cls: Class) -> bool:
    """Whether SQLAlchemy asks for a table: a class with columns or a table of its own, that is no base."""
    if is_root(cls) or is_abstract(cls) or interp.subclasses(cls):
        return False
    if any(name.endswith((".Model", ".Document", ".Entity")) for name in cls.ancestors(interp)):
        return False  # the ledger tells every class of a library's model
    if MAPPED not in cls.ancestors(interp):
        if "__tablename__" in cls.namespace and _has_columns(cls):
            return True  # whatever it descends from
        return of_unknown_base(cls) and (_has_columns(cls) or _looks_mapped(cls))
    if "sqlmodel.SQLModel" in cls.ancestors(interp):
        table = cls.keywords.get("table")
        return table is not None and table.truth() is not False
    if not _OF_TABLES.isdisjoint(cls.namespace):
        return True
    return _has_columns(cls)


def _has_columns(cls: Class) -> bool:
    return any(isinstance(value, ColumnDefinition) for value in cls.namespace.values())


def _looks_mapped(cls: Class) -> bool:
    """Whether it names a table, or has what only columns of a mapped class are written with."""
    table = cls.keywords.get("table")
    return (
        not _OF_TABLES.isdisjoint(cls.namespace)
        or (table is not None and table.truth() is True)
        or any(_is_mapped(node) for node, _ in cls.annotations.values())
    )


def _is_mapped(node: syntax.Expr) -> bool:
    """``Mapped[int]``."""
    of = node.value if isinstance(node, syntax.Subscript) else None
    return getattr(of, "id", "") == "Mapped" or getattr(of, "attr", "") == "Mapped"


_OF_TABLES = frozenset({"__table__", "__tablename__"})


def _not_run(interp: Interpreter) -> Iterator[tuple[Function, int]]:
    """The calls of ``Table`` with columns in functions where no table was made."""
    made = state_of(interp).made_at
    for function in interp.program.functions:
        if b"Table" not in function.body:
            continue
        for node in traversal.walk(syntax.unpack(function.body)):
            if not isinstance(node, syntax.Call) or (function.module.facts.path, node.line) in made:
                continue
            if len(node.args) > 2 and _is_table(node.func, function):
                yield function, node.line
                break


def _is_table(node: syntax.Expr, function: Function) -> bool:
    env = function.module.env
    if isinstance(node, syntax.Name):
        value = env.get(node.id)
        if value is None and node.id == "Table":
            return any(star.partition(".")[0] == "sqlalchemy" for star in function.module.stars)
    elif isinstance(node, syntax.Attribute) and node.attr == "Table" and isinstance(node.value, syntax.Name):
        value = env.get(node.value.id)
        return isinstance(value, External) and value.name.partition(".")[0] == "sqlalchemy"
    else:
        return False
    return isinstance(value, External) and value.name == "sqlalchemy.Table"
