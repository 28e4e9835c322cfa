"""Small changes that make an input odd: of bytes, of Python's syntax trees, of TOML, of JSON, of git's files."""

from __future__ import annotations

import ast
import copy
import json
import warnings
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha1
from random import Random
from typing import Any

ODD_TEXTS = (
    "", "\0", "\n", "\\", "'", '"', "{", "}", "{}", "{²}", "{0.a[1]!r:>{w}}", "%", "%s%d%(x)s", "${x}", "`", "../..", "/",
    "a.b..c", ".", "..", "*", "__init__", "²", "٣", "é\u202e", "\ud800", "\u2028", "a" * 3000, "{" * 50, "(" * 200, "#", ";",
    "x,y", "0", "-1", "1e9", "None", "^(a+)+$", "(?P<a>x)(?P=a)", "<int:pk>", "<a:b:c>", "(?P<pk>[0-9]+)", "[", "SELECT * FROM",
    "self", "auth.User", "app.Model", "django.db.models", "https://[", "//h/x", "=", "$", "~",
)  # fmt: skip
ODD_NUMBERS = (0, -1, 1, 2, 255, 2**31, 2**63, 2**64, -(2**63), 10**40, 10**400, 0.5, -0.0, 1e308)
ODD_CODE = (
    "[1, 2][::0]", '"{²}".format(1)', "lambda *a, **k: k", "(yield)", "[x async for x in y]", "(x := x)", "*a, *b",
    "f'{x!r:>{y}}'", "''.join(x for x in x)", "type('A', (), {})", "10 ** 10 ** 3", "'a' * 10 ** 9", "[] * -1", "{**{}, **x}",
    "x[...]", "x[1:2, ::3]", "super().a", "__import__(x)", "getattr(x, 'a' 'b')", "dict(a=1)(**x)", "not not x", "x @ y",
    "range(10 ** 12)", "sorted(x, key=x)", "zip(*x)", "1 if x else y", "'%d' % 'a'", "'%(a)s' % {}", "b'\\xff'.decode()", "-''",
    "1 / 0", "1 << 10 ** 6", "'x'[5]", "{}['a']", "None.x", "int('²')", "chr(-1)", "'a'.split('')", "str.format", "max()", "min([])",
    "isinstance(1, 2)", "'a' in 5", "[*None]", "{*1}", "round('a')", "'a'.zfill(10 ** 9)", "sum(['a'])", "next(iter([]))", "[].pop()",
)  # fmt: skip
ODD_LINES = (
    "class A[T](A): pass", "class B(*x, **y): pass", "class C(C): pass", "def f(f=f, /, *, f2): return f(f)", "import a.b.c as a",
    "from . import *", "from .... import x", "from __future__ import x", "global x", "nonlocal x", "del x, x[0]", "return", "yield",
    "match x:\n    case {'a': [*_, 1]}: pass\n    case A(b=c) | d: pass", "try:\n    pass\nexcept* A as x:\n    raise", "type X[T] = X",
    "with a as b, c as (d, *e): pass", "for x in x: x.append(x)\nelse: x = [x]", "while True: x = [x, x]", "async def g(): await g()",
    "@x(x)\n@y\ndef z(): z()", "x += x", "x: x = x", "assert x, x", "x = y = z = x", "(a, *b), c = x", "lambda: (yield)",
    "urlpatterns = urlpatterns + urlpatterns", "objects = objects", "Meta = Meta", "__all__ = __all__ + x", "if x: pass\nelif y: x",
)  # fmt: skip
SPLICES = (b"\0", b"\xff", b"\r", b"\f", b"\\\n", b'"""', b"'''", b"(", b"]", b"{", b":", b"#", b"\t", b"\xef\xbb\xbf", b"\xc2\xb2", b"=", b"[T]")  # fmt: skip


