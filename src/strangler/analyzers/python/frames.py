"""Frames: running bodies of modules, classes and functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.analyzers.python.entries import Location

if TYPE_CHECKING:
    from strangler.analyzers.python.changes import Journal, Way
    from strangler.analyzers.python.conditions import Undecided
    from strangler.analyzers.python.entries import Region
    from strangler.analyzers.python.program import ModuleScope
    from strangler.analyzers.python.values import Class, Function, Value


class Exits:
    """The ways out of a loop's turn, of a loop, or of a function, beside the one that goes on."""

    __slots__ = ("breaks", "continues", "journal", "lost")

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.breaks: list[Way] = []
        self.continues: list[Way] = []
        self.lost = False
        """Whether there were too many."""


class Frame:
    """A running body: a module, a class or a function."""

    __slots__ = (
        "around",
        "born",
        "callee",
        "captured",
        "catching",
        "depth",
        "exits",
        "function",
        "imported",
        "line",
        "locals",
        "loops",
        "module",
        "outer",
        "owner",
        "parent",
        "partly",
        "region",
        "results",
        "under",
        "unlikely",
        "within",
        "yields",
    )

    def __init__(
        self,
        module: ModuleScope,
        function: str | None,
        names: dict[str, Value],
        parent: Frame | None,
        depth: int = 0,
        owner: Class | None = None,
        callee: Function | None = None,
    ) -> None:
        self.module = module
        self.function = function
        self.locals = names
        self.parent = parent
        self.depth = depth
        self.owner = owner
        self.callee = callee
        self.line = 0
        self.born = 0
        """Journals that were opened before it: what changes in it is new to them."""
        self.captured = False
        """Whether a function was defined in it, that sees its names."""
        self.catching = False
        """Whether it is in a ``try`` that catches that an import fails."""
        self.loops: list[Exits] = []
        """The running loops, innermost last."""
        self.within: Frame | None = None
        """Of a comprehension: the frame in which it stands."""
        self.exits: Exits | None = None
        """Where the body was left by ``return`` on a way that may not have been taken."""
        self.imported: dict[str, str] = {}
        """Names that import statements have bound here, and nothing else since -> what they stand for."""
        self.partly: set[str] = set()
        """Names of a module or class that were bound on some of the ways alone."""
        self.outer: dict[str, Frame] = {}
        """Names that ``global`` and ``nonlocal`` say are of another frame."""
        self.under: tuple[Undecided, ...] = parent.under if parent is not None else ()
        """While the application is put together: the blocks behind conditions that could not be decided, in
        which it and those who called it stand, outermost first."""
        self.around: Callable[[Value], None] | None = None
        self.results: list[Value] = []
        self.unlikely: list[Value] = []
        """Results of ways that are taken only where something from outside decides so."""
        self.yields: list[Value] = []
        self.region: tuple[Region, ...] = parent.region if parent is not None else ()
        """The transactions that are open, innermost last."""

    @property
    def in_class(self) -> bool:
        """Whether it is the body of a class itself: what is defined in it does not see its names."""
        return self.owner is not None and self.callee is None and self.within is None

    def home(self, name: str) -> Frame:
        """The frame in which an assignment to ``name`` is made."""
        return self.outer.get(name, self)

    @property
    def location(self) -> Location:
        """The line at which it stands."""
        return tuple.__new__(Location, (self.module.name, self.function, self.line))  # made for every call
