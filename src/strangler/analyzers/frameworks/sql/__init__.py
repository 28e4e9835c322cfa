"""SQL in strings: which tables a statement reads and writes."""

from __future__ import annotations

from strangler.analyzers.frameworks.sql.statement import Statement, looks_like_sql, read_sql, tables_of
from strangler.analyzers.frameworks.sql.tables import note_sql, resolve_table

__all__ = ["Statement", "looks_like_sql", "note_sql", "read_sql", "resolve_table", "tables_of"]
