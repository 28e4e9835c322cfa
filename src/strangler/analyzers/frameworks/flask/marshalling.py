"""``marshal(row, fields)`` of Flask-RESTful and Flask-RESTX: the attributes of the row that fields name."""

from __future__ import annotations

from collections.abc import Iterator

from strangler.analyzers.plugin import (
    Args,
    Class,
    Const,
    External,
    Frame,
    Interpreter,
    Knowledge,
    Mapping,
    Object,
    Value,
)

_LIBRARIES = ("flask_restful", "flask_restful.marshalling", "flask_restx", "flask_restx.marshalling")
_HOLDING = (".Nested", ".List")
DEEPEST = 4
"""Fields within fields that are followed: those of a row that leads back to itself have no end."""


def _marshal(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value | None:
    data, fields = args.get(0, "data"), args.get(1, "fields")
    if data is not None and fields is not None and not interp.booting:
        with interp.log.all_at_most("inferred"):
            _shown(interp, data, fields, frame, 0)
    return None


def _shown(interp: Interpreter, data: Value, fields: Value, frame: Frame, depth: int) -> None:
    """Look at the attributes that the fields name, of each row."""
    stated = [option for option in fields.options() if isinstance(option, Mapping)]
    if not stated or depth > DEEPEST:
        return
    for row in _rows(interp, data, frame):
        for mapping in stated:
            for name, field in mapping.items.items():
                if isinstance(name, str):
                    _field(interp, row, name, field, frame, depth)


def _field(interp: Interpreter, row: Object, name: str, field: Value, frame: Frame, depth: int) -> None:
    for option in field.options():
        made = option if isinstance(option, Object) else None
        stated = made.arg(None, "attribute") if made is not None else None
        path = stated.value if isinstance(stated, Const) and isinstance(stated.value, str) else name
        value: Value = row
        for part in path.split("."):
            value = value.get(interp, part, frame)
        inside = _inside(option)
        if inside is not None:
            _shown(interp, value, inside, frame, depth + 1)
        else:
            value.elements(interp, frame)


def _inside(field: Value) -> Value | None:
    """The fields of what a field holds: ``Nested(fields)``, ``List(Nested(fields))``."""
    if not isinstance(field, Object) or not isinstance(field.cls, External):
        return None
    if not field.cls.name.endswith(_HOLDING):
        return None
    held = field.arg(0, "nested" if field.cls.name.endswith(".Nested") else "cls_or_instance")
    return _inside(held) if isinstance(held, Object) and field.cls.name.endswith(".List") else held


def _rows(interp: Interpreter, data: Value, frame: Frame) -> Iterator[Object]:
    for option in data.options():
        if isinstance(option, Object) and isinstance(option.cls, Class):
            yield option
            continue
        for element in option.elements(interp, frame)[0] if not isinstance(option, Mapping) else ():
            for one in element.options():
                if isinstance(one, Object) and isinstance(one.cls, Class):
                    yield one


def teach(knowledge: Knowledge) -> None:
    """``marshal`` of both libraries."""
    for module in _LIBRARIES:
        knowledge.calls[f"{module}.marshal"] = _marshal
