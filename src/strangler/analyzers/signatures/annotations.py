"""Annotations to shapes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from strangler.analyzers.python import syntax
from strangler.analyzers.python.annotated import parse_expression
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.signatures.knowledge import ANNOTATIONS, words
from strangler.analyzers.signatures.tree import dotted
from strangler.model import shapes
from strangler.model.shapes import UNKNOWN, Kind, Shape, join, make

_ABC = {
    "List": "list",
    "Dict": "dict",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Tuple": "tuple",
    "Type": "type",
    "DefaultDict": "dict",
    "OrderedDict": "dict",
}
_LISTS = frozenset(
    {
        "list",
        "collections.abc.Sequence",
        "collections.abc.MutableSequence",
        "collections.abc.Collection",
        "collections.deque",
    }
)
_SETS: dict[str, Kind] = {
    "set": "set",
    "frozenset": "frozenset",
    "collections.abc.Set": "set",
    "collections.abc.MutableSet": "set",
}
_DICTS = frozenset(
    {"dict", "collections.abc.Mapping", "collections.abc.MutableMapping", "collections.defaultdict"}
)
_ABSTRACT = words(
    "Sequence MutableSequence Mapping MutableMapping Iterable Iterator Generator Callable Collection "
    "AsyncIterator AsyncGenerator AsyncIterable AbstractSet MutableSet"
)
_TRANSPARENT = words("Annotated Final ClassVar Required NotRequired ReadOnly")
_DEPTH = 12


class Annotations:
    """Reads annotations.

    Args:
        resolve: a dotted name as written -> the dotted name that it stands for.
        named: a full dotted name of a class -> the shape of its instances.
    """

    def __init__(self, resolve: Callable[[str], str], named: Callable[[str], Shape]) -> None:
        self._resolve = resolve
        self._named = named

    def shape(self, node: Node | None, depth: int = 0) -> Shape:
        """The shape that an annotation promises; ``unknown`` where it says nothing."""
        if node is None or depth > _DEPTH:
            return UNKNOWN
        match node:
            case syntax.Constant(_, None):
                return shapes.NONE
            case syntax.Constant(_, str() as quoted):
                return self.shape(parse_expression(quoted), depth + 1)
            case syntax.BinaryOperation(_, "|", left, right):
                return join((self.shape(left, depth + 1), self.shape(right, depth + 1)))
            case syntax.Subscript(_, origin, argument):
                return self._subscript(origin, argument, depth)
        name = self.name(node)
        return self._plain(name) if name else UNKNOWN

    def name(self, node: Node) -> str | None:
        """The full dotted name, ``typing`` taken off."""
        written = dotted(node)
        if written is None:
            return None
        found = self._resolve(written)
        for prefix in ("typing.", "typing_extensions.", "builtins."):
            if found.startswith(prefix):
                rest = found.removeprefix(prefix)
                if rest in ("IO", "TextIO", "BinaryIO"):
                    return f"typing.{rest}"
                abc = rest in _ABSTRACT
                rest = "Set" if rest == "AbstractSet" else rest
                return _ABC.get(rest, f"collections.abc.{rest}" if abc else rest)
        return found

    def _plain(self, name: str) -> Shape:
        if name in ANNOTATIONS:
            return ANNOTATIONS[name]
        if name in _LISTS:
            return make("list")
        if name in _SETS:
            return make(_SETS[name])
        if name in _DICTS:
            return make("dict")
        if name == "type":
            return make("class")
        return UNKNOWN if name in ("tuple", "Any", "object") else self._named(name)

    def _subscript(self, origin: Node, argument: Node, depth: int) -> Shape:
        name = self.name(origin) or ""
        inner: Nodes = [argument]
        if isinstance(argument, syntax.Display) and argument.kind == "tuple":
            inner = argument.elements

        def of(index: int) -> Shape:
            return self.shape(inner[index], depth + 1) if index < len(inner) else UNKNOWN

        if name in ("Optional", "Union"):
            found = join(self.shape(item, depth + 1) for item in inner)
            return shapes.nullable(found) if name == "Optional" else found
        if name in _TRANSPARENT:
            return of(0)
        if name == "Literal":
            return _literal(inner)
        if name in _LISTS:
            return make("list", of(0))
        if name in _SETS:
            return make(_SETS[name], of(0))
        if name in _DICTS:
            return dict_of(of(0), of(1))
        if name == "tuple":
            if len(inner) == 2 and isinstance(inner[1], syntax.Group):  # tuple[X, ...]
                return UNKNOWN  # a tuple of any length: neither list nor record
            return make("tuple", *(self.shape(item, depth + 1) for item in inner))
        return self._plain(name)


def _literal(members: Nodes) -> Shape:
    values = [item.value for item in members if isinstance(item, syntax.Constant)]
    if len(values) < len(members):
        return UNKNOWN
    found = join(constant(value) for value in values)
    plain = tuple(value for value in values if isinstance(value, str | int))
    return msgspec.structs.replace(found, values=plain) if found.kind in ("str", "int") else found


def dict_of(key: Shape, value: Shape) -> Shape:
    """A dict; its keys must be strings to be keys of a JSON object."""
    if key.kind != "str" or key.nullable:
        if key.kind in ("unknown", "none"):
            return UNKNOWN
        return shapes.OTHER_KEYS
    return make("dict", value)


def constant(value: object) -> Shape:
    """The shape of a constant."""
    found: dict[type, Shape] = {
        str: shapes.STR,
        bool: shapes.BOOL,
        int: shapes.INT,
        float: shapes.FLOAT,
        bytes: make("bytes"),
        type(None): shapes.NONE,
    }
    return found.get(type(value), UNKNOWN)
