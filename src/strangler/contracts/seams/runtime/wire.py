"""Values on the wire: each type has one form in JSON; what does not have it is an error, never a guess."""

from __future__ import annotations

import base64
import datetime
import decimal
import enum
import importlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any

PREFIX = "/_strangler/"
UNSET: Any = object()
"""An argument that was not given: the function's own default holds."""


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
            raise _unfit(value, " or ".join(kind.__name__ for kind in self._types), where)
        return value

    decode = encode


class _Text(Codec):
    """A type that is written as a string or a number."""

    def __init__(self, kind: type, write: Callable[[Any], Any], read: Callable[[Any], Any]) -> None:
        self._kind = kind
        self._write = write
        self._read = read

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not self._kind:
            raise _unfit(value, self._kind.__name__, where)
        return self._write(value)

    def decode(self, value: Any, where: str) -> Any:
        try:
            return self._read(value)
        except (TypeError, ValueError, ArithmeticError, AttributeError):
            raise _unfit(value, "text of a " + self._kind.__name__, where) from None


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
        raise _unfit(value, "plain JSON", where)

    def decode(self, value: Any, where: str) -> Any:
        return value


class _Sequence(Codec):
    def __init__(self, item: Codec, kind: type) -> None:
        self._item = item
        self._kind = kind

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not self._kind:
            raise _unfit(value, self._kind.__name__, where)
        items: Any = value
        found = [self._item.encode(item, f"{where}[{index}]") for index, item in enumerate(items)]
        return found if self._kind is list else sorted(found, key=repr)

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not list:
            raise _unfit(value, "list", where)
        return self._kind(self._item.decode(item, f"{where}[{index}]") for index, item in enumerate(value))


class _Dict(Codec):
    def __init__(self, item: Codec) -> None:
        self._item = item

    def encode(self, value: Any, where: str) -> Any:
        if not isinstance(value, dict) or any(type(key) is not str for key in value):
            raise _unfit(value, "dict with keys of str", where)
        return {key: self._item.encode(item, f"{where}.{key}") for key, item in value.items()}

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not dict:
            raise _unfit(value, "dict", where)
        return {key: self._item.decode(item, f"{where}.{key}") for key, item in value.items()}


class _Tuple(Codec):
    def __init__(self, items: tuple[Codec, ...]) -> None:
        self._items = items

    def _each(self, value: Any, method: str, where: str) -> list[Any]:
        if len(value) != len(self._items):
            raise _unfit(value, f"tuple of {len(self._items)}", where)
        return [
            getattr(codec, method)(item, f"{where}[{index}]")
            for index, (codec, item) in enumerate(zip(self._items, value))
        ]

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not tuple:
            raise _unfit(value, "tuple", where)
        return self._each(value, "encode", where)

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not list:
            raise _unfit(value, "list", where)
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
            raise _unfit(value, self._path, where)
        return value.value

    def decode(self, value: Any, where: str) -> Any:
        try:
            return load(self._path)(value)
        except ValueError:
            raise _unfit(value, "value of " + self._path, where) from None


class _Record(Codec):
    """A class whose instances are their fields: a dataclass, a NamedTuple, a pydantic model."""

    def __init__(self, path: str, fields: Mapping[str, Codec]) -> None:
        self._path = path
        self._fields = fields

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not load(self._path):
            raise _unfit(value, self._path, where)
        return {
            name: codec.encode(getattr(value, name), f"{where}.{name}")
            for name, codec in self._fields.items()
        }

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not dict:
            raise _unfit(value, "dict", where)
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
            raise _unfit(value, "dict of " + ", ".join(self._fields), where)
        return {
            key: getattr(self._fields[key], method)(item, f"{where}.{key}") for key, item in value.items()
        }

    def encode(self, value: Any, where: str) -> Any:
        return self._each(value, "encode", where)

    def decode(self, value: Any, where: str) -> Any:
        return self._each(value, "decode", where)


class Failure:
    """An exception that crosses: its status and its class, as ``module:Class``."""

    def __init__(self, status: int, path: str) -> None:
        self.status = status
        self.path = path


class Operation:
    """A function on the other side of the seam."""

    def __init__(
        self,
        name: str,
        arguments: Mapping[str, Codec],
        result: Codec,
        failures: Mapping[str, Failure],
        safe: bool = False,
        optional: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.result = result
        self.failures = failures
        self.safe = safe
        self.optional = optional

    def encode(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as they are sent."""
        return {name: self.arguments[name].encode(value, name) for name, value in given(arguments).items()}

    def decode(self, arguments: Any) -> dict[str, Any]:
        """The arguments as they were received."""
        needed = set(self.arguments) - set(self.optional)
        if type(arguments) is not dict or not needed <= set(arguments) <= set(self.arguments):
            raise WireError(f"{self.name} takes {', '.join(self.arguments) or 'no arguments'}")
        return {name: self.arguments[name].decode(value, name) for name, value in arguments.items()}

    def problem(self, error: BaseException) -> tuple[int, dict[str, Any]] | None:
        """The status and body for an exception; None where it is not one of those that cross."""
        for kind in type(error).__mro__:
            for code, failure in self.failures.items():
                if kind is load(failure.path):
                    detail = {
                        "type": "about:blank",
                        "title": code,
                        "status": failure.status,
                        "code": code,
                        "detail": str(error),
                        "arguments": [_carried(item) for item in error.args],
                        "attributes": {key: _carried(item) for key, item in vars(error).items()},
                    }
                    return failure.status, detail
        return None

    def error(self, body: Any) -> BaseException | None:
        """The exception that a problem document stands for; None for any other document."""
        failure = self.failures.get(str(body.get("code"))) if isinstance(body, dict) else None
        if failure is None:
            return None
        kind = load(failure.path)
        found: BaseException = kind.__new__(kind)
        found.args = tuple(body.get("arguments") or ())
        vars(found).update(body.get("attributes") or {})
        return found


def given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that were given."""
    return {name: value for name, value in arguments.items() if value is not UNSET}


def load(path: str) -> Any:
    """The class that ``module:Class`` names; imported late, because the modules import seams."""
    module, _, name = path.partition(":")
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def list_of(item: Codec) -> Codec:
    return _Sequence(item, list)


def set_of(item: Codec) -> Codec:
    return _Sequence(item, set)


def frozenset_of(item: Codec) -> Codec:
    return _Sequence(item, frozenset)


def dict_of(item: Codec) -> Codec:
    return _Dict(item)


def tuple_of(*items: Codec) -> Codec:
    return _Tuple(items)


def optional(inner: Codec) -> Codec:
    return _Optional(inner)


def enum_of(path: str) -> Codec:
    return _Enum(path)


def record(path: str, fields: Mapping[str, Codec]) -> Codec:
    return _Record(path, fields)


def fields(known: Mapping[str, Codec]) -> Codec:
    return _Fields(known)


def _unfit(value: Any, wanted: str, where: str) -> WireError:
    return WireError(f"{where}: {type(value).__name__} is not {wanted}")


def _carried(value: Any) -> Any:
    """A part of an exception: plain JSON as it is, anything else as its text."""
    try:
        return JSON.encode(value, "")
    except WireError:
        return str(value)


def _microseconds(value: datetime.timedelta) -> int:
    return value // datetime.timedelta(microseconds=1)


NONE: Codec = _Plain(type(None))
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
