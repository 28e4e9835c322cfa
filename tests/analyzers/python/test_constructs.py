"""Each construct of the language, beside what Python makes of the same small program.

Where the analysis follows a construct it comes to Python's value; where it does not, it says that it does not
know, or names Python's value among others: it is never sure of another one.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

Of = Callable[[str], object]

FOLLOWED = {
    "generators": """
x = list(n + 1 for n in (1, 2))
---
from contextlib import contextmanager
@contextmanager
def c():
    yield 5
with c() as x:
    pass
---
x = [a + b for a in [1, 2] for b in [10, 20]]
---
x = {n: n * n for n in [1, 2]}
""",
    "exceptions": """
try:
    raise ValueError
except ValueError:
    x = 2
---
try:
    pass
finally:
    x = 4
---
def f():
    try:
        return 1
    finally:
        pass
x = f()
---
def f(n):
    if n:
        raise ValueError(n)
    return 3
x = f(0)
""",
    "metaclasses": """
class M(type):
    def make(cls):
        return cls.n
class A(metaclass=M):
    n = 8
x = A.make()
---
class M(type):
    @property
    def p(cls):
        return 6
class A(metaclass=M):
    pass
x = A.p
---
class A:
    def __init_subclass__(cls, name='', **more):
        cls.name = name
class B(A, name='b'):
    pass
x = B.name
---
x = type('A', (), {'n': 3}).n
""",
    "order of classes": """
class A:
    n = 1
class B(A):
    pass
class C(A):
    n = 2
class D(B, C):
    pass
x = D.n
---
class A:
    def f(self):
        return ['A']
class B(A):
    def f(self):
        return ['B'] + super().f()
class C(A):
    def f(self):
        return ['C'] + super().f()
class D(B, C):
    def f(self):
        return ['D'] + super().f()
x = D().f()
---
class A:
    n = 1
    def __init__(self):
        self.n = 2
x = A().n
---
class A:
    def f(self):
        return 1
class B(A):
    f = None
x = B.f
""",
    "members": """
class A:
    @property
    def n(self):
        return 3
x = A().n
---
class A:
    @classmethod
    def f(cls):
        return cls.n
class B(A):
    n = 4
x = B.f()
---
class A:
    @staticmethod
    def f(n):
        return n
x = A().f(5)
---
class A:
    def __getattr__(self, name):
        return name
x = A().hello
---
class A:
    def __getitem__(self, key):
        return key
x = A()[3]
---
class A:
    def __call__(self, n):
        return n
x = A()(4)
---
class A:
    def __enter__(self):
        return 3
    def __exit__(self, *error):
        pass
with A() as x:
    pass
---
class A:
    pass
setattr(A, 'n', 3)
x = getattr(A, 'n', 4)
""",
    "loops": """
x = 0
for n in [1, 2, 3]:
    x = x + n
---
x = 0
while x < 3:
    x += 1
---
x = []
for n in [1, 2, 3]:
    if n == 2:
        continue
    x.append(n)
---
for n in []:
    pass
else:
    x = 1
---
for i, x in enumerate(['a', 'b']):
    pass
---
x = [a for a, b in zip([1, 2], [3, 4])]
---
import itertools
x = []
for kind, prefixes in itertools.chain({'event': ['/e', '/f']}.items(), [('category', ['/c'])]):
    for prefix in prefixes:
        x.append(kind + prefix)
""",
    "order of items": """
x = sorted([3, 1, 2])
---
x = sorted(n for n in ['b', 'a'])
---
x = sorted([1, 3, 2], reverse=True)
---
x = [3, 1]
x.sort()
---
x = [1, 2, 3]
x.reverse()
---
x = list(reversed([1, 2]))
---
x = [1, 2]
x.insert(0, 5)
""",
    "calls": """
def f(*, a=1, **more):
    return more
x = f(b=2)
---
def f(a, /, b):
    return a
x = f(1, b=2)
---
import functools
x = functools.partial(lambda a, b: [a, b], 1)(2)
---
import functools
@functools.lru_cache
def f():
    return 3
x = f()
---
x = [*[1], *(2, 3)]
---
x = {**{'a': 1}, 'b': 2}
""",
    "names": """
x = (y := 3) + y
---
a = b = [1]
b.append(2)
x = a
---
def f():
    return x
x = 5
x = f()
---
x = 1
del x
x = 2
""",
    "records": """
import dataclasses
@dataclasses.dataclass
class P:
    a: int
    b: int = 2
x = P(1).b
---
from typing import NamedTuple
class P(NamedTuple):
    a: int
    b: int = 4
x = P(1).b
---
from typing import NamedTuple
class P(NamedTuple):
    a: int
class Q(P):
    c: int = 3
