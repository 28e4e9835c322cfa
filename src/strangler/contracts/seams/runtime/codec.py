"""Values of one type as JSON: each has one form; what does not have it is an error, never a guess."""

from __future__ import annotations

import base64
import datetime
import decimal
import enum
import importlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any


class WireError(TypeError):
    """A value that has not the type which the seam was made for."""


class Codec:
    """How values of one type are written as JSON and read back."""

    def encode(self, value: Any, where: str) -> Any:
        raise NotImplementedError

    def decode(self, value: Any, where: str) -> Any:
        raise NotImplementedError


class _Plain(Codec):
    """JSON's own types, as they are; a subclass of one would come back as another type."""

    def __init__(self, *types: type) -> None:
        self._types = types

    def encode(self, value: Any, where: str) -> Any:
        if isinstance(value, enum.Enum) and isinstance(value, self._types):
            return value.value
        if type(value) not in self._types:
            raise unfit(value, " or ".join(kind.__name__ for kind in self._types), where)
        return value

    decode = encode


class _Nothing(Codec):
    """A result that nobody uses."""

    def encode(self, value: Any, where: str) -> Any:
        return None

    decode = encode


def kind_of(value: Any) -> type:
    """The class of a value; drivers make UUIDs of classes of their own."""
    return uuid.UUID if isinstance(value, uuid.UUID) else type(value)


class _Text(Codec):
    """A type that is written as a string or a number."""

    def __init__(self, kind: type, write: Callable[[Any], Any], read: Callable[[Any], Any]) -> None:
        self._kind = kind
        self._write = write
        self._read = read

    def encode(self, value: Any, where: str) -> Any:
        if kind_of(value) is not self._kind:
            raise unfit(value, self._kind.__name__, where)
        return self._write(value)

    def decode(self, value: Any, where: str) -> Any:
        try:
            return self._read(value)
        except (TypeError, ValueError, ArithmeticError, AttributeError):
            raise unfit(value, "text of a " + self._kind.__name__, where) from None


class _Json(Codec):
    """Plain JSON of any form."""

    def encode(self, value: Any, where: str) -> Any:
        if isinstance(value, enum.Enum) and isinstance(value, (str, int)):
            return value.value
        if value is None or type(value) in (bool, int, float, str):
            return value
        if type(value) is list:
            return [self.encode(item, f"{where}[{index}]") for index, item in enumerate(value)]
        if type(value) is dict and all(type(key) is str for key in value):
            return {key: self.encode(item, f"{where}.{key}") for key, item in value.items()}
        raise unfit(value, "plain JSON", where)

    def decode(self, value: Any, where: str) -> Any:
        return value


class _Sequence(Codec):
    def __init__(self, item: Codec, kind: type) -> None:
        self._item = item
        self._kind = kind

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not self._kind:
            raise unfit(value, self._kind.__name__, where)
        items: Any = value
        found = [self._item.encode(item, f"{where}[{index}]") for index, item in enumerate(items)]
        return found if self._kind in (list, tuple) else sorted(found, key=repr)

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not list:
            raise unfit(value, "list", where)
        return self._kind(self._item.decode(item, f"{where}[{index}]") for index, item in enumerate(value))


class _Dict(Codec):
    def __init__(self, item: Codec) -> None:
        self._item = item

    def encode(self, value: Any, where: str) -> Any:
        if not isinstance(value, dict) or any(type(key) is not str for key in value):
            raise unfit(value, "dict with keys of str", where)
        return {key: self._item.encode(item, f"{where}.{key}") for key, item in value.items()}

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not dict:
            raise unfit(value, "dict", where)
        return {key: self._item.decode(item, f"{where}.{key}") for key, item in value.items()}


class _Tuple(Codec):
    def __init__(self, items: tuple[Codec, ...]) -> None:
        self._items = items

    def _each(self, value: Any, method: str, where: str) -> list[Any]:
        if len(value) != len(self._items):
            raise unfit(value, f"tuple of {len(self._items)}", where)
        return [
            getattr(codec, method)(item, f"{where}[{index}]")
            for index, (codec, item) in enumerate(zip(self._items, value))
        ]

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not tuple:
            raise unfit(value, "tuple", where)
        return self._each(value, "encode", where)

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not list:
            raise unfit(value, "list", where)
        return tuple(self._each(value, "decode", where))


class _Optional(Codec):
    def __init__(self, inner: Codec) -> None:
        self._inner = inner

    def encode(self, value: Any, where: str) -> Any:
        return None if value is None else self._inner.encode(value, where)

    def decode(self, value: Any, where: str) -> Any:
        return None if value is None else self._inner.decode(value, where)


