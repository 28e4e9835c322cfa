"""Mutants of a source file: one small change each, numbered so that the same code gives the same list."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file."""

    key: str
    """Ten hexadecimal digits of what is changed and where, by content and not by line: it survives edits
    elsewhere in the file."""
    path: Path
    line: int
    before: str
    after: str
    statement: int
    """Number of the innermost statement in the order of ``ast.walk``; -1 outside of functions."""
    node: int
    """Number of what is changed, in the order of ``ast.walk``."""
    choice: int
    """Which of the node's possible changes it is."""

    def tree(self) -> ast.Module:
        """The file with the change."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        target = next(node for number, node in enumerate(ast.walk(tree)) if number == self.node)
        _replace(tree, target, list(_changes(target))[self.choice])
        return tree


def mutants(path: Path, root: Path) -> list[Mutant]:
    """All mutants of a file, in the order of the text."""
    source = ast.parse(path.read_text(encoding="utf-8"))
    statement_of, function_of = _homes(source)
    seen: Counter[str] = Counter()
    found = []
    for number, node in enumerate(ast.walk(source)):
        if number not in function_of:
            continue
        for choice, changed in enumerate(_changes(node)):
            before, after = ast.unparse(node), ast.unparse(changed)
            text = f"{path.relative_to(root).as_posix()}\0{function_of[number]}\0{before}\0{after}"
            seen[text] += 1
            key = hashlib.sha256(f"{text}\0{seen[text]}".encode()).hexdigest()[:10]
            line = getattr(node, "lineno", 0)
            found.append(Mutant(key, path, line, before, after, statement_of[number], number, choice))
    return sorted(found, key=lambda mutant: (mutant.line, mutant.key))


def traced(path: Path) -> ast.Module:
    """The file with a mark before each statement of its functions: ``__hit__.add((path, number))``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}

    def marked(body: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for node in body:
            mark = ast.parse(f"__hit__.add(({str(path)!r}, {numbers[id(node)]}))").body[0]
            result += [ast.copy_location(mark, node), node]
        return result

    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(node): node for function in functions for node in ast.walk(function)}
    for node in inside.values():
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                docstring = isinstance(inner[0], ast.Expr) and isinstance(inner[0].value, ast.Constant)
                head = inner[:1] if docstring else []
                setattr(node, name, head + marked(inner[len(head) :]))
    return ast.fix_missing_locations(tree)


def _homes(tree: ast.Module) -> tuple[dict[int, int], dict[int, str]]:
    """Number of a node that may be changed -> its statement; and -> the function that it is part of."""
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
    statement_of: dict[int, int] = {}
    function_of: dict[int, str] = {}

    def visit(node: ast.AST, statement: int, home: str, inside: bool) -> None:
        if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.Assert | ast.JoinedStr):
            return
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            return
        if isinstance(node, ast.stmt):
            statement = numbers[id(node)] if inside else -1
        statement_of[numbers[id(node)]] = statement
        function_of[numbers[id(node)]] = home
        for name, child in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "bases", "keywords") and not isinstance(
                node, ast.Call
            ):
                continue
            for one in child if isinstance(child, list) else [child]:
                if isinstance(one, ast.AST):
                    named = isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                    # The defaults of a function are evaluated where it is defined.
                    within = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                    visit(one, statement, f"{home}.{one.name}" if named else home, within)  # type: ignore[attr-defined]

    visit(tree, -1, "", False)
    return statement_of, function_of


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What a node may be changed to."""
    new = copy.deepcopy(node)
    match new:
        case ast.Compare(ops=ops) if type(ops[0]) in _COMPARE:
            ops[0] = _COMPARE[type(ops[0])]()
            yield new
        case ast.BoolOp(op=op):
            new.op = ast.And() if isinstance(op, ast.Or) else ast.Or()
            yield new
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            if not any(isinstance(x, ast.JoinedStr) or _is_text(x) for x in (new.left, new.right)):
                new.op = _ARITHMETIC[type(op)]()
                yield new
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(value * 2 or 1.0)
        case ast.Name(id=name, ctx=ast.Load()) if name in _NAMES:
            yield ast.Name(_NAMES[name], ast.Load())
        case ast.If(test=test) | ast.IfExp(test=test):
            new.test = ast.UnaryOp(ast.Not(), test)
            yield new
        case ast.comprehension(ifs=[*_, _]):
            new.ifs = []
            yield new
        case ast.Return(value=ast.expr() as value) if not _is_nothing(value):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Pass()


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_nothing(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    ast.copy_location(new, old)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
                ast.fix_missing_locations(tree)
                return
            if isinstance(value, list):
                for place, one in enumerate(value):
                    if one is old:
                        value[place] = new
                        ast.fix_missing_locations(tree)
                        return
