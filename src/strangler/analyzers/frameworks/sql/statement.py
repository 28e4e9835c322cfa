"""Tables of an SQL string, with what ORMs, drivers and f-strings put into it mended before it is parsed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from strangler.analyzers.frameworks.sql.parsed import Tables, called_inside, parse
from strangler.analyzers.plugin import Const, Text, Value, words
from strangler.model.system import Operation

LONGEST_PARSED = 60_000
"""Characters of a statement that is parsed; longer ones (dumps) are only skimmed."""

MOST_PIECES = 50
"""Statements of a text that are tried one by one where the text as a whole is not understood."""

HOLE = "hole__"
"""Stands for the unknown parts of a string; a table whose name contains it is not known."""

_LOOKS = re.compile(
    r"\b(select|insert\s+|update\s+|delete\s+from|delete\s+\w+\s+from|replace\s+into|merge\s+into|truncate|with\s+\w+)\b"
    r"|^\s*(insert|update|delete|replace|merge|copy)\b",
    re.I,
)
_STATEMENT = re.compile(
    r"^\s*(exec|execute|call|copy|refresh|load|do|begin|declare|if|while|lock|create\b.*?\bas\b)\b",
    re.I | re.S,
)
"""First words of what a driver is given to run, beside those above."""
_PLACEHOLDERS = re.compile(
    r"""(?P<keep>'(?:[^']|'')*'|--[^\n]*|/\*.*?(?:\*/|\Z))"""
    r"""|%\((?P<name>[^()]*)\)s|(?P<percent>%%)|(?P<plain>%s|%d|%b|%t)|(?P<dollar>(?<![\w$])\$\d+)""",
    re.S,
)
_PART = r"""(?:"[^"]+"|`[^`]+`|\[[^\[\]]+\]|[A-Za-z_][\w$]*)"""
_SKIM = re.compile(
    r"""\b(?P<verb>from|join|into(?:\s+table)?|update|truncate(?:\s+table)?)\s+(?:only\s+)?"""
    rf"""(?P<name>{_PART}(?:\.{_PART})*+)(?!\s*\()""",
    re.I,
)
_WORDS = frozenset(
    words(
        "select set where values table only lateral unnest outfile dumpfile on using left right inner "
        "outer full cross natural join group order having limit union"
    )
)
"""What may follow FROM, JOIN, INTO or UPDATE and is no table: the name may be a hole of the text."""
_REPLACE = re.compile(r"(^|;)\s*replace\s+(?:into\s+)?(?=[\w\"`])", re.I)
_DECLARED = re.compile(
    r"(?:\bdeclare|;|,)\s*@?(\w+)\s+(?:constant\s+)?(?:\w+(?:\.\w+)*%\w+|(?:big|small|tiny)?int\b|integer|num|dec"
    r"|float|double|real|n?(?:var)?char|text|date|time|bool|bit\b|uuid|json|record|refcursor|cursor|money)",
    re.I,
)
_ENDS = re.compile(r";|^[ \t]*go[ \t\r]*$", re.I | re.M)
_SYSTEM = re.compile(
    r"^(sqlite_\w+|dual|pragma_\w+)$|^(information_schema|pg_catalog|performance_schema|sys)\.", re.I
)


class Statement(NamedTuple):
    """What is known of an SQL string."""

    tables: tuple[tuple[str, Operation], ...]
    """(table, operation), each once, in a stable order."""
    complete: bool = True
    """False where a table's name is not known."""
    parsed: bool = True
    """False where (a part of) the text could only be skimmed for names behind FROM, JOIN, INTO and UPDATE."""
    routines: tuple[str, ...] = ()
    """Procedures that are called: what they touch is not known."""
    temporary: tuple[str, ...] = ()
    """Tables that the text makes for its session."""
    skimmed: tuple[str, ...] = ()
    """Those of ``tables`` that were only skimmed."""


def looks_like_sql(text: str) -> bool:
    """Whether a string may be a statement that touches rows (a cheap test, without a parser)."""
    return _LOOKS.search(text) is not None


def text_of(sql: str | Sequence[str | None] | Value) -> str | None:
    """The string with a marker for each hole; None where nothing of it is known."""
    if isinstance(sql, str):
        return sql
    if isinstance(sql, Const):
        return sql.value if isinstance(sql.value, str) else None
    parts = sql.parts if isinstance(sql, Text) else None if isinstance(sql, Value) else list(sql)
    if parts is None or not any(parts):
        return None
    return "".join(part if part is not None else f"{HOLE}{n}" for n, part in enumerate(parts))


