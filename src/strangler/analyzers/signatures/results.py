"""What calls give: of the language, of libraries, of ORMs, of the monolith itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.signatures.flow import element
from strangler.analyzers.signatures.knowledge import (
    BUILTINS,
    CALLS,
    LISTS_OF_SESSION,
    METHODS,
    ROW_OF_QUERY,
    ROW_OR_NONE,
    VALUE_OF_QUERY,
    words,
)
from strangler.analyzers.signatures.names import Target
from strangler.analyzers.signatures.tree import dotted
from strangler.model import shapes
from strangler.model.shapes import BOOL, INT, UNKNOWN, Field, Shape, join, make, nullable

if TYPE_CHECKING:
    from strangler.analyzers.signatures.inference import Inference
    from strangler.analyzers.signatures.names import Scope

_OTHER_ROWS = words("values values_list with_entities add_columns add_column add_entity annotate extra")
"""Methods of a query after which it gives other things than rows, or rows with more than their columns."""
_SESSIONS = frozenset({"session", "db.session", "Session", "self.session"})
_OF_ROWS = frozenset({"row", "object", *shapes.RECORDS})


class Results:
    """Results of calls."""

    def __init__(self, inference: Inference) -> None:
        self._ask = inference

    def of_library(self, name: str) -> Shape:
        """What calling a function or class of a library gives."""
        if name.startswith("collections."):
            dicts = ("defaultdict", "OrderedDict")
            return make("dict") if name.rpartition(".")[2] in dicts else UNKNOWN
        if name in CALLS:
            return CALLS[name]
        last = name.rpartition(".")[2]
        made = "." in name and last[:1].isupper() and not last.isupper()
        return make("object", name=f":{name}") if made else UNKNOWN

    def of_call(self, node: syntax.Call, scope: Scope) -> Shape:
        """What a call gives."""
        function, arguments, words = node.func, node.args, node.keywords
        name = self._ask.names.dotted(function, scope)
        if name is not None:
            if name.startswith("builtins.") and name.count(".") == 1:
                return self._builtin(name.removeprefix("builtins."), arguments, words, scope)
            if name in CALLS:
                return self._select(name, arguments, scope)
            if name.startswith("collections."):
                return self.of_library(name)
            if name.endswith(("get_object_or_404", "get_or_404")) and arguments:
                return self._ask.row_of(self._ask.shape(arguments[0], scope))
            target = self._ask.names.find(name)
            if target is not None:
                called = self._ask.call_target(target)
                if called.kind != "unknown":
                    return called
            elif (made := self.of_library(name)).kind != "unknown":
                return made
        if isinstance(function, syntax.Attribute):
            return self._method_call(function, arguments, scope)
        return UNKNOWN

    def _select(self, name: str, arguments: Nodes, scope: Scope) -> Shape:
        if name.endswith(".select") and len(arguments) == 1:
            row = self._ask.row_of(self._ask.shape(arguments[0], scope))
            return make("query", row) if row.kind == "row" else CALLS[name]
        return CALLS[name]

    def _builtin(self, name: str, arguments: Nodes, words: syntax.Keywords, scope: Scope) -> Shape:
        first = arguments[0] if arguments else None
        if name in ("list", "sorted", "set", "frozenset"):
            kind = "list" if name == "sorted" else name
            item = self._ask.element_of(first, scope) if first is not None else None
            return make(kind, *([item] if item else []))  # type: ignore[arg-type]
        if name == "dict":
            return self._dict(first, words, scope)
        if name in ("abs", "round"):
            found = self._ask.shape(first, scope) if first is not None else UNKNOWN
            return INT if name == "round" and len(arguments) == 1 and found.kind == "float" else found
        if name in ("min", "max"):
            if len(arguments) == 1 and first is not None:
                return self._ask.element_of(first, scope)
            return join(self._ask.shape(item, scope) for item in arguments)
        if name == "sum" and first is not None:
            start = [self._ask.shape(item, scope) for item in arguments[1:]]
            match first:
                case syntax.Comprehension(kind="generator", result=[inner]):
                    item = self._ask.shape(inner, scope)
                case _:
                    item = self._ask.element_of(first, scope)
            return start[0] if start and start[0].kind == "decimal" else join([item, *start])
        return BUILTINS.get(name, UNKNOWN) if name != "tuple" else UNKNOWN

    def _dict(self, first: Node | None, words: syntax.Keywords, scope: Scope) -> Shape:
        if first is not None:
            found = self._ask.shape(first, scope)
            return found if found.kind in ("dict", "typeddict") and not words else UNKNOWN
        fields = tuple(
            Field(name=str(name), shape=self._ask.shape(value, scope)) for name, value in words if name
        )
        complete = len(fields) == len(words)
        return Shape(kind="typeddict", fields=fields) if fields and complete else make("dict")

    def _method_call(self, function: syntax.Attribute, arguments: Nodes, scope: Scope) -> Shape:
        holder, name = function.value, function.attr
        written = dotted(holder) or ""
        if written in ("self", "cls") and scope.owner is not None:
            owner = scope.owner
            own = self._ask.names.method(Target(owner.module.name, owner.qualname), name)
            return self._ask.result(own) if own else UNKNOWN
        found = self._ask.shape(holder, scope)
        if found.kind == "object" and isinstance(holder, syntax.Attribute):
            found = self._managed(found, name, holder, scope)
        if written in _SESSIONS or written.endswith(".session") or found.kind == "session":
            return self._session_call(name, arguments, scope)
        if found.kind in ("query", "class"):
            return self._query_call(found, name)
        if found.kind == "dict" and name == "getlist":
            return make("list", *found.items)
        if found.kind == "dict" and name in ("get", "pop", "setdefault", "copy"):
            if name == "copy":
                return found
            inner = found.items[0] if found.items else UNKNOWN
            if len(arguments) == 1:
                return nullable(inner)
            return join((inner, self._ask.shape(arguments[1], scope))) if arguments else UNKNOWN
        if found.kind == "json" and name in ("get", "pop", "copy"):
            return found
        if found.kind == "typeddict" and name == "get" and arguments:
            key = arguments[0]
            if isinstance(key, syntax.Constant) and isinstance(key.value, str):
                return self._ask.classes.attribute(found, key.value)
            return UNKNOWN
        if found.kind in ("list", "set") and name in ("copy", "pop"):
            return found if name == "copy" else element(found)
        if found.kind in METHODS:
            return METHODS[found.kind].get(name, UNKNOWN)
        method = self._ask.classes.method(found, name) if found.kind in _OF_ROWS else None
        return self._ask.result(method) if method else UNKNOWN

    def _managed(self, found: Shape, name: str, holder: syntax.Attribute, scope: Scope) -> Shape:
        """The rows that a mapped class's own manager asks for, where the call is none of its own methods."""
        classes = self._ask.classes
        if not classes.is_manager(found) or classes.method(found, name) is not None:
            return found
        row = self._ask.row_of(self._ask.shape(holder.value, scope))
        return make("query", row) if row.kind == "row" else found

    def _session_call(self, name: str, arguments: Nodes, scope: Scope) -> Shape:
        first = self._ask.shape(arguments[0], scope) if arguments else UNKNOWN
        row = self._ask.row_of(first)
        if name in ("get", "scalar"):
            return nullable(row) if row.kind == "row" else UNKNOWN
        if name in ("query", "execute", "scalars", "exec"):
            return make("query", row) if row.kind == "row" and len(arguments) == 1 else make("query")
        if name == "merge":
            return first
        return shapes.NONE if name in ("add", "commit", "flush", "rollback", "delete", "refresh") else UNKNOWN

    def _query_call(self, owner: Shape, name: str) -> Shape:
        row = self._ask.row_of(owner)
        known = row if row.kind == "row" else UNKNOWN
        if owner.kind == "class":
            return UNKNOWN
        if name in ROW_OF_QUERY:
            return known
        if name in ROW_OR_NONE:
            return nullable(known) if known.kind == "row" else UNKNOWN
        if name in ("get_or_create", "update_or_create"):
            return make("tuple", known, BOOL)
        if name in VALUE_OF_QUERY:
            return VALUE_OF_QUERY[name]
        django = self._ask.classes.framework_of.get(row.name.replace(":", ".")) == "django"
        if name in LISTS_OF_SESSION and not django:
            return make("list", known)
        if name in ("scalars", "unique", "distinct"):
            return make("query", known)
        return make("query") if name in _OTHER_ROWS else owner
