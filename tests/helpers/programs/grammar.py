"""A grammar of small programs: they end, need nothing, and touch every construct that the reader follows.

Names say what they hold (``i0`` a number, ``l1`` a list), so that most programs run to their end; ``n0`` may
hold anything. What ``ext`` gives is not known to the reader: conditions on it stay open.
"""

from __future__ import annotations

from random import Random

from helpers.programs.classes import Classes

POOL = {kind: [f"{kind}{n}" for n in range(3)] for kind in "isbltden"}
"""Number, string, truth, list, tuple, dict, set, anything."""
EXTERNAL = {"ui": "i", "us": "s", "ub": "b", "ul": "l"}
STARTS = {
    "i": ["0", "1", "2", "7", "-3", "10"],
    "s": ["''", "'a'", "'bc'", "'a/b'", "'x-y'", "'A b'"],
    "b": ["True", "False"],
    "l": ["[]", "[1]", "[1, 2, 3]", "['a', 'b']", "[3, 1, 2]", "[[1], [2]]", "[1, 'a', None]"],
    "t": ["()", "(1,)", "(1, 2)", "('a', 1)", "((1, 2), 3)"],
    "d": ["{}", "{'a': 1}", "{'a': 1, 'b': 2}", "{'x': [1]}", "{1: 'a', 'b': None}", "dict(a=1, c=3)"],
    "e": ["set()", "{1}", "{1, 2}", "{'a', 'b'}", "frozenset({1, 2})"],
    "n": ["None", "0", "'n'", "[]", "(None,)", "1.5", "b'ab'"],
}
NUMBER, METHODS, BETWEEN = "'4'", ("'append'", "'upper'", "'keys'", "'nope'"), ("", "'-'", "'/'")
CAUGHT = "(IndexError, KeyError, ValueError, TypeError, AttributeError, ZeroDivisionError, StopIteration)"


class Function:
    """What a call needs to know."""

    def __init__(
        self, name: str, positional: list[str], star: bool, named: list[str], rest: bool, gives: str
    ):
        self.name, self.positional, self.star = name, positional, star
        self.named, self.rest, self.gives = named, rest, gives


