"""Conditions that could not be decided: what the code registers behind one is there only where it holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from strangler.analyzers.python import syntax
from strangler.analyzers.python.matching import SUBJECT


class Undecided(NamedTuple):
    """A block of which both ways were taken."""

    path: str
    line: int
    """Of the condition."""
    first: int
    last: int
    """Lines of the block."""
    text: str
    """What must hold, as the code says it."""
    fact: bool = False
    """It is said in words."""


Both = tuple[Undecided | None, Undecided | None]
"""Of the two ways behind a condition, what must hold for what each of them registers."""


def undecided(path: str, node: syntax.If) -> Both:
    """The two blocks of an ``if`` whose condition is not known; None for one that is empty."""

    def block(body: syntax.Block, condition: str) -> Undecided | None:
        return Undecided(path, node.line, body[0].line, _end(body), condition) if body else None

    return block(node.body, spelled(node.test)), block(node.orelse, negated(node.test))


@lru_cache(maxsize=4096)
def either_way(path: str, line: int, test: syntax.Expr) -> tuple[Undecided, Undecided]:
    """The two ways behind a condition that is not known, where they are no blocks of lines of their own."""
    return (
        Undecided(path, line, 0, 0, spelled(test)),
        Undecided(path, line, 0, 0, negated(test)),
    )


def installed(path: str, node: syntax.Try, optional: Callable[[str], bool]) -> Both | None:
    """What must hold for the body of a ``try`` that imports libraries, and for what catches that it cannot.

    None where nothing is imported, or where one that is missing is an error all the same.

    Args:
        optional: tells whether a first name is a library's that may not be there.
    """
    if not tolerates(node):
        return None
    return _beside_imports(path, node.line, node.body, optional)


def tolerates(node: syntax.Try) -> bool:
    """Whether a ``try`` catches that an import fails, and goes on."""
    raised = [block for kind, _, block in node.handlers if _catches_imports(kind)]
    return bool(raised) and not any(type(block[-1]) is syntax.Raise for block in raised if block)


def suppressed(path: str, node: syntax.With, optional: Callable[[str], bool]) -> Both | None:
    """The same of the body of ``with suppress(ImportError)``."""
    for context, _ in node.items:
        func = context.func if isinstance(context, syntax.Call) else None
        name = func.id if isinstance(func, syntax.Name) else getattr(func, "attr", "")
        if (
            name == "suppress"
            and isinstance(context, syntax.Call)
            and any(map(_catches_imports, context.args))
        ):
            return _beside_imports(path, node.line, node.body, optional)
    return None


def _beside_imports(path: str, line: int, body: syntax.Block, optional: Callable[[str], bool]) -> Both | None:
    tops = [top for one in body for top in _imported(one)]
    if not tops:
        return None
    named = " and ".join(dict.fromkeys(top for top in tops if optional(top)))
    around = (path, line, 0, 0)
    missing = Undecided(*around, f"{' or '.join(dict.fromkeys(tops))} is not installed", True)
    return Undecided(*around, f"{named} is installed", True) if named else None, missing


def _imported(node: syntax.Statement) -> list[str]:
    """The first names of what a statement imports by absolute names."""
    if type(node) is syntax.Import:
        return [alias.name.partition(".")[0] for alias in node.names]
    if type(node) is syntax.ImportFrom and not node.level:
        return [node.module.partition(".")[0]]
    return []


def _catches_imports(kind: syntax.Expr | None) -> bool:
    listed = kind.elements if isinstance(kind, syntax.Display) else [kind]
    return any(one is None or (isinstance(one, syntax.Name) and one.id in _IMPORT_ERRORS) for one in listed)


_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def negated(test: syntax.Expr) -> str:
    """What must hold for the other way."""
    return spelled(test.operand) if isinstance(test, syntax.Not) else f"not ({spelled(test)})"


def _end(node: Any) -> int:
    """The last line on which something of a node begins or a definition ends."""
    if isinstance(node, (list, tuple)):
        return max((_end(part) for part in node), default=0)
    if not isinstance(node, syntax.Node):
        return 0
    own = max(node.line, getattr(node, "end_line", 0))
    return max(own, _end(msgspec.structs.astuple(node)[1:]))


def spelled(node: syntax.Expr) -> str:
    """An expression much as the code has it; ``...`` for what is not spelled out."""
    match node:
        case syntax.Name():
            return node.id.removeprefix(SUBJECT)
        case syntax.Attribute():
            return f"{spelled(node.value)}.{node.attr}"
        case syntax.Constant():
            return repr(node.value)
        case syntax.Subscript():
            return f"{spelled(node.value)}[{spelled(node.key)}]"
        case syntax.Call():
            named = [f"{name or '**'}={spelled(value)}" for name, value in node.keywords]
            return f"{spelled(node.func)}({', '.join([*map(spelled, node.args), *named])})"
        case syntax.Not():
            return f"not {spelled(node.operand)}"
        case syntax.Walrus():
            return spelled(node.value)
        case syntax.BinaryOperation() if node.operator not in ("~", "neg"):
            return f"{spelled(node.left)} {node.operator} {spelled(node.right)}"
        case syntax.Display():
            ends = {"list": "[]", "tuple": "()", "set": "{}"}[node.kind]
            return f"{ends[0]}{', '.join(map(spelled, node.elements))}{ends[1]}"
        case syntax.BooleanOperation():
            return f" {node.operator} ".join(map(spelled, node.operands))
        case syntax.Comparison(operators=[operator], rights=[right]) if operator in ("isinstance", "hasattr"):
            return f"{operator}({spelled(node.left)}, {spelled(right)})"
        case syntax.Comparison(operators=["sequence"]):
            return f"{spelled(node.left)} is a sequence of that length"
        case syntax.Comparison(operators=["mapping"]):
            return f"{spelled(node.left)} has those keys"
        case syntax.Comparison():
            parts = zip(node.operators, map(spelled, node.rights), strict=True)
            return " ".join([spelled(node.left), *(word for part in parts for word in part)])
    return "..."
