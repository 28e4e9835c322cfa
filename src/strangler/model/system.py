"""The System: what the analysers found in a monolith, as plain values.

Paths are relative to the analysed root with forward slashes; lines count from 1.
Structs order by their fields, so ``sorted`` gives the order of ``model.json``.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from strangler.model.base import Certainty, Evidence, Value
from strangler.model.coverage import Coverage
from strangler.model.owners import Ownership
from strangler.model.routes import Ambient, Endpoint, OpaqueRoute, RouteLink
from strangler.model.shapes import Record, Shape
from strangler.model.signatures import ColumnUse, ExceptionClass, Factory, Signature

Role = Literal["code", "test", "migration", "settings", "entry_point", "generated", "vendored"]
ImportKind = Literal["runtime", "deferred", "type_checking", "dynamic"]
Operation = Literal["read", "write"]
Severity = Literal["error", "warning", "note"]


def by_fields(row: Any) -> Any:
    """The key that orders values by their fields where some are None: what is absent comes first."""
    if isinstance(row, msgspec.Struct):
        row = msgspec.structs.astuple(row)
    if isinstance(row, tuple):
        return tuple((field is not None, by_fields(field)) for field in row)
    return row


class Monolith(Value, frozen=True, kw_only=True):
    """The analysed code base as a whole."""

    name: str
    packages: tuple[str, ...]
    """First-party top-level packages, as imported."""
    revision: str | None
    """Git commit analysed; None outside git; '+dirty' appended where the tree differs."""
    frameworks: tuple[str, ...]
    source_url: str = ""
    """Template of links to lines (``{revision}``, ``{path}``, ``{line}``) at the forge of the remote
    ``origin``; empty where there is none, or none that is known."""
    atomic_requests: Evidence | None = None
    """Where the settings make each request one transaction (Django's ``ATOMIC_REQUESTS``)."""


class Module(Value, frozen=True, kw_only=True):
    """A first-party Python file."""

    name: str
    path: str
    lines: int
    role: Role = "code"


class Import(Value, frozen=True, kw_only=True, omit_defaults=True):
    """One module imports another; ``imported`` is the module, not the name inside it."""

    importer: str
    imported: str
    line: int
    kind: ImportKind
    listed: bool = False
    """Whether it is loaded because it lies in a directory that the importer goes through (plug-ins, say): no
    line names it, and nothing of it is used there."""


class Definition(Value, frozen=True, kw_only=True):
    """A top-level function or class, or a method (``name`` is then ``Class.method``)."""

    module: str
    line: int
    end_line: int
    name: str
    kind: Literal["class", "function", "method"]


Reached = Literal["name", "value", "decorator", "unseen"]


class CallSite(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A line that calls a definition."""

    line: int
    transaction: int = 0
    """First line of the innermost transaction that the calling function has open there; 0 outside."""
    reached: Reached = "name"
    """By a name that an import or ``def`` binds; through a value (a variable, an attribute of an object, a
    call-back, a property); as a decorator; or ``unseen``: by its name, in code that the analysis did not come
    to, so that nothing is known of an open transaction."""
    catches: tuple[str, ...] = ()
    """Dotted names of the exceptions that are handled around it."""
    called: str = ""
    """The dotted name that is called, where it is not the definition's own: that of a re-export."""
    discarded: bool = False
    """Every call of the line is a statement of its own: nobody uses what it returns."""
    member: bool = False
    """What the line calls by its name are members of values: ``order.total()``."""
    looped: bool = False
    """What it returns is looped over at once, or made a list of, and used in no other way."""
    listed: bool = False
    """``.all()`` is called on what it returns."""


class Call(Value, frozen=True, kw_only=True):
    """A function of one module uses (calls, instantiates, subclasses) a definition of another module."""

    module: str
    function: str | None
    line: int
    target_module: str
    target: str
    kind: Literal["call", "inheritance", "reference"] = "call"
    sites: tuple[CallSite, ...] = ()
    """Of a call, every line that makes it."""


class Invocation(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A call that is no ``Call``: of a definition of the same module, or one that only values lead to.

    Listed are those whose target touches a table or sends a message, itself or by what it calls.
    """

    module: str
    function: str | None
    line: int
    """The first one."""
    target_module: str = ""
    """Empty: the same module."""
    target: str
    transaction: int = 0
    """First line of the innermost transaction that the calling function has open there; 0 outside."""
    wraps: bool = False
    """The caller is what a decorator puts around the target: whoever calls the target calls it."""
    hook: bool = False
    """A method calls it on its own object, and neither its class nor a base of that defines it: a subclass
    does, or a class put beside it (a template method)."""

    @property
    def inverted(self) -> bool:
        """Whether control is inverted: who wrote the target chose the caller, which knows nothing of it."""
        return self.wraps or self.hook


class Column(Value, frozen=True, kw_only=True):
    """A column of a table; ``type`` is the framework's own word (CharField, Integer, ...)."""

    name: str
    type: str
    based_on: str = ""
    """The library's type that a type of the monolith's own builds on."""
    nullable: bool = False
    primary_key: bool = False
    unique: bool = False
    length: int | None = None
    """Most characters of a text."""
    digits: int | None = None
    """Of a decimal number, all of them."""
    places: int | None = None
    """Of a decimal number, those after the point."""
    choices: tuple[str, ...] = ()
    """The only values, as they are stored."""
    meaning: str = ""
    """What the code says that it means: its comment, help text or verbose name."""


class ForeignKey(Value, frozen=True, kw_only=True):
    """A reference from a column to another table."""

    column: str
    table: str
    to: str = ""
    """The column of that table that it names; empty: its key, or not known."""
    on_delete: str | None = None
    line: int = 0
    """Where its column is declared, in the table's file; 0 where that is not known or in another file."""


class Table(Value, frozen=True, kw_only=True):
    """A database table (``schema.name`` where a schema is declared)."""

    name: str
    model: str | None
    """``module.Class`` that maps it; None for association and Core tables."""
    framework: str
    path: str
    line: int
    foreign_keys: tuple[ForeignKey, ...] = ()
    columns: tuple[Column, ...] = ()
    meaning: str = ""
    """The first paragraph of its class's docstring."""
    database: str = ""
    """The one that it lives in, where there are several (Django's routers); empty: the default one, ``?``: it
    cannot be told."""
    managed: bool = True
    """False where the framework makes no such table (Django's ``managed = False``): a view, a table of
    another program, or none at all."""


IN_PROCESS = "in-process"
"""The framework of tasks that run in the same process: to hand one on is to call it, later."""
CASCADE, AMBIENT = "cascade", "ambient"
ALONG = frozenset({CASCADE, AMBIENT})
"""Ways in which a line touches a table that it does not ask for: what the database or the ORM takes along
with a row that is deleted, and what is put around every answer."""


class Access(Value, frozen=True, kw_only=True):
    """A row of the data-access graph: a code location reads or writes a table."""

    module: str
    line: int
    table: str
    operation: Operation
    function: str | None
    """Qualified name inside the module; None at module level."""
    via: str
    """orm, core, sql, serializer, admin, form, template, ...; ``argument``: by a function of a data layer
    that is told which table; ``cascade``: along with a row that is deleted; ``ambient``: by what is put
    around every answer (a context processor, and what the layout of all pages asks of it)."""
    certainty: Certainty
    through: tuple[str, ...] = ()
    """The functions of a data layer that do it, outermost first, or the inherited method that does it to the
    model that the class names; empty where the line does it itself."""
    for_callers: bool = False
    """True in a data layer that was told which table, and in methods of a base of the models of several
    packages, or of classes there that name their model: those who told it, or have the row, are listed
    themselves."""
    database: str = ""
    """The one that the line names (``using``), ``?`` where that cannot be told; empty: the table's own."""

    @property
    def ties(self) -> bool:
        """Whether it ties its line to the table: not where callers told which table it is, nor where it only
        goes along with something else."""
        return not self.for_callers and self.via not in ALONG


class Transaction(Value, frozen=True, kw_only=True):
    """A region of code whose writes are committed together."""

    module: str
    line: int
    function: str | None
    tables_written: tuple[str, ...]
    tables_read: tuple[str, ...] = ()
    end_line: int = 0
    """Last line of the block or decorated function; ``line`` itself where it is a commit, 0 if not known."""
    database: str = ""
    """Name of the database that it is on; empty: the default one, ``?``: it cannot be told."""
    written_elsewhere: tuple[str, ...] = ()
    """Tables that are written inside the block on another database: they are committed on their own."""

    def holds(self, module: str, function: str | None, line: int) -> bool:
        """Whether that place lies inside the block."""
        here = (module, function) == (self.module, self.function)
        return here and self.line <= line <= self.end_line > self.line


class Task(Value, frozen=True, kw_only=True):
    """A background task and the name under which it is queued."""

    name: str
    handler: str
    framework: str
    line: int
    schedule: str | None = None
    meaning: str = ""
    """The first paragraph of the handler's docstring."""


class Signal(Value, frozen=True, kw_only=True):
    """A receiver connected to a signal."""

    signal: str
    receiver: str
    sender: str | None
    """The only sender that it hears: a class by its dotted name, or a name of its library; None: any."""
    line: int
    module: str = ""
    """Where it is connected, at ``line``."""
    table: str = ""
    """The table whose rows it hears of, where the sender is a class that maps one."""
    change: Literal["", "saved", "deleted", "linked"] = ""
    """What happens to a row, where the ORM sends the signal by itself."""


class Command(Value, frozen=True, kw_only=True):
    """A management or CLI command."""

    name: str
    handler: str


class Argument(Value, frozen=True, kw_only=True):
    """What a place hands over with a message."""

    name: str
    """Of the keyword or of the handler's parameter; ``0``, ``1`` ... for a position of unknown name."""
    type: str = ""
    """As in JSON Schema: string, integer, number, boolean, array, object, null; empty if it is not known."""
    table: str = ""
    """It is a row of that table; with ``type`` array, several of them."""
    certainty: Certainty = "certain"
    """``inferred`` where only a name says what it is."""
    text: str = ""
    """Its source, cut to a line."""
    shape: Shape | None = None
    """What is handed over, where the code tells."""


class Message(Value, frozen=True, kw_only=True):
    """A place that queues a task or sends a signal."""

    module: str
    function: str | None
    line: int
    kind: Literal["task", "signal"]
    name: str
    """The task's or signal's name, as in ``tasks`` or ``signals``."""
    arguments: tuple[Argument, ...] = ()
    """A signal's sender is among them where it is a row; of several ways through the line, what agrees."""


class Diagnostic(Value, frozen=True, kw_only=True, omit_defaults=True):
    """Something that the analysis could not do or wants to be known."""

    file: str
    line: int | None
    code: str
    severity: Severity
    message: str
    weakens: tuple[str, ...] = ()
    """The rows that are less complete for it, where its code does not say (``coverage.weakens``)."""

    def sort_key(self) -> tuple[str, int, str, str]:
        """Order by place; a missing line comes first."""
        return (self.file, self.line or 0, self.code, self.message)


class References(Value, frozen=True, kw_only=True):
    """How many references of one kind (import, table, handler, string, ...) were resolved."""

    kind: str
    resolved: int
    unresolved: int


class System(Value, frozen=True, kw_only=True):
    """All facts of a monolith, linked and sorted. Everything downstream reads this, never the source."""

    monolith: Monolith
    modules: tuple[Module, ...]
    imports: tuple[Import, ...]
    definitions: tuple[Definition, ...] = ()
    calls: tuple[Call, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    signatures: tuple[Signature, ...] = ()
    records: tuple[Record, ...] = ()
    exceptions: tuple[ExceptionClass, ...] = ()
    column_uses: tuple[ColumnUse, ...] = ()
    factories: tuple[Factory, ...] = ()
    tables: tuple[Table, ...]
    accesses: tuple[Access, ...]
    transactions: tuple[Transaction, ...]
    endpoints: tuple[Endpoint, ...]
    opaque_routes: tuple[OpaqueRoute, ...] = ()
    route_links: tuple[RouteLink, ...] = ()
    ambient: tuple[Ambient, ...] = ()
    platform_tables: tuple[Table, ...] = ()
    """Tables that frameworks and libraries bring, where their columns are known; their ``path`` is empty."""
    tasks: tuple[Task, ...]
    signals: tuple[Signal, ...]
    commands: tuple[Command, ...]
    messages: tuple[Message, ...] = ()
    vocabulary: dict[str, dict[str, int]] = {}
    """module -> word -> how often it stands in the module's identifiers."""
    references: tuple[References, ...] = ()
    coverage: Coverage = Coverage()
    """What the facts rest on: libraries that are read or not, files that were not read."""
    ownership: Ownership = Ownership()
    """What the CODEOWNERS file of the tree says."""
    diagnostics: tuple[Diagnostic, ...]
