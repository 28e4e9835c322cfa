"""The tables of the data stage, and their names in SQL, in topics and in regular expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from strangler.literals import sql_name
from strangler.model import Model, Table
from strangler.model.lookup import last, parent
from strangler.plans.values import Cut, ExtractionPlan

Side = Literal["monolith", "service"]

SCHEMA = "public"
"""PostgreSQL's own default, taken where the code declares none."""
LONG_TYPES = re.compile(
    r"text|json|binary|blob|array|xml|vector|markdown|^(str|string|unicode)?$", re.IGNORECASE
)
"""Types whose values PostgreSQL may store out of line (TOAST)."""
IDENTITY = re.compile(r"user|account|member|person", re.IGNORECASE)
SECRET = re.compile(r"passw|secret|salt|private_?key|(^|_)(token|otp|api_?key)(_|$)", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class DataTable:
    """A table that is copied."""

    name: str
    """As in the model, ``schema.name`` where a schema is declared."""
    keys: tuple[str, ...] = ()
    """Columns of the primary key."""
    long: tuple[str, ...] = ()
    """Columns that may be stored out of line."""
    columns: tuple[str, ...] = ()
    """All columns; empty where the code base does not declare the table."""

    @property
    def parts(self) -> tuple[str, str]:
        """Schema and name."""
        schema, name = parent(self.name), last(self.name)
        return (schema or SCHEMA, name)

    @property
    def sql(self) -> str:
        """The quoted name."""
        return ".".join(map(sql_name, self.parts))

    @property
    def pattern(self) -> str:
        """Regular expression for ``schema.name``; odd characters stand for any one character."""
        return r"\.".join(re.sub(r"[^A-Za-z0-9_]", ".", part) for part in self.parts)

    @property
    def secret_columns(self) -> tuple[str, ...]:
        """Columns that hold credentials; of a table of users whose columns are not known, ``password``."""
        if not self.columns and IDENTITY.search(last(self.name)):
            return ("password",)
        return tuple(column for column in self.columns if SECRET.search(column))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Patterns of columns that hold credentials, which no copy for readers may have."""
        return tuple(
            rf"{self.pattern}\.{re.sub(r'[^A-Za-z0-9_]', '.', column)}" for column in self.secret_columns
        )


@dataclass(frozen=True)
class DataPlan:
    """What is copied where."""

    context: str
    slug: str
    """The context's name as a part of slots, publications, roles and topics: ``[a-z0-9_]``."""
    moved: tuple[DataTable, ...]
    replicas_in: tuple[DataTable, ...]
    """Tables of others that the service reads from a copy."""
    replicas_out: tuple[tuple[str, str], ...]
    """(context, table): tables of the service that others read from a copy."""
    events_in: tuple[str, ...]
    """What the monolith sends to the service: signals, tasks, deletes."""
    events_out: tuple[str, ...]


def slug(name: str, most: int = 30) -> str:
    """A name of ``[a-z0-9_]``, as replication slots demand."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:most].strip("_") or "context"


def data_table(name: str, known: Table | None) -> DataTable:
    """A table by its name, with what is known of its columns."""
    columns = known.columns if known is not None else ()
    return DataTable(
        name=name,
        keys=tuple(column.name for column in columns if column.primary_key),
        long=tuple(column.name for column in columns if LONG_TYPES.search(column.type)),
        columns=tuple(column.name for column in columns),
    )


def data_plan(plan: ExtractionPlan, model: Model) -> DataPlan:
    """Read the tables and messages out of a plan."""
    known = {table.name: table for table in (*model.platform_tables, *model.tables)}

    def table(name: str) -> DataTable:
        return data_table(name, known.get(name))

    replicas = [cut for cut in plan.cuts if cut.remedy == "replica"]
    sent: dict[Side, set[str]] = {"monolith": set(), "service": set()}
    for cut in plan.cuts:
        if cut.kind in ("signal", "task"):
            sent[_sender(cut, model)].add(cut.subject)
        elif cut.remedy == "event" and cut.kind in ("read", "write"):
            sent["service" if cut.direction == "out" else "monolith"].add(
                f"deletes that {cut.subject} follows"
            )
    return DataPlan(
        context=plan.context,
        slug=slug(plan.context),
        moved=tuple(table(name) for name in plan.moves.tables),
        replicas_in=tuple(sorted({table(cut.subject) for cut in replicas if cut.direction == "out"})),
        replicas_out=tuple(sorted({(cut.other, cut.subject) for cut in replicas if cut.direction == "in"})),
        events_in=tuple(sorted(sent["monolith"])),
        events_out=tuple(sorted(sent["service"])),
    )


def _sender(cut: Cut, model: Model) -> Side:
    """The side that sends: that of the places, unless they are where a signal is received."""
    receivers = {signal.receiver for signal in model.signals if signal.signal == cut.subject}
    received = any(place.symbol in receivers for place in cut.places)
    return "service" if (cut.direction == "out") != received else "monolith"
