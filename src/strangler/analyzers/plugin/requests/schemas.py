"""From classes that validate to what they take: serializers, forms, schemas."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from msgspec import structs

from strangler.analyzers.plugin.requests.types import DEEPEST, is_record, record_fields
from strangler.analyzers.python.values import Class, Const, External, Mapping, Object, Sequence, Value
from strangler.analyzers.schema import Schema
from strangler.model import Input

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter

KINDS = (
    (r"Email", "string", "email"),
    (r"^(UUID|Guid)", "string", "uuid"),
    (r"DateTime|^Timestamp", "string", "date-time"),
    (r"^(Naive|Aware)?Date(Field|Range)?$", "string", "date"),
    (r"^(Naive)?Time", "string", "time"),
    (r"Ur[li]", "string", "uri"),
    (r"Decimal|Money", "number", "decimal"),
    (r"^Float", "number", ""),
    (r"Integer|^Int$|^Auto|^BigAuto|^SmallAuto", "integer", ""),
    (r"Boolean|^Bool$|NullBoolean", "boolean", ""),
    (r"^(List|MultipleChoice|ManyToMany|SelectMultiple|TypedMultiple|ModelMultiple|Tuple|Array)",
     "array", ""),
    (r"^(Dict|JSON|HStore|Nested|Mapping)", "object", ""),
    (r"File|Image", "string", "binary"),
    (r"Char|Text|Slug|String|^Str$|Choice|Select|Radio|Regex|Password|TextArea|Hidden|Search|^Raw$|IP|Color",
     "string", ""),
)  # fmt: skip
"""Name of a field's class (searched in order) -> type and format."""


@dataclass(frozen=True)
class SchemaLibrary:
    """A library whose classes say what a request may carry: serializers, forms, schemas.

    A framework names it by the beginning of the dotted names of its classes:
    ``knowledge.shared(SchemaLibrary)["wtforms."] = SchemaLibrary("form")``.
    """

    media: Literal["json", "form"] = "json"
    """How the body is written."""
    reads_request: bool = False
    """Whether an object takes the request's data without being given it."""
    required: Literal["unless said", "if said", "by validators"] = "unless said"
    """When a field has to be there; by validators: ``DataRequired``, ``InputRequired``."""
    booleans_required: bool = False
    """Whether that holds for booleans, which a form leaves out when they are false."""
    fields: str = ""
    """Beginning of the dotted names of its fields, where it is another one."""
    of_model: Callable[[Interpreter, Class, Class], dict[str, Input | None]] | None = None
    """The fields that a class takes over from the model that its ``Meta`` names."""


def library_of(interp: Interpreter, value: Value) -> SchemaLibrary | None:
    """The library of a first-party class that validates; None for all other values."""
    if not isinstance(value, Class):
        return None
    lineage = value.ancestors(interp)
    known = interp.knowledge.shared(SchemaLibrary).items()
    return next(
        (library for start, library in known if any(base.startswith(start) for base in lineage)), None
    )


def _library_of_field(interp: Interpreter, dotted: str) -> SchemaLibrary | None:
    known = interp.knowledge.shared(SchemaLibrary).items()
    return next((one for start, one in known if dotted.startswith(one.fields or start)), None)


def fields_of(interp: Interpreter, cls: Class, depth: int = DEEPEST) -> tuple[Input, ...]:
    """The fields that the class takes, those that it only gives out left aside."""
    known: tuple[Input, ...] | None = cls.extra.get(f"inputs {depth}")
    if known is None:
        cls.extra[f"inputs {depth}"] = known = _fields(interp, cls, depth)
    return known


