"""What a module of the monolith is beside itself: its names as a dict, and its file as it is opened."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from strangler.analyzers.python.changes import STANDS_FOR
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.values import Mapping, Method, Value

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import ModuleScope


class Namespace(Mapping):
    """The names of a module as a dict: ``globals()``, ``vars(module)``, ``module.__dict__``."""

    __slots__ = ("scope",)

    def __init__(self, scope: ModuleScope) -> None:
        partly = scope.frame is not None and bool(scope.frame.partly)
        super().__init__(scope.env, open=scope.state != "done" or bool(scope.stars) or partly)
        self.scope = scope

    def key(self) -> Hashable:
        return ("names of", self.scope.name)


class FileText(Value):
    """A Python file of the monolith that was opened, and its text."""

    __slots__ = ("module",)

    def __init__(self, module: str) -> None:
        self.module = module

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return Method(self, name)

    def truth(self) -> bool | None:
        return True

    def key(self) -> Hashable:
        return ("text of", self.module)


STANDS_FOR[Namespace] = lambda names: names.scope.frame or Mapping(names.scope.env)
