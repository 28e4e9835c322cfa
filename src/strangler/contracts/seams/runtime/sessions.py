"""The sessions of SQLAlchemy that rows are read by: each side has its own."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from typing import Any

from .codec import WireError

CURRENT: contextvars.ContextVar[Any] = contextvars.ContextVar("session", default=None)
"""The session by which rows are read: on the caller's side its own, on the other the provider's."""


@contextlib.contextmanager
def reading_by(session: Any) -> Any:
    """Read rows by a session for a while."""
    before = CURRENT.set(session)
    try:
        yield
    finally:
        CURRENT.reset(before)


def settled(session: Any) -> None:
    """Refuse to go on while a session holds what the other side would not see.

    Raises:
        WireError: it has changes that are not saved, or is no session.
    """
    if session is not None and not hasattr(session, "dirty"):
        raise WireError(f"{type(session).__name__} is no session of SQLAlchemy")
    if session is not None and (
        session.new or session.deleted or any(session.is_modified(row) for row in session.dirty)
    ):
        raise WireError("the session has changes that are not saved: the other side would not see them")


def synchronous(value: Any) -> Any:
    """The session behind one for coroutines; anything else is what it is."""
    return value.sync_session if hasattr(value, "run_sync") and hasattr(value, "sync_session") else value


def read_anew(session: Any, at_once: bool = False) -> None:
    """Have a session read what others have committed: when it is asked for, or at once.

    At once is for coroutines, where reading an attribute must not wait for the database: the columns that
    were read are, what leads to other rows stays as it was.
    """
    if not at_once:
        session.expire_all()
        return
    from sqlalchemy import inspect
    from sqlalchemy.exc import InvalidRequestError

    for row in list(session.identity_map.values()):
        state = inspect(row)
        columns = [item.key for item in state.mapper.column_attrs if item.key not in state.unloaded]
        try:
            session.refresh(row, columns)
        except InvalidRequestError:  # it is no longer there
            session.expunge(row)


def itself(value: Any) -> Any:
    """The object that a proxy stands for."""
    if type(value) is value.__class__:
        return value
    found = getattr(value, "_get_current_object", None)
    return found() if found is not None else getattr(value, "_wrapped", value)


def session_of(row: Any) -> Any:
    """The session that a row of SQLAlchemy belongs to, or would; None where that is not known."""
    row = itself(row)
    if hasattr(row, "_meta"):
        return None
    from sqlalchemy.orm import object_session

    found = object_session(row) or CURRENT.get()
    return type(row).query.session if found is None and hasattr(type(row), "query") else found


def sessions_of(value: Any) -> Iterator[Any]:
    """The sessions of the rows of SQLAlchemy that a value is, or that a list, tuple or dict of it holds."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from sessions_of(item)
    elif isinstance(value, dict):
        yield from sessions_of(list(value.values()))
    elif hasattr(type(itself(value)), "__mapper__"):
        from sqlalchemy.orm import object_session

        found = object_session(itself(value))
        if found is not None:
            yield found


def held_by_session(row: Any, where: str) -> None:
    """Refuse a row of SQLAlchemy that its caller would not see changed."""
    if next(sessions_of(row), None) is None:
        raise WireError(f"{where}: the row belongs to no session, so its caller would not see it changed")


def schemas(session: Any) -> dict[str | None, str | None]:
    """The schemas that a session reads in the place of others (``schema_translate_map``)."""
    if session is None:
        return {}
    try:
        bind = session.connection() if session.in_transaction() else session.get_bind()
    except Exception:  # it is bound to nothing, or to other things for other classes
        return {}
    return dict(bind.get_execution_options().get("schema_translate_map") or {})


def with_schemas(session: Any, told: Mapping[str | None, str | None]) -> None:
    """Have a new session read the schemas that its caller's does.

    Raises:
        WireError: nothing opens a session here.
    """
    if told:
        if session is None:
            raise WireError("the caller's session has schemas of its own: provide(..., session=...)")
        session.bind = session.get_bind().execution_options(schema_translate_map=dict(told))
