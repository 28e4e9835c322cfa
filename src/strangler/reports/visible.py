"""Characters that hide or turn text around, made visible before a person reads a name."""

from __future__ import annotations

import re

_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_JSON_CONTROL = re.compile(r"\\(?:\\|u00(?P<code>[01][0-9a-f]))")


def visible(text: str) -> str:
    """Replace control, direction, zero-width and surrogate characters by their code: ``⟨U+202E⟩``."""
    return _HIDDEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


def visible_json(text: str) -> str:
    """The same for every string of a JSON text, whose escapes ``\\u0000`` to ``\\u001f`` are seen too."""
    return visible(
        _JSON_CONTROL.sub(lambda match: f"⟨U+00{match['code'].upper()}⟩" if match["code"] else match[0], text)
    )
