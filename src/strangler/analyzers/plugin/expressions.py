"""Regular expressions that a URL has to match: what they look like as paths, and joined with others."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

# The parser of ``re`` has no public name of its own.
constants: Any = re._constants  # type: ignore[attr-defined]
parser: Any = re._parser  # type: ignore[attr-defined]


class UrlExpression(NamedTuple):
    """A regular expression of a URL pattern."""

    path: str
    """As a path: groups are parameters, and so is what has no single form of its own; a dot is itself."""
    regex: str
    """Neither anchored nor with named groups, so that several can be joined."""
    starts: bool
    """It begins with ``^``."""
    ends: bool
    """It ends with ``$``."""


def url_expression(pattern: str) -> UrlExpression:
    """A regular expression of a URL pattern, as ``re_path()`` and the like take it."""
    text = pattern.strip() if "\n" in pattern else pattern
    flags = ""
    match = re.match(r"\(\?([aiLmsux]+)\)", text)
    if match:
        flags, text = match[1], text[match.end() :]
    starts = text.startswith(("^", r"\A"))
    ends = bool(re.search(r"(?<!\\)(?:\\\\)*\$$", text)) or text.endswith((r"\Z", r"\z"))
    body = text[1 if text.startswith("^") else 2 :] if starts else text
    if ends:
        body = body[:-1] if body.endswith("$") else body[:-2]
    try:
        path = _readable(parser.parse(body))
    except (re.error, RecursionError, OverflowError):
        path = "{unreadable}"
    regex = without_names(body)
    if flags:
        regex = f"(?{''.join(sorted(set(flags) - {'L', 'x'}))}:{regex})"
    elif "|" in body:
        regex = f"(?:{regex})"
    return UrlExpression(path, regex, starts, ends)


def without_names(expression: str) -> str:
    """The expression without group names, so that several can be joined."""
    return re.sub(r"\(\?P<\w+>", "(?:", expression)


def _readable(tokens: Any) -> str:
    """What a parsed expression looks like as a path; an optional character is left out."""
    parts: list[str] = []
    for operation, value in tokens:
        if operation is constants.LITERAL:
            parts.append(chr(value))
        elif operation is constants.ANY:
            parts.append(".")
        elif operation is constants.SUBPATTERN:
            group, _, _, inner = value
            parts.append(_readable(inner) if group is None else f"{{{_group_name(tokens, group)}}}")
        elif operation in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            low, high, inner = value
            groups = [v[0] for op, v in inner if op is constants.SUBPATTERN and v[0] is not None]
            if groups:
                parts.append(f"{{{_group_name(tokens, groups[0])}}}")
            elif (low, high) != (0, 1):
                parts.append("{}")
        elif operation is constants.IN and len(value) == 1 and value[0][0] is constants.LITERAL:
            parts.append(chr(value[0][1]))
        elif operation not in (constants.AT, constants.ASSERT, constants.ASSERT_NOT):
            parts.append("{}")
    return re.sub(r"(?:\{\}){2,}", "{}", "".join(parts))


def _group_name(tokens: Any, group: int) -> str:
    for name, index in tokens.state.groupdict.items():
        if index == group:
            return str(name)
    return f"arg{group}"
