"""What a function does beside returning: tables, messages, exceptions, commits, and what cannot be judged."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from strangler.contracts.operations.inference import Inference, Scope
from strangler.contracts.operations.knowledge import (
    AMBIENT,
    ASKING,
    LOCAL_WRITES,
    MACHINE,
    PURE_MODULES,
    READ_METHODS,
    READING,
    REGISTERING,
    THREADS,
    WORLD,
    WRITES,
)
from strangler.contracts.operations.source import Target, dotted_name, imported
from strangler.model import Access, Evidence, Message, Model

MAX_FUNCTIONS = 300
"""Functions followed from one; more are not judged."""
_CONTAINERS = frozenset({"list", "dict", "set", "typeddict", "file", "str", "bytes"})
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})


@dataclass
class Effects:
    """What a function and all that it calls do."""

    reads: set[str] = field(default_factory=set)
    """Tables."""
    writes: set[str] = field(default_factory=set)
    acts: list[Evidence] = field(default_factory=list)
    """Places that write a table, queue a task, send a signal, or cannot be judged."""
    raises: dict[str, Evidence] = field(default_factory=dict)
    """Dotted name of an exception -> where it is raised."""
    ambient: dict[str, Evidence] = field(default_factory=dict)
    """Dotted name of a thing that belongs to the caller's request -> where it is used."""
    registers: Evidence | None = None
    """Where it registers a function with something of this process."""
    process: Evidence | None = None
    """Where it uses what only this process or machine has: a thread's values, module state, programs."""
    commits: bool = False
    ends: bool = False
    """It commits or rolls back."""
    outside: bool = False
    """It may touch a table, a queue, a request, or a library that talks to something else."""

    def add(self, other: Effects, caught: tuple[str, ...] = ()) -> None:
        """Take over the effects of a called function."""
        self.reads |= other.reads
        self.writes |= other.writes
        self.acts += [act for act in other.acts if act not in self.acts]
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


class EffectFinder:
    """Effects of first-party functions, each read once."""

    def __init__(self, model: Model, inference: Inference) -> None:
        self._inference = inference
        self._known: dict[Target, Effects] = {}
        self.computing: dict[str, bool] = {}
        """Module -> whether all that it imports only computes."""
        self._accesses: dict[tuple[str, str], list[Access]] = defaultdict(list)
        for access in model.accesses:
            self._accesses[access.module, _outer(access.function)].append(access)
        self._messages: dict[tuple[str, str], list[Message]] = defaultdict(list)
        for message in model.messages:
            self._messages[message.module, _outer(message.function)].append(message)

    def of(self, target: Target) -> Effects:
        """The effects of calling a definition (of a class: of its constructor)."""
        if target in self._known:
            return self._known[target]
        found = self._known[target] = Effects()  # recursion adds nothing
        sources = self._inference.sources
        node, code = sources.definition(target), sources.load(target.module)
        if code is None or node is None:
            return found
        if isinstance(node, ast.ClassDef):
            constructor = Target(target.module, f"{target.qualname}.__init__")
            if sources.definition(constructor) is not None:
                found.add(self.of(constructor))
            return found
        if len(self._known) > MAX_FUNCTIONS * 20:
            found.acts.append(Evidence(file=code.path, line=node.lineno, symbol="not followed further"))
            found.outside = True
            return found
        self._own(target, found, code.path)
        scope = self._inference.scope(code, target.qualname, node)
        reading = {access.line for access in self._accesses[target.module, target.qualname]}
        _Body(self, self._inference, scope, found, reading).walk(node.body, ())
        return found

    def _own(self, target: Target, found: Effects, path: str) -> None:
        for access in self._accesses[target.module, target.qualname]:
            found.outside = True
            if access.operation == "write":
                found.writes.add(access.table)
                found.acts.append(Evidence(file=path, line=access.line, symbol=f"writes {access.table}"))
            else:
                found.reads.add(access.table)
        for message in self._messages[target.module, target.qualname]:
            found.outside = True
            verb = "queues" if message.kind == "task" else "sends"
            found.acts.append(Evidence(file=path, line=message.line, symbol=f"{verb} {message.name}"))


