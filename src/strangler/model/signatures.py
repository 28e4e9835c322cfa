"""Signatures: how a definition is called and what calling it does, as far as the code tells.

They are kept of the definitions that other modules call, of tasks, and of receivers of signals.
"""

from __future__ import annotations

from typing import Literal

from strangler.model.base import Evidence, Value
from strangler.model.shapes import UNKNOWN, Shape

Passing = Literal["positional_only", "positional", "keyword_only", "var_positional", "var_keyword"]
KnownFrom = Literal["annotation", "default", "calls", "use", "returns", "nothing"]
Fit = Literal["", "value", "row"]
"""``value``: a text, number, date or the like, a list or dict of them, perhaps a row; ``row``: only a row."""
Form = Literal["function", "static", "class_method", "method", "constructor"]


class Receiver(Value, frozen=True, kw_only=True, omit_defaults=True):
    """What a method does with the row that it is called on, or a function with one that it is given, itself
    and by the row's other methods."""

    reads: tuple[str, ...] = ()
    """Attributes that it reads, without methods, and without what the class has for all rows."""
    sets: tuple[str, ...] = ()
    """Chains of attributes that it sets: ``status``, ``customer.balance``."""
    handed_on: bool = False
    """It hands the row on, or calls what the row has from a library (``save``), which may read and set any
    of its columns."""


class Parameter(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A parameter that a caller gives: ``self`` and ``cls`` are none."""

    name: str
    passing: Passing = "positional"
    default: str | None = None
    """Its source text; None where there is none."""
    shape: Shape = UNKNOWN
    known_from: KnownFrom = "nothing"
    reads: tuple[str, ...] = ()
    """Chains of attributes that the function itself reads from it: ``buyer.email`` for ``order``."""
    changed: int = 0
    """Line where the function changes it in place (an item, an attribute); 0 where it does not."""
    untouched: bool = False
    """Shown not to be changed, saved or deleted, neither in the function nor in anything that it is handed on
    to: queries of the ORM and definitions that were followed."""
    plain: bool = False
    """Of one whose type, wholly or in part, nothing tells: it is used as texts, numbers, lists and dicts are,
    and in no way that these are not."""
    fits: Fit = ""
    """Of one whose type, wholly or in part, nothing tells: what it may be as far as its uses and its calls
    show; empty where they show that it is nothing that crosses."""
    asked: tuple[str, ...] = ()
    """Of a request that is only read: the attributes that are, in the function and where it is handed to."""
    key_of: str = ""
    """The table of which it is the key, by a look-up in the function."""
    several: bool = False
    """It holds several of these keys."""
    row: Receiver | None = None
    """Of a row of a mapped class that it may change: what it does with it."""

    @property
    def required(self) -> bool:
        """Whether every caller must give it."""
        return self.default is None and not self.rest

    @property
    def rest(self) -> bool:
        """``*args`` or ``**kwargs``."""
        return self.passing in ("var_positional", "var_keyword")


class Decoration(Value, frozen=True, kw_only=True):
    """A decorator above a definition."""

    name: str
    """Dotted name of what it is in its library; ``atomic`` for whatever opens a transaction; else its last
    name as it is written."""
    line: int
    text: str
    """As it is written."""
    keeps: bool = False
    """It is the monolith's own and was seen to give back the very function that it is put on."""


class Raised(Value, frozen=True, kw_only=True):
    """An exception that leaves a definition."""

    exception: str
    """Dotted name, of its definition where that is first-party."""
    place: Evidence
    """Where it is raised: in the definition itself, or in what that calls."""


class ExceptionClass(Value, frozen=True, kw_only=True, omit_defaults=True):
    """An exception class of the monolith, or a library's that it raises or handles."""

    name: str
    """Dotted name."""
    importable: str = ""
    """``module:Class`` under which it can be imported; empty where it is no class that can."""
    bases: tuple[str, ...] = ()
    """Dotted names of the classes that it descends from, nearest first."""
    status: int = 0
    """HTTP status that the class itself names; 0 where it names none."""


class HandedOn(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A place that hands a definition on as a value instead of calling it."""

    module: str
    function: str | None
    line: int
    plain: bool = False
    """By the plain name that an import binds, not as an attribute."""
    called: str = ""
    """The dotted name that is handed on, where it is not the definition's own: that of a re-export."""


class Signature(Value, frozen=True, kw_only=True, omit_defaults=True):
    """How a definition is called and what that does, everything that it calls included."""

    module: str
    name: str
    """Qualified name."""
    line: int
    form: Form = "function"
    asynchronous: bool = False
    decorators: tuple[Decoration, ...] = ()
    """From the outermost in."""
    parameters: tuple[Parameter, ...] = ()
    result: Shape = UNKNOWN
    """Of a class: what an instance of it is."""
    result_known_from: KnownFrom = "nothing"
    result_plain: bool = False
    """Of a result whose type, wholly or in part, nothing tells: its callers use it as such values, too."""
    result_fits: Fit = ""
    """Of such a result: what it may be as far as its callers show."""
    raises: tuple[Raised, ...] = ()
    """What it does not handle itself, each exception once."""
    raised_here: tuple[Evidence, ...] = ()
    """Every place where its own body raises; ``symbol`` is the exception as it is written."""
    changes: tuple[Evidence, ...] = ()
    """Where it sets attributes of what it was handed; ``symbol`` is the attribute."""
    acts: tuple[Evidence, ...] = ()
    """The first places that write a table, queue a task, send a signal, or that cannot be judged: why a
    repeated call may not leave the same state. None: it is shown to change nothing."""
    ambient: tuple[Evidence, ...] = ()
    """Where it uses something that belongs to the request being served; ``symbol`` is its dotted name."""
    registers: Evidence | None = None
    """Where it registers a function with something of this process."""
    process: Evidence | None = None
    """Where it uses what only this process or machine has: a thread's values, module state, programs."""
    commits: bool = False
    """It commits a transaction."""
    ends: bool = False
    """It commits or rolls back."""
    outside: bool = False
    """It may touch a table, a queue, a request, or a library that talks to something else."""
    computes: bool = False
    """Shown to do the same in each process that has a copy of it, as all that it leads to: it uses arguments,
    constants and settings, and neither tables nor other services, nor anything that a process keeps."""
    portable: bool = False
    """Shown to act, as all that it leads to, on nothing but its arguments, the request that its caller
    serves, and what it makes itself: it may read tables, and writes, queues and sends nothing."""
    portable_reads: tuple[str, ...] = ()
    """Of such a definition: the tables that it reads; empty text: others, whose names are not seen."""
    handed_on: tuple[HandedOn, ...] = ()
    """Where other modules hand it on as a value."""
    receiver: Receiver | None = None
    """Of a method of a mapped class: what it does with its row."""


class ColumnUse(Value, frozen=True, kw_only=True):
    """The columns of a table that the code of a function names."""

    module: str
    function: str
    table: str
    columns: tuple[str, ...]


class Factory(Value, frozen=True, kw_only=True):
    """What the monolith's tests offer to make a row of a table."""

    table: str
    name: str
    """The factory, the fixture's function; of a file of data the number of rows in it."""
    file: str
    line: int = 0
    """0: a file of data."""
