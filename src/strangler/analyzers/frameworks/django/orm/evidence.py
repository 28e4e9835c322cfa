"""Rows, managers and query sets carry how sure it is that they are what they seem to be."""

from __future__ import annotations

from strangler.analyzers.plugin import UNKNOWN, Args, Const, Frame, Object, Value, weakest
from strangler.model.base import Certainty


class Data(Object):
    """Something of a model. ``sure``: certain by types, inferred by a name, or possibly one of several;
    ``database``: the one that the code names (``using``), empty: where the model lives."""

    __slots__ = ("database", "sure")

    def __init__(self, cls: Value, args: Args | None, frame: Frame | None) -> None:
        super().__init__(cls, args, frame)
        self.sure: Certainty = "certain"
        self.database = ""


class Row(Data):
    """An instance of a model.

    ``fresh``: loaded by the function that ``module`` and ``function`` name; ``loaded``: the relations that
    came along (``select_related``), or were set since; following these runs no query.
    """

    __slots__ = ("fresh", "loaded")

    def __init__(self, cls: Value, args: Args | None, frame: Frame | None, fresh: bool = False) -> None:
        super().__init__(cls, args, frame)
        self.fresh = fresh
        self.loaded: frozenset[str] = frozenset()

    def queried(self, relation: str, frame: Frame) -> Certainty:
        """How sure it is that following a relation to one row runs a query: rows from elsewhere may have
        it loaded already."""
        here = self.module == frame.module.name and self.function == frame.function
        if not self.fresh or not here or relation in self.loaded or "*" in self.loaded:
            return weakest(self.sure, "inferred")
        return self.sure


def row_of(model: Value, frame: Frame | None = None) -> Value:
    """An instance of a model of which only the class is known; with a frame, loaded there."""
    return Row(model, None, frame, frame is not None) if model is not UNKNOWN else UNKNOWN


def sureness(value: Value) -> Certainty:
    """How sure it is that a value is what it seems to be."""
    return value.sure if isinstance(value, Data) else "certain"


def unsure(value: Value, sure: Certainty) -> Value:
    """The value, at most that certain."""
    if isinstance(value, Data):
        value.sure = weakest(value.sure, sure)
    return value


def given(row: Object, name: str) -> Value | None:
    """The row that a constructor was given for a relation."""
    value = row.args.keywords.get(name) if row.args is not None else None
    if value is None or value is UNKNOWN or (isinstance(value, Const) and value.value is None):
        return None
    return value