def _fields(interp: Interpreter, cls: Class, depth: int) -> tuple[Input, ...]:
    if is_record(interp, cls):
        return record_fields(interp, cls, depth)
    found: dict[str, Input | None] = {}
    library = library_of(interp, cls)
    model = meta_of(cls, "model")
    by_model = any("Model" in base.rpartition(".")[2] for base in cls.ancestors(interp))
    if isinstance(model, Class) and by_model and library is not None and library.of_model is not None:
        found.update(library.of_model(interp, cls, model))
    for owner in reversed(cls.mro()):
        for name, value in owner.namespace.items():
            if isinstance(value, Const) and value.value is None:
                found.pop(name, None)
            elif (
                isinstance(value, Object) and (field := _field(interp, name, value, owner, depth)) is not None
            ):
                found[name] = None if _given_out(value) else field
    names = _listed(cls)
    kept = [field for name, field in found.items() if field is not None and (names is None or name in names)]
    return tuple(kept)


def meta_of(cls: Class, name: str) -> Value | None:
    """An attribute of the inner class ``Meta``."""
    meta = cls.find("Meta")
    found = meta[0].find(name) if meta is not None and isinstance(meta[0], Class) else None
    return found[0] if found is not None else None


def texts_of(value: Value | None) -> list[str] | None:
    """The constants of a sequence as text; None for everything else."""
    if not isinstance(value, Sequence):
        return None
    return [str(item.value) for item in value.items if isinstance(item, Const)]


def _listed(cls: Class) -> list[str] | None:
    return texts_of(meta_of(cls, "fields"))


def flag_of(field: Object, name: str) -> bool | None:
    """Whether a keyword of a field's call is true; None where it is not given or not known."""
    value = field.arg(None, name)
    return value.truth() if value is not None else None


def _given_out(field: Object) -> bool:
    """Whether the field is for answers alone."""
    kind = _kind(field)
    return bool(flag_of(field, "read_only") or flag_of(field, "dump_only")) or kind in (
        "SerializerMethodField", "ReadOnlyField", "HyperlinkedIdentityField", "Method", "Function",
        "SubmitField",
    )  # fmt: skip


def _kind(field: Object) -> str:
    cls = field.cls
    return cls.name.rpartition(".")[2] if isinstance(cls, External) else ""


def _field(interp: Interpreter, name: str, value: Object, owner: Class, depth: int) -> Input | None:
    place: dict[str, Any] = {"file": owner.module.facts.path, "line": value.line}
    cls = value.cls
    if isinstance(cls, Class) and library_of(interp, cls) is not None and depth:
        inner = Input(name="", where="body", type="object", inputs=fields_of(interp, cls, depth - 1))
        found = structs.replace(inner, name=name, required=flag_of(value, "required") is not False, **place)
        if flag_of(value, "many"):
            found = structs.replace(found, type="array", inputs=(inner,))
        return None if flag_of(value, "read_only") else found
    dotted = interp.kind(value)
    library = _library_of_field(interp, dotted)
    if library is None and "fields." not in dotted:
        return None
    own = library or library_of(interp, owner) or SchemaLibrary()
    found = Input(name=name, where="body", required=_required(value, own), **place)
    found = structs.replace(found, **(type_of_field(dotted.rpartition(".")[2]) | limits_of(value)))
    if flag_of(value, "allow_null") or flag_of(value, "allow_none"):
        found = structs.replace(found, nullable=True)
    if dotted.rpartition(".")[2].endswith(("RelatedField", "ModelChoiceField")):
        found = structs.replace(found, type="", refers=_table_of(interp, value))
        slug = value.args.text(None, "slug_field") if value.args is not None else None
        if slug and found.refers:
            found = structs.replace(found, type="string", refers=f"{found.refers}.{slug}")
        if flag_of(value, "many"):
            item = structs.replace(found, name="", required=False)
            found = structs.replace(found, type="array", refers="", inputs=(item,))
    return found


def _required(field: Object, library: SchemaLibrary) -> bool:
    stated = flag_of(field, "required")
    if library.required == "by validators":
        validators = field.arg(1, "validators")
        names = (
            [_kind(v) for v in validators.items if isinstance(v, Object)]
            if isinstance(validators, Sequence)
            else []
        )
        return any(name in ("DataRequired", "InputRequired") for name in names)
    if stated is not None:
        return stated
    if _kind(field) == "BooleanField" and not library.booleans_required:
        return False
    without = field.arg(None, "default") is not None or field.arg(None, "load_default") is not None
    return not without and library.required == "unless said"


