"""A compact, serialisable form of Python source: nested lists with an opcode in front.

``ast`` trees cannot be cached or sent between processes cheaply and take ten times the memory.
Every node is ``[opcode, line, ...]``; function bodies are packed bytes that are unpacked when first
interpreted, so that a code base of 10,000 files fits in memory.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import msgspec

Node = list[Any]

# Expressions.
NAME, ATTR, CALL, CONST, SEQ, DICT, ITEM, BINOP, FSTR, COMP = range(10)
IFEXP, BOOLOP, COMPARE, LAMBDA, AWAIT, STAR, NOT, GROUP, WALRUS, YIELD = range(10, 20)
# Statements.
EXPR, ASSIGN, ANNOTATED, AUGMENT, RETURN, IF, FOR, WHILE, WITH = range(30, 39)
TRY, DEF, CLASS, IMPORT, FROM, DELETE, RAISE, JUMP, GLOBAL = range(39, 48)

LONGEST_STRING = 65_536

unpack = msgspec.msgpack.Decoder(list[Any]).decode
pack = msgspec.msgpack.Encoder().encode
unpack_body = lru_cache(maxsize=2048)(unpack)
"""For bodies that are interpreted again and again; nobody changes a node."""

_OPERATORS = {
    ast.Add: "+",
    ast.Mod: "%",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.RShift: ">>",
    ast.LShift: "<<",
    ast.BitXor: "^",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def lower(tree: ast.Module) -> list[Node]:
    """The statements of a module in compact form."""
    return _block(tree.body)


def _block(statements: Iterable[ast.stmt]) -> list[Node]:
    nodes = []
    for statement in statements:
        handler = _STATEMENTS.get(type(statement))
        if handler is not None:
            node = handler(statement)
            if node is not None:
                nodes.append(node)
    return nodes


def _expr(node: ast.expr | None) -> Node | None:
    if node is None:
        return None
    handler = _EXPRESSIONS.get(type(node))
    return handler(node) if handler is not None else _group(node)


def _exprs(nodes: Iterable[ast.expr]) -> list[Node | None]:
    get = _EXPRESSIONS.get
    return [get(type(node), _group)(node) for node in nodes]


def _slice(node: ast.Slice) -> Node:
    ends = [node.lower, node.upper, node.step]
    values = [None if end is None else _expr(end) for end in ends]
    if all(v is None or (v[0] == CONST and isinstance(v[2], int)) for v in values):
        return [GROUP, -1, [None if v is None else v[2] for v in values]]
    return [GROUP, node.lineno, [v for v in values if v is not None], "slice"]


def _group(node: ast.AST) -> Node:
    children = [_expr(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return [GROUP, getattr(node, "lineno", 0), children]


def _constant(node: ast.Constant) -> Node:
    value = node.value
    if isinstance(value, str):
        if len(value) > LONGEST_STRING:
            value = value[:LONGEST_STRING]
        try:
            value.encode()
        except UnicodeEncodeError:
            value = value.encode("utf-8", "backslashreplace").decode()
        return [CONST, node.lineno, value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return [CONST, node.lineno, float(1 << 63)]
    if value is None or isinstance(value, (bool, int, float)):
        return [CONST, node.lineno, value]
    if isinstance(value, bytes):
        return [CONST, node.lineno, value.decode("latin-1")[:LONGEST_STRING], True]
    return [GROUP, node.lineno, []]


def _call(node: ast.Call) -> Node:
    get = _EXPRESSIONS.get
    func = node.func
    return [
        CALL,
        node.lineno,
        get(type(func), _group)(func),
        [get(type(a), _group)(a) for a in node.args],
        [[k.arg, get(type(k.value), _group)(k.value)] for k in node.keywords],
    ]


def _comprehension(kind: str) -> Callable[[Any], Node]:
    def lower_it(node: Any) -> Node:
        generators = [[_expr(g.target), _expr(g.iter), _exprs(g.ifs)] for g in node.generators]
        if kind == "dict":
            return [COMP, node.lineno, kind, [_expr(node.key), _expr(node.value)], generators]
        return [COMP, node.lineno, kind, [_expr(node.elt)], generators]

    return lower_it


def _binop(node: ast.BinOp) -> Node:
    # A chain of one operator leans to the left: walk it in a loop, it may be thousands long.
    rights: list[tuple[int, str, ast.expr]] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        rights.append((left.lineno, _OPERATORS[type(left.op)], left.right))
        left = left.left
    result = _expr(left)
    if len(rights) > 200:
        return [GROUP, node.lineno, [result, *(_expr(right) for _, _, right in rights[-200:])]]
    for line, operator, right in reversed(rights):
        result = [BINOP, line, operator, result, _expr(right)]
    assert result is not None
    return result


def _unary(node: ast.UnaryOp) -> Node:
    operand = _expr(node.operand)
    if isinstance(node.op, ast.Not):
        return [NOT, node.lineno, operand]
    if isinstance(node.op, ast.Invert):
        return operand or [GROUP, node.lineno, []]  # ~Q(...) looks up what Q looks up
    number = operand is not None and operand[0] == CONST and isinstance(operand[2], (int, float))
    if isinstance(node.op, ast.USub) and operand is not None and number:
        return [CONST, node.lineno, -operand[2]]
    return [GROUP, node.lineno, [operand], "unary"]


def _fstring(node: ast.JoinedStr) -> Node:
    parts = [_expr(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values]
    return [FSTR, node.lineno, parts]


def _params(arguments: ast.arguments) -> list[Any]:
    """[[name, annotation, default, kind], ...]; kind: 0 positional, 1 keyword only, 2 *args, 3 **kwargs."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    rows: list[Any] = [
        [a.arg, _expr(a.annotation), _expr(d), 0]
        for a, d in zip(positional, [*defaults, *arguments.defaults], strict=True)
    ]
    if arguments.vararg:
        rows.append([arguments.vararg.arg, _expr(arguments.vararg.annotation), None, 2])
    rows += [
        [a.arg, _expr(a.annotation), _expr(d), 1]
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg:
        rows.append([arguments.kwarg.arg, _expr(arguments.kwarg.annotation), None, 3])
    return rows


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Node:
    return [
        DEF,
        node.lineno,
        node.name,
        _params(node.args),
        _exprs(node.decorator_list),
        _expr(node.returns),
        pack(_block(node.body)),
        isinstance(node, ast.AsyncFunctionDef),
        node.end_lineno or node.lineno,
        len(node.args.posonlyargs),
        _default_texts(node.args),
    ]


def _default_texts(arguments: ast.arguments) -> dict[str, str]:
    """Parameter -> its default as it is written."""
    positional = [*arguments.posonlyargs, *arguments.args]
    first = len(positional) - len(arguments.defaults)
    pairs = [*zip(positional[first:], arguments.defaults, strict=True)]
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d]
    return {argument.arg: _text(default) for argument, default in pairs}


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):  # nearly all of them
        return repr(node.value) if node.value is not ... else "..."
    try:
        return " ".join(ast.unparse(node).split())
    except (RecursionError, ValueError):
        return "..."


