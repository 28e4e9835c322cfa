"""The probes of a Flask service: around the application, so that no function before a request is asked."""

from __future__ import annotations

from typing import Any, TypeVar

from .health import LIVE, READY, answer

Application = TypeVar("Application")


def probed(app: Application) -> Application:
    """The application, which answers the probes too."""
    known: Any = app
    inner = known.wsgi_app

    def wsgi_app(environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path not in (LIVE, READY):
            return inner(environ, start_response)
        status, text = answer(_problems(known) if path == READY else [])
        phrase = "200 OK" if status == 200 else "503 Service Unavailable"
        start_response(phrase, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
        return [text.encode()]

    known.wsgi_app = wsgi_app
    return app


def _problems(app: Any) -> list[str]:
    try:
        from . import health_sqlalchemy
    except ImportError:
        return []
    found = health_sqlalchemy.problems()
    extension = app.extensions.get("sqlalchemy")
    if extension is not None:
        with app.app_context():
            engines = getattr(extension, "engines", None) or {None: getattr(extension, "engine", None)}
            for key, engine in engines.items():
                found += health_sqlalchemy.ask(str(key or "default"), engine)
    return found
