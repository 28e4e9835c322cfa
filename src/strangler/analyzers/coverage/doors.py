"""Pages that what surrounds an application answers itself: middleware, hooks before a request, wrappers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from strangler.model import Diagnostic

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Door(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A branch that answers for a path, in what stands before all routes."""

    name: str
    """Qualified name of the function or method; empty for a rule of a URL map that code makes itself."""
    path: str
    """What the path is compared with; empty where that is no text."""
    line: int


_METHODS = frozenset({"__call__", "dispatch", "dispatch_func", "process_request", "process_view"})
"""Methods of middleware; the last two hand on by giving nothing back."""
_HOOKS = frozenset({"before_request", "before_app_request", "before_request_func"})
_HANDS_ON = frozenset(
    ["get_response", "call_next", "app", "_app", "application", "wsgi_app", "handler", "inner", "wrapped"]
)
"""What middleware calls to hand a request on."""
_PATH = frozenset({"path", "path_info", "full_path", "raw_path", "script_root", "PATH_INFO", "path_qs"})
_NO_PAGE = re.compile(
    r"redirect|forbidden|not_?found|not_?allowed|bad_?request|unauthori[sz]ed|denied|error|abort|login|^http4|^http5"
    r"|^super$|unavailable|too_?many|permission",
    re.IGNORECASE,
)
"""Names of what refuses, or sends somewhere else."""
_REFUSAL = re.compile(r"[_A-Z][345]\d\d(?:_|$)")
"""Names of statuses of that sort."""
_TEXT_METHODS = frozenset({"startswith", "endswith", "match", "fullmatch", "search"})
_WORDS = re.compile(rb"before_request|before_app_request|process_request|process_view|get_response|call_next"
                    rb"|start_response|middleware|Middleware|scope|handler")  # fmt: skip


def doors(data: bytes, tree: ast.Module) -> list[Door]:
    """The pages that a file's middleware answers itself: a pure function of the file."""
    found = _rules(tree) if b"werkzeug" in data and b"Rule" in data else []
    if not _WORDS.search(data) or not any(word.encode() in data for word in _PATH):
        return found
    given = {name for node in ast.walk(tree) for name in _given(node)}
    functions = list(_functions(tree.body, "", frozenset()))
    local: dict[str, bool] = {}
    for _, function, _ in functions:
        gives = any(isinstance(one, ast.Return) and _is_page(one.value, {}) for one in _own(function))
        local[function.name] = gives or local.get(function.name, False)
    for name, function, outer in functions:
        if _is_hook(function, given) or _is_middleware(name, function, outer):
            found += (Door(name, path, line) for path, line in _answers(function, local))
    return sorted(found, key=lambda one: (one.line, one.name))


