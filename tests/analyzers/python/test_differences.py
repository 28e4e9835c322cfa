"""Small programs that were once read otherwise than Python runs them."""

from __future__ import annotations

import pytest
from helpers.programs.reading import Differences, computed, read

KNOWN = {
    "a context that is entered in a function": (
        "from contextlib import contextmanager\nx = []\n@contextmanager\ndef f(v):\n    v.append('in')\n"
        "    yield v\n    v.append('out')\ndef g():\n    with f(x) as v:\n        v.append('there')\ng()"
    ),
    "a generator that yields nothing": "def f(v):\n    for w in v: yield w\nx = f([]) is None",
    "a partial method": (
        "from functools import partialmethod\nclass C:\n    def f(self, a, b): return a, b\n"
        "    g = partialmethod(f, 1)\nx = C().g(2)"
    ),
    "bytes that become a string": "x = str(b'a', 'utf8')",
    "what indexing gives is a class's own matter below a named tuple": (
        "from typing import NamedTuple\nclass T(NamedTuple):\n    a: int\n"
        "class U(T):\n    def __getitem__(self, at): return 3\nclass V(T): pass\n"
        "x = U(1)[0], U(1).a, list(U(1)), list(V(1)), V(1)[0]"
    ),
    "a name that is bound within the condition that asks for it": (
        "x = {1, 2}\nif not (x := x ^ {1, 2}):\n    y = 1"
    ),
    "names of functions": (
        "from functools import wraps\ndef d(f):\n    @wraps(f)\n    def inner(): pass\n    return inner\n"
        "@d\ndef g(): pass\nx = g.__name__, (lambda: 1).__name__"
    ),
    "defaults of a lambda are evaluated at once": "x = [f() for f in [lambda i=i: i for i in range(3)]]",
    "a comprehension does not see the names of the class around it": (
        "a = 1\nclass C:\n    a = 2\n    b = [a for _ in (1, 2)]\n    c = [lambda: k for k in (1, 2)]\n"
        "x = C.b, C.c[0]()"
    ),
    "a loop goes through its list as it is by then": (
        "k = [1, 2, 3]\nfor v in k:\n    if v == 1: k.append(4)\n    if v == 2: k.remove(v)\nx = k, v"
    ),
    "del of a name of a class": "class C:\n    v = 1\ndel C.v\nx = getattr(C, 'v', 'gone')",
    "a property that deletes": (
        "class C:\n    @property\n    def v(self): return self.w\n    @v.deleter\n"
        "    def v(self): self.w = 'gone'\no = C()\no.w = 1\ndel o.v\nx = o.v"
    ),
    "what is put into __dict__": (
        "class C:\n    def __init__(self, **kw):\n        self.__dict__.update(kw)\n"
        "        vars(self)['b'] = 2\n"
        "o = C(a=1)\no.__dict__['c'] = 3\nx = o.a, o.b, o.c"
    ),
    "a key is evaluated before its value": "i = 0\nx = {i: (i := 1)}",
    "the constructor that a dataclass inherits": (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    a: int = 1\n"
        "class B(A):\n    def __init__(self, v):\n        super().__init__(v)\nx = B(3).a"
    ),
    "bytes are no string": "x = isinstance(b'a', str), isinstance(b'a', bytes), isinstance(b'a', (str, int))",
    "a default is evaluated once": (
        "seen = []\ndef f():\n    seen.append(1)\n    return ui + 1\ndef g(v=f()): pass\ng()\ng()\nx = seen"
    ),
    "the target of an augmented assignment is evaluated once": (
        "seen = []\ndef k():\n    seen.append(1)\n    return 'a'\nd = {'a': 1}\nd[k()] += 1\nx = seen, d"
    ),
    "cached_property is evaluated once": (
        "from functools import cached_property\nclass C:\n    n = 0\n    @cached_property\n    def v(self):\n"
        "        C.n += 1\n        return [C.n]\no = C()\no.v.append(2)\nx = o.v, C.n"
    ),
    "a deep copy has parts of its own": (
        "import copy\na = {'k': [1]}\nb, c = copy.copy(a), copy.deepcopy(a)\na['k'].append(2)\nx = a, b, c"
    ),
    "definitions of a global name": (
        "a = b = c = d = 1\ndef f():\n    global a, b, c, d\n    def a(): return 2\n    class b: n = 3\n"
        "    import os.path as c\n    from os.path import join as d\nf()\nx = a(), b.n"
    ),
    "a TypedDict is a dict": "from typing import TypedDict\nclass D(TypedDict):\n    k: int\nx = D(k=1)",
    "__new__ that gives one object": (
        "class C:\n    one = None\n    def __new__(cls, *a):\n        if cls.one is None:\n"
        "            cls.one = super().__new__(cls)\n        return cls.one\n"
        "    def __init__(self, a): self.a = a\n"
        "p, q = C(1), C(2)\nx = p is q, p.a"
    ),
    "__new__ that gives something else": (
        "class C:\n    def __new__(cls, *a): return [a]\n    def __init__(self, a): self.a = a\nx = C(1)"
    ),
    "a metaclass that changes the names of a class": (
        "class M(type):\n    def __new__(mcs, name, bases, ns, **kw):\n        ns.pop('gone', None)\n"
        "        ns['added'] = name.lower()\n        cls = super().__new__(mcs, name, bases, ns)\n"
        "        cls.late = kw.get('flag', 0)\n        return cls\n"
        "class A(metaclass=M, flag=3): gone = 1\nclass B(A): added = 5\n"
        "x = A.added, B.added, A.late, B.late"
    ),
    "a metaclass with an __init__": (
        "class M(type):\n    made = []\n    def __init__(cls, name, bases, ns):\n"
        "        super().__init__(name, bases, ns)\n        cls.made.append(name)\n"
        "class A(metaclass=M): pass\nclass B(A): pass\nx = M.made, B.made"
    ),
    "a metaclass that is called for each object": (
        "class M(type):\n    def __call__(cls, *a):\n        return ('made', super().__call__(*a).v)\n"
        "class A(metaclass=M):\n    def __init__(self, v): self.v = v\nx = A(1)"
    ),
    "__setattr__ and descriptors that take values": (
        "class D:\n    def __set_name__(self, owner, name): self.name = '_' + name\n"
        "    def __get__(self, obj, owner=None): return getattr(obj, self.name, 'none')\n"
        "    def __set__(self, obj, value): setattr(obj, self.name, [value])\n"
        "class A:\n    d = D()\n    def __setattr__(self, name, value):\n"
        "        super().__setattr__(name, (value, name))\n"
        "o = A()\nbefore = o.d\no.y = 1\no.d = 2\nx = before, o.y, o.d"
    ),
}

