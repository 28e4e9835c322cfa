"""Where names of other modules' definitions stand: called, or handed on as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.python import syntax
from strangler.analyzers.python.sites import Place
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.signatures.names import Names, Target
from strangler.analyzers.signatures.tree import children, dotted, last_name
from strangler.model import HandedOn
from strangler.model.system import by_fields

if TYPE_CHECKING:
    from strangler.analyzers.signatures.inference import Inference


class Mentions(NamedTuple):
    """What the text says, whether or not the interpreter has come there."""

    called: set[Place]
    """Calls of definitions of other modules by names that imports bind."""
    handed_on: dict[Target, tuple[HandedOn, ...]]
    """Functions that other modules hand on as values, each with the places by module and line."""


def mentions(inference: Inference) -> Mentions:
    """The names of other modules' definitions in every function and module."""
    names = inference.names
    known = {name.qualname.rpartition(".")[2] for name in names.functions if "<" not in name.qualname}
    known |= {name.qualname.rpartition(".")[2] for name in names.classes}
    handed: dict[Target, set[HandedOn]] = defaultdict(set)
    called: set[Place] = set()
    places = [Target(module) for module in names.program.scopes] + list(names.functions)
    for place in places:
        for node, line in _uses(_body(names, place), known | _aliases(names, place.module, known)):
            scope = inference.scope(place)
            name = names.dotted(node, scope) if scope is not None else None
            target = names.find(name) if name is not None else None
            if target is None or target.module == place.module or not names.defined(target):
                continue
            function = place.qualname or None
            if line:
                called.add(Place(place.module, function, line, *target))
            elif target in names.functions:
                row = HandedOn(
                    module=place.module,
                    function=function,
                    line=node.line,
                    plain=isinstance(node, syntax.Name),
                    called=name if name and name != target.dotted else "",
                )
                handed[target].add(row)
    rows = {target: tuple(sorted(found, key=by_fields)) for target, found in handed.items()}
    return Mentions(called, rows)


def _aliases(names: Names, module: str, known: set[str]) -> set[str]:
    """Names that a module's imports give to functions."""
    frame = names.program.scopes[module].frame
    found = frame.imported.items() if frame is not None else ()
    return {alias for alias, origin in found if origin.rpartition(".")[2] in known}


def _body(names: Names, place: Target) -> Nodes:
    if place.qualname:
        return syntax.unpack(names.functions[place].body)
    return names.body(names.program.scopes[place.module])


def _uses(body: Iterable[Node], known: set[str]) -> Iterator[tuple[Node, int]]:
    """Names and chains that end in a known name; with the line of the call, or 0 for what is handed on."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        match node:
            case syntax.Name(_, name):
                if name in known:
                    yield node, 0
            case syntax.Attribute(_, owner, name):
                if name in known and dotted(node) is not None:
                    yield node, 0
                else:
                    waiting.append(owner)
            case syntax.Call(_, function, arguments, words):
                if last_name(function) in known and dotted(function) is not None:
                    yield function, node.line
                # What is called is no value; the chain that it is called on may hold calls.
                while isinstance(function, syntax.Attribute):
                    function = function.value
                if not isinstance(function, syntax.Name):
                    waiting.append(function)
                waiting += arguments
                waiting += [value for _, value in words]
            case syntax.Assign(_, _, value) | syntax.Annotate(_, _, _, value):
                waiting += [value] if value else []
            case syntax.ClassDef():
                waiting += [*node.body, *(value for _, value in node.keywords)]
            case syntax.FunctionDef():
                waiting += [parameter.default for parameter in node.params if parameter.default]
                waiting += [part for item in node.decorators for part in _arguments(item)]
            case _:
                waiting += children(node)


def _arguments(decorator: Node) -> Nodes:
    """What a decorator is given; that itself is called."""
    if not isinstance(decorator, syntax.Call):
        return []
    return [*decorator.args, *(value for _, value in decorator.keywords)]
