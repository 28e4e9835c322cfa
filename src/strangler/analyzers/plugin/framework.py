"""What a framework contributes: one class, registered in ``FRAMEWORKS`` or by an entry point.

A framework teaches the interpreter how its library behaves (``teach``), looks at the modules once they
have run (``prepare``: schemas, registries), and reads off its facts at the end (``collect``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from strangler.analyzers.plugin.requests.reader import RequestReader
from strangler.identity import PLUGINS
from strangler.model import (
    Ambient,
    Command,
    Diagnostic,
    Endpoint,
    Evidence,
    Message,
    OpaqueRoute,
    References,
    RouteLink,
    Signal,
    Task,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.knowledge import Knowledge
    from strangler.sources.tree import SourceTree

API_VERSION = 3
"""Of the front door: raised when a name of it goes or changes its meaning, not when one is added."""


FRAMEWORKS: tuple[str, ...] = (
    "strangler.analyzers.frameworks.django:Django",
    "strangler.analyzers.frameworks.sqlalchemy:SqlAlchemy",
    "strangler.analyzers.frameworks.sql.drivers:Drivers",
    "strangler.analyzers.frameworks.peewee:Peewee",
    "strangler.analyzers.frameworks.tortoise:Tortoise",
    "strangler.analyzers.frameworks.marshmallow:Marshmallow",
    "strangler.analyzers.frameworks.wtforms:WTForms",
    "strangler.analyzers.frameworks.plugins:Plugins",
    "strangler.analyzers.frameworks.fastapi:FastAPI",
    "strangler.analyzers.frameworks.flask:Flask",
    "strangler.analyzers.frameworks.aiohttp:Aiohttp",
    "strangler.analyzers.frameworks.pyramid:Pyramid",
    "strangler.analyzers.frameworks.tornado:Tornado",
    "strangler.analyzers.frameworks.litestar:Litestar",
    "strangler.analyzers.frameworks.tasks.celery:Celery",
    "strangler.analyzers.frameworks.tasks.queues:Queues",
    "strangler.analyzers.frameworks.tasks.inprocess:InProcess",
    "strangler.analyzers.frameworks.signals:Signals",
    "strangler.analyzers.frameworks.commands:Commands",
    "strangler.analyzers.frameworks.templates:TemplateEngines",
    "strangler.analyzers.frameworks.configuration:Configuration",
)
"""Built-in frameworks as ``module:Class``, in the order in which they are asked."""


@dataclass
class Found:
    """What one framework found. Tables and accesses go through the run: its ``Schema`` and its ``log``."""

    present: bool = False
    endpoints: list[Endpoint] = field(default_factory=list)
    opaque_routes: list[OpaqueRoute] = field(default_factory=list)
    route_links: list[RouteLink] = field(default_factory=list)
    """Those of templates; code notes its own (``plugin.links``)."""
    tasks: list[Task] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    references: list[References] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    ambient: list[Ambient] = field(default_factory=list)
    """What settings or registration put before requests."""
    atomic_requests: Evidence | None = None
    """Where each request is made one transaction."""


class PluginError(Exception):
    """A framework of another distribution cannot be used; the message says which, why and what to do."""


class Framework:
    """The base of all frameworks; override what applies.

    The phases come in this order, each once in a run: ``teach``, ``boot``, ``prepare``, ``finish``,
    ``collect``.
    """

    name = ""
    """Of the framework, in lower case: as in ``Monolith.frameworks`` and ``Endpoint.framework``."""
    packages: tuple[str, ...] = ()
    """Top-level import names of the library and of those that build on it. Where the monolith imports none of
    them, the framework is neither taught nor asked."""
    partly: tuple[str, ...] = ()
    """The same of libraries of which only a few things are known: they wake the framework up, but what the
    monolith does with them still counts as not read."""
    always = False
    """True for the few that matter without an import of their packages: scripts that ``pyproject.toml``
    declares, SQL that a connection of unknown kind is given."""
    requests = RequestReader()
    """How the requests of the framework's endpoints are read."""
    origin = ""
    """Whose framework it is, for messages, where another distribution brought it; set when it is loaded."""
    api_version: int | None = None
    """``API_VERSION`` of the front door for which a framework of another distribution was written."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree

    def teach(self, knowledge: Knowledge) -> None:
        """Add to what the interpreter knows of libraries."""

    def boot(self, interp: Interpreter) -> None:
        """No module has been run: run what the framework runs before it imports the rest."""

    def prepare(self, interp: Interpreter) -> None:
        """All modules have been run: build schemas and registries before functions are interpreted."""

    def finish(self, interp: Interpreter) -> None:
        """All functions have been interpreted: interpret what only the framework calls."""

    def collect(self, interp: Interpreter) -> Found:
        """Read off the facts."""
        return Found()


def frameworks(tree: SourceTree, imported: Collection[str]) -> list[Framework]:
    """The frameworks that matter to a monolith, built-in ones first, then third-party ones by name.

    Args:
        tree: the monolith.
        imported: the top-level names of all that its code imports.

    Raises:
        PluginError: one of another distribution cannot be loaded, or was written for another front door.
    """
    classes: list[tuple[type[Framework], str]] = []
    for path in FRAMEWORKS:
        module, _, name = path.partition(":")
        classes.append((getattr(import_module(module), name), ""))
    for point in sorted(entry_points(group=PLUGINS), key=lambda p: (p.name, p.value)):
        classes.append(_loaded(point))
    names = set(imported)
    found = []
    for cls, origin in classes:
        if cls.always or not names.isdisjoint((*cls.packages, *cls.partly)):
            framework = cls(tree)
            framework.origin = origin
            found.append(framework)
    return found


def _loaded(point: EntryPoint) -> tuple[type[Framework], str]:
    distribution = point.dist.name if point.dist is not None else "a distribution"
    who = f"the framework {point.name!r} of {distribution}"
    try:
        cls = point.load()
    except Exception as error:  # whatever a stranger's module does when it is imported
        raise PluginError(f"{who} cannot be loaded ({error}); mend or uninstall {distribution}") from error
    if not (isinstance(cls, type) and issubclass(cls, Framework)):
        raise PluginError(
            f"{who} is no subclass of strangler.analyzers.plugin.Framework; uninstall {distribution}"
        )
    if cls.api_version != API_VERSION:
        raise PluginError(
            f"{who} says api_version = {cls.api_version}, this strangler has {API_VERSION}; "
            f"install a {distribution} that was written for it"
        )
    return cls, who
