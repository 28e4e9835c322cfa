"""The tree is the architecture, and the project's own rules hold for itself."""

import ast
import collections.abc
import contextlib
import functools
import importlib
import re
import subprocess
import sys
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

from strangler.analyzers.plugin import Claims, Framework, Knowledge
from strangler.analyzers.plugin.framework import FRAMEWORKS
from strangler.analyzers.python import builtins
from strangler.sources import scan

HERE = Path(__file__).parent.parent
PACKAGE = HERE / "src" / "strangler"


def layers() -> list[set[str]]:
    document = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    contract = document["tool"]["importlinter"]["contracts"][0]
    return [{name.strip(" ()") for name in layer.split("|")} for layer in contract["layers"]]


def test_imports_go_down_the_layers_only():
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def imported(tree: ast.AST, modules: set[str]) -> Iterator[str]:
    """What a module imports of the package, also inside functions; what is for type hints alone aside."""
    for node in ast.iter_child_nodes(tree):
        for_hints = isinstance(node, ast.If) and isinstance(node.test, ast.Name)
        if isinstance(node, ast.expr) or (for_hints and node.test.id == "TYPE_CHECKING"):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield from modules & {f"{node.module}.{alias.name}"} or modules & {node.module}
        elif isinstance(node, ast.Import):
            yield from modules & {alias.name for alias in node.names}
        yield from imported(node, modules)


def test_modules_do_not_import_each_other_in_a_circle():
    """Not even inside functions, where nothing else would tell."""
    files = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    graph = nx.DiGraph(
        (name, target)
        for name, path in files.items()
        for target in imported(ast.parse(path.read_text(encoding="utf-8")), set(files))
        if target != name
    )
    assert graph.number_of_edges() > 2_000
    assert [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1] == []


def test_every_part_of_the_package_has_a_layer():
    parts = {
        f"strangler.{path.stem}"
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or list(path.glob("**/*.py"))
        if not path.stem.startswith("__")
    }
    assert parts - set().union(*layers()) == set()


def test_the_package_can_neither_run_strings_nor_load_pickles():
    """What could run analysed code, or a planted cache, does not occur at all."""
    calls, modules = {"exec", "eval", "__import__"}, {"pickle", "shelve", "marshal", "runpy"}
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = set()
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                names = {node.func.id} & calls
            elif isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names} & modules
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").partition(".")[0]} & modules
            elif isinstance(node, ast.keyword) and node.arg == "shell":
                names = {"shell="}
            found += [f"{path.relative_to(HERE)}:{node.lineno}: {name}" for name in sorted(names)]
    assert found == []


def test_test_modules_have_names_of_their_own():
    """pytest imports them by their file name alone."""
    names = [path.name for path in (HERE / "tests").rglob("test_*.py")]
    assert {name for name in names if names.count(name) > 1} == set()


ELSEWHERE = {"SqlAlchemy": {"flask"}}
"""What a framework says of another's library, for its own sake: a session in ``flask.g``."""


def tables(knowledge: Knowledge) -> dict[str, Claims[object] | set[str]]:
    return {name: table for name, table in vars(knowledge).items() if isinstance(table, Claims | set)}


def loaded(path: str) -> type[Framework]:
    module, _, name = path.partition(":")
    framework: type[Framework] = getattr(importlib.import_module(module), name)
    return framework


@pytest.mark.parametrize("path", FRAMEWORKS)
def test_what_a_framework_says_is_about_its_packages(path: str, tmp_path: Path) -> None:
    """Else a monolith that imports another of them would not be told."""
    framework = loaded(path)
    knowledge = Knowledge()
    builtins.teach(knowledge)
    own = {name: set(table) for name, table in tables(knowledge).items()}
    framework(scan(tmp_path)).teach(knowledge)
    by_last_name = {"endings", "attribute_endings", "guesses", "callable_makers"}
    roots = {
        key.partition(".")[0]
        for name, table in tables(knowledge).items()
        if name not in by_last_name
        for key in set(table) - own[name]
    }
    if not framework.always:
        known = {
            *framework.packages,
            *framework.partly,
            *sys.stdlib_module_names,
            *ELSEWHERE.get(framework.__name__, ()),
        }
        assert roots - known == set(), "name them in `packages` or `partly`"


