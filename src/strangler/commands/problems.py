"""Exit codes, and the one exception that carries a message for people and its exit code."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of every verb means."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    """The command line, the configuration or the input cannot be used."""
    INCOMPLETE = 3
    """The analysis is less complete than the configuration demands."""
    INTERNAL = 4
    """A defect of strangler itself."""
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class UserError(Exception):
    """Something that the user can mend: what is wrong, where, and what to do next."""

    def __init__(self, message: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code
