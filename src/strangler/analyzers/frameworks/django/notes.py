"""What the code registers with Django while it is interpreted, to be read off at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from strangler.analyzers.plugin import Class, Frame, Function, Interpreter, Location, Object, Tag, Value
from strangler.model import Argument

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings


ADMIN_MODEL = Tag("django.admin model", Value)
"""Of a class of the admin: the model that it shows."""


class _Under(Value):
    __slots__ = ("blocks",)

    def __init__(self, blocks: tuple[Any, ...]) -> None:
        self.blocks = blocks


_UNDER = Tag("django.under", _Under)


WHILE_DEBUGGING = Tag("django.while debugging", Value)
"""Of an entry that a library adds only where ``DEBUG`` is on."""


def registered(entry: Object, frame: Frame) -> None:
    """Keep the undecided blocks in which those stand who called what registers an entry."""
    if frame.under:
        _UNDER.put(entry, _Under(frame.under))


def under(entry: Object) -> tuple[Any, ...]:
    """The undecided blocks in which an entry was registered, wherever they are."""
    kept = _UNDER.of(entry)
    return kept.blocks if kept is not None else ()


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
    entries: dict[tuple[str, int], bool] = field(default_factory=dict)
    """File and line of each entry of a URL table that is made -> whether it is made at start-up."""
    converters: dict[tuple[str, Class], None] = field(default_factory=dict)
    """(name, class) of path converters."""
    admins: dict[Registration, None] = field(default_factory=dict)
    urlconfs: dict[tuple[str, int, Value], None] = field(default_factory=dict)
    """(module, line, value) of what is set as the URLconf of a request."""
    settings: Settings | None = None
    label: Callable[[Interpreter, Class], str | None] | None = None
    """The label of a model's application."""
    installable: tuple[str, ...] = ()
    """Packages of apps of the tree that are not named, and may be among what INSTALLED_APPS holds besides."""
    library_model: Callable[[str], object] | None = None
    """The model of a library by its dotted name, once all models are known."""
    loaded_models: dict[str, None] = field(default_factory=dict)
    """Models of libraries that code loads by their names before that."""
    request_attributes: dict[str, Value] = field(default_factory=dict)
    """What middlewares put on requests."""
    middlewares_run: bool = False
    context_processors: list[Function] | None = None
    deletions: set[str | None] | None = None
    """Tables of which somebody wants to know deletions; None among them: of all."""
    boot_queries: dict[BootQuery, None] = field(default_factory=dict)

    def load(self, dotted: str) -> None:
        """A model of a library is loaded by its name."""
        if self.library_model is None:
            self.loaded_models[dotted] = None
        else:
            self.library_model(dotted)
