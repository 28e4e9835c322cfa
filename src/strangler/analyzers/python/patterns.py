"""``re`` on known strings: names of tables, routes and tasks are often made with it.

Patterns come from the analysed code: only short ones with few ways through a text are run, on short strings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from strangler.analyzers.python.values import (
    NONE,
    UNKNOWN,
    Args,
    Const,
    External,
    Function,
    Sequence,
    Text,
    Value,
)

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.knowledge import Knowledge

LONGEST_PATTERN, LONGEST_TEXT = 120, 64
MOST_WAYS = (LONGEST_TEXT + 1) ** 3
"""Ways through a text that are tried at most: those of three repetitions without a bound."""


class Pattern(Value):
    """``re.compile(...)`` of a known pattern."""

    __slots__ = ("regex",)

    def __init__(self, regex: re.Pattern[str]) -> None:
        self.regex = regex

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return _PatternMethod(self, name)

    def key(self) -> object:
        return ("re", self.regex.pattern)


class _PatternMethod(Value):
    __slots__ = ("name", "pattern")

    def __init__(self, pattern: Pattern, name: str) -> None:
        self.pattern = pattern
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        return _apply(interp, self.pattern.regex, self.name, args, frame)


class Match(Value):
    """A match object."""

    __slots__ = ("match",)

    def __init__(self, match: re.Match[str]) -> None:
        self.match = match

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return _MatchMethod(self, name)

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return self.group(key)

    def group(self, key: Value | None) -> Value:
        """One group of the match."""
        wanted = key.value if isinstance(key, Const) else 0
        try:
            return Const(self.match.group(wanted))
        except (IndexError, TypeError):
            return UNKNOWN

    def truth(self) -> bool | None:
        return True


class _MatchMethod(Value):
    __slots__ = ("name", "of")

    def __init__(self, of: Match, name: str) -> None:
        self.of = of
        self.name = name

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        if self.name == "group":
            return self.of.group(args.get(0))
        if self.name == "groups":
            return Sequence([Const(g) for g in self.of.match.groups()], "tuple")
        return UNKNOWN


def compiled(pattern: object, flags: int = 0) -> re.Pattern[str] | None:
    """The pattern, if running it on short strings is sure to end soon."""
    if not isinstance(pattern, str) or len(pattern) > LONGEST_PATTERN:
        return None
    try:
        tree = re._parser.parse(pattern, flags)  # type: ignore[attr-defined]
        if _ways(tree) > MOST_WAYS:
            return None
        return re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError, ValueError):
        return None


def _ways(tree: Any) -> int:
    """In how many ways the engine may walk through a text of `LONGEST_TEXT` before it gives up, at most.

    A choice adds its ways, what follows each other multiplies them, and so does each round of a repetition.
    """
    found = 1
    for operation, value in tree:
        name = str(operation)
        if "REPEAT" in name:
            least, most, inner = value
            rounds = min(int(most), LONGEST_TEXT)
            ways = _ways(inner)
            found *= max(rounds - int(least), 0) + 1
            found *= ways**rounds if ways > 1 and rounds < 20 else MOST_WAYS + 1 if ways > 1 else 1
        elif name == "BRANCH":
            found *= sum(_ways(branch) for branch in value[1])
        elif name in ("SUBPATTERN", "ASSERT", "ASSERT_NOT", "ATOMIC_GROUP"):
            found *= _ways(value if name == "ATOMIC_GROUP" else value[-1])
        elif "GROUPREF" in name:
            return MOST_WAYS + 1
        if found > MOST_WAYS:
            return MOST_WAYS + 1
    return found


def _apply(interp: Interpreter, regex: re.Pattern[str], name: str, args: Args, frame: Frame) -> Value:
    subject = args.get(1 if name == "sub" else 0, "string")
    if (
        not isinstance(subject, Const)
        or not isinstance(subject.value, str)
        or len(subject.value) > LONGEST_TEXT
    ):
        return Text([None]) if name in ("sub", "subn") else UNKNOWN
    text = subject.value
    if name == "split":
        return Sequence([Const(part) for part in regex.split(text)])
    if name == "findall":
        rows = regex.findall(text)
        return Sequence(
            [Sequence([Const(p) for p in r], "tuple") if isinstance(r, tuple) else Const(r) for r in rows]
        )
    if name in ("match", "search", "fullmatch"):
        found = getattr(regex, name)(text)
        return Match(found) if found is not None else NONE
    if name == "finditer":
        return Sequence([Match(m) for m in regex.finditer(text)])
    if name == "sub":
        return _sub(interp, regex, args.get(0, "repl"), text, frame)
    return UNKNOWN


def _sub(interp: Interpreter, regex: re.Pattern[str], repl: Value | None, text: str, frame: Frame) -> Value:
    if isinstance(repl, Const) and isinstance(repl.value, str):
        try:
            return Const(regex.sub(repl.value, text))
        except (re.error, IndexError):
            return UNKNOWN
    if isinstance(repl, Function):
        parts: list[str] = []
        end = 0
        for match in regex.finditer(text):
            value = repl.call(interp, Args([Match(match)]), frame)
            if not isinstance(value, Const) or not isinstance(value.value, str):
                return Text([None])
            parts += [text[end : match.start()], value.value]
            end = match.end()
        return Const("".join([*parts, text[end:]]))
    return Text([None])


def _function(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``re.sub(pattern, ...)`` and its like."""
    first = args.get(0, "pattern")
    name = external.name.rpartition(".")[2]
    regex = first.regex if isinstance(first, Pattern) else None
    if regex is None and isinstance(first, Const):
        regex = compiled(first.value)
    if name == "compile":
        return Pattern(regex) if regex is not None and len(args.positional) == 1 else None
    if regex is None:
        return Text([None]) if name == "sub" else None
    keywords = {k: v for k, v in args.keywords.items() if k != "pattern"}
    return _apply(
        interp,
        regex,
        name,
        Args(args.positional[1:] if first is args.get(0) else args.positional, keywords),
        frame,
    )


def _escape(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    """``re.escape``, of a text as far as it is known."""
    value = args.get(0, "pattern")
    if isinstance(value, Text):
        return Text([re.escape(part) if part is not None else None for part in value.parts])
    known = isinstance(value, Const) and isinstance(value.value, str)
    return Const(re.escape(value.value)) if known and isinstance(value, Const) else None


def teach(knowledge: Knowledge) -> None:
    """Register the functions of ``re``."""
    knowledge.calls["re.escape"] = _escape
    for name in ("compile", "sub", "split", "findall", "finditer", "match", "search", "fullmatch"):
        knowledge.calls[f"re.{name}"] = _function
