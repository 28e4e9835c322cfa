"""The converters of URL rules: Werkzeug's own and an application's."""

from __future__ import annotations

import re

from strangler.analyzers.frameworks.flask.app import Scaffold
from strangler.analyzers.frameworks.flask.rules import CLASSES, Arguments, Converter, builtin_converter
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Const,
    External,
    Interpreter,
    Mapping,
    Object,
    Value,
)


class Converters:
    """The converters of an application's map: Werkzeug's own and the application's."""

    def __init__(self, interp: Interpreter, app: Scaffold) -> None:
        self.interp = interp
        url_map = app.attrs.get("url_map")
        converters = url_map.attrs.get("converters") if isinstance(url_map, Object) else None
        self.own = converters.items if isinstance(converters, Mapping) else {}

    def find(self, name: str, arguments: Arguments) -> Converter | None:
        """The converter of that name."""
        value = self.own.get(name)
        if value is not None:
            return self._custom(value, arguments)
        return builtin_converter(name, arguments)

    def _custom(self, value: Value, arguments: Arguments) -> Converter | None:
        if isinstance(value, External):
            base = CLASSES.get(value.name.rpartition(".")[2])
            return builtin_converter(base, arguments) if base is not None else None
        if not isinstance(value, Class):
            return None
        bases = sorted(name.rpartition(".")[2] for name in value.ancestors(self.interp))
        base = next((CLASSES[b] for b in bases if b in CLASSES), "default")
        given: Arguments = arguments if value.find("__init__") is None else ((), {})
        inherited = builtin_converter(base, given) or Converter("[^/]+", exact=False)
        regex = self._attribute(value, "regex", arguments)
        weight = self._attribute(value, "weight", arguments)
        isolated = self._attribute(value, "part_isolating", arguments)
        exact = value.find("to_python") is None
        if regex is None:
            known = value.find("__init__") is None and inherited.exact
            return Converter(inherited.regex, inherited.weight, inherited.isolated, exact and known)
        if isolated is None:
            isolated = "/" not in str(regex) if value.find("regex") is not None else inherited.isolated
        kept, sure = (regex, True) if not isolated else without_slash(str(regex))
        number = weight if isinstance(weight, int) else inherited.weight
        return Converter(str(kept), number, bool(isolated), exact and sure)

    def _attribute(self, cls: Class, name: str, arguments: Arguments) -> str | int | bool | None:
        """A class attribute, or what the constructor sets for these arguments."""
        value: Value = UNKNOWN
        if cls.find("__init__") is not None:
            positional = [UNKNOWN, *(Const(a) for a in arguments[0])]
            keywords = {k: Const(v) for k, v in arguments[1].items()}
            made = self.interp.instantiate(cls, Args(positional, dict(keywords)), self.interp.root_frame)
            value = made.attrs.get(name, UNKNOWN) if isinstance(made, Object) else UNKNOWN
        found = cls.find(name)
        if value is UNKNOWN and found is not None:
            value = found[0]
        return value.value if isinstance(value, Const) else None


_TOKEN = re.compile(r"\\.|\[\^|\[|\]|\.|[^\\\[\].]+", re.DOTALL)
_WIDE = {r"\S": r"[^\s/]", r"\W": r"[^\w/]", r"\D": r"[^\d/]"}


def without_slash(regex: str) -> tuple[str, bool]:
    """The expression restricted to texts without a slash, and whether that is exact."""
    result: list[str] = []
    inside = False
    sure = True
    for match in _TOKEN.finditer(regex):
        token = match[0]
        if inside:
            inside = token != "]"
            sure = sure and token not in _WIDE
        elif token == ".":
            token = r"[^/\n]"
        elif token in _WIDE:
            token = _WIDE[token]
        elif token == "[^":
            token, inside = "[^/", True
        elif token == "[":
            inside = True
        result.append(token)
    return "".join(result), sure and "(?" not in regex.replace("(?:", "").replace("(?P<", "")
