"""What `strangler check` finds: what each rule is called, why it matters, and what to do instead."""

from __future__ import annotations

from strangler.model.base import Value


class Rule(Value, frozen=True, kw_only=True):
    """A kind of finding."""

    title: str
    why: str
    instead: str

    @property
    def help(self) -> str:
        """Why it matters and what to do, in one text."""
        return f"{self.why} {self.instead}"


RULES = {
    "new-crossing": Rule(
        title="A new crossing between contexts",
        why="Whatever one context uses of another has to be led through a port, copied or moved before "
        "either can be taken out: each new crossing makes the cut dearer.",
        instead="Call what the other context offers already, or put the code where what it uses belongs. If "
        "the team has decided for the crossing, record it: `strangler check --update-baseline`.",
    ),
    "new-cycle": Rule(
        title="A new import cycle",
        why="Modules that import each other can only be moved together.",
        instead="Import where it is used, hand the value in, or move what both need into a third module. If "
        "the team has decided for the cycle, record it: `strangler check --update-baseline`.",
    ),
}
"""Code of a finding -> its rule."""
