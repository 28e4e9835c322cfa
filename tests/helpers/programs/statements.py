"""The statements of the programs."""

from __future__ import annotations

from helpers.programs.grammar import CAUGHT, POOL, STARTS, Function, Grammar

RISKY = (
    "l.remove({i})", "l.pop()", "l.pop({i})", "l[{i}] = {n}", "del l[{i}]", "del d[{s}]", "d.pop({s})",
    "n = l[{i}]", "n = d[{s}]", "i = int(s)", "n = t[{i}]", "e.remove({i})", "n = l.index({i})",
    "n, i = l", "i = i // i", "n = n.nope", "n = n + 1", "d.popitem()", "n = next(iter(l))",
)  # fmt: skip
SAFE = (
    "l.append({n})", "l.append({i})", "l.insert({i}, {n})", "l.extend({l})", "l += {t}", "l.sort(key=str)",
    "l.reverse()", "l.clear()", "l[:1] = {l}", "l[len(l):] = [{i}]", "del l[:1]", "del l[1:2]", "l *= 2; del l[9:]",
    "d[{s}] = {n}", "d.update({d})", "d.update(q={i})", "d.setdefault({s}, {n})", "d.setdefault('v', []).append({i})",
    "d.pop({s}, None)", "n = d.pop('a', {i})", "d.clear()", "d |= {d}", "i += {i}; i %= 97", "i -= 1", "s += {s}; s = s[:40]",
    "e = set(e); e.add({i})", "e = set(e); e.discard({i})", "e = set(e); e.update({t})", "e = set(e); e |= {e}", "t += ({i},); t = t[:6]",
    "n = l", "l = l", "n = {n}", "b = not b", "i, n = n, i; i = 2", "s = i = n = 5; s = 's'; i = 1", "[n, *l] = (1, *l)[:6]",
    "n, (i, s) = 1, (2, 's')", "*l, n = [0, *l][:6]", "(n, *l) = 'abc'", "n = l; n is l and l.append(1)", "l2 = l; l2.append({i}); del l2",
    "n = d.get('v', l)", "n = [l, l]; n[0].append({i})", "l = [list(l) for _ in range(2)]; l[0].append(1)",
    "d['n'] = l", "n = {{'l': l}}; n['l'].append({i})", "n = (l, d)", "x: int = {i}; n = x; del x",
    "assert True, {s}", "n = l.copy() == l", "for n in l: pass", "i = max(l, key=str, default=0); i = 3",
    "l[0:0] = [{i}]", "n = d.items()", "n = list(map(str, l))", "it = iter(l); n = next(it, 0), list(it); del it",
    "z = zip(l, t); n = list(z), list(z); del z",
)  # fmt: skip


