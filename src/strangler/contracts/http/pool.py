"""What answers tell about further requests: links, and values that fit a path parameter."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from strangler.contracts.http.matchers import SECRET_KEY

PARAMETER = re.compile(r"\{([^{}]*)\}")
LINK = re.compile(r"""(?:href|action|src)=["']([^"'<>\s]{1,300})["']""")
MOST = 40
"""Values kept for one name."""


class Pool:
    """Grows with every answer; order of discovery is kept, so the same answers give the same requests."""

    def __init__(self, given: dict[str, list[str]]) -> None:
        self._given = given
        self._values: dict[str, dict[str, None]] = defaultdict(dict)
        self.links: dict[tuple[str, tuple[tuple[str, str], ...]], None] = {}

    def learn(self, observation: dict[str, Any], path: str) -> None:
        """Take in an answer to a request for ``path``."""
        if "location" in observation["headers"]:
            self._link(observation["headers"]["location"], path)
        if "json" in observation:
            self._walk(observation["json"], path, "")
        for line in observation.get("text", ()):
            for link in LINK.findall(line):
                self._link(link, path)
            for day in re.findall(r"\b\d{4}-\d\d-\d\d\b", line)[:5]:
                self._value("date", day)

    def _walk(self, value: Any, path: str, key: str) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                self._walk(item, path, name)
                if isinstance(item, list | dict):
                    continue
                if isinstance(item, str | int) and not isinstance(item, bool):
                    self._value(f"{path}:{name}", str(item))
        elif isinstance(value, list):
            for item in value:
                self._walk(item, path, key)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            text = str(value)
            self._value(key, text)
            if re.match(r"\d{4}-\d\d-\d\d", text):
                self._value("date", text[:10])
            if text.startswith(("/", "{base}", "?")):
                self._link(text, path)

    def _value(self, name: str, text: str) -> None:
        known = self._values[name]
        if text and len(text) <= 80 and len(known) < MOST and "/" not in text:
            known[text] = None

    def _link(self, text: str, path: str) -> None:
        split = urlsplit(text.replace("{base}", "").replace("&amp;", "&"))
        if split.netloc or split.scheme:
            return
        query = tuple(parse_qsl(split.query))
        if not any(SECRET_KEY.search(name) for name, _ in query) and len(self.links) < 2000:
            self.links[unquote(split.path) or path, query] = None

    def paths(self, template: str) -> Iterator[str]:
        """Paths that may be served by an endpoint, the likeliest first."""
        names = PARAMETER.findall(template)
        if not names:
            yield template
            return
        form = re.compile("[^/]+".join(re.escape(part) for part in PARAMETER.split(template)[::2]))
        seen = set()
        values = [self._candidates(name, template) for name in names]
        if any(name in self._given for name in names):
            for path in self._filled(template, names, values):
                seen.add(path)
                yield path
        for path, _ in list(self.links):
            if form.fullmatch(path) and path not in seen:
                seen.add(path)
                yield path
        for chosen in product(*(found[: 8 if len(names) == 1 else 3] for found in values)):
            path = fill(template, list(chosen))
            if path not in seen:
                seen.add(path)
                yield path

    def _filled(self, template: str, names: list[str], values: list[list[str]]) -> list[str]:
        """Paths with the values that the team gave, in their order; of other parameters the likeliest two."""
        chosen = [self._given.get(name) or found[:2] for name, found in zip(names, values, strict=True)]
        return [fill(template, list(one)) for one in product(*chosen)]

    def _candidates(self, name: str, template: str) -> list[str]:
        """Given values; those of the collection above; of the same name anywhere; small numbers."""
        parent = template.partition("{")[0].rstrip("/")
        bare = re.sub(r"_?(id|pk|uuid|slug|no|number)$", "", name)
        keys = [name, "id", "pk", "uuid", "slug", "number", "code", "name"]
        found = list(self._given.get(name, ()))
        for place in (parent, parent + "/"):
            for key in keys:
                found += self._values.get(f"{place}:{key}", ())
        found += [value for key in (name, f"{bare}_id", bare) for value in self._values.get(key, ())]
        if re.search(r"date|day|month|since|until|\bon\b", name):
            found += self._values.get("date", ())
        if name == "format":
            found.insert(0, "json")
        if name == "year":
            found += [value[:4] for value in self._values.get("date", ())]
        return list(dict.fromkeys([*found, "1", "2", "3"]))

    def queries(self, path: str) -> list[tuple[tuple[str, str], ...]]:
        """Query strings that answers linked to for a path: pages, filters, orders."""
        return [query for linked, query in self.links if linked == path and query]


def fill(template: str, values: list[str]) -> str:
    """The path with its parameters put in."""
    rest = iter(values)
    return PARAMETER.sub(lambda match: next(rest), template)
