"""Management commands: modules in ``management/commands`` of installed applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.plugin import Class, Interpreter
from strangler.model import Command

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.apps import Registry

_PLACE = ".management.commands."


def collect(interp: Interpreter, registry: Registry) -> list[Command]:
    """One command a module, as ``manage.py help`` lists them."""
    found = []
    installed = {app.module for app in registry.apps(interp)}
    for name in sorted(interp.program.scopes):
        package, place, command = name.partition(_PLACE)
        if not place or "." in command or command.startswith("_"):
            continue
        if registry.complete and package not in installed:
            continue
        cls = interp.program.member(name, "Command")
        if not isinstance(cls, Class):
            continue
        handler = cls.find("handle") or cls.find("handle_noargs")
        target = f"{handler[1].dotted}.handle" if handler is not None else cls.dotted
        found.append(Command(name=command, handler=target))
    return found
