"""What was added to lists, and under which conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.python.values import UNKNOWN, External, Object, Value

if TYPE_CHECKING:
    from strangler.analyzers.python.conditions import Undecided


class AddedWhole(NamedTuple):
    """Something that was added to a list whole, and of which no element is known: a library's list, say."""

    before: int
    """How many elements of the list stand in front of it."""
    value: Value


class Additions:
    """Of each list, by identity; the lists are held, so that no identity comes twice."""

    def __init__(self) -> None:
        self._under: dict[int, tuple[Value, dict[int, tuple[Undecided, ...]]]] = {}
        """A list -> identities of elements that were added in undecided blocks -> these blocks."""
        self._whole: dict[int, tuple[Value, dict[AddedWhole, None]]] = {}
        """A list -> what was added to it whole, and of which no element is known."""

    def put_in(self, holder: Value, items: list[Value], under: tuple[Undecided, ...]) -> None:
        """Elements are added to a list, perhaps behind undecided conditions."""
        if not under:
            return
        _, blocks = self._under.setdefault(id(holder), (holder, {}))
        for item in items:
            blocks.setdefault(id(item), under)

    def carry(self, source: Value, holder: Value, before: int = 0) -> None:
        """The elements of a list have been added to another one: what must hold for them there, too.

        Args:
            source: what was added.
            holder: the list.
            before: how many elements of it stand in front of those that were added.
        """
        kept = self._under.get(id(source)) if self._under else None
        if kept is not None:
            _, blocks = self._under.setdefault(id(holder), (holder, {}))
            for item, under in kept[1].items():
                blocks.setdefault(item, under)
        for option in source.options():
            for one in self._not_known(option):
                _, whole = self._whole.setdefault(id(holder), (holder, {}))
                whole[one._replace(before=before + one.before)] = None

    def held_under(self, holder: Value, item: Value) -> tuple[Undecided, ...]:
        """The undecided blocks in which an element was added to a list."""
        kept = self._under.get(id(holder)) if self._under else None
        return kept[1].get(id(item), ()) if kept is not None else ()

    def whole(self, holder: Value) -> list[AddedWhole]:
        """What was added to a list whole, and of which no element is known."""
        kept = self._whole.get(id(holder)) if self._whole else None
        return list(kept[1]) if kept is not None else []

    def _not_known(self, source: Value) -> list[AddedWhole]:
        if source is UNKNOWN or isinstance(source, (External, Object)):
            return [AddedWhole(0, source)]
        return self.whole(source)
