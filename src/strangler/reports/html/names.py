"""Names as positions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Names:
    """Positions of names, given out in the order of asking."""

    values: list[str] = field(default_factory=list)
    _positions: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Names with fixed positions."""
        result = cls()
        for name in names:
            result.add(name)
        return result

    def add(self, name: str) -> int:
        """The position of a name, new names at the end."""
        position = self._positions.setdefault(name, len(self.values))
        if position == len(self.values):
            self.values.append(name)
        return position

    def get(self, name: str | None) -> int:
        """The position of a known name, or -1."""
        return -1 if name is None else self._positions.get(name, -1)
