"""Columns and relations declared by annotation: ``Mapped[...]`` and the fields of SQLModel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from strangler.analyzers.frameworks.sqlalchemy.definitions import (
    ColumnDefinition,
    Hybrid,
    RelationshipDefinition,
)
from strangler.analyzers.plugin import (
    Args,
    Class,
    Const,
    External,
    Frame,
    Generic,
    Interpreter,
    Sequence,
    Value,
    evaluate,
    parse_expression,
    syntax,
    traversal,
)

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.sqlalchemy.state import ClassMapping


_MAPPED_ANNOTATIONS = {
    "sqlalchemy.Mapped": "",
    "sqlalchemy.WriteOnlyMapped": "write_only",
    "sqlalchemy.DynamicMapped": "dynamic",
}


def annotated(
    interp: Interpreter, mapping: ClassMapping, owner: Class, name: str, node: syntax.Expr, frame: Frame
) -> None:
    """An annotation of the class body: ``Mapped[...]``, or a field of a SQLModel."""
    value = evaluate(interp, node, frame)
    if isinstance(value, Const) and isinstance(value.value, str):
        parsed = parse_expression(value.value)
        if parsed is not None:
            node, value = parsed, evaluate(interp, parsed, frame)
    origin = value.origin.name if isinstance(value, Generic) and isinstance(value.origin, External) else ""
    given = owner.namespace.get(name)
    names = class_names(node)
    if isinstance(given, RelationshipDefinition):
        given.mode = given.mode or _MAPPED_ANNOTATIONS.get(origin, "")
        mapping.relations[name] = (given, names)
        if _is_collection(names):
            mapping.lists.add(name)
        return
    kind, optional = _scalar(names)
    if origin in _MAPPED_ANNOTATIONS:
        inner = _pep593(value)
        if given is None:
            given = inner or ColumnDefinition(Args())
        elif isinstance(given, ColumnDefinition) and inner is not None and not given.is_merged:
            given.args = Args(
                [*given.args.positional, *inner.args.positional],
                {**inner.args.keywords, **given.args.keywords},
            )
            given.is_merged = True
        if isinstance(given, ColumnDefinition):
            mapping.columns[name] = _typed(given, kind, optional)
    elif _is_sqlmodel_field(interp, mapping.cls, name, given, origin):
        column = given if isinstance(given, ColumnDefinition) else ColumnDefinition(Args(), None, True)
        mapping.columns[name] = _typed(column, kind, optional)


def _is_sqlmodel_field(interp: Interpreter, cls: Class, name: str, given: Value | None, origin: str) -> bool:
    if "sqlmodel.SQLModel" not in cls.ancestors(interp) or origin == "typing.ClassVar":
        return False
    if isinstance(given, Hybrid) or name.startswith("_"):
        return False
    return name not in ("model_config", "metadata")


def _typed(column: ColumnDefinition, kind: str, optional: bool) -> ColumnDefinition:
    if column.kind is None:
        column.kind, column.optional = kind, optional
    return column


def _pep593(value: Value) -> ColumnDefinition | None:
    """``Mapped[intpk]`` where ``intpk = Annotated[int, mapped_column(primary_key=True)]``."""
    for option in value.argument.options() if isinstance(value, Generic) else ():
        if isinstance(option, Generic) and isinstance(option.argument, Sequence):
            for part in option.argument.items:
                if isinstance(part, ColumnDefinition):
                    return ColumnDefinition(part.args)
    return None


_COLLECTIONS = {
    "list",
    "List",
    "set",
    "Set",
    "dict",
    "Dict",
    "Sequence",
    "Collection",
    "Iterable",
    "frozenset",
}


def class_names(node: syntax.Node | None) -> list[str]:
    """Every name in an annotation, outermost first, strings parsed: ``Mapped[list["Order"]]``."""

    found: list[str] = []
    waiting = [node] if node is not None else []
    while waiting:
        part = waiting.pop()
        if isinstance(part, syntax.Name):
            found.append(part.id)
        elif isinstance(part, syntax.Attribute):
            found.append(part.attr)
        elif isinstance(part, syntax.Constant):
            if isinstance(part.value, str):
                found.extend(re.findall(r"[A-Za-z_]\w*", part.value)[:12])
            elif part.value is None:
                found.append("None")
        else:
            waiting += reversed([*traversal.children(part)])
    return found


def _is_collection(names: list[str]) -> bool:
    return any(n in _COLLECTIONS for n in names)


def _scalar(names: list[str]) -> tuple[str, bool]:
    """The Python type that a column's annotation names, and whether it may be None."""
    optional = "Optional" in names or "None" in names
    skip = {"Mapped", "Optional", "Union", "None", "Annotated", "Final", "orm", "so", "t", "typing"}
    return next((n for n in names if n not in skip), ""), optional
