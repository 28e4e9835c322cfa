"""Which code does the same in its caller's process as in its owner's, though it does more than to compute.

Such code acts on what its caller's process has: its arguments, the request that is being served, objects that
it makes, and what frameworks keep for a request. It may read tables, by its caller's own connection; it
writes none, queues nothing, sends no signal and no request, and changes nothing that a process keeps for the
next call. A call of which nothing tells what it reaches may reach every method of that name; of a library
that is not known to be a framework nothing is known. Whatever is not shown to be so is none.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.python.values import Class, External, Function, Object
from strangler.analyzers.signatures.behaviour import Behaviours
from strangler.analyzers.signatures.copies import Copies, classes_in, is_abstract
from strangler.analyzers.signatures.kept import Kept, can_change, everything
from strangler.analyzers.signatures.knowledge import LOCAL_WRITES, is_plain_base
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.portable_body import UNSEEN, Reading
from strangler.analyzers.signatures.serving import (
    CHANGING,
    READING_METHODS,
    WRITING_VIEWS,
    is_framework,
    is_known,
    is_of_tables,
    may_call,
)
from strangler.analyzers.signatures.tree import dotted, is_name, last_name, targets

MOST_DEFINITIONS = 1_500
"""Definitions that one may lead to."""


class _Lead(NamedTuple):
    """What a definition leads to."""

    targets: frozenset[Target]
    tables: frozenset[str]


class _Changed(NamedTuple):
    """Names of modules, and attributes, of which some code changes what they hold."""

    names: set[str]
    attributes: set[str]


class Portable:
    """What of a program may act in its caller's process.

    Args:
        behaviours: of its functions.
        copies: what of it only computes.
    """

    def __init__(self, behaviours: Behaviours, copies: Copies) -> None:
        self.behaviours = behaviours
        self.copies = copies
        self.inference = behaviours.inference
        self.names = behaviours.inference.names
        self._leads: dict[Target, _Lead | None] = {}
        self.keeping = Kept(self.inference)
        self._serving: dict[str, bool] = {}
        self._changing: dict[Target, frozenset[str]] = {}

    def of(self, target: Target) -> tuple[str, ...] | None:
        """The tables that a definition and all that it leads to read, ``UNSEEN`` among them; None where it
        may not be used so, and of the class of a row: what is done with one decides."""
        if self.inference.classes.of(target).kind == "row":
            return None
        seen = {target, *self.overriding(target)}
        waiting = sorted(seen)
        tables: set[str] = set()
        while waiting:
            lead = self._lead(waiting.pop())
            if lead is None or len(seen) > MOST_DEFINITIONS:
                return None
            tables |= lead.tables
            waiting += sorted(lead.targets - seen)  # what is asked for first may say less of the others
            seen |= lead.targets
        return tuple(sorted(tables))

    def _lead(self, target: Target) -> _Lead | None:
        if target not in self._leads:
            cls, function = self.names.classes.get(target), self.names.functions.get(target)
            self._leads[target] = None  # while it is read
            if cls is not None:
                self._leads[target] = self._of_class(target, cls)
            elif function is not None:
                self._leads[target] = self._of_function(target, function)
        return self._leads[target]

    def _of_function(self, target: Target, function: Function) -> _Lead | None:
        scope = self.inference.scope(target)
        does = self.behaviours.of(target)
        if scope is None or function.written is None:
            return None
        if is_abstract(scope.body) and not self.overriding(target):
            return None  # nobody knows who says what it does
        if does.writes or does.process or does.registers or does.ends:
            return None
        reads = self.behaviours.own(target)
        defaults = [parameter.default for parameter in function.params if parameter.default]
        owner = function.owner
        if (
            reads is None
            or any(map(can_change, defaults))
            or (owner is not None and self.keeping.shared(owner))
        ):
            return None
        tables = {access.table for access in reads}
        lines = frozenset(access.line for access in reads)
        return self._read([*scope.body, *defaults], scope, function.written.decorators, tables, lines=lines)

    def _of_class(self, target: Target, cls: Class) -> _Lead | None:
        table = self.inference.classes.mapped(target)
        if table is not None:
            return _Lead(frozenset(), frozenset())  # the class of a row is on both sides
        if cls.keywords:
            return None
        library = [base for base in cls.ancestors(self.names.interp) if self.names.find(base) is None]
        if not all(is_plain_base(base) or is_framework(base) for base in library):
            return None
        if any(base.rpartition(".")[2] in WRITING_VIEWS for base in library):
            return None
        targets: set[Target] = set()
        tables: set[str] = {UNSEEN} if any(map(is_of_tables, library)) else set()
        for one in cls.mro():
            own = Target(one.module.name, one.qualname)
            scope = Scope(one.module, None)
            written = next((item for item in classes_in(scope.body) if item.line == one.line), None)
            if written is None:
                return None
            found = self._read(written.body, scope, written.decorators, set(), frozenset(one.namespace))
            if found is None:
                return None
            targets |= found.targets
            tables |= found.tables
            targets |= self.names.methods_of(own)
        return _Lead(frozenset(targets), frozenset(tables))

    def _read(
        self,
        body: Nodes,
        scope: Scope,
        decorators: Nodes,
        tables: set[str],
        names: frozenset[str] = frozenset(),
        lines: frozenset[int] = frozenset(),
    ) -> _Lead | None:
        """What statements lead to.

        Args:
            body: the statements.
            scope: that they stand in.
            decorators: of the function or class.
            tables: that they are known to read.
            names: those of the class in whose body they stand.
            lines: where a table is read.
        """
        lead = Reading(self, scope, names, tables, lines)
        for node in decorators:
            if not lead.decorated(node):
                return None
        for node in everything(body):
            if not lead.takes(node):
                return None
        return _Lead(frozenset(lead.targets), frozenset(lead.tables))

    @cached_property
    def methods(self) -> dict[str, list[Target]]:
        """Name -> the methods of the program that bear it."""
        found: dict[str, list[Target]] = defaultdict(list)
        for target, function in self.names.functions.items():
            if function.owner is not None and "<locals>" not in target.qualname:
                found[function.name].append(target)
        return found

    @cached_property
    def properties(self) -> dict[str, list[Target]]:
        """Name -> the methods of the program that bear it and are read as attributes."""
        found: dict[str, list[Target]] = defaultdict(list)
        for name, same in self.methods.items():
            for target in same:
                written = self.names.functions[target].written
                words_of = {last_name(node) for node in written.decorators} if written is not None else set()
                if any(word and word.endswith("property") for word in words_of):
                    found[name].append(target)
        return found

    def overriding(self, target: Target) -> set[Target]:
        """The methods of derived classes that a call of a method may mean."""
        function = self.names.functions.get(target)
        if function is None or function.owner is None or "<locals>" in target.qualname:
            return set()
        found = set()
        for item in self.methods.get(function.name, []):
            owner = self.names.functions[item].owner
            if item != target and owner is not None and function.owner in owner.mro():
                found.add(item)
        return found

    def changed_by(self, cls: Class) -> frozenset[str]:
        """What the methods of a class call changing methods of, as ``self.connection``."""
        own = Target(cls.module.name, cls.qualname)
        if own not in self._changing:
            owners = cls.mro()
            self._changing[own] = frozenset(
                dotted(node.func.value) or ""
                for target, function in self.names.functions.items()
                if function.owner in owners and (scope := self.inference.scope(target)) is not None
                for node in everything(scope.body, chains=True)
                if isinstance(node, syntax.Call)
                and isinstance(node.func, syntax.Attribute)
                and node.func.attr in CHANGING
            )
        return self._changing[own]

    def by_framework(self, cls: Class) -> bool:
        """Whether a class is made of one of a framework."""
        return any(map(is_framework, cls.ancestors(self.names.interp)))

    def settled(self, cls: Class, attribute: str) -> bool:
        """Whether what a class holds by a name is the same in each process: nothing changes it, or it is a
        field, which a framework makes anew for each object."""
        held = next((one.namespace[attribute] for one in cls.mro() if attribute in one.namespace), None)
        if held is None or isinstance(held, Function | Class):
            return True
        made = held.cls if isinstance(held, Object) else None
        if isinstance(made, External):
            return is_framework(made.name) or is_plain_base(made.name)
        if isinstance(made, Class):
            return self.by_framework(made)
        return attribute not in self._changed.attributes

    def kept(self, target: Target) -> bool:
        """Whether a name of a module is the same in each process: a framework's object (``db =
        SQLAlchemy()``), or plain values that no code changes."""
        value = self.names.value(target)
        made = value.cls if isinstance(value, Object) else None
        if isinstance(made, External) and is_framework(made.name):
            return True
        module = self.names.program.scopes[target.module]
        values = [value for _, value in self.names.assigned(module).get(target.qualname, [])]
        if len(values) != 1 or values[0] is None or target.qualname in self._changed.names:
            return False
        scope = Scope(module, None)
        return all(self._is_made_plainly(node, scope) for node in everything([values[0]]))

    def _is_made_plainly(self, node: Node, scope: Scope) -> bool:
        """Whether a call in the value of a constant gives plain values."""
        if isinstance(node, syntax.Lambda):
            return False
        if not isinstance(node, syntax.Call):
            return True
        name = self.names.dotted(node.func, scope)
        if name is None:
            return isinstance(node.func, syntax.Attribute) and node.func.attr in READING_METHODS
        target = self.names.find(name)
        if target is None:
            return may_call(name)
        return self.inference.classes.of(target).kind in ("namedtuple", "enum", "dataclass")

    @cached_property
    def _changed(self) -> _Changed:
        """What the functions of the program change."""
        found = _Changed(set(), set())
        for target, function in self.names.functions.items():
            if not function.body:
                continue
            scope = self.inference.scope(target)
            for node in everything(scope.body, chains=True) if scope is not None else ():
                self._note(node, found)
        return found

    def _note(self, node: Node, found: _Changed) -> None:
        if isinstance(node, syntax.Global):
            found.names.update(node.names)
        changed: list[Node] = []
        for item in targets(node):
            if isinstance(item, syntax.Subscript):
                changed.append(item.value)
            elif isinstance(item, syntax.Attribute) and not is_name(item.value, "self"):
                found.attributes.add(item.attr)
        if isinstance(node, syntax.Augment):
            changed += [item for item in targets(node) if isinstance(item, syntax.Attribute)]
        if isinstance(node, syntax.Call) and isinstance(node.func, syntax.Attribute):
            changed += [node.func.value] if node.func.attr in LOCAL_WRITES else []
        for item in changed:
            if isinstance(item, syntax.Attribute):
                found.attributes.add(item.attr)
            if isinstance(item, syntax.Attribute | syntax.Name):
                found.names.add(last_name(item) or "")

    def serves(self, scope: Scope) -> bool:
        """Whether a module imports nothing but the monolith, frameworks, and libraries that only compute."""
        name = scope.module.name
        if name not in self._serving:
            frame = scope.module.frame
            imported = frame.imported.values() if frame is not None else ()
            self._serving[name] = all(
                self.names.find(origin) is not None or is_known(origin) for origin in imported
            )
        return self._serving[name]
