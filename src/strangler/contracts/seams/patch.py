"""A unified diff as ``git apply`` reads it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator


def patch_of(path: str, old: bytes | None, new: bytes) -> bytes:
    """The patch of one file; ``old`` None: it is new."""
    if old == new:
        return b""
    left = quoted(f"a/{path}") if old is not None else "/dev/null"
    head = [f"diff --git {quoted(f'a/{path}')} {quoted(f'b/{path}')}\n"]
    if old is None:
        head.append("new file mode 100644\n")
    head += [f"--- {left}\n", f"+++ {quoted(f'b/{path}')}\n"]
    before, after = _lines(old or b""), _lines(new)
    body: Iterable[str] = difflib.unified_diff(before, after, n=3)
    hunks = [line for number, line in enumerate(body) if number > 1]
    if not hunks:  # an empty new file has no hunk
        return "".join(head[:2]).encode()
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
