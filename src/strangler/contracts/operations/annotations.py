"""Annotations to shapes."""

from __future__ import annotations

import ast
from collections.abc import Callable

import msgspec

from strangler.contracts.operations import shapes
from strangler.contracts.operations.knowledge import ANNOTATIONS, words
from strangler.contracts.operations.shapes import UNKNOWN, join, make
from strangler.contracts.operations.values import Kind, Shape

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
    {"list", "collections.abc.Sequence", "collections.abc.MutableSequence", "collections.deque"}
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
_DEPTH = 12

Resolve = Callable[[str], str]
"""A dotted name as written -> the dotted name that it stands for."""
Named = Callable[[str], Shape]
"""A full dotted name of a class -> its shape."""


class Annotations:
    """Reads annotations of one module."""

    def __init__(self, resolve: Resolve, named: Named) -> None:
        self._resolve = resolve
        self._named = named

    def shape(self, node: ast.expr | None, depth: int = 0) -> Shape:
        """The shape that an annotation promises; ``unknown`` where it says nothing."""
        if node is None or depth > _DEPTH:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            return self._constant(node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return join((self.shape(node.left, depth + 1), self.shape(node.right, depth + 1)))
        if isinstance(node, ast.Subscript):
            return self._subscript(node, depth)
        name = self.name(node)
        return self._plain(name) if name else UNKNOWN

    def _constant(self, node: ast.Constant, depth: int) -> Shape:
        if node.value is None:
            return shapes.NONE
        if not isinstance(node.value, str):
            return UNKNOWN
        try:
            return self.shape(ast.parse(node.value.strip(), mode="eval").body, depth + 1)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return UNKNOWN

    def name(self, node: ast.expr) -> str | None:
        """The full dotted name, ``typing`` taken off."""
        from strangler.contracts.operations.source import dotted_name

        written = dotted_name(node)
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
        if name in _LISTS or name == "collections.abc.Collection":
            return make("list")
        if name in _SETS:
            return make(_SETS[name])
        if name in _DICTS:
            return make("dict")
        if name == "type":
            return make("class")
        if name == "tuple" or name in ("Any", "object"):
            return UNKNOWN
        return self._named(name)

    def _subscript(self, node: ast.Subscript, depth: int) -> Shape:
        name = self.name(node.value) or ""
        inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]

        def of(index: int) -> Shape:
            return self.shape(inner[index], depth + 1) if index < len(inner) else UNKNOWN

        if name in ("Optional", "Union"):
            found = join(self.shape(item, depth + 1) for item in inner)
            return shapes.nullable(found) if name == "Optional" else found
        if name in ("Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"):
            return of(0)
        if name == "Literal":
            return self._literal(inner)
        if name in _LISTS or name == "collections.abc.Collection":
            return make("list", of(0))
        if name in _SETS:
            return make(_SETS[name], of(0))
        if name in _DICTS:
            return dict_of(of(0), of(1))
        if name == "tuple":
            if len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...:
                return UNKNOWN  # a tuple of any length: neither list nor record
            return make("tuple", *(self.shape(item, depth + 1) for item in inner))
        return self._plain(name)

    def _literal(self, members: list[ast.expr]) -> Shape:
        values = [item.value for item in members if isinstance(item, ast.Constant)]
        if len(values) < len(members):
            return UNKNOWN
        found = join(constant(value) for value in values)
        words = tuple(value for value in values if isinstance(value, str | int))
        return msgspec.structs.replace(found, values=words) if found.kind in ("str", "int") else found


def dict_of(key: Shape, value: Shape) -> Shape:
    """A dict; its keys must be strings to be keys of a JSON object."""
    if key.kind != "str" or key.nullable:
        return (
            UNKNOWN
            if key.kind in ("unknown", "none")
            else make("object", name=":dict with other keys than str")
        )
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
