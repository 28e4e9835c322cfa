"""From the uses of tables over a boundary to one contract a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from strangler.contracts.data.values import Consumer, DataContract, TableUse
from strangler.model import Model, Table


def data_contracts(model: Model, uses: Iterable[TableUse]) -> tuple[DataContract, ...]:
    """One contract for each table that is used over the boundary, sorted by table.

    Args:
        model: it gives the tables.
        uses: what crosses, as the plan decided it.
    """
    reader = Columns(model)
    tables = {table.name: table for table in (*model.platform_tables, *model.tables)}
    by_table: dict[str, list[TableUse]] = defaultdict(list)
    for use in uses:
        by_table[use.table].append(use)
    return tuple(
        DataContract(
            table=(table := tables.get(name) or _unseen(name)),
            owner=found[0].owner,
            monolith=model.monolith.name,
            meaning=table.meaning,
            consumers=tuple(
                reader.consumer(use, table) for use in sorted(found, key=lambda u: (u.user, u.operation))
            ),
        )
        for name, found in sorted(by_table.items())
    )


def _unseen(name: str) -> Table:
    return Table(name=name, model=None, framework="", path="", line=0)


class Columns:
    """Which columns the code speaks of."""

    def __init__(self, model: Model) -> None:
        self._module_of = {module.path: module.name for module in model.modules}
        self._uses = {(use.module, use.function, use.table): use.columns for use in model.column_uses}

    def consumer(self, use: TableUse, table: Table) -> Consumer:
        """The use with the columns that its functions speak of."""
        return Consumer(use=use, columns=self.columns_at(((p.file, p.symbol) for p in use.places), table))

    def columns_at(self, functions: Iterable[tuple[str, str]], table: Table) -> tuple[str, ...]:
        """The table's columns whose names stand in functions, each given by its file and qualified name."""
        found = {
            column
            for file, name in functions
            for column in self._uses.get((self._module_of.get(file, ""), name, table.name), ())
        }
        return tuple(column.name for column in table.columns if column.name in found)
