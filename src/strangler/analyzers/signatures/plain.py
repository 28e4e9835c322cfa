"""Whether values of which nothing tells the type are used as plain ones: texts, numbers, lists and dicts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node
from strangler.analyzers.signatures.knowledge import PLAIN_METHODS, words
from strangler.analyzers.signatures.names import Scope
from strangler.analyzers.signatures.tree import is_name, last_name, walk

_TAKING = words(
    "format int float str len sorted sum min max join dumps loads quote quote_plus unquote urljoin urlparse "
    "match search fullmatch sub findall split literal_eval ip_address ip_network strptime fromisoformat"
)
"""Last names of functions that take texts, numbers, and lists and dicts of them."""
_Is = Callable[[Node], bool]


def plain_parameter(scope: Scope, name: str, *, partly: bool) -> bool:
    """Whether a function uses a parameter as plain values are used, and in no way that they are not.

    Args:
        scope: of the function.
        name: of the parameter.
        partly: it is known to hold a list, a dict or a tuple: the question is of what these hold.
    """
    return name not in scope.assigned and _judged(_uses_of_name(scope, name), shown=partly)


def plain_result(calls: Iterable[tuple[Scope, syntax.Call | None]]) -> bool:
    """Whether the callers of a function use what it returns as plain values are used; False where one of
    them is not seen."""
    uses: list[bool] = []
    for scope, call in calls:
        if call is None:
            return False
        uses += _uses(scope, partial(operator.is_, call))
        for stored in scope.of(syntax.Assign):
            if stored.value is call:
                names = [item.id for item in stored.targets if isinstance(item, syntax.Name)]
                uses += [use for name in names for use in _uses_of_name(scope, name)]
    return _judged(uses, shown=False)


def _judged(uses: Iterable[bool], *, shown: bool) -> bool:
    found = list(uses)
    return False not in found and (shown or True in found)


def _uses_of_name(scope: Scope, name: str) -> Iterator[bool]:
    """How a name is used, and each element of what it holds."""
    each = {name}
    for node in walk(scope.body):
        each.update(_elements(node, name))
    for item in sorted(each):
        yield from _uses(scope, partial(_is_named, item))


def _is_named(name: str, node: Node) -> bool:
    return is_name(node, name)


def _uses(scope: Scope, is_it: _Is) -> Iterator[bool]:
    """Each use that says something: True as plain values are used, False as they are not."""
    for node in walk(scope.body):
        found = _use(node, is_it)
        if found is not None:
            yield found


def _use(node: Node, is_it: _Is) -> bool | None:
    match node:
        case syntax.Attribute(_, owner, attribute):
            return attribute in PLAIN_METHODS if is_it(owner) else None
        case syntax.Call(_, function, arguments, keywords):
            if is_it(function):
                return False
            given = any(map(is_it, (*arguments, *(value for _, value in keywords))))
            return True if given and last_name(function) in _TAKING else None
        case syntax.BinaryOperation(_, _, left, right):
            return True if is_it(left) or is_it(right) else None
        case syntax.Comparison(_, left, operators, rights):
            asked = "is" not in operators and "is not" not in operators
            return True if asked and any(map(is_it, (left, *rights))) else None
        case syntax.Subscript(_, owner):
            return True if is_it(owner) else None
        case syntax.JoinedText(_, parts):
            return True if any(map(is_it, parts)) else None
        case syntax.For(_, _, source):
            return True if is_it(source) else None
        case syntax.Comprehension(_, _, _, generators):
            return True if any(is_it(source) for _, source, _ in generators) else None
    return None


def _elements(node: Node, name: str) -> Iterator[str]:
    """The names that stand for the elements of what a name holds."""
    match node:
        case syntax.For(_, syntax.Name(_, item), source) if is_name(source, name):
            yield item
        case syntax.Comprehension(_, _, _, generators):
            for target, source, _ in generators:
                if isinstance(target, syntax.Name) and is_name(source, name):
                    yield target.id
