"""What the fuzz begins with: small trees of real files, harvested from the tests and the samples."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Files = dict[str, bytes]
MOST = 40_000
"""Bytes of a file that is taken."""


def trees(further: list[Path]) -> list[Files]:
    """Trees that tests of the analyzers write, folders of the samples, and of further trees."""
    found = [tree for path in sorted((ROOT / "tests").rglob("test_*.py")) for tree in written(path)]
    for root in [*sorted((ROOT / "fixtures").iterdir()), *further]:
        found += folders(root) if root.is_dir() else []
    return found


def written(path: Path) -> Iterator[Files]:
    """The trees in a test: dicts of file names and texts, and longer texts that are Python."""
    tree = ast.parse(path.read_bytes())
    inside: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Dict):
            continue
        pairs = [
            (k.value, v.value)
            for k, v in zip(node.keys, node.values, strict=True)
            if isinstance(k, ast.Constant) and isinstance(v, ast.Constant)
            and isinstance(k.value, str) and isinstance(v.value, str) and k.value.endswith((".py", ".toml", ".html", ".cfg"))
        ]  # fmt: skip
        inside.update(map(id, node.values))
        if pairs and all(len(name) < 100 and not name.startswith(("/", "..")) for name, _ in pairs):
            yield {name: text.encode("utf-8", "surrogatepass") for name, text in pairs}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
            if text.count("\n") > 2 and any(word in text for word in ("import ", "class ", "def ", "@")):
                yield {"app/__init__.py": b"", "app/code.py": text.encode("utf-8", "surrogatepass")}


def folders(root: Path) -> Iterator[Files]:
    """The Python files of each folder, a dozen at most, by their paths below the root."""
    found: dict[Path, Files] = defaultdict(dict)
    for path in sorted(root.rglob("*.py")):
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        usable = path.is_file() and not path.is_symlink() and path.stat().st_size < MOST
        if usable and not hidden and len(found[path.parent]) < 12:
            found[path.parent][path.relative_to(root).as_posix()] = path.read_bytes()
    yield from found.values()
