"""Which tests move with a service: those that reach nothing, and ask for no route, that stays behind."""

from __future__ import annotations

import ast
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from strangler.extraction.reader import Reader
from strangler.extraction.syntax import tree_of
from strangler.extraction.testing.units import ALWAYS, Binding, Tests, Unit, imported
from strangler.extraction.values import LeftTest
from strangler.model.lookup import ancestors, home, parent
from strangler.plans.view import View
from strangler.routing.matching import expression

Key = tuple[str, str]
"""Module and unit."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""A line as Python counts them: neither a form feed nor a line separator of Unicode ends one."""
MOST = 400
"""Paths of URLs of one module of tests that are looked at; a larger one stays as a whole."""


class Moved(NamedTuple):
    """The tests of a service."""

    files: dict[str, bytes]
    """Modules by path, cut."""
    tests: tuple[str, ...]
    """``tests/test_shop.py::OrderTest::test_an_order``."""
    left: tuple[LeftTest, ...]


def moved(view: View, reader: Reader, held: frozenset[str]) -> Moved:
    """The tests that exercise only what a service holds, with the fixtures and helpers that they need.

    Args:
        view: the context.
        reader: the monolith's files.
        held: the service's modules.
    """
    return _Moving(view, reader, held).found()


class Broken(NamedTuple):
    """The tests of a monolith that a context has left."""

    red: tuple[LeftTest, ...]
    """Those that reach what goes, or ask for a route that it answered."""
    files: dict[str, bytes | None]
    """Modules without those of them that run with the service; None: nothing is left of it."""


def broken(view: View, reader: Reader, gone: frozenset[str], running: Iterable[str]) -> Broken:
    """The tests that a removal makes red.

    Args:
        view: all but the context.
        reader: the monolith's files.
        gone: the modules that go.
        running: tests that run with the service.
    """
    return _Moving(view, reader, frozenset(reader.modules) - gone, rest=True).without(frozenset(running))


