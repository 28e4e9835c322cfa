"""Which import statements and called names of a file change so that its calls go through the seams.

A name that is imported and called is imported from the seam instead, and its calls stay as they are (tests
that replace the name in the calling module go on doing so). Where the call goes through a module or a class,
the called name changes; a method of a row becomes a function that takes the row first.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from strangler.contracts.operations import Operation, Site, slug
from strangler.contracts.seams.source import Code, FunctionNode, dotted_name, imported
from strangler.model.lookup import last

WIDTH = 88


@dataclass
class Statement:
    """An import statement to change."""

    node: ast.Import | ast.ImportFrom
    remove: set[str] = field(default_factory=set)
    """Names that it binds no longer."""
    names: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """Seam module -> name bound -> name in the seam."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Name bound -> seam that it stands for."""
    kept: set[str] = field(default_factory=set)
    """Modules that are still imported because importing them registers something."""


@dataclass
class Rewrite:
    """The changes of a file."""

    code: Code
    statements: dict[int, Statement] = field(default_factory=dict)
    calls: list[tuple[int, int, str, str]] = field(default_factory=list)
    """(line, column in characters, called name, new name)."""
    methods: list[tuple[int, str, str]] = field(default_factory=list)
    """(line, called method of a row, new name, which takes the row first)."""
    seams: dict[str, str] = field(default_factory=dict)
    """Name -> seam that is imported under it for those, below the imports that are there."""
    done: set[str] = field(default_factory=set)
    """Names of the operations of which a call changes."""
    problems: list[tuple[int, str]] = field(default_factory=list)
    """(line, why a call stays as it is)."""
    rewritten: int = 0


@dataclass(frozen=True)
class _Binding:
    """An import statement that binds a name, and the function (None: the module) in which it does."""

    node: ast.Import | ast.ImportFrom
    scope: ast.AST
    dotted: str


def plan_rewrite(
    code: Code,
    operations: Sequence[Operation],
    seams: str,
    patched: frozenset[str],
) -> Rewrite:
    """The changes of one module.

    Args:
        operations: those that the module calls.
        seams: package of the seams.
        patched: dotted names that stand in strings of the tests (``mock.patch``): they must go on existing.
    """
    result = Rewrite(code)
    parents = {child: node for node in ast.walk(code.tree) for child in ast.iter_child_nodes(node)}
    lines = code_lines(code)
    uses = _uses(code.tree)
    sites: dict[tuple[ast.ImportFrom | ast.Import, str], list[tuple[ast.expr, Operation]]] = defaultdict(list)
    bindings: dict[tuple[ast.ImportFrom | ast.Import, str], _Binding] = {}
    for operation in operations:
        for site in operation.crossing:
            if site.module != code.module:
                continue
            if operation.row is not None:
                _rewrite_method(result, operation, site)
                continue
            name = site.called or f"{operation.module}.{operation.qualname}"
            meant = list(_meant(code, uses.get(site.line, []), name, parents))
            if not meant:
                result.problems.append(
                    (site.line, f"{operation.name}: no plain import binds the called name")
                )
            for used, binding in meant:
                head = (dotted_name(used) or "").partition(".")[0]
                sites[binding.node, head].append((used, operation))
                bindings[binding.node, head] = binding
    for (node, head), found in sorted(sites.items(), key=lambda item: (item[0][0].lineno, item[0][1])):
        statement = result.statements.setdefault(node.lineno, Statement(node))
        _apply(result, statement, bindings[node, head], head, found, seams, lines, patched)
        result.rewritten += len(found)
        result.done |= {operation.name for _, operation in found}
    _merge(result)
    _in_order(result, seams)
    top = [item for item in result.statements.values() if item.node in code.tree.body]
    for name in {name for item in top for name in item.aliases}:
        result.seams.pop(name, None)
    return result


def _rewrite_method(result: Rewrite, operation: Operation, site: Site) -> None:
    """Call an operation with the row in front, in the place of a method of the row."""
    method, line = last(operation.qualname), site.line
    found = [
        node
        for node in ast.walk(result.code.tree)
        if isinstance(node, ast.Call)
        and node.lineno == line
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == method
    ]
    bare = [item for node in found for item in node.args if isinstance(item, ast.GeneratorExp)]
    if not found or bare:
        result.problems.append((line, f"{operation.name}: {method} is not called plainly"))
        return
    imports = [item for item in result.code.tree.body if isinstance(item, ast.Import | ast.ImportFrom)]
    if not site.function and imports and imports[-1].lineno > line:
        result.problems.append((line, f"{operation.name}: called above the last import"))
        return
    provider = slug(operation.provider)
    alias = free(f"{provider}_seam", result.code)
    result.seams[alias] = provider
    result.methods.append((line, method, f"{alias}.{operation.name}"))
    result.done.add(operation.name)
    result.rewritten += len(found)


