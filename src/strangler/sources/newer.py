"""Syntax newer than the host's Python lowered to what it knows, line for line, so that ``ast`` can read it.

Type parameters (PEP 695, 696), ``type`` statements, f-strings with any expression inside (PEP 701), template
strings (PEP 750), ``except A, B`` (PEP 758) and lazy imports (PEP 810). Type parameters are dropped; an
f-string's expressions are parsed apart and put back into the tree.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from strangler.sources.python2 import names_exceptions
from strangler.sources.tokens import Field, Statement, Token, statements, tokenize

Parse = Callable[[str], ast.Module]
_MARK = "_field_of_f_string_"
_UNFIT = re.compile(r"['\"\\\n#]")
_SIGNS = re.compile(
    r"^[ \t]*(?:type[ \t]+\w+|lazy[ \t]+(?:from|import)\b|except\b[^\n]*,)|\b(?:def|class)[ \t]+\w+[ \t]*\["
    r"|\b[fFtT][rR]?['\"]|\b[rR][fFtT]['\"]",
    re.MULTILINE,
)


@dataclass
class Lowered:
    """Text that an older Python can read, and the expressions that were cut out of it."""

    text: str
    fields: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Name that stands in the text -> (expression, its line)."""

    def restore(self, tree: ast.Module, parse: Parse) -> ast.Module:
        """Put the expressions back.

        Raises:
            SyntaxError: one of them is none, even lowered.
        """
        if self.fields:
            _Restorer(self.fields, parse).visit(tree)
        return tree


def lower(text: str) -> Lowered | None:
    """The text with newer syntax replaced; None if there is none."""
    if not _SIGNS.search(text):
        return None
    tokens = tokenize(text)
    result = Lowered(text)
    for token in tokens:
        if token.kind == "fstring":
            _fstring(token, result)
        elif token.kind == "string" and "t" in token.prefix.lower():
            token.text = re.sub("[tT]", "f", token.prefix) + token.text[len(token.prefix) :]
    for statement in statements(tokens):
        _statement(tokens, statement)
    result.text = "".join(token.text for token in tokens)
    return result if result.text != text else None


def _fstring(token: Token, result: Lowered) -> None:
    body = _rendered(token.parts, result)
    text = re.sub("[tT]", "f", token.prefix) + token.quote + body + token.quote
    token.text = text + "\\\n" * (token.text.count("\n") - text.count("\n"))


def _rendered(parts: Sequence[str | Field], result: Lowered) -> str:
    written = []
    for part in parts:
        if isinstance(part, str):
            written.append(part)
            continue
        expression = part.expression
        if _UNFIT.search(expression):
            name = f"{_MARK}{len(result.fields)}"
            result.fields[name] = (expression, part.line)
            expression = name
        written.append("{" + expression + _rendered(part.tail, result).replace("\n", "") + "}")
    return "".join(written)


class _Restorer(ast.NodeTransformer):
    def __init__(self, fields: dict[str, tuple[str, int]], parse: Parse) -> None:
        self._fields = fields
        self._parse = parse

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self._fields:
            return node
        expression, line = self._fields[node.id]
        statement = self._parse(f"({expression}\n)").body[0]
        if not isinstance(statement, ast.Expr):
            raise SyntaxError("f-string: an expression is expected", ("", line, 1, ""))
        ast.increment_lineno(statement, line - 1)
        return statement.value


def _statement(tokens: list[Token], statement: Statement) -> None:
    words = [tokens[index].text for index in statement.tokens]
    first = 1 if words[0] == "async" else 0
    if words[0] == "lazy" and words[1:2] in (["import"], ["from"]):
        _drop(tokens, statement, 0, 1)
    elif words[0] == "type" and len(words) > 3 and words[1].isidentifier() and _assigns(statement, words):
        if words[2] == "[":
            _drop_brackets(tokens, statement, words, 2)
        _drop(tokens, statement, 0, 1)
    elif words[first : first + 1] in (["def"], ["class"]) and words[first + 2 : first + 3] == ["["]:
        _drop_brackets(tokens, statement, words, first + 2)
    elif words[0] == "except" and words[-1] == ":" and "as" not in words:
        start = 2 if words[1] == "*" else 1
        commas = [at for at, word in enumerate(words) if word == "," and not statement.depths[at]]
        if commas and names_exceptions(words[commas[0] + 1 : -1]):
            tokens[statement.tokens[start]].text = "(" + words[start]
            tokens[statement.tokens[-2]].text += ")"


def _assigns(statement: Statement, words: list[str]) -> bool:
    """Whether ``type NAME`` goes on as the statement does: ``= ...`` or ``[...] = ...``."""
    return words[2] == "=" or (
        words[2] == "[" and any(word == "=" and not statement.depths[at] for at, word in enumerate(words))
    )


def _drop_brackets(tokens: list[Token], statement: Statement, words: list[str], start: int) -> None:
    for end in range(start + 1, len(words)):
        if words[end] == "]" and statement.depths[end] == 0:
            _drop(tokens, statement, start, end + 1)
            return


def _drop(tokens: list[Token], statement: Statement, start: int, end: int) -> None:
    """Blank the tokens of a statement from ``start`` to before ``end``; line ends stay, as continuations."""
    places = statement.tokens
    stop = places[end] if end < len(places) else places[-1] + 1  # the line ends where more was to come
    for index in range(places[start], stop):
        lines = tokens[index].text.count("\n")
        tokens[index].text = "\\\n" * lines
