"""How sure a boundary is: the one scale that the terminal, the report, plans and the roadmap speak."""

from __future__ import annotations

GUESS = 0.4
"""Confidence under which a boundary is hardly more than a guess."""
NEAR_SURE = 0.5
"""Least confidence of a boundary that is sure enough to cut along."""
GOOD = 0.7
HIGH = 0.9
"""Steps above it, at which the map draws the edge of a card otherwise."""
EITHER = 0.6
"""Confidence under which the place of a module is in doubt: it could go either way."""
