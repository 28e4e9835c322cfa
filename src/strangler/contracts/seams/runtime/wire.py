"""What crosses a seam: operations with their arguments, results and exceptions.

Each value is written as ``codec`` and ``rows`` do it; their names are found here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .codec import (
    BOOL,
    BYTES,
    DATE,
    DATETIME,
    DECIMAL,
    FLOAT,
    INT,
    JSON,
    NONE,
    NOTHING,
    SENDER,
    SESSION,
    STR,
    TIME,
    TIMEDELTA,
    UUID,
    Codec,
    WireError,
    dict_of,
    enum_of,
    fields,
    frozenset_of,
    load,
    of_value,
    optional,
    record,
    rest_of,
    set_of,
    tuple_of,
)
from .request import request
from .rows import is_row, list_of, query_of, receiver, row
from .sessions import CURRENT, reading_by, schemas, session_of, sessions_of, settled, with_schemas
from .tagged import tagged

__all__ = [
    "BOOL",
    "BYTES",
    "CURRENT",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "FLOAT",
    "INT",
    "JSON",
    "NONE",
    "NOTHING",
    "PREFIX",
    "SENDER",
    "SESSION",
    "STR",
    "TIME",
    "TIMEDELTA",
    "UNSET",
    "UUID",
    "Codec",
    "Failure",
    "Operation",
    "WireError",
    "dict_of",
    "enum_of",
    "fields",
    "frozenset_of",
    "given",
    "is_row",
    "list_of",
    "load",
    "optional",
    "query_of",
    "reading_by",
    "receiver",
    "record",
    "request",
    "rest_of",
    "row",
    "schemas",
    "sessions_of",
    "set_of",
    "settled",
    "tagged",
    "tuple_of",
    "with_schemas",
]

PREFIX = "/_strangler/"
UNSET: Any = object()
"""An argument that was not given: the function's own default holds."""


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
        receiver: str = "",
        changes: bool = False,
        rest: str = "",
        options: str = "",
        rows: tuple[str, ...] = (),
        coroutine: bool = False,
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.result = result
        self.failures = failures
        self.safe = safe
        self.optional = optional
        self.coroutine = coroutine
        self.receiver = receiver
        self._changed = (*((receiver,) if changes else ()), *rows)
        """Arguments that are rows and may be changed, the row whose method it is first."""
        self._rest = rest
        self._options = options

    def encode(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as they are sent."""
        return {
            name: self.arguments[name].encode(value, name)
            for name, value in given(arguments).items()
            if self.arguments[name] is not SESSION
        }

    def call(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        """Call a function with the arguments, those of ``*rest`` and ``**options`` as they were given."""
        named = dict(arguments)
        more, options = named.pop(self._rest, ()), named.pop(self._options, {})
        before = list(self.arguments)[: list(self.arguments).index(self._rest)] if more else []
        return function(*[named.pop(name) for name in before], *more, **named, **options)

    def session(self, arguments: Mapping[str, Any]) -> Any:
        """The session among the arguments, or that of the row whose method it is; None without one."""
        named = (arguments.get(name) for name, codec in self.arguments.items() if codec is SESSION)
        found = next((value for value in named if value is not None and value is not UNSET), None)
        return session_of(arguments[self.receiver]) if found is None and self.receiver else found

    def sessions(self, arguments: Mapping[str, Any]) -> list[Any]:
        """The sessions that hold what the call may change: its own, those of the rows among the arguments."""
        own = self.session(arguments)
        found = [] if own is None else [own]
        for value in () if self.safe else given(arguments).values():
            found += [item for item in sessions_of(value) if all(item is not one for one in found)]
        return found

    def seen(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The rows that the call may change, as they are before it."""
        return {name: codec.seen(held) for name, codec, held in self._rows(arguments)}

    def answer(self, result: Any, arguments: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """What is answered: the result, and what has become of the rows that it may change."""
        rows = self._rows(arguments)
        same = next((name for name, _, held in rows if result is held), None)
        found = {"result": None, "same": same} if same else {"result": self.result.encode(result, "result")}
        changed = {name: codec.changed(held, before[name]) for name, codec, held in rows}
        changed = {name: told for name, told in changed.items() if told is not None}
        return {**found, "rows": changed} if changed else found

    def take(self, arguments: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Do to the caller's rows what the answer tells of them."""
        for name, codec, held in self._rows(arguments):
            codec.take(held, answer.get("rows", {}).get(name))

    def returned(self, arguments: Mapping[str, Any], answer: Mapping[str, Any]) -> Any:
        """The result that was answered; one of the rows that were given is the caller's own."""
        if "same" in answer:
            return arguments[answer["same"]]
        return self.result.decode(answer["result"], "result")

    def _rows(self, arguments: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """The rows that the call may change, with their codecs; of those that were left out none."""
        held = [(name, of_value(self.arguments[name]), given(arguments).get(name)) for name in self._changed]
        return [item for item in held if item[2] is not None]

    def decode(self, arguments: Any) -> dict[str, Any]:
        """The arguments as they were received."""
        sent = {name for name, codec in self.arguments.items() if codec is not SESSION}
        if type(arguments) is not dict or not sent - set(self.optional) <= set(arguments) <= sent:
            raise WireError(f"{self.name} takes {', '.join(sorted(sent)) or 'no arguments'}")
        if len(sent) < len(self.arguments) and CURRENT.get() is None:
            raise WireError(
                f"{self.name} takes a session, and nothing makes one: "
                "--use module:name, or provide(..., session=...)"
            )
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


def _carried(value: Any) -> Any:
    """A part of an exception: plain JSON as it is, anything else as its text."""
    try:
        return JSON.encode(value, "")
    except WireError:
        return str(value)
