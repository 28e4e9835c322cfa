"""What has to be installed for a service: the monolith's requirements without those of what stays behind.

A requirement goes only where that is certain: modules that stay import it, and none of the service does. Its
version still binds, as a constraint, should another distribution ask for it. What is imported under an
unknown name, or is loaded without an import, is kept and told.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from strangler.extraction import distributions
from strangler.extraction.syntax import tree_of
from strangler.extraction.values import Dependency
from strangler.sources.requirements import NAME, asked, locked, normal

LISTS = re.compile(r"^(?:.*/)?requirements(?:[^/]*|/[^/]+)\.(?:txt|in)$")
"""Files of requirements, one a line."""
PROJECTS = ("pyproject.toml", "Pipfile", "setup.cfg")
LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
CONSTRAINTS = "constraints-monolith.txt"
_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)", re.MULTILINE)
_VIA = re.compile(r"(?:^|\n)via\b")


def asks(path: str) -> bool:
    """Whether a file says what is to be installed."""
    return bool(LISTS.match(path)) or PurePosixPath(path).name in (*PROJECTS, *LOCKS)


_TOOLS = frozenset({"pkg_resources", "setuptools", "distutils"})
"""Modules that come with Python or its installer."""
IMPORTED = "imported"
NAMED = "named in a string"
UNKNOWN = "no import of it is known"


class Place(NamedTuple):
    """Where a name stands."""

    module: str
    line: int


class Asking:
    """The names that modules import or write as strings, each with its first place.

    Args:
        files: path -> Python.
        settings: paths of settings, in which a single word may name a module too.
        own: first names of the monolith's modules.
    """

    def __init__(self, files: Mapping[str, bytes], settings: frozenset[str], own: frozenset[str]) -> None:
        self._outside = sys.stdlib_module_names | own | _TOOLS
        self._first: dict[str, set[str]] = defaultdict(set)
        self.imported: dict[str, Place] = {}
        self.named: dict[str, Place] = {}
        for path, data in sorted(files.items()):
            tree = tree_of(data, path)
            if tree is None:
                for match in _IMPORT.finditer(data):
                    line = data.count(b"\n", 0, match.start()) + 1
                    for name in _split(match):
                        self._import(name, Place(path, line))
                continue
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        self._import(alias.name, Place(path, node.lineno))
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    for alias in node.names:
                        self._import(f"{node.module}.{alias.name}", Place(path, node.lineno))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 300:
                    for name in _words(node.value, alone=path in settings):
                        _note(self.named, name, Place(path, node.lineno))

    def _import(self, dotted: str, place: Place) -> None:
        first = dotted.partition(".")[0]
        if first not in self._outside:
            _note(self.imported, dotted, place)
            self._first[first].update(_beginnings(dotted))

    def unexplained(self, names: Iterable[str]) -> list[str]:
        """What is imported that none of some distributions is known to bring."""
        known = {module for name in names for module in distributions.modules(name)}
        return sorted(first for first, beginnings in self._first.items() if known.isdisjoint(beginnings))


def _note(places: dict[str, Place], dotted: str, place: Place) -> None:
    for beginning in _beginnings(dotted):
        places.setdefault(beginning, place)


def _beginnings(dotted: str) -> list[str]:
    """Each beginning of a dotted name, joined as a distribution's name would be."""
    parts = dotted.lower().split(".")
    return ["_".join(parts[:number]) for number in range(1, min(len(parts), 4) + 1)]


def _split(match: re.Match[bytes]) -> list[str]:
    """The names of ``import a, b``."""
    return [name.strip() for name in match[1].decode("utf-8", "replace").split(",")]


def _words(text: str, *, alone: bool) -> Iterator[str]:
    """The dotted names in a string: the whole of it, or ``dialect`` and ``driver`` of ``dialect+driver://``."""
    scheme, mark, _ = text.partition("://")
    if mark:
        yield from (word for word in scheme.split("+") if word.isidentifier())
    elif all(part.isidentifier() for part in text.split(".")) and (alone or "." in text):
        yield text


@dataclass
class Row:
    """A requirement in a file, with the lines that belong to it."""

    name: str
    line: int
    lines: list[str]
    via: set[str] = field(default_factory=set)
    """What it was compiled for: other distributions, ``-r FILE`` for what the project asks for itself."""


