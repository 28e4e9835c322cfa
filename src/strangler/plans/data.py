"""The data over the boundary: foreign keys in the order of breaking, tables that both sides write."""

from __future__ import annotations

from strangler.model import Evidence, ForeignKey, Table
from strangler.model.lookup import last
from strangler.model.system import CASCADE
from strangler.plans.values import KeyToBreak
from strangler.plans.view import View
from strangler.text import plural

# What the database does by itself when the referenced row goes; after the cut, code must do it.
ACTING = frozenset({"cascade", "set_null", "set null", "set_default", "set default", "set"})


def acts(on_delete: str | None) -> bool:
    """Whether deleting the referenced row changes the rows that refer to it; else it is refused."""
    return last((on_delete or "").lower()) in ACTING


def _why(on_delete: str | None, table: str, references: str, *, by_code: bool) -> str:
    if by_code and not acts(on_delete):
        return (
            f"the ORM deletes or clears rows of {table} along with others: where they go with one of "
            f"{references}, its owner publishes the delete, the owner of {table} does the same in code"
        )
    if acts(on_delete):
        return (
            f"{on_delete} acts on delete: the owner of {references} publishes the delete, "
            f"the owner of {table} does the same in code"
        )
    rule = on_delete or "without a rule the database"
    return (
        f"{rule} refuses to delete a row of {references} that is still referred to: ask before deleting, "
        f"or mark as gone; the owner of {table} checks ids when they come in"
    )


def shares_key(table: Table, key: ForeignKey) -> bool:
    """Whether each row of a table is one with a row of another: the foreign key is its whole primary key, as
    of a model that inherits from one with a table, or of a one-to-one that is the key."""
    return [column.name for column in table.columns if column.primary_key] == [key.column]


def _one_with(table: str, references: str) -> str:
    return (
        f"each row of {table} is one with a row of {references}, whose key it has: move the two tables "
        f"together, or bring what is used of {references} into {table} first"
    )


def find_keys(view: View) -> tuple[KeyToBreak, ...]:
    """Foreign keys between the context's tables and others', the easiest first."""
    writers: dict[str, int] = {}
    along: set[str] = set()
    for access in view.model.accesses:
        if access.operation == "write" and access.module in view.context_of:
            if access.via == CASCADE:
                along.add(access.table)
            else:
                writers[access.table] = writers.get(access.table, 0) + 1
    over = {
        (place.symbol, crossing.subject)
        for crossing in view.crossings
        if crossing.kind == "foreign_key"
        for place in crossing.evidence
    }
    found = []
    for table in view.model.tables:
        for key in table.foreign_keys:
            inside = table.name in view.tables
            if (f"{table.name}.{key.column}", key.table) not in over:
                continue
            rank = (
                shares_key(table, key),
                acts(key.on_delete),
                writers.get(table.name, 0),
                table.name,
                key.column,
            )
            found.append((rank, table, key, inside))
    return tuple(
        KeyToBreak(
            position=position,
            table=table.name,
            column=key.column,
            references=key.table,
            direction="out" if inside else "in",
            on_delete=key.on_delete,
            reason=(f"{_one_with(table.name, key.table)}; " if rank[0] else "")
            + f"{_why(key.on_delete, table.name, key.table, by_code=table.name in along)}; "
            f"{plural(rank[2], 'place writes', 'places write')} {table.name}",
            place=Evidence(
                file=table.path,
                line=key.line or table.line,
                symbol=f"{table.name}.{key.column}",
            ),
        )
        for position, (rank, table, key, inside) in enumerate(sorted(found, key=lambda item: item[0]), 1)
    )


def shared_tables(view: View) -> tuple[str, ...]:
    """Tables that code on both sides of the boundary writes."""
    sides: dict[str, set[bool]] = {}
    for access in view.model.accesses:
        if access.operation == "write" and access.module in view.context_of and access.via != CASCADE:
            sides.setdefault(access.table, set()).add(access.module in view.inside)
    return tuple(sorted(table for table, found in sides.items() if len(found) == 2))
