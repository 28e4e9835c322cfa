"""Names that a shell completes: contexts, modules, tables, URL paths of the model that a verb would read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

MOST = 500
"""Names given to a shell; who has more types another letter."""


def contexts(ctx: typer.Context, incomplete: str) -> list[str]:
    """Contexts that can be taken out."""
    rows = _model(ctx).get("contexts", [])
    return _fitting((row["name"] for row in rows if row["kind"] == "context"), incomplete)


def subjects(ctx: typer.Context, incomplete: str) -> list[str]:
    """Whatever can be asked for."""
    model = _model(ctx)
    if incomplete.startswith("/"):
        return _fitting((row["path"] for row in model.get("endpoints", [])), incomplete)
    names = [row["name"] for key in ("contexts", "modules") for row in model.get(key, [])]
    tables = [f"table:{row['name']}" for row in model.get("tables", [])]
    return _fitting([*names, *tables], incomplete)


def _fitting(names: Any, incomplete: str) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})[:MOST]


def _model(ctx: typer.Context) -> dict[str, Any]:
    """The rows of the model; none where it cannot be read, since a shell has no place for an error."""
    import msgspec

    from strangler.commands.outputs import find_model
    from strangler.commands.problems import UserError

    given = ctx.params.get("model")
    try:
        found: dict[str, Any] = msgspec.json.decode(find_model(Path(given) if given else None).read_bytes())
    except (OSError, UserError, ValueError):
        return {}
    return found
