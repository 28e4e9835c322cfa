"""What a function does with the rows and requests that it is handed: whether it only reads them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.signatures.arguments import argument_of, signature
from strangler.analyzers.signatures.knowledge import ROW_METHODS, words
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import is_name, last_name, root, targets, unsigned, walk

if TYPE_CHECKING:
    from strangler.analyzers.signatures.inference import Inference

LIST_CHANGES = words(
    "append extend insert remove pop popitem clear sort reverse add discard update setdefault "
    "difference_update intersection_update"
)
"""Methods that change a list, dict or set."""
_ASKING = words(
    "filter filter_by exclude get get_or_create update_or_create create update get_object_or_404 "
    "str repr len bool isinstance hash"
)
"""What takes a row for its key, its class or what it looks like."""
_VALUES = words("method path path_info GET POST COOKIES body")
"""Attributes of a request that hold no rows."""


class Read(Protocol):
    """What bodies of functions tell of their parameters."""

    def chains(self, target: Target, name: str) -> tuple[str, ...]:
        """Chains of attributes that are read from one."""

    def changed(self, target: Target, name: str) -> int:
        """The line where one is changed in place."""


class _Handled(NamedTuple):
    """What a function does with names that may be rows, read in one walk for all of them."""

    left: Counter[str]
    """Name -> how often it stands there otherwise than to read an attribute or to be compared."""
    touched: set[str]
    """Names of which a method of their own is called, or that are changed or bound anew."""
    calls: dict[str, list[tuple[syntax.Call, int]]]
    """Name -> the calls that it is handed to, with how often it is."""

    @classmethod
    def of(cls, scope: Scope) -> _Handled:
        """Of one function's body."""
        found = cls(Counter(), set(), defaultdict(list))
        for node in walk(scope.body):
            if type(node) in syntax.STATEMENTS:
                found.touched.update(map(root, targets(node)))
            match node:
                case syntax.Name(_, name):
                    found.left[name] += 1
                case syntax.Attribute(_, syntax.Name(_, name), attribute):
                    found.left[name] -= attribute not in ROW_METHODS
                case syntax.Call(_, function):
                    if isinstance(function, syntax.Attribute):
                        found._called(function.value, function.attr)
                    found._given(node)
                case syntax.Comparison(_, first, _, others):
                    found.left.subtract(item.id for item in (first, *others) if type(item) is syntax.Name)
                case syntax.JoinedText(_, parts):  # written as ``str`` writes it
                    found.left.subtract(item.id for item in parts if type(item) is syntax.Name)
        return found

    def _called(self, owner: Node, method: str) -> None:
        """A method of a row, or a change of what belongs to it."""
        if isinstance(owner, syntax.Name):
            self.touched.add(owner.id)
        elif method in ROW_METHODS or method in LIST_CHANGES:
            self.touched.add(root(owner))

    def _given(self, call: syntax.Call) -> None:
        given = (*call.args, *(value for _, value in call.keywords))
        plain = Counter(item.id for item in given if type(item) is syntax.Name)
        taken = [item.id for item in map(unsigned, given) if type(item) is syntax.Name]
        for name in dict.fromkeys(taken):
            self.calls[name].append((call, plain[name]))


class Handling:
    """Rows and requests in the hands of functions.

    Args:
        inference: of the program.
        read: what the bodies of its functions tell.
    """

    def __init__(self, inference: Inference, read: Read) -> None:
        self._inference = inference
        self._told = read
        self._handled: dict[Target, _Handled] = {}
        self._untouched: dict[tuple[Target, str], bool] = {}

    def untouched(self, target: Target, name: str) -> bool:
        """Whether a row is shown to stay as it is: each use of the name reads an attribute, compares it, or
        hands it on to a query or to a function of which the same is shown."""
        key = (target, name)
        if key not in self._untouched:
            self._untouched[key] = False  # until it is shown, also for functions that call each other
            self._untouched[key] = self._is_untouched(target, name)
        return self._untouched[key]

    def asked(self, target: Target, name: str) -> tuple[str, ...]:
        """The attributes that are read of something that is only read, in the function and in those to which
        it goes; none where it is handed to others, changed, or asked to do something."""
        found = self._asked(target, name, frozenset())
        return tuple(sorted(found)) if found is not None else ()

    def _asked(self, target: Target, name: str, above: frozenset[tuple[Target, str]]) -> set[str] | None:
        scope = self._inference.scope(target)
        if (target, name) in above:
            return set()
        if scope is None or name in scope.assigned or self._told.changed(target, name):
            return None
        if scope.of(syntax.FunctionDef, syntax.ClassDef, syntax.Lambda):
            return None
        handled = self._read(target, scope)
        if name in handled.touched:
            return None
        if not all(self._keeps_part(call, name, scope) for call in scope.of(syntax.Call)):
            return None
        found = {chain.partition(".")[0] for chain in self._told.chains(target, name)}
        left = handled.left[name]
        for call, times in handled.calls.get(name, ()):
            other = self._inference.target(call.func, scope)
            function = self._inference.names.functions.get(other) if other is not None else None
            if other is None or function is None:
                return None
            for parameter in signature(function):
                if is_name(argument_of(call, function, parameter.name), name):
                    more = self._asked(other, parameter.name, above | {(target, name)})
                    if more is None:
                        return None
                    found |= more
            left -= times
        return found if left == 0 else None

    def _read(self, target: Target, scope: Scope) -> _Handled:
        if target not in self._handled:
            self._handled[target] = _Handled.of(scope)
        return self._handled[target]

    def _is_untouched(self, target: Target, name: str) -> bool:
        scope = self._inference.scope(target)
        nested = scope is None or scope.of(syntax.FunctionDef, syntax.ClassDef, syntax.Lambda)
        if scope is None or nested or name in scope.assigned or self._told.changed(target, name):
            return False
        handled = self._read(target, scope)
        if name in handled.touched:
            return False
        left = handled.left[name]
        for call, times in handled.calls.get(name, ()):
            if self._keeps(call, name, scope):
                left -= times
        return left == 0

    def _keeps(self, call: syntax.Call, name: str, scope: Scope) -> bool:
        """Whether what is called leaves the row as it is."""
        return self._left_alone(call, scope, lambda item: is_name(item, name))

    def _keeps_part(self, call: Node, name: str, scope: Scope) -> bool:
        """Whether a call leaves the rows as they are that it is given of a request (``request.user``)."""
        if not isinstance(call, syntax.Call):
            return True
        parts = [
            item
            for item in (*call.args, *(value for _, value in call.keywords))
            if isinstance(item, syntax.Attribute) and root(item) == name and _first(item) not in _VALUES
        ]
        return not parts or self._left_alone(call, scope, lambda item: item in parts)

    def _left_alone(self, call: syntax.Call, scope: Scope, is_one: Callable[[Node | None], bool]) -> bool:
        """Whether what is called leaves the arguments as they are of which ``is_one`` holds."""
        other = self._inference.target(call.func, scope)
        if self._inference.classes.mapped(other) is not None:
            return True
        function = self._inference.names.functions.get(other) if other is not None else None
        if other is None or function is None:
            return last_name(call.func) in _ASKING
        return all(
            self.untouched(other, parameter.name)
            for parameter in signature(function)
            if is_one(argument_of(call, function, parameter.name))
        )


def _first(node: Node) -> str:
    """The first attribute of a chain."""
    found = ""
    while isinstance(node, syntax.Attribute):
        found, node = node.attr, node.value
    return found
