"""Every call of a first-party definition in the code of the contexts, with what stands around it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from strangler.contracts.operations.inference import Inference, Scope
from strangler.contracts.operations.source import Code, FunctionNode, Target, dotted_name

_ATOMIC = frozenset(
    {
        "django.db.transaction.atomic",
        "django.db.transaction.commit_on_success",
        "transaction.atomic",
    }
)
_BEGIN = frozenset({"begin", "begin_nested"})


@dataclass(frozen=True, eq=False)
class CallSite:
    """A call (or, with ``node`` no Call, another use) of a definition."""

    target: Target
    node: ast.expr
    scope: Scope
    atomic: int | None
    """Line of the innermost transaction block or decorator around it in the same function."""
    catches: tuple[str, ...] = ()
    """Dotted names of exceptions that the code around it handles."""
    decorator: bool = False

    @property
    def module(self) -> str:
        """The caller's module."""
        return self.scope.code.module

    @property
    def function(self) -> str:
        """The caller's qualified name; empty at module level."""
        return self.scope.qualname


class Calls:
    """An index of calls by what they call."""

    def __init__(self, inference: Inference, modules: Iterable[str]) -> None:
        self._inference = inference
        self.of: dict[Target, list[CallSite]] = defaultdict(list)
        self.uses: dict[Target, list[CallSite]] = defaultdict(list)
        """Where a function is handed on as a value, or decorates."""
        self.by_line: dict[tuple[str, int], list[CallSite]] = defaultdict(list)
        for module in modules:
            code = inference.sources.load(module)
            if code is not None:
                _Walker(self, inference, code).walk()

    def add(self, site: CallSite) -> None:
        """Note a call."""
        (self.of if isinstance(site.node, ast.Call) else self.uses)[site.target].append(site)
        self.by_line[site.module, site.node.lineno].append(site)


class _Walker:
    """Goes through a module once, keeping what is around each node."""

    def __init__(self, calls: Calls, inference: Inference, code: Code) -> None:
        self._calls = calls
        self._inference = inference
        self._code = code

    def walk(self) -> None:
        scope = self._inference.scope(self._code, "", None)
        self._body(self._code.tree.body, scope, "", None, ())

    def _body(
        self,
        nodes: Iterable[ast.AST],
        scope: Scope,
        prefix: str,
        atomic: int | None,
        catches: tuple[str, ...],
    ) -> None:
        for node in nodes:
            self._node(node, scope, prefix, atomic, catches)

    def _node(
        self, node: ast.AST, scope: Scope, prefix: str, atomic: int | None, catches: tuple[str, ...]
    ) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._function(node, scope, prefix, atomic, catches)
        elif isinstance(node, ast.ClassDef):
            for item in (*node.decorator_list, *node.bases, *(word.value for word in node.keywords)):
                self._node(item, scope, prefix, atomic, catches)
            self._body(node.body, scope, f"{prefix}{node.name}.", None, ())
        elif isinstance(node, ast.With | ast.AsyncWith):
            inner = atomic
            for entered in node.items:
                self._node(entered, scope, prefix, atomic, catches)
                if self._is_atomic(entered.context_expr, scope):
                    inner = node.lineno
            self._body(node.body, scope, prefix, inner, catches)
        elif isinstance(node, ast.Try | ast.TryStar):
            caught = [name for handler in node.handlers for name in self._caught(handler, scope)]
            self._body(node.body, scope, prefix, atomic, (*catches, *caught))
            for name in ("handlers", "orelse", "finalbody"):
                self._body(getattr(node, name), scope, prefix, atomic, catches)
        elif isinstance(node, ast.Call):
            self._call(node, scope, atomic, catches)
            if not isinstance(node.func, ast.Name | ast.Attribute):
                self._node(node.func, scope, prefix, atomic, catches)
            elif isinstance(node.func, ast.Attribute):
                self._node(node.func.value, scope, prefix, atomic, catches)
            self._body((*node.args, *node.keywords), scope, prefix, atomic, catches)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            if not self._use(node, scope, atomic, decorator=False) and isinstance(node, ast.Attribute):
                self._node(node.value, scope, prefix, atomic, catches)
        else:
            self._body(ast.iter_child_nodes(node), scope, prefix, atomic, catches)

    def _function(
        self, node: FunctionNode, scope: Scope, prefix: str, atomic: int | None, catches: tuple[str, ...]
    ) -> None:
        inner: int | None = None
        for item in node.decorator_list:
            self._use(item.func if isinstance(item, ast.Call) else item, scope, atomic, decorator=True)
            if isinstance(item, ast.Call):
                self._body((*item.args, *item.keywords), scope, prefix, atomic, catches)
            if self._is_atomic(item, scope):
                inner = item.lineno
        defaults = [*node.args.defaults, *(item for item in node.args.kw_defaults if item is not None)]
        self._body(defaults, scope, prefix, atomic, catches)
        inside = f"{prefix}{node.name}"
        parent = scope if scope.function is not None else None
        own = self._inference.scope(self._code, inside, node, parent)
        self._body(node.body, own, f"{inside}.<locals>.", inner, ())

    def _is_atomic(self, node: ast.expr, scope: Scope) -> bool:
        called = node.func if isinstance(node, ast.Call) else node
        dotted = self._inference.dotted(called, scope)
        if dotted in _ATOMIC:
            return True
        name = (dotted_name(called) or "").rpartition(".")[2]
        return isinstance(node, ast.Call) and name in _BEGIN

    def _caught(self, handler: ast.ExceptHandler, scope: Scope) -> list[str]:
        passes_on = any(isinstance(item, ast.Raise) and item.exc is None for item in handler.body)
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        names = [self._inference.dotted(kind, scope) for kind in kinds if kind is not None]
        return [name for name in names if name] if not passes_on else []

    def _call(self, node: ast.Call, scope: Scope, atomic: int | None, catches: tuple[str, ...]) -> None:
        target = self._inference.target(node.func, scope)
        if target is not None and target.qualname:
            self._calls.add(CallSite(target, node, scope, atomic, catches))

    def _use(self, node: ast.expr, scope: Scope, atomic: int | None, *, decorator: bool) -> bool:
        target = self._inference.target(node, scope)
        if target is None or not target.qualname:
            return False
        if self._inference.sources.definition(target) is not None:
            self._calls.add(CallSite(target, node, scope, atomic, (), decorator))
        return True
