"""What a function does beside returning, as far as a repeated or remote call would show it.

Reads and writes of tables are facts of their own; this adds what only the text tells: exceptions that leave
it, things of the caller's request, state of this process, commits, and calls that nobody can judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.python.values import External, Object
from strangler.analyzers.signatures.bodies import BROAD, Body, prefixes
from strangler.analyzers.signatures.inference import Inference
from strangler.analyzers.signatures.knowledge import (
    PURE_MODULES,
    READING,
    THREADS,
)
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import targets, text
from strangler.model import Access, Evidence, Message

MOST_FUNCTIONS = 20_000
"""Functions whose bodies are read; what is beyond them is not judged."""


@dataclass
class Behaviour:
    """What a function and all that it calls do."""

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    acts: dict[Evidence, None] = field(default_factory=dict)
    """Places that write a table, queue a task, send a signal, or cannot be judged."""
    raises: dict[str, Evidence] = field(default_factory=dict)
    """Dotted name of an exception -> where it is raised."""
    ambient: dict[str, Evidence] = field(default_factory=dict)
    """Dotted name of a thing that belongs to the caller's request -> where it is used."""
    registers: Evidence | None = None
    process: Evidence | None = None
    commits: bool = False
    ends: bool = False
    outside: bool = False

    def add(self, other: Behaviour, caught: tuple[str, ...] = ()) -> None:
        """Take over what a called function does."""
        self.reads |= other.reads
        self.writes |= other.writes
        self.acts |= other.acts
        self.registers = self.registers or other.registers
        self.process = self.process or other.process
        self.commits |= other.commits
        self.ends |= other.ends
        for what, place in other.ambient.items():
            self.ambient.setdefault(what, place)
        self.outside |= other.outside
        if not BROAD & set(caught):
            for name, place in other.raises.items():
                if name not in caught:
                    self.raises.setdefault(name, place)


class Behaviours:
    """Behaviour of first-party functions, each read once."""

    def __init__(self, inference: Inference, accesses: Iterable[Access], messages: Iterable[Message]) -> None:
        self.inference = inference
        self._known: dict[Target, Behaviour] = {}
        self._computing: dict[str, bool] = {}
        self._of_thread: dict[str, bool] = {}
        self._accesses: dict[Target, list[Access]] = defaultdict(list)
        for access in accesses:
            self._accesses[Target(access.module, _outer(access.function))].append(access)
        self._messages: dict[Target, list[Message]] = defaultdict(list)
        for message in messages:
            self._messages[Target(message.module, _outer(message.function))].append(message)

    def of(self, target: Target) -> Behaviour:
        """What calling a definition does (of a class: its constructor)."""
        if target in self._known:
            return self._known[target]
        found = self._known[target] = Behaviour()  # recursion adds nothing
        names = self.inference.names
        if target in names.classes:
            constructor = names.method(target, "__init__")
            if constructor is not None:
                found.add(self.of(constructor))
            return found
        scope = self.inference.scope(target)
        function = names.functions.get(target)
        if scope is None or function is None:
            return found
        if len(self._known) > MOST_FUNCTIONS:
            found.acts[Evidence(file=scope.path, line=function.line, symbol="not followed further")] = None
            found.outside = True
            return found
        self._own(target, found, scope.path)
        reading = {access.line for access in self._accesses.get(target, ())}
        Body(self, scope, found, reading).walk(scope.body, ())
        return found

    def _own(self, target: Target, found: Behaviour, path: str) -> None:
        for access in self._accesses.get(target, ()):
            found.outside = True
            if access.operation == "write":
                found.writes.add(access.table)
                place = Evidence(file=path, line=access.line, symbol=f"writes {access.table}")
                found.acts[place] = None
            else:
                found.reads.add(access.table)
        for message in self._messages.get(target, ()):
            found.outside = True
            verb = "queues" if message.kind == "task" else "sends"
            found.acts[Evidence(file=path, line=message.line, symbol=f"{verb} {message.name}")] = None

    def own(self, target: Target) -> list[Access] | None:
        """How a definition reads tables, itself; None where it writes one, queues or sends something."""
        accesses = self._accesses.get(target, ())
        if self._messages.get(target) or any(access.operation == "write" for access in accesses):
            return None
        return list(accesses)

    def called(self, function: Node, scope: Scope) -> Target | None:
        """The first-party definition that a call in a scope reaches, if it can be told."""
        return Body(self, scope, Behaviour(), set()).called(
            function, self.inference.names.dotted(function, scope)
        )

    def touched(self, module: str, first: int, last: int) -> bool:
        """Whether the statements of a module touch a table between two lines."""
        own = self._accesses.get(Target(module), ())
        return any(first <= access.line <= last for access in own)

    def is_of_thread(self, name: str) -> bool:
        """Whether a name of a module holds another value in each thread."""
        if name not in self._of_thread:
            names = self.inference.names
            target = names.find(name)
            constant = target is not None and target.qualname and not names.defined(target)
            value = names.value(target) if target is not None and constant else None
            made = value.cls if isinstance(value, Object) else None
            self._of_thread[name] = isinstance(made, External) and made.name in THREADS
        return self._of_thread[name]

    def only_computes(self, scope: Scope) -> bool:
        """Whether a module imports nothing but itself, the monolith, and libraries that only compute."""
        name = scope.module.name
        if name not in self._computing:
            frame = scope.module.frame
            imported = frame.imported.values() if frame is not None else ()
            find = self.inference.names.find
            self._computing[name] = all(
                find(origin) is not None or bool((PURE_MODULES | READING) & prefixes(origin))
                for origin in imported
            )
        return self._computing[name]


def own_raises(scope: Scope) -> Iterable[Evidence]:
    """The places where a function raises, itself; ``symbol`` is the exception as it is written."""
    for node in scope.of(syntax.Raise):
        if node.value is not None:
            yield Evidence(file=scope.path, line=node.line, symbol=text(node.value).partition("(")[0])


def changes(scope: Scope) -> Iterable[Evidence]:
    """The places where a function sets attributes of what it was handed; ``symbol`` is the attribute."""
    params = scope.function.params if scope.function else []
    handed = {parameter.name for parameter in params if parameter.kind in ("positional", "keyword")}
    for node in scope.of(syntax.Assign, syntax.Augment, syntax.Annotate):
        for target in targets(node):
            root = target
            while isinstance(root, syntax.Attribute):
                root = root.value
            if (
                isinstance(target, syntax.Attribute)
                and isinstance(root, syntax.Name)
                and root.id in handed - {"self"}
            ):
                yield Evidence(file=scope.path, line=node.line, symbol=text(target))


def _outer(function: str | None) -> str:
    """The top-level function or method around a nested one."""
    return (function or "").partition(".<locals>")[0]
