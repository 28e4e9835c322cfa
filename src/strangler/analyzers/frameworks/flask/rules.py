"""Werkzeug's URL rules: their parts, the URLs that they take, and the order in which they are tried.

A rule is split at its slashes into parts. A static part is compared, a dynamic one matched; a converter
that may take slashes swallows the rest of the path. Werkzeug tries static parts before dynamic ones,
dynamic ones by weight, and falls back when a branch leads nowhere. That is a walk over a tree of parts, and
the order in which the walk comes to the rules is an order in which the first match wins.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from strangler.analyzers.plugin import Compiled, literal

_PART = re.compile(
    r"""(?P<slash>/)|(?P<static>[^</]+)
    |<(?:(?P<converter>[a-zA-Z_]\w*)(?:\((?P<arguments>.*?)\))?:)?(?P<variable>[a-zA-Z_]\w*)>""",
    re.VERBOSE | re.ASCII,
)

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Weight = tuple[int, list[tuple[int, int]], int, list[int]]


@dataclass(frozen=True)
class Converter:
    """What a converter takes; ``exact`` is False where it may turn a value away after the match."""

    regex: str
    weight: int = 100
    isolated: bool = True
    """False where a value may contain slashes."""
    exact: bool = True


@dataclass(frozen=True)
class Part:
    """One step of a rule; parts that are equal share their place in the tree."""

    content: str
    static: bool
    weight: Weight | None = None
    final: bool = False


@dataclass
class Rule:
    """A parsed rule."""

    compiled: Compiled
    parts: list[Part]
    strict: bool
    leaf: bool


FindConverter = Callable[[str, Arguments], Converter | None]


def _length(arguments: Arguments) -> Converter:
    positional, named = arguments
    values = dict(zip(("minlength", "maxlength", "length"), positional, strict=False)) | named
    if values.get("length") is not None:
        return Converter(f"[^/]{{{int(values['length'])}}}")
    least, most = values.get("minlength", 1), values.get("maxlength")
    if most is None:
        return Converter("[^/]+" if int(least) == 1 else f"[^/]{{{int(least)},}}")
    return Converter(f"[^/]{{{int(least)},{int(most)}}}")


def _number(regex: str) -> Callable[[Arguments], Converter]:
    def convert(arguments: Arguments) -> Converter:
        positional, named = arguments
        names = ("fixed_digits", "min", "max", "signed") if "." not in regex else ("min", "max", "signed")
        values = dict(zip(names, positional, strict=False)) | named
        limited = any(values.get(name) for name in ("fixed_digits", "min", "max"))
        limited = limited or (values.get("min") == 0 and bool(values.get("signed")))
        return Converter(f"-?{regex}" if values.get("signed") else regex, 50, exact=not limited)

    return convert


def _any(arguments: Arguments) -> Converter:
    return Converter("(?:" + "|".join(literal(str(item)) for item in arguments[0]) + ")")


_UUID = "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"

BUILTIN: dict[str, Callable[[Arguments], Converter]] = {
    "default": _length,
    "string": _length,
    "int": _number(r"\d+"),
    "float": _number(r"\d+\.\d+"),
    "path": lambda arguments: Converter("[^/].*?", 200, isolated=False),
    "uuid": lambda arguments: Converter(_UUID),
    "any": _any,
}
"""The converters that every map knows, by name."""

CLASSES = {
    "BaseConverter": "default",
    "UnicodeConverter": "string",
    "IntegerConverter": "int",
    "FloatConverter": "float",
    "PathConverter": "path",
    "UUIDConverter": "uuid",
    "AnyConverter": "any",
    "NumberConverter": "int",
}
"""Werkzeug's converter classes -> the name under which the same converter is known."""


