"""What the code registers with Django while it is interpreted, to be read off at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from strangler.analyzers.plugin import Class, Location, Value
from strangler.model import Argument


class Connection(NamedTuple):
    """A receiver is connected to a signal."""

    place: Location
    signal: Value
    receiver: Value
    sender: Value | None


class Sending(NamedTuple):
    """A signal is sent."""

    place: Location
    signal: Value
    arguments: tuple[Argument, ...]


class BootQuery(NamedTuple):
    """A query that is built at the top level of a module or class: whoever imports it may run it."""

    place: Location
    model: Value
    owner: Class | None


class Registration(NamedTuple):
    """A model that an admin site shows, and the first-party class that says how."""

    site: Value
    model: Value
    admin: Class


@dataclass
class Notes:
    """The run's notes, each once, in the order found."""

    connections: dict[Connection, None] = field(default_factory=dict)
    prepared: dict[Connection, None] = field(default_factory=dict)
    """Of these, what listens to ``class_prepared``."""
    sendings: dict[Sending, None] = field(default_factory=dict)
    converters: dict[tuple[str, Class], None] = field(default_factory=dict)
    """(name, class) of path converters."""
    admins: dict[Registration, None] = field(default_factory=dict)
    urlconfs: dict[tuple[str, int, Value], None] = field(default_factory=dict)
    """(module, line, value) of what is set as the URLconf of a request."""
    boot_queries: dict[BootQuery, None] = field(default_factory=dict)
