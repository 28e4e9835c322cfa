"""What a function reads of the request of its caller, which stays where it is."""

from __future__ import annotations

from typing import Any

from .codec import Codec, WireError, unfit
from .sessions import itself
from .tagged import Tagged

_VALUE = Tagged(rows=True)


class Request:
    """It has what the function was seen to read, and nothing else."""

    def __init__(self, told: dict[str, Any]) -> None:
        vars(self).update(told)


class _Request(Codec):
    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def encode(self, value: Any, where: str) -> Any:
        value = itself(value)
        if not isinstance(value, Request) and not hasattr(value, "META"):
            raise unfit(value, "a request", where)
        missing = [name for name in self._names if not hasattr(value, name)]
        if missing:
            raise WireError(f"{where}.{missing[0]}: the request does not have it")
        return {name: _VALUE.encode(getattr(value, name), f"{where}.{name}") for name in self._names}

    def decode(self, value: Any, where: str) -> Any:
        if type(value) is not dict or set(value) != set(self._names):
            raise unfit(value, "a request with " + ", ".join(self._names), where)
        return Request({name: _VALUE.decode(part, f"{where}.{name}") for name, part in value.items()})


def request(*names: str) -> Codec:
    return _Request(names)
