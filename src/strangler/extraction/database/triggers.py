"""What the database does by itself: triggers that the schema's history makes, what their functions touch."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from strangler.extraction.conventions.alembic import environments
from strangler.extraction.reader import Reader
from strangler.model import Evidence
from strangler.model.lookup import last

_NAME = r'((?:"?\w+"?\.)?"?\w+"?)'
_FUNCTION = re.compile(rf"\bCREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+{_NAME}\s*\(", re.IGNORECASE)
_TRIGGER = re.compile(r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER\b", re.IGNORECASE)
_ON = re.compile(rf"\bON\s+{_NAME}\s", re.IGNORECASE)
_EXECUTE = re.compile(rf"\bEXECUTE\s+(?:FUNCTION|PROCEDURE)\s+{_NAME}\s*\(", re.IGNORECASE)
_QUOTE = re.compile(r"\$\w*\$")
_WRITTEN = re.compile(rf"\b(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE)\s+(?:ONLY\s+)?{_NAME}", re.IGNORECASE)
_READ = re.compile(rf"\b(?:FROM|JOIN)\s+(?:ONLY\s+)?{_NAME}", re.IGNORECASE)
_FILE = re.compile(r"""["'](?:[^"'\n]{0,200}/)?([^"'/\n]{1,100}\.sql)["']""")
_LONGEST = 2_000
"""Characters in which the table and the function of a trigger are looked for."""


@dataclass(frozen=True)
class Trigger:
    """A trigger of a table, as far as its text tells."""

    table: str
    place: Evidence
    writes: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()


@dataclass
class Triggers:
    """All that the history makes."""

    found: list[Trigger] = field(default_factory=list)
    unread: list[Evidence] = field(default_factory=list)
    """Where triggers are made whose table or function is put together at run time."""


def triggers(reader: Reader, known: Iterable[str]) -> Triggers:
    """The triggers of the schema's history.

    Args:
        reader: the monolith's files.
        known: names of the monolith's tables.
    """
    tables = {last(name).lower(): name for name in sorted(known, reverse=True)}
    texts = list(history(reader))
    bodies: dict[str, list[str]] = defaultdict(list)
    for _, text in texts:
        for name, body in _functions(text):
            bodies[name].append(body)
    told = Triggers()
    for path, text in texts:
        for match in _TRIGGER.finditer(text):
            place = Evidence(file=path, line=text.count("\n", 0, match.start()) + 1, symbol="")
            rest = text[match.end() : match.end() + _LONGEST].partition(";")[0]
            on, execute = _ON.search(rest), _EXECUTE.search(rest)
            if on is None or execute is None:
                told.unread.append(place)
            elif (table := tables.get(_plain(on[1]))) is not None:
                code = "\n".join(bodies.get(_plain(execute[1]), ()))
                writes = frozenset(_tables(_WRITTEN, code, tables))
                reads = frozenset(_tables(_READ, code, tables)) - writes
                told.found.append(Trigger(table, place, writes, reads))
    return told


def history(reader: Reader) -> Iterator[tuple[str, str]]:
    """Path and text of whatever the steps of the history may run."""
    said: set[str] = set()
    for name, module in sorted(reader.modules.items()):
        source = reader.source(name) if module.role == "migration" else None
        if source is not None:
            said.update(_FILE.findall(source.text))
            yield source.path, source.text
    folders = environments(reader)
    for path in reader.tree.sql:
        beside = any(path.startswith(f"{folder}/") for folder in folders)
        if beside or path.rpartition("/")[2] in said:
            try:
                yield path, reader.tree.read_text(path)
            except OSError:
                continue


def _functions(text: str) -> Iterator[tuple[str, str]]:
    """Name and body of each function; a body stands between two equal dollar quotes."""
    for match in _FUNCTION.finditer(text):
        quote = _QUOTE.search(text, match.end())
        if quote is not None:
            end = text.find(quote[0], quote.end())
            yield _plain(match[1]), text[quote.end() : end if end >= 0 else None]


def _plain(name: str) -> str:
    return last(name).strip('"').lower()


def _tables(pattern: re.Pattern[str], code: str, tables: dict[str, str]) -> Iterator[str]:
    for match in pattern.finditer(code):
        if (found := tables.get(_plain(match[1]))) is not None:
            yield found
