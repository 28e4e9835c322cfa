"""Whether libcst may be given a file: its parser ends the process on what is nested too deeply, and is slow.

``ast`` has limits of its own, so it is asked first.
"""

from __future__ import annotations

import ast

from strangler.sources.python import parse

DEEPEST = 100
"""Levels; at a few hundred libcst runs out of Python's stack, at a few thousand out of the machine's."""


def tree_of(data: bytes, path: str) -> ast.Module | None:
    """The tree of a file that this Python reads as it stands, unless it is nested too deeply."""
    parsed = parse(data, path)
    if parsed.tree is None or parsed.lowered or measure(parsed.tree)[1] > DEEPEST:
        return None
    return parsed.tree


def measure(tree: ast.Module) -> tuple[int, int]:
    """How many nodes a tree has, and how many levels as libcst nests them."""
    nodes = levels = 0
    waiting: list[tuple[ast.AST, int]] = [(tree, 0)]
    while waiting:
        node, level = waiting.pop()
        more = _levels(node)
        nodes += more
        level += more
        levels = max(levels, level)
        waiting += [(child, level) for child in ast.iter_child_nodes(node)]
    return nodes, levels


def _levels(node: ast.AST) -> int:
    """``a or b or c`` and ``a.b.c`` are one node of ``ast``, and a level each of libcst."""
    if isinstance(node, ast.BoolOp):
        return len(node.values)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return 1 + len(node.generators)
    if isinstance(node, ast.ImportFrom):
        return 1 + (node.module or "").count(".")
    if isinstance(node, ast.alias):
        return 1 + node.name.count(".")
    return 0 if isinstance(node, ast.expr_context | ast.operator | ast.boolop | ast.cmpop) else 1
