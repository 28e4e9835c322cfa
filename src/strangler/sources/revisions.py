"""Another commit of the analysed repository, as files: git's objects are read, nothing of it is run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from strangler.sources.git import GitError, Repository

CHUNK = 32_000_000
"""Bytes asked of git at once."""
LINK = b"120000"


def merge_base(repository: Repository, revision: str) -> str:
    """The commit at which what is checked out has left ``revision``.

    Raises:
        GitError: no such commit, or no history in common.
    """
    name = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        commit = repository.run("rev-parse", *name, quick=True).decode().strip()
    except GitError:
        raise GitError(f"no commit {revision!r} in this repository (a shallow clone lacks most)") from None
    try:
        return repository.run("merge-base", commit, "HEAD", quick=True).decode().strip()
    except GitError:
        raise GitError(f"{revision!r} and HEAD have no commit in common (is the clone shallow?)") from None


def write_files(repository: Repository, revision: str, target: Path) -> int:
    """Write the files of a commit below the analysed root into a new folder; no links, no submodules.

    Returns:
        How many files were left out, since they are larger than the limit ``file-bytes``.

    Raises:
        GitError: git cannot give them.
    """
    found: dict[str, list[PurePosixPath]] = {}
    for row in repository.run("ls-tree", "-r", "-z", revision).split(b"\0"):
        meta, _, raw = row.partition(b"\t")
        parts = meta.split()
        path = PurePosixPath(raw.decode("utf-8", "surrogateescape"))
        if len(parts) == 3 and parts[1] == b"blob" and parts[0] != LINK and _inside(path):
            found.setdefault(parts[2].decode(), []).append(path)
    sizes = repository.sizes(found)
    wanted = {blob: sizes[blob] for blob in found if sizes.get(blob, CHUNK) <= repository.limits.file_bytes}
    for blob, data in _contents(repository, wanted):
        for path in found[blob]:
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return sum(len(paths) for blob, paths in found.items() if blob not in wanted)


def _inside(path: PurePosixPath) -> bool:
    """Whether a path of a tree object, which may be forged, stays in the folder that it is written to."""
    odd = {"", ".", "..", ".git"}
    return not path.is_absolute() and not any(p in odd or "\\" in p or ":" in p for p in path.parts)


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
