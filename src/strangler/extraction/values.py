"""The values of an extracted service: ``service.json`` is a ``Service`` as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from strangler.model import Endpoint, Evidence


class Struct(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Base of the values of a service."""


class Need(Struct, frozen=True, kw_only=True, order=True):
    """A module that the service holds, and what asked for it."""

    module: str
    file: str
    lines: int
    context: str
    """The context that it belongs to; empty where it belongs to none."""
    because: str
    """Why, as a phrase: ``imported``, ``the model of customers_customer``."""
    by: str = ""
    """The module that asked; empty for what the service starts with."""
    line: int = 0
    """Line in the file of ``by``; 0 where no single line asks."""


class Change(Struct, frozen=True, kw_only=True, order=True):
    """A place where a copied file differs from the monolith's."""

    file: str
    line: int
    what: str
    """``took out`` or ``answers elsewhere``, and of which module."""


class Dependency(Struct, frozen=True, kw_only=True, order=True):
    """A distribution that the monolith asks for."""

    file: str
    line: int
    """0 where the file is no list of lines."""
    name: str
    kept: bool
    """Whether the service asks for it."""
    because: str
    """Why, as a phrase: ``imported``, ``a database driver``, ``only what stays imports it``."""
    by: str = ""
    """A file that imports or names it."""
    by_line: int = 0


class Probes(Struct, frozen=True, kw_only=True):
    """Where the service answers whether it lives and whether it is ready."""

    live: str
    ready: str
    checks: tuple[str, ...]
    """The databases that must answer for it to be ready."""


class LeftTest(Struct, frozen=True, kw_only=True, order=True):
    """A test of the monolith that does not move with the service."""

    test: str
    """``tests/test_shop.py::OrderTest::test_an_order``."""
    because: str


class Size(Struct, frozen=True, kw_only=True):
    """Modules and lines of production code."""

    modules: int
    lines: int


Store = Literal["own", "replica", "local"]
"""``own``: the context's, it moves. ``replica``: a read-only copy of another owner's. ``local``: a log that
the service only appends to, in a table of its own."""


class StoredTable(Struct, frozen=True, kw_only=True, order=True):
    """A table of the service's own database."""

    name: str
    """``schema.name`` where a schema is declared."""
    store: Store
    owner: str
    """The context that writes it; empty where no context owns it (a library's)."""
    because: str
    """Why the service has it, as a phrase."""
    place: Evidence | None = None
    """Where the reason stands."""
    left_out: tuple[str, ...] = ()
    """Columns with credentials that the copy does not get."""
    kept: tuple[tuple[str, Evidence], ...] = ()
    """Columns with credentials that the copy has, since the service's code names them."""
    written: tuple[Evidence, ...] = ()
    """Of a replica: places of the service's code that write it."""


class RefusedWrite(Struct, frozen=True, kw_only=True, order=True):
    """A write of a copy that lies on the way of what the service answers."""

    table: str
    place: Evidence
    asked: tuple[str, ...]
    """The requests, tasks and commands that may come there."""
    by: tuple[str, ...]
    """The handlers and guards by which they do."""


class BrokenKey(Struct, frozen=True, kw_only=True, order=True):
    """A foreign key that becomes a plain column of the same name in the service's database."""

    table: str
    column: str
    references: str
    on_delete: str = ""
    """What the code declares for the delete of the row that it names; the database no longer does it."""
    place: Evidence


Deletes = Literal["delete", "clear", "refuse", "restrict"]
"""What a delete does to the rows that refer: they go too, their column is emptied, or they forbid it;
``restrict``: unless they go for another reason."""
Side = Literal["monolith", "service"]
SIDES: tuple[Side, ...] = ("monolith", "service")
OTHER: dict[Side, Side] = {"monolith": "service", "service": "monolith"}


class DeleteRule(Struct, frozen=True, kw_only=True, order=True):
    """What a delete does in one of the two databases, where a copy is among the rows that it reaches."""

    side: Side
    """The database."""
    references: str
    """The table of the row that is deleted."""
    table: str
    """The table of the rows that refer to it."""
    column: str
    to: str
    """The column of it that is referred to."""
    does: Deletes
    place: Evidence


class ToldTable(Struct, frozen=True, kw_only=True, order=True):
    """A table whose rows are changed by code on the side that does not own it: its owner is told."""

    side: Side
    """The database that tells."""
    table: str
    added: tuple[str, ...] = ()
    """Columns that this code only counts up or down: the difference is told."""
    changes: tuple[Evidence, ...] = ()
    """Places that change or delete rows that are there."""
    others: tuple[Evidence, ...] = ()
    """Places that make rows, which fails, or may."""


