"""The databases of a service that works with SQLAlchemy, asked by its probes."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

from sqlalchemy import text

ENGINES: tuple[tuple[str, str], ...] = ()
"""Module and name of each engine that the service's modules make when they are imported."""


def problems() -> list[str]:
    """Which engines cannot be asked, and why; those for coroutines are not asked here."""
    return [
        found for name, engine in _engines() if not _for_coroutines(engine) for found in ask(name, engine)
    ]


async def problems_later() -> list[str]:
    """The same in an event loop, for engines of both kinds."""
    found = await asyncio.to_thread(problems)
    for name, engine in _engines():
        if _for_coroutines(engine):
            try:
                async with engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
            except Exception as error:  # whatever a driver raises, the service is not ready
                found.append(f"database {name}: {type(error).__name__}")
    return found


def ask(name: str, engine: Any) -> list[str]:
    """The problem with one engine, if there is one."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception as error:  # whatever a driver raises, the service is not ready
        return [f"database {name}: {type(error).__name__}"]
    return []


def _engines() -> list[tuple[str, Any]]:
    return [(f"{module}.{name}", getattr(import_module(module), name)) for module, name in ENGINES]


def _for_coroutines(engine: Any) -> bool:
    return hasattr(engine, "sync_engine")
