"""WTForms and Flask-WTF: forms that read the request by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from strangler.analyzers.plugin import (
    NONE,
    UNKNOWN,
    Args,
    Class,
    External,
    Frame,
    Framework,
    Interpreter,
    Knowledge,
    Object,
    SchemaLibrary,
    Value,
)

FORMS = (
    *("wtforms.Form", "wtforms.form.Form", "wtforms.form.BaseForm"),
    *("flask_wtf.FlaskForm", "flask_wtf.form.FlaskForm", "flask_wtf.Form"),
)


class WTForms(Framework):
    """The fields of forms, and the rows that they fill."""

    name = "wtforms"
    packages = ("wtforms", "flask_wtf")

    def teach(self, knowledge: Knowledge) -> None:
        for start in ("wtforms.", "flask_wtf."):
            library = SchemaLibrary("form", reads_request=True, required="by validators")
            knowledge.shared(SchemaLibrary)[start] = library
        for form in FORMS:
            knowledge.methods[f"{form}.populate_obj"] = _populate


def _populate(interp: Interpreter, form: Value, args: Args, frame: Frame) -> Value:
    """``form.populate_obj(row)`` sets the attributes that are called like the form's fields."""
    target = args.get(0, "obj")
    for option in target.options() if target is not None else ():
        for name in _fields(interp, form):
            option.store(interp, name, UNKNOWN, frame)
    return NONE


def _fields(interp: Interpreter, form: Value) -> Iterator[str]:
    """The names of a form's fields."""
    cls = form.cls if isinstance(form, Object) else None
    for owner in cls.mro() if isinstance(cls, Class) else ():
        for name, value in owner.namespace.items():
            if isinstance(value, Object) and _is_field(interp, value.cls):
                yield name


def _is_field(interp: Interpreter, kind: Value) -> bool:
    if isinstance(kind, Class):
        return any(_names_field(name) for name in kind.ancestors(interp))
    return isinstance(kind, External) and _names_field(kind.name)


def _names_field(name: str) -> bool:
    return name.startswith("wtforms") and name.endswith("Field")
