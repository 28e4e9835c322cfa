"""Strings: what concatenation, formatting and the methods of ``str`` give."""

from __future__ import annotations

import re
from collections.abc import Iterable

from strangler.analyzers.python.values import UNKNOWN, Args, Const, Guess, Sequence, Text, Value, doubted

_PLAIN = {
    "lower", "upper", "title", "capitalize", "swapcase", "strip", "lstrip", "rstrip", "removeprefix",
    "removesuffix", "replace", "casefold", "zfill", "center", "ljust", "rjust", "expandtabs",
}  # fmt: skip
_QUESTIONS = {
    "startswith",
    "endswith",
    "isdigit",
    "isalpha",
    "isupper",
    "islower",
    "isidentifier",
    "find",
    "count",
}
_PERCENT = re.compile(r"%(?:\((?P<name>[^)]*)\))?[-#0 +]*\d*(?:\.\d+)?[a-zA-Z%]")
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}:!]*)(?:![rsa])?(?::[^{}]*)?\}")


def build(parts: Iterable[str | None]) -> Value:
    """A string from known parts and holes; neighbouring parts are joined."""
    joined: list[str | None] = []
    for part in parts:
        if part is not None and joined and joined[-1] is not None:
            joined[-1] += part
        elif part is not None or not joined or joined[-1] is not None:
            joined.append(part)
    if not joined:
        return Const("")
    if len(joined) == 1:
        return Const(joined[0]) if joined[0] is not None else Text([None])
    return Text(joined)


def parts_of(value: Value) -> list[str | None]:
    """The parts of a value when it is put into a string; a hole where it is not known."""
    if isinstance(value, Const) and not isinstance(value.value, float):
        return [str(value.value)]
    if isinstance(value, Text):
        return list(value.parts)
    return [None]


def guessed(result: Value, *sources: Value) -> Value:
    """What is made of a guess is a guess."""
    if not any(isinstance(source, Guess) for source in sources):
        return result
    if isinstance(result, Sequence):
        return Sequence([doubted(item) for item in result.items], result.kind, True)
    return doubted(result)


def operate(left: Value, operator: str, other: Value) -> Value:
    """``+`` and ``%`` on strings, arithmetic on numbers."""
    inside = other.items if isinstance(other, Sequence) else ()
    return guessed(_operate(left, operator, other), left, other, *inside)


def _operate(left: Value, operator: str, other: Value) -> Value:
    if isinstance(left, Const) and not isinstance(left.value, str):
        if isinstance(other, Const) and _numbers(left.value, other.value):
            if operator == "+":
                return Const(left.value + other.value)
            if operator == "-":
                return Const(left.value - other.value)
            if operator == "*":
                return Const(left.value * other.value)
        return UNKNOWN
    if operator == "+":
        return build([*parts_of(left), *parts_of(other)])
    if operator == "r+":
        return build([*parts_of(other), *parts_of(left)])
    if operator == "%":
        return _percent(left, other)
    return UNKNOWN


def _numbers(a: object, b: object) -> bool:
    return isinstance(a, int) and isinstance(b, int) and max(abs(a), abs(b)) < 1 << 31


def _percent(template: Value, arguments: Value) -> Value:
    given = arguments.items if isinstance(arguments, Sequence) and arguments.kind == "tuple" else [arguments]
    named = getattr(arguments, "items", {}) if not isinstance(arguments, Sequence) else {}
    parts: list[str | None] = []
    position = 0
    for text in parts_of(template):
        if text is None:
            parts.append(None)
            continue
        end = 0
        for match in _PERCENT.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            if match[0].endswith("%"):
                parts.append("%")
            elif match["name"] is not None:
                value = named.get(match["name"]) if isinstance(named, dict) else None
                parts += parts_of(value if value is not None else UNKNOWN)
            else:
                parts += parts_of(given[position] if position < len(given) else UNKNOWN)
                position += 1
        parts.append(text[end:])
    return build(parts)


def _format(template: Value, args: Args) -> Value:
    parts: list[str | None] = []
    position = 0
    for text in parts_of(template):
        if text is None:
            parts.append(None)
            continue
        end = 0
        for match in _BRACES.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            name = match["name"]
            if name is None:
                parts.append(match[0][0])
                continue
            if name == "":
                name, position = str(position), position + 1
            value = args.get(int(name), None) if name.isdigit() else args.get(None, name)
            parts += parts_of(value if value is not None else UNKNOWN)
        parts.append(text[end:])
    return build(parts)


def call_method(receiver: Value, name: str, args: Args, items: list[Value], exact: bool) -> Value:
    """A method of ``str``; ``items`` are the elements of the first argument (for ``join``)."""
    result = _call_method(receiver, name, args, items, exact)
    return guessed(result, receiver, *args.all(), *(items if name == "join" else ()))


def _call_method(receiver: Value, name: str, args: Args, items: list[Value], exact: bool) -> Value:
    if name == "format":
        return _format(receiver, args)
    if name == "join":
        if not exact:
            return Text([None])
        parts: list[str | None] = []
        for index, item in enumerate(items):
            if index:
                parts += parts_of(receiver)
            parts += parts_of(item)
        return build(parts)
    known = [a.value for a in args.positional if isinstance(a, Const)]
    if isinstance(receiver, Const) and len(known) == len(args.positional):
        try:
            if name in _PLAIN or name in _QUESTIONS:
                return Const(getattr(receiver.value, name)(*known))
            if name in ("split", "rsplit", "splitlines", "partition", "rpartition"):
                return Sequence([Const(part) for part in getattr(receiver.value, name)(*known)])
        except (TypeError, ValueError, MemoryError, OverflowError):
            return UNKNOWN
    if name in _PLAIN:
        return Text([None]) if name != "strip" or isinstance(receiver, Const) else receiver
    if name in ("encode", "decode", "as_string"):
        return receiver
    return UNKNOWN
