"""The values of events."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from strangler.model import Argument, Evidence

Kind = Literal["signal", "task", "change"]
"""``signal``: something happened, whoever wants to know; ``task``: work for one receiver; ``change``: a row
was saved or deleted, told by the ORM."""
KnownFrom = Literal["annotation", "default", "key", "row", "sender", "orm", "nothing"]


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the values of events."""


class Sender(Struct, frozen=True, kw_only=True):
    """A place that sends."""

    context: str
    place: Evidence
    arguments: tuple[Argument, ...] = ()
    texts: dict[str, str] = {}
    """Name of an argument -> its source text."""


class Receiver(Struct, frozen=True, kw_only=True):
    """A function that is called for the message."""

    context: str
    handler: str
    place: Evidence
    raises: tuple[Evidence, ...] = ()
    """Where it raises: today that reaches the sender."""
    reads: dict[str, tuple[str, ...]] = {}
    """Parameter -> attributes that it reads from it."""
    changes: tuple[Evidence, ...] = ()
    """Where it sets attributes of what was sent; ``symbol`` is the attribute."""


class Field(Struct, frozen=True, kw_only=True):
    """A property of the payload."""

    name: str
    schema: dict[str, Any]
    """JSON Schema, of the words that draft 7 and 2020-12 share; ``{}`` where the type is not known."""
    required: bool
    known_from: KnownFrom
    note: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """A message over the boundary of a context."""

    name: str
    """Unique in the document: letters, digits, ``-``."""
    kind: Kind
    subject: str
    """The signal, the task or the table."""
    owner: str
    """The context whose message it is: the sender's of a signal, the handler's of a task."""
    meaning: str
    senders: tuple[Sender, ...]
    receivers: tuple[Receiver, ...]
    fields: tuple[Field, ...]
    open: bool
    """More may be sent than the fields say."""
    notes: tuple[str, ...] = ()
    """What changes when the message crosses a broker."""

    @property
    def unknown(self) -> int:
        """Fields of unknown type."""
        return sum(not field.schema for field in self.fields)


class Events(Struct, frozen=True, kw_only=True):
    """All messages over the boundary of one context, sorted by name."""

    context: str
    monolith: str
    events: tuple[Event, ...]
