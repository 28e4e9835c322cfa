"""Names of tables and schemas as the code states them, and whether they may be others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from strangler.analyzers.python.text import text_of
from strangler.analyzers.python.values import Const, Guess, Text, Value

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import ModuleScope

Doubt = Literal["", "doubtful-table", "unresolved-table"]
"""The code of what is to be said of a table's name; empty where it is certain."""


class StatedName(NamedTuple):
    """A name that an option, an attribute or an argument states."""

    text: str
    """The name as it is where nothing from outside decides otherwise, or what is known of it."""
    doubt: Doubt = ""
    """The code of what is to be said of it: it may be another one, or a part of it is not known."""


def stated_name(value: Value | None) -> StatedName:
    """What a value says as a name; no text where it states none, or nothing is known of it."""
    if value is None:
        return StatedName("")
    options = list(value.options())
    texts = list(dict.fromkeys(text for one in options if (text := text_of(one))))
    if texts:
        certain = len(texts) == 1 and all(type(one) is Const for one in options)
        certain = certain and not getattr(value, "open", False)
        return StatedName(texts[0], "" if certain else "doubtful-table")
    if all(isinstance(one, Const) and not isinstance(one, Guess) for one in options):
        return StatedName("", "doubtful-table" if getattr(value, "open", False) else "")
    parts = [part for one in options if isinstance(one, Text) for part in one.parts if part]
    guess = all(isinstance(one, Const) for one in options)
    return StatedName("".join(parts).strip("_."), "doubtful-table" if guess else "unresolved-table")


def full_name(name: StatedName, schema: StatedName) -> StatedName:
    """The name within its schema, with the graver doubt of the two."""
    text = f"{schema.text}.{name.text}" if schema.text and name.text else name.text
    return StatedName(text, max(name.doubt, schema.doubt))


def tell_doubt(interp: Interpreter, module: ModuleScope, line: int, what: str, name: StatedName) -> None:
    """Say that a table's name may be another one than that under which it is listed, if it may."""
    if name.doubt == "unresolved-table":
        listed = f"it is listed as {name.text}" if name.text else "it is not listed"
        message = f"{what}: a part of its table's name cannot be told; {listed}"
    elif name.doubt:
        listed = name.text or "its usual one"
        message = f"{what}: the environment or a setting may give its table another name than {listed}"
    else:
        return
    interp.log.failed(module, line, name.doubt, message)
