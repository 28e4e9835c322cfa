"""``model.json``: the System with its history and contexts, as one versioned document."""

from __future__ import annotations

from typing import Literal

import msgspec

from strangler.model.base import Value
from strangler.model.boundaries import Boundary, Continuity
from strangler.model.contexts import BoundedContext, ContextKind, Crossing, ModuleSplit
from strangler.model.history import Activity, Changes
from strangler.model.system import System

SCHEMA_VERSION = 1
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What ``msgspec.json.decode`` raises: another form, a text that is not UTF-8, nested without end."""


class ModelError(ValueError):
    """A document that is not a model of this schema version."""


class Generator(Value, frozen=True, kw_only=True):
    """Who wrote the document."""

    name: Literal["strangler"] = "strangler"
    version: str


class Level(Value, frozen=True, kw_only=True):
    """One level of the hierarchy of contexts: a coarser or finer cut than the recommended one."""

    label: Literal["coarser", "recommended", "finer"]
    resolution: float
    contexts: tuple[BoundedContext, ...]


class Document(System, frozen=True):
    """The facts, and how to read them: positional, so that these two fields stand first in the file."""

    schema_version: int
    generator: Generator


class Model(Document, frozen=True, kw_only=True):
    """What ``strangler analyze`` writes: any report or plan can be made from it alone."""

    changes: Changes
    contexts: tuple[BoundedContext, ...]
    crossings: tuple[Crossing, ...]
    hierarchy: tuple[Level, ...] = ()
    metrics: dict[str, float | None] = {}
    """Metrics of the recommended cut as a whole."""
    splits: tuple[ModuleSplit, ...] = ()
    """Modules that serve several contexts, and what belongs to which."""
    boundaries: tuple[Boundary, ...] = ()
    """What was accepted: the contexts hold to it."""
    continuity: Continuity = Continuity()
    """What became of the accepted boundaries, or of the cut of an earlier run."""
    activity: Activity = Activity()
    """Which contexts change together more and more, and which modules are hotspots."""

    @property
    def system(self) -> System:
        """The facts alone."""
        return System(**{name: getattr(self, name) for name in System.__struct_fields__})


def dump(model: Model) -> bytes:
    """The document as UTF-8 JSON, indented by one space, the same bytes for the same model."""
    return msgspec.json.format(msgspec.json.encode(model, order="deterministic"), indent=1) + b"\n"


def load(data: bytes) -> Model:
    """Read ``model.json``.

    Raises:
        ModelError: not JSON, another schema version, a field of the wrong shape (named in the message), or a
            row of a module that is not listed, or two contexts of one name.
    """
    try:
        version = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).get("schema_version")
        if version is None or bytes(version).strip() != str(SCHEMA_VERSION).encode():
            found = "none" if version is None else bytes(version).decode("utf-8", "replace")[:40]
            raise ModelError(
                f"schema_version is {found}, not {SCHEMA_VERSION}: run `strangler analyze` again"
            )
        model = msgspec.json.decode(data, type=Model)
    except NOT_JSON as error:
        raise ModelError(f"not a strangler model: {error}") from error
    _every_module_is_listed(model)
    names = [context.name for context in model.contexts]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ModelError(f"two contexts are called {twice!r:.200}")
    return model


_MODULES = ("module", "importer", "imported", "target_module")
"""Fields of rows that name a module of the monolith."""


def _every_module_is_listed(model: Model) -> None:
    """Every reader looks modules up by the names that rows give them."""
    listed = {module.name for module in model.modules} | {""}
    for name in System.__struct_fields__:
        rows = getattr(model, name)
        if not isinstance(rows, tuple) or not rows or not isinstance(rows[0], msgspec.Struct):
            continue
        for field in set(_MODULES).intersection(rows[0].__struct_fields__):
            unknown = next((value for row in rows if (value := getattr(row, field)) not in listed), None)
            if unknown is not None:
                raise ModelError(f"{name} names the module {unknown!r:.200}, which modules does not list")


class Prior(Value, frozen=True, kw_only=True):
    """The cut of an earlier run, an input of the next one like the history."""

    contexts: tuple[BoundedContext, ...]
    """Without members and metrics."""
    guidance: str = ""
    """``Continuity.guidance`` of that run."""
    revision: str | None = None


class _Context(msgspec.Struct):
    name: str
    kind: ContextKind
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    id: str = ""
    accepted: bool = False
    rest: bool = False


class _Revision(msgspec.Struct, frozen=True):
    revision: str | None = None


class _Earlier(msgspec.Struct):
    """The part of a document that its cut is; the rest is not decoded."""

    schema_version: int
    contexts: tuple[_Context, ...]
    monolith: _Revision = _Revision()
    continuity: Continuity = Continuity()


def load_cut(data: bytes) -> tuple[Prior, Continuity]:
    """The cut alone of a ``model.json`` and what became of the one before it, much faster than ``load``.

    Raises:
        ModelError: not JSON, another schema version, or a field of the wrong shape.
    """
    try:
        found = msgspec.json.decode(data, type=_Earlier)
    except NOT_JSON as error:
        raise ModelError(f"not a strangler model: {error}") from error
    if found.schema_version != SCHEMA_VERSION:
        raise ModelError(f"schema_version is {found.schema_version}, not {SCHEMA_VERSION}")
    contexts = (
        BoundedContext(confidence=0.0, **msgspec.structs.asdict(context)) for context in found.contexts
    )
    cut = Prior(
        contexts=tuple(contexts), guidance=found.continuity.guidance, revision=found.monolith.revision
    )
    return cut, found.continuity