class Statements(Grammar):
    """A grammar with statements."""

    def target(self, kind: str) -> str:
        """A name of the kind that may be assigned here."""
        names = [name for name in POOL[kind] if name in self.writable[-1]]
        return self.pick(names) if names else f"{kind}2"

    def simple(self, form: str) -> str:
        """A statement: letters alone are names (one for each kind), letters in braces are expressions."""
        chosen: dict[str, str] = {}
        filled, at = "", 0
        while at < len(form):
            letter = form[at]
            alone = letter in POOL and not (form[at - 1 : at] + form[at + 1 : at + 2]).strip(
                ' .,;[](){}=:+-*/|%"'
            )
            if form[at : at + 2] in ("{{", "}}"):
                filled, at = filled + letter, at + 2
            elif letter == "{":
                filled, at = filled + self.expression(form[at + 1], 1), at + 3
            else:
                if alone and letter not in chosen:
                    chosen[letter] = self.target(letter)
                filled, at = filled + (chosen[letter] if alone else letter), at + 1
        return filled

    def other_statement(self, depth: int) -> bool:
        """Write a statement that is not among these, if there is one."""
        return False

    def block(self, depth: int, most: int = 3) -> None:
        self.depth += 1
        for _ in range(self.among(1, most)):
            self.statement(depth + 1)
        self.depth -= 1

    def statement(self, depth: int) -> None:
        """Any statement."""
        if self.other_statement(depth):
            return
        compound = depth < 3 and self.chance(2 + depth)
        if not compound:
            if self.chance(3):
                kind = self.pick("isbltden")
                self.line(f"{self.target(kind)} = {self.expression(kind)}")
            elif self.objects and self.chance(4):
                self.line(self.object_statement())
            elif self.loops and self.chance(4):
                self.line(f"if {self.expression('b')}: {self.pick(['break', 'continue'])}")
            elif self.inside and self.chance(6):
                self.line(f"if {self.expression('b')}: return {self.expression(self.inside[-1])}")
            elif self.loops and self.chance(12):
                self.line(self.pick(["break", "continue"]))
            else:
                self.line(self.simple(self.pick(SAFE)))
            return
        kinds = ["_if", "_if", "_for", "_for", "_while", "_try", "_try", "_match", "_with"]
        if depth == 0 or (depth == 1 and self.chance(3)):
            kinds += ["_function", "_function", "_generator", "_closure", "_counter"]
        if depth == 0:
            kinds += ["_class", "_class", "_class"]
        kind = self.pick(kinds)
        if kind == "_class":
            self.define_class()
        else:
            getattr(self, kind)(depth)

    def _if(self, depth: int) -> None:
        self.line(f"if {self.expression('b')}:")
        self.block(depth)
        while self.chance(3):
            self.line(f"elif {self.expression('b')}:")
            self.block(depth)
        if self.chance(2):
            self.line("else:")
            self.block(depth)

    def _for(self, depth: int) -> None:
        source, target = self.pick([
            (f"{self.expression('l')}[:4]", self.target("n")),
            (f"range({self.pick('0123')})", self.target("i")),
            (f"list({self.name('d')}.items())[:3]", f"{self.target('s')}, {self.target('n')}"),
            (f"{self.expression('t')}[:4]", self.target("n")),
            (f"{self.expression('s')}[:3]", self.target("s")),
            (f"enumerate({self.name('l')}[:3])", f"{self.target('i')}, {self.target('n')}"),
            (f"sorted({self.name('e')}, key=str)[:3]", self.target("n")),
        ])  # fmt: skip
        self.line(f"for {target} in {source}:")
        self._body(depth)
        if target.startswith("s") and "," in target:
            self.line(f"{target.split(',')[0]} = 'after'")

    def _while(self, depth: int) -> None:
        self.counters += 1
        counter = f"w{self.counters}"
        self.line(f"{counter} = 0")
        self.line(
            f"while {counter} < {self.pick('0123')}{self.pick(['', '', ' and ' + self.expression('b')])}:"
        )
        self.depth += 1
        self.line(f"{counter} += 1")
        self.depth -= 1
        self._body(depth)

    def _body(self, depth: int) -> None:
        self.loops += 1
        self.block(depth)
        self.loops -= 1
        if self.chance(4):
            self.line("else:")
            self.block(depth)

    def _try(self, depth: int) -> None:
        self.line("try:")
        self.block(depth, 2)
        self.depth += 1
        self.line(self.simple(self.pick(RISKY)))
        if self.chance(5):
            self.line(f"raise {self.pick(['ValueError', 'KeyError(1)', 'IndexError(2)'])}")
        elif self.chance(2):
            self.line(self.simple(self.pick(SAFE)))
        self.depth -= 1
        if self.chance(4):
            self.line(f"except {self.pick(['KeyError', 'ValueError', '(KeyError, IndexError)'])}:")
            self.block(depth, 2)
        self.line(f"except {CAUGHT}{self.pick(['', ' as error'])}:")
        self.block(depth, 2)
        if self.chance(4):
            self.line("else:")
            self.block(depth, 2)
        if self.chance(4):
            loops, self.loops = self.loops, 0
            inside, self.inside = self.inside, []
            self.line("finally:")
            self.block(depth, 2)
            self.loops, self.inside = loops, inside

    def _match(self, depth: int) -> None:
        self.line(f"match {self.expression(self.pick('isltdn'))}:")
        self.depth += 1
        patterns = [
            "1", "'a'", "None", "0 | 1 | 2", "[]", "[x1]", "[x1, *_]", "(1, x1)", "{'a': x1}", "str()", "int(x1)",
            "[1, 2, *x1]", "True", "{}", f"x1 if {self.expression('b')}",
        ]  # fmt: skip
        for _ in range(self.among(1, 3)):
            pattern = self.pick(patterns)
            self.line(f"case {pattern}:")
            self.block(depth + 1, 2)
            if "x1" in pattern and self.chance(2):
                self.depth += 1
                self.line(f"{self.target('n')} = x1")
                self.depth -= 1
        if self.chance(2):
            self.line("case _:")
            self.block(depth + 1, 2)
        self.depth -= 1

    def _with(self, depth: int) -> None:
        if not self.used & {"Held"}:
            self.used.add("Held")
            swallow = self.pick(["False", "True", "bool(kind)"])
            self.at_top(
                "class Held:", "    def __init__(self, kept):", "        self.kept = kept",
                "    def __enter__(self):", "        self.kept.append('in')", "        return self.kept",
                "    def __exit__(self, kind, value, trace):", "        self.kept.append('out')",
                f"        return {swallow}",
            )  # fmt: skip
        self.line(f"with Held({self.name('l')}) as {self.target('l')}:")
        self.block(depth, 2)

    def _function(self, depth: int) -> None:
        self.counters += 1
        name = f"f{self.counters}"
        positional = [self.pick("islnd") for _ in range(self.among(0, 2))]
        star, named, rest = self.chance(4), ["k"] if self.chance(4) else [], self.chance(5)
        params = [f"p{n}" for n in range(len(positional))]
        shown = [*params[:-1], f"{params[-1]}={self.expression(positional[-1], 1)}"] if params else []
        shown += ["*args"] if star else ["*"] if named else []
        shown += [f"{one}={self.expression('i', 2)}" for one in named]
        shown += ["**kw"] if rest else []
        gives = self.pick("isbldn")
        if self.chance(8):
            self.line(self.pick(["@(lambda f: f)"]))
        self.line(f"def {name}({', '.join(shown)}):")
        here = list(zip(params, positional, strict=True)) + [(one, "i") for one in named]
        here += ([("args", "t")] if star else []) + ([("kw", "d")] if rest else [])
        before, functions, loops = len(self.bound), list(self.functions), self.loops
        self.bound += here
        self.depth += 1
        self._locals()
        self.loops = 0
        self.inside.append(gives)
        for _ in range(self.among(1, 3)):
            self.statement(depth + 1)
        if self.chance(9, 10) or gives != "n":
            self.line(f"return {self.expression(gives)}")
        self.inside.pop()
        self.writable.pop()
        self.loops = loops
        self.depth -= 1
        del self.bound[before:]
        self.functions = functions
        if depth <= 1:
            self.functions.append(Function(name, positional, star, named, rest, gives))
            self.line(f"{self.target(gives)} = {self.call(self.functions[-1], 1)}")
        if depth > 1 or self.inside or len(self.writable) > 1:
            self.functions = functions  # it is there only inside

    def _locals(self) -> None:
        """The names that a function may assign: its own, and those that it declares."""
        everything = [name for names in POOL.values() for name in names]
        outer = [name for name in everything if self.chance(8)]
        enclosing = [
            name
            for name in outer
            if len(self.writable) > 1 and name in self.writable[-1] and name in self.own[-1]
        ]
        declared = [name for name in outer if name not in enclosing]
        if declared:
            self.line(f"global {', '.join(declared)}")
        if enclosing:
            self.line(f"nonlocal {', '.join(enclosing)}")
        own = [f"{kind}2" for kind in POOL if f"{kind}2" not in outer]
        own += [name for name in everything if name not in outer and name not in own and self.chance(8)]
        for name in own:
            self.line(f"{name} = {self.pick(STARTS[name[0]])}")
        self.own.append(set(own))
        self.writable.append(dict.fromkeys([*outer, *own]))

    def _generator(self, depth: int) -> None:
        self.counters += 1
        name = f"g{self.counters}"
        self.line(f"def {name}(p):")
        self.depth += 1
        for form in (
            self.pick(["yield p", "yield from [p, p]", "yield 'start'"]),
            self.pick([f"for x in {self.expression('l', 1)}[:3]:", "for x in range(2):"]),
            f"    {self.pick(['yield x', 'yield p, x', 'if x: yield x', 'if p: return', 'yield from [x] if x else []'])}",
            self.pick(["yield p", "pass", f"yield {self.expression('i', 1)}"]),
        ):
            self.line(form)
        self.depth -= 1
        if depth == 0:
            self.generators.append(name)
        self.line(f"{self.target('l')} = list({name}({self.expression('i', 1)}))")

    def _closure(self, depth: int) -> None:
        self.counters += 1
        name = f"h{self.counters}"
        start = self.expression("i", 1)
        self.line(f"def {name}(n=0, kept=[]):")
        for form in (
            f"    count = {start}", "    def step(by=1):", "        nonlocal count", "        count = (count + by) % 97",
            "        kept.append(count)", "        return count", f"    return {self.pick(['step', '(step, lambda: count)[n % 2]'])}",
        ):  # fmt: skip
            self.line(form)
        self.line(
            f"{self.target('n')} = {name}(); {self.target('i')} = {name}()(); {self.target('l')} = [{name}()(2), {name}()()]"
        )

    def _counter(self, depth: int) -> None:
        """Recursion, decorators, and functions that keep something between calls."""
        self.counters += 1
        name = f"r{self.counters}"
        kind = self.pick(["recursive", "decorated", "kept", "memo"])
        if kind == "recursive":
            self.line(f"def {name}(n, acc=()):")
            self.line(
                f"    {self.pick(['return acc', 'return n', 'return []'])} if n <= 0 else {name}(n - 1, acc + (n,))"
            )
            self.line(f"{self.target('n')} = {name}({self.pick('0123')})")
        elif kind == "decorated":
            self.line(f"def {name}(f):")
            for form in (
                "    def inner(*a, **k):",
                f"        return {self.pick(['[f(*a, **k)]', 'f(*a, **k)', '(1, f(*a, **k))'])}",
                "    return inner",
            ):
                self.line(form)
            self.line(f"@{name}")
            self.line(f"def {name}x(p=1):")
            self.line(f"    return {self.pick(['p', 'i0', '[p]'])}")
            self.line(f"{self.target('n')} = {name}x({self.expression('i', 1)})")
        elif kind == "kept":
            self.line(f"def {name}(p, kept=[]):")
            self.line("    kept.append(p)")
            self.line(f"    return {self.pick(['kept', 'len(kept)', 'list(kept)'])}")
            self.line(
                f"{self.target('n')} = {name}(1); {self.target('n')} = {name}({self.expression('i', 1)}); {self.target('n')} = {name}(1)"
            )
        else:
            self.line(f"def {name}(p):")
            self.line("    p.append(len(p))")
            self.line("    return p")
            self.line(
                f"{name}({self.target('l')}); {name}({self.target('l')}); {self.target('n')} = {name}({self.name('l')})"
            )
