"""What the reader calls known is what Python computes: small random programs, run and read."""

from __future__ import annotations

from random import Random

import pytest
from helpers.programs.idioms import Program
from helpers.programs.reading import Differences, computed, modules, outcome, read, reader
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from strangler.limits import Limits


@given(st.randoms(use_true_random=False), st.integers(0, 100))
@settings(
    max_examples=300,
    derandomize=True,  # more of them, and smaller ones: benchmarks/fuzz
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large],
)
def test_a_value_that_is_known_is_the_value_that_python_computes(random: Random, world: int) -> None:
    source = Program(random, 7).program()
    found = outcome(source, world)
    assert not found.differences, f"{found.differences}\n{source}"


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("x = [1, 2, 3]\nx.remove(2)\ny = x.pop()", {"x": "list[Const(1)]", "y": "Const(3)"}),
        ("x = {}\nfor k in 'abc':\n    if k == 'b': break\n    x[k] = 1", {"x": "dict{'a': Const(1)}"}),
        (
            "x = []\nfor k in (1, 2, 3):\n    if k == 2: continue\n    x.append(k)\nelse:\n    x[0] = 7",
            {"x": "list[Const(7), Const(3)]"},
        ),
        (
            "def f(n):\n    for k in (1, 2):\n        if k == n: return k\n    return 0\nx, y = f(2), f(5)",
            {"x": "Const(2)", "y": "Const(0)"},
        ),
        (
            "n = 0\ndef f():\n    global n\n    n += 1\n    return n\nx = f(), f()",
            {"x": "tuple[Const(1), Const(2)]", "n": "Const(2)"},
        ),
        ("def f(k=[]):\n    k.append(1)\n    return len(k)\nx = f() + f()", {"x": "Const(3)"}),
        ("x = list(zip('ab', [1, 2]))[1]\ny = sorted({3, 1, 2}, reverse=True)[0]", {"y": "Const(3)"}),
        (
            "class D(property):\n    def __get__(self, obj, kind=None):\n"
            "        return self.fget.__get__(None, kind)()\n"
            "class C:\n    a = 3\n    @D\n    @classmethod\n    def d(cls): return cls.a\n"
            "    @D\n    @staticmethod\n    def s():\n        return 4\nx = getattr(C, 'd'), C().d, C.s",
            {"x": "tuple[Const(3), Const(3), Const(4)]"},
        ),
        (
            "class D:\n    def __set_name__(self, owner, name): self.name = owner.__name__ + name\n"
            "    def __get__(self, obj, kind=None):\n        return self.name\nclass C: d = D()\nx = C.d",
            {"x": "Const('Cd')"},
        ),
        ("from collections import namedtuple\nC = namedtuple('C', 'a b c', defaults=[5, 6])\n"
            "x = C(1, 2).b, C(1).b, C(1)[2], callable(C(1).b)",
            {"x": "tuple[Const(2), Const(5), Const(6), Const(False)]"}),
        ("x = {1}\nx |= (x := {2})", {"x": "set[Const(1), Const(2)]"}),
        ("'module m'\nx = 1\n__all__ = []\n'module program'\nx = 2\nfrom m import *", {"x": "Const(2)"}),
        ("'module m'\nx = y = 1\n__all__ = ['y']\n'module program'\nx = y = 2\nfrom m import *",
            {"x": "Const(2)", "y": "Const(1)"}),
        ("class A: pass\nx = isinstance(False, (str, dict)), isinstance([], (str, (list, dict))), "
            "isinstance('', A), isinstance(A(), (str, dict)), issubclass(bool, int)",
            {"x": "tuple[Const(False), Const(True), Const(False), Const(False), Const(True)]"}),
        ("x = [1]\ny = x\ny += [2]\nz = x is y, [] is [], x == [1, 2]", {"x": "list[Const(1), Const(2)]"}),
    ],
)  # fmt: skip
def test_what_a_program_makes_of_its_own_values_is_known(source: str, known: dict[str, str]) -> None:
    names = read(source)[1]
    assert {name: repr(names[name]) for name in known} == known


@pytest.mark.parametrize(
    "source",
    [
        "x = [1]\nif ub:\n    x.append(2)",
        "x = {'a': 1}\nif ub:\n    x['a'] = 2",
        "x = [1]\nfor k in ul:\n    x.append(k)",
        "x = 0\nfor k in ul:\n    x += 1",
        "x = [1, 2]\nfor k in (1, 2, 3):\n    if ub:\n        break\n    x.pop(0) if x else None",
        "x = [1]\ntry:\n    x.append({'a': 1}[us])\n    x.append(3)\nexcept KeyError:\n    pass",
        "x = [1]\nub and x.append(2)",
        "x = [1] if ub else ui",
        "x = [1, 2]\nx[ui] = 5",
        "x = 1\ndef f():\n    global x\n    if ub:\n        x = 2\nf()",
        "def f():\n    if ub:\n        return 1\nx = f()",
        "class C:\n    pass\no = C()\no.a = 1\nif ub:\n    o.a = 2\nx = o.a",
        "'module m'\nfrom ext import ui\nx = 1\n__all__ = ['x'] if ui else []\n"
        "'module program'\nx = 2\nfrom m import *",
        "x = isinstance(1, str if ub else int)",
        "x, y = [1, 2], [3, 4]\nz = x if ub else y\ndel z[:1]",
        "x, y = {'a': 1}, {'a': 2}\nz = x if ub else y\ndel z['a']",
        "y = [1]\nclass C:\n    a = (y := [2]) if ub else list(y)\nx = C.a",
        "y = 0\nfor y in [list, 5][:ui]:\n    pass\nx = callable(y)",
        "class A: pass\ny = A() if ub else 5\nx = [type(y) is int]",
        "from argparse import Namespace\nx = callable(Namespace(a=ub).a)",
        "from collections import namedtuple\nclass C(namedtuple('P', 'a b')):\n    a = 3\nx = list(C(1, 2))",
        "x = isinstance([], ul if ub else list)",
        # Where calls within one another are no longer followed, or the steps are spent.
        "x = []\ndef f(n):\n    if n:\n        x.append(n)\n        f(n - 1)\nf(60)",
        "n = 0\ndef f(k):\n    global n\n    if k:\n        n += 1\n        f(k - 1)\nf(60)\nx = n",
    ],
)
def test_what_may_be_otherwise_is_not_known(source: str) -> None:
    text = f"from ext import ub, ui, us, ul\n{source}"
    value = read(text)[1]["x"]
    worlds = [names["x"] for names in (computed(text, seed) for seed in range(12)) if names is not None]
    assert worlds
    assert [Differences().agrees(value, real) for real in worlds] == [None] * len(worlds)


def test_what_a_statement_has_changed_when_its_steps_are_spent_is_not_known() -> None:
    source = "x, y = 0, []\nwhile x < 4:\n    x += 1\n    y.append(x)\n    for i in range(50): z = i"
    interp = reader(modules(source), Limits(module_steps=150))
    names = interp.program.scope("program").env
    assert [one.message for one in interp.log.failures if one.code == "too-complex"]
    assert (names["x"].truth(), names["y"].open) == (None, True)
