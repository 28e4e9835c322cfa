"""Whatever stands in a .py file comes out as a tree with its own lines, or as a diagnostic."""

import ast
import codecs
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strangler.sources import python2, tokens
from strangler.sources.python import parse


def code_of(data):
    parsed = parse(data if isinstance(data, bytes) else data.encode(), "shop/a.py")
    assert parsed.tree is not None or parsed.diagnostics
    return parsed.diagnostics[0].code if parsed.diagnostics else "parsed"


READABLE = {
    "empty": b"",
    "only a byte order mark": codecs.BOM_UTF8,
    "byte order mark": codecs.BOM_UTF8 + "x = 'é'\n".encode(),
    "Latin-1 as declared": "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"),
    "an alias of UTF-8": "# coding: utf\nx = 'é'\n".encode(),
    "a cookie in the second line": "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode(
        "cp1252"
    ),
    "carriage returns": b"x = 1\ry = 2\r",
    "mixed line ends": b"x = 1\r\ny = 2\n",
    "form feed": b"x = 1\n\x0c\ny = 2\n",
    "identifiers that normalise": "ﬁ = 1\nprint(fi)\n".encode(),
    "a lone surrogate in an escape": b"x = '\\ud800'\n",
    "no line end at the end": b"x = 1",
    "200 brackets": b"x = " + b"[" * 90 + b"]" * 90,
}


@pytest.mark.parametrize("data", READABLE.values(), ids=READABLE.keys())
def test_readable(data):
    assert code_of(data) == "parsed"


def test_lines_count_as_python_counts_them():
    parsed = parse(b"x = '\xe2\x80\xa8'\r\ry = 1\x0b if x else 2\r\nz = 3\n".replace(b"\x0b", b""), "a.py")
    assert [node.lineno for node in parsed.tree.body] == [1, 3, 4]
    assert parsed.text.split("\n")[3] == "z = 3"


NOT_TEXT = {
    "Latin-1 without a cookie": "x = 1\ny = 'é'\n".encode("latin-1"),
    "a wrong cookie": "# coding: ascii\nx = 1\ny = 'é'\n".encode(),
    "an unknown cookie": b"# coding: klingon\nx = 1\n",
    "a codec that is no encoding": b"# coding: rot13\nk = 1\n",
    "a codec that takes quadratic time": b"# coding: punycode\nx = 1\n",
    "a cookie against the mark": codecs.BOM_UTF8 + b"# coding: latin-1\n",
    "UTF-16": "import os\n".encode("utf-16"),
    "UTF-16 without a mark": "import os\n".encode("utf-16-le"),
    "UTF-32": "import os\n".encode("utf-32"),
    "a NUL byte": b"x = 1\ny = '\0'\n",
    "compressed": b"\x1f\x8b\x08\0abc",
}


@pytest.mark.parametrize("data", NOT_TEXT.values(), ids=NOT_TEXT.keys())
def test_what_is_no_text_is_named_and_nothing_is_replaced(data):
    assert code_of(data) == "encoding-error"


def test_the_line_of_a_stray_byte_is_told():
    assert parse("x = 1\ny = 'é'\n".encode("latin-1"), "a.py").diagnostics[0].line == 2


HINTED = {
    "merge conflict": ("x = 1\n<<<<<<< HEAD\ny = 1\n=======\ny = 2\n>>>>>>> b\n", "merge conflict", 2),
    "git-lfs": ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "git-lfs pointer", 1),
    "template": ("from {{ package }} import models\n", "template", 1),
    "IPython": ("import os\n%matplotlib inline\n", "IPython", 2),
    "slip": ("x = 1\ndef f(:\n    pass\n", "invalid syntax", 2),
    "not closed": ("x = 1\n\ny = (1,\n", "never closed", 3),
    "open string": ('x = 1\ny = """abc\n', "unterminated", 2),
    "mixed indentation": ("if 1:\n\tx = 1\n        y = 2\n", "tabs", 3),
}


@pytest.mark.parametrize(("text", "hint", "line"), HINTED.values(), ids=HINTED.keys())
def test_a_syntax_error_has_its_line_and_a_hint(text, hint, line):
    parsed = parse(text.encode(), "shop/a.py")
    (diagnostic,) = parsed.diagnostics
    assert (diagnostic.code, diagnostic.file, diagnostic.line) == ("syntax-error", "shop/a.py", line)
    assert hint in diagnostic.message