def data(content: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """Bytes with spans lost, doubled, moved or taken from another file."""
    found = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        at = random.randrange(len(found) + 1)
        end = min(len(found), at + random.choice((1, 1, 2, 5, 20, 200)))
        match random.randrange(7):
            case 0:
                del found[at:end]
            case 1:
                found[at:at] = random.choice(SPLICES)
            case 2:
                found[at:at] = found[at:end] * random.choice((1, 2, 30))
            case 3 if found:
                found[min(at, len(found) - 1)] = random.randrange(256)
            case 4 if others:
                other = random.choice(others)
                start = random.randrange(len(other) + 1)
                found[at:end] = other[start : start + random.choice((5, 40, 400))]
            case 5:
                found[at:at] = random.choice((*ODD_TEXTS, *ODD_CODE, *ODD_LINES)).encode("utf-8", "replace")
            case _:
                lines = bytes(found).split(b"\n")
                here, there = random.randrange(len(lines)), random.randrange(len(lines))
                lines[here], lines[there] = lines[there], lines[here]
                found = bytearray(b"\n".join(lines))
    return bytes(found)


def python(content: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """Python with expressions, statements, names and constants put where they do not belong; still syntax."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(content)
            donor = ast.parse(random.choice(others)) if others else tree
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return data(content, random, others)
        for _ in range(random.choice((1, 2, 3, 6))):
            _change(tree, donor, random)
        try:
            return ast.unparse(ast.fix_missing_locations(tree)).encode("utf-8", "surrogatepass")
        except (ValueError, RecursionError, TypeError, AttributeError, SyntaxError):
            return data(content, random, others)


def _change(tree: ast.Module, donor: ast.Module, random: Random) -> None:
    nodes = list(ast.walk(tree))
    node = random.choice(nodes)
    kind = random.randrange(6)
    if kind == 0 and (names := [n for n in nodes if isinstance(n, ast.Name)]):
        random.choice(names).id = random.choice(names).id
        return
    if kind == 1 and (constants := [n for n in nodes if isinstance(n, ast.Constant)]):
        random.choice(constants).value = random.choice((*ODD_TEXTS, *ODD_NUMBERS, None, True, ..., b"\xff"))
        return
    for field, value in random.sample(fields := list(ast.iter_fields(node)), len(fields)):
        if isinstance(value, list) and value:
            at = random.randrange(len(value))
            match random.randrange(5):
                case 0 if len(value) > 1:
                    del value[at]
                case 1:
                    value.insert(at, copy.deepcopy(random.choice(value)))
                case 2:
                    random.shuffle(value)
                case _:
                    if isinstance(value[at], ast.stmt):
                        value[at:at] = _statements(donor, random)
                    elif isinstance(value[at], ast.expr):
                        value[at] = _expression(tree, donor, random)
            return
        if isinstance(value, ast.expr):
            setattr(node, field, _expression(tree, donor, random))
            return
        if isinstance(value, str) and field in ("name", "attr", "arg", "id"):
            names = [n.attr for n in ast.walk(donor) if isinstance(n, ast.Attribute)] + [
                "self",
                "x",
                "é",
                "__init__",
            ]
            setattr(node, field, random.choice(names))
            return


def _statements(donor: ast.Module, random: Random) -> list[ast.stmt]:
    if random.random() < 0.4:
        try:
            return ast.parse(random.choice(ODD_LINES)).body
        except SyntaxError:  # newer than this Python
            return [ast.Pass()]
    return [
        copy.deepcopy(random.choice([n for n in ast.walk(donor) if isinstance(n, ast.stmt)] or [ast.Pass()]))
    ]


def _expression(tree: ast.Module, donor: ast.Module, random: Random) -> ast.expr:
    if random.random() < 0.4:
        return ast.parse(random.choice([c for c in ODD_CODE if not c.startswith("*")]), mode="eval").body
    nodes = ast.walk(random.choice((tree, donor)))
    found = [n for n in nodes if isinstance(n, ast.expr) and not isinstance(n, ast.Starred)]
    return copy.deepcopy(random.choice(found or [ast.Constant(None)]))


def document(value: Any, random: Random, changes: int = 0) -> Any:
    """JSON with a few values lost, doubled, swapped, odd or, seldom, of another type."""
    found = copy.deepcopy(value)
    for _ in range(changes or random.choice((1, 1, 2, 4, 10))):
        holder, key = _spot(found, random)
        if holder is None:
            return _odd(found, random)
        old = holder[key]
        match random.randrange(8):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.insert(random.randrange(len(holder) + 1), copy.deepcopy(old))
            case 2:
                other, spot = _spot(found, random)
                if other is not None and type(other[spot]) is type(old):
                    holder[key] = copy.deepcopy(other[spot])
            case 3 if isinstance(old, list):
                random.shuffle(old)
            case 4 if random.random() < 0.3:
                holder[key] = random.choice((None, 1, "x", [], {}, [[]], True, 0.5))
            case 5 if isinstance(holder, dict):
                holder[random.choice(ODD_TEXTS)] = holder.pop(key)
            case _:
                holder[key] = _odd(old, random)
    return found


def _odd(old: Any, random: Random) -> Any:
    if isinstance(old, bool):
        return not old
    if isinstance(old, str):
        text = random.choice(ODD_TEXTS)
        return random.choice((text, old + text, text + old, old[: len(old) // 2]))
    if isinstance(old, int | float):
        return random.choice(ODD_NUMBERS)
    if isinstance(old, list):
        return old * random.choice((0, 2, 50))
    if isinstance(old, dict):
        return {}
    return random.choice((0, "", "x", [], {}))


def _spot(value: Any, random: Random) -> tuple[Any, Any]:
    holder: Any = None
    key: Any = None
    while isinstance(value, dict | list) and value and (holder is None or random.random() < 0.9):
        holder = value
        key = random.choice(list(value)) if isinstance(value, dict) else random.randrange(len(value))
        value = value[key]
    return holder, key


def dumped(value: Any) -> bytes:
    """JSON, with what JSON has no form for written all the same."""
    return json.dumps(value, ensure_ascii=True).encode("utf-8", "surrogatepass")


def toml(value: Any, random: Random) -> str:
    """A value of TOML, mostly of the kind it should have."""
    if random.random() < 0.25:
        value = random.choice((5, "x", [], {}, [[]], True, 0.5, -1, {"a": 1}, ["x", 5], 10**30, "\0\n"))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))} = {toml(v, random)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(one, random) for one in value) + "]"
    if isinstance(value, str):
        return json.dumps(value if random.random() < 0.5 else random.choice(ODD_TEXTS)).replace("\\ud800", "")
    if value is None:
        return random.choice(("1979-05-27", "07:32:00", "inf", "nan", "1_000", "''"))
    return json.dumps(value)


COMMIT = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n%s\n%s"
PEOPLE = (
    b"A <a@b> 1700000000 +0000", b"A <a@b> 253402300799 +0000", b"A <a@b> 9223372036854775807 +0000", b"A <a@b> -5 +0000",
    b"A <a@b> 1700000000 +9999", b"A <a@b> 1700000000 -99999999", b"A <a@b>", b"<> 0 +0000", b"\xff <\x01> 1 +0000", b"A <a@b 1 +0000",
    b"A > <b@c> 1 +0000", b"", b"A" * 5000 + b" <a@b> 1700000100 +0000", b"A <a@b> x +0000", b"A <a@b> 99999999999999999999999 +0000",
)  # fmt: skip
NAMES = (
    b"a.py",
    b".git",
    b"..",
    b".",
    b"a/b.py",
    b"a => b.py",
    b"{a => b}.py",
    b"\xff.py",
    b"a\nb.py",
    b"a\tb.py",
    b'"a".py',
    b"",
    b"good",
)
MODES = (b"100644", b"40000", b"120000", b"160000", b"0", b"777777", b"100664", b"-1")


def loose(kind: bytes, body: bytes) -> tuple[str, bytes]:
    """The file of a git object below ``.git``, whatever it says, and its content."""
    content = kind + b" %d\0" % len(body) + body
    name = sha1(content).hexdigest()
    return f"objects/{name[:2]}/{name[2:]}", zlib.compress(content)


def repository(files: dict[str, bytes], random: Random) -> dict[str, bytes]:
    """Files of ``.git`` to write over those that are there: damaged, odd, or a branch of odd commits."""
    change: dict[str, bytes] = {}
    head = files["refs/heads/main"].strip()
    tree = head
    for _ in range(random.choice((1, 1, 2, 3))):
        name = random.choice(sorted(files))
        match random.randrange(7):
            case 0:
                change[name] = data(files[name], random)
            case 1:
                change[name] = files[name][: random.randrange(len(files[name]) + 1)]
            case 2:
                change["config"] = files["config"] + random.choice(CONFIGS)
            case 3:
                extra = random.choice((b"shallow", b"packed-refs", b"HEAD", b"info/grafts", b"commondir", b"objects/info/alternates", b"info/attributes"))  # fmt: skip
                change[extra.decode()] = random.choice((b"", head + b"\n", head * 2, b"x\n", b"../..\n", b"\xff\0", b"ref: " * 99, b"ref: refs/heads/../../x\n"))  # fmt: skip
            case _:
                for _ in range(random.choice((1, 2, 12))):
                    rows = [
                        random.choice(MODES) + b" " + random.choice(NAMES) + b"\0" + random.randbytes(20)
                        for _ in range(3)
                    ]
                    path, content = loose(
                        b"tree", data(b"".join(rows), random) if random.random() < 0.2 else b"".join(rows)
                    )
                    change[path] = content
                    tree = random.choice(
                        (tree, path.replace("objects", "").replace("/", "").encode(), b"0" * 40)
                    )
                    more = random.choice(
                        (
                            b"",
                            b"encoding latin-9\n",
                            b"encoding x\n",
                            b"gpgsig x\n y\n",
                            b"parent " + head + b"\n",
                        )
                    )
                    text = random.choice((b"fix", b"", b"\xff\0\x01", b"a\n" * 3000, b"JIRA-1 " * 9))
                    body = COMMIT % (tree, head, random.choice(PEOPLE), random.choice(PEOPLE), more, text)
                    path, content = loose(b"commit", data(body, random) if random.random() < 0.2 else body)
                    change[path] = content
                    head = path.replace("objects", "").replace("/", "").encode()
                change["refs/heads/main"] = head + b"\n"
    return change


CONFIGS = (
    b"[core]\n\trepositoryformatversion = 99\n", b"[extensions]\n\tobjectformat = sha999\n", b"[include]\n\tpath = config\n", b"[",
    b"[core]\n\tbare = true\n", b"[core]\n\tworktree = /\n", b"[log]\n\tdate = %n%n\n\tshowSignature = true\n", b"[i18n]\n\tlogOutputEncoding = x\n",
    b"[diff]\n\trenames = copies\n\trenameLimit = 0\n", b"[core]\n\tabbrev = 4\n\tquotepath = true\n", b"[log]\n\tshowroot = false\n\tfollow = true\n",
    b"[extensions]\n\tpartialClone = x\n[remote \"x\"]\n\turl = ext::touch ran\n\tpromisor = true\n", b"[color]\n\tui = always\n",
)  # fmt: skip
Change = Callable[[bytes, Random, Sequence[bytes]], bytes]
