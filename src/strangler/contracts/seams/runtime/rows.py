"""Rows of a database that both sides see: their keys cross, and they are read again by a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .codec import JSON, Codec, WireError, load, sequence_of, unfit
from .sessions import CURRENT, held_by_session, itself, session_of


class _Row(Codec):
    """A row of a database that both sides see: its key, the columns that the other side reads, and it is read
    again there. One that is not saved yet is what it holds."""

    def __init__(self, path: str, key: Codec, read: Mapping[str, Codec], changes: bool = False) -> None:
        self._path = path
        self._key = key
        self._read = read
        self._changes = changes

    def encode(self, value: Any, where: str) -> Any:
        value = itself(value)
        if not isinstance(value, load(self._path)):
            raise unfit(value, self._path, where)
        if not self._changes and is_unsaved(value):
            return {"key": None, "new": _unsaved().encode(value, where)}
        key = key_of(value, where)
        if self._changes:
            held_by_session(value, where)
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
            raise unfit(values, "rows of " + self._path, where)
        saved = [value for value in values if "new" not in value]
        keys = [self._key.decode(value["key"], f"{where}.key") for value in saved]
        rows = rows_of(load(self._path), keys) if keys else {}
        missing = [key for key in keys if key not in rows]
        if missing:
            raise self._missing(f"{where}: no {self._path} with the key {missing[0]} is seen here")
        for key, value in zip(keys, saved):
            self._put(rows[key], value.get("read", {}), where)
        found = iter(keys)
        return [self._new(value["new"], where) if "new" in value else rows[next(found)] for value in values]

    def _new(self, value: Any, where: str) -> Any:
        """A row that is not saved yet."""
        row = _unsaved().decode(value, where)
        if self._changes or not isinstance(row, load(self._path)) or not is_unsaved(row):
            raise unfit(row, "row of " + self._path, where)
        return row

    def _missing(self, text: str) -> Exception:
        """What says that a row is not there."""
        return WireError(text)

    def _put(self, row: Any, sent: Any, where: str) -> None:
        """Give a row what its caller sees of it."""
        for name, codec in self._read.items():
            setattr(row, name, codec.decode(sent[name], f"{where}.{name}"))


class _Receiver(_Row):
    """The row that a method is called on, as the method would find it at its caller: saved or new."""

    def __init__(
        self,
        path: str,
        key: Codec,
        read: Mapping[str, Codec],
        plain: tuple[str, ...],
        whole: bool,
        new: bool,
    ) -> None:
        super().__init__(path, key, read)
        self._plain = plain
        self._whole = whole
        self._may_be_new = new

    def encode(self, value: Any, where: str) -> Any:
        row = itself(value)
        if not isinstance(row, load(self._path)):
            raise unfit(value, self._path, where)
        if not self._may_be_new or not _is_new(row):
            return {
                "key": self._key.encode(key_of(row, where), f"{where}.key"),
                "read": self._held(row, where),
            }
        self._alone(row, where)
        return {"key": self._key_sent(row, where), "new": True, "read": self._held(row, where)}

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not dict or value.get("new") is not True:
            return super().decode(value, where)
        if not self._may_be_new:
            raise WireError(f"{where}: the row is not saved, so it has no key yet")
        row = made(load(self._path))
        if value.get("key") is not None:
            setattr(row, _key_name(row), self._key.decode(value["key"], f"{where}.key"))
        self._put(row, value.get("read", {}), where)
        return row

    def seen(self, row: Any) -> Any:
        """The row as it is, to be compared afterwards; None of a row that is its session's."""
        if not hasattr(row, "_meta") and not _is_new(row):
            return None
        return {"key": self._key_sent(row, "key"), "new": _is_new(row), "read": self._columns(row)}

    def changed(self, row: Any, before: Any) -> Any:
        """What has become of the row: its key, whether it is new, and the columns that changed."""
        if before is None:
            return None
        columns = self._columns(row)
        after = {"key": self._key_sent(row, "key"), "new": _is_new(row)}
        read = {name: value for name, value in columns.items() if value != before["read"][name]}
        same = not read and all(before[name] == value for name, value in after.items())
        return None if same else {**after, "read": read}

    def take(self, value: Any, told: Any) -> None:
        """Do to the caller's row what the method has done to it on the other side."""
        row = itself(value)
        if hasattr(row, "_meta"):
            vars(row).pop("_prefetched_objects_cache", None)
        if told is None:
            return
        key = None if told["key"] is None else self._key.decode(told["key"], "key")
        read = {name: _had(self._read[name], sent, name) for name, sent in told["read"].items()}
        if hasattr(row, "_meta"):
            for name, found in {**read, _key_name(row): key}.items():
                setattr(row, name, found)
            row._state.adding = told["new"]
            row._state.db = row._state.db or "default"
            return
        from sqlalchemy.orm import make_transient_to_detached
        from sqlalchemy.orm.attributes import set_committed_value

        for name, found in {**read, _key_name(row): key}.items():
            set_committed_value(row, name, found)
        session = session_of(row)
        if not told["new"]:
            make_transient_to_detached(row)
            if session is not None:
                session.add(row)

    def _missing(self, text: str) -> Exception:
        kind = load(self._path)
        found = kind.DoesNotExist if hasattr(kind, "_meta") else load("sqlalchemy.orm.exc:NoResultFound")
        error: Exception = found(text)
        return error

    def _put(self, row: Any, sent: Any, where: str) -> None:
        for name, value in sent.items():
            codec = JSON if name in self._plain else self._read.get(name)
            if codec is None:
                raise WireError(f"{where}.{name} is not known here")
            setattr(row, name, _had(codec, value, f"{where}.{name}"))

    def _columns(self, row: Any) -> dict[str, Any]:
        """What the columns hold."""
        return {name: _has(codec, _settled(row, name), name) for name, codec in self._read.items()}

    def _key_sent(self, row: Any, where: str) -> Any:
        key = getattr(row, _key_name(row))
        return None if key is None else self._key.encode(key, where)

    def _held(self, row: Any, where: str) -> dict[str, Any]:
        """What the caller sees of it, which it may not have saved; a session's rows are what is saved."""
        held, columns = vars(row), mapped(row)
        own = hasattr(row, "_meta") or _is_new(row)
        found = {
            name: _has(codec, held[name], f"{where}.{name}")
            for name, codec in self._read.items()
            if own and name in held
        }
        for name in self._plain:
            if name in held and name not in columns:
                found[name] = JSON.encode(held[name], f"{where}.{name}")
        return found

    def _alone(self, row: Any, where: str) -> None:
        """Refuse a new row with what would be missing on the other side."""
        sent, columns = {*self._read, *self._plain, _key_name(row)}, mapped(row)
        for name, value in vars(row).items():
            lost = name not in sent and not name.startswith("_") and value not in (None, [], "", {})
            if lost and (self._whole or columns.get(name)):
                raise WireError(f"{where}.{name}: it is new, and not all of it crosses")
        if hasattr(row, "_meta") and any(item.pk is None for item in new_parents(row).values()):
            raise WireError(f"{where}: it is new, and belongs to a row that is new as well")


