"""Which files that are named like tests the product itself uses: those are none, whatever their name.

A laboratory has an app ``test_orders``, and the core entity of a test manager is called Test. What the
product imports, installs (``INSTALLED_APPS``) or includes (``include("...")``) is part of it. The text of the
statements is enough for that: nothing is parsed at this stage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from strangler.sources.hints import ASIDE
from strangler.sources.naming import Name
from strangler.sources.roles import TEST_DIRECTORY, TEST_FILE

_FROM = re.compile(
    rb"^[ \t]*from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]+import[ \t]*(?:\(([^()]*)\)|([^\n;]*))", re.MULTILINE
)
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+([^\n;]*)", re.MULTILINE)
_COMMENT = re.compile(rb"#[^\n]*")
_STRING = re.compile(rb"^(?!.*TEST_RUNNER)[^\n#]*?[\"']([A-Za-z_][\w.]*)[\"']", re.MULTILINE)
_NAMES_MODULES = (b"INSTALLED_APPS", b"include(")
_BUILD = re.compile(r"setup|conftest|noxfile|fabfile|tasks|dev|run_?tests?|.*test_?runner.*")
"""Modules that run tests without being a part of the product."""


class Mention(NamedTuple):
    """A module that a file names, as seen from that file."""

    level: int
    """Leading dots; 0 for an absolute name."""
    base: str
    names: tuple[str, ...]
    """What is imported from it; submodules perhaps."""


def mentions(data: bytes) -> list[Mention]:
    """The modules with something like ``test`` in their names that a file imports or names in a string."""
    if b"test" not in data:
        return []
    found = []
    for dots, base, inside, rest in _FROM.findall(data):
        names = re.split(rb",", _COMMENT.sub(b"", inside or rest))
        words = tuple(_word(name) for name in names if name.strip())
        found.append(Mention(len(dots), base.decode("ascii", "replace"), words))
    for listed in _IMPORT.findall(data):
        found += [
            Mention(0, _word(name), ()) for name in _COMMENT.sub(b"", listed).split(b",") if name.strip()
        ]
    if any(word in data for word in _NAMES_MODULES):
        for line in data.splitlines():
            if b"test" in line and _STRING.match(line):
                quoted = re.findall(rb"[\"']([A-Za-z_][\w.]*)[\"']", line)
                found += [Mention(0, text.decode("ascii", "replace"), ()) for text in quoted if _says(text)]
    return found


def _says(text: bytes) -> bool:
    """Whether a string may name an app: a lone ``"test"`` is more often an argument or an environment."""
    return b"test" in text and text not in (b"test", b"tests")


def _word(text: bytes) -> str:
    parts = text.split()
    return parts[0].decode("ascii", "replace") if parts else ""


def uses_its_tests(path: str) -> bool:
    """Whether imports of a file say nothing of the product: scripts, documentation, build files."""
    *parents, name = path.split("/")
    return bool(
        _BUILD.fullmatch(name[:-3])
        or TEST_FILE.fullmatch(name[:-3])
        or any(ASIDE.fullmatch(part) for part in parents)
    )


def used(
    tests: Mapping[str, list[Mention]],
    product: Mapping[str, list[Mention]],
    names: Mapping[str, Name],
) -> set[str]:
    """The files that only look like tests.

    Args:
        tests: path -> mentions, of the files that are named like tests.
        product: the same of all others that count as users.
        names: path -> module name, of both.
    """
    modules = {names[path].module: path for path in (*tests, *product)}
    found: set[str] = set()
    directories: set[str] = set()
    waiting = list(product.items())
    while waiting:
        path, listed = waiting.pop()
        for target in _targets(path, listed, names, modules):
            for other in _with_packages(target, modules):
                if other in tests and other not in found:
                    found.add(other)
                    waiting.append((other, tests[other]))
                    directories |= _like_tests(other)
        if not waiting:
            whole = {item for item in directories if _is_product(item, tests)}
            for other in sorted(tests.keys() - found):
                if _like_tests(other) <= whole and not _named_test(other):
                    found.add(other)
                    waiting.append((other, tests[other]))
    return found


def _targets(
    path: str, listed: Iterable[Mention], names: Mapping[str, Name], modules: Mapping[str, str]
) -> Iterator[str]:
    own, prefix = names[path]
    package = own if path.endswith("/__init__.py") else own.rpartition(".")[0]
    for level, base, imported in listed:
        if level:
            parts = package.split(".")
            above = ".".join(parts[: len(parts) - level + 1])
            starts = [f"{above}.{base}" if base and above else above or base]
        else:
            starts = [prefix + base, base] if prefix else [base]
        for start in starts:
            for name in imported:
                if f"{start}.{name}" in modules:
                    yield f"{start}.{name}"
            while start and start not in modules:
                start = start.rpartition(".")[0]
            if start:
                yield start


def _with_packages(module: str, modules: Mapping[str, str]) -> Iterator[str]:
    """The files that run when a module is imported: its own and those of the packages around it."""
    while module:
        if module in modules:
            yield modules[module]
        module = module.rpartition(".")[0]


def _like_tests(path: str) -> set[str]:
    """The directories above a file that are named like tests."""
    parts = path.split("/")[:-1]
    return {"/".join(parts[: i + 1]) for i, part in enumerate(parts) if TEST_DIRECTORY.fullmatch(part)}


def _named_test(path: str) -> bool:
    return TEST_FILE.fullmatch(path.rpartition("/")[2][:-3]) is not None


def _is_product(directory: str, tests: Mapping[str, list[Mention]]) -> bool:
    """Whether a directory of which something is used holds a part of the product and no tests."""
    if directory.rpartition("/")[2] == "tests":
        return False
    direct = [path for path in tests if path.rpartition("/")[0] == directory]
    return not any(_named_test(path) and not path.endswith("/tests.py") for path in direct)
