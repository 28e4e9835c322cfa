"""Translations: what ``gettext_lazy("orders/")`` is in each language, from the ``.po`` files of a tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strangler.analyzers.plugin import SourceTree

_LINE = re.compile(r'\s*(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+)?"(.*)"\s*\Z')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


class Catalogs:
    """Texts by language, read on demand."""

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._texts: dict[str, dict[str, str]] | None = None

    def __bool__(self) -> bool:
        return bool(self._tree.catalogs)

    def text(self, text: str, code: str, default: str) -> str:
        """What a text is in a language, as gettext finds it: in the wider one or the default one, too."""
        for language in (code, code.partition("-")[0], default):
            found = self._read().get(language.lower(), {}).get(text)
            if found:
                return found
        return text

    def _read(self) -> dict[str, dict[str, str]]:
        if self._texts is None:
            self._texts = {}
            for path in self._tree.catalogs:
                language = path.split("/")[-3].replace("_", "-").lower()
                self._texts.setdefault(language, {}).update(entries(self._tree.read_text(path)))
        return self._texts


def entries(text: str) -> dict[str, str]:
    """The entries of a ``.po`` file without a context that are neither fuzzy nor obsolete."""
    found: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        fuzzy = False
        for line in block.splitlines():
            if line.startswith("#"):
                fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
                continue
            match = _LINE.match(line)
            if match:
                name = match[1] or name
                part = _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), match[2])
                fields[name] = fields.get(name, "") + part
        if fields.get("msgid") and fields.get("msgstr") and not fuzzy and "msgctxt" not in fields:
            found[fields["msgid"]] = fields["msgstr"]
    return found
