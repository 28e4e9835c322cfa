"""Objects that Django makes on first use: ``LazyObject`` and ``SimpleLazyObject``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.python.values import UNKNOWN, Args, Class, Function, Object, Value

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Frame, Interpreter
    from strangler.analyzers.python.knowledge import Knowledge

LAZY = "django.utils.functional.LazyObject"
SIMPLE = "django.utils.functional.SimpleLazyObject"


def _wrapped(ip: Interpreter, obj: Object, frame: Frame) -> Value:
    """What stands behind a lazy object: what ``_setup`` keeps, or what the function given returns."""
    if "_wrapped" not in obj.attrs:
        obj.attrs["_wrapped"] = UNKNOWN
        found = obj.cls.find("_setup") if isinstance(obj.cls, Class) else None
        if found is not None and isinstance(found[0], Function):
            ip.invoke_concrete(found[0], obj, Args(), frame)
        else:
            function = obj.arg(0, "func")
            if function is not None:
                obj.attrs["_wrapped"] = function.call(ip, Args(), frame)
    return obj.attrs["_wrapped"]


def _member(ip: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    if obj.args is None or name == "_setup":
        return None
    value = _wrapped(ip, obj, frame)
    return value if name == "_wrapped" else value.get(ip, name, frame)


def teach(knowledge: Knowledge) -> None:
    """Lazy objects."""
    knowledge.hierarchy[SIMPLE] = (LAZY,)
    knowledge.instance_members[LAZY] = _member
