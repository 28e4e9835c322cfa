"""What the patterns of a URL table have matched so far, as Django's resolver matches them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from strangler.analyzers.frameworks.django import patterns
from strangler.analyzers.frameworks.django.catalogs import Catalogs
from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.frameworks.django.urlconf import Translated
from strangler.analyzers.plugin import Const, Sequence, Text, Value, is_default, url_expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.analyzers.frameworks.django.settings import Settings
    from strangler.analyzers.plugin import Interpreter
    from strangler.model import Endpoint

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
    languages: tuple[tuple[str, str], ...] = ()
    """Below ``i18n_patterns``: each language with an expression of its own; ``regex`` takes all of them."""

    def then(self, *, path: str, pattern: str, regex: str, exact: bool) -> Prefix:
        """The prefix and what follows it."""
        return self._replace(
            path=self.path + path,
            pattern=self.pattern + pattern,
            regex=self.regex + regex,
            exact=exact,
            languages=tuple((code, before + regex) for code, before in self.languages),
        )

    def translated(self, *, path: str, pattern: str, regexes: dict[str, str], exact: bool) -> Prefix:
        """The prefix and a route that is another one in each language: the expressions by language."""
        found = tuple((code, before + regexes[code]) for code, before in self.languages)
        whole = tuple(dict.fromkeys(regex for _, regex in found))
        return self._replace(
            path=self.path + path,
            pattern=self.pattern + pattern,
            regex=whole[0] if len(whole) == 1 else f"(?:{'|'.join(whole)})",
            exact=exact,
            languages=found,
        )


class Converters:
    """The registered path converters: their expressions, and which of them refuse some of what these take."""

    def __init__(self, interp: Interpreter) -> None:
        self.expressions = {"drf_format_suffix": r"\.[a-z0-9]+/?"}
        self.inexact: set[str] = set()
        settings = interp.state(Notes).settings
        self.catalogs = Catalogs(settings.tree) if settings is not None else None
        self.default = (settings.text(interp, "LANGUAGE_CODE") if settings is not None else None) or ""
        for name, converter in interp.state(Notes).converters:
            found = converter.find("regex")
            if found is not None and isinstance(found[0], Const):
                self.expressions[name] = str(found[0].value)
            if converter.find("to_python") is not None:
                self.inexact.add(name)

    def of_path(self, text: str) -> tuple[str, str]:
        """The readable form and the expression of the route of a ``path``."""
        return patterns.of_path(text, self.expressions | {"unknown": _ANYTHING})

    def refuse(self, text: str) -> bool:
        """Whether a converter of the route may refuse what its expression takes."""
        return any(f"<{name}:" in text for name in self.inexact)


def join(
    prefix: Prefix, route: Value | None, is_path: bool, converters: Converters, *, nested: bool
) -> Prefix:
    """The prefix with the route of an entry; ``nested`` where the entry is an include."""
    exact = prefix.exact
    known = [o for o in route.options() if isinstance(o, Const)] if route is not None else []
    if known and not isinstance(route, Const):
        route, exact = known[0], False  # one of several: what needs no configuration
    elif is_default(route):
        exact = False
    if isinstance(route, Translated):
        return _translated(prefix, str(route.value), is_path, converters, exact)
    if isinstance(route, Const) and isinstance(route.value, str):
        text = route.value
    elif isinstance(route, Text):  # a part of the pattern is not known
        text, named = _with_holes(route, is_path)
        exact = exact and named
    else:
        return prefix.then(path="{unknown}", pattern="?", regex=_ANYTHING, exact=False)
    if is_path:
        normal, regex = converters.of_path(text)
        return prefix.then(
            path=normal, pattern=text, regex=regex, exact=exact and not converters.refuse(text)
        )
    found = url_expression(text)
    # An include searches for its expression; an entry that ends with a dollar has to match as a whole.
    starts = found.starts or (not found.regex and not found.ends) or (not nested and text.endswith("$"))
    before = "" if starts else _ANYTHING
    after = "" if nested or found.ends else _ANYTHING
    if nested and not starts and found.regex:
        exact = False  # what follows must stand behind the first place that the expression is found at
    return prefix.then(
        path=found.path,
        pattern=text if not prefix.pattern else text.removeprefix("^"),
        regex=_searched(before, found.regex) + after,
        exact=exact,
    )


def _translated(prefix: Prefix, text: str, is_path: bool, converters: Converters, exact: bool) -> Prefix:
    """The prefix and a route that is looked up for each request: in another language it is another text."""
    normal = converters.of_path(text)[0] if is_path else url_expression(text).path
    catalogs = converters.catalogs
    if not is_path or not catalogs or not prefix.languages:
        return prefix.then(path=normal, pattern=text, regex=".+", exact=False)
    texts = {code: catalogs.text(text, code, converters.default) for code, _ in prefix.languages}
    return prefix.translated(
        path=normal,
        pattern=text,
        regexes={code: converters.of_path(one)[1] for code, one in texts.items()},
        exact=exact and not converters.refuse(text),
    )


def _searched(before: str, regex: str) -> str:
    """An expression that is searched for; with ``^`` inside, some of it holds at the beginning alone."""
    first = re.sub(r"(?<![\\\[])\^", "", regex)
    if not before or first == regex:
        return before + first
    later = re.sub(r"(?<![\\\[])\^", "(?!)", regex)
    return f"(?:{first}|{before}{later})"


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


def behind_language(interp: Interpreter, settings: Settings, prefix: Prefix, default: bool | None) -> Prefix:
    """The prefix of what ``i18n_patterns`` holds.

    ``default``: also for the default language; None: whether any language has one is not known.
    """
    languages = settings.get(interp, "LANGUAGES")
    codes = []
    items, exact = languages.elements(interp, interp.root_frame)
    for item in items:
        code = item.items[0] if isinstance(item, Sequence) and item.items else item
        if isinstance(code, Const):
            codes.append(str(code.value))
    known = bool(codes) and exact and len(codes) == len(items)
    main = settings.text(interp, "LANGUAGE_CODE")
    bare = [] if default is not False else [code for code in codes if code == main]
    prefixed = [re.escape(code) for code in codes if code not in bare]
    expression = f"(?:{'|'.join(prefixed)})/" if known and prefixed else f"(?:{_LANGUAGE})/"
    if not default:
        expression = f"(?:{expression})?" if prefixed or not known else ""
    found = prefix.then(
        path="{language_code}/" if default else "",
        pattern="<language>/",
        regex=expression,
        exact=prefix.exact and known and (default or bool(bare)),
    )
    if not known or default is None or not (default or bare):
        return found
    own = {code: "" if code in bare else f"{re.escape(code)}/" for code in codes}
    return found._replace(languages=tuple((code, prefix.regex + text) for code, text in own.items()))


def once(rows: list[Endpoint], both: Callable[[Endpoint], Prefix | None]) -> list[Endpoint]:
    """The rows; a URL and the same one with a format suffix, right behind it, are one.

    ``both`` gives for the row with the suffix what takes the two of them.
    """
    found: list[Endpoint] = []
    for row in rows:
        whole, plain = both(row), found[-1] if found else None
        if whole is not None and plain is not None:
            forms = {"pattern": whole.pattern, "regex": whole.regex}
            merged = structs.replace(plain, **forms)
            if merged == structs.replace(row, path=plain.path, order=plain.order, **forms):
                found[-1] = merged
                continue
        found.append(row)
    return found
