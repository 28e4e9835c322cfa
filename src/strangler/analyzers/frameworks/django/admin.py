"""Admin sites: what first-party admin classes serve themselves below the library's URLs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from strangler.analyzers.frameworks.django.library import reference_of
from strangler.analyzers.frameworks.django.notes import ADMIN_MODEL, Notes, Registration
from strangler.analyzers.frameworks.django.urlconf import is_path_entry
from strangler.analyzers.plugin import (
    NONE,
    Args,
    Bound,
    Class,
    Const,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Object,
    Sequence,
    Value,
    ViewFunction,
)

if TYPE_CHECKING:
    from strangler.analyzers.plugin import MethodHandler

SITE = "django.contrib.admin.AdminSite"
DEFAULT_SITE = "django.contrib.admin.site"
_CONFIGS = frozenset(f"django.contrib.admin.apps.{name}" for name in ("AdminConfig", "SimpleAdminConfig"))
_VIEWS = (
    ("changelist_view", ""),
    ("add_view", "add/"),
    ("history_view", "<path:object_id>/history/"),
    ("delete_view", "<path:object_id>/delete/"),
    ("change_view", "<path:object_id>/change/"),
)
_USER_VIEWS = (("user_change_password", "<id>/password/"),)
"""Of ``UserAdmin``, before the others."""


class Served(NamedTuple):
    """A view of an admin class: its route below that of its model, and what handles it."""

    place: str
    """The route of the model below the site; empty where the site itself adds the view."""
    route: str
    handler: Value
    line: int
    module: str
    is_path: bool = True
    """Whether the route is one of ``path()``, no regular expression."""


def register(interp: Interpreter, site: Value, models: Value | None, admin: Value | None) -> None:
    """``site.register(model_or_models, AdminClass)``."""
    listed = models.items if isinstance(models, Sequence) else [models]
    for model in listed:
        if isinstance(model, (Class, External)) and isinstance(admin, Class):
            ADMIN_MODEL.put(admin, model)
            interp.state(Notes).admins[Registration(site, model, admin)] = None


def admin_views(interp: Interpreter, site: Value) -> Iterator[Served]:
    """The views below an admin site that first-party code overrides or adds, in matching order."""
    own = _site_class(interp, site)
    if own is not None:
        yield from _own_urls(interp, own, "")
    for one in interp.state(Notes).admins:
        place = _place(interp, one.model)
        if place is None or one.site.key() != site.key():
            continue
        yield from _own_urls(interp, one.admin, place)
        user = "django.contrib.auth.admin.UserAdmin" in one.admin.ancestors(interp)
        for name, route in (*(_USER_VIEWS if user else ()), *_VIEWS):
            found = one.admin.find(name)
            if found is not None and isinstance(found[0], Function):
                yield Served(place, route, found[0], one.admin.line, one.admin.module.name)


def _site_class(interp: Interpreter, site: Value) -> Class | None:
    """The first-party class of a site; of the default one that which an ``AdminConfig`` names."""
    if isinstance(site, Object):
        return site.cls if isinstance(site.cls, Class) else None
    for cls in interp.classes:
        if not _CONFIGS.isdisjoint(cls.ancestors(interp)):
            stated = cls.find("default_site")
            if stated is not None and isinstance(stated[0], Const) and isinstance(stated[0].value, str):
                named = interp.program.resolve(stated[0].value)
                if isinstance(named, Class):
                    return named
    return None


def _place(interp: Interpreter, model: Value) -> str | None:
    """``app_label/model_name/``."""
    if isinstance(model, External):
        reference = reference_of(model.name)
    elif isinstance(model, Class):
        find = interp.state(Notes).label
        label = find(interp, model) if find is not None else None
        reference = f"{label}.{model.name}" if label is not None else None
    else:
        return None
    return f"{reference.replace('.', '/')}/".lower() if reference is not None else None


def _own_urls(interp: Interpreter, admin: Class, place: str) -> Iterator[Served]:
    """What ``get_urls`` adds to the library's own."""
    found = admin.find("get_urls")
    if found is None or not isinstance(found[0], Function):
        return
    owner = Object(admin, None, None)
    if place:  # a model's: also where the class descends from a library's of which nothing is known
        owner.attrs["admin_site"] = Object(External(SITE), Args(), None)
    result = interp.invoke(found[0], Args([owner]), interp.root_frame)
    items, _ = result.elements(interp, interp.root_frame)
    for item in items:
        route = item.arg(0, "route") if isinstance(item, Object) and item.args is not None else None
        view = item.arg(1, "view") if isinstance(item, Object) and item.args is not None else None
        if isinstance(item, Object) and isinstance(route, Const) and view is not None:
            handler = _method(view)
            yield Served(place, str(route.value), handler, item.line, item.module, is_path_entry(item))


def _method(view: Value) -> Value:
    """The method inside ``self.admin_site.admin_view(self.method)``."""
    for argument in view.args.positional if isinstance(view, Object) and view.args is not None else ():
        if isinstance(argument, (Bound, Function, Object, ViewFunction)):
            return _method(argument)
    return view


class _Register(Value):
    """``@admin.register(Model, ...)``."""

    __slots__ = ("models", "site")

    def __init__(self, models: list[Value], site: Value) -> None:
        self.models = models
        self.site = site

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        admin = args.get(0)
        register(interp, self.site, Sequence(self.models), admin)
        return admin if admin is not None else NONE


def _decorator(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    site = args.get(None, "site") or interp.external(DEFAULT_SITE)
    return _Register(args.positional, site)


def _call(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    register(interp, interp.external(DEFAULT_SITE), args.get(0), args.get(1, "admin_class"))
    return NONE


def _of_site(forget: bool) -> MethodHandler:
    def handler(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
        if forget:
            _forget(interp, receiver, args.get(0))
        else:
            register(interp, receiver, args.get(0), args.get(1, "admin_class"))
        return NONE

    return handler


def _forget(interp: Interpreter, site: Value, models: Value | None) -> None:
    listed = models.items if isinstance(models, Sequence) else [models]
    known = interp.state(Notes).admins
    for one in list(known):
        if one.site.key() == site.key() and any(one.model is model for model in listed):
            del known[one]


def _unregister(interp: Interpreter, external: External, args: Args, frame: Frame) -> Value:
    _forget(interp, interp.external(DEFAULT_SITE), args.get(0))
    return NONE


def teach(knowledge: Knowledge) -> None:
    """Registration with the default site and with sites of one's own."""
    knowledge.calls[f"{DEFAULT_SITE}.register"] = _call
    knowledge.calls[f"{DEFAULT_SITE}.unregister"] = _unregister
    knowledge.calls["django.contrib.admin.register"] = _decorator
    knowledge.aliases["django.contrib.admin.sites.AdminSite"] = SITE
    knowledge.aliases["django.contrib.admin.sites.site"] = DEFAULT_SITE
    knowledge.aliases["django.contrib.admin.decorators.register"] = "django.contrib.admin.register"
    knowledge.methods[f"{SITE}.admin_view"] = lambda interp, site, args, frame: args.get(0, "view")
    knowledge.registrars.add(SITE)
    knowledge.methods[f"{SITE}.register"] = _of_site(forget=False)
    knowledge.methods[f"{SITE}.unregister"] = _of_site(forget=True)