class Dependencies:
    """The requirements of a service.

    Args:
        asking: what its modules ask for.
        elsewhere: Python of the monolith that stays, in an order that does not change.
    """

    def __init__(self, asking: Asking, elsewhere: Iterable[tuple[str, bytes]]) -> None:
        self._asking = asking
        self._elsewhere: dict[str, Place] = {}
        for path, data in elsewhere:
            for match in _IMPORT.finditer(data):
                for name in _split(match):
                    _note(self._elsewhere, name, Place(path, 0))
        self.found: list[Dependency] = []
        self.files: dict[str, bytes] = {}
        """Files that take the place of the monolith's, by path."""
        self.without: set[str] = set()
        """Files of the monolith that say what is no longer true."""
        self.notes: list[str] = []
        self._unexplained: list[str] = []

    def reduce(self, texts: Mapping[str, str]) -> None:
        """Write the files of requirements anew.

        Args:
            texts: all files that say what is to be installed, by path.
        """
        lists = {path: text for path, text in texts.items() if LISTS.match(path)}
        said = [one.text for path, text in texts.items() for one in asked(path, text)]
        names = [match[1] for text in said if (match := NAME.match(text))]
        pinned = [name for path, text in texts.items() if path.endswith(LOCKS) for name in locked(path, text)]
        self._unexplained = self._asking.unexplained([*names, *pinned])
        if self._unexplained and said:
            modules = ", ".join(self._unexplained)
            self.notes.append(f"no requirement is known to bring {modules}: none of them is left out")
        for path, text in sorted(lists.items()):
            self._list(path, text)
        folders = {str(PurePosixPath(path).parent) for path in texts}
        for folder in sorted(folders - {project(path) for path in lists}):
            self._project(folder, texts)

    def _list(self, path: str, text: str) -> None:
        head, rows = _rows(text)
        compiled = any(row.via for row in rows)
        verdicts = {row.line: self._verdict(row.name, path, row.line) for row in rows if row.name}
        if compiled:
            verdicts = _followed(rows, verdicts)
        elif any("--hash" in line for row in rows for line in row.lines):
            self.notes.append(f"{path} fixes hashes and does not say what for: it is taken over whole")
            verdicts = {}
        self.found += verdicts.values()
        gone = [row for row in rows if row.line in verdicts and not verdicts[row.line].kept]
        if not gone:
            return
        kept = "".join(line for row in rows if row not in gone for line in row.lines)
        bound = [] if compiled else [line for row in gone for line in _binding(row)]
        folder = PurePosixPath(path).parent
        if bound:
            name = f"constraints-{PurePosixPath(path).name.removesuffix('.in').removesuffix('.txt')}.txt"
            self.files[str(folder / name)] = "".join(bound).encode()
            head = f"-c {name}\n{head}"
        self.files[path] = (head + kept).encode()

    def _project(self, folder: str, texts: Mapping[str, str]) -> None:
        """A project that says in its own file what it asks for: a list of requirements, held to its lock."""
        base = PurePosixPath(folder)
        inside = {path.name: str(path) for path in map(PurePosixPath, texts) if path.parent == base}
        projects = [inside[name] for name in PROJECTS if name in inside]
        said = [(path, one) for path in projects for one in asked(path, texts[path])]
        rows = []
        for path, one in dict.fromkeys(said):
            match = NAME.match(one.text)
            verdict = self._verdict(match[1] if match else one.text, path, 0)
            if one.optional and distributions.loaded(verdict.name):
                which = f"{path}: {verdict.name}, {verdict.because} of an extra"
                self.notes.append(f"{which}: install it where the monolith has it")
            if one.optional and verdict.because not in (IMPORTED, NAMED):
                continue
            self.found.append(verdict)
            if verdict.kept:
                rows.append(f"{one.text}\n")
        if not said:
            return
        pinned = next(
            (pins for name in LOCKS if name in inside and (pins := locked(name, texts[inside[name]]))), {}
        )
        if pinned:
            self.files[str(base / CONSTRAINTS)] = "".join(f"{n}=={v}\n" for n, v in pinned.items()).encode()
            rows.insert(0, f"-c {CONSTRAINTS}\n")
            told = {normal(match[1]) for _, one in said if (match := NAME.match(one.text))}
            lock = next(inside[name] for name in LOCKS if name in inside)
            for name in pinned:
                # what is used without being asked for came with something that may be left out
                verdict = self._verdict(name, lock, 0)
                if normal(name) not in told and verdict.because in (IMPORTED, NAMED):
                    self.found.append(verdict)
                    rows.append(f"{name}\n")
        self.files[str(base / "requirements.txt")] = "".join(dict.fromkeys(rows)).encode()
        self.without |= {inside[name] for name in LOCKS if name in inside}

    def _verdict(self, name: str, path: str, line: int) -> Dependency:
        candidates = distributions.modules(name)

        def said(kept: bool, because: str, place: Place | None = None) -> Dependency:
            by, at = place or ("", 0)
            return Dependency(name=name, file=path, line=line, kept=kept, because=because, by=by, by_line=at)

        for because, places in ((IMPORTED, self._asking.imported), (NAMED, self._asking.named)):
            for one in candidates:
                if one in places:
                    return said(True, because, places[one])
        reason = distributions.loaded(name)
        if reason is not None:
            return said(True, reason)
        if self._unexplained:
            return said(True, UNKNOWN)
        for one in candidates:
            if one in self._elsewhere:
                return said(False, "only what stays imports it", self._elsewhere[one])
        return said(True, UNKNOWN)


