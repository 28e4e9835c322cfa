"""``strangler-boundaries.toml``: the contexts that a team has accepted, read with exact errors and written.

The file is data of an untrusted tree, like the configuration: it names modules, packages and tables, no place
to read from or to write to.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec

from strangler import files
from strangler.model import Boundary
from strangler.model.contexts import ContextKind
from strangler.model.lookup import TABLE
from strangler.spelling import did_you_mean
from strangler.text import encodable

FILE = "strangler-boundaries.toml"
VERSION = 1
KEYS = ("version", "contexts", "allow")
"""What stands at the top; ``allow`` is read by ``checks.allowed``."""
MAX_BYTES = 5_000_000
HEADER = """\
# Boundaries of this code base, accepted with `strangler accept`; to be edited by hand as well.
# A module belongs to the context that names it, else to the one with the longest package that holds it.
# The word after "contexts." is the id and never changes; a context is renamed with name = "...".
"""
LISTS = ("packages", "modules", "tables")
TEXTS = ("name", "kind", "notes", "decided-by", "decided")
WIDTH = 100
LONGEST = 1000
"""Characters of an id or a name."""


class BoundariesError(ValueError):
    """The file cannot be used; every fault with its line and what to do."""


def find(root: Path) -> Path | None:
    """The file in the root of a tree; a link could point at any file of the machine and is not read."""
    path = root / FILE
    return path if path.is_file() and not path.is_symlink() else None


def read(path: Path) -> tuple[tuple[Boundary, ...], dict[str, int]]:
    """The boundaries in a file, and the line of each selector.

    Raises:
        BoundariesError: it cannot be read, or says what cannot hold.
    """
    try:
        data = files.read(path, MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BoundariesError(f"{path}: larger than {MAX_BYTES:,} bytes; not a file of boundaries")
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BoundariesError(f"{path}: cannot be read: {error}") from error
    return parse(text, str(path))


def parse(text: str, origin: str) -> tuple[tuple[Boundary, ...], dict[str, int]]:
    """The boundaries in the text of a file, and the line of each selector (a table as ``table:NAME``).

    Args:
        text: the content.
        origin: what errors call the file.

    Raises:
        BoundariesError: no TOML, unknown keys, values of the wrong kind, or two contexts that claim the same.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers of 5,000 digits
        raise BoundariesError(f"{origin}: not TOML: {error}; mend that line") from error
    check = _Check(document, _lines(text))
    boundaries = check.boundaries()
    if check.faults:
        faults = sorted(set(check.faults))
        raise BoundariesError("\n".join(f"{origin}:{line}: {what}" for line, what in faults[:20]))
    return boundaries, check.selectors


