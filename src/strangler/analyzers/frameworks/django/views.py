"""Views: what an entry of a URL table finally calls, and which methods it answers."""

from __future__ import annotations

from strangler.analyzers.frameworks.django.library import VIEW
from strangler.analyzers.plugin import (
    Args,
    Class,
    Const,
    External,
    Frame,
    Function,
    Interpreter,
    Knowledge,
    Mapping,
    Method,
    Object,
    Sequence,
    Value,
    ViewFunction,
)

GENERIC = {
    "View": ("base", (), ()),
    "TemplateView": ("base", ("View",), ("GET",)),
    "RedirectView": ("base", ("View",), ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")),
    "ListView": ("list", ("View", "MultipleObjectMixin"), ("GET",)),
    "DetailView": ("detail", ("View", "SingleObjectMixin"), ("GET",)),
    "FormView": ("edit", ("View", "FormMixin"), ("GET", "POST", "PUT")),
    "CreateView": ("edit", ("View", "ModelFormMixin"), ("GET", "POST", "PUT")),
    "UpdateView": ("edit", ("View", "ModelFormMixin"), ("GET", "POST", "PUT")),
    "DeleteView": ("edit", ("View", "DeletionMixin", "SingleObjectMixin"), ("DELETE", "GET", "POST", "PUT")),
    "ArchiveIndexView": ("dates", ("View", "MultipleObjectMixin"), ("GET",)),
    "YearArchiveView": ("dates", ("View", "MultipleObjectMixin"), ("GET",)),
    "MonthArchiveView": ("dates", ("View", "MultipleObjectMixin"), ("GET",)),
    "WeekArchiveView": ("dates", ("View", "MultipleObjectMixin"), ("GET",)),
    "DayArchiveView": ("dates", ("View", "MultipleObjectMixin"), ("GET",)),
    "TodayArchiveView": ("dates", ("View", "MultipleObjectMixin"), ("GET",)),
    "DateDetailView": ("dates", ("View", "SingleObjectMixin"), ("GET",)),
    "ContextMixin": ("base", (), ()),
    "TemplateResponseMixin": ("base", (), ()),
    "MultipleObjectMixin": ("list", ("ContextMixin",), ()),
    "SingleObjectMixin": ("detail", ("ContextMixin",), ()),
    "FormMixin": ("edit", ("ContextMixin",), ()),
    "ModelFormMixin": ("edit", ("FormMixin", "SingleObjectMixin"), ()),
    "ProcessFormView": ("edit", ("View",), ("GET", "POST", "PUT")),
    "BaseFormView": ("edit", ("ProcessFormView", "FormMixin"), ()),
    "BaseCreateView": ("edit", ("ProcessFormView", "ModelFormMixin"), ()),
    "BaseUpdateView": ("edit", ("ProcessFormView", "ModelFormMixin"), ()),
    "BaseDeleteView": ("edit", ("View", "DeletionMixin", "SingleObjectMixin"), ("DELETE", "GET", "POST")),
    "BaseListView": ("list", ("View", "MultipleObjectMixin"), ("GET",)),
    "BaseDetailView": ("detail", ("View", "SingleObjectMixin"), ("GET",)),
    "DeletionMixin": ("edit", (), ("DELETE", "POST")),
}
"""Generic view or mixin -> its module, parents, and the methods that it answers itself."""

_DRF_GENERICS = {
    "CreateAPIView": ("POST",),
    "ListAPIView": ("GET",),
    "RetrieveAPIView": ("GET",),
    "DestroyAPIView": ("DELETE",),
    "UpdateAPIView": ("PATCH", "PUT"),
    "ListCreateAPIView": ("GET", "POST"),
    "RetrieveUpdateAPIView": ("GET", "PATCH", "PUT"),
    "RetrieveDestroyAPIView": ("DELETE", "GET"),
    "RetrieveUpdateDestroyAPIView": ("DELETE", "GET", "PATCH", "PUT"),
}
_AUTH_VIEWS = ("LoginView", "LogoutView", "PasswordChangeView", "PasswordChangeDoneView", "PasswordResetView",
               "PasswordResetDoneView", "PasswordResetConfirmView", "PasswordResetCompleteView")  # fmt: skip
_TOKEN = "rest_framework.authtoken.views.ObtainAuthToken"
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_DECORATORS = {
    "django.views.decorators.http.require_GET": ("GET",),
    "django.views.decorators.http.require_POST": ("POST",),
    "django.views.decorators.http.require_safe": ("GET", "HEAD"),
}
_API_VIEW = ("rest_framework.decorators.api_view",)

own_methods: dict[str, tuple[str, ...]] = {}


class ViewSetFunction(ViewFunction):
    """What ``ViewSet.as_view({"get": "list"})`` gives."""

    __slots__ = ("verbs",)

    def __init__(self, cls: Value, verbs: tuple[str, ...]) -> None:
        super().__init__(cls)
        self.verbs = verbs
        """The methods that it answers."""

    def key(self) -> object:
        return ("view", self.cls.key(), self.verbs)


def _as_view(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value:
    cls = receiver.cls if isinstance(receiver, Object) else receiver
    actions = args.get(0, "actions")
    if not isinstance(actions, Mapping) or actions.open:
        return ViewFunction(cls)
    return ViewSetFunction(cls, tuple(sorted(str(name).upper() for name in actions.items)))


def teach(knowledge: Knowledge) -> None:
    """Generic views of Django and Django REST framework."""
    for name, (module, parents, methods) in GENERIC.items():
        dotted = f"django.views.generic.{module}.{name}"
        knowledge.aliases[f"django.views.generic.{name}"] = dotted
        knowledge.hierarchy[dotted] = tuple(f"django.views.generic.{GENERIC[p][0]}.{p}" for p in parents)
        own_methods[dotted] = methods
    knowledge.aliases["django.views.View"] = VIEW
    knowledge.aliases["django.contrib.syndication.feeds.Feed"] = "django.contrib.syndication.views.Feed"
    for name in _AUTH_VIEWS:
        dotted = f"django.contrib.auth.views.{name}"
        knowledge.hierarchy[dotted] = (VIEW,)
        own_methods[dotted] = ("POST",) if name == "LogoutView" else ("GET", "POST", "PUT")
    knowledge.aliases["rest_framework.authtoken.views.obtain_auth_token"] = _TOKEN
    own_methods[_TOKEN] = ("POST",)
    api_view = "rest_framework.views.APIView"
    generic = "rest_framework.generics.GenericAPIView"
    knowledge.hierarchy[api_view] = (VIEW,)
    knowledge.hierarchy[generic] = (api_view,)
    for name, methods in _DRF_GENERICS.items():
        knowledge.hierarchy[f"rest_framework.generics.{name}"] = (generic,)
        own_methods[f"rest_framework.generics.{name}"] = methods
    viewsets = "rest_framework.viewsets."
    knowledge.hierarchy[viewsets + "ViewSetMixin"] = ()
    knowledge.hierarchy[viewsets + "ViewSet"] = (viewsets + "ViewSetMixin", api_view)
    knowledge.hierarchy[viewsets + "GenericViewSet"] = (viewsets + "ViewSetMixin", generic)
    mixins = "rest_framework.mixins."
    readers = (mixins + "RetrieveModelMixin", mixins + "ListModelMixin")
    writers = tuple(mixins + n for n in ("CreateModelMixin", "UpdateModelMixin", "DestroyModelMixin"))
    knowledge.hierarchy[viewsets + "ReadOnlyModelViewSet"] = (*readers, viewsets + "GenericViewSet")
    knowledge.hierarchy[viewsets + "ModelViewSet"] = (*readers, *writers, viewsets + "GenericViewSet")
    documents = "django_elasticsearch_dsl_drf.viewsets."
    suggesting = (documents + "SuggestMixin", documents + "FunctionalSuggestMixin")
    knowledge.hierarchy[documents + "BaseDocumentViewSet"] = (viewsets + "ReadOnlyModelViewSet",)
    knowledge.hierarchy[documents + "DocumentViewSet"] = (documents + "BaseDocumentViewSet", *suggesting)
    knowledge.public[VIEW] = frozenset(
        {"as_view", "dispatch", "http_method_names", "http_method_not_allowed", "options", "setup"}
    )
    knowledge.callable_makers.add("as_view")
    knowledge.methods[f"{VIEW}.as_view"] = _as_view
    knowledge.methods[viewsets + "ViewSetMixin.as_view"] = _as_view


def dotted(handler: Value) -> str | None:
    """``module.qualname`` of a handler."""
    if isinstance(handler, (Function, Class)):
        return handler.dotted
    if isinstance(handler, External):
        return handler.name
    if isinstance(handler, Method) and isinstance(handler.receiver, Class):
        return f"{handler.receiver.dotted}.{handler.name}"
    return None


def methods_of(interp: Interpreter, view: Value | None, handler: Value) -> tuple[str, ...] | None:
    """The HTTP methods that a view answers; None where the code does not restrict them."""
    if isinstance(view, ViewSetFunction):
        return _allowed(handler, set(view.verbs)) if isinstance(handler, Class) else view.verbs
    if isinstance(handler, Class):
        return _class_methods(interp, handler)
    if isinstance(handler, External):
        return own_methods.get(handler.name)
    if isinstance(handler, Function):
        for decorator in handler.decorators:
            found = _restriction(decorator)
            if found is not None:
                return found
    return None


def _restriction(decorator: Value) -> tuple[str, ...] | None:
    if isinstance(decorator, External):
        return _DECORATORS.get(decorator.name)
    if isinstance(decorator, Object) and isinstance(decorator.cls, External):
        name = decorator.cls.name
        if name == "django.views.decorators.http.require_http_methods" or name in _API_VIEW:
            listed = decorator.arg(0, "http_method_names" if name in _API_VIEW else "request_method_list")
            if isinstance(listed, Sequence):
                return tuple(sorted(str(i.value).upper() for i in listed.items if isinstance(i, Const)))
            return ("GET",) if name in _API_VIEW else None
    return None


def _class_methods(interp: Interpreter, cls: Class) -> tuple[str, ...] | None:
    found = {name.upper() for name in METHODS[:5] if cls.find(name) is not None}
    for base in cls.ancestors(interp):
        found |= set(own_methods.get(base, ()))
    return _allowed(cls, found)


def _allowed(cls: Class, found: set[str]) -> tuple[str, ...] | None:
    """Without those that ``http_method_names`` leaves out."""
    allowed = cls.find("http_method_names")
    if allowed is not None and isinstance(allowed[0], Sequence) and not allowed[0].open:
        found &= {str(i.value).upper() for i in allowed[0].items if isinstance(i, Const)}
    return tuple(sorted(found)) or None
