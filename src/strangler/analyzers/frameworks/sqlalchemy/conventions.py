"""What an unannotated parameter is by its name: a session, a connection, or a row of a mapped class."""

from __future__ import annotations

from strangler.analyzers.frameworks.sqlalchemy.factories import CONNECTION, SESSION
from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED
from strangler.analyzers.frameworks.sqlalchemy.naming import snake_case
from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.frameworks.sqlalchemy.tags import SESSION as FLASK_SESSION
from strangler.analyzers.frameworks.sqlalchemy.tags import guess
from strangler.analyzers.plugin import (
    Class,
    External,
    Frame,
    Function,
    Interpreter,
    Module,
    ModuleScope,
    Object,
    Schema,
    Sequence,
    Value,
    syntax,
    traversal,
    words,
)

_SESSION_NAMES = set(
    words("""
        session db_session dbsession sess async_session db sa_session sql_session database_session _session
        dbs dbsess session_ db_sess
    """)
)
_CONNECTION_NAMES = {"connection", "conn", "dbconn", "db_conn"}
_PREFIXES = ("db_", "current_", "new_", "old_", "existing_", "target_", "source_", "the_", "a_")


def parameter(interp: Interpreter, function: Function, index: int, name: str) -> Value | None:
    """The value of a parameter by convention, where the monolith uses SQLAlchemy."""
    if not state_of(interp).used:
        return None
    if name in _SESSION_NAMES:
        return _guessed(interp, SESSION)
    if name in _CONNECTION_NAMES:
        return _guessed(interp, CONNECTION)
    if index < len(function.params) and function.params[index].annotation is not None:
        return None
    return known_row(interp, function.module, name) or row_used(interp, function, name)


def known_row(interp: Interpreter, module: ModuleScope, name: str) -> Value | None:
    """A row of the mapped class that a name says, in a module that works with such rows."""
    row = row_named(interp, name)
    one = row.items[0] if isinstance(row, Sequence) else row
    cls = one.cls if isinstance(one, Object) else None
    return row if isinstance(cls, Class) and _acquainted(module, cls) else None


def keyed(interp: Interpreter, key: str, frame: Frame) -> Value | None:
    """``options["authority"]``, of a dict of which nothing else is known."""
    if not state_of(interp).used or not key.isidentifier():
        return None
    return _doubtful(known_row(interp, frame.module, key))


def of_request(interp: Interpreter, external: External, name: str, frame: Frame) -> Value | None:
    """``g.user``: what flask's context object is given elsewhere."""
    if interp.booting or not state_of(interp).used:
        return None
    return known_row(interp, frame.module, name)


def row_used(interp: Interpreter, function: Function, name: str) -> Value | None:
    """A row of the only class that has all the attributes that the function uses of a parameter."""
    if name in ("self", "cls") or (function.owner is not None and name == function.params[0].name):
        return None
    used = frozenset(n for n in attributes_of(interp, function).get(name, ()) if not n.startswith("_"))
    known = state_of(interp).with_attributes
    if len(used) < 2:
        return None
    if used not in known:
        known[used] = _class_with(interp, used)
    cls = known[used]
    if cls is None or not _acquainted(function.module, cls):
        return None
    return _doubtful(Object(cls, None, None))


def attributes_of(interp: Interpreter, function: Function) -> dict[str, set[str]]:
    """Parameter -> the attributes of it that the body names."""
    cache = state_of(interp).attributes
    if function not in cache:
        found: dict[str, set[str]] = {param.name: set() for param in function.params}
        for node in traversal.walk(syntax.unpack_body(function.body)):
            match node:
                case syntax.Attribute(value=syntax.Name(id=name), attr=attribute) if name in found:
                    found[name].add(attribute)
        cache[function] = found
    return cache[function]


def _class_with(interp: Interpreter, names: frozenset[str]) -> Class | None:
    """The one mapped class with all these attributes, one of them a relation or its own; None where
    several have them, or a class that is no table."""
    state = state_of(interp)
    if state.shapes is None:
        rivals = [cls for cls in interp.classes if "marshmallow.Schema" not in cls.ancestors(interp)]
        state.shapes = [(cls, _shape(interp, cls)) for cls in rivals]
    fitting = [cls for cls, shape in state.shapes if names <= shape]
    entities = {interp.state(Schema).of(cls) for cls in fitting if MAPPED in cls.extra}
    plain = [cls for cls in fitting if MAPPED not in cls.extra and not interp.subclasses(cls)]
    if len(entities) != 1 or None in entities or plain:
        return None
    entity = entities.pop()
    return entity.cls if entity is not None else None


def _shape(interp: Interpreter, cls: Class) -> set[str]:
    """The names of the attributes of a class's instances."""
    names = {
        name
        for part in cls.mro()
        for table in (part.namespace, part.annotations, part.attrs)
        for name in table
    }
    entity = interp.state(Schema).of(cls) if MAPPED in cls.extra else None
    while entity is not None:
        names |= {*entity.columns, *entity.relations}
        entity = entity.parents[0] if entity.parents else None
    return names


def _doubtful(row: Value | None) -> Value | None:
    return guess(row) if isinstance(row, Object) else row


def _acquainted(here: ModuleScope, cls: Class) -> bool:
    """Whether a module works with rows: it is of the class's package, or imports mapped ones."""
    there = cls.module
    if here is there or here.name.rpartition(".")[0] == there.name.rpartition(".")[0] != "":
        return True
    for value in here.env.values():
        if isinstance(value, Class) and MAPPED in value.extra:
            return True
        if isinstance(value, Module) and value.name == there.name:
            return True
        if isinstance(value, (Class, Function)) and value.module is there:
            return True
        if FLASK_SESSION.of(value) is not None:
            return True  # Flask-SQLAlchemy's db
    return False


def _guessed(interp: Interpreter, kind: str) -> Value:
    return guess(Object(interp.external(kind), None, None))


def row_named(interp: Interpreter, name: str) -> Value | None:
    """An instance (or a list of instances) of the one mapped class that is called like the parameter."""
    state = state_of(interp)
    if state.named is None:
        state.named = _index(interp)
    index = state.named
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


def _index(interp: Interpreter) -> dict[str, Class | None]:
    """snake_case name of a class -> the class; None where several share it."""
    found: dict[str, Class | None] = {}
    for cls in state_of(interp).mapped:
        name = snake_case(cls.name)
        for key in {name, *_singulars(name)}:
            found[key] = None if key in found and found[key] is not cls else cls
    tables: dict[str, Class | None] = {}
    for cls in state_of(interp).mapped:
        entity = interp.state(Schema).of(cls)
        if entity is not None and entity.cls is cls:
            for key in _singulars(entity.table.rpartition(".")[2]):
                tables[key] = None if key in tables else cls
    return {**tables, **found}