OVERWHELMING = {
    "brackets": "x = " + "(" * 5_000 + ")" * 5_000,
    "open brackets": "x = " + "[" * 100_000,
    "attributes": "x = a" + ".b" * 100_000,
    "calls": "x = a" + ".b()" * 50_000,
    "sum": "x = " + " + ".join(["a"] * 50_000),
    "or": "x = " + " or ".join(["a"] * 20_000),
    "not": "x = " + "not " * 20_000 + "a",
    "minus": "x = " + "-" * 20_000 + "1",
    "elif": "if a:\n    pass\n" + "elif b:\n    pass\n" * 3_000,
    "nested if": "".join("    " * depth + "if a:\n" for depth in range(120)) + "    " * 120 + "pass\n",
    "a huge number": "x = " + "9" * 100_000,
    "f-strings in f-strings": "x = " + 'f"{' * 5_000,
    "unclosed f-strings": 'f"{a\n' * 50_000,
    "open triple quotes": "'''" + '"""' * 50_000,
    "quotes": "'\"" * 100_000,
    "Python 2 nested": "print " + "`" * 1 + "(" * 3_000 + ")" * 3_000 + "`",
    "type parameters": "def f" + "[" * 10_000,
    "lambdas": "print lambda " + "(x, " * 2_000 + ")" * 2_000 + ": x",
    "backslashes": "\\\n" * 200_000,
    "an imported name": "import a" + ".a" * 400_000,
    "an imported name over lines": "import a" + " . \\\na" * 200_000,
    "a module of what is imported": "x = 1; from a" + ".a" * 400_000 + " import b",
}


@pytest.mark.parametrize("text", OVERWHELMING.values(), ids=OVERWHELMING.keys())
def test_no_text_takes_long_or_ends_the_process(text):
    start = time.process_time()
    assert code_of(text) in ("parsed", "too-complex", "syntax-error", "python2")
    assert time.process_time() - start < 10


@pytest.mark.parametrize("name", [name for name in OVERWHELMING if "imported" in name])
def test_a_name_whose_beginnings_would_fill_the_memory_is_not_given_to_the_parser(name):
    assert code_of(OVERWHELMING[name]) == "too-complex"


@pytest.mark.parametrize("text", ["import a" + ".a" * 499, "x = [" + "1.5, " * 600 + "]", "# " + "." * 900])
def test_many_dots_alone_are_not_too_complex(text):
    assert code_of(text) == "parsed"


def test_nesting_beyond_the_parser_is_too_complex():
    assert code_of(OVERWHELMING["brackets"]) == "too-complex"
    assert code_of(OVERWHELMING["nested if"]) == "too-complex"


