"""The templates that class-based views render by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strangler.analyzers.django.orm.classviews import VIEW
from strangler.analyzers.python.frames import Frame
from strangler.analyzers.python.values import UNKNOWN, Args, Const, Function, Object, Value
from strangler.analyzers.templates import Renderer, Templates, context_of, names_of, surroundings

if TYPE_CHECKING:
    from strangler.analyzers.django.settings import Settings
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
            request = view.get(ip, "request", frame)
            values = {**surroundings(ip, request, frame), "request": request, **values}
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


class Lookup(Value):
    """A name of the context that is looked up when a template uses it: ``user``, ``perms``."""

    __slots__ = ("name", "request")

    def __init__(self, request: Value, name: str) -> None:
        self.request = request
        self.name = name

    def get(self, ip: Interpreter, name: str, frame: Frame) -> Value:
        user = self.request.get(ip, "user", frame)
        if self.name == "user":
            return user.get(ip, name, frame)
        user.get(ip, "has_perm", frame).call(ip, Args(), frame)
        return self

    def key(self) -> object:
        return ("template name", self.name)


def provider(settings: Settings) -> Any:
    """What the context processors of the settings add."""

    def provide(ip: Interpreter, request: Value, frame: Frame) -> dict[str, Value]:
        found: dict[str, Value] = {name: Lookup(request, name) for name in ("user", "perms")}
        if ip.booting:
            return found
        for function in _processors(ip, settings):
            found.update(context_of(function.call(ip, Args([request]), frame)))
        return found

    return provide


def _processors(ip: Interpreter, settings: Settings) -> list[Function]:
    known: list[Function] | None = ip.extensions.get("django context processors")
    if known is None:
        known = ip.extensions["django context processors"] = []
        engines, _ = settings.get(ip, "TEMPLATES").elements(ip, ip.root_frame)
        for engine in engines:
            options = engine.item(ip, Const("OPTIONS"), ip.root_frame)
            listed = options.item(ip, Const("context_processors"), ip.root_frame)
            for name in names_of(listed):
                value = ip.program.resolve(name)
                if isinstance(value, Function):
                    known.append(value)
    return known


def _main(values: dict[str, Value]) -> Value:
    listed = values.get("object_list", UNKNOWN)
    return listed if listed is not UNKNOWN else values.get("object", UNKNOWN)
