"""SQL that reads names of keys, constraints and counters from the database's own catalog when it runs."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterable

from strangler.literals import sql_text


def tables(names: Iterable[str]) -> str:
    """An array of tables as the catalog knows them, by their quoted names; one that is not there is an error."""
    return f"ARRAY[{', '.join(f'{sql_text(name)}::regclass' for name in names)}]::regclass[]"


def do(body: str, declare: str = "") -> str:
    """A block of statements; ``declare`` names its variables."""
    declared = f"DECLARE\n{_indented(declare)}\n" if declare else ""
    return quoted("DO", f"{declared}BEGIN\n{_indented(body)}\nEND\n") + "\n"


def quoted(head: str, block: str) -> str:
    """A statement whose last part is a block of statements."""
    quote = "$strangler$"
    while quote in block:  # a name of the monolith would end the block
        quote = f"{quote[:-1]}_$"
    return f"{head} {quote}\n{block}{quote};"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.strip("\n").splitlines())


def counters(names: Iterable[str]) -> str:
    """Set the counters of new keys, which no stream carries, behind the highest key."""
    return "-- Just before writing begins on this side, or new rows take keys that are taken.\n" + do(
        f"""
FOR found IN SELECT attrelid::regclass AS holder, attname, pg_get_serial_sequence(attrelid::regclass::text, attname) AS sequence
    FROM pg_attribute WHERE attrelid = ANY ({tables(names)}) AND attnum > 0 AND NOT attisdropped
LOOP
  IF found.sequence IS NOT NULL THEN
    EXECUTE format('SELECT setval(%L, coalesce((SELECT max(%I) FROM %s), 0) + 1, false)', found.sequence, found.attname, found.holder);
  END IF;
END LOOP;""",
        "found record;",
    )
