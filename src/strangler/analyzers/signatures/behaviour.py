"""What a function does beside returning, as far as a repeated or remote call would show it.

Reads and writes of tables are facts of their own; this adds what only the text tells: exceptions that leave
it, things of the caller's request, state of this process, commits, and calls that nobody can judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.python.values import External, Object
from strangler.analyzers.signatures.inference import Inference
from strangler.analyzers.signatures.knowledge import (
    AMBIENT,
    ASKING,
    LOCAL_WRITES,
    LOGGING,
    MACHINE,
    MAPPINGS,
    OF_RECORDS,
    PURE_MODULES,
    READ_METHODS,
    READING,
    REGISTERING,
    THREADS,
    WORLD,
    WRITES,
    is_plain_base,
)
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import dotted, handled, is_name, targets, text
from strangler.model import Access, Evidence, Message
from strangler.model.shapes import make

MOST_FUNCTIONS = 20_000
"""Functions whose bodies are read; what is beyond them is not judged."""
_CONTAINERS = frozenset({"list", "dict", "set", "typeddict", "file", "str", "bytes"})
_VALUES = _CONTAINERS | {"decimal", "datetime", "date", "time", "timedelta", "uuid", "int", "float"}
_OF_OBJECTS = ("row", "object", "dataclass", "pydantic", "namedtuple")
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
_AMBIENT_PACKAGES = frozenset(name.partition(".")[0] for name in AMBIENT)
_CHANGING_BUILTINS = frozenset({"open", "exec", "eval", "setattr", "delattr", "__import__", "input"})


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
        if not _BROAD & set(caught):
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
        _Body(self, scope, found, reading).walk(scope.body, ())
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

    def called(self, function: Node, scope: Scope) -> Target | None:
        """The first-party definition that a call in a scope reaches, if it can be told."""
        return _Body(self, scope, Behaviour(), set()).called(
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
                find(origin) is not None or bool((PURE_MODULES | READING) & _prefixes(origin))
                for origin in imported
            )
        return self._computing[name]


class _Body:
    """One function's statements."""

    def __init__(self, finder: Behaviours, scope: Scope, found: Behaviour, lines: set[int]) -> None:
        self._finder = finder
        self._inference = finder.inference
        self._names = finder.inference.names
        self._scope = scope
        self._found = found
        self._lines = lines
        """Lines on which the analysis saw a table access: their calls are known."""

    def walk(self, nodes: Iterable[Node | None], caught: tuple[str, ...]) -> None:
        for node in nodes:
            kind = type(node)
            if node is None or kind is syntax.Constant or kind in traversal.SCOPES:
                continue
            if kind is syntax.Name or kind is syntax.Attribute:
                self._chain(node, caught)
            elif type(node) is syntax.Try:
                self._try(node, caught)
            elif type(node) is syntax.Raise:
                self._raise(node, caught)
                made = node.value if type(node.value) is syntax.Call else None
                self.walk([*made.args, *(value for _, value in made.keywords)] if made else [], caught)
            else:
                if type(node) is syntax.Call:
                    self._call(node, caught)
                elif kind is syntax.Global:
                    self._act(node.line, "changes a global name", outside=True)
                elif kind in syntax.STATEMENTS:
                    for item in targets(node):
                        if isinstance(item, (syntax.Attribute, syntax.Subscript)):
                            self._store(item)
                self.walk(traversal.children(node), caught)

    def _try(self, node: syntax.Try, caught: tuple[str, ...]) -> None:
        kinds = handled(node)
        inside = [self._exception(kind) or "" for kind in kinds if kind is not None]
        broad = ["builtins.BaseException"] if None in kinds else []
        self.walk(node.body, (*caught, *inside, *broad))
        for _, _, block in node.handlers:
            self.walk(block, caught)
        self.walk([*node.orelse, *node.final], caught)

    def _chain(self, node: Node, caught: tuple[str, ...]) -> None:
        """A name, or attributes of something."""
        links = [node]
        while type(node) is syntax.Attribute:
            node = node.value
            links.append(node)
        if type(node) is not syntax.Name:
            self.walk([node], caught)
            return
        known = self._names.head(node.id, self._scope)
        if known is None:
            return
        if self._finder.is_of_thread(known):
            self._found.process = self._found.process or self._place(node.line)
        if known.partition(".")[0] in _AMBIENT_PACKAGES:
            for link in links:
                if self._ambient(link):
                    break

    def _place(self, line: int) -> Evidence:
        return Evidence(file=self._scope.path, line=line, symbol=self._scope.qualname)

    def _ambient(self, node: Node) -> bool:
        name = self._names.dotted(node, self._scope)
        if name not in AMBIENT:
            return False
        self._found.outside = True
        self._found.ambient.setdefault(name, self._place(node.line))
        return True

    def _exception(self, node: Node) -> str | None:
        """The dotted name of an exception class, of its definition where that is first-party."""
        target = self._names.target(node, self._scope)
        return target.dotted if target else self._names.dotted(node, self._scope)

    def _raise(self, node: syntax.Raise, caught: tuple[str, ...]) -> None:
        raised = node.value.func if isinstance(node.value, syntax.Call) else node.value
        name = self._exception(raised) if raised is not None else None
        if name is None or name in caught or _BROAD & set(caught):
            return
        self._found.raises.setdefault(name, self._place(node.line))

    def _store(self, node: syntax.Attribute | syntax.Subscript) -> None:
        owner = node.value
        found = self._inference.shape(owner, self._scope)
        if found.kind in _CONTAINERS and isinstance(node, syntax.Subscript):
            base = owner.id if isinstance(owner, syntax.Name) else ""
            if base in self._scope.assigned and base not in self._scope.parameters:
                return
        if node.line not in self._lines:
            self._act(node.line, f"assigns {text(node)}")

    def _act(self, line: int, what: str, *, outside: bool = False) -> None:
        self._found.outside |= outside
        self._found.acts[Evidence(file=self._scope.path, line=line, symbol=what)] = None

    def _call(self, node: syntax.Call, caught: tuple[str, ...]) -> None:
        line, function = node.line, node.func
        is_method = isinstance(function, syntax.Attribute)
        name = function.attr if isinstance(function, syntax.Attribute) else ""
        self._found.ends |= name in ("commit", "rollback")
        if name == "commit" or (is_method and name in ("begin", "atomic")):
            self._found.commits = True
        full = self._names.dotted(function, self._scope)
        self._process(node, name, full or "")
        target = self.called(function, full)
        if target is not None:
            self._found.add(self._finder.of(target), caught)
            return
        ours = full is None or self._names.find(full) is not None
        if full is not None and not ours and self._external(full):
            return
        if isinstance(function, syntax.Attribute) and self._of_library(function, name):
            return
        if ours and isinstance(function, syntax.Attribute) and self._method(function, line):
            return
        if name == "replace" and len(node.args) == 2:  # of text; those of paths and dates take one or none
            return
        self._act(
            line,
            f"calls {dotted(function) or text(function)}, which is not judged",
            outside=not self._handed(function)
            and (full is not None or not self._finder.only_computes(self._scope)),
        )

    def _handed(self, function: Node) -> bool:
        """Whether what is called is the caller's own (a parameter, of a function around this one too), or a
        method that a plain class of a library gives ``self``."""
        scope: Scope | None = self._scope
        if isinstance(function, syntax.Attribute):
            owner = self._scope.owner if is_name(function.value, "self") else None
            bases = owner.ancestors(self._names.interp) if owner is not None else frozenset()
            library = [base for base in bases if self._names.find(base) is None]
            return any("." in base and not base.startswith("builtins.") for base in library) and all(
                map(is_plain_base, library)
            )
        while scope is not None and isinstance(function, syntax.Name):
            if function.id in scope.parameters or function.id in scope.assigned:
                return function.id in scope.parameters and function.id not in scope.assigned
            scope = scope.parent
        return False

    def _of_library(self, function: syntax.Attribute, name: str) -> bool:
        """Whether it is a method of a module's logger or pattern, or one that each model of pydantic has."""
        target = self._names.target(function.value, self._scope)
        if target is None:
            shape = self._inference.shape(function.value, self._scope)
            return shape.kind == "pydantic" and name in OF_RECORDS
        if target in self._names.classes:
            return name in OF_RECORDS and self._inference.classes.of(target).kind == "pydantic"
        module = self._names.program.scopes[target.module]
        values = self._names.assigned(module).get(target.qualname, [])
        made = values[0][1] if len(values) == 1 else None
        if not isinstance(made, syntax.Call):
            return False
        by = self._names.dotted(made.func, Scope(module, None))
        return by == "re.compile" or (by == "logging.getLogger" and name in LOGGING)

    def _process(self, node: syntax.Call, name: str, full: str) -> None:
        """What ties the function to the process that runs it."""
        function = node.func
        if name in REGISTERING:
            kinds = {self._inference.shape(item, self._scope).kind for item in node.args}
            if "callable" in kinds or name == "disconnect":
                self._found.registers = self._found.registers or self._place(node.line)
        if self._found.process is not None:
            return
        holder = function.value if isinstance(function, syntax.Attribute) and name in LOCAL_WRITES else None
        if not MACHINE.isdisjoint(_prefixes(full)) or (holder is not None and self._lasting(holder)):
            self._found.process = self._place(node.line)

    def _lasting(self, node: Node) -> bool:
        """Whether it is a list, dict or set of a module or class."""
        if isinstance(node, syntax.Attribute) and is_name(node.value, "cls"):
            return True
        target = self._names.target(node, self._scope)
        kinds = ("list", "dict", "set", "typeddict")
        return target is not None and self._inference.of_target(target).kind in kinds

    def called(self, function: Node, full: str | None) -> Target | None:
        """The first-party definition that a call reaches, if it can be told; ``full``: its dotted name."""
        target = self._names.find(full) if full else None
        if target is not None and self._names.defined(target):
            return target
        if not isinstance(function, syntax.Attribute):
            return None
        holder, owner = function.value, self._scope.owner
        if isinstance(holder, syntax.Name) and holder.id in ("self", "cls") and owner is not None:
            found = make("object", name=f"{owner.module.name}:{owner.qualname}")
        else:
            found = self._inference.shape(holder, self._scope)
        return self._inference.classes.method(found, function.attr) if found.kind in _OF_OBJECTS else None

    def _external(self, name: str) -> bool:
        """Whether a function of a library changes nothing that outlives the call."""
        if name.startswith("builtins."):
            short = name.removeprefix("builtins.")
            if short in _CHANGING_BUILTINS:
                return False
            return "." not in short or short.partition(".")[0] in _CONTAINERS
        if name in WORLD:
            self._found.outside = True
            return True
        prefixes = _prefixes(name)
        if PURE_MODULES & prefixes:
            return True
        return bool(READING & prefixes) and name.rpartition(".")[2] not in WRITES - LOCAL_WRITES - {"reverse"}

    def _method(self, function: syntax.Attribute, line: int) -> bool:
        """Whether a method of a local value is known to change nothing outside the function."""
        holder, name = function.value, function.attr
        if isinstance(holder, syntax.Attribute) and holder.attr in MAPPINGS and name in READ_METHODS:
            return True
        owner = self._inference.shape(holder, self._scope)
        if owner.kind == "unknown" and isinstance(holder, syntax.Call):
            made = self._names.dotted(holder.func, self._scope)
            if made is not None and self._external(made) and name not in WRITES:
                return True
        if owner.kind in _CONTAINERS and name in LOCAL_WRITES:
            base = holder.id if isinstance(holder, syntax.Name) else ""
            return base in self._scope.assigned and base not in self._scope.parameters
        if owner.kind in _VALUES:
            return True
        if owner.kind in ("query", "class", "session", "unknown", "row"):
            self._found.outside |= owner.kind != "unknown" or line in self._lines or name in ASKING
            if name in WRITES - {"execute"}:
                return False
            return line in self._lines or owner.kind == "query" or name in READ_METHODS
        return False


def calls_in(finder: Behaviours, scope: Scope, found: Behaviour, nodes: Iterable[Node]) -> None:
    """Note what statements do that stand in a scope and are no function's own."""
    _Body(finder, scope, found, set()).walk(nodes, ())


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


@lru_cache(maxsize=10_000)
def _prefixes(name: str) -> frozenset[str]:
    """A dotted name and everything that it lies in."""
    parts = name.split(".")
    return frozenset(".".join(parts[: count + 1]) for count in range(len(parts)))


def _outer(function: str | None) -> str:
    """The top-level function or method around a nested one."""
    return (function or "").partition(".<locals>")[0]