def type_of_field(kind: str) -> dict[str, Any]:
    """Type and format (fields of ``Input``) by the name of a field's class."""
    for pattern, name, form in KINDS:
        if re.search(pattern, kind):
            return {"type": name, "format": form}
    return {}


def limits_of(field: Object) -> dict[str, Any]:
    """What a field's arguments and validators allow, as fields of ``Input``."""
    found: dict[str, Any] = {}
    for source, target in (("min_length", "min_length"), ("max_length", "max_length"),
                           ("min_value", "minimum"), ("max_value", "maximum")):  # fmt: skip
        _number(found, target, field.arg(None, source))
    for source in ("validators", "validate"):
        rules = field.arg(1 if source == "validators" else None, source)
        for rule in rules.items if isinstance(rules, Sequence) else [rules]:
            if isinstance(rule, Object):
                _rule(found, rule)
    choices = _choices(field.arg(None, "choices"))
    if choices:
        found["choices"] = choices
    return found


def _rule(found: dict[str, Any], rule: Object) -> None:
    """``Length``, ``Range``, ``OneOf``, ``Regexp`` and Django's validators."""
    kind = _kind(rule)
    if kind == "Length":
        _number(found, "min_length", rule.arg(0, "min"))
        _number(found, "max_length", rule.arg(1, "max"))
    elif kind in ("Range", "NumberRange"):
        _number(found, "minimum", rule.arg(0, "min"))
        _number(found, "maximum", rule.arg(1, "max"))
    elif kind in ("MinValueValidator", "MaxValueValidator"):
        _number(found, "minimum" if kind.startswith("Min") else "maximum", rule.arg(0, "limit_value"))
    elif kind in ("Regexp", "RegexValidator"):
        pattern = rule.arg(0, "regex")
        if isinstance(pattern, Const) and isinstance(pattern.value, str):
            found["pattern"] = pattern.value
    elif kind == "Email":
        found |= {"type": "string", "format": "email"}
    elif kind == "OneOf" and (choices := _choices(rule.arg(0, "choices"))):
        found["choices"] = choices


def _number(found: dict[str, Any], name: str, value: Value | None) -> None:
    number: Any = value.value if isinstance(value, Const) else None
    if isinstance(value, Object) and isinstance(value.cls, External) and value.cls.name == "decimal.Decimal":
        text = value.arg(0)
        number = text.value if isinstance(text, Const) else None
    try:
        found[name] = int(number) if name.endswith("length") else float(number)
    except (TypeError, ValueError):
        return


def _choices(value: Value | None) -> tuple[str, ...]:
    """The values of a list of choices, of pairs of them, or of an enumeration."""
    if isinstance(value, Mapping):
        return tuple(str(key) for key in value.items)
    if isinstance(value, Class):
        members = [v for v in value.namespace.values() if isinstance(v, Const | Sequence)]
        return tuple(c for c in map(_choice, members) if c is not None)
    if not isinstance(value, Sequence) or value.open:
        return ()
    return tuple(c for c in map(_choice, value.items) if c is not None)


def _choice(item: Value) -> str | None:
    if isinstance(item, Sequence) and item.items:
        item = item.items[0]
    return str(item.value) if isinstance(item, Const) and isinstance(item.value, str | int) else None


def _table_of(interp: Interpreter, field: Object) -> str:
    """The table that a related field chooses a row of."""
    queryset = field.arg(0, "queryset") or field.arg(None, "to")
    for option in queryset.options() if queryset is not None else ():
        model = getattr(option, "model", option)
        entity = interp.state(Schema).of(model) if isinstance(model, Class) else None
        if entity is not None:
            return str(getattr(entity, "table", entity))
    return ""
