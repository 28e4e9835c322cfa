"""Finished runs, kept so that analysing an unchanged tree again costs little more than reading it.

A run is found again only if every input is the same: the contents of all files read, the revision and
history, the settings, and the version of strangler and of the libraries that take part. Runs live in the
user's cache directory as plain files, each with its digest beside it; a file that does not have its digest
means that the run is computed anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from strangler import files
from strangler.commands.earlier import read_prior
from strangler.commands.problems import UserError
from strangler.commands.trees import text_of
from strangler.identity import program_digest
from strangler.written import MODEL, REPORT

if TYPE_CHECKING:
    from strangler.config import Config
    from strangler.contexts import Accepted
    from strangler.model import Model, Prior
    from strangler.model.base import Value
    from strangler.reports import PlanLink
    from strangler.reports.verdict import Verdict
    from strangler.sources import SourceTree

SUMMARY, SHORTFALL = "summary.txt", "shortfall.txt"
VERDICT = "verdict.txt"
"""How far the verdict goes, and in a second line the context to take out first; none where it is near no
cut."""
FILES = (MODEL, SUMMARY, SHORTFALL, VERDICT)
"""What every stored run has; its report is rendered, and stored, when it is first asked for."""
DIGEST = ".blake2b"
"""Suffix of the file that holds the digest of another."""
KEPT = 8
"""Runs kept; the least recently used one goes first."""


class Run:
    """What a run gives: its model, and the files made of it, each when it is first asked for.

    Args:
        settings: those of the run.
        model: its result, where it was computed just now.
        place: where it is stored.
        tree: what it was made from, for the source lines of its report.
    """

    def __init__(
        self,
        settings: Config,
        tree: SourceTree,
        model: Model | None = None,
        place: Path | None = None,
    ) -> None:
        self._settings = settings
        self._tree = tree
        self._fresh = model
        self._place = place
        self._made: dict[str, bytes] = {}

    @cached_property
    def model(self) -> Model:
        """The result, read from the store only if it was not computed just now."""
        from strangler.model import ModelError, load

        if self._fresh is not None:
            return self._fresh
        try:
            return load(self.read(MODEL))
        except ModelError as error:
            raise UserError(f"{self._place}: {error}; remove it, or do without with --no-cache") from error

    @cached_property
    def _verdict(self) -> Verdict:
        from strangler.reports.index import Index
        from strangler.reports.verdict import verdict

        return verdict(self.model, Index(self.model))

    def read(self, name: str) -> bytes:
        """The bytes of one file."""
        content = self.source(name)
        return files.read(content) if isinstance(content, Path) else content

    def source(self, name: str) -> bytes | Path:
        """The bytes of one file, or where they are stored."""
        if self._place is not None and _is_whole(self._place / name):
            return self._place / name
        if name not in self._made:
            self._made[name] = self._make(name)
            if self._place is not None:
                with contextlib.suppress(OSError):  # a cache that cannot be written is no reason to fail
                    files.replace(self._place, _with_digest(name, self._made[name]))
        return self._made[name]

    def _make(self, name: str) -> bytes:
        from strangler.commands.summary import summarise
        from strangler.model import dump

        if name == MODEL:
            return dump(self.model)
        if name == SUMMARY:
            return summarise(self.model, self._verdict).encode()
        if name == VERDICT:
            outcome = self._verdict.outcome
            found = self._verdict.best if outcome in ("prepare", "ready") else None
            return f"{outcome}\n{found.context if found else ''}".encode("utf-8", "surrogatepass")
        if name == SHORTFALL:
            return shortfall(self.model, self._settings).encode()
        return self._report((), "")

    def report(self, plans: tuple[PlanLink, ...], progress: str) -> bytes | Path:
        """The report with links to what lies beside it; stored only where nothing does."""
        return self._report(plans, progress) if plans or progress else self.source(REPORT)

    def _report(self, plans: tuple[PlanLink, ...], progress: str) -> bytes:
        from strangler.reports import ReportError, ReportOptions, render
        from strangler.reports.excerpts import excerpts

        lines = excerpts(self.model, partial(text_of, self._tree.read)) if self._settings.excerpts else {}
        url = self._settings.source_url
        options = ReportOptions(source_url=url, excerpts=lines, plans=plans, progress=progress)
        try:
            return render(self.model, "html", options)[REPORT]
        except ReportError as error:  # a stored model that somebody has changed
            raise UserError(f"{self._place}: {error}; remove it, or do without with --no-cache") from error


def shortfall(model: Model, settings: Config) -> str:
    """How the analysis falls short of what ``[tool.strangler.check]`` demands; empty if it does not."""
    from strangler.model.coverage import measures
    from strangler.model.lookup import resolved_share, unread_files
    from strangler.text import plural

    lines = []
    share = resolved_share(model.references)
    if share is not None and share < settings.check.min_resolved:
        lines.append(
            f"{share:.1%} of the references are resolved; check.min-resolved requires "
            f"{settings.check.min_resolved:.1%}"
        )
    for measure in measures(model.system):
        least: float = getattr(settings.check, f"min_{measure.rows}")
        if measure.share is not None and measure.share < least:
            lines.append(
                f"{measure.share:.1%} of the {measure.rows} that may be there are listed ({measure.gaps}); "
                f"check.min-{measure.rows} requires {least:.1%}"
            )
    unparsed = len(unread_files(model.system))
    if settings.check.max_unparsed is not None and unparsed > settings.check.max_unparsed:
        lines.append(
            f"{plural(unparsed, 'file')} could not be read; "
            f"check.max-unparsed allows {settings.check.max_unparsed}"
        )
    return "\n".join(lines)


class Store:
    """The stored runs, and the place of one of them."""

    def __init__(
        self,
        tree: SourceTree,
        settings: Config,
        traces: Sequence[bytes] = (),
        accepted: Accepted | None = None,
        prior: Prior | None = None,
    ) -> None:
        from strangler.sources.cache import cache_directory, distrusted

        self._settings = settings
        self._tree = tree
        self._prior = prior
        self._root = cache_directory() / "runs"
        key = _key(tree, settings, traces, accepted)
        self._fresh = self._root / key
        self._place = self._fresh if prior is None else self._root / f"{key}-{_digest(prior)}"
        inside = tree.root.resolve()
        self.distrusted = distrusted(self._root.parent)
        """Why the cache may hold what others have put there; empty if it does not."""
        self._usable = inside not in (self._root, *self._root.parents) and not self.distrusted
        self.damaged = False
        """Whether there was a stored run of this input that is not as it was written."""

    def find(self) -> Run | None:
        """The stored run of the same input.

        A run without a prior is one of its own cut as well: it would change nothing.
        """
        if self._usable:
            files.sweep(self._root)
        try:
            for place in dict.fromkeys((self._place, self._fresh)):
                if not self._usable or not place.is_dir():
                    continue
                files.sweep(place)
                if not all(_is_whole(place / name) for name in FILES) or not _are_texts(place):
                    self.damaged = True
                    shutil.rmtree(place)
                    continue
                if place == self._fresh != self._place and read_prior(place) != self._prior:
                    continue
                place.touch()  # used just now
                return Run(self._settings, self._tree, place=place)
        except OSError:
            pass
        return None

    def keep(self, run: Run) -> None:
        """Store a run; a cache that cannot be written is no reason to fail."""
        if not self._usable:
            return
        try:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            with files.draft(self._root) as draft, contextlib.suppress(OSError):
                whole = draft / "run"
                whole.mkdir()
                for name in FILES:
                    for each, content in _with_digest(name, run.read(name)).items():
                        files.write(whole / each, content)
                files.sync(whole)
                whole.rename(self._place)  # fails where another process has stored the same run
            stored = [place for place in self._root.iterdir() if not place.name.startswith(files.PREFIX)]
            runs = sorted(stored, key=_used, reverse=True)
            for old in runs[KEPT:]:
                shutil.rmtree(old, ignore_errors=True)
        except OSError:
            return


def _used(place: Path) -> float:
    """When a stored run was used last; a time to come is of a clock that was wrong, and says nothing."""
    at = place.stat().st_mtime
    return at if at <= time.time() + 1 else 0.0


def _with_digest(name: str, content: bytes) -> dict[str, bytes]:
    return {f"{name}{DIGEST}": _check_sum(content), name: content}


def _is_whole(path: Path) -> bool:
    """Whether a stored file is there and as it was written."""
    try:
        return _check_sum(files.read(path)) == files.read(path.with_name(f"{path.name}{DIGEST}"))
    except OSError:
        return False


def _are_texts(place: Path) -> bool:
    try:
        for name in (SUMMARY, SHORTFALL, VERDICT):
            files.read(place / name).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _check_sum(content: bytes) -> bytes:
    return hashlib.blake2b(content).hexdigest().encode()


def _digest(value: Value) -> str:
    import msgspec

    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def _key(
    tree: SourceTree, settings: Config, traces: Sequence[bytes], accepted: Accepted | None = None
) -> str:
    from strangler.config import dump
    from strangler.sources import git

    repository, missing = git.find_repository(tree.root, tree.limits)
    history = (
        [missing]
        if repository is None
        else [
            repository.head() or "",
            git.source_url(tree.root, tree.limits),
            *sorted(repository.shallow()),
        ]
    )
    digest = hashlib.sha256()
    spans = [hashlib.sha256(data).hexdigest() for data in traces]
    decided = [] if accepted is None else [_digest(accepted)]
    inputs = (tree.name, *tree.roots, tree.digest, *history, *spans, dump(settings), *decided)
    for part in (*inputs, program_digest()):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