def project(path: str) -> str:
    """The folder of the project that a file of requirements is for: above a folder ``requirements``."""
    folder = PurePosixPath(path).parent
    return str(folder.parent if folder.name == "requirements" else folder)


def _rows(text: str) -> tuple[str, list[Row]]:
    """What stands before the first requirement, and the requirements with their lines. A row that names no
    distribution (an option, an address, a comment) is called "" and stays."""
    head = ""
    rows: list[Row] = []
    goes_on = False
    for number, line in enumerate(text.splitlines(), 1):
        whole = f"{line}\n"
        match = NAME.match(line)
        if rows and (goes_on or (line[:1].isspace() and line.lstrip().startswith("#"))):
            rows[-1].lines.append(whole)
        elif match and not line[match.end() :].startswith((":", "/")):
            rows.append(Row(match[1], number, [whole]))
        elif rows:
            rows.append(Row("", number, [whole]))
        else:
            head += whole
        goes_on = line.rstrip().endswith("\\")
    for row in rows:
        comment = "\n".join(line.partition("#")[2].strip() for line in row.lines if "#" in line)
        if row.name and (match := _VIA.search(comment)):
            row.via.update(one.strip() for one in re.split(r"[,\n]", comment[match.end() :]) if one.strip())
    return head, rows


def _followed(rows: Iterable[Row], verdicts: Mapping[int, Dependency]) -> dict[int, Dependency]:
    """The verdicts on a compiled list, which says what each row is there for: what the project does not ask
    for itself stays as long as something that stays asks for it."""
    named = {normal(row.name): row for row in rows if row.name}
    stays: dict[str, str] = {}
    for name, row in named.items():
        direct = not row.via or any(one.startswith("-") or normal(one) not in named for one in row.via)
        if verdicts[row.line].kept and (direct or verdicts[row.line].because != UNKNOWN):
            stays[name] = ""
    while more := {
        name: asker
        for name, row in named.items()
        if name not in stays
        for asker in sorted(row.via)
        if normal(asker) in stays
    }:
        stays |= more
    found = {}
    for name, row in named.items():
        verdict = verdicts[row.line]
        if name not in stays:
            verdict = replace(verdict, kept=False, because="nothing that is kept asks for it")
        elif stays[name]:
            verdict = replace(verdict, because=f"{stays[name]} asks for it", kept=True, by="", by_line=0)
        found[row.line] = verdict
    return found


def _binding(row: Row) -> Iterator[str]:
    """The constraint that a requirement leaves behind: its version, without extras."""
    text = row.lines[0].partition(" #")[0].strip().rstrip("\\").strip()
    rest = re.sub(r"^\s*\[[^\]]*\]", "", text[len(row.name) :])
    if re.match(r"\s*[<>=!~(]", rest):
        yield f"{row.name}{rest}\n"
