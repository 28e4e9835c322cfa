"""Classes of the programs, and the choices that everything is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
NAMES, OTHERS = ("'x'", "'method'", "'nope'", "'b'"), ("'x'", "'nope'", "'a'")


class Classes:
    """Choices, lines, and definitions of classes."""

    expression: Callable[..., str]
    name: Callable[..., str]
    target: Callable[..., str]

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.depth = 0
        self.counters = 0
        self.own: list[set[str]] = [set()]
        self.classes: list[tuple[str, set[str]]] = []
        self.objects: list[tuple[str, set[str]]] = []
        """Expressions of objects, and what their classes define."""

    def pick(self, options: Sequence[T]) -> T:
        return options[self.random.randrange(len(options))]

    def chance(self, one: int, of: int = 0) -> bool:
        """One time in ``one``; or ``one`` times in ``of``."""
        return self.random.randrange(of or one) < (one if of else 1)

    def among(self, least: int, most: int) -> int:
        return self.random.randrange(least, most + 1)

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def at_top(self, *lines: str) -> None:
        """Before everything else."""
        self.lines[2:2] = lines

    def define_class(self) -> None:
        """A class and an object of it."""
        special = self.pick(["plain"] * 6 + ["enum", "dataclass", "tuple", "made", "meta"])
        self.counters += 1
        name = f"C{self.counters}"
        self.line("")
        has = getattr(self, f"_{special}_class")(name)
        if has is None:
            return
        self.classes.append((name, has))
        obj = f"o{self.counters}"
        self.line(f"{obj} = {name}({self.expression('i', 1)})")
        self.objects.append((obj, has))

    def _plain_class(self, name: str) -> set[str]:
        base, has = self.pick([*self.classes, ("", set())]) if self.classes else ("", set())
        has = set(has)
        keyword = ", flag=3" if "hook" in has and self.chance(2) else ""
        self.line(f"class {name}({base}{keyword}):" if base else f"class {name}:")
        self.depth += 1
        self.line(f"a = {self.expression('i', 1)}")
        self.line(f"{self.pick(['b', 'a'])} = {self.expression(self.pick('ls'), 1)}")
        if not base or self.chance(2):
            self.line("def __init__(self, x=1):")
            if base and self.chance(2):
                self.line("    super().__init__(x)")
            self.line(f"    self.x = {self.pick(['x', '[x]', 'x, self.a', self.expression('n', 1)])}")
            self.line(f"    self.items = {self.pick(['[]', '[x]', self.name('l')])}")
        for part in self.random.sample(sorted(self.PARTS), self.among(1, 4)):
            has.add(part)
            for text in self.pick(self.PARTS[part]).splitlines():
                self.line(text)
        self.depth -= 1
        return has

    PARTS: dict[str, list[str]] = {
        "method": [
            "def method(self, by=1):\n    self.items.append(by)\n    return self.items",
            "def method(self, by=1):\n    return self.a",
            "def method(self, by=1):\n    self.x = by\n    return self",
            "def method(self, by=1):\n    return type(self).__name__",
        ],
        "prop": [
            "@property\ndef prop(self):\n    return self.x",
            "@property\ndef prop(self):\n    return (1, self.a)\n@prop.setter\ndef prop(self, value):\n    self.x = value",
            "from functools import cached_property\n@cached_property\ndef prop(self):\n    self.items.append(0)\n    return self.x",
        ],
        "of_class": [
            "@classmethod\ndef of_class(cls):\n    return cls.a",
            "@classmethod\ndef of_class(cls):\n    return cls.__name__",
            "@staticmethod\ndef of_class():\n    return 7",
            "registry = []\n@classmethod\ndef of_class(cls):\n    cls.registry.append(cls.__name__)\n    return list(cls.registry)",
        ],
        "hook": [
            "made = []\ndef __init_subclass__(cls, flag=0, **kw):\n    cls.flag = flag\n    cls.made.append(cls.__name__)",
            "def __init_subclass__(cls, flag=1, **kw):\n    super().__init_subclass__(**kw)\n    cls.flag = [flag]",
        ],
        "getattr": [
            "def __getattr__(self, name):\n    if name.startswith('_'):\n        raise AttributeError(name)\n    return name.upper()",
        ],
        "size": ["def __len__(self):\n    return 0", "def __bool__(self):\n    return False", "def __len__(self):\n    return 2"],
        "iter": [
            "def __iter__(self):\n    return iter([1, self.a])",
            "def __iter__(self):\n    yield self.a\n    yield 2",
            "def __getitem__(self, key):\n    return [1, 2][key]",
        ],
        "equal": [
            "def __eq__(self, other):\n    return True",
            "def __eq__(self, other):\n    return other == 1\n__hash__ = None",
            "def __contains__(self, one):\n    return one == 1",
        ],
        "add": [
            "def __add__(self, other):\n    return [self.a, other]",
            "def __iadd__(self, other):\n    self.x = other\n    return self",
            "def __call__(self, *args):\n    return args",
            "def __class_getitem__(cls, key):\n    return (cls.__name__, key)",
            "def __str__(self):\n    return 'str'",
            "def __repr__(self):\n    return 'repr'",
        ],
        "descriptor": [
            "class D:\n    def __set_name__(self, owner, name):\n        self.name = name\n    def __get__(self, obj, kind=None):\n"
            "        return self.name if obj is None else (self.name, obj.a)\ndesc = D()",
            "class D:\n    def __get__(self, obj, kind=None):\n        return kind.__name__\n    def __set__(self, obj, value):\n"
            "        obj.items.append(value)\ndesc = D()",
            "class D(property):\n    def __get__(self, obj, kind=None):\n        return self.fget.__get__(None, kind)()\n"
            "@D\n@classmethod\ndef desc(cls):\n    return [cls.a]",
        ],
        "private": ["__p = 5\ndef private(self):\n    return self.__p", "_q = [1]\ndef private(self):\n    return self._q"],
        "loop": ["for k in range(2):\n    c = k", "if True:\n    c = 3\nelse:\n    c = 4", "c = [z for z in (1, 2)]"],
    }  # fmt: skip

    def of_object(self, kind: str) -> str:
        """An expression of the kind around an object; empty where there is none."""
        obj, has = self.pick(self.objects)
        cls = f"type({obj})"
        forms: list[tuple[str, str]] = [
            ("n", f"{obj}.x"), ("n", f"{obj}.a"), ("n", f"{cls}.a"), ("s", f"{cls}.__name__"), ("n", f"{obj}.items"),
            ("b", f"hasattr({obj}, {self.pick(NAMES)})"), ("b", f"bool({obj})"),
            ("n", f"getattr({obj}, {self.pick(OTHERS)}, {self.expression('i', 2)})"),
            ("b", f"isinstance({obj}, {self.pick(self.classes)[0]})" if self.classes else "True"),
            ("b", f"issubclass({cls}, {self.pick(self.classes)[0]})" if self.classes else "True"),
            ("b", f"{obj} is {obj}"), ("l", f"[k.__name__ for k in {cls}.__mro__]"), ("n", f"({obj}, {obj}.a)"),
        ]  # fmt: skip
        options = {
            "method": [("n", f"{obj}.method({self.expression('i', 2)})")], "prop": [("n", f"{obj}.prop")],
            "of_class": [("n", f"{cls}.of_class()"), ("n", f"{obj}.of_class()")],
            "hook": [("n", f"getattr({cls}, 'flag', 0)"), ("n", f"getattr({cls}, 'made', 0)")],
            "getattr": [("n", f"{obj}.other")], "size": [("b", f"bool({obj})"), ("n", f"({obj} or 1)")],
            "iter": [("l", f"[*{obj}]"), ("n", f"list({obj})"), ("b", f"1 in {obj}")],
            "equal": [("b", f"{obj} == 1"), ("b", f"{obj} != {obj}"), ("b", f"{obj} in [1]")],
            "descriptor": [("n", f"{cls}.desc"), ("n", f"{obj}.desc")], "private": [("n", f"{obj}.private()")],
            "loop": [("n", f"{cls}.c")], "fields": [("n", f"{obj}.a"), ("n", f"list({obj})" if "tuple" in has else f"{obj}.x")],
            "add": [("s", f"str({obj})[:9]")],
        }  # fmt: skip
        if "simple" in has:
            forms = [("s", f"{cls}.__name__"), ("b", f"isinstance({obj}, int)")]
        forms += [form for part in has for form in options.get(part, [])]
        fitting = [text for one, text in forms if one == kind or kind == "n"]
        return self.pick(fitting) if fitting else ""

    def object_statement(self) -> str:
        """A statement that changes an object or a class."""
        obj, has = self.pick(self.objects)
        name, _ = self.pick(self.classes)
        if "simple" in has or "fields" in has:
            return f"{self.target('n')} = {self.of_object('n')}"
        return self.pick([
            f"{obj}.x = {self.expression('n', 1)}", f"{obj}.y = {self.expression('i', 1)}; {self.target('n')} = {obj}.y",
            f"{obj}.items.append({self.expression('i', 1)})", f"type({obj}).a = {self.expression('i', 1)}",
            f"{self.target('n')} = {obj}", f"setattr({obj}, 'x', {self.expression('i', 1)})",
            f"{self.target('n')} = {self.of_object('n')}", f"{self.target('n')} = {self.of_object('n')}",
            f"{obj} = {name}(3)" if not self.depth else "pass", f"del {obj}.x; {obj}.x = 1",
        ])  # fmt: skip

    def _enum_class(self, name: str) -> None:
        base = self.pick(["Enum", "IntEnum", "str, Enum", "StrEnum"])
        one, two = ("'r'", "'g'") if "tr" in base else ("1", "2")
        self.line(f"from enum import {base.rpartition(' ')[2]}")
        for text in (f"class {name}({base}):", f"    RED = {one}", f"    GREEN = {two}", f"    ALIAS = {one}", "    def shown(self):", "        return self.name.lower()"):  # fmt: skip
            self.line(text)
        self.line(
            f"{self.target('n')} = {name}.RED.{self.pick(['value', 'name'])}; {self.target('n')} = [m.{self.pick(['name', 'value', 'shown()'])} for m in {name}]"
        )
        self.line(
            f"{self.target('n')} = {name}({two}).name, {name}['RED'].value, len({name}), {name}.RED == {one}, {name}.ALIAS is {name}.RED"
        )
        return

    def _dataclass_class(self, name: str) -> set[str]:
        self.line("from dataclasses import dataclass, field")
        frozen = self.pick(["", "(frozen=True)", "(order=True)"])
        for text in (f"@dataclass{frozen}", f"class {name}:", "    a: int", f"    x: list = {self.pick(['field(default_factory=list)', 'None', '5'])}", "    def twice(self):", "        return [self.a, self.a]"):  # fmt: skip
            self.line(text)
        self.line(
            f"{self.target('n')} = {name}(1, 2) == {name}(1, 2); {self.target('n')} = {name}(a=4).twice(); {self.target('n')} = {name}(1).x"
        )
        return {"fields"}

    def _tuple_class(self, name: str) -> set[str]:
        if self.chance(2):
            self.line("from typing import NamedTuple")
            for text in (f"class {name}(NamedTuple):", "    a: int", "    x: int = 5"):
                self.line(text)
        else:
            self.line("from collections import namedtuple")
            self.line(f"{name} = namedtuple('{name}', 'a x', defaults=[5])")
        self.line(
            f"{self.target('n')}, {self.target('i')} = {name}(1, 2); {self.target('n')} = {name}(3)[1]; {self.target('n')} = {name}(1)._replace(x=2).x"
        )
        return {"fields", "tuple"}

    def _made_class(self, name: str) -> None:
        base = self.pick([*[c for c, has in self.classes if not has & {"fields", "simple"}], "object"])
        self.line(
            f"{name} = type('{name}', ({base},), {{'a': {self.expression('i', 1)}, 'm': lambda self: self.a, **{{'z': 1}}}})"
        )
        self.line(
            f"{self.target('n')} = {name}.a, {name}.z, {name}.__name__; {self.target('n')} = {name}().m()"
        )
        return

    def _meta_class(self, name: str) -> set[str]:
        kind = self.pick(["new", "init", "call", "prepare", "getattr", "iter"])
        self.line(f"class M{name}(type):")
        bodies = {
            "new": ["def __new__(mcs, name, bases, body, **kw):", "    body['added'] = sorted(k for k in body if not k.startswith('_'))", "    return super().__new__(mcs, name, bases, body)"],
            "init": ["made = []", "def __init__(cls, name, bases, body):", "    super().__init__(name, bases, body)", "    cls.made.append(name)", "    cls.added = len(cls.made)"],
            "call": ["def __call__(cls, *args):", "    obj = super().__call__(*args)", "    obj.extra = 1", "    return obj"],
            "prepare": ["@classmethod", "def __prepare__(mcs, name, bases):", "    return {'added': 5}"],
            "getattr": ["def __getattr__(cls, name):", "    if name.startswith('_'):", "        raise AttributeError(name)", "    return name * 2"],
            "iter": ["def __iter__(cls):", "    return iter([cls.__name__])", "def __len__(cls):", "    return 3"],
        }[kind]  # fmt: skip
        for text in bodies:
            self.line("    " + text)
        self.line(f"class {name}(metaclass=M{name}):")
        for text in (
            "    a = 1",
            "    def __init__(self, x=1):",
            "        self.x = x",
            "        self.items = []",
        ):
            self.line(text)
        self.line(f"class S{name}({name}):")
        self.line("    a = 2")
        shown = {
            "call": f"{name}(2).extra", "iter": f"[*{name}], len(S{name})",
        }.get(kind, f"{name}.added, S{name}.added")  # fmt: skip
        self.line(f"{self.target('n')} = {shown}; {self.target('n')} = S{name}(1).a")
        return set()
