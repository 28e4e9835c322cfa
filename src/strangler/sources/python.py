"""Text to syntax tree, for whatever a ``.py`` file holds: any Python from 2 to today's, or a diagnostic."""

from __future__ import annotations

import ast
import gc
import re
import warnings

import msgspec

from strangler.model.system import Diagnostic
from strangler.sources import newer, python2
from strangler.sources.decoding import EncodingError, decode

_ABSOLUTE_IMPORT = re.compile(r"^from\s+__future__\s+import\s.*\babsolute_import\b", re.MULTILINE)
_COMPLEX = re.compile(
    "too many nested|too many levels|nested too deeply|too many statically|stack overflow|recursion|"
    "exceeds the limit|too complex|too big",
    re.IGNORECASE,
)


IMPLICIT_RELATIVE = "strangler_implicit_relative"
"""Attribute, True, of the trees of Python 2 whose imports look beside the file first."""
MAX_NESTED_FSTRINGS = 8
LONGEST_NAME = 500
"""Parts of an imported module's name: Python's parser keeps each of its beginnings, gigabytes of them."""
_PART = re.compile(r"\s*\.\s*[^\W\d]\w*")
_HINTS = (
    (re.compile(r"\Aversion https://git-lfs"), "a git-lfs pointer: the file itself was not fetched"),
    (re.compile(r"^<{7} ", re.MULTILINE), "it holds merge conflict markers"),
    (re.compile(r"\{\{[^{\n]*\}\}|\{%"), "it looks like a template that becomes Python"),
    (re.compile(r"^[ \t]*(?:%%?[a-z]+|![\w./])", re.MULTILINE), "it looks like an IPython notebook's code"),
)


class Parsed(msgspec.Struct):
    """What became of a file."""

    tree: ast.Module | None
    """None where the file cannot be parsed; ``diagnostics`` then says why."""
    text: str
    """As ``decoding.decode`` gives it; its lines are those of the tree. Empty if not decodable."""
    diagnostics: tuple[Diagnostic, ...] = ()
    lowered: bool = False
    """The tree was made from older or newer syntax than this Python's; its columns may be shifted."""


class TooComplexError(Exception):
    """The parser ran out of stack or memory on valid-looking text."""


def parse(data: bytes, path: str) -> Parsed:
    """Parse a file's bytes; never raises, whatever they are.

    Codes of the diagnostics: ``syntax-error``, ``python2`` (a note: the file was read), ``encoding-error``,
    ``too-complex``.
    """
    try:
        text = decode(data)
    except EncodingError as error:
        return _failed(path, "", "encoding-error", error.line, str(error))
    try:
        return Parsed(tree=syntax_tree(text), text=text)
    except TooComplexError as error:
        return _failed(path, text, "too-complex", None, str(error))
    except SyntaxError as error:
        return _rescue(path, text, error)


def syntax_tree(text: str) -> ast.Module:
    """``ast.parse`` without warnings and collections of garbage.

    Raises:
        SyntaxError: not valid for this Python.
        TooComplexError: the parser's limits were exceeded.
    """
    if _has_endless_name(text):
        raise TooComplexError(f"a dotted name of more than {LONGEST_NAME} parts")
    collecting = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (RecursionError, MemoryError) as error:
        raise TooComplexError(f"nested too deeply for the parser ({type(error).__name__})") from None
    except SyntaxError as error:
        if _COMPLEX.search(error.msg or ""):
            raise TooComplexError(error.msg) from None
        raise
    except ValueError as error:  # some patch levels report stray code points so
        raise SyntaxError(str(error), ("", 1, 1, "")) from None
    finally:
        if collecting:
            gc.enable()


def _has_endless_name(text: str) -> bool:
    if text.count(".") <= LONGEST_NAME:
        return False
    for line in text.replace("\\\n", " ").split("\n"):
        parts = end = 0
        for part in _PART.finditer(line) if line.count(".") > LONGEST_NAME else ():
            parts = parts + 1 if part.start() == end else 1
            end = part.end()
            if parts > LONGEST_NAME:
                return True
    return False


def _rescue(path: str, text: str, error: SyntaxError) -> Parsed:
    """What this Python does not accept: newer syntax, older syntax, or an error."""
    try:
        tree = _newer(text)
        if tree is not None:
            return Parsed(tree=tree, text=text, lowered=True)
        older = python2.lower(text)
        tree, remaining = _older(older) if older is not None else (None, error)
    except (TooComplexError, RecursionError, MemoryError) as problem:
        return _failed(path, text, "too-complex", None, str(problem) or "nested too deeply")
    if older is None or (tree is None and not older.python2):
        return _failed(path, text, "syntax-error", error.lineno, _explain(text, error))
    line = older.changes[0][0]
    found = ", ".join(sorted({what for _, what in older.changes}))
    version = "Python 2" if older.python2 else "Python 3.6 or older"
    if tree is None:
        message = f"{version} ({found}), and {_explain(text, remaining)}"
        return _failed(path, text, "python2", remaining.lineno, message)
    if older.python2 and not _ABSOLUTE_IMPORT.search(text):
        setattr(tree, IMPLICIT_RELATIVE, True)
    note = Diagnostic(
        file=path, line=line, code="python2", severity="note", message=f"{version} ({found}): read as such"
    )
    return Parsed(tree=tree, text=text, diagnostics=(note,), lowered=True)


def _newer(text: str, depth: int = 0) -> ast.Module | None:
    """The tree of text with newer syntax; None if it is something else."""
    lowered = newer.lower(text) if depth < MAX_NESTED_FSTRINGS else None
    if lowered is None:
        return None

    def parse_part(part: str) -> ast.Module:
        try:
            return syntax_tree(part)
        except SyntaxError:
            tree = _newer(part, depth + 1)
            if tree is None:
                raise
            return tree

    try:
        return lowered.restore(syntax_tree(lowered.text), parse_part)
    except SyntaxError:
        return None


def _older(lowered: python2.Lowered) -> tuple[ast.Module | None, SyntaxError]:
    """The tree of lowered text, or the error that is left."""
    try:
        return python2.restore_names(syntax_tree(lowered.text)), SyntaxError()
    except TabError:
        text = python2.expand_tabs(lowered.text)
    except SyntaxError as error:
        return None, error
    try:
        return python2.restore_names(syntax_tree(text)), SyntaxError()
    except SyntaxError as error:
        return None, error


def _explain(text: str, error: SyntaxError) -> str:
    """The parser's message, and what the file more likely is than Python with a slip."""
    hints = [hint for pattern, hint in _HINTS if pattern.search(text)]
    return "; ".join([error.msg or "invalid syntax", *hints[:1]])


def _failed(path: str, text: str, code: str, line: int | None, message: str) -> Parsed:
    diagnostic = Diagnostic(file=path, line=line, code=code, severity="error", message=message)
    return Parsed(tree=None, text=text, diagnostics=(diagnostic,))
