"""The text files of a source tree in which a person might have to change something.

Left out: what is generated and would be generated again (message catalogues, lock files, source maps,
minified code), what tells of the past (change logs, release notes), what is not text, and other
people's code, and what this program wrote. Nothing is followed out of the tree and nothing is run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from strangler.sources.others import NO_SOURCES, OUTPUT
from strangler.written import RECORD

LARGEST = 1_000_000
"""Bytes; a larger file is data or generated."""

_DIRECTORIES = NO_SOURCES | {"locale", "locales"}
_PAST = re.compile(
    r"(^|/)(change(s|log)|history|news|release[-_ ]?notes?|releases?|whats?[-_]?new)(\.\w+)?(/|$)"
    r"|(^|/)v?\d+(\.\d+)+[\w.]*\.(rst|md|txt)$",
    re.IGNORECASE,
)
_CATALOGUE = re.compile(
    r"(^|/)(langs?|languages?|i18n|l10n|translations?|messages)/(.*/)?(?!en)[a-z]{2,3}([-_][A-Za-z]{2,4})?"
    r"(/[^/]*)?\.(json|ya?ml|properties|ftl|xliff?|strings|php)$"
)
"""Texts of the user interface in other languages than English."""
_GENERATED = re.compile(
    r"\.(po|pot|mo|map|lock|svg|ipynb|snap|csv|tsv)$|\.min\.\w+$|[-.]lock\.\w+$|(^|/)go\.sum$", re.IGNORECASE
)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def texts(root: Path) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file, sorted by path; what cannot be read is left out."""
    for directory, names, files in os.walk(root):
        if RECORD in files or set(files) >= OUTPUT:
            names.clear()
            continue
        names[:] = sorted(name for name in names if name not in _DIRECTORIES)
        for name in sorted(files):
            path = Path(directory, name)
            relative = path.relative_to(root).as_posix()
            if not _is_text(relative):
                continue
            if any(pattern.search(relative) for pattern in (_GENERATED, _PAST, _CATALOGUE)):
                continue
            try:
                if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
                    continue
                content = path.read_bytes()
            except OSError:
                continue
            if b"\0" not in content[:4096]:
                yield relative, content
