"""Which files that are named like tests the product itself uses: those are none, whatever their name.

A laboratory has an app ``test_orders``, and the core entity of a test manager is called Test. What the
product imports, installs (``INSTALLED_APPS``) or includes (``include("...")``) is part of it. The text of the
statements is enough for that: nothing is parsed at this stage.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
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
_FRAMEWORK = re.compile(r"(?:unittest|pytest|nose|mock|testtools|twisted\.trial)(?:\..+)?")
_TEST_CASES = re.compile(r"(?:\w+\.)*(?:tests?|testing)(?:\.\w+)*")
"""Modules of libraries that have classes of test cases beside what a product may use (``django.test``)."""
_SUPPORT = frozenset({"testing", "unittest", "unittests"})
"""Directories of tests and of what supports them, if a file there imports a framework for tests."""


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


def looks_like_test(path: str) -> bool:
    """Whether the names of a file and its directories may be those of a test, or of what supports tests."""
    return _named_test(path) or bool(_like_tests(path)) or not _SUPPORT.isdisjoint(path.split("/")[:-1])


def testing(
    listed: Mapping[str, list[Mention]], names: Mapping[str, Name]
) -> tuple[frozenset[str], frozenset[str]]:
    """The files that are tests whoever uses them, and those that lie with them in directories that support
    tests.

    Args:
        listed: path -> mentions, of the files that look like tests.
        names: path -> module name, of all files.
    """
    modules = {name.module: path for path, name in names.items()}
    users: dict[str, list[str]] = defaultdict(list)
    waiting = []
    for path, found in listed.items():
        for mention in found:
            targets = list(_targets(path, [mention], names, modules))
            for target in targets:
                users[modules[target]].append(path)
            if not targets and _only_tests_import(mention):
                waiting.append(path)
    sure: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path not in sure:
            sure.add(path)
            waiting += users[path]
    homes = {
        home for path in sure if not _like_tests(path) and not _named_test(path) for home in _support(path)
    }
    beside = {path for path in listed if not homes.isdisjoint(_support(path))}
    return frozenset(sure), frozenset(beside - sure)


def _only_tests_import(mention: Mention) -> bool:
    """Whether a library that is imported is a framework for tests, or what is taken from it a test case."""
    cases = any(name.endswith("TestCase") for name in mention.names)
    return bool(_FRAMEWORK.fullmatch(mention.base) or (cases and _TEST_CASES.fullmatch(mention.base)))


def _support(path: str) -> set[str]:
    """The directories above a file that are named as support for tests."""
    parts = path.split("/")[:-1]
    return {"/".join(parts[: i + 1]) for i, part in enumerate(parts) if part in _SUPPORT}


def used(
    tests: Mapping[str, list[Mention]],
    product: Mapping[str, list[Mention]],
    names: Mapping[str, Name],
    sure: Collection[str] = (),
) -> set[str]:
    """The files that only look like tests.

    Args:
        tests: path -> mentions, of the files that count as tests as they are named or lie.
        product: the same of all others that count as users.
        names: path -> module name, of both.
        sure: those that are tests whoever uses them.
    """
    modules = {names[path].module: path for path in (*tests, *product)}
    found: set[str] = set(sure)
    directories: set[str] = set()
    waiting = list(product.items())
    while waiting:
        path, listed = waiting.pop()
        for target in _targets(path, listed, names, modules):
            for other in () if modules[target] in sure else _with_packages(target, modules):
                if other in tests and other not in found:
                    found.add(other)
                    waiting.append((other, tests[other]))
                    directories |= _like_tests(other) | _support(other)
        if not waiting:
            whole = {item for item in directories if _is_product(item, tests)}
            for other in sorted(tests.keys() - found):
                if _like_tests(other) | _support(other) <= whole and not _named_test(other):
                    found.add(other)
                    waiting.append((other, tests[other]))
    return found.difference(sure)


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