class _Enum(Codec):
    def __init__(self, path: str) -> None:
        self._path = path

    def encode(self, value: Any, where: str) -> Any:
        if not isinstance(value, load(self._path)):
            raise unfit(value, self._path, where)
        return value.value

    def decode(self, value: Any, where: str) -> Any:
        try:
            return load(self._path)(value)
        except ValueError:
            raise unfit(value, "value of " + self._path, where) from None


class _Record(Codec):
    """A class whose instances are their fields: a dataclass, a NamedTuple, a pydantic model."""

    def __init__(self, path: str, fields: Mapping[str, Codec]) -> None:
        self._path = path
        self._fields = fields

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not load(self._path):
            raise unfit(value, self._path, where)
        return {
            name: codec.encode(getattr(value, name), f"{where}.{name}")
            for name, codec in self._fields.items()
        }

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not dict:
            raise unfit(value, "dict", where)
        known = {
            name: codec.decode(value[name], f"{where}.{name}")
            for name, codec in self._fields.items()
            if name in value
        }
        return load(self._path)(**known)


class _Fields(Codec):
    """A dict with known keys."""

    def __init__(self, fields: Mapping[str, Codec]) -> None:
        self._fields = fields

    def _each(self, value: Any, method: str, where: str) -> Any:
        if type(value) is not dict or not set(value) <= set(self._fields):
            raise unfit(value, "dict of " + ", ".join(self._fields), where)
        return {
            key: getattr(self._fields[key], method)(item, f"{where}.{key}") for key, item in value.items()
        }

    def encode(self, value: Any, where: str) -> Any:
        return self._each(value, "encode", where)

    def decode(self, value: Any, where: str) -> Any:
        return self._each(value, "decode", where)


class _Session(Codec):
    """A database session: it stays where it is, and the other side opens its own."""


class _Sender(Codec):
    """The class that a signal came from, where rows are made of it; of anything else nothing is told."""

    def encode(self, value: Any, where: str) -> Any:
        return value._meta.label if isinstance(value, type) and hasattr(value, "_meta") else None

    def decode(self, value: Any, where: str) -> Any:
        from django.apps import apps

        try:
            return None if value is None else apps.get_model(value)
        except (LookupError, ValueError, AttributeError, TypeError):
            raise WireError(f"{where}: no model {value} is here") from None


def load(path: str) -> Any:
    """The class that ``module:Class`` names; imported late, because the modules import seams."""
    module, _, name = path.partition(":")
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def sequence_of(item: Codec) -> Codec:
    return _Sequence(item, list)


def set_of(item: Codec) -> Codec:
    return _Sequence(item, set)


def frozenset_of(item: Codec) -> Codec:
    return _Sequence(item, frozenset)


def rest_of(item: Codec) -> Codec:
    """What ``*args`` holds."""
    return _Sequence(item, tuple)


def dict_of(item: Codec) -> Codec:
    return _Dict(item)


def tuple_of(*items: Codec) -> Codec:
    return _Tuple(items)


def optional(inner: Codec) -> Codec:
    return _Optional(inner)


def of_value(codec: Codec) -> Codec:
    """The codec of a value that is not None."""
    return codec._inner if isinstance(codec, _Optional) else codec


def enum_of(path: str) -> Codec:
    return _Enum(path)


def record(path: str, fields: Mapping[str, Codec]) -> Codec:
    return _Record(path, fields)


def fields(known: Mapping[str, Codec]) -> Codec:
    return _Fields(known)


def unfit(value: Any, wanted: str, where: str) -> WireError:
    """The error that says what a value is not."""
    return WireError(f"{where}: {type(value).__name__} is not {wanted}")


def _microseconds(value: datetime.timedelta) -> int:
    return value // datetime.timedelta(microseconds=1)


SESSION: Codec = _Session()
SENDER: Codec = _Sender()
NONE: Codec = _Plain(type(None))
NOTHING: Codec = _Nothing()
BOOL: Codec = _Plain(bool)
INT: Codec = _Plain(int)
FLOAT: Codec = _Plain(float, int)
STR: Codec = _Plain(str)
JSON: Codec = _Json()
BYTES: Codec = _Text(
    bytes,
    lambda value: base64.b64encode(value).decode("ascii"),
    lambda text: base64.b64decode(text, validate=True),
)
DECIMAL: Codec = _Text(decimal.Decimal, str, lambda text: decimal.Decimal(text.strip()))
UUID: Codec = _Text(uuid.UUID, str, uuid.UUID)
DATETIME: Codec = _Text(datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat)
DATE: Codec = _Text(datetime.date, datetime.date.isoformat, datetime.date.fromisoformat)
TIME: Codec = _Text(datetime.time, datetime.time.isoformat, datetime.time.fromisoformat)
TIMEDELTA: Codec = _Text(
    datetime.timedelta, _microseconds, lambda number: datetime.timedelta(microseconds=number)
)
