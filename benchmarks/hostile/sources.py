"""Python files that are broken, odd, or grow when they are read."""

from __future__ import annotations

from case import Case, with_files

BROKEN = {
    "class-parameters-no-colon": "class Foo[T]\n",
    "def-parameters-no-colon": "def f[T]\n",
    "type-no-value": "type X[T]\n",
    "class-subscript": "class List[int]\n",
    "type-subscript": "type a[0]\n",
    "colon-missing": "def f()\n    pass\n",
    "bracket-open": "x = [1, 2\n",
    "string-open": "x = 'abc\n",
    "triple-open": 'x = """abc\n',
    "merge-conflict": "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n",
    "tabs-and-blanks": "if 1:\n\tx = 1\n        y = 2\n",
    "null-bytes": "x = 1\0\n",
    "only-null": "\0" * 1000,
    "bom": "\ufeffx = 1\n",
    "form-feed": "\x0cx = 1\n",
    "old-mac": "x = 1\ry = 2\r",
    "lone-surrogate": "x = '\ud800'\n",
    "print-statement": "print 'hello'\n",
    "exec-statement": "exec 'x = 1' in {}\n",
    "backticks": "x = `1`\n",
    "async-name": "async = 1\n",
    "match-no-case": "match x:\n    pass\n",
    "walrus-bare": "x := 1\n",
    "star-alone": "*a\n",
    "return-outside": "return 1\n",
    "yield-outside": "yield 1\n",
    "nonlocal-outside": "nonlocal x\n",
    "duplicate-argument": "def f(a, a): ...\n",
    "assign-to-call": "f() = 1\n",
    "delete-literal": "del 1\n",
    "f-string-open": "x = f'{a'\n",
    "f-string-deep": "x = f'{a:{b:{c:{d}}}}'\n",
    "f-string-quotes": "x = f'{a[\"b\"]}' f'{'x'}'\n",
    "t-string": "x = t'{a}'\n",
    "encoding-unknown": "# -*- coding: martian -*-\nx = 1\n",
    "encoding-rot13": "# -*- coding: rot13 -*-\nk = 1\n",
    "encoding-idna": "# -*- coding: idna -*-\nx = 1\n",
    "encoding-utf7": "# -*- coding: utf-7 -*-\nx = '+AGE-'\n",
    "git-lfs": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    "template": "{% if x %}\nimport {{ name }}\n{% endif %}\n",
    "ipython": "%matplotlib inline\n!ls\n",
    "zero": "",
    "blank": "   ",
    "no-newline": "x = 1",
    "backslash-end": "x = 1 \\",
    "huge-number": f"x = {'9' * 100_000}\n",
    "huge-float": f"x = {'9' * 10_000}.{'9' * 10_000}e{'9' * 10}\n",
    "huge-hex": f"x = 0x{'f' * 100_000}\n",
    "unicode-digit-name": "x\u00b2 = 1\n",
    "unicode-names": "\u0435 = 1\ne = 2\n",
    "bidi": "x = 'a\u202eb'\n",
}
ODD = {
    "format-superscript": "X = '{\u00b2}'.format(1)\n",
    "format-arabic": "X = '{\u0661}'.format(1, 2)\n",
    "format-huge-index": f"X = '{{{'9' * 5000}}}'.format(1)\n",
    "format-attribute": "X = '{0.__class__.__mro__}'.format(1)\n",
    "format-nested": "X = '{:{}}'.format(1, 10 ** 9)\n",
    "percent-star": "X = '%*d' % (10 ** 9, 1)\n",
    "percent-wide": "X = '%1000000000d' % 1\n",
    "percent-mapping": "X = '%(a)s' % {}\n",
    "percent-short": "X = '%s %s' % ('a',)\n",
    "slice-step-zero": "X = 'ab'[::0]\n",
    "slice-list-step-zero": "X = [1, 2][::0]\n",
    "slice-text": "X = 'ab'['a':'b']\n",
    "slice-huge": "X = 'ab'[-10 ** 30:10 ** 30]\n",
    "index-huge": "X = [1][10 ** 30]\n",
    "divide-zero": "X = 1 / 0\nY = 1 % 0\nZ = 1 // 0.0\n",
    "shift": "X = 1 << 10 ** 12\n",
    "power": "X = 10 ** 10 ** 10\n",
    "negative-power": "X = 0 ** -1\nY = (-8) ** 0.5\n",
    "repeat": "X = 'a' * 10 ** 12\nY = [1] * 10 ** 12\n",
    "range": "X = list(range(10 ** 12))\n",
    "range-step-zero": "X = list(range(0, 10, 0))\n",
    "range-floats": "X = list(range(1.5))\n",
    "int-text": "X = int('\u00b2')\nY = int('9' * 10000)\nZ = int('1', 99)\n",
    "chr": "X = chr(-1)\nY = chr(10 ** 9)\n",
    "bytes": "X = bytes(10 ** 12)\nY = bytes([300])\n",
    "decode": "X = b'\\xff'.decode()\nY = 'x'.encode('martian')\nZ = 'a.b'.encode('idna')\n",
    "hex": "X = bytes.fromhex('zz')\n",
    "join-numbers": "X = ','.join([1, 2])\n",
    "split-empty": "X = 'abc'.split('')\n",
    "replace-empty": "X = ('a' * 10000).replace('', 'b' * 10000)\n",
    "ljust": "X = 'a'.ljust(2000000000)\nY = 'a'.center(2 * 10 ** 9)\nZ = 'a'.zfill(10 ** 10)\n",
    "expandtabs": "X = ('\\t' * 10000).expandtabs(10 ** 6)\n",
    "translate": "X = 'a'.translate({97: 'b' * 10 ** 9})\n",
    "unpack-short": "a, b = [1]\n",
    "unpack-star": "a, *b, c = 1,\n",
    "unpack-self": "a = a, *b = [1]\n",
    "dict-unhashable": "X = {[]: 1}\nY = {{}: 1}\n",
    "dict-self": "d = {}\nd['d'] = d\nX = {**d}\n",
    "list-self": "a = []\na.append(a)\nX = a == a\nY = str(a)\n",
    "class-self-base": "class A(A): ...\n",
    "class-bad-base": "class A(1, 'x', None): ...\n",
    "class-mro": "class A: ...\nclass B(A): ...\nclass C(A, B): ...\n",
    "class-getattr": "class A:\n    def __getattr__(self, n):\n        return getattr(self, n)\nX = A().y\n",
    "property-self": "class A:\n    @property\n    def x(self):\n        return self.x\nX = A().x\n",
    "descriptor-self": "class D:\n    def __get__(self, i, o):\n        return o.d\nclass A:\n    d = D()\nX = A.d\n",
    "metaclass-self": "class M(type):\n    def __call__(cls):\n        return cls()\nclass A(metaclass=M): ...\nX = A()\n",
    "decorator-self": "def f(g):\n    return f(f)\n@f\ndef h(): ...\n",
    "recursion": "def f(x):\n    return f(x + 1)\nX = f(0)\n",
    "mutual": "def f(x):\n    return g(x + 'a')\ndef g(x):\n    return f(x + 'b')\nX = f('')\n",
    "generator-self": "def g():\n    yield from g()\nX = list(g())\n",
    "eval": "X = eval('__import__(\"os\").system(\"touch $MARKER\")')\nexec('x = 1')\n",
    "import-cycle": "import good.odd\nfrom good import odd\nfrom good.odd import *\n",
    "import-self-star": "from good.odd import *\n__all__ = ['x', 1, None]\n",
    "all-odd": "__all__ = dir()\n__all__ += [__name__] * 10 ** 9\n",
    "dunder": "__name__ = 5\n__path__ = 1\n__file__ = None\n__all__ = 1\n",
    "getattr-module": "def __getattr__(name):\n    return globals()[name]\nX = missing\n",
    "type-call": "X = type('A', (1,), {1: 2})\nY = type('B' * 10 ** 6, (), {})\nZ = type(1, 2, 3)\n",
    "enum-huge": "import enum\nX = enum.Enum('E', ' '.join(map(str, range(10 ** 7))))\n",
    "namedtuple": "import collections\nX = collections.namedtuple('X' * 9, 'a a 1 def')\n",
    "regex": "import re\nX = re.compile('(a+)+$').match('a' * 10 ** 5 + 'b')\n",
    "while-true": "while True:\n    x = 1\n",
    "for-huge": "urlpatterns = []\nfor i in range(10 ** 9):\n    urlpatterns.append(i)\n",
    "comprehension": "X = [a for a in range(999) for b in range(999) for c in range(999)]\n",
    "product": "import itertools\nX = list(itertools.product(range(999), repeat=99))\n",
    "permutations": "import itertools\nX = list(itertools.permutations(range(99)))\n",
    "count": "import itertools\nX = list(itertools.count())\n",
    "cycle": "import itertools\nX = [x for x in itertools.cycle([1])]\n",
    "iter-callable": "X = list(iter(int, 1))\n",
    "sql-deep": "from django.db import connection\nc = connection.cursor()\nc.execute('SELECT ' + '(' * 3000 + '1' + ')' * 3000)\n",
    "sql-long": "from django.db import connection\nconnection.cursor().execute('SELECT ' + ', '.join(['a'] * 100000))\n",
}


