"""What a process keeps for the next call: what modules, classes and objects that serve all calls hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.python.values import Class, Const, Function, Object, Sequence, Value
from strangler.analyzers.signatures.inference import Inference
from strangler.analyzers.signatures.knowledge import PURE_MODULES, READ_METHODS, READING, is_plain_base, words
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import dotted, is_name, targets

_STATEFUL = words("itertools random secrets contextlib threading")
_FIXED = words("logging.getLogger re.compile os.getenv os.environ.get datetime decimal uuid.UUID")
"""Functions that give what never changes."""
_READS = words(
    "get keys items values copy index count union intersection difference issubset issuperset isdisjoint "
    "join split format startswith endswith upper lower strip"
)
_TAKING = words(
    "len sorted list dict set tuple frozenset any all enumerate zip isinstance iter max min sum reversed "
    "str repr bool"
)


class Kept:
    """What the processes of a program keep.

    Args:
        inference: of the program.
    """

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._names = inference.names
        self._constants: dict[Target, bool] = {}
        self._mutable: dict[Target, bool] = {}

    def of_class(self, cls: Class, name: str, *, by_class: bool) -> bool:
        """Whether an attribute of a class may change for all its instances.

        Args:
            cls: the class.
            name: of the attribute.
            by_class: whether it is asked of the class, not of an instance.
        """
        own = _target(cls)
        held = next((one.namespace[name] for one in cls.mro() if name in one.namespace), None)
        if held is None:
            return by_class and self._names.method(own, name) is None
        if self._inference.classes.mapped(own) is not None:
            return False
        if isinstance(held, Function | Class) or self._names.method(own, name) is not None:
            return False
        fixed = isinstance(held, Const) or (isinstance(held, Sequence) and held.kind == "tuple")
        return not fixed or self._set_somewhere(name)

    def _set_somewhere(self, name: str) -> bool:
        """Whether a function sets an attribute of that name of something that is not ``self``."""
        mark = syntax.pack(name)
        for target, function in self._names.functions.items():
            scope = self._inference.scope(target) if mark in function.body else None
            for node in everything(scope.body, chains=True) if scope is not None else ():
                for item in targets(node):
                    holder = item.value if isinstance(item, syntax.Attribute) and item.attr == name else None
                    if holder is not None and not is_name(holder, "self"):
                        return True
        return False

    def by_object(self, function: Function, scope: Scope) -> bool:
        """Whether it is a method that uses what its object holds, and one object may serve all calls."""
        owner = function.owner
        if owner is None or function.name == "__init__":
            return False
        if any(self._inference.classes.mapped(_target(one)) is not None for one in owner.mro()):
            return False
        if not self._uses_self(owner, scope):
            return False
        library = [base for base in owner.ancestors(self._names.interp) if self._names.find(base) is None]
        if any("." in base and not base.startswith("builtins.") for base in library):
            return _target(owner) in self._served or not all(map(is_plain_base, library))
        return _target(owner) in self._served or self._is_mutable(owner)

    def shared(self, owner: Class) -> bool:
        """Whether an object of a class serves all calls and changes what it holds; what a framework makes
        anew for each (the fields of a form) is none."""
        if any(self._inference.classes.mapped(_target(one)) is not None for one in owner.mro()):
            return False
        return _target(owner) in self._of_modules and self._is_mutable(owner)

    def _uses_self(self, owner: Class, scope: Scope) -> bool:
        """Whether a method names an attribute of its object that is no method."""
        return any(
            isinstance(node, syntax.Attribute)
            and is_name(node.value, "self")
            and self._names.method(_target(owner), node.attr) is None
            for node in everything(scope.body, chains=True)
        )

    def _is_mutable(self, owner: Class) -> bool:
        """Whether a method changes what its object holds after it was made."""
        known = self._mutable.get(_target(owner))
        if known is None:
            known = self._mutable[_target(owner)] = any(
                function.owner in owner.mro() and function.name != "__init__" and self._changes_self(target)
                for target, function in self._names.functions.items()
            )
        return known

    def _changes_self(self, target: Target) -> bool:
        """Whether a method stores to an attribute of ``self``, or does to one what may change it."""
        scope = self._inference.scope(target)
        for node in everything(scope.body, chains=True) if scope is not None else ():
            for item in targets(node):
                inner = item.value if isinstance(item, syntax.Subscript) else item
                if isinstance(inner, syntax.Attribute) and is_name(inner.value, "self"):
                    return True
            if isinstance(node, syntax.Call) and isinstance(node.func, syntax.Attribute):
                holder = node.func.value
                held = isinstance(holder, syntax.Attribute) and is_name(holder.value, "self")
                if held and node.func.attr not in _READS | READ_METHODS:
                    return True
        return False

    @cached_property
    def _served(self) -> frozenset[Target]:
        """Classes, and those that they are made of, of objects that a module or a class holds."""
        held = [value for cls in self._names.classes.values() for value in cls.namespace.values()]
        return self._of_modules | self._made_of(held)

    @cached_property
    def _of_modules(self) -> frozenset[Target]:
        """The same of objects that a module holds."""
        return self._made_of(
            value for scope in self._names.program.scopes.values() for value in scope.env.values()
        )

    def _made_of(self, held: Iterable[Value]) -> frozenset[Target]:
        found: set[Target] = set()
        for value in held:
            settled = self._names.interp.settled(value)
            for item in settled.items if isinstance(settled, Sequence) else settled.options():
                made = item.cls if isinstance(item, Object) else None
                found |= set(map(_target, made.mro())) if isinstance(made, Class) else set()
        return frozenset(found)

    def constant(self, target: Target) -> bool:
        """Whether a module's name holds one thing that nothing changes."""
        if target not in self._constants:
            self._constants[target] = True  # it may stand in itself
            self._constants[target] = self._is_constant(target)
        return self._constants[target]

    def _is_constant(self, target: Target) -> bool:
        module = self._names.program.scopes[target.module]
        values = [value for _, value in self._names.assigned(module).get(target.qualname, [])]
        if len(values) != 1 or values[0] is None:
            return False
        scope = Scope(module, None)
        if not self._fixed(values[0], scope):
            return False
        return not self._changed(target, held=can_change(values[0]))

    def _fixed(self, node: Node, scope: Scope, *, inner: bool = False) -> bool:
        if isinstance(node, syntax.Constant):
            return True
        if isinstance(node, syntax.Name | syntax.Attribute):
            target = self._names.target(node, scope)
            if target is None:
                return self._names.dotted(node, scope) is not None
            return self._names.defined(target) or not target.qualname or self.constant(target)
        if isinstance(node, syntax.Call):
            name = self._names.dotted(node.func, scope) or ""
            parts = [name[:end] for end in _ends(name)]
            known = any(part in PURE_MODULES | READING | _FIXED and part not in _STATEFUL for part in parts)
            plain = name.removeprefix("builtins.") in (
                "frozenset",
                "tuple",
                "int",
                "str",
                "float",
                "bool",
                "object",
            )
            given = [*node.args, *(value for _, value in node.keywords)]
            made = self._names.find(name)
            tupled = made is not None and self._inference.classes.of(made).kind in ("namedtuple", "enum")
            return (tupled or (made is None and (known or plain))) and all(
                self._fixed(item, scope, inner=True) for item in given
            )
        if isinstance(node, syntax.Lambda | syntax.Comprehension):
            return False
        if inner and can_change(node):
            return False
        return all(self._fixed(item, scope, inner=True) for item in traversal.children(node))

    def _changed(self, target: Target, *, held: bool) -> bool:
        """Whether code may change what a module's name holds, beside the module itself as it is imported."""
        name = target.qualname
        mark = syntax.pack(name)
        for place, function in self._names.functions.items():
            if mark not in function.body:
                continue
            scope = self._inference.scope(place)
            if scope is not None and self._changes(scope.body, scope, target, held=held):
                return True
        for other in self._names.program.scopes.values():
            imported = other.frame.imported.values() if other.frame is not None else ()
            near = other.name == target.module or target.module in imported or target.dotted in imported
            if near and other.name != target.module:
                scope = Scope(other, None)
                if self._changes(scope.body, scope, target, held=held):
                    return True
        return False

    def _changes(self, nodes: Iterable[Node], scope: Scope, target: Target, *, held: bool) -> bool:
        """Whether statements bind a module's name anew, or use what it holds so that it may change."""
        waiting: list[Node] = list(nodes)
        while waiting:
            node = waiting.pop()
            if isinstance(node, syntax.Global) and target.qualname in node.names:
                return True
            if isinstance(node, syntax.Name | syntax.Attribute) and self._is(node, scope, target):
                if held:
                    return True
                continue
            for item in targets(node):
                inner = item.value if isinstance(item, syntax.Subscript) else item
                bound = isinstance(item, syntax.Name)
                if not bound and self._is(inner, scope, target):
                    return True
            if isinstance(node, syntax.Lambda):
                waiting += syntax.unpack(node.body)
            if isinstance(node, syntax.FunctionDef):
                continue  # a function of its own
            read = self._reading(node, scope, target)
            waiting += [item for item in traversal.children(node) if item not in read]
        return False

    def _reading(self, node: Node, scope: Scope, target: Target) -> Nodes:
        """The parts of a node that are the name and are only read."""
        match node:
            case syntax.Subscript(_, value):
                found: Nodes = [value]
            case syntax.Comparison():
                found = traversal.children(node)
            case syntax.For():
                found = [node.iterable]
            case syntax.Comprehension():
                found = [iterable for _, iterable, _ in node.generators]
            case syntax.Call(_, syntax.Attribute(_, value, attr)) if attr in _READS:
                return [node.func] if self._is(value, scope, target) else []
            case syntax.Call(_, syntax.Name(_, name)) if name in _TAKING:
                found = list(node.args)
            case _:
                return []
        return [item for item in found if self._is(item, scope, target)]

    def _is(self, node: Node, scope: Scope, target: Target) -> bool:
        return self._names.target(node, scope) == target


def _target(cls: Class) -> Target:
    return Target(cls.module.name, cls.qualname)


def can_change(node: Node) -> bool:
    """Whether a value is one that can be changed in its place."""
    return isinstance(node, syntax.Dict | syntax.Comprehension) or (
        isinstance(node, syntax.Display) and node.kind != "tuple"
    )


def _ends(name: str) -> Iterator[int]:
    """The places at which the parts of a dotted name end."""
    yield from (place for place, letter in enumerate(name) if letter == ".")
    yield len(name)


def everything(body: Iterable[Node], *, chains: bool = False) -> Iterator[Node]:
    """All nodes, those of lambdas and of classes in classes too; of functions only themselves.

    Args:
        body: where to begin.
        chains: whether what a chain of attributes of a name hangs on is given by itself as well.
    """
    waiting: list[Node] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, syntax.Lambda):
            waiting += syntax.unpack(node.body)
        elif not chains and isinstance(node, syntax.Attribute) and dotted(node) is not None:
            continue  # the chain is looked at as one
        elif not isinstance(node, syntax.FunctionDef):
            waiting += traversal.children(node)