class _Moving:
    def __init__(self, view: View, reader: Reader, held: frozenset[str], *, rest: bool = False) -> None:
        self._view = view
        self._reader = reader
        self._held = held
        self._leaves = "goes" if rest else "stays"
        self._answers = "the service answers" if rest else "the monolith answers"
        self._routes = _Routes(view, held, rest=rest)
        self._commands = {row.name: home(row.handler, reader.modules) for row in view.model.commands}
        self._modules: dict[str, Tests] = {}
        for name, module in sorted(reader.modules.items()):
            source = reader.source(name) if module.role == "test" else None
            tree = tree_of(source.data, source.path) if source is not None else None
            if source is not None and tree is not None:
                self._modules[name] = Tests(source, tree)
        self._support: set[str] = set()

    def without(self, running: frozenset[str]) -> Broken:
        """The tests that what goes makes red, and the modules without those that run elsewhere."""
        reasons, asked = self._reasons()
        red = {key: self._test(key) for key in reasons if self._unit(key).is_test}
        cut = {key: reasons[key] for key, test in red.items() if test in running}
        kept = self._reached(cut, asked)
        files: dict[str, bytes | None] = {}
        for name in sorted({module for module, _ in cut}):
            tests = self._modules[name]
            whole = all((name, unit.name) in cut for unit in tests.units.values() if unit.is_test)
            used = any(module == name and unit != ALWAYS for module, unit in kept)
            files[tests.source.path] = None if whole and not used else self._written(name, tests, kept)
        found = (LeftTest(test=test, because=reasons[key]) for key, test in red.items())
        return Broken(tuple(sorted(found)), files)

    def _unit(self, key: Key) -> Unit:
        return self._modules[key[0]].units[key[1]]

    def _test(self, key: Key) -> str:
        return f"{self._modules[key[0]].source.path}::{key[1].replace('.', '::')}"

    def _reasons(self) -> tuple[dict[Key, str], dict[Key, list[Key]]]:
        """Why a unit cannot be where the service or the rest is, and what each unit asks for."""
        reasons: dict[Key, str] = {}
        users: dict[Key, list[Key]] = defaultdict(list)
        asked: dict[Key, list[Key]] = {}
        for name, tests in self._modules.items():
            prefixes = _prefixes(tests)
            for unit in tests.units.values():
                key = (name, unit.name)
                asked[key] = list(self._edges(name, tests, unit))
                for other in asked[key]:
                    users[other].append(key)
                problem = next(self._problems(name, tests, unit, prefixes), None)
                if problem is not None:
                    reasons[key] = problem
        queue = deque(sorted(reasons))
        while queue:
            key = queue.popleft()
            for user in users[key]:
                if user not in reasons:
                    reasons[user] = reasons[key]
                    queue.append(user)
        return reasons, asked

    def found(self) -> Moved:
        """The tests that can run without what is left behind."""
        reasons, asked = self._reasons()
        kept = self._reached(reasons, asked)
        files = {}
        for name in sorted({module for module, _ in kept}):
            tests = self._modules[name]
            files[tests.source.path] = self._written(name, tests, kept)
            for package in ancestors(parent(name)):
                source = self._reader.source(package) if package in self._reader.modules else None
                if source is not None and package not in self._held:
                    files.setdefault(source.path, source.data if package in self._modules else b"")
        for name in sorted(self._support):
            source = self._reader.source(name)
            if source is not None:
                files[source.path] = source.data
                for package in ancestors(parent(name)):
                    above = self._reader.source(package) if package in self._reader.modules else None
                    if above is not None and package not in self._held:
                        files.setdefault(above.path, above.data)
        done, left = [], []
        for name, tests in self._modules.items():
            for unit in tests.units.values():
                if unit.is_test:
                    test = self._test((name, unit.name))
                    if (name, unit.name) in kept:
                        done.append(test)
                    else:
                        left.append(LeftTest(test=test, because=reasons[name, unit.name]))
        return Moved(files, tuple(sorted(done)), tuple(sorted(left)))

    def _reached(self, reasons: dict[Key, str], asked: dict[Key, list[Key]]) -> set[Key]:
        """The tests without a reason to stay, and all that they ask for."""
        queue = [
            (name, unit.name)
            for name, tests in self._modules.items()
            for unit in tests.units.values()
            if unit.is_test and (name, unit.name) not in reasons
        ]
        kept: set[Key] = set()
        while queue:
            key = queue.pop()
            if key not in kept:
                kept.add(key)
                queue += asked.get(key, ())
        return kept

    def _edges(self, name: str, tests: Tests, unit: Unit) -> Iterator[Key]:
        """Other units that a unit cannot be without."""
        if unit.name != ALWAYS:
            yield name, ALWAYS
        for used in sorted(unit.names):
            yield from self._bound(name, tests.bindings.get(used, ()))
        owner = unit.name.partition(".")[0]
        for method in sorted(unit.methods):
            yield from self._method(name, owner, method, set())
        for module, _, of in ((m, 0, n) for m, n, _ in unit.imports):
            yield from self._bound(name, [Binding(module, of)])
        for fixture in sorted(unit.fixtures):
            yield from self._fixture(name, owner, fixture)
        for module in self._scopes(name):
            yield module, ALWAYS
            for other in self._modules[module].units.values():
                if other.autouse and "." not in other.name and other is not unit:
                    yield module, other.name

    def _bound(self, name: str, bindings: Iterable[Binding]) -> Iterator[Key]:
        for binding in bindings:
            if not binding.module:
                yield name, binding.name
                continue
            whole = f"{binding.module}.{binding.name}" if binding.name else binding.module
            if whole in self._modules:
                yield from ((whole, unit) for unit in self._modules[whole].units)
            elif binding.module in self._modules:
                target = self._modules[binding.module]
                yield binding.module, ALWAYS
                if binding.name in target.bindings:
                    yield from self._bound(binding.module, target.bindings[binding.name])
                else:
                    yield from ((binding.module, unit) for unit in target.units)

    def _method(self, name: str, owner: str, method: str, seen: set[Key]) -> Iterator[Key]:
        if (name, owner) in seen or name not in self._modules:
            return
        seen.add((name, owner))
        tests = self._modules[name]
        if f"{owner}.{method}" in tests.units:
            yield name, f"{owner}.{method}"
            return
        for base in tests.bases.get(owner, ()):
            for binding in tests.bindings.get(base.partition(".")[0], ()):
                of = binding.module or name
                yield from self._method(of, binding.name or base.rpartition(".")[2], method, seen)

    def _fixture(self, name: str, owner: str, fixture: str) -> Iterator[Key]:
        if f"{owner}.{fixture}" in self._modules[name].units:
            yield name, f"{owner}.{fixture}"
            return
        for module in (name, *self._scopes(name)):
            bindings = self._modules[module].bindings.get(fixture)
            if bindings:
                yield from self._bound(module, bindings)
                return

    def _scopes(self, name: str) -> list[str]:
        """The ``conftest`` modules that pytest loads for a module of tests, the nearest first."""
        folder = self._modules[name].source.path.rpartition("/")[0]
        found = []
        for module, tests in self._modules.items():
            head, _, file = tests.source.path.rpartition("/")
            if (
                file == "conftest.py"
                and module != name
                and f"{folder}/".startswith(f"{head}/" if head else "")
            ):
                found.append((len(head), module))
        return [module for _, module in sorted(found, reverse=True)]

    def _problems(self, name: str, tests: Tests, unit: Unit, prefixes: list[str]) -> Iterator[str]:
        targets = [binding for used in sorted(unit.names) for binding in tests.bindings.get(used, ())]
        targets += [Binding(module, of, line) for module, of, line in unit.imports]
        for binding in targets:
            module = self._meant(binding)
            if module is not None and module not in self._held and module not in self._modules:
                yield f"works with {module}, which {self._leaves}"
        for text, _ in unit.dotted:
            module = self._reader.named(text)
            if module is not None and module not in self._held and module not in self._modules:
                yield f"names {text}, which {self._leaves}"
        for command, _ in unit.commands:
            words = command.split(" ")
            named = (" ".join(words[:number]) for number in range(1, min(len(words), 3) + 1))
            owner = next((self._commands[one] for one in named if one in self._commands), None)
            if owner is not None and owner not in self._held and not self._supports(owner):
                yield f"runs the command {command}, which {self._leaves}"
        if len(unit.paths) > MOST and self._leaves == "stays":
            yield "asks for more paths than are looked at"
            return
        for path, _ in unit.paths:
            if self._routes.stays(path, prefixes):
                may = f"may mean a route that {self._answers}" if "{}" in path else self._answers
                yield f"asks for {path}, which {may}"
        for route, _ in unit.routes:
            if not self._routes.named(route):
                yield f"asks for the route {route}, which {self._answers}"

    def _meant(self, binding: Binding) -> str | None:
        """The module of the monolith that a name comes from."""
        if not binding.module:
            return None
        whole = f"{binding.module}.{binding.name}" if binding.name else binding.module
        return next((found for found in (whole, binding.module) if found in self._reader.modules), None)

    def _supports(self, module: str) -> bool:
        """Whether a command can come along for the tests: the service holds all that it imports."""
        if self._leaves == "goes":
            return False
        rows = [
            row for row in self._view.model.imports if row.importer == module and row.kind != "type_checking"
        ]
        if all(row.imported in self._held or row.imported in ancestors(module) for row in rows):
            self._support.add(module)
            return True
        return False

    def _written(self, name: str, tests: Tests, kept: set[Key]) -> bytes:
        """A module without the units that stay, and without imports of what stays."""
        lines = _LINE.findall(tests.source.text)
        gone: set[int] = set()
        for unit in tests.units.values():
            if unit.name != ALWAYS and (name, unit.name) not in kept:
                for first, last in unit.lines:
                    gone.update(range(first, last + 1))
        rewritten: dict[int, str] = {}
        for node in ast.walk(tree_of(tests.source.data, tests.source.path) or ast.Module([], [])):
            if isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno not in gone:
                stays = [alias for alias in node.names if not self._imports(tests, node, alias, kept)]
                if len(stays) < len(node.names):
                    gone.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
                    node.names = stays
                    indent = " " * node.col_offset
                    rewritten[node.lineno] = f"{indent}{ast.unparse(node) if stays else 'pass'}\n"
                    if not stays and not node.col_offset:
                        rewritten[node.lineno] = ""
        out = [rewritten.get(number, "") if number in gone else line for number, line in enumerate(lines, 1)]
        return "".join(out).encode("utf-8")

    def _imports(
        self, tests: Tests, node: ast.Import | ast.ImportFrom, alias: ast.alias, kept: set[Key]
    ) -> bool:
        """Whether a part of an import is of what stays."""
        one: ast.Import | ast.ImportFrom = ast.Import([alias])
        if isinstance(node, ast.ImportFrom):
            one = ast.ImportFrom(node.module, [alias], node.level)
        return any(self._stays(Binding(module, of), kept) for _, module, of in imported(tests.source, one))

    def _stays(self, binding: Binding, kept: set[Key]) -> bool:
        module = self._meant(binding)
        if module is None or module in self._held:
            return False
        if module not in self._modules:
            return True
        return kept.isdisjoint(key for key in self._bound(module, [binding]) if key[1] != ALWAYS)