x = [*Q(1)]
---
import collections
x = collections.namedtuple('P', 'a b')(1, 2).b
---
import collections
d = collections.defaultdict(list)
d['a'].append(1)
x = d['a']
""",
}
"""Construct -> programs whose ``x`` the analysis knows as Python does."""

NOT_FOLLOWED = {
    "generators": """
def g():
    yield 1
x = next(g())
---
def g():
    yield 1
    yield 2
x = list(g())
---
def g():
    yield from [1, 2]
    yield 3
x = list(g())
---
def g():
    yield 'a', 1
    yield 'b', 2
x = dict(g())
---
class A:
    def __iter__(self):
        yield 1
x = list(A())
""",
    "match": """
match 1:
    case 1:
        x = 'one'
    case _:
        x = 'other'
---
match 'b':
    case 'a' | 'b':
        x = 1
    case _:
        x = 2
---
match [1, 2]:
    case [a, b]:
        x = b
    case _:
        x = 0
---
match {'k': 3}:
    case {'k': n}:
        x = n
---
match 5:
    case n if n > 3:
        x = 'big'
    case _:
        x = 'small'
---
match [1, 2, 3]:
    case [first, *rest]:
        x = rest
---
match 7:
    case int():
        x = 'int'
    case str():
        x = 'str'
""",
    "exceptions": """
try:
    x = 1
except ValueError:
    x = 2
---
try:
    import json
    x = 1
except ImportError:
    x = 2
---
try:
    import nothing_of_the_kind
    x = 1
except ImportError:
    x = 2
---
x = 0
try:
    x = 1
    raise KeyError
except LookupError:
    x = [x, 2]
""",
    "metaclasses": """
class M(type):
    def __new__(m, name, bases, namespace):
        namespace['n'] = 3
        return super().__new__(m, name, bases, namespace)
class A(metaclass=M):
    pass
x = A.n
---
class M(type):
    def __call__(cls):
        return 9
class A(metaclass=M):
    pass
x = A()
---
class D:
    def __set_name__(self, owner, name):
        self.name = name
class A:
    d = D()
x = A.d.name
""",
    "members": """
class D:
    def __get__(self, obj, owner):
        return 7
class A:
    d = D()
x = A().d
---
class A:
    def __len__(self):
        return 0
x = 1 if A() else 2
---
class A:
    def __new__(cls):
        made = super().__new__(cls)
        made.n = 5
        return made
x = A().n
---
class A:
    def __contains__(self, n):
        return True
x = 1 if 3 in A() else 2
""",
    "names": """
x = 1
def f():
    global x
    x = 4
f()
---
x = 1
def f():
    global x
    x = 4
---
def f():
    n = 1
    def g():
        nonlocal n
        n = 2
    g()
    return n
x = f()
---
n = 5
def f():
    n = 1
    def g():
        nonlocal n
        n = 2
    g()
f()
x = [n]
""",
    "loops": """
for x in [1, 2, 3]:
    if x == 2:
        break
---
x = max(1, 2)
---
x = [1, 2] * 2
---
x = [1, 2]
x[0] = 9
""",
}
"""Construct -> programs of which the analysis knows less than Python."""


def each(programs: dict[str, str]) -> list[object]:
    return [
        pytest.param(program.strip() + "\n", id=f"{construct} {number}")
        for construct, text in programs.items()
        for number, program in enumerate(text.split("---\n"), 1)
    ]


def run(program: str) -> object:
    namespace: dict[str, object] = {"__name__": "program"}
    exec(compile(program, "program.py", "exec", dont_inherit=True), namespace)
    return as_lists(namespace["x"])


def as_lists(found: object) -> object:
    if isinstance(found, dict):
        return {key: as_lists(item) for key, item in found.items()}
    return [as_lists(item) for item in found] if isinstance(found, (list, tuple)) else found


@pytest.mark.parametrize("program", each(FOLLOWED))
def test_what_is_followed_comes_to_pythons_value(value: Of, program: str) -> None:
    found = value(program)
    assert found == run(program)
    assert type(found) is type(run(program))


@pytest.mark.parametrize("program", each(NOT_FOLLOWED))
def test_what_is_not_followed_is_not_known_for_sure(value: Of, program: str) -> None:
    found, right = value(program), run(program)
    if isinstance(right, list) and isinstance(found, list):
        assert len(found) == len(right)
        assert all(a == b or may_be(a, b) for a, b in zip(found, right, strict=True))
    else:
        assert may_be(found, right)


def may_be(found: object, right: object) -> bool:
    if found == right:
        return True
    if isinstance(found, frozenset):
        return "?" in found or any(right == (list(o) if isinstance(o, tuple) else o) for o in found)
    return found == "?"
