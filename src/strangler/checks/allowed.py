"""What `strangler check` lets pass for a while: entries of the boundaries file with a reason and an end.

The file is data of an untrusted tree: an entry can let findings pass, no more.
"""

from __future__ import annotations

import datetime
import fnmatch
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from strangler.checks.baseline import Allowance, Allowed, Finding, Outcome
from strangler.checks.rules import RULES
from strangler.model import Boundary
from strangler.spelling import did_you_mean

MOST = 1_000
"""Entries of a file."""
LONGEST = 1_000
"""Characters of a text."""
CHOICES = {
    "rule": "rule",
    "from": "source",
    "to": "target",
    "kind": "kind",
    "subject": "subject",
    "file": "file",
}
"""Keys that choose findings -> attribute of an `Allowance`."""
KEYS = (*CHOICES, "modules", "reason", "until", "owner")
_HEAD = re.compile(r"\s*\[\[\s*allow\s*\]\]")


class AllowanceError(ValueError):
    """An entry that cannot hold; the message says which, and what to do."""


def parse(text: str, origin: str) -> tuple[Allowance, ...]:
    """The ``[[allow]]`` entries of a boundaries file.

    Args:
        text: its content, TOML.
        origin: what messages call the file.

    Raises:
        AllowanceError: an unknown key, a missing reason or end, or an entry that chooses nothing.
    """
    raw = tomllib.loads(text).get("allow", [])
    if not isinstance(raw, list) or not all(isinstance(entry, dict) for entry in raw) or len(raw) > MOST:
        raise AllowanceError(f"{origin}: allow must be at most {MOST:,} tables: write [[allow]]")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _HEAD.match(line)]
    return tuple(
        _entry(entry, f"{origin}:{lines[n]}" if n < len(lines) else origin) for n, entry in enumerate(raw)
    )


def _entry(raw: Mapping[str, Any], where: str) -> Allowance:
    for key, value in raw.items():
        if key not in KEYS:
            raise AllowanceError(f"{where}: unknown key {key!r}; {did_you_mean(key, KEYS)}")
        if key == "modules":
            good = isinstance(value, list) and all(isinstance(item, str) for item in value)
        else:
            good = isinstance(value, str) or (key == "until" and isinstance(value, datetime.date))
        if not good or (isinstance(value, str) and len(value) > LONGEST):
            shape = "a list of names" if key == "modules" else f"a text of at most {LONGEST:,} characters"
            raise AllowanceError(f"{where}: {key} must be {shape}")
    if not raw.get("reason", "").strip():
        raise AllowanceError(f'{where}: say why it may pass: reason = "..."')
    if not any(raw.get(key) for key in (*CHOICES, "modules")):
        raise AllowanceError(
            f"{where}: it lets everything pass; name from, to, kind, subject, file or modules"
        )
    rule = raw.get("rule", "")
    if rule and rule not in RULES:
        raise AllowanceError(f"{where}: no rule {rule!r}; {did_you_mean(rule, RULES)}")
    return Allowance(
        where=where,
        modules=tuple(raw.get("modules", ())),
        reason=raw["reason"].strip(),
        until=_day(raw.get("until", ""), where),
        owner=raw.get("owner", ""),
        **{name: raw.get(key, "") for key, name in CHOICES.items()},
    )


def _day(value: object, where: str) -> str:
    text = str(value)[:10]
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise AllowanceError(f"{where}: say until when it may pass, as a day: until = 2027-03-31") from None


def apply(
    outcome: Outcome, entries: Sequence[Allowance], boundaries: Sequence[Boundary], today: str
) -> Outcome:
    """The outcome without the findings that an entry lets pass on a day.

    Args:
        outcome: what is new.
        entries: of the boundaries file; the first that fits a finding counts.
        boundaries: accepted contexts, which an entry may name by id.
        today: the day, as YYYY-MM-DD.
    """
    names = {boundary.id: boundary.name for boundary in boundaries}
    findings, allowed = [], []
    used: set[int] = set()
    expired: set[int] = set()
    for finding in outcome.findings:
        fits = [n for n, entry in enumerate(entries) if _fits(entry, finding, names)]
        used.update(fits)
        holds = next((n for n in fits if today <= entries[n].until), None)
        if holds is not None:
            allowed.append(Allowed(finding=finding, allowance=entries[holds]))
            continue
        if fits:
            entry = entries[fits[0]]
            expired.add(fits[0])
            ended = f"{finding.message} (allowed until {entry.until}: {entry.reason})"
            finding = msgspec.structs.replace(finding, message=ended)
        findings.append(finding)
    return msgspec.structs.replace(
        outcome,
        findings=tuple(findings),
        allowed=tuple(allowed),
        expired=tuple(entries[n] for n in sorted(expired)),
        unused=tuple(entry for n, entry in enumerate(entries) if n not in used),
    )


def _fits(entry: Allowance, finding: Finding, names: Mapping[str, str]) -> bool:
    asked = (
        (entry.rule, finding.code),
        (names.get(entry.source, entry.source), finding.source),
        (names.get(entry.target, entry.target), finding.target),
        (entry.kind, finding.kind),
        (entry.subject, finding.subject),
    )
    return (
        all(not wanted or wanted == found for wanted, found in asked)
        and (not entry.file or fnmatch.fnmatchcase(finding.file, entry.file))
        and (not entry.modules or (bool(finding.modules) and set(finding.modules) <= set(entry.modules)))
    )
