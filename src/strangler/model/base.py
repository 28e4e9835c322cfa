"""The base of all values of the model."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """Base of all values: immutable, hashable, comparable."""