class _Body:
    """One function's statements."""

    def __init__(
        self, finder: EffectFinder, inference: Inference, scope: Scope, found: Effects, lines: set[int]
    ) -> None:
        self._finder = finder
        self._inference = inference
        self._scope = scope
        self._found = found
        self._lines = lines
        """Lines on which the analysis saw a table access: their calls are known."""

    def walk(self, nodes: Iterable[ast.AST], caught: tuple[str, ...]) -> None:
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
                continue
            if isinstance(node, ast.Try | ast.TryStar):
                self.walk(node.body, (*caught, *self._handled(node)))
                for handler in node.handlers:
                    self.walk(handler.body, caught)
                self.walk(node.orelse, caught)
                self.walk(node.finalbody, caught)
                continue
            if isinstance(node, ast.Raise):
                self._raise(node, caught)
                made = node.exc if isinstance(node.exc, ast.Call) else None
                self.walk([*made.args, *made.keywords] if made else [], caught)
                continue
            if isinstance(node, ast.Call):
                self._call(node, caught)
            elif isinstance(node, ast.Global | ast.Nonlocal):
                self._act(node.lineno, "changes a global name", outside=True)
            elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
                self._store(node)
            elif isinstance(node, ast.Name | ast.Attribute) and self._ambient(node):
                continue
            self.walk(ast.iter_child_nodes(node), caught)

    def _ambient(self, node: ast.Name | ast.Attribute) -> bool:
        dotted = self._inference.dotted(node, self._scope)
        if isinstance(node, ast.Name) and self._of_thread(node):
            used = Evidence(file=self._scope.code.path, line=node.lineno, symbol=self._scope.qualname)
            self._found.process = self._found.process or used
        if dotted not in AMBIENT:
            return False
        self._found.outside = True
        place = Evidence(file=self._scope.code.path, line=node.lineno, symbol=self._scope.qualname)
        self._found.ambient.setdefault(dotted, place)
        return True

    def _of_thread(self, node: ast.Name) -> bool:
        """Whether a name of a module holds another value in each thread."""
        target = self._inference.target(node, self._scope)
        code = self._inference.sources.load(target.module) if target else None
        if code is None or target is None:
            return False
        scope = self._inference.scope(code, "", None)
        return any(
            isinstance(value, ast.Call) and self._inference.dotted(value.func, scope) in THREADS
            for value in code.constants.get(target.qualname, ())
        )

    def _handled(self, node: ast.Try | ast.TryStar) -> list[str]:
        names = []
        for handler in node.handlers:
            if any(isinstance(item, ast.Raise) and item.exc is None for item in ast.walk(handler)):
                continue
            if handler.type is None:
                names.append("builtins.BaseException")
            kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            names += [self._exception(kind) or "" for kind in kinds if kind is not None]
        return names

    def _exception(self, node: ast.expr) -> str | None:
        """``module:Class`` as a dotted name of its definition."""
        target = self._inference.target(node, self._scope)
        return target.dotted if target else self._inference.dotted(node, self._scope)

    def _raise(self, node: ast.Raise, caught: tuple[str, ...]) -> None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = self._exception(raised) if raised is not None else None
        if name is None or name in caught or _BROAD & set(caught):
            return
        place = Evidence(file=self._scope.code.path, line=node.lineno, symbol=self._scope.qualname)
        self._found.raises.setdefault(name, place)

    def _store(self, node: ast.Attribute | ast.Subscript) -> None:
        owner = self._inference.shape(node.value, self._scope)
        if owner.kind in _CONTAINERS and isinstance(node, ast.Subscript):
            base = node.value.id if isinstance(node.value, ast.Name) else ""
            if base in self._scope.assigned and base not in self._scope.parameters:
                return
        if node.lineno in self._lines:
            return
        self._act(node.lineno, f"assigns {ast.unparse(node)[:60]}")

    def _act(self, line: int, what: str, *, outside: bool = False) -> None:
        self._found.outside |= outside
        self._found.acts.append(Evidence(file=self._scope.code.path, line=line, symbol=what))

    def _call(self, node: ast.Call, caught: tuple[str, ...]) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        self._found.ends |= name in ("commit", "rollback")
        if name == "commit" or (name in ("begin", "atomic") and isinstance(node.func, ast.Attribute)):
            self._found.commits = True
        self._process(node, name)
        target = self._called(node)
        if target is not None:
            self._found.add(self._finder.of(target), caught)
            return
        dotted = self._inference.dotted(node.func, self._scope)
        ours = dotted is None or self._inference.sources.find_from(self._scope.code, dotted) is not None
        if dotted is not None and not ours and self._external(dotted):
            return
        if ours and isinstance(node.func, ast.Attribute) and self._method(node.func, node.lineno):
            return
        if name == "replace" and len(node.args) == 2:  # of text; those of paths and dates take one or none
            return
        self._act(
            node.lineno,
            f"calls {(dotted_name(node.func) or ast.unparse(node.func))[:60]}, which is not judged",
            outside=dotted is not None or not self._computing(),
        )

    def _computing(self) -> bool:
        """Whether the module imports nothing but itself, the monolith, and libraries that only compute."""
        code = self._scope.code
        if code.module not in self._finder.computing:
            names = [
                name
                for node in ast.walk(code.tree)
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in imported(code, node).values()
            ]
            self._finder.computing[code.module] = all(
                _prefixes(name) & (PURE_MODULES | READING | {"__future__"})
                or self._inference.sources.find_from(code, name) is not None
                for name in names
            )
        return self._finder.computing[code.module]

    def _process(self, node: ast.Call, name: str) -> None:
        """Note what holds for this process or this machine alone."""
        place = Evidence(file=self._scope.code.path, line=node.lineno, symbol=self._scope.qualname)
        if name in REGISTERING:
            kinds = {self._inference.shape(item, self._scope).kind for item in node.args}
            if "callable" in kinds or name == "disconnect":
                self._found.registers = self._found.registers or place
        dotted = self._inference.dotted(node.func, self._scope) or ""
        if _prefixes(dotted) & MACHINE:
            self._found.process = self._found.process or place
        if isinstance(node.func, ast.Attribute) and name in LOCAL_WRITES and self._lasting(node.func.value):
            self._found.process = self._found.process or place

    def _lasting(self, node: ast.expr) -> bool:
        """Whether it is a list, dict or set of a module or class."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "cls":
            return True
        target = self._inference.target(node, self._scope)
        kinds = ("list", "dict", "set", "typeddict")
        return target is not None and self._inference.of_target(target).kind in kinds

    def _called(self, node: ast.Call) -> Target | None:
        """The first-party definition that a call reaches, if it can be told."""
        target = self._inference.target(node.func, self._scope)
        if target is not None and self._inference.sources.definition(target) is not None:
            return target
        if isinstance(node.func, ast.Attribute):
            value = node.func.value
            if isinstance(value, ast.Name) and value.id in ("self", "cls") and self._scope.owner:
                from strangler.contracts.operations.shapes import make

                owner = make("object", name=f"{self._scope.code.module}:{self._scope.owner}")
            else:
                owner = self._inference.shape(value, self._scope)
            if owner.kind in ("row", "object", "dataclass", "pydantic", "namedtuple"):
                return self._inference.method(owner, node.func.attr)
        return None

    def _external(self, dotted: str) -> bool:
        """Whether a function of a library changes nothing that outlives the call."""
        name = dotted.removeprefix("builtins.")
        if dotted.startswith("builtins."):
            if name in ("open", "exec", "eval", "setattr", "delattr", "__import__", "input"):
                return False
            return "." not in name or name.partition(".")[0] in _CONTAINERS
        if dotted in WORLD:
            self._found.outside = True
            return True
        prefixes = _prefixes(dotted)
        if PURE_MODULES & prefixes:
            return True
        if READING & prefixes:
            return dotted.rpartition(".")[2] not in WRITES - LOCAL_WRITES - {"reverse"}
        return False

    def _method(self, function: ast.Attribute, line: int) -> bool:
        """Whether a method of a local value is known to change nothing outside the function."""
        owner = self._inference.shape(function.value, self._scope)
        if owner.kind == "unknown" and isinstance(function.value, ast.Call):
            made = self._inference.dotted(function.value.func, self._scope)
            if made is not None and self._external(made) and function.attr not in WRITES:
                return True
        if owner.kind in _CONTAINERS and function.attr in LOCAL_WRITES:
            base = function.value.id if isinstance(function.value, ast.Name) else ""
            return base in self._scope.assigned and base not in self._scope.parameters
        if owner.kind in _CONTAINERS | {
            "decimal",
            "datetime",
            "date",
            "time",
            "timedelta",
            "uuid",
            "int",
            "float",
        }:
            return True
        if owner.kind in ("query", "class", "session", "unknown", "row"):
            self._found.outside |= owner.kind != "unknown" or line in self._lines or function.attr in ASKING
            if function.attr in WRITES - {"execute"}:
                return False
            return line in self._lines or owner.kind == "query" or function.attr in READ_METHODS
        return False


def _prefixes(dotted: str) -> set[str]:
    """A dotted name and everything that it lies in."""
    parts = dotted.split(".")
    return {".".join(parts[: count + 1]) for count in range(len(parts))}


def _outer(function: str | None) -> str:
    """The top-level function or method around a nested one."""
    return (function or "").partition(".<locals>")[0]
