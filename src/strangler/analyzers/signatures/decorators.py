"""What stands above a ``def``, by the names of what it is, not of what it is called here."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from strangler.analyzers.python import syntax
from strangler.analyzers.python.values import External, Function, Object, Value, Wrapper
from strangler.analyzers.signatures.names import Scope, Target
from strangler.analyzers.signatures.tree import ends, is_name, last_name, text, walk
from strangler.model import Decoration

if TYPE_CHECKING:
    from strangler.analyzers.python.syntax import Node, Nodes
    from strangler.analyzers.signatures.inference import Inference


def decorations(function: Function, passing: Container[int] = ()) -> tuple[Decoration, ...]:
    """The decorators of a function from the outermost in.

    Args:
        function: what they stand above.
        passing: lines of those that pass its arguments and its result on as they are.
    """
    written = function.written.decorators if function.written is not None else []
    values: list[Value | None] = list(reversed(function.decorators))
    if len(values) != len(written):
        values = [None] * len(written)
    around = function.owner.namespace if function.owner is not None else function.module.env
    found = around.get(function.name)
    while isinstance(found, Wrapper):
        found = found.function
    return tuple(
        Decoration(
            name=_name(node, value),
            line=node.line,
            text=text(node),
            keeps=(found is function and isinstance(value, Function)) or node.line in passing,
        )
        for node, value in zip(written, values, strict=True)
    )


def _name(node: Node, value: Value | None) -> str:
    """Dotted name of a library's decorator; ``transaction`` for whatever opens one; else as it is written."""
    if value is not None and value.opens_transaction:
        return "atomic"
    if isinstance(value, Object):
        value = value.cls
    if isinstance(value, External):
        return value.name
    return last_name(node.func if isinstance(node, syntax.Call) else node)


class Wrapping(NamedTuple):
    """What a decorator puts around a function."""

    target: Target
    adds: frozenset[str]
    """Arguments that it gives where its caller does not, or in the place of what that gives."""


def wrapper(node: Node, scope: Scope, inference: Inference) -> Wrapping | None:
    """The function that a decorator of the monolith's own puts in the place of another, where that calls it
    once with all that it is given and returns what it returns; None of any other decorator.

    Args:
        node: the decorator as it is written.
        scope: of the module.
        inference: of the program.
    """
    made = isinstance(node, syntax.Call)
    target = inference.names.target(node.func if isinstance(node, syntax.Call) else node, scope)
    outer = _returned(target, inference) if made else target
    inner = _returned(outer, inference)
    function = inference.names.functions.get(outer) if outer is not None else None
    if function is None or inner is None or not function.params:
        return None
    adds = _passes_on(inner, function.params[0].name, inference)
    return Wrapping(inner, adds) if adds is not None else None


def _returned(target: Target | None, inference: Inference) -> Target | None:
    """The function of its own that a function returns, whatever it is given."""
    scope = inference.scope(target) if target is not None and target.qualname else None
    if target is None or scope is None or target not in inference.names.functions:
        return None
    returns = scope.of(syntax.Return)
    value = returns[0].value if len(returns) == 1 and returns[0] in scope.body else None
    found = Target(target.module, f"{target.qualname}.<locals>.{value.id if _named(value) else ''}")
    same = [item for item in inference.names.functions if item == found]
    return found if same and isinstance(value, syntax.Name) and value.id not in scope.assigned else None


def _named(value: Node | None) -> TypeGuard[syntax.Name]:
    return isinstance(value, syntax.Name)


def _passes_on(target: Target, called: str, inference: Inference) -> frozenset[str] | None:
    """Whether a function is ``wrapper(*args, **kwargs)`` and returns what the other one returns for them: the
    arguments that it sets, or None."""
    function, scope = inference.names.functions[target], inference.scope(target)
    kinds = {parameter.kind: parameter.name for parameter in function.params}
    if scope is None or function.is_async or len(function.params) != 2 or not ends(scope.body):
        return None
    rest, named = kinds.get("*"), kinds.get("**")
    calls = [node for node in scope.of(syntax.Call) if is_name(node.func, called)]
    if rest is None or named is None or len(calls) != 1 or called in scope.assigned:
        return None
    call = calls[0]
    starred = call.args[0] if len(call.args) == 1 else None
    whole = isinstance(starred, syntax.Starred) and is_name(starred.value, rest)
    if not whole or [word for word, _ in call.keywords] != [None] or not is_name(call.keywords[0][1], named):
        return None
    looked_at = sum(_looks_at(node, named) for node in walk(scope.body))
    mentions = [node for node in walk(scope.body) if is_name(node, rest) or is_name(node, named)]
    if len(mentions) != 2 + looked_at or scope.of(syntax.Yield, syntax.Global):
        return None
    if any(not _raises_again(body) for node in scope.of(syntax.Try) for _, _, body in node.handlers):
        return None
    held = {
        item.id
        for node in scope.of(syntax.Assign)
        if node.value is call
        for item in node.targets
        if isinstance(item, syntax.Name) and len(scope.assigned.get(item.id, ())) == 1
    }
    passed = all(
        node.value is call or (isinstance(node.value, syntax.Name) and node.value.id in held)
        for node in scope.of(syntax.Return)
    )
    return frozenset(_set(scope, named)) if passed else None


def _set(scope: Scope, named: str) -> Iterator[str]:
    """The arguments that a statement ``kwargs["name"] = ...`` sets."""
    for node in scope.of(syntax.Assign):
        for item in node.targets:
            match item:
                case syntax.Subscript(_, syntax.Name(_, found), syntax.Constant(_, str(key))) if (
                    found == named
                ):
                    yield key


def _looks_at(node: Node, named: str) -> bool:
    """Whether it is ``kwargs.get(...)``, ``kwargs["name"]`` (set, too) or ``"name" in kwargs``."""
    match node:
        case syntax.Call(_, syntax.Attribute(_, syntax.Name(_, found), "get")):
            return found == named
        case syntax.Subscript(_, syntax.Name(_, found), syntax.Constant()):
            return found == named
        case syntax.Comparison(_, syntax.Constant(), ["in" | "not in"], [syntax.Name(_, found)]):
            return found == named
    return False


def _raises_again(body: Nodes) -> bool:
    """Whether a handler ends with the exception that it has caught, whatever it does before."""
    last = body[-1] if body else None
    own = any(isinstance(node, syntax.Return) for node in walk(body))
    return isinstance(last, syntax.Raise) and last.value is None and not own


def keeps(name: str, keeping: Collection[str]) -> bool:
    """Whether a decorator of that name is one of those given by the last parts of their names."""
    return name.rpartition(".")[2] in keeping