NOT_KNOWN = {
    "an attribute of a subclass that hides an element of a named tuple": (
        "from typing import NamedTuple\nclass P(NamedTuple):\n    a: int\nclass Q(P):\n    a = 2\nx = Q(1).a"
    ),
    "an attribute that each turn of a loop sets before it goes on": (
        "k = [1, 2, 3]\nif ub:\n    k.append(4)\nclass C: pass\no = C()\no.v = [0]\n"
        "for w in k:\n    o.v = 1\n    if w:\n        continue\n    o.v = 1\nx = o.v"
    ),
    "a loop that goes on one way and is left on the other": (
        "x = [1]\nfor w in [1]:\n    if ub:\n        continue\n    x += [2]\n    break"
    ),
    "a loop that goes on behind a try and is left behind its handler": (
        "x = [1]\nw = 0\nwhile w < 1:\n    w += 1\n    try:\n        [0][ui]\n        continue\n"
        "    except IndexError:\n        x += [2]\n    break"
    ),
    "a key of a comprehension that may have been left out": (
        "'module program'\nd = {'a': 1}\nx = {k: v for k, v in d.items() if ub}.get('a')"
    ),
    "an object, or something else": "class C: pass\no = ui + 1\nif ub:\n    o = C()\nx = 1 if o else 2",
    "a key that a comprehension may not have met": (
        "'module program'\nt = ((1, 2) + (('a', 3) if ub else (1,)))[:6]\nx = {k: 3 for k in t}.get('a')"
    ),
    "a name that a pattern binds": "x = 1\nmatch us:\n    case x if ub:\n        pass",
    "a setting of another module": (
        "'module conf'\nLIMIT = 1\n'module program'\n"
        "import conf\nconf.LIMIT = 2 if ub else 3\nx = conf.LIMIT"
    ),
    "a name that a module has on one way": (
        "'module conf'\nfrom ext import ub\nif ub:\n    EXTRA = 1\n'module program'\n"
        "import conf\nx = getattr(conf, 'EXTRA', None)"
    ),
    "how far a generator is asked": (
        "seen = 0\ndef f(v):\n    global seen\n    seen += 1\n    return v\n"
        "any(f(k) for k in (ui, 1, 0))\nx = seen"
    ),
    "a deque with an end": (
        "from collections import deque\nd = deque([1, 2], maxlen=2)\nd.append(ui)\nx = list(d)"
    ),
    "a width that is formatted": "x = '{:{w}}'.format('z', w=3)",
    "a dict of parts": "x = '%(a)s' % {'a': os.environ.get('FUZZ', 'a')}",
    "globals() on one of two ways": (
        "x = 0\nif ub:\n    x = 1\nelif us:\n    x = 5\nelse:\n    globals()['g'] = 1\n    h = 0\n"
        "    globals()['h'] = 2"
    ),
    "a break behind which something is done": (
        "x = []\nfor k in [1]:\n    try:\n        break\n    except KeyError:\n        x.extend([1])\n"
        "    finally:\n        k = [k for k in x]"
    ),
    "a field that is given something unknown": (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    a: int = 1\n"
        "x = A(ui + 1).a, A(*[ui][ui:]).a"
    ),
    "an inverted number": "x = 1 if ui in [~ui] else 2",
    "a list of a class of its own": "class L(list): pass\no = L()\nif ub: o.append(1)\nx = 1 if o else 2",
    "what is called until": "k = [1, ui, 0]\nlist(iter(lambda: k.pop(0), 0))\nx = k",
    "an iterator of a class of its own": (
        "class C:\n    n = 3\n    def __iter__(self): return self\n    def __next__(self):\n"
        "        if self.n <= 0: raise StopIteration\n        self.n -= 1\n        return self.n\n"
        "o = C()\nlist(o)\nx = o.n"
    ),
    "names change before a generator is asked": (
        "m = 1\ng = (k for k in [0, 1, 2] if k >= m)\nm = 2\nx = list(g)"
    ),
    "a function that is dispatched": (
        "from functools import singledispatch\n@singledispatch\ndef f(v): return 'any'\n"
        "@f.register\ndef _(v: int): return 'int'\nx = f(1)"
    ),
    "one of two equal lists": (
        "a, b = ['a'], ['a']\nc = a if ub else b\nc.insert(0, 1)\nx = a"
    ),
    "what a turn of a loop leaves for the next one": (
        "def put(k): k.append(1)\na, x = [], []\nk = 0\n"
        "while k < 3 and us < 'y':\n    k += 1\n    put(a)\n    a = x"
    ),
    "a field of a named tuple, taken from its class": (
        "from collections import namedtuple\nT = namedtuple('T', 'a b')\nx = callable(type(T(1, 2)).a)"
    ),
    "a name of the module that a function binds twice before it fails": (
        "x = False\ndef f():\n    global x\n    x = not x\n    x = us < ~7 < ~7\ntry:\n    f()\n"
        "except TypeError:\n    pass"
    ),
    "an attribute that a function binds twice before it fails": (
        "class C: pass\no = C()\no.a = False\ndef f():\n    o.a = True\n    o.a = us < ~7 < ~7\n"
        "try:\n    f()\nexcept TypeError:\n    pass\nx = o.a"
    ),
    "whether something has an attribute of a name that is a default": (
        "class C:\n    def do_a(self): pass\nx = hasattr(C(), 'do_' + os.environ.get('KIND', 'b'))"
    ),
    "an attribute of a name that is a default": (
        "class C: a = 1\nx = getattr(C, os.environ.get('KIND', 'a'))"
    ),
    "an attribute that is set under a name that is a default": (
        "class C: pass\no = C()\no.a = 1\nsetattr(o, os.environ.get('KIND', 'a'), 2)\nx = o.a"
    ),
    "what iterating gives is a class's own matter below a named tuple": (
        "from typing import NamedTuple\nclass T(NamedTuple):\n    a: int\n"
        "class U(T):\n    def __iter__(self):\n        yield 2\nx = list(U(1))"
    ),
    "a default that was known when the function was defined before": (
        "seen, k = [1], 0\nwhile k < 2:\n    k += 1\n    def f(*, z=sum(seen)): return z\n"
        "    x = f()\n    seen[len(seen):] = [3 + ui]"
    ),
    "something of which nothing is known, with a tuple added": (
        "import json\nk = json.loads('[1]')\nk += tuple('ab')\nk.clear()\nx = k"
    ),
    "what a name was for a while before something failed": (
        "x, k = [1], {}\ntry:\n    m = x\n    k.pop('gone')\n    m = k\n"
        "except KeyError:\n    m[0:0] = [int(ub)]"
    ),
    "a dict with what is not followed merged in": "x = ({'a': 1} | dict.fromkeys(['a', 'b'], 0)).get('a')",
    "what a constructor does, where an object is asked for what it has not": (
        "x = []\nclass C:\n    def __init__(self, a=1): x.append(a)\ny = getattr(C(), 'gone', None)"
    ),
    "a number to a base": "x = int('12', 3), int('12', base=3)",
    "a default that is changed, of an attribute that is chosen at run time": (
        "x = [1]\nclass C: pass\ngetattr(C(), us, x).append(2)"
    ),
    "an attribute that is chosen at run time and changed": (
        "class C: pass\no = C()\no.l = [1]\ngetattr(o, us or 'l').append(2)\nx = o.l"
    ),
    "a default that is changed, of a key that may not be there": (
        "x, k = [1], {'a': []}\nif ub: del k['a']\nk.setdefault('a', x).append(2)"
    ),
    "an attribute that is set on one of two objects": (
        "class C: pass\no, p = C(), C()\no.a = p.a = 1\nif ub: o = p\no.a = 2\nx = p.a"
    ),
    "what was set under a name that is not known, taken out again and changed": (
        "x = [1]\nclass C: pass\no = C()\nsetattr(o, us, x)\ngetattr(o, us).append(2)"
    ),
    "what a generator does before anybody asks it": (
        "x = []\ndef f():\n    x.append(1)\n    yield 1\ng = f()"
    ),
    "what a generator does when it is asked later": (
        "x = []\ndef f():\n    x.append(1)\n    yield 1\ng = f()\nx.clear()\nlist(g)"
    ),
    "a context that is left where it is not seen": (
        "from contextlib import ExitStack, contextmanager\nx = []\n@contextmanager\n"
        "def f():\n    x.append(1)\n    yield\nwith ExitStack() as stack: stack.enter_context(f())"
    ),
    "what an expression of a generator does when it is asked later": (
        "x = []\ndef f(v): x.append(v)\ng = (f(v) for v in [1])\nx.clear()\nlist(g)"
    ),
    "what map calls when it is asked later": "x = []\ng = map(x.append, [1])\nx.clear()\nlist(g)",
    "what filter calls when it is asked later": "x = []\ng = filter(x.append, [1])\nx.clear()\nlist(g)",
    "what is counted of a generator that is asked later": (
        "x = []\ndef f():\n    x.append(1)\n    yield 1\ng = enumerate(f())\nx.clear()\nlist(g)"
    ),
    "a default that was not known": "k = ui + 1\nf = lambda v=k: v\nk = 5\nx = f()",
}  # fmt: skip


def agreed(source: str) -> list[bool | None]:
    """Of each world in which the program runs to its end, whether ``x`` is what was read."""
    value = read(source)[1]["x"]
    worlds = [names["x"] for names in (computed(source, seed) for seed in range(36)) if names is not None]
    return [Differences().agrees(value, real) for real in worlds]


@pytest.mark.parametrize("source", KNOWN.values(), ids=KNOWN)
def test_what_the_code_itself_decides_is_known_and_right(source: str) -> None:
    assert agreed(f"from ext import ui, us\n{source}") == [True] * 36


@pytest.mark.parametrize("source", NOT_KNOWN.values(), ids=NOT_KNOWN)
def test_what_is_not_followed_is_not_known(source: str) -> None:
    first, mark, program = source.rpartition("'module program'\n")
    found = agreed(f"{first}{mark}from ext import ub, ui, us\nimport os\n{program}")
    assert set(found) == {None}
