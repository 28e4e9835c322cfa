"""A module of tests as its parts: tests, fixtures, helpers, and what each of them asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from strangler.extraction.reader import Source

ALWAYS = ""
"""Name of the part that is run whenever the module is: statements that define nothing."""
_REVERSED = frozenset({"reverse", "reverse_lazy", "url_for", "redirect", "resolve_url"})
_SET_UP = frozenset(
    {
        "setUp", "tearDown", "setUpClass", "tearDownClass", "setUpTestData", "asyncSetUp", "asyncTearDown",
        "setup_method", "teardown_method", "setup_class", "teardown_class", "setUpModule", "tearDownModule",
        "setup_module", "teardown_module", "setup", "teardown",
    }
)  # fmt: skip


@dataclass
class Unit:
    """A definition at the top of a module of tests, or a method of a class there."""

    name: str
    """``function``, ``Class``, ``Class.method``, or ``ALWAYS``."""
    lines: list[tuple[int, int]] = field(default_factory=list)
    """First and last line, decorators with them; those of ``ALWAYS`` cannot be taken out."""
    names: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    """Names taken from ``self`` or ``cls``."""
    fixtures: set[str] = field(default_factory=set)
    imports: list[tuple[str, str, int]] = field(default_factory=list)
    """Module, name and line of each import inside."""
    paths: list[tuple[str, int]] = field(default_factory=list)
    """Paths of URLs, a part that is put in at run time as ``{}``."""
    routes: list[tuple[str, int]] = field(default_factory=list)
    """Names of routes that are reversed."""
    commands: list[tuple[str, int]] = field(default_factory=list)
    """Names of commands that may be run, with or without arguments."""
    dotted: list[tuple[str, int]] = field(default_factory=list)
    """Dotted names in strings: what is patched."""
    is_test: bool = False
    autouse: bool = False


@dataclass
class Binding:
    """What a name of the module stands for: an import, or where ``module`` is empty one of its units."""

    module: str = ""
    name: str = ""
    line: int = 0


class Tests:
    """A module of tests.

    Args:
        source: its file.
        tree: its syntax.
    """

    def __init__(self, source: Source, tree: ast.Module) -> None:
        self.source = source
        self.units: dict[str, Unit] = {ALWAYS: Unit(ALWAYS)}
        self.bindings: dict[str, list[Binding]] = {}
        self.bases: dict[str, list[str]] = {}
        for statement in tree.body:
            self._read(statement)

    def _read(self, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            self._bind(statement)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and not _asked(statement.name):
            self._define(statement.name, statement)
            self._note(self._unit(statement.name, statement), statement)
        elif isinstance(statement, ast.ClassDef):
            self._define(statement.name, statement)
            self._class(statement)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and (names := _targets(statement)):
            unit = self._unit(names[0], statement)
            if "pytestmark" in names:
                unit = self.units[ALWAYS]
            for name in names:
                self._define(name, statement, of=unit.name)
            self._note(unit, statement)
        else:
            for node in ast.walk(statement):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    self._bind(node)
                elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    self._define(node.name, statement, of=ALWAYS)
            self._note(self.units[ALWAYS], statement)

    def _define(self, name: str, statement: ast.stmt, of: str | None = None) -> None:
        self.bindings.setdefault(name, []).append(
            Binding(name=name if of is None else of, line=statement.lineno)
        )

    def _bind(self, node: ast.Import | ast.ImportFrom) -> None:
        for bound, module, name in imported(self.source, node):
            self.bindings.setdefault(bound, []).append(Binding(module, name, node.lineno))

    def _unit(self, name: str, node: ast.stmt) -> Unit:
        unit = self.units.setdefault(name, Unit(name))
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(item.lineno for item in decorators)])
        unit.lines.append((first, node.end_lineno or node.lineno))
        unit.is_test |= name.rpartition(".")[2].startswith("test") and isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef)
        )
        unit.autouse |= any("autouse=True" in ast.unparse(item) for item in decorators)
        return unit

    def _class(self, node: ast.ClassDef) -> None:
        unit = self._unit(node.name, node)
        self.bases[node.name] = [ast.unparse(base) for base in node.bases]
        for part in [*node.bases, *node.keywords, *node.decorator_list]:
            self._note(unit, part)
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if statement.name in _SET_UP:
                    self._note(unit, statement)
                    continue
                method = self._unit(f"{node.name}.{statement.name}", statement)
                method.names.add(node.name)
                self._note(method, statement)
                if method.autouse:
                    self._note(unit, statement)
            else:
                self._note(unit, statement)

    def _note(self, unit: Unit, top: ast.AST) -> None:
        for node in ast.walk(top):
            if isinstance(node, ast.Name):
                unit.names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id in ("self", "cls"):
                    unit.methods.add(node.attr)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                unit.imports += [
                    (module, name, node.lineno) for _, module, name in imported(self.source, node)
                ]
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                unit.fixtures.update(argument.arg for argument in arguments)
                for decorator in node.decorator_list:
                    unit.fixtures.update(_texts(decorator) if "usefixtures" in ast.unparse(decorator) else ())
            elif isinstance(node, ast.Call):
                self._call(unit, node)
            elif isinstance(node, ast.List):  # a command with its arguments, as click's runners take it
                unit.commands.append((" ".join(_texts(node)), node.lineno))
        unit.paths += _paths(top)
        unit.dotted += [
            (text, line)
            for text, line in self.source.strings
            if _inside(line, top) and not text[:1].isdigit()
        ]

    @staticmethod
    def _call(unit: Unit, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0] if node.args else None
        text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
        if text is None:
            return
        if name in _REVERSED and not text.startswith(("/", "http")):
            unit.routes.append((text, node.lineno))
        elif name == "call_command":
            unit.commands.append((text, node.lineno))


def imported(source: Source, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str, str]]:
    """The name that each part of an import binds, the module, and what of it."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0], alias.name, ""
        return
    base = node.module or ""
    if node.level:
        parts = source.module.split(".")
        up = node.level - (1 if source.is_package else 0)
        head = ".".join(parts[: len(parts) - up] if up else parts)
        base = ".".join(part for part in (head, base) if part)
    for alias in node.names:
        yield alias.asname or alias.name, base, alias.name


def _asked(name: str) -> bool:
    """Whether the runner calls a function of a module by its name, whatever the tests are."""
    return name in _SET_UP or name.startswith("pytest_") or name == "load_tests"


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [
        item.id
        for target in targets
        for item in ast.walk(target)
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)  # not os in os.environ["X"] = "1"
    ]


def _texts(node: ast.AST) -> Iterable[str]:
    return [
        item.value
        for item in ast.walk(node)
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    ]


def _inside(line: int, node: ast.AST) -> bool:
    return getattr(node, "lineno", 0) <= line <= (getattr(node, "end_lineno", 0) or 0)


def _paths(top: ast.AST) -> Iterator[tuple[str, int]]:
    """Strings that are paths of URLs, without their query."""
    inside = {id(part) for node in ast.walk(top) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(top):
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
        else:
            continue
        path = text.partition("?")[0].partition("#")[0]
        if path.startswith("/") and len(path) > 1 and not any(char.isspace() for char in path):
            yield path, node.lineno
