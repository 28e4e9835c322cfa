"""How values of which nothing tells the type are used: as plain ones (texts, numbers, lists and dicts), as
rows, or as nothing that can cross a wire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.signatures.knowledge import ATTRIBUTES, METHODS, PLAIN_METHODS, words
from strangler.analyzers.signatures.names import Scope
from strangler.analyzers.signatures.tree import last_name, walk
from strangler.model import Fit

_ATTRIBUTES = PLAIN_METHODS.union(
    *(METHODS[kind] for kind in METHODS if kind not in ("file", "response")),
    *(ATTRIBUTES[kind] for kind in ATTRIBUTES if kind != "response"),
)
"""What values that can cross a wire have, rows and records left out."""
_TAKING = words(
    "format int float str len sorted sum min max join dumps loads quote quote_plus unquote urljoin urlparse "
    "match search fullmatch sub findall split literal_eval ip_address ip_network strptime fromisoformat"
)
"""Last names of functions that take texts, numbers, and lists and dicts of them."""


class Plainness:
    """Tells that of parameters and results; the body of each function is read once.

    Args:
        of_rows: whether there are rows with all of some attributes.
    """

    def __init__(self, of_rows: Callable[[frozenset[str]], bool]) -> None:
        self._read: dict[Scope, _Read] = {}
        self._of_rows = of_rows

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

    def fit_of_parameter(self, scope: Scope, name: str) -> Fit:
        """What a parameter may be, as far as the function's own uses show."""
        return self._fit(self._in(scope).asked_of(name))

    def fit_of_result(self, calls: Iterable[tuple[Scope, syntax.Call | None]]) -> Fit:
        """What the result of a function may be, as far as its callers show."""
        asked: set[str] = set()
        for scope, call in calls:
            if call is None:
                return ""
            read = self._in(scope)
            asked |= read.asked_of_call.get(id(call), set())
            for name in read.stored.get(id(call), ()):
                asked |= read.asked_of(name)
        return self._fit(asked)

    def _fit(self, asked: set[str]) -> Fit:
        if asked <= _ATTRIBUTES:
            return "value"
        return "row" if self._of_rows(frozenset(asked)) else ""

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
        self._asked: dict[str, set[str]] = defaultdict(set)
        """Name -> its attributes that are read, and ``()`` where it is called, entered or awaited."""
        self.asked_of_call: dict[int, set[str]] = defaultdict(set)
        """Identity of a call -> the same of what it returns."""
        for node in walk(scope.body):
            for value, asked in _asks(node):
                if type(value) is syntax.Name:
                    self._asked[value.id].add(asked)
                elif type(value) is syntax.Call:
                    self.asked_of_call[id(value)].add(asked)
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

    def asked_of(self, name: str) -> set[str]:
        """The attributes of a name that are read, and of each element of what it holds."""
        return set().union(*(self._asked.get(one, ()) for one in (name, *self._elements.get(name, ()))))


def _asks(node: Node) -> Iterator[tuple[Node, str]]:
    """(value, attribute of it that is read), ``()`` for what no plain value and no row does."""
    match node:
        case syntax.Attribute(_, owner, attribute):
            yield owner, attribute
        case syntax.Call(_, function):
            yield function, "()"
        case syntax.With(_, items):
            yield from ((context, "()") for context, _ in items)
        case syntax.Await(_, inner):
            yield inner, "()"
        case syntax.Raise(_, raised) if raised is not None:
            yield raised, "()"


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