def _merge(result: Rewrite) -> None:
    """One import of each seam in a body: the first brings all."""
    first: dict[tuple[int, str], Statement] = {}
    for _, statement in sorted(result.statements.items()):
        body = next((item for item in _bodies(result.code.tree) if statement.node in item), None)
        if body is None:
            continue
        for module in list(statement.names):
            there = first.setdefault((id(body), module), statement)
            if there is not statement:
                there.names[module] |= statement.names.pop(module)
        for alias in list(statement.aliases):
            there = first.setdefault((id(body), f"as {alias}"), statement)
            if there is not statement:
                del statement.aliases[alias]


def _bodies(tree: ast.Module) -> list[list[ast.stmt]]:
    found = [tree.body]
    return found + [
        node.body for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _in_order(result: Rewrite, seams: str) -> None:
    """Move new imports to where a sorted block of imports has them."""
    for line, statement in sorted(result.statements.items()):
        block = _block(result.code.tree.body, statement.node)
        modules = [node.module or "" for node in block]
        if not block or modules != sorted(modules, key=str.lower):
            continue
        for module in [*statement.names, *([seams] if statement.aliases else [])]:
            before = [node for node in block if (node.module or "").lower() < module.lower()]
            place = before[-1] if before else None
            if place is None or place.lineno == line or block[0] is statement.node:
                continue
            there = result.statements.setdefault(place.lineno, Statement(place))
            if module == seams and module not in statement.names:
                there.aliases |= statement.aliases
                statement.aliases = {}
            else:
                there.names[module] |= statement.names.pop(module)


def _block(body: Sequence[ast.stmt], node: ast.stmt) -> list[ast.ImportFrom]:
    """The absolute from-imports in lines without a gap around one of them; none where it is another kind."""
    if node not in body or not isinstance(node, ast.ImportFrom) or node.level:
        return []
    found: list[ast.ImportFrom] = []
    for item in body:
        plain = isinstance(item, ast.ImportFrom) and not item.level
        gap = bool(found) and item.lineno != (found[-1].end_lineno or 0) + 1
        if plain and isinstance(item, ast.ImportFrom) and not gap:
            found.append(item)
        elif node in found:
            break
        else:
            found = [item] if isinstance(item, ast.ImportFrom) and not item.level else []
    return found if node in found else []


def _uses(tree: ast.Module) -> dict[int, list[ast.expr]]:
    """Line -> names and chains of attributes that are called there, and names that stand for themselves."""
    called: dict[ast.expr, int] = {}
    inside: set[ast.expr] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted_name(node.func) is not None:
            called[node.func] = node.lineno
            inside.add(_first(node.func))
    found: dict[int, list[ast.expr]] = defaultdict(list)
    for function, line in called.items():
        found[line].append(function)
    beneath = {node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in inside:
            found[node.lineno].append(node)
        chain = isinstance(node, ast.Attribute) and node not in called and node not in beneath
        if isinstance(node, ast.Attribute) and chain and dotted_name(node) is not None:
            found[node.lineno].append(node)
    return found


def _meant(
    code: Code,
    uses: Sequence[ast.expr],
    name: str,
    parents: Mapping[ast.AST, ast.AST],
) -> Iterator[tuple[ast.expr, _Binding]]:
    """Those uses of a line that stand for a dotted name, each with the import that binds it."""
    for used in uses:
        binding = _binding(code, used, parents)
        if binding is None:
            continue
        rest = (dotted_name(used) or "").partition(".")[2]
        full = f"{binding.dotted}.{rest}" if rest else binding.dotted
        if full == name:
            yield used, binding


def code_lines(code: Code) -> list[bytes]:
    """The module's lines in UTF-8, for columns."""
    return code.text.encode().split(b"\n")


def _apply(
    result: Rewrite,
    statement: Statement,
    binding: _Binding,
    head: str,
    found: list[tuple[ast.expr, Operation]],
    seams: str,
    lines: list[bytes],
    patched: frozenset[str],
) -> None:
    loads = {node for node in ast.walk(binding.scope) if isinstance(node, ast.Name) and node.id == head}
    called = {_first(used) for used, _ in found}
    operations = {operation.name for _, operation in found}
    provider = slug(found[0][1].provider)
    direct = all(isinstance(used, ast.Name) for used, _ in found)
    if direct and loads == called and len(operations) == 1:
        statement.remove.add(head)
        statement.names[f"{seams}.{provider}"][head] = found[0][1].name
        return
    for used, operation in found:
        alias = free(f"{slug(operation.provider)}_seam", result.code)
        statement.aliases[alias] = slug(operation.provider)
        column = len(lines[used.lineno - 1][: used.col_offset].decode("utf-8", "replace"))
        new = f"{alias}.{operation.name}"
        result.calls.append((used.lineno, column, dotted_name(used) or "", new))
    left = loads - called
    named = f"{result.code.module}.{head}"
    exported = any(name == named or name.startswith(f"{named}.") for name in patched)
    plain = isinstance(binding.node, ast.ImportFrom) or any(
        alias.asname == head for alias in binding.node.names
    )
    if (
        not left
        and not exported
        and plain
        and head not in result.code.exported
        and "noqa" not in (lines[binding.node.lineno - 1].decode("utf-8", "replace"))
    ):
        statement.remove.add(head)


def free(name: str, code: Code) -> str:
    """A name that the module does not use, like the one wanted."""
    taken = {node.id for node in ast.walk(code.tree) if isinstance(node, ast.Name)} | code.defined
    while name in taken:
        name = f"{name}_"
    return name


def _first(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def _binding(code: Code, used: ast.expr, parents: Mapping[ast.AST, ast.AST]) -> _Binding | None:
    """The one import statement that binds the first name of what is called."""
    head = (dotted_name(used) or "").partition(".")[0]
    around: ast.AST = used
    while around in parents:
        around = parents[around]
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            found = list(_imports(code, around, head))
            if len(found) == 1 and _placed(found[0].node, around, parents):
                return found[0]
            if found or (not isinstance(around, ast.Module) and _assigned(around, head)):
                return None
    return None


def _imports(code: Code, scope: FunctionNode | ast.Module, name: str) -> Iterator[_Binding]:
    waiting: list[ast.AST] = list(scope.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = imported(code, node)
            if name in names:
                yield _Binding(node, scope, names[name])
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _placed(node: ast.AST, scope: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether an import stands where it always runs: not in a try, not for type checkers alone."""
    while parents[node] is not scope:
        node = parents[node]
        if isinstance(node, ast.Try | ast.TryStar | ast.If | ast.For | ast.While):
            return False
    return True


def _assigned(scope: FunctionNode | ast.Module, name: str) -> bool:
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        item.arg == name for item in ast.walk(scope.args) if isinstance(item, ast.arg)
    ):
        return True
    return any(
        isinstance(item, ast.Name) and item.id == name and isinstance(item.ctx, ast.Store)
        for item in ast.walk(scope)
    )


def statements_of(rewrite: Rewrite, seams: str) -> list[dict[str, object]]:
    """The changed statements as the rewriting process takes them."""
    found = []
    for line, statement in sorted(rewrite.statements.items()):
        indent = " " * statement.node.col_offset
        after = [f"import {module}  # noqa: F401 (registers)" for module in sorted(statement.kept)]
        base = _relative_to(rewrite.code, statement.node)
        if statement.aliases:
            by_name = sorted(statement.aliases.items(), key=lambda item: item[1])
            items = [f"{name} as {alias}" for alias, name in by_name]
            after.append(_from_import(_spelled(seams, base), items, indent))
        for module, names in sorted(statement.names.items()):
            items = [name if name == bound else f"{name} as {bound}" for bound, name in sorted(names.items())]
            after.append(_from_import(_spelled(module, base), items, indent))
        found.append({"line": line, "remove": sorted(statement.remove), "after": after})
    return found


def _relative_to(code: Code, node: ast.Import | ast.ImportFrom) -> list[str] | None:
    """The package of the module where the import is a relative one."""
    if not isinstance(node, ast.ImportFrom) or not node.level:
        return None
    parts = code.module.split(".")
    return parts if code.is_package else parts[:-1]


def _spelled(module: str, base: list[str] | None) -> str:
    """A module's name, relative to a package where one is given and both lie in the same top-level one."""
    parts = module.split(".")
    if not base or base[0] != parts[0]:
        return module
    shared = 0
    while shared < min(len(base), len(parts)) and base[shared] == parts[shared]:
        shared += 1
    return "." * (len(base) - shared + 1) + ".".join(parts[shared:])


def _from_import(module: str, items: list[str], indent: str) -> str:
    line = f"from {module} import {', '.join(items)}"
    if len(indent) + len(line) <= WIDTH:
        return line
    # the lines inside are indented with the block when they are written
    return f"from {module} import (\n" + "".join(f"    {item},\n" for item in items) + ")"
