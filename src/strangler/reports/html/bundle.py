"""Join the page's small ES modules into one inline script.

A single file has no place to import from, so the modules share one scope: their ``import`` lines and
``export`` words go, each file once, after those it imports. Names at the top level of all files differ
(checked here), so nothing changes its meaning.
"""

from __future__ import annotations

import re
from functools import cache

from strangler.pages import base_style
from strangler.reports.html.assets import asset

ENTRY = "main.js"
STYLES = ("parts.css", "views.css", "print.css")
GLOBALS = frozenset({"document", "event", "history", "location", "navigator", "screen", "status", "window"})
"""Names of the browser that a function of ours must not hide."""
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class)\b)", re.MULTILINE)
_BARE = re.compile(r"^(?: *//.*\n| +)", re.MULTILINE)
"""What a reader needs and a browser does not: comments on lines of their own, and indentation."""
_TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)


@cache
def script() -> str:
    """The whole script.

    Raises:
        ValueError: two files define the same name, a name hides one of the browser, or a text would end the
            script block.
    """
    parts: dict[str, str] = {}
    _add(ENTRY, parts)
    owners: dict[str, str] = {}
    for file, source in parts.items():
        for name in _TOP_LEVEL.findall(source):
            if name in GLOBALS:
                raise ValueError(f"{name} in {file} hides a name of the browser")
            if name in owners:
                raise ValueError(f"{name} is defined in {owners[name]} and in {file}")
            owners[name] = file
    joined = "\n".join(_EXPORT.sub("", _IMPORT.sub("", source)) for source in parts.values())
    if any(line.count("`") % 2 for line in joined.splitlines()):
        raise ValueError("a text between backticks must not go on in the next line: its spaces would be lost")
    return _safe(_BARE.sub("", joined))


@cache
def style() -> str:
    """All style sheets."""
    return _safe("\n".join((base_style(), *map(asset, STYLES))))


def _add(name: str, parts: dict[str, str]) -> None:
    source = asset(name)
    for needed in _IMPORT.findall(source):
        if needed not in parts:
            _add(needed, parts)
    parts[name] = source


def _safe(text: str) -> str:
    if "</" in text or "<!--" in text:
        raise ValueError("a script or style must not contain '</' or '<!--'")
    return text
