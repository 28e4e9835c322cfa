"""Files that are none, names that are odd, links that lead elsewhere."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from case import Case, made, write

MODEL = "from django.db import models\nclass Stolen(models.Model): ...\n"


def link(name: str, target: str) -> Callable[[Path, Path], None]:
    def make(tree: Path, _: Path) -> None:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).symlink_to(target)

    return make


def pipe(name: str) -> Callable[[Path, Path], None]:
    def make(tree: Path, _: Path) -> None:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).unlink(missing_ok=True)
        os.mkfifo(tree / name)

    return make


def listening(tree: Path, _: Path) -> None:
    here = Path.cwd()
    os.chdir(tree / "good")
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("sock.py")
    finally:
        os.chdir(here)


def deep(tree: Path, _: Path) -> None:
    place = tree
    for _level in range(300):
        place /= "d"
    place.mkdir(parents=True)
    (place / "m.py").write_text("x = 1\n")


def forbidden(name: str) -> Callable[[Path, Path], None]:
    def make(tree: Path, _: Path) -> None:
        write(tree, {f"{name}/m.py": "x = 1\n"})
        (tree / name / "m.py").chmod(0)
        (tree / name).chmod(0)

    return make


def sparse(name: str, size: int) -> Callable[[Path, Path], None]:
    def make(tree: Path, _: Path) -> None:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        with (tree / name).open("wb") as file:
            file.truncate(size)

    return make


def named(name: bytes) -> Callable[[Path, Path], None]:
    def make(tree: Path, _: Path) -> None:
        with open(os.fsencode(tree) + b"/good/" + name, "wb") as file:  # noqa: PTH123
            file.write(b"x = 1\n")

    return make


def shadow(tree: Path, marker: Path) -> None:
    for name in (
        "libcst",
        "networkx",
        "typer",
        "json",
        "strangler",
        "sitecustomize",
        "usercustomize",
        "conftest",
    ):
        write(tree, {f"{name}.py": f"open({str(marker)!r}, 'w').close()\n"})


MAKERS: dict[str, Callable[[Path, Path], None]] = {
    "link-out-file": link("good/passwd.py", "/etc/passwd"),
    "link-out-folder": link("good/etc", "/etc"),
    "link-up": link("good/up", ".."),
    "link-self": link("good/self.py", "self.py"),
    "link-loop": link("good/loop", "../good"),
    "link-dangling": link("good/gone.py", "nowhere.py"),
    "link-device": link("good/zero.py", "/dev/zero"),
    "link-proc": link("good/mem.py", "/proc/self/mem"),
    "link-pyproject": link("pyproject.toml", "/etc/passwd"),
    "link-toml": link("strangler.toml", "/etc/passwd"),
    "link-template": link("good/templates/a.html", "/etc/passwd"),
    "pipe-source": pipe("good/pipe.py"),
    "pipe-init": pipe("other/__init__.py"),
    "pipe-template": pipe("good/templates/a.html"),
    "pipe-pyproject": pipe("pyproject.toml"),
    "pipe-setup": pipe("setup.cfg"),
    "pipe-requirements": pipe("requirements.txt"),
    "pipe-toml": pipe("strangler.toml"),
    "pipe-boundaries": pipe("strangler-boundaries.toml"),
    "pipe-codeowners": pipe("CODEOWNERS"),
    "pipe-gitmodules": pipe(".gitmodules"),
    "socket": listening,
    "deep": deep,
    "forbidden": forbidden("good/shut"),
    "sparse-source": sparse("good/sparse.py", 2**40),
    "sparse-pyproject": sparse("pyproject.toml", 20 * 2**30),
    "sparse-setup": sparse("setup.cfg", 20 * 2**30),
    "sparse-requirements": sparse("requirements.txt", 20 * 2**30),
    "sparse-template": sparse("good/templates/a.html", 20 * 2**30),
    "sparse-codeowners": sparse("CODEOWNERS", 20 * 2**30),
    "sparse-toml": sparse("strangler.toml", 20 * 2**30),
    "sparse-boundaries": sparse("strangler-boundaries.toml", 20 * 2**30),
    "name-newline": named(b"a\nb.py"),
    "name-latin": named(b"\xe9.py"),
    "name-surrogate": named(b"\xed\xa0\x80.py"),
    "name-markup": named(b"<script>alert(1)<>.py"),
    "name-quote": named(b"'\"`$(touch x).py"),
    "name-dash": named(b"--output.py"),
    "name-percent": named(b"%s%n{0}.py"),
    "name-long": named(b"a" * 250 + b".py"),
    "name-dots": named(b"....py"),
    "name-keyword": named(b"class.py"),
    "name-digit": named(b"1.py"),
    "folder-py": lambda tree, _: (tree / "good" / "folder.py").mkdir(),
    "folder-pyproject": lambda tree, _: (tree / "pyproject.toml").mkdir(),
    "folder-toml": lambda tree, _: (tree / "strangler.toml").mkdir(),
    "folder-boundaries": lambda tree, _: (tree / "strangler-boundaries.toml").mkdir(),
    "shadowing": shadow,
}
REFUSED = ("sparse-toml", "sparse-boundaries")
"""What the tree says to strangler itself must be readable: exit 2 with the reason."""
CASES = [Case(name, made(change), good=name not in REFUSED) for name, change in MAKERS.items()]
CASES += [
    Case("no-such-tree", made(lambda tree, _: tree.rename(tree.with_name("gone"))), good=False),
    Case("empty-tree", made(lambda tree, _: None), good=False),
]
