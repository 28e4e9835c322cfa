"""What an app's own migrations say of its models, where a metaclass of the code has a say in their Meta."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from strangler.analyzers.plugin import Class, Interpreter, metaclass_of, parse

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.apps import Registry
    from strangler.analyzers.plugin import SourceTree


class Migrations:
    """The models that the migrations of the apps create, read where they are asked for."""

    def __init__(self, interp: Interpreter, registry: Registry, tree: SourceTree) -> None:
        self.interp = interp
        self.registry = registry
        self.tree = tree
        self._created: dict[str, dict[str, bool]] = {}

    def make_proxy(self, cls: Class, label: str) -> bool:
        """Whether migrations create a model of a first-party metaclass as a proxy, without a table.

        A model that they do not create, while they create others of its app, is told: it may have none.
        """
        if metaclass_of(cls) is None:
            return False
        created = self._of_app(label)
        if created and cls.name.lower() not in created:
            message = (
                f"{cls.name}: no migration of {label} creates it, while they create other models, and its "
                "metaclass may change its Meta: it may have no table of its own"
            )
            self.interp.log.failed(cls.module, cls.line, "doubtful-table", message)
        return created.get(cls.name.lower(), False)

    def _of_app(self, label: str) -> dict[str, bool]:
        if label not in self._created:
            packages = [app.module for app in self.registry.apps(self.interp) if app.label == label]
            self._created[label] = self._of_package(packages[0]) if packages else {}
        return self._created[label]

    def _of_package(self, package: str) -> dict[str, bool]:
        """Name of a model, in lower case -> whether it is a proxy, after all migrations of an app."""
        found: dict[str, bool] = {}
        for file in self.tree.files:
            if file.role == "migration" and file.module.startswith(f"{package}.migrations."):
                tree = parse(self.tree.read_text(file.path).encode(), file.path).tree
                for call in _calls(tree) if tree is not None else ():
                    _apply(call, found)
        return found


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls of a file in the order of its text."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return iter(sorted(calls, key=lambda call: (call.lineno, call.col_offset)))


def _apply(call: ast.Call, models: dict[str, bool]) -> None:
    called = call.func
    operation = (
        called.attr if isinstance(called, ast.Attribute) else isinstance(called, ast.Name) and called.id
    )
    if operation == "CreateModel":
        options = _argument(call, 2, "options")
        models[_name(call, 0, "name")] = isinstance(options, ast.Dict) and any(
            isinstance(key, ast.Constant)
            and key.value == "proxy"
            and isinstance(value, ast.Constant)
            and value.value is True
            for key, value in zip(options.keys, options.values, strict=True)
        )
    elif operation == "DeleteModel":
        models.pop(_name(call, 0, "name"), None)
    elif operation == "RenameModel":
        models[_name(call, 1, "new_name")] = models.pop(_name(call, 0, "old_name"), False)


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    if position < len(call.args):
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _name(call: ast.Call, position: int, name: str) -> str:
    stated = _argument(call, position, name)
    text = stated.value if isinstance(stated, ast.Constant) else None
    return text.lower() if isinstance(text, str) else ""
