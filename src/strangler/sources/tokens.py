"""Tokens of any Python dialect, from 2 to today's: every character is in one token, and nothing is refused.

The standard tokenizer knows the host's Python alone; the lowering of older and newer syntax needs one that
takes ``0777``, backquotes, ``<>`` and f-strings with quotes inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_PREFIXES = frozenset(["r", "u", "b", "f", "t", "br", "rb", "ur", "fr", "rf", "tr", "rt"])
_STRING_END = {
    "'": re.compile(r"[^'\\\n]*(?:\\.[^'\\\n]*)*'", re.DOTALL),
    '"': re.compile(r'[^"\\\n]*(?:\\.[^"\\\n]*)*"', re.DOTALL),
    "'''": re.compile(r"[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''", re.DOTALL),
    '"""': re.compile(r'[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""', re.DOTALL),
}
_TOKEN = re.compile(
    r"(?P<space>(?:[ \t\f]|\\\n)+)"
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<newline>\n)"
    r"|(?P<string>(?:[A-Za-z]{1,2})?(?:'''|\"\"\"|'|\"))"
    r"|(?P<number>(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+)[lL]?"
    r"|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9_]+)?[jJlL]?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<op>\\[\"']|\*\*=?|//=?|>>=?|<<=?|<>|!=|->|:=|\.\.\.|[-+*/%@&|^=<>]=?|[()\[\]{},:;.~`!$?\\]|.)"
)
_OPEN, _CLOSE = "([{", ")]}"
MAX_DEPTH = 20
"""f-strings nested more deeply than this are taken as plain strings."""


@dataclass(slots=True)
class Field:
    """A replacement field of an f-string: ``{expression!r:spec}``."""

    expression: str
    line: int
    tail: list[str | Field]
    """What stands between the expression and the closing brace."""


@dataclass(slots=True)
class Token:
    """A piece of source; ``kind`` is a group of the pattern above, or ``fstring``."""

    kind: str
    text: str
    line: int
    prefix: str = ""
    quote: str = ""
    parts: Sequence[str | Field] = ()
    """Of an f-string: its literal text and its fields."""


def tokenize(text: str, *, fstrings: bool = True) -> list[Token]:
    """The tokens of a text; joined, they are the text.

    Args:
        text: with line feeds as line ends.
        fstrings: read f-strings and template strings by today's rules, with their fields.
    """
    tokens = []
    position, line, end = 0, 1, len(text)
    match_at = _TOKEN.match
    while position < end:
        match = match_at(text, position)
        assert match is not None  # the last alternative takes any character
        kind, piece = match.lastgroup or "op", match[0]
        if kind == "string":
            token = _string(text, match, line, fstrings)
            if token.kind != "fstring" and fstrings and _is_formatted(piece.rstrip("'\"")):
                fstrings = False  # malformed: trying the others as well could take quadratic time
        else:
            token = Token(kind, piece, line)
        tokens.append(token)
        position += len(token.text)
        if token.kind in ("newline", "space", "string", "fstring"):
            line += token.text.count("\n")
    return tokens


def _string(text: str, match: re.Match[str], line: int, fstrings: bool) -> Token:
    """The string that begins here, or if it has no end what stands before it."""
    opening = match[0]
    prefix = opening.rstrip("'\"")
    quote = opening[len(prefix) :]
    if not prefix or prefix.lower() in _PREFIXES:
        if fstrings and _is_formatted(prefix):
            read = _fstring(text, match.end(), line, quote, 0)
            if read is not None:
                return Token("fstring", text[match.start() : read[1]], line, prefix, quote, read[0])
        ending = _STRING_END[quote].match(text, match.end())
        if ending is not None:
            return Token("string", text[match.start() : ending.end()], line, prefix, quote)
    return Token("name", prefix, line) if prefix else Token("op", quote[0], line)


def _is_formatted(prefix: str) -> bool:
    return not {"f", "t"}.isdisjoint(prefix.lower())


def _fstring(
    text: str, start: int, line: int, quote: str, depth: int
) -> tuple[list[str | Field], int] | None:
    """Parts of an f-string whose text begins at ``start``, and where it ends; None if it is malformed."""
    read = _literal(text, start, line, quote, depth, in_spec=False)
    if read is None or not text.startswith(quote, read[1]):
        return None
    return read[0], read[1] + len(quote)


