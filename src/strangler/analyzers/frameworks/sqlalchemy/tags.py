"""What is kept of sessions, instances and ``db`` objects while code runs."""

from __future__ import annotations

from strangler.analyzers.frameworks.sqlalchemy.tables import MetaData
from strangler.analyzers.plugin import NONE, Class, Const, Object, Sequence, Tag, Value

_GUESSED = Tag("sqlalchemy.guessed", Const)
PENDING = Tag("sqlalchemy.pending", Sequence)
"""Of a session: the new instances that its next flush writes."""
EPOCH = Tag("sqlalchemy.epoch", Const)
"""Of a session: how often it has committed so far."""
STATE = Tag("sqlalchemy.state", Const)
"""Of an instance that was made here: see ``state_of_instance``."""
METADATA = Tag("flask_sqlalchemy.metadata", MetaData)
SESSION = Tag("flask_sqlalchemy.session", Object)
MODEL = Tag("flask_sqlalchemy.model", Class)
"""These three of ``db``: its metadata, its session and its base class."""
OF_DB = Tag("flask_sqlalchemy.db", Object)
"""Of such a base class: its ``db``."""


def guess(obj: Object) -> Object:
    """Say that it is only told by its name or its use what the object is; gives it back."""
    _GUESSED.put(obj, NONE)
    return obj


def is_guess(obj: Value | None) -> bool:
    """Whether it is only told by its name or its use what the object is."""
    return _GUESSED.of(obj) is not None