AFTER_THE_MODEL = ("contexts", "plans", "checks", "reports", "routing", "contracts", "commands")


def test_no_stage_after_the_model_takes_names_apart_by_itself():
    """``model.lookup`` says in which module a dotted name lies, and what its last part is."""
    found = []
    for part in AFTER_THE_MODEL:
        for path in sorted((PACKAGE / part).rglob("*.py")):
            name = path.relative_to(PACKAGE).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in ("rpartition", "rsplit")
                    and any(isinstance(a, ast.Constant) and a.value == "." for a in node.args)
                ):
                    found.append(f"{name}:{node.lineno}")
    assert found == []


def test_the_page_of_the_front_door_lists_its_names() -> None:
    program = HERE / "tests" / "analyzers" / "plugin" / "front_door.py"
    done = subprocess.run(
        [sys.executable, str(program), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of the strings of a file that are no documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def test_the_language_knows_no_library() -> None:
    """What a package of a framework means is said by the framework, even where it only wraps Python's own."""
    packages = {
        package
        for framework in map(loaded, FRAMEWORKS)
        for package in (*framework.packages, *framework.partly)
    } - sys.stdlib_module_names
    assert {"django", "flask", "werkzeug", "sqlalchemy"} <= packages
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {text}"
        for path in sorted((PACKAGE / "analyzers" / "python").rglob("*.py"))
        for line, text in strings(path)
        if packages & {word.partition(".")[0] for word in re.split(r"[^\w.]", text)}
    ]
    assert found == []


def test_the_language_knows_no_name_of_a_library(tmp_path: Path) -> None:
    """Nor the names of their classes and methods: they are given to it through ``Knowledge``."""
    knowledge = Knowledge()
    builtins.teach(knowledge)
    own = {key.rpartition(".")[2] for table in tables(knowledge).values() for key in table}
    tree = scan(tmp_path)
    for framework in map(loaded, FRAMEWORKS):
        with knowledge.claimed_by(framework.name):
            framework(tree).teach(knowledge)
    keys = {key.rpartition(".")[2] for table in tables(knowledge).values() for key in table} - own
    compound = {key for key in keys if re.search(r"[a-z0-9][A-Z_]", key) and not key.startswith("__")}
    pythons = {name for module in (collections.abc, contextlib, functools, typing) for name in dir(module)}
    names = compound - pythons | {"Flask", "Starlette", "objects", "request", "route", "urlpatterns"}
    assert {"FastAPI", "add_url_rule", "include_router", "as_view"} <= names
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {text}"
        for path in sorted((PACKAGE / "analyzers" / "python").rglob("*.py"))
        for line, text in strings(path)
        if names & set(re.split(r"\W", text))
    ]
    assert found == []


def test_no_class_is_told_by_its_name() -> None:
    """``type(value).__name__`` is for messages: what is asked of a value is asked of its class."""
    found = []
    for path in sorted((PACKAGE / "analyzers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and ".__name__" in ast.unparse(node):
                text = ast.unparse(node)
                if re.search(r"type\(.*\)\.__name__|__class__\.__name__", text):
                    found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {text}")
    assert found == []


def test_neither_the_front_door_nor_routing_knows_a_framework_by_name() -> None:
    """What is particular to one is said by itself: readers of requests, traits of routes, schemas."""
    names = {path.rpartition(".")[2].partition(":")[0] for path in FRAMEWORKS} | {
        "starlette",
        "rest_framework",
    }
    names -= {"commands", "configuration", "plugins", "signals", "templates"}
    found = []
    for part in ("analyzers/plugin", "routing"):
        for path in sorted((PACKAGE / part).rglob("*.py")):
            found += [
                f"{path.relative_to(PACKAGE)}:{line}: {text}"
                for line, text in strings(path)
                if text not in FRAMEWORKS and names & set(re.split(r"\W", text))
            ]
    assert found == []
