"""The probes of a Django service: the first middleware, so that no host, session or login is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from .health import LIVE, READY, answer


@sync_and_async_middleware  # type: ignore[untyped-decorator,unused-ignore]
def probes(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer the probes, and hand on all the rest."""
    if iscoroutinefunction(get_response):

        async def later(request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
            if request.path_info in (LIVE, READY):
                return await sync_to_async(_probe)(request.path_info)
            return await get_response(request)

        return later

    def now(request: HttpRequest) -> HttpResponse:
        if request.path_info in (LIVE, READY):
            return _probe(request.path_info)
        return get_response(request)

    return now


def _probe(path: str) -> HttpResponse:
    status, text = answer(_problems() if path == READY else [])
    return HttpResponse(text, status=status, content_type="text/plain")


def _problems() -> list[str]:
    found = []
    for alias in connections:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
        except Exception as error:  # whatever a driver raises, the service is not ready
            found.append(f"database {alias}: {type(error).__name__}")
    return found
