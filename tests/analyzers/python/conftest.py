"""What small programs come to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from strangler.analyzers import facts, link
from strangler.analyzers.python.values import Const, Mapping, Sequence, Value
from strangler.analyzers.python.values.base import Guess
from strangler.analyzers.python.values.unions import Union
from strangler.sources import scan

UNKNOWN = "?"


def literal(value: Value) -> object:
    """A value as Python would show it; ``"?"`` of what is not known, a set of what it may be."""
    if isinstance(value, Guess):
        return frozenset({value.value, UNKNOWN})
    if isinstance(value, Union):
        options = {_hashable(literal(option)) for option in value.options()}
        return frozenset(options | {UNKNOWN} if value.open else options)
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Sequence) and not value.open:
        return [literal(item) for item in value.items]
    if isinstance(value, Mapping) and not value.open:
        return {key: literal(item) for key, item in value.items.items()}
    return UNKNOWN


def _hashable(found: object) -> object:
    return tuple(found) if isinstance(found, list) else found if not isinstance(found, dict) else UNKNOWN


@pytest.fixture
def value(tmp_path: Path) -> Callable[[str], object]:
    """The value of ``x`` after a program."""

    def of(program: str) -> object:
        (tmp_path / "program.py").write_text(program)
        tree = scan(tmp_path)
        rows = [
            facts.extract(f.path, f.module, f.is_package, ast.parse(program), program) for f in tree.files
        ]
        interp = link.interpret(tree, rows)[0]
        return literal(interp.program.member("program", "x"))

    return of
