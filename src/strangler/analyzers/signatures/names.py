"""What a dotted name in a function stands for: a definition, a module, a constant, or something of a library.

Names are followed through the imports that the interpreter has run, to the ``def`` or ``class`` that bears
the name: a decorator does not hide it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from strangler.analyzers.python import syntax
from strangler.analyzers.python.definitions import absolute
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.python.values import UNKNOWN, Class, Function, Value
from strangler.analyzers.signatures.tree import children, dotted
from strangler.model.shapes import Shape

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.analyzers.python.program import ModuleScope

Kind = TypeVar("Kind", bound=Node)
MOST_REEXPORTS = 8


class Target(NamedTuple):
    """A first-party definition, constant or module."""

    module: str
    qualname: str = ""
    """Empty for the module itself."""

    @property
    def dotted(self) -> str:
        """As Python would import it."""
        return f"{self.module}.{self.qualname}" if self.qualname else self.module

    @property
    def name(self) -> str:
        """``module:Class``, as shapes name classes."""
        return f"{self.module}:{self.qualname}"


@dataclass(eq=False)
class Scope:
    """A function's names (``function`` None: those of a module)."""

    module: ModuleScope
    function: Function | None
    qualname: str = ""
    parent: Scope | None = None
    """Of the function around it."""
    nodes: list[Node] = field(default_factory=list)
    """A function's body and all below, without what nested functions and classes hold, without ``PLAIN``."""
    imports: dict[str, str] = field(default_factory=dict)
    assigned: dict[str, list[Callable[[], Shape]]] = field(default_factory=dict)
    parameters: dict[str, Callable[[], Shape]] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    known: dict[str, Shape] = field(default_factory=dict)
    heads: dict[str, str | None] = field(default_factory=dict)
    """Names that were asked for, as ``Names.head`` gives them."""
    _of: dict[tuple[type[Node], ...], list[Any]] = field(default_factory=dict)

    def of(self, *kinds: type[Kind]) -> list[Kind]:
        """The nodes of these kinds, in the order of the text."""
        found = self._of.get(kinds)
        if found is None:
            found = self._of[kinds] = [node for node in self.nodes if type(node) in kinds]
        return found

    @cached_property
    def body(self) -> Nodes:
        """The statements of the function or module."""
        packed = self.function.body if self.function is not None else self.module.facts.body
        return syntax.unpack(packed) if packed else []

    @property
    def owner(self) -> Class | None:
        """The class whose method it is, or is nested in."""
        if self.function is not None and self.function.owner is not None:
            return self.function.owner
        return self.parent.owner if self.parent is not None else None

    @property
    def path(self) -> str:
        """The module's file."""
        return self.module.facts.path


