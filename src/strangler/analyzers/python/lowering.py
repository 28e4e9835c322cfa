"""From ``ast`` to the compact form."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any, Literal

from strangler.analyzers.python import syntax
from strangler.analyzers.python.matching import Cases
from strangler.analyzers.python.syntax import (
    TOO_LARGE,
    Alias,
    Annotate,
    Assign,
    Attribute,
    Augment,
    Await,
    BinaryOperation,
    Block,
    BooleanOperation,
    Call,
    ClassDef,
    Comparison,
    Comprehension,
    Conditional,
    Constant,
    Delete,
    Dict,
    Display,
    Evaluate,
    Expr,
    For,
    FunctionDef,
    Generator,
    Global,
    Group,
    Handler,
    If,
    Import,
    ImportFrom,
    JoinedText,
    Jump,
    Keywords,
    Lambda,
    Name,
    Not,
    Parameter,
    Raise,
    Return,
    Slice,
    Starred,
    Statement,
    Subscript,
    Try,
    Walrus,
    While,
    With,
    WithItem,
    Yield,
    pack,
)  # fmt: skip
from strangler.text import encodable

LONGEST_STRING = 65_536

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


def lower(tree: ast.Module) -> Block:
    """The statements of a module in compact form."""
    return _block(tree.body)


def _block(statements: Iterable[ast.stmt]) -> Block:
    nodes: Block = []
    for statement in statements:
        handler = _STATEMENTS.get(type(statement))
        if handler is not None:
            node = handler(statement)
            if node is not None:
                nodes.append(node)
    return nodes


def _expr(node: ast.expr) -> Expr:
    return _EXPRESSIONS.get(type(node), _group)(node)


def _optional(node: ast.expr | None) -> Expr | None:
    return _expr(node) if node is not None else None


def _exprs(nodes: Iterable[ast.expr]) -> list[Expr]:
    get = _EXPRESSIONS.get
    return [get(type(node), _group)(node) for node in nodes]


def _slice(node: ast.Slice) -> Expr:
    ends = [_optional(end) for end in (node.lower, node.upper, node.step)]
    known: list[int | None] = []
    for end in ends:
        if isinstance(end, Constant) and isinstance(end.value, int):
            known.append(end.value)
        elif end is None:
            known.append(None)
        else:
            return Group(node.lineno, [end for end in ends if end is not None], "slice")
    return Slice(node.lineno, *known)


def _group(node: ast.AST) -> Expr:
    children = [_expr(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return Group(getattr(node, "lineno", 0), children)


def _constant(node: ast.Constant) -> Expr:
    value = node.value
    if isinstance(value, str):
        if len(value) > LONGEST_STRING:
            value = value[:LONGEST_STRING]
        return Constant(node.lineno, encodable(value))
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return Constant(node.lineno, TOO_LARGE)
    if value is None or isinstance(value, (bool, int, float)):
        return Constant(node.lineno, value)
    if isinstance(value, bytes):
        return Constant(node.lineno, value.decode("latin-1")[:LONGEST_STRING], True)
    return Group(node.lineno, [])


def _call(node: ast.Call) -> Expr:
    return Call(node.lineno, _expr(node.func), _exprs(node.args), _keywords(node.keywords))


def _keywords(nodes: Iterable[ast.keyword]) -> Keywords:
    return [(k.arg, _expr(k.value)) for k in nodes]


def _comprehension(kind: Literal["list", "set", "generator", "dict"]) -> Callable[[Any], Expr]:
    def lower_it(node: Any) -> Expr:
        generators = [Generator(_expr(g.target), _expr(g.iter), _exprs(g.ifs)) for g in node.generators]
        result = _exprs([node.key, node.value] if kind == "dict" else [node.elt])
        return Comprehension(node.lineno, kind, result, generators)

    return lower_it


def _binop(node: ast.BinOp) -> Expr:
    # A chain of one operator leans to the left: walk it in a loop, it may be thousands long.
    rights: list[tuple[int, str, ast.expr]] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        rights.append((left.lineno, _OPERATORS[type(left.op)], left.right))
        left = left.left
    result = _expr(left)
    if len(rights) > 200:
        return Group(node.lineno, [result, *(_expr(right) for _, _, right in rights[-200:])])
    for line, operator, right in reversed(rights):
        result = BinaryOperation(line, operator, result, _expr(right))
    return result


def _unary(node: ast.UnaryOp) -> Expr:
    operand = _expr(node.operand)
    if isinstance(node.op, ast.Not):
        return Not(node.lineno, operand)
    if isinstance(node.op, ast.Invert):
        return BinaryOperation(node.lineno, "~", operand, Constant(node.lineno, None))
    if (
        isinstance(node.op, ast.USub)
        and isinstance(operand, Constant)
        and isinstance(operand.value, (int, float))
    ):
        return Constant(node.lineno, -operand.value)
    if isinstance(node.op, ast.USub):
        return BinaryOperation(node.lineno, "neg", operand, Constant(node.lineno, None))
    return Group(node.lineno, [operand], "unary")


def _fstring(node: ast.JoinedStr) -> Expr:
    return JoinedText(node.lineno, _exprs(node.values))


def _formatted(part: ast.FormattedValue) -> Expr:
    """``{value!r:>5}`` is what ``"{!r:>5}".format(value)`` is."""
    form = part.format_spec.values if isinstance(part.format_spec, ast.JoinedStr) else []
    if part.conversion == -1 and not form:
        return _expr(part.value)
    if not all(isinstance(piece, ast.Constant) for piece in form):
        return Group(part.lineno, [_expr(part.value), *_exprs(form)])
    how = f"!{chr(part.conversion)}" if part.conversion != -1 else ""
    spec = "".join(str(piece.value) for piece in form if isinstance(piece, ast.Constant))
    template = Constant(part.lineno, f"{{{how}:{spec}}}")
    return Call(part.lineno, Attribute(part.lineno, template, "format"), [_expr(part.value)], [])


def _params(arguments: ast.arguments) -> list[Parameter]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    found = [
        Parameter(_private(a.arg), _optional(a.annotation), _optional(d), "positional")
        for a, d in zip(positional, [*defaults, *arguments.defaults], strict=True)
    ]
    if arguments.vararg:
        found.append(
            Parameter(_private(arguments.vararg.arg), _optional(arguments.vararg.annotation), None, "*")
        )
    found += [
        Parameter(_private(a.arg), _optional(a.annotation), _optional(d), "keyword")
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg:
        found.append(Parameter(arguments.kwarg.arg, _optional(arguments.kwarg.annotation), None, "**"))
    return found


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Statement:
    return FunctionDef(
        node.lineno,
        node.name,
        _params(node.args),
        _exprs(node.decorator_list),
        _optional(node.returns),
        pack(_block(node.body)),
        isinstance(node, ast.AsyncFunctionDef),
        node.end_lineno or node.lineno,
        len(node.args.posonlyargs),
        _default_texts(node.args),
    )


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


_classes: list[str] = []
"""The classes around what is read, innermost last."""


def _private(name: str) -> str:
    """A name as Python mangles it in the body of a class."""
    return syntax.mangled(name, _classes[-1]) if _classes and name.startswith("__") else name


def _class(node: ast.ClassDef) -> Statement:
    bases, keywords = _exprs(node.bases), _keywords(node.keywords)
    decorators = _exprs(node.decorator_list)
    _classes.append(node.name)
    try:
        body = _block(node.body)
    finally:
        _classes.pop()
    end = node.end_lineno or node.lineno
    return ClassDef(node.lineno, node.name, bases, keywords, decorators, body, end)


def _expression_statement(node: ast.Expr) -> Statement | None:
    if isinstance(node.value, ast.Constant):
        return None
    return Evaluate(node.lineno, _expr(node.value))


def _if(node: ast.If) -> Statement:
    # `elif` chains nest to the right: a loop keeps thousands of branches off the stack.
    chain = [node]
    while len(chain[-1].orelse) == 1 and isinstance(chain[-1].orelse[0], ast.If):
        chain.append(chain[-1].orelse[0])
    rest = _block(chain[-1].orelse)
    for link in reversed(chain):
        rest = [If(link.lineno, _expr(link.test), _block(link.body), rest)]
    return rest[0]


def _for(node: ast.For | ast.AsyncFor) -> Statement:
    return For(node.lineno, _expr(node.target), _expr(node.iter), _block(node.body), _block(node.orelse))


def _try(node: Any) -> Statement:
    handlers = [Handler(_optional(h.type), h.name, _block(h.body)) for h in node.handlers]
    return Try(node.lineno, _block(node.body), handlers, _block(node.orelse), _block(node.finalbody))


def _with(node: ast.With | ast.AsyncWith) -> Statement:
    items = [WithItem(_expr(i.context_expr), _optional(i.optional_vars)) for i in node.items]
    return With(node.lineno, items, _block(node.body), node.end_lineno or node.lineno)


def _display(kind: Literal["list", "tuple", "set"]) -> Callable[[Any], Expr]:
    return lambda node: Display(node.lineno, kind, _exprs(node.elts))


def _dict(node: ast.Dict) -> Expr:
    pairs = zip(node.keys, node.values, strict=True)
    return Dict(node.lineno, [(_optional(key), _expr(value)) for key, value in pairs])


def _boolean(node: ast.BoolOp) -> Expr:
    operator: Literal["and", "or"] = "and" if isinstance(node.op, ast.And) else "or"
    return BooleanOperation(node.lineno, operator, _exprs(node.values[:400]))


def _compare(node: ast.Compare) -> Expr:
    operators = [_OPERATORS[type(op)] for op in node.ops]
    return Comparison(node.lineno, _expr(node.left), operators, _exprs(node.comparators))


def _lambda(node: ast.Lambda) -> Expr:
    return Lambda(node.lineno, _params(node.args), pack([Return(node.lineno, _expr(node.body))]))


def _aliases(nodes: Iterable[ast.alias]) -> list[Alias]:
    return [Alias(a.name, a.asname) for a in nodes]


_EXPRESSIONS: dict[type, Callable[[Any], Expr]] = {
    ast.Name: lambda n: Name(n.lineno, _private(n.id)),
    ast.Attribute: lambda n: Attribute(n.lineno, _expr(n.value), _private(n.attr)),
    ast.Call: _call,
    ast.Constant: _constant,
    ast.List: _display("list"),
    ast.Tuple: _display("tuple"),
    ast.Set: _display("set"),
    ast.Dict: _dict,
    ast.Subscript: lambda n: Subscript(n.lineno, _expr(n.value), _expr(n.slice)),
    ast.Slice: _slice,
    ast.BinOp: _binop,
    ast.JoinedStr: _fstring,
    ast.ListComp: _comprehension("list"),
    ast.SetComp: _comprehension("set"),
    ast.GeneratorExp: _comprehension("generator"),
    ast.DictComp: _comprehension("dict"),
    ast.IfExp: lambda n: Conditional(n.lineno, _expr(n.test), _expr(n.body), _expr(n.orelse)),
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.Lambda: _lambda,
    ast.Await: lambda n: Await(n.lineno, _expr(n.value)),
    ast.Starred: lambda n: Starred(n.lineno, _expr(n.value)),
    ast.UnaryOp: _unary,
    ast.NamedExpr: lambda n: Walrus(n.lineno, _expr(n.target), _expr(n.value)),
    ast.Yield: lambda n: Yield(n.lineno, _optional(n.value), False),
    ast.YieldFrom: lambda n: Yield(n.lineno, _expr(n.value), True),
    ast.FormattedValue: _formatted,
}

_STATEMENTS: dict[type, Callable[[Any], Statement | None]] = {
    ast.Expr: _expression_statement,
    ast.Assign: lambda n: Assign(n.lineno, _exprs(n.targets), _expr(n.value)),
    ast.AnnAssign: lambda n: Annotate(n.lineno, _expr(n.target), _expr(n.annotation), _optional(n.value)),
    ast.AugAssign: lambda n: Augment(n.lineno, _expr(n.target), _OPERATORS[type(n.op)], _expr(n.value)),
    ast.Return: lambda n: Return(n.lineno, _optional(n.value)),
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: lambda n: While(n.lineno, _expr(n.test), _block(n.body), _block(n.orelse)),
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: lambda n: Import(n.lineno, _aliases(n.names)),
    ast.ImportFrom: lambda n: ImportFrom(n.lineno, n.level, n.module or "", _aliases(n.names)),
    ast.Delete: lambda n: Delete(n.lineno, _exprs(n.targets)),
    ast.Raise: lambda n: Raise(n.lineno, _optional(n.exc)),
    ast.Assert: lambda n: Evaluate(n.lineno, Not(n.lineno, _expr(n.test))),
    ast.Match: lambda n: Cases(_expr, _block, _private).lower(n),
    ast.Break: lambda n: Jump(n.lineno, True),
    ast.Continue: lambda n: Jump(n.lineno, False),
    ast.Global: lambda n: Global(n.lineno, n.names, False),
    ast.Nonlocal: lambda n: Global(n.lineno, n.names, True),
}
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = _try
if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = lambda n: Assign(n.lineno, [_expr(n.name)], _expr(n.value))


def lower_expression(tree: ast.expr) -> Expr:
    """One expression in compact form."""
    return _expr(tree)
