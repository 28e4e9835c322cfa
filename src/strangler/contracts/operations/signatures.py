"""Signatures of functions, and which argument of a call goes to which parameter."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from strangler.contracts.operations.source import FunctionNode, Sources, Target
from strangler.contracts.operations.values import Passing


def is_bound(sources: Sources, target: Target, node: FunctionNode) -> bool:
    """Whether the first parameter is ``self`` or ``cls``."""
    owner = target.qualname.rpartition(".")[0]
    holder = sources.definition(Target(target.module, owner)) if owner else None
    static = any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in node.decorator_list)
    return isinstance(holder, ast.ClassDef) and not static


def signature(node: FunctionNode, *, bound: bool) -> Iterator[tuple[ast.arg, Passing, ast.expr | None]]:
    """(parameter, how it is passed, default) in order."""
    arguments = node.args
    positional: list[tuple[ast.arg, Passing]] = [(item, "positional_only") for item in arguments.posonlyargs]
    positional += [(item, "positional") for item in arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    pairs = list(zip(positional, defaults, strict=True))[1 if bound else 0 :]
    for (item, passing), default in pairs:
        yield item, passing, default
    if arguments.vararg:
        yield arguments.vararg, "var_positional", None
    for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield item, "keyword_only", default
    if arguments.kwarg:
        yield arguments.kwarg, "var_keyword", None


def argument_of(call: ast.Call, node: FunctionNode, name: str, *, bound: bool) -> ast.expr | object | None:
    """The expression that a call passes for a parameter; None for the default, ``...`` if unclear."""
    for word in call.keywords:
        if word.arg == name:
            return word.value
    places = [item[0].arg for item in signature(node, bound=bound) if item[1].startswith("positional")]
    if name not in places:
        return ... if any(word.arg is None for word in call.keywords) else None
    index = places.index(name)
    if any(isinstance(item, ast.Starred) for item in call.args[: index + 1]):
        return ...
    if index < len(call.args):
        return call.args[index]
    return ... if any(word.arg is None for word in call.keywords) else None
