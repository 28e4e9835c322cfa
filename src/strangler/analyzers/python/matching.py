"""``match``: its cases as a chain of conditions."""

from __future__ import annotations

import ast
from collections.abc import Callable

from strangler.analyzers.python.syntax import (
    Assign,
    Attribute,
    Block,
    BooleanOperation,
    Comparison,
    Constant,
    Delete,
    Display,
    Expr,
    Group,
    If,
    Name,
    Statement,
    Subscript,
    Walrus,
)

LONGEST_SUBJECT = 120
SUBJECT = "match "
"""Begins the name that stands for what is matched."""
_WHOLE = frozenset(
    {"bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"}
)
"""Builtin classes whose one positional pattern is for the object itself."""

Bound = list[tuple[str, Expr]]
"""The names that a pattern binds, each with what it then is."""


class Cases:
    """The parts of one ``match`` statement, with what lowers expressions and blocks."""

    def __init__(
        self,
        expr: Callable[[ast.expr], Expr],
        block: Callable[[list[ast.stmt]], Block],
        name: Callable[[str], str],
    ) -> None:
        self.expr = expr
        self.block = block
        self.name = name

    def lower(self, node: ast.Match) -> Statement:
        """The statement as one that always runs: what is matched is evaluated once."""
        first = self.expr(node.subject)
        plain = isinstance(node.subject, ast.Constant) or self._stays(node)
        # No identifier, and so no name of the program's.
        called = Name(node.lineno, SUBJECT + _text(node.subject))
        subject = first if plain else called
        rest: Block = []
        for case in reversed(node.cases):
            rest = self._case(case, subject, rest)
        if plain:
            return If(node.lineno, Constant(node.lineno, True), rest, [])
        around: Block = [Assign(node.lineno, [called], first), *rest, Delete(node.lineno, [called])]
        return If(node.lineno, Constant(node.lineno, True), around, [])

    def _stays(self, node: ast.Match) -> bool:
        """Whether the subject is a name that is the same in front of each case."""
        captured = {name for case in node.cases for name in self._names(case.pattern)}
        assigned = any(
            isinstance(one, ast.NamedExpr)
            for case in node.cases
            if case.guard
            for one in ast.walk(case.guard)
        )
        return (
            isinstance(node.subject, ast.Name) and self.name(node.subject.id) not in captured and not assigned
        )

    def _case(self, case: ast.match_case, subject: Expr, rest: Block) -> Block:
        line = case.pattern.lineno
        tests, bound = self._pattern(case.pattern, subject)
        body = self.block(case.body)
        if case.guard is None:
            bind: Block = [Assign(line, [Name(line, name)], value) for name, value in bound]
            if not tests:
                return [*bind, *body]
            return [If(line, _all(line, tests), [*bind, *body], rest)]
        # The guard sees the names, and they stay where it does not hold.
        walrus: list[Expr] = [Walrus(line, Name(line, name), value) for name, value in bound]
        given: list[Expr] = [Display(line, "tuple", walrus)] if walrus else []
        return [If(line, _all(line, [*tests, *given, self.expr(case.guard)]), body, rest)]

    def _pattern(self, node: ast.pattern, subject: Expr) -> tuple[list[Expr], Bound]:
        """What must hold of the subject, and the names that are bound."""
        line = node.lineno
        match node:
            case ast.MatchValue():
                return [Comparison(line, subject, ["=="], [self.expr(node.value)])], []
            case ast.MatchSingleton():
                return [Comparison(line, subject, ["is"], [Constant(line, node.value)])], []
            case ast.MatchAs(pattern=inner, name=name):
                tests, bound = self._pattern(inner, subject) if inner is not None else ([], [])
                return tests, [*bound, *([(self.name(name), subject)] if name is not None else [])]
            case ast.MatchOr():
                return self._either(node, subject)
            case ast.MatchClass():
                return self._class(node, subject)
            case ast.MatchSequence():
                return self._sequence(node, subject)
            case ast.MatchMapping():
                return self._mapping(node, subject)
        return [Group(line, [])], [(name, Group(line, [])) for name in self._names(node)]

    def _names(self, node: ast.pattern) -> list[str]:
        found: dict[str, None] = {}
        for part in ast.walk(node):
            name = part.rest if isinstance(part, ast.MatchMapping) else getattr(part, "name", None)
            if name is not None:
                found[self.name(name)] = None
        return list(found)

    def _either(self, node: ast.MatchOr, subject: Expr) -> tuple[list[Expr], Bound]:
        ways = [self._pattern(pattern, subject) for pattern in node.patterns]
        unknown: Bound = [(name, Group(node.lineno, [])) for name in self._names(node)]
        if not all(tests for tests, _ in ways):
            return [], unknown
        tests = [_all(node.lineno, tests) for tests, _ in ways]
        return [BooleanOperation(node.lineno, "or", tests)], unknown

    def _class(self, node: ast.MatchClass, subject: Expr) -> tuple[list[Expr], Bound]:
        line = node.lineno
        tests: list[Expr] = [Comparison(line, subject, ["isinstance"], [self.expr(node.cls)])]
        bound: Bound = []
        whole = isinstance(node.cls, ast.Name) and node.cls.id in _WHOLE
        if whole and len(node.patterns) == 1:
            more, bound = self._pattern(node.patterns[0], subject)
            tests += more
        elif node.patterns:  # the class says which attributes they are for
            for pattern in node.patterns:
                bound += [(name, Group(line, [])) for name in self._names(pattern)]
            if not all(isinstance(one, ast.MatchAs) and one.pattern is None for one in node.patterns):
                tests.append(Group(line, []))
        for attribute, pattern in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
            own = self.name(attribute)
            tests.append(Comparison(line, subject, ["hasattr"], [Constant(line, own)]))
            more, names = self._pattern(pattern, Attribute(line, subject, own))
            tests, bound = [*tests, *more], [*bound, *names]
        return tests, bound

    def _sequence(self, node: ast.MatchSequence, subject: Expr) -> tuple[list[Expr], Bound]:
        line, count = node.lineno, len(node.patterns)
        star = next((n for n, one in enumerate(node.patterns) if isinstance(one, ast.MatchStar)), None)
        length = count if star is None else -count  # of all of them, or of at least those beside the star
        tests: list[Expr] = [Comparison(line, subject, ["sequence"], [Constant(line, length)])]
        bound: Bound = []
        for index, pattern in enumerate(node.patterns):
            if isinstance(pattern, ast.MatchStar):
                bound += [(name, Group(line, [])) for name in self._names(pattern)]
                continue
            place = index if star is None or index < star else index - count
            more, names = self._pattern(pattern, Subscript(line, subject, Constant(line, place)))
            tests, bound = [*tests, *more], [*bound, *names]
        return tests, bound

    def _mapping(self, node: ast.MatchMapping, subject: Expr) -> tuple[list[Expr], Bound]:
        line = node.lineno
        keys = [self.expr(key) for key in node.keys]
        tests: list[Expr] = [Comparison(line, subject, ["mapping"], [Display(line, "tuple", keys)])]
        bound: Bound = []
        for key, pattern in zip(keys, node.patterns, strict=True):
            more, names = self._pattern(pattern, Subscript(line, subject, key))
            tests, bound = [*tests, *more], [*bound, *names]
        return tests, [*bound, *([(self.name(node.rest), Group(line, []))] if node.rest is not None else [])]


def _all(line: int, tests: list[Expr]) -> Expr:
    return tests[0] if len(tests) == 1 else BooleanOperation(line, "and", tests)


def _text(node: ast.expr) -> str:
    try:
        return " ".join(ast.unparse(node).split())[:LONGEST_SUBJECT]
    except (RecursionError, ValueError):
        return "..."
