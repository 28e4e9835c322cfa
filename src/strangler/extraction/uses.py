"""How a module uses what it imports: for work, or only to register it (a router, a blueprint, a command).

A module whose routes stay with the monolith need not come along where all that is done with it is to hand
it over: as an argument of a call that stands alone, or as an element of a list. Such a place is cut out.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst
import libcst.metadata as meta

from strangler.extraction.reader import Source

ImportNode = cst.Import | cst.ImportFrom
Parents = Mapping[cst.CSTNode, Any]
Positions = Mapping[cst.CSTNode, Any]


@dataclass(frozen=True)
class Place:
    """One thing to change: a node taken out, or another expression in its stead."""

    node: cst.CSTNode
    line: int
    instead: cst.BaseExpression | None = None
    around: Callable[[Any], cst.CSTNode] | None = None
    """Makes the new node of the old one, whatever was changed inside it."""


@dataclass(frozen=True)
class Registration:
    """An imported module that is only registered, and what has to be changed so that it is not."""

    target: str
    places: tuple[Place, ...]


class Substitute:
    """What a framework puts in the place of a route's target, where routes must stay reversible."""

    def expression(self, argument: cst.Arg, call: cst.Call, line: int) -> cst.BaseExpression | None:
        """The expression that stands for the argument; None where it is taken out with what holds it."""
        return None

    def statement(self, call: cst.BaseExpression) -> cst.BaseExpression | None:
        """The expression that stands for a statement that registers; None where it is taken out."""
        return None


def registrations(
    source: Source, candidates: Container[str], modules: Container[str], substitute: Substitute | None = None
) -> list[Registration]:
    """The candidates that a module imports and does nothing with but register, in the order of the text.

    Args:
        source: the importing module.
        candidates: modules that could be left behind.
        modules: all modules of the monolith.
        substitute: the framework's way to keep a route's name.
    """
    wrapper = source.syntax
    if wrapper is None:
        return []
    scopes = wrapper.resolve(meta.ScopeProvider)
    parents = wrapper.resolve(meta.ParentNodeProvider)
    positions = wrapper.resolve(meta.PositionProvider)
    places: dict[str, list[Place]] = {}
    kept: set[str] = set()
    for scope in dict.fromkeys(found for found in scopes.values() if found is not None):
        for assignment in scope.assignments:
            if not isinstance(assignment, meta.ImportAssignment) or assignment.scope is not scope:
                continue
            node = assignment.node
            if not isinstance(node, (cst.Import, cst.ImportFrom)):
                continue
            for alias, target in imported(source, node, modules):
                if target not in candidates or bound(alias) != assignment.name:
                    continue
                found = _cuts(assignment, parents, positions, substitute)
                if found is None:
                    kept.add(target)
                    continue
                line = positions[node].start.line
                places.setdefault(target, []).extend([*found, Place(alias, line)])
    return [
        Registration(target, tuple(sorted(found, key=lambda place: place.line)))
        for target, found in places.items()
        if target not in kept
    ]


def bound(alias: cst.ImportAlias) -> str:
    """The name that an import binds."""
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return alias.asname.name.value
    return dotted(alias.name)


def dotted(node: cst.BaseExpression | None) -> str:
    """``a.b.c`` of a chain of attributes; empty for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return ""


def imported(source: Source, node: ImportNode, modules: Container[str]) -> list[tuple[cst.ImportAlias, str]]:
    """The names of an import statement with the modules that they come from."""
    if isinstance(node.names, cst.ImportStar):
        return []
    base = _base(source, node) if isinstance(node, cst.ImportFrom) else ""
    found = []
    for alias in node.names:
        name = dotted(alias.name)
        full = f"{base}.{name}" if base else name
        found.append((alias, full if full in modules else base or full))
    return found


def _base(source: Source, node: cst.ImportFrom) -> str:
    """The absolute module of a from-import."""
    name = dotted(node.module)
    level = len(node.relative)
    if not level:
        return name
    parts = source.module.split(".")
    up = level - (1 if source.is_package else 0)
    head = ".".join(parts[: len(parts) - up] if up else parts)
    return ".".join(part for part in (head, name) if part)


def _cuts(
    assignment: meta.ImportAssignment,
    parents: Parents,
    positions: Positions,
    substitute: Substitute | None,
) -> list[Place] | None:
    """What to change so that nothing refers to an imported name; None where it does work."""
    found: dict[int, Place] = {}
    for access in sorted(assignment.references, key=lambda access: _line(positions, access.node)):
        if not isinstance(access.node, (cst.Name, cst.Attribute)):
            return None
        place = _place(access.node, parents, positions, substitute)
        if place is None:
            return None
        found[id(place.node)] = place
    return list(found.values())


def _place(
    node: cst.CSTNode, parents: Parents, positions: Positions, substitute: Substitute | None
) -> Place | None:
    """The smallest thing that registers what a name stands for; None where it is used otherwise."""
    line = _line(positions, node)
    chain = _ancestors(node, parents)
    element: cst.CSTNode | None = None
    argument: cst.Arg | None = None
    for child, above in zip([node, *chain], chain, strict=False):
        if isinstance(above, cst.Call) and isinstance(child, cst.Arg):
            argument = child
            if substitute is not None:
                instead = substitute.expression(child, above, line)
                if instead is not None:
                    return Place(child, line, instead)
        elif isinstance(above, cst.Element) and isinstance(child, cst.BaseExpression):
            element = above
        elif isinstance(above, (cst.SimpleStatementLine, cst.IndentedBlock, cst.Module)):
            break
        elif isinstance(above, cst.Expr):
            if element is None and argument is not None:
                return Place(above, line, substitute.statement(above.value) if substitute else None)
            break
        elif not isinstance(above, _TRANSPARENT):
            break
    return Place(element, line) if element is not None else None


_TRANSPARENT = (
    cst.Arg,
    cst.Attribute,
    cst.Call,
    cst.Tuple,
    cst.List,
    cst.Set,
)
"""What may stand between a name and the place that registers it."""


def _ancestors(node: cst.CSTNode, parents: Parents) -> Sequence[cst.CSTNode]:
    found = []
    while node in parents:
        node = parents[node]
        found.append(node)
    return found


def _line(positions: Positions, node: cst.CSTNode) -> int:
    return int(positions[node].start.line)
