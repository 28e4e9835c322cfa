"""What a method does with the row that it is called on: whether the row can be named by its key instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.python.values import Class, Const
from strangler.analyzers.signatures.arguments import argument_of, is_bound, signature
from strangler.analyzers.signatures.knowledge import words
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import is_name, last_name, targets
from strangler.model import Receiver, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.analyzers.python.values import Function
    from strangler.analyzers.signatures.inference import Inference
    from strangler.model.shapes import Shape

_ASKING = words("filter filter_by exclude get get_or_create create str repr bool isinstance hash type")
"""What takes a row for its key, its class or what it looks like."""


class Receivers:
    """What methods of mapped classes do with their rows."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def of(self, target: Target, function: Function) -> Receiver | None:
        """What a method does; None of what is no method of a mapped class."""
        owner = function.owner
        table = self._inference.classes.mapped(Target(owner.module.name, owner.qualname)) if owner else None
        if owner is None or table is None or not is_bound(function):
            return None
        return self._read(_Found(self._inference, owner, table), target)

    def of_parameter(self, target: Target, name: str, shape: Shape) -> Receiver | None:
        """What a function does with a row that it is given, and what it hands that to; None where it is none
        of a mapped class."""
        module, _, qualname = shape.name.partition(":")
        cls = Target(module, qualname)
        owner, table = self._inference.names.classes.get(cls), self._inference.classes.mapped(cls)
        if shape.kind != "row" or owner is None or table is None:
            return None
        return self._read(_Found(self._inference, owner, table, handed=True), target, name)

    def _read(self, found: _Found, target: Target, name: str = "") -> Receiver:
        found.follow(target, name)
        return Receiver(
            reads=tuple(sorted(found.reads - found.asked)),
            sets=tuple(sorted(found.sets)),
            handed_on=found.handed_on,
        )


class _Found:
    """The attributes of one row that its methods use."""

    def __init__(self, inference: Inference, owner: Class, table: Table, *, handed: bool = False) -> None:
        self._inference = inference
        self._handed = handed
        """Functions are followed that it is handed to."""
        self._owner = owner
        self._columns = {column.name for column in table.columns}
        self._columns |= {name.removesuffix("_id") for name in self._columns}
        self._seen: set[tuple[Target, str]] = set()
        self.reads: set[str] = set()
        self.asked: set[str] = set()
        """Methods that the row has from a library."""
        self.sets: set[str] = set()
        self.handed_on = False

    def follow(self, target: Target, name: str = "") -> None:
        """Read a method, and those of the same row that it uses; or what has the row as a parameter."""
        scope = self._inference.scope(target)
        if scope is None or scope.function is None or not scope.function.params:
            return
        name = name or scope.function.params[0][0]
        if (target, name) in self._seen:
            return
        self._seen.add((target, name))
        nodes = list(traversal.walk(scope.body, opened=lambda body: True))
        followed = sum(self._used(node, name, scope) for node in nodes)
        stands = sum(is_name(node, name) for node in nodes)
        self.handed_on = self.handed_on or stands > followed or name in scope.assigned
        for node in nodes:
            if type(node) in syntax.STATEMENTS:
                self.sets.update(chain for item in targets(node) for chain in self._set(item, name))

    def _used(self, node: Node, name: str, scope: Scope) -> int:
        """How often a node uses the row in a way that is followed."""
        match node:
            case syntax.Attribute(_, syntax.Name(_, found), attribute) if found == name:
                self._member(attribute)
                return 1
            case syntax.Comparison(_, first, _, others):
                return sum(is_name(item, name) for item in (first, *others))
            case syntax.Call(_, function):
                if isinstance(function, syntax.Attribute):
                    self._called(function.value, function.attr, name)
                return self._asked(node, name, scope)
        return 0

    def _member(self, attribute: str) -> None:
        """An attribute, a property, or a method of the row."""
        method = self._method(attribute)
        if method is not None:
            self.follow(method)
        elif attribute.startswith("__"):
            self.handed_on |= attribute != "__class__"
        elif attribute in self._columns or self._owner.find(attribute) is None:
            self.reads.add(attribute)

    def _called(self, owner: Node, method: str, name: str) -> None:
        """A method; of those that a row has from a library nothing is known but their names."""
        if isinstance(owner, syntax.Call) and is_name(owner.func, "super"):
            self._above(method)
        elif is_name(owner, name) and self._method(method) is None:
            display = method.startswith("get_") and method.endswith("_display")
            self.handed_on = self.handed_on or not display
            self.asked.add(method)
            self.reads.update({method[len("get_") : -len("_display")]} if display else ())

    def _above(self, method: str) -> None:
        """What ``super()`` has of that name."""
        self.handed_on = True
        for one in self._owner.mro()[1:]:
            self.follow(Target(one.module.name, f"{one.qualname}.{method}"))

    def _method(self, name: str) -> Target | None:
        return self._inference.names.method(Target(self._owner.module.name, self._owner.qualname), name)

    def _asked(self, call: syntax.Call, name: str, scope: Scope) -> int:
        """How often the row is given to what is followed, or only asks for its key, its class or what it
        looks like."""
        other = self._inference.target(call.func, scope)
        function = self._inference.names.functions.get(other) if self._handed and other is not None else None
        if other is not None and function is not None:
            taken = [
                item for item in signature(function) if is_name(argument_of(call, function, item.name), name)
            ]
            for item in taken:
                self.follow(other, item.name)
            return len(taken)
        mapped = self._inference.classes.mapped(other)
        if mapped is None and last_name(call.func) not in _ASKING:
            return 0
        return sum(is_name(item, name) for item in (*call.args, *(value for _, value in call.keywords)))

    def _set(self, item: Node, name: str) -> Iterator[str]:
        """The chain of attributes of the row that a statement stores to."""
        chain: list[str] = []
        while isinstance(item, (syntax.Attribute, syntax.Subscript)):
            if isinstance(item, syntax.Attribute):
                chain.insert(0, item.attr)
            item = item.value
        if not chain or not is_name(item, name) or self._method(chain[0]) is not None:
            return
        known = self._owner.find(chain[0])
        plain = known is None or isinstance(known[0], Const)
        if chain[0] in self._columns or plain or len(chain) > 1:
            yield ".".join(chain)
