"""What a function does with a parameter, where that shows what the parameter holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.signatures.arguments import argument_of, positional, signature
from strangler.analyzers.signatures.handling import LIST_CHANGES, Handling
from strangler.analyzers.signatures.knowledge import (
    FILE_METHODS,
    PLAIN_METHODS,
    QUERY_METHODS,
    REQUEST_ATTRIBUTES,
    ROW_METHODS,
    SESSION_METHODS,
    words,
)
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import PLAIN, children, is_name, last_name, unsigned, walk
from strangler.model.shapes import JSON, STR, UNKNOWN, Shape, make, required

if TYPE_CHECKING:
    from strangler.analyzers.python.values import Function
    from strangler.analyzers.signatures.inference import Inference


_TEXT = words("encode casefold format format_map")
"""Methods that only text has."""
_TEXT_OF_TEXT = words(
    "split rsplit startswith endswith replace strip lstrip rstrip partition rpartition count find join"
)
"""Methods that take text when they are methods of text, and bytes when they are methods of bytes."""
_OF_CONTAINERS = PLAIN_METHODS | _TEXT | _TEXT_OF_TEXT
"""Attributes that a row only has where its class says so: what else has them is only called like one."""
_TELLING: tuple[type[Node], ...] = (syntax.Call, syntax.BinaryOperation, syntax.Comparison)
_STORING: tuple[type[Node], ...] = (syntax.Call, syntax.Assign, syntax.Delete, syntax.Augment)
_LOOKUPS = words("filter filter_by exclude get get_or_create update_or_create create update")
_READING = words("str repr len bool isinstance hash")
_KEYED = words("get filter exclude get_or_create aget get_object_or_404 aget_object_or_404")
_KEYS, _LISTS = words("pk id pk__exact id__exact"), words("pk__in id__in")


class Uses:
    """Evidence from the bodies of functions."""

    def __init__(self, inference: Inference, parameter: Callable[[Target, str], tuple[Shape, str]]) -> None:
        self._inference = inference
        self._parameter = parameter
        self._chains: dict[Target, dict[str, tuple[str, ...]]] = {}
        self._changed: dict[Target, dict[str, int]] = {}
        self.handling = Handling(inference, self)

    def of(self, target: Target, name: str) -> Shape:
        """What a parameter must hold; ``unknown`` where its uses do not show it."""
        scope = self._inference.scope(target)
        if scope is None or name in scope.assigned:
            return UNKNOWN
        found = self._by_attributes(name, {chain.partition(".")[0] for chain in self.chains(target, name)})
        for node in scope.of(*_TELLING) if found.kind == "unknown" else ():
            found = self._by_place(node, name, scope)
            if found.kind != "unknown":
                break
        return found if found.kind != "unknown" else self._handed_on(name, scope)

    def chains(self, target: Target, name: str) -> tuple[str, ...]:
        """Chains of attributes that the function's own body reads from a parameter, sorted: ``order.pk``."""
        if target not in self._chains:
            scope = self._inference.scope(target)
            found: dict[str, set[str]] = defaultdict(set)
            for root, chain in _chains(scope.body) if scope is not None else ():
                found[root].add(chain)
            self._chains[target] = {root: tuple(sorted(chains)) for root, chains in found.items()}
        return self._chains[target].get(name, ())

    def changed(self, target: Target, name: str) -> int:
        """The line where the function changes what it was given in place; 0 where it does not."""
        if target not in self._changed:
            scope = self._inference.scope(target)
            found: dict[str, int] = {}
            for root, line in _changed(scope.of(*_STORING)) if scope is not None else ():
                found.setdefault(root, line)
            self._changed[target] = found
        return self._changed[target].get(name, 0)

    def key_of(self, target: Target, name: str) -> tuple[str, bool] | None:
        """The table whose key a parameter is, by look-ups in the function; whether it holds several."""
        scope = self._inference.scope(target)
        for node in scope.of(syntax.Call) if scope is not None else ():
            table = self._looked_up(node, scope) if scope is not None else None
            if table is None:
                continue
            for word, value in node.keywords:
                if is_name(value, name) and word in _KEYS | _LISTS:
                    return table, word in _LISTS
            if _is_get(node) and any(is_name(item, name) for item in node.args):
                return table, False
        return None

    def _looked_up(self, call: syntax.Call, scope: Scope) -> str | None:
        """The table of the mapped class that a look-up names."""
        name = last_name(call.func)
        if name not in _KEYED:
            return None
        first = call.args[0] if call.args else None
        chain = first if first is not None and (name.endswith("_or_404") or _is_get(call)) else call.func
        for node in walk([chain]):
            if isinstance(node, (syntax.Name, syntax.Attribute)):
                table = self._inference.classes.mapped(self._inference.target(node, scope))
                if table is not None:
                    return table.name
        return None

    def _by_attributes(self, name: str, attributes: set[str]) -> Shape:
        if name in ("request", "req") and attributes & (REQUEST_ATTRIBUTES | {"user"}):
            return make("request")
        if "objects" in attributes:
            return make("class")
        row = self._inference.classes.row_called(name)
        if row is not None and attributes and not self._foreign(row, attributes) & _OF_CONTAINERS:
            return row
        if attributes & ROW_METHODS or attributes & {"pk", "_meta"}:
            return make("row")
        if attributes & QUERY_METHODS:
            return make("query")
        named = name in ("db", "conn", "connection", "cursor") or name.endswith("session")
        if named and attributes & SESSION_METHODS:
            return make("session")
        if attributes & FILE_METHODS:
            return make("file")
        return STR if attributes & _TEXT else UNKNOWN

    def _foreign(self, row: Shape, attributes: set[str]) -> set[str]:
        """Those of the attributes that are neither columns of a row nor of its class."""
        classes = self._inference.classes
        cls = classes.names.classes.get(Target(*row.name.split(":", 1)))
        return {
            name
            for name in attributes
            if classes.column(row, name).kind == "unknown" and (cls is None or cls.find(name) is None)
        }

    def _by_place(self, node: Node, name: str, scope: Scope) -> Shape:
        """What a single expression shows."""
        match node:
            case syntax.Call(_, function) if is_name(function, name):
                return make("callable")
            case syntax.Call(_, syntax.Attribute(_, owner, method), arguments):
                first = arguments[0] if arguments else None
                text = (
                    isinstance(first, syntax.Constant) and isinstance(first.value, str) and not first.is_bytes
                )
                if is_name(owner, name) and method in _TEXT_OF_TEXT and text:
                    return STR
                if is_name(owner, name) and method == "query" and self._maps(arguments, scope):
                    return make("session")
                if method in _LOOKUPS:
                    return self._by_lookup(node, owner, name, scope)
            case syntax.BinaryOperation(_, "+", syntax.Constant(_, str()), right):
                return STR if is_name(right, name) else UNKNOWN
            case syntax.Comparison(_, syntax.Attribute(_, owner, column), ["=="], [right]) if is_name(
                right, name
            ):
                return self._of_column(self._inference.shape(owner, scope), column)
        return UNKNOWN

    def _maps(self, nodes: Nodes, scope: Scope) -> bool:
        """Whether they hold a mapped class of SQLAlchemy, or its columns."""
        for part in walk(nodes):
            target = self._inference.target(part, scope) if isinstance(part, syntax.Name) else None
            table = self._inference.classes.mapped(target)
            if table is not None and table.framework in ("sqlalchemy", "sqlmodel"):
                return True
        return False

    def _by_lookup(self, call: syntax.Call, holder: Node, name: str, scope: Scope) -> Shape:
        """``Order.objects.filter(code=parameter)``: what the column holds."""
        given = [word for word, value in call.keywords if word and is_name(value, name)]
        if not given:
            return UNKNOWN
        column, _, lookup = given[0].partition("__")
        if lookup not in ("", "exact", "iexact", "contains", "icontains", "startswith"):
            return UNKNOWN
        owner = self._inference.shape(holder, scope)
        row = self._inference.classes.row_called(name)
        held = required(self._inference.classes.column(self._inference.row_of(owner), column))
        return row if row is not None and row == held else self._of_column(owner, column)

    def _of_column(self, owner: Shape, column: str) -> Shape:
        row = self._inference.row_of(owner)
        found = required(self._inference.classes.column(row, column)) if row.kind == "row" else UNKNOWN
        if found.kind == "int":  # frameworks take "5" for 5
            return JSON
        return found if found.kind in ("str", "uuid", "bool", "json") else UNKNOWN

    def _handed_on(self, name: str, scope: Scope) -> Shape:
        """What a first-party function takes to which the parameter is handed on as it is."""
        for call in scope.of(syntax.Call):
            if not _takes(call, name):
                continue
            other = self._inference.target(call.func, scope)
            function = self._inference.names.functions.get(other) if other else None
            if other is None or function is None:
                continue
            for taken in _places(call, function, name):
                if is_name(unsigned(argument_of(call, function, taken)), name):
                    found, known = self._parameter(other, taken)
                    if known in ("annotation", "use") and found.kind != "unknown":
                        return found
        return UNKNOWN


