"""The templates that class-based views render by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.analyzers.django.orm.classviews import VIEW
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.values import UNKNOWN, Args, Const, Object, Value
from strangler.analyzers.templates import Renderer, Templates, context_of, names_of

if TYPE_CHECKING:
    from strangler.analyzers.python.interpreter import Interpreter


def finish(ip: Interpreter, templates: Templates) -> None:
    """Class-based views render their own template: its accesses count for the view class."""
    for cls in ip.classes:
        if VIEW not in cls.ancestors(ip):
            continue
        stated = cls.find("template_name")
        names = names_of(stated[0]) if stated is not None else []
        if not any(templates.find(name) for name in names):
            continue
        frame = Frame(cls.module, cls.qualname, {}, None)
        frame.function = None
        frame.line = cls.extra.get("lines", {}).get("template_name", cls.line)
        view = Object(cls, None, None)
        ip.steps = 0
        try:
            context = view.get(ip, "get_context_data", frame).call(ip, Args(), frame)
            values = context_of(context)
            values.setdefault("view", view)
            values.setdefault("request", view.get(ip, "request", frame))
            for name in ("object", "object_list"):
                if name not in values:
                    values[name] = view.get(ip, name, frame)
            own = cls.find("context_object_name")
            if own is not None and isinstance(own[0], Const) and isinstance(own[0].value, str):
                values.setdefault(own[0].value, _main(values))
            for name in names[:2]:
                Renderer(ip, templates, frame).render(name, values)
        except (RecursionError, ip.exhausted):
            continue


def _main(values: dict[str, Value]) -> Value:
    listed = values.get("object_list", UNKNOWN)
    return listed if listed is not UNKNOWN else values.get("object", UNKNOWN)
