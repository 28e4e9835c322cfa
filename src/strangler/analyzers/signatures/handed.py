"""Where functions are handed on as values: into tables, call-backs, arguments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.python import syntax
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.signatures.names import Names, Target
from strangler.analyzers.signatures.tree import children, dotted
from strangler.model import HandedOn
from strangler.model.system import by_fields

if TYPE_CHECKING:
    from strangler.analyzers.signatures.inference import Inference


def handed_on(inference: Inference) -> dict[Target, tuple[HandedOn, ...]]:
    """Functions that other modules hand on as values, each with the places by module and line."""
    names = inference.names
    called = {target.qualname.rpartition(".")[2] for target in names.functions if "<" not in target.qualname}
    found: dict[Target, set[HandedOn]] = defaultdict(set)
    places = [Target(module) for module in names.program.scopes] + list(names.functions)
    for place in places:
        for node in _values(_body(names, place), called | _aliases(names, place.module, called)):
            scope = inference.scope(place)
            target = names.target(node, scope) if scope is not None else None
            if target in names.functions and target.module != place.module:
                function = place.qualname or None
                plain = isinstance(node, syntax.Name)
                name = names.dotted(node, scope) if scope is not None else None
                row = HandedOn(
                    module=place.module,
                    function=function,
                    line=node.line,
                    plain=plain,
                    called=name if name and name != target.dotted else "",
                )
                found[target].add(row)
    return {target: tuple(sorted(rows, key=by_fields)) for target, rows in found.items()}


def _aliases(names: Names, module: str, called: set[str]) -> set[str]:
    """Names that a module's imports give to functions."""
    frame = names.program.scopes[module].frame
    found = frame.imported.items() if frame is not None else ()
    return {alias for alias, origin in found if origin.rpartition(".")[2] in called}


def _body(names: Names, place: Target) -> Nodes:
    if place.qualname:
        return syntax.unpack(names.functions[place].body)
    return names.body(names.program.scopes[place.module])


def _values(body: Iterable[Node], called: set[str]) -> Iterator[Node]:
    """Names and chains that are read, not called, and that end in the name of a function."""
    for node in body:
        match node:
            case syntax.Name(_, name) if name in called:
                yield node
            case syntax.Attribute(_, owner, name):
                if name in called and dotted(node) is not None:
                    yield node
                else:
                    yield from _values([owner], called)
            case syntax.Call(_, function, arguments, words):
                # What is called is no value; the chain that it is called on may hold calls.
                while isinstance(function, syntax.Attribute):
                    function = function.value
                if not isinstance(function, syntax.Name):
                    yield from _values([function], called)
                yield from _values([*arguments, *(value for _, value in words)], called)
            case syntax.Assign(_, _, value):
                yield from _values([value], called)
            case syntax.Annotate(_, _, _, value):
                yield from _values([value] if value else [], called)
            case syntax.ClassDef():
                yield from _values([*node.body, *(value for _, value in node.keywords)], called)
            case syntax.FunctionDef():
                defaults = [parameter.default for parameter in node.params if parameter.default]
                given = [part for item in node.decorators for part in _arguments(item)]
                yield from _values([*defaults, *given], called)
            case _:
                yield from _values(children(node), called)


def _arguments(decorator: Node) -> Nodes:
    """What a decorator is given; that itself is called."""
    if not isinstance(decorator, syntax.Call):
        return []
    return [*decorator.args, *(value for _, value in decorator.keywords)]
