"""Tables of an SQL string, through sqlglot, with what ORMs and f-strings put into it mended.

sqlglot costs 0.3 s to import: it is loaded when the first string that looks like SQL arrives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.plugin import Const, Text, Value
from strangler.model.system import Operation

if TYPE_CHECKING:
    from sqlglot import exp

LONGEST_PARSED = 60_000
"""Characters of a statement that is parsed; longer ones (dumps) are only skimmed."""

HOLE = "hole__"
"""Stands for the unknown parts of a string; a table whose name contains it is not known."""

_LOOKS = re.compile(
    r"\b(select|insert\s+|update\s+|delete\s+from|delete\s+\w+\s+from|replace\s+into|merge\s+into|truncate|with\s+\w+)\b"
    r"|^\s*(insert|update|delete|replace|merge|copy)\b",
    re.I,
)
_PLACEHOLDERS = re.compile(
    r"""(?P<keep>'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/)"""
    r"""|%\((?P<name>[^)]*)\)s|(?P<percent>%%)|(?P<plain>%s|%d|%b|%t)|(?P<dollar>(?<![\w$])\$\d+)""",
    re.S,
)
_SKIM = re.compile(
    r"""\b(?P<verb>from|join|into|update|truncate(?:\s+table)?)\s+(?:only\s+)?(?P<name>["`\[]?[A-Za-z_][\w$]*["`\]]?"""
    r"""(?:\.["`\[]?[A-Za-z_][\w$]*["`\]]?)?)(?!\s*\()""",
    re.I,
)
_REPLACE = re.compile(r"(^|;)\s*replace\s+(?:into\s+)?(?=[\w\"`])", re.I)
_DIALECTS = (None, "postgres", "mysql", "sqlite")
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
    """False where the text could only be skimmed for names behind FROM, JOIN, INTO and UPDATE."""


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


def read_sql(sql: str | Sequence[str | None] | Value, dialect: str | None = None) -> Statement:
    """The tables of an SQL string.

    Args:
        sql: the text, its parts with None for unknown ones, or an abstract value.
        dialect: sqlglot's name of the dialect that is tried first.
    """
    text = text_of(sql)
    if text is None:
        return Statement((), False)
    if not looks_like_sql(text):
        return Statement((), HOLE not in text or len(text) > 200)
    return _read(text, dialect)


def tables_of(
    sql: str | Sequence[str | None] | Value, dialect: str | None = None
) -> list[tuple[str, Operation]]:
    """(table, operation) for every table that the string reads or writes."""
    return list(read_sql(sql, dialect).tables)


@lru_cache(maxsize=4096)
def _read(text: str, dialect: str | None) -> Statement:
    trees = (
        _parse(_REPLACE.sub(r"\1INSERT INTO ", _mend(text)), dialect) if len(text) <= LONGEST_PARSED else None
    )
    if trees is None:
        return _skim(text)
    found: dict[tuple[str, Operation], None] = {}
    complete = True
    for tree in trees:
        rows = _walk(tree)
        written = {table for table, operation in rows if operation == "write"}
        for table, operation in rows:
            if HOLE in table:
                complete = False
            elif not _SYSTEM.match(table) and (operation == "write" or table not in written):
                found[table, operation] = None
    return Statement(tuple(found), complete)


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


def _parse(text: str, dialect: str | None) -> list[exp.Expression] | None:
    import logging

    import sqlglot
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    for option in dict.fromkeys([dialect, *_DIALECTS]):
        try:
            trees = [t for t in sqlglot.parse(text, read=option) if t is not None]
        except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError):
            continue
        if not any(isinstance(t, sqlglot.exp.Command) for t in trees):
            return trees  # type: ignore[return-value]
    return None


def _skim(text: str) -> Statement:
    """Without a parse: the names behind FROM, JOIN, INTO and UPDATE."""
    found: dict[tuple[str, Operation], None] = {}
    for match in _SKIM.finditer(text):
        name = re.sub(r'["`\[\]]', "", match["name"])
        before = text[: match.start()].rstrip().lower()
        verb = match["verb"].lower()
        writes = verb in ("into", "update") or verb.startswith("truncate") or before.endswith("delete")
        if verb == "update" and before.endswith((" for", "on", "do", "key")):
            continue
        if HOLE not in name and not _SYSTEM.match(name):
            found[name, "write" if writes else "read"] = None
    return Statement(tuple(found), complete=bool(found) and HOLE not in text, parsed=False)


def _walk(tree: exp.Expression) -> list[tuple[str, Operation]]:
    from sqlglot import exp

    if isinstance(tree, (exp.Create, exp.Drop, exp.Alter, exp.Command)):
        return []
    if isinstance(tree, exp.TruncateTable):
        return [(name, "write") for t in tree.expressions if (name := _name(t))]
    targets = _targets(tree)
    found: list[tuple[str, Operation]] = [(name, "write") for t in targets if (name := _target_name(t, tree))]
    for node in tree.find_all(exp.Table):
        if any(node is target for target in targets):
            continue
        name = _name(node)
        if name is None or _is_cte(node):
            continue
        if any(t.name == node.alias and t.name != node.name for t in targets if t.name):
            continue  # the row source of a target that is named by its alias
        found.append((name, "read"))
    return found


def _targets(tree: exp.Expression) -> list[exp.Expression]:
    """The nodes that name what is written, of the statement and of writing CTEs in it."""
    from sqlglot import exp

    targets: list[exp.Expression] = []
    for node in tree.find_all(exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Copy):
        if isinstance(node, exp.Copy) and not node.args.get("kind"):
            continue  # COPY ... TO reads
        target = node.this
        named = node.args.get("tables") if isinstance(node, exp.Delete) else None
        if named:
            targets += named
            continue
        if isinstance(target, exp.Schema):
            target = target.this
        if isinstance(target, exp.Table):
            targets.append(target)
    return targets


def _target_name(target: exp.Expression, tree: exp.Expression) -> str | None:
    """The table that a target means: itself, or the one that it is an alias of."""
    from sqlglot import exp

    name = _name(target)
    for node in tree.find_all(exp.Table):
        if node is not target and node.alias and node.alias == target.name:
            return _name(node)
    return name


def _name(node: exp.Expression) -> str | None:
    """``table`` or ``schema.table``; None for table functions and parameters."""
    from sqlglot import exp

    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        return None
    return f"{node.db}.{node.name}" if node.db else node.name


def _is_cte(node: exp.Table) -> bool:
    """Whether the name is one of a WITH clause around it."""
    from sqlglot import exp

    if node.db:
        return False
    child: exp.Expression | None = node
    while child is not None:
        parent = child.parent
        if isinstance(parent, exp.With) and isinstance(child, exp.CTE):
            # Inside a WITH: the names before this one, and its own where it is recursive.
            for cte in parent.expressions:
                if cte is child:
                    if parent.args.get("recursive") and cte.alias == node.name:
                        return True
                    break
                if cte.alias == node.name:
                    return True
        elif parent is not None and not isinstance(child, exp.With):
            clause = parent.args.get("with_") or parent.args.get("with")
            if clause is not None and any(cte.alias == node.name for cte in clause.expressions):
                return True
        child = parent  # type: ignore[assignment]
    return False
