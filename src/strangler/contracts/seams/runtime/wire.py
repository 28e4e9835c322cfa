"""Values on the wire: each type has one form in JSON; what does not have it is an error, never a guess."""

from __future__ import annotations

import base64
import contextlib
import contextvars
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


class _Nothing(Codec):
    """A result that nobody uses."""

    def encode(self, value: Any, where: str) -> Any:
        return None

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


class _Row(Codec):
    """A row of a database that both sides see: its key, the columns that the other side reads, and it is read
    again there."""

    def __init__(self, path: str, key: Codec, read: Mapping[str, Codec]) -> None:
        self._path = path
        self._key = key
        self._read = read

    def encode(self, value: Any, where: str) -> Any:
        if not isinstance(value, load(self._path)):
            raise _unfit(value, self._path, where)
        key = _key_of(value, where)
        found = {"key": self._key.encode(key, f"{where}.key")}
        if self._read:
            # what the caller sees, which it may not have saved
            found["read"] = {
                name: codec.encode(getattr(value, name), f"{where}.{name}")
                for name, codec in self._read.items()
            }
        return found

    def decode(self, value: Any, where: str) -> Any:
        return self.decode_all([value], where)[0]

    def decode_all(self, values: Any, where: str) -> list[Any]:
        if type(values) is not list or any(type(value) is not dict or "key" not in value for value in values):
            raise _unfit(values, "rows of " + self._path, where)
        keys = [self._key.decode(value["key"], f"{where}.key") for value in values]
        rows = _rows(load(self._path), keys)
        missing = [key for key in keys if key not in rows]
        if missing:
            raise WireError(f"{where}: no {self._path} with the key {missing[0]} is seen here")
        for key, value in zip(keys, values):
            for name, codec in self._read.items():
                setattr(rows[key], name, codec.decode(value.get("read", {})[name], f"{where}.{name}"))
        return [rows[key] for key in keys]


class _Rows(Codec):
    """A list of rows, read again with one query."""

    def __init__(self, row: _Row) -> None:
        self._row = row

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not list:
            raise _unfit(value, "list", where)
        return [self._row.encode(item, f"{where}[{index}]") for index, item in enumerate(value)]

    def decode(self, value: Any, where: str) -> Any:
        return self._row.decode_all(value, where)


CURRENT: contextvars.ContextVar[Any] = contextvars.ContextVar("session", default=None)
"""The session by which rows are read: on the caller's side its own, on the other the provider's."""


@contextlib.contextmanager
def reading_by(session: Any) -> Any:
    """Read rows by a session for a while."""
    before = CURRENT.set(session)
    try:
        yield
    finally:
        CURRENT.reset(before)


def settled(session: Any) -> None:
    """Refuse to go on while a session holds what the other side would not see.

    Raises:
        WireError: it has changes that are not saved.
    """
    if session is not None and (
        session.new or session.deleted or any(session.is_modified(row) for row in session.dirty)
    ):
        raise WireError("the session has changes that are not saved: the other side would not see them")


def _key_of(row: Any, where: str) -> Any:
    """The key of a saved row."""
    if hasattr(row, "_meta"):
        if row.pk is None or row._state.adding:
            raise WireError(f"{where}: the row is not saved, so it has no key yet")
        return row.pk
    from sqlalchemy import inspect

    state = inspect(row)
    if not state.identity:
        raise WireError(f"{where}: the row is not saved, so it has no key yet")
    if state.modified and (state.session is None or state.session.is_modified(row)):
        raise WireError(f"{where}: the row has changes that are not saved: the other side would not see them")
    return state.identity[0]


def _rows(kind: Any, keys: list[Any]) -> dict[Any, Any]:
    """The rows of a class by their keys."""
    if hasattr(kind, "_meta"):
        return dict(kind._base_manager.in_bulk(keys))
    from sqlalchemy import inspect

    session = CURRENT.get()
    if session is None and hasattr(kind, "query"):
        session = kind.query.session
    if session is None:
        raise WireError(f"no session to read {kind.__name__} by: provide(..., session=...)")
    if len(keys) == 1:
        found = session.get(kind, keys[0])
        return {} if found is None else {keys[0]: found}
    mapper = inspect(kind)
    column = mapper.primary_key[0]
    rows = session.query(kind).filter(column.in_(set(keys))).all()
    return {mapper.primary_key_from_instance(row)[0]: row for row in rows}


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
        return {
            name: self.arguments[name].encode(value, name)
            for name, value in given(arguments).items()
            if self.arguments[name] is not SESSION
        }

    def session(self, arguments: Mapping[str, Any]) -> Any:
        """The session among the arguments; None where there is none."""
        found = (arguments.get(name) for name, codec in self.arguments.items() if codec is SESSION)
        return next((value for value in found if value is not None and value is not UNSET), None)

    def decode(self, arguments: Any) -> dict[str, Any]:
        """The arguments as they were received."""
        sent = {name for name, codec in self.arguments.items() if codec is not SESSION}
        if type(arguments) is not dict or not sent - set(self.optional) <= set(arguments) <= sent:
            raise WireError(f"{self.name} takes {', '.join(sorted(sent)) or 'no arguments'}")
        if len(sent) < len(self.arguments) and CURRENT.get() is None:
            raise WireError(f"{self.name} takes a session, and nothing makes one: provide(..., session=...)")
        found = {name: self.arguments[name].decode(value, name) for name, value in arguments.items()}
        return found | {name: CURRENT.get() for name in self.arguments if name not in sent}

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


def row(path: str, key: Codec, read: Mapping[str, Codec] | None = None) -> Codec:
    return _Row(path, key, read or {})


def list_of(item: Codec) -> Codec:
    if isinstance(item, _Row):
        return _Rows(item)
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
