"""Python 2 (and 3 before 3.7) lowered to today's syntax, line for line, so that ``ast`` can read it.

The meaning is kept as far as a reader of definitions, imports and calls can tell; numbers and strings that
Python 3 would read otherwise get the form that means the same. Lines never move, columns may.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from strangler.sources.tokens import Statement, Token, statements, tokenize

RENAMED = "_was_a_name"
"""Suffix of words that were no keywords then; ``restore_names`` takes it off the tree again."""
_OCTAL = re.compile(r"0[0-7]+[lL]?")
_ESCAPE = re.compile(r"\\(?:\\|(?=[uUN]))")
_STARTS_VALUE = frozenset({"name", "number", "string", "fstring"})
_OPERATORS = frozenset({"in", "is", "and", "or", "if", "else", "for"})
_FUTURE = re.compile(r"^from\s+__future__\s+import\s+(.*(?:\n[^\n=]*\))?)", re.MULTILINE)


@dataclass
class Lowered:
    """Text that Python 3 can read, and what was changed in it: (line, what), by line."""

    text: str
    changes: list[tuple[int, str]]
    python2: bool
    """Some of it was Python 2, not only an old use of a word that is a keyword today."""


@dataclass
class _Editor:
    tokens: list[Token]
    before: dict[int, str] = field(default_factory=dict)
    after: dict[int, str] = field(default_factory=dict)
    changes: set[tuple[int, str]] = field(default_factory=set)

    def text(self, index: int) -> str:
        return self.tokens[index].text

    def replace(self, index: int, text: str, what: str) -> None:
        self.changes.add((self.tokens[index].line, what))
        self.tokens[index].text = text

    def wrap(self, first: int, last: int, opening: str, closing: str) -> None:
        self.before[first] = self.before.get(first, "") + opening
        self.after[last] = closing + self.after.get(last, "")

    def result(self) -> str:
        parts: list[str] = []
        for index, token in enumerate(self.tokens):
            parts += (self.before.get(index, ""), token.text, self.after.get(index, ""))
        return "".join(parts)


def lower(text: str) -> Lowered | None:
    """The text with what Python 3 does not know replaced; None if there was nothing of the kind."""
    editor = _Editor(tokenize(text, fstrings=False))
    future = " ".join(_FUTURE.findall(text))
    _tokens(editor, "unicode_literals" in future)
    for statement in statements(editor.tokens):
        _statement(editor, statement, "print_function" in future)
    if not editor.changes:
        return None
    python2 = any(not what.endswith("as a name") for _, what in editor.changes)
    return Lowered(editor.result(), sorted(editor.changes), python2)


def restore_names(tree: ast.Module) -> ast.Module:
    """Give the words back that were names then, although they are keywords today."""
    for node in ast.walk(tree):
        for name in ("id", "attr", "name", "arg", "asname", "module"):
            value = getattr(node, name, None)
            if isinstance(value, str) and RENAMED in value:
                setattr(node, name, value.replace(RENAMED, ""))
    return tree


def _tokens(editor: _Editor, unicode_literals: bool) -> None:
    """What a single token tells: numbers, strings, ``<>``."""
    for index, token in enumerate(editor.tokens):
        text = token.text
        if token.kind == "number":
            if _OCTAL.fullmatch(text) and text.strip("0lL"):
                editor.replace(index, "0o" + text[1:].rstrip("lL"), "octal number")
            elif text[-1] in "lL":
                editor.replace(
                    index, (text[:-1].lstrip("0") or "0") if text.isdigit() else text[:-1], "long number"
                )
        elif token.kind == "string":
            _string(editor, index, token, unicode_literals)
        elif text == "<>":
            editor.replace(index, "!=", "<> operator")


def _string(editor: _Editor, index: int, token: Token, unicode_literals: bool) -> None:
    prefix = token.prefix.lower()
    body = token.text[len(prefix) :]
    if prefix == "ur":
        editor.replace(index, "r" + body, "ur string")
    elif prefix == "b" and not body.isascii():
        editor.replace(index, body, "bytes beyond ASCII")
    elif prefix == "" and not unicode_literals and re.search(r"\\[uUN]", body):
        escaped = _ESCAPE.sub(lambda match: "\\\\", body)
        if escaped != body:
            token.text = escaped  # meant literally in a byte string; no sign of Python 2 by itself


def _statement(editor: _Editor, statement: Statement, print_function: bool) -> None:
    words = [editor.text(index) for index in statement.tokens]
    _backquotes(editor, statement, words)
    _old_names(editor, statement, words)
    first = words[0]
    if first == "print" and not print_function:
        _print(editor, statement, words)
    elif first == "exec":
        _exec(editor, statement, words)
    elif first == "raise":
        _raise(editor, statement, words)
    elif first == "except":
        _except(editor, statement, words)
    elif first == "def":
        _tuple_parameters(editor, statement, words, words.index("(") if "(" in words else len(words))
    for position, word in enumerate(words):
        if word == "lambda":
            _tuple_parameters(editor, statement, words, position)


def _print(editor: _Editor, statement: Statement, words: list[str]) -> None:
    rest = statement.tokens[1:]
    if not rest:
        return
    token = editor.tokens[rest[0]]
    starts = token.kind in _STARTS_VALUE and token.text not in _OPERATORS
    starts = starts or token.text in ("`", "{", ">>", "~", "lambda", "not")
    if not starts and not (words[1] == "(" and _goes_on(words, statement.depths)):
        return
    if token.text == ">>":
        editor.replace(rest[0], "  ", "print statement")
    editor.changes.add((editor.tokens[statement.tokens[0]].line, "print statement"))
    editor.before[rest[0]] = "(" + editor.before.get(rest[0], "")
    editor.after[rest[-1]] = editor.after.get(rest[-1], "") + ")"


def _goes_on(words: list[str], depths: list[int]) -> bool:
    """Whether a value follows ``print (...)`` in a way that no expression does: ``print ("a") "b"``."""
    closing = next((at for at in range(2, len(words)) if depths[at] == 0 and words[at] == ")"), len(words))
    return closing + 1 < len(words) and words[closing + 1] == ","


def _exec(editor: _Editor, statement: Statement, words: list[str]) -> None:
    rest = statement.tokens[1:]
    if not rest or (editor.tokens[rest[0]].kind not in _STARTS_VALUE and words[1] != "("):
        return
    inside = [at for at in range(1, len(words)) if words[at] == "in" and statement.depths[at] == 0]
    if words[1] == "(" and not inside:
        return
    for at in inside[:1]:
        editor.replace(statement.tokens[at], ",", "exec statement")
    editor.changes.add((editor.tokens[statement.tokens[0]].line, "exec statement"))
    editor.wrap(rest[0], rest[-1], "(", ")")


def _raise(editor: _Editor, statement: Statement, words: list[str]) -> None:
    commas = [at for at, word in enumerate(words) if word == "," and statement.depths[at] == 0]
    if not commas or commas[0] + 1 >= len(words):
        return
    editor.replace(statement.tokens[commas[0]], "(", "raise with a comma")
    editor.after[statement.tokens[-1]] = editor.after.get(statement.tokens[-1], "") + ")"


def _except(editor: _Editor, statement: Statement, words: list[str]) -> None:
    outer = [at for at in range(len(words)) if statement.depths[at] == 0]
    separators = [at for at in outer if words[at] in (",", "as")]
    if len(separators) != 1 or words[-1] != ":":
        return
    start = separators[0]
    target = words[start + 1 : -1]
    simple = len(target) == 1 and target[0].isidentifier()
    if (words[start] == "as" and simple) or (words[start] == "," and names_exceptions(target)):
        return
    editor.replace(statement.tokens[start], " as " if words[start] == "," else "as", "except with a comma")
    if simple:
        return
    for at in range(start + 1, len(words) - 1):  # an attribute or a tuple: its names stay unbound
        editor.tokens[statement.tokens[at]].text = "_" if at == start + 1 else ""


def names_exceptions(words: list[str]) -> bool:
    """Whether what follows ``except A,`` are exceptions (Python 3.14) and no variable (Python 2)."""
    names = [word for word in words if word.isidentifier()]
    return bool(names) and names[-1][:1].isupper() and set(words) <= {*names, ".", ","}


def _tuple_parameters(editor: _Editor, statement: Statement, words: list[str], start: int) -> None:
    """``def f(a, (b, c)=x)`` and ``lambda (k, v): k``: the inner brackets go, the names stay."""
    if start >= len(words):
        return
    inner = statement.depths[start] + (words[start] == "(")
    parameter = True
    at = start + 1
    while at < len(words) and statement.depths[at] >= inner:
        if statement.depths[at] == inner:
            if words[at] in (":", ")") and words[start] != "(":
                return
            if words[at] == "(" and parameter:
                at = _flatten(editor, statement, words, at, inner)
            parameter = at < len(words) and words[at] == ","
        at += 1


def _flatten(editor: _Editor, statement: Statement, words: list[str], at: int, inner: int) -> int:
    close = next(i for i in range(at + 1, len(words) + 1) if i == len(words) or statement.depths[i] == inner)
    if close >= len(words):
        return close
    default = words[close + 1 : close + 2] == ["="]
    names = [i for i in range(at + 1, close) if words[i].isidentifier()]
    if not names:
        return close
    for i in range(at, close + 1):
        token = editor.tokens[statement.tokens[i]]
        if words[i] in "()":
            token.text = ""
        elif i != names[-1] and default and i in names:
            token.text += "=None"
    if words[close - 1] == ",":
        editor.tokens[statement.tokens[close - 1]].text = ""
    editor.changes.add((editor.tokens[statement.tokens[at]].line, "tuple parameter"))
    return close


def _backquotes(editor: _Editor, statement: Statement, words: list[str]) -> None:
    marks = [index for index, word in zip(statement.tokens, words, strict=True) if word == "`"]
    if len(marks) % 2:
        return
    for number, index in enumerate(marks):
        editor.replace(index, ")" if number % 2 else "repr(", "backquotes")


def _old_names(editor: _Editor, statement: Statement, words: list[str]) -> None:
    """``async``, ``await``, ``nonlocal``, ``True`` and ``False`` where they are names."""
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        previous = words[at - 1] if at else ""
        if word == "async":
            old = following not in ("def", "for", "with") or previous == "."
        elif word in ("await", "nonlocal"):
            old = previous in (".", "def", "class", "as") or following in ("", "=", ")", ",", ":", ".", "]")
        elif word in ("True", "False", "None"):
            old = (at == 0 and following in ("=", ",")) or (
                at == 2 and words[0] in ("True", "False") and words[1] == "," and following == "="
            )
        else:
            continue
        if old:
            index = statement.tokens[at]
            editor.replace(index, word + RENAMED, f"{word} as a name")


def expand_tabs(text: str) -> str:
    """Tabs in indentation as Python 2 counts them: to the next multiple of eight."""
    return re.sub(r"^[ \t]*\t[ \t]*", lambda match: match[0].expandtabs(8), text, flags=re.MULTILINE)
