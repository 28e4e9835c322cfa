"""Which functions may bring a table when the application starts.

Tables come from classes, and from calls such as ``Table(...)``. Those of a module's top level are seen
whatever is cut short elsewhere: a function that was followed in part hides a table only where it makes a
class or a table itself, or calls a function that may.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from strangler.analyzers.python import syntax, traversal
from strangler.analyzers.python.values import Class, External, Function, Generic, Value

_CALLS = frozenset(
    [
        "automap_base",
        "create_model",
        "declarative_base",
        "map_imperatively",
        "mapper",
        "new_class",
        "Table",
        "track",
    ]
)
"""Last names of what makes a class or a table when it is called."""
_NO_TABLE = re.compile(
    r"(?:Form|FormSet|View|ViewSet|Serializer|Schema|Field|Widget|Admin|Inline|Filter|FilterSet|Exception|Error"
    r"|Storage|Thread|Handler|Middleware|Command|Encoder|Enum|Protocol|Tuple|TypedDict|object|dict|list|str)$"
)
"""Last names of libraries' classes whose subclasses have no table."""
_WORD = re.compile(rb"[A-Za-z_]\w*")
_LONG = 32
"""A packed string of that many characters has its length before it, which may look like a letter."""


class Makers:
    """The functions of a monolith that may bring tables.

    Args:
        functions: all first-party functions.
        classes: all first-party classes, those that functions have made included.
        calls: (module, function, module of what is called, its qualified name), between modules.
    """

    def __init__(
        self,
        functions: Iterable[Function],
        classes: Iterable[Class],
        calls: Iterable[tuple[str, str | None, str, str]],
    ) -> None:
        self._functions: dict[str, list[Function]] = defaultdict(list)
        for function in functions:
            self._functions[function.module.facts.path].append(function)
        self._inner: dict[str, list[int]] = defaultdict(list)
        for cls in classes:
            if _may_be_mapped(cls):
                self._inner[cls.module.facts.path].append(cls.line)
        self._calls = calls

    def may_bring_tables(self, path: str, line: int) -> bool:
        """Whether what was not followed to its end, at a line of a file, may have made a table."""
        around = [one for one in self._functions.get(path, ()) if one.line <= line <= one.end_line]
        if not around:
            return True
        return any(one in self._reaching or not _words(one.body).isdisjoint(self._names) for one in around)

    @cached_property
    def _names(self) -> set[str]:
        """What those are called by of which a call may not have been followed."""
        return {_called(one) for one in self._reaching}

    @cached_property
    def _reaching(self) -> set[Function]:
        """Functions that make a table or a class, or call one that does, over any number of calls."""
        callers: dict[tuple[str, str], set[str]] = defaultdict(set)
        for module, function, target_module, target in self._calls:
            if function:
                callers[target_module, target].add(f"{module}.{function}")
        users: dict[tuple[str, str], list[Function]] = defaultdict(list)
        dotted: dict[str, list[Function]] = defaultdict(list)
        waiting: list[Function] = []
        for path, functions in self._functions.items():
            for one in functions:
                dotted[f"{one.module.name}.{one.qualname}"].append(one)
                words = _words(one.body)
                for word in words:
                    users[path, word].append(one)
                inside = any(one.line < line <= one.end_line for line in self._inner.get(path, ()))
                if inside or not _CALLS.isdisjoint(words) or ("type" in words and _calls_type(one)):
                    waiting.append(one)
        found: set[Function] = set()
        while waiting:
            one = waiting.pop()
            if one in found:
                continue
            found.add(one)
            waiting += users[one.module.facts.path, _called(one)]
            implied = one.qualname.rpartition(".")[0] if _is_implied(one) else one.qualname
            for name in callers[one.module.name, one.qualname] | callers[one.module.name, implied]:
                waiting += dotted[name]
        return found


def _words(body: bytes) -> set[str]:
    words = {word.decode() for word in _WORD.findall(body)}
    return words | {word[1:] for word in words if len(word) > _LONG}


def _is_implied(function: Function) -> bool:
    """Whether it is a method that Python calls itself, where the class is named."""
    return function.name.startswith("__") and function.owner is not None


def _called(function: Function) -> str:
    """The name in the code of whoever runs it."""
    return function.owner.name if function.owner is not None and _is_implied(function) else function.name


def _calls_type(function: Function) -> bool:
    """Whether it makes a class by ``type(name, bases, namespace)``."""
    return any(
        isinstance(node, syntax.Call)
        and isinstance(node.func, syntax.Name)
        and node.func.id == "type"
        and len(node.args) == 3
        for node in traversal.walk(syntax.unpack(function.body))
    )


def _may_be_mapped(cls: Class) -> bool:
    """Whether a table may be made for a class, by the libraries' classes that it descends from."""
    bases = (base for parent in cls.mro() for base in parent.bases)
    return any(_may_map(option) for base in bases for option in base.options())


def _may_map(base: Value) -> bool:
    origin = base.origin if isinstance(base, Generic) else base
    if isinstance(origin, Class):
        return False  # its own bases are asked
    return not isinstance(origin, External) or not _NO_TABLE.search(origin.name)
