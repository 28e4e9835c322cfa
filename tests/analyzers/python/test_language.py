"""What small programs come to: one for each construct of the language."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("x = 1 < 2 < 3", True),
        ("x = 1 < 2 < 2", False),
        ("x = 3 < 2 < 9", False),
        ("x = 1 == 1 != 1", False),
        ("x = [1, 2, 3, 4][1:3]", [2, 3]),
        ("x = 'abcd'[::2]", "ac"),
        ("a, b = 1, 2\nx = [b, a]", [2, 1]),
        ("(a, b), c = (1, 2), 3\nx = [a, b, c]", [1, 2, 3]),
        ("x = [n for n in [1, 2, 3] if n != 2]", [1, 3]),
        ("x = [a for a, b in [(1, 2), (3, 4)]]", [1, 3]),
        ("def f(a, b=2, *rest, c=3):\n    return [a, b, c]\nx = f(1, c=5)", [1, 2, 5]),
        ("def f(*rest):\n    return rest\nx = f(1, *[2, 3])", [1, 2, 3]),
        ("def f(**names):\n    return names['a']\nx = f(**{'a': 7})", 7),
        ("def outer(a):\n    def inner():\n        return a\n    return inner\nx = outer(4)()", 4),
        ("def twice(f):\n    return lambda: [f(), f()]\n@twice\ndef one():\n    return 1\nx = one()", [1, 1]),
        ("class A:\n    n = 2\n    m = n\nx = A.m", 2),
        ("class A:\n    @property\n    def p(self):\n        return 3\nx = A().p", 3),
        ("class A:\n    def __init__(self, n):\n        self.n = n\nx = A(6).n", 6),
        (
            "class A:\n    def f(self): return 1\nclass B(A):\n    def f(self): return super().f()\n"
            "x = B().f()",
            1,
        ),
        (
            "class A: n = 1\nclass B(A): pass\nclass C(A): n = 3\nclass D(B, C): pass\nx = D.n",
            3,
        ),
        ("n = 3\nx = f'a{n}b'", "a3b"),
        ("x = 'a' if 1 == 1 else 'b'", "a"),
        ("x = (n := 5)", 5),
        ("try:\n    x = 1\nfinally:\n    y = 2", 1),
        ("x = None or 'b'", "b"),
        ("x = not 0", True),
        ("x = [1]\nx += [2]", [1, 2]),
    ],
)
def test_a_program_comes_to_what_python_makes_of_it(value, program, expected):
    namespace: dict[str, object] = {}
    exec(program, namespace)
    assert value(program) == expected
    found = namespace["x"]
    assert (list(found) if isinstance(found, tuple) else found) == expected
