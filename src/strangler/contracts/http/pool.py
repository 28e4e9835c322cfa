"""What answers tell about further requests: links, and values that fit a path parameter."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, product
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from strangler.model import Input
from strangler.routing.matching import Expression, expression
from strangler.secrets import SECRET_KEY

FEW = 3
"""Parameters of a segment."""
PARAMETER = re.compile(r"\{([^{}]*)\}")
LINK = re.compile(r"""(?:href|action|src)=["']([^"'<>\s]{1,300})["']""")
MOST = 40
"""Values kept for one name."""
MOST_ABROAD = 500
MOST_LINKS = 2000
MOST_WALKED = 20_000
"""Values of one answer that are looked at."""


def form_of(template: str) -> re.Pattern[str]:
    """The paths of a template, its parameters as groups."""
    return re.compile(_shape(PARAMETER.split(template)[::2]))


def _shape(fixed: Sequence[str]) -> str:
    """Parameters, as groups, between fixed texts. Each takes as much as it can; as little, where there are so
    many in a segment that to try all ways would not end."""
    parts = [re.escape(part) for part in fixed]
    if all("/" in "".join(fixed[at : at + FEW]) for at in range(1, len(fixed) - FEW)):
        return "([^/]+)".join(parts)
    *between, last = parts[1:]
    return parts[0] + "".join(f"(?>([^/]+?){part})" for part in between) + f"([^/]+){last}"


class Pool:
    """Grows with every answer; order of discovery is kept, so the same answers give the same requests."""

    def __init__(self, given: dict[str, list[str]]) -> None:
        self._given = given
        self._values: dict[str, dict[str, None]] = defaultdict(dict)
        self.links: dict[tuple[str, tuple[tuple[str, str], ...]], None] = {}
        self._abroad: dict[str, None] = {}
        """Paths of links to other hosts: applications that know themselves by another name write such."""
        self._left = 0
        self.shown: dict[str, Any] = {}
        """Path -> the JSON object that it showed."""

    def learn(self, observation: dict[str, Any], path: str) -> None:
        """Take in an answer to a request for ``path``: its first `MOST_LINKS` links, its first values."""
        self._left = MOST_WALKED
        if "location" in observation["headers"]:
            self._link(observation["headers"]["location"], path)
        if "json" in observation:
            if isinstance(observation["json"], dict):
                self.shown.setdefault(path, observation["json"])
            self._walk(observation["json"], path, "")
        links = (found[1] for line in observation.get("text", ()) for found in LINK.finditer(line))
        for link in islice(links, MOST_LINKS):
            self._link(link, path)
        for line in observation.get("text", ())[:MOST_LINKS]:
            for day in re.findall(r"\b\d{4}-\d\d-\d\d\b", line)[:5]:
                self._value("date", day)

    def _walk(self, value: Any, path: str, key: str) -> None:
        self._left -= 1
        if self._left < 0:
            return
        if isinstance(value, dict):
            for name, item in value.items():
                self._walk(item, path, name)
                if isinstance(item, list | dict):
                    continue
                if isinstance(item, str | int) and not isinstance(item, bool):
                    self._value(f"{path}:{name}", str(item))
                    self._value(f"{key}:{name}", str(item))
        elif isinstance(value, list):
            for item in value:
                self._walk(item, path, key)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            text = str(value)
            self._value(key, text)
            if re.match(r"\d{4}-\d\d-\d\d", text):
                self._value("date", text[:10])
            if text.startswith(("/", "{base}", "?", "http://", "https://")):
                self._link(text, path)

    def _value(self, name: str, text: str) -> None:
        known = self._values[name]
        if text and len(text) <= 80 and len(known) < MOST and "/" not in text:
            known[text] = None

    def _link(self, text: str, path: str) -> None:
        try:
            split = urlsplit(text.replace("{base}", "").replace("&amp;", "&"))
            joined = urlsplit(urljoin(path, split.path)).path
        except ValueError:  # no address: ``https://[``
            return
        if split.netloc or split.scheme:
            if split.scheme in ("http", "https") and len(self._abroad) < MOST_ABROAD:
                self._abroad[unquote(split.path)] = None
            return
        query = tuple(parse_qsl(split.query))
        if not any(SECRET_KEY.search(name) for name, _ in query) and len(self.links) < MOST_LINKS:
            self.links[unquote(joined) or path, query] = None

    def paths(self, template: str, regex: str = "", earlier: Sequence[Expression] = ()) -> Iterator[str]:
        """Paths that may be served by an endpoint, the likeliest first; one at least.

        Args:
            template: with parameters in braces.
            regex: what the endpoint's paths match; without it, or where it cannot be followed, a parameter
                holds no slash.
            earlier: what routes match that are asked before this one.
        """
        plain = "[^/]+".join(re.escape(part) for part in PARAMETER.split(template)[::2])
        form = expression(regex or plain)
        if form.fullmatch("") is None:
            form = expression(plain)
        found = list(dict.fromkeys(self._likely(template, form)))
        fitting = [
            path
            for path in found
            if form.fullmatch(path) and not any(other.fullmatch(path) for other in earlier)
        ]
        yield from fitting or found[:1]

    def _likely(self, template: str, form: Expression) -> Iterator[str]:
        names = PARAMETER.findall(template)
        if not names:
            yield template
            return
        values = [self._candidates(number, template) for number in range(len(names))]
        if any(name in self._given for name in names):
            yield from self._filled(template, names, values)
        for path in [*(path for path, _ in self.links), *self._abroad]:
            if form.fullmatch(path):
                yield path
        most = {1: MOST, 2: 8}.get(len(names), 4)
        for chosen in product(*(found[:most] for found in values)):
            yield fill(template, list(chosen))

    def _filled(self, template: str, names: list[str], values: list[list[str]]) -> list[str]:
        """Paths with the values that the team gave, in their order; of other parameters the likeliest two."""
        chosen = [self._given.get(name) or found[:2] for name, found in zip(names, values, strict=True)]
        return [fill(template, list(one)) for one in product(*chosen)]

    def _candidates(self, number: int, template: str) -> list[str]:
        """Given values; those of the collection above, at its place in links, of that name; small numbers."""
        name = PARAMETER.findall(template)[number]
        parent = template.partition("{")[0].rstrip("/")
        bare = re.sub(r"_?(id|pk|uuid|slug|no|number)$", "", name)
        keys = [name, "id", "pk", "uuid", "slug", "number", "code", "name"]
        found = list(self._given.get(name, ()))
        for place in (parent, parent + "/"):
            for key in keys:
                found += self._values.get(f"{place}:{key}", ())
        found += self._placed(number, template)
        above = re.search(r"([a-z][a-z_-]*)/\{" + re.escape(name) + r"\}", template)
        kind = _singular(above[1]) if above is not None else ""
        for key in keys if kind else ():
            found += self._of_resource(kind, key)
        found += [value for key in (name, f"{bare}_id", bare) for value in self._values.get(key, ())]
        if re.search(r"date|day|month|since|until|\bon\b", name):
            found += self._values.get("date", ())
        if name == "format":
            found.insert(0, "json")
        if name == "year":
            found += [value[:4] for value in self._values.get("date", ())]
        return list(dict.fromkeys([*found, "1", "2", "3"]))

    def _placed(self, number: int, template: str) -> list[str]:
        """What stands at the place of a parameter in links to pages beside or below."""
        fixed = PARAMETER.split(template)[::2][: number + 1]
        if not fixed[-1].strip("/"):
            return []
        head = re.compile(_shape(fixed) + r"([^/.]+)")
        paths = [*(path for path, _ in self.links), *self._abroad]
        return [match[match.re.groups] for path in paths if (match := head.match(path))]

    def given(self, name: str) -> list[str]:
        """Values that the team gave for a name."""
        return self._given.get(name, [])

    def named(self, *names: str) -> list[str]:
        """Values seen under any of the names."""
        return list(dict.fromkeys(value for name in names for value in self._values.get(name, ())))

    def rows(self, one: Input, template: str) -> list[str]:
        """Values that name existing rows of what a field refers to, by its table or by its own name."""
        table, _, attribute = one.refers.partition(".")
        stem = table.rpartition("_")[2] if table else re.sub(r"_?(id|pk|uuid|slug|code)$", "", one.name)
        if not stem or (not table and stem == one.name and one.type not in ("", "string")):
            return []
        keys = [attribute] if attribute else ["id", "pk"] if one.type == "integer" or stem != one.name else []
        keys = keys or ["code", "slug", "number", "id", "name"]
        kind = _singular(stem.lower())
        found = [value for key in keys for value in self._of_resource(kind, key)]
        return list(dict.fromkeys(found or (self._linked(kind) if one.type != "integer" else [])))

    def _linked(self, kind: str) -> list[str]:
        """What follows the name of a thing in links: ``/products/block-plane/``."""
        found: dict[str, None] = {}
        for path, _ in self.links:
            parts = [part for part in path.split("/") if part]
            for before, after in pairwise(parts):
                if _singular(before.lower()) == kind:
                    found[after] = None
        return list(found)

    def _of_resource(self, kind: str, key: str) -> list[str]:
        """Values of a key of things of that kind, wherever they were seen."""
        found: dict[str, None] = {}
        for place, values in self._values.items():
            where, colon, name = place.rpartition(":")
            if colon and name == key and _resource(where) == kind:
                found.update(values)
        return list(found)

    def queries(self, path: str) -> list[tuple[tuple[str, str], ...]]:
        """Query strings that answers linked to for a path: pages, filters, orders."""
        return [query for linked, query in self.links if linked == path and query]


def _resource(place: str) -> str:
    """The kind of thing that a path or a key of JSON holds: ``/api/medicines/AB12`` -> medicine."""
    parts = [part for part in place.lower().split("/") if part]
    words = [part for part in parts if re.fullmatch(r"[a-z][a-z_-]*", part)]
    return _singular(words[-1]) if words else ""


def _singular(word: str) -> str:
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("xes", "x"), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss" if ending == "s" else "\0"):
            return word[: -len(ending)] + instead
    return word


def fill(template: str, values: list[str]) -> str:
    """The path with its parameters put in."""
    rest = iter(values)
    return PARAMETER.sub(lambda match: next(rest), template)
