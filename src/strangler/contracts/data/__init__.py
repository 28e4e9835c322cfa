"""Data contracts: tables that are used over a boundary, in the Open Data Contract Standard.

data_contracts(model, uses) -> tuple[DataContract, ...]
data_files(contracts, model) -> dict[str, bytes]
    ``<table>.yaml`` each
"""

from __future__ import annotations

from collections.abc import Iterable

from strangler.contracts.data.document import odcs
from strangler.contracts.data.find import Columns, data_contracts
from strangler.contracts.data.values import Consumer, DataContract, TableUse
from strangler.model import Model
from strangler.text import yaml_text

__all__ = ["Columns", "Consumer", "DataContract", "TableUse", "data_contracts", "data_files", "odcs"]


def data_files(contracts: Iterable[DataContract], model: Model) -> dict[str, bytes]:
    """File name -> content; a name is made of the table's, unique also where case does not count."""
    tables = {table.name: table for table in (*model.platform_tables, *model.tables)}
    files: dict[str, bytes] = {}
    for contract in contracts:
        stem = name = _file_name(contract.table.name)
        number = 2
        while f"{name}.yaml" in files:
            name, number = f"{stem}-{number}", number + 1
        files[f"{name}.yaml"] = yaml_text(odcs(contract, tables)).encode()
    return files


def _file_name(table: str) -> str:
    kept = "".join(
        char if char.isascii() and (char.isalnum() or char in "_.") else "-" for char in table.lower()
    )
    return kept.strip("-.")[:80] or "table"