OLDER = {
    "print": ("print 'a', b\n", "print('a', b)"),
    "print at the end of a line": ("if x: print 'a'\n", "if x:\n    print('a')"),
    "print to a file": ("print >>err, 'a' % b,\nprint 1\n", "print(err, 'a' % b)\nprint(1)"),
    "print without a blank": ('print"a"\n', "print('a')"),
    "print over lines": ("print ('a'\n       'b'), c\nprint 1\n", "print('ab', c)\nprint(1)"),
    "print and semicolon": ("x = 1; print x; y = 2\n", "x = 1\nprint(x)\ny = 2"),
    "print of a dict": ("print {1: 2}\n", "print({1: 2})"),
    "print in a lambda's neighbourhood": ("f = lambda: 1\nprint f\n", "f = lambda: 1\nprint(f)"),
    "exec": ("exec code in scope, local\n", "exec(code, scope, local)"),
    "exec of a string": ("exec 'x = 1'\n", "exec('x = 1')"),
    "except": ("try:\n    x\nexcept E, e:\n    y\n", "try:\n    x\nexcept E as e:\n    y"),
    "except with several": ("try:\n    x\nexcept (A, B), e: y\n", "try:\n    x\nexcept (A, B) as e:\n    y"),
    "except into a tuple": ("try:\n    x\nexcept E as (a, b): y\n", "try:\n    x\nexcept E as _:\n    y"),
    "raise": ("raise E, 'a %s' % b\n", "raise E('a %s' % b)"),
    "raise with a traceback": ("raise E, v, tb\n", "raise E(v, tb)"),
    "backquotes": ("x = `a` + `b`\n", "x = repr(a) + repr(b)"),
    "unequal": ("if a <> b: c\n", "if a != b:\n    c"),
    "octal": ("os.chmod(x, 0755)\n", "os.chmod(x, 493)"),
    "octal long": ("x = 017L\n", "x = 15"),
    "long": ("x = 10L + 0xFFl\n", "x = 10 + 255"),
    "ur": ("x = ur'a\\d'\n", "x = 'a\\\\d'"),
    "escapes in byte strings": ("print 'C:\\users'\n", "print('C:\\\\users')"),
    "tuple parameters": ("def f(a, (b, c), d=1): pass\n", "def f(a, b, c, d=1):\n    pass"),
    "tuple parameters with a default": ("def f(a=0, (b, c)=x): pass\n", "def f(a=0, b=None, c=x):\n    pass"),
    "tuple lambda": ("x = map(lambda (k, v): k, y)\n", "x = map(lambda k, v: k, y)"),
    "async as an argument": ("f(async=True)\nx.async(1)\n", "f(async=True)\nx.async(1)"),
    "await as a function": ("def await(): pass\n", "def await():\n    pass"),
    "True as a variable": ("True, False = 1, 0\n", "True, False = (1, 0)"),
    "tabs of eight": ("if a:\n\tprint 1\n        print 2\n", "if a:\n    print(1)\n    print(2)"),
}


@pytest.mark.parametrize(("text", "expected"), OLDER.values(), ids=OLDER.keys())
def test_python_2_is_read_and_named(text, expected):
    parsed = parse(text.encode(), "shop/a.py")
    assert parsed.tree is not None, parsed.diagnostics
    assert ast.unparse(parsed.tree) == expected
    (note,) = parsed.diagnostics
    assert (note.code, note.severity, parsed.lowered) == ("python2", "note", True)


def test_the_version_is_named():
    assert "Python 2 (print statement)" in parse(b"import os\nprint 'a'\n", "a.py").diagnostics[0].message
    assert parse(b"import os\nprint 'a'\n", "a.py").diagnostics[0].line == 2
    assert "Python 3.6 or older" in parse(b"async = 1\n", "a.py").diagnostics[0].message


def test_print_function_is_respected():
    text = b"from __future__ import print_function\nprint('a', file=x)\nraise E, 'b'\n"
    assert "print('a', file=x)" in ast.unparse(parse(text, "a.py").tree)


def test_python_2_with_an_error_of_its_own_says_both():
    (diagnostic,) = parse(b"print 'a'\nx = (\n", "a.py").diagnostics
    assert diagnostic.code == "python2"
    assert diagnostic.severity == "error"
    assert "never closed" in diagnostic.message


NEWER = {
    "PEP 695 function": ("def f[T: int](x: T) -> T: return x\n", "def f(x: T) -> T:\n    return x"),
    "PEP 695 class": ("class A[*Ts, **P](B): pass\n", "class A(B):\n    pass"),
    "PEP 695 alias": ("type Pair[T] = tuple[T, T]\nx = 1\n", "Pair = tuple[T, T]\nx = 1"),
    "PEP 695 over lines": ("def f[\n    T,\n](x):\n    y\n", "def f(x):\n    y"),
    "PEP 696": ("class A[T = int]: pass\n", "class A:\n    pass"),
    "PEP 701 same quotes": ("x = f'{a['k']}'\n", "x = f\"{a['k']}\""),
    "PEP 701 backslash": ("x = f'{'|'.join(a)}{b!r:>{c['d']}}'\n", None),
    "PEP 701 comment": ("x = f'''{\n  a  # why\n}'''\ny = 1\n", "x = f'{a}'\ny = 1"),
    "PEP 750": ("x = t'hello {name}'\n", "x = f'hello {name}'"),
    "PEP 758": ("try:\n    x\nexcept A, b.C:\n    y\n", "try:\n    x\nexcept (A, b.C):\n    y"),
    "PEP 758 group": ("try:\n    x\nexcept* A, B:\n    y\n", "try:\n    x\nexcept* (A, B):\n    y"),
    "PEP 810": ("lazy from shop import orders\n", "from shop import orders"),
}


