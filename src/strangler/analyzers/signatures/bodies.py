"""The statements of a function, read for what they do beside giving a result."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.syntax import Node
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
    WORLD,
    WRITES,
    is_plain_base,
)
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import dotted, handled, is_name, targets, text
from strangler.model import Evidence
from strangler.model.shapes import make

if TYPE_CHECKING:
    from strangler.analyzers.signatures.behaviour import Behaviour, Behaviours

_CONTAINERS = frozenset({"list", "dict", "set", "typeddict", "file", "str", "bytes"})
_VALUES = _CONTAINERS | {"decimal", "datetime", "date", "time", "timedelta", "uuid", "int", "float"}
_OF_OBJECTS = ("row", "object", "dataclass", "pydantic", "namedtuple")
_AMBIENT_PACKAGES = frozenset(name.partition(".")[0] for name in AMBIENT)
_CHANGING_BUILTINS = frozenset({"open", "exec", "eval", "setattr", "delattr", "__import__", "input"})
BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})


class Body:
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
        if name is None or name in caught or BROAD & set(caught):
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
        if not MACHINE.isdisjoint(prefixes(full)) or (holder is not None and self._lasting(holder)):
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
        within = prefixes(name)
        if PURE_MODULES & within:
            return True
        return bool(READING & within) and name.rpartition(".")[2] not in WRITES - LOCAL_WRITES - {"reverse"}

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
    Body(finder, scope, found, set()).walk(nodes, ())


@lru_cache(maxsize=10_000)
def prefixes(name: str) -> frozenset[str]:
    """A dotted name and everything that it lies in."""
    parts = name.split(".")
    return frozenset(".".join(parts[: count + 1]) for count in range(len(parts)))
