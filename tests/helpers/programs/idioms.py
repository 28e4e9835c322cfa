"""Pieces of code as it is found in applications, with holes and choices, from ``idioms/*.txt``.

There ``«a¦b»`` is a choice, ``⟨i⟩`` an expression of a kind, ``⟨=n⟩`` a name to assign, and ``$`` a number that no
other piece has. A line ``'module NAME'`` begins another module; the program goes on behind ``'module program'``.
"""

from __future__ import annotations

import re
from pathlib import Path

from helpers.programs.statements import Statements

FOLDER = Path(__file__).parent / "idioms"
IDIOMS = [
    text.strip("\n")
    for path in sorted(FOLDER.glob("*.txt"))
    for text in path.read_text("utf-8").split("----\n")
]
ANYWHERE = [
    text for text in IDIOMS if not re.search(r"import \*|^'module|async |\bglobal\b|nonlocal|¦\*", text, re.M)
]
"""Those that may stand in a function."""
_CHOICE = re.compile(r"«([^«»]*)»")
_HOLE = re.compile(r"⟨(=?)(\w)⟩")


class Program(Statements):
    """The whole grammar: statements, and idioms between them."""

    def other_statement(self, depth: int) -> bool:
        """Write an idiom, sometimes."""
        if not self.chance(3 if depth == 0 else 12):
            return False
        self.counters += 1
        text = self.pick(IDIOMS if depth == 0 else ANYWHERE)
        while choice := _CHOICE.search(text):
            text = text[: choice.start()] + self.pick(choice[1].split("¦")) + text[choice.end() :]
        text = text.replace("$", str(self.counters))
        self.inside.append("")  # no ``:=`` here
        text = _HOLE.sub(lambda hole: self.target(hole[2]) if hole[1] else self.expression(hole[2], 1), text)
        self.inside.pop()
        for line in text.splitlines():
            self.line(line)
        return True
