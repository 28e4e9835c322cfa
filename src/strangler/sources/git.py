"""The git history of a monolith, read without running anything that the repository names.

A repository's own configuration can make git start programs (signature checks, lazy fetches, filters, hooks,
file-system monitors), and its files can send git elsewhere. So only commands on objects are used, with every
such setting overridden, an empty environment and the repository found by this module, not by git.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from strangler.limits import DEFAULT, Limits
from strangler.sources import forges, listing
from strangler.sources.gitlog import FIELDS, Files, LogEntry, entries, may_move, seconds
from strangler.sources.places import git_program, is_whole, pointed_to, search_path, small_text
from strangler.sources.tree import SourceTree

MEMORY = 3
"""How many times what it may list git may take of memory: it makes its lists before it prints them."""
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.quotePath=false",
    "core.commitGraph=true",
    "diff.external=",
    "diff.orderFile=/dev/null",
    "diff.ignoreSubmodules=all",
    "i18n.logOutputEncoding=UTF-8",
    "log.showSignature=false",
    "log.mailmap=false",
    "log.follow=false",
    "log.diffMerges=separate",
    "log.showRoot=true",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "safe.directory=*",
    "submodule.recurse=false",
)


RENAMES = ("-B", "-M50%", "-C50%")
"""What was rewritten is taken apart first, so that swapped names and shims under old names are seen."""


class GitError(Exception):
    """git is missing, or could not answer; the message says what to do."""


@dataclass(frozen=True)
class Repository:
    """A repository that holds the analysed root."""

    root: Path
    git_dir: Path
    top: Path
    limits: Limits = DEFAULT

    def run(self, *arguments: str, quick: bool = False, stdin: bytes = b"") -> bytes:
        """The output of a git command on objects.

        Args:
            quick: it looks up one commit, no list.

        Raises:
            GitError: git is missing, failed, took too long or lists too much.
        """
        program = git_program((self.top, self.root))
        if program is None:
            raise GitError("git is not installed, or no folder of PATH outside the repository holds it")
        if self.git_dir in _STALLED:
            raise GitError(_STALLED[self.git_dir])
        limit = "git_lookup_seconds" if quick else "git_seconds"
        flags = [part for setting in _SETTINGS for part in ("-c", setting)]
        command = [program, "--no-pager", *flags, *arguments]
        try:
            done = listing.run(
                command,
                stdin,
                cwd=self.root,
                env=self._environment(),
                seconds=getattr(self.limits, limit),
                most=self.limits.git_bytes,
                memory=self.limits.git_bytes * MEMORY,
            )
        except TimeoutError:
            raise self._stalled(arguments[0], "did not end in time", limit) from None
        except listing.TooLongError:
            raise self._stalled(arguments[0], "lists too much", "git_bytes") from None
        except OSError as error:
            raise GitError(f"git cannot be run: {error.strerror or error}") from None
        if done.code:
            if b"ut of memory" in done.errors:
                raise self._stalled(arguments[0], "takes too much memory", "git_bytes")
            lines = done.errors.decode("utf-8", "replace").strip().splitlines() or ["no message"]
            raise GitError(f"git {arguments[0]} failed: {lines[-1][:200]}")
        return done.output

    def _stalled(self, verb: str, what: str, limit: str) -> GitError:
        """The error of a repository that costs more than a limit; it is not asked again."""
        _STALLED[self.git_dir] = f"git {verb} {what} ({self.limits.named(limit)})"
        return GitError(_STALLED[self.git_dir])

    @property
    def stalled(self) -> str:
        """Why it is not asked any more, if it is not."""
        return _STALLED.get(self.git_dir, "")

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TMPDIR") if name in os.environ}
        return kept | {
            "PATH": os.pathsep.join(search_path((self.top, self.root))),
            "HOME": os.devnull,
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "GIT_DIR": str(self.git_dir),
            "GIT_WORK_TREE": str(self.top),
            "GIT_ALLOW_PROTOCOL": "",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_GRAFT_FILE": os.devnull,
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
        }

    def head(self) -> str | None:
        """The commit checked out; None before the first one, and where git cannot say (see `problem`)."""
        commit = ("--verify", "--quiet", "--end-of-options", "HEAD^{commit}")
        try:
            name = self.run("rev-parse", *commit, quick=True)
        except GitError:
            return None
        return name.decode().strip() or None

    def problem(self) -> str:
        """Why there is no `head`."""
        try:
            self.run("rev-parse", "--git-dir", quick=True)
        except GitError as error:
            return str(error)
        return "the repository has no commit"

    def holds_files(self) -> bool:
        """Whether the commit checked out has any file below the analysed root."""
        try:
            return bool(self.run("ls-tree", "-z", "HEAD", quick=True))
        except GitError:
            return False

    def time(self, revision: str) -> int:
        """Committer time of a commit, seconds since the epoch, no later than `LAST_TIME`."""
        shown = self.run("log", "-1", "--no-show-signature", "--format=%ct", revision, "--", quick=True)
        return seconds(shown.decode("ascii", "replace").strip())

    def blobs(self, revision: str) -> dict[str, str]:
        """Path below the analysed root -> object name, for the files of a commit."""
        listed = self.run("ls-tree", "-r", "-z", revision)
        found = {}
        for row in listed.split(b"\0"):
            meta, _, path = row.partition(b"\t")
            parts = meta.split()
            if len(parts) == 3 and parts[1] == b"blob":
                found[path.decode("utf-8", "surrogateescape")] = parts[2].decode()
        return found

    def shallow(self) -> frozenset[str]:
        """The commits at which a shallow clone was cut off: their parents are not here."""
        return frozenset(small_text(self.git_dir / "shallow").split())

    def merges(self, window: Sequence[str]) -> int:
        """The number of merge commits in a window of ``log`` options."""
        return int(self.run("rev-list", "--count", "--merges", *window, "HEAD", "--").split()[0])

    def log(self, window: Sequence[str] = (), *, renames: Sequence[str] = RENAMES) -> list[LogEntry]:
        """The commits that touch Python files below the root, no merges, newest first.

        Args:
            window: ``--since=...`` and the like.
            renames: how git finds them; where blobs are missing, ``-M100%`` needs none of them.

        Renames are looked for where there may be one: to compare the files of all commits takes git ten times
        as long as to list them.
        """
        listed = self._logged("--no-renames", "--date-order", *window, "HEAD")
        if "--no-renames" in renames:
            return [entry for entry, _ in listed]
        several = (files for _, files in listed if len(files) > 1)
        sizes = self.sizes({blob for files in several for _, *both in files for blob in both})
        moving: dict[str, list[str]] = {"renamed": [], "rewritten": []}
        for entry, files in listed:
            how = may_move(files, sizes)
            if how is not None:
                moving[how].append(entry.sha)
        simple = ("-M50%",) if renames == RENAMES else renames
        compared = [
            *self._compared(moving["renamed"], simple),
            *self._compared(moving["rewritten"], renames),
        ]
        found = {entry.sha: entry for entry in compared}
        return [found.get(entry.sha, entry) for entry, _ in listed]

    def _compared(self, commits: Sequence[str], renames: Sequence[str]) -> list[LogEntry]:
        """Commits with their renames."""
        if not commits:
            return []
        asked = "".join(f"{sha}\n" for sha in commits).encode()
        found = self._logged(*renames, "-l3000", "--no-walk=unsorted", "--stdin", stdin=asked)
        return [entry for entry, _ in found]

    def sizes(self, blobs: Iterable[str]) -> dict[str, int]:
        """The sizes of blobs in bytes; empty where some of them are missing."""
        asked = "".join(f"{blob}\n" for blob in sorted(blobs))
        try:
            told = self.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked.encode())
        except GitError:
            return {}
        rows = (line.split() for line in told.decode("ascii", "replace").splitlines())
        return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}

    def _logged(self, *options: str, stdin: bytes = b"") -> list[tuple[LogEntry, Files]]:
        """Commits with their files."""
        output = self.run(
            "log", "-z", "--no-merges", "--full-history", "--raw", "--no-abbrev",
            "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-notes", "--no-color",
            "--relative", f"--format={FIELDS}", *options, "--", "*.py",
            stdin=stdin,
        )  # fmt: skip
        return list(entries(output))


_STALLED: dict[Path, str] = {}
"""Repositories in which git did not come to an end: a pipe is among its files, or its trees hold one another
many times. It is not asked again."""


def find_repository(root: Path, limits: Limits = DEFAULT) -> tuple[Repository | None, str]:
    """The repository that holds ``root``, and if there is none, why its history is not read."""
    try:
        return _find(root.resolve(), limits)
    except OSError as error:
        return None, f".git cannot be read ({error.strerror or error}); its history is left out"


def _find(root: Path, limits: Limits) -> tuple[Repository | None, str]:
    for top in (root, *root.parents):
        mark = top / ".git"
        if not mark.exists() and not mark.is_symlink():
            continue
        if mark.is_symlink():
            return None, ".git is a link; the history of another place is not read"
        git_dir = mark if mark.is_dir() else pointed_to(mark)
        if git_dir is None:
            return None, ".git points to a repository that does not point back; its history is not read"
        if mark.is_dir() and not is_whole(mark):
            return None, ".git is not the directory of a whole repository"
        return Repository(root, git_dir, top, limits), ""
    return None, "not in a git repository"


def revision(root: Path, limits: Limits = DEFAULT) -> str | None:
    """The commit checked out at ``root``.

    None outside git, without git, before the first commit, and where the repository does not hold the root.
    """
    repository, _ = find_repository(root, limits)
    return repository.head() if repository and repository.holds_files() else None


def source_url(root: Path, limits: Limits = DEFAULT) -> str:
    """The template of links to lines at the forge of the remote ``origin``; empty where there is none."""
    repository, _ = find_repository(root, limits)
    if repository is None:
        return ""
    try:
        question = ("config", "--local", "--no-includes", "--get", "remote.origin.url")
        remote = repository.run(*question, quick=True).decode("utf-8", "replace")
    except GitError:  # there is no such remote
        return ""
    inside = repository.root.resolve().relative_to(repository.top.resolve()).as_posix()
    return forges.source_url(remote, "" if inside == "." else inside)


def is_dirty(tree: SourceTree) -> bool:
    """Whether the Python files of the tree differ from those of the commit checked out.

    Compares object names, so that no filter, hook or monitor of the repository takes part. A file that git
    does not know counts as a difference.
    """
    repository, _ = find_repository(tree.root, tree.limits)
    head = repository.head() if repository else None
    if repository is None or head is None:
        return False
    known = repository.blobs(head)
    scanned = {file.path for file in tree.files}
    if any(_differs(tree, file.path, file.blob, known.get(file.path)) for file in tree.files):
        return True
    left_out = (path for path in known if path.endswith(".py") and path not in scanned)
    return any(not os.path.lexists(tree.root / path) for path in left_out)


def _differs(tree: SourceTree, path: str, found: str, committed: str | None) -> bool:
    if committed is None:
        return True
    if found == committed:
        return False
    try:
        data = tree.read(path)
    except OSError:
        return True
    kind = hashlib.sha256 if len(committed) == 64 else hashlib.sha1
    for content in (data, data.replace(b"\r\n", b"\n")):  # checked out with the platform's line ends
        if kind(b"blob %d\0%b" % (len(content), content)).hexdigest() == committed:
            return False
    return True
