"""Libraries' objects around a query set: pages of Django and of REST framework, filters of django-filter."""

from __future__ import annotations

from strangler.analyzers.frameworks.django.orm.queries import Manager, QuerySet, queries
from strangler.analyzers.plugin import (
    UNKNOWN,
    Args,
    Class,
    Frame,
    Interpreter,
    Knowledge,
    Method,
    Object,
    Sequence,
    Value,
    join,
)

PAGINATOR = "django.core.paginator.Paginator"
FILTER_SET = "django_filters.FilterSet"
_DRF = "rest_framework.pagination"
_COUNTED = ("count", "num_pages", "page_range")


class Page(Value):
    """One page of a paginator: the rows are asked for where they are looked at."""

    __slots__ = ("source",)

    def __init__(self, source: Value) -> None:
        self.source = source

    def get(self, interp: Interpreter, name: str, frame: Frame) -> Value:
        return self.source if name == "object_list" else UNKNOWN

    def elements(self, interp: Interpreter, frame: Frame) -> tuple[list[Value], bool]:
        return self.source.elements(interp, frame)

    def item(self, interp: Interpreter, key: Value, frame: Frame) -> Value:
        return self.source.item(interp, key, frame)

    def key(self) -> object:
        return ("page", self.source.key())


class PageMethod(Method):
    """``paginator.page(number)``."""

    __slots__ = ()

    def call(self, interp: Interpreter, args: Args, frame: Frame) -> Value:
        source = _listed(self.receiver)
        _counted(interp, source, frame)
        return Page(source)


def _listed(paginator: Value) -> Value:
    """What a paginator was given."""
    given = paginator.arg(0, "object_list") if isinstance(paginator, Object) else None
    return given if given is not None else UNKNOWN


def _counted(interp: Interpreter, source: Value, frame: Frame) -> None:
    for query in queries(source, interp, frame):
        query.unordered().consume(interp, frame)


def _paginator_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    if name in ("page", "get_page"):
        return PageMethod(obj, name)
    if name in _COUNTED:
        _counted(interp, _listed(obj), frame)
        return UNKNOWN
    return _listed(obj) if name == "object_list" else None


def _paginated(interp: Interpreter, receiver: Value, args: Args, frame: Frame) -> Value | None:
    """``paginate_queryset(queryset, request)`` of REST framework: a list of rows."""
    rows: list[Value] = []
    for query in queries(args.get(0, "queryset"), interp, frame):
        query.consume(interp, frame)
        rows.append(query.row(frame))
    return Sequence(rows, "list", True) if rows else None


def _filter_member(interp: Interpreter, obj: Object, name: str, frame: Frame) -> Value | None:
    """``FilterSet(data, queryset).qs``: the query that was given, or all rows of the model."""
    if name not in ("qs", "queryset"):
        return None
    given = obj.arg(1, "queryset")
    found = [one for one in given.options() if isinstance(one, (QuerySet, Manager))] if given else []
    if given is None:
        found = list(queries(_model(obj), interp, frame))
    return join(found) if found else None


def _model(obj: Object) -> Value | None:
    inner = obj.cls.find("Meta") if isinstance(obj.cls, Class) else None
    model = inner[0].find("model") if inner is not None and isinstance(inner[0], Class) else None
    return model[0] if model is not None else None


def teach(knowledge: Knowledge) -> None:
    """Paginators and sets of filters."""
    knowledge.instance_members[PAGINATOR] = _paginator_member
    knowledge.aliases["django_filters.filterset.FilterSet"] = FILTER_SET
    for name in ("django_filters.rest_framework.FilterSet", "rest_framework_filters.FilterSet"):
        knowledge.hierarchy[name] = (FILTER_SET,)
    knowledge.instance_members[FILTER_SET] = _filter_member
    for name in ("PageNumberPagination", "LimitOffsetPagination", "CursorPagination"):
        knowledge.methods[f"{_DRF}.{name}.paginate_queryset"] = _paginated
