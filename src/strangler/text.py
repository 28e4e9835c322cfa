"""What people read: numbers and nouns, names in sentences, in Markdown and in YAML.

The names come from the analysed code and are hostile: nothing of them may act on a terminal, turn a line of
text around, or be taken for markup.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strangler.model import Diagnostic, Evidence

_HIDDEN = (
    "\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
)
_INVISIBLE = re.compile(f"[{_HIDDEN}]")
_BREAKING = re.compile(f"[{_HIDDEN}\n\t]")
_JSON_CONTROL = re.compile(r"\\(?:\\|u00(?P<code>[01][0-9a-f]))")
_SPACE = re.compile(r"\s+")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~&]")
_MARKDOWN_START = re.compile(r"(?=[-+=])|(?<=\d)(?=[.)])")
_BACKTICKS = re.compile("`+")
_IDENTIFIER_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*")
LONGEST = 300
"""Characters of a name kept in a code span or a picture."""


def plural(count: int, singular: str, several: str = "") -> str:
    """``1 line``, ``2,000 lines``, ``0 lines``; ``several`` where an ``s`` does not make it."""
    return f"{count:,} {singular if count == 1 else several or singular + 's'}"


def capitalised(text: str) -> str:
    """With a capital at its beginning; names within it stay as they are."""
    return text[:1].upper() + text[1:]


def listed(names: Iterable[str], most: int = 6) -> str:
    """Names in a sentence, the first of them: ``a, b and 3 more``."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def identifier_pieces(name: str) -> list[str]:
    """The words of an identifier, lower case, digits with the word before them: ``getOrderLines_v2``
    -> get, order, lines, v2."""
    return [piece.lower() for piece in _IDENTIFIER_PIECE.findall(name)]


def encodable(text: str) -> str:
    """The text, what UTF-8 cannot hold (half of a surrogate pair) written as in the source: ``\\ud800``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def visible(text: str) -> str:
    """Replace characters that hide, turn text around or act on a terminal (control, direction, zero-width,
    surrogate) by their code: ``⟨U+202E⟩``. Line feeds and tabs stay."""
    return _INVISIBLE.sub(_code_point, text)


def visible_json(text: str) -> str:
    """The same for every string of a JSON text, whose escapes ``\\u0000`` to ``\\u001f`` are seen too."""
    return visible(
        _JSON_CONTROL.sub(lambda match: f"⟨U+00{match['code'].upper()}⟩" if match["code"] else match[0], text)
    )


def _code_point(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"


def located(evidence: Evidence) -> str:
    """``file:line symbol``."""
    return f"{evidence.file}:{evidence.line} {evidence.symbol}".rstrip()


def as_line(remark: Diagnostic) -> str:
    """``file:line: message``, as compilers say it."""
    return f"{remark.file}:{remark.line or 1}: {remark.message}"


def one_line(text: str, width: int | None = None) -> str:
    """Visible, on one line of at most ``width`` characters: cut in the middle, where names differ least."""
    flat = visible(_SPACE.sub(" ", text).strip())
    if width is None or len(flat) <= width:
        return flat
    tail = (width - 1) // 2
    return f"{flat[: width - 1 - tail]}…{flat[-tail:] if tail else ''}"


def remark_lines(text: str, width: int = 80, indent: str = "  ", further: str = "    ") -> list[str]:
    """A sentence for a terminal, whole: what does not fit on a line of ``width`` goes on below it."""
    return textwrap.wrap(
        one_line(text),
        width,
        initial_indent=indent,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def code(text: str) -> str:
    """Markdown code span of any text, its fence longer than any run of backticks inside; safe in tables.

    Spaces stay as they are and line breaks are shown, since the text may be a regular expression.
    """
    line = _BREAKING.sub(_code_point, text)[:LONGEST].replace("|", "\\|")
    fence = "`" * (max(map(len, _BACKTICKS.findall(line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line.strip() else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def prose(text: str) -> str:
    """A sentence with names in it, on one line: no character of it is taken for Markdown or HTML."""
    escaped = _MARKDOWN.sub(lambda match: f"\\{match[0]}", one_line(text))
    start = re.match(r"\d*.?", escaped)
    head = start[0] if start else ""
    return _MARKDOWN_START.sub(r"\\", head, count=1) + escaped[len(head) :]


_PLAIN = re.compile(r"[A-Za-z_$/][\w.$/-]*(?: [\w.$/()-]+)*", re.ASCII)
"""Strings that no YAML reader, 1.1 or 1.2, takes for anything else (the words that it does are quoted)."""


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown; what stands in the cells is written with ``code`` and ``prose``."""
    yield f"| {' | '.join(heads)} |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def yaml_text(value: Any, comment: str = "") -> str:
    """A YAML document that 1.1 and 1.2 readers agree on: keys in the order given, no aliases, every odd
    character escaped, every string quoted that is not plain words.

    Args:
        value: dicts, lists, strings, numbers, None.
        comment: its lines come first, as a comment.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
            return super().increase_indent(flow, False)

    def string(dumper: Any, data: str) -> Any:
        style = "|" if "\n" in data else None if len(data) > 1 and _PLAIN.fullmatch(data) else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Dumper.add_representer(str, string)
    lines = "".join(f"# {line}\n" for line in comment.splitlines())
    return lines + yaml.dump(value, Dumper=Dumper, sort_keys=False, width=100_000, allow_unicode=False)
