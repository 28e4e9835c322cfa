"""The frame of SARIF 2.1.0, for all that is written in it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import quote

import msgspec

from strangler.text import one_line

Level = Literal["error", "warning", "note"]


def log(
    tool: str, version: str, rules: Iterable[Mapping[str, object]], results: Iterable[Mapping[str, object]]
) -> bytes:
    """A log with one run over the analysed tree.

    Args:
        tool: name of what found the results, with its version.
        rules: their rules, as the format has them.
    """
    run = {
        "tool": {"driver": {"name": tool, "version": version, "rules": list(rules)}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The analysed tree."}}},
        "results": list(results),
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def rule(code: str, title: str, why: str, instead: str = "", level: Level = "note") -> dict[str, object]:
    """A rule with all that code hosts ask for.

    Args:
        code: its id, words with hyphens.
        title: what it finds.
        why: why that matters.
        instead: what to do about it.
        level: that of its results, where they say no other.
    """
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in re.split(r"\W+", code)),
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {"text": f"{why} {instead}".strip()},
        "defaultConfiguration": {"level": level},
    }


def result(
    rule: str,
    level: Level,
    text: str,
    path: str,
    line: int | None,
    fingerprints: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """A result at a line of the tree; fingerprints know it again after the code around it has moved."""
    location = {
        "artifactLocation": {"uri": quote(path, safe="/"), "uriBaseId": "ROOT"},
        "region": {"startLine": max(1, line or 1)},
    }
    found: dict[str, object] = {
        "ruleId": rule,
        "level": level,
        "message": {"text": one_line(text)},
        "locations": [{"physicalLocation": location}],
    }
    return found | ({"partialFingerprints": fingerprints} if fingerprints else {})