@pytest.mark.parametrize(("text", "expected"), NEWER.values(), ids=NEWER.keys())
def test_newer_syntax_is_read_on_this_python(text, expected):
    parsed = parse(text.encode(), "shop/a.py")
    assert parsed.tree is not None, parsed.diagnostics
    assert parsed.diagnostics == ()
    if sys.version_info < (3, 12) and expected is not None:
        assert ast.unparse(parsed.tree) == expected


def test_expressions_inside_nested_f_strings_keep_their_lines():
    text = 'x = f"{\n    load("a")\n}{f"{save("b")}"}"\ndone(1)\n'
    calls = [node for node in ast.walk(parse(text.encode(), "a.py").tree) if isinstance(node, ast.Call)]
    assert {(node.func.id, node.lineno) for node in calls} == {("load", 2), ("save", 3), ("done", 4)}


def test_a_file_is_never_run(tmp_path):
    marker = tmp_path / "ran"
    code = f"print 'a'\nopen({str(marker)!r}, 'w')\n# coding: x\n"
    parse(code.encode(), "a.py")
    assert not marker.exists()


BLOCKS = [
    "print 'a', b", "print", "print >>f, x,", "exec 'x' in {}", "raise E, v", "x = `a`", "x = 0777 + 10L",
    "if a <> b:\n    pass", "try:\n    a\nexcept E, e:\n    print e", "def f(a, (b, c)=d):\n    return b",
    "x = '''\nprint 'a'\n'''", "# print 'a'", "y = lambda (k, v): k", "f(async=1)", "x = (1,\n\n  2)",
    "print 'a' \\\n    'b'", "class A:\n    def m(self): print 'm'", "s = 'é \\u1234'", "", "x = ur'''\n'''",
    "print ('a'\n  ), b", "d = {\n 'a': 1, # print x\n}",
]  # fmt: skip


@given(st.lists(st.sampled_from(BLOCKS), max_size=12))
@settings(max_examples=150)
def test_lowering_python_2_never_moves_a_line(blocks):
    text = "".join(f"{block}\n" for block in blocks)
    lowered = python2.lower(text)
    parsed = parse(text.encode(), "a.py")
    assert parsed.tree is not None, parsed.diagnostics
    if lowered is not None:
        assert lowered.text.count("\n") == text.count("\n")
    starts, line = [], 1
    for block in blocks:
        if block and not block.startswith("#"):
            starts.append(line)
        line += block.count("\n") + 1
    assert [node.lineno for node in parsed.tree.body] == starts


@given(st.text(alphabet="abftr'\"{}[]():;,=!\\\n\t #0lL`<>.é", max_size=60))
@settings(max_examples=400)
def test_tokens_hold_every_character_and_any_text_is_parsed_or_explained(text):
    for fstrings in (True, False):
        assert "".join(token.text for token in tokens.tokenize(text, fstrings=fstrings)) == text
    code_of(text)


@given(st.binary(max_size=80))
@settings(max_examples=200)
def test_any_bytes_are_parsed_or_explained(data):
    code_of(data)


def test_real_code_keeps_its_tree_through_both_lowerings():
    """The standard library needs no lowering; where a rule fires all the same, the tree must not change."""
    listed = subprocess.run(
        [sys.executable, "-c", "import json.decoder, argparse, ast; print(json.decoder.__file__); "
         "print(argparse.__file__); print(ast.__file__)"], capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    from strangler.sources import newer

    for path in listed:
        text = open(path, encoding="utf-8").read()  # noqa: PTH123, SIM115
        expected = ast.dump(ast.parse(text))
        lowered = newer.lower(text)
        if lowered is not None:
            assert ast.dump(lowered.restore(ast.parse(lowered.text), ast.parse)) == expected


@pytest.mark.parametrize(
    "line", ["class Foo[T]", "def f[T]", "type X[T]", "class List[int]", "type a[0]", "type X["]
)
def test_new_syntax_that_ends_too_early_is_a_syntax_error_of_its_file(line):
    assert code_of(f"x = 1\n{line}\n") == "syntax-error"
