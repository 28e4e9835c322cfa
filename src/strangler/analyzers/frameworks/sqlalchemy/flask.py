"""Flask-SQLAlchemy: the ``db`` object, ``Model.query`` and the ``*_or_404`` helpers."""

from __future__ import annotations

from strangler.analyzers.frameworks.sqlalchemy.declaring import table
from strangler.analyzers.frameworks.sqlalchemy.executing import execute
from strangler.analyzers.frameworks.sqlalchemy.factories import ENGINE, new_session
from strangler.analyzers.frameworks.sqlalchemy.names import MAPPED
from strangler.analyzers.frameworks.sqlalchemy.rows import Page
from strangler.analyzers.frameworks.sqlalchemy.statements import Statement
from strangler.analyzers.frameworks.sqlalchemy.tables import MetaData
from strangler.analyzers.frameworks.sqlalchemy.tags import METADATA, MODEL, OF_DB, SESSION
from strangler.analyzers.plugin import (
    TRUE,
    UNKNOWN,
    Args,
    Class,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Object,
    Schema,
    Value,
    join,
)

DB = "flask_sqlalchemy.SQLAlchemy"
_OWN = {
    "init_app", "create_all", "drop_all", "reflect", "apply_pool_defaults", "apply_driver_hacks", "get_app",
    "create_session", "create_scoped_session", "make_declarative_base", "get_tables_for_bind", "get_binds",
}  # fmt: skip


def member(interp: Interpreter, db: Object, name: str, frame: Frame) -> Value | None:
    """``db.<name>``: the model base, the session, or anything of SQLAlchemy."""
    if name == "Model":
        return _model(interp, db, frame)
    if name == "session":
        return _session(interp, db)
    if name in ("metadata", "metadatas"):
        return metadata_of(db)
    if name in ("engine", "get_engine", "engines"):
        return Object(interp.external(ENGINE), None, None)
    if name == "Query":
        return interp.external("sqlalchemy.Query")
    if name in _OWN or name.startswith("__"):
        return None
    if name in ("get_or_404", "first_or_404", "one_or_404", "paginate"):
        return _Helper(db, name)
    if name == "Table":
        return _Table(db)
    return interp.external(f"sqlalchemy.{name}")


def metadata_of(db: Object) -> MetaData:
    """The metadata that was passed to ``SQLAlchemy(metadata=...)``, or its own."""
    known = METADATA.of(db)
    if known is not None:
        return known
    given = db.arg(None, "metadata")
    if not isinstance(given, MetaData):
        base = db.arg(None, "model_class")
        found = base.find("metadata") if isinstance(base, Class) else None
        given = found[0] if found is not None and isinstance(found[0], MetaData) else None
    return METADATA.put(db, given if isinstance(given, MetaData) else MetaData())


def _session(interp: Interpreter, db: Object) -> Object:
    return SESSION.of(db) or SESSION.put(db, new_session(interp))


def _model(interp: Interpreter, db: Object, frame: Frame) -> Value:
    """``db.Model``: one class for each ``db``, below whatever ``model_class`` names."""
    known = MODEL.of(db)
    if known is not None:
        return known
    given = db.arg(None, "model_class")
    made = Class(frame.module, "Model", "Model", frame.line, frame.line)
    made.bases = [interp.external("flask_sqlalchemy.Model")]
    if isinstance(given, (Class, External)):
        made.bases.insert(0, given)
    made.namespace["__abstract__"] = TRUE
    made.namespace["metadata"] = metadata_of(db)
    OF_DB.put(made, db)
    return MODEL.put(db, made)


class _Table(Value):
    """``db.Table``: the metadata is implied."""

    __slots__ = ("db",)

    def __init__(self, db: Object) -> None:
        self.db = db

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        given = list(args.positional)
        if not any(isinstance(a, MetaData) for a in given):
            given.insert(1, metadata_of(self.db))
        return table(
            interp, interp.external("sqlalchemy.Table"), Args(given, args.keywords, args.open), frame
        )


class _Helper(Value):
    """``db.get_or_404(Model, pk)``, ``db.paginate(select)``."""

    __slots__ = ("db", "name")

    def __init__(self, db: Object, name: str) -> None:
        self.db = db
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        first = args.get(0)
        session = _session(interp, self.db)
        if self.name == "get_or_404":
            made = Statement("query", frame)
            made.session = session
            return made.selecting([first or UNKNOWN]).run(interp, frame)
        row = execute(interp, first, frame, session)
        return Page(row) if self.name == "paginate" else row


def class_query(interp: Interpreter, cls: Class, frame: Frame) -> Value | None:
    """``Model.query``."""
    if "flask_sqlalchemy.Model" not in cls.ancestors(interp):
        return None
    db = next(filter(None, map(OF_DB.of, cls.mro())), None)
    query_class = cls.find("query_class")
    given = query_class[0] if query_class is not None else (db.arg(None, "query_class") if db else None)
    made = Statement("query", frame)
    made.session = _session(interp, db) if db is not None else new_session(interp)
    made.query_class = given if isinstance(given, Class) else None
    return made.selecting([cls])


def current_user(interp: Interpreter, external: External, name: str, frame: Frame) -> Value | None:
    """flask-login's ``current_user``: a row of the class that its mixin marks."""
    if interp.booting:
        return None
    classes = [
        cls
        for cls in interp.program.classes
        if MAPPED in cls.extra
        and not cls.ancestors(interp).isdisjoint(_USER_MIXINS)
        and interp.state(Schema).of(cls)
    ]
    if name == "_get_current_object":
        return None
    for cls in classes:  # the first look in a request loads it
        if (entity := interp.state(Schema).of(cls)) is not None:
            interp.log.access(frame, entity, "read", "request", "inferred")
    return join([Object(cls, None, None).get(interp, name, frame) for cls in classes]) if classes else None


_USER_MIXINS = {"flask_login.UserMixin", "flask_security.UserMixin", "flask_login.mixins.UserMixin"}


def teach_flask(knowledge: Knowledge) -> None:
    """Register it."""
    knowledge.instance_members[DB] = member
    for module in ("flask_login", "flask_security", "flask_login.utils"):
        knowledge.attributes[f"{module}.current_user"] = current_user
    knowledge.hierarchy["flask_sqlalchemy.SQLAlchemy"] = ()
    knowledge.aliases["flask_sqlalchemy.extension.SQLAlchemy"] = DB
    knowledge.aliases["flask.ext.sqlalchemy"] = "flask_sqlalchemy"
    knowledge.aliases["flask_sqlalchemy.model.Model"] = "flask_sqlalchemy.Model"
    knowledge.aliases["flask_appbuilder.SQLA"] = DB
    knowledge.aliases["flask_appbuilder.models.sqla.Base"] = "flask_appbuilder.Model"
    knowledge.aliases["quart_sqlalchemy.SQLAlchemy"] = DB
    knowledge.aliases["flask_sqlalchemy_lite.SQLAlchemy"] = DB
