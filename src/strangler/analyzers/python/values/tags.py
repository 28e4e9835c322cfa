"""What is kept of objects and classes beside their attributes, where no code of the monolith can read it."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from strangler.analyzers.python.values.base import Const, Value

V = TypeVar("V", bound=Value)


class Tagged(Value):
    """A value that can be tagged: an object or a class."""

    __slots__ = ()

    @property
    def tags(self) -> dict[str, Any]:
        """Where it is kept."""
        raise NotImplementedError


class Tag(Generic[V]):
    """One kind of knowledge of objects or classes: a constant of the module that keeps it.

    A tag of an object follows the ways of the code as its attributes do: put on one way only, it may hold or
    not behind them.
    """

    __slots__ = ("kind", "name")

    def __init__(self, name: str, kind: type[V]) -> None:
        """A new kind of tag.

        Args:
            name: tells the kind from all others.
            kind: the class of what it says; where several ways have left several values, nothing is known.
        """
        self.name = f"<{name}>"
        self.kind = kind

    def of(self, owner: Value | None) -> V | None:
        """What the tag says of an object or a class; None where it has none, or not for certain."""
        found = owner.tags.get(self.name) if isinstance(owner, Tagged) else None
        return found if isinstance(found, self.kind) else None

    def put(self, owner: Tagged, value: V) -> V:
        """Tag an object or a class; gives the value back."""
        owner.tags[self.name] = value
        return value

    def clear(self, owner: Value) -> V | None:
        """Take the tag off; gives what it said."""
        found = owner.tags.pop(self.name, None) if isinstance(owner, Tagged) else None
        return found if isinstance(found, self.kind) else None


def without_tags(names: dict[str, Value]) -> dict[str, Value]:
    """The attributes among what an object keeps."""
    return {name: value for name, value in names.items() if not name.startswith("<")}


DEFINED_AS = Tag("defined as", Const)
"""The dotted name to which an object was bound first, where it is made at the top level."""
