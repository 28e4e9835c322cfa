"""The words of the reports: one file, used by the Python writers and by the page."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

from strangler.contexts.ranking import EXCLUSIONS
from strangler.contexts.sureness import GOOD, GUESS, HIGH, NEAR_SURE

_PLACE = re.compile(r"\{(\w+)\}")
_SCALE = {"guess": GUESS, "near_sure": NEAR_SURE, "good": GOOD, "high": HIGH}
"""Places in texts that are the same everywhere: the steps of the scale of sureness."""


@cache
def texts() -> dict[str, str]:
    """Key -> English text with ``{name}`` places; ``key_one`` is the form for ``n`` = 1."""
    source = files("strangler.reports") / "assets" / "text.json"
    loaded: dict[str, str] = json.loads(source.read_text(encoding="utf-8"))
    for step, share in _SCALE.items():
        loaded = {key: text.replace(f"{{{step}}}", percent(share)) for key, text in loaded.items()}
    return loaded | {f"excluded.{key}": reason for key, reason in EXCLUSIONS.items()}


def t(key: str, /, **values: object) -> str:
    """The text of a key with its places filled; numbers get thousands separators.

    Raises:
        KeyError: no such text, or a place without a value.
    """
    table = texts()
    template = table.get(f"{key}_one", table[key]) if values.get("n") == 1 else table[key]
    return _PLACE.sub(lambda match: shown(values[match[1]]), template)


def shown(value: object) -> str:
    """A value as people read it: 1234 -> 1,234; 0.5 -> 0.5."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def percent(share: float | None) -> str:
    """0.347 -> 35 % (with a space that does not break); never rounded up to 100 or down to 0."""
    if share is None:
        return "–"
    whole = round(100 * share)
    if whole == 100 and share < 1:
        return "over 99\N{NO-BREAK SPACE}%"
    return "under 1\N{NO-BREAK SPACE}%" if whole == 0 and share > 0 else f"{whole}\N{NO-BREAK SPACE}%"
