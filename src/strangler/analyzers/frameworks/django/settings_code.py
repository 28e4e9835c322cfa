"""Libraries that put settings together from several files: django-split-settings."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.django.sites import choice
from strangler.analyzers.plugin import (
    NONE,
    ROOT,
    UNKNOWN,
    Args,
    Const,
    External,
    Namespace,
    Text,
    Value,
    run_file,
)

if TYPE_CHECKING:
    from strangler.analyzers.plugin import Frame, Interpreter, Knowledge, ModuleScope

_CURRENT = "__included_file__"
"""The library's own name, in the settings, for the file that is being included."""


class Optional(Const):
    """``optional("local.py")``: a file that need not be there."""

    __slots__ = ()


def _optional(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    name = args.text(0, "filename")
    return Optional(name) if name is not None else args.get(0, "filename") or UNKNOWN


def _include(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    names = args.get(None, "scope")
    into = names.scope if isinstance(names, Namespace) else frame.module
    for value in args.positional:
        for option in value.options():
            _include_one(interp, option, into, frame)
    return NONE


def _include_one(interp: Interpreter, value: Value, into: ModuleScope, frame: Frame) -> None:
    current = into.env.get(_CURRENT)
    here = current.value if isinstance(current, Const) else f"{ROOT}/{into.facts.path}"
    pattern = _pattern(value)
    if pattern is None:
        interp.log.failed(
            frame.module, frame.line, "code-not-run", "include: which settings it names is not known"
        )
        return
    files = interp.program.files
    found = files.glob(posixpath.normpath(posixpath.join(posixpath.dirname(str(here)), pattern)))
    modules = [module for module in map(files.module, found) if module is not None]
    if isinstance(value, Text) and len(modules) > 1:
        chosen = choice(modules)
        message = f"which of {', '.join(modules)} is included is chosen at run time: {chosen} is taken"
        interp.log.failed(frame.module, frame.line, "settings-chosen", message)
        modules = [module for module in modules if module == chosen]
    if not modules and not isinstance(value, Optional):
        message = f"include: no Python file of the tree is {pattern}; its settings are missing"
        interp.log.failed(frame.module, frame.line, "code-not-run", message)
    for module in modules:
        into.env[_CURRENT] = Const(f"{ROOT}/{interp.program.scopes[module].facts.path}")
        run_file(interp, module, into, frame)
        into.env[_CURRENT] = Const(here)


def _pattern(value: Value) -> str | None:
    if isinstance(value, Const) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Text) and any(part for part in value.parts):
        return "".join("*" if part is None else part for part in value.parts)
    return None


def teach(knowledge: Knowledge) -> None:
    """``include`` and ``optional``."""
    for module in ("split_settings", "split_settings.tools"):
        knowledge.calls[f"{module}.include"] = _include
        knowledge.calls[f"{module}.optional"] = _optional