def _is_get(call: syntax.Call) -> bool:
    """``session.get(Model, key)``."""
    return isinstance(call.func, syntax.Attribute) and call.func.attr == "get" and len(call.args) == 2


def _takes(call: syntax.Call, name: str) -> bool:
    """Whether a plain name is among the arguments of a call."""
    return any(is_name(unsigned(item), name) for item in call.args) or any(
        is_name(unsigned(value), name) for _, value in call.keywords
    )


def _changed(nodes: Nodes) -> Iterator[tuple[str, int]]:
    """(name, line) of each change in place."""
    for node in nodes:
        match node:
            case syntax.Call(line, syntax.Attribute(_, owner, method)) if method in LIST_CHANGES:
                places = [owner]
            case syntax.Assign(line, stored) | syntax.Delete(line, stored):
                places = [
                    item.value for item in stored if isinstance(item, syntax.Subscript | syntax.Attribute)
                ]
            case syntax.Augment(line, syntax.Subscript(_, owner) | syntax.Attribute(_, owner)):
                places = [owner]
            case syntax.Augment(line, stored):
                places = [stored]
            case _:
                continue
        for place in places:
            if isinstance(place, syntax.Name):
                yield place.id, line


def _places(call: syntax.Call, function: Function, name: str) -> Iterator[str]:
    """The parameters that may be given a plain name, in the order of the definition."""
    words = {word for word, value in call.keywords if is_name(unsigned(value), name)}
    given = len(call.args)
    for index, taken in enumerate(positional(function)):
        if taken in words or (index < given and is_name(unsigned(call.args[index]), name)):
            words.discard(taken)
            yield taken
    for parameter in signature(function) if words else ():
        if parameter.name in words:
            yield parameter.name


def _chains(body: Nodes) -> Iterator[tuple[str, str]]:
    """(name, chain of attributes) of every chain that starts from a name."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind is syntax.Attribute:
            chain: list[str] = []
            inner = node
            while type(inner) is syntax.Attribute:
                chain.append(inner.attr)
                inner = inner.value
            if type(inner) is syntax.Name:
                chain.reverse()
                yield inner.id, ".".join(chain)
            else:
                waiting.append(inner)
        elif kind not in PLAIN:
            waiting += children(node)
