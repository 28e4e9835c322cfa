"""The whole flow on one page: tree -> facts -> System -> changes -> contexts -> Model."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import strangler

if TYPE_CHECKING:
    from strangler.config import Config
    from strangler.model import Model
    from strangler.sources import SourceTree

Progress = Callable[[str, int, int], None]
"""Told the stage, how many steps of it are done, and how many there are."""


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def scan(root: Path, config: Config) -> SourceTree:
    """What is there: first-party files with their hashes, import names and roles.

    Raises:
        OSError: ``root`` is not a readable directory.
    """
    from strangler import sources

    return sources.scan(root, roots=config.roots, exclude=config.exclude)


def analyze(
    tree: SourceTree,
    config: Config,
    *,
    jobs: int | None = None,
    cached: bool = True,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Model:
    """Everything that is known about a tree; the same tree, history and settings give an equal model.

    Args:
        tree: from ``scan``.
        config: the settings in force.
        jobs: processes that read files; None means all cores.
        cached: use and fill the user's cache of facts.
        executor: reads the files instead of processes of our own.
        progress: told how far each stage is.
    """
    from strangler.analyzers.link import link
    from strangler.model import Changes, Model
    from strangler.model.document import SCHEMA_VERSION, Generator
    from strangler.reading import read_facts

    with few_collections():
        facts = read_facts(tree, jobs=jobs, cached=cached, executor=executor, progress=progress)
        progress("linking", 0, 1)
        system, dynamic = link(tree, facts)
        return Model(
            schema_version=SCHEMA_VERSION,
            generator=Generator(version=strangler.__version__),
            **{name: getattr(system, name) for name in system.__struct_fields__ if name != "imports"},
            imports=tuple(dynamic),
            changes=Changes(),
            contexts=(),
            crossings=(),
        )


@contextmanager
def few_collections() -> Iterator[None]:
    """Collect garbage rarely: the values of an analysis live to its end and are looked at in vain."""
    threshold = gc.get_threshold()
    gc.set_threshold(200_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
