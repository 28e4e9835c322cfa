"""A compact, serialisable form of Python source: typed nodes, named after those of ``ast``.

``ast`` trees cannot be cached or sent between processes cheaply and take ten times the memory. Function
bodies are packed bytes that are unpacked when first interpreted, so that a code base of 10,000 files fits in
memory. Nobody changes a node.

Where millions of nodes are asked for their kind, ``type(node) is Name`` or a dict by type does it: no class
descends from another, and msgspec's classes make an ``isinstance`` that fails five times slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

TOO_LARGE = float(1 << 63)
"""Stands for an integer of more than 64 bits."""

ParameterKind = Literal["positional", "keyword", "*", "**"]
"""How it takes arguments: by position or name, by name only, all other positions, all other names."""


def mangled(name: str, owner: str) -> str:
    """What Python makes of a private name in the body of a class: ``__x`` is ``_Owner__x``."""
    private = name.startswith("__") and not name.endswith("__") and owner.strip("_")
    return f"_{owner.lstrip('_')}{name}" if private else name


class Node(msgspec.Struct, array_like=True, frozen=True, eq=False, gc=False):
    """An expression or statement; ``line`` is its first."""

    line: int


# -- expressions ---------------------------------------------------------------------------------------


class Name(Node, frozen=True, eq=False, tag=0):
    """``id``."""

    id: str


class Attribute(Node, frozen=True, eq=False, tag=1):
    """``value.attr``."""

    value: Expr
    attr: str


class Call(Node, frozen=True, eq=False, tag=2):
    """``func(*args, **keywords)``."""

    func: Expr
    args: list[Expr]
    keywords: Keywords


class Constant(Node, frozen=True, eq=False, tag=3):
    """A literal; bytes as the text of Latin-1, integers of more than 64 bits as a number."""

    value: bool | int | float | str | None
    is_bytes: bool = False


class Display(Node, frozen=True, eq=False, tag=4):
    """``[...]``, ``(...)`` or ``{...}`` of elements."""

    kind: Literal["list", "tuple", "set"]
    elements: list[Expr]


class Dict(Node, frozen=True, eq=False, tag=5):
    """``{key: value}``; ``**value`` where the key is None."""

    items: list[tuple[Expr | None, Expr]]


class Subscript(Node, frozen=True, eq=False, tag=6):
    """``value[key]``."""

    value: Expr
    key: Expr


class Slice(Node, frozen=True, eq=False, tag=7):
    """``lower:upper:step`` of known integers."""

    lower: int | None
    upper: int | None
    step: int | None


class BinaryOperation(Node, frozen=True, eq=False, tag=8):
    """``left <operator> right``."""

    operator: str
    left: Expr
    right: Expr


class JoinedText(Node, frozen=True, eq=False, tag=9):
    """An f-string: its constants and expressions in order."""

    parts: list[Expr]


class Generator(NamedTuple):
    """``for target in iterable if condition ...``."""

    target: Expr
    iterable: Expr
    conditions: list[Expr]


class Comprehension(Node, frozen=True, eq=False, tag=10):
    """``result`` is the element, for a dict the key and the value."""

    kind: Literal["list", "set", "generator", "dict"]
    result: list[Expr]
    generators: list[Generator]


class Conditional(Node, frozen=True, eq=False, tag=11):
    """``body if test else orelse``."""

    test: Expr
    body: Expr
    orelse: Expr


class BooleanOperation(Node, frozen=True, eq=False, tag=12):
    """Operands between ``and`` or between ``or``."""

    operator: Literal["and", "or"]
    operands: list[Expr]


class Comparison(Node, frozen=True, eq=False, tag=13):
    """``left < a <= b``: a chain of operators and what stands to the right of each."""

    left: Expr
    operators: list[str]
    rights: list[Expr]


class Parameter(NamedTuple):
    """A parameter of a function."""

    name: str
    annotation: Expr | None
    default: Expr | None
    kind: ParameterKind


class Lambda(Node, frozen=True, eq=False, tag=14):
    """The body is one ``return``, packed."""

    params: list[Parameter]
    body: bytes


class Await(Node, frozen=True, eq=False, tag=15):
    """``await value``."""

    value: Expr


class Starred(Node, frozen=True, eq=False, tag=16):
    """``*value``."""

    value: Expr


class Not(Node, frozen=True, eq=False, tag=17):
    """``not operand``."""

    operand: Expr


class Group(Node, frozen=True, eq=False, tag=18):
    """Anything whose value is not followed: its parts are evaluated for what they do."""

    parts: list[Expr]
    kind: Literal["", "slice", "unary"] = ""


class Walrus(Node, frozen=True, eq=False, tag=19):
    """``target := value``."""

    target: Expr
    value: Expr


class Yield(Node, frozen=True, eq=False, tag=20):
    """``yield value``, or ``yield from value``."""

    value: Expr | None
    each: bool
    """Whether it is ``yield from``."""


# -- statements ----------------------------------------------------------------------------------------


class Evaluate(Node, frozen=True, eq=False, tag=30):
    """An expression as a statement."""

    value: Expr


class Assign(Node, frozen=True, eq=False, tag=31):
    """``target = target = value``."""

    targets: list[Expr]
    value: Expr


class Annotate(Node, frozen=True, eq=False, tag=32):
    """``target: annotation = value``."""

    target: Expr
    annotation: Expr
    value: Expr | None


class Augment(Node, frozen=True, eq=False, tag=33):
    """``target <operator>= value``."""

    target: Expr
    operator: str
    value: Expr


class Return(Node, frozen=True, eq=False, tag=34):
    """``return value``."""

    value: Expr | None


class If(Node, frozen=True, eq=False, tag=35):
    """``elif`` is an ``If`` alone in ``orelse``."""

    test: Expr
    body: list[Statement]
    orelse: list[Statement]


class For(Node, frozen=True, eq=False, tag=36):
    """``for target in iterable``."""

    target: Expr
    iterable: Expr
    body: list[Statement]
    orelse: list[Statement]


class While(Node, frozen=True, eq=False, tag=37):
    """``while test``."""

    test: Expr
    body: list[Statement]
    orelse: list[Statement]


class WithItem(NamedTuple):
    """``context as target``."""

    context: Expr
    target: Expr | None


class With(Node, frozen=True, eq=False, tag=38):
    """``with items``."""

    items: list[WithItem]
    body: list[Statement]
    end_line: int


class Handler(NamedTuple):
    """``except kind as name``."""

    kind: Expr | None
    name: str | None
    body: list[Statement]


class Try(Node, frozen=True, eq=False, tag=39):
    """``try``."""

    body: list[Statement]
    handlers: list[Handler]
    orelse: list[Statement]
    final: list[Statement]


class FunctionDef(Node, frozen=True, eq=False, tag=40):
    """``def name(params) -> returns``; the body is packed."""

    name: str
    params: list[Parameter]
    decorators: list[Expr]
    returns: Expr | None
    body: bytes
    is_async: bool
    end_line: int
    positional_only: int
    """How many of the parameters."""
    defaults: dict[str, str]
    """Parameter -> its default as it is written."""


class ClassDef(Node, frozen=True, eq=False, tag=41):
    """``class name(bases, keywords)``."""

    name: str
    bases: list[Expr]
    keywords: Keywords
    decorators: list[Expr]
    body: list[Statement]
    end_line: int


class Alias(NamedTuple):
    """``name as asname``."""

    name: str
    asname: str | None


class Import(Node, frozen=True, eq=False, tag=42):
    """``import names``."""

    names: list[Alias]


class ImportFrom(Node, frozen=True, eq=False, tag=43):
    """``from module import names``; ``level`` dots in front of the module."""

    level: int
    module: str
    names: list[Alias]


class Delete(Node, frozen=True, eq=False, tag=44):
    """``del targets``."""

    targets: list[Expr]


class Raise(Node, frozen=True, eq=False, tag=45):
    """``raise value``."""

    value: Expr | None


class Jump(Node, frozen=True, eq=False, tag=46):
    """``break`` or ``continue``."""

    breaks: bool


class Global(Node, frozen=True, eq=False, tag=47):
    """``global names`` or ``nonlocal names``."""

    names: list[str]
    enclosing: bool
    """``nonlocal``: of a function around this one; else of the module."""


Expr = (
    Name | Attribute | Call | Constant | Display | Dict | Subscript | Slice | BinaryOperation | JoinedText
    | Comprehension | Conditional | BooleanOperation | Comparison | Lambda | Await | Starred | Not | Group
    | Walrus | Yield
)  # fmt: skip
Statement = (
    Evaluate | Assign | Annotate | Augment | Return | If | For | While | With | Try | FunctionDef | ClassDef
    | Import | ImportFrom | Delete | Raise | Jump | Global
)  # fmt: skip
Keywords = list[tuple[str | None, Expr]]
"""``name=value``, or ``**value`` where the name is None. Plain tuples: naming their parts costs time."""
Block = list[Statement]
Nodes = Sequence[Node]

pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Block).decode
unpack_body = lru_cache(maxsize=2048)(unpack)
"""For bodies that are interpreted again and again."""


_IMPORTS = (pack(Import(0, []))[:2], pack(ImportFrom(0, 0, "", []))[:2])
"""What packed import statements begin with: the length of an array, and the tag."""


def may_import(body: bytes) -> bool:
    """False where packed statements, nested ones included, certainly hold no ``import``."""
    return any(begins in body for begins in _IMPORTS)


STATEMENTS: frozenset[type[Node]] = frozenset(Statement.__args__)