class _Route(NamedTuple):
    regex: str
    parts: list[str]
    here: bool

    def may_mean(self, path: str) -> bool:
        """Whether a path, with what is put in at run time, may be one of the route's."""
        if "{}" not in path:
            return expression(self.regex).fullmatch(path) is not False
        parts = path.strip("/").split("/")
        return len(parts) == len(self.parts) and all(
            one == other or "{" in one or "{" in other for one, other in zip(parts, self.parts, strict=True)
        )


class _Routes:
    """The monolith's routes by the paths and names under which tests ask for them."""

    def __init__(self, view: View, held: frozenset[str], *, rest: bool) -> None:
        self._rest = rest
        self._by_head: dict[str, list[_Route]] = defaultdict(list)
        self._names: dict[str, bool] = {}
        for item in view.model.endpoints:
            at = view.home(item.handler)
            here = at in held or (rest and at is None)
            parts = item.path.strip("/").split("/")
            self._by_head["{" if "{" in parts[0] else parts[0]].append(_Route(item.regex, parts, here))
            if item.name:
                for name in (item.name, item.name.rpartition(":")[2]):
                    self._names[name] = self._names.get(name, True) and here

    def stays(self, path: str, prefixes: Iterable[str]) -> bool:
        """Whether one of the routes that a path may mean is not answered by the service."""
        return any(
            not route.here and route.may_mean(prefix + path)
            for prefix in ("", *prefixes)
            for route in self._like(prefix + path)
        )

    def _like(self, path: str) -> Iterator[_Route]:
        head = path.strip("/").partition("/")[0]
        if "{}" in head:
            yield from (route for found in self._by_head.values() for route in found)
        else:
            yield from self._by_head.get(head, ())
            yield from self._by_head["{"]

    def named(self, name: str) -> bool:
        """Whether a route of that name is answered; unknown names are the monolith's."""
        return self._names.get(name, self._rest)


def _prefixes(tests: Tests) -> list[str]:
    """Beginnings of paths that helpers put before what a test hands them: ``"/api/v1" + url``."""
    found = {
        path.removesuffix("{}").rstrip("/")
        for unit in tests.units.values()
        if not unit.is_test
        for path, _ in unit.paths
        if path.endswith("{}") or not path.endswith("/")
    }
    return sorted(found - {""})[:4]
