"""Finished runs, kept so that analysing an unchanged tree again costs little more than reading it.

A run is found again only if every input is the same: the contents of all files read, the revision and
history, the settings, and the version of strangler and of the libraries that take part. Runs live in the
user's cache directory as plain files; anything odd there means that the run is computed anew.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from strangler.commands.outputs import MODEL, REPORT
from strangler.identity import program_digest

if TYPE_CHECKING:
    from strangler.config import Config
    from strangler.model import Model
    from strangler.sources import SourceTree

FILES = (MODEL, REPORT, "summary.txt", "shortfall.txt")
KEPT = 8
"""Runs kept; the least recently used one goes first."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run gives: file name -> its bytes, or where they are stored."""

    files: Mapping[str, bytes | Path]

    def read(self, name: str) -> bytes:
        """The bytes of one file."""
        content = self.files[name]
        return content.read_bytes() if isinstance(content, Path) else content


def complete(model: Model, settings: Config) -> Run:
    """All that is written or printed for a model."""
    from strangler.commands.summary import summarise
    from strangler.model import dump
    from strangler.reports import ReportOptions, render

    report = render(model, "html", ReportOptions(source_url=settings.source_url))
    return Run(
        {
            MODEL: dump(model),
            REPORT: report[REPORT],
            "summary.txt": summarise(model).encode(),
            "shortfall.txt": shortfall(model, settings).encode(),
        }
    )


def shortfall(model: Model, settings: Config) -> str:
    """How the analysis falls short of what ``[tool.strangler.check]`` demands; empty if it does not."""
    from strangler.commands.summary import resolved_share

    lines = []
    share = resolved_share(model.references)
    if share is not None and share < settings.check.min_resolved:
        lines.append(
            f"{share:.1%} of the references are resolved; check.min-resolved demands "
            f"{settings.check.min_resolved:.1%}"
        )
    unparsed = len({item.file for item in model.diagnostics if item.severity == "error"})
    if settings.check.max_unparsed is not None and unparsed > settings.check.max_unparsed:
        lines.append(
            f"{unparsed} files could not be read; check.max-unparsed allows {settings.check.max_unparsed}"
        )
    return "\n".join(lines)


class Store:
    """The stored runs, and the place of one of them."""

    def __init__(self, tree: SourceTree, settings: Config, traces: Sequence[bytes] = ()) -> None:
        from strangler.sources.cache import cache_directory

        self._root = cache_directory() / "runs"
        self._place = self._root / _key(tree, settings, traces)
        inside = tree.root.resolve()
        self._usable = inside not in (self._root, *self._root.parents)

    def find(self) -> Run | None:
        """The stored run of the same input."""
        try:
            if not self._usable or not all((self._place / name).is_file() for name in FILES):
                return None
            self._place.touch()  # used just now
            return Run({name: self._place / name for name in FILES})
        except OSError:
            return None

    def keep(self, run: Run) -> None:
        """Store a run; a cache that cannot be written is no reason to fail."""
        if not self._usable:
            return
        try:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self._root))
            for name in FILES:
                (draft / name).write_bytes(run.read(name))
            try:
                draft.rename(self._place)
            except OSError:
                shutil.rmtree(draft)  # another process stored the same run
            runs = sorted(self._root.iterdir(), key=lambda place: place.stat().st_mtime, reverse=True)
            for old in runs[KEPT:]:
                shutil.rmtree(old, ignore_errors=True)
        except OSError:
            return


def _key(tree: SourceTree, settings: Config, traces: Sequence[bytes]) -> str:
    from strangler.config import dump
    from strangler.sources import git

    repository, missing = git.find_repository(tree.root)
    history = [missing] if repository is None else [repository.head() or "", *sorted(repository.shallow())]
    digest = hashlib.sha256()
    spans = [hashlib.sha256(data).hexdigest() for data in traces]
    for part in (tree.name, *tree.roots, tree.digest, *history, *spans, dump(settings), program_digest()):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
