"""What the patterns of a URL table have matched so far, as Django's resolver matches them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.frameworks.django import patterns
from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.frameworks.django.urlconf import Translated
from strangler.analyzers.plugin import Const, Sequence, Text, Value

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.analyzers.plugin import Interpreter

_LANGUAGE = "[a-z]{2,3}(?:-[a-z0-9]{2,8})*"
_ANYTHING = ".*"


class Prefix(NamedTuple):
    """What the patterns above an include, and the one of an entry itself, match."""

    path: str = "/"
    pattern: str = ""
    regex: str = "/"
    exact: bool = True
    host: str = ""
    """Regular expression of the host names for which the table is used; empty: of any."""
    conditions: tuple[str, ...] = ()
    """What must hold for the includes above to be there, where it is not known."""


class Converters:
    """The registered path converters: their expressions, and which of them refuse some of what these take."""

    def __init__(self, interp: Interpreter) -> None:
        self.expressions = {"drf_format_suffix": r"\.[a-z0-9]+/?"}
        self.inexact: set[str] = set()
        for name, converter in interp.state(Notes).converters:
            found = converter.find("regex")
            if found is not None and isinstance(found[0], Const):
                self.expressions[name] = str(found[0].value)
            if converter.find("to_python") is not None:
                self.inexact.add(name)


def join(
    prefix: Prefix, route: Value | None, is_path: bool, converters: Converters, *, nested: bool
) -> Prefix:
    """The prefix with the route of an entry; ``nested`` where the entry is an include."""
    exact = prefix.exact
    known = [o for o in route.options() if isinstance(o, Const)] if route is not None else []
    if known and not isinstance(route, Const):
        route, exact = known[0], False  # one of several: what needs no configuration
    if isinstance(route, Translated):
        text = str(route.value)
        return prefix._replace(
            path=prefix.path + text,
            pattern=prefix.pattern + text,
            regex=prefix.regex + ".+",  # in another language it is another word
            exact=False,
        )
    if isinstance(route, Const) and isinstance(route.value, str):
        text = route.value
    elif isinstance(route, Text):  # a part of the pattern is not known
        text, named = _with_holes(route, is_path)
        exact = exact and named
    else:
        return prefix._replace(
            path=prefix.path + "{unknown}",
            pattern=prefix.pattern + "?",
            regex=prefix.regex + _ANYTHING,
            exact=False,
        )
    if is_path:
        normal, regex = patterns.of_path(text, converters.expressions | {"unknown": _ANYTHING})
        return prefix._replace(
            path=prefix.path + normal,
            pattern=prefix.pattern + text,
            regex=prefix.regex + regex,
            exact=exact and not any(f"<{name}:" in text for name in converters.inexact),
        )
    found = patterns.of_regex(text)
    # An include searches for its expression; an entry that ends with a dollar has to match as a whole.
    starts = found.starts or (not found.regex and not found.ends) or (not nested and text.endswith("$"))
    before = "" if starts else _ANYTHING
    after = "" if nested or found.ends else _ANYTHING
    if nested and not starts and found.regex:
        exact = False  # what follows must stand behind the first place that the expression is found at
    return prefix._replace(
        path=prefix.path + found.path,
        pattern=prefix.pattern + (text if not prefix.pattern else text.removeprefix("^")),
        regex=prefix.regex + before + found.regex + after,
        exact=exact,
    )


def _with_holes(route: Text, is_path: bool) -> tuple[str, bool]:
    """The text of a route with a parameter, or a named group, for each part that is not known.

    A part that is only the name of a group decides nothing: the second value says whether all are such.
    """
    written: list[str] = []
    only_names = True
    for index, part in enumerate(route.parts):
        if part is not None:
            written.append(part)
            continue
        name = "unknown" if index < 2 else f"unknown{index}"
        if not is_path and written and written[-1].endswith("(?P<"):
            written.append(name)
            continue
        only_names = False
        written.append(f"<unknown:{name}>" if is_path else f"(?P<{name}>{_ANYTHING})")
    return "".join(written), only_names


def behind_language(interp: Interpreter, settings: Settings, prefix: Prefix, default: bool) -> Prefix:
    """The prefix of what ``i18n_patterns`` holds; ``default``: also for the default language."""
    languages = settings.get(interp, "LANGUAGES")
    codes = []
    items, exact = languages.elements(interp, interp.root_frame)
    for item in items:
        code = item.items[0] if isinstance(item, Sequence) and item.items else item
        if isinstance(code, Const):
            codes.append(re.escape(str(code.value)))
    known = bool(codes) and exact and len(codes) == len(items)
    expression = f"(?:{'|'.join(codes)})/" if known else f"(?:{_LANGUAGE})/"
    if not default:
        expression = f"(?:{expression})?"
    return prefix._replace(
        path=prefix.path + ("{language_code}/" if default else ""),
        pattern=prefix.pattern + "<language>/",
        regex=prefix.regex + expression,
        exact=prefix.exact and known,
    )
