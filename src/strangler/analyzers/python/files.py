"""Paths as the monolith computes them: ``__file__``, ``os.path``, ``pathlib``, ``glob`` and ``pkgutil``.

Code that discovers its plug-ins walks its own directories. The walk is answered from the list of the
monolith's Python files, under a made-up root; the disk is never looked at.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from strangler.analyzers.python.knowledge import CallHandler, Knowledge
from strangler.analyzers.python.modules import FileText, Namespace
from strangler.analyzers.python.text import text_of
from strangler.analyzers.python.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Args,
    Const,
    External,
    Module,
    Object,
    Sequence,
    Text,
    Value,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import Program

ROOT = "/monolith"
"""Where the monolith seems to lie, for the code that asks."""


class Files:
    """The Python files of the monolith as a directory tree."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def module_of(self) -> dict[str, str]:
        """Path -> module."""
        return {f"{ROOT}/{scope.facts.path}": name for name, scope in self.program.scopes.items()}

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """Directory -> the names in it, sorted."""
        found: dict[str, set[str]] = {}
        for path in self.module_of:
            while path != ROOT:
                directory, name = posixpath.split(path)
                found.setdefault(directory, set()).add(name)
                path = directory
        return {directory: sorted(names) for directory, names in found.items()}

    def glob(self, pattern: str) -> list[str]:
        """The known files and directories that match, ``**`` included."""
        every = [*self.module_of, *self.children]
        if "**" in pattern:
            return sorted(p for p in every if fnmatch.fnmatchcase(p, pattern.replace("**/", "*")))
        depth = pattern.count("/")
        return sorted(p for p in every if p.count("/") == depth and fnmatch.fnmatchcase(p, pattern))

    def module(self, path: str) -> str | None:
        """The module or package at a path."""
        return self.module_of.get(path) or self.module_of.get(f"{path}/__init__.py")


class Path(Const):
    """``pathlib.Path``."""

    __slots__ = ()

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        text = str(self.value)
        if name == "parent":
            return Path(posixpath.dirname(text))
        if name == "parents":
            parents = [text]
            while posixpath.dirname(parents[-1]) != parents[-1]:
                parents.append(posixpath.dirname(parents[-1]))
            return Sequence([Path(p) for p in parents[1:]])
        if name in ("name", "stem", "suffix"):
            base = posixpath.basename(text)
            stem, suffix = posixpath.splitext(base)
            return Const({"name": base, "stem": stem, "suffix": suffix}[name])
        return PathMethod(self, name)

    def operate(self, interp: Interpreter, operator: str, other: Value, frame: Frame) -> Value:
        if operator == "/":
            if isinstance(other, Const) and isinstance(other.value, str):
                return Path(posixpath.join(str(self.value), other.value))
            return Text([f"{self.value}/", None])
        return super().operate(interp, operator, other, frame)


_DEVICES = ("/dev/", "/proc/", "/sys/")
_CONTENTS = frozenset({"open", "read_bytes", "read_text", "write_bytes", "write_text"})


def outside(interp: Interpreter, path: str | None, frame: Frame) -> None:
    """A file outside the tree is opened: it may be where two parts of the system, or two systems, meet."""
    if path and path.startswith("/") and not path.startswith((*_DEVICES, ROOT)) and not interp.booting:
        interp.log.unresolved_access(frame, f"the file {path}: files are not followed as stores")


class PathMethod(Value):
    """A method of a path."""

    __slots__ = ("name", "path")

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        text = str(self.path.value)
        files = interp.program.files
        if self.name in ("resolve", "absolute", "expanduser"):
            return self.path
        if self.name in ("as_posix", "__str__"):
            return Const(text)
        if self.name == "joinpath":
            return _join(interp, interp.external("os.path.join"), Args([self.path, *args.positional]), frame)
        if self.name == "iterdir":
            _lists(interp, [text], frame)
            return Sequence([Path(f"{text}/{name}") for name in files.children.get(text, ())])
        if self.name in ("glob", "rglob") and args.text(0) is not None:
            middle = "**/" if self.name == "rglob" else ""
            pattern = f"{text}/{middle}{args.text(0)}"
            found = files.glob(pattern)
            _lists(interp, map(posixpath.dirname, found), frame)
            return _matches(pattern, [Path(path) for path in found])
        module = files.module(text) if self.name in ("open", "read_text", "read_bytes") else None
        if module is not None:
            return FileText(module)
        if self.name in _CONTENTS:
            outside(interp, text, frame)
        if self.name in ("exists", "is_dir", "is_file"):
            return _kind_of(interp, text, self.name)
        return UNKNOWN

    def key(self) -> object:
        return ("path method", self.path.key(), self.name)


