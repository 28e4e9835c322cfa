"""The entity of a model, and the model of an entity."""

from __future__ import annotations

from strangler.analyzers.plugin import UNKNOWN, Class, Entity, External, Interpreter, Schema, Value


def entity_of(interp: Interpreter, model: Value) -> Entity | None:
    """The entity of a model class, first-party or a library's; None while the schema is not known."""
    if interp.booting:
        return None
    if isinstance(model, Class):
        return interp.state(Schema).of(model)
    if isinstance(model, External):
        return interp.state(Schema).by_external.get(model.name)
    return None


def model_of(entity: Entity | None, interp: Interpreter) -> Value:
    """The class of an entity's rows."""
    if entity is None:
        return UNKNOWN
    if entity.cls is not None:
        return entity.cls
    for name, known in interp.state(Schema).by_external.items():
        if known is entity:
            return External(name)
    return UNKNOWN
