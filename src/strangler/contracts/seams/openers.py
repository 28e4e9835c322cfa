"""What opens sessions of SQLAlchemy in a monolith: names that its modules bind when they are imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from strangler.contracts.seams.source import Sources
from strangler.model import Model
from strangler.model.lookup import PRODUCTION
from strangler.sources import SourceTree

ENGINES = frozenset({"create_engine", "create_async_engine"})
_MAKERS = frozenset({"sessionmaker", "async_sessionmaker", "scoped_session", "async_scoped_session"})
_APPLICATIONS = frozenset({"Flask"})


def openers(model: Model, tree: SourceTree, sources: Sources) -> tuple[str, ...]:
    """``module:name`` of what opens sessions: the Flask application, or what makes sessions, or the engines.

    Empty where nothing is bound to one when its module is imported, and with Django, which opens its own.
    """
    frameworks = model.monolith.frameworks
    if "django" in frameworks:
        return ()
    kinds = (_APPLICATIONS,) if "flask" in frameworks else (_MAKERS, ENGINES)
    for makers in kinds:
        named = [name.encode() for name in sorted(makers)]
        found = []
        for module in sorted(model.modules, key=lambda module: module.name):
            if module.role not in PRODUCTION or not any(name in tree.read(module.path) for name in named):
                continue
            code = sources.load(module.name)
            if code is not None:
                found += [f"{module.name}:{name}" for name in bound(code.tree, makers)]
                found += [f"{module.name}:{name}" for name in _factories(code.tree, makers & _APPLICATIONS)]
        if found:
            return tuple(found)
    return ()


def bound(tree: ast.Module, makers: frozenset[str]) -> Iterator[str]:
    """Names that a module binds to what some callables make, but for those that go into another of them."""
    calls: list[tuple[ast.expr, ast.Call]] = []
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        if isinstance(value, ast.Call) and _called(value) in makers:
            calls += [(target, value) for target in targets]
    within = {
        item.id
        for _, call in calls
        for item in (*call.args, *(keyword.value for keyword in call.keywords))
        if isinstance(item, ast.Name)
    }
    for target, _ in calls:
        if isinstance(target, ast.Name) and target.id not in within:
            yield target.id


def _factories(tree: ast.Module, makers: frozenset[str]) -> Iterator[str]:
    """Functions that make an application and can be called without arguments."""
    for statement in tree.body:
        if not isinstance(statement, ast.FunctionDef) or not makers:
            continue
        given = statement.args
        needed = len(given.posonlyargs) + len(given.args) - len(given.defaults)
        if needed or any(default is None for default in given.kw_defaults):
            continue
        if any(isinstance(node, ast.Call) and _called(node) in makers for node in ast.walk(statement)):
            yield statement.name


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
