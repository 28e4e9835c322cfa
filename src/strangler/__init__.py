"""strangler: take a Python monolith apart safely.

The same as the commands do, for programs::

    import strangler

    model = strangler.analyze("path/to/monolith")
    for context in model.contexts:
        print(context.name, len(context.modules))
    Path("model.json").write_bytes(strangler.dump(model))

Everything they give is a value of ``strangler.model``, frozen and compared by content. Nothing of the
monolith is imported or run, and nothing is written into its tree.
"""

from __future__ import annotations

# isort: off
from strangler import start as _start  # noqa: F401 - before what a file of the current folder could stand for

# isort: on
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from strangler.version import __version__

if TYPE_CHECKING:
    from strangler.config import Config
    from strangler.contexts import Proposal
    from strangler.model import Model, System

__all__ = ["__version__", "analyze", "dump", "load", "propose", "read"]


def read(
    root: str | Path, config: Config | None = None, *, jobs: int | None = None, cached: bool = True
) -> System:
    """The facts of a monolith: modules, imports, tables and accesses, endpoints, tasks, signals, calls.

    Args:
        root: the directory that holds the code base.
        config: the settings; None: those of its ``pyproject.toml`` or ``strangler.toml``, else the defaults.
        jobs: processes that read files; None means all cores.
        cached: use and fill the user's cache of facts.

    Raises:
        OSError: ``root`` is not a readable directory.
        strangler.config.ConfigError: the settings found there cannot be used.
        strangler.analyzers.plugin.PluginError: a framework of another distribution cannot be used.
    """
    from strangler import pipeline

    settings = _settings(root, config)
    return pipeline.read(pipeline.scan(Path(root), settings), jobs=jobs, cached=cached)


def analyze(
    root: str | Path,
    config: Config | None = None,
    *,
    jobs: int | None = None,
    cached: bool = True,
    traces: Sequence[bytes] = (),
    prior: Model | None = None,
) -> Model:
    """All that is known of a monolith: its facts, its history, the contexts proposed, and what crosses them.

    What ``strangler analyze`` writes as ``model.json``: ``dump`` gives these bytes.

    Args:
        root: the directory that holds the code base.
        config: the settings; None: those of its ``pyproject.toml`` or ``strangler.toml``, else the defaults.
        jobs: processes that read files; None means all cores.
        cached: use and fill the user's cache of facts.
        traces: run-time spans as further evidence, each an OTLP JSON document or one a line.
        prior: an earlier model, whose contexts stay unless much is gained by a move. The boundaries in
            ``strangler-boundaries.toml`` hold in any case.

    Raises:
        OSError: ``root`` is not a readable directory.
        strangler.boundaries.BoundariesError: the boundaries found there cannot hold.
        strangler.config.ConfigError: the settings found there cannot be used.
        strangler.analyzers.plugin.PluginError: a framework of another distribution cannot be used.
        strangler.analyzers.history.WindowError: the history settings cannot be understood.
        strangler.contexts.TraceError: the traces cannot.
    """
    from strangler import boundaries, pipeline
    from strangler.contexts import Accepted
    from strangler.model import Prior

    settings = _settings(root, config)
    tree = pipeline.scan(Path(root), settings)
    file = boundaries.find(Path(root))
    accepted = None
    if file is not None:
        held, lines = boundaries.read(file)
        accepted = Accepted(file=file.name, boundaries=held, lines=lines)
    before = None
    if prior is not None:
        before = Prior(contexts=prior.contexts, guidance=prior.continuity.guidance)
    return pipeline.analyze(
        tree, settings, jobs=jobs, cached=cached, traces=traces, accepted=accepted, prior=before
    )


def propose(model: Model, config: Config | None = None) -> Proposal:
    """The contexts that other settings would give, from the facts and the history of a model.

    Args:
        model: from ``analyze`` or ``load``.
        config: its ``contexts`` count: pins, joins, the number of contexts ...; None: the defaults.
    """
    from strangler import pipeline
    from strangler.config import Config

    return pipeline.propose(model, config or Config())


def load(source: bytes | str | Path) -> Model:
    """Read a ``model.json``: its content as bytes, or the path of the file.

    Raises:
        OSError: the file cannot be read.
        strangler.model.ModelError: no model, or one of another schema version.
    """
    from strangler import model

    return model.load(source if isinstance(source, bytes) else Path(source).read_bytes())


def dump(model: Model) -> bytes:
    """The model as ``model.json``: UTF-8 JSON, the same bytes for the same model."""
    from strangler import model as models

    return models.dump(model)


def _settings(root: str | Path, config: Config | None) -> Config:
    from strangler.config import load

    return config if config is not None else load(Path(root))
