"""Hooks of a file: where code takes hold of definitions: decorators, base classes, and what is put on a path.

A pure function of the file. Whether a hook is understood shows only when everything is linked; one of a
library that nobody knows may register a route, a table or a task.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from strangler.analyzers.imports import ImportStatement


class Hook(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A decorator or base class of a definition, a call that is given a definition and a URL path, or a class
    with methods that are called as those of HTTP."""

    name: str
    """Dotted: of what was imported (``lib.App.route``, also through ``app = lib.App()``), else as written."""
    imported: bool
    """Whether the first word of ``name`` is known to come from an import."""
    kind: Literal["decorator", "base", "call", "verb"]
    target: str
    """Qualified name of the definition in its module; of what a call is given the dotted name that it was
    imported under, or one that begins with a dot if it is of the file or its package."""
    line: int
    """Of the definition, or of the call."""
    path: str = ""
    """A URL path among the arguments."""


_REGISTERS = re.compile(
    r"(?:^|\.)(?:add|register|map|connect|mount|(?:\w+_)?(?:route|resource|view|handler|endpoint|rule))$"
)
"""Names of what puts a handler on a path: ``add_route``, ``api.route``, ``router.register_view``."""


def hooks(tree: ast.Module, statements: Iterable[ImportStatement]) -> list[Hook]:
    """All hooks of a file, in the order of the text."""
    names = _imported(statements)
    own = {node.name for node in tree.body if isinstance(node, _DEFINITIONS)}
    found: list[Hook] = []
    waiting: list[tuple[list[ast.stmt], str]] = [(tree.body, "")]
    while waiting:
        body, around = waiting.pop()
        for node in body:
            if isinstance(node, _DEFINITIONS):
                target = f"{around}{node.name}"
                found += (_hook(names, one, "decorator", target, node) for one in node.decorator_list)
                if isinstance(node, ast.ClassDef):
                    found += (_hook(names, one, "base", target, node) for one in node.bases)
                    found += _verbs(node, target)
                    waiting.append((node.body, f"{target}."))
                else:
                    waiting.append((node.body, f"{target}.<locals>."))
            elif isinstance(node, ast.Assign):
                _assigned(names, node)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                found += _registered(names, own, node.value)
            else:
                waiting += ((inner, around) for inner in _blocks(node))
    return sorted((one for one in found if one.name), key=lambda one: (one.line, one.target))


_VERBS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH"})
_ON_VERBS = frozenset({"on_get", "on_post", "on_put", "on_delete", "on_patch"})
_REQUESTS = frozenset({"req", "request", "_req", "_request", "_"})


def _verbs(cls: ast.ClassDef, target: str) -> Iterator[Hook]:
    """A class that is served by the names of its methods: ``GET(self)``, ``on_get(self, req, resp)``."""
    for node in cls.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.args.args:
            names = [one.arg for one in node.args.args]
            asks = node.name in _ON_VERBS and len(names) > 2 and names[1] in _REQUESTS
            if (node.name in _VERBS and not node.decorator_list) or asks:
                yield Hook(node.name, False, "verb", target, cls.lineno)
                return


def _imported(statements: Iterable[ImportStatement]) -> dict[str, str]:
    """Name in the file -> the dotted name of what was imported under it, from outside the file's package."""
    names: dict[str, str] = {}
    for statement in statements:
        for name, other in statement.names:
            if statement.level > 0:
                names[other or name] = ""
            elif statement.module:
                names[other or name] = f"{statement.module}.{name}"
            elif other:
                names[other] = name
            else:
                names[name.partition(".")[0]] = name.partition(".")[0]
    return names


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(node, name, None)
        if inner:
            yield inner
    for name in ("handlers", "cases"):
        for part in getattr(node, name, ()):
            yield part.body


def _assigned(names: dict[str, str], node: ast.Assign) -> None:
    """``app = lib.App()`` makes ``app`` speak for the library."""
    if isinstance(node.value, ast.Call) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        maker = _dotted(node.value.func)
        head, dot, rest = maker.partition(".")
        if names.get(head):
            names.setdefault(node.targets[0].id, f"{names[head]}{dot}{rest}")


def _hook(
    names: dict[str, str],
    node: ast.expr,
    kind: Literal["decorator", "base"],
    target: str,
    definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> Hook:
    path = ""
    if isinstance(node, ast.Call):
        path = next(filter(None, map(_path, [*node.args, *(k.value for k in node.keywords)])), "")
        node = node.func
    elif isinstance(node, ast.Subscript):
        node = node.value
    written = _dotted(node)
    head, dot, rest = written.partition(".")
    imported = names.get(head)
    name = f"{imported}{dot}{rest}" if imported else written
    return Hook(name, bool(imported), kind, target, definition.lineno, path)


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _registered(names: dict[str, str], own: set[str], call: ast.Call) -> Iterator[Hook]:
    """What is put on a path: ``api.route(Boats, "boats", "/boats")``, ``add_route("/boats", Boats())``."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    path = next(filter(None, map(_path, given)), "")
    name = _dotted(call.func)
    if not path or not _REGISTERS.search(name):
        return
    head, dot, rest = name.partition(".")
    for node in given:
        value = node
        while isinstance(value, ast.Call):  # an instance, or ``View.as_view()``
            value = value.func
        written = _dotted(value).removesuffix(".as_view")
        first, inner_dot, inner = written.partition(".")
        if first in names or first in own:
            target = f"{names.get(first) or '.' + first}{inner_dot}{inner}"
            yield Hook(f"{names.get(head) or head}{dot}{rest}", True, "call", target, call.lineno, path)


def _dotted(node: ast.expr) -> str:
    """``a.b.c`` as written, calls on the way left out; empty where it does not begin with a name."""
    parts: list[str] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return ""
    return ".".join([node.id, *reversed(parts)])


def _path(node: ast.expr) -> str:
    """A constant that can only be meant as the path of a URL."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
        if text.startswith(("/", "^/")) and not any(c.isspace() for c in text) and len(text) < 500:
            return text
    return ""
