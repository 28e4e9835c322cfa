"""The service that ``strangler extract`` wrote, with a log; everything that does not move is refused.

    python same_code.py NAME --folder DIR --plan PLAN.json --port N --database FILE --log FILE [--now TIME]

NAME is a sample monolith, DIR the service's code. Each request is a line of the log.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

REFUSED = b"this service does not answer here"


class Scope:
    """What moves, by the expressions in the plan, with the frameworks' slash redirects; and the log."""

    def __init__(self, plan: Path, log: Path) -> None:
        moves = json.loads(plan.read_text(encoding="utf-8"))["moves"]["endpoints"]
        self._paths = [re.compile(endpoint["regex"]) for endpoint in moves]
        self._log = log

    def serves(self, method: str, path: str) -> bool:
        if path == "/healthz":
            return True
        with self._log.open("a", encoding="utf-8") as out:
            out.write(f"{method} {path}\n")
        spellings = (path, path + "/", path.rstrip("/"))
        return any(form.fullmatch(spelling) for form in self._paths for spelling in spellings)


def wsgi(inner: Callable[..., Any], scope: Scope) -> Callable[..., Any]:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if scope.serves(environ["REQUEST_METHOD"], path):
            return inner(environ, start_response)
        start_response("421 Misdirected Request", [("Content-Type", "text/plain")])
        return [REFUSED]

    return application


def asgi(inner: Callable[..., Any], scope: Scope) -> Callable[..., Any]:
    async def application(asked: dict[str, Any], receive: Any, send: Any) -> None:
        if asked["type"] != "http" or scope.serves(asked["method"], asked["path"]):
            await inner(asked, receive, send)
            return
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 421, "headers": headers})
        await send({"type": "http.response.body", "body": REFUSED})

    return application


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=("django_shop", "flask_clinic", "fastapi_courier"))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--now")
    options = parser.parse_args()
    sys.path.insert(0, str(options.folder))
    scope = Scope(options.plan, options.log)
    if options.name == "fastapi_courier":
        os.environ["COURIER_DATABASE"] = options.database
        os.environ["COURIER_NOW"] = options.now or ""
        import uvicorn
        from courier.main import app  # type: ignore[import-not-found,unused-ignore]

        uvicorn.run(asgi(app, scope), host="127.0.0.1", port=options.port, log_level="warning")
        return
    if options.name == "django_shop":
        import serve as shop  # type: ignore[import-not-found,unused-ignore]

        shop.prepare(options.database, options.now)
        from shop.wsgi import application  # type: ignore[import-not-found,unused-ignore]
    else:
        from clinic import create_app  # type: ignore[import-not-found,unused-ignore]

        uri = f"sqlite:///{Path(options.database).resolve()}"
        application = create_app({"SQLALCHEMY_DATABASE_URI": uri, "CLINIC_NOW": options.now})
    from waitress import serve

    serve(wsgi(application, scope), host="127.0.0.1", port=options.port, threads=4)


if __name__ == "__main__":
    main()
