"""CODEOWNERS: which teams own which files, by the rules of GitHub and of GitLab.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from strangler.limits import DEFAULT, Limits
from strangler.model import Diagnostic, ModuleOwners, Ownership
from strangler.sources import walk

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where it may lie; the first one counts."""
MOST_RULES = 2_000
MOST_OWNERS = 20
"""Owners of one rule."""
LONGEST = 400
"""Characters of a pattern or an owner."""
_SECTION = re.compile(r"\^?\[([^\]]+)\](?:\[\d+\])?(?=\s|$)")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line: files that match belong to its owners."""

    line: int
    segments: tuple[str, ...]
    """``**`` stands for any number of folders."""
    owners: tuple[str, ...]
    section: str = ""
    excludes: bool = False
    """The files that match have no owner in this section."""

    def matches(self, path: Sequence[str]) -> bool:
        """Whether a path, by its parts, is one of the rule's files."""
        return _among(self.segments, path)


def find(root: Path, limits: Limits = DEFAULT) -> str:
    """The place of the file in a tree; empty if there is none that can be read."""
    for place in PLACES:
        try:
            walk.read(root, place, limits.file_bytes)
        except OSError:
            continue
        return place
    return ""


def ownership(
    place: str, text: str, modules: Sequence[tuple[str, str]]
) -> tuple[Ownership, list[Diagnostic]]:
    """Who owns the modules, and the lines that are not understood.

    Args:
        place: of the file.
        text: its content.
        modules: (name, path) of each.
    """
    rules, unread = parse(text, gitlab=place.startswith(".gitlab/"))
    rows = []
    for name, path in modules:
        owners, line = owners_of(rules, path)
        if owners:
            rows.append(ModuleOwners(module=name, owners=owners, line=line))
    remarks = [
        Diagnostic(
            file=place,
            line=first,
            code="owners-unread",
            severity="note",
            message=f"{len(unread)} of its lines say nothing that is understood, or are beyond the "
            f"{MOST_RULES:,} that are read: owners may be missing",
        )
        for first in unread[:1]
    ]
    return Ownership(file=place, modules=tuple(sorted(rows))), remarks


def parse(text: str, *, gitlab: bool = False) -> tuple[list[Rule], list[int]]:
    """The rules of a file, and the lines that are none.

    Args:
        text: the content.
        gitlab: by the rules of GitLab; they also hold where a line opens a section.
    """
    lines = text.splitlines()
    gitlab = gitlab or any(_SECTION.match(line.strip()) for line in lines)
    rules: list[Rule] = []
    unread: list[int] = []
    section = ""
    default: tuple[str, ...] = ()
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if len(rules) >= MOST_RULES or len(line) > LONGEST * (MOST_OWNERS + 1):
            unread.append(number)
            continue
        head = _SECTION.match(line) if gitlab else None
        if head:
            section, default = head[1].strip().lower(), _owners(_words(line[head.end() :]))
            continue
        excludes = gitlab and line.startswith("!")
        words = _words(line[1:] if excludes else line)
        segments = _segments(words[0], gitlab=gitlab) if words else ()
        if not segments:
            unread.append(number)
            continue
        owners = _owners(words[1:]) or (default if gitlab else ())
        rules.append(Rule(number, segments, owners, section, excludes))
    return rules, unread


def owners_of(rules: Sequence[Rule], path: str) -> tuple[tuple[str, ...], int]:
    """The owners of a file, and the line that says so: of each section the last rule that matches counts."""
    parts = path.split("/")
    decided: dict[str, Rule] = {}
    excluded: set[str] = set()
    for rule in reversed(rules):
        if (rule.excludes or rule.section not in decided) and rule.matches(parts):
            if rule.excludes:
                excluded.add(rule.section)
            else:
                decided[rule.section] = rule
    held = sorted((rule for key, rule in decided.items() if key not in excluded), key=lambda rule: rule.line)
    owners = tuple(dict.fromkeys(owner for rule in held for owner in rule.owners))
    return owners, next((rule.line for rule in held if rule.owners), 0)


def _words(text: str) -> list[str]:
    """Pattern and owners; a ``#`` behind white space begins a comment, ``\\`` keeps what follows it."""
    words = []
    for match in _WORD.finditer(text):
        if match[0].startswith("#"):
            break
        words.append(re.sub(r"\\(.)", r"\1", match[0]))
    return words


def _owners(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if "@" in word and len(word) <= LONGEST)[:MOST_OWNERS]


def _segments(pattern: str, *, gitlab: bool) -> tuple[str, ...]:
    """What a pattern asks of the parts of a path; nothing for one that neither forge knows."""
    if len(pattern) > LONGEST or "[" in pattern or pattern.startswith("!"):
        return ()
    body = pattern.strip("/")
    parts = [part for part in body.split("/") if part]
    if not parts:
        return ("**",) if pattern == "/" else ()
    anchored = pattern.startswith("/") or (not gitlab and len(parts) > 1)
    if not anchored:
        parts.insert(0, "**")
    if pattern.endswith("/"):
        return (*parts, "**", "*")
    # At GitHub a name may be that of a folder, as for git; `docs/*` stands for files of docs alone.
    return tuple(parts) if gitlab or parts[-1] in ("*", "**") else (*parts, "**")


def _among(wanted: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the parts of a path fit, where ``**`` stands for any parts."""
    return _wild(wanted, parts, "**", _fits)


def _fits(pattern: str, name: str) -> bool:
    """Whether a name fits, where ``*`` stands for any characters and ``?`` for one."""
    return pattern == name or _wild(pattern, name, "*", lambda wanted, given: wanted in ("?", given))


def _wild(wanted: Sequence[str], given: Sequence[str], many: str, fits: Callable[[str, str], bool]) -> bool:
    """Match with wild cards; steps back to the last one only, so it ends in ``len * len`` steps."""
    at = place = 0
    again, resume = -1, 0
    while place < len(given):
        if at < len(wanted) and wanted[at] == many:
            again, resume = at, place
            at += 1
        elif at < len(wanted) and fits(wanted[at], given[place]):
            at, place = at + 1, place + 1
        elif again >= 0:
            resume += 1
            at, place = again + 1, resume
        else:
            return False
    return all(one == many for one in wanted[at:])
