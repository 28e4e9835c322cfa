"""Django: installed apps, migrations, URL tables whose names every part of a page may ask for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files

import libcst as cst
import libcst.metadata as meta

from strangler.extraction.conventions import Conventions, Probed, Tie
from strangler.extraction.reader import Reader
from strangler.extraction.uses import Place, Substitute, dotted
from strangler.model import Endpoint
from strangler.model.lookup import last
from strangler.plans.view import View

_LISTS = re.compile(r"(^|_)APPS$")
"""Names of settings that hold installed apps."""
_CALLS = frozenset({"path", "re_path", "url"})
_DEPENDENCY = re.compile(r"""\(\s*["'](\w+)["']\s*,\s*["'](?:\d{4}_\w*|__first__|__latest__)["']""")
_CONVENTIONAL = ("apps", "models", "templatetags", "migrations", "checks", "signals")
"""Modules of an app that Django or its ``ready`` loads; admin and tasks are for the app's own service."""


class Django(Conventions):
    """What Django loads by the settings, and routes that answer elsewhere."""

    def __init__(self, view: View, reader: Reader) -> None:
        self._view = view
        self._reader = reader
        self._routes: dict[tuple[str, int], list[Endpoint]] = defaultdict(list)
        for endpoint in view.model.endpoints:
            if endpoint.framework == "django":
                self._routes[endpoint.file, endpoint.line].append(endpoint)
        paths = {file for file, _ in self._routes}
        self._tables = {name for name, module in reader.modules.items() if module.path in paths}
        self._tasks = {task.name: view.home(task.handler) for task in view.model.tasks}

    @cached_property
    def _apps(self) -> dict[str, str]:
        """Entry of INSTALLED_APPS -> the package of the monolith that it means."""
        found = {}
        for name, module in sorted(self._reader.modules.items()):
            if module.role == "settings":
                for text, _, _ in self._installed(name):
                    package = self._package(text)
                    if package is not None:
                        found[text] = package
        return found

    def _installed(self, module: str) -> list[tuple[str, cst.Element, int]]:
        source = self._reader.source(module)
        if source is None or source.syntax is None:
            return []
        visitor = _Apps(source.syntax)
        source.syntax.module.visit(visitor)
        return visitor.found

    def _package(self, text: str) -> str | None:
        """The package of ``shop.customers`` or ``shop.customers.apps.CustomersConfig``."""
        modules = self._reader.modules
        if text in modules:
            return text
        holder = text.rpartition(".")[0]
        if holder in modules and holder.rpartition(".")[0] in modules:
            return holder.rpartition(".")[0] if last(holder) == "apps" else holder
        return None

    def explains(self, module: str, text: str, line: int) -> bool:
        """Installed apps come along with their modules, tasks of others are theirs to schedule."""
        return self._reader.modules[module].role == "settings" and (text in self._apps or text in self._tasks)

    def held(self, modules: frozenset[str]) -> Iterator[Tie]:
        """What Django loads of the apps that are held."""
        working = modules - self._tables
        labels = {last(package): package for package in self._apps.values()}
        for package in sorted(set(self._apps.values())):
            if not any(name.startswith(f"{package}.") for name in working):
                continue
            for name in sorted(self._reader.modules):
                part = name[len(package) + 1 :].partition(".")[0] if name.startswith(f"{package}.") else ""
                if part in _CONVENTIONAL:
                    yield Tie(name, f"the app {package} loads it", package)
                if part == "migrations" and (source := self._reader.source(name)) is not None:
                    for label in _DEPENDENCY.findall(source.text):
                        other = labels.get(label)
                        if other is not None and f"{other}.models" in self._reader.modules:
                            yield Tie(
                                f"{other}.models", f"a migration of {package} builds on its tables", name
                            )

    def cuts(self, module: str, held: frozenset[str]) -> list[Place]:
        """Installed apps and scheduled tasks that were left behind."""
        if self._reader.modules[module].role != "settings":
            return []
        working = held - self._tables
        gone = [
            Place(element, line)
            for text, element, line in self._installed(module)
            if text in self._apps and not any(name.startswith(f"{self._apps[text]}.") for name in working)
        ]
        source = self._reader.source(module)
        if source is None or source.syntax is None:
            return gone
        visitor = _Schedules(source.syntax, {name for name, home in self._tasks.items() if home not in held})
        source.syntax.module.visit(visitor)
        return gone + visitor.found

    def substitute(self, module: str) -> Substitute | None:
        """Routes keep their names: the view of one that stays answers that it is elsewhere."""
        return _Views(self._reader.modules[module].path, self._routes) if module in self._tables else None

    def probed(self, module: str) -> Probed | None:
        """The first middleware of each list that settings write down."""
        source = self._reader.source(module)
        if self._reader.modules[module].role != "settings" or source is None or source.syntax is None:
            return None
        visitor = _Middleware(source.syntax)
        source.syntax.module.visit(visitor)
        return Probed(tuple(visitor.found), "health_django.py") if visitor.found else None

    def runtime(self, held: frozenset[str]) -> dict[str, bytes]:
        """The views that stand for those of others."""
        own = files("strangler.extraction.runtime").joinpath("django.py").read_bytes()
        return {"strangler_service/__init__.py": b"", "strangler_service/elsewhere.py": own}

    def imports(self) -> tuple[str, ...]:
        """What a changed URL table imports."""
        return ("from strangler_service import elsewhere\n",)


class _Apps(cst.CSTVisitor):
    """Elements of lists that are bound or added to a name of installed apps."""

    def __init__(self, wrapper: meta.MetadataWrapper) -> None:
        super().__init__()
        self._positions = wrapper.resolve(meta.PositionProvider)
        self.found: list[tuple[str, cst.Element, int]] = []

    def visit_Assign(self, node: cst.Assign) -> None:
        if any(_LISTS.search(dotted(target.target)) for target in node.targets):
            self._note(node.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None and _LISTS.search(dotted(node.target)):
            self._note(node.value)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if _LISTS.search(dotted(node.target)):
            self._note(node.value)

    def _note(self, value: cst.BaseExpression) -> None:
        if isinstance(value, cst.BinaryOperation):
            self._note(value.left)
            self._note(value.right)
        elif isinstance(value, (cst.List, cst.Tuple)):
            for element in value.elements:
                if isinstance(element, cst.Element) and isinstance(element.value, cst.SimpleString):
                    text = element.value.evaluated_value
                    if isinstance(text, str):
                        self.found.append((text, element, self._positions[element].start.line))


class _Middleware(cst.CSTVisitor):
    """Lists that are bound to ``MIDDLEWARE``."""

    def __init__(self, wrapper: meta.MetadataWrapper) -> None:
        super().__init__()
        self._positions = wrapper.resolve(meta.PositionProvider)
        self.found: list[Place] = []

    def visit_Assign(self, node: cst.Assign) -> None:
        if any(dotted(target.target) == "MIDDLEWARE" for target in node.targets):
            self._note(node.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None and dotted(node.target) == "MIDDLEWARE":
            self._note(node.value)

    def _note(self, value: cst.BaseExpression) -> None:
        while isinstance(value, cst.BinaryOperation):
            value = value.left
        if isinstance(value, (cst.List, cst.Tuple)):
            self.found.append(Place(value, self._positions[value].start.line, around=_with_probes))


def _with_probes(middleware: cst.List | cst.Tuple) -> cst.List | cst.Tuple:
    first = cst.Element(cst.SimpleString('"strangler_service.health_django.probes"'))
    written = list(middleware.elements)
    if written and isinstance(written[0].comma, cst.Comma):
        first = first.with_changes(comma=written[0].comma)
    return middleware.with_changes(elements=[first, *written])


class _Schedules(cst.CSTVisitor):
    """Entries of a beat schedule whose task was left behind."""

    def __init__(self, wrapper: meta.MetadataWrapper, gone: set[str]) -> None:
        super().__init__()
        self._positions = wrapper.resolve(meta.PositionProvider)
        self._gone = gone
        self.found: list[Place] = []

    def visit_DictElement(self, node: cst.DictElement) -> bool:
        entry = node.value
        for item in entry.elements if isinstance(entry, cst.Dict) else ():
            if (
                isinstance(item, cst.DictElement)
                and _text(item.key) == "task"
                and _text(item.value) in self._gone
            ):
                self.found.append(Place(node, self._positions[node].start.line))
                return False
        return True


def _text(node: cst.BaseExpression) -> str | None:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None


class _Views(Substitute):
    """Views of routes, and view sets of routers, that answer elsewhere."""

    def __init__(self, path: str, routes: dict[tuple[str, int], list[Endpoint]]) -> None:
        self._path = path
        self._routes = routes

    def expression(self, argument: cst.Arg, call: cst.Call, line: int) -> cst.BaseExpression | None:
        name = last(dotted(call.func))
        second = argument.keyword is None and len(call.args) > 1 and call.args[1] is argument
        named = argument.keyword is not None and argument.keyword.value in ("view", "viewset")
        if not (second or named):
            return None
        if name in _CALLS:
            return cst.parse_expression("elsewhere.view")
        if name == "register":
            return self._view_set(call, line)
        return None

    def _view_set(self, call: cst.Call, line: int) -> cst.BaseExpression | None:
        """``elsewhere.viewset("order", "pk", [("cancel", "cancel", True)])``."""
        prefix = _text(call.args[0].value)
        if not prefix:
            return None  # which part of a path is whose cannot be told
        found: dict[str, tuple[str, str, bool]] = {}
        base = lookup = None
        for endpoint in self._routes.get((self._path, line), ()):
            _, mark, rest = endpoint.path.rpartition(f"/{prefix}/")
            if not mark or "{format}" in endpoint.path or endpoint.name is None:
                continue
            parts = [part for part in rest.split("/") if part]
            if not parts:
                base = endpoint.name.removesuffix("-list")
            elif parts[0].startswith("{") and lookup is None:
                lookup = parts[0].strip("{}")
            extra = [part for part in parts if not part.startswith("{")]
            if len(extra) == 1 and parts[-1] == extra[0]:
                found[extra[0]] = (extra[0], endpoint.name, parts[0].startswith("{"))
        if base is None:
            return None
        actions = [
            (path, name.removeprefix(f"{base}-"), detail) for path, name, detail in sorted(found.values())
        ]
        return cst.parse_expression(f"elsewhere.viewset({base!r}, {lookup or 'pk'!r}, {actions!r})")