def module_attribute(program: Program, module: str, name: str) -> Value:
    """``__name__``, ``__file__``, ``__path__`` and ``__package__`` of a module."""
    scope = program.scopes.get(module)
    if name == "__name__":
        return Const(module)
    if name == "__package__" and scope is not None:
        return Const(scope.package)
    if name == "__file__" and scope is not None:
        return Const(f"{ROOT}/{scope.facts.path}")
    if name == "__dict__" and scope is not None:
        return Namespace(scope)
    if name == "__path__":
        directory = program.directory(module)
        return Sequence([directory]) if directory is not UNKNOWN else UNKNOWN
    return UNKNOWN


def _on_text(function: Callable[[str], str]) -> CallHandler:
    def call(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        text = text_of(args.get(0))
        return Const(function(text)) if text is not None else Text([None])

    return call


def _pair(function: Callable[[str], tuple[str, str]]) -> CallHandler:
    def call(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        text = text_of(args.get(0))
        return Sequence([Const(part) for part in function(text)], "tuple") if text is not None else UNKNOWN

    return call


def _join(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    parts = [text_of(value) for value in args.positional]
    if args.open or not parts or None in parts:
        return Text([None])
    joined = posixpath.normpath(posixpath.join(*[part for part in parts if part is not None]))
    return Path(joined) if isinstance(args.positional[0], Path) else Const(joined)


def _kind_of(interp: Interpreter, text: str, question: str) -> Value:
    files = interp.program.files
    is_file, is_directory = text in files.module_of, text in files.children
    if not is_file and not is_directory:
        return UNKNOWN  # it may be there: only Python files are known
    return ({"is_dir": is_directory, "is_file": is_file}.get(question, True) and TRUE) or FALSE


def _question(question: str) -> CallHandler:
    def call(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        text = text_of(args.get(0))
        return _kind_of(interp, text, question) if text is not None else UNKNOWN

    return call


def _listdir(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    text = text_of(args.get(0))
    names = interp.program.files.children.get(text) if text is not None else None
    _lists(interp, [text or ""], frame)
    return Sequence([Const(name) for name in names]) if names is not None else UNKNOWN


def _scandir(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    text = text_of(args.get(0))
    names = interp.program.files.children.get(text) if text is not None else None
    _lists(interp, [text or ""], frame)
    return Sequence([Path(f"{text}/{name}") for name in names]) if names is not None else UNKNOWN


def _walk(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    text = text_of(args.get(0))
    if text is None:
        return UNKNOWN
    files = interp.program.files
    rows: list[Value] = []
    for directory in sorted(files.children):
        if directory == text or directory.startswith(f"{text}/"):
            _lists(interp, [directory], frame)
            names = files.children[directory]
            below: list[Value] = [Const(n) for n in names if f"{directory}/{n}" in files.children]
            plain: list[Value] = [Const(n) for n in names if f"{directory}/{n}" in files.module_of]
            rows.append(Sequence([Const(directory), Sequence(below), Sequence(plain)], "tuple"))
    return Sequence(rows)


def _lists(interp: Interpreter, directories: Iterable[str], frame: Frame) -> None:
    """The frame's module goes through what directories hold."""
    for directory in directories:
        interp.log.lists(frame.module.name, posixpath.relpath(directory, ROOT) if directory else "")


def _matches(pattern: str, found: list[Value]) -> Sequence:
    """What a pattern matches; of files that are no Python there may be any."""
    return Sequence(found, "list", not found and not pattern.endswith(".py"))


def _glob(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    pattern = args.text(0)
    if pattern is None:
        return UNKNOWN
    found = interp.program.files.glob(pattern)
    _lists(interp, map(posixpath.dirname, found), frame)
    return _matches(pattern, [Const(path) for path in found])


def _new_path(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    if not args.positional:
        return Path(".")
    joined = _join(interp, external, args, frame)
    return Path(joined.value) if isinstance(joined, Const) else joined


def _modules(deep: bool) -> CallHandler:
    """``pkgutil.iter_modules`` and ``walk_packages``: (finder, name, is a package)."""

    def call(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
        paths = args.get(0, "path")
        prefix = args.text(1, "prefix") or ""
        if paths is None:
            return UNKNOWN
        items, exact = paths.elements(interp, frame)
        rows: list[Value] = []
        for item in items:
            text = text_of(item)
            if text is None:
                exact = False
            else:
                _add_modules(interp, text, prefix, deep, rows, frame)
        return Sequence(rows, "list", not exact)

    return call


def _add_modules(
    interp: Interpreter, directory: str, prefix: str, deep: bool, rows: list[Value], frame: Frame
) -> None:
    files = interp.program.files
    _lists(interp, [directory], frame)
    for name in files.children.get(directory, ()):
        path = f"{directory}/{name}"
        package = f"{path}/__init__.py" in files.module_of
        if not package and (not name.endswith(".py") or name == "__init__.py"):
            continue
        full = prefix + name.removesuffix(".py")
        info = ModuleInfo([Finder(), Const(full), TRUE if package else FALSE])
        rows.append(info)
        if package and deep:
            _add_modules(interp, path, f"{full}.", deep, rows, frame)


class Finder(Value):
    """The first item of a row of ``pkgutil.iter_modules``; it finds modules by name."""

    __slots__ = ()

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return (
            interp.external("importlib.util.find_spec") if name in ("find_spec", "find_module") else UNKNOWN
        )

    def key(self) -> object:
        return ("finder",)


class ModuleInfo(Sequence):
    """A row of ``pkgutil.iter_modules``: a named tuple."""

    __slots__ = ()

    def __init__(self, items: list[Value]) -> None:
        super().__init__(items, "tuple")

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        fields = ("module_finder", "name", "ispkg")
        return self.items[fields.index(name)] if name in fields else super().get(interp, name, frame)


def _relpath(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    path, start = text_of(args.get(0)), text_of(args.get(1)) if len(args.positional) > 1 else ROOT
    return Const(posixpath.relpath(path, start)) if path and start else Text([None])


def _os_name(interp: Interpreter, external: External, name: str, frame: Frame) -> Value | None:
    return (
        Const({"sep": "/", "curdir": ".", "pardir": "..", "linesep": "\n"}[name])
        if name in _OS_NAMES
        else None
    )


_OS_NAMES = ("sep", "curdir", "pardir", "linesep")


def _spec(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    path = text_of(args.get(1, "location"))
    module = interp.program.files.module(path) if path is not None else None
    return _specification(interp, module, frame) if module is not None else None


def _find_spec(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    name = args.text(0, "name")
    return _specification(interp, name, frame) if name is not None and name in interp.program else None


def _specification(interp: Interpreter, module: str, frame: Frame) -> Value:
    spec = Object(interp.external("importlib.machinery.ModuleSpec"), Args(), frame)
    spec.attrs["module"] = Module(module)
    interp.import_noted(module, frame)
    return spec


def _from_spec(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    spec = args.get(0, "spec")
    module = spec.attrs.get("module") if isinstance(spec, Object) else None
    if isinstance(module, Module):
        interp.program.scope(module.name)
    return module


def teach(knowledge: Knowledge) -> None:
    """Add the handling of paths to what is known."""
    same = _on_text(lambda text: text)
    calls: dict[str, CallHandler] = {
        "os.path.dirname": _on_text(posixpath.dirname),
        "os.path.basename": _on_text(posixpath.basename),
        "os.path.abspath": _on_text(posixpath.normpath),
        "os.path.realpath": _on_text(posixpath.normpath),
        "os.path.normpath": _on_text(posixpath.normpath),
        "os.path.expanduser": same,
        "os.path.join": _join,
        "os.path.splitext": _pair(posixpath.splitext),
        "os.path.split": _pair(posixpath.split),
        "os.path.isdir": _question("is_dir"),
        "os.path.isfile": _question("is_file"),
        "os.path.exists": _question("exists"),
        "os.path.relpath": _relpath,
        "os.listdir": _listdir,
        "os.scandir": _scandir,
        "os.walk": _walk,
        "os.getcwd": lambda interp, external, args, frame: Const(ROOT),
        "os.chdir": lambda interp, external, args, frame: NONE,
        "glob.glob": _glob,
        "glob.iglob": _glob,
        "pathlib.Path": _new_path,
        "pathlib.PurePath": _new_path,
        "pkgutil.iter_modules": _modules(False),
        "pkgutil.walk_packages": _modules(True),
        "importlib.util.spec_from_file_location": _spec,
        "importlib.util.find_spec": _find_spec,
        "importlib.util.module_from_spec": _from_spec,
    }
    knowledge.calls.update(calls)
    knowledge.attributes["os"] = knowledge.attributes["os.path"] = _os_name
    knowledge.aliases["pathlib.PosixPath"] = "pathlib.Path"
