"""Files of our own that are damaged, edited or missing: models, baselines, plans, caches, outputs."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from case import Case, plant, write

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "garbage": lambda content: b"\x00\xff" * 500,
    "list": lambda content: b"[]",
    "deep": lambda content: b"[" * 100_000 + b"]" * 100_000,
    "null": lambda content: b"null",
    "types": lambda content: content.replace(b'"line"', b'"lime"').replace(b": 1", b': "1"'),
    "numbers": lambda content: content.replace(b": 1", b": " + b"9" * 5000),
    "not-utf-8": lambda content: content.replace(b'": "', b'": "\xf5', 1),
    "positions": lambda content: content.replace(b'"routes": [', b'"routes": [99,').replace(
        b'"routes": [99,\n  {', b'"routes": [\n  {'
    ),
    "names": lambda content: content.replace(b"good", b"\\u0000<b>"),
}


@functools.cache
def finished() -> Path:
    """A tree that was analysed and planned, with its cache."""
    place = Path(tempfile.mkdtemp(prefix="hostile-store-"))
    plant(place / "tree") if (place / "tree").mkdir() is None else None
    write(place / "tree", {
        "good/urls.py": "from django.urls import path\nfrom good import views\nurlpatterns = [path('a/', views.a)]\n",
        "good/views.py": "from good.models import Good\ndef a(r):\n    Good.objects.create(name='x')\n",
    })  # fmt: skip
    for arguments in (
        ["analyze", "tree", "-o", "out", "-q"],
        ["plan", "good", "--model", "out", "-o", "plan"],
        ["check", "tree", "--baseline", "baseline.json", "--update-baseline"],
    ):
        environment = {**os.environ, "STRANGLER_CACHE_DIR": str(place / "cache")}
        command = [sys.executable, "-m", "strangler", *arguments]
        subprocess.run(command, cwd=place, env=environment, capture_output=True, check=True)
    return place


def damaged(
    pattern: str, damage: Callable[[bytes], bytes], arguments: Sequence[str]
) -> Callable[[Path, Path], Any]:
    """Everything that matches is damaged, then the verb is run."""

    @contextmanager
    def make(tree: Path, _: Path) -> Iterator[Sequence[str]]:
        place = tree.parent
        shutil.rmtree(tree)
        shutil.copytree(finished(), place, dirs_exist_ok=True)
        found = [path for path in place.glob(pattern) if path.is_file()]
        if not found:
            raise AssertionError(f"nothing is called {pattern}")
        for path in found:
            path.write_bytes(damage(path.read_bytes()))
        yield arguments

    return make


VERBS: dict[str, tuple[str, list[str]]] = {
    "report": ("out/model.json", ["report", "out", "--format", "markdown"]),
    "explain": ("out/model.json", ["explain", "good.models", "--model", "out"]),
    "plan": ("out/model.json", ["plan", "good", "--model", "out", "-o", "plan2"]),
    "extract": ("out/model.json", ["extract", "good", "--model", "out", "--source", "tree", "-o", "service"]),
    "accept": ("out/model.json", ["accept", "--model", "out", "--source", "tree", "-o", "b.toml"]),
    "diff": ("out/model.json", ["diff", "out", "out"]),
    "prior": ("out/model.json", ["analyze", "tree", "-o", "out", "-q"]),
    "baseline": ("baseline.json", ["check", "tree", "--baseline", "baseline.json"]),
    "runs": ("cache/runs/*/*", ["analyze", "tree", "-o", "out", "-q"]),
    "facts": ("cache/*.sqlite*", ["analyze", "tree", "-o", "out2", "-q"]),
    "routes": (
        "plan/routing/routes.json",
        ["verify", "routes", "plan", "--gateway-url", "http://127.0.0.1:9"],
    ),
    "plan-json": ("plan/plan.json", ["record", "plan", "--target", "http://127.0.0.1:9"]),
    "plan-files": ("plan/.strangler-files.json", ["plan", "good", "--model", "out", "-o", "plan"]),
    "schedule": ("out/model.json", ["progress", "out/model.json", "out/model.json"]),
}
CASES = [
    Case(f"{verb}-{name}", damaged(pattern, damage, arguments), good=False)
    for verb, (pattern, arguments) in VERBS.items()
    for name, damage in DAMAGES.items()
]
