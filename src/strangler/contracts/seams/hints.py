"""Shapes as Python source: annotations and codecs of the generated modules."""

from __future__ import annotations

from strangler.contracts.operations import Receiving
from strangler.literals import python_text
from strangler.model import Shape

_HINTS = {
    "none": "None",
    "json": "Any",
    "tagged": "Any",
    "decimal": "decimal.Decimal",
    "uuid": "uuid.UUID",
    "datetime": "datetime.datetime",
    "date": "datetime.date",
    "time": "datetime.time",
    "timedelta": "datetime.timedelta",
}
_RECORDS = frozenset({"dataclass", "namedtuple", "pydantic"})


def hint(shape: Shape) -> str:
    """The annotation of a value."""
    text = _hint(shape)
    return f"{text} | None" if shape.nullable and text not in ("Any", "None") else text


def _hint(shape: Shape) -> str:
    if shape.kind == "tagged" and shape.name:
        return shape.name.replace(":", ".")
    if shape.kind in _RECORDS or shape.kind in ("enum", "row"):
        return shape.name.replace(":", ".")
    if shape.kind in ("session", "class", "request"):
        return "Any"
    if shape.kind == "typeddict":
        return shape.name.replace(":", ".") or "dict[str, Any]"
    if shape.kind == "dict":
        return f"dict[str, {hint(shape.items[0]) if shape.items else 'Any'}]"
    if shape.kind == "query":
        return f"Iterable[{hint(shape.items[0])}]"
    if shape.kind in ("list", "set", "frozenset"):
        return f"{shape.kind}[{hint(shape.items[0]) if shape.items else 'Any'}]"
    if shape.kind == "tuple":
        return f"tuple[{', '.join(map(hint, shape.items)) or '()'}]"
    return _HINTS.get(shape.kind, shape.kind)


def codec(shape: Shape) -> str:
    """The expression of its codec."""
    text = _codec(shape)
    return (
        f"wire.optional({text})" if shape.nullable and shape.kind not in ("none", "json", "tagged") else text
    )


def codec_of_object(shape: Shape, row: Receiving, *, step: bool) -> str:
    """The expression of the codec of the row that a method is called on.

    Args:
        shape: of the row.
        row: what crosses of it.
        step: in a step of a saga, which is done later or again: the row has to be there.
    """
    key, *read = shape.fields
    columns = ", ".join(
        f"{python_text(field.name)}: {codec(field.shape)}" for field in read if field.name not in row.plain
    )
    more = (
        [f"plain=({''.join(f'{python_text(name)}, ' for name in row.plain).rstrip()})"] if row.plain else []
    )
    more += ["whole=True"] if row.whole else []
    more += ["new=False"] if step else []
    given = [python_text(shape.name), codec(key.shape), f"{{{columns}}}", *more]
    return f"wire.receiver({', '.join(given)})"


def _codec(shape: Shape) -> str:
    inner = [codec(item) for item in shape.items]
    if shape.kind in ("list", "set", "frozenset", "dict"):
        return f"wire.{shape.kind}_of({inner[0] if inner else 'wire.JSON'})"
    if shape.kind == "query":
        return f"wire.query_of({inner[0]})"
    if shape.kind == "request":
        return f"wire.request({', '.join(python_text(field.name) for field in shape.fields)})"
    if shape.kind == "tagged":
        given = [python_text(shape.name)] if shape.name else []
        given += ["rows=True"] if shape.values else []
        return f"wire.tagged({', '.join(given)})"
    if shape.kind == "tuple":
        return f"wire.tuple_of({', '.join(inner)})"
    if shape.kind == "class":
        return "wire.SENDER"
    if shape.kind == "enum":
        return f"wire.enum_of({python_text(shape.name)})"
    if shape.kind == "row":
        key, *read = shape.fields
        sent = ", ".join(f"{python_text(field.name)}: {codec(field.shape)}" for field in read)
        more = f", {{{sent}}}" if sent else ""
        more += ", changes=True" if shape.values else ""
        return f"wire.row({python_text(shape.name)}, {codec(key.shape)}{more})"
    fields = ", ".join(f"{python_text(field.name)}: {codec(field.shape)}" for field in shape.fields)
    if shape.kind == "typeddict":
        return f"wire.fields({{{fields}}})"
    if shape.kind in _RECORDS:
        return f"wire.record({python_text(shape.name)}, {{{fields}}})"
    return f"wire.{shape.kind.upper()}"


def modules(shape: Shape) -> set[str]:
    """Modules that an annotation names: of the standard library, or (with a dot or not) of the monolith."""
    found = {_HINTS[shape.kind].partition(".")[0]} if "." in _HINTS.get(shape.kind, "") else set()
    if shape.name and (shape.kind in _RECORDS or shape.kind in ("enum", "tagged", "typeddict", "row")):
        found.add(f":{shape.name.partition(':')[0]}")
    if "Iterable" in hint(shape):
        found.add("Iterable")
    if "Any" in hint(shape):
        found.add("Any")
    for item in shape.items:
        found |= modules(item)
    return found