def _rules(tree: ast.Module) -> list[Door]:
    """``Map([Rule("/boats", endpoint="boats")])``, ``app.url_map.add(Rule(...))``."""
    known = {
        one.asname or one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("werkzeug")
        for one in node.names
        if one.name in ("Rule", "routing")
    }
    return [
        Door("", _constant(node.args[0]) if node.args else "", node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and _last(node.func) == "Rule"
        and not known.isdisjoint(one.id for one in ast.walk(node.func) if isinstance(one, ast.Name))
    ]


def _functions(
    body: list[ast.stmt], around: str, outer: frozenset[str]
) -> Iterator[tuple[str, _Function, frozenset[str]]]:
    """Each function with its qualified name and the parameters of those around it."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{around}{node.name}.", outer)
        elif isinstance(node, _Function):
            yield f"{around}{node.name}", node, outer
            inner = outer | {one.arg for one in node.args.args}
            yield from _functions(node.body, f"{around}{node.name}.<locals>.", inner)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _functions(node.body, around, outer)


def _given(node: ast.AST) -> Iterator[str]:
    """Names that ``app.before_request(check)`` is given."""
    if isinstance(node, ast.Call) and _last(node.func) in _HOOKS:
        yield from (one.id for one in node.args if isinstance(one, ast.Name))


def _is_hook(function: _Function, given: set[str]) -> bool:
    marks = [one.func if isinstance(one, ast.Call) else one for one in function.decorator_list]
    return function.name in given or any(_last(one) in _HOOKS for one in marks)


def _is_middleware(name: str, function: _Function, outer: frozenset[str]) -> bool:
    parameters = {one.arg for one in function.args.args}
    of_class = name.rpartition(".")[0] and not name.rpartition(".")[0].endswith("<locals>")
    if of_class and function.name in _METHODS and function.name.startswith("process_"):
        return "request" in parameters
    hands_on = any(isinstance(node, ast.Call) and _last(node.func) in _HANDS_ON for node in _own(function))
    if of_class:
        return hands_on and function.name in _METHODS
    return hands_on and bool(_HANDS_ON & (parameters | outer))


def _own(function: _Function) -> Iterator[ast.AST]:
    """The nodes of a function, those of functions in it left out, in the order of the text."""
    waiting: list[ast.AST] = [*reversed(function.body)]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (*_NESTED, ast.Lambda)):
            waiting += reversed(list(ast.iter_child_nodes(node)))


_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _answers(function: _Function, local: dict[str, bool]) -> Iterator[tuple[str, int]]:
    """The branches for a path that give back a page: what the path is compared with, and the line.

    ``local``: name of a function of the file -> whether it gives back a page itself.
    """
    paths = _PATH | {
        target.id
        for node in _own(function)
        if isinstance(node, ast.Assign) and _is_path(node.value, _PATH)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    told: set[int] = set()
    for node in _own(function):
        if isinstance(node, ast.If) and (compared := _compared(node.test, paths)) is not None:
            line = next((line for line in _pages(node.body, local) if line not in told), None)
            if line is not None:
                told.add(line)
                yield compared, line


def _compared(test: ast.expr, paths: frozenset[str] | set[str]) -> str | None:
    """What the path is compared with where the test holds; None where the test asks for no path."""
    if isinstance(test, ast.BoolOp):
        return next((text for one in test.values if (text := _compared(one, paths)) is not None), None)
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.Eq, ast.In)):
        left, right = test.left, test.comparators[0]
        for path, other in ((left, right), (right, left)):
            if _is_path(path, paths):
                return _constant(other)
    if isinstance(test, ast.Call) and _last(test.func) in _TEXT_METHODS:
        of = test.func.value if isinstance(test.func, ast.Attribute) else None
        if of is not None and _is_path(of, paths):
            return _constant(test.args[0]) if test.args else ""
        if any(_is_path(one, paths) for one in test.args):
            return ""
    return None


def _constant(node: ast.expr) -> str:
    first = node.elts[0] if isinstance(node, (ast.Tuple, ast.List, ast.Set)) and node.elts else node
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _is_path(node: ast.expr, paths: frozenset[str] | set[str]) -> bool:
    """``request.path``, ``environ["PATH_INFO"]``, ``scope.get("path", "")`` and names for them."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("get", "get_full_path"):
            asked = node.args[0] if node.args else None
            return node.func.attr != "get" or (isinstance(asked, ast.Constant) and asked.value in _PATH)
        node = node.func.value  # ``request.path.rstrip("/")``
    if isinstance(node, ast.Attribute):
        return node.attr in _PATH
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value in _PATH
    return isinstance(node, ast.Name) and node.id in paths


def _pages(body: list[ast.stmt], local: dict[str, bool]) -> Iterator[int]:
    """The lines of a branch that give back a page."""
    values: dict[str, ast.expr] = {}
    started: str | None = None
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values[node.targets[0].id] = node.value
        elif isinstance(node, ast.Return):
            value = values.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            if _is_page(value, local) or (started is not None and started < "3"):
                yield node.lineno
        elif isinstance(node, ast.Expr):
            call = node.value.value if isinstance(node.value, ast.Await) else node.value
            if not isinstance(call, ast.Call):
                continue
            if _last(call.func) == "start_response":
                started = _constant(call.args[0]) if call.args else None
            elif isinstance(call.func, ast.Call) and len(call.args) == 3 and _is_page(call.func, local):
                yield node.lineno  # ``await PlainTextResponse("ok")(scope, receive, send)``
        elif isinstance(node, (ast.If, ast.With, ast.AsyncWith, ast.Try)):
            yield from _pages(node.body, local)


def _is_page(value: ast.expr | None, local: dict[str, bool]) -> bool:
    """Whether it is neither what was handed on, nor a refusal, nor the way somewhere else."""
    if isinstance(value, ast.Await):
        value = value.value
    if isinstance(value, ast.Tuple):
        return (
            bool(value.elts) and _is_page(value.elts[0], local) and not any(map(_is_refusal, value.elts[1:]))
        )
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str)
    if isinstance(value, ast.JoinedStr):
        return True
    if not isinstance(value, ast.Call):
        return False
    names = [part for part in ast.walk(value.func) if isinstance(part, (ast.Name, ast.Attribute))]
    if any(_last(one) in _HANDS_ON or _NO_PAGE.search(_last(one)) for one in names):
        return False
    if not local.get(_last(value.func), True):
        return False
    given = [*value.args, *(keyword.value for keyword in value.keywords)]
    return not any(map(_is_refusal, given))


def _is_refusal(value: ast.expr) -> bool:
    """Whether it is a status that says no, or sends somewhere else."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int) and 300 <= value.value < 600
    return any(_REFUSAL.search(_last(one)) for one in ast.walk(value) if isinstance(one, ast.expr))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def answered(found: Mapping[str, Iterable[Door]]) -> Iterator[Diagnostic]:
    """A note for each door, by path of the file."""
    for path, rows in found.items():
        for one in rows:
            code, what = "unlisted-handler", one.path or "some paths"
            message = (
                f"{one.name} answers {what} itself, before any route is asked: no endpoint is listed for it"
            )
            if not one.name:
                code, message = (
                    "unresolved-urls",
                    f"what serves {one.path or 'a rule of werkzeug'} is not read",
                )
            yield Diagnostic(file=path, line=one.line, code=code, severity="note", message=message)
