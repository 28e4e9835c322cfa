"""From a type annotation to what it takes on the wire: Pydantic models, dataclasses, typed dicts, enums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import structs

from strangler.analyzers.python import syntax
from strangler.analyzers.python.annotated import parse_expression
from strangler.analyzers.python.expressions import evaluate
from strangler.analyzers.python.values import (
    UNKNOWN,
    Class,
    Const,
    External,
    Generic,
    Object,
    Sequence,
    Value,
)
from strangler.model import Input

if TYPE_CHECKING:
    from strangler.analyzers.python.frames import Frame
    from strangler.analyzers.python.interpreter import Interpreter

DEEPEST = 2
"""Levels of records inside records: schemas that hold each other would fill the model beyond use."""
ANY = Input(name="", where="body")
SCALARS: dict[str, tuple[str, str]] = {
    "str": ("string", ""),
    "int": ("integer", ""),
    "float": ("number", ""),
    "bool": ("boolean", ""),
    "bytes": ("string", "binary"),
    "Decimal": ("number", "decimal"),
    "date": ("string", "date"),
    "datetime": ("string", "date-time"),
    "AwareDatetime": ("string", "date-time"),
    "NaiveDatetime": ("string", "date-time"),
    "FutureDate": ("string", "date"),
    "time": ("string", "time"),
    "timedelta": ("string", "duration"),
    "UUID": ("string", "uuid"),
    "UUID4": ("string", "uuid"),
    "EmailStr": ("string", "email"),
    "NameEmail": ("string", "email"),
    "HttpUrl": ("string", "uri"),
    "AnyUrl": ("string", "uri"),
    "AnyHttpUrl": ("string", "uri"),
    "UploadFile": ("string", "binary"),
    "SecretStr": ("string", ""),
    "StrictStr": ("string", ""),
    "StrictInt": ("integer", ""),
    "StrictBool": ("boolean", ""),
    "PositiveInt": ("integer", ""),
    "NonNegativeInt": ("integer", ""),
    "Json": ("string", ""),
    "dict": ("object", ""),
    "Dict": ("object", ""),
    "Mapping": ("object", ""),
}
"""Last part of a type's dotted name -> type and format of JSON Schema."""
_ARRAYS = {"list", "List", "set", "Set", "tuple", "Tuple", "Sequence", "Iterable", "frozenset", "Collection"}
_FIRST = {"Annotated", "Final", "ClassVar", "Required", "NotRequired", "Optional"}
MARKERS = ("Field", "field", "Query", "Body", "Form", "Header", "Cookie", "Path", "File")
"""What says more about a field or parameter in the place of its default."""
_LIMITS = {"ge": "minimum", "gt": "minimum", "le": "maximum", "lt": "maximum"}
RECORDS = ("pydantic.BaseModel", "sqlmodel.SQLModel", "pydantic_settings.BaseSettings", "msgspec.Struct")


def of_node(interp: Interpreter, node: syntax.Expr, frame: Frame, depth: int = DEEPEST) -> Input:
    """What an annotation in the source takes."""
    line = frame.line
    value = evaluate(interp, node, frame)
    frame.line = line
    return of_value(interp, value, frame, depth)


def of_value(interp: Interpreter, value: Value, frame: Frame, depth: int = DEEPEST) -> Input:
    """What an evaluated annotation takes; an input without a name."""
    options = [interp.settled(option) for option in value.options()]
    kept = [option for option in options if not _is_none(option)]
    if len(kept) != 1:
        return structs.replace(ANY, nullable=len(kept) < len(options))
    found = _of_one(interp, kept[0], frame, depth)
    return structs.replace(found, nullable=True) if len(kept) < len(options) else found


def _is_none(value: Value) -> bool:
    return (isinstance(value, Const) and value.value is None) or (
        isinstance(value, External) and value.name in ("builtins.None", "types.NoneType")
    )


def _of_one(interp: Interpreter, value: Value, frame: Frame, depth: int) -> Input:
    if isinstance(value, Const) and isinstance(value.value, str):
        node = parse_expression(value.value)
        return of_node(interp, node, frame, depth - 1) if node is not None and depth else ANY
    if isinstance(value, External):
        kind, form = SCALARS.get(value.name.rpartition(".")[2], ("", ""))
        if value.name.rpartition(".")[2] in _ARRAYS:
            kind = "array"
        return structs.replace(ANY, type=kind, format=form)
    if isinstance(value, Class):
        return of_class(interp, value, depth)
    if isinstance(value, Generic):
        return _of_generic(interp, value, frame, depth)
    return ANY


