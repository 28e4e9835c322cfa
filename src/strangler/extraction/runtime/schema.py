"""Make the tables of the service's models on an empty database.

python -m strangler_service.schema postgresql://owner@host/service
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec

from sqlalchemy import MetaData, create_engine

MODULES: list[str] = []
"""The modules that declare models."""


def metadata() -> list[MetaData]:
    """What the modules declare, each collection once."""
    found: dict[int, MetaData] = {}
    for name in MODULES:
        for value in list(vars(importlib.import_module(name)).values()):
            tables = getattr(value, "metadata", value)
            if isinstance(tables, MetaData) and tables.tables:
                found[id(tables)] = tables
    return list(found.values())


def main(url: str) -> None:
    """Make what is missing; a table that is there stays as it is."""
    scheme, separator, rest = url.partition("://")
    if scheme in ("postgresql", "postgres"):
        driver = "psycopg2" if find_spec("psycopg2") else "psycopg"
        url = f"postgresql+{driver}{separator}{rest}"
    engine = create_engine(url)
    for tables in metadata():
        tables.create_all(engine)
    engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m strangler_service.schema URL")
    main(sys.argv[1])