def converter_arguments(text: str) -> Arguments:
    """``any(about, "help")`` and ``int(min=3)``: bare words are strings."""
    try:
        call = ast.parse(f"f({text})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return tuple(word.strip() for word in text.split(",")), {}
    if not isinstance(call, ast.Call):
        return (text,), {}
    positional = tuple(_argument(node) for node in call.args)
    return positional, {k.arg: _argument(k.value) for k in call.keywords if k.arg is not None}


def _argument(node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        return node.id
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def builtin_converter(name: str, arguments: Arguments) -> Converter | None:
    """One of Werkzeug's own converters."""
    make = BUILTIN.get(name)
    if make is None:
        return None
    try:
        return make(arguments)
    except (TypeError, ValueError, OverflowError):
        return Converter("[^/]+", exact=False)


def parse(
    rule: str,
    find: FindConverter = builtin_converter,
    strict_slashes: bool = True,
    merge_slashes: bool = True,
) -> Rule | None:
    """A rule such as ``/orders/<int:pk>/``; None where it is malformed."""
    text = re.sub("/{2,}", "/", rule) if merge_slashes else rule
    parser = _Parser(find)
    if not text.startswith("/") or not parser.read(text):
        return None
    leaf = not text.endswith("/")
    regex = "".join(parser.regex)
    if not leaf and len(text) > 1:
        # "/a" is answered with a redirect to "/a/" (or taken as it is): it belongs to the rule.
        regex = regex[:-1] + ("(?<!/)/?" if parser.final else "/?")
    elif leaf and not strict_slashes and not parser.final:
        regex += "/?"
    compiled = Compiled(rule, "".join(parser.path), regex, parser.exact)
    return Rule(compiled, parser.parts, strict_slashes, leaf)


class _Parser:
    """Reads one rule from left to right."""

    def __init__(self, find: FindConverter) -> None:
        self.find = find
        self.parts: list[Part] = []
        self.path: list[str] = []
        self.regex: list[str] = []
        self.exact = True
        self.final = False
        self._clear()

    def _clear(self) -> None:
        self.content = ""
        self.static = True
        self.static_weights: list[tuple[int, int]] = []
        self.argument_weights: list[int] = []

    def read(self, text: str) -> bool:
        position = 0
        while position < len(text):
            match = _PART.match(text, position)
            if match is None:
                return False
            position = match.end()
            if match["slash"]:
                self._slash()
            elif match["static"]:
                self._text(match["static"])
            else:
                self._variable(match["converter"] or "default", match["arguments"], match["variable"])
        suffixed = self.final and self.content.endswith("/")
        self._end()
        if suffixed:
            self.parts.append(Part("", True))
        return True

    def _slash(self) -> None:
        self.path.append("/")
        self.regex.append("/")
        if self.final:
            self.content += "/"
        else:
            self._end()

    def _end(self) -> None:
        weight: Weight = (
            -len(self.static_weights),
            self.static_weights,
            -len(self.argument_weights),
            self.argument_weights,
        )
        self.parts.append(Part(self.content, self.static, None if self.static else weight, self.final))
        self._clear()

    def _text(self, text: str) -> None:
        self.path.append(text)
        self.regex.append(literal(text))
        self.static_weights.append((len(self.static_weights), -len(text)))
        self.content += text

    def _variable(self, name: str, arguments: str | None, variable: str) -> None:
        converter = self.find(name, converter_arguments(arguments) if arguments else ((), {}))
        if converter is None:  # not known: take what the default converter takes
            converter = Converter("[^/]+", exact=False)
        self.static = False
        self.final = self.final or not converter.isolated
        self.exact = self.exact and converter.exact
        plain = re.fullmatch(r"(\[[^\]]*\]|\\?.)([+*]|\{\d*(?:,\d*)?\})?|\(\?:[^()]*\)", converter.regex)
        regex = converter.regex if plain else f"(?:{converter.regex})"
        self.path.append(f"{{{variable}}}")
        self.regex.append(regex)
        self.content += f"<{converter.regex}>"
        self.argument_weights.append(converter.weight)


@dataclass
class _State:
    rules: list[int] = field(default_factory=list)
    static: dict[str, _State] = field(default_factory=dict)
    dynamic: dict[Part, _State] = field(default_factory=dict)


_T = TypeVar("_T")


def matching_order(rules: Sequence[tuple[Rule, _T]]) -> Iterator[tuple[Rule, _T]]:
    """The rules in an order in which the first whose expression matches is Werkzeug's choice."""
    root = _State()
    for index, (rule, _) in enumerate(rules):
        state = root
        for part in rule.parts:
            if part.static:
                state = state.static.setdefault(part.content, _State())
            else:
                key = Part(part.content, False, None, part.final)
                if key not in state.dynamic:
                    state.dynamic[key] = _State()
                state = state.dynamic[key]
        state.rules.append(index)
    weights = {
        Part(part.content, False, None, part.final): part.weight
        for rule, _ in rules
        for part in rule.parts
        if not part.static
    }
    for index in _walk(root, weights):
        yield rules[index]


def _walk(state: _State, weights: dict[Part, Weight | None]) -> Iterator[int]:
    yield from state.rules
    for content in sorted(state.static):
        yield from _walk(state.static[content], weights)
    for part in sorted(state.dynamic, key=lambda p: weights[p] or (0, [], 0, [])):
        yield from _walk(state.dynamic[part], weights)
