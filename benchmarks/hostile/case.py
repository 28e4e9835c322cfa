"""One hostile or broken input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

Make = Callable[[Path, Path], AbstractContextManager[Sequence[str]]]
GOOD = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'good.settings')\n",
    "good/__init__.py": "",
    "good/settings.py": "INSTALLED_APPS = ['good']\nROOT_URLCONF = 'good.urls'\n",
    "good/urls.py": "urlpatterns = []\n",
    "good/models.py": "from django.db import models\n\n\nclass Good(models.Model):\n    name = models.TextField()\n",
}


@dataclass(frozen=True)
class Case:
    """An input: its name, how it is made, and what else has to hold."""

    name: str
    make: Make
    """(tree, file that planted programs write) -> arguments of ``strangler``; none: analyze the tree."""
    good: bool = True
    check: Callable[[Path], Sequence[str]] = lambda place: ()
    """What else is wrong with what was left behind."""


def plant(tree: Path) -> None:
    """The good model."""
    write(tree, GOOD)


def write(tree: Path, files: dict[str, str | bytes]) -> None:
    """Write files below a tree."""
    for name, content in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)


def made(change: Callable[[Path, Path], None]) -> Make:
    """A maker that only changes the tree."""

    @contextmanager
    def make(tree: Path, marker: Path) -> Iterator[Sequence[str]]:
        change(tree, marker)
        yield ()

    return make


def with_files(name: str, files: dict[str, str | bytes], **more: object) -> Case:
    """A case of files."""
    return Case(name, made(lambda tree, _: write(tree, files)), **more)  # type: ignore[arg-type]