def _class(node: ast.ClassDef) -> Node:
    return [
        CLASS,
        node.lineno,
        node.name,
        _exprs(node.bases),
        [[k.arg, _expr(k.value)] for k in node.keywords],
        _exprs(node.decorator_list),
        _block(node.body),
        node.end_lineno or node.lineno,
    ]


def _expression_statement(node: ast.Expr) -> Node | None:
    if isinstance(node.value, ast.Constant):
        return None
    return [EXPR, node.lineno, _expr(node.value)]


def _if(node: ast.If) -> Node:
    # `elif` chains nest to the right: a loop keeps thousands of branches off the stack.
    chain = [node]
    while len(chain[-1].orelse) == 1 and isinstance(chain[-1].orelse[0], ast.If):
        chain.append(chain[-1].orelse[0])
    rest = _block(chain[-1].orelse)
    for link in reversed(chain):
        rest = [[IF, link.lineno, _expr(link.test), _block(link.body), rest]]
    return rest[0]


def _try(node: Any) -> Node:
    handlers = [[_expr(h.type), h.name, _block(h.body)] for h in node.handlers]
    return [TRY, node.lineno, _block(node.body), handlers, _block(node.orelse), _block(node.finalbody)]


def _with(node: ast.With | ast.AsyncWith) -> Node:
    items = [[_expr(i.context_expr), _expr(i.optional_vars)] for i in node.items]
    return [WITH, node.lineno, items, _block(node.body), node.end_lineno or node.lineno]


def _match(node: ast.Match) -> Node:
    rest: list[Node] = []
    for case in reversed(node.cases):
        wild = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
        if wild and case.guard is None:
            rest = _block(case.body)
            continue
        test = [GROUP, node.lineno, [_expr(case.guard)] if case.guard else []]
        rest = [[IF, node.lineno, test, _block(case.body), rest]]
    subject = [EXPR, node.lineno, _expr(node.subject)]
    return [IF, node.lineno, [CONST, node.lineno, True], [subject, *rest], []]


