"""Names that a shell completes: contexts, modules, tables, URL paths of the model that a verb would read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from strangler.commands.model_names import Names

MOST = 500
"""Names given to a shell; who has more types another letter."""


def contexts(ctx: typer.Context, incomplete: str) -> list[str]:
    """Contexts that can be taken out."""
    rows = _names(ctx).contexts
    return _fitting((row.name for row in rows if row.kind == "context"), incomplete)


def subjects(ctx: typer.Context, incomplete: str) -> list[str]:
    """Whatever can be asked for."""
    model = _names(ctx)
    if incomplete.startswith("/"):
        return _fitting((row.path for row in model.endpoints), incomplete)
    names = [row.name for rows in (model.contexts, model.modules) for row in rows]
    tables = [f"table:{row.name}" for row in model.tables]
    return _fitting([*names, *tables], incomplete)


def _fitting(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})[:MOST]


def _names(ctx: typer.Context) -> Names:
    """The names of the model; none where it cannot be read, since a shell has no place for an error."""
    from strangler.commands import model_names
    from strangler.commands.outputs import find_model
    from strangler.commands.problems import UserError

    given = ctx.params.get("model")
    try:
        return model_names.read(find_model(Path(given) if given else None))
    except (OSError, UserError, ValueError, RecursionError):
        return model_names.Names()