class Grammar(Classes):
    """Writes one program, statement by statement."""

    def __init__(self, random: Random, size: int = 14) -> None:
        super().__init__(random)
        self.size = size
        self.loops = 0
        self.functions: list[Function] = []
        self.generators: list[str] = []
        self.writable = [dict.fromkeys(name for names in POOL.values() for name in names)]
        self.inside: list[str] = []
        self.bound: list[tuple[str, str]] = []
        """Names that are there only now (parameters, targets of comprehensions) and their kinds."""
        self.used: set[str] = set()

    def program(self) -> str:
        """The text of a program."""
        self.line("from ext import ui, us, ub, ul")
        self.line("import os")
        for kind, names in POOL.items():
            for name in names:
                start = self.pick(STARTS[kind])
                if self.chance(8):
                    start = {"s": "os.environ.get('FUZZ', 'a')", "i": "ui", "b": "ub", "n": "us"}.get(
                        kind, start
                    )
                self.line(f"{name} = {start}")
        for _ in range(self.among(self.size // 2, self.size)):
            self.statement(0)
        return "\n".join(self.lines) + "\n"

    # -- expressions -------------------------------------------------------------------------------

    def name(self, kind: str) -> str:
        """A name that holds that kind."""
        near = [name for name, one in self.bound if one == kind]
        if near and self.chance(2):
            return self.pick(near)
        outside = [name for name, one in EXTERNAL.items() if one == kind]
        if outside and self.chance(10):
            return self.pick(outside)
        return self.pick(POOL[kind])

    def expression(self, kind: str, depth: int = 0) -> str:
        """An expression of a kind."""
        if depth > 2 or self.chance(3):
            return self.name(kind) if self.chance(3, 4) else self.pick(STARTS[kind])
        calls = [f for f in self.functions if f.gives == kind]
        if calls and self.chance(5):
            return self.call(self.pick(calls), depth)
        if self.chance(12):
            return f"({self.expression(kind, depth + 1)} if {self.expression('b', depth + 1)} else {self.expression(kind, depth + 1)})"
        if self.chance(20) and kind not in "nb":
            return f"({self.name(kind)} {self.pick(['or', 'and'])} {self.name(kind)})"
        if self.chance(25):
            return f"(lambda x, y={self.expression(kind, depth + 1)}: {self.pick(['x', 'y'])})({self.expression(kind, depth + 1)})"
        if self.chance(30) and not self.inside and self.loops == 0:
            return f"({self.pick(POOL[kind])} := {self.expression(kind, depth + 1)})"
        if self.objects and self.chance(10):
            found = self.of_object(kind)
            if found:
                return found
        return getattr(self, "_" + kind)(depth + 1)

    def _i(self, depth: int) -> str:
        e = self.expression
        return self.pick([
            lambda: f"({e('i', depth)} {self.pick('+-*')} {e('i', depth)}) % 97",
            lambda: f"({e('i', depth)} // {self.pick(['2', '3', '-2'])})",
            lambda: f"len({e(self.pick('sltde'), depth)})",
            lambda: f"{self.name('l')}.count({e('i', depth)})",
            lambda: f"sum(x for x in {e('l', depth)} if isinstance(x, int))",
            lambda: f"max({e('i', depth)}, {e('i', depth)})",
            lambda: f"min([{e('i', depth)}, {e('i', depth)}])",
            lambda: f"({self.name('d')}.get({e('s', depth)}, {e('i', depth)}) if {self.name('b')} else 3)",
            lambda: f"int({self.pick([NUMBER, self.name('b'), self.name('i')])})",
            lambda: f"abs({e('i', depth)})",
            lambda: f"-{self.name('i')}",
            lambda: f"~{self.name('i')}",
            lambda: f"({e('i', depth)} {self.pick('&|^')} {e('i', depth)})",
            lambda: f"{self.name('s')}.find({e('s', depth)})",
            lambda: f"divmod({e('i', depth)}, 5)[1]",
            lambda: f"next((x for x in {self.name('l')} if isinstance(x, int) and x > {e('i', depth)}), -1)",
        ])()  # fmt: skip

    def _s(self, depth: int) -> str:
        e = self.expression
        return self.pick([
            lambda: f"({e('s', depth)} + {e('s', depth)})[:40]",
            lambda: f"f'{{{self.name(self.pick('isbn'))}}}-{{{self.name('s')}!r}}'[:40]",
            lambda: f"f'{{{self.name('i')}:>4}}{{{self.name('s')}:<5}}|'[:40]",
            lambda: f"{self.name('s')}.{self.pick(['upper', 'lower', 'strip', 'title', 'swapcase'])}()",
            lambda: f"{self.name('s')}.replace({e('s', depth)}, 'z')[:40]",
            lambda: f"'{self.pick(['-', '', ', '])}'.join(map(str, {self.name(self.pick('lt'))}))[:40]",
            lambda: f"'-'.join([{e('s', depth)}, {e('s', depth)}])[:40]",
            lambda: f"str({e(self.pick('isbltn'), depth)})[:40]",
            lambda: f"repr({self.name(self.pick('isblt'))})[:40]",
            lambda: f"'%s:%s' % ({self.name('i')}, {self.name('s')})",
            lambda: f"'{{}}-{{x}}'.format({self.name('i')}, x={self.name('s')})",
            lambda: f"{self.name('s')}[{self.pick(['0:1', '1:', ':-1', '::-1', '::2'])}]",
            lambda: f"({e('s', depth)} * {self.pick(['0', '2', '-1'])})[:40]",
            lambda: f"type({self.name(self.pick('isblted'))}).__name__",
            lambda: f"{self.name('s')}.removeprefix({e('s', depth)})",
            lambda: f"{self.name('s')}.partition('-')[{self.pick('012')}]",
        ])()  # fmt: skip

    def _b(self, depth: int) -> str:
        e = self.expression
        kind = self.pick("is")
        return self.pick([
            lambda: f"{e(kind, depth)} {self.pick(['==', '!=', '<', '>='])} {e(kind, depth)}",
            lambda: f"{e('i', depth)} < {e('i', depth)} {self.pick(['<', '<=', '!='])} {e('i', depth)}",
            lambda: f"{self.name('n')} is {self.pick(['', 'not '])}None",
            lambda: f"{self.name(self.pick('lde'))} is {self.name(self.pick('lde'))}",
            lambda: f"{self.name(self.pick('iltdesn'))} == {self.name(self.pick('iltdesn'))}",
            lambda: f"{e('i', depth)} {self.pick(['in', 'not in'])} {e(self.pick('lte'), depth)}",
            lambda: f"{e('s', depth)} {self.pick(['in', 'not in'])} {e(self.pick('sd'), depth)}",
            lambda: f"not {e(self.pick('isbltden'), depth)}",
            lambda: f"bool({e(self.pick('isltden'), depth)})",
            lambda: f"({e('b', depth)} {self.pick(['and', 'or'])} {e('b', depth)})",
            lambda: f"isinstance({self.name(self.pick('isbltden'))}, {self.pick(['int', 'str', 'list', '(str, dict)', 'bool', 'tuple', 'set'])})",
            lambda: f"{self.name('s')}.startswith({e('s', depth)})",
            lambda: f"any({self.name('l')})",
            lambda: f"all(x for x in {self.name(self.pick('lt'))})",
            lambda: f"{self.name('e')} {self.pick(['<=', '>', '=='])} {self.name('e')}",
            lambda: f"hasattr({self.name(self.pick('isldn'))}, {self.pick(METHODS)})",
            lambda: f"callable({self.name('n')})",
            lambda: f"{e('l', depth)} {self.pick(['==', '!='])} {e('l', depth)}",
            lambda: f"{e('d', depth)} == {e('d', depth)}",
        ])()  # fmt: skip

    def _l(self, depth: int) -> str:
        e = self.expression
        return self.pick([
            lambda: f"[{e('i', depth)}, {e(self.pick('isbn'), depth)}]",
            lambda: f"[*{e(self.pick('lt'), depth)}, {e('i', depth)}]",
            lambda: f"({e('l', depth)} + {e('l', depth)})[:9]",
            lambda: f"list({e(self.pick('ltd'), depth)})",
            lambda: f"list(range({self.pick('0123')}))",
            lambda: f"sorted({self.name(self.pick('ltde'))}, key=str)",
            lambda: f"sorted([3, {self.name('i')}, 1], reverse={self.name('b')})",
            lambda: f"list(reversed({self.name('l')}))",
            lambda: self.comprehension("[", "]", depth),
            lambda: f"{self.name('l')}[{self.pick(['1:', ':2', '-1:', '::2', '::-1', ':-1'])}]",
            lambda: f"({self.name('l')} * {self.pick(['0', '1', '2'])})[:9]",
            lambda: f"{self.name('s')}.split({self.pick(BETWEEN)})",
            lambda: f"list({self.name('d')}.{self.pick(['keys', 'values', 'items'])}())",
            lambda: f"list(zip({self.name('l')}, {self.name('t')}))",
            lambda: f"list(enumerate({self.name('l')}{self.pick(['', ', 1', ', start=2'])}))",
            lambda: f"list(map({self.pick(['str', 'lambda x: [x]', 'bool', 'type'])}, {self.name('l')}))[:9]",
            lambda: f"list(filter({self.pick(['None', 'lambda x: isinstance(x, int)', 'bool'])}, {self.name('l')}))",
            lambda: f"{self.name('l')}.copy()",
            lambda: f"list({self.pick(self.generators)}({e('i', depth)}))" if self.generators else "[0]",
            lambda: f"[{self.name('l')}, {self.name('d')}]",
        ])()  # fmt: skip

    def _t(self, depth: int) -> str:
        e = self.expression
        return self.pick([
            lambda: f"({e('i', depth)}, {e(self.pick('sbln'), depth)})",
            lambda: f"({e('t', depth)} + {e('t', depth)})[:6]",
            lambda: f"tuple({e('l', depth)})",
            lambda: f"(*{self.name('l')}, {e('i', depth)})",
            lambda: f"tuple(sorted({self.name('d')}, key=str))",
            lambda: f"{self.name('t')}[{self.pick(['1:', ':1', '::-1'])}]",
            lambda: f"tuple({self.name('s')}[:3])",
            lambda: f"divmod({e('i', depth)}, 3)",
        ])()  # fmt: skip

    def _d(self, depth: int) -> str:
        e = self.expression
        return self.pick([
            lambda: f"{{'a': {e(self.pick('isln'), depth)}, {e('s', depth)}: {e('i', depth)}}}",
            lambda: f"{{**{e('d', depth)}, 'k': {e('i', depth)}}}",
            lambda: f"dict({self.name('d')}, z={e('i', depth)})" if self.chance(2) else f"dict(z={e('i', depth)})",
            lambda: f"({self.name('d')} | {self.name('d')})",
            lambda: f"{{x: {e('i', depth)} for x in {self.name(self.pick('tes'))}}}",
            lambda: f"{{k: v for k, v in {self.name('d')}.items() if {e('b', depth)}}}",
            lambda: f"dict(zip({self.name('s')}, {self.name('l')}))",
            lambda: f"{self.name('d')}.copy()",
            lambda: f"dict.fromkeys({self.name(self.pick('ste'))}, {e('i', depth)})",
        ])()  # fmt: skip

    def _e(self, depth: int) -> str:
        e = self.expression
        return self.pick([
            lambda: f"{{{e('i', depth)}, {e(self.pick('is'), depth)}}}",
            lambda: f"set({self.name(self.pick('tsd'))})",
            lambda: f"({self.name('e')} {self.pick('|&-^')} {self.name('e')})",
            lambda: self.comprehension("{", "}", depth),
            lambda: f"{self.name('e')}.{self.pick(['union', 'intersection', 'difference'])}({self.name('e')})",
            lambda: f"frozenset({self.name('s')})",
        ])()  # fmt: skip

    def _n(self, depth: int) -> str:
        e = self.expression
        return self.pick([
            lambda: e(self.pick("isbltde"), depth),
            lambda: "None",
            lambda: f"({e(self.pick('isltdn'), depth)} {self.pick(['or', 'and'])} {e(self.pick('isltdn'), depth)})",
            lambda: f"{self.name('d')}.get({e(self.pick('si'), depth)})",
            lambda: f"({self.name(self.pick('lt'))} or [0])[{self.pick(['0', '-1'])}]",
            lambda: f"next(iter({self.name(self.pick('ltd'))}), None)",
            lambda: f"getattr({self.name(self.pick('isl'))}, 'nope', {e('i', depth)})",
            lambda: f"({self.name('i')} / 4)",
            lambda: f"({self.name('b')} + 1.5)",
        ])()  # fmt: skip

    def comprehension(self, opening: str, closing: str, depth: int) -> str:
        source = self.expression(self.pick("lt") if opening == "[" else self.pick("st"), depth)
        self.bound.append(("c", "n"))
        condition = f" if {self.expression('b', depth)}" if self.chance(2) else ""
        more = (
            f" for x in {self.pick(['(1, 2)', self.name('t')])}" if self.chance(5) and opening == "[" else ""
        )
        result = self.pick(["c", "(c, 1)", "str(c)", self.expression("i", depth), "f'{c}'"])
        self.bound.pop()
        return f"{opening}{result} for c in {source}[:4]{condition}{more}{closing}"

    def call(self, function: Function, depth: int) -> str:
        """A call with arguments that the function takes."""
        given = [self.expression(kind, depth + 1) for kind in function.positional]
        if given and self.chance(3):
            given.pop()  # the last one has a default
        if function.star and len(given) == len(function.positional) and self.chance(2):
            given += [self.pick([f"*{self.name(self.pick('lt'))}", self.expression("i", depth + 1)])]
        given += [f"{name}={self.expression('i', depth + 1)}" for name in function.named if self.chance(2)]
        if function.rest and self.chance(2):
            given.append(self.pick(["z=1", f"z={self.name('s')}", "**{'y': 2}"]))
        return f"{function.name}({', '.join(given)})"