HELD = "$held"


def _has(codec: Codec, value: Any, where: str) -> Any:
    """What a column holds in memory, which may be of another type than the database gives (``price=1``)."""
    try:
        sent = codec.encode(value, where)
    except WireError:
        return {HELD: _unsaved().encode(value, where)}
    return {HELD: _unsaved().encode(value, where)} if type(sent) is dict and HELD in sent else sent


def _had(codec: Codec, sent: Any, where: str) -> Any:
    """The same, received."""
    return (
        _unsaved().decode(sent[HELD], where)
        if type(sent) is dict and HELD in sent
        else codec.decode(sent, where)
    )


class _Rows(Codec):
    """A list of rows, read again with one query."""

    def __init__(self, row: _Row) -> None:
        self._row = row

    def encode(self, value: Any, where: str) -> Any:
        if type(value) is not list:
            raise unfit(value, "list", where)
        return [self._row.encode(item, f"{where}[{index}]") for index, item in enumerate(value)]

    def decode(self, value: Any, where: str) -> Any:
        return self._row.decode_all(value, where)


class Found(list):  # type: ignore[type-arg]
    """The rows of a query, which is only read through."""

    def all(self) -> list[Any]:
        """They, as a query of SQLAlchemy gives them."""
        return list(self)


class _Query(_Rows):
    """The rows of a query that its caller only reads through."""

    def encode(self, value: Any, where: str) -> Any:
        return super().encode(list(value), where)

    def decode(self, value: Any, where: str) -> Any:
        return Found(super().decode(value, where))


