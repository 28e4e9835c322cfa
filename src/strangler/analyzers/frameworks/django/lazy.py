"""Objects that Django makes on first use: ``LazyObject`` and ``SimpleLazyObject``."""

from __future__ import annotations

from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Value,
)

LAZY = "django.utils.functional.LazyObject"
SIMPLE = "django.utils.functional.SimpleLazyObject"


def _wrapped(interp: Interpreter, obj: Object, frame: Frame) -> Value:
    """What stands behind a lazy object: what ``_setup`` keeps, or what the function given returns."""
    if "_wrapped" not in obj.attrs:
        obj.attrs["_wrapped"] = UNKNOWN
        found = obj.cls.find("_setup") if isinstance(obj.cls, Class) else None
        if found is not None and isinstance(found[0], Function):
            interp.invoke_concrete(found[0], obj, Args(), frame)
        else:
            function = obj.arg(0, "func")
            if function is not None:
                obj.attrs["_wrapped"] = function.call(interp, Args(), frame)
    return obj.attrs["_wrapped"]


def _member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    if obj.args is None or name == "_setup":
        return None
    value = _wrapped(interp, obj, frame)
    return value if name == "_wrapped" else value.get(interp, name, frame)


def teach(knowledge: Knowledge) -> None:
    """Lazy objects."""
    knowledge.hierarchy[SIMPLE] = (LAZY,)
    knowledge.instance_members[LAZY] = _member
