"""Accepting: the boundaries that say contexts of a model."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from strangler.contexts.accepted import selectors
from strangler.contexts.ownership import keepers, owners
from strangler.model import Boundary, BoundedContext, Model
from strangler.model.base import Value


class Decision(Value, frozen=True, kw_only=True):
    """What the user says of a decision; empty texts leave what was said before."""

    notes: str = ""
    decided_by: str = ""
    decided: str = ""


def draw(
    model: Model,
    chosen: Sequence[BoundedContext],
    before: Sequence[Boundary],
    *,
    whole: bool,
    decision: Decision,
) -> list[Boundary]:
    """The boundaries to write: those of the chosen contexts, and the others that were accepted before.

    Args:
        model: whose modules are told apart.
        chosen: contexts to accept.
        before: what is accepted already; its order, ids, names and packages stay.
        whole: everything is accepted: a boundary that is none of the chosen goes.
        decision: what is written beside the chosen ones.
    """
    taken = {context.id or context.name: context for context in chosen}
    new = set(taken)
    if not whole:
        ours = {module for context in chosen for module in context.modules}
        taken |= {
            context.id: msgspec.structs.replace(
                context, modules=tuple(module for module in context.modules if module not in ours)
            )
            for context in model.contexts
            if context.accepted and context.id not in taken
        }
    place = {module: "" for context in model.contexts for module in context.modules}
    place |= {module: key for key, context in taken.items() for module in context.modules}
    said = selectors(place, {package: old.id for old in before for package in old.packages})
    earlier = {old.id: old for old in before}
    order = [key for key in earlier if key in taken or not whole]
    result = []
    for key in [*order, *sorted(taken.keys() - earlier.keys())]:
        old = earlier.get(key) or Boundary(id=key, name=taken[key].name)
        if key not in taken:
            result.append(old)  # nothing of it is in the code: it is told when the file is read
            continue
        packages, modules = said.get(key, ((), ()))
        tables = tuple(sorted(taken[key].tables))
        if packages or modules or tables:
            told = decision if key in new else Decision()
            result.append(
                msgspec.structs.replace(
                    old,
                    kind=taken[key].kind,
                    packages=packages,
                    modules=modules,
                    tables=tables,
                    notes=told.notes or old.notes,
                    decided_by=told.decided_by or old.decided_by,
                    decided=told.decided or old.decided,
                )
            )
    return result


def with_offer(model: Model) -> tuple[BoundedContext, ...]:
    """The contexts of a model with the moves of ``continuity.offer``, if there is one."""
    place = {module: context.name for context in model.contexts for module in context.modules}
    offer = model.continuity.offer
    place |= {move.module: move.after for move in offer.moves} if offer else {}
    platforms = keepers(model.system, {c.name: c.tables for c in model.contexts if c.kind == "platform"})
    owner = owners(model.system, place, platforms=platforms)
    known = {context.name: context for context in model.contexts}
    return tuple(
        msgspec.structs.replace(
            known.get(name)
            or BoundedContext(name=name, id=name, kind="context", modules=(), tables=(), confidence=0.0),
            modules=tuple(sorted(module for module, at in place.items() if at == name)),
            tables=tuple(sorted(table for table, at in owner.items() if at == name)),
        )
        for name in sorted(set(place.values()))
    )
