"""What a mutant is: a function between the suite and the monolith."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """What the suite sends; names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def place(self) -> str:
        """The path without its query."""
        return urlsplit(self.path).path

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS")

    def json(self) -> Any:
        """The body, or None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def with_json(self, value: Any) -> Request:
        """The same with another body."""
        return replace(self, body=json.dumps(value).encode())

    def with_header(self, name: str, value: str | None) -> Request:
        """The same with a header set, or left out."""
        rest = {key: text for key, text in self.headers.items() if key != name}
        return replace(self, headers=rest if value is None else {**rest, name: value})


@dataclass
class Answer:
    """What comes back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def kind(self) -> str:
        return self.header("content-type")

    @property
    def is_json(self) -> bool:
        return "json" in self.kind

    def header(self, name: str) -> str:
        """The first header of that name."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def drop(self, name: str) -> None:
        """Leave a header out."""
        self.headers = [(key, value) for key, value in self.headers if key.lower() != name]

    def put(self, name: str, value: str) -> None:
        """Set a header."""
        self.drop(name.lower())
        self.headers.append((name, value))


@dataclass
class World:
    """What a mutant may use: the monolith, its data, and a memory that a reset clears."""

    ask: Callable[[Request], Answer]
    save: Callable[[], Any]
    restore: Callable[[Any], None]
    powerful: tuple[str, str]
    """Header of somebody who may do everything."""
    memory: dict[Any, Any] = field(default_factory=dict)


Mutation = Callable[[Request, World], Answer]
MUTANTS: dict[str, dict[str, Mutation]] = defaultdict(dict)
HARMLESS: dict[str, Mutation] = {}


def mutant(suite: str, name: str) -> Callable[[Mutation], Mutation]:
    """Register what stands between a suite and the monolith."""

    def add(mutation: Mutation) -> Mutation:
        assert name not in MUTANTS[suite], name
        MUTANTS[suite][name] = mutation
        return mutation

    return add


def harmless(name: str) -> Callable[[Callable[[Request, Answer], Answer | None]], None]:
    """Register a difference that no client notices."""

    def add(change: Callable[[Request, Answer], Answer | None]) -> None:
        HARMLESS[name] = after(change)

    return add


def after(change: Callable[[Request, Answer], Answer | None]) -> Mutation:
    """A mutation that changes answers alone."""

    def mutation(request: Request, world: World) -> Answer:
        answer = world.ask(request)
        return change(request, answer) or answer

    return mutation


def answers(suite: str, name: str) -> Callable[[Callable[[Request, Answer], Answer | None]], None]:
    """Register a mutant that changes answers alone."""

    def add(change: Callable[[Request, Answer], Answer | None]) -> None:
        mutant(suite, name)(after(change))

    return add


def in_json(
    suite: str, name: str, change: Callable[[Any], Any], where: Callable[[Request, Answer], bool]
) -> None:
    """Register a mutant that changes JSON: in place, or by what ``change`` gives."""

    def apply(request: Request, answer: Answer) -> None:
        if answer.is_json and answer.body and where(request, answer):
            data = json.loads(answer.body)
            found = change(data)
            answer.body = json.dumps(data if found is None else found).encode()

    answers(suite, name)(apply)


def put(key: str, new: Callable[[Any], Any]) -> Callable[[dict[str, Any]], Any]:
    """Change one value."""
    return lambda item: item.__setitem__(key, new(item[key]))


def rename(old: str, new: str) -> Callable[[dict[str, Any]], Any]:
    """Give a key another name."""
    return lambda item: item.__setitem__(new, item.pop(old))


def swap(a: str, b: str) -> Callable[[dict[str, Any]], Any]:
    """Exchange two values."""

    def change(item: dict[str, Any]) -> None:
        item[a], item[b] = item[b], item[a]

    return change