def read_sql(
    sql: str | Sequence[str | None] | Value, dialect: str | None = None, run: bool = False
) -> Statement:
    """The tables of an SQL string.

    Args:
        sql: the text, its parts with None for unknown ones, or an abstract value.
        dialect: sqlglot's name of the dialect that is tried first.
        run: whether it is known to be run, so that any statement is expected.
    """
    text = text_of(sql)
    if text is None:
        return Statement((), False)
    if not looks_like_sql(text) and not (run and _STATEMENT.match(text)):
        return Statement((), HOLE not in text or len(text) > 200)
    return _read(text, dialect)


def tables_of(
    sql: str | Sequence[str | None] | Value, dialect: str | None = None
) -> list[tuple[str, Operation]]:
    """(table, operation) for every table that the string reads or writes."""
    return list(read_sql(sql, dialect).tables)


@lru_cache(maxsize=4096)
def _read(text: str, dialect: str | None) -> Statement:
    found = _parsed(_mend(text), dialect) if len(text) <= LONGEST_PARSED else None
    if found is None:
        return _skim(text)
    rows: dict[tuple[str, Operation], None] = {}
    complete = True
    for table, operation in found.rows:
        if HOLE in table:
            complete = False
        elif not _SYSTEM.match(table) and table not in found.temporary:
            rows[table, operation] = None
    skimmed: dict[str, None] = {}
    for rest in found.rest:
        for row in _skim(rest).tables:
            if row not in rows and row[0] not in found.temporary:
                rows[row] = None
                skimmed[row[0]] = None
    variables = _variables(text)
    rows = {row: None for row in rows if row[0].lower() not in variables}
    routines = tuple(name for name in found.routines if HOLE not in name)
    complete = complete and len(routines) == len(found.routines)
    return Statement(tuple(rows), complete, not found.rest, routines, tuple(found.temporary), tuple(skimmed))


def _variables(text: str) -> set[str]:
    """Names that a block declares: what SELECT puts INTO them is no table."""
    if "declare" not in text.lower():
        return set()
    return {name.lower() for name in _DECLARED.findall(text)}


def _parsed(text: str, dialect: str | None) -> Tables | None:
    """The text as a whole or, where that is no SQL to any dialect, statement by statement."""
    found = parse(text, dialect)
    pieces = [piece for piece in _ENDS.split(text) if piece.strip()] if found is None else []
    if not 1 < len(pieces) <= MOST_PIECES:
        return found
    found = Tables()
    for piece in pieces:
        one = parse(piece, dialect)
        if one is None:
            found.rest.append(piece)
            continue
        found.rows |= one.rows
        found.routines |= one.routines
        found.temporary |= one.temporary
        found.rest += one.rest
    return found


def _mend(text: str) -> str:
    """Placeholders of drivers as named parameters, REPLACE as INSERT: what every dialect parses."""

    def replace(match: re.Match[str]) -> str:
        if match["keep"] is not None:
            return match["keep"]
        if match["percent"]:
            return "%"
        name = match["name"]
        return ":" + (re.sub(r"\W", "_", name) or "p") if name is not None else ":p"

    # '%s' in quotes is a mistake that drivers forgive: quotes are kept as they are, it stays a string.
    return _REPLACE.sub(r"\1INSERT INTO ", _PLACEHOLDERS.sub(replace, text))


def _skim(text: str) -> Statement:
    """Without a parse: the names behind FROM, JOIN, INTO and UPDATE."""
    found: dict[tuple[str, Operation], None] = {}
    for match in _SKIM.finditer(text):
        name = re.sub(r'["`\[\]]', "", match["name"])
        before = text[: match.start()].rstrip().lower()
        verb = match["verb"].lower()
        if name.lower() in _WORDS:
            continue
        writes = verb == "update" or verb.startswith(("into", "truncate")) or before.endswith("delete")
        if verb == "update" and before.endswith((" for", "on", "do", "key")):
            continue
        if HOLE not in name and not _SYSTEM.match(name):
            found[name, "write" if writes else "read"] = None
    complete = bool(found) and HOLE not in text
    skimmed = tuple({name: None for name, _ in found})
    return Statement(tuple(found), complete, False, called_inside(text), skimmed=skimmed)
