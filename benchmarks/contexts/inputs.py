"""Systems to measure on: a stored model, or a repository analysed here and now."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from strangler import pipeline
from strangler.config import Config
from strangler.contexts import views
from strangler.model import Changes, Module, Monolith, System
from strangler.model import load as load_model

ROWS = ("imports", "tables", "accesses", "transactions", "endpoints", "tasks", "signals", "commands")


def system_of(name: str, modules: Iterable[Module], **facts: object) -> System:
    """A system made by hand: these modules and facts, and no others."""
    empty = dict.fromkeys((*ROWS, "diagnostics"), ())
    return System(
        monolith=Monolith(name=name, packages=(), revision=None, frameworks=()),
        modules=tuple(sorted(modules)),
        **(empty | facts),  # type: ignore[arg-type]
    )


@dataclass(frozen=True)
class Subject:
    """A system with its history."""

    name: str
    system: System
    changes: Changes

    @property
    def path_of(self) -> dict[str, str]:
        """module -> path, of the production modules."""
        return {module.name: module.path for module in views.production(self.system)}


def subject(path: Path) -> Subject:
    """``path`` is a model.json or a tree to analyse."""
    if path.is_file():
        model = load_model(path.read_bytes())
        name = path.parent.name.removesuffix("-out")
    else:
        config = Config()
        model = pipeline.analyze(pipeline.scan(path, config), config)
        name = path.name
    return Subject(name, model.system, model.changes)


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        capture_output=True,
        check=True,
        text=True,
        errors="replace",
    )
    return done.stdout


@contextmanager
def as_of(repository: Path, months: int) -> Iterator[tuple[Subject, list[list[str]]]]:
    """The system ``months`` before the last commit, and what later commits touched together.

    The later commits are lists of modules that existed then: no merges, 2 to 30 of them a commit.
    """
    head = git(repository, "rev-parse", "HEAD").strip()
    last = int(git(repository, "log", "-1", "--format=%ct", head))
    until = last - int(months * 30.44 * 86400)
    start = git(repository, "rev-list", "-1", "--first-parent", f"--before={until}", head).strip()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / repository.name
        git(repository, "clone", "-q", "--shared", "--no-checkout", str(repository.resolve()), str(tree))
        git(tree, "checkout", "-q", start)
        found = subject(tree)
        module_at = {path: name for name, path in found.path_of.items()}
        log = git(
            tree,
            "log",
            "--no-merges",
            "--format=%x01",
            "--name-only",
            "--no-renames",
            f"{start}..{head}",
            "--",
            "*.py",
        )
        commits = []
        for record in log.split("\x01"):
            touched = {module_at[line] for line in record.splitlines() if line in module_at}
            if 2 <= len(touched) <= 30:
                commits.append(sorted(touched))
        yield found, commits
