"""Text to syntax tree, for whatever a ``.py`` file holds: any Python from 2 to today's, or a diagnostic."""

from __future__ import annotations

import ast
import gc
import re
import warnings

import msgspec

from strangler.model.system import Diagnostic
from strangler.sources.decoding import EncodingError, decode

MAX_BYTES = 1_000_000
_COMPLEX = re.compile(
    "too many nested|too many levels|nested too deeply|too many statically|stack overflow|recursion|"
    "exceeds the limit|too complex|too big",
    re.IGNORECASE,
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
    ``too-complex``, ``too-large``.
    """
    if len(data) > MAX_BYTES:
        return _failed(path, "", "too-large", None, f"{len(data):,} bytes, over the limit of {MAX_BYTES:,}")
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


def _rescue(path: str, text: str, error: SyntaxError) -> Parsed:
    return _failed(path, text, "syntax-error", error.lineno, error.msg)


def _failed(path: str, text: str, code: str, line: int | None, message: str) -> Parsed:
    diagnostic = Diagnostic(file=path, line=line, code=code, severity="error", message=message)
    return Parsed(tree=None, text=text, diagnostics=(diagnostic,))
