"""The statements of a function or class, read for what they lead to in their caller's process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.python.values import Class
from strangler.analyzers.signatures.bodies import prefixes
from strangler.analyzers.signatures.copies import links
from strangler.analyzers.signatures.knowledge import ASKING, LOGGING
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.serving import (
    ACTING,
    CHANGING,
    DECORATORS,
    HELD,
    MANAGERS,
    OF_ROWS,
    PARTS,
    QUERYING,
    READING_METHODS,
    STATEMENTS,
    is_framework,
    is_of_tables,
    may_act,
    may_call,
)
from strangler.analyzers.signatures.tree import dotted, is_name, last_name

if TYPE_CHECKING:
    from strangler.analyzers.signatures.portable import Portable

UNSEEN = ""
"""Stands for a table whose name is not seen: that of a row's row, or of a query that is handed over."""
MOST_OF_A_NAME = 25
"""Methods of one name that a call may reach."""


class Reading:
    """The statements of a function or of a class, read for what they lead to."""

    def __init__(
        self, of: Portable, scope: Scope, names: frozenset[str], tables: set[str], lines: frozenset[int]
    ) -> None:
        self._of = of
        self._lines = lines
        self._scope = scope
        self._within = names
        self._behaviours = of.behaviours
        self._names = of.names
        self._inference = of.inference
        self._kept = of.keeping
        self.targets: set[Target] = set()
        self.tables = tables

    def decorated(self, node: Node) -> bool:
        """Whether a decorator changes nothing of that."""
        made = node.func if isinstance(node, syntax.Call) else node
        around = Scope(self._scope.module, None)
        target = self._names.target(made, around)
        if target is not None and self._names.defined(target):
            self.targets.add(target)
            return True
        full = self._names.dotted(made, around) or ""
        return last_name(made) in DECORATORS or (is_framework(full) and last_name(made) not in CHANGING)

    def takes(self, node: Node) -> bool:
        """Whether a node does no more than is allowed; what it leads to is noted."""
        scope = self._scope
        if isinstance(node, syntax.Global | syntax.Await):
            return False
        if isinstance(node, syntax.ClassDef) and scope.function is not None:
            return False
        if isinstance(node, syntax.FunctionDef):
            if scope.function is not None:
                self.targets.add(Target(scope.module.name, f"{scope.qualname}.<locals>.{node.name}"))
            return True
        if any(self._of.copies.asks(part, scope) for part in links(node)):
            self.tables.add(UNSEEN)
        if isinstance(node, syntax.Call) and not self._call(node):
            return False
        if isinstance(node, syntax.Name) and node.id in self._within:
            return True
        if isinstance(node, syntax.Name | syntax.Attribute):
            return self._named(node)
        return True

    def _call(self, node: syntax.Call) -> bool:
        function, scope = node.func, self._scope
        if isinstance(function, syntax.Name) and function.id in self._within:
            return True
        target = self._behaviours.called(function, scope)
        if target is not None:
            self.targets |= {target, *self._of.overriding(target)}
            return True
        full = self._names.dotted(function, scope)
        if full is not None and self._names.find(full) is None:
            self.tables |= {UNSEEN} if is_of_tables(full) else set()
            return may_call(full)
        if isinstance(function, syntax.Attribute):
            return self._is_query(node) or self._method(function)
        return self._is_given(function)

    def _is_query(self, node: syntax.Call) -> bool:
        """Whether the statement that it hands a session only reads."""
        return last_name(node.func) in STATEMENTS and node.line in self._lines

    def _method(self, function: syntax.Attribute) -> bool:
        """Whether a method may be called of something whose class is not known."""
        name, holder = function.attr, function.value
        if isinstance(holder, syntax.Call) and is_name(holder.func, "super"):
            return self._above(name)
        kind = self._inference.shape(holder, self._scope).kind
        if name in QUERYING and kind not in HELD:
            self.tables.add(UNSEEN)
        if kind in HELD or (name in READING_METHODS and not self._may_ask(name, holder)):
            return True
        if name in LOGGING and last_name(holder) in ("logger", "log", "logging", "LOG", "LOGGER"):
            return True
        if name in CHANGING or (name in OF_ROWS and not self._is_held(holder)):
            return False
        if kind in ("request", "response", "query", "row"):
            return not may_act(name)  # a method of their libraries: the monolith's own were found
        known = self._of.methods.get(name, [])
        if len(known) > MOST_OF_A_NAME:
            return False
        self.targets.update(known)
        if known:
            return True
        return not may_act(name) and (self._of.serves(self._scope) or self._is_own(holder))

    def _may_ask(self, name: str, holder: Node) -> bool:
        """Whether it may ask another service: by what another method of its object changes something by. What
        asks a table is known."""
        owner, held = self._scope.owner, dotted(holder) or ""
        if name not in ASKING or self._lines or owner is None or not held.startswith("self."):
            return False
        return held in self._of.changed_by(owner)

    def _above(self, name: str) -> bool:
        """Whether the method of that name of a base class may be called."""
        owner = self._scope.owner
        if owner is None:
            return False
        for one in owner.mro()[1:]:
            found = Target(one.module.name, f"{one.qualname}.{name}")
            if found in self._names.functions:
                self.targets.add(found)
                return True
        return not may_act(name)

    def _is_held(self, holder: Node) -> bool:
        """Whether it is a dict or list of a form, a view or of the call's own arguments."""
        return last_name(holder) in PARTS

    def _is_own(self, holder: Node) -> bool:
        """Whether it hangs on what the caller has given, or on what a framework's class gives ``self``."""
        root, owner = _root(holder), self._scope.owner
        if is_name(root, "self"):
            return owner is not None and self._of.by_framework(owner)
        return self._is_given(root)

    def _is_given(self, node: Node) -> bool:
        """Whether it is an argument of the function, or of one around it, and nothing else."""
        scope: Scope | None = self._scope
        while scope is not None and isinstance(node, syntax.Name):
            if node.id in scope.parameters or node.id in scope.assigned:
                return node.id in scope.parameters and node.id not in scope.assigned
            scope = scope.parent
        return False

    def _named(self, node: Node) -> bool:
        """Whether a name stands for nothing that calls may change; what it leads to is noted."""
        if any(isinstance(link, syntax.Attribute) and link.attr in MANAGERS for link in links(node)):
            self.tables.add(UNSEEN)
        name = dotted(node)
        full = self._names.dotted(node, self._scope)
        target = self._names.find(full) if full else None
        head, _, rest = (name or "").partition(".")
        owner = self._scope.owner
        of_self = head in ("self", "cls") and owner is not None
        if full is None and not self._properties(node, but=rest.partition(".")[0] if of_self else ""):
            return False
        if name is None:
            return True
        if of_self and owner is not None:
            return not rest or self._of_self(owner, rest.partition(".")[0])
        if target is None:
            return full is None or "." not in full or not ACTING & prefixes(full)
        if not target.qualname:
            return True
        if self._names.defined(target):
            self.targets.add(target)
            return True
        top = Target(target.module, target.qualname.partition(".")[0])
        cls = self._names.classes.get(Target(target.module, target.qualname.rpartition(".")[0]))
        cls = cls or self._names.classes.get(top)
        if cls is not None:
            return self._of_class(cls, target.qualname[len(cls.qualname) + 1 :].partition(".")[0])
        return self._kept.constant(top) or self._of.kept(top)

    def _properties(self, node: Node, but: str) -> bool:
        """Note the properties that attributes of something unknown may be; whether they are not too many."""
        for link in links(node):
            if isinstance(link, syntax.Attribute) and link.attr in self._of.properties and link.attr != but:
                same = self._of.properties[link.attr]
                if len(same) > MOST_OF_A_NAME:
                    return False
                self.targets.update(same)
        return True

    def _of_self(self, owner: Class, attribute: str) -> bool:
        """Whether an attribute of the method's own object may be named."""
        method = self._names.method(Target(owner.module.name, owner.qualname), attribute)
        if method is not None:
            self.targets |= {method, *self._of.overriding(method)}
            return True
        return self._of.settled(owner, attribute)

    def _of_class(self, cls: Class, attribute: str) -> bool:
        """Whether an attribute of a class may be named."""
        own = Target(cls.module.name, cls.qualname)
        table = self._inference.classes.mapped(own)
        if table is not None:
            self.tables.add(table.name)
            return True
        self.targets.add(own)
        method = self._names.method(own, attribute)
        if method is not None:
            self.targets.add(method)
            return True
        return self._of.settled(cls, attribute)


def _root(node: Node) -> Node:
    """What a chain of attributes, subscripts and calls hangs on."""
    while isinstance(node, syntax.Attribute | syntax.Subscript | syntax.Call):
        node = node.func if isinstance(node, syntax.Call) else node.value
    return node
