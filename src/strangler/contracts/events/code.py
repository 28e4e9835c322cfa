"""What the source says of a message: the handler's signature and what it does, what a sender passes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from strangler.contracts.operations.calls import Calls
from strangler.contracts.operations.inference import Inference, Scope
from strangler.contracts.operations.parameters import Parameters
from strangler.contracts.operations.signatures import is_bound, signature
from strangler.contracts.operations.source import FunctionNode, Sources, Target, walk_function
from strangler.contracts.operations.types import Types
from strangler.contracts.operations.values import Shape
from strangler.model import Evidence, Message, Model
from strangler.sources import SourceTree

SENDING = frozenset(
    {
        *("send", "send_robust", "asend", "asend_robust", "send_async", "send_task", "send_with_options"),
        *("delay", "apply_async", "s", "si", "signature", "enqueue", "enqueue_call", "message", "queue"),
        *("kiq", "defer", "defer_async"),
    }
)
_LOOKUPS = frozenset(
    {"get", "filter", "exclude", "get_or_create", "aget", "get_object_or_404", "aget_object_or_404"}
)
_KEYS = frozenset({"pk", "id", "pk__exact", "id__exact"})
_LISTS = frozenset({"pk__in", "id__in"})


class Parameter:
    """A parameter as far as the function itself tells."""

    def __init__(
        self, name: str, shape: Shape, known: str, required: bool, rest: bool, default: str | None
    ) -> None:
        self.name = name
        self.shape = shape
        self.known = known
        self.required = required
        self.rest = rest
        """``**kwargs`` or ``*args``."""
        self.default = default


class Code:
    """Questions to the source of a model; without a tree every answer is empty."""

    def __init__(self, model: Model, tree: SourceTree | None) -> None:
        self.model = model
        self.tree = tree
        if tree is not None:
            self.sources = Sources(model, tree)
            self.types = Types(model, self.sources)
            self.inference = Inference(self.sources, self.types)
            self._parameters = Parameters(self.inference, Calls(self.inference, ()))
        self._table_of = {table.model: table.name for table in model.tables if table.model}

    def function(self, dotted: str) -> tuple[Target, FunctionNode] | None:
        """A function, or the method that runs a task's class."""
        target = self.sources.find(dotted.replace(":", ".")) if self.tree is not None else None
        for name in ("", ".run", ".__call__"):
            if target is None:
                return None
            found = Target(target.module, f"{target.qualname}{name}")
            node = self.sources.definition(found)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                return found, node
        return None

    def place(self, dotted: str) -> Evidence | None:
        """Where a function is defined."""
        found = self.function(dotted)
        code = self.sources.load(found[0].module) if found else None
        if found is None or code is None:
            return None
        return Evidence(file=code.path, line=found[1].lineno, symbol=found[0].qualname)

    def meaning(self, dotted: str) -> str:
        """The first paragraph of a docstring, on one line."""
        found = self.function(dotted)
        text = ast.get_docstring(found[1]) if found else None
        return " ".join(text.split("\n\n")[0].split()) if text else ""

    def parameters(self, dotted: str) -> list[Parameter]:
        """The parameters of a handler, without ``self``."""
        found = self.function(dotted)
        if found is None:
            return []
        target, node = found
        rows = []
        bound = is_bound(self.inference.sources, target, node)
        for argument, passing, default in signature(node, bound=bound):
            shape, known = self._parameters.shape(target, argument.arg)
            rows.append(
                Parameter(
                    argument.arg,
                    shape,
                    known,
                    default is None,
                    passing.startswith("var_"),
                    None if default is None else text_of(default),
                )
            )
        return rows[1:] if rows and rows[0].name == "self" else rows

    def key_of(self, dotted: str, name: str) -> tuple[str, bool] | None:
        """The table whose key a parameter is, by look-ups in the function; whether it holds several."""
        found = self.function(dotted)
        if found is None:
            return None
        target, node = found
        code = self.sources.load(target.module)
        if code is None:
            return None
        scope = self.inference.scope(code, target.qualname, node)
        for call in walk_function(node):
            if not isinstance(call, ast.Call):
                continue
            table = self._looked_up(call, scope)
            if table is None:
                continue
            for word in call.keywords:
                if isinstance(word.value, ast.Name) and word.value.id == name:
                    if word.arg in _KEYS:
                        return table, False
                    if word.arg in _LISTS:
                        return table, True
            if _is_get(call) and any(isinstance(a, ast.Name) and a.id == name for a in call.args):
                return table, False
        return None

    def _looked_up(self, call: ast.Call, scope: Scope) -> str | None:
        """The table of the mapped class that a look-up names."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in _LOOKUPS:
            return None
        chain = call.args[0] if call.args and name.endswith("_or_404") else call.func
        if _is_get(call) and call.args:
            chain = call.args[0]
        for node in ast.walk(chain):
            if isinstance(node, ast.Name | ast.Attribute):
                found = self.inference.target(node, scope)
                if found is not None and found.dotted in self._table_of:
                    return self._table_of[found.dotted]
        return None

    def table_of(self, shape: Shape) -> str | None:
        """The table of which a value is a row."""
        return self._table_of.get(shape.name.replace(":", ".")) if shape.kind == "row" else None

    def attributes(self, dotted: str, name: str) -> tuple[str, ...]:
        """Chains of attributes that a function reads from a parameter: ``invoice.pk``; sorted."""
        found = self.function(dotted)
        return tuple(sorted(set(_chains(found[1], name)))) if found else ()

    def raises(self, dotted: str) -> tuple[Evidence, ...]:
        """The places where a function raises, itself."""
        found = self.function(dotted)
        place = self.place(dotted)
        if found is None or place is None:
            return ()
        rows = {
            Evidence(file=place.file, line=node.lineno, symbol=text_of(node.exc).partition("(")[0])
            for node in walk_function(found[1])
            if isinstance(node, ast.Raise) and node.exc is not None
        }
        return tuple(sorted(rows))

    def changes(self, dotted: str) -> tuple[Evidence, ...]:
        """The places where a function sets attributes of what it was handed."""
        found, place = self.function(dotted), self.place(dotted)
        if found is None or place is None:
            return ()
        names = {
            item.arg for item in (*found[1].args.posonlyargs, *found[1].args.args, *found[1].args.kwonlyargs)
        }
        rows = set()
        for node in walk_function(found[1]):
            if not isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
                continue
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                root: ast.AST | None = target
                while isinstance(root, ast.Attribute):
                    root = root.value
                if (
                    isinstance(target, ast.Attribute)
                    and isinstance(root, ast.Name)
                    and root.id in names - {"self"}
                ):
                    rows.add(Evidence(file=place.file, line=node.lineno, symbol=text_of(target)))
        return tuple(sorted(rows))

    def sent(self, message: Message) -> dict[str, tuple[str, Shape]]:
        """Keyword or position of a sending -> its source text and its shape."""
        code = self.sources.load(message.module) if self.tree is not None else None
        call = _call_at(code.tree, message.line) if code is not None else None
        if code is None or call is None:
            return {}
        node = code.definitions.get(message.function or "")
        function = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None
        scope = self.inference.scope(code, message.function or "", function)
        pairs: list[tuple[str, ast.expr]] = [(str(index), value) for index, value in enumerate(call.args)]
        pairs += [(word.arg, word.value) for word in call.keywords if word.arg]
        return {name: (text_of(value), self.inference.shape(value, scope)) for name, value in pairs}


def texts(
    message: Message, given: dict[str, tuple[str, Shape]], names: list[str]
) -> dict[str, tuple[str, Shape]]:
    """The same by the names of the message's arguments; ``names`` are the handler's parameters."""
    found = {}
    for argument in message.arguments:
        position = str(names.index(argument.name)) if argument.name in names else argument.name
        position = "0" if argument.name == "sender" else position
        known = given.get(argument.name) or given.get(position)
        if known is not None:
            found[argument.name] = known
    return found


def _call_at(tree: ast.Module, line: int) -> ast.Call | None:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in SENDING and line in (node.lineno, node.end_lineno, node.func.end_lineno):
            return node
    return None


def _is_get(call: ast.Call) -> bool:
    """``session.get(Model, key)``."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "get" and len(call.args) == 2


def _chains(function: ast.AST, name: str) -> Iterator[str]:
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        chain: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            chain.append(inner.attr)
            inner = inner.value
        if chain and isinstance(inner, ast.Name) and inner.id == name:
            yield ".".join(reversed(chain))
        else:
            waiting.extend(ast.iter_child_nodes(node))


def text_of(node: ast.expr | None, most: int = 60) -> str:
    """An expression as text on one line."""
    try:
        text = " ".join(ast.unparse(node).split()) if node is not None else ""
    except (RecursionError, ValueError):
        return "…"
    return text if len(text) <= most else text[: most - 1] + "…"
