"""Queries flush: what a constructor has hung on a new row may be written by a query inside it.

A row that is given persistent relations joins their session at once (before 2.0, by ``cascade_backrefs``).
A query that the constructor leads to then writes it, and what hangs on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.sqlalchemy.access import note, relation_sources
from strangler.analyzers.frameworks.sqlalchemy.state import Building, state_of
from strangler.analyzers.plugin import Const, Entity, Frame, Interpreter, Object, Value

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.sqlalchemy.relations import Relationship


def hang(
    interp: Interpreter, frame: Frame, obj: Object, entity: Entity, relation: Relationship, value: Value
) -> None:
    """``self.relation = value`` in a constructor."""
    first = frame.callee.params[0].name if frame.callee is not None and frame.callee.params else ""
    if frame.locals.get(first) is not obj or isinstance(value, Const):
        return
    running = state_of(interp).building
    if not running or running[-1].frame is not frame:
        running.append(Building(frame, interp.log.effects, entity))
    running[-1].sources.update(dict.fromkeys(relation_sources(relation)))


def flush_of_query(interp: Interpreter, frame: Frame) -> None:
    """A query runs in a session: rows under construction may be written first."""
    running = state_of(interp).building
    while running and not _encloses(interp, running[-1], frame):
        running.pop()
    for building in running:
        for source in building.sources:
            note(interp, frame, source, "write", "autoflush", "possible")


def _encloses(interp: Interpreter, building: Building, frame: Frame) -> bool:
    if not interp.log.is_running(building.run):
        return False
    return building.frame is frame or building.frame.depth < frame.depth
