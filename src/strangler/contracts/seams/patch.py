"""A unified diff as ``git apply`` reads it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Literal

CONTEXT = 3
"""Lines around a change."""
COMPARED = 10_000
"""Lines between the first and the last change that are compared one by one: it takes the square of them."""
_Change = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]


def patch_of(path: str, old: bytes | None, new: bytes | None) -> bytes:
    """The patch of one file; ``old`` None: it is new, ``new`` None: it goes."""
    if old == new:
        return b""
    left = quoted(f"a/{path}") if old is not None else "/dev/null"
    right = quoted(f"b/{path}") if new is not None else "/dev/null"
    head = [f"diff --git {quoted(f'a/{path}')} {quoted(f'b/{path}')}\n"]
    if old is None:
        head.append("new file mode 100644\n")
    if new is None:
        head.append("deleted file mode 100644\n")
    hunks = list(_hunks(_lines(old or b""), _lines(new or b"")))
    if not hunks:  # an empty file that comes or goes has no hunk
        return "".join(head).encode()
    head += [f"--- {left}\n", f"+++ {right}\n"]
    return "".join(head).encode() + "".join(_ended(hunks)).encode("latin-1")


def _hunks(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines of a unified diff below its head."""
    for group in _Changes(old, new).get_grouped_opcodes(CONTEXT):
        first, last = group[0], group[-1]
        yield f"@@ -{_span(first[1], last[2])} +{_span(first[3], last[4])} @@\n"
        for kind, start, end, begin, stop in group:
            yield from (f"{' ' if kind == 'equal' else '-'}{line}" for line in old[start:end])
            yield from (f"+{line}" for line in new[begin:stop] if kind != "equal")


class _Changes(difflib.SequenceMatcher[str]):
    """What changes; between the first and the last change what is too long to be compared is one."""

    def __init__(self, old: list[str], new: list[str]) -> None:
        super().__init__()
        self._found = _changes(old, new)

    def get_opcodes(self) -> list[_Change]:
        """What `difflib` groups into hunks."""
        return self._found


def _changes(old: list[str], new: list[str]) -> list[_Change]:
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    here, there = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(here), len(there)) > COMPARED:
        middle: list[_Change] = [("replace", 0, len(here), 0, len(there))]
    else:
        middle = difflib.SequenceMatcher(None, here, there).get_opcodes()
    found = [(kind, a + head, b + head, c + head, d + head) for kind, a, b, c, d in middle]
    if head:
        found.insert(0, ("equal", 0, head, 0, head))
    if tail:
        found.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return found


def _span(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return f"{start + 1}"
    return f"{start + 1 if length else start},{length}"


def _lines(data: bytes) -> list[str]:
    """Lines as git counts them: ended by a line feed alone."""
    return [part for part in data.decode("latin-1").split("\n") for part in [part + "\n"]][:-1] + (
        [data.decode("latin-1").rpartition("\n")[2]] if data and not data.endswith(b"\n") else []
    )


def _ended(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def quoted(path: str) -> str:
    """A path as git writes it: in C's quotes where it has anything but printable ASCII."""
    if path.isascii() and path.isprintable() and not set(path) & {'"', "\\"}:
        return path
    plain = {ord('"'): '\\"', ord("\\"): "\\\\"}
    characters = (
        plain.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in path.encode()
    )
    return f'"{"".join(characters)}"'
