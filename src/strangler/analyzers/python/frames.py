"""Frames: running bodies of modules, classes and functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strangler.analyzers.python.log import Location

if TYPE_CHECKING:
    from strangler.analyzers.python.log import Region
    from strangler.analyzers.python.program import ModuleScope
    from strangler.analyzers.python.values import Class, Function, Value


class Frame:
    """A running body: a module, a class or a function."""

    __slots__ = (
        "around",
        "callee",
        "depth",
        "function",
        "imported",
        "line",
        "locals",
        "loops",
        "module",
        "outer",
        "owner",
        "parent",
        "region",
        "results",
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
        self.loops: list[list[dict[str, Value]]] = []
        """For each running loop, innermost last, the names where its body was left."""
        self.imported: dict[str, str] = {}
        """Names that import statements have bound here, and nothing else since -> what they stand for."""
        self.outer: dict[str, Frame | None] = {}
        """Names that ``global`` and ``nonlocal`` say are of another frame; None: of the module."""
        self.around: Callable[[Value], None] | None = None
        self.results: list[Value] = []
        self.yields: list[Value] = []
        self.region: tuple[Region, ...] = parent.region if parent is not None else ()
        """The transactions that are open, innermost last."""

    def names_of(self, name: str) -> dict[str, Value]:
        """The names in which an assignment to ``name`` is made."""
        if name not in self.outer:
            return self.locals
        frame = self.outer[name]
        return frame.locals if frame is not None else self.module.env

    @property
    def location(self) -> Location:
        """The line at which it stands."""
        return tuple.__new__(Location, (self.module.name, self.function, self.line))  # made for every call
