"""Where names of other modules' definitions stand: called, or handed on as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from strangler.analyzers.python import syntax
from strangler.analyzers.python.sites import Place
from strangler.analyzers.python.syntax import Node, Nodes
from strangler.analyzers.signatures.names import Names, Scope, Target
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
    imports = {module: _Imports(names, module, known) for module in names.program.scopes}
    for place in [*map(Target, names.program.scopes), *names.functions]:
        imported = imports[place.module]
        if not imported.may_be_in(names, place):
            continue
        for node, line in _uses(_body(names, place), known, imported):
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


class _Imports:
    """What a module calls other modules' definitions."""

    def __init__(self, names: Names, module: str, known: set[str]) -> None:
        frame = names.program.scopes[module].frame
        found = frame.imported if frame is not None else {}
        self.aliases = {alias for alias, origin in found.items() if origin.rpartition(".")[2] in known}
        """Names that imports give to functions and classes."""
        tops = names.program.tops
        heads = [alias for alias, origin in found.items() if origin.partition(".")[0] in tops]
        self._packed = [syntax.pack(alias) for alias in heads]
        self._starred = any(star.partition(".")[0] in tops for star in names.program.scopes[module].stars)

    def may_be_in(self, names: Names, place: Target) -> bool:
        """Whether a name that an import binds to something first-party may stand in a body: told by its
        bytes, since unpacking and walking it costs a hundred times more."""
        if self._starred or not place.qualname or "<" in place.qualname:
            return True
        body = names.functions[place].body
        return any(map(body.__contains__, self._packed)) or syntax.may_import(body)


def _body(names: Names, place: Target) -> Nodes:
    if place.qualname:
        return syntax.unpack(names.functions[place].body)
    return Scope(names.program.scopes[place.module], None).body


def _uses(body: Iterable[Node], known: set[str], imported: _Imports) -> Iterator[tuple[Node, int]]:
    """Names and chains that end in a known name; with the line of the call, or 0 for what is handed on."""
    aliases = imported.aliases
    waiting: list[Any] = list(body)
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind is syntax.Name:
            if node.id in known or node.id in aliases:
                yield node, 0
        elif kind is syntax.Attribute:
            if (node.attr in known or node.attr in aliases) and dotted(node) is not None:
                yield node, 0
            else:
                waiting.append(node.value)
        elif kind is syntax.Call:
            function = node.func
            last = last_name(function)
            if (last in known or last in aliases) and dotted(function) is not None:
                yield function, node.line
            # What is called is no value; the chain that it is called on may hold calls.
            while type(function) is syntax.Attribute:
                function = function.value
            if type(function) is not syntax.Name:
                waiting.append(function)
            waiting += node.args
            waiting += [value for _, value in node.keywords]
        elif kind is syntax.Assign or kind is syntax.Annotate:
            if node.value is not None:
                waiting.append(node.value)
        elif kind is syntax.ClassDef:
            waiting += [*node.body, *(value for _, value in node.keywords)]
        elif kind is syntax.FunctionDef:
            waiting += [parameter.default for parameter in node.params if parameter.default]
            waiting += [part for item in node.decorators for part in _arguments(item)]
        elif kind is not syntax.Constant:
            waiting += children(node)


def _arguments(decorator: Node) -> Nodes:
    """What a decorator is given; that itself is called."""
    if not isinstance(decorator, syntax.Call):
        return []
    return [*decorator.args, *(value for _, value in decorator.keywords)]
