"""The base of all values of the model."""

from __future__ import annotations

from typing import Literal

import msgspec

Certainty = Literal["certain", "inferred", "possible"]


class Value(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """Base of all values: immutable, hashable, comparable."""


How = Literal[
    "direct", "call", "cascade", "signal", "template", "settings", "name", "value", "implied",
]  # fmt: skip
"""How a place makes a crossing: ``direct`` by what stands there, through a ``call`` that leads there, by the
``cascade`` of a delete, by a ``signal`` of the ORM, from a ``template``, by a name in the ``settings`` or in
another string (``name``), by handing the definition on as a ``value``. ``implied``: an import that only
brings what the same module calls or inherits from, or what lies in a directory, or a delete that goes along a
foreign key; it falls with those and is not counted."""


class Evidence(Value, frozen=True, kw_only=True, omit_defaults=True):
    """The place that proves a statement."""

    file: str
    line: int
    symbol: str = ""
    """The function that it stands in, or what it names; of a foreign key the table and column."""
    certainty: Certainty = "certain"
    how: How = "direct"