def _of_generic(interp: Interpreter, value: Generic, frame: Frame, depth: int) -> Input:
    argument = value.argument
    items = list(argument.items) if isinstance(argument, Sequence) else [argument]
    name = value.origin.name.rpartition(".")[2] if isinstance(value.origin, External) else ""
    if isinstance(value.origin, Class):
        return of_class(interp, value.origin, depth)
    if name == "Literal":
        choices = [i.value for i in items if isinstance(i, Const)]
        kinds = {"integer" if isinstance(c, int) else "string" for c in choices if c is not None}
        kind = kinds.pop() if len(kinds) == 1 else ""
        return structs.replace(ANY, type=kind, choices=tuple(str(c) for c in choices if c is not None))
    if name in ("Union", "Optional"):
        known = [item for item in items if not _is_none(item)]
        found = of_value(interp, known[0], frame, depth - 1) if len(known) == 1 and depth else ANY
        return structs.replace(found, nullable=name == "Optional" or len(known) < len(items))
    if name in _FIRST and items:
        found = of_value(interp, items[0], frame, depth - 1) if depth else ANY
        for extra in items[1:]:
            found = constrained(found, extra)
        return found
    if name in _ARRAYS:
        inner = of_value(interp, items[0], frame, depth - 1) if items and depth else ANY
        return structs.replace(ANY, type="array", inputs=(inner,))
    if name in SCALARS:
        return structs.replace(ANY, type=SCALARS[name][0], format=SCALARS[name][1])
    return ANY


def constrained(found: Input, extra: Value) -> Input:
    """The input with what ``Field(...)``, ``Query(...)`` or ``annotated_types`` say of it."""
    args = getattr(extra, "args", None)
    if not isinstance(extra, Object) or args is None:
        return found
    changes: dict[str, Any] = {}
    for given in ("min_length", "max_length", "pattern", "regex"):
        value = args.get(None, given)
        if isinstance(value, Const) and value.value is not None:
            changes["pattern" if given == "regex" else given] = value.value
    for given, name in _LIMITS.items():
        value = args.get(None, given)
        if isinstance(value, Const) and isinstance(value.value, int | float):
            changes[name] = float(value.value)
            if given == "gt":
                changes["exclusive"] = True
    return structs.replace(found, **changes)


def of_class(interp: Interpreter, cls: Class, depth: int) -> Input:
    """What an enumeration or a record takes."""
    lineage = cls.ancestors(interp)
    if any(base.startswith("enum.") for base in lineage):
        members = [v.value for v in cls.namespace.values() if isinstance(v, Const)]
        choices = [m for m in members if isinstance(m, int | str) and not isinstance(m, bool)]
        kind = "integer" if choices and all(isinstance(c, int) for c in choices) else "string"
        return structs.replace(ANY, type=kind, choices=tuple(str(c) for c in choices))
    if not depth or not is_record(interp, cls):
        return ANY
    return structs.replace(ANY, type="object", inputs=record_fields(interp, cls, depth - 1))


def is_record(interp: Interpreter, cls: Class) -> bool:
    """Whether the class is read field by field: Pydantic, dataclasses, typed dicts, attrs, msgspec."""
    lineage = cls.ancestors(interp)
    if any(base in RECORDS or base.endswith(("TypedDict", ".BaseModel")) for base in lineage):
        return True
    marks = [getattr(d, "cls", d) for one in cls.mro() for d in one.decorators]
    return any(isinstance(m, External) and m.name.rpartition(".")[2] in ("dataclass", "define", "s", "frozen")
               for m in marks)  # fmt: skip


def record_fields(interp: Interpreter, cls: Class, depth: int = DEEPEST) -> tuple[Input, ...]:
    """The fields of a record with what each takes, in order of definition."""
    found: dict[str, Input] = {}
    for owner in reversed(cls.mro()):
        for name, (node, frame) in owner.annotations.items():
            if name.startswith("_") or name == "model_config":
                continue
            field = of_node(interp, node, frame, depth)
            default = owner.namespace.get(name, cls.namespace.get(name))
            found[_alias(default, name)] = _with_default(field, default, _alias(default, name), owner, node)
    return tuple(found.values())


def _alias(default: Value | None, name: str) -> str:
    args = getattr(default, "args", None)
    stated = (args.text(None, "validation_alias") or args.text(None, "alias")) if args is not None else None
    return stated or name


def _with_default(field: Input, default: Value | None, name: str, owner: Class, node: syntax.Expr) -> Input:
    required = default is None
    if isinstance(default, Object) and isinstance(default.cls, External):
        if default.cls.name.rpartition(".")[2] in MARKERS:
            required = not has_default(default)
            field = constrained(field, default)
        else:
            required = False
    elif default is not None:
        required = isinstance(default, External) and default.name.endswith("Ellipsis")
    return structs.replace(field, name=name, required=required, file=owner.module.facts.path, line=node.line)


def has_default(marker: Object) -> bool:
    """Whether ``Field(...)`` and the like give a default."""
    if marker.args is None:
        return False
    if marker.args.get(None, "default_factory") is not None:
        return True
    first = marker.args.get(0, "default")
    if first is None or first is UNKNOWN:
        return False  # ``...`` is no constant of the compact source
    return not (isinstance(first, External) and first.name.endswith("Ellipsis"))
