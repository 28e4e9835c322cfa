"""What the reader says of a program's names, beside what Python computes."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import sys
from collections import deque
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from strangler.analyzers import facts
from strangler.analyzers.layers import hand_over, names_data
from strangler.analyzers.python import builtins
from strangler.analyzers.python.interpreter import Interpreter
from strangler.analyzers.python.knowledge import Knowledge
from strangler.analyzers.python.program import Program
from strangler.analyzers.python.values import (
    UNKNOWN,
    Bytes,
    Class,
    Const,
    Function,
    Guess,
    Mapping,
    Object,
    Sequence,
    Union,
    Value,
)
from strangler.limits import DEFAULT, Limits
from strangler.sources.aliases import Names

GIVEN = {"ui": (0, 1, 3), "us": ("", "a", "x-y"), "ub": (True, False), "ul": ([], [1], [2, "a"])}
"""What ``ext`` may hold; the reader knows none of it."""
KINDS = {"list": list, "tuple": tuple, "set": (set, frozenset), "frozenset": frozenset, "deque": deque}


class SourceFile(NamedTuple):
    """The file that a program would stand in."""

    path: str
    module: str
    prefix: str = ""


class Difference(NamedTuple):
    """The reader is sure of a value, and Python computes another one."""

    name: str
    read: str
    computed: str


class Outcome(NamedTuple):
    """A program that was read, and what it came to if it ran to its end."""

    ran: bool
    names: int
    known: int
    differences: list[Difference]
    steps: int
    """Of the reader, all told."""


def world(seed: int) -> tuple[ModuleType, str | None]:
    """A module ``ext`` and an environment variable."""
    module = ModuleType("ext")
    for name, values in GIVEN.items():
        value = values[seed % len(values)]
        setattr(module, name, list(value) if isinstance(value, list) else value)
        seed //= len(values)
    return module, [None, "", "b"][seed % 3]


def modules(source: str) -> dict[str, ast.Module]:
    """The modules of a program, by name; a package is called ``name.__init__``."""
    found: dict[str, list[ast.stmt]] = {"program": []}
    name = "program"
    for statement in ast.parse(source).body:
        match statement:
            case ast.Expr(ast.Constant(str(text))) if text.startswith("module "):
                name = text[len("module ") :]
                found.setdefault(name, [])
            case _:
                found[name].append(statement)
    return {name: ast.Module(body, []) for name, body in found.items()}


class Finder:
    """Imports the modules of a program."""

    def __init__(self, trees: dict[str, ast.Module]) -> None:
        self.trees = trees

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """What ``import`` asks."""
        package = f"{name}.__init__" in self.trees
        return ModuleSpec(name, self, is_package=package) if package or name in self.trees else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """A plain module will do."""

    def exec_module(self, module: ModuleType) -> None:
        """Run its body."""
        tree = self.trees.get(module.__name__) or self.trees[f"{module.__name__}.__init__"]
        exec(compile(tree, f"{module.__name__}.py", "exec"), module.__dict__)


def computed(source: str | dict[str, ast.Module], seed: int) -> dict[str, Any] | None:
    """The names of the program as Python leaves them; None where it ends with an exception."""
    trees = modules(source) if isinstance(source, str) else source
    ext, variable = world(seed)
    finder, program = Finder(trees), ModuleType("program")
    kept = sys.modules.get("ext"), os.environ.pop("FUZZ", None)
    sys.modules.update({"ext": ext, "program": program})
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    if variable is not None:
        os.environ["FUZZ"] = variable
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            finder.exec_module(program)
    except Exception:
        return None
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type]
        os.environ.pop("FUZZ", None)
        for name in [*trees, "ext"]:
            sys.modules.pop(name.removesuffix(".__init__"), None)
        if kept[0] is not None:
            sys.modules["ext"] = kept[0]
    return {name: value for name, value in program.__dict__.items() if not name.startswith("__")}


_KNOWLEDGE = Knowledge()
builtins.teach(_KNOWLEDGE)


def read(source: str | dict[str, ast.Module]) -> tuple[Interpreter, dict[str, Value]]:
    """The names of the program as the reader leaves them."""
    interp = reader(modules(source) if isinstance(source, str) else source)
    scope = interp.program.scope("program")
    assert scope is not None
    return interp, scope.env


def reader(trees: dict[str, ast.Module], limits: Limits = DEFAULT) -> Interpreter:
    """An interpreter that is about to run a program."""
    files, rows = [], []
    for name, tree in trees.items():
        package = name.endswith(".__init__")
        path, dotted = f"{name.replace('.', '/')}.py", name.removesuffix(".__init__")
        files.append(SourceFile(path, dotted))
        rows.append(facts.extract(path, dotted, package, tree, ""))
    program = Program(rows, Names(files, [""]))
    return Interpreter(program, _KNOWLEDGE, hand_over, names_data, limits)


def outcome(source: str, seed: int = 0) -> Outcome:
    """Run and read a program."""
    trees = modules(source)
    real = computed(trees, seed)
    interp = reader(trees)
    before = interp.budget.left
    scope = interp.program.scope("program")
    assert scope is not None
    steps = before - interp.budget.left
    failures = [one.message for one in interp.log.failures if one.code == "not-interpreted"]
    if failures:
        raise AssertionError(failures[0])
    if real is None:
        return Outcome(False, 0, 0, [], steps)
    told = Differences()
    known = 0
    kept = [name for name in real if not isinstance(real[name], ModuleType)]
    for name in kept:
        value = interp.settled(scope.env.get(name, UNKNOWN))
        agreed = told.agrees(value, real[name])
        known += agreed is True
        if agreed is False:
            told.found.append(Difference(name, repr(value)[:200], repr(real[name])[:200]))
    return Outcome(True, len(kept), known, told.found, steps)


class Differences:
    """Compares values; what was once compared is not looked into again."""

    def __init__(self) -> None:
        self.found: list[Difference] = []
        self.open: set[tuple[int, int]] = set()

    def agrees(self, value: Value, real: Any, depth: int = 0) -> bool | None:
        """Whether the real value is the one read; None where the reader is not sure."""
        if depth > 6 or (id(value), id(real)) in self.open:
            return None
        if isinstance(value, Union):
            if value.open:
                return None
            answers = [self.agrees(option, real, depth + 1) for option in value.values]
            return None if any(answer is not False for answer in answers) else False
        self.open.add((id(value), id(real)))
        try:
            return self._agrees(value, real, depth)
        finally:
            self.open.discard((id(value), id(real)))

    def _agrees(self, value: Value, real: Any, depth: int) -> bool | None:
        if isinstance(value, Guess):
            return None
        if isinstance(value, Bytes):
            return type(real) is bytes and real.decode("latin-1") == value.value
        if isinstance(value, Const):
            plain = type(value) is Const
            return (type(real) is type(value.value) or not plain) and bool(real == value.value)
        if isinstance(value, Sequence):
            return self._sequence(value, real, depth)
        if isinstance(value, Mapping):
            return self._mapping(value, real, depth)
        if isinstance(value, Class):  # what may be called is followed also where it may be something else
            return (isinstance(real, type) and real.__name__ == value.name) or None
        if isinstance(value, Function):
            return isinstance(real, FunctionType) or None
        if isinstance(value, Object) and isinstance(value.cls, Class):
            return self._object(value, real, depth)
        return None

    def _sequence(self, value: Sequence, real: Any, depth: int) -> bool | None:
        if value.open:
            return None
        if value.kind not in KINDS:
            return None
        if not isinstance(real, KINDS[value.kind]):
            return False
        items = list(real)
        if value.kind in ("set", "frozenset"):
            known = [self.agrees(item, one, depth + 1) for item in value.items for one in items]
            if len(items) > len(value.items):
                return False
            if None in known:
                return None
            each = [any(self.agrees(item, one, depth + 1) for one in items) for item in value.items]
            return all(each) and len(items) == len(value.items)
        if len(items) != len(value.items):
            return False
        return _all([self.agrees(*pair, depth + 1) for pair in zip(value.items, items, strict=True)])

    def _mapping(self, value: Mapping, real: Any, depth: int) -> bool | None:
        if value.open:
            return None
        if not isinstance(real, dict) or len(real) != len(value.items):
            return False
        answers: list[bool | None] = []
        for (key, item), (other, one) in zip(value.items.items(), real.items(), strict=True):
            known = key if isinstance(key, Value) else Const(key)
            answers += [self.agrees(known, other, depth + 1), self.agrees(item, one, depth + 1)]
        return _all(answers)

    def _object(self, value: Object, real: Any, depth: int) -> bool | None:
        if type(real).__name__ != value.cls.name:  # type: ignore[attr-defined]
            return False
        held = getattr(real, "__dict__", {})
        answers = [
            self.agrees(item, held[name], depth + 1) for name, item in value.attrs.items() if name in held
        ]
        return _all([True, *answers])


def _all(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True
