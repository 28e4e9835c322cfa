"""Calls an application in this process: WSGI by httpx, ASGI with its start-up and shut-down."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from typing import Any

import httpx


def load(place: str) -> Any:
    """The object at ``module:attribute``; ``module:factory()`` is called."""
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - as python -m does
    module, _, attribute = place.partition(":")
    found: Any = importlib.import_module(module)
    for name in (attribute or "application").removesuffix("()").split("."):
        found = getattr(found, name)
    return found() if attribute.endswith("()") else found


class Asgi(httpx.BaseTransport):
    """An ASGI application behind a client that waits: one event loop, the application's life around it."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._inner = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._life = self._loop.create_task(self._live())
        self._step("startup")

    async def _live(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        try:
            await self._app(scope, self._inbox.get, self._outbox.put)
        except Exception as error:  # an application without a life of its own raises here, and may
            await self._outbox.put({"type": "lifespan.unsupported", "message": repr(error)})

    def _step(self, name: str) -> None:
        async def run() -> dict[str, Any]:
            await self._inbox.put({"type": f"lifespan.{name}"})
            return await asyncio.wait_for(self._outbox.get(), 60)

        if not self._life.done():
            answer = self._loop.run_until_complete(run())
            if answer["type"].endswith(".failed"):
                raise RuntimeError(f"the application did not start: {answer.get('message', '')}")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application once."""

        async def run() -> httpx.Response:
            body = request.read()
            asked = httpx.Request(request.method, request.url, headers=request.headers, content=body)
            answer = await self._inner.handle_async_request(asked)
            content = b"".join([part async for part in answer.stream])  # type: ignore[union-attr]
            return httpx.Response(
                answer.status_code, headers=answer.headers, stream=httpx.ByteStream(content)
            )

        return self._loop.run_until_complete(run())

    def close(self) -> None:
        """Shut the application down."""
        self._step("shutdown")
        self._loop.close()
