"""The default database of Django: the caller's open transaction, and transactions of one's own."""

from __future__ import annotations

import contextlib
import functools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.db import IntegrityError, close_old_connections, connection, connections, transaction


class Conflict(Exception):
    """A row with that key is there already; the transaction has to be left."""


class Database:
    """The application's own database; ``session`` is for other frameworks."""

    def __init__(self, session: Any = None) -> None:
        self.open = connection.in_atomic_block
        others = [item.alias for item in connections.all() if item.in_atomic_block]
        if others and not self.open:
            raise RuntimeError(
                f"a transaction of {others[0]}: sagas are written down in the default database"
            )

    def run(self, statement: str, *values: Any) -> Any:
        """The rows of a query, or how many rows were changed."""
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("?", "%s"), values)
            return list(cursor.fetchall()) if cursor.description else cursor.rowcount

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
        """Django's rows are written when they are saved."""

    def renew(self) -> None:
        """Leave connections that are too old or broken."""
        close_old_connections()

    def next_step(self, finish: Callable[[str], None]) -> tuple[str, int]:
        """The saga of the open transaction and the number of its next step; ``finish`` follows its commit."""
        saga, hook, number = getattr(connection, "_strangler_saga", ("", None, 0))
        # what a rollback takes back, it takes from here, too
        if hook is None or all(entry[1] is not hook for entry in connection.run_on_commit):
            saga, number = uuid.uuid4().hex, 0
            hook = functools.partial(finish, saga)
            transaction.on_commit(hook)
        connection._strangler_saga = (saga, hook, number + 1)
        return saga, number + 1

    @contextlib.contextmanager
    def whole(self) -> Iterator[Database]:
        """A transaction around what an operation does, committed at the end."""
        with transaction.atomic():
            yield self

    alone = whole
    telling = whole
    """The open transaction, or one of its own where none is."""


def opened(use: str) -> contextlib.AbstractContextManager[Database]:
    """The database for a program of its own: Django is set up from DJANGO_SETTINGS_MODULE."""
    import django

    django.setup()
    return contextlib.nullcontext(Database())
