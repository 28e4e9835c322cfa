"""From classes that validate to what they take: serializers, forms (Django, WTForms), marshmallow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import structs

from strangler.analyzers.plugin.requests.types import DEEPEST, is_record, record_fields
from strangler.analyzers.python.values import Class, Const, External, Mapping, Object, Sequence, Value
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
SERIALIZERS = ("rest_framework.serializers.",)
FORMS = ("django.forms.",)
WTFORMS = ("wtforms.", "flask_wtf.")
MARSHMALLOW = "marshmallow.Schema"


def is_schema(interp: Interpreter, value: Value) -> bool:
    """Whether a class validates what a request carries."""
    if not isinstance(value, Class):
        return False
    lineage = value.ancestors(interp)
    starts = SERIALIZERS + FORMS + WTFORMS
    return MARSHMALLOW in lineage or any(base.startswith(starts) for base in lineage)


def media_of(interp: Interpreter, cls: Class) -> str:
    """``form`` for forms, ``json`` for the rest."""
    return "form" if any(base.startswith(FORMS + WTFORMS) for base in cls.ancestors(interp)) else "json"


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
    lineage = cls.ancestors(interp)
    model = _meta(cls, "model")
    if isinstance(model, Class) and any("Model" in base.rpartition(".")[2] for base in lineage):
        found.update(_of_model(interp, cls, model))
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


def _meta(cls: Class, name: str) -> Value | None:
    meta = cls.find("Meta")
    found = meta[0].find(name) if meta is not None and isinstance(meta[0], Class) else None
    return found[0] if found is not None else None


def _strings(value: Value | None) -> list[str] | None:
    if not isinstance(value, Sequence):
        return None
    return [str(item.value) for item in value.items if isinstance(item, Const)]


def _listed(cls: Class) -> list[str] | None:
    return _strings(_meta(cls, "fields"))


def _flag(field: Object, name: str) -> bool | None:
    value = field.arg(None, name)
    return value.truth() if value is not None else None


def _given_out(field: Object) -> bool:
    """Whether the field is for answers alone."""
    kind = _kind(field)
    return bool(_flag(field, "read_only") or _flag(field, "dump_only")) or kind in (
        "SerializerMethodField", "ReadOnlyField", "HyperlinkedIdentityField", "Method", "Function",
        "SubmitField",
    )  # fmt: skip


def _kind(field: Object) -> str:
    cls = field.cls
    return cls.name.rpartition(".")[2] if isinstance(cls, External) else ""


def _field(interp: Interpreter, name: str, value: Object, owner: Class, depth: int) -> Input | None:
    place: dict[str, Any] = {"file": owner.module.facts.path, "line": value.line}
    cls = value.cls
    if isinstance(cls, Class) and is_schema(interp, cls) and depth:
        inner = Input(name="", where="body", type="object", inputs=fields_of(interp, cls, depth - 1))
        found = structs.replace(inner, name=name, required=_flag(value, "required") is not False, **place)
        if _flag(value, "many"):
            found = structs.replace(found, type="array", inputs=(inner,))
        return None if _flag(value, "read_only") else found
    dotted = interp.kind(value)
    library = "forms" if dotted.startswith(FORMS) else "wtforms" if dotted.startswith(WTFORMS) else ""
    if not library and "fields." not in dotted and not dotted.startswith(SERIALIZERS):
        return None
    found = Input(name=name, where="body", required=_required(value, library), **place)
    found = structs.replace(found, **(_typed(dotted.rpartition(".")[2]) | _limits(value)))
    if _flag(value, "allow_null") or _flag(value, "allow_none"):
        found = structs.replace(found, nullable=True)
    if dotted.rpartition(".")[2].endswith(("RelatedField", "ModelChoiceField")):
        found = structs.replace(found, type="", refers=_table_of(interp, value))
        slug = value.args.text(None, "slug_field") if value.args is not None else None
        if slug and found.refers:
            found = structs.replace(found, type="string", refers=f"{found.refers}.{slug}")
        if _flag(value, "many"):
            item = structs.replace(found, name="", required=False)
            found = structs.replace(found, type="array", refers="", inputs=(item,))
    return found


def _required(field: Object, library: str) -> bool:
    stated = _flag(field, "required")
    if library == "wtforms":
        validators = field.arg(1, "validators")
        names = (
            [_kind(v) for v in validators.items if isinstance(v, Object)]
            if isinstance(validators, Sequence)
            else []
        )
        return any(name in ("DataRequired", "InputRequired") for name in names)
    if stated is not None:
        return stated
    if _kind(field) == "BooleanField" and library != "forms":
        return False
    without = field.arg(None, "default") is not None or field.arg(None, "load_default") is not None
    marsh = ip_free_kind(field).startswith("marshmallow")
    return not without and not marsh


def ip_free_kind(field: Object) -> str:
    """The dotted name of a library's field."""
    return field.cls.name if isinstance(field.cls, External) else ""


def _typed(kind: str) -> dict[str, Any]:
    for pattern, name, form in KINDS:
        if re.search(pattern, kind):
            return {"type": name, "format": form}
    return {}


def _limits(field: Object) -> dict[str, Any]:
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
        entity = interp.schema.of(model) if isinstance(model, Class) else None
        if entity is not None:
            return str(getattr(entity, "table", entity))
    return ""


def _of_model(interp: Interpreter, cls: Class, model: Class) -> dict[str, Input | None]:
    """What Django's model forms and model serializers make of a model's fields."""
    outward = set(_strings(_meta(cls, "read_only_fields")) or ())
    found: dict[str, Input | None] = {}
    for owner in reversed(model.mro()):
        for name, value in owner.namespace.items():
            if not isinstance(value, Object) or not interp.kind(value).startswith("django.db.models."):
                continue
            kind = interp.kind(value).rpartition(".")[2]
            off = name in outward or _flag(value, "editable") is False or _flag(value, "auto_now_add")
            if off or _flag(value, "auto_now") or kind.endswith("AutoField"):
                continue
            found[name] = _model_field(interp, name, value, owner, kind)
    return found


def _model_field(interp: Interpreter, name: str, value: Object, owner: Class, kind: str) -> Input:
    blank = bool(_flag(value, "blank"))
    required = not (blank or _flag(value, "null") or value.arg(None, "default") is not None)
    field = Input(name=name, where="body", file=owner.module.facts.path, line=value.line)
    field = structs.replace(
        field, required=required and kind != "BooleanField", nullable=bool(_flag(value, "null")),
        **(_typed(kind) | _limits(value)),
    )  # fmt: skip
    if kind in ("ForeignKey", "OneToOneField", "ManyToManyField"):
        entity = interp.schema.of(owner)
        relation = entity.relation(name) if entity is not None else None
        table = relation.target.table if relation is not None and relation.target is not None else ""
        if kind == "ManyToManyField":
            item = Input(name="", where="body", type="integer", refers=table)
            return structs.replace(field, type="array", inputs=(item,), required=not blank)
        return structs.replace(field, type="integer", refers=table)
    return field
