"""The values of data contracts."""

from __future__ import annotations

from typing import Literal

import msgspec

from strangler.model import Evidence, Table


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the values of data contracts."""


class TableUse(Struct, frozen=True, kw_only=True):
    """A table that one context uses and another owns, with what is to become of it: a line of the plan."""

    table: str
    owner: str
    user: str
    operation: Literal["read", "write"]
    remedy: str
    """As in the plan: ``api_call``, ``replica`` ..."""
    reason: str
    places: tuple[Evidence, ...]


class Consumer(Struct, frozen=True, kw_only=True):
    """A use with the columns that the code around its places speaks of."""

    use: TableUse
    columns: tuple[str, ...]
    """Those whose names stand in the functions, or in constants that they name; code that they call may
    use more. Empty where no function could be read."""


class DataContract(Struct, frozen=True, kw_only=True):
    """A table over the boundary: what it holds, who uses it, how it is served after the cut."""

    table: Table
    owner: str
    monolith: str
    meaning: str
    """From the docstring of its model."""
    consumers: tuple[Consumer, ...]
