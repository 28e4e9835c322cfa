"""Routes that another program answers: they keep their names, so that links to them can be built."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

ELSEWHERE = "This route is answered by another program: the gateway leads there.\n"


@csrf_exempt  # type: ignore[untyped-decorator,unused-ignore]
def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """421: the gateway should have sent this request elsewhere."""
    return HttpResponse(ELSEWHERE, status=421, content_type="text/plain")


def viewset(basename: str, lookup: str, actions: list[tuple[str, str, bool]]) -> type:
    """A view set with the routes of one that stays: list, detail and its further actions.

    Args:
        basename: the first part of the routes' names.
        lookup: what names a row in the path.
        actions: path, name, whether it is one of a single row.
    """
    from rest_framework.decorators import action  # type: ignore[import-untyped,unused-ignore]
    from rest_framework.viewsets import ViewSet  # type: ignore[import-untyped,unused-ignore]

    def answer(self: Any, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request)

    members: dict[str, Any] = {
        "authentication_classes": (),
        "permission_classes": (),
        "lookup_field": lookup,
        "queryset": _Named(basename),
        "list": answer,
        "retrieve": answer,
    }
    for number, (path, name, detail) in enumerate(actions):

        def extra(self: Any, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request)

        extra.__name__ = f"extra_{number}"
        members[extra.__name__] = action(detail=detail, url_path=path, url_name=name)(extra)
    return type("Elsewhere", (ViewSet,), members)


class _Named:
    """What a router takes the first part of the names from, where it is not given one."""

    def __init__(self, basename: str) -> None:
        self.model = type("model", (), {"_meta": type("_meta", (), {"object_name": basename})})
