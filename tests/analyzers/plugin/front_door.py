"""The public names of the front door with the first line of what is written beside them in the source.

As a program it rewrites their table in docs/plugins.md (``python3 dev.py docs``) or checks it (``--check``),
and adds what is new to the record of this version's surface: what is recorded goes with a new version only.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
PAGE = ROOT / "docs" / "plugins.md"
DOOR = "strangler.analyzers.plugin"
START, END = "<!-- names: python3 dev.py docs -->\n", "<!-- end of names -->\n"


def source_of(module: str) -> ast.Module:
    path = importlib.import_module(module).__file__
    assert path is not None
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n\n")[0].replace("\n", " ").strip()


def written(module: str, name: str) -> str:
    """The documentation of a name where it is defined: a docstring, or the string after an assignment."""
    tree = source_of(module)
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return first_line(ast.get_docstring(node))
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            text = after.value if isinstance(after, ast.Expr) else None
            return first_line(text.value) if isinstance(text, ast.Constant) else ""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            return written(str(node.module), name)
    try:
        return first_line(ast.get_docstring(source_of(f"{module}.{name}")))  # a module
    except ImportError:
        return ""


def names() -> dict[str, str]:
    """Public name -> its first line."""
    return {name: written(DOOR, name) for name in sorted(importlib.import_module(DOOR).__all__)}


def surface() -> list[str]:
    """What plug-ins may build on: the names, the members of the front door's own classes, and those members
    of the run that the page names."""
    door = importlib.import_module(DOOR)
    found = set(door.__all__)
    for name in door.__all__:
        value = getattr(door, name)
        if inspect.isclass(value) and value.__module__.startswith(DOOR):
            found |= {f"{name}.{member}" for member in dir(value) if not member.startswith("_")}
    page = PAGE.read_text(encoding="utf-8")
    found |= {dotted.rstrip(".") for dotted in re.findall(r"`(interp\.[a-z_.]+)", page)}
    return sorted(found)


def record() -> Path:
    """Where the surface of this version is recorded, a name a line."""
    version = importlib.import_module(DOOR).API_VERSION
    return Path(__file__).with_name(f"surface_{version}.txt")


def table() -> str:
    """The names as a table."""
    rows = [f"| `{name}` | {' '.join(text.split())} |" for name, text in names().items()]
    return "\n".join(["| name | what it is |", "|---|---|", *rows]) + "\n"


def page_with(text: str, rows: str) -> str:
    """The page with another table."""
    head, _, rest = text.partition(START)
    return head + START + rows + END + rest.partition(END)[2]


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8")
    after = page_with(before, table())
    if "--check" in sys.argv and after != before:
        sys.exit("docs/plugins.md lists other names than the front door has: run `python3 dev.py docs`")
    PAGE.write_text(after, encoding="utf-8")
    kept = record().read_text(encoding="utf-8").splitlines() if record().exists() else []
    record().write_text("\n".join(sorted({*kept, *surface()})) + "\n", encoding="utf-8")
