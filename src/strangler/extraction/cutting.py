"""Writing a module back without the places that register what stays behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import libcst as cst

from strangler.extraction.reader import Source
from strangler.extraction.uses import Place


def cut(source: Source, places: Iterable[Place], added: tuple[str, ...] = ()) -> bytes:
    """The file with the places changed; all else stays byte for byte.

    Args:
        source: the module.
        places: what is taken out or replaced.
        added: import statements that the replacements need.
    """
    wrapper = source.syntax
    if wrapper is None:
        raise ValueError(f"{source.path} cannot be parsed")
    found = wrapper.module.visit(_Cutter(places))
    if added:
        body = list(found.body)
        at = next((number for number, statement in enumerate(body) if _after_head(statement)), len(body))
        body[at:at] = [cst.parse_statement(text) for text in added]
        found = found.with_changes(body=body)
    return found.bytes


def _after_head(statement: cst.CSTNode) -> bool:
    """Whether an import may stand before a statement: neither docstring nor ``__future__``."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return True
    first = statement.body[0]
    if isinstance(first, cst.ImportFrom):
        return not (isinstance(first.module, cst.Name) and first.module.value == "__future__")
    return not (
        isinstance(first, cst.Expr) and isinstance(first.value, (cst.SimpleString, cst.ConcatenatedString))
    )


class _Cutter(cst.CSTTransformer):
    def __init__(self, places: Iterable[Place]) -> None:
        super().__init__()
        self._places = {id(place.node): place for place in places}

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        place = self._places.get(id(original_node))
        if place is None:
            return super().on_leave(original_node, updated_node)
        if place.around is not None:
            return place.around(updated_node)
        if place.instead is None:
            return cst.RemoveFromParent()
        return updated_node.with_changes(value=place.instead)

    # an import statement may not lose its last name while it is visited: its names are chosen when it is left
    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> Any:
        return self._without(updated_node, original_node.names)

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> Any:
        names = original_node.names
        return updated_node if isinstance(names, cst.ImportStar) else self._without(updated_node, names)

    def _without(self, node: Any, names: Iterable[cst.ImportAlias]) -> Any:
        """An import statement without the names taken out; nothing where none is left."""
        names = list(names)
        kept = [alias for alias in names if id(alias) not in self._places]
        if not kept:
            return cst.RemoveFromParent()
        if len(kept) == len(names):
            return node
        if getattr(node, "lpar", None) is None:
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node.with_changes(names=kept)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        return updated_node if updated_node.body else cst.RemoveFromParent()

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> Any:
        if updated_node.body:
            return updated_node
        return updated_node.with_changes(body=[cst.SimpleStatementLine([cst.Pass()])])

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> Any:
        return updated_node if updated_node.body else updated_node.with_changes(body=[cst.Pass()])
