"""What routing refuses to do, said for people."""

from __future__ import annotations


class RoutingError(ValueError):
    """The rules cannot be made, proved or written; the message says what, where and what to do next."""


class UnsupportedError(RoutingError):
    """A regular expression outside the regular languages (back-references ...) or beyond our limits."""


class TooComplexError(RoutingError):
    """The automaton grew past its limit."""
