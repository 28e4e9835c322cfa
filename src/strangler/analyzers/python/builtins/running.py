"""Code that runs code: ``exec`` of a file, ``execfile``, ``runpy``; and names as a dict: ``globals()``.

Only files of the monolith are run, from their facts, into the names that the caller gives. What else is
executed is not known: it is said once, with its place.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.files import ROOT, outside
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.knowledge import CallHandler
from strangler.analyzers.python.modules import FileText, Namespace
from strangler.analyzers.python.statements import execute
from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Attributes,
    Class,
    External,
    Mapping,
    Module,
    Object,
    Value,
    without_tags,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import ModuleScope

DEEPEST_RUN = 20
"""Files that run files that run files."""
BYTES_A_STEP = 50
"""A file that is run counts as that many bytes of its packed body a step."""

_OF_EVERY_CLASS = ("__module__", "__qualname__", "__doc__", "__dict__", "__weakref__")


def run_file(
    interp: Interpreter, module: str, into: ModuleScope, frame: Frame, names: dict[str, Value] | None = None
) -> None:
    """Run the body of one module as if it stood in another, as ``exec(text, names)`` does.

    ``names`` are those of the module that it runs in, where no others are given.
    """
    scope = interp.program.scopes[module]
    running = interp.running_files
    if module in running or len(running) >= DEEPEST_RUN or not scope.facts.body:
        return
    interp.spend(1 + len(scope.facts.body) // BYTES_A_STEP)
    interp.import_noted(module, frame)
    running.append(module)
    here = Frame(into, None, into.env if names is None else names, None, frame.depth + 1)
    try:
        execute(interp, syntax.unpack(scope.facts.body), here)
    finally:
        running.pop()


def module_at(interp: Interpreter, path: str, frame: Frame) -> str | None:
    """The module of a path as a program names it: absolute, or relative to a directory above the caller."""
    files = interp.program.files
    if path.startswith("/"):
        return files.module(posixpath.normpath(path))
    parts = frame.module.facts.path.split("/")[:-1]
    for depth in range(len(parts) + 1):
        found = files.module(posixpath.normpath("/".join([ROOT, *parts[:depth], path])))
        if found is not None:
            return found
    return None


def _open(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    path, mode = args.text(0, "file"), args.text(1, "mode") or "r"
    module = module_at(interp, path, frame) if path is not None and "r" in mode else None
    if module is not None:
        return FileText(module)
    outside(interp, path, frame)
    return None


def file_method(interp: Interpreter, receiver: FileText, name: str) -> Value:
    """A method of an open file or of its text."""
    return receiver if name in ("read", "decode", "encode", "strip", "replace", "__enter__") else UNKNOWN


def _compile(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    source = args.get(0, "source")
    return source if isinstance(source, FileText) else None


def _exec(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    source, names = args.get(0, "source"), args.get(2, "locals") or args.get(1, "globals")
    into = names.scope if isinstance(names, Namespace) else frame.module
    given = names.items if isinstance(names, Mapping) else frame.locals if names is None else None
    known = [option for option in source.options() if isinstance(option, FileText)] if source else []
    if known and given is not None:
        for option in known:
            run_file(interp, option.module, into, frame, given)
    elif frame.callee is None:
        interp.log.failed(
            frame.module, frame.line, "code-not-run", "exec: the code that runs here is not known"
        )
    return NONE


def _execfile(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    path = args.text(0, "filename")
    module = module_at(interp, path, frame) if path is not None else None
    source = FileText(module) if module is not None else UNKNOWN
    return _exec(interp, external, Args([source, *args.positional[1:]], args.keywords), frame)


def _run_path(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    path = args.text(0, "path_name")
    module = module_at(interp, path, frame) if path is not None else None
    scope = interp.program.scope(module) if module is not None else None
    if scope is None:
        return None
    interp.import_noted(scope.name, frame)
    return Mapping(dict(scope.env), open=bool(scope.stars))


def _globals(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    return Namespace(frame.module)


def _vars(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    target = args.get(0)
    if target is None:
        return Namespace(frame.module) if frame.locals is frame.module.env else Mapping(dict(frame.locals))
    if isinstance(target, Module):
        scope = interp.program.scope(target.name)
        return Namespace(scope) if scope is not None else UNKNOWN
    if isinstance(target, Class):
        return Mapping({**dict.fromkeys(_OF_EVERY_CLASS, UNKNOWN), **target.namespace})
    if isinstance(target, Object) and target.args is not None and isinstance(target.cls, Class):
        return Attributes(target)
    return Mapping(without_tags(target.attrs), open=True) if isinstance(target, Object) else UNKNOWN


CALLS: dict[str, CallHandler] = {
    "builtins.open": _open,
    "io.open": _open,
    "codecs.open": _open,
    "builtins.compile": _compile,
    "builtins.exec": _exec,
    "builtins.execfile": _execfile,
    "runpy.run_path": _run_path,
    "builtins.globals": _globals,
    "builtins.locals": _vars,
    "builtins.vars": _vars,
}
