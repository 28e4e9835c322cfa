"""Names from the code base inside the code that a plan writes: Python and SQL.

The names are hostile: none of them ends the string, the comment or the line that it stands in.
"""

from __future__ import annotations

from pprint import pformat
from typing import Any

LONGEST_COMMENT = 150


def python_literal(value: Any) -> str:
    """Strings, numbers and containers as source, long ones over several lines; ASCII only."""
    return _ascii(pformat(value, width=96, sort_dicts=False))


def python_text(text: str) -> str:
    """A string as source, in double quotes and on one line; ASCII only."""
    return '"' + ascii(text)[1:-1].replace('"', '\\"') + '"'


def python_comment(text: str) -> str:
    """What may follow ``#``, cut to ``LONGEST_COMMENT`` characters; ASCII only."""
    return _ascii("".join(char if char.isprintable() else " " for char in text))[:LONGEST_COMMENT]


def sql_name(identifier: str) -> str:
    """An SQL identifier in double quotes; control characters, which no table has, become ``?``."""
    return '"' + _printable(identifier).replace('"', '""') + '"'


def sql_text(text: str) -> str:
    """An SQL string, on one line."""
    return "'" + _printable(text).replace("'", "''") + "'"


def _ascii(source: str) -> str:
    return source.encode("ascii", "backslashreplace").decode("ascii")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