def _literal(
    text: str, position: int, line: int, quote: str, depth: int, *, in_spec: bool
) -> tuple[list[str | Field], int] | None:
    """Literal text and fields up to the closing quote, or in a format specification to its brace."""
    if depth > MAX_DEPTH:
        return None
    parts: list[str | Field] = []
    start = position
    while position < len(text):
        char = text[position]
        if text.startswith(quote, position) or (in_spec and char == "}"):
            return [*parts, text[start:position]], position
        if char == "\n" and len(quote) == 1 and not in_spec:
            return None
        if not in_spec and text[position : position + 2] in ("{{", "}}"):
            position += 2
        elif text.startswith("\\N{", position):
            position = text.find("}", position) + 1 or len(text)
        elif char == "\\" and text[position + 1 : position + 2] not in ("{", "}"):
            position += 2
        elif char == "{":
            parts.append(text[start:position])
            read = _field(text, position + 1, line + text.count("\n", start, position), quote, depth + 1)
            if read is None:
                return None
            parts.append(read[0])
            line += text.count("\n", start, read[1])
            start = position = read[1]
        else:
            position += 1
    return None


def _field(text: str, start: int, line: int, quote: str, depth: int) -> tuple[Field, int] | None:
    """The field after an opening brace, and the position after its closing one."""
    position, level = start, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None
        piece = match[0]
        if match.lastgroup == "string":
            length = _nested_string(text, match, depth)
            if length is None:
                return None
            position += length
            continue
        if piece in _OPEN:
            level += 1
        elif level and piece in _CLOSE:
            level -= 1
        elif not level and (
            piece in ("}", ":", "!", ":=") or (piece == "=" and _ends_field(text, match.end()))
        ):  # := is a colon and a specification that begins with =
            break
        position = match.end()
    else:
        return None
    expression = text[start:position]
    tail_start = position
    while position < len(text) and text[position] not in ":}":
        position += 1
    tail: list[str | Field] = [text[tail_start:position]]
    if text[position : position + 1] == ":":
        after = line + text.count("\n", start, position)
        read = _literal(text, position + 1, after, quote, depth + 1, in_spec=True)
        if read is None:
            return None
        tail += [":", *read[0]]
        position = read[1]
    if text[position : position + 1] != "}":
        return None
    return Field(expression, line, tail), position + 1


def _nested_string(text: str, match: re.Match[str], depth: int) -> int | None:
    """Length of a string inside a field."""
    if depth > MAX_DEPTH:
        return None
    prefix = match[0].rstrip("'\"")
    quote = match[0][len(prefix) :]
    if _is_formatted(prefix):
        read = _fstring(text, match.end(), 0, quote, depth + 1)
        return read[1] - match.start() if read else None
    ending = _STRING_END[quote].match(text, match.end())
    return ending.end() - match.start() if ending else None


def _ends_field(text: str, position: int) -> bool:
    """Whether ``=`` before here is the self-documenting one: a conversion, a colon or the end follows."""
    rest = text[position : position + 40].lstrip()
    return rest[:1] in ("}", "!", ":") and rest[:2] != "!="


@dataclass(slots=True)
class Statement:
    """A simple statement, or the header of a compound one: indexes of its tokens that are no blanks."""

    tokens: list[int]
    depths: list[int]
    """For each of them, in how many brackets it stands."""


_COMPOUND = frozenset(
    {"if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "async"}
    | {"match", "case"}
)


def statements(tokens: list[Token]) -> Iterator[Statement]:
    """The statements of a file; a body on the header's own line is a statement of its own."""
    current, depths = Statement([], []), 0
    lambdas = 0
    for index, token in enumerate(tokens):
        text = token.text
        if token.kind in ("space", "comment") or (token.kind == "newline" and depths):
            continue
        ends_line = token.kind == "newline"
        if ends_line or (not depths and text == ";"):
            if current.tokens:
                yield current
            current, lambdas = Statement([], []), 0
            continue
        if text in _CLOSE and depths:
            depths -= 1
        current.tokens.append(index)
        current.depths.append(depths)
        if text in _OPEN and token.kind == "op":
            depths += 1
        elif token.kind == "name" and text == "lambda" and not depths:
            lambdas += 1
        elif text == ":" and not depths:
            if lambdas:
                lambdas -= 1
            elif tokens[current.tokens[0]].text in _COMPOUND:
                yield current
                current = Statement([], [])
    if current.tokens:
        yield current
