"""Values that carry their type: for what nothing in the code tells the type of.

``Decimal("4.50")`` is ``{"$type": "decimal", "value": "4.50"}``; texts, numbers, lists and dicts with keys of
text are as they are. What is none of the kinds below is refused before anything is sent.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import functools
import sys
import uuid
from typing import Any

from . import own
from .codec import (
    BYTES,
    DATE,
    DATETIME,
    DECIMAL,
    TIME,
    TIMEDELTA,
    UUID,
    Codec,
    WireError,
    kind_of,
    load,
    unfit,
)
from .rows import is_unsaved, key_of, made, mapped, new_parents, rows_of
from .sessions import held_by_session, itself

TYPE = "$type"
DEEPEST = 50
"""Levels of a value."""
_TEXTS: dict[str, tuple[type, Codec]] = {
    "bytes": (bytes, BYTES),
    "date": (datetime.date, DATE),
    "datetime": (datetime.datetime, DATETIME),
    "decimal": (decimal.Decimal, DECIMAL),
    "time": (datetime.time, TIME),
    "timedelta": (datetime.timedelta, TIMEDELTA),
    "uuid": (uuid.UUID, UUID),
}
_FORM, _NOBODY = "django.http.request:QueryDict", "django.contrib.auth.models:AnonymousUser"
_URLS = "pydantic.networks"
_COLUMNS = "sqlalchemy.engine.row:RowMapping"
"""What a query gives for a row of columns where it is asked for dicts."""
_MANY = {"tuple": tuple, "set": set, "frozenset": frozenset}


class Tagged(Codec):
    """A value of any of these kinds.

    Args:
        path: ``module:Class`` of what it is known to be an instance of; empty where nothing is.
        rows: whether it may be a row, or hold some: they are read again on the other side.
    """

    def __init__(self, path: str = "", rows: bool = False) -> None:
        self._path = path
        self._rows = rows

    def encode(self, value: Any, where: str) -> Any:
        if self._path and not isinstance(value, load(self._path)):
            raise unfit(value, self._path, where)
        return self._encode(value, where, 0)

    def decode(self, value: Any, where: str) -> Any:
        try:
            found = self._decode(value, where)
        except (KeyError, TypeError, ValueError, AttributeError, ImportError, RecursionError) as error:
            if isinstance(error, WireError):
                raise
            raise unfit(value, "value with its type", where) from error
        if self._path and not isinstance(found, load(self._path)):
            raise unfit(found, self._path, where)
        return found

    def _encode(self, value: Any, where: str, depth: int) -> Any:
        kind = kind_of(value)
        if depth > DEEPEST:
            raise WireError(f"{where}: it has more than {DEEPEST} levels")
        if value is None or kind in (bool, int, float, str):
            return value
        if kind is list:
            return self._each(value, where, depth)
        if kind is dict:
            return self._dict(value, where, depth)
        for name, (known, codec) in _TEXTS.items():
            if kind is known:
                return {TYPE: name, "value": codec.encode(value, where)}
        for name, known in _MANY.items():
            if kind is known:
                items = self._each(value, where, depth)
                return {TYPE: name, "value": items if kind is tuple else sorted(items, key=repr)}
        return self._object(itself(value), where, depth + 1)

    def _each(self, values: Any, where: str, depth: int) -> list[Any]:
        return [self._encode(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(values)]

    def _dict(self, value: Any, where: str, depth: int) -> Any:
        if all(type(key) is str for key in value) and TYPE not in value:
            return {key: self._encode(item, f"{where}.{key}", depth + 1) for key, item in value.items()}
        pairs = [
            [self._encode(key, f"{where} key", depth + 1), self._encode(item, f"{where}.{key}", depth + 1)]
            for key, item in value.items()
        ]
        return {TYPE: "dict", "value": pairs}

    def _object(self, value: Any, where: str, depth: int) -> Any:
        """An object of a class that both sides have."""
        kind = type(value)
        path = f"{kind.__module__}:{kind.__qualname__}"
        if path == _FORM:
            return {TYPE: "form", "value": value.urlencode()}
        if path == _NOBODY:
            return {TYPE: "nobody"}
        if path == _COLUMNS:
            # keys are names of columns, of a class of SQLAlchemy's own that is a text
            return self._dict({str(key): item for key, item in value.items()}, where, depth)
        if kind.__module__ == _URLS:
            return {TYPE: "url", "class": kind.__qualname__, "value": str(value)}
        if not _known(path, kind) or load(path) is not kind:
            raise unfit(value, "a value whose type crosses", where)
        if isinstance(value, enum.Enum):
            return {TYPE: "enum", "class": path, "value": self._encode(value.value, where, depth)}
        if _is_mapped(kind):
            return {TYPE: "row", "class": path, **self._row(value, where, depth)}
        state = _state(value, where)
        return {
            TYPE: "record",
            "class": path,
            "value": {key: self._encode(part, f"{where}.{key}", depth) for key, part in state.items()},
        }

    def _row(self, value: Any, where: str, depth: int) -> dict[str, Any]:
        """A row's key, and of Django's what its caller sees of it, which it may not have saved."""
        if not self._rows:
            raise WireError(f"{where}: a row of {type(value).__name__}, which may be changed there")
        if is_unsaved(value):
            return {"key": None, "new": True, **self._new(value, where, depth)}
        found = {"key": self._encode(key_of(value, where), f"{where}.key", depth)}
        if not hasattr(value, "_meta"):
            held_by_session(value, where)
            return found
        return {**found, "read": self._held(value, where, depth)}

    def _held(self, value: Any, where: str, depth: int) -> dict[str, Any]:
        """What a row of Django holds: its columns, and what its caller has given it."""
        columns = mapped(value)
        read = {}
        for name, held in vars(value).items():
            if name.startswith("_") or (name not in columns and _is_cached(type(value), name)):
                continue
            held = getattr(held, "name", held) if hasattr(held, "storage") else held
            read[name] = self._encode(held, f"{where}.{name}", depth)
        return read

    def _new(self, value: Any, where: str, depth: int) -> dict[str, Any]:
        """All that a row holds which is not saved yet, and the new rows that it belongs to."""
        if hasattr(value, "_meta"):
            found = {"read": self._held(value, where, depth)}
            belongs = {
                name: self._encode(row, f"{where}.{name}", depth) for name, row in new_parents(value).items()
            }
            return {**found, "belongs": belongs} if belongs else found
        columns, read = mapped(value), {}
        for name, held in vars(value).items():
            if columns.get(name) and held not in (None, [], {}):
                raise WireError(f"{where}.{name}: it is new, and leads to another row before it is saved")
            if columns.get(name) is False:
                read[name] = self._encode(held, f"{where}.{name}", depth)
        return {"read": read}

    def _decode(self, value: Any, where: str) -> Any:
        if type(value) is list:
            return [self._decode(item, where) for item in value]
        if type(value) is not dict:
            return value
        if TYPE not in value:
            return {key: self._decode(item, f"{where}.{key}") for key, item in value.items()}
        name = value[TYPE]
        if name in _TEXTS:
            return _TEXTS[name][1].decode(value["value"], where)
        if name in _MANY:
            return _MANY[name](self._decode(item, where) for item in value["value"])
        if name == "dict":
            return {self._decode(key, where): self._decode(item, where) for key, item in value["value"]}
        if name == "form":
            return load(_FORM)(value["value"])
        if name == "nobody":
            return load(_NOBODY)()
        if name == "url" and _is_url(value["class"]):
            return load(f"{_URLS}:{value['class']}")(value["value"])
        kind = _class(value["class"], where)
        if name == "enum" and issubclass(kind, enum.Enum):
            return kind(self._decode(value["value"], where))
        if name == "record":
            return _made(kind, {key: self._decode(part, where) for key, part in value["value"].items()})
        if name == "row" and self._rows and _is_mapped(kind):
            return self._read(kind, value, where)
        raise WireError(f"{where}: {name} is no type that crosses here")

    def _read(self, kind: Any, value: Any, where: str) -> Any:
        read = value.get("read", {})
        if value.get("new") is True:
            row = made(kind)
            if not set(read) <= mapped(row).keys() and not hasattr(row, "_meta"):
                raise WireError(f"{where}: {kind.__name__} has other columns")
        else:
            key = self._decode(value["key"], f"{where}.key")
            row = rows_of(kind, [key]).get(key)
            if row is None:
                raise WireError(f"{where}: no {kind.__name__} with the key {key} is seen here")
        if any(name.startswith("_") for name in (*read, *value.get("belongs", {}))):
            raise WireError(f"{where}: what has no public name does not cross")
        for name, held in {**value.get("belongs", {}), **read}.items():
            setattr(row, name, self._decode(held, f"{where}.{name}"))
        return row


def _known(path: str, kind: Any) -> bool:
    """Whether a class is one of the monolith's own, or a library's of which there are rows."""
    return path.partition(":")[0].partition(".")[0] in own.PACKAGES or (
        _is_mapped(kind) and hasattr(kind, "_meta")
    )


def _class(path: Any, where: str) -> Any:
    """The class that a value is said to be of; nothing is imported that is not the monolith's own."""
    if type(path) is str and path.partition(":")[0].partition(".")[0] in own.PACKAGES:
        found = load(path)
    else:
        apps: Any = getattr(sys.modules.get("django.apps"), "apps", None)
        models = apps.get_models() if getattr(apps, "models_ready", False) else ()
        found = next((item for item in models if f"{item.__module__}:{item.__qualname__}" == path), None)
    if not isinstance(found, type):
        raise WireError(f"{where}: no class {path} is known here")
    return found


