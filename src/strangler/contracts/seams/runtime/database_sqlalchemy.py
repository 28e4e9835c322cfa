"""The database of a SQLAlchemy session: the caller's transaction, and transactions of one's own."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .own import USE


class Conflict(Exception):
    """A row with that key is there already; the transaction has to be left."""


class Database:
    """The database of a session; without one that of the Flask application."""

    def __init__(self, session: Any = None) -> None:
        if session is None:
            from flask import current_app

            session = current_app.extensions["sqlalchemy"].session
        self._session = session() if hasattr(session, "registry") else session
        self.open = True
        """A session begins its transaction by itself."""

    def run(self, statement: str, *values: Any) -> Any:
        """The rows of a query, or how many rows were changed."""
        first, *rest = statement.split("?")
        named = first + "".join(f":v{number}{part}" for number, part in enumerate(rest))
        found = self._session.connection().execute(
            text(named), {f"v{number}": value for number, value in enumerate(values)}
        )
        return [tuple(row) for row in found] if found.returns_rows else found.rowcount

    def insert(self, statement: str, *values: Any) -> None:
        """Insert a row.

        Raises:
            Conflict: there is one with its key.
        """
        try:
            self.run(statement, *values)
        except IntegrityError as error:
            raise Conflict from error

    def flush(self) -> None:
        """Write what the session holds, in its transaction."""
        self._session.flush()

    def renew(self) -> None:
        """Leave what an error has broken."""
        self._session.rollback()

    def next_step(self, finish: Callable[[str], None]) -> tuple[str, int]:
        """The saga of the open transaction and the number of its next step; ``finish`` follows its end."""
        self._session.connection()
        root = self._session.get_transaction()
        known = self._session.info.get(_KEY)
        if known is None or known[0] is not root:
            if known is None:
                event.listen(self._session, "after_transaction_end", _ended)
            known = self._session.info[_KEY] = (root, uuid.uuid4().hex, itertools.count(1), finish)
        return known[1], next(known[2])

    @contextlib.contextmanager
    def whole(self) -> Iterator[Database]:
        """What the session does, committed at the end."""
        try:
            yield self
            self._session.commit()
        except BaseException:
            self._session.rollback()
            raise

    @contextlib.contextmanager
    def alone(self) -> Iterator[Database]:
        """A transaction in a session of its own."""
        with Session(self._session.get_bind()) as session, session.begin():
            yield Database(session)

    @contextlib.contextmanager
    def telling(self) -> Iterator[Database]:
        """The open transaction, or one of its own where that has written nothing: nobody may commit it."""
        self._session.flush()
        if self._session.info.get(_WRITTEN) is not None and self._session.in_transaction():
            yield self
            return
        with self.alone() as own:
            yield own


_KEY = "strangler_saga"
_WRITTEN = "strangler_written"


@event.listens_for(Session, "after_flush")
def _flushed(session: Any, context: Any) -> None:
    session.info[_WRITTEN] = True


@event.listens_for(Session, "do_orm_execute")
def _executed(state: Any) -> None:
    if not state.is_select:
        state.session.info[_WRITTEN] = True


@event.listens_for(Session, "after_transaction_end")
def _left(session: Any, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_WRITTEN, None)


def _ended(session: Any, transaction: Any) -> None:
    known = session.info.get(_KEY)
    if known is not None and known[0] is transaction:
        session.info[_KEY] = (None, "", iter(()), None)
        known[3](known[1])


@contextlib.contextmanager
def opened(use: str) -> Iterator[Database]:
    """The database for a program of its own.

    Args:
        use: ``module:name`` of an engine, of what makes sessions, or of a Flask application or its factory;
            empty: the one that the code has.
    """
    module, _, name = (use or (USE[0] if len(USE) == 1 else "")).partition(":")
    if not name:
        among = f" ({', '.join(USE)})" if USE else ""
        raise SystemExit(
            f"say where the database is: --use module:name of an engine, a sessionmaker or an app{among}"
        )
    found = getattr(importlib.import_module(module), name)
    if callable(found) and not hasattr(found, "app_context"):
        found = found()
    if hasattr(found, "app_context"):
        with found.app_context():
            yield Database()
    elif hasattr(found, "get_bind"):
        with found:
            yield Database(found)
    else:
        with Session(found) as session:
            yield Database(session)
