"""What the reader says of a program's names, beside what Python computes."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import sys
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from strangler.analyzers import facts
from strangler.analyzers.layers import hand_over
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
from strangler.sources.aliases import Names

GIVEN = {"ui": (0, 1, 3), "us": ("", "a", "x-y"), "ub": (True, False), "ul": ([], [1], [2, "a"])}
"""What ``ext`` may hold; the reader knows none of it."""
KINDS = {"list": list, "tuple": tuple, "set": (set, frozenset), "frozenset": frozenset}


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
    """A program that ran to its end, and was read."""

    names: int
    known: int
    differences: list[Difference]


def world(seed: int) -> tuple[ModuleType, str | None]:
    """A module ``ext`` and an environment variable."""
    module = ModuleType("ext")
    for name, values in GIVEN.items():
        value = values[seed % len(values)]
        setattr(module, name, list(value) if isinstance(value, list) else value)
        seed //= len(values)
    return module, [None, "", "b"][seed % 3]


def computed(source: str, seed: int) -> dict[str, Any] | None:
    """The names of the program as Python leaves them; None where it ends with an exception."""
    names: dict[str, Any] = {"__name__": "program"}
    module, variable = world(seed)
    kept = sys.modules.get("ext"), os.environ.pop("FUZZ", None)
    sys.modules["ext"] = module
    program = ModuleType("program")
    program.__dict__.update(names)
    sys.modules["program"] = program
    if variable is not None:
        os.environ["FUZZ"] = variable
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, "program.py", "exec"), program.__dict__)
    except Exception:
        return None
    finally:
        os.environ.pop("FUZZ", None)
        del sys.modules["ext"], sys.modules["program"]
        if kept[0] is not None:
            sys.modules["ext"] = kept[0]
    return {name: value for name, value in program.__dict__.items() if not name.startswith("__")}


def read(source: str) -> tuple[Interpreter, dict[str, Value]]:
    """The names of the program as the reader leaves them."""
    knowledge = Knowledge()
    builtins.teach(knowledge)
    rows = [facts.extract("program.py", "program", False, ast.parse(source), source)]
    program = Program(rows, Names([SourceFile("program.py", "program")], [""]))
    interp = Interpreter(program, knowledge, hand_over)
    scope = program.scope("program")
    assert scope is not None
    return interp, scope.env


def outcome(source: str, seed: int = 0) -> Outcome | None:
    """Both; None where the program does not run to its end."""
    real = computed(source, seed)
    if real is None:
        return None
    interp, names = read(source)
    told = Differences()
    known = 0
    kept = [name for name in real if not isinstance(real[name], ModuleType)]
    for name in kept:
        value = interp.settled(names.get(name, UNKNOWN))
        agreed = told.agrees(value, real[name])
        known += agreed is True
        if agreed is False:
            told.found.append(Difference(name, repr(value)[:200], repr(real[name])[:200]))
    return Outcome(len(kept), known, told.found)


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
