"""From two answers to the same request: what may differ, as typed matchers; and no secret in what is kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from strangler.contracts.http.suite.contract import EMAIL, kind_of, parts, same
from strangler.credentials import MASK
from strangler.secrets import SECRET_KEY, Hiding

NEAR = timedelta(minutes=5)
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d")
"""How the day of the recording is written inside a text."""
Matchers = dict[str, dict[str, Any]]


def compare(first: dict[str, Any], second: dict[str, Any], now: datetime | None = None) -> Matchers:
    """Matchers for all that differs between two observations, and for moments close to ``now``."""
    one, two = parts(first), parts(second)
    found: Matchers = {
        path: {**kind_of(value), "why": "close to the time of recording"}
        for path, value in one.items()
        if now is not None and path.startswith("json") and isinstance(value, str) and _close(value, now)
    }
    for path in sorted({*one, *two}):
        if path in one and path in two and same(one[path], two[path]):
            continue
        if path.endswith(("[]", "{}")):
            found[path[:-2] + "[]"] = {
                "type": "any_list",
                "why": "length or keys differ between two recordings",
            }
        elif path in one and path in two:
            found[path] = _between(one[path], two[path])
        elif path.startswith("header."):
            found[path] = {"type": "any", "why": "came once in two recordings"}
    if now is not None:
        _undate(found, one, now)
    for matcher in found.values():
        if matcher["type"] == "regex":
            matcher["pattern"] = loosened(matcher["pattern"])
    return found


def _undate(found: Matchers, texts: dict[str, Any], now: datetime) -> None:
    """Let no matcher, and no text without one, hold the day of the recording: tomorrow there is another."""
    days = {(now + timedelta(days=shift)).strftime(form): None for shift in (-1, 0, 1) for form in DATES}
    for path, value in texts.items():
        if not path.startswith(("json", "text")) or not isinstance(value, str):
            continue
        matcher = found.get(path)
        if matcher is not None and matcher["type"] != "regex":
            continue
        kept = matcher["pattern"] if matcher is not None else re.escape(value)
        pattern = kept
        for day in days:
            pattern = pattern.replace(re.escape(day), re.sub(r"\d", r"\\d", re.escape(day)))
        if pattern != kept:
            why = matcher["why"] if matcher is not None else "holds the day of the recording"
            found[path] = {"type": "regex", "pattern": pattern, "why": why}


def _close(text: str, now: datetime) -> bool:
    """Whether a text is a moment within minutes of ``now``."""
    kind = kind_of(text)
    if kind["type"] != "datetime":
        return False
    moment = datetime.fromisoformat(text)
    zone = moment.tzinfo or now.tzinfo
    return abs(moment.replace(tzinfo=zone) - now) < NEAR


def _between(a: Any, b: Any) -> dict[str, Any]:
    why = "differs between two recordings"
    left, right = kind_of(a), kind_of(b)
    if left == right and left["type"] != "string":
        return {**left, "why": why}
    if left["type"] == right["type"] == "string":
        return {"type": "regex", "pattern": _pattern(a, b), "why": why}
    return {"type": "any", "why": f"{why}: {left['type']} and {right['type']}"}


def _pattern(a: str, b: str) -> str:
    """What both begin and end with, by whole words, numbers and times, and anything between.

    Characters of a word that differs are not taken: two random values may share their first by chance, and
    two moments their seconds.
    """
    limit = min(len(a), len(b))
    head = next((i for i in range(limit) if a[i] != b[i]), limit)
    head = min(_whole(a, head), _whole(b, head))
    tail = next((i for i in range(limit - head) if a[-1 - i] != b[-1 - i]), limit - head)
    tail = min(_whole(a[::-1], tail), _whole(b[::-1], tail))
    between = ".+" if min(len(a), len(b)) > head + tail else ".*"
    return f"{re.escape(a[:head])}{between}{re.escape(a[len(a) - tail :] if tail else '')}"


def _whole(text: str, place: int) -> int:
    """Where the word, number or time begins that goes on at a place; the place itself between two."""
    start = place
    if place < len(text) and text[place].isalnum():
        while start and text[start - 1].isalnum():
            start -= 1
        while (match := re.search(r"\d[-.:,_]$|\d$", text[:start])) and text[start].isdigit():
            start = match.start()
    return start


def masked(
    observation: dict[str, Any], known: Iterable[str], own: Collection[str] = ()
) -> tuple[dict[str, Any], Matchers]:
    """The observation without secrets, and matchers for the places where they stood.

    Args:
        known: secrets that were sent; wherever an answer repeats one, it is masked.
        own: texts that stand in the request itself: they are kept.
    """
    hiding = Hiding(known)
    found: Matchers = {}

    def hidden(path: str, value: str, shown: str) -> str:
        if shown != value:
            found[path] = {
                "type": "regex",
                "pattern": loosened(re.escape(shown)),
                "why": "masked: looks like a secret",
            }
        return shown

    def walk(value: Any, path: str, key: str) -> Any:
        if isinstance(value, dict) and set(value) != {"$number"}:
            return {name: walk(item, f"{path}.{name}", name) for name, item in value.items()}
        if isinstance(value, list):
            return [walk(item, f"{path}[{index}]", key) for index, item in enumerate(value)]
        if isinstance(value, int) and not isinstance(value, bool) and key and SECRET_KEY.search(key):
            found[path] = {"type": "integer", "why": "masked: secret by name"}
            return 0
        if not isinstance(value, str) or not value or value in own:
            return value
        if SECRET_KEY.search(key):
            found[path] = {**kind_of(value), "why": "masked: secret by name"}
            return MASK
        if EMAIL.fullmatch(value):
            found[path] = {"type": "email", "why": "masked: e-mail address"}
            return MASK
        return hidden(path, value, hiding.text(value))

    clean = dict(observation)
    clean["headers"] = {name: walk(value, f"header.{name}", name) for name, value in clean["headers"].items()}
    if "json" in clean:
        clean["json"] = walk(clean["json"], "json", "")
    if "text" in clean:
        shown = hiding.text("\n".join(clean["text"])).split("\n") if clean["text"] else []
        clean["text"] = [
            line if line in own else hidden(f"text[{index}]", line, one)
            for index, (line, one) in enumerate(zip(clean["text"], shown, strict=True))
        ]
    return clean, found


def loosened(pattern: str) -> str:
    """A pattern that takes any text where the escaped one has the mask of a secret."""
    return pattern.replace(re.escape(MASK), r"\S.*?")
