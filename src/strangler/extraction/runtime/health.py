"""Whether the service lives, and whether it is ready to work: answered before its routes, to anybody."""

from __future__ import annotations

LIVE = "/livez"
"""200 as long as the process answers."""
READY = "/readyz"
"""200 when every database that the service knows can be asked, else 503 and which one cannot."""


def answer(problems: list[str]) -> tuple[int, str]:
    """Status and text of a probe."""
    return (503, "".join(f"{problem}\n" for problem in problems)) if problems else (200, "ok\n")
