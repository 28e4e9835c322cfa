"""What the log keeps: plain rows, one kind for each kind of fact."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Literal, NamedTuple

from strangler.model.base import Certainty
from strangler.model.system import Operation

Target = Hashable
"""Data, as its framework names it."""
UseKind = Literal["call", "inheritance", "reference"]


class Location(NamedTuple):
    """A line of a function, or of a module's top level."""

    module: str
    function: str | None
    line: int


class Region(NamedTuple):
    """A block that is one transaction."""

    module: str
    function: str | None
    line: int
    end_line: int
    database: str = ""
    """The one that it is on; see ``Value.database``."""


class Effect(NamedTuple):
    """What running something does to data."""

    target: Target
    operation: Operation
    database: str = ""
    """The one that the code names; empty: where the data lives."""


class Access(NamedTuple):
    """A place reads or writes data."""

    place: Location
    target: Target
    operation: Operation
    via: str
    certainty: Certainty
    database: str = ""
    """As of ``Effect``."""


class Use(NamedTuple):
    """A place uses a definition of another module."""

    module: str
    function: str | None
    target_module: str
    target: str
    kind: UseKind


class Unresolved(NamedTuple):
    """A place touches data, and it cannot be told which."""

    path: str
    place: Location
    what: str


class Failure(NamedTuple):
    """Code that could not be interpreted."""

    path: str
    line: int
    code: str
    message: str
