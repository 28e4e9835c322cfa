"""Whether values of which nothing tells the type are used as plain ones: texts, numbers, lists and dicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.signatures.knowledge import PLAIN_METHODS, words
from strangler.analyzers.signatures.names import Scope
from strangler.analyzers.signatures.tree import last_name, walk

_TAKING = words(
    "format int float str len sorted sum min max join dumps loads quote quote_plus unquote urljoin urlparse "
    "match search fullmatch sub findall split literal_eval ip_address ip_network strptime fromisoformat"
)
"""Last names of functions that take texts, numbers, and lists and dicts of them."""


class Plainness:
    """Tells that of parameters and results; the body of each function is read once."""

    def __init__(self) -> None:
        self._read: dict[Scope, _Read] = {}

    def of_parameter(self, scope: Scope, name: str, *, partly: bool) -> bool:
        """Whether a function uses a parameter as plain values are used, and in no way that they are not.

        Args:
            scope: of the function.
            name: of the parameter.
            partly: it is known to hold a list, a dict or a tuple: the question is of what these hold.
        """
        return name not in scope.assigned and _judged(self._in(scope).of_name(name), shown=partly)

    def of_result(self, calls: Iterable[tuple[Scope, syntax.Call | None]]) -> bool:
        """Whether the callers of a function use what it returns as plain values are used; False where one
        of them is not seen."""
        uses: set[bool] = set()
        for scope, call in calls:
            if call is None:
                return False
            read = self._in(scope)
            uses |= read.of_call.get(id(call), set())
            for name in read.stored.get(id(call), ()):
                uses |= read.of_name(name)
        return _judged(uses, shown=False)

    def _in(self, scope: Scope) -> _Read:
        read = self._read.get(scope)
        if read is None:
            read = self._read[scope] = _Read(scope)
        return read


def _judged(uses: set[bool], *, shown: bool) -> bool:
    return False not in uses and (shown or True in uses)


class _Read:
    """How a body uses names and what calls in it return: True as plain values are used, False as they are
    not."""

    def __init__(self, scope: Scope) -> None:
        self._of_name: dict[str, set[bool]] = defaultdict(set)
        self._elements: dict[str, set[str]] = defaultdict(set)
        """Name -> the names that stand for the elements of what it holds."""
        self.of_call: dict[int, set[bool]] = defaultdict(set)
        """Identity of a call -> how what it returns is used where it stands."""
        self.stored: dict[int, list[str]] = defaultdict(list)
        """Identity of a call -> the names that what it returns is bound to."""
        for node in walk(scope.body):
            for value, plain in _uses(node):
                kind = type(value)
                if kind is syntax.Name:
                    self._of_name[value.id].add(plain)  # type: ignore[attr-defined]
                elif kind is syntax.Call:
                    self.of_call[id(value)].add(plain)
            for name, element in _elements(node):
                self._elements[name].add(element)
        for one in scope.of(syntax.Assign):
            if type(one.value) is syntax.Call:
                self.stored[id(one.value)] += [t.id for t in one.targets if isinstance(t, syntax.Name)]

    def of_name(self, name: str) -> set[bool]:
        """How a name is used, and each element of what it holds."""
        return set().union(*(self._of_name.get(one, ()) for one in (name, *self._elements.get(name, ()))))


def _uses(node: Node) -> Iterator[tuple[Node, bool]]:
    """The values that a node uses in a way that says something."""
    match node:
        case syntax.Attribute(_, owner, attribute):
            yield owner, attribute in PLAIN_METHODS
        case syntax.Call(_, function, arguments, keywords):
            yield function, False
            if last_name(function) in _TAKING:
                for value in (*arguments, *(value for _, value in keywords)):
                    yield value, True
        case syntax.BinaryOperation(_, _, left, right):
            yield left, True
            yield right, True
        case syntax.Comparison(_, left, operators, rights):
            if "is" not in operators and "is not" not in operators:
                for value in (left, *rights):
                    yield value, True
        case syntax.Subscript(_, owner):
            yield owner, True
        case syntax.JoinedText(_, parts):
            for value in parts:
                yield value, True
        case syntax.For(_, _, source):
            yield source, True
        case syntax.Comprehension(_, _, _, generators):
            for _, source, _ in generators:
                yield source, True


def _elements(node: Node) -> Iterator[tuple[str, str]]:
    """(name, the name that stands for the elements of what it holds)."""
    match node:
        case syntax.For(_, syntax.Name(_, item), syntax.Name(_, name)):
            yield name, item
        case syntax.Comprehension(_, _, _, generators):
            for target, source, _ in generators:
                if isinstance(target, syntax.Name) and isinstance(source, syntax.Name):
                    yield source.id, target.id
