"""The modules of the monolith, run on demand as Python would import them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from strangler.analyzers.python.files import ROOT, Files, module_attribute
from strangler.analyzers.python.values import (
    UNKNOWN,
    Class,
    Const,
    Deferred,
    Function,
    Mapping,
    Module,
    Sequence,
    Value,
    Wrapper,
)

if TYPE_CHECKING:
    from strangler.analyzers.facts import ModuleFacts
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter
    from strangler.sources.aliases import Names


class ModuleScope:
    """A module's names while and after its body is run."""

    def __init__(self, facts: ModuleFacts, names: Names) -> None:
        self.facts = facts
        self.names = names
        self.name = facts.module
        self.env: dict[str, Value] = {}
        self.state = "new"  # new, running, done
        self.stars: list[str] = []
        self.frame: Frame | None = None

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.facts.is_package else self.name.rpartition(".")[0]


class Program:
    """All first-party modules by name; packages without a file of their own exist, too."""

    def __init__(
        self, facts: Iterable[ModuleFacts], names: Names, required: frozenset[str] = frozenset()
    ) -> None:
        """Hold the modules of a tree.

        Args:
            required: first names, in lower case and without underscores, of libraries that are always there.
        """
        self.names = names
        self.required = required
        self.scopes = {f.module: ModuleScope(f, names) for f in facts}
        self.packages: set[str] = set()
        for name in self.scopes:
            while "." in name:
                name = name.rpartition(".")[0]
                self.packages.add(name)
        self.tops = {name.partition(".")[0] for name in self.scopes}
        self.interp: Interpreter
        self.classes: list[Class] = []
        self.functions: list[Function] = []
        self.files = Files(self)

    def is_optional(self, top: str) -> bool:
        """Whether a first name is a library's that may not be installed."""
        if top in self.tops or top in sys.stdlib_module_names:
            return False
        return top.lower().replace("_", "") not in self.required

    def closures(self) -> list[Function]:
        """The functions that decorators put into modules and classes: each is one of many of its ``def``."""
        known = set(self.functions)
        found: dict[Function, None] = {}
        names = [scope.env for scope in self.scopes.values()] + [cls.namespace for cls in self.classes]
        for values in names:
            for value in values.values():
                inner = value.function if isinstance(value, Wrapper) else value
                if isinstance(inner, Function) and inner.scope.callee is not None and inner not in known:
                    found[inner] = None
        return list(found)

    def open_registries(self) -> None:
        """Lists and dicts of modules that are empty when the application has started are to be filled."""
        for scope in self.scopes.values():
            for value in scope.env.values():
                if type(value) in (Sequence, Mapping) and not value.items:  # type: ignore[attr-defined]
                    value.open = True  # type: ignore[attr-defined]

    def _known(self, name: str) -> bool:
        return name in self.scopes or name in self.packages

    def __contains__(self, name: str) -> bool:
        return self._known(name) or self._known(self.names.canonical(name))

    def canonical(self, name: str, importer: str = "") -> str:
        """The one name of what a module calls ``name``; see ``Names.canonical``."""
        found = self.names.canonical(name, importer)
        return found if self._known(found) else name

    def scope(self, name: str) -> ModuleScope | None:
        """The module's scope, its body run; None where there is no such file."""
        scope = self.scopes.get(name) or self.scopes.get(self.names.canonical(name))
        if scope is not None and scope.state == "new":
            self.interp.run_module(scope)
        return scope

    def member(self, module: str, name: str) -> Value:
        """``module.name``: a name of the module, or its submodule."""
        scope = self.scope(module)
        if scope is not None:
            value = scope.env.get(name)
            if value is not None:
                return value
        child = self.canonical(f"{module}.{name}")
        if child in self:
            self.scope(child)  # importing it runs it: it may register something
            return Module(child)
        if name.startswith("__") and name in ("__name__", "__file__", "__path__", "__package__", "__dict__"):
            return module_attribute(self, module, name)
        if scope is None:
            return UNKNOWN
        if scope.state == "running":
            return Deferred(module, name)
        for star in scope.stars:
            return self.interp.external(f"{star}.{name}")
        getter = scope.env.get("__getattr__")
        if isinstance(getter, Function):
            return self.interp.module_getattr(getter, name)
        return UNKNOWN

    def directory(self, module: str) -> Value:
        """The directory of a package, or the one that a module lies in, as a path."""
        scope = self.scopes.get(module)
        if scope is not None:
            return Const(f"{ROOT}/{scope.facts.path}".rpartition("/")[0])
        inside = next((s for n, s in sorted(self.scopes.items()) if n.startswith(f"{module}.")), None)
        if inside is None:
            return UNKNOWN
        up = inside.name.count(".") - module.count(".") + inside.facts.is_package
        return Const("/".join(f"{ROOT}/{inside.facts.path}".split("/")[:-up]))

    def resolve(self, dotted: str, importer: str = "") -> Value:
        """The value of ``package.module.Name.attr``; UNKNOWN where it is not first-party or not there.

        ``importer`` is the module in which that name stands.
        """
        parts = dotted.split(".")
        for end in range(len(parts), 0, -1):
            name = self.canonical(".".join(parts[:end]), importer)
            if name in self:
                value: Value = Module(name)
                for part in parts[end:]:
                    frame = self.interp.root_frame
                    value = value.get(self.interp, part, frame)
                    if value is UNKNOWN:
                        return UNKNOWN
                return value
        return UNKNOWN
