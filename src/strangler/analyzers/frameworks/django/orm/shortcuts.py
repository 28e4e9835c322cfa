"""Django functions that query: shortcuts, transactions, cursors, and the user of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.django.databases import database_named
from strangler.analyzers.frameworks.django.entities import entity_of
from strangler.analyzers.frameworks.django.library import MODEL
from strangler.analyzers.frameworks.django.orm import lookups, requests, sessions
from strangler.analyzers.frameworks.django.orm.evidence import row_of, unsure
from strangler.analyzers.frameworks.django.orm.queries import queries
from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Bound,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Sequence,
    Value,
    join,
)

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings

REQUEST = "django.http.request.HttpRequest"
CURSOR = "django.db.connection.cursor"


class Atomic(Value):
    """``transaction.atomic(using)``: a block or a decorator."""

    __slots__ = ("database",)
    opens_transaction = True

    def __init__(self, database: str = "") -> None:
        self.database = database

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        function = args.get(0)
        if isinstance(function, Function):
            function.transactional, function.database = True, self.database
            return function
        return self

    def key(self) -> object:
        return "atomic", self.database


def _get_object(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    found = queries(args.get(0, "klass"), interp, frame)
    rest = Args(args.positional[1:], args.keywords, args.open)
    rows: list[Value] = []
    for query in found:
        entity = entity_of(interp, query.model)
        query = query if "list" in external.name else query.unordered()
        if entity is not None:
            query = query.also(frame, lookups.keywords(interp, entity, rest, frame))
        query.consume(interp, frame)
        rows.append(query.row(frame))
    if not found:
        return UNKNOWN
    if "list" in external.name:
        return Sequence(rows, "list", True)
    return join(rows)


def _atomic(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    first = args.get(0, "using")
    if isinstance(first, Function):
        return Atomic().call(interp, args, frame)
    return Atomic(database_named(first))


def _on_commit(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    function = args.get(0, "func")
    region, frame.region = frame.region, ()
    if isinstance(function, (Function, Bound)) or function is not None:
        with interp.log.apart():
            function.call(interp, Args(), frame)
    frame.region = region
    return NONE


def _cursor(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return Object(External(CURSOR), args, frame)


def _execute(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    from strangler.analyzers.frameworks.sql import note_sql

    note_sql(interp, frame, args.get(0, "sql") or UNKNOWN)
    return receiver


def _fetch(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    return UNKNOWN


def _named(interp: Interpreter, request: Object, name: str, frame: Frame) -> Value | None:
    """An attribute of a request that something unknown sets, as a decorator may: by its name."""
    guesses = (guess(interp, request, name, frame) for guess in interp.knowledge.conventions)
    return next((guess for guess in guesses if guess is not None), None)


def user_class(interp: Interpreter, settings: Settings) -> Value:
    """The model that AUTH_USER_MODEL names; UNKNOWN where it is not found."""
    name = settings.text(interp, "AUTH_USER_MODEL") or "auth.User"
    if name == "auth.User":
        return interp.external("django.contrib.auth.models.User")
    model = name.partition(".")[2]
    for cls in interp.classes_called(model):
        if MODEL in cls.ancestors(interp):
            return cls
    return UNKNOWN


def teach(knowledge: Knowledge, settings: Settings) -> None:
    """Shortcuts, transactions, cursors, requests."""
    for name in ("get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"):
        knowledge.calls[f"django.shortcuts.{name}"] = _get_object
    knowledge.calls["rest_framework.generics.get_object_or_404"] = _get_object
    knowledge.calls["django.db.transaction.atomic"] = _atomic
    knowledge.calls["django.db.transaction.commit_on_success"] = _atomic
    knowledge.calls["django.db.transaction.on_commit"] = _on_commit
    knowledge.calls["django.db.connection.cursor"] = _cursor
    knowledge.methods["django.db.connections.__getitem__"] = lambda interp, receiver, args, frame: (
        interp.external("django.db.connection")
    )
    for method in ("execute", "executemany", "callproc"):
        knowledge.methods[f"{CURSOR}.{method}"] = _execute
    for method in ("fetchone", "fetchall", "fetchmany"):
        knowledge.methods[f"{CURSOR}.{method}"] = _fetch

    def get_user_model(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        return user_class(interp, settings)

    def request_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
        if name in ("user", "auser"):
            model = user_class(interp, settings)
            entity = entity_of(interp, model)
            if entity is not None:
                interp.log.access(frame, entity, "read", "request", "inferred")
                if sessions.stored(interp, settings):
                    sessions.touched(interp, frame, "read")  # it says who the user is
            return row_of(model)
        if name in obj.attrs:
            return obj.attrs[name]
        if name == "session" and sessions.stored(interp, settings):
            return Object(External(sessions.SESSION), None, None)
        if name in requests.OWN:
            return UNKNOWN
        known = requests.attribute(interp, settings, name)
        return known if known is not None or interp.booting else _named(interp, obj, name, frame)

    def parameter(interp: Interpreter, function: Function, index: int, name: str) -> Value | None:
        if settings.scope(interp) is None:
            return None
        if name == "user" and not interp.booting:
            return unsure(row_of(user_class(interp, settings)), "inferred")
        return Object(External(REQUEST), None, None) if name == "request" and index <= 2 else None

    def authenticate(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        model = user_class(interp, settings)
        entity = entity_of(interp, model)
        if entity is not None:
            interp.log.access(frame, entity, "read", "orm", "inferred")
        return row_of(model)

    def login(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        entity = entity_of(interp, user_class(interp, settings))
        if entity is not None:
            interp.log.access(frame, entity, "write", "orm", "inferred")  # last_login
        return renewed(interp, external, args, frame)

    def renewed(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        if sessions.stored(interp, settings):
            sessions.touched(interp, frame, "read", "write")
        return NONE

    knowledge.calls["django.contrib.auth.get_user_model"] = get_user_model
    knowledge.calls["django.contrib.auth.authenticate"] = authenticate
    knowledge.calls["django.contrib.auth.login"] = login
    knowledge.calls["django.contrib.auth.logout"] = renewed
    knowledge.calls["django.contrib.auth.update_session_auth_hash"] = renewed
    sessions.teach(knowledge)
    knowledge.aliases["django.http.HttpRequest"] = REQUEST
    knowledge.hierarchy["rest_framework.request.Request"] = (REQUEST,)
    knowledge.instance_members[REQUEST] = request_member
    knowledge.stores[REQUEST] = requests.stored
    knowledge.parameters.append(parameter)
