"""Where sessions, engines and transactions come from."""

from __future__ import annotations

from collections.abc import Hashable

from strangler.analyzers.frameworks.sqlalchemy.state import state_of
from strangler.analyzers.frameworks.sqlalchemy.statements import Statement
from strangler.analyzers.plugin import UNKNOWN, Args, Class, External, Frame, Interpreter, Object, Value

SESSION, CONNECTION, ENGINE = "sqlalchemy.Session", "sqlalchemy.Connection", "sqlalchemy.Engine"


def new_session(interp: Interpreter, cls: Value | None = None) -> Object:
    """A session; all are alike for whoever is passed one."""
    return Object(cls if isinstance(cls, (Class, External)) else interp.external(SESSION), None, None)


class TransactionBlock(Value):
    """``session.begin()``, ``engine.begin()``: a block whose writes are committed together."""

    __slots__ = ("value",)
    opens_transaction = True

    def __init__(self, value: Value) -> None:
        self.value = value

    def enter(self, interp: Interpreter, frame: Frame) -> Value:
        return self.value

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.value.get(interp, name, frame)

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return self.value

    def key(self) -> Hashable:
        return ("begin", self.value.key())


class SessionFactory(Value):
    """``sessionmaker(...)``."""

    __slots__ = ("cls",)

    def __init__(self, cls: Value | None) -> None:
        self.cls = cls

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return new_session(interp, self.cls)

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return _Begin(self) if name == "begin" else UNKNOWN

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("sessionmaker", self.cls.key() if self.cls is not None else None)


class _Begin(Value):
    __slots__ = ("factory",)

    def __init__(self, factory: SessionFactory) -> None:
        self.factory = factory

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return TransactionBlock(new_session(interp, self.factory.cls))


class QueryProperty(Value):
    """``session.query_property()`` or Flask-SQLAlchemy's ``Model.query``."""

    __slots__ = ("query_class", "session")

    def __init__(self, session: Object, query_class: Class | None = None) -> None:
        self.session = session
        self.query_class = query_class

    def of(self, cls: Class, frame: Frame) -> Statement:
        """The query over a class."""
        made = Statement("query", frame)
        made.session, made.query_class = self.session, self.query_class
        return made.selecting([cls])


def sessionmaker(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``sessionmaker(class_=...)``, ``async_sessionmaker``."""
    _note_keeping(interp, args)
    cls = args.get(None, "class_")
    return SessionFactory(cls if isinstance(cls, Class) else None)


def _note_keeping(interp: Interpreter, args: Args) -> None:
    keeps = args.get(None, "expire_on_commit")
    if keeps is not None and keeps.truth() is not True:
        state_of(interp).keeps_rows = True


def scoped_session(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``scoped_session(factory)`` behaves as the session of the moment."""
    factory = args.get(0)
    return new_session(interp, factory.cls if isinstance(factory, SessionFactory) else None)


def session(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``Session(engine)``."""
    _note_keeping(interp, args)
    return new_session(interp)


def engine(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    """``create_engine(...)``."""
    return Object(interp.external(ENGINE), None, None)
