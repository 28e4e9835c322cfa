"""Another commit of the analysed repository, as files: git's objects are read, nothing of it is run."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from strangler.sources.git import GitError, Repository

CHUNK = 32_000_000
"""Bytes asked of git at once."""
LINK = b"120000"
BLOCK = 4096
"""Bytes that the smallest file takes."""
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE}


def merge_base(repository: Repository, revision: str) -> str:
    """The commit at which what is checked out has left ``revision``.

    Raises:
        GitError: no such commit, or no history in common.
    """
    name = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        commit = repository.run("rev-parse", *name, quick=True).decode().strip()
    except GitError:
        why = repository.stalled or f"no commit {revision!r} in this repository (a shallow clone lacks most)"
        raise GitError(why) from None
    try:
        return repository.run("merge-base", commit, "HEAD", quick=True).decode().strip()
    except GitError:
        why = f"{revision!r} and HEAD have no commit in common (is the clone shallow?)"
        raise GitError(repository.stalled or why) from None


def write_files(repository: Repository, revision: str, target: Path) -> int:
    """Write the files of a commit below the analysed root into a new folder; no links, no submodules.

    Returns:
        How many files were left out, since they are larger than the limit ``file-bytes`` or no file can have
        their name here.

    Raises:
        GitError: git cannot give them, or they are more than the limit ``revision-bytes``.
    """
    found: dict[str, list[PurePosixPath]] = {}
    left_out = 0
    for row in repository.run("ls-tree", "-r", "-z", revision).split(b"\0"):
        meta, _, raw = row.partition(b"\t")
        parts = meta.split()
        if len(parts) != 3 or parts[1] != b"blob" or parts[0] == LINK:
            continue
        path = PurePosixPath(raw.decode("utf-8", "surrogateescape"))
        if _inside(path):
            found.setdefault(parts[2].decode(), []).append(path)
        else:
            left_out += 1
    sizes = repository.sizes(found)
    wanted = {blob: sizes[blob] for blob in found if sizes.get(blob, CHUNK) <= repository.limits.file_bytes}
    left_out += sum(len(paths) for blob, paths in found.items() if blob not in wanted)
    if sum(max(size, BLOCK) * len(found[blob]) for blob, size in wanted.items()) > (
        repository.limits.revision_bytes
    ):
        raise GitError(
            f"{revision[:12]} has more than may be written ({repository.limits.named('revision_bytes')})"
        )
    for blob, data in _contents(repository, wanted):
        left_out += sum(not _written(target / path, data) for path in found[blob])
    return left_out


def _written(place: Path, data: bytes) -> bool:
    """Whether the file can be there.

    Raises:
        GitError: the disk takes no more.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise GitError(f"its files cannot be written: {error.strerror}") from None
        return False  # too long, a file and a folder at once, or not a name of this file system
    return True


def _inside(path: PurePosixPath) -> bool:
    """Whether a path of a tree object, which may be forged, stays in the folder that it is written to.

    What some file system takes for ``.git`` is none either: ``.GIT``, ``.git.``, ``git~1``.
    """
    odd = {"", "..", ".git", "git~1"}
    names = (part.lower().rstrip(" .") if part.strip(" .") else part for part in path.parts)
    return not path.is_absolute() and not any(name in odd or "\\" in name or ":" in name for name in names)


def _contents(repository: Repository, wanted: dict[str, int]) -> Iterator[tuple[str, bytes]]:
    chunk: list[str] = []
    size = 0
    for blob in sorted(wanted):
        if chunk and size + wanted[blob] > CHUNK:
            yield from _batch(repository, chunk)
            chunk, size = [], 0
        chunk.append(blob)
        size += wanted[blob]
    yield from _batch(repository, chunk)


def _batch(repository: Repository, blobs: list[str]) -> Iterator[tuple[str, bytes]]:
    if not blobs:
        return
    told = repository.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in blobs).encode())
    start = 0
    for blob in blobs:
        end = told.index(b"\n", start)
        head = told[start:end].split()
        if len(head) != 3:
            raise GitError(f"the object {blob} is missing")
        start = end + 1 + int(head[2]) + 1
        yield blob, told[end + 1 : start - 1]
