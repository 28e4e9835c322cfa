"""Models whose table no migration makes, in a code base whose migrations make those of the others."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from strangler.model import Diagnostic, Table
from strangler.model.lookup import PRODUCTION

if TYPE_CHECKING:
    from strangler.analyzers.coverage.sql_tables import Stated
    from strangler.sources.tree import SourceTree

FEWEST = 5
"""Models whose tables migrations make, from which on it says something that they do not make another's."""
SHARE = 10
"""Of so many models one may have none, no more: otherwise migrations are not all that makes tables."""


def made_by(call: ast.Call, name: str) -> tuple[Literal["model", "unread"], str] | None:
    """What a call does that makes tables of models: the kind of ``Stated``, and the name.

    Args:
        name: of what is called, its last part.
    """
    first = next((a for a in [*call.args[:1], *(k.value for k in call.keywords if k.arg == "name")]), None)
    text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    if name == "CreateModel":
        return ("model", text) if text else ("unread", "")
    if name == "RenameModel":
        new = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "new_name")]
        known = new and isinstance(new[0], ast.Constant) and isinstance(new[0].value, str)
        return ("model", new[0].value) if known else ("unread", "")  # type: ignore[attr-defined]
    holder = call.func.value if isinstance(call.func, ast.Attribute) else None
    owner = holder.id if isinstance(holder, ast.Name) else ""
    by_hand = (owner, name) == ("schema_editor", "create_model")
    if name == "create_all" or by_hand or (name == "create_table" and not text):
        return "unread", ""
    if owner == "op" and name == "execute":
        plain = isinstance(first, (ast.Constant, ast.JoinedStr, ast.Call))
        return None if plain else ("unread", "")
    return None


def unmigrated(
    stated: Mapping[str, Sequence[Stated]], tables: Sequence[Table], tree: SourceTree
) -> Iterator[Diagnostic]:
    """A note for each model without a migration, where nearly all have one and each is understood."""
    roles = {file.path: file.role for file in tree.files}
    if any(one.kind == "unread" for rows in stated.values() for one in rows):
        return
    made = {one.name.lower() for rows in stated.values() for one in rows if one.kind == "table"}
    models: dict[str, set[str]] = defaultdict(set)
    for path, rows in stated.items():
        if roles.get(path) == "migration":
            models[path.rpartition("/migrations/")[0]] |= {
                one.name.lower() for one in rows if one.kind == "model"
            }
    everywhere = set().union(*models.values())
    django: list[tuple[Table, bool]] = []
    others: list[tuple[Table, bool]] = []
    alembic = any(
        one.kind == "table" for path, rows in stated.items() if roles.get(path) == "migration" for one in rows
    )
    for table in tables:
        if table.model is None or not table.managed or roles.get(table.path) not in PRODUCTION:
            continue
        if table.framework == "django":
            if any(table.path.startswith(f"{app}/") for app, names in models.items() if app and names):
                django.append((table, table.model.rpartition(".")[2].lower() in everywhere))
        elif table.framework == "sqlalchemy" and alembic:
            others.append((table, table.name.rpartition(".")[2].lower() in made))
    for group in (django, others):
        without = [table for table, has in group if not has]
        if len(group) - len(without) < FEWEST or len(without) * SHARE > len(group):
            continue
        for table in without:
            message = (
                f"no migration makes the table {table.name} of {table.model}, while they make those of "
                f"{len(group) - len(without)} other models: it may not be there"
            )
            yield Diagnostic(
                file=table.path, line=table.line, code="doubtful-table", severity="note", message=message
            )
