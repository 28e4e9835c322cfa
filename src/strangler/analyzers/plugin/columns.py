"""What the arguments of a column say beside its type: size, uniqueness, choices, meaning."""

from __future__ import annotations

from typing import Any

from strangler.analyzers.python.values import Args, Class, Const, External, Function, Object, Sequence, Value

MEANING = ("comment", "db_comment", "help_text", "description", "doc", "verbose_name")
"""Keywords that say what a column means, the most deliberate first."""
_DECIMALS = frozenset({"Numeric", "DECIMAL", "NUMERIC", "Decimal"})
_SIZED = frozenset({"String", "Unicode", "VARCHAR", "NVARCHAR", "CHAR", "AutoString"})


def column_details(args: Args) -> dict[str, Any]:
    """Fields of ``Column`` from the keywords of a Django, peewee or tortoise field."""
    found: dict[str, Any] = {
        "length": _number(args.get(None, "max_length")),
        "digits": _number(args.get(None, "max_digits")),
        "places": _number(args.get(None, "decimal_places")),
        "unique": _true(args.get(None, "unique")),
        "choices": _choices(args.get(None, "choices")),
        "meaning": _meaning(args) or _text(args.get(0)),
    }
    return {name: value for name, value in found.items() if value}


def sql_column_details(args: Args, parts: list[Value]) -> dict[str, Any]:
    """The same of SQLAlchemy's ``Column``; ``parts`` has its type among its positional arguments."""
    found: dict[str, Any] = {
        "length": _number(args.get(None, "max_length")),
        "unique": _true(args.get(None, "unique")),
        "meaning": _meaning(args),
    }
    for part in (*parts, args.get(None, "type_"), args.get(None, "sa_type")):
        if not isinstance(part, Object) or part.args is None or not isinstance(part.cls, External):
            continue
        kind = part.cls.name.rpartition(".")[2]
        if kind in _SIZED:
            found["length"] = _number(part.args.get(0, "length")) or found["length"]
        elif kind in _DECIMALS:
            found["digits"] = _number(part.args.get(0, "precision"))
            found["places"] = _number(part.args.get(1, "scale"))
        elif kind in ("Enum", "ENUM"):
            found["choices"] = _names(part.args.positional)
    return {name: value for name, value in found.items() if value}


def _meaning(args: Args) -> str:
    return next((text for name in MEANING if (text := _text(args.get(None, name)))), "")


def _text(value: Value | None) -> str:
    text = value.value if isinstance(value, Const) else None
    return " ".join(text.split()) if isinstance(text, str) else ""


def _number(value: Value | None) -> int | None:
    number = value.value if isinstance(value, Const) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _true(value: Value | None) -> bool:
    return value is not None and value.truth() is True


def _choices(value: Value | None) -> tuple[str, ...]:
    """Of pairs (value, label), possibly in groups; empty where one of them is not known."""
    if isinstance(value, Class):
        value = Sequence([v for n, v in value.namespace.items() if not n.startswith("_") and _member(v)])
        return _stored(value.items)
    if not isinstance(value, Sequence) or value.open:
        return ()
    stored: list[Value] = []
    for item in value.items:
        if not isinstance(item, Sequence) or len(item.items) != 2:
            return ()
        first, second = item.items
        grouped = isinstance(second, Sequence)
        pairs = second.items if isinstance(second, Sequence) else [item]
        if not all(isinstance(pair, Sequence) and len(pair.items) == 2 for pair in pairs):
            return ()
        stored += [pair.items[0] for pair in pairs if isinstance(pair, Sequence)] if grouped else [first]
    return _stored(stored)


def _member(value: Value) -> bool:
    return not isinstance(value, (Function, Class))


def _stored(values: list[Value]) -> tuple[str, ...]:
    plain = [v.items[0] if isinstance(v, Sequence) and v.items else v for v in values]
    known = [v.value for v in plain if isinstance(v, Const) and isinstance(v.value, (str, int))]
    return tuple(str(v) for v in known) if len(known) == len(values) else ()


def _names(values: list[Value]) -> tuple[str, ...]:
    """Members of ``Enum("a", "b")`` or the names of an ``enum.Enum``, which is what SQLAlchemy stores."""
    if len(values) == 1 and isinstance(values[0], Class):
        members = values[0].namespace.items()
        return tuple(name for name, value in members if not name.startswith("_") and isinstance(value, Const))
    return _stored(values)