def key_of(row: Any, where: str) -> Any:
    """The key of a saved row."""
    if hasattr(row, "_meta"):
        if row.pk is None or row._state.adding:
            raise WireError(f"{where}: the row is not saved, so it has no key yet")
        return row.pk
    from sqlalchemy import inspect

    state = inspect(row)
    if not state.identity:
        raise WireError(f"{where}: the row is not saved, so it has no key yet")
    if len(state.identity) > 1:
        raise WireError(f"{where}: the row has no single key")
    if state.modified and (state.session is None or state.session.is_modified(row)):
        raise WireError(f"{where}: the row has changes that are not saved: the other side would not see them")
    return state.identity[0]


def is_unsaved(row: Any) -> bool:
    """Whether a row was made in memory, and no session has it: nobody but its caller can know of it."""
    if hasattr(row, "_meta"):
        return bool(row._state.adding)
    from sqlalchemy import inspect

    return bool(inspect(row).transient)


def new_parents(row: Any) -> dict[str, Any]:
    """The rows of Django that a row belongs to and that are not saved either: nobody can read them."""
    fields = [field for field in row._meta.concrete_fields if field.is_relation and field.is_cached(row)]
    found = {field.name: field.get_cached_value(row) for field in fields}
    return {name: item for name, item in found.items() if item is not None and item._state.adding}


def _unsaved() -> Codec:
    """How rows cross that are not saved yet, and what columns do not hold as they are read: with its type."""
    from . import tagged  # which builds on this module

    return tagged.tagged(rows=True)


def rows_of(kind: Any, keys: list[Any]) -> dict[Any, Any]:
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


def is_row(value: Any, path: str) -> bool:
    """Whether it is a row of the very class, or stands for one (``request.user``)."""
    return value.__class__ is load(path)


def _is_new(row: Any) -> bool:
    if hasattr(row, "_meta"):
        return bool(row._state.adding or row.pk is None)
    from sqlalchemy import inspect

    return not inspect(row).identity


def _key_name(row: Any) -> str:
    """The attribute that holds the key."""
    if hasattr(row, "_meta"):
        return str(row._meta.pk.attname)
    from sqlalchemy import inspect

    mapper = inspect(type(row))
    return str(mapper.get_property_by_column(mapper.primary_key[0]).key)


def mapped(row: Any) -> dict[str, bool]:
    """Attribute that is mapped -> whether it leads to other rows."""
    if hasattr(row, "_meta"):
        return {field.attname: False for field in row._meta.concrete_fields}
    from sqlalchemy import inspect

    mapper = inspect(type(row))
    return {found.key: found.key in mapper.relationships for found in mapper.attrs}


def made(kind: Any) -> Any:
    """A new object of a mapped class, without what its constructor would do."""
    if hasattr(kind, "_meta"):
        return kind()
    from sqlalchemy import inspect

    return inspect(kind).class_manager.new_instance()


def _settled(row: Any, name: str) -> Any:
    """The value of a column; an expression that the database has worked out is read from there."""
    if hasattr(getattr(row, name), "resolve_expression"):
        row.refresh_from_db(fields=[name])
    return getattr(row, name)


def receiver(
    path: str,
    key: Codec,
    read: Mapping[str, Codec],
    plain: tuple[str, ...] = (),
    whole: bool = False,
    new: bool = True,
) -> Codec:
    return _Receiver(path, key, read, plain, whole, new)


def row(path: str, key: Codec, read: Mapping[str, Codec] | None = None, changes: bool = False) -> Codec:
    return _Row(path, key, read or {}, changes)


def query_of(item: Codec) -> Codec:
    if not isinstance(item, _Row):
        raise TypeError("a query of rows is meant")
    return _Query(item)


def list_of(item: Codec) -> Codec:
    if isinstance(item, _Row):
        return _Rows(item)
    return sequence_of(item)
