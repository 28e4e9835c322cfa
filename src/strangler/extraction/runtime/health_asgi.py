"""The probes of an ASGI service (FastAPI, Starlette): around all of its middleware."""

from __future__ import annotations

from typing import Any, TypeVar

from .health import LIVE, READY, answer

Application = TypeVar("Application")


def probed(app: Application) -> Application:
    """The application, which answers the probes too."""
    known: Any = app
    build = known.build_middleware_stack

    def outermost() -> Any:
        inner = build()

        async def asked(scope: dict[str, Any], receive: Any, send: Any) -> None:
            path = scope.get("path")
            if scope["type"] != "http" or path not in (LIVE, READY):
                await inner(scope, receive, send)
                return
            status, text = answer(await _problems() if path == READY else [])
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": text.encode()})

        return asked

    known.build_middleware_stack = outermost
    return app


async def _problems() -> list[str]:
    try:
        from . import health_sqlalchemy
    except ImportError:
        return []
    return await health_sqlalchemy.problems_later()