class Names:
    """The definitions of a program by name."""

    def __init__(self, interp: Interpreter) -> None:
        self.interp = interp
        self.program = interp.program
        self.functions: dict[Target, Function] = {}
        for function in sorted(interp.program.functions, key=lambda f: f.line):
            self.functions[Target(function.module.name, function.qualname)] = function
        self.classes: dict[Target, Class] = {}
        for cls in sorted(interp.program.classes, key=lambda c: c.line):
            self.classes[Target(cls.module.name, cls.qualname)] = cls
        self._found: dict[str, Target | None] = {}
        self._assigned: dict[str, dict[str, list[tuple[Node | None, Node | None]]]] = {}

    def assigned(self, module: ModuleScope) -> dict[str, list[tuple[Node | None, Node | None]]]:
        """Name of a module -> the (annotation, value) of every assignment to it at the top level."""
        if module.name not in self._assigned:
            found: dict[str, list[tuple[Node | None, Node | None]]] = {}
            for node in _statements(Scope(module, None).body):
                match node:
                    case syntax.Assign(_, stored, value):
                        for item in stored:
                            for name, one in _bindings(item, value):
                                found.setdefault(name, []).append((None, one))
                    case syntax.Annotate(_, syntax.Name(_, name), annotation, value):
                        found.setdefault(name, []).append((annotation, value))
            self._assigned[module.name] = found
        return self._assigned[module.name]

    def methods_of(self, cls: Target) -> set[Target]:
        """The functions in the body of a class."""
        prefix = f"{cls.qualname}."
        return {
            target
            for target in self.functions
            if target.module == cls.module
            and target.qualname.startswith(prefix)
            and "." not in target.qualname[len(prefix) :]
        }

    def defined(self, target: Target) -> bool:
        """Whether it is a function or class."""
        return target in self.functions or target in self.classes

    def find(self, name: str) -> Target | None:
        """What a full dotted name is, across re-exports; None where it is not first-party."""
        if name not in self._found:
            self._found[name] = None  # an import that names itself
            self._found[name] = self._find(name, 0)
        return self._found[name]

    def _find(self, name: str, depth: int) -> Target | None:
        module = name
        while module and module not in self.program.scopes:
            module = module.rpartition(".")[0]
        if not module:
            return None
        rest = name[len(module) + 1 :]
        return self._member(module, rest, depth) if rest else Target(module)

    def _member(self, module: str, rest: str, depth: int) -> Target | None:
        scope = self.program.scopes[module]
        head = rest.partition(".")[0]
        origin = scope.frame.imported.get(head) if scope.frame is not None else None
        if origin is not None and depth < MOST_REEXPORTS:
            return self._find(origin + rest[len(head) :], depth + 1)
        if self.defined(Target(module, head)) or head in scope.env:
            return Target(module, rest)
        return None

    def target(self, node: Node, scope: Scope) -> Target | None:
        """The first-party definition, constant or module that a chain of names stands for."""
        name = self.dotted(node, scope)
        return self.find(name) if name else None

    def dotted(self, node: Node, scope: Scope) -> str | None:
        """The full dotted name; None for local values and whatever is no chain of names."""
        written = dotted(node)
        return self.resolved(written, scope) if written is not None else None

    def resolved(self, written: str, scope: Scope) -> str | None:
        """The same for a name as it is written."""
        head, _, tail = written.partition(".")
        known = self.head(head, scope)
        return f"{known}.{tail}" if tail and known is not None else known

    def head(self, name: str, scope: Scope) -> str | None:
        """The same for a plain name."""
        if name not in scope.heads:
            scope.heads[name] = self._head(name, scope)
        return scope.heads[name]

    def _head(self, name: str, scope: Scope) -> str | None:
        if name in scope.imports:
            return scope.imports[name]
        if name in scope.assigned or name in scope.parameters:
            return None
        if scope.parent is not None:
            return self.head(name, scope.parent)
        return self._of_module(name, scope.module)

    def _of_module(self, head: str, module: ModuleScope) -> str:
        imported = module.frame.imported if module.frame is not None else {}
        if head in imported:
            return imported[head]
        if head in module.env or self.defined(Target(module.name, head)):
            return f"{module.name}.{head}"
        if module.stars:
            return f"{module.stars[-1]}.{head}" if not _is_builtin(head) else f"builtins.{head}"
        return f"builtins.{head}"

    def value(self, target: Target) -> Value:
        """What the interpreter knows of a constant: of a module, or (``Class.name``) of a class."""
        head, _, tail = target.qualname.partition(".")
        module = self.program.scopes[target.module]
        value = self.interp.settled(module.env.get(head, UNKNOWN))
        if not tail:
            return value
        cls = self.classes.get(Target(target.module, target.qualname.rpartition(".")[0]))
        found = cls.find(target.qualname.rpartition(".")[2]) if cls is not None else None
        return found[0] if found is not None else UNKNOWN

    def method(self, cls: Target, name: str) -> Target | None:
        """The definition of a method of a class, across its bases."""
        start = self.classes.get(cls)
        for one in start.mro() if start is not None else ():
            found = Target(one.module.name, f"{one.qualname}.{name}")
            if found in self.functions:
                return found
        return None


def _statements(body: Nodes) -> Iterator[Node]:
    """Statements that run when the body does, also those below if, try, with and loops."""
    for node in body:
        yield node
        if isinstance(node, (syntax.If, syntax.Try, syntax.With, syntax.For, syntax.While)):
            yield from _statements([one for one in children(node) if type(one) in syntax.STATEMENTS])


def _bindings(stored: Node, value: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(stored, syntax.Name):
        yield stored.id, value
        return
    match stored, value:
        case syntax.Display(elements=names), syntax.Display(elements=values) if len(names) == len(values):
            for one, item in zip(names, values, strict=True):
                yield from _bindings(one, item)


def _is_builtin(name: str) -> bool:
    import builtins

    return hasattr(builtins, name)


def local_imports(nodes: Iterable[Node], module: ModuleScope) -> dict[str, str]:
    """Names that import statements inside a function bind -> what they stand for."""
    found: dict[str, str] = {}
    frame = module.frame
    for node in nodes:
        match node:
            case syntax.Import(_, names):
                for name, alias in names:
                    top = name.partition(".")[0]
                    found[alias or top] = name if alias else top
            case syntax.ImportFrom(_, level, base, names) if frame is not None:
                origin = absolute(level, base, frame)
                found |= {alias or name: f"{origin}.{name}" for name, alias in names if name != "*"}
    return found