def dump(
    boundaries: Iterable[Boundary], comments: Mapping[str, Sequence[str]] | None = None, rest: str = ""
) -> str:
    """The text of a file.

    Args:
        boundaries: in the order to write.
        comments: id -> comment lines that stand above the context.
        rest: what stands below the contexts, see ``allowances``.
    """
    blocks = [HEADER + f"version = {VERSION}\n"]
    for boundary in boundaries:
        lines = [*(comments or {}).get(boundary.id, ()), f"[contexts.{_key(boundary.id)}]"]
        if boundary.name != boundary.id:
            lines.append(f"name = {_string(boundary.name)}")
        if boundary.kind != "context":
            lines.append(f"kind = {_string(boundary.kind)}")
        for name in LISTS:
            items: tuple[str, ...] = getattr(boundary, name)
            if items:
                flat = f"{name} = [{', '.join(map(_string, items))}]"
                rows = [f"{name} = [", *(f"  {_string(item)}," for item in items), "]"]
                lines += [flat] if len(flat) <= WIDTH else rows
        if boundary.notes:
            lines.append(f"notes = {_string(boundary.notes)}")
        if boundary.decided_by:
            lines.append(f"decided-by = {_string(boundary.decided_by)}")
        if boundary.decided:
            lines.append(f"decided = {_date(boundary.decided)}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join([*blocks, rest] if rest else blocks)


def allowances(text: str) -> str:
    """The ``[[allow]]`` entries of a file as they stand there, with the comments directly above each.

    Raises:
        BoundariesError: they cannot be told from what is around them.
    """
    blocks: list[list[str]] = []
    above: list[str] = []
    inside = False
    for line in text.splitlines():
        if _ALLOW.match(line):
            blocks.append([*above, line.rstrip()])
            inside = True
        elif line.lstrip().startswith("["):
            inside = False
        elif inside and not line.lstrip().startswith("#"):
            blocks[-1] += [*above, line.rstrip()]
        above = [*above, line.rstrip()] if line.lstrip().startswith("#") else []
    found = "\n\n".join("\n".join(block).rstrip() for block in blocks) + "\n" if blocks else ""
    try:
        same = tomllib.loads(found).get("allow") == tomllib.loads(text).get("allow")
    except ValueError:
        same = False
    if not same:
        raise BoundariesError(
            "write each text and list of an [[allow]] entry on one line, so that they can be kept"
        )
    return found


_ALLOW = re.compile(r"\s*\[\[\s*allow\s*\]\]")


def comments(text: str) -> dict[str, list[str]]:
    """id -> the comment lines directly above its context."""
    found: dict[str, list[str]] = {}
    above: list[str] = []
    for line in text.splitlines():
        head = _HEAD.match(line)
        if line.lstrip().startswith("#"):
            above.append(line.rstrip())
            continue
        if head and above:
            found[_unquoted(head)] = above
        above = []
    return found


_HEAD = re.compile(r"""\s*\[\s*contexts\s*\.\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*\]""")
_STRING = re.compile(r"""(?<!\\)"((?:[^"\\]|\\.)*)"|'([^']*)'""")
_ENTRY = re.compile(r"""\s*([A-Za-z0-9_-]+)\s*=""")


def _unquoted(match: re.Match[str]) -> str:
    return next(part for part in match.groups() if part is not None)


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """(id), (id, key) and (id, key, string) -> first line; ("", key) for what stands above the contexts."""
    found: dict[tuple[str, ...], int] = {}
    section = key = ""
    for number, line in enumerate(text.splitlines(), 1):
        head = _HEAD.match(line)
        if head:
            section, key = _unquoted(head), ""
            found.setdefault((section,), number)
            continue
        entry = _ENTRY.match(line)
        if entry:
            key = entry.group(1)
            found.setdefault((section, key), number)
        for string in _STRING.finditer(line):
            found.setdefault((section, key, _unquoted(string)), number)
    return found


class _Check:
    """Reads the document, and collects what is wrong with it."""

    def __init__(self, document: Mapping[str, Any], lines: Mapping[tuple[str, ...], int]) -> None:
        self.document, self.lines = document, lines
        self.faults: list[tuple[int, str]] = []
        self.selectors: dict[str, int] = {}

    def fault(self, what: str, *place: str) -> None:
        line = next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), 1)
        self.faults.append((line, what))

    def boundaries(self) -> tuple[Boundary, ...]:
        version = self.document.get("version", VERSION)
        if version != VERSION:
            self.fault(f"version {version!r} is not {VERSION}: use a newer strangler", "", "version")
        for key in self.document:
            if key not in KEYS:
                self.fault(f"unknown key {key!r}; {did_you_mean(key, KEYS)}", "", key)
        contexts = self.document.get("contexts", {})
        if not isinstance(contexts, dict):
            self.fault("contexts must be tables: write [contexts.NAME]", "", "contexts")
            return ()
        found = [self._boundary(key, raw) for key, raw in contexts.items()]
        made = [boundary for boundary in found if boundary is not None]
        self._twice(made)
        return tuple(made)

    def _boundary(self, key: str, raw: object) -> Boundary | None:
        if not isinstance(raw, dict):
            self.fault(f"contexts.{key} must be a table: write [contexts.{key}]", "", "contexts")
            return None
        if not key or len(key) > LONGEST or not key.isprintable():
            self.fault(f"the id of a context is a word of at most {LONGEST} printable characters", key)
            return None
        for name in raw:
            if name not in LISTS + TEXTS:
                self.fault(f"unknown key {name!r}; {did_you_mean(name, LISTS + TEXTS)}", key, name)
        lists = {name: self._list(key, name, raw.get(name, [])) for name in LISTS}
        if not any(lists.values()):
            self.fault(f"{key} holds nothing; add packages or modules, or delete it", key)
        texts = {name: self._text(key, name, raw.get(name, "")) for name in TEXTS}
        if texts["name"] and (len(texts["name"]) > LONGEST or not texts["name"].isprintable()):
            self.fault(f"a name is at most {LONGEST} printable characters", key, "name")
        kinds = get_args(ContextKind)
        if texts["kind"] and texts["kind"] not in kinds:
            self.fault(f"kind {texts['kind']!r}; {did_you_mean(texts['kind'], kinds)}", key, "kind")
            texts["kind"] = ""
        return Boundary(
            id=key,
            name=texts["name"] or key,
            kind=msgspec.convert(texts["kind"] or "context", ContextKind),
            notes=texts["notes"],
            decided_by=texts["decided-by"],
            decided=texts["decided"],
            **lists,
        )

    def _list(self, key: str, name: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self.fault(f"{name} must be a list of names in quotes", key, name)
            return ()
        return tuple(dict.fromkeys(value))

    def _text(self, key: str, name: str, value: object) -> str:
        if name == "decided" and isinstance(value, datetime.date):
            return value.isoformat()[:10]
        if not isinstance(value, str):
            self.fault(f"{name} must be a text in quotes", key, name)
            return ""
        return value

    def _twice(self, found: Sequence[Boundary]) -> None:
        """Nothing may be claimed by two contexts."""
        for name in LISTS:
            one = name.removesuffix("s")
            holder: dict[str, str] = {}
            for boundary in found:
                for item in getattr(boundary, name):
                    line = self.lines.get((boundary.id, name, item), self.lines.get((boundary.id,), 1))
                    self.selectors.setdefault(f"{TABLE}{item}" if name == "tables" else item, line)
                    other = holder.setdefault(item, boundary.id)
                    if other != boundary.id:
                        first = self.lines.get((other, name, item), self.lines.get((other,), 1))
                        what = "owned" if name == "tables" else "claimed"
                        self.fault(
                            f"{one} {item!r} is {what} by {boundary.id!r} and by {other!r} (line {first}); "
                            "delete it from one of the two",
                            boundary.id,
                            name,
                            item,
                        )
        called: dict[str, str] = {}
        for boundary in found:
            other = called.setdefault(boundary.name, boundary.id)
            if other != boundary.id:
                self.fault(
                    f"{boundary.id!r} and {other!r} are both called {boundary.name!r}; rename one",
                    boundary.id,
                    "name",
                )


def _string(text: str) -> str:
    """A basic string of TOML on one line."""
    return msgspec.json.encode(encodable(text)).decode().replace("\x7f", "\\u007f")


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _string(text)


def _date(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        return _string(text)
