"""Which code does the same in each process that has a copy of it.

Such code touches no table, queue, file or other service, and nothing that one process keeps for the next
call: it may use its arguments, constants, settings, the clock, and code of the same kind. Whatever is not
shown to be so is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.python.values import Class, Function
from strangler.analyzers.signatures.behaviour import Behaviour, Behaviours
from strangler.analyzers.signatures.bodies import calls_in
from strangler.analyzers.signatures.kept import Kept, can_change, everything
from strangler.analyzers.signatures.knowledge import OF_RECORDS, is_plain_base, words
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import dotted, is_name, last_name

MOST_DEFINITIONS = 400
"""Definitions that one may lead to."""
_KEEPING = words(
    "staticmethod classmethod property cached_property lru_cache cache wraps abstractmethod final override "
    "overload total_ordering dataclass contextmanager simple_tag filter setter"
)
"""Last parts of names of library decorators beneath which a function only computes as it does alone."""


class Copies:
    """What of a program can be copied.

    Args:
        behaviours: of its functions.
    """

    def __init__(self, behaviours: Behaviours) -> None:
        self._behaviours = behaviours
        self._inference = behaviours.inference
        self._names = behaviours.inference.names
        self._leads: dict[Target, frozenset[Target] | None] = {}
        self._kept = Kept(self._inference)

    def of(self, target: Target) -> bool:
        """Whether a function, or a class with all its methods, and all that it leads to, only computes."""
        seen, waiting = {target}, [target]
        while waiting:
            leads = self._lead(waiting.pop())
            if leads is None or len(seen) > MOST_DEFINITIONS:
                return False
            waiting += sorted(leads - seen)
            seen |= leads
        return True

    def _lead(self, target: Target) -> frozenset[Target] | None:
        """The definitions that one leads to; None where it does more than to compute, itself."""
        if target not in self._leads:
            cls, function = self._names.classes.get(target), self._names.functions.get(target)
            if cls is not None:
                self._leads[target] = self._of_class(target, cls)
            else:
                self._leads[target] = self._of_function(target, function) if function is not None else None
        return self._leads[target]

    def _of_function(self, target: Target, function: Function) -> frozenset[Target] | None:
        scope = self._inference.scope(target)
        if scope is None or _does(self._behaviours.of(target)) or function.written is None:
            return None
        defaults = [parameter.default for parameter in function.params if parameter.default]
        if any(map(can_change, defaults)):
            return None  # it is made once, and kept
        if is_abstract(scope.body) or self._kept.by_object(function, scope):
            return None
        return self._of_nodes([*scope.body, *defaults], scope, function.written.decorators)

    def _of_class(self, target: Target, cls: Class) -> frozenset[Target] | None:
        if self._inference.classes.mapped(target) is not None or cls.keywords:
            return None
        bases = [base for base in cls.ancestors(self._names.interp) if self._names.find(base) is None]
        if not all(map(is_plain_base, bases)):
            return None
        found: set[Target] = set()
        for one in cls.mro():
            own = Target(one.module.name, one.qualname)
            scope = Scope(one.module, None)
            written = next((item for item in classes_in(scope.body) if item.line == one.line), None)
            if written is None or self._inference.classes.mapped(own) is not None:
                return None
            if self._behaviours.touched(one.module.name, one.line, one.end_line):
                return None
            leads = self._of_nodes(written.body, scope, written.decorators, names=frozenset(one.namespace))
            if leads is None:
                return None
            found |= leads
            found |= self._names.methods_of(own)
        return frozenset(found)

    def _of_nodes(
        self, body: Nodes, scope: Scope, decorators: Nodes, names: frozenset[str] = frozenset()
    ) -> frozenset[Target] | None:
        """The definitions that statements lead to; ``names``: those of the class in whose body they stand."""
        found: set[Target] = set()
        for node in decorators:
            made = node.func if isinstance(node, syntax.Call) else node
            target = self._names.target(made, scope)
            if target is not None and self._names.defined(target):
                found.add(target)
            elif last_name(made) not in _KEEPING:
                return None
        for node in everything(body):
            if isinstance(node, syntax.Global):
                return None
            if isinstance(node, syntax.ClassDef) and scope.function is not None:
                return None
            if isinstance(node, syntax.FunctionDef):
                inner = Target(scope.module.name, f"{scope.qualname}.<locals>.{node.name}")
                if scope.function is not None:
                    found.add(inner)
                continue
            if isinstance(node, syntax.Lambda):
                inside = Behaviour()
                calls_in(self._behaviours, scope, inside, syntax.unpack(node.body))
                if _does(inside):
                    return None
            if isinstance(node, syntax.Name) and node.id in names:
                continue
            if any(self.asks(part, scope) for part in links(node)):
                return None
            if isinstance(node, syntax.Call):
                called = self._behaviours.called(node.func, scope)
                found |= {called} if called is not None else set()
            if isinstance(node, syntax.Name | syntax.Attribute):
                kept = self._named(node, scope, found)
                if kept:
                    return None
        if names and _does(self._outside(body, scope)):
            return None
        return frozenset(found)

    def _outside(self, body: Nodes, scope: Scope) -> Behaviour:
        """What the statements of a class do when it is made."""
        found = Behaviour()
        calls_in(self._behaviours, scope, found, body)
        return found

    def _named(self, node: Node, scope: Scope, found: set[Target]) -> bool:
        """Whether a name stands for something that may change; what it leads to is noted."""
        name = dotted(node)
        if name is None:
            return False
        head, _, rest = name.partition(".")
        owner = scope.owner
        if head in ("self", "cls") and owner is not None:
            method = self._names.method(Target(owner.module.name, owner.qualname), rest.partition(".")[0])
            found |= {method} if method is not None else set()
            return bool(rest) and self._kept.of_class(owner, rest.partition(".")[0], by_class=head == "cls")
        target = self._names.target(node, scope)
        if target is None:
            library = self._names.dotted(node, scope) or ""
            return library.startswith("django.forms.") and not is_plain_base(library)
        if not target.qualname:
            return False
        if self._names.defined(target):
            found.add(target)
            return False
        cls = self._names.classes.get(Target(target.module, target.qualname.rpartition(".")[0]))
        if cls is not None:
            kind = self._inference.classes.of(Target(cls.module.name, cls.qualname)).kind
            if kind == "enum" or (kind == "pydantic" and target.qualname.rpartition(".")[2] in OF_RECORDS):
                found.add(Target(cls.module.name, cls.qualname))
                return False
            return self._kept.of_class(cls, target.qualname.rpartition(".")[2], by_class=True)
        return not self._kept.constant(Target(target.module, target.qualname.partition(".")[0]))

    @cached_property
    def _related(self) -> frozenset[str]:
        """Attributes by which rows may read tables: the rows that they refer to, and their properties."""
        classes = self._inference.classes
        tables = classes.all_tables()
        found = {key.column.removesuffix("_id") for table in tables for key in table.foreign_keys}
        for target, function in self._names.functions.items():
            owner = function.owner
            if owner is None or function.written is None or not function.written.decorators:
                continue
            if classes.mapped(Target(owner.module.name, owner.qualname)) is not None:
                found |= {function.name} if self._behaviours.of(target).outside else set()
        return frozenset(found)

    def asks(self, node: Node, scope: Scope) -> bool:
        """Whether it may read a table by an attribute of something that nothing tells the type of."""
        if isinstance(node, syntax.Call) and is_name(node.func, "getattr") and len(node.args) > 1:
            named = isinstance(node.args[1], syntax.Constant)
            return not named and self._names.dotted(node.args[0], scope) is None
        if not isinstance(node, syntax.Attribute) or node.attr not in self._related:
            return False
        if is_name(node.value, "self") or self._names.dotted(node, scope) is not None:
            return False
        return self._inference.shape(node.value, scope).kind in ("unknown", "object")


def _does(found: Behaviour) -> bool:
    """Whether it does more than to compute."""
    return bool(found.outside or found.process or found.registers or found.ambient or found.commits)


def is_abstract(body: Nodes) -> bool:
    """Whether it only says that a subclass has to say what it does."""
    last = body[-1] if body else None
    if not isinstance(last, syntax.Raise) or len(body) > 2:
        return False
    raised = last.value.func if isinstance(last.value, syntax.Call) else last.value
    return is_name(raised, "NotImplementedError")


def links(node: Node) -> Nodes:
    """A node, and of a chain of attributes all that it hangs on."""
    found = [node]
    while isinstance(node, syntax.Attribute):
        node = node.value
        found.append(node)
    return found


def classes_in(body: Iterable[Node]) -> Iterator[syntax.ClassDef]:
    """The classes of a body, those in classes too."""
    for node in body:
        if isinstance(node, syntax.ClassDef):
            yield node
            yield from classes_in(node.body)
