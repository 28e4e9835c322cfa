"""The data over the boundary: foreign keys in the order of breaking, transactions as sagas."""

from __future__ import annotations

from strangler.model import Evidence, Transaction
from strangler.plans.values import KeyToBreak, Remedy, Saga, SagaStep
from strangler.plans.view import View, plural

# What the database does by itself when the referenced row goes; after the cut, code must do it.
ACTING = frozenset({"cascade", "set_null", "set null", "set_default", "set default", "set"})


def find_keys(view: View) -> tuple[KeyToBreak, ...]:
    """Foreign keys between the context's tables and others', the easiest first."""
    writers: dict[str, int] = {}
    for access in view.model.accesses:
        if access.operation == "write" and access.module in view.context_of:
            writers[access.table] = writers.get(access.table, 0) + 1
    found = []
    for table in view.model.tables:
        for key in table.foreign_keys:
            inside = table.name in view.tables
            if inside == (key.table in view.tables) or view.owner_of.get(table.name) is None:
                continue
            acting = (key.on_delete or "").lower().rpartition(".")[2] in ACTING
            found.append((acting, writers.get(table.name, 0), table.name, key.column, table, key, inside))
    return tuple(
        KeyToBreak(
            position=position,
            table=name,
            column=column,
            references=key.table,
            direction="out" if inside else "in",
            on_delete=key.on_delete,
            reason=(
                f"{key.on_delete} acts on delete: write that rule in code first"
                if acting
                else "nothing happens on delete: the constraint can simply go"
            )
            + f"; {plural(writes, 'place writes', 'places write')} {name}",
            place=Evidence(file=table.path, line=table.line, symbol=f"{name}.{column}"),
        )
        for position, (acting, writes, name, column, table, key, inside) in enumerate(
            sorted(found, key=lambda item: item[:4]), 1
        )
    )


def find_sagas(view: View) -> tuple[Saga, ...]:
    """Transactions that write on both sides of the boundary, sorted by place."""
    sagas = []
    scripts = {view.home(command.handler) for command in view.model.commands}
    for item in view.model.transactions:
        owners = {view.owner_of[table] for table in item.tables_written if table in view.owner_of}
        here = view.context_of.get(item.module)
        if here is None or view.name not in owners | {here} or len(owners | {here}) < 2 or not owners:
            continue
        if owners == {here}:
            continue
        sagas.append(_saga(view, item, here, script=item.module in scripts))
    return tuple(sorted(sagas, key=lambda saga: saga.place))


def _saga(view: View, item: Transaction, here: str, *, script: bool) -> Saga:
    lines: dict[str, list[int]] = {}
    for access in view.model.accesses:
        inside = access.module == item.module and access.function == item.function
        if inside and access.operation == "write" and access.table in item.tables_written:
            lines.setdefault(access.table, []).append(access.line)
    owners = sorted({view.owner_of[table] for table in item.tables_written if table in view.owner_of})

    def first(context: str) -> tuple[int, str]:
        own = [
            line for table, found in lines.items() if view.owner_of.get(table) == context for line in found
        ]
        return (min(own, default=1 << 30), context)

    order = sorted(owners, key=first)
    steps = tuple(
        SagaStep(
            context=context,
            tables=(tables := tuple(t for t in item.tables_written if view.owner_of.get(t) == context)),
            lines=tuple(sorted({line for table in tables for line in lines.get(table, ())})),
            compensation=""
            if context == order[-1]
            else f"{context} takes back its change of {', '.join(tables)}: by the saga's id, safe to repeat",
        )
        for context in order
    )
    remedy: Remedy = "saga"
    note = "steps in the order of their first line, those in called functions last and by name; "
    note += "decide which step is the point of no return"
    if script:
        remedy, note = "split_script", "a command, not a request: one script a side, run one after the other"
    elif len(order) == 1:
        remedy = "move_function"
        note = f"it writes only tables of {order[0]}: move it there and call it"
    place = view.place(item.module, item.line, item.function)
    name = f"{item.module}.{item.function}" if item.function else item.module
    return Saga(name=name, place=place, orchestrator=here, steps=steps, remedy=remedy, note=note)


def shared_tables(view: View) -> tuple[str, ...]:
    """Tables that code on both sides of the boundary writes."""
    sides: dict[str, set[bool]] = {}
    for access in view.model.accesses:
        if access.operation == "write" and access.module in view.context_of:
            sides.setdefault(access.table, set()).add(access.module in view.inside)
    return tuple(sorted(table for table, found in sides.items() if len(found) == 2))