class Database(Struct, frozen=True, kw_only=True):
    """The service's own database."""

    tables: tuple[StoredTable, ...] = ()
    keys: tuple[BrokenKey, ...] = ()
    deletes: tuple[DeleteRule, ...] = ()
    """How deletes go on over the boundary."""
    writers: tuple[tuple[str, Evidence], ...] = ()
    """(table, place): where code that stays in the monolith writes a table that moves."""
    refused: tuple[RefusedWrite, ...] = ()
    """Of the places that write copies, those that a request, task or command of the context comes to."""
    readers: tuple[tuple[str, Evidence], ...] = ()
    """(table, place): where code that stays in the monolith reads a table that moves."""
    told: tuple[ToldTable, ...] = ()
    """Changes over the boundary that the database tells the owner of."""
    named: tuple[Evidence, ...] = ()
    """Where the service's code names its database."""
    schema: tuple[str, ...] = ()
    """The commands that make the tables, in the folder of the service's code."""
    steps: str = ""
    """The program that sees to calls which follow a commit, ``shop.seams.saga``: it has tables of its own;
    empty where there are none."""
    undeclared: tuple[str, ...] = ()
    """Tables that no code of the service declares: they are made as the monolith's database has them."""
    notes: tuple[str, ...] = ()
    known: bool = True
    """Whether any table of the monolith was read."""

    def tells(self, side: Side) -> tuple[ToldTable, ...]:
        """What one side tells the other."""
        return tuple(item for item in self.told if item.side == side)

    def of(self, store: Store) -> tuple[StoredTable, ...]:
        """The tables that are kept in one way."""
        return tuple(table for table in self.tables if table.store == store)


class Switch(Struct, frozen=True, kw_only=True):
    """A seam by which the service calls another context, or by which others call it."""

    variable: str
    """``SEAM_BILLING_URL``."""
    module: str
    own: bool = False
    """Others call the service over it."""
    needed: bool = False
    """The service does not start a call without it: the other context's code did not come along for that."""


class Service(Struct, frozen=True, kw_only=True):
    """A context as a deployment of its own: the part of the monolith that it needs, and no more."""

    context: str
    revision: str | None
    """Commit of the monolith."""
    endpoints: tuple[str, ...]
    """What it answers: ``GET, POST /orders/``; the context's own."""
    guests: tuple[str, ...]
    """Endpoints of others that it would answer too, since it holds their modules; the gateway sends none."""
    needs: tuple[Need, ...]
    files: tuple[str, ...]
    """Other files that were copied: templates, migrations, requirements."""
    changes: tuple[Change, ...]
    size: Size
    monolith: Size
    dependencies: tuple[Dependency, ...] = ()
    """What the monolith asks for, and whether the service does."""
    itself: Evidence | None = None
    """Where the code asks for the distribution that it is: its version, what it offers."""
    tests: tuple[str, ...] = ()
    """Tests of the monolith that exercise only what the service holds: ``tests/test_x.py::Class::test_y``."""
    left: tuple[LeftTest, ...] = ()
    """The other tests."""
    probes: Probes | None = None
    """None where no place was found that could answer them."""
    database: Database = Database()
    switches: tuple[Switch, ...] = ()
    """The seams that it holds."""
    notes: tuple[str, ...] = ()
    """What could not be cut and why, and what must be looked at by hand."""


class Removal(Struct, frozen=True, kw_only=True):
    """What leaves the monolith once the service answers, and what still holds the rest."""

    files: tuple[str, ...]
    """Modules that nothing else needs."""
    size: Size
    """Of the production code among them."""
    holds: tuple[Need, ...]
    """Modules of the context that the monolith still needs, and the place that asks for each: what is left to
    cut."""
    changes: tuple[Change, ...]
    tests: tuple[LeftTest, ...]
    """Tests that it makes red, and why."""
    moved: tuple[str, ...]
    """Those of them that run with the service: the patch takes them out."""
    unheard: tuple[str, ...]
    """Receivers that go although what they hear is still sent."""
    registrations: tuple[Evidence, ...] = ()
    """Where modules that go register something with what stays, which ``symbol`` names."""
    notes: tuple[str, ...] = ()


def said(endpoint: Endpoint) -> str:
    """An endpoint in words: ``GET, POST /orders/``."""
    methods = ", ".join(endpoint.methods or ()) or "any method"
    return f"{methods} {endpoint.path}"
