"""A unified diff as ``git apply`` reads it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator


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
    body: Iterable[str] = difflib.unified_diff(_lines(old or b""), _lines(new or b""), n=3)
    hunks = [line for number, line in enumerate(body) if number > 1]
    if not hunks:  # an empty file that comes or goes has no hunk
        return "".join(head).encode()
    head += [f"--- {left}\n", f"+++ {right}\n"]
    return "".join(head).encode() + "".join(_ended(hunks)).encode("latin-1")


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