_EXPRESSIONS: dict[type, Callable[[Any], Node]] = {
    ast.Name: lambda n: [NAME, n.lineno, n.id],
    ast.Attribute: lambda n: [ATTR, n.lineno, _expr(n.value), n.attr],
    ast.Call: _call,
    ast.Constant: _constant,
    ast.List: lambda n: [SEQ, n.lineno, "list", _exprs(n.elts)],
    ast.Tuple: lambda n: [SEQ, n.lineno, "tuple", _exprs(n.elts)],
    ast.Set: lambda n: [SEQ, n.lineno, "set", _exprs(n.elts)],
    ast.Dict: lambda n: [
        DICT,
        n.lineno,
        [[_expr(k), _expr(v)] for k, v in zip(n.keys, n.values, strict=True)],
    ],
    ast.Subscript: lambda n: [ITEM, n.lineno, _expr(n.value), _expr(n.slice)],
    ast.Slice: _slice,
    ast.BinOp: _binop,
    ast.JoinedStr: _fstring,
    ast.ListComp: _comprehension("list"),
    ast.SetComp: _comprehension("set"),
    ast.GeneratorExp: _comprehension("generator"),
    ast.DictComp: _comprehension("dict"),
    ast.IfExp: lambda n: [IFEXP, n.lineno, _expr(n.test), _expr(n.body), _expr(n.orelse)],
    ast.BoolOp: lambda n: [
        BOOLOP,
        n.lineno,
        "and" if isinstance(n.op, ast.And) else "or",
        _exprs(n.values[:400]),
    ],
    ast.Compare: lambda n: [
        COMPARE,
        n.lineno,
        _expr(n.left),
        [_OPERATORS[type(op)] for op in n.ops],
        _exprs(n.comparators),
    ],
    ast.Lambda: lambda n: [LAMBDA, n.lineno, _params(n.args), pack([[RETURN, n.lineno, _expr(n.body)]])],
    ast.Await: lambda n: [AWAIT, n.lineno, _expr(n.value)],
    ast.Starred: lambda n: [STAR, n.lineno, _expr(n.value)],
    ast.UnaryOp: _unary,
    ast.NamedExpr: lambda n: [WALRUS, n.lineno, _expr(n.target), _expr(n.value)],
    ast.Yield: lambda n: [YIELD, n.lineno, _expr(n.value), False],
    ast.YieldFrom: lambda n: [YIELD, n.lineno, _expr(n.value), True],
    ast.FormattedValue: lambda n: _expr(n.value) or [GROUP, n.lineno, []],
}

_STATEMENTS: dict[type, Callable[[Any], Node | None]] = {
    ast.Expr: _expression_statement,
    ast.Assign: lambda n: [ASSIGN, n.lineno, _exprs(n.targets), _expr(n.value)],
    ast.AnnAssign: lambda n: [ANNOTATED, n.lineno, _expr(n.target), _expr(n.annotation), _expr(n.value)],
    ast.AugAssign: lambda n: [AUGMENT, n.lineno, _expr(n.target), _OPERATORS[type(n.op)], _expr(n.value)],
    ast.Return: lambda n: [RETURN, n.lineno, _expr(n.value)],
    ast.If: _if,
    ast.For: lambda n: [FOR, n.lineno, _expr(n.target), _expr(n.iter), _block(n.body), _block(n.orelse)],
    ast.AsyncFor: lambda n: [FOR, n.lineno, _expr(n.target), _expr(n.iter), _block(n.body), _block(n.orelse)],
    ast.While: lambda n: [WHILE, n.lineno, _expr(n.test), _block(n.body), _block(n.orelse)],
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: lambda n: [IMPORT, n.lineno, [[a.name, a.asname] for a in n.names]],
    ast.ImportFrom: lambda n: [
        FROM,
        n.lineno,
        n.level,
        n.module or "",
        [[a.name, a.asname] for a in n.names],
    ],
    ast.Delete: lambda n: [DELETE, n.lineno, _exprs(n.targets)],
    ast.Raise: lambda n: [RAISE, n.lineno, _expr(n.exc)],
    ast.Assert: lambda n: [EXPR, n.lineno, [NOT, n.lineno, _expr(n.test)]],
    ast.Match: _match,
    ast.Break: lambda n: [JUMP, n.lineno, True],
    ast.Global: lambda n: [GLOBAL, n.lineno, n.names],
    ast.Nonlocal: lambda n: [GLOBAL, n.lineno, n.names],
    ast.Continue: lambda n: [JUMP, n.lineno],
}
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = _try
if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = lambda n: [ASSIGN, n.lineno, [_expr(n.name)], _expr(n.value)]


def lower_expression(tree: ast.expr) -> Node:
    """One expression in compact form."""
    node = _expr(tree)
    assert node is not None
    return node
