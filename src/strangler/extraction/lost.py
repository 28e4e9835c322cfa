"""What modules that go register with modules that stay, when they are imported: plug-ins, handlers, hooks.

What stays goes on without them, and does not say so. Routes, tasks, commands and receivers are told apart.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from strangler.contracts.seams.source import Code, dotted_name, imported
from strangler.extraction.reader import Reader, Source
from strangler.model import Evidence
from strangler.model.lookup import home
from strangler.sources.python import parse

_SAYS = re.compile(
    r"(^|_)(register(s|ed)?|connects?|subscribes?|listens?(_for)?|on|hooks?|plugins?|handle[rs]?)(_|$)"
)
"""Names of decorators that keep what they are given."""
_KEEPS = frozenset({"append", "add", "extend", "update", "insert", "setdefault", "register"})
"""Methods by which they do."""
_Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def lost(
    reader: Reader, gone: Iterable[str], stays: frozenset[str], told: frozenset[str]
) -> Iterator[Evidence]:
    """The places of modules that go where they register something; ``symbol`` is what they register it with.

    Args:
        reader: the monolith's files.
        gone: modules that leave.
        stays: modules that stay.
        told: dotted names of routes' handlers, tasks, commands and receivers.
    """
    modules = _Modules(reader, stays)
    for name in sorted(gone):
        source = reader.source(name)
        tree = modules.tree(name)
        if source is None or tree is None:
            continue
        names = _bound(source, tree)
        own = {node.name for node in tree.body if isinstance(node, _Named)}
        own |= {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in tree.body:
            for kept, line in _registered(node, own, names, modules):
                if f"{name}.{getattr(node, 'name', '')}" not in told:
                    yield Evidence(file=source.path, line=line, symbol=kept)


class _Modules:
    """The trees of modules, and which names are of those that stay."""

    def __init__(self, reader: Reader, stays: frozenset[str]) -> None:
        self._reader = reader
        self._stays = stays
        self._trees: dict[str, ast.Module | None] = {}

    def tree(self, module: str) -> ast.Module | None:
        if module not in self._trees:
            source = self._reader.source(module)
            self._trees[module] = parse(source.data, source.path).tree if source is not None else None
        return self._trees[module]

    def kept(self, expression: ast.expr, names: Mapping[str, str]) -> str | None:
        """The dotted name of what stays that an expression names."""
        named = dotted_name(expression)
        if named is None:
            return None
        first, _, rest = named.partition(".")
        found = f"{names.get(first, '')}.{rest}".rstrip(".")
        module = home(found, self._reader.modules)
        return found if module in self._stays and found != module else None

    def definition(self, name: str) -> _Named | None:
        """The function or class of a dotted name."""
        module = home(name, self._reader.modules)
        tree = self.tree(module) if module is not None else None
        last = name[len(module or "") + 1 :]
        return (
            next((node for node in tree.body if isinstance(node, _Named) and node.name == last), None)
            if tree
            else None
        )


def _bound(source: Source, tree: ast.Module) -> dict[str, str]:
    """Names that a module binds by imports, with what they stand for."""
    code = Code(source.module, source.path, tree, source.is_package, source.text, lowered=False)
    return {
        name: meant
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name, meant in imported(code, node).items()
    }


def _registered(
    node: ast.stmt, own: set[str], names: Mapping[str, str], modules: _Modules
) -> Iterator[tuple[str, int]]:
    """What a statement registers something of its module with, and the line."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        kept = modules.kept(call.func, names)
        if kept and any(_mentions(item, own) for item in given):
            yield kept, node.lineno
    elif isinstance(node, ast.Assign) and _mentions(node.value, own):
        for target in node.targets:
            kept = (
                modules.kept(target.value, names)
                if isinstance(target, ast.Subscript | ast.Attribute)
                else None
            )
            if kept:
                yield kept, node.lineno
    elif isinstance(node, _Named):
        for decorator in node.decorator_list:
            named = decorator.func if isinstance(decorator, ast.Call) else decorator
            kept = modules.kept(named, names)
            if kept and (_SAYS.search(kept.rpartition(".")[2]) or _stores(modules.definition(kept))):
                yield kept, decorator.lineno
        for base in node.bases if isinstance(node, ast.ClassDef) else ():
            kept = modules.kept(base, names)
            defined = modules.definition(kept) if kept else None
            if (
                kept
                and defined is not None
                and any(getattr(item, "name", "") == "__init_subclass__" for item in defined.body)
            ):
                yield kept, node.lineno


def _mentions(expression: ast.expr, own: set[str]) -> bool:
    """Whether an expression has something of its module in it."""
    return any(
        (isinstance(node, ast.Name) and node.id in own) or isinstance(node, ast.Lambda)
        for node in ast.walk(expression)
    )


def _stores(function: _Named | None) -> bool:
    """Whether a decorator keeps what it is given in something that is not its own."""
    if not isinstance(function, ast.FunctionDef):
        return False
    local = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    local |= {item.arg for item in ast.walk(function) if isinstance(item, ast.arg)}
    for node in ast.walk(function):
        held: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _KEEPS:
            held = node.func.value
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            held = node.value
        if isinstance(held, ast.Name) and held.id not in local:
            return True
    return False