def _is_url(name: Any) -> bool:
    """Whether pydantic has a class of URLs of that name."""
    found = getattr(sys.modules.get(_URLS), str(name), None)
    return isinstance(found, type) and hasattr(found, "unicode_string")


def _is_mapped(kind: Any) -> bool:
    """Whether it is a class of rows."""
    return hasattr(kind, "__mapper__") or (hasattr(kind, "_meta") and hasattr(kind, "_base_manager"))


def _is_cached(kind: Any, name: str) -> bool:
    """Whether an attribute is what a property has worked out."""
    held = next((one.__dict__[name] for one in kind.__mro__ if name in one.__dict__), None)
    return isinstance(held, functools.cached_property) or type(held).__name__ == "cached_property"


def _is_pydantic(kind: Any) -> bool:
    return hasattr(kind, "model_fields") or hasattr(kind, "__fields_set__")


def _state(value: Any, where: str) -> dict[str, Any]:
    """What an object of plain data consists of."""
    kind = type(value)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return dict(zip(kind._fields, value))
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(value)]
        if set(getattr(value, "__dict__", ())) - set(names):
            raise WireError(f"{where}: it has more than its fields")
        return {name: getattr(value, name) for name in names}
    if hasattr(kind, "__attrs_attrs__"):
        return {field.name: getattr(value, field.name) for field in kind.__attrs_attrs__}
    if _is_pydantic(kind):
        state: dict[str, Any] = value.__getstate__()
        return state
    raise unfit(value, "a value whose type crosses", where)


def _made(kind: Any, state: dict[str, Any]) -> Any:
    """The object again, without what making one would do or check."""
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return kind(**state)
    of_fields = dataclasses.is_dataclass(kind) or hasattr(kind, "__attrs_attrs__")
    if not of_fields and not _is_pydantic(kind):
        raise WireError(f"{kind.__name__} is no class of plain data")
    found: Any = object.__new__(kind)
    if of_fields:
        fields = kind.__attrs_attrs__ if hasattr(kind, "__attrs_attrs__") else dataclasses.fields(kind)
        if set(state) != {field.name for field in fields}:
            raise WireError(f"{kind.__name__} has other fields")
        for name, held in state.items():
            object.__setattr__(found, name, held)
    else:
        found.__setstate__(state)
    return found


def tagged(path: str = "", rows: bool = False) -> Codec:
    return Tagged(path, rows)
