"""The templates that class-based views render by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strangler.analyzers.frameworks.django.library import VIEW
from strangler.analyzers.frameworks.django.notes import Notes
from strangler.analyzers.frameworks.templates import Renderer, Templates, context_of, names_of, surroundings
from strangler.analyzers.plugin import UNKNOWN, Args, Const, Frame, Function, Interpreter, Object, Value
from strangler.model.system import AMBIENT

if TYPE_CHECKING:
    from strangler.analyzers.frameworks.django.settings import Settings


def finish(interp: Interpreter, templates: Templates) -> None:
    """Class-based views render their own template: its accesses count for the view class."""
    for cls in interp.classes:
        if VIEW not in cls.ancestors(interp):
            continue
        stated = cls.find("template_name")
        names = names_of(stated[0]) if stated is not None else []
        if not any(templates.find(name) for name in names):
            continue
        frame = Frame(cls.module, cls.qualname, {}, None)
        frame.function = None
        frame.line = cls.extra.get("lines", {}).get("template_name", cls.line)
        view = Object(cls, None, None)
        interp.budget.steps = 0
        try:
            context = view.get(interp, "get_context_data", frame).call(interp, Args(), frame)
            values = context_of(context)
            values.setdefault("view", view)
            request = view.get(interp, "request", frame)
            around = {**surroundings(interp, request, frame), "request": request}
            own_names, values = values, {**around, **values}
            for name in ("object", "object_list"):
                if name not in values:
                    values[name] = view.get(interp, name, frame)
            own = cls.find("context_object_name")
            if own is not None and isinstance(own[0], Const) and isinstance(own[0].value, str):
                values.setdefault(own[0].value, _main(values))
            for name in names[:2]:
                Renderer(interp, templates, frame).render(name, values, around.keys() - own_names.keys())
        except (RecursionError, interp.exhausted):
            continue


class Lookup(Value):
    """A name of the context that is looked up when a template uses it: ``user``, ``perms``."""

    __slots__ = ("name", "request")

    def __init__(self, request: Value, name: str) -> None:
        self.request = request
        self.name = name

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        user = self.request.get(interp, "user", frame)
        if self.name == "user":
            return user.get(interp, name, frame)
        user.get(interp, "has_perm", frame).call(interp, Args(), frame)
        return self

    def key(self) -> object:
        return ("template name", self.name)


def provider(settings: Settings) -> Any:
    """What the context processors of the settings add."""

    def provide(interp: Interpreter, request: Value, frame: Frame) -> dict[str, Value]:
        found: dict[str, Value] = {name: Lookup(request, name) for name in ("user", "perms")}
        if interp.booting:
            return found
        with interp.log.at_most("certain", frame, AMBIENT):
            for function in _processors(interp, settings):
                found.update(context_of(function.call(interp, Args([request]), frame)))
        return found

    return provide


def _processors(interp: Interpreter, settings: Settings) -> list[Function]:
    notes = interp.state(Notes)
    known = notes.context_processors
    if known is None:
        known = notes.context_processors = []
        engines, _ = settings.get(interp, "TEMPLATES").elements(interp, interp.root_frame)
        for engine in engines:
            options = engine.item(interp, Const("OPTIONS"), interp.root_frame)
            listed = options.item(interp, Const("context_processors"), interp.root_frame)
            for name in names_of(listed):
                value = interp.program.resolve(name)
                if isinstance(value, Function):
                    known.append(value)
    return known


def _main(values: dict[str, Value]) -> Value:
    listed = values.get("object_list", UNKNOWN)
    return listed if listed is not UNKNOWN else values.get("object", UNKNOWN)
