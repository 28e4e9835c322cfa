"""The sample monoliths with the contexts that were planted in them, whatever the analysis proposes."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from helpers.monolith import FIXTURES
from strangler import pipeline
from strangler.config import Config
from strangler.contexts.crossings import of_cut
from strangler.model import BoundedContext, Model, dump


@cache
def planted(name: str) -> Model:
    """The model of a sample monolith, its contexts as in its truth.toml."""
    found = pipeline.analyze(pipeline.scan(FIXTURES / name, Config()), Config(), jobs=1, cached=False)
    truth = tomllib.loads((FIXTURES / name / "truth.toml").read_text(encoding="utf-8"))
    contexts = tuple(
        BoundedContext(
            name=context,
            kind="shared_kernel" if context == "platform" else "context",
            modules=tuple(sorted(parts["modules"])),
            tables=tuple(sorted(parts["tables"])),
            confidence=1.0,
        )
        for context, parts in sorted(truth["context"].items())
    )
    return changed(found, contexts=contexts)


def changed(model: Model, **fields: object) -> Model:
    """The model with other facts or contexts, and the crossings that follow from them."""
    model = msgspec.structs.replace(model, **fields)
    return msgspec.structs.replace(model, crossings=of_cut(model.system, model.contexts))


def planted_file(name: str, folder: Path) -> Path:
    """The same as a model.json."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.json"
    path.write_bytes(dump(planted(name)))
    return path
