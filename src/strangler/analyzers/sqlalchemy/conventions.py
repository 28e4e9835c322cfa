"""What an unannotated parameter is by its name: a session, a connection, or a row of a mapped class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.knowledge import words
from strangler.analyzers.python.values import NONE, Class, Function, Module, Object, Sequence, Value
from strangler.analyzers.sqlalchemy.factories import CONNECTION, SESSION
from strangler.analyzers.sqlalchemy.names import MAPPED
from strangler.analyzers.sqlalchemy.naming import snake_case
from strangler.analyzers.sqlalchemy.state import state_of

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter

_SESSION_NAMES = set(
    words("""
        session db_session dbsession sess async_session db sa_session sql_session database_session _session
        dbs dbsess session_ db_sess
    """)
)
_CONNECTION_NAMES = {"connection", "conn", "dbconn", "db_conn"}
_PREFIXES = ("db_", "current_", "new_", "old_", "existing_", "target_", "source_", "the_", "a_")


def parameter(ip: Interpreter, function: Function, index: int, name: str) -> Value | None:
    """The value of a parameter by convention, where the monolith uses SQLAlchemy."""
    if not ip.extensions.get("sqlalchemy.used"):
        return None
    if name in _SESSION_NAMES:
        return _guessed(ip, SESSION)
    if name in _CONNECTION_NAMES:
        return _guessed(ip, CONNECTION)
    annotated = index < len(function.params) and function.params[index][1] is not None
    row = None if annotated else row_named(ip, name)
    one = row.items[0] if isinstance(row, Sequence) else row
    cls = one.cls if isinstance(one, Object) else None
    return row if isinstance(cls, Class) and _acquainted(function, cls) else None


def _acquainted(function: Function, cls: Class) -> bool:
    """Whether the function's module works with rows: it is of the class's package, or imports mapped ones."""
    here, there = function.module, cls.module
    if here is there or here.name.rpartition(".")[0] == there.name.rpartition(".")[0] != "":
        return True
    for value in here.env.values():
        if isinstance(value, Class) and MAPPED in value.extra:
            return True
        if isinstance(value, Module) and value.name == there.name:
            return True
        if isinstance(value, (Class, Function)) and value.module is there:
            return True
        if isinstance(value, Object) and value.attrs.get("<session>") is not None:
            return True  # Flask-SQLAlchemy's db
    return False


def _guessed(ip: Interpreter, kind: str) -> Value:
    value = Object(ip.external(kind), None, None)
    value.attrs["<guess>"] = NONE
    return value


def row_named(ip: Interpreter, name: str) -> Value | None:
    """An instance (or a list of instances) of the one mapped class that is called like the parameter."""
    index: dict[str, Class | None] | None = ip.extensions.get("sqlalchemy.rows")
    if index is None:
        index = ip.extensions["sqlalchemy.rows"] = _index(ip)
    for prefix in ("", *_PREFIXES):
        if name.startswith(prefix):
            short = name[len(prefix) :]
            cls = index.get(short)
            if cls is not None:
                return Object(cls, None, None)
            for singular in _singulars(short):
                cls = index.get(singular)
                if cls is not None and short not in index:
                    return Sequence([Object(cls, None, None)], "list", True)
    return None


def _singulars(name: str) -> list[str]:
    if name.endswith("ies"):
        return [name[:-3] + "y"]
    if name.endswith("ses") or name.endswith("xes"):
        return [name[:-2], name[:-1]]
    return [name[:-1]] if name.endswith("s") and not name.endswith("ss") else []


def _index(ip: Interpreter) -> dict[str, Class | None]:
    """snake_case name of a class -> the class; None where several share it."""
    found: dict[str, Class | None] = {}
    for cls in state_of(ip).mapped:
        name = snake_case(cls.name)
        for key in {name, *_singulars(name)}:
            found[key] = None if key in found and found[key] is not cls else cls
    return found
