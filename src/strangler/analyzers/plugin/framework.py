"""What a framework contributes: one class, registered in ``FRAMEWORKS`` or by an entry point.

A framework teaches the interpreter how its library behaves (``teach``), looks at the modules once they
have run (``prepare``: schemas, registries), and reads off its facts at the end (``collect``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from strangler.model import Command, Diagnostic, Endpoint, Message, References, Signal, Task

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.knowledge import Knowledge
    from strangler.sources.tree import SourceTree

API_VERSION = 1
"""Of the front door: raised when a name of it goes or changes its meaning, not when one is added."""

ENTRY_POINTS = "strangler.frameworks"
"""The group of entry points under which other distributions name their ``Framework`` classes."""

FRAMEWORKS: tuple[str, ...] = (
    "strangler.analyzers.frameworks.django:Django",
    "strangler.analyzers.frameworks.sqlalchemy:SqlAlchemy",
    "strangler.analyzers.frameworks.sql.drivers:Drivers",
    "strangler.analyzers.frameworks.peewee:Peewee",
    "strangler.analyzers.frameworks.tortoise:Tortoise",
    "strangler.analyzers.frameworks.marshmallow:Marshmallow",
    "strangler.analyzers.frameworks.plugins:Plugins",
    "strangler.analyzers.frameworks.fastapi:FastAPI",
    "strangler.analyzers.frameworks.flask:Flask",
    "strangler.analyzers.frameworks.aiohttp:Aiohttp",
    "strangler.analyzers.frameworks.pyramid:Pyramid",
    "strangler.analyzers.frameworks.tasks.celery:Celery",
    "strangler.analyzers.frameworks.tasks.queues:Queues",
    "strangler.analyzers.frameworks.signals:Signals",
    "strangler.analyzers.frameworks.commands:Commands",
    "strangler.analyzers.frameworks.templates:TemplateEngines",
)
"""Built-in frameworks as ``module:Class``, in the order in which they are asked."""


@dataclass
class Found:
    """What one framework found. Tables and accesses go through ``interp.schema`` and ``interp.access``."""

    present: bool = False
    endpoints: list[Endpoint] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    references: list[References] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


class Framework:
    """The base of all frameworks; override what applies."""

    name = ""
    packages: tuple[str, ...] = ()
    """Top-level import names of the library; a framework none of which is imported is not asked."""

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


def frameworks(tree: SourceTree) -> list[Framework]:
    """Every known framework, built-in ones first, then third-party ones by name."""
    found: list[Framework] = []
    for path in FRAMEWORKS:
        module, _, name = path.partition(":")
        found.append(getattr(import_module(module), name)(tree))
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name):
        found.append(point.load()(tree))
    return found
