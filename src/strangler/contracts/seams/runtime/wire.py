"""What crosses a seam: operations with their arguments, results and exceptions.

Each value is written as ``codec`` and ``rows`` do it; their names are found here, too.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    optional,
    record,
    set_of,
    tuple_of,
)
from .rows import CURRENT, list_of, reading_by, row, settled

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
    "list_of",
    "load",
    "optional",
    "reading_by",
    "record",
    "row",
    "set_of",
    "settled",
    "tuple_of",
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


def _carried(value: Any) -> Any:
    """A part of an exception: plain JSON as it is, anything else as its text."""
    try:
        return JSON.encode(value, "")
    except WireError:
        return str(value)