def bomb(first: str, step: str, times: int) -> str:
    return "\n".join([first, *[step] * times, ""])


GROWING = {
    "double-text": bomb("y = 'ab'", "y = y + y", 60),
    "double-list": bomb("y = [1, 2]", "y = [*y, *y]", 60),
    "double-tuple": bomb("y = (1, 2)", "y = y + y", 60),
    "double-bytes": bomb("y = b'ab'", "y = y + y", 60),
    "double-join": bomb("y = 'ab'", "y = ''.join([y, y, y, y, y, y, y, y, y, y])", 40),
    "double-f-string": bomb("y = 'ab'", "y = f'{y}{y}'", 60),
    "double-format": bomb("y = 'ab'", "y = '{0}{0}'.format(y)", 60),
    "double-percent": bomb("y = 'ab'", "y = '%s%s' % (y, y)", 60),
    "double-replace": bomb("y = 'aa'", "y = y.replace('a', 'aa')", 60),
    "double-augmented": bomb("y = 'ab'", "y += y", 60),
    "double-extend": bomb("y = [1, 2]", "y.extend(y)", 60),
    "double-dict": bomb("y = {'a': 1}", "y = {**y, **{k + 'x': v for k, v in y.items()}}", 40),
    "double-set": bomb("y = {1}", "y = y | {a + len(y) for a in y}", 40),
    "double-nest": bomb("y = [1]", "y = [y, y]", 200),
    "double-tuple-nest": bomb("y = (1,)", "y = (y, y)", 200),
    "double-union": bomb("y = 'a'", "y = y + 'b' if unknown() else y + 'c'", 60),
    "double-call": "def f(x):\n    return x + x\n" + bomb("y = 'ab'", "y = f(y)", 60),
    "double-loop": "y = 'ab'\nfor i in range(60):\n    y = y + y\n",
    "double-lambda": bomb("y = lambda: 'a'", "y = (lambda z: lambda: z() + z())(y)", 60),
    "double-class": "class A0: ...\n" + "".join(f"class A{n + 1}(A{n}): ...\n" for n in range(3000)),
    "diamond": "class A0: ...\nclass B0: ...\n"
    + "".join(f"class A{n + 1}(A{n}, B{n}): ...\nclass B{n + 1}(A{n}, B{n}): ...\n" for n in range(60)),
    "bases": "\n".join(f"class B{n}: ..." for n in range(3000))
    + "\nclass A("
    + ", ".join(f"B{n}" for n in range(3000))
    + "): ...\n",
    "yield-from": "def g(n):\n    yield n\n    yield from g(n + 1)\n    yield from h(n + 1)\ndef h(n):\n    yield from g(n)\n    yield from h(n + 2)\nX = dict.fromkeys(g(0))\n",
    "update-recursion": "def f(d):\n    e = {}\n    for k in d:\n        e.update(f(d))\n        e.update(g(e))\n    return e\ndef g(d):\n    d.update(f(d))\n    return d\nX = f({'a': 1, 'b': 2})\n",
    "fibonacci": "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nX = f(90)\n",
    "ackermann": "def a(m, n):\n    return n + 1 if not m else a(m - 1, 1) if not n else a(m - 1, a(m, n - 1))\nX = a(4, 4)\n",
    "calls-40-deep": "def f0(x):\n    return x\n"
    + "".join(f"def f{n + 1}(x):\n    return f{n}(f{n}(x))\n" for n in range(40))
    + "X = f40(1)\n",
    "branches": "x = 0\n" + "if unknown():\n    x = x + 1\nelse:\n    x = x + 2\n" * 60,
    "tries": "x = ''\n" + "try:\n    x = x + 'a'\nexcept Exception:\n    x = x + 'b'\n" * 60,
    "models-in-loop": "from django.db import models\nfor i in range(10 ** 6):\n    globals()[f'M{i}'] = type(f'M{i}', (models.Model,), {'__module__': __name__})\n",
    "brackets": "x = " + "(" * 100_000 + ")" * 100_000 + "\n",
    "terms": "x = " + " + ".join(["1"] * 50_000) + "\n",
    "nots": "x = " + "not " * 5_000 + "1\n",
    "lambdas": "x = " + "lambda: " * 900 + "1\n",
    "attributes": "x = a" + ".b" * 20_000 + "\n",
    "calls": "x = a" + "()" * 20_000 + "\n",
    "ifs": "".join("    " * n + "if x:\n" for n in range(99)) + "    " * 99 + "pass\n",
    "elifs": "if x == 0:\n    pass\n" + "".join(f"elif x == {n}:\n    pass\n" for n in range(3000)),
    "cases": "match x:\n" + "".join(f"    case {n}:\n        pass\n" for n in range(5000)),
    "decorators": "@f\n" * 5000 + "def g(): ...\n",
    "arguments": "f(" + ", ".join(f"a{n}={n}" for n in range(5000)) + ")\n",
    "strings": "x = " + "'a' " * 50_000 + "\n",
    "line": "x = '" + "a" * 900_000 + "'\n",
    "items": "x = [" + "1, " * 300_000 + "]\n",
    "percent-open": "X = '" + "%(" * 200_000 + "' % {'a': 1}\nY = '" + "{a{b}" * 90_000 + "'.format(1)\n",
    "sql-create": f"from django.db import connection\nconnection.cursor().execute('create{' ' * 59_000}')\n",
    "sql-open": "from django.db import connection\nc = connection.cursor()\n"
    + "".join(
        f"c.execute('select {piece * (58_000 // len(piece))}')\n" for piece in ("%(", "/*", "[a", "from [a")
    ),
    "path-open": f"from django.urls import path\nurlpatterns = [path('{'<' * 60_000}', None)]\n",
    "underscores": f"import peewee\nclass {'_' * 90_000}A(peewee.Model):\n    class Meta:\n        legacy_table_names = True\n",
    "template-of-python": "(" + "{{" * 400_000,
    "quotes-of-python2": "print 'a'\n" + '\\"' * 400_000,
    "settings-gaps": f"import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', f'{'a{x}' * 50}([')\n",
    "functions": "".join(f"def f{n}():\n    return f{n + 1}()\n" for n in range(8000)),
    "imports": "".join(f"import good.m{n}\n" for n in range(20_000)),
}
CHAINS: dict[str, dict[str, str | bytes]] = {
    "mutual-modules": {
        f"good/m{n}.py": f"from good import m{(n + 1) % 30}\ndef f(x):\n    return m{(n + 1) % 30}.f(x + 'a') + m{(n + 7) % 30}.f(x)\nX = f('')\n".replace(
            "from good import", f"from good import m{(n + 7) % 30}\nfrom good import"
        )
        for n in range(30)
    },
    "star-modules": {
        f"good/m{n}.py": "".join(f"from good.m{k} import *\n" for k in range(60)) + f"x{n} = 1\n"
        for n in range(60)
    },
    "class-modules": {
        f"good/m{n}.py": f"from good.m{n - 1} import A{n - 1}\nclass A{n}(A{n - 1}): ...\n"
        if n
        else "class A0: ...\n"
        for n in range(800)
    },
    "include-self": {
        "good/urls.py": "from django.urls import include, path\nurlpatterns = [path('a/', include('good.urls')), path('b/', include('good.urls')), path('c/', include('good.urls'))]\n"
    },
    "include-two-way": {
        **{
            f"good/u{n}.py": f"from django.urls import include, path\nurlpatterns = [path('a/', include('good.u{n + 1}')), path('b/', include('good.u{n + 1}'))]\n"
            for n in range(40)
        },
        "good/u40.py": "urlpatterns = []\n",
        "good/urls.py": "from django.urls import include, path\nurlpatterns = [path('', include('good.u0'))]\n",
    },
    "include-growing": {
        "good/urls.py": "from django.urls import include, path\nurlpatterns = []\nfor i in range(300):\n    urlpatterns += [path(f'{i}/', include(urlpatterns))]\n"
    },
    "routers-two-way": {
        "good/api.py": "from fastapi import APIRouter, FastAPI\n"
        + "r0 = APIRouter()\n@r0.get('/x')\ndef x(): ...\n"
        + "".join(
            f"r{n + 1} = APIRouter()\nr{n + 1}.include_router(r{n}, prefix='/a')\nr{n + 1}.include_router(r{n}, prefix='/b')\n"
            for n in range(40)
        )
        + "app = FastAPI()\napp.include_router(r40)\n"
    },
    "blueprints-self": {
        "good/web.py": "from flask import Blueprint, Flask\nb = Blueprint('b', __name__)\nb.register_blueprint(b)\napp = Flask(__name__)\napp.register_blueprint(b)\n"
    },
    "routes-many": {
        "good/urls.py": "from django.urls import path\nfrom good import views\nurlpatterns = [path(f'{i}/', views.v) for i in range(10 ** 7)]\n",
        "good/views.py": "def v(r): ...\n",
    },
    "template-self": {
        "good/templates/a.html": "{% extends 'a.html' %}{% include 'a.html' %}",
        "good/views.py": "from django.shortcuts import render\ndef v(r):\n    return render(r, 'a.html')\n",
    },
    "template-bomb": {
        "good/templates/a.html": "{% block a %}" * 20_000,
        "good/templates/b.html": "{{ a|b" * 20_000,
    },
    "settings-self": {
        "good/settings.py": "from good.settings import *\nINSTALLED_APPS = ['good'] + INSTALLED_APPS\nINSTALLED_APPS += ['good']\nROOT_URLCONF = 'good.urls'\n"
    },
    "empty-files": {f"good/e{n // 100}/m{n}.py": "" for n in range(3000)},
    "same-names": {
        f"p{n}/good/models.py": "from django.db import models\nclass Good(models.Model): ...\n"
        for n in range(50)
    },
    "huge-file": {"good/huge.py": "x = 1\n" * 9_000_000},
}
CASES: list[Case] = [
    *(with_files(name, {"good/odd.py": text}) for name, text in {**BROKEN, **ODD, **GROWING}.items()),
    *(
        with_files(
            f"{name}-in-function",
            {"good/odd.py": "def f():\n" + "".join(f"    {line}\n" for line in text.splitlines())},
        )
        for name, text in ODD.items()
        if "\n " not in text and "import *" not in text
    ),
    *(with_files(name, files) for name, files in CHAINS.items()),
]
