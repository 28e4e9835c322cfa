"""sqlglot's trees: which tables a parsed statement reads and writes, and which procedures it calls.

sqlglot costs 0.3 s to import: it is loaded when the first string that looks like SQL arrives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strangler.analyzers.plugin import words
from strangler.model.system import Operation

if TYPE_CHECKING:
    from sqlglot import exp

_DIALECTS = (None, *words("postgres mysql sqlite tsql oracle snowflake bigquery clickhouse spark"))
"""In the order of trial."""
_TRANSACT = re.compile(
    r"(?<![\w#])\#{1,2}[A-Za-z_]|(?<![\w@])@[A-Za-z_]|\[[A-Za-z_][^\[\]]*\]\.?|\bselect\s+(?:distinct\s+)?top\b"
    r"|\bnolock\b|\bbegin\s+tran\b|\bif\s+(?:not\s+)?exists\s*\(",
    re.I,
)
"""What SQL Server alone writes."""
_HARMLESS = frozenset(
    words("""
        vacuum show set use
        grant revoke lock unlock begin commit rollback savepoint release end analyze explain
        describe desc reset discard listen notify unlisten kill flush optimize repair checkpoint pragma attach
        detach declare print raiserror go cluster reindex comment prepare deallocate close fetch open waitfor
        checksum
    """)
)
"""First words of commands that touch no rows, or only those that another command names."""
_CALL = re.compile(r"^\s*(?:call|exec|execute)\s+(?:@\w+\s*=\s*)?(?P<name>[\w.\[\]\"`$#]+)", re.I)
_CALL_INSIDE = re.compile(r"\bexec(?:ute)?\s+(?P<name>[A-Za-z_\[][\w.\[\]]*)", re.I)
_REFRESH = re.compile(r"^\s*refresh\s+materialized\s+view\s+(?:concurrently\s+)?(?P<name>[\w.\"]+)", re.I)


@dataclass
class Tables:
    """What the statements of a text do."""

    rows: dict[tuple[str, Operation], None] = field(default_factory=dict)
    routines: dict[str, None] = field(default_factory=dict)
    """Procedures that are called."""
    temporary: dict[str, None] = field(default_factory=dict)
    """Tables that are made for the session only."""
    rest: list[str] = field(default_factory=list)
    """Texts of statements that the parser only copies."""


def parse(text: str, dialect: str | None) -> Tables | None:
    """What a text does; None where no dialect parses it.

    The first dialect serves that leaves no statement over, otherwise the one that leaves the fewest.
    """
    best: Tables | None = None
    order = [dialect, "tsql", *_DIALECTS] if _TRANSACT.search(text) else [dialect, *_DIALECTS]
    for option in dict.fromkeys(order):
        trees = _trees(text, option)
        if trees is None:
            continue
        found = Tables()
        for tree in trees:
            _statement(tree, found)
        if best is None or len(found.rest) < len(best.rest):
            best = found
        if not best.rest:
            break
    return best


def _trees(text: str, dialect: str | None) -> list[exp.Expression] | None:
    import logging

    import sqlglot
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        return [tree for tree in sqlglot.parse(text, read=dialect) if tree is not None]  # type: ignore[misc]
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError):
        return None


def _statement(tree: exp.Expression, found: Tables) -> None:
    from sqlglot import exp

    if isinstance(tree, exp.Command):
        rest = tree.args.get("expression")
        _command(f"{tree.this} {rest.this if isinstance(rest, exp.Literal) else rest or ''}", found)
    elif isinstance(tree, getattr(exp, "Execute", ())):  # newer versions of sqlglot read it
        called = _name(tree.this) or tree.this.sql()
        found.routines[called] = None
    else:
        rows = _walk(tree, found)
        written = {table for table, operation in rows if operation == "write"}
        for table, operation in rows:
            if operation == "write" or table not in written:
                found.rows[table, operation] = None


def _command(text: str, found: Tables) -> None:
    """A statement that the parser only copies."""
    called, refreshed = _CALL.match(text), _REFRESH.match(text)
    if called is not None:
        found.routines[_plain(called["name"])] = None
    elif refreshed is not None:
        found.rows[refreshed["name"].replace('"', ""), "write"] = None
    elif text.split(None, 1)[0].lower() not in _HARMLESS:
        found.rest.append(text)
        found.routines |= dict.fromkeys(called_inside(text))


def called_inside(text: str) -> tuple[str, ...]:
    """Procedures that a text that is not parsed runs."""
    return tuple(dict.fromkeys(_plain(match["name"]) for match in _CALL_INSIDE.finditer(text)))


def _plain(name: str) -> str:
    return re.sub(r'["`\[\]]', "", name)


def _walk(tree: exp.Expression, statement: Tables) -> list[tuple[str, Operation]]:
    from sqlglot import exp

    if isinstance(tree, exp.Create):
        return _created(tree, statement)
    if isinstance(tree, (exp.Drop, exp.Alter)):
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


def _created(tree: exp.Create, statement: Tables) -> list[tuple[str, Operation]]:
    """``CREATE TABLE ... AS SELECT`` writes and reads; other definitions touch no rows."""
    from sqlglot import exp

    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    name = _name(target)
    properties = tree.args.get("properties")
    if name and properties is not None and properties.find(exp.TemporaryProperty):
        statement.temporary[name] = None
    query = tree.expression
    if name is None or tree.kind != "TABLE" or not isinstance(query, (exp.Select, exp.SetOperation)):
        return []
    return [(name, "write"), *((table, "read") for table, _ in _walk(query, statement))]


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
    targets += [into.this for into in tree.find_all(exp.Into) if isinstance(into.this, exp.Table)]
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
    if node.this.args.get("temporary") or node.this.args.get("global_") or node.name.startswith("#"):
        return None  # ``#work`` of SQL Server
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
